"""What is shown of addresses and messages holds no credentials."""

from __future__ import annotations

import pytest

from vpce_checks.base.redact import redact_address, redact_code, redact_message, secrets_of


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("git::https://user:s3cr3t@host/x.git?ref=v1", "git::https://***@host/x.git?ref=v1"),
        ("git::https://s3cr3t@host/x.git", "git::https://***@host/x.git"),
        ("https://user:s3c/r3t@host/x.zip".replace("/r3t", "r3t"), "https://***@host/x.zip"),
        ("https://user:what?s3cr3t@host/x.zip", "https://***@host/x.zip"),
        ("git::ssh://git@host/x.git", "git::ssh://git@host/x.git"),
        ("git::ssh://me:s3cr3t@host/x.git", "git::ssh://***@host/x.git"),
        ("git@github.com:org/x.git", "git@github.com:org/x.git"),
        ("git::git@github.com:org/x.git", "git::git@github.com:org/x.git"),
        ("git::me:s3cr3t@host:org/x.git", "git::***@host:org/x.git"),
        ("git::ssh://git@host/x.git?sshkey=s3cr3t&ref=v1", "git::ssh://git@host/x.git?sshkey=***&ref=v1"),
        ("https://host/x.zip?s3cr3t", "https://host/x.zip?***"),
        (
            "s3::https://s3.amazonaws.com/b/x.zip?aws_access_key_id=A&aws_access_key_secret=s3cr3t",
            "s3::https://s3.amazonaws.com/b/x.zip?aws_access_key_id=***&aws_access_key_secret=***",
        ),
        ("terraform-aws-modules/vpc/aws", "terraform-aws-modules/vpc/aws"),
    ],
)
def test_nothing_secret_is_shown(source: str, shown: str) -> None:
    assert redact_address(source) == shown


@pytest.mark.parametrize(
    ("source", "secrets"),
    [
        (
            "git::https://me:p%40ssword@h.example/a.git?ref=v1",
            {"me:p%40ssword", "me:p@ssword", "p%40ssword", "p@ssword"},
        ),
        ("git::https://me:p@ssword@h.example/a.git", {"me:p@ssword", "p@ssword"}),
        ("git::https://t0ken@h.example/a.git", {"t0ken"}),
        ("git::https://a:b@h.example/a.git", set()),
        ("https://h.example/a.zip?X-Amz-Signature=abcd&archive=zip", {"abcd"}),
        ("git::ssh://git@h.example/a.git?ref=v1", set()),
        ("acme/net/aws", set()),
    ],
)
def test_secrets(source: str, secrets: set[str]) -> None:
    assert secrets_of(source) == secrets


def test_messages_without_secrets() -> None:
    text = "fatal: unable to access 'https://a:b@h.example/a/': a wrong p@ssword,\nand https://x:y@z@h.example/"
    shown = "fatal: unable to access 'https://***@h.example/a/': a wrong ***, and https://***@h.example/"
    assert redact_message(text, frozenset({"p@ssword"})) == shown
    assert len(redact_message("x" * 10_000, frozenset())) < 400


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            '  source = "git::https://t0ken@host/x.git?ref=v1" # a',
            '  source = "git::https://***@host/x.git?ref=v1" # a',
        ),
        ("  source = 'git::me:pw@host:org/x.git'", "  source = 'git::***@host:org/x.git'"),
        ("  url = https://host/x.zip?key=abc", "  url = https://host/x.zip?key=***"),
        ('  mail = "me@host?"', '  mail = "me@host?"'),
    ],
)
def test_code_without_secrets(line: str, shown: str) -> None:
    assert redact_code(line) == shown

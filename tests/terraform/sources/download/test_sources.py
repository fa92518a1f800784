"""What an address says is to be fetched, and what is not fetched at all."""

from __future__ import annotations

import pytest

from vpce_checks.terraform.sources.download.errors import CacheDirectoryError, DownloadError
from vpce_checks.terraform.sources.download.permits import VARIABLE, Permits
from vpce_checks.terraform.sources.download.sources import (
    ArchiveModule,
    GitModule,
    RegistryModule,
    parse_source,
    without_credentials,
)

NOTHING = Permits({})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("acme/net/aws", RegistryModule("registry.terraform.io", "acme/net/aws", "")),
        ("acme/net/aws//modules/a", RegistryModule("registry.terraform.io", "acme/net/aws", "modules/a")),
        ("Registry.Example.com:8443/acme/net/aws", RegistryModule("registry.example.com:8443", "acme/net/aws", "")),
        ("github.com/acme/net", GitModule("https://github.com/acme/net.git", "", "")),
        ("github.com/acme/net.git//a/b?ref=v1", GitModule("https://github.com/acme/net.git", "v1", "a/b")),
        ("bitbucket.org/acme/net", GitModule("https://bitbucket.org/acme/net.git", "", "")),
        ("git::github.com/acme/net", GitModule("https://github.com/acme/net.git", "", "")),
        ("git@github.com:acme/net.git", GitModule("ssh://git@github.com/acme/net.git", "", "")),
        ("git::git@host.example:a/b.git//c?ref=x", GitModule("ssh://git@host.example/a/b.git", "x", "c")),
        ("git::https://h.example/a.git?ref=a%2Fb", GitModule("https://h.example/a.git", "a/b", "")),
        ("git::ssh://git@h.example:2222/a.git", GitModule("ssh://git@h.example:2222/a.git", "", "")),
        ("git::https://me:pw@h.example/a.git", GitModule("https://me:pw@h.example/a.git", "", "")),
        ("https://h.example/a.zip//b", ArchiveModule("https://h.example/a.zip", "zip", "", "b")),
        ("https://h.example/a.tar.gz?checksum=md5:1", ArchiveModule("https://h.example/a.tar.gz", "gz", "md5:1", "")),
        ("https::https://h.example/a?archive=txz&k=v", ArchiveModule("https://h.example/a?k=v", "xz", "", "")),
        ("https://h.example/a", ArchiveModule("https://h.example/a", "", "", "")),
    ],
)
def test_fetched(source: str, expected: object) -> None:
    assert parse_source(source, NOTHING) == expected


@pytest.mark.parametrize(
    "source",
    [
        "git::ext::sh -c id",
        "git::ext::sh",
        "git::--upload-pack=touch",
        "git::-x",
        "git::ssh://-oProxyCommand=touch/x",
        "git::ssh://-oProxyCommand=x@host/x",
        "git::https://-x/y.git",
        "git::https:///y.git",
        "git::git://h.example/a.git",
        "git::ftp://h.example/a.git",
        "git::http://h.example/a.git",
        "git::http://127.0.0.1/a.git",
        "git::file:///etc",
        "git::/etc",
        "git::../x",
        "git::fd::17/foo",
        "file:///etc",
        "/etc",
        "~/x",
        "C:\\x",
        "hg::https://h.example/a",
        "s3::https://s3.amazonaws.com/b/a.zip",
        "gcs::https://www.googleapis.com/storage/v1/b/a.zip",
        "oci://h.example/a",
        "http://h.example/a.zip",
        "https://h.example:x/a.zip",
        "https://h.example/a.zip//../b",
        "https://h.example/a.zip//a/../../b",
        "https://h.example/a.zip//a\\..\\..\\b",
        "acme/net/aws//..",
        "https://h.example/a b.zip",
        "https://h.example/a.zip\nHost: x",
        "git::https://h.example/a.git?ref=a%0Ab",
        "git::https://h.example/a.git?ref=a%20b",
        "git::https://h.example/a.git?ref=%2Dx",
        "acme/net",
        "net",
        "",
    ],
)
def test_not_fetched(source: str) -> None:
    with pytest.raises(DownloadError):
        parse_source(source, NOTHING)


def test_what_is_local_must_be_named() -> None:
    permits = Permits({VARIABLE: "file:///srv/git http://127.0.0.1:8080"})
    for url in ("file:///srv/git", "file:///srv/git/a.git", "http://127.0.0.1:8080/a", "http://me:pw@127.0.0.1:8080/a"):
        assert permits.allow(url) and not NOTHING.allow(url)
    for url in (
        "file:///srv/gitx/a",
        "file:///srv/git/../x",
        "file:///srv",
        "file://host/srv/git/a",
        "http://127.0.0.1:8081/a",
        "http://127.0.0.1:8080.example.com/a",
        "http://127.0.0.1:8080@example.com/a",
        "http://localhost:8080/a",
    ):
        assert not permits.allow(url)


@pytest.mark.parametrize(
    "text", ["/srv/git", "file://host/x", "http://example.com", "http://127.0.0.1/a", "https://x", "*"]
)
def test_only_what_is_local_can_be_named(text: str) -> None:
    with pytest.raises(CacheDirectoryError, match=VARIABLE):
        Permits({VARIABLE: text})


def test_the_same_code_whoever_logs_in() -> None:
    assert without_credentials("https://me:pw@H.example/A.git") == "https://h.example/A.git"

"""Edits of Terraform, as terraform fmt wants the result."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from vpce_checks.model.spans import Span
from vpce_checks.report.fixes.changes import Addition, Change, Expression, Replacement, Setting
from vpce_checks.report.fixes.edits.edit import RefusedError, applied, read_source
from vpce_checks.report.fixes.edits.terraform_edits import terraform_edits

VPC = ("resource", "aws_vpc", "v")


def changed(directory: Path, text: str, change: Change) -> str:
    """The text after a change of ``main.tf``. It is formatted."""
    file = directory / "main.tf"
    file.write_bytes(text.encode())
    result = applied(read_source(str(file)).text, terraform_edits(change, ()))
    if shutil.which("terraform") is not None:
        done = subprocess.run(["terraform", "fmt", "-"], input=result.encode(), capture_output=True)
        assert done.stdout.decode() == result or "\r" in result or "\ufeff" in result or "\t" in result
    return result


def setting(directory: Path, *values: tuple[str, bool | str], path: tuple[str, ...] = VPC) -> Setting:
    return Setting(str(directory / "main.tf"), path, values)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{\n  cidr_block = x\n}\n", "{\n  cidr_block           = x\n  enable_dns_hostnames = true\n}\n"),
        (
            "{\n  cidr_block         = x # a\n  enable_dns_support = true\n\n  tags = {}\n}\n",
            "{\n  cidr_block           = x # a\n  enable_dns_support   = true\n  enable_dns_hostnames = true\n\n  tags = {}\n}\n",
        ),
        (
            "{\n  cidr_block                       = x\n  assign_generated_ipv6_cidr_block = true\n}\n",
            "{\n  cidr_block                       = x\n  assign_generated_ipv6_cidr_block = true\n"
            "  enable_dns_hostnames             = true\n}\n",
        ),
        (
            "{\n  count = 1\n\n  cidr_block = x\n  tags = {\n    a = 1\n  }\n}\n",
            "{\n  count = 1\n\n  cidr_block           = x\n  enable_dns_hostnames = true\n  tags = {\n    a = 1\n  }\n}\n",
        ),
        ("{\n}\n", "{\n  enable_dns_hostnames = true\n}\n"),
        ("{}\n", "{\n  enable_dns_hostnames = true\n}\n"),
        ("{ cidr_block = x }\n", "{\n  cidr_block           = x\n  enable_dns_hostnames = true\n}\n"),
        (
            "{\n  # why\n  enable_dns_hostnames = false # for now\n}\n",
            "{\n  # why\n  enable_dns_hostnames = true # for now\n}\n",
        ),
        ("{\n  enable_dns_hostnames = null\n}\n", "{\n  enable_dns_hostnames = true\n}\n"),
    ],
)
def test_an_argument_is_set(before: str, after: str, tmp_path: Path) -> None:
    head = 'resource "aws_vpc" "v" '
    result = changed(tmp_path, head + before, setting(tmp_path, ("enable_dns_hostnames", True)))
    assert result == head + after


def test_code_that_is_not_formatted_is_left_alone(tmp_path: Path) -> None:
    text = 'resource "aws_vpc" "v" {\n\tcidr_block = x\n\ttags=y\n}\n'
    assert changed(tmp_path, text, setting(tmp_path, ("enable_dns_hostnames", True))) == (
        'resource "aws_vpc" "v" {\n\tcidr_block = x\n\ttags=y\n\tenable_dns_hostnames = true\n}\n'
    )


def test_line_ends_and_byte_order_mark_stay(tmp_path: Path) -> None:
    text = '\ufeffresource "aws_vpc" "v" {\r\n  cidr_block = x\r\n}\r\n'
    assert changed(tmp_path, text, setting(tmp_path, ("enable_dns_hostnames", True))) == (
        '\ufeffresource "aws_vpc" "v" {\r\n  cidr_block           = x\r\n  enable_dns_hostnames = true\r\n}\r\n'
    )


def test_what_is_computed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"enable_dns_hostnames is computed \(.*main.tf:2\)"):
        changed(
            tmp_path,
            'resource "aws_vpc" "v" {\n  enable_dns_hostnames = var.on\n}\n',
            setting(tmp_path, ("enable_dns_hostnames", True)),
        )


def test_what_an_override_file_changes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "override.tf").write_text('resource "aws_vpc" "v" {\n  enable_dns_hostnames = false\n}\n')
    with pytest.raises(RefusedError, match="override"):
        changed(
            tmp_path,
            'resource "aws_vpc" "v" {\n  cidr_block = x\n}\n',
            setting(tmp_path, ("enable_dns_hostnames", True)),
        )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("logs = {}", "logs = { private_dns = true }"),
        ("logs = { a = 1 }", "logs = { a = 1, private_dns = true }"),
        ("logs = { private_dns = false } # x", "logs = { private_dns = true } # x"),
        (
            'logs = {\n      service = "logs"\n    }',
            'logs = {\n      service     = "logs"\n      private_dns = true\n    }',
        ),
    ],
)
def test_an_entry_of_a_map_is_set(before: str, after: str, tmp_path: Path) -> None:
    text = 'module "e" {\n  source = "./e"\n\n  endpoints = {\n    %s\n  }\n}\n'
    change = setting(tmp_path, ("private_dns", True), path=("module", "e", "endpoints", "logs"))
    assert changed(tmp_path, text % before, change) == text % after


def test_items_join_a_list(tmp_path: Path) -> None:
    text = 'resource "aws_vpc_endpoint" "e" {\n  route_table_ids = [%s]\n}\n'
    change = setting(
        tmp_path, ("route_table_ids", Expression("[a.id, b.id]")), path=("resource", "aws_vpc_endpoint", "e")
    )
    assert changed(tmp_path, text % "c.id, a.id", change) == text % "c.id, a.id, b.id"
    assert changed(tmp_path, text % "", change) == text % "a.id, b.id"
    with pytest.raises(RefusedError):
        changed(tmp_path, text % "c.id, # d.id", change)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n    c.id,\n    a.id,\n  ", "\n    c.id,\n    a.id,\n    b.id,\n  "),
        ("\n    a.id # the first\n  ", "\n    a.id, # the first\n    b.id\n  "),
        ("\n    a.id, # the first\n  ", "\n    a.id, # the first\n    b.id,\n  "),
        ("\n    a.id,\n    # b.id,\n  ", "\n    a.id,\n    b.id,\n    # b.id,\n  "),
        ("\r\n    a.id,\r\n  ", "\r\n    a.id,\r\n    b.id,\r\n  "),
    ],
)
def test_items_join_a_list_of_several_lines(before: str, after: str, tmp_path: Path) -> None:
    end = "\r\n" if "\r" in before else "\n"
    text = f'resource "aws_vpc_endpoint" "e" {{{end}  route_table_ids = [%s]{end}}}{end}'
    change = setting(
        tmp_path, ("route_table_ids", Expression("[a.id, b.id]")), path=("resource", "aws_vpc_endpoint", "e")
    )
    assert changed(tmp_path, text % before, change) == text % after
    assert changed(tmp_path, text % after, change) == text % after


def test_a_literal_is_replaced(tmp_path: Path) -> None:
    text = "locals {\n  é = { on = false }\n}\n"
    change = Replacement(Span(str(tmp_path / "main.tf"), 2, 14, 2, 19), True)
    assert changed(tmp_path, text, change) == text.replace("false", "true")


ROOT = """\
resource "aws_vpc" "v" {
  cidr_block = x
}

resource "aws_subnet" "s" {
  vpc_id = aws_vpc.v.id
} # the only one
%s"""
NEW = 'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = aws_vpc.v.id\n}'


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", f"\n{NEW}\n"),
        ("\noutput {}\n", f"\n{NEW}\n\noutput {{}}\n"),
        ("output {}\n", f"\n{NEW}\n\noutput {{}}\n"),
        (
            '\nresource "aws_vpc_endpoint" "a" {\n}\n\nlocals {}\n',
            f'\nresource "aws_vpc_endpoint" "a" {{\n}}\n\n{NEW}\n\nlocals {{}}\n',
        ),
    ],
)
def test_a_block_goes_after_its_siblings(rest: str, expected: str, tmp_path: Path) -> None:
    home = Span(str(tmp_path / "main.tf"), 1, 1, 3, 2)
    result = changed(tmp_path, ROOT % rest, Addition(str(tmp_path / "main.tf"), NEW, home))
    assert result == ROOT % expected


def test_a_file_without_a_last_line_end_gets_one(tmp_path: Path) -> None:
    home = Span(str(tmp_path / "main.tf"), 1, 1, 3, 2)
    text = 'resource "aws_vpc" "v" {\n  cidr_block = x\n}'
    assert changed(tmp_path, text, Addition(str(tmp_path / "main.tf"), NEW, home)) == f"{text}\n\n{NEW}\n"

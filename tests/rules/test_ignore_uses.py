"""Ignores in code and policy over their life: where they hold, what is wrong with them, and which are not needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import COMPLETE, MISSING, cli, root
from tests.project.git_repository import commit, git

VPC = 'resource "aws_vpc" "main" {'
LOOP = """\
Transform: AWS::LanguageExtensions
Resources:
{above}  Fn::ForEach::Vpcs:
    - Name
    - [Dev, Prod]
    - Vpc${{Name}}:
{inside}        Type: AWS::EC2::VPC
        Properties: {{CidrBlock: 10.0.0.0/16}}
  Other:
    Type: AWS::EC2::VPC
    Properties: {{CidrBlock: 10.1.0.0/16}}
"""


def scanned(directory: Path, *options: str) -> Any:
    return json.loads(cli("scan", "--format", "json", *options, cwd=directory).out)


def ignored(document: Any, rule: str = "VPCE001") -> list[str]:
    return [item["resource"] for item in document["results"] if item["rule"] == rule and item["status"] == "ignored"]


def warnings(document: Any) -> list[tuple[str, int, str]]:
    return [(item["file"], item["line"], item["message"]) for each in document["roots"] for item in each["diagnostics"]]


# --- where a comment holds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "inside", "holds"),
    [
        ("# vpce-checks:ignore VPCE001 why\n", "", True),
        ("# vpce-checks:ignore VPCE001 why\n# more words\n", "", True),
        ("// vpce-checks:ignore VPCE001 why\n", "", True),
        ("/* vpce-checks:ignore VPCE001 why\n   more */\n", "", True),
        ("", "  # vpce-checks:ignore VPCE001 why\n", True),
        ("# vpce-checks:ignore VPCE001 why\n\n", "", False),
        ("locals {\n  a = 1 # vpce-checks:ignore VPCE001 why\n}\n", "", False),
        ("locals {}\n# vpce-checks:ignore VPCE001 why\nlocals {\n  a = 1\n}\n", "", False),
    ],
)
def test_terraform(tmp_path: Path, above: str, inside: str, holds: bool) -> None:
    root(tmp_path, MISSING.replace(VPC, f"{above}{VPC}\n{inside}"))
    assert ignored(scanned(tmp_path)) == (["aws_vpc.main"] if holds else [])


def test_a_comment_above_a_module_call(tmp_path: Path) -> None:
    root(tmp_path / "net", MISSING)
    root(tmp_path, '# vpce-checks:ignore VPCE001 why\nmodule "net" {\n  source = "./net"\n}\n')
    assert ignored(scanned(tmp_path)) == ["module.net.aws_vpc.main"]


@pytest.mark.parametrize(
    ("above", "inside", "resources"),
    [
        ("  # vpce-checks:ignore VPCE001 why\n", "", ["VpcDev", "VpcProd"]),
        ("", "        # vpce-checks:ignore VPCE001 why\n", ["VpcDev", "VpcProd"]),
        ("", "        Metadata: {vpce-checks: {ignore: [VPCE001]}}\n", ["VpcDev", "VpcProd"]),
        ("", "        Metadata: {checkov: {skip: [{id: VPCE001, comment: x}]}}\n", ["VpcDev", "VpcProd"]),
        ("", "        Metadata: {vpce-checks: {ignore: [{rule: VPCE001, until: 2020-01-01}]}}\n", []),
    ],
)
def test_loops_of_templates(tmp_path: Path, above: str, inside: str, resources: list[str]) -> None:
    root(tmp_path, LOOP.format(above=above, inside=inside), "t.yaml")
    assert ignored(scanned(tmp_path)) == resources


def test_loops_inside_loops(tmp_path: Path) -> None:
    text = """\
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Outer:
    - A
    - [X, Y]
    - Fn::ForEach::Inner:
        - B
        - ["1", "2"]
        - Vpc${A}${B}:
            Type: AWS::EC2::VPC # vpce-checks:ignore VPCE001 why
            Properties: {CidrBlock: 10.0.0.0/16}
"""
    root(tmp_path, text, "t.yaml")
    assert ignored(scanned(tmp_path)) == ["VpcX1", "VpcX2", "VpcY1", "VpcY2"]


# --- what is wrong with it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "warning"),
    [
        ("vpce-checks:ignore VPCE001 until=2020-01-01 old", "this ignore of VPCE001 expired on 2020-01-01"),
        ("vpce-checks:ignore VPCE001 until=soon", "there is no date 'soon'; write it as until=2027-03-01"),
        ("vpce-checks:ignore VPC001 why", "there is no rule 'VPC001'; did you mean VPCE001?"),
        ("vpce-checks:ignore s3-gateway-endpoint why", "there is no rule 'S3-GATEWAY-ENDPOINT'; did you mean VPCE001?"),
        ("checkov:skip=VPCE099:why", "there is no rule 'VPCE099'; did you mean VPCE009?"),
        (
            "vpce-check:ignore VPCE001",
            "'vpce-check:ignore VPCE001' ignores nothing; write vpce-checks:ignore RULE reason",
        ),
        ("vpce-checks:ignore VPCE004 why", "this ignore is not needed any more: it ignores nothing"),
    ],
)
def test_problems_are_warnings(tmp_path: Path, comment: str, warning: str) -> None:
    root(tmp_path, MISSING.replace(VPC, f"{VPC}\n  # {comment}"))
    document = scanned(tmp_path)
    assert ignored(document) == []
    ((file, line, message),) = warnings(document)
    assert (file, line) == ("main.tf", 6)
    assert message == warning or comment.startswith("checkov")
    assert cli("scan", "--soft-fail", "--strict-ignores", cwd=tmp_path).code == 0
    root(tmp_path, COMPLETE.replace(VPC, f"{VPC}\n  # {comment}"))
    assert cli("scan", cwd=tmp_path).code == 0
    assert cli("scan", "--strict-ignores", cwd=tmp_path).code == 1


def test_an_ignore_that_is_needed_is_none(tmp_path: Path) -> None:
    root(
        tmp_path,
        MISSING.replace(
            VPC, f"{VPC}\n  # vpce-checks:ignore all until=2999-12-31 a sandbox\n  #checkov:skip=VPCE999:x"
        ),
    )
    assert warnings(scanned(tmp_path)) == []
    assert cli("scan", "--strict-ignores", cwd=tmp_path).code == 0


def test_in_metadata(tmp_path: Path) -> None:
    text = """\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Metadata:
      vpce-checks:
        ignore:
        - {rule: VPCE001, until: 2999-12-31}
        - {rule: VPCE002, untill: 2999-12-31}
        - {reason: why}
        - VPC001
"""
    root(tmp_path, text, "t.yaml")
    document = scanned(tmp_path)
    assert ignored(document) == ["Vpc"] and ignored(document, "VPCE002") == []
    assert warnings(document) == [
        ("t.yaml", 8, "an ignore has no key 'untill': write rule, reason and until"),
        ("t.yaml", 9, "an ignore needs 'rule'"),
        ("t.yaml", 10, "there is no rule 'VPC001'; did you mean VPCE001?"),
    ]


def test_an_ignore_in_a_module_is_needed_if_one_root_needs_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    module = 'variable "endpoint" {\n  type = bool\n}\n' + COMPLETE.replace(
        'toset(["s3", "dynamodb"])', 'toset(var.endpoint ? ["s3", "dynamodb"] : [])'
    ).replace(VPC, f"{VPC}\n  # vpce-checks:ignore all why")
    root(tmp_path / "net", module)
    for name, value in (("a", "true"), ("b", "false")):
        root(tmp_path / name, f'module "net" {{\n  source   = "../net"\n  endpoint = {value}\n}}\n')
    assert warnings(scanned(tmp_path)) == []
    assert warnings(scanned(tmp_path, "a")) == []  # a root elsewhere may need it
    assert warnings(scanned(tmp_path, "--changed-files", "a/main.tf")) == []
    root(tmp_path / "b", "locals {}\n")
    assert [file for file, _, _ in warnings(scanned(tmp_path))] == ["net/main.tf"]


def test_an_entry_of_the_policy_that_is_not_needed(tmp_path: Path) -> None:
    root(tmp_path / "a", MISSING)
    policy = "version: 1\nignore:\n  - {rule: VPCE001, resource: aws_vpc.main}\n  - {rule: VPCE004, path: b}\n"
    (tmp_path / ".vpce-checks.yaml").write_text(policy)
    (tmp_path / ".git").mkdir()
    assert [(line, message) for _, line, message in warnings(scanned(tmp_path))] == [
        (4, "this ignore is not needed any more: it ignores nothing")
    ]
    assert warnings(scanned(tmp_path, "a")) == []
    strict = cli("scan", "--strict-ignores", "--skip-rules", "VPCE002", cwd=tmp_path)
    assert strict.code == 1
    assert strict.err.splitlines() == [
        "vpce-checks: --strict-ignores fails, because 1 ignore has a problem:",
        "vpce-checks:   .vpce-checks.yaml:4: VPCE004: this ignore is not needed any more: it ignores nothing",
    ]


def test_strict_ignores_names_each_problem(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root(tmp_path, COMPLETE.replace(VPC, f"{VPC}\n  # vpce-checks:ignore VPCE004 why"))
    entry = "{rule: VPCE001, resource: aws_vpc.old, reason: r, until: 2020-01-01}"
    (tmp_path / ".vpce-checks.yaml").write_text(f"version: 1\nignore:\n  - {entry}\n")
    strict = cli("scan", "--strict-ignores", cwd=tmp_path)
    assert strict.code == 1
    for line in (
        "because 2 ignores have a problem:",
        ".vpce-checks.yaml:3: VPCE001 on aws_vpc.old: this ignore expired on 2020-01-01",
        "main.tf:6: VPCE004: this ignore is not needed any more: it ignores nothing",
    ):
        assert line in strict.err
    assert "--strict-ignores" not in cli("scan", cwd=tmp_path).err
    assert "--strict-ignores" not in cli("scan", "--strict-ignores", "--soft-fail", cwd=tmp_path).err


# --- the list ------------------------------------------------------------------------------------------------------


def test_the_list(tmp_path: Path) -> None:
    comment = (
        f"{VPC}\n  # vpce-checks:ignore VPCE001 until=2999-12-31 moves\n  # vpce-checks:ignore VPCE004 until=2020-01-01"
    )
    root(tmp_path, MISSING.replace(VPC, comment))
    (tmp_path / ".vpce-checks.yaml").write_text("version: 1\nignore:\n  - {rule: VPCE002, path: '*.tf', reason: r}\n")
    result = cli("ignores", cwd=tmp_path)
    assert (result.code, result.out.splitlines()) == (
        0,
        [
            ".vpce-checks.yaml:3 VPCE002 on * in *.tf: r",
            "main.tf:6 VPCE001 until 2999-12-31: moves",
            "main.tf:7 VPCE004 until 2020-01-01 [expired]: no reason",
            "3 ignores, 1 with a problem",
        ],
    )
    listed = json.loads(cli("ignores", "--format", "json", cwd=tmp_path).out)["ignores"]
    assert [(item["by"], item["rules"], item["used"], item["problem"]) for item in listed] == [
        ("policy", ["VPCE002"], True, None),
        ("comment", ["VPCE001"], True, None),
        ("comment", ["VPCE004"], False, "expired"),
    ]


def test_who_wrote_it(tmp_path: Path) -> None:
    root(tmp_path, MISSING.replace(VPC, f"{VPC}\n  # vpce-checks:ignore VPCE001 moves"))
    assert cli("ignores", "--blame", cwd=tmp_path).code == 2  # no repository
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    root(tmp_path, 'resource "aws_vpc" "new" {\n  # vpce-checks:ignore VPCE002 new\n}\n', "untracked.tf")
    first, second, _ = cli("ignores", "--blame", cwd=tmp_path).out.splitlines()
    assert first.startswith("main.tf:6 VPCE001: moves (Test, 20")
    assert second == "untracked.tf:2 VPCE002: new"
    git(tmp_path, "add", "untracked.tf")
    assert "(Not Committed Yet, " in cli("ignores", "--blame", cwd=tmp_path).out.splitlines()[1]
    listed = json.loads(cli("ignores", "--blame", "--format", "json", cwd=tmp_path).out)["ignores"]
    assert [item.get("author") for item in listed] == ["Test", "Not Committed Yet"]

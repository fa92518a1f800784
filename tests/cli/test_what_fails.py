"""The options that decide what is reported and what fails, and the baseline over time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import COMPLETE, MISSING, UNKNOWN, cli, root

BROKEN = MISSING + '\nresource "aws_vpc_endpoint" "s3" {\n'


def reported(directory: Path, *options: str) -> tuple[int, list[tuple[str, str]]]:
    """The exit code, and the rule and status of each finding that does not pass."""
    result = cli("scan", "--format", "json", *options, cwd=directory)
    results = json.loads(result.out)["results"]
    return result.code, sorted({(item["rule"], item["status"]) for item in results if item["status"] != "pass"})


def baseline(directory: Path) -> Any:
    return json.loads((directory / "b.json").read_text())


# --- rules and severities ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        (["--rules", "VPCE001"], ["VPCE001"]),
        (["--rules", "vpce002,s3-gateway-endpoint"], ["VPCE001", "VPCE002"]),
        (["--rules", "VPCE001", "--rules", "VPCE002", "--skip-rules", "VPCE001"], ["VPCE002"]),
        (["--skip-rules", "dynamodb-gateway-endpoint"], ["VPCE001"]),
    ],
)
def test_rules_are_chosen(tmp_path: Path, options: list[str], rules: list[str]) -> None:
    assert reported(root(tmp_path, MISSING), *options) == (1, [(rule, "fail") for rule in rules])


def test_a_rule_that_there_is_not(tmp_path: Path) -> None:
    result = cli("scan", "--skip-rules", "s3-gateway", cwd=root(tmp_path, MISSING))
    assert (result.code, result.err) == (
        2,
        "vpce-checks: error: --skip-rules: no rule 's3-gateway'; did you mean s3-gateway-endpoint?\n",
    )
    assert cli("scan", "--rules", ",", cwd=tmp_path).code == 2


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (MISSING, ["--fail-on", "high"], 1),
        (MISSING, ["--fail-on", "medium"], 0),
        (MISSING, ["--fail-on", "low"], 1),
        (UNKNOWN, ["--fail-on", "medium", "--strict"], 0),
        (UNKNOWN, ["--fail-on", "low", "--strict"], 1),
        (BROKEN, ["--fail-on", "high"], 3),
    ],
)
def test_fail_on(tmp_path: Path, text: str, options: list[str], code: int) -> None:
    severities = {"high": "high", "low": "low", "medium": "low"}
    severity = severities[options[1]]
    root(tmp_path, text)
    rules = (
        f"rules: {{VPCE001: {{severity: {severity}}}, VPCE002: {{severity: {severity}}}, VPCE007: off, VPCE011: off}}\n"
    )
    (tmp_path / ".vpce-checks.yaml").write_text(f"version: 1\n{rules}")
    result, found = reported(tmp_path, *options)
    assert result == code
    assert {rule for rule, _ in found} >= {"VPCE001", "VPCE002"}  # --fail-on hides nothing


# --- the baseline --------------------------------------------------------------------------------------------------


def test_a_baseline_holds_what_cannot_be_read(tmp_path: Path) -> None:
    root(tmp_path, BROKEN)
    assert reported(tmp_path)[0] == 3
    assert cli("scan", "--baseline", "b.json", "--write-baseline", cwd=tmp_path).code == 0
    assert [error["file"] for error in baseline(tmp_path)["errors"]] == ["main.tf"]
    result = cli("scan", "--baseline", "b.json", cwd=tmp_path)
    assert result.code == 0
    assert "(already present in the baseline)" in " ".join(result.out.split())
    root(tmp_path, "locals {\n", "other.tf")
    assert reported(tmp_path, "--baseline", "b.json")[0] == 3


def test_what_is_gone_is_told_and_pruned(tmp_path: Path) -> None:
    root(tmp_path / "a", MISSING)
    root(tmp_path / "b", BROKEN)
    assert cli("scan", "--baseline", "b.json", "--write-baseline", cwd=tmp_path).code == 0
    before = baseline(tmp_path)
    result = cli("scan", "--baseline", "b.json", cwd=tmp_path)
    assert (result.code, result.err) == (0, "")
    root(tmp_path / "a", COMPLETE)
    root(tmp_path / "b", COMPLETE)
    assert cli("scan", "a", "--baseline", "b.json", cwd=tmp_path).err == (
        "vpce-checks: b.json records 2 findings that are gone (--prune-baseline removes them):\n"
        "vpce-checks:   VPCE001 on aws_vpc.main (s3) in a\n"
        "vpce-checks:   VPCE002 on aws_vpc.main (dynamodb) in a\n"
    )
    assert baseline(tmp_path) == before
    count = len(before["findings"]) + len(before["errors"])
    assert f"records {count} findings that are gone" in cli("scan", "--baseline", "b.json", cwd=tmp_path).err
    result = cli("scan", "--baseline", "b.json", "--prune-baseline", cwd=tmp_path)
    assert (result.code, result.err) == (0, f"vpce-checks: removed {count} findings from b.json\n")
    assert baseline(tmp_path) == {"version": 1, "findings": []}


def test_what_was_not_looked_at_is_not_gone(tmp_path: Path) -> None:
    root(tmp_path / "a", MISSING)
    root(tmp_path / "b", MISSING)
    cli("scan", "--baseline", "b.json", "--write-baseline", cwd=tmp_path)
    before = baseline(tmp_path)
    options = ("--baseline", "b.json", "--prune-baseline")
    root(tmp_path / "b", BROKEN)
    for more in (["a"], ["--min-severity", "high", "--rules", "VPCE004"], ["--changed-files", "a/main.tf"], []):
        assert cli("scan", *more, *options, cwd=tmp_path).code in (0, 3)
        assert baseline(tmp_path) == before, more


def test_the_findings_of_a_root_that_was_removed_are_gone(tmp_path: Path) -> None:
    root(tmp_path / "a", MISSING)
    root(tmp_path / "b", MISSING)
    cli("scan", "--baseline", "b.json", "--write-baseline", cwd=tmp_path)
    (tmp_path / "b" / "main.tf").unlink()
    (tmp_path / "b").rmdir()
    assert cli("scan", "--baseline", "b.json", "--prune-baseline", cwd=tmp_path).code == 0
    assert {finding["root"] for finding in baseline(tmp_path)["findings"]} == {"a"}


@pytest.mark.parametrize(
    "options", [["--prune-baseline"], ["--prune-baseline", "--write-baseline", "--baseline", "b.json"]]
)
def test_wrong_use_of_prune(tmp_path: Path, options: list[str]) -> None:
    assert cli("scan", *options, cwd=root(tmp_path, MISSING)).code == 2

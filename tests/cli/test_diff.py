"""``vpce-checks diff``: what differs between two JSON reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import COMPLETE, MISSING, UNKNOWN, Result, cli


def recorded(directory: Path, name: str, code: dict[str, str], *options: str) -> str:
    """Scan ``code`` (files by name) and return the name of the report, beside it."""
    for file, text in code.items():
        (directory / file).parent.mkdir(exist_ok=True, parents=True)
        (directory / file).write_text(text)
    cli("scan", *sorted({str(Path(file).parent) for file in code}), "--format", f"json={name}", *options, cwd=directory)
    return name


def compared(directory: Path, *names: str) -> tuple[int, dict[str, Any]]:
    result = cli("diff", *names, "--format", "json", cwd=directory)
    return result.code, json.loads(result.out)


def summary(document: dict[str, Any]) -> dict[str, int]:
    """The counts that are not zero."""
    return {name: count for name, count in document["summary"].items() if count}


def test_the_same_code_has_no_difference(tmp_path: Path) -> None:
    old = recorded(tmp_path, "old.json", {"a/main.tf": MISSING})
    moved = recorded(tmp_path, "new.json", {"a/main.tf": "# a line more\n" + MISSING})
    code, document = compared(tmp_path, old, moved)
    assert (code, summary(document)) == (0, {"same": 2})
    assert cli("diff", old, moved, cwd=tmp_path).out == "0 new, 0 fixed, 0 changed, 0 no longer scanned, 2 unchanged\n"


def test_what_is_fixed_and_what_is_new(tmp_path: Path) -> None:
    bad, good = (
        recorded(tmp_path, "bad.json", {"a/main.tf": MISSING}),
        recorded(tmp_path, "good.json", {"a/main.tf": COMPLETE}),
    )
    code, document = compared(tmp_path, bad, good)
    assert (code, summary(document)) == (1, {"fixed": 2})
    assert [(each["rule"], each["resource"]) for each in document["fixed"]] == [
        ("VPCE001", "aws_vpc.main"),
        ("VPCE002", "aws_vpc.main"),
    ]
    code, document = compared(tmp_path, good, bad)
    assert (code, summary(document)) == (1, {"new": 2})
    text = cli("diff", good, bad, cwd=tmp_path).out
    assert text.startswith(
        "new:\n  VPCE001 fail (high) aws_vpc.main has no gateway endpoint for S3 (a/main.tf:5\n    in a)\n"
    )


def test_what_is_no_longer_certain_has_changed(tmp_path: Path) -> None:
    bad = recorded(tmp_path, "bad.json", {"a/main.tf": MISSING})
    doubt = recorded(tmp_path, "doubt.json", {"a/main.tf": UNKNOWN})
    code, document = compared(tmp_path, bad, doubt)
    assert code == 1 and document["summary"]["changed"] == 2
    assert [(each["old"]["status"], each["new"]["status"]) for each in document["changed"]] == [("fail", "unknown")] * 2
    assert "VPCE001 fail (high) -> unknown (high)" in cli("diff", bad, doubt, cwd=tmp_path).out


def test_an_ignored_finding_is_not_fixed(tmp_path: Path) -> None:
    bad = recorded(tmp_path, "bad.json", {"a/main.tf": MISSING})
    comment = MISSING.replace('"main" {', '"main" {\n  # vpce-checks:ignore VPCE001 later')
    ignored = recorded(tmp_path, "ignored.json", {"a/main.tf": comment})
    assert summary(compared(tmp_path, bad, ignored)[1]) == {"changed": 1, "same": 1}
    assert summary(compared(tmp_path, ignored, bad)[1]) == {"new": 1, "same": 1}


def test_a_root_that_is_not_scanned_is_not_fixed(tmp_path: Path) -> None:
    both = recorded(tmp_path, "both.json", {"a/main.tf": MISSING, "b/main.tf": MISSING})
    one = recorded(tmp_path, "one.json", {"a/main.tf": MISSING})
    code, document = compared(tmp_path, both, one)
    assert (code, summary(document)) == (1, {"not_scanned": 2, "same": 2})
    assert {each["root"] for each in document["not_scanned"]} == {"b"}


def test_a_report_with_errors_says_so(tmp_path: Path) -> None:
    good = recorded(tmp_path, "good.json", {"a/main.tf": MISSING})
    broken = recorded(tmp_path, "broken.json", {"a/main.tf": MISSING + 'resource "aws_vpc" {'})
    assert compared(tmp_path, good, broken)[1]["summary"]["errors"] > 0
    assert "not complete" in cli("diff", good, broken, cwd=tmp_path).out


RESULT = dict.fromkeys(("rule", "status", "severity", "root", "resource"), "x")


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", "[" * 100_000, '{"version": 2}', '{"version": 1}'),
        '{"version": 1, "roots": [], "results": [{}]}',
        json.dumps({"version": 1, "roots": [], "results": [RESULT]}),
    ],
    ids=len,
)
def test_what_is_no_report_is_wrong_use(content: str, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(content)
    result: Result = cli("diff", "bad.json", "bad.json", cwd=tmp_path)
    assert result.code == 2 and "bad.json" in result.err and "Traceback" not in result.err


def test_a_missing_file_is_wrong_use(tmp_path: Path) -> None:
    assert cli("diff", "a.json", "b.json", cwd=tmp_path).code == 2


def test_names_of_strangers_do_not_steer_the_terminal(tmp_path: Path) -> None:
    result = {
        "rule": "VPCE001",
        "status": "fail",
        "severity": "high",
        "root": "a\x1b[2J",
        "resource": "x",
        "message": "\n::error::x\x1b[31m",
    }
    for name, results in (("old", []), ("new", [result])):
        (tmp_path / f"{name}.json").write_text(json.dumps({"version": 1, "roots": [], "results": results}))
    out = cli("diff", "old.json", "new.json", cwd=tmp_path).out
    assert "\x1b" not in out and "\n::" not in out

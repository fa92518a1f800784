"""A format with a defect: what it cannot write is missing and told, the rest and the other formats are there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.expectations import inside
from vpce_checks.cli.main import main
from vpce_checks.files import output
from vpce_checks.report.fixes import fix
from vpce_checks.report.formats import json as json_format

CODE = "\n".join(f'resource "aws_vpc" "{name}" {{\n  cidr_block = "10.0.0.0/16"\n}}\n' for name in ("a", "b", "c"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "main.tf").write_text(CODE)
    return tmp_path


def scanned(repository: Path, *formats: str) -> int:
    with inside(repository, {}):
        return main(["scan", ".", *(word for name in formats for word in ("--format", f"{name}={name}.out"))])


def test_a_finding_that_cannot_be_written_costs_no_other(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = json_format._result

    def result(finding: Any, *rest: Any) -> Any:
        if finding.resource == "aws_vpc.b" and finding.fix is not None:
            raise ValueError("a defect")
        return written(finding, *rest)

    monkeypatch.setattr(json_format, "_result", result)
    assert scanned(repository, "json", "junit") == 3
    report = json.loads((repository / "json.out").read_text())
    found = {(each["rule"], each["resource"]): each for each in report["results"]}
    assert {key: each["status"] for key, each in found.items()} == {
        (rule, f"aws_vpc.{name}"): "fail" for rule in ("VPCE001", "VPCE002") for name in "abc"
    }
    assert found["VPCE001", "aws_vpc.a"]["fix"] and found["VPCE001", "aws_vpc.b"]["fix"] is None
    told = [each["message"] for root in report["roots"] for each in root["diagnostics"] if each["severity"] == "error"]
    assert len(told) == 2
    assert (
        "VPCE001 about aws_vpc.b cannot be written in full as json: internal error, please report it: ValueError"
        in told[0]
    )
    assert "aws_vpc.b cannot be written in full as json" in capsys.readouterr().err
    assert 'tests="6"' in (repository / "junit.out").read_text()


def test_a_format_that_cannot_be_written_at_all_costs_no_other(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def document(*given: Any) -> Any:
        raise ValueError("a defect")

    monkeypatch.setattr(json_format, "_document", document)
    assert scanned(repository, "json", "gitlab", "markdown") == 3
    assert not (repository / "json.out").exists()
    assert len(json.loads((repository / "gitlab.out").read_text())) == 6
    assert "aws_vpc.b" in (repository / "markdown.out").read_text()
    assert "cannot write the report as json: internal error" in capsys.readouterr().err


def test_a_fix_that_cannot_be_written(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(*given: Any) -> Any:
        raise KeyError("a defect")

    for name in ("text", "html", "markdown", "sarif", "github", "junit", "json"):
        monkeypatch.setattr(fix, "inventory_of", written)
        assert scanned(repository, name) == 3
        assert "aws_vpc.b" in (repository / f"{name}.out").read_text(), name


def test_a_file_that_cannot_be_written_costs_no_other_report(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = output.write_output

    def full(file: str, *rest: Any) -> None:
        if file == "json.out":
            raise output.OutputError("no space left on the device")
        write(file, *rest)

    monkeypatch.setattr(output, "write_output", full)
    assert scanned(repository, "json", "gitlab") == 2
    assert len(json.loads((repository / "gitlab.out").read_text())) == 6

"""JUnit: what is not a pass never looks like one, and whatever the names are it stays XML."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.report.cases import hostile, of_everything
from vpce_checks.project.results import Report
from vpce_checks.report import Style, render


def suites(made: Report, cwd: Path, **style: Any) -> ElementTree.Element:
    """The root element."""
    return ElementTree.fromstring(render("junit", made, Style(str(cwd), **style)).encode())


def outcomes(tree: ElementTree.Element) -> dict[str, list[str]]:
    """By name of a test: what is inside of it."""
    return {case.attrib["name"]: [part.tag for part in case] for case in tree.iter("testcase")}


def counts(element: ElementTree.Element) -> list[int]:
    return [int(element.attrib[name]) for name in ("tests", "failures", "errors", "skipped")]


def test_verdicts(tmp_path: Path) -> None:
    tree = suites(of_everything(tmp_path / "root"), tmp_path)
    assert outcomes(tree) == {
        "root/broken.tf:7": ["error"],
        "VPCE001 aws_vpc.main (s3)": ["failure"],
        "VPCE002 aws_vpc.main (dynamodb)": ["skipped", "system-out"],
        "VPCE004 aws_vpc_endpoint.logs (logs)": ["skipped", "system-out"],
        "VPCE006 aws_vpc_endpoint.logs (logs)": [],
    }
    (suite,) = tree
    assert suite.attrib["name"] == "root"
    assert counts(tree) == counts(suite) == [5, 1, 1, 2]


def test_strict_makes_an_unknown_fail(tmp_path: Path) -> None:
    tree = suites(of_everything(tmp_path / "root"), tmp_path, strict=True)
    assert outcomes(tree)["VPCE002 aws_vpc.main (dynamodb)"] == ["failure"]
    assert counts(tree) == [5, 2, 1, 1]


def test_failure_tells_place_evidence_and_fix(tmp_path: Path) -> None:
    failure = next(suites(of_everything(tmp_path / "root"), tmp_path).iter("failure"))
    assert failure.attrib == {"type": "high", "message": "aws_vpc.main has no gateway endpoint for S3"}
    assert failure.text is not None
    assert "root/main.tf:1\n- the pack requires it\n- nothing here (root/main.tf:5)\n" in failure.text
    assert 'resource "aws_vpc_endpoint" "s3" {' in failure.text


def test_nothing_found_is_a_document(tmp_path: Path) -> None:
    assert counts(suites(Report(()), tmp_path)) == [0, 0, 0, 0]


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    tree = suites(hostile(tmp_path / "root"), tmp_path)
    (failed,) = [case for case in tree.iter("testcase") if case.find("failure") is not None]
    assert "<b>@me" in failed.attrib["name"]
    assert not any("\x1b" in text or "\ufffe" in text for case in tree.iter() for text in case.attrib.values())

"""The table for a spreadsheet: complete, and nothing in it is run as a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.report.cases import hostile, of_everything
from tests.report.reports import declared, endpoint, network, report, vpc
from vpce_checks.project.results import Report
from vpce_checks.report import Style, render
from vpce_checks.rules.finding import Finding, Fix


def rows(made: Report, cwd: Path, verbose: bool = False) -> list[dict[str, str]]:
    text = render("csv", made, Style(str(cwd), verbose=verbose))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_each_cell_and_each_finding(tmp_path: Path) -> None:
    root = tmp_path / "root"
    found = rows(of_everything(root), tmp_path)
    assert [(row["kind"], row["vpc"], row["service"], row["status"]) for row in found] == [
        ("coverage", "aws_vpc.main", "dynamodb", "unknown"),
        ("coverage", "aws_vpc.main", "logs", "interface"),
        ("coverage", "aws_vpc.main", "s3", "missing"),
        ("finding", "aws_vpc.main", "s3", "fail"),
        ("finding", "aws_vpc.main", "dynamodb", "unknown"),
    ]
    assert {row["root"] for row in found} == {"root"}
    missing = found[3]
    assert (missing["rule"], missing["severity"], missing["file"], missing["line"]) == (
        "VPCE001",
        "high",
        "root/main.tf",
        "1",
    )
    assert missing["message"] == "aws_vpc.main has no gateway endpoint for S3"
    assert missing["why"] == "the pack requires it; nothing here (root/main.tf:5)"
    assert missing["fix"].startswith('add to root/main.tf:\nresource "aws_vpc_endpoint" "s3" {\n')
    assert [row["status"] for row in rows(of_everything(root), tmp_path, verbose=True)][3:] == [
        "fail",
        "unknown",
        "ignored",
        "pass",
    ]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_is_a_formula(begin: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    evil = f'{begin}HYPERLINK("http://x","y"),\n1'
    net = network(root, vpcs=(vpc(root, evil),), endpoints=(endpoint(root, evil, evil, of=evil),))
    finding = Finding(evil, "fail", "high", declared(root, evil, 1), evil, evil, evil, fix=Fix("text", value=evil))
    text = render("csv", report((net, [finding])), Style(str(tmp_path)))
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", begin))]


def test_names_of_strangers_stay_in_their_cell(tmp_path: Path) -> None:
    text = render("csv", hostile(tmp_path / "root"), Style(str(tmp_path)))
    assert "\x1b" not in text
    table = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in table} == {14}

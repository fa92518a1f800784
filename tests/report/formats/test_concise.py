"""One line a finding: what a problem matcher of an editor or of CI reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.report.cases import hostile, of_everything
from vpce_checks.report import Style, render

DOCUMENT = Path(__file__).parents[3] / "docs" / "concise.md"


def test_a_line_a_finding(tmp_path: Path) -> None:
    root = tmp_path / "root"
    assert render("concise", of_everything(root), Style(str(tmp_path))) == (
        "root/broken.tf:7: error: unexpected token\n"
        "root/.vpce-checks.yaml:3: warning: an entry has expired\n"
        "root/main.tf:1: VPCE001 high aws_vpc.main has no gateway endpoint for S3\n"
        "root/main.tf:1: VPCE002 medium unknown: aws_vpc.main may have no gateway endpoint for DynamoDB\n"
    )
    more = render("concise", of_everything(root), Style(str(tmp_path), verbose=True)).splitlines()
    assert [line.split(" ")[3] for line in more[4:]] == ["ignored:", "pass:"]


def test_names_of_strangers_stay_on_their_line(tmp_path: Path) -> None:
    shown = render("concise", hostile(tmp_path / "root"), Style(str(tmp_path)))
    assert len(shown.splitlines()) == 2 and "\x1b" not in shown and "\n::" not in shown


def test_the_patterns_in_the_documentation_match(tmp_path: Path) -> None:
    patterns = set(re.findall(r'"regexp": ("[^\n]*"),\n', DOCUMENT.read_text()))
    assert len(patterns) == 1
    pattern = re.compile(json.loads(patterns.pop()))
    lines = render("concise", of_everything(tmp_path / "root"), Style(str(tmp_path))).splitlines()
    found = [pattern.match(line) for line in lines]
    assert [match.group(1, 2, 3) if match else None for match in found] == [
        None,
        None,
        ("root/main.tf", "1", "VPCE001"),
        ("root/main.tf", "1", "VPCE002"),
    ]

"""One line a finding: what a problem matcher of an editor or of CI reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.cli.run import MISSING, cli
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


def documented_pattern() -> re.Pattern[str]:
    """The pattern of the problem matchers, which is the same in all of them."""
    (written,) = set(re.findall(r'"regexp": ("[^\n]*"),\n', DOCUMENT.read_text()))
    return re.compile(json.loads(written))


def test_the_patterns_match_findings_of_own_rules(tmp_path: Path) -> None:
    own = "own_rules: [{id: ORG-NET-1, title: Private KMS, must_have: {service: kms}}]\n"
    (tmp_path / ".vpce-checks.yaml").write_text(f"version: 1\n{own}")
    (tmp_path / "main.tf").write_text(MISSING)
    lines = cli("scan", "--format", "concise", cwd=tmp_path).out.splitlines()
    found = [match.group(1, 2, 3) for line in lines if (match := documented_pattern().match(line))]
    assert len(found) == len(lines)
    assert ("main.tf", "5", "ORG-NET-1") in found and ("main.tf", "5", "VPCE001") in found


def test_the_patterns_in_the_documentation_match(tmp_path: Path) -> None:
    pattern = documented_pattern()
    lines = render("concise", of_everything(tmp_path / "root"), Style(str(tmp_path))).splitlines()
    found = [pattern.match(line) for line in lines]
    assert [match.group(1, 2, 3) if match else None for match in found] == [
        None,
        None,
        ("root/main.tf", "1", "VPCE001"),
        ("root/main.tf", "1", "VPCE002"),
    ]

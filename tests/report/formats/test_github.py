"""Workflow commands: one a finding, and none that a name in the input makes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.report.cases import hostile, of_everything
from tests.report.reports import network, report, vpc
from vpce_checks.project.results import Report
from vpce_checks.report import Style, render
from vpce_checks.rules.finding import Finding

COMMAND = re.compile(r"::(error|warning|notice) ([^:\r\n]*)::([^\r\n]*)")


def commands(made: Report, cwd: Path, **style: Any) -> list[tuple[str, dict[str, str], str]]:
    """Name, properties and message of each command, decoded; the last line is the sum."""
    *lines, last = render("github", made, Style(str(cwd), **style)).split("\n")[:-1]
    assert last.startswith("vpce-checks: ")
    found = []
    for line in lines:
        match = COMMAND.fullmatch(line)
        assert match, line
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        found.append((match[1], {key: unquote(value) for key, value in properties.items()}, unquote(match[3])))
    return found


def test_commands_stand_at_their_lines(tmp_path: Path) -> None:
    made = commands(of_everything(tmp_path / "root"), tmp_path)
    assert [(name, place["file"], place["line"]) for name, place, _ in made] == [
        ("error", "root/broken.tf", "7"),
        ("warning", "root/.vpce-checks.yaml", "3"),
        ("error", "root/main.tf", "1"),
        ("notice", "root/main.tf", "1"),
    ]
    assert made[2][1]["title"] == "VPCE001 s3-gateway-endpoint"
    assert made[2][1]["endLine"] == "3"
    assert "(undecided)" in made[3][1]["title"]


def test_message_tells_evidence_and_fix(tmp_path: Path) -> None:
    _, _, message = commands(of_everything(tmp_path / "root"), tmp_path)[2]
    assert message.startswith(
        "aws_vpc.main has no gateway endpoint for S3\n- the pack requires it\n- nothing here (root/"
    )
    assert '\nresource "aws_vpc_endpoint" "s3" {\n' in message


def test_strict_makes_an_unknown_count(tmp_path: Path) -> None:
    assert commands(of_everything(tmp_path / "root"), tmp_path, strict=True)[3][0] == "warning"


def test_module_of_two_roots_is_annotated_once(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    other = network(tmp_path / "other")
    finding = Finding("VPCE001", "fail", "high", net.vpcs[0].declared, "aws_vpc.main has none")
    ((_, _, message),) = commands(report((net, [finding]), (other, [finding])), tmp_path)
    assert message == "aws_vpc.main has none\nin root, other"


def test_a_name_makes_no_command(tmp_path: Path) -> None:
    text = render("github", hostile(tmp_path / "root"), Style(str(tmp_path)))
    lines = text.split("\n")[:-1]
    assert len(lines) == 3
    assert all(COMMAND.fullmatch(line) for line in lines[:2])
    assert "\x1b" not in text
    assert "%250A" in text

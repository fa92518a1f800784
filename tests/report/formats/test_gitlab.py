"""GitLab's code quality report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.report.cases import hostile, of_everything
from vpce_checks.project.results import Report
from vpce_checks.report import Style, render


def entries(made: Report, cwd: Path, **style: Any) -> list[dict[str, Any]]:
    read = json.loads(render("gitlab", made, Style(str(cwd), **style)))
    assert isinstance(read, list)
    return read


def test_entries(tmp_path: Path) -> None:
    made = entries(of_everything(tmp_path / "root"), tmp_path)
    assert [(each["check_name"], each["severity"], each["location"]["path"]) for each in made] == [
        ("vpce-checks-input", "blocker", "root/broken.tf"),
        ("vpce-checks-input", "info", "root/.vpce-checks.yaml"),
        ("VPCE001", "critical", "root/main.tf"),
        ("VPCE002", "info", "root/main.tf"),
    ]
    assert made[2]["description"] == "VPCE001 aws_vpc.main has no gateway endpoint for S3"
    assert made[2]["location"]["lines"] == {"begin": 1, "end": 3}
    assert made[3]["description"].startswith("VPCE002 (undecided) ")
    assert len({each["fingerprint"] for each in made}) == 4


def test_strict_makes_an_unknown_count(tmp_path: Path) -> None:
    assert entries(of_everything(tmp_path / "root"), tmp_path, strict=True)[3]["severity"] == "major"


def test_hostile_names_are_text(tmp_path: Path) -> None:
    for entry in entries(hostile(tmp_path / "root"), tmp_path):
        assert "\n" not in entry["description"]
        assert "\x1b" not in entry["description"]

"""``vpce-checks services --used``: who calls what from a VPC, and what serves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.network import ECR, NETWORK, TASK
from vpce_checks.cli.main import main


def test_the_table_says_who_calls_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(NETWORK + TASK + ECR, encoding="utf-8")
    assert main(["services", "--used", str(tmp_path)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0][1:4] == ["VPC", "SERVICE", "SURE"]
    assert [(row[2], row[3], row[-2], row[-1]) for row in rows[1:]] == [
        ("ecr.api", "certain", 'aws_vpc_endpoint.ecr["ecr.api"]', "aws_ecs_service.app"),
        ("ecr.dkr", "certain", 'aws_vpc_endpoint.ecr["ecr.dkr"]', "aws_ecs_service.app"),
        ("s3", "certain", "nothing", "aws_ecs_service.app"),
    ]


def test_a_word_limits_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(NETWORK + TASK, encoding="utf-8")
    assert main(["services", "ecr", "--used", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "ecr.api" in out and " s3 " not in out


def test_nothing_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(NETWORK, encoding="utf-8")
    assert main(["services", "--used", str(tmp_path)]) == 0
    assert "no workload" in capsys.readouterr().err


def test_an_unreadable_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(NETWORK + 'resource "aws_vpc" {', encoding="utf-8")
    assert main(["services", "--used", str(tmp_path)]) == 3
    assert "main.tf" in capsys.readouterr().err


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert main(["services", "--used", str(tmp_path / "none")]) == 2

"""Where no resource may be a workload, the parts of workloads are not read: only they would ask for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.network import NETWORK
from vpce_checks.catalog.parts import may_run, part_types
from vpce_checks.terraform.build import build_network
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.workloads.inventory import workloads_of

ROLE = 'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({})\n}\n'


@pytest.mark.parametrize(
    ("more", "parts"),
    [
        ("", []),
        ('resource "aws_nat_gateway" "n" {\n  subnet_id = aws_subnet.inner.id\n}\n', []),
        (
            'resource "aws_eks_cluster" "k" {\n  name = "k"\n}\n',
            ["firewall", "kubernetes", "role", "table_propagation"],
        ),
    ],
)
def test_parts_are_read_if_something_runs(tmp_path: Path, more: str, parts: list[str]) -> None:
    (tmp_path / "main.tf").write_text(NETWORK + ROLE + more, encoding="utf-8")
    directory = str(tmp_path)
    network = build_network(directory, TerraformOptions(directory), ModuleLoader(directory))
    assert sorted(part.kind for part in network.parts) == parts


def test_what_runs_nothing_is_no_workload(tmp_path: Path) -> None:
    quiet = [name for name, types in part_types("terraform").items() if not may_run(types)]
    assert "aws_iam_role" in quiet and "aws_instance" not in quiet
    blocks = [f'resource "{name}" "x" {{\n  subnet_ids = [aws_subnet.inner.id]\n}}\n' for name in quiet]
    runs = 'resource "aws_eks_cluster" "k" {\n  name = "k"\n}\n'
    (tmp_path / "main.tf").write_text(NETWORK + runs + "".join(blocks), encoding="utf-8")
    directory = str(tmp_path)
    network = build_network(directory, TerraformOptions(directory), ModuleLoader(directory))
    assert len(network.parts) > len(quiet)
    assert {each.address for each in workloads_of(network)} <= {"aws_eks_cluster.k"}

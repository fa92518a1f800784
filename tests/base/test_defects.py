"""What an unforeseen exception says is not told once a scan has met sensitive values."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import cli
from tests.terraform.configurations import VPC, write
from vpce_checks.terraform.aws import resource_types


@pytest.mark.parametrize("sensitive", [True, False])
def test_the_text_of_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sensitive: bool) -> None:
    def broken(instance: resource_types.ResourceInstance) -> None:
        raise KeyError(instance.get("cidr_block"))

    monkeypatch.setitem(resource_types.BUILDERS, "aws_vpc", broken)
    code = VPC.replace('"10.0.0.0/16"', "var.secret")
    variable = f'variable "secret" {{\n  default   = "hidden-thing"\n  sensitive = {str(sensitive).lower()}\n}}\n'
    write(tmp_path, {"main.tf": code + variable, ".git/HEAD": ""})
    done = cli("scan", ".", "--format", "json", cwd=tmp_path)
    assert done.code == 3
    assert "internal error, please report it: KeyError" in done.out
    assert ("hidden-thing" in done.out) is not sensitive

"""Lists of ids in a module that is called several times: the keys of a call say nothing of what is in the module."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import cli
from tests.fixing.repositories import repository
from tests.report.fixes.test_fix import fixes
from vpce_checks.model.network import block_address

ROOT = (
    'provider "aws" {\n  region = "eu-west-1"\n}\nmodule "a" {\n  source = "./net"\n}\n'
    'module "c" {\n  source = "./net"\n\n  %s\n}\n'
)
NET = 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n'
TABLES = 'resource "aws_route_table" "p" {\n  for_each = %s\n  vpc_id = %s\n}\n'
CALLS = ['for_each = toset(["x", "y"])', 'for_each = toset(["a[0]", "b]"])', "count = 2"]


@pytest.mark.parametrize("call", CALLS)
def test_a_splat_covers_the_tables_of_a_keyed_module(call: str, tmp_path: Path) -> None:
    module = NET + TABLES % ('toset(["x", "y"])', "aws_vpc.v.id")
    shown = fixes(tmp_path, {"main.tf": ROOT % call, "net/main.tf": module})
    texts = [fix for (rule, _), fix in shown.items() if rule == "VPCE002"]
    assert len(texts) == 3
    assert all("= values(aws_route_table.p)[*].id\n" in each for each in texts)


def test_one_text_is_for_all_callers(tmp_path: Path) -> None:
    module = NET + TABLES % ('toset(["x", "y"])', "aws_vpc.v.id")
    directory = repository(tmp_path, {"main.tf": ROOT % CALLS[0], "net/main.tf": module})
    out = cli("scan", ".", cwd=directory).out
    assert "fix: add to net/main.tf\n" in out and "it differs for the others" not in out


def test_tables_of_two_vpcs_of_a_keyed_module_are_told_apart(tmp_path: Path) -> None:
    module = NET + NET.replace('"v"', '"w"') + TABLES % ("{ v = aws_vpc.v.id, w = aws_vpc.w.id }", "each.value")
    shown = fixes(tmp_path, {"main.tf": ROOT % CALLS[0], "net/main.tf": module})
    for vpc in "vw":
        texts = [fix for (rule, of), fix in shown.items() if rule == "VPCE002" and of.endswith(f"aws_vpc.{vpc}")]
        assert len(texts) == 3
        assert all(f'= [aws_route_table.p["{vpc}"].id]\n' in each for each in texts)


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("aws_vpc.v", "aws_vpc.v"),
        ("aws_vpc.v[0]", "aws_vpc.v"),
        ('module.c["x"].aws_vpc.v', 'module.c["x"].aws_vpc.v'),
        ('module.c["a[0]"].aws_vpc.v["b]"]', 'module.c["a[0]"].aws_vpc.v'),
        ('module.c[1].aws_vpc.v["a[\\"0\\"]"]', "module.c[1].aws_vpc.v"),
        ("module.c[*].aws_vpc.v[*]", "module.c[*].aws_vpc.v"),
    ],
)
def test_the_address_of_a_block(address: str, block: str) -> None:
    assert block_address(address) == block

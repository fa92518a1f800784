"""A unit whose module was not read waits for another one: may it create what that lacks?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.expectations import scan

NET = 'terraform {\n  source = "../modules/net"\n}\n'
CODE = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\noutput "id" {\n  value = aws_vpc.main.id\n}\n'


def unit(source: str, more: str) -> str:
    return f'terraform {{\n  source = "git::https://git.example.org/net/{source}.git?ref=v1"\n}}\n{more}'


def verdict(directory: Path, late: str) -> str:
    for name, text in (("net/terragrunt.hcl", NET), ("modules/net/main.tf", CODE), ("late/terragrunt.hcl", late)):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    (directory / ".git").mkdir(exist_ok=True)
    report: dict[str, Any] = scan(directory, (), {})[1]
    (found,) = {each["status"] for each in report["results"] if each["rule"] == "VPCE001"}
    return str(found)


PATHS = 'dependencies {\n  paths = ["../net"]\n}\n'
BLOCK = 'dependency "net" {\n  config_path = "../net"\n}\n'
NAMED = 'inputs = {\n  stage = "prod"\n}\n'


@pytest.mark.parametrize("more", [PATHS + NAMED, BLOCK + NAMED])
def test_network_code_that_waits_for_the_unit_may_look_its_vpc_up(tmp_path: Path, more: str) -> None:
    assert verdict(tmp_path, unit("vpc-endpoints", more)) == "unknown"


def test_other_code_may_wait_for_anything(tmp_path: Path) -> None:
    assert verdict(tmp_path, unit("alarms", PATHS + NAMED)) == "fail"


def test_network_code_of_another_unit_has_nothing_to_do_with_it(tmp_path: Path) -> None:
    assert verdict(tmp_path, unit("vpc-endpoints", NAMED)) == "fail"

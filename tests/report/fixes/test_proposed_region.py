"""A proposal takes the region from the data source that the module has, however its provider is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import cli

VPC = 'variable "place" {}\nresource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
PROVIDERS = ('provider "aws" { region = var.place }\n', 'provider "aws" {\n  region = var.place\n}\n')


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("data", "region"), [('data "aws_region" "current" {}\n', "data.aws_region.current."), ("", "var.place}")]
)
def test_the_region_of_a_new_endpoint(tmp_path: Path, provider: str, data: str, region: str) -> None:
    (tmp_path / "main.tf").write_text(provider + data + VPC)
    said = cli("scan", ".", cwd=tmp_path).out
    assert f'service_name      = "com.amazonaws.${{{region}' in said
    assert 'data "aws_region"' not in said

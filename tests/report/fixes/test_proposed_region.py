"""A proposal takes the region from the data source that the module has, however its provider is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import cli

VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
PROVIDERS = ('provider "aws" { region = var.place }\n', 'provider "aws" {\n  region = var.place\n}\n')
WEST = 'provider "aws" {\n  alias  = "west"\n  region = "us-west-2"\n}\n'


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("variable", ['variable "place" {}\n', 'variable "place" {\n  default = "eu-west-1"\n}\n'])
@pytest.mark.parametrize(
    ("data", "region"),
    [
        ('data "aws_region" "current" {}\n', "data.aws_region.current."),
        ("", "var.place}"),
        (f'{WEST}data "aws_region" "west" {{\n  provider = aws.west\n}}\n', "var.place}"),
        ('data "aws_region" "other" {\n  name = "us-west-2"\n}\n', "var.place}"),
        ('data "aws_region" "one" {\n  count = 1\n}\n', "var.place}"),
    ],
)
def test_the_region_of_a_new_endpoint(tmp_path: Path, provider: str, variable: str, data: str, region: str) -> None:
    (tmp_path / "main.tf").write_text(provider + variable + data + VPC)
    said = cli("scan", ".", cwd=tmp_path).out
    assert f'service_name      = "com.amazonaws.${{{region}' in said
    assert 'data "aws_region"' not in said


def test_a_data_source_in_json_may_be_of_another_provider(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(PROVIDERS[1] + 'variable "place" {}\n' + WEST + VPC)
    (tmp_path / "west.tf.json").write_text('{"data": {"aws_region": {"west": {"provider": "aws.west"}}}}')
    said = cli("scan", ".", cwd=tmp_path).out
    assert "com.amazonaws.${var.place}.s3" in said and "data.aws_region" not in said

"""``removed`` blocks: what is given up without being destroyed may still be there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import cli

VPC = 'provider "aws" {\n  region = "eu-west-1"\n}\n\nresource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
KEPT = "\n  lifecycle {\n    destroy = false\n  }\n"


def removed(address: str, lifecycle: str = KEPT) -> dict[str, str]:
    return {"main.tf": VPC + f"removed {{\n  from = {address}\n{lifecycle}}}\n"}


def in_json(address: str) -> dict[str, str]:
    block = {"from": address, "lifecycle": {"destroy": False}}
    return {"main.tf": VPC, "removed.tf.json": json.dumps({"removed": [block]})}


@pytest.mark.parametrize(
    ("files", "status"),
    [
        (removed("aws_vpc_endpoint.s3"), "unknown"),
        (removed("aws_vpc_endpoint.s3", ""), "fail"),
        (removed("aws_vpc_endpoint.s3", KEPT.replace("false", "true")), "fail"),
        ({"main.tofu": removed("aws_vpc_endpoint.s3", "")["main.tf"]}, "unknown"),
        ({"main.tofu": removed("aws_vpc_endpoint.s3", KEPT.replace("false", "true"))["main.tf"]}, "fail"),
        ({**removed("aws_vpc_endpoint.s3", ""), "more.tofu": ""}, "unknown"),
        (removed("module.endpoints"), "unknown"),
        (removed("module.outer.module.endpoints"), "unknown"),
        (removed("module.outer.aws_vpc_endpoint.s3"), "unknown"),
        (removed("module.outer.aws_instance.web"), "fail"),
        (removed('module.outer["a.b"].module.inner.aws_instance.web[0]'), "fail"),
        (removed('module.outer["a.b"].module.inner'), "unknown"),
        (removed("module.outer.aws_vpc_endpoint_service.ours"), "fail"),
        (removed("module.outer.aws_cloudformation_stack.net"), "unknown"),
        (removed("aws_instance.web"), "fail"),
        (in_json("aws_vpc_endpoint.s3"), "unknown"),
        (in_json("module.endpoints"), "unknown"),
        (in_json("aws_instance.web"), "fail"),
        (in_json('module.logs["a.b"].aws_s3_bucket.logs'), "fail"),
    ],
)
def test_what_is_given_up(tmp_path: Path, files: dict[str, str], status: str) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    report = json.loads(cli("scan", ".", "--format", "json", cwd=tmp_path).out)
    found = {each["rule"]: each["status"] for each in report["results"]}
    assert found["VPCE001"] == status

"""Modules that a run of Terragrunt has left in ``.terragrunt-cache``."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha1
from pathlib import Path

import pytest

from tests.terraform.terragrunt.repository import VPC, network_of, report_of, write
from vpce_checks.terraform.terragrunt.working_copies import working_copy


def hashed(text: str) -> str:
    return urlsafe_b64encode(sha1(text.encode()).digest()).decode().rstrip("=")


def copied(package: str, query: str, files: dict[str, str], unit: str = "vpc") -> dict[str, str]:
    top = f"{unit}/.terragrunt-cache/run/{hashed(package)}"
    return {
        f"{top}/.terragrunt-source-version": hashed(query),
        **{f"{top}/{name}": text for name, text in files.items()},
    }


@pytest.mark.parametrize(
    ("source", "package", "directory", "query"),
    [
        ("git::https://example.com/m.git//vpc?ref=v1", "git::https://example.com/m.git", "vpc", "ref=v1"),
        ("git::ssh://git@example.com/m.git//a/vpc?ref=v1", "git::ssh://git@example.com/m.git", "a/vpc", "ref=v1"),
        ("git@github.com:org/m.git//vpc?ref=x/y", "git::ssh://git@github.com/org/m.git", "vpc", "ref=x%2Fy"),
        ("git::git@github.com:org/m.git//vpc", "git::ssh://git@github.com/org/m.git", "vpc", ""),
        ("github.com/org/m//vpc?ref=v1&depth=1", "git::https://github.com/org/m.git", "vpc", "depth=1&ref=v1"),
        ("https://github.com/org/m.git//vpc?ref=v1", "git::https://github.com/org/m.git", "vpc", "ref=v1"),
        ("tfr:///org/vpc/aws?version=1.2.3", "tfr:///org/vpc/aws", "", "version=1.2.3"),
        ("tfr:///org/vpc/aws//modules/x?version=1.2.3", "tfr:///org/vpc/aws", "modules/x", "version=1.2.3"),
        ("tfr://example.com/org/vpc/aws?version=1.2.3", "tfr://example.com/org/vpc/aws", "", "version=1.2.3"),
    ],
)
def test_where_it_is(tmp_path: Path, source: str, package: str, directory: str, query: str) -> None:
    write(tmp_path, copied(package, query, {f"{directory}/main.tf".lstrip("/"): VPC}))
    found = working_copy(source, str(tmp_path / "vpc"), (str(tmp_path),))
    assert found is not None
    assert (Path(found) / "main.tf").read_text() == VPC


@pytest.mark.parametrize(
    "source", ["git::https://example.com/m.git//vpc?ref=v2", "git::https://example.com/n.git//vpc?ref=v1"]
)
def test_another_version_or_source_is_not_used(tmp_path: Path, source: str) -> None:
    write(tmp_path, copied("git::https://example.com/m.git", "ref=v1", {"vpc/main.tf": VPC}))
    assert working_copy(source, str(tmp_path / "vpc"), (str(tmp_path),)) is None


UNIT = 'terraform {\n  source = "git::https://example.com/m.git//vpc?ref=v1"\n}\ninputs = local\nlocals {\n  s3 = true\n}\n'


def test_a_unit_with_a_copy(tmp_path: Path) -> None:
    """With the modules that it calls, of which some are beside it and some were installed."""
    code = VPC + 'module "beside" {\n  source = "../beside"\n}\nmodule "installed" {\n  source = "org/net/aws"\n}\n'
    more = 'resource "aws_vpc" "more" {\n  cidr_block = "10.1.0.0/16"\n}\n'
    listed = json.dumps({"Modules": [{"Key": "installed", "Source": "org/net/aws", "Dir": ".terraform/modules/net"}]})
    files = {
        "vpc/main.tf": code,
        "beside/main.tf": more,
        "vpc/.terraform/modules/modules.json": listed,
        "vpc/.terraform/modules/net/main.tf": more,
    }
    files = copied("git::https://example.com/m.git", "ref=v1", files)
    network = network_of(tmp_path, {"vpc/terragrunt.hcl": UNIT, **files}, "vpc")
    assert [vpc.address for vpc in network.vpcs] == [
        "aws_vpc.main",
        "module.beside.aws_vpc.more",
        "module.installed.aws_vpc.more",
    ]
    assert [endpoint.address for endpoint in network.endpoints] == ["aws_vpc_endpoint.s3[0]"]
    assert not network.opaque_modules
    report = report_of(tmp_path)
    assert {root["path"] for root in report["roots"]} == {"vpc"}


def test_a_copy_that_leads_out_is_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text(VPC)
    top = tmp_path / "repository"
    top.mkdir()
    write(top, copied("git::https://example.com/m.git", "ref=v1", {"README": ""}) | {"vpc/terragrunt.hcl": UNIT})
    (top / "vpc/.terragrunt-cache/run" / hashed("git::https://example.com/m.git") / "vpc").symlink_to(outside)
    assert not network_of(top, {}, "vpc").vpcs

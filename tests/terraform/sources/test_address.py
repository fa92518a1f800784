"""Module addresses: which of them are the same module, and what of them may be shown."""

from __future__ import annotations

import pytest

from vpce_checks.terraform.sources.address import masked, parse_address

VPC = "terraform-aws-modules/vpc/aws"


@pytest.mark.parametrize(
    ("source", "module", "directory", "ref"),
    [
        (VPC, VPC, "", None),
        (f"{VPC}//modules/vpc-endpoints", VPC, "modules/vpc-endpoints", None),
        (f"registry.terraform.io/{VPC}", VPC, "", None),
        (f"registry.opentofu.org/{VPC}//modules/vpc-endpoints/", VPC, "modules/vpc-endpoints", None),
        ("Terraform-AWS-Modules/VPC/aws", VPC, "", None),
        (f"app.terraform.io/{VPC}", "", "", None),
        ("git::https://github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=v5.1.0", VPC, "", "v5.1.0"),
        ("git::https://github.com/terraform-aws-modules/terraform-aws-vpc", VPC, "", None),
        (
            "github.com/terraform-aws-modules/terraform-aws-vpc//modules/vpc-endpoints?ref=x",
            VPC,
            "modules/vpc-endpoints",
            "x",
        ),
        ("git@github.com:terraform-aws-modules/terraform-aws-vpc.git?depth=1&ref=v5.1.0", VPC, "", "v5.1.0"),
        ("git::git@github.com:terraform-aws-modules/terraform-aws-vpc.git", VPC, "", None),
        (
            "git::ssh://git@github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=tags/v5.1.0",
            VPC,
            "",
            "tags/v5.1.0",
        ),
        ("git::https://user:pw@github.com/terraform-aws-modules/terraform-aws-vpc.git", VPC, "", None),
        ("git::https://gitlab.com/terraform-aws-modules/terraform-aws-vpc.git", "", "", None),
        ("git::https://github.com.evil.example/terraform-aws-modules/terraform-aws-vpc.git", "", "", None),
        ("git::https://github.com/terraform-aws-modules/vpc.git", "", "", None),
        ("s3::https://s3.amazonaws.com/bucket/vpc.zip", "", "", None),
    ],
)
def test_addresses_of_one_module_are_recognised(source: str, module: str, directory: str, ref: str | None) -> None:
    address = parse_address(source)
    assert (address.module, address.directory, address.ref) == (module, directory, ref)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("git::https://user:s3cr3t@host/x.git?ref=v1", "git::https://***@host/x.git?ref=v1"),
        ("git::https://s3cr3t@host/x.git", "git::https://***@host/x.git"),
        ("https://user:s3c/r3t@host/x.zip".replace("/r3t", "r3t"), "https://***@host/x.zip"),
        ("https://user:what?s3cr3t@host/x.zip", "https://***@host/x.zip"),
        ("git::ssh://git@host/x.git", "git::ssh://git@host/x.git"),
        ("git::ssh://me:s3cr3t@host/x.git", "git::ssh://***@host/x.git"),
        ("git@github.com:org/x.git", "git@github.com:org/x.git"),
        ("git::git@github.com:org/x.git", "git::git@github.com:org/x.git"),
        ("git::me:s3cr3t@host:org/x.git", "git::***@host:org/x.git"),
        ("git::ssh://git@host/x.git?sshkey=s3cr3t&ref=v1", "git::ssh://git@host/x.git?sshkey=***&ref=v1"),
        ("https://host/x.zip?s3cr3t", "https://host/x.zip?***"),
        (
            "s3::https://s3.amazonaws.com/b/x.zip?aws_access_key_id=A&aws_access_key_secret=s3cr3t",
            "s3::https://s3.amazonaws.com/b/x.zip?aws_access_key_id=***&aws_access_key_secret=***",
        ),
        ("terraform-aws-modules/vpc/aws", "terraform-aws-modules/vpc/aws"),
    ],
)
def test_nothing_secret_is_shown(source: str, shown: str) -> None:
    assert masked(source) == shown

"""Module addresses: which of them are the same module, and what of them may be shown."""

from __future__ import annotations

import pytest

from vpce_checks.terraform.sources.address import parse_address

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

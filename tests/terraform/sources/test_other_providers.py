"""Modules that by their name are for another provider."""

from __future__ import annotations

import pytest

from vpce_checks.terraform.sources.address import parse_address
from vpce_checks.terraform.sources.other_providers import is_for_other_provider


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("terraform-iaac/cert-manager/kubernetes", True),
        ("acme/vpc-cni/helm//modules/x", True),
        ("app.terraform.io/acme/names/random", True),
        ("github.com/acme/terraform-kubernetes-vpc", True),
        ("git::https://git.example.org/acme/terraform-helm-chart.git?ref=v1", True),
        ("git@git.example.org:acme/terraform-random-name.git", True),
        ("acme/vpc/aws", False),
        ("acme/endpoints/mongodbatlas", False),
        ("app.terraform.io/acme/network/aws", False),
        ("git::https://git.example.org/acme/kubernetes.git", False),
        ("git::https://git.example.org/acme/random/helm", False),
        ("https://example.org/modules/kubernetes.zip", False),
        ("s3::https://s3.amazonaws.com/bucket/helm.zip", False),
    ],
)
def test_the_provider_in_a_name(source: str, expected: bool) -> None:
    assert is_for_other_provider(parse_address(source)) is expected

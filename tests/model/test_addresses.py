"""Addresses are taken apart at the right dots."""

from __future__ import annotations

import pytest

from vpce_checks.model.addresses import Place, labels_of, leaf, terraform_place


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("aws_vpc.main", Place("", "aws_vpc", "main", "")),
        ("aws_vpc.main[0]", Place("", "aws_vpc", "main", "[0]")),
        ('aws_vpc.main["a.b"]', Place("", "aws_vpc", "main", '["a.b"]')),
        ('module.n["x.y"].module.m.aws_vpc.this[0]', Place('module.n["x.y"].module.m', "aws_vpc", "this", "[0]")),
        ('module.n["a\\".b"].aws_vpc.this', Place('module.n["a\\".b"]', "aws_vpc", "this", "")),
        ("odd", Place("", "", "odd", "")),
    ],
)
def test_terraform_place(address: str, place: Place) -> None:
    assert terraform_place(address) == place


def test_leaf() -> None:
    assert leaf("Network/Inner/Main") == "Main"
    assert leaf("Main") == "Main"


def test_labels_of() -> None:
    labels = {"net:", "envs/a:", "envs/a:b:", "envs/a (prod):"}
    assert list(labels_of("envs/a:b:aws_vpc.main", labels)) == ["envs/a:", "envs/a:b:"]
    assert list(labels_of("envs/a (prod):aws_vpc.main", labels)) == ["envs/a (prod):"]
    assert list(labels_of("network:aws_vpc.main", labels)) == []
    assert list(labels_of("aws_vpc.main", labels)) == []

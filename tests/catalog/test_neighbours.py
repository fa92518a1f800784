"""Who has something to do with the endpoints of a root, among the many that use one VPC."""

from __future__ import annotations

import pytest

from vpce_checks.catalog.neighbours import MAX_ALIKE, Neighbours, are_related
from vpce_checks.model.filters import IngressRule
from vpce_checks.model.network import Declaration, Endpoint, NetworkObject, SecurityGroup, Subnet, Vpc
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Reference, Unknown, Value

VPC = Reference("network:aws_vpc.main")


def _declared(address: str, exists: object = True) -> Declaration:
    return Declaration(address, "resource", Span("main.tf", 1), (), exists)  # type: ignore[arg-type]


def endpoint(service: str, name: str = "e", type: Value = "Interface", vpc: Value = VPC, **fields: Value) -> Endpoint:
    return Endpoint(_declared(name), vpc, f"com.amazonaws.eu-west-1.{service}", type, **fields)


def names(roots: dict[str, list[NetworkObject]], *own: NetworkObject) -> list[str]:
    return Neighbours(roots.items()).of(own)


def test_an_interface_endpoint_for_another_service_is_left_out() -> None:
    roots: dict[str, list[NetworkObject]] = {"logs": [endpoint("logs")], "kms": [endpoint("kms")]}
    assert names(roots, endpoint("logs", "own")) == ["logs"]
    assert names(roots, endpoint("logs-fips", "own")) == ["logs"]
    assert names(roots, endpoint("ssm", "own")) == []


@pytest.mark.parametrize(
    "thing",
    [
        endpoint("kms", type="Gateway"),
        endpoint("kms", type=Unknown(())),
        endpoint("kms", vpc=Unknown(())),
        endpoint("kms", private_dns=Unknown(())),
        Endpoint(_declared("e", Unknown(())), VPC, "com.amazonaws.eu-west-1.kms", "Interface"),
        Endpoint(_declared("e"), VPC, Unknown(()), "Interface"),
        Subnet(_declared("s"), VPC),
        IngressRule(_declared("r"), Reference("elsewhere:aws_security_group.g"), "tcp"),
    ],
    ids=repr,
)
def test_what_is_not_certain_or_no_interface_endpoint_counts_for_all(thing: NetworkObject) -> None:
    assert names({"other": [thing]}, endpoint("logs", "own")) == ["other"]


def test_the_groups_of_an_endpoint_count_for_it_alone() -> None:
    group = SecurityGroup(_declared("g"), VPC)
    rule = IngressRule(_declared("r"), Reference("g"), "tcp")
    assert names({"other": [endpoint("kms"), group, rule]}, endpoint("logs", "own")) == []


def test_a_root_with_a_vpc_sees_all() -> None:
    assert names({"kms": [endpoint("kms")]}, Vpc(_declared("v"))) == ["kms"]


def test_of_those_that_are_alike_the_first_are_seen_and_one_that_differs() -> None:
    roots: dict[str, list[NetworkObject]] = {f"r{at}": [endpoint("logs")] for at in range(20)}
    roots["on"] = [endpoint("logs", private_dns=True)]
    seen = names(roots, endpoint("logs", "own"))
    assert seen == [*(f"r{at}" for at in range(MAX_ALIKE + 1)), "on"]


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [("s3", "s3express", True), ("ecr.api", "ecr.dkr", False), ("logs", "kms", False), ("logs", "logs-fips", True)],
)
def test_related_services(one: str, other: str, related: bool) -> None:
    assert are_related(one, other) is related
    assert are_related(other, one) is related

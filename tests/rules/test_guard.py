"""A rule with a defect: unknown where it fails, with the place; the verdicts beside it as ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rules.networks import gateway, interface, network, policy, vpc
from vpce_checks.base.record import replace
from vpce_checks.model.network import Network
from vpce_checks.model.spans import Diagnostic
from vpce_checks.policy import Policy
from vpce_checks.rules.finding import Finding, Rule
from vpce_checks.rules.judge import judge
from vpce_checks.rules.registry import find_rule


def broken(id: str, *addresses: str) -> Rule:
    """The rule ``id``, but failing for what is at ``addresses``, in the middle of its findings."""
    rule = find_rule(id)
    assert rule is not None
    check = rule.check

    def fails(network: Network, asks: Policy) -> Iterator[Finding]:
        subjects = network.endpoints if id == "VPCE006" else network.vpcs
        for subject in subjects:
            yield from (finding for finding in check(network, asks) if finding.about is subject.declared)
            if subject.address in addresses:
                raise ValueError("a defect")

    return replace(rule, check=fails)


def judged(made: Network, rule: Rule) -> tuple[dict[str, str], list[Diagnostic]]:
    """The status by address, and what is told of."""
    told: list[Diagnostic] = []
    findings = judge([made], policy(), [rule], tell=told.append)
    return {finding.resource: finding.status for finding in findings}, told


@pytest.mark.parametrize("failing", [("aws_vpc.a",), ("aws_vpc.b",), ("aws_vpc.c",), ("aws_vpc.a", "aws_vpc.c")])
def test_costs_the_verdict_on_that_vpc_alone(failing: tuple[str, ...]) -> None:
    made = network(vpc("aws_vpc.a"), vpc("aws_vpc.b"), vpc("aws_vpc.c"), interface("ssm"))
    statuses, told = judged(made, broken("VPCE001", *failing))
    expected = {
        address: "unknown" if address in failing else "fail" for address in ("aws_vpc.a", "aws_vpc.b", "aws_vpc.c")
    }
    assert statuses == expected
    assert [item.severity for item in told] == ["error"] * len(failing)
    for item, address in zip(told, failing, strict=True):
        assert f"VPCE001 cannot judge {address}: internal error, please report it: ValueError: a defect" in item.message
        assert (item.file, item.line) == next(
            (each.declared.span.file, each.declared.span.line) for each in made.vpcs if each.address == address
        )


def test_costs_the_verdict_on_that_endpoint_alone() -> None:
    made = network(
        vpc("aws_vpc.a"),
        *(gateway("s3", f"aws_vpc_endpoint.{name}") for name in ("x", "y", "z")),
    )
    expected, _ = judged(made, broken("VPCE006"))
    assert set(expected) == {"aws_vpc_endpoint.x", "aws_vpc_endpoint.y", "aws_vpc_endpoint.z"}
    statuses, told = judged(made, broken("VPCE006", "aws_vpc_endpoint.y"))
    assert statuses == {**expected, "aws_vpc_endpoint.y": "unknown"}
    assert len(told) == 1


def test_the_only_other_vpc_keeps_its_verdict() -> None:
    statuses, _ = judged(network(vpc("aws_vpc.a"), vpc("aws_vpc.b")), broken("VPCE001", "aws_vpc.a"))
    assert statuses == {"aws_vpc.a": "unknown", "aws_vpc.b": "fail"}


def test_a_rule_that_fails_for_all_is_unknown_for_all() -> None:
    def check(network: Network, asks: Policy) -> Iterator[Finding]:
        raise KeyError("x")
        yield  # a generator, as every check is

    rule = find_rule("VPCE001")
    assert rule is not None
    statuses, told = judged(network(vpc("aws_vpc.a"), vpc("aws_vpc.b")), replace(rule, check=check))
    assert statuses == {"aws_vpc.a": "unknown", "aws_vpc.b": "unknown"}
    assert len(told) == 1


def test_other_rules_are_not_concerned() -> None:
    told: list[Diagnostic] = []
    made = network(vpc("aws_vpc.a"))
    rules = [broken("VPCE001", "aws_vpc.a"), *(rule for id in ("VPCE002",) if (rule := find_rule(id)))]
    findings = judge([made], policy(), rules, tell=told.append)
    assert {finding.rule: finding.status for finding in findings} == {"VPCE001": "unknown", "VPCE002": "fail"}

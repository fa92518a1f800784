"""A rule with a defect: unknown where it fails, with the place; the verdicts beside it as ever."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rules.networks import gateway, interface, network, policy, vpc
from vpce_checks.base.record import replace
from vpce_checks.model.network import Endpoint, Network, Vpc
from vpce_checks.model.spans import Diagnostic
from vpce_checks.policy import Policy
from vpce_checks.rules import vpce010_private_dns_conflict
from vpce_checks.rules.finding import Finding, Rule
from vpce_checks.rules.judge import MAX_FAILURES, judge
from vpce_checks.rules.registry import find_rule


def broken(id: str, *addresses: str) -> Rule:
    """The rule ``id``, but failing for what is at ``addresses``, after its findings."""
    rule = find_rule(id)
    assert rule is not None
    check = rule.check

    def fails(network: Network, subject: Vpc | Endpoint, asks: Policy) -> Iterator[Finding]:
        yield from check(network, subject, asks)
        if subject.address in addresses:
            raise ValueError("a defect")

    return replace(rule, check=fails)


def judged(made: Network, rule: Rule) -> tuple[dict[str, str], list[Diagnostic]]:
    """The status by address, and what is told of."""
    told: list[Diagnostic] = []
    findings = judge([made], policy(), [rule], report=told.append)
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
        assert (
            f"VPCE001 could not check {address}: internal error, please report it: ValueError: a defect" in item.message
        )
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
    statuses, told = judged(network(vpc("aws_vpc.a"), vpc("aws_vpc.b")), broken("VPCE001", "aws_vpc.a", "aws_vpc.b"))
    assert statuses == {"aws_vpc.a": "unknown", "aws_vpc.b": "unknown"}
    assert len(told) == 2


def test_a_rule_that_keeps_failing_is_not_asked_for_ever() -> None:
    asked: list[str] = []

    def check(network: Network, subject: Vpc, asks: Policy) -> Iterator[Finding]:
        asked.append(subject.address)
        raise KeyError("x")
        yield  # a generator, as every check is

    rule = find_rule("VPCE001")
    assert rule is not None
    addresses = [f"aws_vpc.x{number}" for number in range(MAX_FAILURES + 50)]
    statuses, told = judged(network(*map(vpc, addresses)), replace(rule, check=check))
    assert statuses == dict.fromkeys(addresses, "unknown")
    assert len(asked) == len(told) == MAX_FAILURES


def test_a_defect_in_what_endpoints_share_costs_no_endpoint_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """VPCE010 compares the endpoints of a network; where it cannot, each of them is unknown, and none is left out."""
    made = network(vpc("aws_vpc.a"), interface("ssm"), interface("logs"))

    def fails(*given: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(vpce010_private_dns_conflict, "private_dns", fails)
    statuses, told = judged(made, vpce010_private_dns_conflict.RULE)
    assert statuses == {"aws_vpc_endpoint.ssm": "unknown", "aws_vpc_endpoint.logs": "unknown"}
    assert len(told) == 2


def test_what_another_root_deploys_is_judged_there() -> None:
    made = network(vpc("aws_vpc.a"), vpc("aws_vpc.b"), foreign=frozenset({"aws_vpc.b"}))
    statuses, told = judged(made, broken("VPCE001", "aws_vpc.b"))
    assert statuses == {"aws_vpc.a": "fail"}
    assert told == []


def test_other_rules_are_not_concerned() -> None:
    told: list[Diagnostic] = []
    made = network(vpc("aws_vpc.a"))
    rules = [broken("VPCE001", "aws_vpc.a"), *(rule for id in ("VPCE002",) if (rule := find_rule(id)))]
    findings = judge([made], policy(), rules, report=told.append)
    assert {finding.rule: finding.status for finding in findings} == {"VPCE001": "unknown", "VPCE002": "fail"}

"""From several scenarios, comments in the code and a policy to one list of findings."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.rules.networks import FILE, MAIN, PACK, ROOT, S3, gateway, hidden, interface, network, policy, vpc
from tests.scenarios import scenario
from vpce_checks.model.ignores import IgnoreComment
from vpce_checks.model.network import Call, Network, Vpc
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Unknown
from vpce_checks.policy import IgnoreEntry, RuleSetting
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.judge import judge
from vpce_checks.rules.registry import all_rules

TODAY = date(2026, 11, 24)
TWO = {"A": "1 2", "B": "1 2"}


def of_s3(networks: list[Network], **fields: Any) -> Finding:
    """The one finding of VPCE001."""
    (finding,) = (f for f in judge(networks, policy(**fields), today=TODAY) if f.rule == "VPCE001")
    return finding


def deployed(choices: dict[str, str], s3: bool, **values: str) -> Network:
    """The VPC in one scenario, with or without the endpoint."""
    return network(vpc(), *([gateway()] if s3 else []), scenario=scenario(choices, **values))


class TestScenarios:
    def test_one_endpoint_in_each_of_two_scenarios_passes(self) -> None:
        choices = {"IsDev": "true false"}
        a = network(vpc(), gateway("s3", "aws_vpc_endpoint.a"), scenario=scenario(choices, IsDev="true"))
        b = network(vpc(), gateway("s3", "aws_vpc_endpoint.b"), scenario=scenario(choices, IsDev="false"))
        assert (of_s3([a, b]).status, of_s3([a, b]).when) == ("pass", ())

    def test_a_failure_names_its_scenarios(self) -> None:
        named = {"dev": False, "test": False, "prod": True}
        choices = {"Environment": "dev test prod"}
        finding = of_s3([deployed(choices, has, Environment=name) for name, has in named.items()])
        assert (finding.status, finding.when) == ("fail", ("Environment is dev or test",))

    def test_a_failure_everywhere_has_no_condition(self) -> None:
        choices = {"Environment": "dev prod"}
        finding = of_s3([deployed(choices, False, Environment=name) for name in ("dev", "prod")])
        assert (finding.status, finding.when) == ("fail", ())

    def test_a_parameter_without_influence_is_left_out(self) -> None:
        choices = {"Environment": "dev prod", "Nat": "true false"}
        networks = [
            deployed(choices, name == "prod", Environment=name, Nat=nat)
            for name in ("dev", "prod")
            for nat in ("true", "false")
        ]
        assert of_s3(networks).when == ("Environment is dev",)

    def test_two_parameters_that_matter_together(self) -> None:
        networks = [deployed(TWO, not (a == "1" and b == "1"), A=a, B=b) for a in ("1", "2") for b in ("1", "2")]
        assert of_s3(networks).when == ("A is 1", "B is 1")

    def test_scenarios_that_no_short_clause_singles_out_are_listed(self) -> None:
        networks = [deployed(TWO, a != b, A=a, B=b) for a in ("1", "2") for b in ("1", "2")]
        assert of_s3(networks).when == ("A is 1 and B is 1, or A is 2 and B is 2",)

    def test_a_failure_outweighs_doubt_and_doubt_a_pass(self) -> None:
        choices = {"E": "a b"}
        doubtful = network(vpc(), gateway(exists=hidden()), scenario=scenario(choices, E="b"))
        assert of_s3([deployed(choices, True, E="a"), doubtful]).status == "unknown"
        assert of_s3([deployed(choices, False, E="a"), doubtful]).status == "fail"

    def test_a_vpc_that_is_in_some_scenarios_only(self) -> None:
        choices = {"E": "a b"}
        finding = of_s3([deployed(choices, False, E="a"), network(scenario=scenario(choices, E="b"))])
        assert (finding.status, finding.when) == ("fail", ("E is a",))


class TestPolicy:
    def test_a_rule_that_is_off_says_nothing(self) -> None:
        found = judge([network(vpc())], policy(rules={"VPCE001": RuleSetting(off=True)}))
        assert {finding.rule for finding in found} == {"VPCE002"}

    def test_the_severity_is_the_policys(self) -> None:
        assert of_s3([network(vpc())], rules={"VPCE001": RuleSetting("low")}).severity == "low"

    def test_an_entry_ignores_up_to_its_day(self) -> None:
        def entry(until: date | None) -> IgnoreEntry:
            return IgnoreEntry("VPCE001", "aws_vpc.*", "moves in spring", until, PACK)

        for until, status in ((None, "ignored"), (TODAY, "ignored"), (date(2026, 11, 23), "fail")):
            finding = of_s3([network(vpc())], ignore=(entry(until),))
            assert finding.status == status
        ignored = of_s3([network(vpc())], ignore=(entry(None),))
        assert "moves in spring" in ignored.message
        assert ignored.fix is None

    def test_an_entry_for_another_rule_or_resource(self) -> None:
        for rule, resource in (("VPCE002", "*"), ("VPCE001", "aws_vpc.other")):
            assert of_s3([network(vpc())], ignore=(IgnoreEntry(rule, resource, "x", None, PACK),)).status == "fail"


class TestComments:
    @staticmethod
    def status(comment: IgnoreComment, *objects: Any) -> str:
        return of_s3([network(*(objects or (vpc(),)), ignores=(comment,))]).status

    def test_inside_the_block(self) -> None:
        assert self.status(IgnoreComment(FILE, 1, ("VPCE001",), "x")) == "ignored"
        assert self.status(IgnoreComment(FILE, 4, (), "every rule")) == "ignored"

    def test_elsewhere_or_for_another_rule(self) -> None:
        assert self.status(IgnoreComment(FILE, 5, ("VPCE001",), "x")) == "fail"
        assert self.status(IgnoreComment("/repo/other.tf", 2, ("VPCE001",), "x")) == "fail"
        assert self.status(IgnoreComment(FILE, 2, ("VPCE002",), "x")) == "fail"

    def test_in_the_module_call_that_leads_there(self) -> None:
        call = Call("module.net", Span("/repo/root.tf", 20, 1, 25))
        inner = Vpc(
            vpc("module.net.aws_vpc.main").declared.__class__(
                "module.net.aws_vpc.main", "aws_vpc", Span(FILE, 1), (call,)
            )
        )
        assert self.status(IgnoreComment("/repo/root.tf", 22, ("VPCE001",), "x"), inner) == "ignored"
        assert self.status(IgnoreComment("/repo/root.tf", 26, ("VPCE001",), "x"), inner) == "fail"

    def test_the_reason_is_told_and_a_pass_stays_one(self) -> None:
        finding = of_s3([network(vpc(), ignores=(IgnoreComment(FILE, 2, (), "ticket 7"),))])
        assert "ticket 7" in finding.message
        assert self.status(IgnoreComment(FILE, 2, (), "x"), vpc(), gateway()) == "pass"


def test_the_order_does_not_depend_on_the_order_of_objects() -> None:
    things = [vpc(), vpc("aws_vpc.other"), gateway(), interface("ssm")]
    asks = policy(interface="ssm ec2")
    assert [f.message for f in judge([network(*things)], asks)] == [
        f.message for f in judge([network(*reversed(things))], asks)
    ]


def test_every_finding_knows_its_root_and_explains_itself() -> None:
    found = judge([network(vpc(), gateway(), interface("ssm"))], policy(interface="ssm"))
    assert {finding.root for finding in found} == {ROOT}
    assert all(finding.why and finding.message for finding in found)


def test_the_calls_that_lead_to_a_resource_are_part_of_the_evidence() -> None:
    call = Call('module.net["prod"]', Span("/repo/root.tf", 20, 1, 25))
    declared = vpc(MAIN).declared
    inner = Vpc(declared.__class__('module.net["prod"].aws_vpc.main', "aws_vpc", declared.span, (call,)))
    finding = of_s3([network(inner)])
    assert [(step.text, step.span) for step in finding.why[:2]] == [
        ('module.net["prod"].aws_vpc.main is declared here', declared.span),
        ('through module.net["prod"], called here', call.span),
    ]


def test_only_the_given_rules_are_run() -> None:
    chosen = [rule for rule in all_rules() if rule.id == "VPCE006"]
    assert {finding.rule for finding in judge([network(vpc(), gateway())], policy(), chosen)} == {"VPCE006"}


def test_a_cause_is_told_once() -> None:
    either = Unknown(hidden().causes, None, ())
    finding = of_s3([network(vpc(), gateway(of=either, type=either, exists=either, route_tables=either))])
    assert sum(step.text == "var.hidden has no value" for step in finding.why) == 1
    assert finding.resource == MAIN
    assert any(S3 in step.text for step in finding.why)

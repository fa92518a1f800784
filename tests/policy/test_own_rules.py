"""``own_rules`` of a policy file: every mistake has its line and says what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from vpce_checks.policy import Policy, PolicyError, load_policy
from vpce_checks.policy.model import Described
from vpce_checks.policy.own_rules import is_own_id

GOOD = "own_rules:\n- {id: ORG-1, title: t, must_have: {service: kms}}\n"


def policy(directory: Path, text: str, name: str = ".vpce-checks.yaml") -> Policy:
    file = directory / name
    file.write_text(f"version: 1\n{text}")
    return load_policy(str(directory), str(file), boundary=str(directory))


def mistakes(directory: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(PolicyError) as caught:
        policy(directory, text)
    return [(item.line, item.message) for item in caught.value.diagnostics]


def test_what_a_rule_says(tmp_path: Path) -> None:
    text = """own_rules:
- id: ORG-NET-1
  title: Production VPCs
    reach KMS privately
  severity: high
  match: {tags: {env: prod}, path: envs/**}
  must_have: {service: kms, type: interface, private_dns: yes, elsewhere: true}
  why: Auditors ask for it.
  fix: Call the module net.
  url: https://wiki.example.com/net
"""
    (rule,) = policy(tmp_path, text).own_rules
    assert (rule.id, rule.title, rule.severity) == ("ORG-NET-1", "Production VPCs reach KMS privately", "high")
    assert (rule.asks, rule.endpoint, rule.elsewhere) == ("must_have", Described("kms", "Interface", True), True)
    assert rule.match is not None and rule.match.words == "path envs/** and tag env prod"
    assert (rule.why, rule.fix, rule.url) == (
        "Auditors ask for it.",
        "Call the module net.",
        "https://wiki.example.com/net",
    )
    assert rule.source.span is not None and rule.source.span.line == 3


@pytest.mark.parametrize(("elsewhere", "type"), [("true", "Interface"), ("false", None)])
def test_what_may_be_elsewhere_is_an_interface_endpoint(tmp_path: Path, elsewhere: str, type: str | None) -> None:
    text = f"own_rules:\n- {{id: ORG-1, title: t, must_have: {{service: s3, elsewhere: {elsewhere}}}}}\n"
    (rule,) = policy(tmp_path, text).own_rules
    assert rule.endpoint == Described("s3", type)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{id: VPCE020, title: t, must_have: {service: kms}}", "'VPCE020' cannot be the id of a rule: "),
        ("{id: ORG-1, title: t}", "needs either 'must_have' or 'must_not_have'"),
        (
            "{id: ORG-1, title: t, must_have: {service: kmss}}",
            "there is no endpoint service 'kmss'; did you mean 'kms'?",
        ),
        ("{id: ORG-1, title: t, must_have: {service: 'kmss*'}}", "no endpoint service matches 'kmss*'"),
        ("{id: ORG-1, title: t, must_have: {service: 'com.amazonaws.*.kms'}}", "no endpoint service matches"),
        ("{id: ORG-1, title: t, must_have: {service: kms, type: gateway}}", "there is no gateway endpoint for kms"),
        ("{id: ORG-1, title: t, must_have: {type: gateway, private_dns: true}}", "have no private DNS"),
        ("{id: ORG-1, title: t, must_have: {type: Gateway}}", "'type' must be gateway, interface, "),
        (
            "{id: ORG-1, title: t, must_have: {service: 'k*', elsewhere: true}}",
            "'elsewhere' is for the interface endpoint",
        ),
        (
            "{id: ORG-1, title: t, must_not_have: {service: kms, elsewhere: true}}",
            "'must_not_have' has no key 'elsewhere'",
        ),
        (
            "{id: ORG-1, title: t, matches: {name: a}, must_have: {service: kms}}",
            "no key 'matches'; did you mean 'match'?",
        ),
        ("{id: ORG-1, title: t, url: 'https://a) [b', must_have: {service: kms}}", "'url' must be an address"),
        (f"{{id: ORG-1, title: {'t' * 1001}, must_have: {{service: kms}}}}", "'title' is longer than 1000 characters"),
    ],
)
def test_mistakes(tmp_path: Path, entry: str, message: str) -> None:
    ((line, said),) = mistakes(tmp_path, f"own_rules:\n- {entry}\n")
    assert line == 3
    assert message in said


def test_an_id_is_declared_once(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD + GOOD.partition("\n")[2]) == [(4, "the rule ORG-1 is declared twice")]
    policy(tmp_path, GOOD, "base.yaml")
    assert mistakes(tmp_path, "extends: [base.yaml]\n" + GOOD) == [
        (4, "another file of this policy declares the rule ORG-1 too")
    ]


def test_rules_of_an_extended_file_can_be_named(tmp_path: Path) -> None:
    policy(tmp_path, GOOD, "base.yaml")
    found = policy(tmp_path, "extends: [base.yaml]\nrules: {ORG-1: off}\nignore: [{rule: ORG-1, resource: x}]\n")
    assert [rule.id for rule in found.own_rules] == ["ORG-1"]
    assert found.is_off("ORG-1")


def test_rules_that_nobody_declares_cannot(tmp_path: Path) -> None:
    text = GOOD + "rules: {ORG-2: off}\nignore:\n- {rule: NO-SUCH-RULE}\n"
    assert mistakes(tmp_path, text) == [
        (4, "this policy declares no rule ORG-2; did you mean 'ORG-1'?"),
        (6, "this policy declares no rule NO-SUCH-RULE"),
    ]


@pytest.mark.parametrize("text", ["ORG-1", "A-B-C", "ACME2-NET-001"])
def test_ids(text: str) -> None:
    assert is_own_id(text)


@pytest.mark.parametrize(
    "text", ["VPCE001", "VPCE-1", "ORG", "org-1", "ORG_1", "ORG-", "-1", "1-ORG", "O-" + "1" * 60, ""]
)
def test_no_ids(text: str) -> None:
    assert not is_own_id(text)

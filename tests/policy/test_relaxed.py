"""What a later policy asks less than an earlier one."""

from __future__ import annotations

from pathlib import Path

import pytest

from vpce_checks.policy import Policy, load_policy
from vpce_checks.policy.relaxed import relaxed
from vpce_checks.rules.registry import all_rules

SEVERITIES = {rule.id: rule.severity for rule in all_rules()}
OWN = "own_rules:\n- {id: ORG-1, title: t, must_have: {service: kms}}\n"
KMS = "required: {interface: [kms, logs]}\n"


def policy(directory: Path, text: str) -> Policy:
    file = directory / ".vpce-checks.yaml"
    file.write_text(f"version: 1\n{text}")
    return load_policy(str(directory), boundary=str(directory))


def told(directory: Path, before: str, now: str) -> list[tuple[int, str]]:
    """Line and message of each warning."""
    earlier, later = policy(directory, before), policy(directory, now)
    file = str(directory / ".vpce-checks.yaml")
    found = list(relaxed(earlier, later, SEVERITIES, file))
    assert all((item.severity, item.file) == ("warning", file) for item in found)
    return [(item.line, item.message) for item in found]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (KMS, "required: {interface: [logs]}\n", [(1, "kms needs no interface endpoint any more")]),
        ("", "required: {gateway: [s3]}\n", [(1, "dynamodb needs no gateway endpoint any more")]),
        (
            "extends: [aws-baseline, ssm-managed]\n",
            "extends: [aws-baseline]\n",
            [(1, f"{name} needs no interface endpoint any more") for name in ("ssm", "ssmmessages")],
        ),
        (KMS, KMS + "central_endpoints:\n- kms\n- ecr.api\n", [(4, "kms counts as served by a hub VPC")]),
        ("", "rules:\n  VPCE004: off\n", [(3, "VPCE004 is off")]),
        ("", "workloads: off\n", [(1, "'workloads' is off, was report")]),
        ("workloads: require\n", "", [(1, "'workloads' is report, was require")]),
        (
            "",
            "vpcs: [{match: {address: a}, workloads: off}]\n",
            [(2, "'workloads' is off in VPCs with address a, was report")],
        ),
        (
            "",
            "vpcs: [{match: {address: a}, egress: internet}]\n",
            [(2, "unknown ways out of VPCs with address a count as leading to the Internet")],
        ),
        ("", "rules:\n  VPCE004: {severity: low}\n", [(3, "VPCE004 has severity low, was high")]),
        (OWN, "", [(1, "the rule ORG-1 is not declared any more")]),
        (OWN, OWN + "rules:\n  ORG-1: off\n", [(5, "ORG-1 is off")]),
        (OWN, OWN.replace("title: t", "title: t, severity: low"), [(3, "ORG-1 has severity low, was medium")]),
        (OWN, OWN.replace("kms", "ssm"), [(3, "maybe: ORG-1 asks for something else")]),
        (OWN, OWN.replace("title: t", "title: u, why: w"), []),
        ("", OWN, []),
        ("rules: {VPCE002: {severity: high}}\n", "", [(1, "VPCE002 has severity medium, was high")]),
        (
            "",
            "ignore:\n- {rule: VPCE001, resource: aws_vpc.a, reason: soon}\n",
            [(3, "VPCE001 on aws_vpc.a is ignored: soon")],
        ),
        (
            "ignore: [{rule: VPCE001, resource: aws_vpc.a, reason: soon, until: 2999-01-01}]\n",
            "ignore: [{rule: VPCE001, resource: aws_vpc.a, reason: soon, until: 2999-01-02}]\n",
            [(2, "VPCE001 on aws_vpc.a is ignored until 2999-01-02: soon")],
        ),
        (
            "ignore: [{rule: VPCE001, resource: aws_vpc.a, reason: soon}]\n",
            'ignore: [{rule: VPCE001, resource: "aws_vpc.*", reason: soon}]\n',
            [(2, "VPCE001 on aws_vpc.* is ignored: soon")],
        ),
        (
            'ignore: [{rule: VPCE001, resource: "aws_vpc.?", reason: soon}]\n',
            'ignore: [{rule: VPCE001, resource: "aws_vpc.*", reason: soon}]\n',
            [(2, "VPCE001 on aws_vpc.* is ignored: soon")],
        ),
        (
            KMS,
            KMS + "vpcs:\n- match: {name: sandbox}\n  exempt: {kms: play}\n",
            [(4, "kms is exempt in VPCs with name sandbox: play")],
        ),
        (
            KMS,
            KMS + 'vpcs:\n- match: {tags: {Stage: "dev*"}}\n  interface: [logs]\n',
            [(4, "kms needs no interface endpoint any more in VPCs with tag Stage dev*")],
        ),
        (
            "vpcs:\n- match: {name: prod}\n  add: {interface: [kms]}\n",
            "",
            [(1, "kms needs no interface endpoint any more in VPCs with name prod")],
        ),
        (
            "vpcs:\n- match: {name: prod*}\n  add: {interface: [kms]}\n",
            "vpcs:\n- match: {name: prod-1}\n- match: {name: prod*}\n  add: {interface: [kms]}\n",
            [(3, "VPCs with name prod-1 need no kms even where name prod* asks for it")],
        ),
        (
            "vpcs:\n- match: {name: prod*}\n  add: {interface: [kms]}\n- match: {name: prod-1}\n",
            "vpcs:\n- match: {name: prod-1}\n- match: {name: prod*}\n  add: {interface: [kms]}\n",
            [(3, "VPCs with name prod-1 need no kms even where name prod* asks for it")],
        ),
        (
            "",
            "modules: {git@example.com:a/b: .}\n",
            [(2, "the code of the module git@example.com:a/b is taken from {}")],
        ),
        (
            "links: [{root: app, input: var.a, is: 'net:aws_vpc.a'}, {root: app, input: var.b, is: 'net:aws_vpc.a'}]\n",
            "links: [{root: app, input: var.a, is: 'net:aws_vpc.a'}, {root: app, input: var.b, is: 'net:aws_vpc.b'}]\n",
            [(2, "var.b of {}/app counts as aws_vpc.b")],
        ),
    ],
)
def test_less_is_told(tmp_path: Path, before: str, now: str, expected: list[tuple[int, str]]) -> None:
    assert told(tmp_path, before, now) == [(line, text.replace("{}", str(tmp_path))) for line, text in expected]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (KMS, "# words\nrequired:\n  interface: [logs, kms]\n"),
        ("", "extends: [aws-baseline]\n"),
        ("", KMS),
        ("extends: [aws-baseline, ssm-managed]\n", "required: {interface: [ssm, ssmmessages, ec2messages, logs]}\n"),
        ("rules: {VPCE004: off}\n", "rules: {VPCE004: {severity: low}}\n"),
        ("rules: {VPCE001: {severity: high}}\n", ""),
        ("", OWN + "rules: {ORG-1: off}\n"),
        ("", OWN + "rules: {ORG-1: {severity: low}}\n"),
        (OWN + "rules: {ORG-1: off}\n", ""),
        (
            "ignore: [{rule: VPCE001, resource: '*', reason: a}]\n",
            "ignore: [{rule: VPCE001, resource: a.*, reason: b}]\n",
        ),
        ("", "ignore: [{rule: VPCE001, resource: a, reason: a, until: 2020-01-01}]\n"),
        ("", "central_endpoints: [ecr.api]\n"),
        ("", "vpcs:\n- match: {name: prod}\n  add: {interface: [kms]}\n"),
        ("vpcs: [{match: {name: a}, exempt: {s3: x}}]\n", "vpcs: [{match: {name: a}, exempt: {s3: other words}}]\n"),
        (
            "vpcs: [{match: {name: a}, exempt: {s3: x}}]\n",
            "vpcs:\n- {match: {name: b}}\n- {match: {name: a}, exempt: {s3: x}}\n",
        ),
    ],
)
def test_more_or_the_same_is_not(tmp_path: Path, before: str, now: str) -> None:
    assert told(tmp_path, before, now) == []


@pytest.mark.parametrize(
    "text", ["", KMS, "extends: [mwaa, glue]\n", "rules: {VPCE001: off}\nvpcs: [{match: {path: a}}]\n"]
)
def test_the_same_policy_is_never_told(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text, text) == []

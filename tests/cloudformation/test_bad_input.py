"""Broken or hostile input ends in a diagnostic or a skip, never in a traceback or a hang."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cloudformation.templates import VPC_AND_S3, networks, verdicts, write
from vpce_checks.cloudformation.build import build_networks
from vpce_checks.cloudformation.sniff import may_be_template
from vpce_checks.cloudformation.template.options import CloudFormationOptions
from vpce_checks.cloudformation.template_set import TemplateSet
from vpce_checks.execution.scan import scan
from vpce_checks.project.options import ScanOptions


def diagnostics(directory: Path, files: dict[str, str | bytes]) -> list[tuple[str, str]]:
    return [(item.severity, item.message) for found in networks(directory, files) for item in found.diagnostics]


TRUNCATED = '{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": '
TAB = "Resources:\n\tVpc:\n\t\tType: AWS::EC2::VPC\n"
BOMB = (
    "Resources:\n  Vpc: {Type: 'AWS::EC2::VPC'}\nMetadata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 100))
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (TRUNCATED, "ends too early"),
        (TAB, "a tab cannot indent YAML"),
        (BOMB, "aliases repeat more than"),
        (b"Resources:\n  Vpc: {Type: 'AWS::EC2::VPC'}\n  \xff: 1\n", "not UTF-8"),
        ("Resources:\n  Vpc: {Type: 'AWS::EC2::VPC', Metadata: " + "[" * 5000, "nests deeper than"),
    ],
    ids=["truncated", "tab", "bomb", "bytes", "deep"],
)
def test_what_cannot_be_read_is_an_error(content: str | bytes, says: str, tmp_path: Path) -> None:
    found = diagnostics(tmp_path, {"t.yaml": content})
    assert any(severity == "error" and says in message for severity, message in found), found


@pytest.mark.parametrize(
    "content",
    [
        "- Type: AWS::EC2::VPC\n- Resources: x\n",
        "Resources: AWS::EC2::VPC\n",
        "Resources: {a: {Type: nothing}}\nx: AWS::EC2::VPC\n",
        "Resources: {}\nx: AWS::EC2::VPC\n",
        "a: {Resources: {Vpc: {Type: 'AWS::EC2::VPC'}}}\n",
        "{% if x %}\nResources: AWS::EC2::VPC\n",
        "",
        "AWS::EC2::VPC Resources",
    ],
)
def test_what_is_no_template_is_skipped(content: str, tmp_path: Path) -> None:
    write(tmp_path, {"t.yaml": content})
    assert list(TemplateSet([str(tmp_path / "t.yaml")])) == []


def test_a_huge_file_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    with open(path, "wb") as stream:
        stream.write(VPC_AND_S3.encode())
        stream.truncate(50 * 1024 * 1024)
    report = scan(ScanOptions(paths=(str(tmp_path),)))
    assert [item.message for root in report.roots for item in root.diagnostics] == [
        "not read: the file is larger than 12 MB"
    ]
    assert not report.complete


def test_a_file_that_is_gone() -> None:
    assert list(TemplateSet(["/nowhere/t.yaml"])) == []
    assert build_networks("/nowhere/t.yaml", CloudFormationOptions(), TemplateSet()) == []


def test_one_broken_file_hides_nothing(tmp_path: Path) -> None:
    found = networks(tmp_path, {"a.json": TRUNCATED, "b.yaml": VPC_AND_S3})
    assert [len(network.vpcs) for network in found] == [0, 1]


def test_names_that_name_nothing(tmp_path: Path) -> None:
    template = """
    Resources:
      Vpc: {Type: "AWS::EC2::VPC", Condition: Nothing}
      A: {Type: "AWS::EC2::VPCEndpoint", Properties: {VpcId: !Ref Nowhere, ServiceName: !GetAtt Nobody.Name}}
    """
    found = diagnostics(tmp_path, {"t.yaml": template})
    assert {message for severity, message in found if severity == "warning"} == {
        "the template declares no condition Nothing",
        "the template declares no resource or parameter Nowhere",
        "the template declares no resource Nobody",
    }


def test_a_condition_cycle(tmp_path: Path) -> None:
    template = VPC_AND_S3.replace("    Properties:", "    Condition: A\n    Properties:")
    template += "Conditions: {A: !Not [!Condition B], B: !And [!Condition C, !Condition C], C: !Condition A}\n"
    assert ("error", "the condition A depends on itself") in diagnostics(tmp_path, {"t.yaml": template})
    assert verdicts(tmp_path, template)["VPCE001", "Vpc"] == "unknown"


def test_a_long_chain_of_conditions(tmp_path: Path) -> None:
    chain = "".join(f"  C{n}: !Condition C{n + 1}\n" for n in range(3000))
    template = VPC_AND_S3.replace("    Properties:", "    Condition: C0\n    Properties:")
    assert verdicts(tmp_path, f"{template}Conditions:\n{chain}  C3000: !Equals [a, a]\n")["VPCE001", "Vpc"] == "unknown"


NESTED = """
Resources:
  Again: {{Type: "AWS::CloudFormation::Stack", Properties: {{TemplateURL: {url}}}}}
  Vpc: {{Type: "AWS::EC2::VPC"}}
"""


def test_a_stack_that_includes_itself(tmp_path: Path) -> None:
    found = diagnostics(tmp_path, {"t.yaml": NESTED.format(url="./t.yaml")})
    assert ("error", "the stack Again includes itself") in found


def test_stacks_that_include_each_other(tmp_path: Path) -> None:
    files = {"a.yaml": NESTED.format(url="b.yaml"), "b.yaml": NESTED.format(url="a.yaml")}
    found = networks(tmp_path, files)
    assert [network.root for network in found] == [str(tmp_path / "a.yaml")]
    assert [vpc.address for vpc in found[0].vpcs] == ["Vpc", "Again/Vpc"]
    assert any("includes itself" in item.message for item in found[0].diagnostics)


def test_stacks_that_multiply_are_bounded(tmp_path: Path) -> None:
    def many(url: str) -> str:
        stacks = "".join(
            f"  S{n}: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {url}}}}}\n" for n in range(12)
        )
        return f"Resources:\n{stacks}  Vpc: {{Type: 'AWS::EC2::VPC'}}\n"

    files = {f"t{n}.yaml": many(f"t{n + 1}.yaml") for n in range(11)}
    found = diagnostics(tmp_path, {**files, "t11.yaml": VPC_AND_S3})
    assert any("takes too many steps" in message for _, message in found)


def test_nothing_outside_of_the_repository_is_read(tmp_path: Path) -> None:
    inside = tmp_path / "repository"
    write(tmp_path, {"secret.yaml": VPC_AND_S3, "repository/t.yaml": NESTED.format(url="../secret.yaml")})
    os.symlink(tmp_path / "secret.yaml", inside / "linked.yaml")
    write(inside, {"l.yaml": NESTED.format(url="linked.yaml")})
    for name in ("t.yaml", "l.yaml"):
        templates = TemplateSet([str(inside / name)], str(inside))
        (network,) = build_networks(str(inside / name), CloudFormationOptions(boundary=str(inside)), templates)
        assert [vpc.address for vpc in network.vpcs] == ["Vpc"]
        assert [item.source for item in network.opaque_modules] == ["AWS::CloudFormation::Stack"]


def test_a_loop_that_explodes(tmp_path: Path) -> None:
    loop: object = {"R${A0}": {"Type": "AWS::EC2::VPC"}}
    for depth in range(8):
        loop = {f"Fn::ForEach::L{depth}": [f"A{depth}", [str(n) for n in range(20)], loop]}
    text = json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": loop})
    assert any("too many steps" in message for _, message in diagnostics(tmp_path, {"t.json": text}))


@pytest.mark.parametrize("type", ["String", "Number", "Nonsense", "List<Number>"])
@pytest.mark.parametrize(
    "more", ["AllowedValues: x", "MinValue: x", "Default: [a]", "MaxLength: {a: b}", "AllowedPattern: '('"]
)
def test_strange_parameters(type: str, more: str, tmp_path: Path) -> None:
    template = f"Parameters:\n  X:\n    Type: {type}\n    {more}\n" + VPC_AND_S3.replace("vpc", "!Ref X")
    assert verdicts(tmp_path, template)["VPCE001", "Vpc"] == "pass"


@pytest.mark.parametrize(
    "section",
    [
        "Parameters: []",
        "Parameters: {X: []}",
        "Conditions: x",
        "Conditions: {X: [a]}",
        "Mappings: [a]",
        "Rules: {R: x}",
        "Rules: {R: {Assertions: x}}",
        "Rules: {R: {Assertions: [{Assert: x}]}}",
        "Outputs: x",
        "Outputs: {X: {Value: !GetAtt x, Export: x}}",
        "Metadata: x",
        "Metadata: {vpce-checks: x}",
        "Metadata: {vpce-checks: {ignore: {a: b}}}",
        "Metadata: {checkov: {skip: x}}",
        "Transform: {a: b}",
        "Globals: x",
    ],
)
def test_strange_sections(section: str, tmp_path: Path) -> None:
    assert verdicts(tmp_path, f"{section}\n{VPC_AND_S3}")["VPCE001", "Vpc"] == "pass"


@pytest.mark.parametrize(
    "resource",
    [
        "[]",
        "{Type: [a]}",
        "{Type: 'AWS::EC2::VPCEndpoint'}",
        "{Type: 'AWS::EC2::VPCEndpoint', Properties: x}",
        "{Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcId: [a], ServiceName: {a: b}, RouteTableIds: {a: b}}}",
        "{Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcId: 1, DnsOptions: [x], PrivateDnsEnabled: perhaps}}",
        "{Type: 'AWS::EC2::VPC', Properties: {Tags: x, EnableDnsSupport: {a: b}}}",
        "{Type: 'AWS::EC2::VPC', Condition: [a], Metadata: x}",
        "{Type: 'AWS::Route53::RecordSetGroup', Properties: {RecordSets: x}}",
        "{Type: 'AWS::Route53::RecordSet', Properties: {AliasTarget: x, ResourceRecords: {a: b}}}",
        "{Type: 'AWS::Route53::HostedZone', Properties: {VPCs: [x, [y]]}}",
        "{Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: [x], Parameters: x}}",
        "{Type: 'AWS::CloudFormation::Stack'}",
        "{Type: 'AWS::Serverless::Application', Properties: {Location: {a: b}}}",
        "{Type: 'AWS::Serverless::Api', Properties: {Domain: {Route53: {VpcEndpointDomainName: x}}}}",
        "{Type: 'A::B::C::MODULE', Properties: {a: b}}",
        "{Type: 'AWS::EC2::Route', Properties: {GatewayId: {a: b}}}",
    ],
)
def test_strange_resources(resource: str, tmp_path: Path) -> None:
    assert verdicts(tmp_path, f"{VPC_AND_S3}  Strange: {resource}\n")["VPCE001", "Vpc"] == "pass"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("p.json", "[1, 2]", "no parameters"),
        ("p.json", "{", "not valid JSON"),
        ("p.json", '"x"', "no parameters"),
        ("samconfig.toml", "a = [", "not valid TOML"),
    ],
)
def test_parameter_files_that_hold_none(name: str, content: str, says: str, tmp_path: Path) -> None:
    template = "Parameters: {X: {Type: String}}\n" + VPC_AND_S3
    write(tmp_path, {name: content})
    (network,) = networks(tmp_path, {"t.yaml": template}, parameters=(str(tmp_path / name),))
    assert any(item.severity == "error" and says in item.message for item in network.diagnostics), network.diagnostics


def test_a_value_that_is_not_allowed_is_told_of(tmp_path: Path) -> None:
    write(tmp_path, {"p.json": '{"X": "c"}'})
    template = "Parameters: {X: {Type: String, AllowedValues: [a, b]}}\n" + VPC_AND_S3
    (network,) = networks(tmp_path, {"t.yaml": template}, parameters=(str(tmp_path / "p.json"),))
    assert [item.message for item in network.diagnostics] == ["'c' is not an allowed value of the parameter X"]


@pytest.mark.parametrize(("text", "answer"), [(VPC_AND_S3, True), (TRUNCATED, True), ("openapi: 3.0.0\n", False)])
def test_cheap_look_is_never_wrong_about_a_template(tmp_path: Path, text: str, answer: bool) -> None:
    (tmp_path / "t").write_text(text)
    assert may_be_template(str(tmp_path / "t"), str(tmp_path / "t")) is answer


RULED = """Parameters:
  Env: {Type: String, Default: dev}
  S3: {Type: String, AllowedValues: ['yes', 'no']}
Rules:
  Prod:
    RuleCondition: !Equals [!Ref Env, prod]
    Assertions: [{Assert: !Equals [!Ref S3, 'yes'], AssertDescription: prod needs S3}]
"""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('{"Env": "prod", "S3": "no"}', ["the rule Prod refuses what p.json sets for Env and S3: prod needs S3"]),
        ('{"Env": "prod", "S3": "yes"}', []),
        ('{"Env": "dev", "S3": "no"}', []),
        ('{"Env": "prod"}', []),
        ('{"Env": "prod", "S3": "${S3}"}', []),
        ('{"S3": "no"}', []),
        ('{"Other": "no"}', []),
    ],
)
def test_a_rule_that_refuses_what_a_file_sets(
    given: str, says: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"p.json": given})
    for network in networks(tmp_path, {"t.yaml": RULED + VPC_AND_S3}, parameters=(str(tmp_path / "p.json"),)):
        assert [item.message for item in network.diagnostics] == says
        assert [item.line for item in network.diagnostics] == [5 for _ in says]


def test_a_rule_that_cannot_be_evaluated_for_what_a_file_sets(tmp_path: Path) -> None:
    """It looks up what the mapping does not have, which CloudFormation refuses too."""
    write(tmp_path, {"p.json": '{"Env": "dev"}'})
    mapped = RULED.replace("!Equals [!Ref S3, 'yes']", "!Equals [!FindInMap [M, !Ref Env, k], a]")
    mapped = mapped.replace("    RuleCondition: !Equals [!Ref Env, prod]\n", "") + "Mappings: {M: {prod: {k: a}}}\n"
    (network,) = networks(tmp_path, {"t.yaml": mapped + VPC_AND_S3}, parameters=(str(tmp_path / "p.json"),))
    assert [item for item in network.diagnostics if item.is_defect] == []

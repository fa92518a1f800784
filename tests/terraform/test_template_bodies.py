"""The CloudFormation templates that stacks in Terraform deploy."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.terragrunt.repository import report_of, verdicts, write
from vpce_checks.project.languages import TemplateBodies

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
VPC = "Resources: {Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}}"
WITH_S3 = (
    "Parameters: {Region: {Type: String, Default: eu-west-1}, On: {Type: String, Default: 'no'}}\n"
    "Conditions: {IsOn: !Equals [!Ref On, 'yes']}\n"
    "Resources:\n"
    "  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n"
    "  S3: {Type: 'AWS::EC2::VPCEndpoint', Condition: IsOn, Properties: {VpcId: !Ref Vpc,"
    " ServiceName: !Join ['.', [com.amazonaws, !Ref Region, s3]]}}\n"
    "Outputs: {Vpc: {Value: !Ref Vpc}, Gateway: {Condition: IsOn, Value: !Ref S3}}\n"
)


def stack(body: str, more: str = "", name: str = "net", type: str = "aws_cloudformation_stack") -> str:
    return f'resource "{type}" "{name}" {{\n  name = "{name}"\n  template_body = {body}\n{more}}}\n'


def heredoc(text: str) -> str:
    return f"<<EOT\n{text}\nEOT"


def report(top: Path, code: str, files: dict[str, str] | None = None, *arguments: str) -> dict[str, Any]:
    return report_of(write(top, {"main.tf": PROVIDER + code, **(files or {})}), *arguments)


def unread(report: dict[str, Any]) -> set[str]:
    return {each["resource"] for each in report["results"] if each["rule"] == "VPCE011"}


S3_OF = ".::aws_cloudformation_stack.net/Vpc"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("", "fail"),
        ('  parameters = { On = "yes" }\n', "pass"),
        ('  parameters = { On = "no" }\n', "fail"),
        ("  parameters = { On = var.on }\n", "unknown"),
        ("  parameters = var.all\n", "unknown"),
        ('  parameters = merge({ On = "yes" }, var.all)\n', "unknown"),
        ("  parameters = { On = null }\n", "unknown"),
    ],
)
def test_parameters(tmp_path: Path, parameters: str, expected: str) -> None:
    code = 'variable "on" {\n  type = string\n}\nvariable "all" {\n  type = map(string)\n}\n'
    found = report(tmp_path, code + stack(heredoc(WITH_S3), parameters))
    assert verdicts(found) == {S3_OF: expected}
    assert unread(found) == set()


@pytest.mark.parametrize(
    "body",
    [
        "var.body",
        '"${var.body}Resources: {}"',
        heredoc("Resources: {Vpc: {Type: 'AWS::EC2::VPC'"),
        heredoc("Resources: {Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: {{ cidr }}}}}"),
        'file("none.yaml")',
        heredoc("Resources: []"),
    ],
)
def test_a_text_that_is_not_known_or_no_template(tmp_path: Path, body: str) -> None:
    found = report(tmp_path, 'variable "body" {\n  type = string\n}\n' + stack(body))
    assert verdicts(found) == {}
    assert unread(found) == ({"aws_cloudformation_stack.net"} if "[]" not in body else set())


NETLESS = """{
    Resources = { Topic = { Type = "AWS::SNS::Topic", Properties = { TopicName = aws_vpc.own.id, Tags = var.body } } MORE }
  }"""


@pytest.mark.parametrize("encode", ["yamlencode", "jsonencode"])
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", "fail"),
        (', Vm = { Type = "AWS::EC2::Instance", Properties = var.body }', "fail"),
        (', Gw = { Type = "AWS::EC2::VPCEndpoint", Properties = var.body }', "unknown"),
        (', Sg = { Type = "AWS::EC2::SecurityGroup" }', "fail"),
        (', Sub = { Type = "AWS::CloudFormation::Stack" }', "unknown"),
        (', Own = { Type = "Custom::Own" }', "unknown"),
        (", Any = { Type = var.body }", "unknown"),
        (", Any = var.body", "unknown"),
        (', (var.body) = { Type = "AWS::SNS::Topic" }', "unknown"),
        (', "Fn::ForEach::X" = ["X", [var.body], {}]', "unknown"),
        ('}, Transform = ["Own"], Conditions = {', "unknown"),
        ('}, Transform = "AWS::Serverless-2016-10-31", Conditions = {', "fail"),
        ("}, Modules = {", "unknown"),
    ],
)
def test_a_template_whose_types_are_known_hides_nothing(tmp_path: Path, encode: str, more: str, expected: str) -> None:
    code = 'variable "body" {\n  type = string\n}\nresource "aws_vpc" "own" {\n  cidr_block = "10.9.0.0/16"\n}\n'
    found = report(tmp_path, code + stack(f"{encode}({NETLESS.replace('MORE', more)})"))
    assert verdicts(found) == {".::aws_vpc.own": expected}
    assert unread(found) == ({"aws_cloudformation_stack.net"} if expected == "unknown" else set())


def test_what_is_sensitive_is_not_read(tmp_path: Path) -> None:
    code = 'variable "all" {\n  type = map(string)\n  sensitive = true\n  default = { On = "yes" }\n}\n'
    found = report(tmp_path, code + stack(heredoc(WITH_S3), "  parameters = var.all\n"))
    assert verdicts(found) == {S3_OF: "unknown"}
    found = report(tmp_path, stack(f'sensitive("{VPC}")'))
    assert verdicts(found) == {}


SET = "aws_cloudformation_stack_set"
INSTANCE = (
    'resource "aws_cloudformation_stack_set_instance" "i" {\n  stack_set_name = aws_cloudformation_stack_set.net.NAME\n'
)
OF_SET = ".::aws_cloudformation_stack_set.net/Vpc"


def instance(more: str = "", name: str = "name", label: str = "i") -> str:
    return INSTANCE.replace("NAME", name).replace('"i"', f'"{label}"') + more + "}\n"


@pytest.mark.parametrize(
    ("parameters", "instances", "expected"),
    [
        ("", instance(), "fail"),
        ("", instance(name="id"), "fail"),
        ('  parameters = { On = "yes" }\n', instance(), "pass"),
        ('  parameters = { On = "yes" }\n', instance('  parameter_overrides = { On = "no" }\n'), "fail"),
        ("", instance('  parameter_overrides = { On = "yes" }\n'), "pass"),
        ('  parameters = { On = "yes" }\n', instance("  parameter_overrides = var.all\n"), "unknown"),
        (
            '  parameters = { On = "yes" }\n',
            instance('  parameter_overrides = { On = "no" }\n') + instance(label="j"),
            "unknown",
        ),
        (
            '  parameters = { On = "no" }\n',
            instance('  parameter_overrides = { On = "no" }\n') + instance(label="j"),
            "fail",
        ),
        ("", "", "unknown"),
        ("", instance("  count = var.number\n"), "unknown"),
        ("", instance(name="other").replace("aws_cloudformation_stack_set.net.other", '"other"'), "unknown"),
        ("", instance('  regions = ["eu-west-1"]\n').replace("_set_instance", "_instances"), "fail"),
        ("  count = 0\n", "", None),
    ],
)
def test_the_template_of_a_stack_set(tmp_path: Path, parameters: str, instances: str, expected: str | None) -> None:
    """It is deployed as its instances say. Without one, it may not be."""
    variables = 'variable "all" {\n  type = map(string)\n}\nvariable "number" {\n  type = number\n}\n'
    found = report(tmp_path, variables + stack(heredoc(WITH_S3), parameters, type=SET) + instances)
    assert verdicts(found) == ({OF_SET: expected} if expected else {})
    assert unread(found) == set()


@pytest.mark.parametrize(
    ("of_other", "why"),
    [
        ('  parameter_overrides = { On = "yes" }\n', "the instances set this parameter to several values"),
        ("", "an instance sets this parameter, and another one does not"),
    ],
)
def test_why_a_parameter_of_a_stack_set_is_not_known(tmp_path: Path, of_other: str, why: str) -> None:
    both = instance('  parameter_overrides = { On = "no" }\n') + instance(of_other, label="j")
    found = report(tmp_path, stack(heredoc(WITH_S3), type=SET) + both)
    (row,) = [each for each in found["results"] if each["rule"] == "VPCE001"]
    assert any(why in each for each in row["why"])


@pytest.mark.parametrize(
    ("instances", "region"),
    [
        (instance(), "eu-west-1"),
        (instance('  region = "us-east-1"\n'), "us-east-1"),
        (instance('  stack_set_instance_region = "us-east-1"\n'), "us-east-1"),
        (instance('  region = "us-east-1"\n') + instance(label="j"), None),
        (instance('  regions = ["us-east-1"]\n').replace("_set_instance", "_instances"), "us-east-1"),
        (instance('  regions = ["us-east-1", "eu-west-1"]\n').replace("_set_instance", "_instances"), None),
    ],
)
def test_the_region_of_a_stack_set(tmp_path: Path, instances: str, region: str | None) -> None:
    (row,) = report(tmp_path, stack(heredoc(VPC), type=SET) + instances)["vpcs"]
    assert row["region"] == region


def test_a_stack_set_whose_template_is_not_read(tmp_path: Path) -> None:
    code = 'variable "body" {\n  type = string\n}\nresource "aws_vpc" "own" {\n  cidr_block = "10.9.0.0/16"\n}\n'
    overrides = instance("  parameter_overrides = { V = aws_vpc.own.id }\n")
    found = report(tmp_path, code + stack("var.body", type=SET) + overrides)
    assert (verdicts(found), unread(found)) == ({".::aws_vpc.own": "unknown"}, {f"{SET}.net"})


IN_GIVEN_VPC = """Parameters: {V: {Type: String}}
Resources:
  S3: {Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcId: !Ref V, ServiceName: !Sub "com.amazonaws.$${AWS::Region}.s3"}}
"""


@pytest.mark.parametrize(
    ("parameters", "overrides", "expected"),
    [
        ("  parameters = { V = aws_vpc.own.id }\n", "", "pass"),
        ("", "  parameter_overrides = { V = aws_vpc.own.id }\n", "pass"),
        ('  parameters = { V = "vpc-1" }\n', "", "fail"),
    ],
)
def test_a_stack_set_that_gets_a_vpc(tmp_path: Path, parameters: str, overrides: str, expected: str) -> None:
    code = 'resource "aws_vpc" "own" {\n  cidr_block = "10.9.0.0/16"\n}\n'
    found = report(tmp_path, code + stack(heredoc(IN_GIVEN_VPC), parameters, type=SET) + instance(overrides))
    assert (verdicts(found), unread(found)) == ({".::aws_vpc.own": expected}, set())


@pytest.mark.parametrize("kind", ["export", "tag"])
def test_what_a_stack_set_creates_for_other_roots(tmp_path: Path, kind: str) -> None:
    """It is in accounts that the code does not show, so that a join is possible only."""
    body = heredoc(
        "Resources: {Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: Name, Value: core}]}}}\n"
        "Outputs: {V: {Value: !Ref Vpc, Export: {Name: core}}}"
    )
    reads = 'data "aws_cloudformation_export" "v" {\n  name = "core"\n}\n', "data.aws_cloudformation_export.v.value"
    if kind == "tag":
        reads = 'data "aws_vpc" "v" {\n  tags = { Name = "core" }\n}\n', "data.aws_vpc.v.id"
    endpoint = f'resource "aws_vpc_endpoint" "s3" {{\n  vpc_id = {reads[1]}\n  service_name = "com.amazonaws.eu-west-1.s3"\n}}\n'
    found = report(
        tmp_path,
        "",
        {"net/main.tf": PROVIDER + stack(body, type=SET) + instance(), "ep/main.tf": PROVIDER + reads[0] + endpoint},
    )
    assert verdicts(found) == {OF_SET.replace(".::", "net::"): "unknown"}


def test_a_stack_set_that_imports(tmp_path: Path) -> None:
    body = heredoc(
        "Resources: {S3: {Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcId: !ImportValue core, ServiceName: com.amazonaws.eu-west-1.s3}}}"
    )
    net = VPC + "\nOutputs: {V: {Value: !Ref Vpc, Export: {Name: core}}}\n"
    found = report(tmp_path, stack(body, type=SET) + instance(), {"net.yaml": net})
    assert verdicts(found) == {"net.yaml::Vpc": "unknown"}


def test_a_stack_set_of_a_template_that_is_a_root(tmp_path: Path) -> None:
    found = report(tmp_path, stack('file("net.yaml")', type=SET) + instance(), {"net.yaml": VPC})
    assert verdicts(found) == {"net.yaml::Vpc": "fail"}
    assert unread(found) == {f"{SET}.net"}


def test_instances_in_modules(tmp_path: Path) -> None:
    code = 'module "m" {\n  source = "./m"\n  for_each = toset(["a", "b"])\n  on = each.key == "a" ? "yes" : "no"\n}\n'
    module = 'variable "on" {}\n' + stack(heredoc(WITH_S3), "  count = 1\n  parameters = { On = var.on }\n")
    assert verdicts(report(tmp_path, code, {"m/main.tf": module})) == {
        '.::module.m["a"].aws_cloudformation_stack.net[0]/Vpc': "pass",
        '.::module.m["b"].aws_cloudformation_stack.net[0]/Vpc': "fail",
    }


def test_a_stack_that_is_not_there(tmp_path: Path) -> None:
    assert verdicts(report(tmp_path, stack(heredoc(VPC), "  count = 0\n"))) == {}


def test_a_stack_that_may_not_be_there(tmp_path: Path) -> None:
    code = 'variable "on" {\n  type = bool\n}\n' + stack(heredoc(VPC), "  count = var.on ? 1 : 0\n")
    (row,) = report(tmp_path, code)["vpcs"]
    assert row["address"] == "aws_cloudformation_stack.net[0]/Vpc"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('aws_cloudformation_stack.net.outputs["Vpc"]', "pass"),
        ("aws_cloudformation_stack.net.outputs.Vpc", "pass"),
        ('lookup(aws_cloudformation_stack.net.outputs, "Vpc", "vpc-1")', "pass"),
        ('lookup(aws_cloudformation_stack.net.outputs, "Other", "vpc-1")', "fail"),
        ('try(aws_cloudformation_stack.net.outputs.Gateway, "vpc-1")', "fail"),
    ],
)
def test_outputs(tmp_path: Path, expression: str, expected: str) -> None:
    endpoint = f'resource "aws_vpc_endpoint" "s3" {{\n  vpc_id = {expression}\n  service_name = "com.amazonaws.eu-west-1.s3"\n}}\n'
    found = report(tmp_path, stack(heredoc(WITH_S3)) + endpoint)
    assert verdicts(found) == {S3_OF: expected}


def test_parameters_that_depend_on_the_outputs(tmp_path: Path) -> None:
    more = "  parameters = { On = aws_cloudformation_stack.net.outputs.Vpc }\n"
    assert verdicts(report(tmp_path, stack(heredoc(WITH_S3), more)))[S3_OF] == "unknown"


def test_the_template_as_a_file_that_is_no_root(tmp_path: Path) -> None:
    text = VPC.replace("Resources: ", "# our network\nResources: ")
    found = report(tmp_path, stack('file("${path.module}/net.cfn")'), {"net.cfn": text})
    assert verdicts(found) == {S3_OF: "fail"}
    (row,) = found["vpcs"]
    assert (row["file"], row["line"]) == ("net.cfn", 2)


def test_the_template_as_a_file_that_is_a_root(tmp_path: Path) -> None:
    """It is judged there, with what its outputs lead to. A template with the same text counts as well."""
    endpoint = 'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = aws_cloudformation_stack.net.outputs.Vpc\n  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
    text = f"{VPC}\nOutputs: {{Vpc: {{Value: !Ref Vpc}}}}\n"
    for body in ('file("net.yaml")', f"<<EOT\n{text}EOT"):
        found = report(tmp_path, stack(body) + endpoint, {"net.yaml": text})
        assert verdicts(found) == {"net.yaml::Vpc": "unknown"}  # nothing says that it is not deployed a second time
        assert unread(found) == {"aws_cloudformation_stack.net"}


def test_what_a_root_without_a_vpc_creates_is_seen(tmp_path: Path) -> None:
    """What it adds to a VPC of Terraform counts there. It is judged in the template, and not twice."""
    code = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
    given = "  parameters = { Vpc = aws_vpc.main.id }\n"
    head = "Parameters: {Vpc: {Type: 'AWS::EC2::VPC::Id'}}\nResources:\n"
    group = "  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: x, VpcId: !Ref Vpc}}\n"
    service = "ServiceName: com.amazonaws.eu-west-1.s3"
    endpoint = f"  S3: {{Type: 'AWS::EC2::VPCEndpoint', Properties: {{VpcId: !Ref Vpc, {service}}}}}\n"
    custom = "  Other: {Type: 'Custom::Other', Properties: {ServiceToken: x, Vpc: !Ref Vpc}}\n"
    for resources, status in ((group, "fail"), (group + endpoint, "pass"), (group + custom, "unknown")):
        found = report(tmp_path, code + stack('file("net.yaml")', given), {"net.yaml": head + resources})
        assert verdicts(found)[".::aws_vpc.main"] == status
        judged = {each["root"]: each["resource"] for each in found["results"] if each["rule"] == "VPCE007"}
        assert judged == ({"net.yaml": "S3"} if resources == group + endpoint else {})
        assert unread(found) == ({"Other"} if status == "unknown" else set())


GIVEN = """
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  %s
}
resource "aws_route_table" "a" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table" "b" {
  vpc_id = aws_vpc.main.id
}
resource "aws_subnet" "b" {
  vpc_id = aws_vpc.main.id
}
resource "aws_route_table_association" "b" {
  subnet_id      = aws_subnet.b.id
  route_table_id = aws_route_table.b.id
}
"""
HANDED = """
Parameters: {Vpc: {Type: String}, Table: {Type: String}}
Resources:
  Narrow: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: x, VpcId: !Ref Vpc,
    SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 192.168.0.0/16}]}}
  Shut: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: x, VpcId: !Ref Vpc}}
  S3: {Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcId: !Ref Vpc, RouteTableIds: [!Ref Table], ServiceName: com.amazonaws.us-east-1.s3}}
  Kms: {Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcId: !Ref Vpc, VpcEndpointType: Interface, PrivateDnsEnabled: true,
    SubnetIds: [subnet-1], SecurityGroupIds: [!Ref Narrow], ServiceName: !Sub 'com.amazonaws.${AWS::Region}.kms'}}
  Sqs: {Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcId: !Ref Vpc, VpcEndpointType: Interface,
    SecurityGroupIds: [!Ref Shut], ServiceName: !Sub 'com.amazonaws.${AWS::Region}.sqs'}}
"""


@pytest.mark.parametrize("dns", ["", "enable_dns_hostnames = true"])
def test_what_only_the_given_vpc_decides_is_judged_where_it_is_known(tmp_path: Path, dns: str) -> None:
    given = "  parameters = { Vpc = aws_vpc.main.id, Table = aws_route_table.a.id }\n"
    found = report(tmp_path, GIVEN % dns + stack('file("net.yaml")', given), {"net.yaml": HANDED})
    failed = {(each["root"], each["rule"], each["resource"]) for each in found["results"] if each["status"] == "fail"}
    there = {("net.yaml", rule, "Sqs") for rule in ("VPCE004", "VPCE013", "VPCE015")}
    here = {("VPCE007", "S3"), ("VPCE008", "S3"), ("VPCE013", "Kms"), *([] if dns else [("VPCE005", "Kms")])}
    elsewhere = {(".", rule, f"aws_cloudformation_stack.net/{name}") for rule, name in here}
    assert {each for each in failed if "aws_vpc" not in each[2]} == there | elsewhere


def test_a_template_without_outputs_is_a_root_as_well(tmp_path: Path) -> None:
    """It is judged once, there."""
    found = report(tmp_path, stack('file("net.yaml")'), {"net.yaml": VPC})
    assert verdicts(found) == {"net.yaml::Vpc": "fail"}
    assert [each["address"] for each in found["vpcs"]] == ["Vpc"]
    assert unread(found) == {"aws_cloudformation_stack.net"}


@pytest.mark.parametrize(("outputs", "expected"), [("", "fail"), ("\nOutputs: {Id: {Value: !Ref Vpc}}\n", "unknown")])
def test_nobody_reads_outputs_of_a_template_that_has_none(tmp_path: Path, outputs: str, expected: str) -> None:
    code = (
        'variable "stack" {}\ndata "aws_cloudformation_stack" "net" {\n  name = var.stack\n}\n'
        'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = data.aws_cloudformation_stack.net.outputs.Id\n'
        '  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
    )
    found = report(tmp_path, code, {"net.yaml": VPC + outputs})
    assert verdicts(found) == {"net.yaml::Vpc": expected}


SHARED = """\
Resources:
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: Name, Value: main}]}}
  Table: {Type: 'AWS::EC2::RouteTable', Properties: {VpcId: !Ref Vpc}}
  Stored: {Type: 'AWS::SSM::Parameter', Properties: {Name: /net/vpc, Type: String, Value: !Ref Vpc}}
Outputs:
  Id: {Value: !Ref Vpc, Export: {Name: net-vpc}}
  Table: {Value: !Ref Table, Export: {Name: net-table}}
"""
SHARED_VPC = "net::aws_cloudformation_stack.net/Vpc"
OTHER = """\
Resources:
  S3:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: VPC, ServiceName: com.amazonaws.eu-west-1.s3, RouteTableIds: [!ImportValue net-table]}
"""


def endpoint(data: str, vpc: str) -> str:
    made = f'resource "aws_vpc_endpoint" "s3" {{\n  vpc_id = {vpc}\n  service_name = "com.amazonaws.eu-west-1.s3"\n}}\n'
    return f"{PROVIDER}{data}\n{made}"


BY_OUTPUT = endpoint(
    'data "aws_cloudformation_stack" "net" {\n  name = "net"\n}', 'data.aws_cloudformation_stack.net.outputs["Id"]'
)
BY_PARAMETER = endpoint('data "aws_ssm_parameter" "net" {\n  name = "/net/vpc"\n}', "data.aws_ssm_parameter.net.value")
BY_EXPORT = endpoint(
    'data "aws_cloudformation_export" "net" {\n  name = "net-vpc"\n}', "data.aws_cloudformation_export.net.value"
)
BY_TAG = endpoint('data "aws_vpc" "net" {\n  tags = { Name = "main" }\n}', "data.aws_vpc.net.id")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("app.yaml", OTHER.replace("VPC,", "!ImportValue net-vpc,"), "pass"),
        ("app.yaml", OTHER.replace("VPC,", "'{{resolve:ssm:/net/vpc}}',"), "pass"),
        ("app/main.tf", PROVIDER + stack(heredoc(OTHER.replace("VPC,", "!ImportValue net-vpc,")), name="app"), "pass"),
        ("app/main.tf", BY_OUTPUT, "pass"),
        ("app/main.tf", BY_PARAMETER, "pass"),
        ("app/main.tf", BY_EXPORT, "pass"),
        ("app/main.tf", BY_TAG, "unknown"),  # which account is meant is not said
        ("app/main.tf", BY_TAG.replace('"main"', '"other"'), "fail"),
        ("app/main.tf", BY_EXPORT.replace("net-vpc", "other-vpc"), "fail"),
        ("app/main.tf", BY_OUTPUT.replace('"net"\n', '"dns"\n'), "fail"),
        ("app/main.tf", BY_OUTPUT.replace("eu-west-1", "us-east-1"), "fail"),
    ],
)
@pytest.mark.parametrize("unit", [False, True])
def test_what_other_roots_find_of_it(tmp_path: Path, name: str, text: str, expected: str, unit: bool) -> None:
    """An output, an export, a stored parameter, a tag: of a stack in a root module, or in the module of a unit."""
    net = PROVIDER + stack(heredoc(SHARED))
    files = {"net/main.tf": net, name: text}
    if unit:
        files = {"modules/net/main.tf": net, "net/terragrunt.hcl": 'terraform {\n  source = "../modules//net"\n}\n'} | {
            name: text
        }
    found = report_of(write(tmp_path, files))
    assert verdicts(found)[SHARED_VPC] == expected


@pytest.mark.parametrize(("used", "expected"), [("!ImportValue net-vpc", "pass"), ("!ImportValue other-vpc", "fail")])
def test_what_it_imports_of_other_roots(tmp_path: Path, used: str, expected: str) -> None:
    """A stack takes what a template that is a root exports."""
    code = PROVIDER + stack(heredoc(OTHER.replace("VPC,", f"{used},")), name="app")
    found = report_of(write(tmp_path, {"net.yaml": SHARED, "app/main.tf": code}))
    assert verdicts(found) == {"net.yaml::Vpc": expected}


CONDITIONAL = "Parameters: {On: {Type: String}}\nConditions: {IsOn: !Equals [!Ref On, 'yes']}\n" + SHARED.replace(
    "Stored: {", "Stored: {Condition: IsOn, "
).replace("Id: {", "Id: {Condition: IsOn, ")


@pytest.mark.parametrize(
    ("name", "text", "without"),
    [
        ("app.yaml", OTHER.replace("VPC,", "!ImportValue net-vpc,"), "fail"),
        ("app/main.tf", BY_OUTPUT, "unknown"),  # it is that stack, which has no such output
        ("app/main.tf", BY_PARAMETER, "fail"),
        ("app/main.tf", BY_EXPORT, "fail"),
    ],
)
@pytest.mark.parametrize("on", ["yes", "no"])
def test_what_a_condition_takes_away_is_found_by_nobody(
    tmp_path: Path, name: str, text: str, without: str, on: str
) -> None:
    net = PROVIDER + stack(heredoc(CONDITIONAL), f'  parameters = {{ On = "{on}" }}\n')
    found = report_of(write(tmp_path, {"net/main.tf": net, name: text}))
    assert verdicts(found) == {SHARED_VPC: "pass" if on == "yes" else without}


@pytest.mark.parametrize(("on", "expected"), [("var.names", "unknown"), ('"S3,Dynamo"', "pass"), ('"Dynamo"', "fail")])
def test_outputs_that_a_template_makes_by_names_that_are_not_known(tmp_path: Path, on: str, expected: str) -> None:
    more = "  Fn::ForEach::More: [Name, !Ref Names, {'$${Name}On': {Value: 'true'}}]\n"
    text = "Transform: AWS::LanguageExtensions\nParameters: {Names: {Type: CommaDelimitedList}}\n" + SHARED + more
    net = PROVIDER + stack(heredoc(text), f"  parameters = {{ Names = {on} }}\n")
    read = 'data "aws_cloudformation_stack" "net" {\n  name = "net"\n}\nresource "aws_vpc" "main" {}\n'
    code = endpoint(read, "aws_vpc.main.id").replace(
        'aws_vpc_endpoint" "s3" {\n',
        'aws_vpc_endpoint" "s3" {\n  count = try(tobool(data.aws_cloudformation_stack.net.outputs.S3On), false) ? 1 : 0\n',
    )
    found = report_of(write(tmp_path, {"net/main.tf": 'variable "names" {}\n' + net, "app/main.tf": code}))
    assert verdicts(found)["app::aws_vpc.main"] == expected


@pytest.mark.parametrize(
    "count",
    [
        'contains(keys(data.aws_cloudformation_stack.net.outputs), "Id") ? 0 : 1',
        'try(data.aws_cloudformation_stack.net.outputs["Id"], null) == null ? 1 : 0',
        "length(data.aws_cloudformation_stack.net.outputs) - 1",
    ],
)
@pytest.mark.parametrize("is_root", [False, True])
def test_whether_there_is_an_output_may_not_be_known(tmp_path: Path, count: str, is_root: bool) -> None:
    read = 'data "aws_cloudformation_stack" "net" {\n  name = "net"\n}\nresource "aws_vpc" "main" {}\n'
    code = endpoint(read, "aws_vpc.main.id").replace('"s3" {\n', f'"s3" {{\n  count = {count}\n')
    net = (
        ""
        if is_root
        else 'variable "on" {}\n' + PROVIDER + stack(heredoc(CONDITIONAL), "  parameters = { On = var.on }\n")
    )
    files = {"net.yaml": CONDITIONAL} if is_root else {"net/main.tf": net}
    found = report_of(write(tmp_path, {**files, "app/main.tf": code}))
    assert verdicts(found)["app::aws_vpc.main"] == "unknown"


@pytest.mark.parametrize("read", [BY_OUTPUT, BY_EXPORT, BY_PARAMETER])
def test_a_sensitive_value_is_shared_with_nobody(tmp_path: Path, read: str) -> None:
    name = "com.amazonaws.eu-west-1.0secret0"
    text = "Parameters: {Name: {Type: String, NoEcho: true}}\n" + SHARED.replace("Value: !Ref Vpc", "Value: !Ref Name")
    net = PROVIDER + stack(heredoc(text), f'  parameters = {{ Name = "{name}" }}\n')
    value = re.findall(r"vpc_id = (.*)", read)[0]
    code = read.replace(value, '"vpc-0123456789abcdef0"').replace('"com.amazonaws.eu-west-1.s3"', value)
    found = report_of(write(tmp_path, {"net/main.tf": net, "app/main.tf": code}))
    assert [each["address"] for each in found["endpoints"]] == ["aws_vpc_endpoint.s3"]
    assert "0secret0" not in json.dumps(found)


@pytest.mark.parametrize(("on", "expected"), [("yes", "unknown"), ("no", "fail")])
def test_an_object_that_a_condition_takes_away_is_not_looked_up(tmp_path: Path, on: str, expected: str) -> None:
    text = CONDITIONAL.replace(", Tags: [{Key: Name, Value: main}]", "").replace(
        "Outputs:",
        "  Tagged: {Type: 'AWS::EC2::VPC', Condition: IsOn, Properties: {CidrBlock: 10.1.0.0/16, Tags: [{Key: Name, Value: main}]}}\n"
        "Outputs:",
    )
    net = PROVIDER + stack(heredoc(text), f'  parameters = {{ On = "{on}" }}\n')
    found = report_of(write(tmp_path, {"net/main.tf": net, "app/main.tf": BY_TAG}))
    tagged = {SHARED_VPC.replace("Vpc", "Tagged"): expected} if on == "yes" else {}
    assert verdicts(found) == {SHARED_VPC: "fail", **tagged}


def test_two_stacks_of_one_name_in_two_regions(tmp_path: Path) -> None:
    code = PROVIDER + stack(heredoc(SHARED))
    other = code.replace("eu-west-1", "us-east-1")
    found = report_of(write(tmp_path, {"net/main.tf": code, "far/main.tf": other, "app/main.tf": BY_OUTPUT}))
    assert verdicts(found) == {SHARED_VPC: "pass", SHARED_VPC.replace("net::", "far::"): "fail"}


def test_places_in_the_code(tmp_path: Path) -> None:
    found = report(tmp_path, stack(heredoc(VPC)))
    (row,) = found["vpcs"]
    assert (row["file"], row["line"], row["region"]) == ("main.tf", 6, "eu-west-1")
    (result,) = (each for each in found["results"] if each["rule"] == "VPCE001")
    assert "Type: AWS::EC2::VPCEndpoint" in result["fix"]
    ignored = stack(heredoc(VPC), "  # vpce-checks:ignore VPCE001 no calls\n")
    assert verdicts(report(tmp_path, ignored)) == {S3_OF: "ignored"}


def test_what_a_template_hides(tmp_path: Path) -> None:
    text = f"Transform: Company\n{VPC}"
    found = report(tmp_path, stack(heredoc(text)))
    assert verdicts(found) == {S3_OF: "unknown"}
    assert unread(found) == {"aws_cloudformation_stack.net/Company"}
    nested = "Resources: {Network: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://s3.amazonaws.com/b/x'}}}"
    assert unread(report(tmp_path, stack(heredoc(nested)))) == {"aws_cloudformation_stack.net/Network"}


def test_a_template_reads_nothing_outside_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(VPC)
    nested = "Resources: {Network: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ../outside.yaml}}}"
    top = tmp_path / "repository"
    top.mkdir()
    found = report(top, stack(heredoc(nested)))
    assert verdicts(found) == {}
    assert unread(found) == {"aws_cloudformation_stack.net/Network"}


def test_a_law_of_hiding(tmp_path: Path) -> None:
    """What is certain with a parameter is certain or unknown without its value."""
    for text in (WITH_S3, WITH_S3.replace("IsOn: !Equals", "IsOn: !Not [!Equals").replace("'yes']}", "'yes']]}")):
        for value in ('"yes"', '"no"'):
            known = verdicts(report(tmp_path, stack(heredoc(text), f"  parameters = {{ On = {value} }}\n")))
            code = 'variable "on" {\n  type = string\n}\n'
            hidden = verdicts(report(tmp_path, code + stack(heredoc(text), "  parameters = { On = var.on }\n")))
            assert known[S3_OF] in ("pass", "fail")
            assert hidden[S3_OF] == "unknown"


def test_the_reader_has_one_name_in_every_process() -> None:
    assert repr(pickle.loads(pickle.dumps(TemplateBodies()))) == repr(TemplateBodies())


def test_a_template_imports_what_a_stack_set_exports(tmp_path: Path) -> None:
    body = heredoc(f"{VPC}\nOutputs: {{V: {{Value: !Ref Vpc, Export: {{Name: core}}}}}}")
    endpoint = "Resources: {S3: {Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcId: !ImportValue core, ServiceName: com.amazonaws.eu-west-1.s3}}}"
    found = report(tmp_path, stack(body, type=SET) + instance(), {"ep.yaml": endpoint})
    assert verdicts(found) == {OF_SET: "unknown"}

"""Exports, stored parameters, outputs of stacks and look-ups, within a language and from one to the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.estate.estates import (
    NETWORK,
    PROVIDER,
    TEMPLATE,
    endpoint,
    export,
    importer,
    report,
    template_endpoint,
    verdicts,
    why,
)
from vpce_checks.terraform.config.stores import STORE_TYPES

CORE = "net:aws_vpc.core"
VPC = "net.yaml:Vpc"
STORED = (
    'resource "aws_ssm_parameter" "vpc" {\n  name  = "/net/vpc"\n  type  = "String"\n  value = aws_vpc.core.id\n}\n'
)
READ = 'data "aws_ssm_parameter" "vpc" {\n  name = "/net/vpc"\n}\n'
ENV = "Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}\n"


@pytest.mark.parametrize(
    ("read", "vpc", "status"),
    [
        (READ, "data.aws_ssm_parameter.vpc.value", "pass"),
        (READ, "nonsensitive(data.aws_ssm_parameter.vpc.insecure_value)", "pass"),
        (READ.replace("/net/vpc", "/app/vpc"), "data.aws_ssm_parameter.vpc.value", "fail"),
        (
            READ.replace("aws_", "awscc_").replace("name", "id"),
            "data.awscc_ssm_parameter.vpc.value",
            "pass",
        ),
        (
            'variable "e" {}\n' + READ.replace("/net/vpc", "/${var.e}/vpc"),
            "data.aws_ssm_parameter.vpc.value",
            "unknown",
        ),
        ('variable "e" {}\n' + READ.replace("/net/vpc", "/${var.e}/id"), "data.aws_ssm_parameter.vpc.value", "fail"),
    ],
)
def test_a_stored_parameter(tmp_path: Path, read: str, vpc: str, status: str) -> None:
    for stored in (STORED, STORED.replace('"aws_', '"awscc_')):
        found = report(tmp_path, {"net/main.tf": NETWORK + stored, "ep/main.tf": read + endpoint(vpc)})
        assert verdicts(found) == {CORE: status}


@pytest.mark.parametrize(("path", "status"), [("/net", "unknown"), ("/net/", "unknown"), ("/app", "fail")])
@pytest.mark.parametrize("vpc", ["%s.values[0]", 'zipmap(%s.names, %s.values)["/net/vpc"]'])
def test_parameters_by_their_path(tmp_path: Path, path: str, status: str, vpc: str) -> None:
    read = f'data "aws_ssm_parameters_by_path" "net" {{\n  path = "{path}"\n}}\n'
    code = endpoint(vpc.replace("%s", "data.aws_ssm_parameters_by_path.net"))
    assert verdicts(report(tmp_path, {"net/main.tf": NETWORK + STORED, "ep/main.tf": read + code})) == {CORE: status}


def test_a_parameter_of_another_region(tmp_path: Path) -> None:
    elsewhere = (READ + endpoint("data.aws_ssm_parameter.vpc.value")).replace("eu-west-1", "us-east-1")
    assert verdicts(report(tmp_path, {"net/main.tf": NETWORK + STORED, "ep/main.tf": elsewhere})) == {CORE: "fail"}


def test_a_list_of_ids_that_is_stored(tmp_path: Path) -> None:
    tables = (
        'resource "aws_ssm_parameter" "tables" {\n  name  = "/net/tables"\n  type  = "StringList"\n'
        '  value = join(",", [aws_route_table.private.id])\n}\n'
    )
    read = READ + 'data "aws_ssm_parameter" "tables" {\n  name = "/net/tables"\n}\n'
    code = endpoint("data.aws_ssm_parameter.vpc.value").replace(
        '["rtb-0123456789abcdef0"]', 'split(",", data.aws_ssm_parameter.tables.value)'
    )
    found = report(tmp_path, {"net/main.tf": NETWORK + STORED + tables, "ep/main.tf": read + code})
    assert verdicts(found, "VPCE007") == {"ep:aws_vpc_endpoint.s3": "pass"}


@pytest.mark.parametrize(
    "template",
    [
        importer('"{{resolve:ssm:/net/vpc}}"'),
        importer(
            "!Ref V", 'Parameters: {V: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>", Default: /net/vpc}}\n'
        ),
    ],
)
def test_a_template_reads_what_terraform_stores(tmp_path: Path, template: str) -> None:
    found = report(tmp_path, {"net/main.tf": NETWORK + STORED, "ep.yaml": template})
    assert verdicts(found) == {CORE: "pass"}


STORES = "  P: {Type: AWS::SSM::Parameter, Properties: {Name: /net/vpc, Type: String, Value: !Ref Vpc}}\n"
UNSET = importer("!Ref V", 'Parameters: {V: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>"}}\n')


@pytest.mark.parametrize(
    ("files", "vpc"),
    [
        ({"net/main.tf": NETWORK + STORED, "ep.yaml": UNSET}, CORE),
        ({"net.yaml": TEMPLATE + STORES, "ep.yaml": UNSET}, VPC),
        (
            {
                "net/main.tf": 'variable "stage" {}\n' + NETWORK + STORED.replace("/net/vpc", "/${var.stage}/vpc"),
                "ep.yaml": importer('"{{resolve:ssm:/net/vpc}}"'),
            },
            CORE,
        ),
    ],
)
def test_a_template_may_read_a_stored_parameter(tmp_path: Path, files: dict[str, str], vpc: str) -> None:
    """Neither is the value certain, nor may the resource go without one."""
    assert verdicts(report(tmp_path, files)) == {vpc: "unknown"}


@pytest.mark.parametrize(
    ("outputs", "read", "vpc", "status"),
    [
        ("  P: {Type: AWS::SSM::Parameter, Properties: {Name: /net/vpc, Type: String, Value: !Ref Vpc}}\n", READ,
         "data.aws_ssm_parameter.vpc.value", "pass"),
        (export("core-vpc"), 'data "aws_cloudformation_export" "v" {\n  name = "core-vpc"\n}\n',
         "data.aws_cloudformation_export.v.value", "pass"),
        (export("core-vpc"), 'data "aws_cloudformation_export" "v" {\n  name = "app-vpc"\n}\n',
         "data.aws_cloudformation_export.v.value", "fail"),
        ("Outputs: {Id: {Value: !Ref Vpc}}\n", 'data "aws_cloudformation_stack" "v" {\n  name = "net"\n}\n',
         'data.aws_cloudformation_stack.v.outputs["Id"]', "unknown"),
    ],
)  # fmt: skip
def test_terraform_reads_what_a_template_shares(tmp_path: Path, outputs: str, read: str, vpc: str, status: str) -> None:
    found = report(tmp_path, {"net.yaml": TEMPLATE + outputs, "ep/main.tf": read + endpoint(vpc)})
    assert verdicts(found) == {VPC: status}


@pytest.mark.parametrize(
    ("outputs", "read", "vpc"),
    [
        (
            "  P: {Type: AWS::SSM::Parameter, Condition: IsOn, Properties: {Name: /net/vpc, Type: String, Value: !Ref Vpc}}\n",
            READ,
            "data.aws_ssm_parameter.vpc.value",
        ),
        (
            "Outputs: {Vpc: {Condition: IsOn, Value: !Ref Vpc, Export: {Name: core-vpc}}}\n",
            'data "aws_cloudformation_export" "v" {\n  name = "core-vpc"\n}\n',
            "data.aws_cloudformation_export.v.value",
        ),
    ],
)
@pytest.mark.parametrize("on", ["yes", "no"])
def test_terraform_reads_nothing_that_a_condition_takes_away(
    tmp_path: Path, outputs: str, read: str, vpc: str, on: str
) -> None:
    """Then the value comes from elsewhere, where the same template may be deployed with another value."""
    head = "Parameters: {On: {Type: String}}\nConditions: {IsOn: !Equals [!Ref On, 'yes']}\n"
    files = {
        "net.yaml": head + TEMPLATE + outputs,
        "on.json": json.dumps([{"ParameterKey": "On", "ParameterValue": on}]),
        ".vpce-checks.yaml": "version: 1\nroots: {net.yaml: {parameters: [on.json]}}\n",
        "ep/main.tf": read + endpoint(vpc),
    }
    assert verdicts(report(tmp_path, files)) == {VPC: "pass" if on == "yes" else "fail"}


@pytest.mark.parametrize(
    ("net", "imported", "status"),
    [
        (TEMPLATE + export('!Sub "${AWS::StackName}-vpc"'), "!ImportValue prod-vpc", "pass"),
        (ENV + TEMPLATE + export('!Sub "${Env}-vpc"'), "!ImportValue prod-vpc", "fail"),
        (ENV + TEMPLATE + export('!Sub "${Env}-vpc"'), "!ImportValue test-vpc", "fail"),
        ("Parameters: {Env: {Type: String, Default: dev}}\n" + TEMPLATE + export('!Sub "${Env}-vpc"'),
         "!ImportValue dev-vpc", "pass"),
        (TEMPLATE + export("core-vpc"), "!ImportValue app-vpc", "fail"),
    ],
)  # fmt: skip
def test_names_of_exports_in_each_scenario(tmp_path: Path, net: str, imported: str, status: str) -> None:
    assert verdicts(report(tmp_path, {"net.yaml": net, "ep.yaml": importer(imported)})) == {VPC: status}


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("", '!Sub "${AWS::StackName}Name"'),
        ("Parameters: {P: {Type: String, AllowedPattern: '[a-z]+'}}\n", '!Sub "${P}Name"'),
        ("Parameters: {P: {Type: String, MaxLength: 1}}\n", '!Sub "${P}Name"'),
    ],
)
@pytest.mark.parametrize("is_parameter", [False, True])
def test_a_name_that_the_parameter_refuses_is_another_one(
    tmp_path: Path, head: str, name: str, is_parameter: bool
) -> None:
    """What a template uses and no other one can share comes from elsewhere. It is no reason to refuse the template."""
    parameter = f"  P: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Name: {name}, Value: x}}}}\n"
    used = '"{{resolve:ssm:net:12Name}}"' if is_parameter else '!ImportValue "net:12Name"'
    net = f"{head}{TEMPLATE}{parameter if is_parameter else ''}{'' if is_parameter else export(name)}"
    own = (
        "Resources:\n  Own: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.9.0.0/16}}\n"
        f"  Table: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: {used}}}}}\n"
    )
    found = verdicts(report(tmp_path, {"net.yaml": net, "own.yaml": own}))
    assert "fail" in {status for resource, status in found.items() if "Own" in str(resource)}


@pytest.mark.parametrize(
    ("end", "default", "status"),
    [
        ("vpc", "", "unknown"),
        ("app", "", "fail"),
        ("vpc", ", Default: core", "pass"),
        ("vpc", ", Default: app", "fail"),
    ],
)
def test_a_partly_known_name_of_a_known_export(tmp_path: Path, end: str, default: str, status: str) -> None:
    """Whoever deploys the importer may mean an export elsewhere."""
    head = f"Parameters: {{Net: {{Type: String{default}}}}}\n"
    ep = importer(f'{{"Fn::ImportValue": !Sub "${{Net}}-{end}"}}', head)
    assert verdicts(report(tmp_path, {"net.yaml": TEMPLATE + export("core-vpc"), "ep.yaml": ep})) == {VPC: status}


def test_a_failure_names_its_scenario(tmp_path: Path) -> None:
    net = ENV + TEMPLATE + export('!Sub "${Env}-vpc"')
    found = report(tmp_path, {"net.yaml": net, "ep.yaml": importer("!ImportValue prod-vpc")})
    (message,) = [each["message"] for each in found["results"] if each["rule"] == "VPCE001"]
    assert "when Env is dev" in message


def test_both_deployments_of_one_template(tmp_path: Path) -> None:
    """Each import means another stack, so neither deployment lacks its endpoint."""
    both = importer("!ImportValue dev-vpc") + template_endpoint("!ImportValue prod-vpc", "S3OfProd")
    net = ENV + TEMPLATE + export('!Sub "${Env}-vpc"')
    assert verdicts(report(tmp_path, {"net.yaml": net, "ep.yaml": both})) == {VPC: "pass"}


@pytest.mark.parametrize(
    ("imported", "status"),
    [
        ('{"Fn::ImportValue": !Sub "${Env}-vpc"}', "unknown"),
        ('{"Fn::ImportValue": !Sub "${Env}-lab"}', "fail"),
        ("!If [Prod, !ImportValue prod-vpc, !ImportValue shared-vpc]", "fail"),
    ],
)
def test_a_template_that_is_deployed_once_for_each_value(tmp_path: Path, imported: str, status: str) -> None:
    """The stack of the other value may be deployed as well, and then its endpoint is in this VPC."""
    net = ENV + TEMPLATE + export('!Sub "${Env}-vpc"')
    conditions = "Conditions: {Prod: !Equals [!Ref Env, prod]}\n"
    found = report(tmp_path, {"net.yaml": net, "ep.yaml": ENV + conditions + importer(imported)})
    assert verdicts(found) == {VPC: status}


@pytest.mark.parametrize(
    "value", ["!If [New, !Ref Vpc, vpc-12345678]", "!FindInMap [Nets, !Ref Flag, Vpc]", "!GetAtt Other.VpcId"]
)
def test_a_template_deployed_for_each_value_that_imports_what_may_be_the_vpc(tmp_path: Path, value: str) -> None:
    net = (
        "Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}, Flag: {Type: 'AWS::SSM::Parameter::Value<String>'}}\n"
        "Conditions: {New: !Equals [!Ref Flag, 'yes']}\n"
        + TEMPLATE
        + "  Other: {Type: 'Custom::Other', Properties: {ServiceToken: x}}\n"
        + f"Outputs: {{Vpc: {{Value: {value}, Export: {{Name: !Sub '${{Env}}-vpc'}}}}}}\n"
    )
    found = report(tmp_path, {"net.yaml": net, "ep.yaml": ENV + importer('{"Fn::ImportValue": !Sub "${Env}-vpc"}')})
    assert verdicts(found) == {VPC: "unknown"}


@pytest.mark.parametrize(
    "output",
    [
        '{"Fn::GetStackOutput": {StackName: net, OutputName: %s}}',
        "!GetStackOutput {StackName: net, OutputName: %s}",
    ],
)
def test_an_output_of_a_stack_by_its_name(tmp_path: Path, output: str) -> None:
    net = TEMPLATE + "Outputs: {Id: {Value: !Ref Vpc}}\n"
    assert verdicts(report(tmp_path, {"net.yaml": net, "ep.yaml": importer(output % "Id")})) == {VPC: "unknown"}
    assert verdicts(report(tmp_path, {"net.yaml": net, "ep.yaml": importer(output % "Other")})) == {VPC: "fail"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('file("${path.module}/../net.yaml")', "unknown"),
        ('jsonencode({ Resources = { Topic = { Type = "AWS::SNS::Topic" } } })', "fail"),
    ],
)
def test_the_outputs_of_a_template_that_terraform_deploys(tmp_path: Path, body: str, status: str) -> None:
    net = TEMPLATE + "Outputs: {Id: {Value: !Ref Vpc}}\n"
    stack = f'resource "aws_cloudformation_stack" "net" {{\n  name          = "n"\n  template_body = {body}\n}}\n'
    code = stack + endpoint('aws_cloudformation_stack.net.outputs["Id"]')
    assert verdicts(report(tmp_path, {"net.yaml": net, "ep/main.tf": code})) == {VPC: status}


def test_stacks_of_an_assembly_in_two_accounts(tmp_path: Path) -> None:
    def artifact(file: str, account: str) -> dict[str, object]:
        properties = {"templateFile": file, "stackName": file}
        return {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{account}/eu-west-1",
            "properties": properties,
        }

    files = {f"{name}{n}.template.json": "" for name in ("net", "ep") for n in (1, 2)}
    manifest = {"version": "1", "artifacts": {file: artifact(file, f"11111111111{file[-15]}") for file in files}}
    vpc = {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}
    outputs = {"V": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "core-vpc"}}}
    s3 = {"VpcId": {"Fn::ImportValue": "core-vpc"}, "ServiceName": "com.amazonaws.eu-west-1.s3", "RouteTableIds": ["r"]}
    for file in files:
        body = {"Resources": vpc, "Outputs": outputs} if file.startswith("net") else None
        files[file] = json.dumps(body or {"Resources": {"S3": {"Type": "AWS::EC2::VPCEndpoint", "Properties": s3}}})
    files["ep2.template.json"] = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    found = report(tmp_path, {"manifest.json": json.dumps(manifest), **files})
    assert verdicts(found) == {"net1.template.json:Vpc": "pass", "net2.template.json:Vpc": "fail"}


@pytest.mark.parametrize(
    ("search", "status"),
    [
        ('tags = { Name = "core" }', "unknown"),
        ('filter {\n    name   = "tag:Name"\n    values = ["core"]\n  }', "unknown"),
        ('cidr_block = "10.0.0.0/16"', "unknown"),
        ('tags = { Name = "app" }', "fail"),
        ('cidr_block = "10.9.0.0/16"', "fail"),
        ('tags = { Name = "core" }\n  cidr_block = "10.9.0.0/16"', "fail"),
        ('tags = { Name = "${var.name}e" }', "fail"),
        ('tags = { Name = "cor${var.name}" }', "unknown"),
        ('tags = { Name = "app${var.name}" }', "fail"),
        ('filter {\n    name   = "tag:Name"\n    values = ["cor?"]\n  }', "unknown"),
        ('filter {\n    name   = "tag:Name"\n    values = ["*score", "*app*"]\n  }', "fail"),
    ],
)
def test_a_look_up_may_find_what_another_root_creates(tmp_path: Path, search: str, status: str) -> None:
    data = f'variable "name" {{}}\ndata "aws_vpc" "found" {{\n  {search}\n}}\n'
    found = report(tmp_path, {"net/main.tf": NETWORK, "ep/main.tf": data + endpoint("data.aws_vpc.found.id")})
    assert verdicts(found) == {CORE: status}
    if status == "unknown":
        assert "data.aws_vpc.found may be aws_vpc.core of net (net/main.tf:5)" in why(found, "aws_vpc.core")


@pytest.mark.parametrize("tags", ["", '\n  tags = { Stage = "dev" }'])
def test_a_vpc_without_a_name_is_found_by_its_addresses(tmp_path: Path, tags: str) -> None:
    network = NETWORK.replace('\n  tags       = { Name = "core" }', tags)
    data = 'data "aws_vpc" "found" {\n  cidr_block = "10.0.0.0/16"\n}\n'
    found = report(tmp_path, {"net/main.tf": network, "ep/main.tf": data + endpoint("data.aws_vpc.found.id")})
    assert verdicts(found) == {CORE: "unknown"}


GUARDED = """
resource "aws_security_group" "endpoints" {
  NAME
  vpc_id = aws_vpc.core.id
}
resource "aws_subnet" "private" {
  vpc_id     = aws_vpc.core.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_vpc_endpoint" "kms" {
  vpc_id             = aws_vpc.core.id
  service_name       = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type  = "Interface"
  subnet_ids         = [aws_subnet.private.id]
  security_group_ids = [aws_security_group.endpoints.id]
}
"""
LET_IN = """
resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = GROUP
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "10.0.0.0/16"
}
"""
ONE, ALL = "data.aws_security_group.found.id", "data.aws_security_groups.found.ids[0]"


def _filtered(name: str) -> str:
    return f'filter {{\n    name   = "group-name"\n    values = ["{name}"]\n  }}'


@pytest.mark.parametrize(
    ("name", "search", "group", "status"),
    [
        ('name = "calls"', 'name = "calls"', ONE, "unknown"),
        ('name = "calls"', 'vpc_id = "vpc-0123456789abcdef0"\n  name = "calls"', ONE, "unknown"),
        ('name = "calls"', _filtered("calls"), ALL, "unknown"),
        ('name = "calls"', _filtered("cal*"), ALL, "unknown"),
        ('name_prefix = "calls-"', _filtered("calls*"), ALL, "unknown"),
        ("", _filtered("terraform-*"), ALL, "unknown"),
        ('name_prefix = ["calls-"]', _filtered("calls*"), ALL, "fail"),  # Terraform refuses it
        ('tags = { Name = "calls" }', 'tags = { Name = "calls" }', ONE, "unknown"),
        ('name = "calls"', 'name = "web"', ONE, "fail"),
        ('name_prefix = "calls-"', _filtered("web*"), ALL, "fail"),
        ('name_prefix = "calls-"', 'name = "web"', ONE, "fail"),
        ('name = "calls"', 'id = "sg-0123456789abcdef0"', ONE, "fail"),
        ('name = "calls"', 'vpc_id = data.aws_vpc.core.id\n  name = "calls"', ONE, "unknown"),
        ('name = "calls"', 'vpc_id = data.aws_vpc.core.id\n  name = "web"', ONE, "fail"),
    ],
)
def test_a_security_group_that_another_root_finds(
    tmp_path: Path, name: str, search: str, group: str, status: str
) -> None:
    data = f'data "{group.split(".")[1]}" "found" {{\n  {search}\n}}\n'
    data += 'data "aws_vpc" "core" {\n  tags = { Name = "core" }\n}\n' if "aws_vpc" in search else ""
    net, app = NETWORK + GUARDED.replace("NAME", name), PROVIDER + data + LET_IN.replace("GROUP", group)
    found = report(tmp_path, {"net/main.tf": net, "app/main.tf": app})
    assert verdicts(found, "VPCE013") == {"net:aws_vpc_endpoint.kms": status}


def test_workloads_of_another_template_call_from_the_subnets_of_this_one(tmp_path: Path) -> None:
    network = TEMPLATE + (
        "  Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}\n"
        "Outputs: {Private: {Value: !Ref Private, Export: {Name: private}}}\n"
    )
    app = """Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      ContainerDefinitions: [{Name: app, Image: !Sub "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app:1"}]
  App:
    Type: AWS::ECS::Service
    Properties:
      LaunchType: FARGATE
      TaskDefinition: !Ref Task
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!ImportValue private]}}
"""
    found = report(tmp_path, {"net.yaml": network, "app.yaml": app})
    assert verdicts(found, "VPCE017") == {"net.yaml:app.yaml:App": "fail"}
    assert (
        verdicts(
            report(tmp_path, {"net.yaml": network, "app.yaml": app.replace("!ImportValue ", "subnet-")}), "VPCE017"
        )
        == {}
    )


@pytest.mark.parametrize(
    ("net", "search", "vpc", "status"),
    [
        (
            'provider "aws" {\n  default_tags {\n    tags = { Network = "core" }\n  }\n}\n'
            'resource "aws_vpc" "a" {\n  cidr_block = "10.0.0.0/16"\n}\n',
            'Network = "core"',
            "aws_vpc.a",
            "unknown",
        ),
        (
            'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.1.0"\n  name    = "core"\n'
            '  cidr    = "10.0.0.0/16"\n}\n',
            'Name = "core"',
            "module.vpc.aws_vpc.this[0]",
            "unknown",
        ),
        (
            'variable "env" {}\nresource "aws_vpc" "a" {\n  cidr_block = "10.0.0.0/16"\n'
            '  tags       = { Name = "${var.env}-net" }\n}\n',
            'Name = "${var.name}-net"',
            "aws_vpc.a",
            "unknown",
        ),
    ],
)
def test_a_look_up_by_tags_that_are_not_written_at_the_vpc(
    tmp_path: Path, net: str, search: str, vpc: str, status: str
) -> None:
    data = f'variable "name" {{}}\ndata "aws_vpc" "found" {{\n  tags = {{ {search} }}\n}}\n'
    found = report(tmp_path, {"net/main.tf": net, "ep/main.tf": data + endpoint("data.aws_vpc.found.id")})
    assert verdicts(found) == {f"net:{vpc}": status}


def test_many_importers_and_a_ring_of_imports(tmp_path: Path) -> None:
    files = {
        f"t{n}.yaml": TEMPLATE.replace("Vpc:", f"Vpc{n}:", 1)
        + template_endpoint(f"!ImportValue vpc-{(n + 1) % 30}")
        + f"Outputs: {{V: {{Value: !Ref Vpc{n}, Export: {{Name: vpc-{n}}}}}}}\n"
        for n in range(30)
    }
    assert set(verdicts(report(tmp_path, files)).values()) == {"pass"}


# -- regions and accounts ---------------------------------------------------------------------------------------------


def provider(region: str = "eu-west-1", more: str = "") -> str:
    return f'provider "aws" {{\n  region = "{region}"\n  {more}\n}}\n'


def role(account: str) -> str:
    return f'assume_role {{\n    role_arn = "arn:aws:iam::{account}:role/deploy"\n  }}'


ONE, OTHER = "111111111111", "222222222222"


@pytest.mark.parametrize(
    ("written", "read", "status"),
    [
        (role(ONE), role(OTHER), "fail"),
        (role(ONE), role(ONE).replace("deploy", "read"), "pass"),
        (f'allowed_account_ids = ["{ONE}"]', role(OTHER), "fail"),
        (f'allowed_account_ids = ["{ONE}"]', f'allowed_account_ids = ["{ONE}", "{OTHER}"]', "unknown"),
        (role(ONE).replace("assume_role", "assume_role_with_web_identity"), role(OTHER), "fail"),
        ('profile = "net"', 'profile = "app"', "unknown"),
        ('profile = "net"', 'profile = "net"', "pass"),
        ('profile = "net"', role(ONE), "unknown"),
        ("", role(ONE), "unknown"),
        ("", "", "pass"),
        (role("${var.account}"), role("${var.account}"), "unknown"),  # a variable of each root
        ('profile = "net"', "profile = var.account", "unknown"),
        ('shared_credentials_files = ["/a"]', 'shared_credentials_files = ["/b"]', "unknown"),
        (role(ONE), role(ONE) + role(OTHER).replace("assume_role", "assume_role_with_web_identity"), "pass"),
        (role(ONE), role("${local.accounts[var.account]}"), "unknown"),
        (
            role(ONE),
            f'dynamic "assume_role" {{\n    for_each = var.account == "" ? [] : ["{OTHER}"]\n    content {{\n'
            '      role_arn = "arn:aws:iam::${assume_role.value}:role/r"\n    }\n  }',
            "unknown",
        ),
        (role("333333333333"), role("${local.accounts[var.account]}"), "fail"),
    ],
)
def test_a_parameter_of_another_account(tmp_path: Path, written: str, read: str, status: str) -> None:
    accounts = f'locals {{\n  accounts = {{ one = "{ONE}", other = "{OTHER}" }}\n}}\n'
    variable = 'variable "account" {}\n' + accounts
    net = (NETWORK + STORED).replace(provider().replace("  \n", ""), "") + provider(more=written) + variable
    code = endpoint("data.aws_ssm_parameter.vpc.value").replace(provider().replace("  \n", ""), "")
    files = {"net/main.tf": net, "ep/main.tf": READ + code + provider(more=read) + variable}
    assert verdicts(report(tmp_path, files)) == {CORE: status}


@pytest.mark.parametrize(
    ("name", "status"),
    [
        (f"arn:aws:ssm:eu-west-1:{ONE}:parameter/net/vpc", "pass"),
        (f"arn:aws:ssm:eu-west-1:{ONE}:parameter/net/vpc:3", "pass"),
        (f"arn:aws:ssm:eu-west-1:{OTHER}:parameter/net/vpc", "fail"),
        (f"arn:aws:ssm:us-east-1:{ONE}:parameter/net/vpc", "fail"),
        (f"arn:aws:ssm:eu-west-1:{ONE}:parameter/app/vpc", "fail"),
        ("arn:aws:ssm:eu-west-1:${var.account}:parameter/net/vpc", "pass"),
    ],
)
def test_a_parameter_by_its_arn(tmp_path: Path, name: str, status: str) -> None:
    """It is in the region and the account that the ARN names, whatever the provider of the reader says."""
    net = (NETWORK + STORED).replace(provider().replace("  \n", ""), "") + provider(more=role(ONE))
    read = f'data "aws_ssm_parameter" "vpc" {{\n  name = "{name}"\n}}\nvariable "account" {{}}\n'
    code = endpoint("data.aws_ssm_parameter.vpc.value").replace(provider().replace("  \n", ""), "")
    files = {"net/main.tf": net, "ep/main.tf": read + code + provider(more=role(OTHER))}
    assert verdicts(report(tmp_path, files)) == {CORE: status}
    template = importer(f'"{{{{resolve:ssm:{name.replace("${var.account}", OTHER)}}}}}"')
    if "var.account" not in name:
        assert verdicts(report(tmp_path / "mixed", {"net/main.tf": net, "ep.yaml": template})) == {CORE: status}


def test_the_arn_of_a_parameter_without_a_path(tmp_path: Path) -> None:
    """``parameter/vpc`` is the ARN of ``vpc`` and of ``/vpc``."""
    net = (NETWORK + STORED).replace('"/net/vpc"', '"vpc"')
    read = READ.replace('"/net/vpc"', f'"arn:aws:ssm:eu-west-1:{ONE}:parameter/vpc"')
    files = {"net/main.tf": net, "ep/main.tf": read + endpoint("data.aws_ssm_parameter.vpc.value")}
    assert verdicts(report(tmp_path, files)) == {CORE: "unknown"}


READS = 'Parameters: {V: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>", Default: /net/vpc}}\n'
PAIRS = {
    "export": (export("core-vpc"), importer("!ImportValue core-vpc")),
    "parameter": (STORES, importer("!Ref V", READS)),
    "dynamic reference": (STORES, importer('"{{resolve:ssm:/net/vpc}}"')),
}


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(
    ("net", "ep", "status"),
    [
        ("eu-west-1", "us-east-1", "fail"),
        ("eu-west-1", "eu-west-1", "pass"),
        ("eu-west-1", None, "pass"),
        (None, "us-east-1", "pass"),
    ],
)
def test_stacks_in_two_regions(tmp_path: Path, pair: str, net: str | None, ep: str | None, status: str) -> None:
    outputs, template = PAIRS[pair]
    regions = {name: region for name, region in (("net.yaml", net), ("ep.yaml", ep)) if region}
    policy = json.dumps({"version": 1, "roots": {name: {"region": region} for name, region in regions.items()}})
    files = {"net.yaml": TEMPLATE + outputs, "ep.yaml": template, ".vpce-checks.yaml": policy}
    assert verdicts(report(tmp_path, files)) == {VPC: status}


@pytest.mark.parametrize(("region", "status"), [("us-east-1", "fail"), ("eu-west-1", "pass")])
def test_terraform_and_a_stack_in_two_regions(tmp_path: Path, region: str, status: str) -> None:
    policy = json.dumps({"version": 1, "roots": {"net.yaml": {"region": "eu-west-1"}, "ep.yaml": {"region": region}}})
    read = 'data "aws_cloudformation_export" "v" {\n  name = "core-vpc"\n}\n'
    code = endpoint("data.aws_cloudformation_export.v.value").replace('= "eu-west-1"', f'= "{region}"')
    files = {"net.yaml": TEMPLATE + export("core-vpc"), "ep/main.tf": read + code, ".vpce-checks.yaml": policy}
    assert verdicts(report(tmp_path / "read", files)) == {VPC: status}
    files = {"net/main.tf": NETWORK + STORED, "ep.yaml": importer("!Ref V", READS), ".vpce-checks.yaml": policy}
    assert verdicts(report(tmp_path / "stored", files)) == {CORE: status}


@pytest.mark.parametrize(("name", "status"), [("us-east-1-vpc", "fail"), ("eu-west-1-vpc", "pass")])
def test_a_name_with_the_region_of_the_exporter(tmp_path: Path, name: str, status: str) -> None:
    policy = json.dumps({"version": 1, "roots": {"net.yaml": {"region": "eu-west-1"}}})
    net = TEMPLATE + export('!Sub "${AWS::Region}-vpc"')
    files = {"net.yaml": net, "ep.yaml": importer(f"!ImportValue {name}"), ".vpce-checks.yaml": policy}
    assert verdicts(report(tmp_path, files)) == {VPC: status}


def test_a_template_that_is_deployed_to_two_regions(tmp_path: Path) -> None:
    regions = [{"name": name, "region": region} for name, region in (("eu", "eu-west-1"), ("us", "us-east-1"))]
    policy = json.dumps({"version": 1, "roots": {"net.yaml": regions, "ep.yaml": {"region": "us-east-1"}}})
    files = {"net.yaml": TEMPLATE + export("core-vpc"), "ep.yaml": importer("!ImportValue core-vpc")}
    found = report(tmp_path, {**files, ".vpce-checks.yaml": policy})
    own = {each["deployment"]: each["status"] for each in found["results"] if each["rule"] == "VPCE001"}
    assert own == {"eu": "fail", "us": "unknown"}


@pytest.mark.parametrize(
    ("region", "status"),
    [
        ("Region: us-east-1, ", "fail"),
        ("", "unknown"),
        (f"RoleArn: 'arn:aws:iam::{ONE}:role/r', ", "unknown"),
    ],
)
def test_an_output_of_a_stack_in_another_region(tmp_path: Path, region: str, status: str) -> None:
    vpc = f"{{'Fn::GetStackOutput': {{StackName: net, {region}OutputName: Id}}}}"
    policy = json.dumps({"version": 1, "roots": {name: {"region": "eu-west-1"} for name in ("net.yaml", "ep.yaml")}})
    net = TEMPLATE + "Outputs: {Id: {Value: !Ref Vpc}}\n"
    files = {"net.yaml": net, "ep.yaml": importer(vpc), ".vpce-checks.yaml": policy}
    assert verdicts(report(tmp_path, files)) == {VPC: status}


@pytest.mark.parametrize(
    ("deployments", "status"),
    [
        ({"parameters": ["prod.json"]}, {None: "pass"}),
        ({"parameters": ["dev.json"]}, {None: "fail"}),
        (
            [{"name": "p", "parameters": ["prod.json"]}, {"name": "d", "parameters": ["dev.json"]}],
            {"p": "unknown", "d": "unknown"},
        ),
    ],
)
def test_parameters_that_the_policy_gives_to_an_exporter(
    tmp_path: Path, deployments: object, status: dict[str | None, str]
) -> None:
    """A deployment with Env = prod must not fail because of what would be missing with Env = dev."""
    files = {f"{env}.json": json.dumps([{"ParameterKey": "Env", "ParameterValue": env}]) for env in ("prod", "dev")} | {
        "net.yaml": ENV + TEMPLATE + export('!Sub "${Env}-vpc"'),
        "ep.yaml": importer("!ImportValue prod-vpc"),
        ".vpce-checks.yaml": json.dumps({"version": 1, "roots": {"net.yaml": deployments}}),
    }
    results = [each for each in report(tmp_path, files)["results"] if each["rule"] == "VPCE001"]
    assert {each.get("deployment"): each["status"] for each in results} == status


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("core-${AWS::AccountId}", "core-111122223333", "core-444455556666"),
        ("${AWS::Region}-core", "eu-west-1-core", "us-east-1-core"),
        ("core-${AWS::StackName}", "core-one", "core-other"),
    ],
)
def test_a_template_that_is_deployed_to_several_accounts_or_regions(
    tmp_path: Path, name: str, one: str, other: str
) -> None:
    """An endpoint of the VPC in one of them is none of the VPC in another one."""
    group = (
        "Resources:\n  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g, VpcId: !ImportValue VPC}}\n"
    )
    files = {"net.yaml": TEMPLATE + export(f'!Sub "{name}"'), "a.yaml": importer(f"!ImportValue {one}")}
    assert verdicts(report(tmp_path, files)) == {"net.yaml:Vpc": "pass"}
    files["b.yaml"] = group.replace("VPC}", f"{other}}}")
    found = report(tmp_path, files)
    assert verdicts(found) == {"net.yaml:Vpc": "fail"}
    assert other.replace("core", "").strip("-") in str(found["results"])
    files["b.yaml"] = importer(f"!ImportValue {other}")
    assert verdicts(report(tmp_path, files)) == {"net.yaml:Vpc": "pass"}


JSON = "jsonencode({ vpc = aws_vpc.core.id })"
STORES = {
    "secret": (
        'resource "aws_secretsmanager_secret" "s" {\n  name = "NAME"\n}\nresource "aws_secretsmanager_secret_version" "s" {\n'
        f"  secret_id     = aws_secretsmanager_secret.s.id\n  secret_string = {JSON}\n}}\n",
        'data "aws_secretsmanager_secret" "s" {\n  name = "core"\n}\ndata "aws_secretsmanager_secret_version" "s" {\n'
        "  secret_id = data.aws_secretsmanager_secret.s.id\n}\n",
        "jsondecode(data.aws_secretsmanager_secret_version.s.secret_string).vpc",
    ),
    "secret by its name": (
        'resource "aws_secretsmanager_secret" "s" {\n  name = "NAME"\n}\nresource "aws_secretsmanager_secret_version" "s" {\n'
        "  secret_id     = aws_secretsmanager_secret.s.arn\n  secret_string = aws_vpc.core.id\n}\n",
        'data "aws_secretsmanager_secret_version" "s" {\n  secret_id = "core"\n}\n',
        "data.aws_secretsmanager_secret_version.s.secret_string",
    ),
    "object": (
        f'resource "aws_s3_object" "o" {{\n  bucket  = "store"\n  key     = "NAME"\n  content = {JSON}\n}}\n',
        'data "aws_s3_object" "o" {\n  bucket = "store"\n  key    = "core"\n}\n',
        "jsondecode(data.aws_s3_object.o.body).vpc",
    ),
    "file": (
        'resource "local_file" "f" {\n  filename = "${path.module}/../out/NAME"\n  content  = aws_vpc.core.id\n}\n',
        'data "local_file" "f" {\n  filename = "${path.module}/../out/core"\n}\n',
        "trimspace(data.local_file.f.content)",
    ),
    "vault": (
        f'resource "vault_generic_secret" "v" {{\n  path      = "secret/NAME"\n  data_json = {JSON}\n}}\n',
        'data "vault_generic_secret" "v" {\n  path = "secret/core"\n}\n',
        'data.vault_generic_secret.v.data["vpc"]',
    ),
    "key-value engine of vault": (
        f'resource "vault_kv_secret_v2" "v" {{\n  mount     = "kv"\n  name      = "NAME"\n  data_json = {JSON}\n}}\n',
        'data "vault_kv_secret_v2" "v" {\n  mount = "kv"\n  name  = "core"\n}\n',
        "data.vault_kv_secret_v2.v.data.vpc",
    ),
}


_SECRET = STORES["secret by its name"][0]
_ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:core"
STORES |= {
    f"secret by an ARN: {arn}": (
        _SECRET,
        f'data "aws_secretsmanager_secret_version" "s" {{\n  secret_id = "{arn}"\n}}\n',
        "data.aws_secretsmanager_secret_version.s.secret_string",
    )
    for arn in (f"{_ARN}-AbCd1f", _ARN, _ARN.replace("111122223333", "${var.account}") + "-AbCd1f")
}
STORES |= {
    "secret found by its ARN": (
        _SECRET,
        f'data "aws_secretsmanager_secret" "s" {{\n  arn = "{_ARN}-AbCd1f"\n}}\n'
        'data "aws_secretsmanager_secret_version" "s" {\n  secret_id = data.aws_secretsmanager_secret.s.id\n}\n',
        "data.aws_secretsmanager_secret_version.s.secret_string",
    ),
    "write-only secret": (_SECRET.replace("secret_string", "secret_string_wo"), *STORES["secret by its name"][1:]),
    "object in base64": (
        f'resource "aws_s3_object" "o" {{\n  bucket = "store"\n  key = "NAME"\n  content_base64 = base64encode({JSON})\n}}\n',
        *STORES["object"][1:],
    ),
    "state": (
        'terraform {\n  backend "s3" {\n    bucket = "store"\n    key    = "NAME"\n  }\n}\n',
        STORES["object"][1],
        "jsondecode(data.aws_s3_object.o.body).outputs.vpc_id.value",
    ),
    "state in a workspace": (
        'terraform {\n  backend "s3" {\n    bucket = "store"\n    key    = "NAME"\n  }\n}\n',
        STORES["object"][1].replace('"core"', '"env:/${terraform.workspace}/core"'),
        'jsondecode(data.aws_s3_object.o.body)["outputs"]["vpc_id"]["value"]',
    ),
    "file by its absolute path": (
        STORES["file"][0].replace('"${path.module}/../out/NAME"', 'abspath("${path.module}/../out/NAME")'),
        *STORES["file"][1:],
    ),
    "first engine of vault": (
        f'resource "vault_kv_secret" "v" {{\n  path      = "kv/NAME"\n  data_json = {JSON}\n}}\n',
        'data "vault_kv_secret" "v" {\n  path = "kv/core"\n}\n',
        "data.vault_kv_secret.v.data.vpc",
    ),
    "item of a table": (
        'resource "aws_dynamodb_table" "t" {\n  name = "NAME"\n}\nresource "aws_dynamodb_table_item" "i" {\n'
        "  table_name = aws_dynamodb_table.t.name\n  item = jsonencode({ vpc = { S = aws_vpc.core.id } })\n}\n",
        'data "aws_dynamodb_table_item" "i" {\n  table_name = "core"\n  key = jsonencode({ id = { S = "a" } })\n}\n',
        "jsondecode(data.aws_dynamodb_table_item.i.item).vpc.S",
    ),
    "config map": (
        'resource "kubernetes_config_map_v1" "m" {\n  metadata {\n    name = "NAME"\n  }\n  data = { vpc = aws_vpc.core.id }\n}\n',
        'data "kubernetes_config_map_v1" "m" {\n  metadata {\n    name      = "core"\n    namespace = "default"\n  }\n}\n',
        "data.kubernetes_config_map_v1.m.data.vpc",
    ),
    "keys of consul": (
        'resource "consul_keys" "k" {\n  key {\n    path  = "net/cidr"\n    value = aws_vpc.core.cidr_block\n  }\n'
        '  key {\n    path  = "net/NAME"\n    value = aws_vpc.core.id\n  }\n}\n',
        'data "consul_keys" "k" {\n  dynamic "key" {\n    for_each = ["cidr", "core"]\n    content {\n      name = key.value\n'
        '      path = "net/${key.value}"\n    }\n  }\n}\n',
        "data.consul_keys.k.var.core",
    ),
    "keys of consul below a path": (
        'resource "consul_key_prefix" "k" {\n  path_prefix = "NAME/"\n  subkeys = { vpc = aws_vpc.core.id }\n}\n',
        'data "consul_key_prefix" "k" {\n  path_prefix = "core/"\n}\n',
        'data.consul_key_prefix.k.subkeys["vpc"]',
    ),
}


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize(("name", "status"), [("core", "unknown"), ("other", "fail")])
def test_what_one_root_stores_and_another_one_reads(tmp_path: Path, store: str, name: str, status: str) -> None:
    written, read, vpc = STORES[store]
    files = {"net/main.tf": NETWORK + written.replace("NAME", name), "ep/main.tf": read + endpoint(vpc)}
    assert verdicts(report(tmp_path, files)) == {CORE: status}


_READ = {
    "vault": "data_json",
    "s3": "body",
    "file": "content",
    "secretsmanager": "secret_string",
    "dynamodb": "item",
    "kubernetes": "data.x",
    "consul_keys": "var.x",
    "consul_key_prefix": "subkeys.x",
}


@pytest.mark.parametrize("type", sorted(STORE_TYPES))
def test_a_store_that_code_in_json_reads(tmp_path: Path, type: str) -> None:
    """Each type is among those by whose names roots are joined."""
    within: dict[str, object] = {"bucket": "b", "mount": "kv"}
    name: dict[str, object] = dict.fromkeys(
        ("secret_id", "filename", "path", "name", "table_name", "path_prefix"), "core"
    )
    id = "${aws_vpc.core.id}"
    written: dict[str, object] = dict.fromkeys(("secret_string", "content", "data_json", "item"), id)
    written |= {"data": {"x": id}, "subkeys": {"x": id}}
    name["metadata"] = {"name": "core"}
    name["key"] = [{"name": "x", "path": "core", "value": id}] if "consul" in type else "core"
    read = next(read for part, read in _READ.items() if part in type)
    document = {
        "data": {type: {"x": within | name}},
        "resource": {
            "aws_vpc_endpoint": {
                "s3": {"vpc_id": f"${{data.{type}.x.{read}}}", "service_name": "com.amazonaws.eu-west-1.s3"}
            }
        },
    }
    if "local" in type:
        name = {"filename": "${path.module}/../ep/core"}
    stores = {"resource": {type: {"x": within | name | written}}}
    files = {
        "net/main.tf": NETWORK,
        "net/stores.tf.json": json.dumps(stores),
        "ep/main.tf.json": json.dumps(document),
    }
    assert verdicts(report(tmp_path, files)) == {CORE: "unknown"}


def test_an_object_in_another_bucket(tmp_path: Path) -> None:
    written, read, vpc = STORES["object"]
    files = {"net/main.tf": NETWORK + written.replace("NAME", "core"), "ep/main.tf": read + endpoint(vpc)}
    files["ep/main.tf"] = files["ep/main.tf"].replace('"store"', '"others"')
    assert verdicts(report(tmp_path, files)) == {CORE: "fail"}


@pytest.mark.parametrize("name", ["core", "other"])
def test_what_a_root_stores_and_reads_itself(tmp_path: Path, name: str) -> None:
    """It reads what it waits for, which something else may have written."""
    written, read, vpc = STORES["object"]
    read = (
        read.replace("{\n", "{\n  depends_on = [null_resource.upload]\n", 1) + 'resource "null_resource" "upload" {}\n'
    )
    code = NETWORK + written.replace("NAME", name) + read + endpoint(vpc).replace(PROVIDER, "")
    assert verdicts(report(tmp_path, {"net/main.tf": code})) == {CORE: "unknown"}


@pytest.mark.parametrize(
    ("second", "s3", "dynamodb"),
    [("s3", "pass", "fail"), ("dynamodb", "fail", "fail")],
)
@pytest.mark.parametrize("name", ["${AWS::StackName}", "${Env}"])
def test_two_importers_whose_defaults_mean_two_deployments(
    tmp_path: Path, name: str, second: str, s3: str, dynamodb: str
) -> None:
    """Each has the VPC of another stack. The VPC is judged in both, and never lost."""

    def asks_for(stack: str, service: str) -> str:
        text = importer('{"Fn::ImportValue": !Sub "${Net}-vpc"}').replace(".s3", f".{service}")
        return f"Parameters: {{Net: {{Type: String, Default: {stack}}}}}\n{text}"

    net = "Parameters: {Env: {Type: String}}\n" + TEMPLATE + export(f'!Sub "{name}-vpc"')
    found = report(tmp_path, {"net.yaml": net, "a.yaml": asks_for("net-a", "s3"), "b.yaml": asks_for("net-b", second)})
    assert verdicts(found, "VPCE001") == {VPC: s3}
    assert verdicts(found, "VPCE002") == {VPC: dynamodb}


SERVICE_NET = """\
service: net
provider: {name: aws, STAGE}
resources:
  Resources:
    Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
    Stored: {Type: AWS::SSM::Parameter, Properties: {Name: "/net/${self:provider.stage}/vpc", Type: String, Value: !Ref Vpc}}
  Outputs: {VpcId: {Value: !Ref Vpc}}
"""
SERVICE_EP = """\
service: ep
provider: {name: aws, stage: "${opt:stage, 'dev'}"}
custom:
  vpc: ${cf:net-${self:provider.stage}.VpcId}
  byStage: {dev: "${cf:net-dev.VpcId}", prod: "${cf:net-prod.VpcId}"}
  base: net-${self:custom.stage}
  stage: ${opt:stage, self:provider.stage}
  one: {dev: "${cf:net-dev.VpcId}"}
  names: {dev: net-dev}
  other: net-prod
  region: us-west-2
  circle: {own: "${self:custom.circle.${opt:key}}", a: "${cf:net-dev.VpcId}", b: "${cf:net-dev.VpcId}"}
  ring: {a: "${self:custom.ring.b}", b: "${self:custom.ring.a}"}
resources:
  Resources:
    S3:
      Type: AWS::EC2::VPCEndpoint
      Properties: {VpcId: USE, ServiceName: com.amazonaws.eu-west-1.s3, RouteTableIds: [rtb-1]}
"""
SERVICE_VPC = "net/serverless.yml:Vpc"
BY_OPTION = "stage: \"${opt:stage, 'dev'}\""


@pytest.mark.parametrize(
    ("stage", "use", "status"),
    [
        (BY_OPTION, "${cf:net-${self:provider.stage}.VpcId}", "pass"),
        (BY_OPTION, "${cf:net-${opt:stage, 'dev'}.VpcId}", "pass"),
        (BY_OPTION, "${cf:net-${opt:stage, self:provider.stage}.VpcId}", "pass"),
        (BY_OPTION, "${cf:net-${opt:stage, ${self:provider.stage}}.VpcId}", "pass"),
        (BY_OPTION, "${cf:net-${sls:stage}.VpcId}", "pass"),
        (BY_OPTION, "${cf:${self:custom.base}.VpcId}", "pass"),
        (BY_OPTION, "${self:custom.vpc}", "pass"),
        (BY_OPTION, '!Sub "${cf:net-${self:provider.stage}.VpcId}"', "pass"),
        (BY_OPTION, "${cf:net-dev.VpcId}", "unknown"),
        (BY_OPTION, "${cf:net-prod.VpcId}", "unknown"),
        (BY_OPTION, "${self:custom.byStage.${self:provider.stage}}", "unknown"),
        (BY_OPTION, "${cf:net-${opt:stage, 'prod'}.VpcId}", "unknown"),
        (BY_OPTION, "${cf:net-${env:STAGE, 'dev'}.VpcId}", "unknown"),
        (BY_OPTION, "${cf:net-${file(stage.yml):stage, 'dev'}.VpcId}", "unknown"),
        (BY_OPTION, "${cf:core-${self:provider.stage}.VpcId}", "fail"),
        (BY_OPTION, "${cf:net-${self:provider.stage}.Other}", "fail"),
        (BY_OPTION, "${opt:vpc, cf:net-dev.VpcId}", "unknown"),
        ("stage: dev", "${cf:net-dev.VpcId}", "pass"),
        ("stage: dev", "${cf(eu-west-1):net-dev.VpcId}", "pass"),
        ("stage: dev", "${cf.eu-west-1:net-dev.VpcId}", "pass"),
        ("stage: dev", "${cf:net-dev.VpcId, 'vpc-1'}", "pass"),
        ("stage: prod", "${cf:net-dev.VpcId}", "unknown"),
        ("region: eu-west-1", "${cf:net-dev.VpcId}", "pass"),
        ("region: eu-west-1", "${cf:net-${opt:stage}.VpcId}", "pass"),
        ("stackName: core", "${cf:core.VpcId}", "pass"),
        ("stackName: core", "${cf:net-dev.VpcId}", "fail"),
        ('stackName: "${env:TEAM}-core"', "${cf:${env:TEAM}-core.VpcId}", "pass"),
        ("stage: dev", "${ssm:/net/dev/vpc}", "pass"),
        ("stage: dev", "${ssm:/net/dev/vpc~true}", "pass"),
        ("stage: dev", "${ssm(eu-west-1):/net/dev/vpc}", "pass"),
        ("stage: dev", "${ssm(raw, eu-west-1):/net/${self:provider.stage}/vpc}", "pass"),
        ("stage: dev", "${ssm:/core/dev/vpc}", "fail"),
        ("stage: dev, region: eu-west-1", "${cf(eu-west-1):net-dev.VpcId}", "pass"),
        ("stage: dev, region: eu-west-1", "${cf(us-west-2):net-dev.VpcId}", "fail"),
        ("stage: dev, region: eu-west-1", "${ssm(us-west-2):/net/dev/vpc}", "fail"),
        ("stage: dev, region: '${opt:region}'", "${cf(us-west-2):net-dev.VpcId}", "pass"),
        ("stage: dev", "${self:custom.one.${opt:stage}}", "pass"),
        ("stage: dev", "${self:custom.one.dev, 'vpc-0123456789abcdef0'}", "pass"),
        ("stage: dev", "${self:custom.one.${opt:stage}, 'vpc-0123456789abcdef0'}", "unknown"),
        ("stage: dev", "${self:custom.one.${opt:stage}, self:custom.vpcId}", "unknown"),
        ("stage: dev", "${${self:custom.one.${opt:stage}}, 'vpc-0123456789abcdef0'}", "unknown"),
        ("stage: dev", "${cf:${self:custom.names.${opt:stage}}.VpcId}", "pass"),
        ("stage: dev", "${cf:${self:custom.names.${opt:stage}, 'net-prod'}.VpcId}", "unknown"),
        ("stage: dev", "${cf:${self:custom.names.${opt:stage}, self:custom.other}.VpcId}", "unknown"),
        ("stage: dev", "${cf:${self:custom.base.name, 'net-dev'}.VpcId}", "unknown"),
        ("stage: dev, region: eu-west-1", "${cf(${self:custom.region}):net-dev.VpcId}", "fail"),
        ("stage: dev, region: eu-west-1", "${cf(${opt:hub}):net-dev.VpcId}", "unknown"),
        ("stage: dev, region: eu-west-1", "${cf(${opt:hub, 'eu-west-1'}):net-dev.VpcId}", "unknown"),
        ("stage: dev, region: eu-west-1", "${ssm(${self:custom.region}):/net/dev/vpc}", "fail"),
        ("stage: dev, region: eu-west-1", "${ssm(${opt:hub}, raw):/net/dev/vpc}", "unknown"),
        ("stage: dev, region: eu-west-1", "${ssm(us-west-2, noDecrypt):/net/dev/vpc}", "fail"),
        ("stage: dev, region: eu-west-1", "${cf(eusc-de-east-1):net-dev.VpcId}", "fail"),
        ("stage: dev", "${self:custom.circle.own}", "pass"),
        ('stage: "${self:custom.stage}"}\ncustom: {stage: dev', "${cf:net-dev.VpcId}", "pass"),
        ('stage: "${self:custom.stage}"}\ncustom: {stage: dev', "${cf:net-prod.VpcId}", "unknown"),
        (BY_OPTION, "${cf:net-${opt:stag, opt:stage, 'dev'}.VpcId}", "unknown"),
        ("stage: dev", "${self:custom.ring.a}", "unknown"),
    ],
)
def test_a_variable_of_the_serverless_framework(tmp_path: Path, stage: str, use: str, status: str) -> None:
    files = {"net/serverless.yml": SERVICE_NET.replace("STAGE", stage)}
    files["ep/serverless.yml"] = SERVICE_EP.replace("USE", use if use.startswith("!") else f'"{use}"')
    assert verdicts(report(tmp_path, files)) == {SERVICE_VPC: status}


@pytest.mark.parametrize("use", ["%{cf:net-%{self:provider.stage}.VpcId}", "%{ssm:/net/dev/vpc}", "%{self:custom.vpc}"])
def test_a_variable_between_other_signs(tmp_path: Path, use: str) -> None:
    head = "service: ep\nprovider:\n  name: aws\n  stage: dev\n  variableSyntax: '%\\{([\\w:/.,()-]+?)\\}'\n"
    custom = 'custom: {vpc: "%{cf:net-dev.VpcId}"}\nresources:\n'
    files = {"net/serverless.yml": SERVICE_NET.replace("STAGE", "stage: dev")}
    files["ep/serverless.yml"] = head + custom + SERVICE_EP.partition("resources:\n")[2].replace("USE", f'"{use}"')
    assert verdicts(report(tmp_path, files)) == {SERVICE_VPC: "pass"}


def test_a_template_whose_stack_may_have_any_name(tmp_path: Path) -> None:
    files = {"net.yaml": TEMPLATE + "Outputs: {VpcId: {Value: !Ref Vpc}}\n"}
    files["ep/serverless.yml"] = SERVICE_EP.replace("USE", '"${cf:net.VpcId}"')
    assert verdicts(report(tmp_path, files)) == {VPC: "unknown"}


@pytest.mark.parametrize(
    "custom", ["${file(config.yml)}", '{vpc: "${file(./config.yml):vpc}"}', '{vpc: "${file(no.yml):vpc}"}']
)
def test_values_of_a_service_in_other_files(tmp_path: Path, custom: str) -> None:
    head = "service: ep\nprovider: {name: aws, stage: dev}\n" + f"custom: {custom}\nresources:\n"
    files = {"net/serverless.yml": SERVICE_NET.replace("STAGE", "stage: dev")}
    files["ep/serverless.yml"] = head + SERVICE_EP.partition("resources:\n")[2].replace("USE", '"${self:custom.vpc}"')
    files["ep/config.yml"] = "vpc: ${cf:net-dev.VpcId}\n" + "".join(
        f"k{number}: ${{file(config.yml)}}\nl{number}: ${{file(config.yml):vpc}}\n" for number in range(9)
    )
    found = report(tmp_path, files)
    assert verdicts(found) == {SERVICE_VPC: "fail" if "no.yml" in custom else "pass"}
    assert not [each for root in found["roots"] for each in root["diagnostics"]]


def test_variables_that_lead_to_each_other(tmp_path: Path) -> None:
    files = {"net/serverless.yml": SERVICE_NET.replace("STAGE", "stage: dev")}
    circle = SERVICE_EP.replace("net-${self:custom.stage}", "${self:custom.base}${cf:${self:custom.base}.VpcId}")
    files["ep/serverless.yml"] = circle.replace("USE", '"${self:custom.base}"')
    assert verdicts(report(tmp_path, files))[SERVICE_VPC] in ("unknown", "fail")


def test_values_of_a_service_that_lead_to_each_other_many_times(tmp_path: Path) -> None:
    many = "".join(f'  a{at}: "{f"${{self:custom.a{at + 1}}}" * 2}"\n' for at in range(24))
    service = SERVICE_EP.replace("resources:", f'{many}  a24: "${{cf:net-dev.VpcId}}"\nresources:')
    files = {"net/serverless.yml": SERVICE_NET.replace("STAGE", "stage: dev")}
    files["ep/serverless.yml"] = service.replace("USE", '"${self:custom.a0}"')
    assert not [each for root in report(tmp_path, files)["roots"] for each in root["diagnostics"]]


@pytest.mark.parametrize("name", ["${self:${self:provider.stackName}}", "${self:custom.a0}"])
def test_a_stack_whose_name_leads_too_far(tmp_path: Path, name: str) -> None:
    many = ", ".join(f'a{at}: "{f"${{self:custom.a{at + 1}}}" * 9}"' for at in range(9))
    service = SERVICE_NET.replace("STAGE", f'stackName: "{name}"').replace(
        "resources:", f"custom: {{{many}}}\nresources:"
    )
    files = {"net/serverless.yml": service, "ep/serverless.yml": SERVICE_EP.replace("USE", '"${cf:net.VpcId}"')}
    assert verdicts(report(tmp_path, files))[SERVICE_VPC] in ("unknown", "fail")


def test_code_in_terraform_names_the_stack_of_a_service(tmp_path: Path) -> None:
    read = 'data "aws_cloudformation_stack" "net" {\n  name = "net-dev"\n}\n'
    files = {"net/serverless.yml": SERVICE_NET.replace("STAGE", "stage: dev")}
    files["ep/main.tf"] = read + endpoint('data.aws_cloudformation_stack.net.outputs["VpcId"]')
    assert verdicts(report(tmp_path, files)) == {SERVICE_VPC: "pass"}


LONE_SERVICE = "service: ep\nprovider: {name: aws, stage: \"${opt:stage, 'dev'}\"}\n"
RESOURCES = "resources:\n" + SERVICE_EP.partition("resources:\n")[2]
IN_FILES = {
    "ep/vars.yml": "vpc: ${cf:net-dev.VpcId}\nby:\n  file: ${file(vars.yml):vpc}\nplain: vpc-1\nring: ${file(vars.yml):ring}\n"
    f"rings: {'${file(vars.yml):rings}' * 12}\n",
    "vars.yml": "vpc: ${ssm:/net/dev/vpc}\n",
}


@pytest.mark.parametrize(
    ("use", "status"),
    [
        ("${file(vars.yml):vpc}", "pass"),
        ("${file(./vars.yml):by.file}", "pass"),
        ("${file(../vars.yml):vpc}", "pass"),
        ("${file(../../vars.yml):vpc}", "fail"),
        ("${file(vars.yml):vpc, 'vpc-1'}", "pass"),
        ("${file(vars.yml):plain}", "fail"),
        ("${file(vars.yml):ring}", "fail"),
        ("${file(vars.yml):rings}", "fail"),
        ("${file(vars.yml):none}", "fail"),
        ("${file(none.yml):vpc}", "fail"),
        ("${param:vpc}", "unknown"),
        ("${param:staged}", "unknown"),
        ("${param:other}", "unknown"),
        ("${self:custom.given}", "unknown"),
    ],
)
def test_a_value_in_a_file_and_a_parameter_of_a_service(tmp_path: Path, use: str, status: str) -> None:
    """A parameter may be set on the command line too, so it is not certain."""
    own = (
        "params:\n  default: {vpc: '${cf:net-dev.VpcId}', other: vpc-1}\n"
        "stages:\n  prod: {params: {staged: '${file(vars.yml):vpc}'}}\n"
    )
    files = {"net/serverless.yml": SERVICE_NET.replace("STAGE", "stage: dev"), **IN_FILES}
    more = own if "param" in use or "self" in use else ""
    files["ep/serverless.yml"] = f"{LONE_SERVICE}custom: {{given: '${{param:vpc}}'}}\n{more}{RESOURCES}".replace(
        "USE", f'"{use}"'
    )
    found = report(tmp_path, files)
    assert verdicts(found) == {SERVICE_VPC: status}
    assert not [each for root in found["roots"] for each in root["diagnostics"]]


@pytest.mark.parametrize(
    ("stage", "services", "status"),
    [
        ("stage: dev", "net: {path: net}, ep: {path: ep, params: {vpc: '${net.VpcId}'}}", "pass"),
        (BY_OPTION, "net: {path: ./net}, ep: {path: ./ep, params: {vpc: '${net.VpcId}'}}", "pass"),
        ("stage: dev", "net: {path: net}, ep: {path: ep, params: {vpc: '${net.Other}'}}", "fail"),
        ("stage: dev", "net: {path: net}, ep: {path: ep, params: {vpc: vpc-1}}", "fail"),
        ("stage: dev", "net: {path: gone}, ep: {path: ep, params: {vpc: '${net.VpcId}'}}", "fail"),
        ("stage: dev", "net: {path: net}, ep: {path: other, params: {vpc: '${net.VpcId}'}}", "fail"),
        ("stage: dev", "ep: {path: ep, params: {vpc: '${ep.VpcId}'}}", "fail"),
        ("stage: dev", "[]", "fail"),
    ],
)
def test_what_serverless_compose_passes(tmp_path: Path, stage: str, services: str, status: str) -> None:
    files = {"net/serverless.yml": SERVICE_NET.replace("STAGE", stage)}
    files["ep/serverless.yml"] = (LONE_SERVICE + RESOURCES).replace("USE", '"${param:vpc}"')
    files["serverless-compose.yml"] = f"services: {services if services == '[]' else '{' + services + '}'}\n"
    assert verdicts(report(tmp_path, files)) == {SERVICE_VPC: status}

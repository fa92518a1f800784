"""Inputs that were crashes, or are near to one: a valid report in every format, and the roots beside them are judged."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.fuzz.child import examine
from tests.fuzz.inputs import FORMATS, Input
from tests.fuzz.mutations import DIGITS, LONG
from tests.fuzz.seeds import POLICY, Seed

VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
NUL = "\\u0000"


def wrong(files: Mapping[str, str | bytes], *args: str) -> list[str]:
    """What is wrong with a scan of ``files``, reported in every format."""
    data = {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}
    return examine(Input(Seed("", data, args), data, {}, tuple(data), FORMATS, True))


def of_service(value: str, before: str = "") -> dict[str, str]:
    """A root whose endpoint gets its service, VPC and number from an expression."""
    return {
        "main.tf": f'{VPC}{before}\nresource "aws_vpc_endpoint" "e" {{\n  count        = length({value})\n'
        f"  vpc_id       = {value}\n"
        f'  service_name = "com.amazonaws.eu-west-1.${{{value}}}"\n}}\n'
    }


@pytest.mark.parametrize(
    "call",
    [
        f'file("a{NUL}")', f'fileexists("{NUL}")', f'fileset("a{NUL}", "*")', f'fileset(".", "*{NUL}")', f'filemd5("{NUL}")',
        f'templatefile("a{NUL}", {{}})', f'abspath("{NUL}")', f'dirname("a/{NUL}")', f'pathexpand("~{NUL}")', 'file("\\ud800")',
    ],
)  # fmt: skip
def test_names_that_no_file_can_have(call: str) -> None:
    assert wrong(of_service(call)) == []


@pytest.mark.parametrize(
    "source", [f"./{NUL}", NUL, f"./x{NUL}//y", f"git::https://u:pw@h/{NUL}.git", f"a/b{NUL}/aws", "./\\ud800"]
)
def test_sources_that_no_path_can_be(source: str) -> None:
    assert wrong({"main.tf": f'{VPC}module "m" {{\n  source = "{source}"\n  vpc_id = aws_vpc.main.id\n}}\n'}) == []
    assert wrong({"u/terragrunt.hcl": f'terraform {{\n  source = "{source}"\n}}\n', "v/main.tf": VPC}) == []
    assert wrong({"s/terragrunt.stack.hcl": f'unit "a" {{\n  source = "{source}"\n  path = "{source}"\n}}\n'}) == []


@pytest.mark.parametrize(
    "body",
    [
        f'include "a" {{\n  path = "{NUL}"\n}}',
        f'include {{\n  path = find_in_parent_folders("{NUL}")\n}}',
        f'locals {{\n  a = read_terragrunt_config("{NUL}")\n}}\ninputs = local.a',
        f'dependency "x" {{\n  config_path = "../{NUL}"\n}}\ninputs = {{ a = dependency.x.outputs.a }}',
        f'dependencies {{\n  paths = ["{NUL}"]\n}}',
        f'generate "p" {{\n  path = "{NUL}.tf"\n  contents = ""\n  if_exists = "overwrite"\n}}',
        f'terraform {{\n  extra_arguments "x" {{\n    commands = ["plan"]\n    required_var_files = ["{NUL}"]\n  }}\n}}',
    ],
)
def test_terragrunt_paths(body: str) -> None:
    assert wrong({"u/terragrunt.hcl": f"{body}\n", "u/main.tf": VPC}) == []


@pytest.mark.parametrize("directory", ["a\\u0000b", "\\ud800", ""])
def test_installed_modules(directory: str) -> None:
    listed = f'{{"Modules": [{{"Key": "net", "Source": "x", "Dir": "{directory}"}}]}}'
    called = f'{VPC}module "net" {{\n  source = "a/b/aws"\n}}\n'
    assert wrong({"main.tf": called, ".terraform/modules/modules.json": listed}) == []


@pytest.mark.parametrize(
    "place", ["./\\u0000.yaml", "\\u0000", "https://s3.amazonaws.com/b/\\u0000.yaml", "\\ud800.yaml"]
)
def test_template_urls(place: str) -> None:
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "PLACE"}}
    text = json.dumps({"Resources": {"Vpc": {"Type": "AWS::EC2::VPC"}, "Nested": stack}})
    assert wrong({"stack.json": text.replace("PLACE", place)}) == []


NAMES = [
    "",
    " ",
    "\n",
    "\0",
    "\x1b[31m",
    "\u202e",
    "\x85",
    "`",
    "|",
    "]]>",
    "%0A::error::x",
    "<b>",
    "\\",
    "\u2028",
    LONG,
    "x" * 5000,
]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_reports(name: str) -> None:
    written = json.dumps(name)
    vpc, endpoint = {"Type": "AWS::EC2::VPC"}, "AWS::EC2::VPCEndpoint"
    service = f"com.amazonaws.eu-west-1.{name}"
    properties = {"VpcId": {"Ref": name}, "ServiceName": service}
    assert (
        wrong(
            {"t.json": json.dumps({"Resources": {name: vpc, f"E{name}": {"Type": endpoint, "Properties": properties}}})}
        )
        == []
    )
    code = f'resource "aws_vpc" {written} {{}}\nresource "aws_vpc_endpoint" "e" {{\n  for_each = toset([{written}])\n'
    code += f'  vpc_id = {written}\n  service_name = "com.amazonaws.eu-west-1.${{each.key}}"\n}}\n'
    assert wrong({"main.tf": code.replace("\\u2028", "\u2028")}) == []
    assert wrong({"plan.json": plan(name)}) == []


def plan(address: str, cidr: str = '"10.0.0.0/16"', version: str = '"1.2"') -> str:
    """A plan with a VPC and an endpoint at ``address``."""

    def resource(type: str, values: Mapping[str, object]) -> dict[str, object]:
        return {"address": address, "mode": "managed", "type": type, "name": "x", "values": values}

    service = {"service_name": f"com.amazonaws.eu-west-1.{address}", "vpc_id": address}
    resources = [resource("aws_vpc_endpoint", service), resource("aws_vpc", {"cidr_block": "CIDR"})]
    top = {"format_version": "VERSION", "planned_values": {"root_module": {"resources": resources}}}
    return json.dumps(top).replace('"CIDR"', cidr).replace('"VERSION"', version)


@pytest.mark.parametrize("number", [DIGITS, f"-{DIGITS}", f"1.{DIGITS}", f"{DIGITS}e5", "1e400", "1e-400"])
def test_numbers_of_thousands_of_digits(number: str) -> None:
    assert wrong(of_service("local.n", f"locals {{\n  n = {number}\n}}\n")) == []
    assert wrong(of_service(f"aws_vpc.main[{number}].id")) == []
    assert wrong(of_service(f'tonumber("{number}")')) == []
    assert (
        wrong(
            {
                "main.tf.json": f'{{"locals": {{"n": {number}}}, "resource": {{"aws_vpc": {{"m": {{"enable_dns_support": {number}}}}}}}}}'
            }
        )
        == []
    )
    values = {"terraform.tfvars": f"x = {number}\n", "a.auto.tfvars.json": f'{{"x": {number}}}'}
    assert wrong({"main.tf": f'{VPC}variable "x" {{}}\n', **values}) == []
    assert wrong({"plan.json": plan("aws_vpc.a", cidr=number)}) == []
    assert wrong({"plan.json": plan("aws_vpc.a", version=number)}) == []
    assert (
        wrong(
            {
                "t.json": f'{{"Resources": {{"V": {{"Type": "AWS::EC2::VPC", "Properties": {{"EnableDnsSupport": {number}}}}}}}}}'
            }
        )
        == []
    )
    assert wrong({"t.yaml": numbers(number)}) == []


@pytest.mark.parametrize(
    "number", ["NaN", "sNaN", "Infinity", "-Infinity", "1e999999999", "-1e-999999999", "٣", "1_0", " 1", ".5", "5."]
)
def test_number_parameters(number: str) -> None:
    assert wrong({"t.yaml": numbers(number)}) == []
    assert (
        wrong({"t.yaml": numbers("1"), "p.json": json.dumps({"N": number, "S": number})}, "--parameters", "p.json")
        == []
    )


def numbers(number: str) -> str:
    """A template that takes a number wherever one may stand."""
    return (
        f"Parameters:\n  N: {{Type: Number, Default: {number}, MinValue: {number}, MaxValue: {number}}}\n"
        f"  S: {{Type: String, MinLength: {number}, AllowedValues: [{number}]}}\n"
        f"Conditions:\n  C: !Equals [!Ref N, {number}]\nResources:\n  V: {{Type: AWS::EC2::VPC}}\n"
        "  E:\n    Type: AWS::EC2::VPCEndpoint\n    Condition: C\n"
        f"    Properties: {{VpcId: !Select [{number}, [!Ref V]], ServiceName: !Cidr [10.0.0.0/8, {number}, {number}]}}\n"
    )


def test_numbers_of_samconfig() -> None:
    template = "Parameters:\n  N: {Type: Number}\nConditions:\n  C: !Equals [!Ref N, 1]\nResources:\n  V: {Type: AWS::EC2::VPC, Condition: C}\n"
    for number in (DIGITS, f"0x{DIGITS}", "nan", "inf", "1e999"):
        given = f"version = 0.1\n[default.deploy.parameters]\nparameter_overrides = {{ N = {number} }}\n"
        assert wrong({"t.yaml": template, "samconfig.toml": given}) == []


@pytest.mark.parametrize(
    "reference",
    [
        'local.list["key"]', 'local.list["0"]', "local.list[null]", "local.list[0.5]", "local.list[{}]", "local.list.key", "local.map[0]",
        "local.map[[]]", 'local.text["a"]', "local.number[0]", 'local.set["a"]', 'local.list[*]["a"]', 'aws_vpc.main["key"].id',
        f'local.list["{DIGITS}"]', "local.list[1e30]", 'local.list["NaN"]',
    ],
)  # fmt: skip
def test_indexes(reference: str) -> None:
    values = 'locals {\n  list = ["a", "b"]\n  map = { a = "b" }\n  text = "x"\n  number = 1\n  set = toset(["a"])\n}\n'
    assert wrong(of_service(reference, values)) == []


REFUSED = ('["s3"]', "{}", "null", "true", "1", f'"{NUL}"', '""', 'toset(["a"])', "[]", "aws_vpc.main", DIGITS)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        *(("service", value) for value in REFUSED),
        *(
            (name, value)
            for name in ("service_name", "service_type", "region", "service_regions")
            for value in REFUSED[:3]
        ),
    ],
)
def test_arguments_of_the_service_data_source(argument: str, value: str) -> None:
    data = f'data "aws_vpc_endpoint_service" "s" {{\n  {argument} = {value}\n}}\nprovider "aws" {{\n  region = {value}\n}}\n'
    assert wrong(of_service("data.aws_vpc_endpoint_service.s.service_name", data)) == []


@pytest.mark.parametrize("depth", [99, 101, 500, 20_000])
def test_nesting(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    metadata = (
        f'{{"Description": "\\ud83d\\ude00", "Metadata": {nested}, "Resources": {{"V": {{"Type": "AWS::EC2::VPC"}}}}}}'
    )
    assert wrong({"t.json": metadata}) == []
    assert wrong({"t.yaml": f"Metadata: {nested}\nResources:\n  V: {{Type: AWS::EC2::VPC}}\n"}) == []
    assert wrong(of_service("local.x", f"locals {{\n  x = {nested}\n}}\n")) == []
    assert wrong(of_service("local.x", f"locals {{\n  x = {'(' * depth}1{')' * depth}\n}}\n")) == []
    assert wrong(of_service(f'jsondecode("{nested}")')) == []
    assert wrong(of_service(f'yamldecode("{nested}")')) == []
    assert wrong({"main.tf.json": f'{{"locals": {{"x": {nested}}}, "resource": {{"aws_vpc": {{"m": {{}}}}}}}}'}) == []
    assert wrong({"plan.json": plan("aws_vpc.a", cidr=nested)}) == []
    assert wrong({"main.tf": VPC, POLICY: f"version: 1\nvpcs: {nested}\n"}) == []
    assert wrong({"main.tf": VPC, "baseline.json": nested}, "--baseline", "baseline.json") == []
    assert wrong({"u/terragrunt.hcl": f"inputs = {{ a = {nested} }}\n", "u/main.tf": VPC}) == []


def test_a_stored_parameter_that_is_a_list() -> None:
    maker = "Resources:\n  V: {Type: AWS::EC2::VPC}\n  P: {Type: AWS::SSM::Parameter, Properties: {Name: /net/vpc, Value: [!Ref V]}}\n"
    taker = 'Resources:\n  E: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: "{{resolve:ssm:/net/vpc}}", ServiceName: com.amazonaws.eu-west-1.s3}}\n'
    assert wrong({"a.yaml": maker, "b.yaml": taker}) == []

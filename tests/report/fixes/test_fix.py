"""Fixes in the configuration's own language, fitted to what stands around."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.run import cli
from tests.report.reports import declared, endpoint, network, vpc
from tests.scenarios import scenario
from vpce_checks.base.record import replace
from vpce_checks.model.network import Call, Declaration, InternetGateway, Network, Route, RouteTable, Subnet
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Reference
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.rules.finding import Finding, Fix


def fixed(net: Network | list[Network], fix: Fix, about: Declaration) -> str:
    finding = Finding("VPCE001", "fail", "high", about, "said", fix=fix)
    written = write_fix(finding, net if isinstance(net, list) else [net])
    assert written is not None
    assert written.where == {"set": "change in", "text": ""}.get(fix.kind, "add to")
    return written.text


def table(root: Path, address: str, of: str = "aws_vpc.main", **more: Any) -> RouteTable:
    return RouteTable(declared(root, address, 1, **more), Reference(of, ("id",)))


GATEWAY = Fix("add-gateway-endpoint", vpc="aws_vpc.main", service="s3", region="eu-west-1")
INTERFACE = Fix("add-interface-endpoint", vpc="aws_vpc.main", service="ecr.api", region="eu-west-1")


def test_gateway_endpoint_takes_the_private_route_tables(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(
        root,
        vpcs=(vpc(root),),
        route_tables=(
            table(root, "aws_route_table.private[0]"),
            table(root, "aws_route_table.private[1]"),
            table(root, "aws_route_table.data"),
            table(root, 'aws_route_table.named["a"]'),
            table(root, "aws_route_table.public"),
            table(root, "aws_route_table.foreign", of="aws_vpc.other"),
        ),
        internet_gateways=(InternetGateway(declared(root, "aws_internet_gateway.this", 1)),),
        routes=(
            Route(
                declared(root, "aws_route.internet", 1),
                Reference("aws_route_table.public", ("id",)),
                "0.0.0.0/0",
                Reference("aws_internet_gateway.this", ("id",)),
                "gateway",
            ),
        ),
    )
    assert fixed(net, GATEWAY, net.vpcs[0].declared) == (
        'resource "aws_vpc_endpoint" "s3" {\n'
        "  vpc_id            = aws_vpc.main.id\n"
        '  service_name      = "com.amazonaws.eu-west-1.s3"\n'
        '  vpc_endpoint_type = "Gateway"\n'
        "  route_table_ids   = concat([aws_route_table.data.id], aws_route_table.private[*].id, "
        "values(aws_route_table.named)[*].id)\n"
        "}"
    )


def test_interface_endpoint_takes_the_private_subnets(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(
        root,
        vpcs=(vpc(root),),
        subnets=(
            Subnet(declared(root, "aws_subnet.private", 1), Reference("aws_vpc.main", ("id",))),
            Subnet(
                declared(root, "aws_subnet.public", 1), Reference("aws_vpc.main", ("id",)), public_ip_on_launch=True
            ),
        ),
    )
    text = fixed(net, INTERFACE, net.vpcs[0].declared)
    assert 'resource "aws_vpc_endpoint" "ecr_api" {' in text
    assert "  private_dns_enabled = true\n" in text
    assert "  subnet_ids          = [aws_subnet.private.id]\n" in text


def test_only_what_stands_in_the_same_module_is_named(tmp_path: Path) -> None:
    root = tmp_path / "root"
    calls = (Call("module.net", Span(str(root / "main.tf"), 1)),)
    address = 'module.net["a.b"].aws_vpc.this[0]'
    inside = vpc(root, address)
    inside = type(inside)(declared(root, address, 1, calls=calls), region="eu-west-1")
    net = network(
        root,
        vpcs=(inside,),
        route_tables=(
            table(root, 'module.net["a.b"].aws_route_table.private[0]', of=address, calls=calls),
            table(root, "aws_route_table.outside", of=address),
        ),
    )
    text = fixed(net, Fix("add-gateway-endpoint", vpc=address, service="s3", region="eu-west-1"), inside.declared)
    assert "vpc_id            = aws_vpc.this[0].id\n" in text
    hint = "and aws_route_table.outside (hand it over in the call of module.net)"
    assert f"route_table_ids   = aws_route_table.private[*].id # {hint}\n" in text


def test_what_a_fetched_module_makes_is_put_right_where_it_is_called(tmp_path: Path) -> None:
    root = tmp_path / "root"
    address = "module.net.module.vpc.aws_vpc.this[0]"
    source = "git::https://github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=v5.8.1"
    calls = (
        Call("module.net", Span(str(root / "main.tf"), 1)),
        Call("module.net.module.vpc", Span(str(root / "net" / "vpc.tf.json"), 4), fetched=source),
    )
    made = declared(root, address, 1, calls=calls)
    inside = type(vpc(root))(made, region="eu-west-1")
    tables = (table(root, "module.net.module.vpc.aws_route_table.private[0]", of=address, calls=calls),)
    net = network(root, vpcs=(inside,), route_tables=tables)
    fix = Fix("add-gateway-endpoint", vpc=address, service="s3", region="eu-west-1")
    finding = Finding("VPCE001", "fail", "high", made, "said", fix=fix)
    written = write_fix(finding, [net])
    assert written is not None and (written.where, written.file) == ("add to", str(root / "net" / "vpc.tf.json"))
    assert json.loads(written.text)["resource"]["aws_vpc_endpoint"]["s3"] == {
        "vpc_id": "${module.vpc.vpc_id}",
        "service_name": "com.amazonaws.${data.aws_region.current.name}.s3",
        "vpc_endpoint_type": "Gateway",
        "route_table_ids": "${module.vpc.private_route_table_ids}",
    }
    closed = replace(made, calls=(replace(calls[1], fetched="git::ssh://git@example.com/network.git"),))
    written = write_fix(replace(finding, about=closed), [net])
    assert written is not None and written.where == ""
    assert written.text == (
        "beside module.net.module.vpc, create a gateway endpoint for s3 in the VPC that module.net.module.vpc outputs"
    )
    change = Fix("set", "module.net.module.vpc.aws_vpc_endpoint.this", field="private_dns", value=True)
    written = write_fix(replace(finding, fix=change, about=closed), [net])
    assert written is not None and (written.where, written.file) == ("change in", str(root / "net" / "vpc.tf.json"))
    assert written.text == "# change the inputs of module.net.module.vpc, so that this has\nprivate_dns_enabled = true"


def test_name_does_not_clash_with_an_endpoint_that_is_there(tmp_path: Path) -> None:
    root = tmp_path / "root"
    about = Declaration("aws_vpc_endpoint.s3", "aws_vpc_endpoint", Span(str(root / "main.tf"), 5))
    there = endpoint(root, "aws_vpc_endpoint.s3", "s3", declared=about, type="Interface")
    net = network(root, vpcs=(vpc(root),), endpoints=(there,))
    assert fixed(net, GATEWAY, net.vpcs[0].declared).startswith('resource "aws_vpc_endpoint" "s3_gateway" {')


def test_unknown_region_is_asked_of_the_provider(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    text = fixed(net, Fix("add-gateway-endpoint", vpc="aws_vpc.main", service="s3"), net.vpcs[0].declared)
    assert text.startswith('data "aws_region" "current" {}\n\nresource')
    assert '"com.amazonaws.${data.aws_region.current.name}.s3"' in text


def test_changed_argument_tells_the_expression_that_it_replaces(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text("resource {\n  private_dns_enabled = var.dns\n  private_dns_enabled = false\n}\n")
    net = network(root)
    change = Fix("set", "module.a.aws_vpc_endpoint.logs[0]", field="private_dns", value=True)
    for line, note in ((2, " # now: var.dns"), (3, "")):
        about = declared(root, "x", 1, field_spans={"private_dns": Span(str(root / "main.tf"), line)})
        assert fixed(net, change, about) == (
            f'resource "aws_vpc_endpoint" "logs" {{\n  # ...\n  private_dns_enabled = true{note}\n}}'
        )


def test_nested_argument(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root)
    change = Fix("set", "aws_vpc_endpoint.s3", field="dns_inbound_only", value=False)
    assert fixed(net, change, declared(root, "aws_vpc_endpoint.s3", 1)) == (
        'resource "aws_vpc_endpoint" "s3" {\n'
        "  # ...\n"
        "  dns_options {\n"
        "    private_dns_only_for_inbound_resolver_endpoint = false\n"
        "  }\n"
        "}"
    )


def test_json_syntax_gets_json(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),), route_tables=(table(root, "aws_route_table.private[0]"),))
    about = Declaration("aws_vpc.main", "aws_vpc", Span(str(root / "main.tf.json"), 3))
    assert json.loads(fixed(net, GATEWAY, about)) == {
        "resource": {
            "aws_vpc_endpoint": {
                "s3": {
                    "vpc_id": "${aws_vpc.main.id}",
                    "service_name": "com.amazonaws.eu-west-1.s3",
                    "vpc_endpoint_type": "Gateway",
                    "route_table_ids": "${aws_route_table.private[*].id}",
                }
            }
        }
    }
    change = Fix("set", "aws_vpc.main", field="enable_dns_hostnames", value=True)
    assert json.loads(fixed(net, change, about)) == {"resource": {"aws_vpc": {"main": {"enable_dns_hostnames": True}}}}


class _Tags(yaml.SafeLoader):
    """Reads the short forms of CloudFormation as the long ones."""


_Tags.add_constructor("!Ref", lambda loader, node: {"Ref": loader.construct_scalar(node)})  # type: ignore[no-untyped-call, arg-type]
_Tags.add_constructor("!Sub", lambda loader, node: {"Fn::Sub": loader.construct_scalar(node)})  # type: ignore[no-untyped-call, arg-type]


def test_cloudformation_in_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(
        root,
        language="cloudformation-yaml",
        vpcs=(vpc(root, "Net/Main"),),
        route_tables=(table(root, "Net/Private", of="Net/Main"), table(root, "Outer", of="Net/Main")),
    )
    fix = Fix("add-gateway-endpoint", vpc="Net/Main", service="s3", region="eu-west-1")
    expected = {
        "S3Endpoint": {
            "Type": "AWS::EC2::VPCEndpoint",
            "Properties": {
                "VpcId": {"Ref": "Main"},
                "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"},
                "VpcEndpointType": "Gateway",
                "RouteTableIds": [{"Ref": "Private"}],
            },
        }
    }
    in_yaml = fixed(net, fix, Declaration("Net/Main", "AWS::EC2::VPC", Span(str(root / "net.yaml"), 3)))
    assert "VpcId: !Ref Main\n" in in_yaml
    assert yaml.load(in_yaml, _Tags) == expected
    assert (
        json.loads(fixed(net, fix, Declaration("Net/Main", "AWS::EC2::VPC", Span(str(root / "net.json"), 3))))
        == expected
    )


def test_cloudformation_change(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, language="cloudformation-yaml")
    about = Declaration("Logs", "AWS::EC2::VPCEndpoint", Span(str(root / "net.template"), 3))
    change = Fix("set", "Logs", field="private_dns", value=True)
    assert fixed(net, change, about) == "Logs:\n  Properties:\n    PrivateDnsEnabled: true"


def test_words_are_left_as_they_are(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root)
    assert fixed(net, Fix("text", value="delete one of them"), declared(root, "a", 1)) == "delete one of them"


def test_endpoint_of_another_scenario_is_not_doubled(tmp_path: Path) -> None:
    root = tmp_path / "root"
    there = endpoint(root, "S3Endpoint", "s3", of=Reference("Main", ("VpcId",)))
    scenarios = [
        network(
            root,
            language="cloudformation-yaml",
            vpcs=(vpc(root, "Main"),),
            endpoints=(there,) if environment == "prod" else (),
            scenario=scenario({"Environment": "dev prod"}, Environment=environment),
        )
        for environment in ("dev", "prod")
    ]
    fix = Fix("add-gateway-endpoint", vpc="Main", service="s3")
    finding = Finding("VPCE001", "fail", "high", there.declared, "said", fix=fix, when=("Environment is dev",))
    written = write_fix(finding, scenarios)
    assert written is not None
    assert (written.text, written.where) == ("create S3Endpoint always, not only when Environment is prod", "")


def test_cloudformation_refers_to_what_is_conditional_under_its_condition(tmp_path: Path) -> None:
    root = tmp_path / "root"
    always = table(root, "Always", of="Main")
    sometimes = table(root, "Sometimes", of="Main")
    sometimes = replace(sometimes, declared=replace(sometimes.declared, condition="ThirdZone"))
    main = vpc(root, "Main")
    created = replace(main, declared=replace(main.declared, condition="Create"))
    fix = Fix("add-gateway-endpoint", vpc="Main", service="s3")
    finding = Finding("VPCE001", "fail", "high", main.declared, "said", fix=fix)
    small = network(root, language="cloudformation-yaml", vpcs=(created,), route_tables=(always,))
    large = replace(small, route_tables=(always, sometimes))
    written = write_fix(finding, [small, large])
    assert written is not None
    assert "  Condition: Create\n" in written.text
    assert "    - !Ref Always\n      - !If [ThirdZone, !Ref Sometimes, !Ref AWS::NoValue]" in written.text


def test_cloudformation_says_what_belongs_where_nothing_is_known(tmp_path: Path) -> None:
    root = tmp_path / "root"
    main = vpc(root, "Main")
    bare = network(root, language="cloudformation-yaml", vpcs=(main,))
    tables = fixed(bare, Fix("add-gateway-endpoint", vpc="Main", service="s3"), main.declared)
    assert tables.endswith("RouteTableIds: [] # the private route tables")
    subnets = fixed(bare, Fix("add-interface-endpoint", vpc="Main", service="logs"), main.declared)
    assert "    SubnetIds: [] # the private subnets\n" in subnets
    assert "    SecurityGroupIds: [] # a group that lets in TCP 443 from the VPC\n" in subnets
    assert subnets.endswith("\nMain:\n  Properties:\n    EnableDnsHostnames: true")


def test_json_says_what_belongs_where_nothing_is_known(tmp_path: Path) -> None:
    root = tmp_path / "root"
    main = vpc(root, "Main")
    bare = network(root, language="cloudformation-json", vpcs=(main,))
    written = json.loads(fixed(bare, Fix("add-interface-endpoint", vpc="Main", service="logs"), main.declared))
    properties = written["LogsEndpoint"]["Properties"]
    assert properties["SubnetIds"] == ["<the private subnets>"]
    assert properties["SecurityGroupIds"] == ["<a group that lets in TCP 443 from the VPC>"]
    about = Declaration("aws_vpc.main", "aws_vpc", Span(str(root / "main.tf.json"), 3))
    block = json.loads(fixed(network(root, vpcs=(vpc(root),)), GATEWAY, about))["resource"]["aws_vpc_endpoint"]["s3"]
    assert block["route_table_ids"] == ["<the private route tables>"]


def scanned(folder: Path, files: dict[str, str]) -> str:
    """What the text report says of a root module."""
    from tests.cli.run import cli

    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return cli("scan", ".", cwd=folder).out


VPC = 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n'


def subnets(name: str, zone: str) -> str:
    rest = f"  vpc_id            = aws_vpc.v.id\n  availability_zone = {zone}\n"
    return f'resource "aws_subnet" "{name}" {{\n  count             = 2\n{rest}}}\n'


def subnets_of_kms(tmp_path: Path, code: str) -> str:
    """The subnets that a fix gives to an endpoint for KMS."""
    from tests.cli.run import cli

    (tmp_path / "main.tf").write_text(VPC + code)
    text = cli("scan", ".", "--require", "kms", "--rules", "VPCE003", cwd=tmp_path).out
    (line,) = (line for line in text.split("\n") if "subnet_ids " in line)
    return line.partition("= ")[2].partition(" #")[0]


@pytest.mark.parametrize("zone", ['["eu-west-1a", "eu-west-1b"][count.index]', "var.zones[count.index]"])
def test_an_endpoint_has_one_subnet_of_each_zone(tmp_path: Path, zone: str) -> None:
    """AWS refuses a second one: "DuplicateSubnetsInSameZone"."""
    code = 'variable "zones" {}\n' + subnets("public", zone) + subnets("app", zone) + subnets("db", zone)
    assert subnets_of_kms(tmp_path, code) == "aws_subnet.app[*].id"


def test_subnets_in_zones_of_their_own_go_together(tmp_path: Path) -> None:
    one = 'resource "aws_subnet" "%s" {\n  vpc_id = aws_vpc.v.id\n  availability_zone = %s\n}\n'
    code = 'variable "zones" {}\n' + one % ("a", '"eu-west-1a"') + one % ("b", '"eu-west-1b"')
    assert subnets_of_kms(tmp_path, code) == "[aws_subnet.a.id, aws_subnet.b.id]"
    code = 'variable "zones" {}\n' + one % ("a", "var.zones[0]") + one % ("b", "var.zones[1]")
    assert subnets_of_kms(tmp_path, code) == "[aws_subnet.a.id, aws_subnet.b.id]"


def test_subnets_behind_an_internet_gateway_come_last(tmp_path: Path) -> None:
    one = 'resource "aws_subnet" "%s" {\n  vpc_id = aws_vpc.v.id\n  availability_zone = "eu-west-1a"\n}\n'
    way = """resource "aws_internet_gateway" "out" {
  vpc_id = aws_vpc.v.id
}
resource "aws_route_table" "out" {
  vpc_id = aws_vpc.v.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.out.id
  }
}
resource "aws_route_table_association" "out" {
  subnet_id      = aws_subnet.edge.id
  route_table_id = aws_route_table.out.id
}
"""
    assert subnets_of_kms(tmp_path, one % "edge" + one % "inner" + way) == "[aws_subnet.inner.id]"
    assert subnets_of_kms(tmp_path, one % "edge" + way) == "[aws_subnet.edge.id]"


def test_a_data_source_that_is_there_is_used(tmp_path: Path) -> None:
    text = scanned(tmp_path, {"main.tf": VPC + 'data "aws_region" "here" {}\n'})
    assert "data.aws_region.here.name" in text and 'data "aws_region"' not in text


def test_the_region_is_declared_once(tmp_path: Path) -> None:
    """Terraform refuses a second declaration: "Duplicate data configuration"."""
    text = scanned(tmp_path, {"main.tf": VPC})
    assert text.count('data "aws_region" "current" {}') == 1
    assert "    # data.aws_region.current is declared by the fix that adds s3 to aws_vpc.v\n" in text
    assert text.count("${data.aws_region.current.name}") == 2


def test_the_region_is_that_of_the_provider_of_the_vpc(tmp_path: Path) -> None:
    """The default provider may be in another region."""
    there = VPC.replace("{\n", "{\n  provider   = aws.dr\n", 1)
    text = scanned(tmp_path, {"main.tf": there + 'data "aws_region" "current" {}\n'})
    assert text.count('data "aws_region" "dr" {\n      provider = aws.dr\n    }\n') == 1
    assert "    # data.aws_region.dr is declared by the fix that adds s3 to aws_vpc.v\n" in text
    assert text.count("${data.aws_region.dr.name}") == 2 and "aws_region.current" not in text


def test_a_data_source_of_the_provider_of_the_vpc_is_used(tmp_path: Path) -> None:
    there = VPC.replace("{\n", "{\n  provider   = aws.dr\n", 1)
    regions = 'data "aws_region" "current" {}\ndata "aws_region" "far" {\n  provider = aws.dr\n}\n'
    text = scanned(tmp_path, {"main.tf": there + regions})
    assert text.count("${data.aws_region.far.name}") == 2 and 'data "aws_region"' not in text


def test_regions_of_two_providers_are_declared_once_each(tmp_path: Path) -> None:
    there = VPC.replace("{\n", "{\n  provider   = aws.dr\n", 1)
    text = scanned(tmp_path, {"main.tf": there + VPC.replace('"v"', '"home"')})
    assert text.count('data "aws_region" "dr" {') == 1 and text.count('data "aws_region" "current" {}') == 1


def test_the_region_of_the_vpc_itself_is_written_as_it_is(tmp_path: Path) -> None:
    there = VPC.replace("{\n", "{\n  region     = var.far\n", 1)
    text = scanned(tmp_path, {"main.tf": there + 'variable "far" {}\ndata "aws_region" "current" {}\n'})
    assert text.count('service_name      = "com.amazonaws.${var.far}.') == 2 and "aws_region" not in text


def test_the_region_is_declared_once_in_json_syntax(tmp_path: Path) -> None:
    root = {"resource": {"aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}}}}
    text = scanned(tmp_path, {"main.tf.json": json.dumps(root)})
    assert text.count('"aws_region": {') == 1 and '"//": "data.aws_region.current is declared by' in text


def test_a_data_source_of_the_same_name_is_not_declared_again(tmp_path: Path) -> None:
    other = 'data "aws_region" "current" {\n  name = "us-east-1"\n}\n'
    text = scanned(tmp_path, {"main.tf": VPC + other})
    assert 'data "aws_region" "current"' not in text and "${data.aws_region.of_provider.name}" in text


def test_an_endpoint_that_is_switched_off_is_not_declared_again(tmp_path: Path) -> None:
    off = (
        'resource "aws_vpc_endpoint" "s3" {\n  count = var.s3 ? 1 : 0\n  vpc_id = aws_vpc.v.id\n'
        '  service_name = "com.amazonaws.eu-west-1.s3"\n}\nvariable "s3" {\n  default = false\n}\n'
    )
    text = " ".join(scanned(tmp_path, {"main.tf": VPC + off}).split())
    assert (
        "fix: let aws_vpc_endpoint.s3 create the endpoint: its count (var.s3 ? 1 : 0) creates none for aws_vpc.v"
        in text
    )


def test_a_region_in_a_template_of_the_provider_is_written_as_it_is_there(tmp_path: Path) -> None:
    """Also one that is no region of AWS yet, which a person has to fill in first."""
    for region, words in (
        ("eu-west-1", ""),
        ("REPLACE_ME", "'REPLACE_ME', the region of aws_vpc.v, is not one of AWS"),
    ):
        code = f'provider "aws" {{\n  region = "${{local.region}}"\n}}\nlocals {{\n  region = "{region}"\n}}\n'
        code += VPC + 'resource "aws_route_table" "t" {\n  vpc_id = aws_vpc.v.id\n}\n'
        made = fixes(tmp_path / region, {"main.tf": code})["VPCE001", "aws_vpc.v"]
        assert '= "com.amazonaws.${local.region}.s3"' in made
        said = " ".join(cli("fix", ".", "--rules", "VPCE001", cwd=tmp_path / region).out.split())
        assert words in said and ("left" in said) == bool(words)


def test_an_endpoint_of_any_name_that_a_variable_switches_off_is_named(tmp_path: Path) -> None:
    """A second one beside it would be refused by AWS where the variable is set. One of another VPC is none."""
    off = (
        'resource "aws_vpc_endpoint" "datasets_s3" {\n  count = var.on ? 1 : 0\n  vpc_id = %s\n'
        '  service_name = "com.amazonaws.eu-west-1.s3"\n}\nvariable "on" {\n  default = false\n}\n'
    )
    said = fixes(tmp_path / "own", {"main.tf": VPC + off % "aws_vpc.v.id"})["VPCE001", "aws_vpc.v"]
    words = "let aws_vpc_endpoint.datasets_s3 create the endpoint: its count (var.on ? 1 : 0) creates none for aws_vpc.v (main.tf:"
    assert said.startswith(words) and "; var.on decides (main.tf:" in said
    call = 'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.8.1"\n  name = "v"\n  cidr = "10.0.0.0/16"\n}\n'
    beside = fixes(tmp_path / "beside", {"main.tf": call + off % "module.vpc.vpc_id"})
    assert "let aws_vpc_endpoint.datasets_s3 create the endpoint" in beside["VPCE001", "module.vpc.aws_vpc.this[0]"]
    for other in ("aws_vpc.other.id", "module.other.id", "data.aws_vpc.other.id"):
        made = fixes(tmp_path / other, {"main.tf": VPC + off % other})["VPCE001", "aws_vpc.v"]
        assert 'resource "aws_vpc_endpoint" "s3" {' in made


@pytest.mark.parametrize("asked", ['service = "s3"', 'service_name = "com.amazonaws.eu-west-1.s3"'])
def test_an_endpoint_whose_service_is_looked_up_is_named(tmp_path: Path, asked: str) -> None:
    off = (
        'resource "aws_vpc_endpoint" "storage" {\n  count = 0\n  vpc_id = aws_vpc.v.id\n'
        "  service_name = data.aws_vpc_endpoint_service.x.service_name\n}\n"
        f'data "aws_vpc_endpoint_service" "x" {{\n  {asked}\n  service_type = "Gateway"\n}}\n'
    )
    made = fixes(tmp_path, {"main.tf": VPC + off})
    assert made["VPCE001", "aws_vpc.v"].startswith("let aws_vpc_endpoint.storage create the endpoint: its count (0)")
    assert 'resource "aws_vpc_endpoint" "dynamodb" {' in made["VPCE002", "aws_vpc.v"]


@pytest.mark.parametrize(
    ("name", "vpc", "named"),
    [
        ("!Sub com.amazonaws.${AWS::Region}.s3", "!Ref Vpc", True),
        ("!Join ['.', [com.amazonaws, !Ref 'AWS::Region', s3]]", "!GetAtt Vpc.VpcId", True),
        ("!Sub com.amazonaws.${AWS::Region}.dynamodb", "!Ref Vpc", False),
        ("!Sub com.amazonaws.${AWS::Region}.s3", "!Ref Other", False),
    ],
)
def test_an_endpoint_that_its_condition_does_not_create_is_named(
    tmp_path: Path, name: str, vpc: str, named: bool
) -> None:
    template = f"""\
Parameters:
  On: {{Type: String, Default: "no", AllowedValues: ["no"]}}
Conditions:
  IsOn: !Equals [!Ref On, "yes"]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {{CidrBlock: 10.0.0.0/16}}
  Other:
    Type: AWS::EC2::VPC
    Properties: {{CidrBlock: 10.1.0.0/16}}
  Table:
    Type: AWS::EC2::RouteTable
    Properties: {{VpcId: !Ref Vpc}}
  Storage:
    Type: AWS::EC2::VPCEndpoint
    Condition: IsOn
    Properties:
      VpcId: {vpc}
      ServiceName: {name}
      RouteTableIds: [!Ref Table]
"""
    said = fixes(tmp_path, {"net.yaml": template})["VPCE001", "Vpc"]
    words = "let Storage create the endpoint: its condition (IsOn) creates none for Vpc (net.yaml:15)"
    assert (said == words) == named and ("S3Endpoint:" in said) != named


def test_an_endpoint_that_is_switched_off_for_another_vpc_is_not_named(tmp_path: Path) -> None:
    off = (
        'resource "aws_vpc_endpoint" "s3" {\n  count = 0\n  vpc_id = aws_vpc.n.id\n'
        '  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
    )
    made = fixes(tmp_path, {"main.tf": VPC + VPC.replace('"v"', '"n"') + off})
    assert 'resource "aws_vpc_endpoint" "s3_gateway" {' in made["VPCE001", "aws_vpc.v"]
    assert "let aws_vpc_endpoint.s3 create the endpoint" in made["VPCE001", "aws_vpc.n"]


def test_an_endpoint_of_another_module_does_not_hide_one_that_is_switched_off(tmp_path: Path) -> None:
    endpoint = 'resource "aws_vpc_endpoint" "s3" {\n%s  vpc_id = aws_vpc.v.id\n  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
    root = 'module "a" {\n  source = "./a"\n}\nmodule "b" {\n  source = "./b"\n}\n'
    vpc = VPC[VPC.index('resource "aws_vpc"') :]
    files = {"main.tf": root, "a/main.tf": vpc + endpoint % "", "b/main.tf": vpc + endpoint % "  count = 0\n"}
    said = fixes(tmp_path, files)["VPCE001", "module.b.aws_vpc.v"]
    assert said.startswith(
        "let aws_vpc_endpoint.s3 create the endpoint: its count (0) creates none for module.b.aws_vpc.v"
    )


def test_a_name_that_the_code_has_is_not_taken(tmp_path: Path) -> None:
    other = 'resource "aws_vpc_endpoint" "s3" {\n  count = 0\n  vpc_id = aws_vpc.v.id\n  service_name = var.what\n}\n'
    assert 'resource "aws_vpc_endpoint" "s3_gateway" {' in scanned(tmp_path, {"main.tf": VPC + other})


WITH_GROUP = """
provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "v" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_security_group" "endpoints" {
  vpc_id = aws_vpc.v.id
  ingress {
    protocol    = "tcp"
    from_port   = %s
    to_port     = 443
    cidr_blocks = ["10.0.0.0/16"]
  }
}
resource "aws_vpc_endpoint" "sns" {
  vpc_id              = aws_vpc.v.id
  service_name        = "com.amazonaws.eu-west-1.sns"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  security_group_ids  = [aws_security_group.endpoints.id]
}
"""


@pytest.mark.parametrize(
    ("first_port", "service", "groups"),
    [
        ("443", "kms", "[aws_security_group.endpoints.id]"),
        ("444", "kms", "[] # a group that lets in TCP 443 from the VPC"),
        ("443", "cassandra", "[] # a group that lets in TCP 9142 from the VPC"),
    ],
)
def test_an_interface_endpoint_has_a_group_that_lets_clients_in(
    first_port: str, service: str, groups: str, tmp_path: Path
) -> None:
    from tests.cli.run import cli

    (tmp_path / "main.tf").write_text(WITH_GROUP % first_port)
    text = cli("scan", ".", "--require", service, "--rules", "VPCE003", cwd=tmp_path).out
    assert f"      security_group_ids  = {groups}\n" in text


def test_cloudformation_uses_the_group_of_a_sibling(tmp_path: Path) -> None:
    from tests.cli.run import cli

    (tmp_path / "network.yaml").write_text("""\
Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}
  Clients:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: endpoints
      VpcId: !Ref Main
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/16}]
  Sns:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Main
      ServiceName: com.amazonaws.eu-west-1.sns
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      SecurityGroupIds: [!GetAtt Clients.GroupId]
""")
    text = cli("scan", ".", "--require", "kms", "--rules", "VPCE003", cwd=tmp_path).out
    assert "        SecurityGroupIds: [!GetAtt [Clients, GroupId]]\n" in text


def test_another_region_is_not_the_own_one(tmp_path: Path) -> None:
    other = 'data "aws_region" "other" {\n  name = "eu-west-1"\n}\n'
    assert 'data "aws_region" "current" {}' in scanned(tmp_path, {"main.tf": VPC + other})


def test_the_name_of_the_region_has_its_attribute_of_the_version(tmp_path: Path) -> None:
    required = 'terraform {\n  required_providers {\n    aws = {\n      version = "%s"\n    }\n  }\n}\n'
    for version, attribute in ((">= 6.0", "region"), ("~> 5.1", "name"), (">= 4", "name")):
        text = scanned(tmp_path, {"main.tf": VPC, "versions.tf": required % version})
        assert f"data.aws_region.current.{attribute}}}" in text


def test_tables_of_a_map_are_its_values(tmp_path: Path) -> None:
    tables = 'variable "t" {}\nresource "aws_route_table" "p" {\n  for_each = var.t\n  vpc_id = aws_vpc.v.id\n}\n'
    assert "values(aws_route_table.p)[*].id" in scanned(tmp_path, {"main.tf": VPC + tables})


def test_both_dns_attributes_are_turned_on(tmp_path: Path) -> None:
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),))
    fix = Fix("set", address="aws_vpc.main", field="enable_dns_support", value=True, also=("enable_dns_hostnames",))
    assert "  enable_dns_support   = true\n  enable_dns_hostnames = true\n" in fixed(net, fix, net.vpcs[0].declared)


MODULE = (
    'variable "services" {}\n'
    + VPC
    + 'resource "aws_vpc_endpoint" "e" {\n  for_each = toset(var.services)\n  vpc_id = aws_vpc.v.id\n'
    '  service_name = "com.amazonaws.eu-west-1.${each.key}"\n  route_table_ids = [aws_vpc.v.main_route_table_id]\n}\n'
)


def test_a_caller_is_changed_and_not_the_module_of_others(tmp_path: Path) -> None:
    calls = 'module "a" {\n  source = "./m"\n  services = ["s3"]\n}\nmodule "b" {\n  source = "./m"\n  services = ["s3", "dynamodb"]\n}\n'
    text = " ".join(scanned(tmp_path, {"main.tf": calls, "m/main.tf": MODULE}).split())
    assert "in the call of module.a, change services, so that the module creates" in text
    assert 'resource "aws_vpc_endpoint" "dynamodb"' not in text


def test_an_instance_is_changed_where_its_call_is_repeated(tmp_path: Path) -> None:
    call = 'module "m" {\n  for_each = { a = ["s3"], b = ["s3", "dynamodb"] }\n  source = "./m"\n  services = each.value\n}\n'
    text = " ".join(scanned(tmp_path, {"main.tf": call, "m/main.tf": MODULE}).split())
    assert 'in the call of module.m["a"], change what its count or for_each gives it' in text


SHARED = (
    VPC
    + 'resource "aws_route_table" "p" {\n  count = 2\n  vpc_id = aws_vpc.v.id\n}\n'
    + 'output "vpc" {\n  value = aws_vpc.v.id\n}\n'
)
TABLES = 'output "tables" {\n  value = %s\n}\n'
CALL = 'module "%s" {\n  source = "../modules/net"\n}\n'


@pytest.mark.parametrize("value", ["aws_route_table.p[*].id", "[for t in aws_route_table.p : t.id]"])
def test_a_module_that_other_roots_may_call_is_not_changed(tmp_path: Path, value: str) -> None:
    text = scanned(tmp_path, {"a/main.tf": CALL % "net", "modules/net/main.tf": SHARED + TABLES % value})
    assert "fix: add to a/main.tf" in text
    assert "= module.net.vpc\n" in text and "= module.net.tables\n" in text


@pytest.mark.parametrize("comment", [" # of the core", " // of the core", " /* of the core */"])
def test_a_comment_behind_an_output_or_a_source_is_none_of_it(tmp_path: Path, comment: str) -> None:
    module = (SHARED + TABLES % "aws_route_table.p[*].id").replace(
        "aws_vpc.v.id\n}\noutput", f"aws_vpc.v.id{comment}\n}}\noutput"
    )
    text = scanned(tmp_path, {"a/main.tf": CALL % "net", "modules/net/main.tf": module})
    assert "fix: add to a/main.tf" in text and "= module.net.vpc\n" in text
    twice = CALL % "net" + (CALL % "other").replace('net"\n}', f'net"{comment}\n}}')
    text = scanned(tmp_path, {"a/main.tf": twice})
    assert "fix: add to modules/net/main.tf\n" in text


@pytest.mark.parametrize("argument", ["provider   = aws.far", 'region     = "eu-central-1"', "region     = var.region"])
def test_a_vpc_of_another_provider_or_region_is_not_left_for_the_call_of_its_module(
    tmp_path: Path, argument: str
) -> None:
    """Beside the call, neither the provider nor a variable of the module can be named."""
    module = SHARED.replace("{\n", f"{{\n  {argument}\n", 1) + TABLES % "aws_route_table.p[*].id"
    more = 'provider "aws" {\n  alias  = "far"\n  region = "eu-central-1"\n}\nvariable "region" {\n  default = "eu-central-1"\n}\n'
    text = scanned(tmp_path, {"a/main.tf": CALL % "net", "modules/net/main.tf": module + more})
    assert "fix: add to modules/net/main.tf\n" in text and "module.net.vpc" not in text


def test_a_shared_module_is_changed_where_the_root_cannot_do_it(tmp_path: Path) -> None:
    twice = {
        "a/main.tf": CALL % "net" + CALL % "other",
        "modules/net/main.tf": SHARED + TABLES % "aws_route_table.p[*].id",
    }
    without_output = {"a/main.tf": CALL % "net", "modules/net/main.tf": SHARED}
    inside = {"main.tf": CALL.replace("..", ".") % "net", "modules/net/main.tf": twice["modules/net/main.tf"]}
    for name, files in {"twice": twice, "without": without_output, "inside": inside}.items():
        text = scanned(tmp_path / name, files)
        assert "fix: add to modules/net/main.tf\n" in text and "module.net.vpc" not in text, name


ENDPOINTS = (
    'variable "vpc" {}\nvariable "dns" {\n  default = true\n}\nvariable "map" {\n  default = {}\n}\n'
    'resource "aws_vpc_endpoint" "e" {\n  for_each = var.map\n  vpc_id = var.vpc\n  vpc_endpoint_type = "Interface"\n'
    '  service_name = "com.amazonaws.eu-west-1.${each.key}"\n  private_dns_enabled = %s\n}\n'
)
NET = VPC.replace("}\n", "  enable_dns_hostnames = true\n}\n", 1)


def test_a_value_is_changed_in_the_entry_that_sets_it(tmp_path: Path) -> None:
    call = (
        'module "m" {\n  source = "./m"\n  vpc = aws_vpc.v.id\n  map = merge(local.all, { sqs = { dns = true } })\n}\n'
    )
    entries = 'locals {\n  all = {\n    kms = { dns = true }\n    "ecr.api" = { dns = false, x = 1 }\n  }\n}\n'
    files = {"main.tf": NET + call, "more.tf": entries, "m/main.tf": ENDPOINTS % "each.value.dns"}
    text = scanned(tmp_path, files)
    assert 'fix: change in more.tf:4\n\n    "ecr.api" = {\n      # ...\n      dns = true # now: false\n    }\n' in text


def test_a_value_is_changed_in_the_call_that_gives_it(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "./m"\n  vpc = aws_vpc.v.id\n  dns = false # old\n  map = { kms = {} }\n}\n'
    text = scanned(tmp_path, {"main.tf": NET + call, "m/main.tf": ENDPOINTS % "var.dns"})
    assert 'change in main.tf:8\n\n    module "m" {\n      # ...\n      dns = true # now: false\n    }\n' in text


@pytest.mark.parametrize(
    "entries",
    [
        "  given = merge({ kms = { dns = false } }, local.two)\n  two = { kms = { dns = false } }\n",  # one of two
        "  given = { kms = { dns = var.off } }\n  other = { kms = { dns = false } }\n",  # not what the call takes
        "  given = merge({ kms = { dns = true } }, { kms = { dns = var.off } })\n",  # two may set it
    ],
)
def test_a_value_of_no_certain_origin_is_changed_in_the_module(tmp_path: Path, entries: str) -> None:
    call = 'module "m" {\n  source = "./m"\n  vpc = aws_vpc.v.id\n  map = local.given\n}\n'
    more = f'variable "off" {{\n  default = false\n}}\nlocals {{\n{entries}}}\n'
    text = scanned(tmp_path, {"main.tf": NET + call + more, "m/main.tf": ENDPOINTS % "each.value.dns"})
    assert "private_dns_enabled = true # now: each.value.dns\n" in text


def test_a_fix_that_does_not_depend_on_the_code_does_not_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(file: str, networks: object) -> None:
        raise AssertionError(f"{file} was read")

    monkeypatch.setattr("vpce_checks.report.fixes.fix_terraform.code_around", read)
    root = tmp_path / "root"
    net = network(root, vpcs=(vpc(root),), route_tables=(table(root, "aws_route_table.private"),))
    assert "[aws_route_table.private.id]" in fixed(net, GATEWAY, net.vpcs[0].declared)


def fixes(folder: Path, files: dict[str, str], *arguments: str) -> dict[tuple[str, str], Any]:
    """The fix of each failure in the JSON report, by rule and resource."""
    from tests.cli.run import cli

    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    results = json.loads(cli("scan", ".", "--format", "json", *arguments, cwd=folder).out)["results"]
    return {(each["rule"], each["resource"]): each["fix"] for each in results if each["status"] == "fail"}


PROVIDER = 'variable "region" {\n  default = "eu-west-1"\n}\nprovider "aws" {\n  region = %s\n}\n'
KMS = (
    'resource "aws_vpc_endpoint" "kms" {\n  vpc_id            = aws_vpc.v.id\n'
    '  service_name      = "com.amazonaws.%s.kms"\n  vpc_endpoint_type = "Interface"\n}\n'
)


@pytest.mark.parametrize(
    ("code", "region"),
    [
        (PROVIDER % '"eu-west-1"', "eu-west-1"),
        (PROVIDER % "var.region", "${var.region}"),
        (PROVIDER % '"eu-west-1"' + KMS % "${var.region}", "${var.region}"),
        (PROVIDER % "var.region" + KMS % "${local.here}" + 'locals {\n  here = "eu-west-1"\n}\n', "${local.here}"),
        (PROVIDER % '"eu-west-1"' + ("# " + KMS % "${var.region}").replace("\n", "\n# "), "eu-west-1"),
    ],
)
def test_the_region_is_written_as_the_module_does(code: str, region: str, tmp_path: Path) -> None:
    text = fixes(tmp_path, {"main.tf": VPC + code})["VPCE001", "aws_vpc.v"]
    assert f'service_name      = "com.amazonaws.{region}.s3"\n' in text


@pytest.mark.parametrize(
    "provider",
    [
        'provider "aws" {\n  region = var.region # ours\n}\n',
        'provider "aws" {\n  region = var.region // ours\n}\n',
        'provider "aws" {\n  region = var.region /* ours */\n}\n',
        'provider "aws" { region = var.region }\n',
        '\ufeffprovider "aws" { region = var.region } # ours\n',
    ],
)
def test_only_the_value_of_an_argument_is_copied(provider: str, tmp_path: Path) -> None:
    text = fixes(tmp_path, {"main.tf": provider + 'variable "region" {}\n' + VPC})["VPCE001", "aws_vpc.v"]
    assert 'service_name      = "com.amazonaws.${var.region}.s3"\n' in text


def test_no_comment_of_the_vpc_is_copied(tmp_path: Path) -> None:
    code = (
        'provider "aws" {\n  alias = "far"\n}\nvariable "on" {\n  default = true\n}\n'
        'resource "aws_vpc" "v" {\n  provider   = aws.far # the hub\n  count      = var.on ? 1 : 0 // "#1"\n'
        '  cidr_block = "10.0.0.0/16"\n}\ndata "aws_region" "here" {\n  provider = aws.far # as above\n}\n'
    )
    text = fixes(tmp_path, {"main.tf": code})["VPCE001", "aws_vpc.v[0]"]
    assert "  count             = var.on ? 1 : 0\n  provider          = aws.far\n" in text
    assert '"com.amazonaws.${data.aws_region.here.name}.s3"' in text


@pytest.mark.parametrize("provider", ["{ region = var.region }", "{\n  region = var.region\n}"])
def test_a_vpc_with_a_region_beside_a_provider(provider: str, tmp_path: Path) -> None:
    code = f'provider "aws" {provider}\nvariable "region" {{}}\n' + VPC.replace("{", '{\n  region = "eu-west-3"', 1)
    text = fixes(tmp_path, {"main.tf": code})["VPCE001", "aws_vpc.v"]
    assert '  region            = "eu-west-3"\n' in text
    assert 'service_name      = "com.amazonaws.eu-west-3.s3"\n' in text


@pytest.mark.parametrize(
    ("sibling", "region"),
    [
        ("${var.other}", "eu-west-1"),
        ("${local.here}", "${local.here}"),
        ("${var.unset}", "${var.unset}"),
    ],
)
def test_the_region_of_another_vpc_is_not_copied(sibling: str, region: str, tmp_path: Path) -> None:
    code = (
        PROVIDER % '"eu-west-1"'
        + 'variable "other" {\n  default = "us-east-1"\n}\nvariable "unset" {}\nlocals {\n  here = "eu-west-1"\n}\n'
        + VPC
        + VPC.replace('"v" {', '"w" {\n  provider = aws.other')
        + 'provider "aws" {\n  alias = "other"\n  region = var.other\n}\n'
        + (KMS % sibling).replace("aws_vpc.v", "aws_vpc.w")
    )
    found = fixes(tmp_path, {"main.tf": code})
    assert f'service_name      = "com.amazonaws.{region}.s3"\n' in found["VPCE001", "aws_vpc.v"]
    assert 'service_name      = "com.amazonaws.${var.other}.s3"\n' in found["VPCE001", "aws_vpc.w"]


def test_the_region_of_another_vpc_is_not_copied_beside_a_published_module(tmp_path: Path) -> None:
    module = (
        'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  version = "5.8.1"\n  cidr = "10.0.0.0/16"\n}\n'
    )
    code = PROVIDER % '"eu-west-1"' + VPC + 'variable "other" {\n  default = "us-east-1"\n}\n' + KMS % "${var.other}"
    found = fixes(tmp_path, {"main.tf": code + module})
    assert 'service_name      = "com.amazonaws.eu-west-1.s3"\n' in found["VPCE001", "module.vpc.aws_vpc.this[0]"]


@pytest.mark.parametrize("place", ["region = var.place", "provider = aws.there"])
def test_an_unknown_region_is_that_of_the_vpc(place: str, tmp_path: Path) -> None:
    code = (
        PROVIDER % '"eu-west-1"'
        + 'variable "place" {}\nprovider "aws" {\n  alias = "there"\n  region = var.place\n}\n'
        + VPC.replace("{", "{\n  " + place, 1)
    )
    text = fixes(tmp_path, {"main.tf": code})["VPCE001", "aws_vpc.v"]
    assert 'service_name      = "com.amazonaws.${var.place}.s3"\n' in text


def test_a_module_gets_no_region_of_its_own(tmp_path: Path) -> None:
    root = PROVIDER % '"eu-west-1"' + 'module "net" {\n  source = "./net"\n}\n'
    text = fixes(tmp_path, {"net/main.tf": VPC, "main.tf": root})["VPCE001", "module.net.aws_vpc.v"]
    assert text.startswith('data "aws_region" "current" {}\n\nresource')
    assert '"com.amazonaws.${data.aws_region.current.name}.s3"' in text


def test_an_endpoint_has_the_provider_and_the_count_of_its_vpc(tmp_path: Path) -> None:
    code = (
        'provider "aws" {\n  alias  = "west"\n  region = "us-west-2"\n}\nvariable "on" {\n  default = true\n}\n'
        'resource "aws_vpc" "v" {\n  provider   = aws.west\n  count      = var.on ? 1 : 0\n  cidr_block = "10.0.0.0/16"\n}\n'
    )
    text = fixes(tmp_path, {"main.tf": code})["VPCE001", "aws_vpc.v[0]"]
    assert "  count             = var.on ? 1 : 0\n  provider          = aws.west\n" in text
    assert "  vpc_id            = aws_vpc.v[0].id\n" in text and '"com.amazonaws.us-west-2.s3"' in text


@pytest.mark.parametrize(("passed", "argument"), [("aws.west", "  provider          = aws.west\n"), ("aws", "")])
def test_an_endpoint_has_the_provider_that_the_call_of_the_vpc_passes(
    passed: str, argument: str, tmp_path: Path
) -> None:
    code = (
        'provider "aws" {\n  region = "us-west-2"\n}\nprovider "aws" {\n  alias  = "west"\n  region = "us-west-2"\n}\n'
        'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.8.1"\n'
        f"  providers = {{\n    aws = {passed}\n  }}\n"
        '  cidr            = "10.0.0.0/16"\n  azs             = ["us-west-2a"]\n  private_subnets = ["10.0.1.0/24"]\n}\n'
    )
    text = fixes(tmp_path, {"main.tf": code})["VPCE001", "module.vpc.aws_vpc.this[0]"]
    head = text.partition("  vpc_id ")[0]
    assert head == f'resource "aws_vpc_endpoint" "s3" {{\n{argument}'


def test_two_vpcs_of_a_module_get_names_of_their_own(tmp_path: Path) -> None:
    code = PROVIDER % '"eu-west-1"' + VPC + VPC.replace('"v"', '"w"')
    found = fixes(tmp_path, {"main.tf": code})
    names = {found["VPCE001", f"aws_vpc.{name}"].split('"')[3] for name in "vw"}
    assert names == {"s3", "w_s3"}


def test_two_published_modules_get_names_of_their_own(tmp_path: Path) -> None:
    module = 'module "%s" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.8.1"\n  cidr    = "10.0.0.0/16"\n}\n'
    found = fixes(tmp_path, {"main.tf": PROVIDER % '"eu-west-1"' + module % "hub" + module % "spoke__one" + VPC})
    vpcs = ("module.hub.aws_vpc.this[0]", "module.spoke__one.aws_vpc.this[0]", "aws_vpc.v")
    for rule, service in (("VPCE001", "s3"), ("VPCE002", "dynamodb")):
        names = {found[rule, each].split('"')[3] for each in vpcs}
        assert len(names) == 3 and service in names
        assert names < {service, f"hub_{service}", f"spoke_one_{service}", f"v_{service}"}


@pytest.mark.parametrize(
    ("subnets", "expected"),
    [
        ('public_subnets = ["10.0.1.0/24"]', "module.vpc.public_subnets"),
        ('public_subnets = ["10.0.1.0/24"]\n  private_subnets = ["10.0.2.0/24"]', "module.vpc.private_subnets"),
        ('intra_subnets = ["10.0.1.0/24"]\n  public_subnets = ["10.0.2.0/24"]', "module.vpc.intra_subnets"),
    ],
)
def test_the_subnets_of_a_published_module_are_those_that_it_has(subnets: str, expected: str, tmp_path: Path) -> None:
    module = (
        'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "5.8.1"\n  cidr    = "10.0.0.0/16"\n'
        f'  azs = ["eu-west-1a"]\n  {subnets}\n}}\n'
    )
    found = fixes(tmp_path, {"main.tf": PROVIDER % '"eu-west-1"' + module}, *WITH_SQS)
    text = found["VPCE003", "module.vpc.aws_vpc.this[0]"]
    assert f"  subnet_ids          = {expected}\n" in text


def test_dns_hostnames_come_with_private_dns(tmp_path: Path) -> None:
    code = PROVIDER % '"eu-west-1"' + VPC + KMS % "eu-west-1"
    on = 'resource "aws_vpc" "v" {\n  # ...\n  enable_dns_hostnames = true\n}'
    found = fixes(tmp_path, {"main.tf": code}, "--require", "sqs")
    assert found["VPCE004", "aws_vpc_endpoint.kms"].endswith(f"\n\n{on}")
    assert found["VPCE003", "aws_vpc.v"].endswith(f"\n\n{on}")
    assert on not in found["VPCE001", "aws_vpc.v"]


TABLE_OF = 'resource "aws_route_table" "%s" {\n  vpc_id = aws_vpc.v.id\n}\n'
GATEWAY_ENDPOINT = 'resource "aws_vpc_endpoint" "s3" {\n  vpc_id          = aws_vpc.v.id\n  service_name    = "com.amazonaws.eu-west-1.s3"\n%s}\n'


def test_missing_route_tables_are_named(tmp_path: Path) -> None:
    code = PROVIDER % '"eu-west-1"' + VPC + TABLE_OF % "a" + TABLE_OF % "b" + GATEWAY_ENDPOINT % ""
    text = fixes(tmp_path, {"main.tf": code})["VPCE007", "aws_vpc_endpoint.s3"]
    assert text == (
        'resource "aws_vpc_endpoint" "s3" {\n  # ...\n  route_table_ids = [aws_route_table.a.id, aws_route_table.b.id]\n}'
    )


def test_route_tables_that_have_associations_of_their_own_are_left_to_these(tmp_path: Path) -> None:
    """Terraform says: do not use both for one endpoint."""
    apart = (
        'resource "aws_vpc_endpoint_route_table_association" "a" {\n  vpc_endpoint_id = aws_vpc_endpoint.s3.id\n'
        "  route_table_id  = aws_route_table.a.id\n}\n"
        'resource "aws_subnet" "b" {\n  vpc_id = aws_vpc.v.id\n}\nresource "aws_route_table_association" "b" {\n'
        "  subnet_id      = aws_subnet.b.id\n  route_table_id = aws_route_table.b.id\n}\n"
    )
    code = PROVIDER % '"eu-west-1"' + VPC + TABLE_OF % "a" + TABLE_OF % "b" + GATEWAY_ENDPOINT % "" + apart
    text = fixes(tmp_path, {"main.tf": code})["VPCE007", "aws_vpc_endpoint.s3"]
    assert text == "associate the endpoint with every private route table of its VPC"


SUBNETS = 'resource "aws_subnet" "%s" {\n  count  = 2\n  vpc_id = aws_vpc.v.id\n%s}\n'
ZONES = '  availability_zone = ["eu-west-1a", "eu-west-1b"][count.index]\n'
NO_ZONES = " # AWS refuses two of one zone, and the code does not show the zones\n"
WITH_SQS = ("--require", "sqs", "--rules", "VPCE003")


@pytest.mark.parametrize(
    ("subnets", "expected"),
    [
        (SUBNETS % ("db", ZONES) + SUBNETS % ("private", ZONES), "aws_subnet.private[*].id\n"),
        (SUBNETS % ("private", ""), "aws_subnet.private[*].id" + NO_ZONES),
        (SUBNETS.replace("2", "1") % ("private", ""), "aws_subnet.private[*].id\n"),
    ],
)
def test_an_endpoint_gets_one_subnet_of_each_zone(subnets: str, expected: str, tmp_path: Path) -> None:
    code = PROVIDER % '"eu-west-1"' + VPC + subnets
    text = fixes(tmp_path, {"main.tf": code}, *WITH_SQS)["VPCE003", "aws_vpc.v"]
    assert f"  subnet_ids          = {expected}" in text


SAME = " # name one of each zone: AWS refuses two of one\n"


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ('["eu-west-1a", "eu-west-1b"][count.index]', "\n"),
        ('"eu-west-1a"', SAME),
        ('["eu-west-1a", "eu-west-1b"][count.index % 2]', SAME),
        ("data.aws_availability_zones.all.names[count.index]", "\n"),
        ("data.aws_availability_zones.all.names[0]", SAME),
        ("var.zones[count.index]", NO_ZONES),
        ("var.zone", NO_ZONES),
    ],
)
def test_a_block_of_subnets_of_which_some_are_in_one_zone(zone: str, hint: str, tmp_path: Path) -> None:
    count = 3 if "%" in zone else 2
    block = (
        f'resource "aws_subnet" "p" {{\n  count  = {count}\n  vpc_id = aws_vpc.v.id\n  availability_zone = {zone}\n}}\n'
    )
    given = 'variable "zones" {}\nvariable "zone" {}\ndata "aws_availability_zones" "all" {}\n'
    code = PROVIDER % '"eu-west-1"' + VPC + given + block
    text = fixes(tmp_path, {"main.tf": code}, *WITH_SQS)["VPCE003", "aws_vpc.v"]
    assert f"  subnet_ids          = aws_subnet.p[*].id{hint}" in text


@pytest.mark.parametrize("zone", ["      AvailabilityZone: !Select [%s, !GetAZs '']\n", ""])
def test_a_template_says_that_the_zones_are_not_known(zone: str, tmp_path: Path) -> None:
    subnet = "  S%s:\n    Type: AWS::EC2::Subnet\n    Properties:\n      VpcId: !Ref Main\n"
    parts = [subnet % at + (zone % at if zone else "") for at in (0, 1)]
    vpc = "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/16\n"
    text = fixes(tmp_path, {"t.yaml": vpc + "".join(parts)}, *WITH_SQS)["VPCE003", "Main"]
    assert f"SubnetIds: [!Ref S0, !Ref S1]{'' if zone else NO_ZONES.rstrip()}\n" in text


def test_tables_that_another_module_has_to_output_are_named(tmp_path: Path) -> None:
    inner = (
        'variable "vpc" {}\nresource "aws_subnet" "a" {\n  vpc_id = var.vpc\n}\nresource "aws_route_table" "a" {\n'
        '  vpc_id = var.vpc\n}\nresource "aws_route_table_association" "a" {\n  subnet_id      = aws_subnet.a.id\n'
        "  route_table_id = aws_route_table.a.id\n}\n"
    )
    outer = 'resource "aws_route_table" "b" {\n  vpc_id = aws_vpc.v.id\n}\nmodule "m" {\n  source = "./m"\n  vpc    = aws_vpc.v.id\n}\n'
    found = fixes(tmp_path, {"main.tf": PROVIDER % '"eu-west-1"' + VPC + outer, "m/main.tf": inner})
    hint = " # and module.m.aws_route_table.a (module.m has to output it)\n"
    assert f"  route_table_ids   = [aws_route_table.b.id]{hint}" in found["VPCE001", "aws_vpc.v"]


@pytest.mark.parametrize("other", ['{ services = ["s3", "dynamodb"] }', 'merge({}, { services = ["s3", "dynamodb"] })'])
def test_inputs_of_a_component_are_named_with_their_place(other: str, tmp_path: Path) -> None:
    component = 'component "%s" {\n  source = "./m"\n  inputs = %s\n}\n'
    code = component % ("a", 'merge({}, { services = ["s3"] })') + component % ("b", other)
    text = " ".join(scanned(tmp_path, {"main.tfcomponent.hcl": code, "m/main.tf": MODULE}).split())
    assert "in the call of component.a, change the inputs (main.tfcomponent.hcl:3), so that the module creates" in text


APART = (
    'variable "vpc" {}\nresource "aws_subnet" "a" {\n  count  = 2\n  vpc_id = var.vpc\n}\n'
    'resource "aws_route_table" "a" {\n  count  = 2\n  vpc_id = var.vpc\n}\n'
    'resource "aws_route_table_association" "a" {\n  count          = 2\n  subnet_id      = aws_subnet.a[count.index].id\n'
    "  route_table_id = aws_route_table.a[count.index].id\n}\n"
)
"""A module with route tables of a VPC that is elsewhere."""


@pytest.mark.parametrize("value", ["aws_route_table.a[*].id", "aws_route_table.a.*.id"])
def test_tables_that_another_module_outputs_are_named_by_the_output(value: str, tmp_path: Path) -> None:
    call = 'module "m" {\n  source = "./m"\n  vpc    = aws_vpc.v.id\n}\n'
    files = {"main.tf": PROVIDER % '"eu-west-1"' + VPC + call, "m/main.tf": APART + TABLES % value}
    assert "  route_table_ids   = module.m.tables\n" in fixes(tmp_path, files)["VPCE001", "aws_vpc.v"]


def test_an_endpoint_goes_where_the_outputs_of_both_modules_can_be_named(tmp_path: Path) -> None:
    calls = CALL % "net" + 'module "m" {\n  source = "../modules/m"\n  vpc    = module.net.vpc\n}\n'
    net = VPC + 'output "vpc" {\n  value = aws_vpc.v.id\n}\n'
    files = {
        "envs/main.tf": PROVIDER % "var.region" + calls.replace("..", "../.."),
        "modules/net/main.tf": net,
        "modules/m/main.tf": APART + TABLES % "aws_route_table.a[*].id",
    }
    text = scanned(tmp_path, {name: text.replace("../../", "../") for name, text in files.items()})
    assert text.count("fix: add to envs/main.tf\n") == 2
    assert text.count("route_table_ids   = module.m.tables\n") == 2


SIBLING = (
    'resource "aws_vpc_endpoint" "%s" {\n  vpc_id            = %s\n  vpc_endpoint_type = "Gateway"\n'
    '  service_name      = "com.amazonaws.${var.region}.%s"\n  route_table_ids   = %s\n}\n'
)
NAMED = 'variable "tables" {\n  default = ["rtb-1"]\n}\n'


@pytest.mark.parametrize(("there", "missing", "rule"), [("s3", "dynamodb", "VPCE002"), ("dynamodb", "s3", "VPCE001")])
@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ("var.tables # all", "var.tables"),
        ("concat(\n    var.tables,\n    [aws_route_table.p.id],\n  )", "concat(var.tables, [aws_route_table.p.id])"),
        ("[for each in var.tables : each]", "[for each in var.tables : each]"),
    ],
)
def test_a_gateway_endpoint_is_in_the_tables_of_its_sibling(
    there: str, missing: str, rule: str, tables: str, expected: str, tmp_path: Path
) -> None:
    table = 'resource "aws_route_table" "p" {\n  vpc_id = aws_vpc.v.id\n}\n'
    code = PROVIDER % '"eu-west-1"' + VPC + table + NAMED + SIBLING % ("other", "aws_vpc.v.id", there, tables)
    fix = fixes(tmp_path, {"main.tf": code})[rule, "aws_vpc.v"]
    assert f'.{missing}"' in fix and f"  route_table_ids   = {expected}\n" in fix


@pytest.mark.parametrize(
    "tables",
    [
        "[]",  # it misses the private table
        "slice([aws_route_table.p.id], 0, length(each.key) > 0 ? 1 : 0)",  # only inside of its block
    ],
)
def test_a_sibling_is_not_followed_where_it_cannot_be(tables: str, tmp_path: Path) -> None:
    private = (
        'resource "aws_subnet" "p" {\n  vpc_id = aws_vpc.v.id\n}\nresource "aws_route_table" "p" {\n  vpc_id = aws_vpc.v.id\n}\n'
        'resource "aws_route_table_association" "p" {\n  subnet_id = aws_subnet.p.id\n  route_table_id = aws_route_table.p.id\n}\n'
    )
    sibling = SIBLING % ("other", "aws_vpc.v.id", "s3", tables)
    if "each." in tables:
        sibling = sibling.replace("{\n", '{\n  for_each = toset(["x"])\n', 1)
    code = PROVIDER % '"eu-west-1"' + VPC + private + sibling
    fix = fixes(tmp_path, {"main.tf": code})["VPCE002", "aws_vpc.v"]
    assert "  route_table_ids   = [aws_route_table.p.id]\n" in fix


def test_an_endpoint_goes_beside_its_sibling_in_another_module(tmp_path: Path) -> None:
    calls = (
        'module "net" {\n  source = "./net"\n}\nmodule "m" {\n  source = "./m"\n  vpc    = module.net.vpc\n}\n'
        'module "e" {\n  source = "./e"\n  vpc    = module.net.vpc\n  tables = module.m.tables\n}\n'
    )
    endpoints = 'variable "vpc" {}\nvariable "region" {\n  default = "eu-west-1"\n}\nvariable "tables" {}\n'
    files = {
        "main.tf": PROVIDER % '"eu-west-1"' + calls,
        "net/main.tf": VPC + 'output "vpc" {\n  value = aws_vpc.v.id\n}\n',
        "m/main.tf": APART + TABLES % "aws_route_table.a[*].id",
        "e/main.tf": endpoints + SIBLING % ("s3", "var.vpc", "s3", "var.tables"),
    }
    text = scanned(tmp_path, files)
    expected = (
        'add to e/main.tf\n\n    resource "aws_vpc_endpoint" "dynamodb" {\n      vpc_id            = var.vpc\n'
        '      service_name      = "com.amazonaws.${var.region}.dynamodb"\n      vpc_endpoint_type = "Gateway"\n'
        "      route_table_ids   = var.tables\n    }\n"
    )
    assert expected in text


def test_a_sibling_in_a_module_that_others_may_call_is_followed_in_the_call(tmp_path: Path) -> None:
    calls = (
        CALL % "net"
        + 'module "m" {\n  source = "../modules/m"\n  vpc    = module.net.vpc\n}\n'
        + 'module "e" {\n  source = "../modules/e"\n  vpc    = module.net.vpc\n  tables = module.m.tables\n}\n'
    )
    files = {
        "envs/main.tf": PROVIDER % "var.region" + calls,
        "modules/net/main.tf": VPC + 'output "vpc" {\n  value = aws_vpc.v.id\n}\n',
        "modules/m/main.tf": APART + TABLES % "concat(aws_route_table.a[*].id)",
        "modules/e/main.tf": 'variable "vpc" {}\nvariable "region" {\n  default = "eu-west-1"\n}\nvariable "tables" {}\n'
        + SIBLING % ("s3", "var.vpc", "s3", "var.tables"),
    }
    text = scanned(tmp_path, files)
    assert "fix: add to envs/main.tf\n" in text
    assert "vpc_id            = module.net.vpc\n" in text and "route_table_ids   = module.m.tables\n" in text


def test_an_endpoint_is_in_the_tables_that_a_sibling_of_a_published_module_names(tmp_path: Path) -> None:
    entry = 's3 = {\n      service         = "s3"\n      service_type    = "Gateway"\n      route_table_ids = local.tables\n    }'
    call = (
        'module "endpoints" {\n  source    = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"\n  version   = "5.8.1"\n'
        f"  vpc_id    = aws_vpc.v.id\n  endpoints = {{\n    {entry}\n  }}\n}}\n"
    )
    code = PROVIDER % '"eu-west-1"' + VPC + call + 'locals {\n  tables = ["rtb-1"]\n}\n'
    fix = fixes(tmp_path, {"main.tf": code})["VPCE002", "aws_vpc.v"]
    assert "  route_table_ids   = local.tables\n" in fix


@pytest.mark.parametrize("tables", ["!Ref Tables", "[!Ref Table, !Ref Other]"])
def test_a_gateway_endpoint_of_a_template_is_in_the_tables_of_its_sibling(tables: str, tmp_path: Path) -> None:
    template = (
        "Parameters:\n  Table: {Type: String}\n  Other: {Type: String}\n  Tables: {Type: CommaDelimitedList}\nResources:\n"
        "  Main:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n"
        "  S3:\n    Type: AWS::EC2::VPCEndpoint\n    Properties:\n      VpcId: !Ref Main\n"
        f"      ServiceName: !Sub com.amazonaws.${{AWS::Region}}.s3\n      RouteTableIds: {tables}\n"
    )
    text = scanned(tmp_path, {"template.yaml": template})
    assert f"RouteTableIds: {tables}\n" in text.partition("fix: add to template.yaml")[2]


def test_an_endpoint_goes_beside_its_sibling_in_a_nested_stack(tmp_path: Path) -> None:
    nested = (
        "Parameters:\n  Vpc: {Type: String}\n  Table: {Type: String}\nResources:\n  S3:\n    Type: AWS::EC2::VPCEndpoint\n"
        "    Properties:\n      VpcId: !Ref Vpc\n      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3\n"
        "      RouteTableIds: [!Ref Table]\n"
    )
    outer = (
        "Parameters:\n  Table: {Type: String}\nResources:\n  Main:\n    Type: AWS::EC2::VPC\n"
        "    Properties: {CidrBlock: 10.0.0.0/16}\n  Gateways:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
        "      TemplateURL: nested.yaml\n      Parameters: {Vpc: !Ref Main, Table: !Ref Table}\n"
    )
    text = scanned(tmp_path, {"template.yaml": outer, "nested.yaml": nested})
    fix = text.partition("fix: add to nested.yaml")[2]
    assert "VpcId: !Ref Vpc\n" in fix and "RouteTableIds: [!Ref Table]\n" in fix


def test_an_endpoint_that_the_module_of_its_sibling_switches_off_is_switched_on(tmp_path: Path) -> None:
    off = (SIBLING % ("dynamodb", "var.vpc", "dynamodb", "var.tables")).replace(
        "{\n", "{\n  count = var.on ? 1 : 0\n", 1
    )
    inner = (
        'variable "vpc" {}\nvariable "region" {\n  default = "eu-west-1"\n}\nvariable "tables" {}\nvariable "on" {\n'
        "  default = false\n}\n"
    )
    call = 'module "e" {\n  source = "./e"\n  vpc    = aws_vpc.v.id\n  tables = ["rtb-1"]\n}\n'
    files = {
        "main.tf": PROVIDER % '"eu-west-1"' + VPC + call,
        "e/main.tf": inner + SIBLING % ("s3", "var.vpc", "s3", "var.tables") + off,
    }
    fix = fixes(tmp_path, files)["VPCE002", "aws_vpc.v"]
    assert (
        "let aws_vpc_endpoint.dynamodb create the endpoint: its count (var.on ? 1 : 0) creates none for aws_vpc.v; the call of "
        in fix
    )
    assert fix.endswith("module.e (main.tf:10) leaves on at its default")


def test_the_argument_that_decides_whether_an_endpoint_is_created_is_named(tmp_path: Path) -> None:
    module = (
        'variable "on" {\n  type = bool\n}\nlocals {\n  on = var.on\n}\n'
        + VPC
        + 'resource "aws_vpc_endpoint" "s3" {\n  count = COUNT ? 1 : 0\n  vpc_id = aws_vpc.v.id\n'
        '  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
    )
    call = PROVIDER % '"eu-west-1"' + 'module "net" {\n  source = "./net"\n  on     = false\n}\n'
    said = {}
    for count in ("var.on", "local.on"):
        files = {"main.tf": call, "net/main.tf": module.replace("COUNT", count)}
        said[count] = fixes(tmp_path / count, files)["VPCE001", "module.net.aws_vpc.v"]
    assert "creates none for module.net.aws_vpc.v; on in the call of module.net decides (" in said["var.on"]
    assert said["var.on"].endswith("(main.tf:9)")
    assert said["local.on"].endswith("creates none for module.net.aws_vpc.v")


SECOND = (
    'resource "aws_vpc_endpoint" "%s" {\n  vpc_id              = aws_vpc.v.id\n  vpc_endpoint_type   = "Interface"\n'
    '  service_name        = "com.amazonaws.eu-west-1.kms"\n  private_dns_enabled = %s\n}\n'
)


def test_private_dns_of_a_second_endpoint_is_not_turned_on(tmp_path: Path) -> None:
    files = {"main.tf": PROVIDER % '"eu-west-1"' + NET + SECOND % ("a", "true") + SECOND % ("b", "false")}
    fix = fixes(tmp_path, files)["VPCE004", "aws_vpc_endpoint.b"]
    assert fix.startswith("remove aws_vpc_endpoint.b, or turn private DNS on for it and off for aws_vpc_endpoint.a")


def test_two_endpoints_of_one_block_do_not_both_get_private_dns(tmp_path: Path) -> None:
    both = (SECOND % ("a", "false")).replace("{\n", "{\n  count = 2\n", 1)
    found = fixes(tmp_path, {"main.tf": PROVIDER % '"eu-west-1"' + NET + both})
    assert all("for one of them only" in found["VPCE004", f"aws_vpc_endpoint.a[{at}]"] for at in range(2))


@pytest.mark.parametrize("tables", ["{}", "[{}]", "[{a: 1, b: [2]}]", "{Ref: {}}"])
def test_what_a_sibling_should_not_say_breaks_no_report(tables: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        "Resources:\n  Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
        "  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}\n  S3:\n    Type: AWS::EC2::VPCEndpoint\n"
        "    Properties:\n      VpcId: !Ref Main\n      ServiceName: com.amazonaws.eu-west-1.s3\n"
        f"      RouteTableIds: {tables}\n"
    )
    for format in ("text", "json", "sarif"):
        result = cli("scan", "--format", format, cwd=tmp_path)
        assert "internal error" not in result.out + result.err


def test_the_quotes_of_an_expression_are_not_escaped(tmp_path: Path) -> None:
    code = PROVIDER % 'local.regions["a"]' + 'locals {\n  regions = { a = "eu-west-1" }\n}\n' + VPC
    fix = fixes(tmp_path, {"main.tf": code})["VPCE001", "aws_vpc.v"]
    assert '  service_name      = "com.amazonaws.${local.regions["a"]}.s3"\n' in fix


def test_one_of_several_vpcs_is_asked_for_its_own_region(tmp_path: Path) -> None:
    """What is proposed for it has no ``count``, and so no index."""
    code = (
        'variable "regions" {\n  default = ["eu-west-1", "us-east-1"]\n}\n'
        'resource "aws_vpc" "v" {\n  count      = 2\n  region     = var.regions[count.index]\n  cidr_block = "10.0.0.0/16"\n}\n'
    )
    fix = fixes(tmp_path, {"main.tf": code})["VPCE001", "aws_vpc.v[1]"]
    assert "count" not in fix
    assert "  region            = aws_vpc.v[1].region\n" in fix
    assert '  service_name      = "com.amazonaws.${aws_vpc.v[1].region}.s3"\n' in fix


def test_a_main_table_that_nobody_uses_is_no_table_of_firewalls(tmp_path: Path) -> None:
    table = 'resource "aws_default_route_table" "d" {\n  default_route_table_id = aws_vpc.v.default_route_table_id\n}\n'
    fix = fixes(tmp_path, {"main.tf": PROVIDER % '"eu-west-1"' + VPC + table})["VPCE001", "aws_vpc.v"]
    assert "# the private route tables" in fix

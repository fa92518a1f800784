"""Modules, variables, instances and providers, down to the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.run import cli
from tests.expectations import scan
from tests.terraform.configurations import PROVIDER, VPC, endpoint, network_of, vpc
from vpce_checks.model.network import link
from vpce_checks.model.values import ListValue, Opaque, PartialString, Reference, Unknown, pattern, same

S3 = """
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.${var.region}.s3"
  %s
}
"""


def causes(value: object) -> str:
    return " | ".join(cause.text for cause in value.causes)  # type: ignore[attr-defined]


# -- variables -------------------------------------------------------------------------------------------------------

REGION = 'variable "region" {\n  default = "eu-west-1"\n}\n'


@pytest.mark.parametrize(
    ("files", "options", "expected"),
    [
        ({}, {}, "eu-west-1"),
        ({}, {"environment": {"TF_VAR_region": "from-env-1"}}, "from-env-1"),
        ({"terraform.tfvars": 'region = "tfvars-1"'}, {"environment": {"TF_VAR_region": "from-env-1"}}, "tfvars-1"),
        (
            {"terraform.tfvars": 'region = "tfvars-1"', "terraform.tfvars.json": '{"region": "json-1"}'},
            {},
            "json-1",
        ),
        ({"terraform.tfvars.json": '{"region": "json-1"}', "a.auto.tfvars": 'region = "auto-1"'}, {}, "auto-1"),
        ({"a.auto.tfvars": 'region = "a-1"', "b.auto.tfvars.json": '{"region": "b-1"}'}, {}, "b-1"),
        ({"other.tfvars": 'region = "other-1"'}, {}, "eu-west-1"),
        ({"a.auto.tfvars": 'region = "auto-1"'}, {"variables": (("region", "x-1"), ("region", "last-1"))}, "last-1"),
    ],
)
def test_variables_follow_terraforms_precedence(
    tmp_path: Path, files: dict[str, str], options: dict[str, object], expected: str
) -> None:
    network = network_of(tmp_path, {"main.tf": VPC + REGION + S3 % "", **files}, **options)
    assert endpoint(network, "aws_vpc_endpoint.s3").service_name == f"com.amazonaws.{expected}.s3"


def test_var_files_win_over_automatic_ones_in_their_order(tmp_path: Path) -> None:
    files = {"a.auto.tfvars": 'region = "auto-1"', "one.tfvars": 'region = "one-1"', "two.tfvars": 'region = "two-1"'}
    paths = (str(tmp_path / "one.tfvars"), str(tmp_path / "two.tfvars"))
    network = network_of(tmp_path, {"main.tf": VPC + REGION + S3 % "", **files}, var_files=paths)
    assert endpoint(network, "aws_vpc_endpoint.s3").service_name == "com.amazonaws.two-1.s3"


def test_a_variable_without_a_value_leaves_the_rest_known(tmp_path: Path) -> None:
    network = network_of(tmp_path, {"main.tf": VPC + 'variable "region" {}\n' + S3 % ""})
    name = endpoint(network, "aws_vpc_endpoint.s3").service_name
    assert isinstance(name, PartialString)
    assert pattern(name) == "com.amazonaws.*.s3"
    assert "var.region has no value" in causes(name)


def test_text_from_the_command_line_is_an_expression_for_collections(tmp_path: Path) -> None:
    text = (
        VPC
        + 'variable "names" {\n  type = list(string)\n}\n'
        + """
    resource "aws_vpc_endpoint" "e" {
      for_each     = toset(var.names)
      vpc_id       = aws_vpc.main.id
      service_name = "com.amazonaws.eu-west-1.${each.value}"
    }
    """
    )
    network = network_of(tmp_path, {"main.tf": text}, variables=(("names", '["s3", "dynamodb"]'),))
    assert [e.address for e in network.endpoints] == ['aws_vpc_endpoint.e["dynamodb"]', 'aws_vpc_endpoint.e["s3"]']


def test_null_takes_the_default_only_where_null_is_not_allowed(tmp_path: Path) -> None:
    module = """
    variable "a" {
      default = true
    }
    variable "b" {
      default  = true
      nullable = false
    }
    resource "aws_vpc" "x" {
      enable_dns_support   = var.b
      enable_dns_hostnames = var.a
    }
    """
    network = network_of(
        tmp_path, {"main.tf": 'module "m" {\n source = "./m"\n a = null\n b = null\n}', "m/main.tf": module}
    )
    found = vpc(network, "module.m.aws_vpc.x")
    assert found.enable_dns_support is True
    assert found.enable_dns_hostnames is False


# -- instances -------------------------------------------------------------------------------------------------------


def test_an_undecided_count_of_none_or_one_is_one_instance_of_unknown_existence(tmp_path: Path) -> None:
    text = VPC + REGION + 'variable "create" {\n  type = bool\n}\n' + S3 % "count = var.create ? 1 : 0"
    (found,) = network_of(tmp_path, {"main.tf": text}).endpoints
    assert found.address == "aws_vpc_endpoint.s3[0]"
    assert isinstance(found.declared.exists, Unknown)
    assert "var.create has no value" in causes(found.declared.exists)


def test_undecided_keys_are_one_symbolic_instance(tmp_path: Path) -> None:
    text = VPC + REGION + 'variable "which" {}\n' + S3 % "for_each = var.which"
    (found,) = network_of(tmp_path, {"main.tf": text}).endpoints
    assert found.address == "aws_vpc_endpoint.s3[*]"
    assert isinstance(found.declared.exists, Unknown)


def test_the_two_sides_of_an_undecided_map_do_not_share_a_reason(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    variable "x" {
      type = bool
    }
    resource "aws_vpc_endpoint" "e" {
      for_each     = var.x ? { s3 = 1, sqs = 1 } : { dynamodb = 1 }
      vpc_id       = aws_vpc.main.id
      service_name = "com.amazonaws.eu-west-1.${each.key}"
    }
    """
    )
    network = network_of(tmp_path, {"main.tf": text})
    exists = {e.address.split('"')[1]: e.declared.exists for e in network.endpoints}
    assert exists.keys() == {"s3", "sqs", "dynamodb"}
    assert same(exists["s3"], exists["sqs"])
    assert not same(exists["s3"], exists["dynamodb"])


def test_an_item_that_may_be_filtered_out_is_an_instance_of_unknown_existence(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    variable "on" {}
    locals {
      all = { s3 = { on = true }, sqs = { on = var.on }, ssm = { on = false } }
    }
    resource "aws_vpc_endpoint" "e" {
      for_each     = { for k, v in local.all : k => v if v.on }
      vpc_id       = aws_vpc.main.id
      service_name = "com.amazonaws.eu-west-1.${each.key}"
    }
    """
    )
    found = {e.address: e.declared.exists for e in network_of(tmp_path, {"main.tf": text}).endpoints}
    assert found['aws_vpc_endpoint.e["s3"]'] is True
    assert isinstance(found['aws_vpc_endpoint.e["sqs"]'], Opaque)
    assert len(found) == 2


def test_known_keys_survive_a_merge_with_something_unknown(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    variable "more" {
      type = map(string)
    }
    resource "aws_vpc_endpoint" "e" {
      for_each     = merge({ s3 = "s3" }, var.more)
      vpc_id       = aws_vpc.main.id
      service_name = "com.amazonaws.eu-west-1.${each.key}"
    }
    """
    )
    found = {e.address: e for e in network_of(tmp_path, {"main.tf": text}).endpoints}
    assert found['aws_vpc_endpoint.e["s3"]'].declared.exists is True
    assert found['aws_vpc_endpoint.e["s3"]'].service_name == "com.amazonaws.eu-west-1.s3"
    assert found["aws_vpc_endpoint.e[*]"].declared.exists is not True


def test_a_name_with_an_unknown_region_still_keys_an_instance(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    variable "region" {}
    resource "aws_vpc_endpoint" "e" {
      for_each     = toset(["com.amazonaws.${var.region}.s3"])
      vpc_id       = aws_vpc.main.id
      service_name = each.value
    }
    """
    )
    (found,) = network_of(tmp_path, {"main.tf": text}).endpoints
    assert found.address == 'aws_vpc_endpoint.e["com.amazonaws.*.s3"]'
    assert found.declared.exists is True


def test_a_count_beyond_reason_is_one_symbolic_instance(tmp_path: Path) -> None:
    text = 'resource "aws_vpc" "many" {\n  count = 1000000000\n}\n'
    (found,) = network_of(tmp_path, {"main.tf": text}).vpcs
    assert found.address == "aws_vpc.many[*]"


# -- references ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "vpc_id",
    [
        "module.net.vpc_id",
        'try(module.net.vpc_id, "")',
        "one(module.net[*].vpc_id)",
        "coalesce(null, module.net.vpc_id)",
        "{ main = module.net.vpc_id }.main",
        'element(concat([module.net.vpc_id], ["vpc-1"]), 0)',
        "module.net.vpc.id",
        "module.net.subnet.vpc_id",
        'true ? module.net.vpc_id : "vpc-1"',
        "[for m in [module.net] : m.vpc_id][0]",
    ],
)
def test_a_reference_stays_itself_on_every_way(tmp_path: Path, vpc_id: str) -> None:
    net = """
    resource "aws_vpc" "this" {
      count = 1
    }
    resource "aws_subnet" "a" {
      vpc_id = aws_vpc.this[0].id
    }
    output "vpc_id" {
      value = try(aws_vpc.this[0].id, null)
    }
    output "vpc" {
      value = aws_vpc.this[0]
    }
    output "subnet" {
      value = aws_subnet.a
    }
    """
    main = f"""
    module "net" {{
      source = "./net"
    }}
    resource "aws_vpc_endpoint" "s3" {{
      vpc_id       = {vpc_id}
      service_name = "com.amazonaws.eu-west-1.s3"
    }}
    """
    network = network_of(tmp_path, {"main.tf": main, "net/main.tf": net})
    assert link(endpoint(network, "aws_vpc_endpoint.s3").vpc).address == "module.net.aws_vpc.this[0]"


@pytest.mark.parametrize(
    ("vpc_id", "label"),
    [
        ("data.aws_vpc.shared.id", "data.aws_vpc.shared"),
        ("var.vpc_id", "var.vpc_id"),
        ('"vpc-0123"', "vpc-0123"),
        ("data.terraform_remote_state.net.outputs.vpc_id", "data.terraform_remote_state.net.outputs.vpc_id"),
        ("aws_vpc.elsewhere.id", "aws_vpc.elsewhere.id"),
    ],
)
def test_a_vpc_that_is_not_created_here_is_external(tmp_path: Path, vpc_id: str, label: str) -> None:
    text = f"""
    variable "vpc_id" {{}}
    data "aws_vpc" "shared" {{
      tags = {{ Name = "shared" }}
    }}
    data "terraform_remote_state" "net" {{
      backend = "s3"
    }}
    resource "aws_vpc_endpoint" "s3" {{
      vpc_id       = {vpc_id}
      service_name = "com.amazonaws.eu-west-1.s3"
    }}
    """
    network = network_of(tmp_path, {"main.tf": VPC + text})
    assert link(endpoint(network, "aws_vpc_endpoint.s3").vpc).external == label


def test_a_data_source_that_looks_for_our_own_vpc_may_find_it(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    data "aws_vpc" "found" {
      depends_on = [aws_vpc.main]
      tags       = { Name = "main" }
    }
    data "aws_vpc" "given" {
      id = aws_vpc.main.id
    }
    resource "aws_vpc_endpoint" "a" {
      vpc_id       = data.aws_vpc.found.id
      service_name = "com.amazonaws.eu-west-1.s3"
    }
    resource "aws_vpc_endpoint" "b" {
      vpc_id       = data.aws_vpc.given.id
      service_name = "com.amazonaws.eu-west-1.s3"
    }
    """
    )
    network = network_of(tmp_path, {"main.tf": text})
    assert link(endpoint(network, "aws_vpc_endpoint.a").vpc).may_be("aws_vpc.main")
    assert link(endpoint(network, "aws_vpc_endpoint.b").vpc).address == "aws_vpc.main"


def test_an_undecided_vpc_is_one_of_two(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    variable "own" {
      type = bool
    }
    resource "aws_vpc" "other" {}
    resource "aws_vpc" "third" {}
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = var.own ? aws_vpc.main.id : aws_vpc.other.id
      service_name = "com.amazonaws.eu-west-1.s3"
    }
    """
    )
    found = link(endpoint(network_of(tmp_path, {"main.tf": text}), "aws_vpc_endpoint.s3").vpc)
    assert found.candidates == ("aws_vpc.main", "aws_vpc.other")
    assert not found.may_be("aws_vpc.third")


@pytest.mark.parametrize(
    ("attribute", "vpc"),
    [("vpc_id", "aws_vpc.other"), ("peer_vpc_id", "aws_vpc.main"), ("vpc_peering_connection_id", "")],
)
def test_the_side_that_accepts_a_peering_connection_calls_its_own_vpc_the_first(
    tmp_path: Path, attribute: str, vpc: str
) -> None:
    code = """
resource "aws_vpc" "other" { cidr_block = "10.9.0.0/16" }
resource "aws_vpc_peering_connection" "p" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.other.id
}
resource "aws_vpc_peering_connection_accepter" "a" {
  vpc_peering_connection_id = aws_vpc_peering_connection.p.id
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc_peering_connection_accepter.a.%s
  service_name = "com.amazonaws.eu-west-1.s3"
}
"""
    found = link(endpoint(network_of(tmp_path, {"main.tf": VPC + code % attribute}), "aws_vpc_endpoint.s3").vpc)
    assert found.address == (vpc or "aws_vpc_peering_connection.p")


@pytest.mark.parametrize(
    ("balancers", "type"),
    [
        ('network_load_balancer_arns = ["arn:a"]', "Interface"),
        ('gateway_load_balancer_arns = ["arn:a"]', "GatewayLoadBalancer"),
        ('network_load_balancer_arns = []\n  gateway_load_balancer_arns = ["arn:a"]', None),
        ("network_load_balancer_arns = var.arns", None),
    ],
)
def test_load_balancers_decide_the_type_of_an_endpoint_service(
    tmp_path: Path, balancers: str, type: str | None
) -> None:
    code = f"""
variable "arns" {{ type = list(string) }}
resource "aws_vpc_endpoint_service" "own" {{
  acceptance_required = false
  {balancers}
}}
resource "aws_vpc_endpoint" "own" {{
  vpc_id            = aws_vpc.main.id
  service_name      = aws_vpc_endpoint_service.own.service_name
  vpc_endpoint_type = aws_vpc_endpoint_service.own.service_type
}}
"""
    row = endpoint(network_of(tmp_path, {"main.tf": VPC + code}), "aws_vpc_endpoint.own")
    assert row.type == type if type is not None else not isinstance(row.type, str)


# -- providers -------------------------------------------------------------------------------------------------------


def test_a_region_that_is_no_text_leaves_what_is_made_of_it_unknown(tmp_path: Path) -> None:
    code = """
provider "aws" {
  region = { name = "eu-west-1" }
}

resource "aws_vpc_endpoint_service" "own" {
  acceptance_required = false
}

resource "aws_security_group" "own" {
  name_prefix = ["a"]
}

resource "aws_vpc_endpoint" "own" {
  vpc_id       = aws_vpc.main.id
  service_name = aws_vpc_endpoint_service.own.service_name
  security_group_ids = [data.aws_security_group.own.id]
}

data "aws_security_group" "own" {
  name = aws_security_group.own.name
}
"""
    network = network_of(tmp_path, {"main.tf": VPC + code})
    row = endpoint(network, "aws_vpc_endpoint.own")
    assert pattern(row.service_name) == "com.amazonaws.vpce.*.*"
    assert isinstance(row.region, Unknown)
    assert not network.diagnostics


def test_regions_follow_aliases_into_modules(tmp_path: Path) -> None:
    main = (
        PROVIDER
        + """
    provider "aws" {
      alias  = "west"
      region = "us-west-2"
    }
    module "here" {
      source = "./net"
    }
    module "there" {
      source    = "./net"
      providers = { aws = aws.west }
    }
    module "named" {
      source    = "./named"
      providers = { aws.remote = aws.west }
    }
    resource "aws_vpc" "own" {
      region = "ap-south-1"
    }
    """
    )
    net = 'data "aws_region" "current" {}\nresource "aws_vpc" "x" {}\noutput "r" {\n  value = data.aws_region.current.name\n}\n'
    named = """
    terraform {
      required_providers {
        aws = {
          source                = "hashicorp/aws"
          configuration_aliases = [aws.remote]
        }
      }
    }
    resource "aws_vpc" "x" {
      provider = aws.remote
    }
    """
    network = network_of(tmp_path, {"main.tf": main, "net/main.tf": net, "named/main.tf": named})
    regions = {found.address: found.region for found in network.vpcs}
    assert regions == {
        "aws_vpc.own": "ap-south-1",
        "module.here.aws_vpc.x": "eu-west-1",
        "module.there.aws_vpc.x": "us-west-2",
        "module.named.aws_vpc.x": "us-west-2",
    }


def test_the_region_option_fills_in_what_the_code_leaves_open(tmp_path: Path) -> None:
    assert vpc(network_of(tmp_path, {"main.tf": VPC}, region="eu-north-1"), "aws_vpc.main").region == "eu-north-1"
    assert (
        vpc(network_of(tmp_path, {"main.tf": VPC + PROVIDER}, region="eu-north-1"), "aws_vpc.main").region
        == "eu-west-1"
    )
    assert isinstance(vpc(network_of(tmp_path, {"main.tf": VPC}), "aws_vpc.main").region, Opaque)


# -- modules that are not there, circles, depth ----------------------------------------------------------------------


def test_a_module_that_is_not_there_is_opaque_with_its_inputs(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    module "db" {
      source = "example/database/aws"
      vpc    = aws_vpc.main.id
    }
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = module.db.vpc_id
      service_name = "com.amazonaws.eu-west-1.s3"
    }
    """
    )
    network = network_of(tmp_path, {"main.tf": text})
    (opaque,) = network.opaque_modules
    assert opaque.source == "example/database/aws"
    assert Reference("aws_vpc.main", ("id",)) in opaque.inputs
    found = link(endpoint(network, "aws_vpc_endpoint.s3").vpc)
    assert found.anything
    assert found.causes[0].text == (
        "the value is an output of module.db (example/database/aws), whose code was not read: "
        "it is not in the repository and not installed (terraform init would fetch it)"
    )


def test_installed_modules_are_read(tmp_path: Path) -> None:
    manifest = '{"Modules": [{"Key": "", "Dir": "."}, {"Key": "net", "Dir": ".terraform/modules/net"}, {"Key": "out", "Dir": "../../out"}]}'
    text = 'module "net" {\n  source = "example/net/aws"\n}\nmodule "out" {\n  source = "example/out/aws"\n}\n'
    files = {"main.tf": text, ".terraform/modules/modules.json": manifest, ".terraform/modules/net/main.tf": VPC}
    network = network_of(tmp_path, files)
    assert [found.address for found in network.vpcs] == ["module.net.aws_vpc.main"]
    assert [m.reason for m in network.opaque_modules] == ["it is outside the scanned repository"]


def test_modules_in_a_circle_end(tmp_path: Path) -> None:
    one = 'module "two" {\n  source = "../two"\n}\n' + VPC
    two = 'module "one" {\n  source = "../one"\n}\n'
    network = network_of(tmp_path, {"one/main.tf": one, "two/main.tf": two}, root="one")
    assert [m.reason for m in network.opaque_modules] == ["it calls itself"]
    assert [found.address for found in network.vpcs] == ["aws_vpc.main"]


def test_values_in_a_circle_are_unknown(tmp_path: Path) -> None:
    text = (
        VPC
        + "locals {\n  a = local.b\n  b = local.a\n}\n"
        + 'variable "region" {\n  default = "x-1"\n}\n'
        + S3 % "count = local.a"
    )
    (found,) = network_of(tmp_path, {"main.tf": text}).endpoints
    assert "refers to itself" in causes(found.declared.exists)


def test_a_long_chain_of_locals_is_followed_or_said_to_be_too_deep(tmp_path: Path) -> None:
    for length in (200, 20_000):
        chain = "".join(f"  v{i} = local.v{i + 1}\n" for i in range(length))
        text = VPC + REGION + "locals {\n" + chain + f"  v{length} = 1\n}}\n" + S3 % "count = local.v0"
        (found,) = network_of(tmp_path / str(length), {"main.tf": text}).endpoints
        if length == 200:
            assert found.declared.exists is True
        else:
            assert found.declared.exists is True or "too deep" in causes(found.declared.exists)


def test_doubling_values_end(tmp_path: Path) -> None:
    strings = "".join(f'  s{i} = "${{local.s{i + 1}}}${{local.s{i + 1}}}"\n' for i in range(70)) + '  s70 = "ab"\n'
    lists = "".join(f"  l{i} = [local.l{i + 1}, local.l{i + 1}]\n" for i in range(70)) + "  l70 = [1]\n"
    loops = "  r = [for a in range(3000) : [for b in range(3000) : [for c in range(3000) : c]]]\n"
    text = (
        VPC
        + "locals {\n"
        + strings
        + lists
        + loops
        + "}\n"
        + """
    resource "aws_vpc_endpoint" "e" {
      count        = length(local.s0) > 5 && length(flatten(local.l0)) > 3 && length(local.r) > 1 ? 1 : 0
      vpc_id       = aws_vpc.main.id
      service_name = "com.amazonaws.eu-west-1.s3"
    }
    """
    )
    (found,) = network_of(tmp_path, {"main.tf": text}).endpoints
    assert isinstance(found.declared.exists, Unknown)


# -- arguments -------------------------------------------------------------------------------------------------------


def test_dynamic_blocks_and_conversions(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    resource "aws_vpc_endpoint" "s3" {
      vpc_id              = aws_vpc.main.id
      service_name        = "com.amazonaws.eu-west-1.s3"
      vpc_endpoint_type   = "Interface"
      private_dns_enabled = "true"
      dynamic "dns_options" {
        for_each = [{ inbound = "false" }]
        iterator = options
        content {
          private_dns_only_for_inbound_resolver_endpoint = options.value.inbound
        }
      }
      dynamic "subnet_configuration" {
        for_each = toset(["subnet-a", "subnet-b"])
        content {
          subnet_id = subnet_configuration.value
        }
      }
    }
    """
    )
    found = endpoint(network_of(tmp_path, {"main.tf": text}), "aws_vpc_endpoint.s3")
    assert found.private_dns is True
    assert found.dns_inbound_only is False
    assert found.subnets.items == ("subnet-a", "subnet-b")  # type: ignore[union-attr]


def test_a_file_that_cannot_be_parsed_may_hold_an_endpoint(tmp_path: Path) -> None:
    broken = 'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = \n'
    network = network_of(tmp_path, {"main.tf": VPC, "broken.tf": broken})
    assert [m.reason for m in network.opaque_modules] == ["it could not be read in full"]
    assert any(d.severity == "error" and d.file.endswith("broken.tf") for d in network.diagnostics)
    harmless = network_of(tmp_path / "2", {"main.tf": VPC, "broken.tf": 'output "x" {\n  value = \n'})
    assert not harmless.opaque_modules


def test_what_a_module_exports_is_evaluated_only_where_it_is_used(tmp_path: Path) -> None:
    main = 'module "m" {\n  source = "./m"\n}\n' + VPC
    module = 'output "bad" {\n  value = local.nothing\n}\noutput "tags" {\n  value = { Name = "x" }\n}\n'
    network = network_of(tmp_path, {"main.tf": main, "m/main.tf": module})
    assert network.diagnostics == ()


def test_what_a_closed_module_cannot_have_been_handed(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    variable "size" {}
    resource "aws_subnet" "a" {
      vpc_id = aws_vpc.main.id
    }
    locals {
      of_size = { for n in var.size : n => n }
      of_both = var.size == 1 ? aws_subnet.a : null
    }
    module "cidrs" {
      source = "example/cidrs/aws"
      sizes  = local.of_size
      block  = aws_vpc.main.ipv6_cidr_block
    }
    module "database" {
      source = "example/database/aws"
      net    = local.of_both
    }
    module "inner" {
      source = "./inner"
      given  = local.of_both
    }
    """
    )
    inner = 'variable "given" {}\nmodule "deep" {\n  source = "example/deep/aws"\n  x = [for g in var.given : g]\n}\n'
    network = network_of(tmp_path, {"main.tf": text, "inner/main.tf": inner})
    reach = {m.declared.address: m.reach or {} for m in network.opaque_modules}
    assert reach["module.cidrs"] == {"aws_vpc.main": {"ipv6_cidr_block"}}
    assert reach["module.database"] == {"aws_subnet.a": {""}, "aws_vpc.main": {"id"}}
    assert reach["module.inner.module.deep"] == reach["module.database"]


@pytest.mark.parametrize(
    ("given", "handed"),
    [
        ("aws_vpc.main.id", True),
        ("aws_vpc.main", True),
        ("aws_vpc.main.cidr_block", False),
        ("local.pair.vpc.id", True),
        ("local.pair.block", False),
        ('local.pair["block"]', True),  # any member, as an index may be anything
        ("[aws_vpc.main][0].cidr_block", False),
        ("[aws_vpc.main][0].id", True),
        ("one(aws_vpc.main[*].id)", True),
        ("one([aws_vpc.main]).cidr_block", False),
        ("try(aws_vpc.main.id, null)", True),
        ("true ? aws_vpc.main.id : null", True),
        ("aws_subnet.a.id", False),
        ("aws_subnet.a.vpc_id", True),
        ("[for s in [aws_subnet.a] : s.vpc_id]", True),
        ("{ for k, v in local.pair : k => v }", True),
        ("data.aws_subnets.found.ids", True),
        ("module.net.vpc_id", True),
        ("module.net.block", False),
        ("module.net", True),
        ('"${aws_vpc.main.id}"', True),
        ("var.size", False),
    ],
)
def test_what_an_expression_can_reach(tmp_path: Path, given: str, handed: bool) -> None:
    text = (
        VPC
        + f"""
    variable "size" {{}}
    resource "aws_subnet" "a" {{
      vpc_id = aws_vpc.main.id
    }}
    data "aws_subnets" "found" {{
      filter {{
        name   = "vpc-id"
        values = [aws_vpc.main.id]
      }}
    }}
    locals {{
      pair = {{ vpc = aws_vpc.main, block = aws_vpc.main.cidr_block }}
    }}
    module "net" {{
      source = "./net"
      vpc    = aws_vpc.main
    }}
    module "closed" {{
      source  = "example/closed/aws"
      unknown = var.size
      given   = {given}
    }}
    """
    )
    net = """
    variable "vpc" {}
    output "vpc_id" {
      value = var.vpc.id
    }
    output "block" {
      value = var.vpc.cidr_block
    }
    """
    network = network_of(tmp_path, {"main.tf": text, "net/main.tf": net})
    (closed,) = (m for m in network.opaque_modules if m.declared.address == "module.closed")
    attributes = (closed.reach or {}).get("aws_vpc.main", frozenset())
    assert bool(attributes & {"", "id"}) is handed


def test_routes_written_as_an_attribute_are_routes(tmp_path: Path) -> None:
    text = (
        VPC
        + """
    variable "routes" {}
    resource "aws_internet_gateway" "main" {
      vpc_id = aws_vpc.main.id
    }
    resource "aws_route_table" "public" {
      vpc_id = aws_vpc.main.id
      route  = [{ cidr_block = "0.0.0.0/0", gateway_id = aws_internet_gateway.main.id }]
    }
    resource "aws_route_table" "open" {
      vpc_id = aws_vpc.main.id
      route  = var.routes
    }
    """
    )
    routes = {r.declared.address: r for r in network_of(tmp_path, {"main.tf": text}).routes}
    assert routes["aws_route_table.public"].target_kind == "gateway"
    assert routes["aws_route_table.public"].declared.exists is True
    assert routes["aws_route_table.open"].declared.exists is not True


def test_a_data_source_in_a_module_called_after_our_vpc_may_find_it(tmp_path: Path) -> None:
    module = """
    data "aws_vpc" "found" {
      tags = { Name = "main" }
    }
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = data.aws_vpc.found.id
      service_name = "com.amazonaws.eu-west-1.s3"
    }
    """
    for depends, may in (("", False), ("depends_on = [aws_vpc.main]", True)):
        main = VPC + f'module "m" {{\n  source = "./m"\n  {depends}\n}}\n'
        network = network_of(tmp_path / str(may), {"main.tf": main, "m/main.tf": module})
        assert link(endpoint(network, "module.m.aws_vpc_endpoint.s3").vpc).may_be("aws_vpc.main") is may


def test_what_does_not_add_up_is_told_where_there_is_a_network(tmp_path: Path) -> None:
    odd = 'resource "aws_route53_record" "x" {\n  name = local.nowhere\n}\n'
    assert not network_of(tmp_path / "1", {"main.tf": odd}).diagnostics
    assert [item.severity for item in network_of(tmp_path / "2", {"main.tf": odd + VPC}).diagnostics] == ["warning"]
    broken = network_of(tmp_path / "3", {"main.tf": odd + 'resource "x" {\n'})
    assert {item.severity for item in broken.diagnostics} == {"error"}


def test_a_data_source_of_another_provider_is_nothing_of_ours_after_a_module(tmp_path: Path) -> None:
    network = network_of(
        tmp_path,
        {
            "main.tf": VPC + 'module "ingress" {\n  source = "./ingress"\n  depends_on = [aws_vpc.main]\n}\n',
            "ingress/main.tf": """
data "kubernetes_service" "ingress" {}

data "aws_lb" "ingress" {}

resource "aws_route53_record" "one" {
  records = [data.kubernetes_service.ingress.status[0].hostname]
}

resource "aws_route53_record" "two" {
  records = [data.aws_lb.ingress.dns_name]
}
""",
        },
    )
    kinds = {record.declared.address: type(record.targets.items[0]).__name__ for record in network.zone_records}  # type: ignore[union-attr, index]
    assert kinds == {
        "module.ingress.aws_route53_record.one": "Reference",
        "module.ingress.aws_route53_record.two": "Unknown",
    }


def test_a_list_in_a_list_of_ids_gives_its_elements(tmp_path: Path) -> None:
    text = VPC + (
        'resource "aws_route_table" "x" {\n  count = 2\n  vpc_id = "${aws_vpc.main.id}"\n}\n'
        'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = "${aws_vpc.main.id}"\n'
        '  service_name = "com.amazonaws.eu-west-1.s3"\n  route_table_ids = ["rtb-1", "${aws_route_table.x.*.id}"]\n}\n'
    )
    tables = endpoint(network_of(tmp_path, {"main.tf": text}), "aws_vpc_endpoint.s3").route_tables
    assert isinstance(tables, ListValue)
    assert tables.exact
    assert [str(item) for item in tables.items] == ["rtb-1", "aws_route_table.x[0].id", "aws_route_table.x[1].id"]


def test_a_filter_that_refers_to_its_own_data_source_ends(tmp_path: Path) -> None:
    values = ", ".join(["data.aws_vpc.own.id"] * 4)
    code = f'data "aws_vpc" "own" {{\n  filter {{\n    name   = "tag:Name"\n    values = [{values}]\n  }}\n}}\n'
    network = network_of(
        tmp_path, {"main.tf": VPC + code + REGION + (S3 % "").replace("aws_vpc.main", "data.aws_vpc.own")}
    )
    assert isinstance(endpoint(network, "aws_vpc_endpoint.s3").vpc, Unknown)


def test_two_sets_make_no_list_though_what_is_in_them_is_not_known(tmp_path: Path) -> None:
    """Terraform refuses the call, so nothing is in these tables."""
    (tmp_path / "main.tf").write_text(
        'variable "on" {\n  type = bool\n}\nresource "aws_vpc" "it" {\n  cidr_block = "10.0.0.0/16"\n}\n'
        + "".join(f'resource "aws_route_table" "{name}" {{\n  vpc_id = aws_vpc.it.id\n}}\n' for name in "ab")
        + 'resource "aws_vpc_endpoint" "s3" {\n  vpc_id       = aws_vpc.it.id\n  service_name = "com.amazonaws.eu-west-1.s3"\n'
        "  route_table_ids = concat([aws_route_table.a.id], var.on ? toset([aws_route_table.b.id]) : toset([]))\n}\n"
    )
    out = cli("scan", cwd=tmp_path).out
    assert "concat(): all arguments must be lists or tuples, not set" in " ".join(out.split())


@pytest.mark.parametrize("name", ["local.region", "module.meta.region", "module.meta[0].names.region"])
def test_a_local_value_or_module_that_no_file_declares_can_be_anything(tmp_path: Path, name: str) -> None:
    """A file that is generated first may declare it. The service of a name with its region in it is known."""
    code = (
        'resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }\n'
        'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = aws_vpc.v.id\n  route_table_ids = ["rtb-1"]\n'
        f'  service_name = "com.amazonaws.${{{name}}}.s3"\n}}\n'
    )
    (tmp_path / "main.tf").write_text(code)
    _, report = scan(tmp_path, ("--rules", "VPCE001,VPCE002"), {})
    assert [each["status"] for each in report["results"]] == ["pass", "fail"]


@pytest.mark.parametrize(
    "path", ['abspath("${path.module}/on.txt")', 'abspath(abspath("./x/../on.txt"))', '"${abspath(path.root)}/on.txt"',
     'abspath("${path.module}/../repository/on.txt")', 'abspath("${path.cwd}/../repository/on.txt")',
     '"${abspath("./..")}/repository/on.txt"'],
)  # fmt: skip
def test_an_absolute_path_of_a_file_of_the_repository_is_that_file(tmp_path: Path, path: str) -> None:
    code = (
        'resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }\n'
        'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = aws_vpc.v.id\n  route_table_ids = ["rtb-1"]\n'
        f'  count = file({path}) == "yes" ? 1 : 0\n  service_name = "com.amazonaws.eu-west-1.s3"\n}}\n'
    )
    root = tmp_path / "repository"
    (tmp_path / ".git").mkdir()
    root.mkdir()
    (root / "main.tf").write_text(code)
    (root / "on.txt").write_text("yes")
    _, report = scan(tmp_path, ("--rules", "VPCE001"), {})
    assert [each["status"] for each in report["results"]] == ["pass"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('basename(abspath("${path.module}/.."))', "unknown"),
        ('basename(abspath("${path.cwd}/.."))', "unknown"),
        ('basename(dirname(abspath("${path.module}/../x")))', "unknown"),
        ('split("/", abspath("${path.module}/../x"))[1]', "unknown"),
        ('(abspath("${path.cwd}/../prod") == "/srv/prod" ? "prod" : "")', "unknown"),
        ('basename(abspath("${path.cwd}/x/../prod"))', "pass"),
        ('basename(abspath("${path.module}/../../prod"))', "pass"),
        ('basename(abspath("${path.module}/../../dev"))', "fail"),
    ],
)
def test_the_text_of_an_absolute_path_has_no_step_upwards(tmp_path: Path, text: str, status: str) -> None:
    """How the directories above the one of the run are called is not in the code."""
    code = (
        'resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }\n'
        'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = aws_vpc.v.id\n  route_table_ids = ["rtb-1"]\n'
        f'  count = {text} == "prod" ? 1 : 0\n  service_name = "com.amazonaws.eu-west-1.s3"\n}}\n'
    )
    (tmp_path / "main.tf").write_text(code)
    _, report = scan(tmp_path, ("--rules", "VPCE001"), {})
    assert [each["status"] for each in report["results"]] == [status]


@pytest.mark.parametrize("function", ["file", "templatefile", "filemd5", "local_file"])
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "unknown"),
        (b"\0GITCRYPT\0\x01\x02", "unknown"),
        (b"U2FsdGVkX1 of transcrypt", "unknown"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n66\n", "fail"),  # the run reads this text as well
        (b"no", "fail"),
    ],
)
def test_a_file_that_git_has_not_filled_in(tmp_path: Path, function: str, content: bytes, status: str) -> None:
    texts = {"templatefile": 'templatefile("on.txt", {})', "local_file": "data.local_file.f.content"}
    text = texts.get(function, f'{function}("on.txt")')
    code = (
        'resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }\ndata "local_file" "f" { filename = "on.txt" }\n'
        'resource "aws_vpc_endpoint" "s3" {\n  vpc_id = aws_vpc.v.id\n  route_table_ids = ["rtb-1"]\n'
        f'  count = {text} == "yes" ? 1 : 0\n  service_name = "com.amazonaws.eu-west-1.s3"\n}}\n'
    )
    (tmp_path / "main.tf").write_text(code)
    (tmp_path / "on.txt").write_bytes(content)
    _, report = scan(tmp_path, ("--rules", "VPCE001"), {})
    assert [each["status"] for each in report["results"]] == [status]

"""Generated provider settings: the regions and tags that we read, and those that real Terraform plans."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.truth.deploy import resources, terraform
from tests.truth.environment import Tools
from vpce_checks.model.network import Network
from vpce_checks.model.values import MapValue, Unknown
from vpce_checks.terraform.build import build_network
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.plan.network import build_plan_network
from vpce_checks.terraform.syntax.module_source import ModuleLoader

REGIONS = ("eu-west-1", "us-east-2", "ap-south-1")
KEYS = ("Name", "Stage", "Team", "kubernetes.io/a", "kubernetes.io/b")
RESOURCES, MODULES = 12, 6
VPCS = RESOURCES + MODULES
CREDENTIALS = """\
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_get_ec2_platforms      = true
"""


def _tags(chance: random.Random, own: str = "") -> str:
    """An expression for tags. The provider refuses tags of a resource that equal the default ones: ``own`` is unique."""
    chosen = {"Id": own} if own else {}
    chosen |= {key: chance.choice("abc") for key in KEYS if chance.random() < 0.4}
    written = json.dumps(chosen)
    return chance.choice([written, f"merge({written}, local.more)", f"{{ for k, v in {written} : k => upper(v) }}"])


def _provider(chance: random.Random, alias: str) -> Iterator[str]:
    yield 'provider "aws" {\n'
    if alias:
        yield f'  alias = "{alias}"\n'
    yield f"  region = {chance.choice([json.dumps(chance.choice(REGIONS)), 'var.region'])}\n{CREDENTIALS}"
    if chance.random() < 0.7:
        yield f"  default_tags {{\n    tags = {_tags(chance)}\n  }}\n"
    if chance.random() < 0.5:
        keys = json.dumps(chance.sample(KEYS, 1))
        prefixes = json.dumps(chance.choice([[], ["kubernetes.io/"], ["S"]]))
        yield f"  ignore_tags {{\n    keys = {keys}\n    key_prefixes = {prefixes}\n  }}\n"
    yield "}\n"


def write(folder: Path, start: int) -> None:
    """Write a root module with four provider configurations, and modules that are passed them, into ``folder``."""
    chance = random.Random(start)
    names = ["", "a", "b", "c"]
    text = ['variable "region" { default = "sa-east-1" }\nlocals { more = { Team = "local" } }\n']
    for name in names:
        text += _provider(chance, name)
    for at in range(RESOURCES):
        alias = chance.choice(names)
        provider = f"  provider = aws.{alias}\n" if alias else ""
        tags = f"  tags = {_tags(chance, str(at))}\n" if chance.random() < 0.8 else ""
        text.append(f'resource "aws_vpc" "v{at}" {{\n{provider}  cidr_block = "10.{at}.0.0/16"\n{tags}}}\n')
    for at in range(MODULES):
        inner, outer = chance.choice(["aws", "aws.dst"]), chance.choice(names)
        passed = f"aws.{outer}" if outer else "aws"
        text.append(f'module "m{at}" {{\n  source = "./{inner}"\n  providers = {{ {inner} = {passed} }}\n}}\n')
    (folder / "main.tf").write_text("".join(text))
    for inner in ("aws", "aws.dst"):
        (folder / inner).mkdir()
        alias = '  alias = "dst"\n' if inner == "aws.dst" else ""
        (folder / inner / "main.tf").write_text(
            f'provider "aws" {{\n{alias}}}\n'
            f'resource "aws_vpc" "v" {{\n  provider = {inner}\n  cidr_block = "10.99.0.0/16"\n  tags = {_tags(chance, "m")}\n}}\n'
            'locals { more = { Stage = "module" } }\n'
        )


def differences(start: int, tools: Tools, folder: Path) -> list[str]:
    """Plan the generated settings of ``start`` in ``folder``. Return where the code or the plan is read otherwise."""
    write(folder, start)
    terraform(tools, folder, {}, "init", "-input=false", "-no-color", "-backend=false")
    terraform(tools, folder, {}, "plan", "-input=false", "-no-color", "-refresh=false", "-out=saved")
    shown = json.loads(terraform(tools, folder, {}, "show", "-json", "-no-color", "saved"))
    planned = {
        each["address"]: each["values"].get("tags_all") or {}
        for each in resources(shown["planned_values"]["root_module"])
    }
    assert len(planned) == VPCS
    (folder / "plan").mkdir()  # beside no code
    alone = folder / "plan" / "plan.json"
    alone.write_text(json.dumps(shown))
    options, loader = TerraformOptions(str(folder)), ModuleLoader(str(folder))
    code, plan = build_network(str(folder), options, loader), build_plan_network(str(alone), options, loader)
    found = [f"code: {each}" for each in _other_tags(code, planned)]
    found += [f"plan: {each}" for each in _other_tags(plan, planned)]
    regions = {vpc.address: vpc.region for vpc in code.vpcs}
    return found + [
        f"{vpc.address} is in {regions[vpc.address]} by the code and in {vpc.region} by the plan"
        for vpc in plan.vpcs
        if vpc.region != regions[vpc.address] and not isinstance(vpc.region, Unknown)
    ]


def _other_tags(network: Network, planned: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    ours = {vpc.address: dict(vpc.tags.items) for vpc in network.vpcs if isinstance(vpc.tags, MapValue)}
    for address, tags in planned.items():
        if ours.get(address) != tags:
            yield f"{address} has the tags {tags}, not {ours.get(address)}"

"""Write templates in a test, and read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from vpce_checks.cloudformation.build import build_networks
from vpce_checks.cloudformation.evaluate.choices import Choices
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import PROPERTY, Stack, World
from vpce_checks.cloudformation.template.loader import parse
from vpce_checks.cloudformation.template.nodes import Mapping as MappingNode
from vpce_checks.cloudformation.template.options import CloudFormationOptions
from vpce_checks.cloudformation.template.template import Template
from vpce_checks.cloudformation.template.templates import Templates
from vpce_checks.cloudformation.template_set import TemplateSet
from vpce_checks.model.network import Network
from vpce_checks.model.values import ListValue, MapValue, Value
from vpce_checks.policy import load_policy
from vpce_checks.rules.judge import judge

VPC_AND_S3 = """
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
      RouteTableIds: [rtb-12345678]
"""


def write(directory: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into ``directory``."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).encode())


def networks(directory: Path, files: Mapping[str, str | bytes], **options: object) -> list[Network]:
    """Return the networks of every root among ``files``."""
    write(directory, files)
    templates = TemplateSet([str(directory / name) for name in files], str(directory))
    settings = CloudFormationOptions(boundary=str(directory), **options)  # type: ignore[arg-type]
    return [network for path in templates for network in build_networks(path, settings, templates)]


def verdicts(directory: Path, template: str, **options: object) -> dict[tuple[str, str], str]:
    """Return (rule, address) -> status, with the scenarios in which it holds."""
    policy = load_policy(str(directory), None)
    found = {}
    for finding in judge(networks(directory, {"template.yaml": template}, **options), policy):
        when = f" when {' and '.join(finding.when)}" if finding.when else ""
        found[finding.rule, finding.resource] = finding.status + when
    return found


def value_of(expression: str, template: str = "", region: str | None = "eu-west-1") -> Value:
    """Return the value of the YAML ``expression`` in a template with the sections ``template``."""
    document = parse(f"{dedent(template)}\nExpression: {expression}\n".encode(), "/repo/template.yaml")
    assert not document.diagnostics, document.diagnostics
    assert isinstance(document.root, MappingNode)
    stack = Stack(World(Choices(64), Templates(), region), Template(document, document.root))
    return evaluate(stack, document.root.entries["Expression"], PROPERTY)


def plain(value: Value) -> object:
    """Return a known value as Python lists and dicts."""
    if isinstance(value, ListValue):
        return [plain(item) for item in value.items]
    if isinstance(value, MapValue):
        return {key: plain(item) for key, item in value.items.items()}
    return value

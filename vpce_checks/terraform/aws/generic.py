"""The Terraform resource types that deploy what another language describes: stacks, products, resources of Cloud Control.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudcontrolapi_resource
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import replace
from vpce_checks.model.network import NetworkObject, OpaqueModule
from vpce_checks.model.template_text import may_hold_network, network_types_in
from vpce_checks.model.values import JsonText, MapValue, Value, YamlText
from vpce_checks.terraform.aws.coerce import as_string

if TYPE_CHECKING:
    from vpce_checks.terraform.aws.instance import ResourceInstance

STACK_RESOURCE = "aws_cloudformation_stack"
"""The type of resource that deploys a template whose text is in the code."""

STACK_SET = "aws_cloudformation_stack_set"
"""The type of one that deploys it to other accounts and regions."""

STACK_SET_INSTANCES = ("aws_cloudformation_stack_set_instance", "aws_cloudformation_stack_instances")
"""The types of its stacks there."""

DEPLOYS_TEMPLATE = (STACK_RESOURCE, STACK_SET)

_MAKES_NETWORK = pattern(
    r"AWS::EC2::(?:VPC|Subnet|Route|NatGateway|InternetGateway|EgressOnlyInternetGateway|TransitGateway|GatewayRoute"
    r"|VPNGateway|CarrierGateway|LocalGateway)|AWS::(?:CloudFormation|ServiceCatalog|Serverless)::|.*::MODULE$|(?!AWS::)"
)
"""Types that are, or deploy, a part of a network, and those of others than AWS, whose code is not seen."""

_CHANGES_NETWORK = pattern(
    r"AWS::EC2::(?:SecurityGroup|NetworkAcl|PrefixList|DHCPOptions)|AWS::Route53|AWS::NetworkFirewall"
)
"""Types that change what a rule judges: the groups, ACLs, lists or zones that they name."""


_SAM = "AWS::Serverless-2016-10-31"
_PLAIN_TRANSFORMS = (_SAM, "AWS::LanguageExtensions")
"""Transforms that make nothing of a network of resources that are none."""


def _stack(instance: ResourceInstance) -> Iterator[NetworkObject]:
    """A CloudFormation stack started from Terraform: what it creates is out of sight."""
    body = instance.get("template_body")
    types = _types_in(body.document) if isinstance(body, (JsonText, YamlText)) else None
    changes = [type for type in types or () if _CHANGES_NETWORK.match(type)]
    makes_none = types is not None and not any(map(_MAKES_NETWORK.match, types))
    if makes_none and not changes:
        return
    inputs = (instance.get("parameters"), body)
    found = OpaqueModule(instance.declaration(), instance.type, "it deploys a CloudFormation template", inputs)
    if makes_none:
        leads = any(type.startswith("AWS::Route53") for type in changes)
        found = replace(found, harmless=True, is_unread=False, leads=leads)
    elif isinstance(body, str):
        found = replace(found, holds=network_types_in(body), is_unread=may_hold_network(body))
    yield found


def _types_in(template: Value) -> list[str] | None:
    """Return the types of all resources that a template declares, of which values are not known. None: there may be more."""
    if not isinstance(template, MapValue) or not template.exact or "Modules" in template.items:
        return None
    resources = template.items.get("Resources")
    if template.items.get("Transform", _SAM) not in _PLAIN_TRANSFORMS or not isinstance(resources, MapValue):
        return None
    if resources.rest is not None or any(name.startswith("Fn::") for name in resources.items):
        return None
    found = [
        each.items.get("Type") if isinstance(each, MapValue) and each.exact else None
        for each in resources.items.values()
    ]
    types = [type for type in found if isinstance(type, str)]
    return types if len(types) == len(found) else None


def _instances_of_stack_set(instance: ResourceInstance) -> Iterator[NetworkObject]:
    """Stacks of a stack set. The set itself is reported; the parameters that these override are theirs."""
    given = instance.get("parameter_overrides")
    if given is not None:
        why = "it deploys the template of a stack set"
        yield OpaqueModule(instance.declaration(), instance.type, why, (given,), is_unread=False)


def _product(instance: ResourceInstance) -> Iterator[NetworkObject]:
    """A product of Service Catalog: a CloudFormation template of elsewhere, which gets these parameters."""
    given = (block.get("value") for block in instance.blocks("provisioning_parameters"))
    why = "it provisions a product of Service Catalog"
    yield OpaqueModule(instance.declaration(), instance.type, why, (instance.get("provisioning_parameters"), *given))


def _cloud_control(instance: ResourceInstance) -> Iterator[NetworkObject]:
    """A resource of any type, named by CloudFormation's name for it. Most types have nothing to do with a network."""
    type_name = as_string(instance.get("type_name"))
    inputs = (instance.get("desired_state"),)
    if not isinstance(type_name, str):
        why = "the type of the resource that it creates is not known"
        yield OpaqueModule(instance.declaration(), instance.type, why, inputs)
        return
    why = f"it creates a resource {type_name} by the Cloud Control API"
    if _MAKES_NETWORK.match(type_name):
        holds = network_types_in(type_name)
        yield OpaqueModule(instance.declaration(), type_name, why, inputs, holds=holds)
    elif _CHANGES_NETWORK.match(type_name):
        yield OpaqueModule(instance.declaration(), type_name, why, inputs, harmless=True, is_unread=False)


BUILDERS: dict[str, Callable[[ResourceInstance], Iterator[NetworkObject]]] = {
    STACK_RESOURCE: _stack,
    STACK_SET: _stack,
    **dict.fromkeys(STACK_SET_INSTANCES, _instances_of_stack_set),
    "aws_serverlessapplicationrepository_cloudformation_stack": _stack,
    "awscc_cloudformation_stack": _stack,
    "awscc_cloudformation_stack_set": _stack,
    "aws_servicecatalog_provisioned_product": _product,
    "awscc_servicecatalog_cloud_formation_provisioned_product": _product,
    "aws_cloudcontrolapi_resource": _cloud_control,
}
"""By resource type: the network objects that one instance of it is."""

"""The attributes of resources (``Fn::GetAtt``) that repeat what the template says: a property, or the VPC of a subnet.

An attribute with the name of a property has the value of that property. The table below has the attributes that AWS finds
out from a subnet. It was made from the attributes in the schemas of all resource types (cfn-lint 1.58 ships them).

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import NO_VALUE, Stack
from vpce_checks.cloudformation.template.nodes import Mapping, Node, Sequence, entry
from vpce_checks.cloudformation.template.template import ResourceDeclaration
from vpce_checks.model.values import ListValue, Reference, Unknown, Value, choose, merge_causes, unknown

VPC_BY_SUBNETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "AWS::CloudHSM::Cluster": ("VpcId", ("SubnetIds",)),
    "AWS::EC2::Instance": ("VpcId", ("SubnetId", "NetworkInterfaces.SubnetId")),
    "AWS::EC2::InstanceConnectEndpoint": ("VpcId", ("SubnetId",)),
    "AWS::EC2::NetworkInterface": ("VpcId", ("SubnetId",)),
    "AWS::EC2::RouteServerEndpoint": ("VpcId", ("SubnetId",)),
    "AWS::FSx::FileCache": ("VpcId", ("SubnetIds",)),
    "AWS::QuickSight::VPCConnection": ("VPCId", ("SubnetIds",)),
    "AWS::RDS::DBProxy": ("VpcId", ("VpcSubnetIds",)),
    "AWS::RDS::DBProxyEndpoint": ("VpcId", ("VpcSubnetIds",)),
    "AWS::Route53Resolver::ResolverEndpoint": ("HostVPCId", ("IpAddresses.SubnetId",)),
    "AWS::S3Files::MountTarget": ("VpcId", ("SubnetId",)),
}
"""Type -> the attribute that is the VPC of its subnets, and the properties that name these."""

OTHER_NAMES = {
    ("AWS::VpcLattice::ServiceNetworkVpcAssociation", "VpcId"): "VpcIdentifier",
}
"""The attributes that repeat a property of another name."""

OWN_IDS = {("AWS::EC2::VPC", "VpcId"), ("AWS::EC2::Subnet", "SubnetId")}
"""The attributes that are the id of the resource itself."""

OWN_BLOCKS = {("AWS::EC2::VPC", "CidrBlock"), ("AWS::EC2::Subnet", "CidrBlock")}
"""The attributes that are the address block of the resource itself, whichever of several it is."""

_NAMES_ANOTHER = re.compile(r"(?:vpc|subnet)_?ids?", re.IGNORECASE)
"""The end of the names of attributes that are ids of other resources."""


def repeated(stack: Stack, resource: ResourceDeclaration, attribute: str, mode: str) -> Value | None:
    """Return the value of an attribute that the template itself gives. None if AWS makes it.

    An attribute that is the id of another resource is unknown if the template does not show which one.
    """
    names_another = _NAMES_ANOTHER.fullmatch(re.split(r"\.|(?<=Host)", attribute)[-1]) is not None
    if (resource.type, attribute) in OWN_IDS:
        return None
    name = OTHER_NAMES.get((resource.type, attribute), attribute)
    node = entry(resource.properties, *name.split("."))
    if node is not None:
        value = evaluate(stack, node, mode)
        if isinstance(value, Unknown) and (resource.type, attribute) in OWN_BLOCKS:
            return Reference(stack.prefix + resource.id, (attribute,), "resource", value.causes)
        return value if value != NO_VALUE else None
    known, properties = VPC_BY_SUBNETS.get(resource.type, ("", ()))
    if known == attribute:
        subnets = [evaluate(stack, node, mode) for name in properties for node in _nodes(resource, name)]
        vpcs = [_vpc_of(stack, subnet, mode) for value in subnets for subnet in _each(value)]
        if vpcs and None not in vpcs:
            return choose(vpcs, merge_causes(vpcs) or unknown(f"{resource.id} has several subnets").causes)
    if names_another:
        return unknown(f"cannot determine which VPC or subnet {resource.id}.{attribute} is", resource.span)
    return None


def stored_here(stack: Stack, name: Value, mode: str) -> Value | None:
    """Return the value of the stored parameter ``name``, if it is one that this deployment stores itself (``!Ref Stored``).

    None if the name is any other value.
    """
    found = declared_at(stack, name.address) if isinstance(name, Reference) and not name.path else None
    if found is None or found[1].type != "AWS::SSM::Parameter":
        return None
    return repeated(*found, "Value", mode)


def _nodes(resource: ResourceDeclaration, property: str) -> Iterator[Node]:
    """Yield the values of ``property``. ``Name.Key`` is the key of each item of the list ``Name``."""
    name, _, key = property.partition(".")
    node = entry(resource.properties, name)
    for item in node.items if key and isinstance(node, Sequence) else [node]:
        found = entry(item, key) if key else item
        if found is not None:
            yield found


def _each(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, ListValue) and value.exact else (value,)


def _vpc_of(stack: Stack, subnet: Value, mode: str) -> Value:
    """Return the VPC of a subnet of this deployment. None if the template does not show it."""
    if not isinstance(subnet, Reference) or subnet.kind != "resource":
        return None
    found = declared_at(stack, subnet.address)
    if found is None or found[1].type != "AWS::EC2::Subnet" or not isinstance(found[1].properties, Mapping):
        return None
    node = found[1].properties.entries.get("VpcId")
    return evaluate(found[0], node, mode) if node is not None else None


def declared_at(stack: Stack, address: str) -> tuple[Stack, ResourceDeclaration] | None:
    """Return the resource at ``address``, in this stack or in another one of the deployment, with its stack."""
    for root in (stack, *stack.world.linked.values()):
        if not address.startswith(root.prefix):
            continue
        *way, id = address.removeprefix(root.prefix).split("/")
        below: Stack | None = root
        for step in way:
            nested = below.resources().get(step) if below is not None else None
            below = below.child(nested) if below is not None and nested is not None else None
        declared = below.resources().get(id) if below is not None else None
        if below is not None and declared is not None:
            return below, declared
    return None

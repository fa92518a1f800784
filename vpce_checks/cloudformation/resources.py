"""Turn the resources of a stack into objects of the network: properties become fields, and omitted ones get defaults.

AWS's reference of each type describes its properties, e.g.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vpce_checks.base.record import replace
from vpce_checks.cloudformation import attachments, filters, route53
from vpce_checks.cloudformation.api_calls import API_CALL, ApiCalls, api_calls
from vpce_checks.cloudformation.custom_resources import behind, handed
from vpce_checks.cloudformation.evaluate import pseudo
from vpce_checks.cloudformation.evaluate.conversion import text
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.functions.attributes import stored_here
from vpce_checks.cloudformation.evaluate.functions.names import is_opaque, is_opaque_type
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, PROPERTY, Stack
from vpce_checks.cloudformation.reader import Reader, defaulted, reader
from vpce_checks.cloudformation.tags import all_tags
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node, entry, text_of
from vpce_checks.cloudformation.template.template import STACK_TYPES, ResourceDeclaration
from vpce_checks.cloudformation.unread import described
from vpce_checks.model.network import (
    Appliance,
    Declaration,
    Endpoint,
    InternetGateway,
    NetworkObject,
    OpaqueModule,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    TargetKind,
    Vpc,
    ZoneRecord,
    concealed,
    link,
)
from vpce_checks.model.sensitive import SHOWN
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    ListValue,
    MapValue,
    Unknown,
    Value,
    choose,
    is_known,
    merge_causes,
    opaque_parts,
    unknown,
)

CORE_TYPES = frozenset({"AWS::EC2::VPC", "AWS::EC2::VPCEndpoint"})
"""The types whose conditions are decided first."""

QUIET_TYPES = frozenset({"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::VPCGatewayAttachment"})
"""The types whose conditions are never decided, because hardly any verdict depends on them."""

DETAIL_TYPES = frozenset({"AWS::NetworkFirewall::Firewall", *attachments.BUILDERS, *filters.BUILDERS})
"""The types whose conditions are decided only if that makes few combinations, because few verdicts depend on them."""


# -- one function a type --------------------------------------------------------------------------------------


def _vpc(read: Reader) -> Iterator[NetworkObject]:
    tags = all_tags(read, DISPLAY)
    if read.stack.world.by_tags and not is_known(tags):
        with read.stack.world.choices.quietly():
            read.stack.world.choices.hold()
        if read.stack.world.choices.thorough:
            tags = all_tags(read, PROPERTY)
    yield Vpc(
        read.declaration(
            {"enable_dns_support": "EnableDnsSupport", "enable_dns_hostnames": "EnableDnsHostnames", "tags": "Tags"}
        ),
        region=_region(read),
        enable_dns_support=read.flag("EnableDnsSupport", default=True),
        enable_dns_hostnames=read.flag("EnableDnsHostnames", default=False),
        name=tags.items.get("Name") if isinstance(tags, MapValue) else tags,
        tags=tags,
        cidrs=filters.cidr_blocks(read, "CidrBlock"),
    )


def _region(read: Reader) -> Value:
    return pseudo.pseudo_parameter(read.stack, "AWS::Region", read.resource.node, PROPERTY)


def _endpoint(read: Reader) -> Iterator[NetworkObject]:
    fields = {
        "vpc": "VpcId",
        "service_name": "ServiceName",
        "type": "VpcEndpointType",
        "private_dns": "PrivateDnsEnabled",
        "service_region": "ServiceRegion",
        "route_tables": "RouteTableIds",
        "subnets": "SubnetIds",
        "security_groups": "SecurityGroupIds",
        "dns_inbound_only": "DnsOptions",
        "policy": "PolicyDocument",
    }
    # Existence comes first: if this endpoint does not exist, its other properties need no choices.
    declared = read.declaration(fields)
    yield Endpoint(
        declared,
        vpc=read.value("VpcId"),
        service_name=read.text("ServiceName"),
        type=read.text("VpcEndpointType", "Gateway"),
        private_dns=read.flag("PrivateDnsEnabled", default=False),
        region=_region(read),
        service_region=read.text("ServiceRegion"),
        route_tables=read.items("RouteTableIds"),
        subnets=read.quiet_items("SubnetIds"),
        security_groups=read.quiet_items("SecurityGroupIds"),
        dns_inbound_only=_inbound_only(read.value("DnsOptions")),
        policy=read.quiet_value("PolicyDocument"),
        ip_address_type=read.quiet_value("IpAddressType"),
    )


def _inbound_only(options: Value) -> Value:
    """Return ``DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint``, which is a word here and not a boolean."""
    if options is None or isinstance(options, MapValue):
        word = options.items.get("PrivateDnsOnlyForInboundResolverEndpoint") if options is not None else None
        if word is None:
            return options.rest if options is not None else None
        return _inbound_word(word)
    if isinstance(options, Unknown) and options.one_of:
        return choose([_inbound_only(member) for member in options.one_of], options.causes)
    return Unknown(merge_causes([options]), "bool")


def _inbound_word(word: Value) -> Value:
    if isinstance(word, str):
        return {"OnlyInboundResolver": True, "AllResolvers": False, "NotSpecified": None}.get(
            word, unknown("this is not OnlyInboundResolver, AllResolvers or NotSpecified")
        )
    if isinstance(word, Unknown) and word.one_of:
        return choose([_inbound_word(member) for member in word.one_of], word.causes)
    return Unknown(merge_causes([word]), "bool")


def _route_table(read: Reader) -> Iterator[NetworkObject]:
    yield RouteTable(read.declaration({"vpc": "VpcId"}), read.value("VpcId"))


_TARGETS: dict[str, TargetKind] = {
    "GatewayId": "gateway",
    "NatGatewayId": "nat",
    "EgressOnlyInternetGatewayId": "egress_only",
    "TransitGatewayId": "transit_gateway",
    "VpcEndpointId": "endpoint",
    "CarrierGatewayId": "other",
    "CoreNetworkArn": "other",
    "InstanceId": "other",
    "LocalGatewayId": "other",
    "NetworkInterfaceId": "other",
    "VpcPeeringConnectionId": "other",
}


def _route(read: Reader) -> Iterator[NetworkObject]:
    destinations = [
        value
        for name in ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
        if (value := read.value(name)) is not None
    ]
    targets = [(kind, value) for name, kind in _TARGETS.items() if (value := read.value(name)) is not None]
    kind: TargetKind = targets[0][0] if targets else "other"
    target = targets[0][1] if targets else None
    yield Route(
        read.declaration({"route_table": "RouteTableId"}),
        read.value("RouteTableId"),
        destinations[0] if destinations else None,
        target,
        kind,
    )


def _subnet_association(read: Reader) -> Iterator[NetworkObject]:
    declared = read.declaration({"route_table": "RouteTableId", "subnet": "SubnetId"})
    yield RouteTableAssociation(declared, read.value("RouteTableId"), read.value("SubnetId"))


def _gateway_association(read: Reader) -> Iterator[NetworkObject]:
    yield RouteTableAssociation(read.declaration({"route_table": "RouteTableId"}), read.value("RouteTableId"))


def _subnet(read: Reader) -> Iterator[NetworkObject]:
    yield Subnet(
        read.declaration({"vpc": "VpcId", "availability_zone": "AvailabilityZone"}),
        read.value("VpcId"),
        read.value("AvailabilityZone", mode=DISPLAY) or read.value("AvailabilityZoneId", mode=DISPLAY),
        read.flag("MapPublicIpOnLaunch", default=False),
        filters.cidr_blocks(read, "CidrBlock", "Ipv6CidrBlock"),
    )


def _internet_gateway(read: Reader) -> Iterator[NetworkObject]:
    yield InternetGateway(read.declaration({}))


def _gateway_attachment(read: Reader) -> Iterator[NetworkObject]:
    gateway = read.value("InternetGatewayId")
    if gateway is not None:
        declared = read.declaration({"vpc": "VpcId"})
        named = link(gateway).address
        yield InternetGateway(replace(declared, address=named) if named else declared, read.value("VpcId"))


def _nat_gateway(read: Reader) -> Iterator[NetworkObject]:
    with read.stack.world.choices.freezing():
        kind, subnet = read.text("ConnectivityType", "public"), read.value("SubnetId")
    if subnet is None or kind == "private":  # a regional NAT gateway is in no subnet
        return
    declared = read.declaration({"subnet": "SubnetId"})
    if not isinstance(kind, str):
        declared = replace(declared, exists=Unknown(merge_causes([kind])))
    yield Appliance(declared, "nat", subnet)


def _firewall(read: Reader) -> Iterator[NetworkObject]:
    declared = read.declaration({"subnet": "SubnetMappings"})
    mappings = read.quiet_items("SubnetMappings")
    if isinstance(mappings, ListValue):
        for item in mappings.items:
            yield Appliance(declared, "firewall", item.items.get("SubnetId") if isinstance(item, MapValue) else item)
    if not isinstance(mappings, ListValue) or mappings.rest is not None:
        rest = mappings.rest if isinstance(mappings, ListValue) else mappings
        yield Appliance(declared, "firewall", Unknown(merge_causes([rest])))


def _serverless_api(read: Reader) -> Iterator[NetworkObject]:
    """The only resource that the Serverless transform makes of those that matter here: the record of a private API's
    domain, which may point at an endpoint.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-route53configuration.html
    """
    domain = read.properties.entries.get("Domain")
    records = domain.entries.get("Route53") if isinstance(domain, Mapping) else None
    if not isinstance(domain, Mapping) or not isinstance(records, Mapping):
        return

    def value(name: str) -> Value:
        node: Node | None = records.entries.get(name)
        return defaulted(evaluate(read.stack, node), None) if node is not None else None

    target = value("VpcEndpointDomainName")
    if target is not None:
        name = domain.entries.get("DomainName")
        yield ZoneRecord(
            read.declaration({"name": "Domain"}),
            value("HostedZoneId"),
            text(evaluate(read.stack, name)) if name is not None else None,
            ListValue((target,), "list"),
            zone_name=None if "HostedZoneId" in records.entries else value("HostedZoneName"),
        )


def objects(read: Reader) -> Iterator[NetworkObject]:
    """Yield the network objects of a resource. Sensitive fields are marked."""
    world = read.stack.world
    world.sensitive = False
    for item in BUILDERS[read.resource.type](read):
        if world.sensitive:
            item = concealed(
                item, [name for name in SHOWN if _PROPERTIES.get(name) in read.sensitive], world.choices.labels
            )
        yield item


_PROPERTIES = {
    "vpc": "VpcId",
    "service_name": "ServiceName",
    "type": "VpcEndpointType",
    "service_region": "ServiceRegion",
}
"""The fields that reports show, with their properties."""

BUILDERS: dict[str, Callable[[Reader], Iterator[NetworkObject]]] = {
    "AWS::EC2::VPC": _vpc,
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::EC2::RouteTable": _route_table,
    "AWS::EC2::Route": _route,
    "AWS::EC2::SubnetRouteTableAssociation": _subnet_association,
    "AWS::EC2::GatewayRouteTableAssociation": _gateway_association,
    "AWS::EC2::Subnet": _subnet,
    "AWS::EC2::InternetGateway": _internet_gateway,
    "AWS::EC2::NatGateway": _nat_gateway,
    "AWS::NetworkFirewall::Firewall": _firewall,
    "AWS::EC2::VPCGatewayAttachment": _gateway_attachment,
    **route53.BUILDERS,
    "AWS::Serverless::Api": _serverless_api,
    **attachments.BUILDERS,
    **filters.BUILDERS,
}
"""Every type that the network model knows."""


_LEADING_TYPES = ("AWS::Route53::HostedZone", "AWS::Route53Profiles::", "AWS::Route53Resolver::")
"""Beginnings of the types that can lead the names of a VPC to the endpoints of another one."""


def _may_matter(type: str) -> bool:
    """Return whether a resource of ``type`` may be or create a VPC, an endpoint or a route table."""
    return type in (*CORE_TYPES, "AWS::EC2::RouteTable", *STACK_TYPES) or is_opaque_type(type)


def _may_make_endpoint(type: str) -> bool:
    """Return whether a resource of ``type`` may be or create an endpoint."""
    return type == "AWS::EC2::VPCEndpoint" or type in STACK_TYPES or is_opaque_type(type)


def opaque_objects(stack: Stack) -> Iterator[OpaqueModule]:
    """Yield everything in ``stack`` that may create anything: custom resources, nested stacks that cannot be read, modules,
    entries that are elsewhere, what a service of the Serverless Framework includes, plugins and macros."""
    for resource in stack.resources().values():
        stack.world.sensitive = False
        found = _opaque_resource(stack, resource)
        if found is not None:
            yield _concealed(stack, found)
    for name, (_, node) in stack.entries(stack.template.section("Modules") or EMPTY_MAPPING).items():
        stack.world.sensitive = False
        yield _concealed(stack, _rain_module(stack, name, node))
    for name, span, reason, types in stack.opaque_entries:
        harmless = types is not None and not any(map(_may_matter, types))
        leads = types is not None and any(type.startswith(_LEADING_TYPES) for type in types)
        no_endpoint = types is not None and not any(map(_may_make_endpoint, types))
        found = _anything(stack, name, name, span, reason)
        yield replace(found, harmless=harmless, leads=leads, no_endpoint=no_endpoint)
    if stack.template.is_fragment:
        reason = "the Serverless Framework service that includes this file may include more"
        span = stack.span(stack.template.body)
        yield replace(_anything(stack, "resources", "service", span, reason), source="service", is_unread=False)
    for name, does, node in stack.template.network_plugins:
        reason = f"the plugin {name} of the Serverless Framework {does}"
        yield _anything(stack, name, "plugin", stack.span(node), reason)
    for name, node in stack.template.macros:
        reason = f"the macro {name} may add resources to the template"
        if name == "AWS::Include":
            reason = "AWS::Include adds a file from S3 to the template"
        yield _anything(stack, name, "Transform", stack.span(node), reason)


def _concealed(stack: Stack, found: OpaqueModule) -> OpaqueModule:
    """Return ``found`` without its values if they are sensitive."""
    return concealed(found, (), stack.world.choices.labels) if stack.world.sensitive else found


def _opaque_resource(stack: Stack, resource: ResourceDeclaration) -> OpaqueModule | None:
    """Return what stands for a resource that may create anything; None for one that does not, or is certainly not there."""
    if resource.type in STACK_TYPES:
        if stack.exists(resource) is False or stack.child(resource) is not None:
            return None
        reason = stack.unreadable.get(resource.id, "its template cannot be read")
    elif is_opaque(resource) and stack.exists(resource) is not False:
        reason = f"cannot determine what {resource.type} creates"
    else:
        return None
    read = reader(stack, resource)
    inputs = handed(read)
    stored = [stored_here(stack, part, DISPLAY) for value in inputs for part in opaque_parts(value)]
    function = behind(read)
    calls = api_calls(stack, read.properties) if resource.type == API_CALL else ApiCalls()
    harmless = calls.make_no_network or function.powerless
    given = (*inputs, *(value for value in stored if value is not None), *function.inputs)
    found = OpaqueModule(read.declaration({}), resource.type, reason, given, harmless, leads=calls.lead)
    return described(found, stack, resource)


def _rain_module(stack: Stack, name: str, node: Node) -> OpaqueModule:
    """Return what stands for an entry of ``Modules``, which Rain replaces by resources."""
    properties = entry(node, "Properties")
    nodes = properties.entries.values() if isinstance(properties, Mapping) else ()
    inputs = tuple(evaluate(stack, child, DISPLAY) for child in nodes)
    declared = Declaration(stack.prefix + name, "Module", stack.span(node), stack.calls, stack.existence)
    source = text_of(entry(node, "Source")) or ""
    return OpaqueModule(declared, source, "cannot determine what a Rain module creates", inputs)


def _anything(stack: Stack, name: str, type: str, span: Span, reason: str) -> OpaqueModule:
    """Return what stands for code that may create anything, because of ``reason``."""
    declared = Declaration(stack.prefix + name, type, span, stack.calls, stack.existence)
    return OpaqueModule(declared, name, reason, (unknown(reason, span),))

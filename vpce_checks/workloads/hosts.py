"""EC2 instances and Auto Scaling groups: what runs on them is in their user data and their role.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from vpce_checks.model.network import Part
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Base64Text, Cause, ListValue, Reference, Unknown, Value, merge_causes
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.proxies import mentions_proxy
from vpce_checks.workloads.scripts import helper_of, joins_cluster

AGENT = ("ecs", "ecs-agent", "ecs-telemetry")
"""What the agent of a container instance calls."""


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield the instances and Auto Scaling groups."""
    members = {group.address: provider for provider, group in cluster_groups(parts)}
    for part in parts.of_kind("instance", "scaling_group"):
        template = template_of(parts, part)
        script = script_of(parts, part)
        calls = [*_by_script(script, part.declared.span, in_stack="::" in part.declared.type)]
        provider = members.get(part.address)
        if provider is not None and not any(call.service in AGENT for call in calls):
            why = f"its instances join an ECS cluster through {provider.address}"
            calls += agent_calls(why, provider.declared.span)
        yield Workload(
            part.declared,
            part.kind,
            _subnets(part, template),
            with_attached(parts, part, groups_of(part, template)),
            "launch",
            first(part, template, "public_ip"),
            spread=part.kind == "scaling_group",  # of several interfaces of an instance, one carries the calls
            calls=tuple(calls),
            proxied=mentions_proxy(script),
        )


def _subnets(part: Part, template: Part | None) -> Value:
    """Return the subnets of instances: their own, or else, for a single instance, those of its template.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html
    """
    own = part.get("subnets")
    if own is None:
        own = part.get("interface_subnets")
    if own is not None or template is None or part.kind != "instance":
        return own
    # An interface that exists already is in the subnet of its own.
    has_interface = any(part.get(field) is not None for field in ("interface", "primary_interface"))
    return None if has_interface else template.get("subnets")


def agent_calls(why: str, span: Span) -> Iterator[ServiceCall]:
    """Yield what the agent of a container instance calls, because of ``why``."""
    for service in AGENT:
        yield ServiceCall(service, f"{why}, so the ECS agent calls {service}", span)


def cluster_groups(parts: Parts) -> Iterator[tuple[Part, Part]]:
    """Yield the capacity providers of ECS with the Auto Scaling group of each."""
    for provider in parts.of_kind("capacity_provider"):
        group = parts.find(provider.get("group"), "scaling_group")
        if group is not None and provider.declared.exists is True:
            yield provider, group


def template_of(parts: Parts, part: Part) -> Part | None:
    """Return the launch template or launch configuration of instances, if it is certain."""
    for field in ("template", "template_name", "mixed_template", "mixed_template_name"):
        if part.get(field) is not None:
            return parts.find(part.get(field), "template")
    return parts.find(part.get("configuration"), "launch_configuration")


_TEMPLATES = ("template", "template_name", "mixed_template", "mixed_template_name", "configuration")


def script_of(parts: Parts, part: Part) -> Value:
    """Return the script that instances run at their start: their own, or else that of their template."""
    own = user_data(part)
    if own is not None:
        return own
    template = template_of(parts, part)
    if template is not None:
        return user_data(template)
    named = next((value for field in _TEMPLATES if (value := part.get(field)) is not None), None)
    return None if named is None else Unknown(merge_causes([named]))


def first(part: Part, template: Part | None, field: str) -> Value:
    """Return an argument of instances, or else of their template."""
    own = part.get(field)
    return own if own is not None or template is None else template.get(field)


def groups_of(part: Part, template: Part | None) -> Value:
    """Return the security groups of instances."""
    own = first(part, template, "security_groups")
    return own if own is not None or template is None else template.get("interface_groups")


def with_attached(parts: Parts, part: Part, groups: Value) -> Value:
    """Return the security ``groups`` of an instance, with those that the code adds to its interface.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_interface_sg_attachment
    """
    added = list(parts.attached_to(part.address))
    if part.kind != "instance" or not added:
        return groups
    interfaces = [each.get("interface") for each in added]
    certain = all(each.declared.exists is True for each in added) and all(
        isinstance(each, Reference) and each.address == part.address for each in interfaces
    )
    if certain and isinstance(groups, ListValue) and groups.items:
        items = (*groups.items, *(each.get("group") for each in added))
        return ListValue(items, "list", groups.maybe, groups.rest)
    text = f"{added[0].address} adds, or may add, a security group to {part.address}"
    return Unknown((Cause(text, added[0].declared.span), *merge_causes([groups])))


def user_data(part: Part) -> Value:
    """Return the script that instances run at their start, decoded as far as it is known."""
    plain = part.get("user_data")
    if plain is None:
        return decoded(part.get("user_data_base64"))
    return decoded(plain)


def decoded(value: Value) -> Value:
    """Return a text that may be in base64."""
    if isinstance(value, Base64Text):
        return value.text
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            return value
    return value


def _by_script(script: Value, span: Span, *, in_stack: bool) -> Iterator[ServiceCall]:
    if joins_cluster(script):
        yield from agent_calls("its user data names an ECS cluster", span)
    helper = helper_of(script) if in_stack else None
    if helper is not None:
        why = f"its user data runs {helper.name}, which calls cloudformation"
        yield ServiceCall("cloudformation", why, span, region=helper.region)

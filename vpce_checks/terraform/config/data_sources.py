"""The attributes of data sources that are known without a request to AWS.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vpce_checks.base.pattern import pattern
from vpce_checks.model.values import (
    Cause,
    ListValue,
    Reference,
    Unknown,
    Value,
    merge_causes,
    opaque_parts,
)
from vpce_checks.terraform.config.nested_blocks import nested_blocks
from vpce_checks.terraform.config.tags import all_tags
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import STRING

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance
    from vpce_checks.terraform.config.module import Module


def attribute(instance: Instance, name: str) -> Value:
    """Return attribute ``name`` of the data source ``instance``, which sets no such argument."""
    compute = _COMPUTED.get(instance.type)
    if compute is not None:
        value = compute(instance, name)
        if value is not None:
            return value
    cause = Cause(f"{instance.address}.{name} is read from AWS during the deployment", instance.block.header)
    if _looks_up_own(instance):
        return Unknown((cause,))
    return Reference(instance.address, (name,), "data", (cause,))


_NOT_OF_THE_NETWORK = ("helm_", "kubernetes_", "kubectl_", "random_", "tls_", "time_", "archive_", "github_")
"""Prefixes of the types of data sources that never return a part of a VPC."""


_EC2_ENDPOINT = pattern(r"ec2\.([a-z0-9-]+)\.[a-z0-9.-]+")


def _looks_up_own(instance: Instance) -> bool:
    """Whether the data source may find an object that this configuration creates."""

    body = instance.block.body
    if "depends_on" in body.attributes or _called_after_others(instance.module):
        return not instance.type.startswith(_NOT_OF_THE_NETWORK)
    values = [instance.get(name) for name in body.attributes if name not in ("count", "for_each", "provider")]
    for block in nested_blocks(body, "filter", instance.scope):
        values.extend(block.get(name) for name in block.body.attributes)
    return any(
        isinstance(part, Reference) and part.kind == "resource" for value in values for part in opaque_parts(value)
    )


def _called_after_others(module: Module) -> bool:
    """Whether a module call above has ``depends_on``: then Terraform reads this data source after those objects."""
    if module.session.is_later:
        return True
    while module.parent is not None:
        if "depends_on" in module.parent.source.modules[module.call].body.attributes:
            return True
        module = module.parent
    return False


def _region(instance: Instance, name: str) -> Value:
    if name in ("name", "region", "id"):
        for argument in ("region", "name"):
            value = instance.get(argument)
            if value is not None:
                return value
        endpoint = _as_text(instance, "endpoint")
        return instance.module.region_of(instance) if endpoint is None else _region_of_endpoint(endpoint)
    return None


def _region_of_endpoint(endpoint: Value) -> Value:
    """Return the region whose EC2 endpoint has a host name (``ec2.eu-west-1.amazonaws.com``)."""
    if isinstance(endpoint, str):
        match = _EC2_ENDPOINT.fullmatch(endpoint)
        return match[1] if match is not None else None
    return Unknown(merge_causes([endpoint]), "string")


def _default_tags(instance: Instance, name: str) -> Value:
    return all_tags(None, instance.module.provider_of(instance)) if name == "tags" else None


def _partition(instance: Instance, name: str) -> Value:
    from vpce_checks import catalog

    region = instance.module.region_of(instance)
    if not isinstance(region, str):
        return None
    partition = catalog.partition_of(region)
    return {
        "partition": partition,
        "id": partition,
        "dns_suffix": catalog.dns_suffix(partition),
        "reverse_dns_prefix": catalog.reverse_dns_prefix(partition),
    }.get(name)


def _availability_zones(instance: Instance, name: str) -> Value:
    if name != "names":
        return None
    cause = Cause(f"{instance.address}.names is read from AWS during the deployment", instance.block.header)
    return Reference(instance.address, ("names",), "data", (cause,), "list")


def _endpoint_service(instance: Instance, name: str) -> Value:
    if name in ("service_name", "id"):
        return _endpoint_service_name(instance)
    if name == "service_type":
        return _filtered_type(instance)
    return None


def _endpoint_service_name(instance: Instance) -> Value:
    """Return the name of ``service`` in the region of the data source."""
    from vpce_checks import catalog

    given = instance.get("service_name")
    if given is not None:
        return given
    service = _as_text(instance, "service")
    if service is None:
        return None
    region = _service_region(instance)
    type = _filtered_type(instance)
    if isinstance(service, str) and isinstance(region, str):
        return catalog.service_name_for(service, region, type if isinstance(type, str) else "Interface")
    # The name has this form in every partition and region. Only the region is unknown.
    return catalog.data_source_service_name(service, region)


def _as_text(instance: Instance, name: str) -> Value:
    """Return argument ``name`` as a string; unknown if Terraform refuses the conversion."""
    given = instance.get(name)
    try:
        return convert(given, STRING)
    except EvalError as error:
        where = instance.block.body.attributes[name].span
        message = f"{instance.address}.{name}: {error.message}"
        instance.module.session.warn(message, where)
        return Unknown((Cause(message, where),), "string")


def _service_region(instance: Instance) -> Value:
    regions = instance.get("service_regions")
    if isinstance(regions, ListValue) and regions.exact and len(regions.items) == 1 and regions.items[0] is not None:
        return regions.items[0]
    return instance.module.region_of(instance)


def _filtered_type(instance: Instance) -> Value:
    given = instance.get("service_type")
    if given is not None:
        return given
    for block in instance.blocks("filter"):
        if block.get("name") == "service-type":
            values = block.get("values")
            if isinstance(values, ListValue) and values.exact and len(values.items) == 1:
                return values.items[0]
    return None


_COMPUTED: dict[str, Callable[[Instance, str], Value]] = {
    "aws_region": _region,
    "aws_default_tags": _default_tags,
    "aws_partition": _partition,
    "aws_availability_zones": _availability_zones,
    "aws_vpc_endpoint_service": _endpoint_service,
}

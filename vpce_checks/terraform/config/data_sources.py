"""The attributes of data sources that are known without a request to AWS.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import chain
from typing import TYPE_CHECKING, cast

from vpce_checks.model.documents import certain_items
from vpce_checks.model.network import link, without_keys
from vpce_checks.model.values import (
    Cause,
    ListValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    join_strings,
    opaque_parts,
)
from vpce_checks.terraform.aws.carried import carried, finds, found_object, identifying_arguments
from vpce_checks.terraform.config.default_vpc import default_vpc, in_default_vpc
from vpce_checks.terraform.config.local_data import LOCAL_DATA
from vpce_checks.terraform.config.nested_blocks import nested_blocks
from vpce_checks.terraform.config.references import expressions_of, reach
from vpce_checks.terraform.config.tags import all_tags
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import STRING

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance
    from vpce_checks.terraform.config.module import Module
    from vpce_checks.terraform.lang.scope import DeclaredObject


def attribute(instance: Instance, name: str) -> Value:
    """Return attribute ``name`` of the data source ``instance``, which sets no such argument."""
    under_way = instance.scope.session.under_way
    key = instance.address, name
    if key in under_way:  # a filter that refers to its own data source: it would be read again in each of its values
        return Unknown((Cause(f"{instance.address}.{name} refers to itself", instance.block.header),))
    under_way.add(key)
    try:
        return _attribute(instance, name)
    finally:
        under_way.discard(key)


def _attribute(instance: Instance, name: str) -> Value:
    for compute in (_computed, _read_here, _of_own, _of_default_vpc, _of_another, _all_tables):
        value = compute(instance, name)
        if value is not None:
            return value
    return _read(instance, name)


def _read(instance: Instance, name: str) -> Opaque:
    """Return an attribute that is read during the deployment. Without an identity, it may be that of an own object."""
    causes = (_cause(instance, name),)
    return Unknown(causes) if _looks_up_own(instance) else Reference(instance.address, (name,), "data", causes)


def _cause(instance: Instance, name: str) -> Cause:
    where = "" if instance.type.startswith(_NOT_OF_AWS) else " from AWS"
    return Cause(f"{instance.address}.{name} is read{where} during the deployment", instance.block.header)


def _computed(instance: Instance, name: str) -> Value:
    compute = _COMPUTED.get(instance.type)
    return None if compute is None else compute(instance, name)


def _read_here(instance: Instance, name: str) -> Value:
    """Return what a data source reads without asking a service, such as a file.

    Null if the deployment may write that first.
    """
    read = LOCAL_DATA.get((instance.type, name))
    return None if read is None or _is_read_late(instance) else read(instance)


def _of_own(instance: Instance, name: str) -> Value:
    """Return an attribute of the object that the data source finds in this configuration, or of its VPC."""
    lookup = instance.scope.session.declared.get
    value = found_object(instance, name, lookup)
    if value is not None:
        return value
    named = next(filter(None, (_named_object(instance, each) for each in identifying_arguments(instance.type))), None)
    return named.attribute(name) if named is not None else carried(instance, name, lookup)


def _named_object(data: Instance, argument: str) -> DeclaredObject | None:
    """Return the resource that a known ``argument`` of a data source comes from, such as the subnet group of a name."""
    value = data.get(argument)
    if not isinstance(value, str):
        return None
    mentioned = _mentioned(data, argument)
    found = [
        each
        for address, each in data.scope.session.declared.items()
        if finds(data.type, each.type) and without_keys(address) in mentioned and each.attribute(argument) == value
    ]
    return found[0] if len(found) == 1 else None


_ANY = frozenset({""})
"""In place of the addresses of resources where they are not known."""


def _mentioned(data: Instance, argument: str = "") -> Collection[str]:
    """Return the addresses, without keys, of the resources that ``argument`` comes from: any argument, if it is ""."""
    tables = data.scope.session.tables
    key = f"mentioned by {without_keys(data.address)} {argument}"
    if key not in tables:
        tables[key] = _ANY  # for what the search itself needs to evaluate
        body = data.block.body
        expressions = chain(
            (each.expr for name, each in body.attributes.items() if name not in ("count", "provider")),
            chain.from_iterable(expressions_of(block.body) for block in body.blocks),
        )
        found = reach(data.module, [body.attributes[argument].expr] if argument else expressions)
        tables[key] = _ANY if found is None else frozenset(found)
    return cast("frozenset[str]", tables[key])


def _of_default_vpc(instance: Instance, name: str) -> Value:
    if instance.type != "aws_vpc":
        return in_default_vpc(instance, name)
    is_default = instance.get("default")
    if is_default is None:
        is_default = "true" in (*_filtered(instance, "is-default"), *_filtered(instance, "isDefault"))
    if is_default is True:
        found = default_vpc(instance, name, instance.address)
        is_elsewhere = isinstance(found, Reference) and found.kind == "data"
        existing = _of_another(instance, name) if is_elsewhere else None
        return found if existing is None else existing
    return Unknown(is_default.causes) if isinstance(is_default, Opaque) else None


def _of_another(instance: Instance, name: str) -> Value:
    """Return an attribute that another root of the repository decides: it writes the value, or creates the object."""
    if instance.scope.session.outside is None:
        return None
    from vpce_checks.terraform.config.look_ups import is_of_another, looked_up
    from vpce_checks.terraform.config.outputs_of_others import value_of_another
    from vpce_checks.terraform.config.stores import STORE_TYPES

    if instance.type in STORE_TYPES and _looks_up_own(instance):
        return None  # whatever it waits for may write what it reads
    value = value_of_another(instance, name)
    if value is None and not _looks_up_own(instance, lambda part: is_of_another(instance, part)):
        return looked_up(instance, name)
    return value


_NOT_OF_AWS = ("local_", "null_", "template_", "http", "external", "terraform_")
"""Prefixes of the types of data sources that are read elsewhere."""

_NOT_OF_THE_NETWORK = ("helm_", "kubernetes_", "kubectl_", "random_", "tls_", "time_", "archive_", "github_")
"""Prefixes of the types of data sources that never return a part of a VPC."""


def _nothing(value: Value) -> bool:
    return False


def _looks_up_own(instance: Instance, is_known: Callable[[Value], bool] = _nothing) -> bool:
    """Whether the data source may find an object of this configuration, or one inside of such an object.

    Its arguments say so: they may come from a resource. An argument of which ``is_known`` is true does not count.
    """
    body = instance.block.body
    if _is_read_late(instance):
        return not instance.type.startswith(_NOT_OF_THE_NETWORK)
    values = [instance.get(name) for name in body.attributes if name not in ("count", "for_each", "provider")]
    for block in nested_blocks(body, "filter", instance.scope):
        values.extend(block.get(name) for name in block.body.attributes)
    if _mentioned(instance):
        return True
    parts = (part for value in values for part in opaque_parts(value) if not is_known(part))
    return any(link(part).anything or _is_own(part) for part in parts)


def _is_own(value: Value) -> bool:
    """Whether a value is, or may be, of a resource of this configuration."""
    possible = value.one_of if isinstance(value, Unknown) and value.one_of else (value,)
    return any(isinstance(each, Reference) and each.kind == "resource" for each in possible)


def _is_read_late(instance: Instance) -> bool:
    """Whether ``depends_on`` makes Terraform read a data source after it has created something."""
    return "depends_on" in instance.block.body.attributes or _called_after_others(instance.module)


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
        host = instance.get("endpoint")
        if host is not None:
            return _region_of_host(instance, host)
        return instance.module.region_of(instance)
    return None


def _region_of_host(instance: Instance, host: Value) -> Value:
    """Return the region whose EC2 endpoint is ``host`` (``ec2.us-west-2.amazonaws.com``).

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/region
    """
    from vpce_checks import catalog

    parts = host.parts if isinstance(host, PartialString) else ()
    if len(parts) == 3 and parts[0] == "ec2." and isinstance(parts[2], str) and parts[2].startswith("."):
        return parts[1]
    found = [label for label in host.split(".") if catalog.is_region(label)] if isinstance(host, str) else []
    if len(found) == 1:
        return found[0]
    where = instance.block.body.attributes["endpoint"].span
    return Unknown((Cause(f"cannot determine the region with the endpoint of {instance.address}", where),), "string")


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


_ALL_ZONES = frozenset({"state", "region", "provider", "count", "for_each"})
"""Arguments of ``aws_availability_zones`` that leave out no zone which every account has."""

_OF_ALL_ZONES = {"opt-in-status": "opt-in-not-required", "zone-type": "availability-zone", "state": "available"}
"""Filters that leave out local zones and the like: what they ask for is so of every availability zone.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZone.html
"""


def _finds_all_zones(instance: Instance) -> bool:
    """Return whether ``aws_availability_zones`` finds every availability zone of its region."""
    body = instance.block.body
    written = body.attributes.keys() - {"filter"}  # JSON writes blocks as arguments
    if not written <= _ALL_ZONES or instance.get("state") not in (None, "available"):
        return False
    if any(block.type != "filter" for block in body.blocks):
        return False
    for filter in instance.blocks("filter"):
        name, values = filter.get("name"), filter.get("values")
        asked = _OF_ALL_ZONES.get(name) if isinstance(name, str) else None
        if asked is None or not isinstance(values, ListValue) or asked not in certain_items(values):
            return False
    return True


def _availability_zones(instance: Instance, name: str) -> Value:
    if name not in ("names", "zone_ids"):
        return None
    read = instance.scope.session.zones.get(instance.address, {}).get(name)
    if isinstance(read, list) and all(isinstance(zone, str) for zone in read):
        return ListValue(tuple(read), "list")
    # Every region has several: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/regions.html
    least = 2 if _finds_all_zones(instance) else 0
    return Reference(instance.address, (name,), "data", (_cause(instance, name),), "list", least)


def _gateway(instance: Instance, name: str) -> Value:
    """The id of a gateway that is looked up.

    Rules ask only whether a route leads to such a gateway, not whose it is.
    """
    if name not in ("id", "internet_gateway_id"):
        return None
    return Reference(instance.address, (name,), "data", (_cause(instance, name),), "string")


def _endpoint_service(instance: Instance, name: str) -> Value:
    if name in ("service_name", "id"):
        return _endpoint_service_name(instance)
    if name == "service_type":
        return _filtered_type(instance)
    if name in ("private_dns_name", "private_dns_names"):
        private = _private_dns_name(_endpoint_service_name(instance))
        return ListValue((private,), "set") if private is not None and name.endswith("s") else private
    return None


def _private_dns_name(service_name: Value) -> Value:
    """Return the private DNS name of an endpoint service of AWS; null if it has several, or none that is known."""
    from vpce_checks import catalog
    from vpce_checks.catalog.host_names import host_names

    parsed = catalog.parse_service_name(service_name)
    if parsed is None or parsed.kind != "aws" or parsed.short is None or parsed.region is None:
        return None
    service = catalog.find_service(parsed.short)
    if service is None or service.private_dns != "yes":
        return None
    names = [host.name for host in host_names(parsed.short, parsed.region) if host.use in ("asked", "instead", "also")]
    return names[0] if len(names) == 1 else None


def _endpoint_service_name(instance: Instance) -> Value:
    """Return the name of ``service`` in the region of the data source."""
    from vpce_checks import catalog

    given = instance.get("service_name")
    if given is None:
        given = next(_filtered(instance, "service-name"), None)
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
    return next((value for value in _filtered(instance, "service-type") if value is not None), None)


def _filtered(instance: Instance, name: str) -> Iterator[Value]:
    """Yield the only value of each filter with this name."""
    for block in instance.blocks("filter"):
        values = block.get("values")
        if block.get("name") == name and isinstance(values, ListValue) and values.exact and len(values.items) == 1:
            yield values.items[0]


def _service(instance: Instance, name: str) -> Value:
    """Return what ``aws_service`` makes of its arguments: the names of a service in a region.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/service
    """
    from vpce_checks import catalog

    reversed_name, host = instance.get("reverse_dns_name"), instance.get("dns_name")
    if reversed_name is None and isinstance(host, str):
        reversed_name = ".".join(reversed(host.split(".")))
    region, service, prefix = instance.get("region"), instance.get("service_id"), instance.get("reverse_dns_prefix")
    if isinstance(reversed_name, str) and reversed_name.count(".") >= 2:
        prefix, region, service = reversed_name.rsplit(".", 2)
    elif reversed_name is not None or host is not None:
        return None
    if region is None:
        region = instance.module.region_of(instance)
    if name == "region":
        return region
    if name == "service_id":
        return service
    partition = catalog.partition_of(region) if isinstance(region, str) else None
    if name == "partition":
        return partition
    if prefix is None and partition is not None:
        prefix = catalog.reverse_dns_prefix(partition)
    if name == "reverse_dns_prefix":
        return prefix
    if not all(isinstance(part, (str, Opaque, PartialString)) for part in (prefix, region, service)):
        return None
    if name in ("reverse_dns_name", "id"):
        return join_strings((prefix, ".", region, ".", service))
    if name == "dns_name" and isinstance(prefix, str):
        return join_strings((service, ".", region, ".", ".".join(reversed(prefix.split(".")))))
    return None


def _all_tables(instance: Instance, name: str) -> Value:
    """Return the ids of all route tables of a VPC: at least that of its main table, so that there is one.

    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
    """
    if instance.type != "aws_route_tables":
        return None
    attributes, filters = instance.block.body.attributes, [block.get("name") for block in instance.blocks("filter")]
    if name != "ids" or not attributes.keys() <= {"vpc_id", "region", "provider", "count", "for_each"}:
        return None
    if any(each != "vpc-id" for each in filters) or not ("vpc_id" in attributes or filters):
        return None
    hidden = Unknown((_cause(instance, name),))
    return ListValue((hidden,), "list", rest=hidden)


def _zone(instance: Instance, name: str) -> Value:
    """Return the region of an availability zone, whose name is the region's and a letter."""
    from vpce_checks import catalog

    zone = instance.get("name")
    return zone[:-1] if name == "region" and isinstance(zone, str) and catalog.is_region(zone[:-1]) else None


def _policy_document(instance: Instance, name: str) -> Value:
    from vpce_checks.terraform.config.policy_documents import rendered

    return rendered(instance, minified=name == "minified_json") if name in ("json", "minified_json") else None


_COMPUTED: dict[str, Callable[[Instance, str], Value]] = {
    "aws_region": _region,
    "aws_default_tags": _default_tags,
    "aws_partition": _partition,
    "aws_availability_zones": _availability_zones,
    "aws_availability_zone": _zone,
    "aws_service": _service,
    "aws_internet_gateway": _gateway,
    "aws_vpn_gateway": _gateway,
    "aws_vpc_endpoint_service": _endpoint_service,
    "aws_iam_policy_document": _policy_document,
}

"""How the instances of a stack set deploy its template: to which regions, and with which parameters of their own.

Each instance is a stack in an account and a region. What the code says of all of them is known here, and the rest is unknown.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack_set_instance
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    MAX_CAUSES,
    Cause,
    ListValue,
    MapValue,
    Opaque,
    Reference,
    Unknown,
    Value,
    choose,
    merge_causes,
    same,
)
from vpce_checks.terraform.aws.generic import STACK_SET_INSTANCES

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance


class Instances(NamedTuple):
    """What the instances of a stack set have in common. ``others`` is what they may set any parameter to."""

    exists: Literal[True] | Opaque
    region: Value
    overrides: dict[str, list[Value]]
    others: Unknown | None


def instances_of(stack_set: Instance) -> Instances:
    """Return what the instances of a stack set have in common. Where the code of its module has none, it is not known whether
    there is one."""
    found = list(_instances(stack_set))
    existence = [stack_set.exists, *(each.exists for each in found)]
    nowhere = Cause(f"no instance of {stack_set.address} is in the code beside it", stack_set.block.header)
    exists: Literal[True] | Opaque = True
    if stack_set.exists is not True or not any(each.exists is True for each in found):
        exists = Unknown((merge_causes([each for each in existence if each is not True]) or (nowhere,))[:MAX_CAUSES])
    overrides: dict[str, list[Value]] = {}
    others: list[Value] = []
    for each in found:
        given = each.get("parameter_overrides")
        if isinstance(given, MapValue) and not each.is_sensitive("parameter_overrides"):
            for name, value in given.items.items():
                overrides.setdefault(name, []).append(value)
            others += [given.rest] if given.rest is not None else []
        elif given is not None:
            others.append(given)
    cause = Cause(f"instances of {stack_set.address} set parameters of their own", stack_set.block.header)
    return Instances(
        exists,
        _common([region for each in found for region in _regions(each)]),
        {name: [*values, *([None] if len(values) < len(found) else [])] for name, values in overrides.items()},
        Unknown(merge_causes(others)[:MAX_CAUSES] or (cause,)) if others else None,
    )


def with_overrides(
    given: dict[str, Value], others: Unknown | None, instances: Instances, span: Span
) -> tuple[dict[str, Value], Unknown | None]:
    """Return the parameters of a stack set as its instances have them. What some set and others do not may be either."""
    unset = Unknown((Cause("an instance sets this parameter, and another one does not", span),))
    differs = (Cause("the instances set this parameter to several values", span),)
    found = dict(given)
    for name, values in instances.overrides.items():
        causes = unset.causes if any(each is None for each in values) else differs
        found[name] = choose([given.get(name, unset) if each is None else each for each in values], causes)
    if instances.others is None:
        return found, others
    return {
        name: choose([value, instances.others], instances.others.causes) for name, value in found.items()
    }, others or instances.others


def in_other_accounts(stack_set: Instance) -> Cause:
    """Return why nothing in a stack set is certainly the same as in another root."""
    return Cause(f"{stack_set.address} deploys to accounts that the code does not show", stack_set.block.header)


def stack_set_of(instance: Instance) -> Iterator[Instance]:
    """Yield the stack sets that an instance may be of."""
    for type, name in instance.module.source.resources:
        if type == "aws_cloudformation_stack_set":
            yield from (each for each in instance.module.instances(type, name) if _may_be_of(instance, each))


def _instances(stack_set: Instance) -> Iterator[Instance]:
    for type, name in stack_set.module.source.resources:
        if type in STACK_SET_INSTANCES:
            yield from (each for each in stack_set.module.instances(type, name) if _may_be_of(each, stack_set))


def _may_be_of(instance: Instance, stack_set: Instance) -> bool:
    """Return whether an instance may be one of a stack set, which it names by its name or its id (the same)."""
    named, name = instance.get("stack_set_name"), stack_set.get("name")
    if isinstance(named, Reference) and named.kind == "resource":
        return named.address == stack_set.address
    return not (isinstance(named, str) and isinstance(name, str)) or named == name


def _regions(instance: Instance) -> list[Value]:
    """Return the regions of an instance. A provider before version 6 takes them by another argument."""
    several = instance.get("regions")
    if several is not None:
        return (
            [*several.items] if isinstance(several, ListValue) and several.exact else [Unknown(merge_causes([several]))]
        )
    own = instance.get("stack_set_instance_region")
    return [instance.region() if own is None else own]


def _common(regions: list[Value]) -> Value:
    """Return the region that all have. None if they have several, or none is known."""
    first = regions[0] if regions else None
    return first if isinstance(first, str) and all(same(each, first) for each in regions) else None

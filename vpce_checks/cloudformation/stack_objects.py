"""The network objects of a stack and of those that it nests, in the current combination of choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from vpce_checks.base.defects import defect
from vpce_checks.cloudformation.evaluate.choices import CannotDeploy, Interrupted
from vpce_checks.cloudformation.evaluate.stack import Stack
from vpce_checks.cloudformation.reader import reader
from vpce_checks.cloudformation.resources import objects
from vpce_checks.cloudformation.template.template import ResourceDeclaration
from vpce_checks.model.network import Declaration, NetworkObject, unread


def parts_in(root: Stack, *, decided: bool) -> list[NetworkObject]:
    """Return the resources that workloads are made of, in a stack and those that it nests, and those that the workloads of
    joined roots need. Their conditions are ``decided``, or stay open."""
    from vpce_checks.catalog.parts import may_run, of_networks, part_types
    from vpce_checks.cloudformation.parts import parts_of, types_of

    types, found = {*part_types("cloudformation")}, list[NetworkObject]()
    with root.world.choices.freezing(freeze=not decided):
        parts = [
            (stack, resource, kinds)
            for stack in root.walk(types, ())
            for resource in stack.resources().values()
            if (kinds := types_of(resource))
        ]
        if not any(may_run(kinds) for _, _, kinds in parts):
            outside = root.world.outside
            beside = (
                of_networks(part_types("cloudformation")) if outside is not None and outside.group is not None else {}
            )
            parts = [each for each in parts if each[1].type in beside]
        for stack, resource, _ in parts:
            found += network_objects(stack, resource, parts_of)
    return found


def network_objects(
    stack: Stack,
    resource: ResourceDeclaration,
    read: Callable[[Stack, ResourceDeclaration], Iterable[NetworkObject]] = lambda stack, resource: objects(
        reader(stack, resource)
    ),
) -> list[NetworkObject]:
    """Return the network objects of a resource. A defect of ours is reported and loses only this resource."""
    exists = stack.exists(resource)
    try:
        return list(read(stack, resource)) if exists is not False else []
    except CannotDeploy:
        if exists is True and stack.existence is True:
            raise
        return []  # it cannot exist with what it refers to
    except (Interrupted, RecursionError, MemoryError):
        raise
    except Exception as error:
        address = stack.prefix + resource.id
        stack.error(f"{address} cannot be read: {defect(error)}", resource.node, is_defect=True)
        return [unread(Declaration(address, resource.type, resource.span, stack.calls))]

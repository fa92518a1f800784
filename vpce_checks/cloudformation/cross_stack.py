"""Follow ``Fn::ImportValue`` and stored parameters across the templates of one scan.

A name is compared in each scenario: an export ``${Env}-vpc`` is what ``prod-vpc`` means if Env is prod. In any other
scenario, the import means another deployment of that template. A parameter without AllowedValues has the values that the
imports of the scan name, and its default. Where a name is only partly known, the export must have the same known parts
(``${Network}-VPC`` matches ``${AWS::StackName}-VPC``); if several do, the value is one of theirs. It may be the known export
``core-VPC`` or one elsewhere. What another stack of the same deployment exports comes first, if its name is the same.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

from collections.abc import Hashable

from vpce_checks.base.record import replace
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.followed import NOWHERE
from vpce_checks.cloudformation.evaluate.stack import DISPLAY, MAX_NESTED_CONDITIONS, Stack, World
from vpce_checks.cloudformation.export_names import is_called, is_called_beside
from vpce_checks.cloudformation.import_index import Export, shared_by_id, stack_at, way_to
from vpce_checks.cloudformation.shared_values import SharedValue, UsedValue, is_there
from vpce_checks.cloudformation.template.environment import Environment
from vpce_checks.cloudformation.template.nodes import Node
from vpce_checks.model.outside import EXPORT, candidates_of, root_label, words_for
from vpce_checks.model.values import Cause, PartialString, Reference, Value, choose, pattern, unknown


def follow(stack: Stack, used: UsedValue, mode: str, otherwise: Value) -> Value | None:
    """Return the value of another stack that ``stack`` uses. None if no template of the scan shares it.

    It is ``otherwise`` where the name means another deployment of the template that shares it.
    """
    world = stack.world
    imports = world.imports
    if imports is None:
        return None
    root = _root_of(stack)
    own, others = imports.exporters(used.name, root, used.kind, environment_of(stack, used))
    own = [export for export in own if _comes_before(export, way_to(stack))]
    if not own and not others:
        return None
    if world.depth > MAX_NESTED_CONDITIONS:
        return unknown(f"{_title_of(used)} comes through too many stacks", used.span)
    found, possible, certain = _shared_as(stack, used, root, own, mode)
    if not (found and certain):  # a name is exported once, so others do not count then
        more, also, sure = _shared_as(stack, used, root, others, mode)
        found, possible, certain = [*found, *more], [*possible, *also], certain and sure and not found
    if not found:
        return otherwise if others else None
    places = [(_title(export), export.span) for export in possible]
    if certain and len(found) == 1:
        this = Cause(f"this is {_title(possible[0])}", possible[0].span)
        return _through(found[0], (Cause(f"{_title_of(used)} is used here", used.span), this))
    return choose([*found, *([] if certain else [otherwise])], candidates_of(_title_of(used), used.span, places))


def _comes_before(export: Export, way: tuple[str, ...]) -> bool:
    """Return whether ``export``, of the same deployment, is there when the stack at ``way`` is created. A stack exports its
    outputs when all that it nests is there."""
    return export.way != (way[: len(export.way)] if export.kind == EXPORT else way)


def environment_of(stack: Stack, used: UsedValue) -> Environment:
    """Return where the value is that a stack uses."""
    imports, region = stack.world.imports, stack.world.region
    here = imports.deployed(_root_of(stack)).environment if imports is not None else Environment()
    return used.environment(here if region is None else replace(here, regions=frozenset({region})))


def _root_of(stack: Stack) -> str:
    return stack.calls[0].span.file if stack.calls else stack.template.path


def _shared_as(
    stack: Stack, used: UsedValue, own: str, exports: list[Export], mode: str
) -> tuple[list[Value], list[Export], bool]:
    """Return the values that ``used`` may mean, their exports, and whether it is certain that it means them.

    Many resources use the same value, so this is found once in each state of the choices.
    """
    world = stack.world
    followed, before = world.followed, world.choices.state
    key = (own, used.name, tuple(map(id, exports)), mode, before) if _is_plain(used.name) else None
    if key is not None and key in world.meanings:
        found, possible, certain, is_sensitive = world.meanings[key]
        world.sensitive = world.sensitive or is_sensitive
        return found, possible, certain
    was_sensitive, world.sensitive = world.sensitive, False
    outer, followed.back = followed.back, NOWHERE
    try:
        found, possible, certain = _meaning(stack, used, own, exports, mode)
    finally:
        back, followed.back = followed.back, min(outer, followed.back)
    if key is not None and back == NOWHERE and world.choices.state == before:
        world.meanings[key] = found, possible, certain, world.sensitive
    world.sensitive = was_sensitive or world.sensitive
    return found, possible, certain


def _meaning(
    stack: Stack, used: UsedValue, own: str, exports: list[Export], mode: str
) -> tuple[list[Value], list[Export], bool]:
    world = stack.world
    found, possible, certain = [], [], True
    for export in exports:
        there = _stack_of(world, export, own)
        shared = shared_by_id(there, used.kind).get(export.id) if there else None
        value = shared.holder.entries.get("Value") if shared is not None else None
        if there is None or shared is None or value is None:
            continue
        varies = world.imports is not None and world.imports.deployed(export.root).varies
        with world.choices.freezing(freeze=mode == DISPLAY or varies):
            answer = _is_shared(there, shared, export, used.name, own)
        if answer is False:
            continue
        possible.append(export)
        if world.followed.comes_back(_key_of(world, export, mode)):
            certain = False  # another deployment of that template
        else:
            certain = certain and (answer is True or mode == DISPLAY)
            found.append(_value_of(there, export, value, mode))
    return found, possible, certain


def _is_plain(name: Value) -> bool:
    return isinstance(name, str) or (
        isinstance(name, PartialString) and all(isinstance(part, (str, Reference)) for part in name.parts)
    )


def _value_of(stack: Stack, export: Export, node: Node, mode: str) -> Value:
    """Return the value of ``export``. It is evaluated once in each state of the choices, as it may come from other stacks,
    whose values come from others."""
    world = stack.world

    def find() -> tuple[Value, bool]:
        before, world.sensitive = world.sensitive, False
        value = evaluate(stack, node, mode)
        is_sensitive, world.sensitive = world.sensitive, before
        return value, is_sensitive

    value, is_sensitive = world.followed.value(_key_of(world, export, mode), find)
    world.sensitive = world.sensitive or is_sensitive
    return value


def _key_of(world: World, export: Export, mode: str) -> Hashable:
    return export.root, export.way, export.kind, export.id, mode, world.choices.state


def _title_of(used: UsedValue) -> str:
    return words_for(used.kind, pattern(used.name) or "*")


def _title(export: Export) -> str:
    return f"{export.id} of {root_label(export.root).removesuffix(':')}"


def _through(value: Value, steps: tuple[Cause, ...]) -> Value:
    return replace(value, through=(*steps, *value.through)) if isinstance(value, Reference) else value


def _stack_of(world: World, export: Export, importer: str) -> Stack | None:
    """Return the stack that shares ``export``, as a part of ``world``."""
    stack = world.linked.get(export.root)
    if stack is None and world.imports is not None:
        template = world.templates.template(export.root)
        if template is None or export.root == importer:
            return None
        stack = Stack(world, template, root_label(export.root), given=world.imports.deployed(export.root).given)
        world.linked[export.root] = stack
    return stack_at(stack, export.way) if stack is not None else None


def _is_shared(stack: Stack, shared: SharedValue, export: Export, name: Value, root: str) -> bool | None:
    """Return whether ``shared`` has the name ``name`` for a stack of ``root``, in the current combination of choices. None if
    that is not decided."""
    exists = _is_created(stack, shared, export)
    if exists is False:
        return False
    compare = is_called_beside if export.root == root else is_called
    called = compare(stack, shared.name, export, name)
    return called if called is False or exists is True else None


def _is_created(stack: Stack, shared: SharedValue, export: Export) -> bool | None:
    """Return whether ``shared`` is there, and the stack in which it is. None if that is not decided."""
    answers: list[object] = []
    above: Stack | None = stack.world.linked.get(export.root)
    for id in export.way:
        resource = above.resources().get(id) if above is not None else None
        if above is not None and resource is not None:
            answers.append(above.exists(resource))
            above = above.child(resource)
    answers.append(is_there(stack, shared, export.kind))
    if any(answer is False for answer in answers):
        return False
    return True if all(answer is True for answer in answers) else None

"""Follow ``Fn::ImportValue`` and stored parameters across the templates of one scan.

A name is compared in each scenario: an export ``${Env}-vpc`` is what ``prod-vpc`` means if Env is prod. In any other
scenario, the import means another deployment of that template. A parameter without AllowedValues has the values that the
imports of the scan name, and its default. Where a name is only partly known, the export must have the same known parts
(``${Network}-VPC`` matches ``${AWS::StackName}-VPC``); if several do, the value is one of theirs. It may be the known export
``core-VPC`` or one elsewhere. What another stack of the same deployment exports comes first, if its name is the same.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, TypeGuard, TypeVar

from vpce_checks.base.defects import defect
from vpce_checks.base.record import replace
from vpce_checks.cloudformation.evaluate.choices import Choices, Interrupted
from vpce_checks.cloudformation.evaluate.conditions import Spelling, spelt
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.followed import NOWHERE
from vpce_checks.cloudformation.evaluate.framework_variables import stack_names
from vpce_checks.cloudformation.evaluate.stack import (
    CONDITION,
    DISPLAY,
    MAX_NESTED_CONDITIONS,
    PROPERTY,
    Stack,
    World,
)
from vpce_checks.cloudformation.shared_values import (
    SharedValue,
    UsedValue,
    is_there,
    output_is_there,
    shared_values,
    used_values,
    value_for_others,
)
from vpce_checks.cloudformation.template.cdk import stack_name_of
from vpce_checks.cloudformation.template.deployed import Deployed
from vpce_checks.cloudformation.template.environment import Environment
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping, Node
from vpce_checks.cloudformation.template.template import Template
from vpce_checks.model.name_index import NameIndex
from vpce_checks.model.outside import (
    EXPORT,
    PARAMETER,
    STACK,
    Offer,
    Sharing,
    Wanted,
    candidates_of,
    root_label,
    words_for,
)
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import (
    Cause,
    Opaque,
    PartialString,
    Reference,
    Value,
    choose,
    join_strings,
    pattern,
    same,
    unknown,
)

if TYPE_CHECKING:
    from vpce_checks.cloudformation.sniff import SharingShown
    from vpce_checks.cloudformation.template.templates import Templates

T = TypeVar("T")

MIN_LITERAL = 3
"""How many characters of a partly known name must be known to match it. Fewer would match by chance."""

_OF_THE_ACCOUNT = ("AWS::Region", "AWS::AccountId", "AWS::Partition", "AWS::URLSuffix")
"""What all stacks of a deployment have in common, so that a name cannot decide it for one of them."""

_MARKS = {address: chr(0xE000 + at) for at, address in enumerate(_OF_THE_ACCOUNT)}
"""A character for private use stands for each of them where two names have the same of them."""


class Export(NamedTuple):
    """An exported output or stored parameter.

    ``root`` is the root template and ``way`` the logical IDs down to the nested stack. ``id`` is the output or resource
    there. ``name`` is the shared name, as far as it is known without deciding any choice.
    """

    root: str
    way: tuple[str, ...]
    id: str
    name: Value
    kind: str
    span: Span


class ImportIndex:
    """The exports and imports of the root templates of a scan."""

    def __init__(
        self,
        templates: Templates,
        roots: Callable[[], tuple[str, ...]],
        shown: Callable[[], SharingShown],
        deployed: Callable[[Template], Deployed],
    ) -> None:
        """``roots`` and ``shown``, what the bytes of the templates show, are asked for once somebody uses a value."""
        self._templates = templates
        self._roots = roots
        self._shown = shown
        self._how = deployed
        self._deployed: dict[str, Deployed] = {}
        self.defects: dict[str, Diagnostic] = {}  # root -> the defect that stopped us from reading its exports
        self._of_pattern: dict[tuple[str, str | None], list[Export]] = {}

    def deployed(self, path: str) -> Deployed:
        """Return how the root template at ``path`` is deployed."""
        if path not in self._deployed:
            template = self._templates.template(path)
            self._deployed[path] = self._how(template) if template is not None else Deployed({}, Environment())
        return self._deployed[path]

    def sharing(self, path: str, environment: Environment) -> Sharing:
        """Return what the root template at ``path`` shares in ``environment``. Its values have the label of the root,
        and no choice is made for them."""
        stacks = self._stacks.get(path) or self._stacks_of(path)
        if not stacks:
            return Sharing()
        if not environment.regions:
            environment = replace(environment, regions=self.deployed(path).environment.regions)
        exports = self._exports_of.get(path) or self._exported(path, stacks)
        offers = [_offer(each, self, environment) for each in exports if _may_be_there(stacks[0], each)]
        outputs = stacks[0].template.section("Outputs") or EMPTY_MAPPING
        offers += self._guarded(path, lambda: _stack_offers(stacks[0], outputs, environment))
        wants = [
            Wanted(each.kind, each.name, words_for(each.kind, pattern(each.name) or "*"), each.span, key)
            for each in self._uses.get(path, ())
            for key in [each.environment(environment).key()]
        ]
        return Sharing(lambda: tuple(offers), tuple(wants))

    def found(self, path: str, look: Callable[[Stack], Iterable[T]]) -> list[T]:
        """Return what ``look`` finds in the stack of the root template at ``path`` and in those that it nests. No choice is
        made in them, and a defect costs what is in this root."""
        stacks = self._stacks.get(path) or self._stacks_of(path)
        return self._guarded(path, lambda: [each for stack in stacks for each in look(stack)])

    def exporters(
        self, name: Value, importer: str, kind: str, environment: Environment
    ) -> tuple[list[Export], list[Export]]:
        """Return the exports in ``environment`` that may be what ``name`` means for a stack of the root ``importer``: those of
        stacks of that root, and those of other roots."""
        if not self._shown().follows:
            return [], []
        key = (kind, pattern(_marked(name)))
        if key not in self._of_pattern:
            self._of_pattern[key] = [
                each
                for each in self._by_name.candidates(name)
                if each.kind == kind and _matches(*_aligned(name, each.name))
            ]
        own: list[Export] = []
        others: list[Export] = []
        for export in self._of_pattern[key]:
            if environment.may_be(self.deployed(export.root).environment):
                (own if export.root == importer else others).append(export)
        return own, others

    def names_like(self, export: Export, known: PartialString) -> list[str]:
        """Return the names by which the imports of the scan may mean an export that is called ``known``."""
        used = (use.name for uses in self._uses.values() for use in uses if use.kind == export.kind)
        names = map(_marked, used) if _has_marks(known) else used
        return [name for name in names if isinstance(name, str)]

    # -- what the templates hold ------------------------------------------------------------------------------------

    @cached_property
    def _stacks(self) -> dict[str, list[Stack]]:
        """The stacks of every root, evaluated without deciding any choice. Empty if no template uses what others share."""
        if not self._shown().uses:
            return {}
        return {path: below for path in self._roots() if (below := self._stacks_of(path))}

    def _stacks_of(self, path: str) -> list[Stack]:
        """Return the stack of a root and those that it nests."""
        root = self._undecided(path)
        return self._guarded(path, lambda: [root, *_descendants(root)]) if root is not None else []

    def _undecided(self, path: str) -> Stack | None:
        template = self._templates.template(path)
        if template is None:
            return None
        choices = Choices(1)
        choices.frozen = True
        deployed = self.deployed(path)
        world = World(choices, self._templates, deployed.environment.region)
        return Stack(world, template, root_label(path), given=deployed.given)

    def _guarded(self, path: str, look: Callable[[], list[T]]) -> list[T]:
        """Return what ``look`` finds in the root ``path``. A defect there does not affect other roots."""
        try:
            return look()
        except (Interrupted, RecursionError):
            return []  # its own build reports this
        except Exception as error:
            message = f"cannot determine what this template shares with others: {defect(error)}"
            self.defects[path] = Diagnostic("error", message, path, is_defect=True)
            return []

    @cached_property
    def _exports_of(self) -> dict[str, list[Export]]:
        return {path: self._exported(path, stacks) for path, stacks in self._stacks.items()}

    def _exported(self, path: str, stacks: list[Stack]) -> list[Export]:
        def exports(stack: Stack, kind: str) -> list[Export]:
            way = _way(stack)
            return [
                Export(path, way, each.id, evaluate(stack, each.name, CONDITION), kind, stack.span(each.name))
                for each in shared_values(stack, kind)
            ]

        return [
            export
            for stack in stacks
            for kind in (EXPORT, PARAMETER)
            for export in self._guarded(path, partial(exports, stack, kind))
        ]

    @cached_property
    def _exports(self) -> list[Export]:
        return [export for exports in self._exports_of.values() for export in exports]

    @cached_property
    def _by_name(self) -> NameIndex[Export]:
        return NameIndex((export.name, export) for export in self._exports)

    @cached_property
    def _uses(self) -> dict[str, list[UsedValue]]:
        def uses(stacks: list[Stack]) -> list[UsedValue]:
            return [use for stack in stacks for use in used_values(stack)]

        return {path: self._guarded(path, partial(uses, stacks)) for path, stacks in self._stacks.items()}


# -- in one world -----------------------------------------------------------------------------------------------------


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
    own = [export for export in own if _comes_before(export, _way(stack))]
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
        shared = _shared_by_id(there, used.kind).get(export.id) if there else None
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


def _shared_by_id(stack: Stack, kind: str) -> dict[str, SharedValue]:
    if kind not in stack.shared:
        stack.shared[kind] = {each.id: each for each in shared_values(stack, kind)}
    return stack.shared[kind]


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
    return _at(stack, export.way) if stack is not None else None


def _is_shared(stack: Stack, shared: SharedValue, export: Export, name: Value, root: str) -> bool | None:
    """Return whether ``shared`` has the name ``name`` for a stack of ``root``, in the current combination of choices. None if
    that is not decided."""
    exists = _is_created(stack, shared, export)
    if exists is False:
        return False
    is_called = _is_called_beside if export.root == root else _is_called
    called = is_called(stack, shared.name, export, name)
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


def _is_called_beside(stack: Stack, node: Node, export: Export, name: Value) -> bool | None:
    """Return whether a stack has the name at ``node`` for another stack of the same deployment.

    Both have the same parameters above them, so the names are made of the same parts. CloudFormation chooses the names of
    nested stacks, so nobody writes what is made of one.
    """
    with stack.world.choices.freezing():
        if same(evaluate(stack, node, PROPERTY), name):
            return True
    known = evaluate(stack, node, CONDITION)
    free = _free_part(known) if isinstance(known, PartialString) else None
    choice = stack.world.choices.known(free.address) if free is not None else None
    if not isinstance(name, str) or choice is None or choice.name.endswith(("/AWS::StackName", *_OF_THE_ACCOUNT)):
        return False
    return _is_called(stack, node, export, name)


def _is_called(stack: Stack, node: Node, export: Export, name: Value) -> bool | None:
    name, known = _aligned(name, evaluate(stack, node, CONDITION))
    if not isinstance(name, str):  # as far as it is known, it has this name
        return None if isinstance(name, PartialString) and isinstance(known, str) else True
    if not isinstance(known, (str, PartialString)):
        return True
    if isinstance(known, str):
        return known == name
    imports, choices = stack.world.imports, stack.world.choices
    readings = _readings(choices, known, name)
    if readings is None or imports is None:
        return True  # each unknown part may be what it must be
    if not readings:
        return False  # no deployment of that template has this name
    others = [each[0] for other in imports.names_like(export, known) if (each := _readings(choices, known, other))]
    for part, value in readings[0].items():
        answer = _is_value(choices, part, value, {each[part] for each in others})
        if answer is not True:
            return answer
    return True


def _readings(choices: Choices, known: PartialString, name: str) -> list[Spelling] | None:
    """Return what the unknown parts of an exported name are, if it is ``name``: one way to read it, or none. None if there are
    more, or if something else than parameters is unknown."""
    value, free = _part(known, name), _free_part(known)
    if free is None:
        return spelt(choices, known, name)
    if choices.known(free.address) is None:
        return None
    return [{free: value}] if value is not None else []


def _is_value(choices: Choices, part: Reference, value: str, named: set[str]) -> bool | None:
    """Return whether a part of an exported name is ``value``. ``named`` are the values that imports of the scan name."""
    choice = choices.known(part.address)
    if choice is None:
        return True
    if choice.admits(value) is False:
        return False
    if choice.name in _OF_THE_ACCOUNT and named <= {value}:
        return True  # the imports name no other one, and both are in it
    if choice.allowed is not None:
        return choices.equals(choice, value)
    candidates = {value, *named}
    if choice.default is not None:
        candidates.add(choice.default)
    return choices.value(choice) == value if choices.split(choice, [(each,) for each in sorted(candidates)]) else None


def _aligned(wanted: Value, offered: Value) -> tuple[Value, Value]:
    """Return two names with what all stacks of a deployment have in common as if it were known, if both have the same of
    it."""
    common = _of_the_account(wanted)
    if not common or common != _of_the_account(offered):
        return wanted, offered
    return _marked(wanted), _marked(offered)


def _of_the_account(name: Value) -> list[str]:
    return [part.address for part in name.parts if _is_of_the_account(part)] if isinstance(name, PartialString) else []


def _is_of_the_account(part: str | Opaque) -> TypeGuard[Reference]:
    return isinstance(part, Reference) and part.address in _MARKS and not part.path


def _marked(name: Value) -> Value:
    """Return a name with a mark for what all stacks of a deployment have in common."""
    if not isinstance(name, PartialString):
        return name
    return join_strings(_MARKS[part.address] if _is_of_the_account(part) else part for part in name.parts)


def _has_marks(name: PartialString) -> bool:
    return any(mark in part for part in name.parts if isinstance(part, str) for mark in _MARKS.values())


def _free_part(known: PartialString) -> Reference | None:
    """Return the only unknown part of a name, if it is a parameter."""
    free = [part for part in known.parts if isinstance(part, Opaque)]
    return free[0] if len(free) == 1 and isinstance(free[0], Reference) and free[0].kind == "parameter" else None


def _part(known: PartialString, name: str) -> str | None:
    """Return what the only unknown part of ``known`` is where the whole is ``name``."""
    if sum(isinstance(part, Opaque) for part in known.parts) != 1:
        return None
    first, last = known.parts[0], known.parts[-1]
    start = len(first) if isinstance(first, str) else 0
    end = len(name) - (len(last) if isinstance(last, str) else 0)
    fits = name[:start] == (first if start else "") and name[max(end, 0) :] == (last if isinstance(last, str) else "")
    return name[start:end] if fits and start < end else None


# -- for other languages ----------------------------------------------------------------------------------------------


def _offer(export: Export, index: ImportIndex, environment: Environment) -> Offer:
    @cache
    def value(name: str) -> Value:
        root = index._undecided(export.root)
        stack = _at(root, export.way) if root is not None else None
        if stack is None:
            return None
        found = (each.holder for each in shared_values(stack, export.kind) if each.id == export.id)
        return next((value_for_others(stack, holder) for holder in found), None)

    return Offer(export.kind, export.name, export.id, export.span, value, key=environment.key())


def _may_be_there(root: Stack, export: Export) -> bool:
    """Return whether a condition, with the values that the deployment gives, leaves an export or a stored parameter."""
    stack = _at(root, export.way)
    shared = _shared_by_id(stack, export.kind).get(export.id) if stack is not None else None
    return stack is None or shared is None or is_there(stack, shared, export.kind) is not False


def _at(stack: Stack, way: tuple[str, ...]) -> Stack | None:
    found: Stack | None = stack
    for id in way:
        resource = found.resources().get(id) if found is not None else None
        found = found.child(resource) if found is not None and resource is not None else None
    return found


def _stack_offers(stack: Stack, outputs: Mapping, environment: Environment) -> list[Offer]:
    """Return the outputs of a stack, for those that name the stack: one for each way in which they may do so."""
    declared = stack.entries(outputs)
    there = {name: output_is_there(stack, node) for name, (_, node) in declared.items()}
    entries = {name: each for name, each in declared.items() if there[name] is not False}
    doubts = {name: answer for name, answer in there.items() if not isinstance(answer, bool)}
    span = stack.template.document.span(outputs.start, outputs.end)

    def value(name: str) -> Value:
        return value_for_others(stack, entries[name][1])

    title = root_label(stack.template.path).removesuffix(":")
    by_tool = stack_name_of(stack.template.path)
    stated: tuple[Value, ...] = (by_tool,) if by_tool is not None else ()
    if not stated and stack.template.is_service:
        stated = stack_names(stack)
    if not stated:
        stated = (unknown(f"the name of the stack of {title} is not in the code", span),)

    def why_more() -> tuple[Cause, ...]:
        return tuple(Cause(each.reason, each.span) for each in stack.opaque_entries[:1])

    key = {"body": stack.template.document.text, **environment.key()}
    has_none = not entries and not stack.opaque_entries  # then it is only for the code that deploys this text
    needs = frozenset({"body"} if has_none else ())
    names = partial(tuple, entries)
    return [
        Offer(STACK, name, "the outputs", span, value, names, key, why_more=why_more, needs=needs, doubts=doubts)
        for name in stated
    ]


def _descendants(stack: Stack) -> list[Stack]:
    return [found for _, child in stack.children() for found in (child, *_descendants(child))]


def _way(stack: Stack) -> tuple[str, ...]:
    return tuple(call.address.rsplit("/", 1)[-1].rpartition(":")[2] for call in stack.calls)


def _matches(wanted: Value, offered: Value) -> bool:
    """Return whether an imported name can be the exported name, and enough of it is known to be sure."""
    if isinstance(wanted, str) and isinstance(offered, str):
        return wanted == offered
    if isinstance(wanted, PartialString) and isinstance(offered, PartialString):
        return _literal(wanted) >= MIN_LITERAL and pattern(wanted) == pattern(offered)
    known, partial = (wanted, offered) if isinstance(wanted, str) else (offered, wanted)
    if not isinstance(known, str) or not isinstance(partial, PartialString) or _literal(partial) < MIN_LITERAL:
        return False
    first, last = partial.parts[0], partial.parts[-1]
    return (
        len(known) > _literal(partial)
        and (not isinstance(first, str) or known.startswith(first))
        and (not isinstance(last, str) or known.endswith(last))
        and all(part in known for part in partial.parts if isinstance(part, str))
    )


def _literal(name: PartialString) -> int:
    return sum(len(part) for part in name.parts if isinstance(part, str))

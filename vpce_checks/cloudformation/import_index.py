"""What the root templates of a scan export, store and import, before any choice is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from vpce_checks.base.defects import defect
from vpce_checks.base.record import replace
from vpce_checks.cloudformation.evaluate.choices import Choices, Interrupted
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.framework_variables import stack_names
from vpce_checks.cloudformation.evaluate.stack import CONDITION, Stack, World
from vpce_checks.cloudformation.export_names import aligned, has_marks, marked, matches
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
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Mapping
from vpce_checks.cloudformation.template.template import Template
from vpce_checks.model.name_index import NameIndex
from vpce_checks.model.outside import EXPORT, PARAMETER, STACK, Offer, Sharing, Wanted, root_label, words_for
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, PartialString, Value, pattern, unknown

if TYPE_CHECKING:
    from vpce_checks.cloudformation.sniff import SharingShown
    from vpce_checks.cloudformation.template.templates import Templates

T = TypeVar("T")


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
        self._names: dict[tuple[str, bool], list[str]] = {}

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
        key = (kind, pattern(marked(name)))
        if key not in self._of_pattern:
            self._of_pattern[key] = [
                each
                for each in self._by_name.candidates(name)
                if each.kind == kind and matches(*aligned(name, each.name))
            ]
        own: list[Export] = []
        others: list[Export] = []
        for export in self._of_pattern[key]:
            if environment.may_be(self.deployed(export.root).environment):
                (own if export.root == importer else others).append(export)
        return own, others

    def names_like(self, export: Export, known: PartialString) -> list[str]:
        """Return the names by which the imports of the scan may mean an export that is called ``known``."""
        key = (export.kind, has_marks(known))
        if key not in self._names:
            used = (use.name for uses in self._uses.values() for use in uses if use.kind == export.kind)
            names = map(marked, used) if has_marks(known) else used
            self._names[key] = list(dict.fromkeys(name for name in names if isinstance(name, str)))
        return self._names[key]

    # -- what the templates hold ------------------------------------------------------------------------------------

    @cached_property
    def _stacks(self) -> dict[str, list[Stack]]:
        """The stacks of every root, evaluated without deciding any choice. Empty if no template uses what others share."""
        if not self._shown().uses:
            return {}
        return {path: below for path in self._roots() if (below := self._stacks_of(path))}

    def _stacks_of(self, path: str) -> list[Stack]:
        """Return the stack of a root and those that it nests."""
        root = self.undecided(path)
        return self._guarded(path, lambda: [root, *_descendants(root)]) if root is not None else []

    def undecided(self, path: str) -> Stack | None:
        """Return the stack of the root template at ``path``, without a choice that is made."""
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
            way = way_to(stack)
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


def _descendants(stack: Stack) -> list[Stack]:
    return [found for _, child in stack.children() for found in (child, *_descendants(child))]


def way_to(stack: Stack) -> tuple[str, ...]:
    """Return the logical IDs down to a nested stack, from its root."""
    return tuple(call.address.rsplit("/", 1)[-1].rpartition(":")[2] for call in stack.calls)


def stack_at(stack: Stack, way: tuple[str, ...]) -> Stack | None:
    """Return the stack that ``stack`` nests at the logical IDs ``way``."""
    found: Stack | None = stack
    for id in way:
        resource = found.resources().get(id) if found is not None else None
        found = found.child(resource) if found is not None and resource is not None else None
    return found


def shared_by_id(stack: Stack, kind: str) -> dict[str, SharedValue]:
    """Return what a stack exports or stores, by the logical ID of the output or resource."""
    if kind not in stack.shared:
        stack.shared[kind] = {each.id: each for each in shared_values(stack, kind)}
    return stack.shared[kind]


# -- for other languages ----------------------------------------------------------------------------------------------


def _offer(export: Export, index: ImportIndex, environment: Environment) -> Offer:
    @cache
    def value(name: str) -> Value:
        root = index.undecided(export.root)
        stack = stack_at(root, export.way) if root is not None else None
        if stack is None:
            return None
        found = (each.holder for each in shared_values(stack, export.kind) if each.id == export.id)
        return next((value_for_others(stack, holder) for holder in found), None)

    return Offer(export.kind, export.name, export.id, export.span, value, key=environment.key())


def _may_be_there(root: Stack, export: Export) -> bool:
    """Return whether a condition, with the values that the deployment gives, leaves an export or a stored parameter."""
    stack = stack_at(root, export.way)
    shared = shared_by_id(stack, export.kind).get(export.id) if stack is not None else None
    return stack is None or shared is None or is_there(stack, shared, export.kind) is not False


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

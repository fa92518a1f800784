"""A stack in one combination of choices: the values of its names and conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as MappingType
from typing import TYPE_CHECKING, Literal, NamedTuple

from vpce_checks.base.defects import defect, withhold_texts
from vpce_checks.base.record import field, mutable, replace
from vpce_checks.cloudformation.evaluate.choices import CannotDeploy, Choice, Choices, Interrupted
from vpce_checks.cloudformation.evaluate.conversion import split
from vpce_checks.cloudformation.evaluate.followed import Followed
from vpce_checks.cloudformation.evaluate.outcomes import MAX_OUTCOMES
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, RAIN, Mapping, Node, Scalar, text_of
from vpce_checks.cloudformation.template.service_plugins import IF_ELSE_PLUGIN
from vpce_checks.cloudformation.template.template import STACK_TYPES, Template
from vpce_checks.model.network import Call
from vpce_checks.model.outside import EXPORT, STACK, Wanted, words_for
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Opaque, Reference, Unknown, Value, merge_causes, pattern, unknown

if TYPE_CHECKING:
    from vpce_checks.cloudformation.import_index import Export, ImportIndex
    from vpce_checks.cloudformation.shared_values import SharedValue, UsedValue
    from vpce_checks.cloudformation.template.parameters import ParameterDeclaration
    from vpce_checks.cloudformation.template.template import ResourceDeclaration
    from vpce_checks.cloudformation.template.templates import Templates
    from vpce_checks.model.outside import Outside

PROPERTY = "property"
"""The mode for properties: a parameter with few values forks. Any other parameter has its default."""

CONDITION = "condition"
"""The mode for operands of conditions: a parameter without a decided value stays a reference."""

DISPLAY = "display"
"""The mode for values that only describe (tags, inputs of opaque resources): it never forks."""

NO_VALUE = Reference("AWS::NoValue", kind="parameter")
"""``AWS::NoValue``: the property, item or entry is absent."""

MAX_STEPS = 300_000
"""How many nodes one build may evaluate."""

MAX_STACKS = 400
"""How many nested stacks one build may have."""

MAX_NESTED_CONDITIONS = 40
MAX_LOOP_COPIES = 10_000


RESOURCE_KEYS = frozenset(
    {
        *("Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdatePolicy"),
        *("UpdateReplacePolicy", "CreationPolicy"),
    }
)
"""What a resource has. Beside the names of resources, it is indented as if it were one."""


class TooCostly(Interrupted):
    """Evaluating the template takes too many steps."""


class OpenKey(NamedTuple):
    """A key of a mapping that depends on ``choice``: one of ``names``, or with ``or_others`` any other one."""

    choice: Choice
    names: tuple[str, ...]
    or_others: bool


@mutable
class World:
    """The state that all stacks of one build share.

    ``regions`` are the regions in which the root can be deployed (None: all). ``linked`` has the root and those whose
    values were used, by their path; ``followed`` has those values and ``meanings`` what names of them mean (see
    ``cross_stack``). ``outside`` has the roots in other languages. ``missing`` has the diagnostics about templates that
    are not there. With ``lenient``, no combination is refused, as macros change templates first. ``powerless`` says of
    roles whether they let nobody make a network, and ``empowered`` has the addresses of those that something may give
    more than their own policies; ``handed`` has what resources that were not read get, by the ``id`` of their stack and their own, and ``behind``
    what is known of functions, by their addresses, each with whether it is sensitive (see ``custom_resources``). ``crowded`` is the last key of a mapping that forks into too
    many values. With ``by_tags``, the tags of VPCs are details that a thorough walk decides. ``under_way`` has
    the ``id`` of each value of a service that is being evaluated.
    """

    choices: Choices
    templates: Templates
    region: str | None = None
    regions: tuple[str, ...] | None = None
    imports: ImportIndex | None = None
    outside: Outside | None = None
    linked: dict[str, Stack] = field(default_factory=dict)
    followed: Followed = field(default_factory=Followed)
    meanings: dict[object, tuple[list[Value], list[Export], bool, bool]] = field(default_factory=dict)
    steps: int = 0
    stacks: int = 0
    depth: int = 0
    diagnostics: dict[Diagnostic, None] = field(default_factory=dict)
    missing: set[Diagnostic] = field(default_factory=set)
    sensitive: bool = False  # whether the current expression contains a sensitive value
    stored_names: list[Value] | None = None  # if set, collects the names of stored parameters
    framework_uses: list[UsedValue] | None = None  # if set, collects what variables of the Serverless Framework read
    under_way: set[int] = field(default_factory=set)
    files: dict[str, None] = field(default_factory=dict)
    lenient: bool = False
    powerless: dict[str, bool] = field(default_factory=dict)
    empowered: set[str] | None = None
    handed: dict[tuple[int, str], tuple[tuple[Value, ...], bool]] = field(default_factory=dict)
    behind: dict[tuple[str | None, ...], tuple[tuple[tuple[Value, ...], bool], bool]] = field(default_factory=dict)
    crowded: OpenKey | None = None
    by_tags: bool = False

    def shown(self, text: str) -> str:
        """Return how reports show a text that was just made. A sensitive text is replaced by a label."""
        return self.choices.labels.of(text) if self.sensitive else text

    def step(self) -> None:
        """Count one evaluation. Raises TooCostly past MAX_STEPS."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooCostly


@mutable
class Binding:
    """The parameter of a nested stack: an expression of its parent stack."""

    stack: Stack
    node: Node


class Handed(NamedTuple):
    """The parameter of a stack that code in another language deploys: its value, a text or not known."""

    value: Value


class OpaqueEntry(NamedTuple):
    """A loop or transform that may declare unknown resources, of ``types`` only (None: of any)."""

    name: str
    span: Span
    reason: str
    types: frozenset[str] | None = None


@mutable
class Stack:
    """One stack: a template with values for its parameters.

    ``prefix`` is "" for a root and ``"Network/"`` for a stack nested as ``Network``. ``given`` has the parameters that
    a file or the parent stack sets (None: to a value that is not shown). ``unreadable`` says why a nested stack cannot
    be read, by logical ID. ``existence`` is True, or unknown with the reasons. ``nested_by`` is the resource that nests
    it, and its stack; ``tags`` are those that the deployment of another stack gives to all that it makes, as a map.
    """

    world: World
    template: Template
    prefix: str = ""
    calls: tuple[Call, ...] = ()
    given: MappingType[str, str | Binding | Handed | None] = field(default_factory=dict)
    nested: bool = False
    existence: Literal[True] | Opaque = True
    nested_by: tuple[Stack, ResourceDeclaration] | None = None
    tags: Value = None
    unreadable: dict[str, str] = field(default_factory=dict)
    shared: dict[str, dict[str, SharedValue]] = field(default_factory=dict)  # by kind and id
    _conditions: dict[tuple[str, bool, tuple[tuple[str, str], ...]], bool | Opaque] = field(default_factory=dict)
    _sensitive_conditions: set[str] = field(default_factory=set)
    _open: list[str] = field(default_factory=list)
    _resources: dict[str, ResourceDeclaration] | None = None
    _opaque: list[OpaqueEntry] = field(default_factory=list)
    _expanded: dict[int, dict[str, tuple[Mapping, Node]]] = field(default_factory=dict)
    _children: dict[str, Stack | None] = field(default_factory=dict)

    def span(self, node: Node) -> Span:
        """Return the span of ``node``."""
        return self.template.document.node_span(node)

    def warn(self, message: str, node: Node) -> Diagnostic:
        """Report something that CloudFormation will refuse, as a warning."""
        span = self.span(node)
        item = Diagnostic("warning", message, span.file, span.line)
        self.world.diagnostics.setdefault(item)
        return item

    def error(self, message: str, node: Node, *, is_defect: bool = False) -> None:
        """Report something that stops us from evaluating ``node``, as an error."""
        span = self.span(node)
        self.world.diagnostics.setdefault(Diagnostic("error", message, span.file, span.line, is_defect))

    # -- parameters -------------------------------------------------------------------------------------------

    def parameter(self, name: str, mode: str) -> Value:
        """Return the value of ``Ref`` to the parameter ``name``."""
        declared = self.template.parameters[name]
        value = self._parameter(name, declared, mode)
        if declared.no_echo and not isinstance(value, Reference):
            self.world.sensitive = True
            withhold_texts()
        return value

    def _parameter(self, name: str, declared: ParameterDeclaration, mode: str) -> Value:
        linked = self.world.outside.linked(name) if self.world.outside is not None and not self.prefix else None
        if linked is not None:
            problem = linked.misfit(name, "list" if declared.is_list else "one")
            if not problem:
                return linked.value
            self.world.diagnostics.setdefault(Diagnostic("error", problem, linked.span.file, linked.span.line))
            return unknown(problem, linked.span)
        given = self.given.get(name)
        if given is None and name in self.given:
            declared = replace(declared, default=None)
        if isinstance(given, Binding):
            from vpce_checks.cloudformation.evaluate.expressions import evaluate
            from vpce_checks.cloudformation.evaluate.functions.attributes import stored_here

            value = evaluate(given.stack, given.node, mode)
            if value != NO_VALUE:
                if declared.is_stored:
                    stored = stored_here(given.stack, value, mode)
                    if stored is None:
                        return self._stored(declared, value, mode)
                    value = stored
                return split(value, ",") if declared.is_list else value
            given = None
        if isinstance(given, Handed):
            if not isinstance(given.value, str):
                if declared.is_stored:
                    return self._stored(declared, given.value, mode)
                return split(given.value, ",") if declared.is_list else given.value
            given = given.value
        if given is None and self.nested:
            given = declared.default  # the parent stack does not set it
        if given is not None:
            return self._typed(declared, given, mode) if not declared.is_stored else self._stored(declared, given, mode)
        if self.nested:
            return Reference(self.prefix + name, (), "parameter", self._no_value(name, declared.span))
        if declared.is_stored:
            return self._stored(declared, declared.default, mode)
        return self.choose(declared.choice(self.prefix + name), mode, declared)

    def choose(self, choice: Choice, mode: str, declared: ParameterDeclaration | None = None) -> Value:
        """Return the value of a choice in ``mode``."""
        choices = self.world.choices
        value = choices.value(choice)
        if value is None and mode == PROPERTY:
            left = choices.left(choice) if choice.allowed is not None else None
            if left is not None:
                value = choices.pick(choice) if len(left) <= MAX_OUTCOMES else None
                if value is None:
                    causes = (Cause(f"{choice.name} can have {len(left)} values", declared.span if declared else None),)
                    return Unknown(causes, None, left)
            else:
                value = choices.default(choice)
        elif value is None and mode == DISPLAY and choice.allowed is None:
            value = choice.default
        if value is not None:
            return self._typed(declared, value, mode) if declared is not None else value
        if declared is not None and declared.filled_default is not None and mode != CONDITION:
            from vpce_checks.cloudformation.evaluate.framework_variables import framework_text

            filled = framework_text(self, declared.filled_default, declared.span, mode)
            return split(filled, ",") if declared.is_list else filled
        type = "list" if declared is not None and declared.is_list else None
        return Reference(
            choice.name, (), "parameter", self._no_value(choice.name, declared.span if declared else None), type
        )

    def _typed(self, declared: ParameterDeclaration, text: str, mode: str) -> Value:
        from vpce_checks.cloudformation.evaluate.placeholders import fill_in

        value = fill_in(self, text, declared.span, mode)
        return split(value, ",") if declared.is_list else value

    def _stored(self, declared: ParameterDeclaration, name: Value, mode: str) -> Value:
        from vpce_checks.cloudformation.shared_values import stored_name

        text = f"{self.prefix}{declared.name} is read from the Parameter Store at deployment"
        elsewhere = Reference(self.prefix + declared.name, (), "parameter", (Cause(text, declared.span),))
        found = self.stored_value(stored_name(declared, name), declared.span, mode, elsewhere)
        return split(found, ",") if declared.is_list and found is not elsewhere else found

    def _no_value(self, name: str, span: Span | None) -> tuple[Cause, ...]:
        return (Cause(f"the parameter {name} has no value" if span else f"{name} is unknown", span),)

    # -- conditions -------------------------------------------------------------------------------------------

    def condition(self, name: str, node: Node) -> bool | Opaque:
        """Return whether the condition ``name``, used at ``node``, holds: True, False, or unknown with reasons."""
        from vpce_checks.cloudformation.evaluate.conditions import truth

        choices = self.world.choices
        key = (name, choices.frozen, choices.assumed)
        decided = self._conditions.get((name, False, ()))
        known = decided if isinstance(decided, bool) else self._conditions.get(key)
        if known is not None:
            self.world.sensitive |= name in self._sensitive_conditions
            if not isinstance(known, bool):
                choices.hold()
            return known
        section = self.template.section("Conditions") or EMPTY_MAPPING
        found = self.entries(section).get(name)
        if found is None:
            if "Fn::Transform" in section.entries:
                return unknown(
                    f"the condition {name} may come from Fn::Transform, which is not evaluated", self.span(node)
                )
            self.warn(f"the template declares no condition {name}", node)
            return unknown(f"the template declares no condition {name}", self.span(node))
        if name in self._open:
            self.error(f"the condition {name} depends on itself", found[1])
            return unknown(f"the condition {name} depends on itself", self.span(found[1]))
        if len(self._open) > MAX_NESTED_CONDITIONS:
            return unknown(f"the condition {name} is nested too deeply", self.span(found[1]))
        self._open.append(name)
        outside, self.world.sensitive = self.world.sensitive, False
        try:
            value = truth(self, found[1])
        except (Interrupted, RecursionError, MemoryError):
            raise
        except Exception as error:
            self.error(f"the condition {name} cannot be evaluated: {defect(error)}", found[1], is_defect=True)
            value = unknown(f"the condition {name} cannot be evaluated", self.span(found[1]))
        finally:
            self._open.pop()
            if self.world.sensitive:
                self._sensitive_conditions.add(name)
            self.world.sensitive |= outside
        if not isinstance(value, bool):
            value = Unknown(
                (Cause(f"cannot determine whether the condition {name} holds", self.span(found[1])), *value.causes)[:4],
                "bool",
            )
        self._conditions[key] = value
        return value

    # -- resources and outputs --------------------------------------------------------------------------------

    def entries(self, mapping: Mapping) -> dict[str, tuple[Mapping, Node]]:
        """Return the entries of ``mapping`` with its loops expanded: name -> the mapping that contains it, value."""
        if not any(name.startswith("Fn::ForEach") for name in mapping.entries):
            return {name: (mapping, node) for name, node in mapping.entries.items()}
        known = self._expanded.get(id(mapping))
        if known is None:
            from vpce_checks.cloudformation.evaluate.foreach import unrolled

            self._expanded[id(mapping)] = known = unrolled(self, mapping)
        return known

    def add_opaque(self, name: str, span: Span, reason: str, types: frozenset[str] | None = None) -> None:
        """Note that a loop or transform may declare unknown resources, of ``types`` only (None: of any)."""
        found = OpaqueEntry(name, span, reason, types)
        if found not in self._opaque:
            self._opaque.append(found)

    @property
    def opaque_entries(self) -> list[OpaqueEntry]:
        """The loops and transforms that may declare unknown resources."""
        self.resources()
        return self._opaque

    def resources(self) -> dict[str, ResourceDeclaration]:
        """Return every declared resource by its logical ID, whether its condition holds or not."""
        if self._resources is None:
            self._resources = {}
            section = self.template.section("Resources") or EMPTY_MAPPING
            for id, (mapping, node) in self.entries(section).items():
                if not id:
                    self._nameless(node)
                    continue
                declared = self.template.resource(id, mapping, node)
                if declared is not None:
                    self._resources[id] = declared
                elif id.startswith("Fn::Transform") or (isinstance(node, Mapping) and "Fn::Transform" in node.entries):
                    span = self.template.document.span(mapping.keys.get(id, node.start), node.end)
                    self.add_opaque(id, span, "Fn::Transform includes a file from S3")
                elif id.startswith(RAIN) or (
                    isinstance(node, Mapping) and any(key.startswith(RAIN) for key in node.entries)
                ):
                    self.add_opaque(id, self.span(node), "a directive of Rain fills it in")
                elif isinstance(node, Scalar) and (
                    node.text.startswith("${")
                    or (self.template.is_service and node.value is not None and id not in RESOURCE_KEYS)
                ):
                    written = self.template.document.text[node.start : node.end].strip("\"'")
                    self.add_opaque(written or id, self.span(node), "it is filled in by the Serverless Framework")
                elif not (id.startswith("Fn::") or self.template.macros or self.template.rewriter):
                    self._typeless(id, mapping, node)
            for id, node in self.template.conditional.items():
                if id and id not in self._resources:
                    self.add_opaque(id, self.span(node), f"the plugin {IF_ELSE_PLUGIN} may add it")
        return self._resources

    def _typeless(self, id: str, mapping: Mapping, node: Node) -> None:
        """Report an entry that is no resource. What belongs to one may stand beside its name."""
        at = Scalar(None, "", mapping.keys.get(id, node.start), node.end)
        if id not in RESOURCE_KEYS:
            beside = "Type" in mapping.entries and isinstance(node, Scalar)
            if self.template.is_service and not beside:
                return  # it may change a resource that the Serverless Framework makes
            where = "; what stands beside it belongs below it, so check the indentation" if beside else ""
            self.warn(f"{id} is no resource, as it has no Type{where}", at)
        elif id == "Type" and not any(
            isinstance(each, Scalar) for name, each in mapping.entries.items() if name not in RESOURCE_KEYS
        ):
            self.warn(f"{id} is no resource; check the indentation", at)

    def _nameless(self, node: Node) -> None:
        self.error("a resource has an empty logical ID; give it one of letters and digits", node)
        type = text_of(node.entries.get("Type")) if isinstance(node, Mapping) else None
        if type is None or "VPCEndpoint" in type or type in STACK_TYPES:
            self.add_opaque("a resource without a logical ID", self.span(node), "it has no logical ID")

    def exists(self, resource: ResourceDeclaration) -> bool | Opaque:
        """Return whether a resource is created: True, False, or unknown with reasons."""
        name = resource.condition
        chosen = self.template.conditional.get(resource.id, self.template.conditional.get(""))
        if chosen is not None and (name is None or self.condition(name, resource.node) is not False):
            return unknown(f"the plugin {IF_ELSE_PLUGIN} may leave {resource.id} out or change it", self.span(chosen))
        if name is not None:
            return self.condition(name, resource.node)
        written = resource.node.entries.get("Condition")
        if written is not None:  # CloudFormation refuses it, but a macro or another tool may fill it in first
            return unknown("its Condition is not the name of a condition", self.span(written))
        included = resource.node.entries.get("Fn::Transform")
        return True if included is None else unknown("Fn::Transform may set a condition", self.span(included))

    def require(self, resource: ResourceDeclaration) -> None:
        """Note a reference to a resource. Raises CannotDeploy if the resource is not created: CloudFormation refuses
        that."""
        if self.exists(resource) is False and not self.world.lenient:
            raise CannotDeploy

    def child(self, resource: ResourceDeclaration) -> Stack | None:
        """Return the stack that ``resource`` nests. None if its template cannot be read (``unreadable`` says why)."""
        if resource.id not in self._children:
            from vpce_checks.cloudformation.evaluate.nested_stacks import nested_stack

            self.world.stacks += 1
            if self.world.stacks > MAX_STACKS:
                raise TooCostly
            self._children[resource.id] = None
            self._children[resource.id] = nested_stack(self, resource)
        return self._children[resource.id]

    def stored_value(
        self, name: Value, span: Span, mode: str, elsewhere: Value, place: MappingType[str, Value] | None = None
    ) -> Value:
        """Return the value that another root stores as the parameter ``name``, used at ``span``. It is ``elsewhere`` if no
        root of the repository does. ``place`` may have the region that the use names."""
        if self.world.stored_names is not None:
            self.world.stored_names.append(name)
        from vpce_checks.cloudformation.shared_values import used_parameter

        found = self._followed(used_parameter(name, span, place or {}), mode, elsewhere)
        return elsewhere if found is None else found

    def imported(self, name: Value, node: Node, mode: str) -> Value:
        """Return the value that another stack exports as ``name``."""
        from vpce_checks.cloudformation.shared_values import UsedValue

        label = self.world.shown(pattern(name) or "*")
        elsewhere = Reference(
            label, (), "import", (Cause(f"{label} is exported by a stack elsewhere", self.span(node)),)
        )
        followed = self._followed(UsedValue(EXPORT, name, self.span(node)), mode, elsewhere)
        return elsewhere if followed is None else followed

    def output_of(self, arguments: MappingType[str, Value], output: str, span: Span, shown: str | None = None) -> Value:
        """Return an output of another stack, with the ``arguments`` of ``Fn::GetStackOutput``. ``shown`` is what reports call
        it where its name is not known."""
        from vpce_checks.cloudformation.cross_stack import environment_of
        from vpce_checks.cloudformation.shared_values import used_output

        used = used_output(arguments, span)
        name = used.name
        label = shown or f"{self.world.shown(pattern(name) or '*')}.{self.world.shown(output)}"
        elsewhere = Reference(label, (), "import", (Cause(f"{label} is an output of a stack elsewhere", span),))
        wanted = Wanted(STACK, name, f"the output {label}", span, environment_of(self, used).key())
        found = self.world.outside.find(wanted) if self.world.outside is not None else None
        return found.value(output, elsewhere) if found is not None else elsewhere

    def _followed(self, used: UsedValue, mode: str, elsewhere: Value) -> Value | None:
        """Return the value of another root of the repository that this stack uses. None if none shares it."""
        from vpce_checks.cloudformation.cross_stack import environment_of, follow

        found = follow(self, used, mode, elsewhere)
        if found is not None or self.world.outside is None:
            return found
        what = words_for(used.kind, self.world.shown(pattern(used.name) or "*"))
        key = environment_of(self, used).key()
        outside = self.world.outside.find(Wanted(used.kind, used.name, what, used.span, key))
        return outside.value("", elsewhere) if outside is not None else None

    def children(self) -> Iterator[tuple[ResourceDeclaration, Stack]]:
        """Yield every stack that this one nests and whose template can be read, whether it exists or not."""
        for resource in self.resources().values():
            if resource.type in STACK_TYPES and (child := self.child(resource)) is not None:
                yield resource, child

    def holds(self, types: Collection[str]) -> bool:
        """Return whether this stack or a stack nested in it declares a resource of one of ``types``."""
        if any(resource.type in types for resource in self.resources().values()):
            return True
        return any(child.holds(types) for _, child in self.children())

    def hides(self) -> bool:
        """Return whether something in this stack, or below, was not read and may create anything."""
        from vpce_checks.cloudformation.evaluate.functions.names import is_opaque

        template = self.template
        if (
            self.opaque_entries
            or template.macros
            or template.network_plugins
            or template.is_fragment
            or template.section("Modules") is not None
        ):
            return True
        for resource in self.resources().values():
            if resource.type in STACK_TYPES:
                child = self.child(resource)
                if child is None or child.hides():
                    return True
            elif is_opaque(resource):
                return True
        return False

    def walk(self, types: Collection[str], forking: Collection[str]) -> Iterator[Stack]:
        """Yield this stack, and every stack nested in it that may exist and declares one of ``types``.

        The existence of a nested stack forks only if it declares one of the types ``forking``.
        """
        yield self
        for resource, child in self.children():
            if not (child.holds(types) or child.hides()):
                continue
            with self.world.choices.freezing(freeze=not child.holds(forking)):
                exists = self.exists(resource)
            if exists is False:
                continue
            if exists is True:
                child.existence = self.existence
            else:
                child.existence = Unknown(merge_causes([exists, self.existence]), "bool")
            yield from child.walk(types, forking)

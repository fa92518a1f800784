"""Read the properties of a resource: evaluated, of the type that CloudFormation expects, and with defaults."""

from __future__ import annotations

from vpce_checks.base.record import field, record
from vpce_checks.cloudformation.evaluate.conversion import text
from vpce_checks.cloudformation.evaluate.expressions import evaluate
from vpce_checks.cloudformation.evaluate.stack import NO_VALUE, PROPERTY, Stack
from vpce_checks.cloudformation.template.cdk import construct_path
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, RAIN, Mapping, text_of
from vpce_checks.cloudformation.template.sam_globals import properties_of
from vpce_checks.cloudformation.template.template import ResourceDeclaration, changes_siblings
from vpce_checks.model.declaration import Declaration
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    EMPTY_SET,
    Cause,
    ListValue,
    Opaque,
    Reference,
    Unknown,
    Value,
    choose,
    merge_causes,
    unknown,
)


@record
class Reader:
    """Reads the properties of one resource."""

    stack: Stack
    resource: ResourceDeclaration
    properties: Mapping
    opaque: Opaque | None = None
    sensitive: set[str] = field(default_factory=set, compare=False)  # the properties that contain a sensitive value

    def value(self, name: str, default: Value = None, mode: str = PROPERTY) -> Value:
        """Return the property ``name``. It is ``default`` if it is omitted or ``AWS::NoValue``."""
        node = self.properties.entries.get(name)
        if node is None:
            return self.opaque if self.opaque is not None else default
        world = self.stack.world
        outside, world.sensitive = world.sensitive, False
        value = defaulted(evaluate(self.stack, node, mode), default)
        if world.sensitive:
            self.sensitive.add(name)
        world.sensitive |= outside
        return value

    def text(self, name: str, default: Value = None) -> Value:
        """Return a string property."""
        value = self.value(name, default)
        return value if value is None else text(value, self.place(name))

    def flag(self, name: str, *, default: bool) -> Value:
        """Return a boolean property: true, "true", "True" and the like."""
        return flag(self.value(name, default), self.place(name) or self.resource.span)

    def items(self, name: str) -> Value:
        """Return a list property. A single value is a list of one."""
        return listed(self.value(name, EMPTY_SET))

    def quiet_value(self, name: str) -> Value:
        """Return a property, a detail: only a thorough walk decides its choices."""
        with self.stack.world.choices.quietly():
            return self.value(name)

    def quiet_items(self, name: str) -> Value:
        """Return a list property, a detail: only a thorough walk decides its choices."""
        with self.stack.world.choices.quietly():
            return self.items(name)

    def place(self, name: str) -> Span | None:
        """Return the span of a property. None if it is omitted."""
        if name not in self.properties.keys:
            return None
        return self.stack.template.document.entry_span(self.properties, name)

    def declaration(self, fields: dict[str, str], within: Mapping | None = None) -> Declaration:
        """Return the declaration of the resource. ``fields`` maps a field of the object to its property."""
        field_spans = {field: span for field, name in fields.items() if (span := self.place(name)) is not None}
        exists = self.stack.exists(self.resource)
        existence = self.stack.existence
        if not isinstance(exists, bool):
            causes = merge_causes([exists, existence] if isinstance(existence, Opaque) else [exists])
            existence = Unknown(causes, "bool")
        metadata = self.resource.metadata
        path = metadata.entries.get("aws:cdk:path") if isinstance(metadata, Mapping) else None
        return Declaration(
            self.stack.prefix + self.resource.id,
            self.resource.type,
            self.resource.span,
            self.stack.calls,
            existence,
            field_spans,
            text_of(path) or self._construct_path(),
            self.resource.condition,
        )

    def _construct_path(self) -> str | None:
        root = self.stack.calls[0].span.file if self.stack.calls else self.stack.template.path
        return construct_path(root, self.resource.id)


def reader(stack: Stack, resource: ResourceDeclaration) -> Reader:
    """Return a reader of ``resource``. Its properties may be partly or wholly opaque."""
    node = properties_of(stack.template, resource)
    included = resource.node.entries.get("Fn::Transform")
    opaque = unknown("Fn::Transform may set properties", stack.span(included)) if included is not None else None
    if node is None or (included is not None and changes_siblings(included)):
        return Reader(stack, resource, EMPTY_MAPPING, opaque)
    if not isinstance(node, Mapping):
        return Reader(stack, resource, EMPTY_MAPPING, unknown("its Properties are not a mapping", stack.span(node)))
    entries, keys = {}, {}
    for name, (owner, child) in stack.entries(node).items():
        if name == "Fn::Transform" and changes_siblings(child):
            opaque = unknown("Fn::Transform may change the properties beside it", stack.span(child))
            return Reader(stack, resource, EMPTY_MAPPING, opaque)
        if name.startswith(("Fn::", "!", RAIN)):
            opaque = unknown(f"{name} may set properties", stack.span(child))
        else:
            entries[name] = child
            keys[name] = owner.keys.get(name, child.start)
    return Reader(stack, resource, Mapping(entries, keys, node.start, node.end), opaque)


def defaulted(value: Value, default: Value) -> Value:
    """Return ``value``, or ``default`` if it is absent."""
    if value == NO_VALUE:
        return default
    if isinstance(value, Unknown) and NO_VALUE in value.one_of:
        return choose([default if member == NO_VALUE else member for member in value.one_of], value.causes)
    return value


def flag(value: Value, span: Span) -> Value:
    """Return ``value`` as a boolean, like CloudFormation reads it."""
    if isinstance(value, str):
        low = value.strip().lower()
        if low in ("true", "false"):
            return low == "true"
        return unknown("this is not a boolean", span)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Unknown):
        if value.one_of:
            return choose([flag(member, span) for member in value.one_of], value.causes)
        return Unknown(value.causes, "bool")
    if isinstance(value, Reference):
        return Reference(value.address, value.path, value.kind, value.causes, "bool")
    return Unknown(merge_causes([value]) or (Cause("this is not a boolean", span),), "bool")


def listed(value: Value) -> Value:
    """Return ``value`` as a list. A single value becomes a list of one."""
    if isinstance(value, ListValue) or value is None:
        return _flat(value) if isinstance(value, ListValue) else EMPTY_SET
    if isinstance(value, Reference):
        return value if value.type == "list" or value.kind == "module" else ListValue((value,), "list")
    if isinstance(value, Unknown):
        return choose([listed(member) for member in value.one_of], value.causes) if value.one_of else value
    return ListValue((value,), "list")


def _flat(value: ListValue) -> ListValue:
    """Return a list in which items that are lists are expanded, e.g. a list parameter in brackets."""
    if not any(isinstance(item, ListValue) or _is_list_reference(item) for item in value.items):
        return value
    items: list[Value] = []
    maybe: dict[int, Opaque] = {}
    rest = value.rest
    for position, item in enumerate(value.items):
        parts = item.items if isinstance(item, ListValue) else (item,)
        if isinstance(item, Opaque) and _is_list_reference(item):
            rest = rest or item
            continue
        for part in parts:
            if position in value.maybe:
                maybe[len(items)] = value.maybe[position]
            items.append(part)
    return ListValue(tuple(items), value.kind, maybe, rest)


def _is_list_reference(value: Value) -> bool:
    return isinstance(value, (Reference, Unknown)) and value.type == "list"

"""Resource instances and data sources: their arguments, nested blocks and the references to them.

https://developer.hashicorp.com/terraform/language/resources
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from vpce_checks.base.record import field, record
from vpce_checks.model.network import Declaration
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    Reference,
    Unknown,
    Value,
    merge_causes,
)
from vpce_checks.terraform.aws.schema import default_of, is_assigned
from vpce_checks.terraform.config.expansion import Exists, Expansion, with_marks
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.marks import of_item
from vpce_checks.terraform.lang.scope import WEIGHT_OF_BLOCK, Scope
from vpce_checks.terraform.lang.traversal import InstanceReference
from vpce_checks.terraform.syntax.structure import Block, Body, blocks_of
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.config.module import Module


@record
class NestedBlock:
    """A nested block of a resource, written out or made by a ``dynamic`` block. ``exists`` says whether it is there."""

    body: Body
    scope: Scope
    exists: Exists = True

    def get(self, name: str) -> Value:
        """Return the value of an argument, null if it is not set."""
        attribute = self.body.attributes.get(name)
        return None if attribute is None else _safely(attribute.expr, attribute.span, self.scope)

    def blocks(self, type: str) -> Iterator[NestedBlock]:
        """Yield the nested blocks of one type."""
        return nested_blocks(self.body, type, self.scope)


@record
class Instance:
    """One instance of a resource or data source."""

    address: str
    type: str
    block: Block
    scope: Scope
    module: Module
    exists: Exists
    mode: str = "resource"  # "resource" | "data"
    _values: dict[str, Value] = field(default_factory=dict)

    def get(self, name: str) -> Value:
        """Return the value of an argument, null if it is not set. It is evaluated once."""
        if name not in self._values:
            attribute = self.block.body.attributes.get(name)
            if attribute is None:
                return None
            session = self.scope.session
            outside, session.mark = session.mark, None
            # An argument that refers to itself sees this value.
            self._values[name] = Unknown((Cause(f"{self.address}.{name} refers to itself", attribute.span),))
            self._values[name] = _safely(attribute.expr, attribute.span, self.scope)
            if session.mark is not None:
                session.argument_marks[self.address, name] = session.mark
            session.mark = outside
        self._note_mark(name)
        return self._values[name]

    def _note_mark(self, name: str) -> None:
        session = self.scope.session
        if session.argument_marks:
            session.note_mark(session.argument_marks.get((self.address, name)))

    def is_sensitive(self, name: str) -> bool:
        """Whether sensitive values went into an argument (or the region) that was evaluated."""
        return (self.address, name) in self.scope.session.argument_marks

    def blocks(self, type: str) -> Iterator[NestedBlock | ObjectBlock]:
        """Return the nested blocks of one type, those of ``dynamic`` blocks included.

        Some blocks (``route`` of a route table) may also be written as an attribute that is a list of objects:
        https://developer.hashicorp.com/terraform/language/attr-as-blocks
        """
        found = nested_blocks(self.block.body, type, self.scope)
        if type in self.block.body.attributes and not any(block.type == type for block in self.block.body.blocks):
            return chain(found, object_blocks(self.get(type)))
        return found

    def attribute(self, name: str) -> Value:
        """Return what other expressions see as ``<this>.name``: the argument, its default, or what AWS will assign."""
        value = self.get(name)
        if value is not None:
            return value
        if name == "region" and self.type.startswith("aws_"):
            return self.region()
        if self.mode == "resource":
            default = default_of(self.type, name)
            if default is not None:
                return default
            kind = "resource" if is_assigned(self.type, name) else "computed"
            cause = Cause(f"{self.address}.{name} is known only after it is created", self.block.header)
            return Reference(self.address, (name,), kind, (cause,))
        from vpce_checks.terraform.config.data_sources import attribute

        return attribute(self, name)

    def region(self) -> Value:
        """Return the AWS region of this instance."""
        session = self.scope.session
        outside, session.mark = session.mark, None
        region = self.module.region_of(self)
        if session.mark is not None:
            session.argument_marks[self.address, "region"] = session.mark
        session.mark = outside
        self._note_mark("region")
        return region

    def reference(self) -> InstanceReference:
        """Return the instance itself as a value."""
        kind = "resource" if self.mode == "resource" else "data"
        cause = Cause(f"{self.address} is not known as a whole", self.block.header)
        return InstanceReference(self.address, (), kind, (cause,), "object", resolve=self.attribute)

    def declaration(self, **fields: str) -> Declaration:
        """Return its place in the code. ``fields`` maps fields of the network object to argument names, for their lines."""
        attributes = self.block.body.attributes
        field_spans = {field: attributes[name].span for field, name in fields.items() if name in attributes}
        return Declaration(self.address, self.type, self.block.span, self.module.calls, self.exists, field_spans)


def nested_blocks(body: Body, type: str, scope: Scope) -> Iterator[NestedBlock]:
    """Yield the blocks of one type in ``body``: those written out, then those that ``dynamic`` blocks make."""
    for block in blocks_of(body, type):
        yield NestedBlock(block.body, scope)
    for dynamic in blocks_of(body, "dynamic"):
        if dynamic.labels == (type,):
            yield from _dynamic(dynamic, type, scope)


@record
class ObjectBlock:
    """A nested block that is written as an object; see :class:`NestedBlock`."""

    value: Value
    exists: Exists = True

    def get(self, name: str) -> Value:
        """Return the value of an argument, null if it is not set."""
        if isinstance(self.value, MapValue):
            found = self.value.items.get(name)
            return self.value.rest if found is None and self.value.rest is not None else found
        return self.value if isinstance(self.value, Opaque) else None

    def blocks(self, type: str) -> Iterator[ObjectBlock]:
        """Yield the nested blocks of one type."""
        return object_blocks(self.get(type))


def object_blocks(value: Value) -> Iterator[ObjectBlock]:
    """Yield the blocks that a list of objects stands for. One that may exist stands for its unknown items."""
    rest = value if isinstance(value, Opaque) else None
    if isinstance(value, ListValue):
        for place, item in enumerate(value.items):
            yield ObjectBlock(item, value.maybe.get(place) or True)
        rest = value.rest
    if rest is not None:
        hidden = Unknown(merge_causes([rest]))
        yield ObjectBlock(hidden, hidden)


def _dynamic(dynamic: Block, type: str, scope: Scope) -> Iterator[NestedBlock]:
    content = next(blocks_of(dynamic.body, "content"), None)
    attribute = dynamic.body.attributes.get("for_each")
    if content is None or attribute is None:
        return
    iterator_attribute = dynamic.body.attributes.get("iterator")
    iterator = getattr(iterator_attribute.expr, "name", type) if iterator_attribute is not None else type
    session = scope.session
    outside, session.mark = session.mark, None
    collection = _safely(attribute.expr, attribute.span, scope)
    mark, session.mark = session.mark, outside
    session.note_mark(mark)
    elements: list[tuple[Value, Value, Exists]] = []
    rest: Opaque | None = None
    if isinstance(collection, ListValue):
        keys: Iterator[Value] = iter(collection.items if collection.kind == "set" else range(len(collection.items)))
        elements = [
            (k, v, collection.maybe.get(at, True)) for at, (k, v) in enumerate(zip(keys, collection.items, strict=True))
        ]
        rest = collection.rest
    elif isinstance(collection, MapValue):
        elements = [(k, v, collection.maybe.get(k, True)) for k, v in sorted(collection.items.items())]
        rest = collection.rest
    elif isinstance(collection, Opaque):
        rest = collection
    if rest is not None:
        hidden = Unknown(merge_causes([rest]))
        elements.append((hidden, hidden, hidden))
    if not session.can_hold(WEIGHT_OF_BLOCK * len(elements)):
        hidden = session.give_up("the dynamic blocks of this root take too much memory", attribute.span)
        elements = [(hidden, hidden, hidden)]
    for key, value, exists in elements:
        marks = {"key": None if isinstance(mark, Mapping) else mark, "value": of_item(mark, key)}
        bound = scope.bind({iterator: with_marks(iterator, MapValue({"key": key, "value": value}), marks, session)})
        yield NestedBlock(content.body, bound, exists)


def collect(expansion: Expansion, instances: Mapping[str | int | None, Instance]) -> Value:
    """Return the value of a whole resource (``aws_subnet.private``): an object, a tuple or a map of its instances."""
    if expansion.kind == "single":
        return expansion.alone(instances[None].reference() if instances else None)
    known_entries = expansion.known_entries
    if expansion.kind == "count":
        items = [instances[entry.key].reference() for entry in known_entries]
        uncertain = {at: e.exists for at, e in enumerate(known_entries) if e.exists is not True}
        others = instances.get("*")
        if others is not None and isinstance(others.exists, Opaque):
            # This instance stands for all whose key is unknown: who uses the whole list uses all of them.
            uncertain[len(items)] = others.exists
            items.append(others.reference())
        return ListValue(tuple(items), "tuple", uncertain, expansion.rest)
    by_key = {str(entry.key): instances[entry.key].reference() for entry in known_entries}
    maybe = {str(e.key): e.exists for e in known_entries if e.exists is not True}
    return MapValue(by_key, "object", maybe, expansion.rest)


def _safely(expr: object, span: Span, scope: Scope) -> Value:
    """Return the value of an argument. Report what Terraform would refuse; its value is unknown."""
    with scope.session.separate_doubts():
        try:
            return evaluate(expr, scope)  # type: ignore[arg-type]
        except EvalError as error:
            where = error.span or span
            scope.session.warn(error.message, where)
            return Unknown((Cause(error.message, where),))
        except RecursionError:
            scope.session.warn("this is nested too deeply to be evaluated", span)
            return Unknown((Cause("an expression that is nested too deeply", span),))

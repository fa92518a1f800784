"""Resource instances of a plan: their planned values, and the possible objects behind a value known after the apply.

An instance has the face of :class:`~vpce_checks.terraform.aws.resource_types.ResourceInstance`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Literal

from vpce_checks.base.defects import withhold_texts
from vpce_checks.base.record import record
from vpce_checks.model.network import Declaration
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
)
from vpce_checks.terraform.aws.coerce import as_tags
from vpce_checks.terraform.aws.instance import ResourceBlock
from vpce_checks.terraform.aws.schema import default_of, is_assigned, is_written_if_unknown
from vpce_checks.terraform.lang.functions.maps import merge_maps
from vpce_checks.terraform.plan.certainty import more_certain, set_of
from vpce_checks.terraform.plan.document import Object
from vpce_checks.terraform.plan.identities import identities, nameless
from vpce_checks.terraform.plan.kinds import (
    COLLECTIONS,
    KINDS,
    KINDS_IN_BLOCKS,
    Kind,
    is_mask,
)
from vpce_checks.terraform.plan.model import Plan, Resource
from vpce_checks.terraform.plan.providers import Providers
from vpce_checks.terraform.plan.references import candidates, references_of
from vpce_checks.terraform.plan.secrets import any_marked, holds, marks_argument, secret_texts
from vpce_checks.terraform.plan.source import PlanSource

MAX_NESTING = 40
"""The most levels of values, and of references to references, that are followed."""

# Nested blocks that AWS fills in where they are not set: that they are unknown does not mean that they are written.
_COMPUTED_BLOCKS = frozenset({"dns_options", "subnet_configuration", "ingress", "egress", "entry"})


class Planned:
    """The instances of a plan, and the look-ups that they share."""

    def __init__(self, plan: Plan, source: PlanSource, providers: Providers) -> None:
        self.plan = plan
        self.source = source
        self.providers = providers
        self.identities = identities(plan)
        self._nameless = nameless(plan)
        self._instances: dict[str, PlannedInstance] = {}
        self._candidates: dict[tuple[int, int, Kind, tuple[str, ...]], tuple[Value, ...]] = {}
        self._depth = 0

    def instances(self, types: Collection[str]) -> Iterator[PlannedInstance]:
        """The instances of resources of ``types``."""
        for resource in self.plan.resources.values():
            if resource.type in types:
                yield self.instance(resource)

    def instance(self, resource: Resource) -> PlannedInstance:
        """The instance of ``resource``."""
        found = self._instances.get(resource.address)
        if found is None:
            found = self._instances[resource.address] = PlannedInstance(resource, self)
        return found

    def forget(self) -> None:
        """Let the instances go: they and this hold each other, and Python's garbage collector comes late."""
        self._instances.clear()

    def attribute(self, resource: Resource, name: str) -> Value:
        """Attribute ``name`` of a resource or data source."""
        if resource.mode == "data":
            value = resource.values.get(name)
            if value is not None:
                return self.to_value(value, None)
            if resource.unknown is None or resource.unknown.get(name):
                return Unknown((Cause(f"{resource.address}.{name} is read during the apply", self.span(resource)),))
            return None
        if self._depth > MAX_NESTING:
            return Unknown((Cause(f"{resource.address}.{name} refers to too much", self.span(resource)),))
        self._depth += 1
        try:
            return self.instance(resource).attribute(name)
        finally:
            self._depth -= 1

    def unknown_value(
        self, resource: Resource, name: str, expression: object, kinds: Mapping[str, Kind] = KINDS
    ) -> Value:
        """Return what an argument may be that is known only after the apply."""
        kind = kinds.get(name)
        said = references_of(expression)
        where = self.span(resource)
        words = f"{resource.address}.{name} is known only after the apply" + (
            f" ({', '.join(said[:3])})" if said else ""
        )
        causes = (Cause(words, where),)
        if kind is None:
            return Unknown(causes)
        configuration = resource.configuration or {}
        collection = configuration.get("for_each_expression", configuration.get("count_expression"))
        # The instances of one block share their expressions.
        key = (id(resource.module), id(collection), kind, said)
        values = self._candidates.get(key)
        if values is None:
            found = candidates(said, resource.module, collection, kind, self.plan.variables, self.attribute)
            values = self._candidates[key] = tuple(
                self.to_value(each, None) if isinstance(each, str) else each for each in found.values()
            )
        if name in COLLECTIONS:
            return set_of(values, causes)
        if len(values) == 1 and isinstance(values[0], Unknown):
            return Unknown((*causes, *values[0].causes)[:MAX_CAUSES], None, values[0].one_of)
        return choose(values, causes)

    def to_value(self, value: object, unknown: object, depth: int = 0) -> Value:
        """Return a JSON value; ``unknown`` marks the parts of it that are known only after the apply."""
        if unknown is True or depth > MAX_NESTING:
            return Unknown((Cause("it is known only after the apply"),))
        if isinstance(value, str):
            known = self.identities.get(value, value)
            certain = isinstance(known, Reference) and known.kind == "resource"
            return known if certain else self._perhaps_ours(value, known)
        if value is None or isinstance(value, bool | int | Decimal):
            return value
        if isinstance(value, list):
            flags = unknown if isinstance(unknown, list) and len(unknown) == len(value) else [None] * len(value)
            return ListValue(
                tuple(self.to_value(each, flag, depth + 1) for each, flag in zip(value, flags, strict=True)), "list"
            )
        if isinstance(value, dict):
            marks: Mapping[str, object] = unknown if isinstance(unknown, dict) else {}
            names = dict.fromkeys((*value, *(name for name, mark in marks.items() if mark is True)))
            return MapValue({name: self.to_value(value.get(name), marks.get(name), depth + 1) for name in names})
        return str(value)

    def _perhaps_ours(self, identity: str, value: Value) -> Value:
        """An id that no resource of the plan has; one whose id was taken out of the plan may have it."""
        for prefix, resources in self._nameless.items():
            if identity.startswith(prefix):
                cause = Cause(f"{resources[0].address}.id is left out of the plan", self.span(resources[0]))
                ours = [Reference(each.address, ("id",), "resource", (cause,)) for each in resources]
                return choose([value, *ours], (cause,))
        return value

    @cached_property
    def secret_texts(self) -> frozenset[str]:
        """Every text of the plan that is marked as sensitive."""
        texts = secret_texts(self.plan)
        if texts:
            withhold_texts()
        return texts

    def span(self, resource: Resource) -> Span:
        """Return the place of a resource in the code beside the plan, else in the plan."""
        block = self.source.block(resource)
        return block.header if block is not None else self.plan.document.place(resource.address)


class PlannedInstance:
    """One managed resource instance of a plan."""

    def __init__(self, resource: Resource, planned: Planned) -> None:
        self.resource = resource
        self.planned = planned
        self._values: dict[str, Value] = {}
        self._marked: set[str] = set()  # arguments that the code beside the plan marks as sensitive

    @property
    def type(self) -> str:
        """Its resource type."""
        return self.resource.type

    @property
    def address(self) -> str:
        """Its address."""
        return self.resource.address

    def get(self, name: str) -> Value:
        """Return the value of an argument, null if it is not set."""
        if name not in self._values:
            # Should it refer to itself, this is what it sees.
            self._values[name] = Unknown((Cause(f"{self.address}.{name} refers to itself"),))
            self.planned.source.take_mark()
            self._values[name] = self._value(name)
            if self.planned.source.take_mark():
                self._marked.add(name)
        return self._values[name]

    def is_sensitive(self, name: str) -> bool:
        """Whether the plan or the code beside it marks an argument (or the region) that was read as sensitive."""
        if name in self._marked or marks_argument(self.resource, name):
            return True
        texts = self.planned.secret_texts
        return bool(texts) and holds(self.region() if name == "region" else self._values.get(name), texts)

    @property
    def holds_secrets(self) -> bool:
        """Whether anything of it is sensitive, as far as it was asked for."""
        texts = self.planned.secret_texts
        return (
            bool(self._marked)
            or any_marked(self.resource.sensitive)
            or any(holds(value, texts) for value in self._values.values() if texts)
            or self.is_sensitive("region")
        )

    def _value(self, name: str) -> Value:
        resource, planned = self.resource, self.planned
        value = resource.values.get(name)
        if self._is_redacted(name, value):
            return Unknown(
                (Cause(f"{self.address}.{name} is sensitive and left out of the plan", planned.span(resource)),)
            )
        unknown = None if resource.unknown is None else resource.unknown.get(name)
        expressions = resource.expressions
        if not any_marked(unknown):
            if value is not None:
                return planned.to_value(value, None)
            if name in resource.values or resource.unknown is not None:
                return None  # not set, or nothing that this version of the provider knows
            if expressions is None or name not in expressions:
                return Unknown((Cause(f"{self.address}.{name} is not in the plan", planned.span(resource)),))
        elif expressions is not None and name not in expressions and not is_written_if_unknown(self.type, name):
            return None  # not set: AWS will choose
        elif not _is_unknown(unknown) and name not in KINDS:
            return planned.to_value(value, unknown)
        return self._after_apply(name, None if expressions is None else expressions.get(name), value, unknown)

    def _after_apply(self, name: str, expression: object, value: object, unknown: object) -> Value:
        written = self.planned.source.value(self.resource, name)
        guessed = self.planned.unknown_value(self.resource, name, expression)
        if isinstance(value, list) and isinstance(unknown, list) and isinstance(guessed, ListValue):
            # Some members are known, and only the others may be any of the candidates.
            known = [self.planned.to_value(each, None) for each in value if each is not None]
            guessed = ListValue(
                (*known, *guessed.items),
                "set",
                {at + len(known): why for at, why in guessed.maybe.items()},
                guessed.rest,
            )
        return more_certain(written, guessed)

    def _is_redacted(self, name: str, value: object) -> bool:
        sensitive = self.resource.sensitive
        marked = sensitive is True or (isinstance(sensitive, dict) and sensitive.get(name) is True)
        return marked and (value is None or is_mask(value))

    def blocks(self, type: str) -> Iterator[PlannedBlock]:
        """The nested blocks of one type."""
        resource = self.resource
        value = resource.values.get(type)
        unknown = None if resource.unknown is None else resource.unknown.get(type)
        expression = (resource.expressions or {}).get(type)
        cut_out = resource.unknown is None and type not in resource.values and expression is not None
        if _is_unknown(unknown) or cut_out:
            if isinstance(expression, list):
                for each in expression:
                    yield PlannedBlock(self, {}, each if isinstance(each, dict) else {}, None, None)
            elif expression is not None or type not in _COMPUTED_BLOCKS:
                yield from self._uncertain_blocks(type, expression)
            return
        items = [value] if isinstance(value, dict) else value if isinstance(value, list) else []
        flags = unknown if isinstance(unknown, list) and len(unknown) == len(items) else [unknown] * len(items)
        if not items:
            return
        if isinstance(expression, list) and len(expression) < len(items):
            expression = None  # a plan leaves out the expressions of dynamic blocks, which may be any of them
        open_ = resource.unknown is None or any_marked(unknown)
        written = self.planned.source.blocks(resource, type, items) if open_ else None
        for at, (item, flag) in enumerate(zip(items, flags, strict=True)):
            yield PlannedBlock(
                self,
                item if isinstance(item, dict) else {},
                expression,
                flag if isinstance(flag, dict) else None if resource.unknown is None else {},
                written[at] if written is not None else None,
            )

    def _uncertain_blocks(self, type: str, expression: object) -> Iterator[PlannedBlock]:
        """What is unknown as a whole: nothing, unless the code says so, is known of how many blocks there are."""
        written = self.planned.source.all_blocks(self.resource, type)
        if written is not None:
            for block in written:
                yield PlannedBlock(self, {}, expression, None, block, block.exists)
            return
        cause = Cause(f"{self.address}.{type} is known only after the apply", self.planned.span(self.resource))
        yield PlannedBlock(self, {}, expression, None, None, Unknown((cause,)))

    def attribute(self, name: str) -> Value:
        """Return what other resources see as ``<this>.name``."""
        if name in ("id", "arn"):  # though the plan may know it: it is this very resource
            return self._reference(name, "resource")
        value = self.get(name)
        if value is not None:
            return value
        default = default_of(self.type, name)
        if default is not None:
            return default
        return self._reference(name, "resource" if is_assigned(self.type, name) else "computed")

    def _reference(self, name: str, kind: str) -> Reference:
        cause = Cause(f"{self.address}.{name} is known only after it is created", self.planned.span(self.resource))
        return Reference(self.address, (name,), kind, (cause,))

    def tags(self) -> Value:
        """Return its tags, those that its provider adds included."""
        unknown = None if self.resource.unknown is None else self.resource.unknown.get("tags_all")
        if _is_unknown(unknown):
            written = self.planned.source.tags(self.resource)
            if written is not None:
                return written
            if self.get("tags") is None and not self.planned.providers.sets_tags(self.resource):
                return as_tags(None)  # the provider plans no empty tags_all
            cause = Cause(f"{self.address}.tags_all is known only after the apply", self.planned.span(self.resource))
            return merge_maps([MapValue({}, rest=Unknown((cause,))), as_tags(self.get("tags"))])
        everything = self.get("tags_all") if "tags_all" in self.resource.values else None
        return as_tags(self.get("tags") if everything is None else everything)

    def region(self) -> Value:
        """Return the AWS region of this instance."""
        source = self.planned.source
        source.take_mark()
        region = self.planned.providers.region_of(self.resource)
        if source.take_mark():
            self._marked.add("region")
        return region

    def null_cause(self, name: str) -> Cause | None:
        """Return None: a plan has values, not where they come from."""
        return None

    def declaration(self, **fields: str) -> Declaration:
        """Return its place in the code beside the plan, else in the plan."""
        block = self.planned.source.block(self.resource)
        calls = self.planned.source.calls(self.resource.module)
        if block is None:
            return Declaration(self.address, self.type, self.planned.plan.document.place(self.address), calls)
        attributes = block.body.attributes
        field_spans = {field: attributes[name].span for field, name in fields.items() if name in attributes}
        if len(field_spans) < len(fields):
            headers = {inner.type: inner.header for inner in reversed(block.body.blocks)}
            field_spans |= {field: headers[name] for field, name in fields.items() if name in headers}
        return Declaration(self.address, self.type, block.span, calls, exists=True, field_spans=field_spans)


@record
class PlannedBlock:
    """A nested block of a planned resource. ``unknown`` is None if the plan does not say what of it is planned;
    ``written`` is the same block in the code beside the plan."""

    instance: PlannedInstance
    values: Object
    expression: object
    unknown: Object | None
    written: ResourceBlock | None
    exists: Literal[True] | Opaque = True

    def get(self, name: str) -> Value:
        """Return the value of an argument, null if it is not set."""
        planned = self.instance.planned
        value = self.values.get(name)
        unknown = value is None if self.unknown is None else self.unknown.get(name)
        if not any_marked(unknown):
            return None if value is None else planned.to_value(value, None)
        expression = self._expression(name)
        if expression is None and isinstance(self.expression, dict | list) and not self._whole and not self.written:
            return None
        written = planned.source.block_value(self.written, name)
        return more_certain(written, planned.unknown_value(self.instance.resource, name, expression, KINDS_IN_BLOCKS))

    def blocks(self, type: str) -> Iterator[PlannedBlock]:
        """The nested blocks of one type."""
        value = self.values.get(type)
        items = [value] if isinstance(value, dict) else value if isinstance(value, list) else []
        unknown = None if self.unknown is None else self.unknown.get(type)
        flags = unknown if isinstance(unknown, list) and len(unknown) == len(items) else [unknown] * len(items)
        written = list(self.written.blocks(type)) if self.written is not None else []
        if not items and (unknown is True or (self.unknown is None and self._expression(type) is not None)):
            cause = Cause(
                f"{self.instance.address}.{type} is known only after the apply",
                self.instance.planned.span(self.instance.resource),
            )
            yield PlannedBlock(self.instance, {}, self._expression(type), None, None, Unknown((cause,)))
        for at, (item, flag) in enumerate(zip(items, flags, strict=True)):
            yield PlannedBlock(
                self.instance,
                item if isinstance(item, dict) else {},
                self._expression(type),
                flag if isinstance(flag, dict) else None if self.unknown is None else {},
                written[at] if len(written) == len(items) else None,
                self.exists,
            )

    @property
    def _whole(self) -> bool:
        """Whether the configuration sets all blocks of the type by one expression."""
        return isinstance(self.expression, dict) and "references" in self.expression

    def _expression(self, name: str) -> object:
        """The expression of an argument; those of all blocks of the type if nothing says which is meant."""
        expression = self.expression
        if isinstance(expression, list):
            found = [each[name] for each in expression if isinstance(each, dict) and name in each]
            return found or None
        if self._whole:
            return expression
        return expression.get(name) if isinstance(expression, dict) else None


def _is_unknown(unknown: object) -> bool:
    """Whether a value is unknown as a whole."""
    return unknown is True

"""The instances that ``count`` and ``for_each`` make of a block, and the values of ``count``, ``each`` in each of them.

https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from vpce_checks.base.record import record, replace
from vpce_checks.model.sensitive import numbered
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Unknown,
    Value,
    choose,
    merge_causes,
    pattern,
)
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.marks import Mark, of_item
from vpce_checks.terraform.lang.named import in_brackets
from vpce_checks.terraform.lang.scope import Namespace, Scope, Session
from vpce_checks.terraform.lang.traversal import describe, get_attr
from vpce_checks.terraform.syntax.structure import Block, Body, blocks_of
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import BOOL, NUMBER

MAX_INSTANCES = 5_000
"""The most instances of one block that are looked at one by one. No real deployment makes so many of one block.
``MAX_INSTANCES_OF_ROOT`` bounds the whole root."""

MAX_COUNTS = 8
"""With more possible values of ``count`` than this, the instances that may exist are one entry for all of them."""

Exists = Literal[True] | Opaque
Kind = Literal["single", "count", "for_each"]


@record
class Entry:
    """One instance: its key in the address (``"*"`` if unknown), its ``each`` or ``count``.

    If ``exact`` is false, the key is a pattern of the real one. ``label`` is shown instead of a sensitive key.
    """

    key: str | int | None
    bindings: Mapping[str, Value | Namespace]
    exists: Exists
    exact: bool = True
    label: str | None = None

    @property
    def own_key(self) -> Value:
        """The key as expressions see it (``each.key``, ``count.index``)."""
        for name, attribute in (("each", "key"), ("count", "index")):
            bound = self.bindings.get(name)
            if isinstance(bound, MapValue):
                return bound.items[attribute]
        return self.key

    @property
    def shown_key(self) -> str | int | None:
        """The key as addresses show it."""
        return self.key if self.label is None else self.label


@record
class Expansion:
    """The instances of a block. ``rest`` says why there may be others: the entry ``"*"``, or entries without an exact
    key, stand for those. ``mark`` is the mark of ``count``, or of the keys of ``for_each``."""

    kind: Kind
    entries: tuple[Entry, ...]
    rest: Opaque | None = None
    mark: Mark = None

    def alone(self, value: Value) -> Value:
        """Return what other expressions see of ``value``, the only instance of a block: null if it does not exist."""
        exists = self.entries[0].exists if self.entries else None
        if exists is True:
            return value
        return None if exists is None else choose([value, None], exists.causes)

    @property
    def known_entries(self) -> list[Entry]:
        """The entries whose key is known. ``rest`` stands for all others."""
        return [entry for entry in self.entries if entry.exact and entry.key != "*"]


SINGLE = Expansion("single", (Entry(None, {}, exists=True),))


def expand(body: Body, scope: Scope) -> Expansion:
    """Return the instances of the block with this body. An error is reported, and makes one instance that may exist."""
    attributes = body.attributes
    attribute = attributes.get("for_each") or attributes.get("count")
    if attribute is None:
        return _single(body, scope) if body.blocks else SINGLE
    kind: Kind = "count" if attribute.name == "count" else "for_each"
    session = scope.session
    outside, session.mark = session.mark, None
    with session.separate_doubts():
        try:
            value = evaluate(attribute.expr, scope)
            if value is None:
                raise EvalError(f"{kind} is null{in_brackets(attribute.expr)}", attribute.span)
            if kind == "count":
                return replace(_count(value, attribute.span, session), mark=session.mark)
            return _with_marks(_for_each(value, attribute.span, session), session)
        except EvalError as error:
            span = error.span or attribute.span
            scope.session.warn(f"{kind} cannot be evaluated: {error.message}", span)
            return _symbolic(kind, Unknown((Cause(f"{kind} cannot be evaluated: {error.message}", span),)))
        except RecursionError:
            scope.session.fail(f"{kind} is nested too deeply to be evaluated", attribute.span)
            return _symbolic(kind, Unknown((Cause(f"{kind} is nested too deeply", attribute.span),)))
        finally:
            session.mark = outside


def _with_marks(expansion: Expansion, session: Session) -> Expansion:
    """Mark the keys and values of a ``for_each`` with the session's mark.

    Terraform refuses sensitive keys. We hide the keys that only we take for sensitive.
    """
    mark = session.mark
    if mark is None:
        return expansion
    entries: list[Entry] = []
    for number, entry in enumerate(expansion.entries, 1):
        label = None if isinstance(mark, Mapping) or entry.key == "*" else numbered(number)
        marks = {"key": None if isinstance(mark, Mapping) else mark, "value": of_item(mark, entry.key)}
        bindings = {name: with_marks(name, value, marks, session) for name, value in entry.bindings.items()}
        entries.append(replace(entry, bindings=bindings, label=label))
    return replace(expansion, entries=tuple(entries), mark=None if isinstance(mark, Mapping) else mark)


def with_marks(name: str, value: Value | Namespace, marks: Mapping[str, Mark], session: Session) -> Value | Namespace:
    """Return the object ``name`` (``each``) with a mark on each of its attributes."""
    if isinstance(value, Namespace) or not any(mark is not None for mark in marks.values()):
        return value

    def look_up(attribute: str, span: Span) -> Value:
        session.note_mark(marks.get(attribute))
        return get_attr(value, attribute, session, span)

    return Namespace(name, look_up)


def expand_within_bounds(block: Block, scope: Scope) -> Expansion:
    """Do as :func:`expand`, but beyond the bounds of the root return instances of which nothing is known."""
    expansion = expand(block.body, scope)
    attribute = block.body.attributes.get("for_each") or block.body.attributes.get("count")
    span = block.header if attribute is None else attribute.span
    if scope.session.can_make(len(expansion.entries), span):
        return expansion
    why = Unknown((Cause("the root makes too many modules and resources to be read", span),))
    return Expansion("single", (Entry(None, {}, why),)) if attribute is None else _symbolic(expansion.kind, why)


def _single(body: Body, scope: Scope) -> Expansion:
    """Return one instance, or none if ``enabled`` in a lifecycle block is false (OpenTofu 1.11 and later).

    https://opentofu.org/docs/language/meta-arguments/enabled/
    """
    attribute = next((b.body.attributes.get("enabled") for b in blocks_of(body, "lifecycle")), None)
    if attribute is None:
        return SINGLE
    session = scope.session
    outside = session.mark
    with session.separate_doubts():
        try:
            enabled = convert(evaluate(attribute.expr, scope), BOOL)
        except EvalError as error:
            span = error.span or attribute.span
            scope.session.warn(f"enabled cannot be evaluated: {error.message}", span)
            enabled = Unknown((Cause(f"enabled cannot be evaluated: {error.message}", span),))
        finally:
            session.mark = outside
    if isinstance(enabled, bool):
        return SINGLE if enabled else Expansion("single", ())
    return Expansion("single", (Entry(None, {}, Unknown(merge_causes([enabled]))),))


def _too_many(kind: Kind, span: Span, session: Session) -> Expansion:
    why = f"{kind} makes more than {MAX_INSTANCES:,} instances"
    session.fail(f"{why}, so vpce-checks does not look at each of them", span)
    return _symbolic(kind, Unknown((Cause(why, span),)))


def _count(value: Value, span: Span, session: Session) -> Expansion:
    number = convert(value, NUMBER)
    if isinstance(number, Unknown) and number.one_of:
        counts = [member for member in number.one_of if isinstance(member, int) and not isinstance(member, bool)]
        if len(counts) == len(number.one_of) and max(counts) <= MAX_INSTANCES:
            certain = max(0, min(counts))
            if len(counts) > MAX_COUNTS:
                more = _symbolic("count", Unknown(number.causes))
                return replace(more, entries=(*(_counted(at, exists=True) for at in range(certain)), *more.entries))
            # With two possible counts, one decision adds all of the instances, so they share its reason.
            entries = [
                _counted(at, True if at < certain else number if len(counts) == 2 else Unknown(number.causes))
                for at in range(max(counts))
            ]
            return Expansion("count", tuple(entries))
    if isinstance(number, Opaque):
        others = _symbolic("count", number)
        sure = [_counted(at, exists=True) for at in range(min(_least(number), MAX_INSTANCES))]
        return replace(others, entries=(*sure, *others.entries))
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise EvalError("count must be a whole number that is not negative", span)
    if number > MAX_INSTANCES:
        return _too_many("count", span, session)
    return Expansion("count", tuple(_counted(at, exists=True) for at in range(number)))


def _least(number: Opaque) -> int:
    """Return a lower bound of a number: the lowest one of those that it may be."""
    if not isinstance(number, Unknown) or not number.one_of:
        return number.least
    bounds = (member.least if isinstance(member, Opaque) else member for member in number.one_of)
    return min(bound if isinstance(bound, int) and not isinstance(bound, bool) else 0 for bound in bounds)


def _counted(at: int, exists: Exists) -> Entry:
    return Entry(at, {"count": MapValue({"index": at})}, exists)


def _for_each(value: Value, span: Span, session: Session) -> Expansion:
    if isinstance(value, Unknown) and value.one_of:
        value = _one_collection(value)
    if isinstance(value, Opaque):
        return _symbolic("for_each", value, True if value.least else None)
    entries: list[Entry] = []
    open_keys: list[Value] = []
    rest = value.rest if isinstance(value, ListValue | MapValue) else None
    if isinstance(value, MapValue):
        entries = [_each(key, key, item, value.maybe.get(key) or True) for key, item in sorted(value.items.items())]
    elif isinstance(value, ListValue) and (value.kind == "set" or not value.items):
        for at, item in enumerate(value.items):
            if item is None:
                raise EvalError("for_each holds null", span)
            exists: Exists = value.maybe.get(at) or True
            if isinstance(item, str):
                entries.append(_each(item, item, item, exists))
            elif isinstance(item, PartialString | Opaque):
                # The set holds this string, so there is an instance with this key, of which we know a part at most.
                entries.append(_each(pattern(item) or "*", item, item, exists, exact=False))
                open_keys.append(item)
            else:
                raise EvalError(f"for_each over a set holds {describe(item)}, it must hold strings", span)
    else:
        raise EvalError(f"for_each is {describe(value)}, it must be a map or a set of strings", span)
    if len(entries) > MAX_INSTANCES:
        return _too_many("for_each", span, session)
    if rest is not None:
        # One instance stands for all whose key is not known.
        is_there = any(entry.key == "*" and entry.exists is True for entry in entries)
        entries = [entry for entry in entries if entry.key != "*"]
        if isinstance(value, MapValue) and len(value.others) == 1:
            # The same that stands for them in the other block: for_each over its instances makes one for each of them.
            key, item, why = value.others[0]
            entries.append(_each("*", key, item, True if why is None else why))
        else:
            entries.extend(_symbolic("for_each", rest, True if is_there else None).entries)
    elif open_keys:
        rest = Unknown(merge_causes(open_keys))
    return Expansion("for_each", tuple(entries), rest)


def _one_collection(value: Unknown) -> Value:
    """Return one collection for several possible ones. It may hold each of their elements."""
    # Terraform refuses lists, so none of them is the value. An empty list counts as an empty set.
    members = [
        ListValue((), "set") if isinstance(member, ListValue) and not member.items and member.exact else member
        for member in value.one_of
        if not isinstance(member, ListValue) or member.kind == "set" or not member.items
    ]
    if not members:
        return value.one_of[0]
    from vpce_checks.terraform.lang.branches import join

    merged: Value = members[0]
    for member in members[1:]:
        merged = join(merged, member, Unknown(value.causes))
    return merged if isinstance(merged, ListValue | MapValue) else Unknown(value.causes)


def _each(key: str, each_key: Value, each_value: Value, exists: Exists, *, exact: bool = True) -> Entry:
    return Entry(key, {"each": MapValue({"key": each_key, "value": each_value})}, exists, exact)


def _symbolic(kind: Kind, why: Opaque, exists: Exists | None = None) -> Expansion:
    """Return one instance for all. By default it is not known whether there are any."""
    causes = merge_causes([why])
    hidden = Unknown(causes)
    each = MapValue({"key": Unknown(causes, "string"), "value": hidden})
    bindings: dict[str, Value | Namespace] = (
        {"each": each} if kind == "for_each" else {"count": MapValue({"index": Unknown(causes, "number")})}
    )
    return Expansion(kind, (Entry("*", bindings, hidden if exists is None else exists),), hidden)


def both(outer: Exists, inner: Exists) -> Exists:
    """Return whether an object exists: ``inner`` decides for it, ``outer`` for the module that holds it."""
    if outer is True:
        return inner
    if inner is True:
        return outer
    return Unknown(merge_causes([outer, inner]))


def address_key(key: str | int | None) -> str:
    """Return an instance key as Terraform writes it in an address: ``[0]``, ``["a"]`` or nothing."""
    if key is None:
        return ""
    if isinstance(key, int) or key == "*":
        return f"[{key}]"
    escaped = (
        key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("${", "$${").replace("%{", "%%{")
    )
    return f'["{escaped}"]'

"""How many instances ``count`` and ``for_each`` make of one block, and what each of them sees.

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
from vpce_checks.terraform.lang.evaluate import evaluate, join
from vpce_checks.terraform.lang.marks import Mark, of_item
from vpce_checks.terraform.lang.scope import Namespace, Scope, Session
from vpce_checks.terraform.lang.traversal import describe, get_attr
from vpce_checks.terraform.syntax.structure import Block, Body, blocks_of
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import BOOL, NUMBER

MAX_INSTANCES = 5_000
"""How many instances of one block are told apart: more than any deployment makes of one block. What a whole root may
make is bounded by ``MAX_INSTANCES_OF_ROOT``."""

Exists = Literal[True] | Opaque


@record
class Entry:
    """One instance: its key in the address (``"*"`` where it cannot be told), its ``each`` or ``count``.

    Without ``exact`` the key is only a pattern of the real one. ``label`` is shown instead of a key that is sensitive.
    """

    key: str | int | None
    bindings: Mapping[str, Value | Namespace]
    exists: Exists
    exact: bool = True
    label: str | None = None

    @property
    def shown_key(self) -> str | int | None:
        """The key as addresses show it."""
        return self.key if self.label is None else self.label


@record
class Expansion:
    """The instances of a block. ``rest`` says why there may be others; the entry ``"*"``, or those whose key is not
    exact, then stand for them. ``mark`` is that of ``count``, or of the keys of ``for_each``."""

    kind: str  # "single" | "count" | "for_each"
    entries: tuple[Entry, ...]
    rest: Opaque | None = None
    mark: Mark = None

    def alone(self, value: Value) -> Value:
        """What ``value``, the sole instance of a single block, is to others: null where it is not there."""
        exists = self.entries[0].exists if self.entries else None
        if exists is True:
            return value
        return None if exists is None else choose([value, None], exists.causes)

    @property
    def told_apart(self) -> list[Entry]:
        """The entries whose key is known; what else there may be is ``rest``."""
        return [entry for entry in self.entries if entry.exact and entry.key != "*"]


SINGLE = Expansion("single", (Entry(None, {}, True),))


def expand(body: Body, scope: Scope) -> Expansion:
    """The instances of the block with this body. An error becomes a diagnostic and one instance of unknown existence."""
    attributes = body.attributes
    attribute = attributes.get("for_each") or attributes.get("count")
    if attribute is None:
        return _single(body, scope) if body.blocks else SINGLE
    kind = attribute.name
    session = scope.session
    outside, session.mark = session.mark, None
    with session.separate_doubts():
        try:
            value = evaluate(attribute.expr, scope)
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
    """The instances of a ``for_each`` whose keys or values are sensitive, as the session's mark says. Terraform refuses
    sensitive keys, but where it takes for public what we do not: they are hidden."""
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
    """The object ``name`` that an expression is given, each of whose attributes is marked."""
    if isinstance(value, Namespace) or not any(mark is not None for mark in marks.values()):
        return value

    def look_up(attribute: str, span: Span) -> Value:
        session.note_mark(marks.get(attribute))
        return get_attr(value, attribute, session, span)

    return Namespace(name, look_up)


def expand_within_bounds(block: Block, scope: Scope) -> Expansion:
    """Like :func:`expand`, but where the root makes too much, nothing more is known of what it makes."""
    expansion = expand(block.body, scope)
    attribute = block.body.attributes.get("for_each") or block.body.attributes.get("count")
    span = block.header if attribute is None else attribute.span
    if scope.session.can_make(len(expansion.entries), span):
        return expansion
    why = Unknown((Cause("the root makes too many modules and resources to be read", span),))
    return Expansion("single", (Entry(None, {}, why),)) if attribute is None else _symbolic(expansion.kind, why)


def _single(body: Body, scope: Scope) -> Expansion:
    """One instance, or none where ``enabled`` in a lifecycle block says no (OpenTofu 1.11 and later).

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


def _too_many(kind: str, span: Span, session: Session) -> Expansion:
    why = f"{kind} makes more than {MAX_INSTANCES:,} instances"
    session.fail(f"{why}, so vpce-checks does not look at each of them", span)
    return _symbolic(kind, Unknown((Cause(why, span),)))


def _count(value: Value, span: Span, session: Session) -> Expansion:
    if value is None:
        raise EvalError("count is null", span)
    number = convert(value, NUMBER)
    if isinstance(number, Unknown) and number.one_of:
        counts = [member for member in number.one_of if isinstance(member, int) and not isinstance(member, bool)]
        if len(counts) == len(number.one_of) and max(counts) <= MAX_INSTANCES:
            certain = max(0, min(counts))
            # Of two counts one decision makes all the difference, so all instances hang on the same reason.
            entries = [
                _counted(at, True if at < certain else number if len(counts) == 2 else Unknown(number.causes))
                for at in range(max(counts))
            ]
            return Expansion("count", tuple(entries))
    if isinstance(number, Opaque):
        return _symbolic("count", number)
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise EvalError("count must be a whole number that is not negative", span)
    if number > MAX_INSTANCES:
        return _too_many("count", span, session)
    return Expansion("count", tuple(_counted(at, True) for at in range(number)))


def _counted(at: int, exists: Exists) -> Entry:
    return Entry(at, {"count": MapValue({"index": at})}, exists)


def _for_each(value: Value, span: Span, session: Session) -> Expansion:
    if value is None:
        raise EvalError("for_each is null", span)
    if isinstance(value, Unknown) and value.one_of:
        value = _one_collection(value)
    if isinstance(value, Opaque):
        return _symbolic("for_each", value)
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
                # A set with this very string has an instance of this very key, though we cannot spell it.
                entries.append(_each(pattern(item) or "*", item, item, exists, exact=False))
                open_keys.append(item)
            else:
                raise EvalError(f"for_each over a set holds {describe(item)}, it must hold strings", span)
    else:
        raise EvalError(f"for_each is {describe(value)}, it must be a map or a set of strings", span)
    if len(entries) > MAX_INSTANCES:
        return _too_many("for_each", span, session)
    if rest is not None:
        entries.extend(_symbolic("for_each", rest).entries)
    elif open_keys:
        rest = Unknown(merge_causes(open_keys))
    return Expansion("for_each", tuple(entries), rest)


def _one_collection(value: Unknown) -> Value:
    """Where the collection is one of several, its elements are those of all, each of uncertain presence."""
    # A list would be refused, so it is none of those; an empty one counts as an empty set.
    members = [
        ListValue((), "set") if isinstance(member, ListValue) and not member.items and member.exact else member
        for member in value.one_of
        if not isinstance(member, ListValue) or member.kind == "set" or not member.items
    ]
    if not members:
        return value.one_of[0]
    merged: Value = members[0]
    for member in members[1:]:
        merged = join(merged, member, Unknown(value.causes))
    return merged if isinstance(merged, ListValue | MapValue) else Unknown(value.causes)


def _each(key: str, each_key: Value, each_value: Value, exists: Exists, *, exact: bool = True) -> Entry:
    return Entry(key, {"each": MapValue({"key": each_key, "value": each_value})}, exists, exact)


def _symbolic(kind: str, why: Opaque) -> Expansion:
    causes = merge_causes([why])
    hidden = Unknown(causes)
    each = MapValue({"key": Unknown(causes, "string"), "value": hidden})
    bindings: dict[str, Value | Namespace] = (
        {"each": each} if kind == "for_each" else {"count": MapValue({"index": Unknown(causes, "number")})}
    )
    return Expansion(kind, (Entry("*", bindings, hidden),), hidden)


def both(outer: Exists, inner: Exists) -> Exists:
    """Whether something exists that ``inner`` decides on inside of something that ``outer`` decides on."""
    if outer is True:
        return inner
    if inner is True:
        return outer
    return Unknown(merge_causes([outer, inner]))


def address_key(key: str | int | None) -> str:
    """How Terraform writes an instance key in an address: ``[0]``, ``["a"]`` or nothing."""
    if key is None:
        return ""
    if isinstance(key, int) or key == "*":
        return f"[{key}]"
    escaped = (
        key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("${", "$${").replace("%{", "%%{")
    )
    return f'["{escaped}"]'

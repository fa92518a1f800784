"""``for`` expressions and template ``for`` directives over partly known collections.

https://developer.hashicorp.com/terraform/language/expressions/for
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from vpce_checks.base.record import record
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
    is_known,
    join_strings,
    merge_causes,
)
from vpce_checks.terraform.lang.marks import PARTLY, Mark, both, of_item, whole
from vpce_checks.terraform.lang.scope import Session
from vpce_checks.terraform.lang.traversal import InstanceReference, describe
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import BOOL, STRING

Body = Callable[[ast.Expr, Mapping[str, Value], Mark], Value]
"""Evaluates an expression with the loop's variables bound. The mark is that of the element."""


ForExpr: TypeAlias = ast.ForTuple | ast.ForObject


@record
class _Element:
    key: Value
    value: Value
    maybe: Opaque | None  # why the element may be absent


def for_tuple(expr: ast.ForTuple, collection: Value, over: Mark, body: Body, session: Session) -> Value:
    """Evaluate ``[for k, v in collection : value if condition]``. ``over`` is the mark of the collection."""
    session.note_mark(_of_whole(over))
    if isinstance(collection, Unknown) and collection.one_of:
        return choose([for_tuple(expr, each, over, body, session) for each in collection.one_of], collection.causes)
    elements, rest = _taken(expr, collection, body, session)
    if elements is None:
        session.note_mark(whole(over))
        return Unknown(merge_causes([rest]), "list")
    items: list[Value] = []
    maybe: dict[int, Opaque] = {}
    for element in elements:
        if not session.step():
            return _exhausted(expr.span)
        bindings, mark = _bindings(expr, element), _of_element(over, element)
        present = _present(expr.condition, bindings, body, mark)
        if present is False:
            continue
        uncertain = _both(element.maybe, condition=present)
        try:
            item = body(expr.value, bindings, mark)
        except EvalError as error:
            _leave_out(error, uncertain, session)
            continue
        if uncertain is not None:
            maybe[len(items)] = uncertain
        items.append(item)
    return ListValue(tuple(items), "tuple", maybe, rest or unknown_order(collection))


def for_object(expr: ast.ForObject, collection: Value, over: Mark, body: Body, session: Session) -> Value:
    """Evaluate ``{for k, v in collection : key => value if condition}``. With ``...``, the values of one key are listed.

    ``over`` is the mark of the collection. A sensitive value makes its attribute sensitive. A sensitive key or
    condition makes the whole object sensitive.
    """
    if isinstance(collection, Unknown) and collection.one_of:
        options = [for_object(expr, each, over, body, session) for each in collection.one_of]
        session.note_mark(whole(session.take_mark()))
        return choose(options, collection.causes)
    elements, rest = _taken(expr, collection, body, session)
    if elements is None:
        session.note_mark(whole(over))
        return Unknown(merge_causes([rest]), "object")
    all_seen = rest is None or (isinstance(collection, MapValue) and bool(collection.others))
    made = _Members(expr, session, rest)
    session.note_mark(_of_whole(over))
    for element in elements:
        if not session.step():
            return _exhausted(expr.span)
        bindings, mark = _bindings(expr, element), _of_element(over, element)
        present = _present(expr.condition, bindings, body, mark)
        if present is False:
            continue
        uncertain = _both(element.maybe, condition=present)
        try:
            raw_key = body(expr.key, bindings, mark)
            if raw_key is None:
                raise EvalError("the key of a for expression is null", expr.key.span)
            key = convert(raw_key, STRING)
            value, of_value = session.apart(partial(body, expr.value, bindings, mark))
        except EvalError as error:
            _leave_out(error, uncertain, session)
            continue
        made.add(key, value, of_value, uncertain)
    return made.object(all_seen=all_seen)


class _Members:
    """The members of an object that a ``for`` expression makes, with their marks. ``rest`` is what else may be in it."""

    def __init__(self, expr: ast.ForObject, session: Session, rest: Opaque | None) -> None:
        self._expr = expr
        self._session = session
        self._rest = rest
        self._items: dict[str, Value] = {}
        self._marks: dict[str, Mark] = {}
        self._maybe: dict[str, Opaque] = {}
        self._groups: dict[str, list[tuple[Value, Opaque | None]]] = {}
        self._others: list[tuple[Value, Value, Opaque | None]] = []

    def add(self, key: Value, value: Value, mark: Mark, uncertain: Opaque | None) -> None:
        """Add a member, which may be absent because of ``uncertain``. Raises EvalError for a second one of the key."""
        if not isinstance(key, str):
            self._session.note_mark(mark)
            self._rest = Unknown(merge_causes([key]))
            self._session.doubt(self._rest)
            self._others.append((key, value, uncertain))
            return
        if mark is not None:
            self._marks[key] = both(self._marks.get(key), mark)
        if self._expr.group:
            self._groups.setdefault(key, []).append((value, uncertain))
        elif key in self._items:
            self._add_again(key, value, uncertain)
        else:
            self._items[key] = value
            if uncertain is not None:
                self._maybe[key] = uncertain

    def _add_again(self, key: str, value: Value, uncertain: Opaque | None) -> None:
        """Add a second member of a key: one of the two is absent."""
        reason = uncertain or self._maybe.get(key)
        if reason is None:
            text = f"two elements have the same key {key!r} (with ... they would be grouped)"
            raise EvalError(text, self._expr.key.span)
        self._session.doubt(reason)
        self._items[key] = choose([self._items[key], value], reason.causes)
        if uncertain is None:
            self._maybe.pop(key, None)

    def object(self, *, all_seen: bool) -> MapValue:
        """Return the object, and note its mark. ``all_seen``: there are no elements that were not gone through."""
        for key, members in self._groups.items():
            values = tuple(value for value, _ in members)
            uncertain = {at: reason for at, (_, reason) in enumerate(members) if reason is not None}
            self._items[key] = ListValue(values, "tuple", uncertain, self._rest)
            if len(uncertain) == len(members):
                self._maybe[key] = next(iter(uncertain.values()))
        # An element with an unknown key cannot replace one of these: two equal keys would be refused.
        unnamed = tuple(self._others) if all_seen and not self._expr.group else ()
        marks = {key: whole(mark) if self._expr.group else mark for key, mark in self._marks.items()}
        self._session.mark = PARTLY if self._session.mark is not None else marks or None
        return MapValue(dict(sorted(self._items.items())), "object", self._maybe, self._rest, unnamed)


def _taken(
    expr: ForExpr, collection: Value, body: Body, session: Session
) -> tuple[list[_Element] | None, Opaque | None]:
    """Return the known elements, and what stands for further ones.

    None for these if the condition leaves all of them out.
    """
    elements, rest = _elements(collection, session, expr.collection.span)
    if rest is not None and _takes_nothing(expr, rest, body):
        return elements or [], None
    return elements, rest


def _leave_out(error: EvalError, uncertain: Opaque | None, session: Session) -> None:
    """Leave out an element that may be absent: with it, the deployment would stop. Raises ``error`` for one that is there."""
    if uncertain is None:
        raise error
    session.doubt(uncertain)


def template_for(
    expr: ast.TemplateFor, collection: Value, body: Callable[[Mapping[str, Value]], Value], session: Session
) -> Value:
    """``%{ for }``: the concatenated bodies."""
    elements, rest = _elements(collection, session, expr.collection.span)
    rest = rest or unknown_order(collection)
    if elements is None or rest is not None or any(element.maybe for element in elements):
        reasons = [rest] if rest is not None else [e.maybe for e in elements or () if e.maybe]
        return Unknown(merge_causes(reasons), "string")
    parts: list[Value] = []
    for element in elements:
        if not session.step():
            return _exhausted(expr.span)
        parts.append(body(_bindings(expr, element)))
    return join_strings(parts)


def unknown_order(collection: Value) -> Opaque | None:
    """Why the order of a collection's elements cannot be told: a set is ordered by values, some of which are unknown.

    Two of them may also be equal, and so one element.
    """
    if not isinstance(collection, ListValue) or collection.kind != "set" or len(collection.items) < 2:
        return None
    if all(is_known(item) for item in collection.items):
        return None  # those that may be absent leave the others in their order
    return Unknown(merge_causes([collection]))


def _elements(collection: Value, session: Session, span: Span) -> tuple[list[_Element] | None, Opaque | None]:
    """The elements in order and what else there may be; no list where nothing can be told."""
    if isinstance(collection, ListValue):
        is_set = collection.kind == "set"
        exact = collection.exact
        found = []
        for position, value in enumerate(collection.items):
            key: Value = value if is_set else position
            if not exact and not is_set:
                key = Unknown(merge_causes([collection.rest, *collection.maybe.values()]), "number")
            found.append(_Element(key, value, collection.maybe.get(position)))
        return found, collection.rest
    if isinstance(collection, MapValue):
        keys = sorted(collection.items)
        named = [_Element(key, collection.items[key], collection.maybe.get(key)) for key in keys]
        return [*named, *(_Element(key, value, why) for key, value, why in collection.others)], collection.rest
    if collection is None:
        raise EvalError("for over null", span)
    if isinstance(collection, InstanceReference) and not collection.path:
        return None, Unknown((Cause("for over all attributes of a resource", span),))
    if isinstance(collection, Opaque):
        session.doubt(collection)
        return None, collection
    raise EvalError(f"for over {describe(collection)}", span)


def _bindings(expr: ForExpr | ast.TemplateFor, element: _Element) -> Mapping[str, Value]:
    bound: dict[str, Value] = {}
    if expr.key_name is not None:
        bound[expr.key_name] = element.key
    bound[expr.value_name] = element.value
    return bound


def _of_whole(over: Mark) -> Mark:
    """Return the mark that the result of a loop has at least, if its collection has the mark ``over``."""
    return None if isinstance(over, Mapping) else over


def _of_element(over: Mark, element: _Element) -> Mark:
    """Return the mark of an element that a loop over an object binds. Elsewhere the whole result has it."""
    if not isinstance(over, Mapping):
        return None
    return of_item(over, element.key) if isinstance(element.key, str) else PARTLY


def _takes_nothing(expr: ForExpr, rest: Opaque, body: Body) -> bool:
    """Whether the condition leaves out the elements that are not known, whatever they are."""
    hidden = Unknown(merge_causes([rest]))
    try:
        return _present(expr.condition, _bindings(expr, _Element(hidden, hidden, hidden)), body, None) is False
    except EvalError:  # there may be no element for which Terraform evaluates it
        return False


def _present(condition: ast.Expr | None, bindings: Mapping[str, Value], body: Body, mark: Mark) -> bool | Opaque:
    if condition is None:
        return True
    value = body(condition, bindings, mark)
    if value is None:
        raise EvalError("the condition of a for expression is null", condition.span)
    decided = convert(value, BOOL)
    if isinstance(decided, bool | Opaque):
        return decided
    assert isinstance(decided, PartialString)
    return Unknown(decided.causes, "bool")


def _both(element: Opaque | None, *, condition: bool | Opaque) -> Opaque | None:
    """Why an element may be absent: it may not be there, or may not meet the condition."""
    if not isinstance(condition, Opaque):
        return element
    return condition if element is None else Unknown(merge_causes([element, condition]))


def _exhausted(span: Span) -> Value:
    return Unknown((Cause("the evaluation of this configuration takes too many steps", span),))

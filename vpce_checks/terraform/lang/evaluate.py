"""The evaluation of Terraform expressions over partly known values.

https://developer.hashicorp.com/terraform/language/expressions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext

from vpce_checks.base.defects import defect, withhold_texts
from vpce_checks.files.containment import Places
from vpce_checks.files.tracked import path_untold
from vpce_checks.model.sensitive import SENSITIVE as SENSITIVE_TEXT
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
    weight,
)
from vpce_checks.terraform.lang import functions
from vpce_checks.terraform.lang.marks import NO_MARKS, PARTLY, SENSITIVE, Mark, both, of_item, whole
from vpce_checks.terraform.lang.named import in_brackets
from vpce_checks.terraform.lang.scope import Namespace, Scope, Session
from vpce_checks.terraform.lang.traversal import describe, get_attr, index, splat
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import BOOL, STRING

MAX_TEXT = 10_000_000
"""Longest string that is built, in characters."""
MAX_WEIGHT = 1_000_000
"""Largest collection that is built, in scalars."""

COST_OF_UNIFYING = 8
"""Steps for each scalar of the two sides of a conditional. Their types are compared, and both are converted."""

VALUES_FOR_A_STEP = 4
"""The scalars that a function handles in the time of one step."""

TOO_MANY_STEPS = "the evaluation of this root takes too many steps"
TOO_LARGE = "the values of this root take too much memory"

_SELECTS = frozenset(
    {"lookup", "element", "one", "coalesce", "coalescelist", "sensitive", "nonsensitive", "ephemeralasnull"}
)
"""Functions whose result is one of their arguments or a part of one, so that they need no memory."""

_SPLAT_ITEM = "<splat>"  # no identifier, so that no name of the configuration can clash with it


def evaluate(expr: ast.Expr, scope: Scope) -> Value:
    """Return the value of ``expr``. Raises EvalError if Terraform would refuse it."""
    value = resolve(expr, scope)
    if isinstance(value, Namespace):
        raise EvalError(f"{value.name!r} is not a value by itself: a name must follow, as in {value.name}.x", expr.span)
    return value


def resolve(expr: ast.Expr, scope: Scope) -> Value | Namespace:
    """Do as :func:`evaluate`; ``expr`` may also be the start of a reference (``data.aws_vpc``)."""
    session = scope.session
    if not session.step():
        return session.give_up(TOO_MANY_STEPS, expr.span)
    before = session.mark
    try:
        value = _EVALUATORS[type(expr)](expr, scope)
    except EvalError as error:
        if error.span is None:
            error.span = expr.span
        if before is not None or session.mark is not None:
            session.mark = both(before, session.mark)
            error.withhold()
        raise
    except (RecursionError, MemoryError):  # whoever asked for all of this has less to lose than whoever is deep in it
        raise
    except Exception as error:
        return _defective(error, expr, scope.session)
    if before is not None or session.mark is not None:
        session.mark = both(before, _mark_of(expr, session.mark))
    return value


def _mark_of(expr: ast.Expr, mark: Mark) -> Mark:
    """Return the mark of the value of ``expr``; ``mark`` is the mark of its parts."""
    if mark is None or isinstance(expr, _KEEPING_ATTRIBUTES_APART):
        return mark
    if isinstance(expr, ast.Call) and expr.name in ("try", "merge"):
        return mark
    if isinstance(expr, ast.Call) and expr.name == "keys" and isinstance(mark, Mapping):
        return None
    return PARTLY if isinstance(expr, _COLLECTING) else whole(mark)


def _defective(error: Exception, expr: ast.Expr, session: Session) -> Unknown:
    """Return an unknown for an expression that a defect of ours made impossible to evaluate."""
    session.fail(f"this expression cannot be evaluated: {defect(error)}", expr.span, is_defect=True)
    opaque = Unknown((Cause("an expression that cannot be evaluated", expr.span),))
    session.doubt(opaque)
    return opaque


def _literal(expr: ast.Literal, scope: Scope) -> Value:
    return expr.value


def _invalid(expr: ast.Invalid, scope: Scope) -> Value:
    message = expr.message
    if scope.session.mark is not None:  # it is written in a value that must not be shown
        message = "this value cannot be read"
    opaque = Unknown((Cause(message, expr.span),))
    scope.session.doubt(opaque)
    return opaque


def _template(expr: ast.Template, scope: Scope) -> Value:
    return _concatenate([evaluate(part, scope) for part in expr.parts], scope.session, expr.span)


def _concatenate(values: list[Value], session: Session, span: Span) -> Value:
    parts: list[Value] = []
    for value in values:
        if value is None:
            raise EvalError("null inside a string template", span)
        if isinstance(value, Opaque):
            session.doubt(value)
            parts.append(value)
            continue
        text = convert(value, STRING)
        if not isinstance(text, str | PartialString | Opaque):
            raise EvalError(f"{describe(value)} inside a string template", span)
        parts.append(text)
    length = sum(len(part) for part in parts if isinstance(part, str))
    if length > MAX_TEXT:
        return session.refuse(f"a text has more than {MAX_TEXT:,} characters", span)
    if not session.can_hold(sum(map(weight, parts))):
        return session.give_up(TOO_LARGE, span)
    joined = join_strings(parts)
    if isinstance(joined, Opaque):  # "${x}y" with an empty y: a string of its own, whatever x was
        return Unknown(joined.causes, "string") if joined.type not in (None, "string") else joined
    return joined


def _template_wrap(expr: ast.TemplateWrap, scope: Scope) -> Value:
    return evaluate(expr.expr, scope)


def _template_if(expr: ast.TemplateIf, scope: Scope) -> Value:
    return _conditional_value(expr.condition, expr.then, expr.otherwise, scope, expr.span)


def _template_for(expr: ast.TemplateFor, scope: Scope) -> Value:
    def body(bindings: Mapping[str, Value]) -> Value:
        return _concatenate([evaluate(expr.body, scope.bind(bindings))], scope.session, expr.span)

    from vpce_checks.terraform.lang.for_expr import template_for

    return template_for(expr, evaluate(expr.collection, scope), body, scope.session)


def _name(expr: ast.Name, scope: Scope) -> Value | Namespace:
    bound = scope.bindings.get(expr.name, _name)  # the function itself stands for "not bound": null is a value
    if bound is not _name:
        if scope.marks:
            scope.session.note_mark(scope.marks.get(expr.name))
        return bound  # type: ignore[return-value]
    return scope.namespace(expr.name, expr.span)


def _get_attr(expr: ast.GetAttr, scope: Scope) -> Value | Namespace:
    session = scope.session
    session.mark = None  # resolve() adds what was before
    target = resolve(expr.object, scope)
    if isinstance(target, Namespace):
        return target.lookup(expr.name, expr.span)
    if session.mark is not None:
        session.mark = of_item(session.mark, expr.name)
    if target is None:
        raise EvalError(f"attribute {expr.name!r} of null{in_brackets(expr.object)}", expr.span)
    return get_attr(target, expr.name, session, expr.span)


def _index(expr: ast.Index, scope: Scope) -> Value:
    session = scope.session
    session.mark = None
    target = evaluate(expr.object, scope)
    mark, session.mark = session.mark, None
    key = evaluate(expr.key, scope)
    if mark is not None or session.mark is not None:
        session.mark = both(of_item(mark, key), whole(session.mark))
    return index(target, key, session, expr.span)


def _splat_item(expr: ast.SplatItem, scope: Scope) -> Value | Namespace:
    return scope.bindings[_SPLAT_ITEM]


def _splat(expr: ast.Splat, scope: Scope) -> Value:
    source = evaluate(expr.source, scope)
    return splat(source, lambda item: evaluate(expr.each, scope.bind({_SPLAT_ITEM: item})), scope.session)


def _unary(expr: ast.Unary, scope: Scope) -> Value:
    from vpce_checks.terraform.lang import operators

    operand = evaluate(expr.operand, scope)
    return operators.not_(operand) if expr.operator == "!" else operators.minus(operand)


def _binary(expr: ast.Binary, scope: Scope) -> Value:
    from vpce_checks.terraform.lang import operators

    operator = expr.operator
    left = evaluate(expr.left, scope)
    if operator in ("&&", "||"):
        combine = operators.and_ if operator == "&&" else operators.or_
        decided = combine(left, left)
        if decided is (operator == "||"):
            scope.session.has_passed_over = True
            return decided  # Terraform 1.12 and later do not look at the right side then
        try:
            return combine(left, evaluate(expr.right, scope))
        except EvalError:
            if not isinstance(decided, Opaque):
                raise
            scope.session.doubt(decided)
            return decided
    right = evaluate(expr.right, scope)
    if operator == "==":
        return operators.equal(left, right)
    if operator == "!=":
        return operators.not_(operators.equal(left, right))
    if operator in ("<", ">", "<=", ">="):
        return operators.compare(operator, left, right)
    return operators.arithmetic(operator, left, right)


def _conditional(expr: ast.Conditional, scope: Scope) -> Value:
    return _conditional_value(expr.condition, expr.then, expr.otherwise, scope, expr.span)


def _conditional_value(condition: ast.Expr, then: ast.Expr, otherwise: ast.Expr, scope: Scope, span: Span) -> Value:
    session = scope.session
    session.mark = None
    test = evaluate(condition, scope)
    if test is None:
        raise EvalError(f"the condition is null{in_brackets(condition)}", condition.span)
    if session.mark is not None:
        session.mark = whole(session.mark)
    decided = convert(test, BOOL)
    if isinstance(decided, bool):
        chosen, other = (then, otherwise) if decided else (otherwise, then)
        value = evaluate(chosen, scope)
        if value is None or isinstance(value, str | PartialString | Opaque):
            session.has_passed_over = True
            return value  # whatever the other side is, this stays as it is
        foregone = _quietly(other, scope)
        if not scope.session.step(COST_OF_UNIFYING * (weight(value) + weight(foregone))):
            return scope.session.give_up(TOO_MANY_STEPS, span)
        from vpce_checks.terraform.lang.branches import unified

        return unified(value, foregone, scope.session, span)
    causes = merge_causes([decided]) or (Cause("a condition that is not known", condition.span),)
    results: list[Value] = []
    failure: EvalError | None = None
    for branch in (then, otherwise):
        try:
            results.append(evaluate(branch, scope))
        except EvalError as error:
            # If the condition took this way the deployment would fail, so it takes the other, or we are in a try().
            failure = failure or error
            scope.session.doubt(Unknown(causes))
    if not results and failure is not None:
        raise failure
    if len(results) == 1:
        return results[0]
    if not scope.session.step(COST_OF_UNIFYING * sum(map(weight, results))):
        return scope.session.give_up(TOO_MANY_STEPS, span)
    from vpce_checks.terraform.lang.branches import join, unified

    first = unified(results[0], results[1], scope.session, span)
    second = unified(results[1], results[0], scope.session, span)
    return join(first, second, Unknown(causes))


def _quietly(expr: ast.Expr, scope: Scope) -> Value:
    """Return the value of the branch that is not taken. Only its type counts."""
    session = scope.session
    mark = session.mark
    with session.separate_doubts():
        try:
            return evaluate(expr, scope)
        except EvalError:
            return None  # a branch that fails has no type, and so no say
        finally:
            if session.mark is not SENSITIVE:  # else Terraform marks what is chosen as well
                session.has_passed_over |= session.mark is not mark
                session.mark = mark


def _tuple(expr: ast.TupleCons, scope: Scope) -> Value:
    return _bounded(
        ListValue(tuple([evaluate(item, scope) for item in expr.items])), scope.session, expr.span, new=len(expr.items)
    )


def _object(expr: ast.ObjectCons, scope: Scope) -> Value:
    session = scope.session
    session.mark = None
    marks: dict[str, Mark] = {}
    all_marked = False
    items: dict[str, Value] = {}
    rest: Opaque | None = None
    for key_expr, value_expr in expr.items:
        key = evaluate(key_expr, scope)
        key_mark, session.mark = session.mark, None
        value = evaluate(value_expr, scope)
        if key is None:
            raise EvalError("the key of an object is null", key_expr.span)
        text = convert(key, STRING)
        if isinstance(text, str):
            items[text] = value
        else:
            rest = Unknown(merge_causes([text]))
            scope.session.doubt(rest)
            # The unknown key may be one of those above, whose value it then replaces.
            items = {k: choose([v, value], rest.causes) for k, v in items.items()}
        if key_mark is not None or session.mark is not None:
            if key_mark is None and isinstance(text, str):
                marks[text] = session.mark
            else:
                all_marked = True
            session.mark = None
    session.mark = PARTLY if all_marked else marks or None
    return _bounded(MapValue(items, "object", {}, rest), session, expr.span, new=len(items))


def _for(expr: ast.ForTuple | ast.ForObject, scope: Scope) -> Value:
    from vpce_checks.terraform.lang.for_expr import for_object, for_tuple

    session = scope.session
    session.mark = None  # resolve() adds what was before
    collection = evaluate(expr.collection, scope)
    over = session.take_mark()

    def body(part: ast.Expr, bindings: Mapping[str, Value], mark: Mark) -> Value:
        return evaluate(part, scope.bind(bindings, NO_MARKS if mark is None else {expr.value_name: mark}))

    try:
        if isinstance(expr, ast.ForTuple):
            value = for_tuple(expr, collection, over, body, session)
        else:
            value = for_object(expr, collection, over, body, session)
    except EvalError:
        session.note_mark(whole(over))  # the message may tell what is sensitive
        raise
    return _bounded(value, session, expr.span, new=_length(value))


def _length(value: Value) -> int:
    return len(value.items) if isinstance(value, ListValue | MapValue) else 1


def _bounded(value: Value, session: Session, span: Span, *, new: int | None = None) -> Value:
    """Return a new value, or an unknown if it passes a bound. ``new`` items count, by default all of them."""
    size = weight(value)
    if size > MAX_WEIGHT:
        return session.refuse(f"a collection holds more than {MAX_WEIGHT:,} values", span)
    return value if session.can_hold(size if new is None else new) else session.give_up(TOO_LARGE, span)


def _call(expr: ast.Call, scope: Scope) -> Value:
    name = expr.name.removeprefix("core::")
    if name == "try":
        return _try(list(expr.args), scope, expr.span)
    if name == "can":
        return _can(expr, scope)
    if name in _ABOUT_MARKS and len(expr.args) == 1 and not expr.expand:
        return _ABOUT_MARKS[name](expr.args[0], scope)
    function = scope.session.functions.get(name) or functions.find(name)
    if function is None and name.startswith("provider::"):
        opaque = Unknown((Cause(f"{name}() is a provider function, which vpce-checks does not evaluate", expr.span),))
        scope.session.doubt(opaque)
        return opaque
    if function is None:
        opaque = Unknown((Cause(f"unknown function {name}()", expr.span),))
        scope.session.doubt(opaque)
        return opaque
    args = [evaluate(arg, scope) for arg in expr.args]
    if expr.expand:
        last = args.pop()
        if last is None:
            raise EvalError("null cannot be expanded into arguments", expr.span)
        if not isinstance(last, ListValue) or not last.exact:
            scope.session.doubt(Unknown(merge_causes([last])))
            if name in ("merge", "concat", "setunion"):
                # The known arguments are still in the result, next to what the expanded list brings.
                return functions.call(function, [*args, Unknown(merge_causes([last]))], _CallSite(scope, expr.span))
            return Unknown(merge_causes([last, *args]), function.returns)
        args.extend(last.items)
    if not scope.session.step(1 + sum(map(weight, args)) // VALUES_FOR_A_STEP):
        return scope.session.give_up(TOO_MANY_STEPS, expr.span)
    with path_untold() if scope.session.mark is not None else nullcontext():
        try:
            value = functions.call(function, args, _CallSite(scope, expr.span))
        except EvalError as error:
            if 0 < error.null_argument <= len(expr.args) - expr.expand:
                error.message += in_brackets(expr.args[error.null_argument - 1])
            error.null_argument = 0
            raise
    return value if name in _SELECTS else _bounded(value, scope.session, expr.span)


def _sensitive(expr: ast.Expr, scope: Scope) -> Value:
    withhold_texts()
    value = evaluate(expr, scope)
    scope.session.mark = SENSITIVE
    return value


def _nonsensitive(expr: ast.Expr, scope: Scope) -> Value:
    value = evaluate(expr, scope)
    scope.session.mark = None  # resolve() adds what was before
    return value


def _issensitive(expr: ast.Expr, scope: Scope) -> Value:
    session = scope.session
    session.mark = None
    value = evaluate(expr, scope)
    mark, session.mark = session.mark, None
    if mark is SENSITIVE:
        return True
    if mark is None and is_known(value) and not session.has_passed_over:
        return False
    return Unknown((Cause("cannot determine whether Terraform treats this as sensitive", expr.span),), "bool")


def _ephemeralasnull(expr: ast.Expr, scope: Scope) -> Value:
    """Return null for what is ephemeral. It has the same mark as what is only sensitive: then either may be returned."""
    session = scope.session
    session.mark = None
    value = evaluate(expr, scope)
    if session.mark is None and not session.has_passed_over:
        return value
    return choose([value, None], (Cause("cannot determine whether Terraform treats this as ephemeral", expr.span),))


_ABOUT_MARKS: dict[str, Callable[[ast.Expr, Scope], Value]] = {
    "sensitive": _sensitive,
    "nonsensitive": _nonsensitive,
    "issensitive": _issensitive,
    "ephemeralasnull": _ephemeralasnull,
}
"""Functions that look at marks. The evaluator has them itself, as values carry no marks."""


def _try(args: list[ast.Expr], scope: Scope, span: Span) -> Value:
    if not args:
        raise EvalError("try() needs at least one argument", span)
    session = scope.session
    failure: EvalError | None = None
    for position, arg in enumerate(args):
        with session.separate_doubts() as doubts:
            try:
                value = evaluate(arg, scope)
            except EvalError as error:
                failure = error
                if session.mark is not None:
                    session.mark = PARTLY  # what comes of it depends on it, though Terraform does not mark that
                continue
        if not doubts:
            return value
        rest = args[position + 1 :]
        if not rest:
            for doubt in doubts:
                session.doubt(doubt)
            return value
        try:
            otherwise = _try(rest, scope, span)
        except EvalError:
            for doubt in doubts:
                session.doubt(doubt)
            return value
        from vpce_checks.terraform.lang.branches import join

        return join(value, otherwise, Unknown(merge_causes(doubts)))
    assert failure is not None
    raise failure


def _can(expr: ast.Call, scope: Scope) -> Value:
    if len(expr.args) != 1:
        raise EvalError("can() takes one argument", expr.span)
    session = scope.session
    with session.separate_doubts() as doubts:
        try:
            evaluate(expr.args[0], scope)
        except EvalError:
            return False
        finally:
            if session.mark is not None:
                session.mark = PARTLY
    return Unknown(merge_causes(doubts), "bool") if doubts else True


class _CallSite:
    """What a function may ask the evaluator (see functions.contract.Environment)."""

    __slots__ = ("_scope", "span")

    def __init__(self, scope: Scope, span: Span) -> None:
        self._scope = scope
        self.span = span

    @property
    def base_directory(self) -> str:
        return self._scope.session.root

    @property
    def places(self) -> Places:
        return self._scope.session.places

    def laid_over(self, path: str) -> str | Unknown | None:
        look = self._scope.session.laid_over
        return None if look is None else look(path)

    def written_in(self, directory: str) -> Mapping[str, Unknown | None]:
        look = self._scope.session.written_in
        return {} if look is None else look(directory)

    def doubt(self, opaque: Opaque) -> None:
        self._scope.session.doubt(opaque)

    def shown(self, text: str) -> str:
        return text if self._scope.session.mark is None else SENSITIVE_TEXT

    def render_template(self, text: str, variables: Mapping[str, Value], name: str) -> Value:
        from vpce_checks.terraform.syntax.fragments import parse_template

        def no_namespace(root: str, span: Span) -> Value:
            raise EvalError(f"{name} uses {root}, which is not among the variables given to it", span)

        scope = Scope(self._scope.session, no_namespace, variables)
        value = evaluate(parse_template(text, name), scope)
        return value if isinstance(value, Opaque) else convert(value, STRING)


_EVALUATORS: dict[type, Callable[..., Value | Namespace]] = {
    ast.Literal: _literal,
    ast.Template: _template,
    ast.TemplateWrap: _template_wrap,
    ast.TemplateIf: _template_if,
    ast.TemplateFor: _template_for,
    ast.Name: _name,
    ast.GetAttr: _get_attr,
    ast.Index: _index,
    ast.SplatItem: _splat_item,
    ast.Splat: _splat,
    ast.Call: _call,
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.Conditional: _conditional,
    ast.TupleCons: _tuple,
    ast.ObjectCons: _object,
    ast.ForTuple: _for,
    ast.ForObject: _for,
    ast.Invalid: _invalid,
}

_KEEPING_ATTRIBUTES_APART = (
    ast.Name,
    ast.GetAttr,
    ast.Index,
    ast.TemplateWrap,
    ast.Conditional,
    ast.ObjectCons,
    ast.ForObject,
)
_COLLECTING = (ast.TupleCons, ast.ForTuple, ast.Splat)
"""Functions whose result may hold sensitive elements but is not sensitive as a whole."""

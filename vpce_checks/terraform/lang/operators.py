"""Terraform's operators over partly known values.

https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from decimal import Decimal

from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    merge_causes,
)
from vpce_checks.terraform.types.convert import BOOL, NUMBER, convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.numbers import TooLarge, add, divide, modulo, multiply, negate, subtract

_ARITHMETIC = {"+": add, "-": subtract, "*": multiply, "/": divide, "%": modulo}


def not_(operand: Value) -> Value:
    """``!operand``"""
    value = _bool(operand)
    return (not value) if isinstance(value, bool) else Unknown(merge_causes([value]), "bool")


def minus(operand: Value) -> Value:
    """``-operand``"""
    value = _number(operand)
    return Unknown(merge_causes([value]), "number") if isinstance(value, Opaque) else negate(value)


def and_(left: Value, right: Value) -> Value:
    """``left && right``: false as soon as one side is."""
    a, b = _bool(left), _bool(right)
    if a is False or b is False:
        return False
    return True if a is True and b is True else Unknown(merge_causes([a, b]), "bool")


def or_(left: Value, right: Value) -> Value:
    """``left || right``: true as soon as one side is."""
    a, b = _bool(left), _bool(right)
    if a is True or b is True:
        return True
    return False if a is False and b is False else Unknown(merge_causes([a, b]), "bool")


def arithmetic(operator: str, left: Value, right: Value) -> Value:
    """``+ - * / %`` on numbers; strings that look like numbers are numbers."""
    a, b = _number(left), _number(right)
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        return Unknown(merge_causes([a, b]), "number")
    try:
        return _ARITHMETIC[operator](a, b)
    except TooLarge:
        return Unknown((Cause(f"the result of {operator} is too large to be computed here"),), "number")


def compare(operator: str, left: Value, right: Value) -> Value:
    """``< > <= >=`` on numbers."""
    a, b = _number(left), _number(right)
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        return Unknown(merge_causes([a, b]), "bool")
    if operator == "<":
        return a < b
    if operator == ">":
        return a > b
    return a <= b if operator == "<=" else a >= b


def equals(left: Value, right: Value) -> Value:
    """``left == right``: values of different types are different. Of what type the members of an empty list, set or map
    would be is not known here, and Terraform tells by it (``slice(var.names, 0, 0) == tolist([])`` is false)."""
    answer = _equals(left, right)
    if answer is not None:
        return answer
    causes = merge_causes([left, right]) or (Cause("what two empty collections are of, and so whether they are equal"),)
    return Unknown(causes, "bool")


def _equals(left: Value, right: Value) -> bool | None:
    if isinstance(left, Unknown) and left.one_of:
        return _agreed(_equals(member, right) for member in left.one_of)
    if isinstance(right, Unknown) and right.one_of:
        return _agreed(_equals(left, member) for member in right.one_of)
    if isinstance(left, Opaque) or isinstance(right, Opaque):
        return _opaque_equals(left, right)
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, PartialString) or isinstance(right, PartialString):
        return _partial_equals(left, right)
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        if left.kind != right.kind:
            return False
        if not left.exact or not right.exact:
            return None
        if len(left.items) != len(right.items):
            return False if left.kind != "set" or (_all_known(left) and _all_known(right)) else None
        if not left.items:
            return True if left.kind == "tuple" else None
        if left.kind == "set" and not (_all_known(left) and _all_known(right)):
            return True if left == right and not _has_unknown(left) else None
        return _all(_equals(a, b) for a, b in zip(left.items, right.items, strict=True))
    if isinstance(left, MapValue) and isinstance(right, MapValue):
        if left.kind != right.kind:
            return False
        if not left.exact or not right.exact:
            return None
        if left.items.keys() != right.items.keys():
            return False
        if not left.items:
            return True if left.kind == "object" else None
        return _all(_equals(left.items[key], right.items[key]) for key in left.items)
    if type(left) is type(right) or (isinstance(left, int | Decimal) and isinstance(right, int | Decimal)):
        return left == right
    return False


def _opaque_equals(left: Value, right: Value) -> bool | None:
    if isinstance(left, Reference) and isinstance(right, Reference):
        return True if left == right else None
    for one, other in ((left, right), (right, left)):
        # An attribute that AWS assigns (an id, an ARN) is neither null nor empty nor anything but a string.
        if isinstance(one, Reference) and one.kind == "resource" and one.path:
            return None if isinstance(other, str | Opaque | PartialString) and other != "" else False
    return None


def _partial_equals(left: Value, right: Value) -> bool | None:
    if left == right and not _has_unknown(left):
        return True
    for one, other in ((left, right), (right, left)):
        if isinstance(one, PartialString):
            if not isinstance(other, str | PartialString):
                return False
            first, last = one.parts[0], one.parts[-1]
            if isinstance(other, str):
                if isinstance(first, str) and not other.startswith(first):
                    return False
                if isinstance(last, str) and not other.endswith(last):
                    return False
                if len(other) < sum(len(part) for part in one.parts if isinstance(part, str)):
                    return False
    return None


def _has_unknown(value: object) -> bool:
    # Two Unknowns with the same causes are not the same value, two References are.
    if isinstance(value, PartialString):
        return any(isinstance(part, Unknown) for part in value.parts)
    if isinstance(value, ListValue):
        return any(_has_unknown(item) for item in value.items)
    if isinstance(value, MapValue):
        return any(_has_unknown(item) for item in value.items.values())
    return isinstance(value, Unknown)


def _all_known(value: ListValue) -> bool:
    return not any(isinstance(item, Opaque | PartialString) for item in value.items)


def _all(answers: object) -> bool | None:
    result: bool | None = True
    for answer in answers:  # type: ignore[attr-defined]
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


def _agreed(answers: object) -> bool | None:
    found = set(answers)  # type: ignore[call-overload]
    return found.pop() if len(found) == 1 else None


def _bool(value: Value) -> bool | Opaque:
    if value is None:
        raise EvalError("a condition is null where true or false is needed")
    converted = convert(value, BOOL)
    if isinstance(converted, bool | Opaque):
        return converted
    return Unknown(merge_causes([converted]), "bool")


def _number(value: Value) -> int | Decimal | Opaque:
    if value is None:
        raise EvalError("a value is null where a number is needed")
    converted = convert(value, NUMBER)
    if isinstance(converted, Opaque):
        return converted
    if isinstance(converted, int | Decimal) and not isinstance(converted, bool):
        return converted
    return Unknown(merge_causes([converted]), "number")

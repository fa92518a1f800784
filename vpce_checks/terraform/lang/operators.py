"""Terraform's operators over partly known values.

https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from decimal import Decimal

from vpce_checks.model.values import (
    Cause,
    Opaque,
    Unknown,
    Value,
    merge_causes,
)
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.equality import equals
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.numbers import TooLarge, add, divide, modulo, multiply, negate, subtract
from vpce_checks.terraform.types.types import BOOL, NUMBER

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
        decided = _by_bound(operator, a, b)
        return Unknown(merge_causes([a, b]), "bool") if decided is None else decided
    if operator == "<":
        return a < b
    if operator == ">":
        return a > b
    return a <= b if operator == "<=" else a >= b


def _by_bound(operator: str, left: int | Decimal | Opaque, right: int | Decimal | Opaque) -> bool | None:
    """Return what the possible values or the lower bound of one side decide; None if they decide nothing."""
    if isinstance(right, Opaque):
        if isinstance(left, Opaque):
            return None
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}[operator]
        return _by_bound(mirrored, right, left)
    assert isinstance(left, Opaque)
    possible = left.one_of if isinstance(left, Unknown) else ()
    if possible and not any(isinstance(each, Opaque) for each in possible):
        answers = {compare(operator, each, right) is True for each in possible}
        return answers.pop() if len(answers) == 1 else None
    if left.least <= 0:
        return None
    if operator in (">", "<="):
        return operator == ">" if left.least > right else None
    return operator == ">=" if left.least >= right else None


def equal(left: Value, right: Value) -> Value:
    """``left == right``"""
    answer = equals(left, right)
    if answer is not None:
        return answer
    causes = merge_causes([left, right]) or (Cause("cannot determine the element types of two empty collections"),)
    return Unknown(causes, "bool")


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

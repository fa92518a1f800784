"""Type constraints: the type that a ``type = ...`` expression means.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints (``optional()`` included)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vpce_checks.model.values import Value
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.types.convert import MAX_DEPTH, convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)

_LEGACY: Mapping[str, Type] = {"string": STRING, "list": ListType(ANY), "map": MapType(ANY)}
_KEYWORDS: Mapping[str, Type] = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "any": ANY,
    # Terraform refuses a bare collection keyword only since 0.12; what is meant has never been in doubt
    "list": ListType(ANY),
    "set": SetType(ANY),
    "map": MapType(ANY),
}
_COLLECTIONS: Mapping[str, Callable[[Type], Type]] = {"list": ListType, "set": SetType, "map": MapType}


def parse_type(expr: ast.Expr, evaluate_default: Callable[[ast.Expr], Value], depth: int = 0) -> Type:
    """The type that a ``type = ...`` expression means. ``evaluate_default`` gives the second argument of ``optional``.

    Raises EvalError, with the span at fault.
    """
    if depth > MAX_DEPTH:
        raise EvalError("type constraint nested too deeply", expr.span)
    if isinstance(expr, ast.TemplateWrap):
        return parse_type(expr.expr, evaluate_default, depth + 1)
    if isinstance(expr, ast.Literal):
        # "string", "list" and "map" in quotes: the way of Terraform 0.11
        if isinstance(expr.value, str) and expr.value in _LEGACY:
            return _LEGACY[expr.value]
        raise EvalError("invalid type specification", expr.span)
    if isinstance(expr, ast.Name):
        found = _KEYWORDS.get(expr.name)
        if found is None:
            raise EvalError(f'the keyword "{expr.name}" is not a valid type specification', expr.span)
        return found
    if not isinstance(expr, ast.Call):
        raise EvalError("invalid type specification", expr.span)
    if expr.name not in ("list", "set", "map", "tuple", "object"):
        raise EvalError(f'the keyword "{expr.name}" is not a valid type constructor', expr.span)
    if len(expr.args) != 1:
        raise EvalError(f"the {expr.name} type constructor requires one argument", expr.span)
    argument = expr.args[0]
    if expr.name in _COLLECTIONS:
        return _COLLECTIONS[expr.name](parse_type(argument, evaluate_default, depth + 1))
    if expr.name == "tuple":
        if not isinstance(argument, ast.TupleCons):
            raise EvalError("the tuple type constructor requires a list of element types", argument.span)
        return TupleType(tuple(parse_type(item, evaluate_default, depth + 1) for item in argument.items))
    if not isinstance(argument, ast.ObjectCons):
        raise EvalError("the object type constructor requires a map of attribute types", argument.span)
    attributes: dict[str, Attribute] = {}
    for key, item in argument.items:
        if not (isinstance(key, ast.Literal) and isinstance(key.value, str)):
            raise EvalError("object type constructor keys must be attribute names", key.span)
        if key.value in attributes:
            raise EvalError("object type constructor keys must be unique", key.span)
        attributes[key.value] = _parse_attribute(item, evaluate_default, depth + 1)
    return ObjectType(attributes)


def _parse_attribute(expr: ast.Expr, evaluate_default: Callable[[ast.Expr], Value], depth: int) -> Attribute:
    if not (isinstance(expr, ast.Call) and expr.name == "optional"):
        return Attribute(parse_type(expr, evaluate_default, depth))
    if not 1 <= len(expr.args) <= 2:
        raise EvalError("optional() takes the attribute type and, if wanted, a default value", expr.span)
    kind = parse_type(expr.args[0], evaluate_default, depth)
    if len(expr.args) == 1:
        return Attribute(kind, optional=True)
    default = evaluate_default(expr.args[1])
    try:
        # absent attributes inside the default get their own defaults, as in Terraform
        return Attribute(kind, optional=True, default=convert(default, kind))
    except EvalError as error:
        raise EvalError(
            f"this default value is not compatible with the attribute's type: {error.message}", expr.args[1].span
        ) from None

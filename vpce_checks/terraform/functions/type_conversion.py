"""Type conversion functions: https://developer.hashicorp.com/terraform/language/functions/tolist and its siblings."""

from __future__ import annotations

from vpce_checks.terraform.errors import EvalError
from vpce_checks.terraform.functions.contract import Environment, Function
from vpce_checks.terraform.functions.declare import declare
from vpce_checks.terraform.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    ListType,
    MapType,
    SetType,
    Type,
    convert,
    is_certain_string,
)
from vpce_checks.values import ListValue, MapValue, Opaque, PartialString, Reference, Value, opaque_parts, unknown


def _to(name: str, kind: Type, returns: str) -> Function:
    def to(environment: Environment, value: Value) -> Value:
        try:
            result = convert(value, kind)
        except EvalError as error:
            raise EvalError(f"{name}(): {error.message}") from None
        if isinstance(value, (Opaque, ListValue, MapValue, PartialString)):
            for part in opaque_parts(value):
                if part.type not in (returns, "string") and not _fits(part, returns):
                    environment.doubt(part)
        return result

    return declare(name, to, "any?", returns=returns, partial=True)


def _fits(part: Opaque, returns: str) -> bool:
    return isinstance(part, Reference) and is_certain_string(part) and returns not in ("number", "bool")


def _same(environment: Environment, value: Value) -> Value:
    # what is sensitive or ephemeral is hidden from people, not another value
    return value


def _issensitive(environment: Environment, value: Value) -> Value:
    return unknown("issensitive(): sensitivity is not followed", environment.span, "bool")


def _type(environment: Environment, value: Value) -> Value:
    raise EvalError("the type function is only available in terraform console")


FUNCTIONS = {
    function.name: function
    for function in (
        _to("tostring", STRING, "string"),
        _to("tonumber", NUMBER, "number"),
        _to("tobool", BOOL, "bool"),
        _to("tolist", ListType(ANY), "list"),
        _to("toset", SetType(ANY), "set"),
        _to("tomap", MapType(ANY), "map"),
        declare("sensitive", _same, "any?", partial=True),
        declare("nonsensitive", _same, "any?", partial=True),
        declare("ephemeralasnull", _same, "any?", partial=True),
        declare("issensitive", _issensitive, "any?", returns="bool", partial=True),
        declare("type", _type, "any?", partial=True),
    )
}

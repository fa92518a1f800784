"""Declaring a built-in function: its parameter types, as Terraform checks and converts them before the call."""

from __future__ import annotations

from vpce_checks.model.values import (
    Opaque,
    PartialString,
    Reference,
    Value,
    is_known,
    opaque_parts,
)
from vpce_checks.terraform.lang.functions.contract import Environment, Function, Implementation
from vpce_checks.terraform.lang.functions.partly_known import opaque_from
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.doubts import is_certain_string
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import ANY, BOOL, NUMBER, STRING, ListType, MapType, SetType, Type

_TYPES: dict[str, Type] = {
    "any": ANY,
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "list": ListType(ANY),
    "set": SetType(ANY),
    "strings": ListType(STRING),
    "bools": ListType(BOOL),
    "map-of-strings": MapType(ListType(STRING)),
}


def declare(
    name: str,
    implementation: Implementation,
    parameters: str = "",
    rest: str | None = None,
    *,
    returns: str | None = None,
    partial: bool = False,
) -> Function:
    """Declare a function whose ``parameters`` are type words (``string number any?``), with further arguments of ``rest``.

    A ``?`` lets null through; elsewhere null is an error. ``implementation`` gets the arguments converted. Without
    ``partial``, it gets them only if all are known.
    """
    words = parameters.split()
    kinds = [_read(word) for word in words]
    variadic = _read(rest) if rest else None

    def checked(environment: Environment, *args: Value) -> Value:
        converted: list[Value] = []
        for position, value in enumerate(args):
            kind, nullable = kinds[position] if position < len(kinds) else variadic or (ANY, True)
            if value is None:
                if not nullable:
                    message = f"argument {position + 1} of {name}() must not be null"
                    raise EvalError(message, null_argument=position + 1)
                converted.append(None)
                continue
            if kind == ANY:
                if isinstance(value, Opaque) and not nullable:
                    environment.doubt(value)
                converted.append(value)
                continue
            try:
                result = convert(value, kind)
            except EvalError as error:
                raise EvalError(f"argument {position + 1} of {name}(): {error.message}") from None
            if isinstance(value, Opaque) and kind != STRING:
                environment.doubt(value)
            elif not is_known(value) and not isinstance(value, PartialString):
                _doubt_parts(environment, value, "" if isinstance(kind, MapType) else kind_word(kind))
            elif isinstance(value, PartialString) and kind != STRING:
                environment.doubt(opaque_from((value,)))
            converted.append(result)
        return implementation(environment, *converted)

    return Function(name, len(kinds), None if variadic else len(kinds), checked, partial, returns)


def _read(word: str) -> tuple[Type, bool]:
    return _TYPES[word.rstrip("?")], word.endswith("?")


def kind_word(kind: Type) -> str:
    """``string``, ``number`` ... of the values that a parameter type consists of."""
    while isinstance(kind, (ListType, SetType, MapType)):
        kind = kind.element
    return getattr(kind, "name", "any")


def _doubt_parts(environment: Environment, value: Value, word: str) -> None:
    """Doubt a call if a part of its argument may turn out to be null, or of another type than ``word``."""
    for opaque in opaque_parts(value):
        certain = isinstance(opaque, Reference) and is_certain_string(opaque)
        if not (certain and word in ("string", "any")) and (word != "string" or opaque.type != "string"):
            environment.doubt(opaque)


def whole_number(value: Value, what: str) -> int:
    """Return a known number that must be whole. Raises EvalError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise EvalError(f"{what} must be a whole number")
    return value


def byte_order(text: str) -> bytes:
    """Return the key to sort strings by, as Go compares them."""
    return text.encode("utf-8", "surrogatepass")


def withdrawn(name: str, instead: str) -> Function:
    """Return a function that Terraform refuses, and that names its replacement."""

    def refuse(environment: Environment, *args: Value) -> Value:
        raise EvalError(f'Terraform 0.15 removed the function "{name}"; use {instead}')

    return declare(name, refuse, rest="any?", partial=True)

"""Terraform's types: https://developer.hashicorp.com/terraform/language/expressions/type-constraints"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, Union

from vpce_checks.base.record import record
from vpce_checks.model.values import Value


@record
class Primitive:
    """``string``, ``number``, ``bool`` or ``any``"""

    name: str


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
ANY = Primitive("any")
"""Any type: a constraint that accepts everything; as the type of a value, that of ``null``."""


@record
class ListType:
    """``list(element)``"""

    element: Type


@record
class SetType:
    """``set(element)``"""

    element: Type


@record
class MapType:
    """``map(element)``"""

    element: Type


@record
class TupleType:
    """``tuple([elements...])``"""

    elements: tuple[Type, ...]


@record
class Attribute:
    """One attribute of an object type. ``default`` (None: null) stands in for an optional one that is null or absent."""

    type: Type
    optional: bool = False
    default: Value = None


@record
class ObjectType:
    """``object({name = type, ...})``"""

    attributes: Mapping[str, Attribute]


Type: TypeAlias = Union[Primitive, ListType, SetType, MapType, TupleType, ObjectType]


def describe(kind: Type) -> str:
    """A type as Terraform's messages name it: ``list of string``, ``object`` ..."""
    if isinstance(kind, Primitive):
        return "any type" if kind is ANY else kind.name
    if isinstance(kind, (ListType, SetType, MapType)):
        return f"{_HINTS[type(kind)]} of {describe(kind.element)}"
    return "tuple" if isinstance(kind, TupleType) else "object"


_HINTS: Mapping[type, str | None] = {
    ListType: "list",
    SetType: "set",
    MapType: "map",
    ObjectType: "object",
    TupleType: None,
}


def hint_of(kind: Type) -> str | None:
    """The ``Opaque.type`` for values of a type."""
    if isinstance(kind, Primitive):
        return None if kind == ANY else kind.name
    return _HINTS[type(kind)]


def type_key(kind: Type | None) -> object:
    """What two types have in common if and only if they are the same type (defaults aside)."""
    if isinstance(kind, ObjectType):
        return ("object", tuple((name, type_key(kind.attributes[name].type)) for name in sorted(kind.attributes)))
    if isinstance(kind, TupleType):
        return ("tuple", tuple(type_key(element) for element in kind.elements))
    if isinstance(kind, (ListType, SetType, MapType)):
        return (type(kind).__name__, type_key(kind.element))
    return kind

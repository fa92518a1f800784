"""The values of variables and data sources that ``links`` of the policy says: objects of other roots."""

from __future__ import annotations

from collections.abc import Callable

from vpce_checks.base.record import replace
from vpce_checks.model.links import Linked, Shape
from vpce_checks.model.values import Cause, ListValue, MapValue, Reference, Unknown, Value, unknown
from vpce_checks.terraform.lang.scope import Session
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.types import ANY, MapType, ObjectType, Primitive, Type

_HOLDERS = ("value", "insecure_value")
"""Attributes of data sources that read a text, such as an id: aws_ssm_parameter, aws_cloudformation_export."""


def linked_variable(name: str, declared: Callable[[], Type], session: Session) -> Value:
    """Return the value of the root variable ``name`` that a link says, as its ``declared`` type. None if it is not linked.

    A link that does not fit the type is an error.
    """
    linked = session.outside.linked(f"var.{name}") if session.outside is not None else None
    if linked is None:
        return None
    type = declared()
    problem = linked.misfit(f"var.{name}", _shape(type)) if type != ANY else ""
    if not problem:
        try:
            # As it would be written: [a, b].
            value = ListValue(linked.objects, "tuple") if linked.is_list else linked.value
            return convert(value, type)
        except EvalError as error:
            problem = f"var.{name} is linked to objects that do not fit its type: {error.message}"
    session.fail(problem, linked.span)
    return unknown(problem, linked.span)


def _shape(type: Type) -> Shape:
    if isinstance(type, Primitive):
        return "one"
    return "map" if isinstance(type, (MapType, ObjectType)) else "list"


def _linked_value(session: Session, input: str) -> Value:
    linked = session.outside.linked(input) if session.outside is not None else None
    return linked.value if linked is not None else None


def linked_attribute(session: Session, data: str, name: str) -> Value:
    """Return attribute ``name`` of the data source ``data``, which is an object or has one among its values."""
    outside = session.outside
    if outside is None:
        return None
    linked = outside.linked(data)
    if linked is not None:
        return _attribute(linked, name)
    below = f"{data}.{name}"
    if below in outside.links():
        return _linked_value(session, below)
    inside = {
        input.removeprefix(f"{below}."): _linked_value(session, input)
        for input in outside.links()
        if input.startswith(f"{below}.")
    }
    if not inside:
        return None
    return MapValue(inside, "object", rest=Unknown((Cause(f"the policy links only a part of {below}"),)))


def _attribute(linked: Linked, name: str) -> Value:
    """Return an attribute of a linked data source: its ids, or what the object has by that name. None: not said."""
    if name == "ids":
        return linked.values
    if name in (*_HOLDERS, "id"):
        return linked.value
    if linked.is_list:
        return None
    found = linked.objects[0]
    return replace(found, path=(name,)) if isinstance(found, Reference) else found

"""The values of variables and data sources that ``links`` of the policy says: objects of other roots."""

from __future__ import annotations

from vpce_checks.base.record import replace
from vpce_checks.model.links import Linked
from vpce_checks.model.values import Cause, MapValue, Reference, Unknown, Value
from vpce_checks.terraform.lang.scope import Session

_HOLDERS = ("value", "insecure_value")
"""Attributes of data sources that read a text, such as an id: aws_ssm_parameter, aws_cloudformation_export."""


def linked_value(session: Session, input: str) -> Value:
    """Return the value of a linked input: the id of the object, or a list of ids. None if it is not linked."""
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
        return linked_value(session, below)
    inside = {
        input.removeprefix(f"{below}."): linked_value(session, input)
        for input in outside.links()
        if input.startswith(f"{below}.")
    }
    if not inside:
        return None
    return MapValue(inside, "object", rest=Unknown((Cause(f"the policy links only a part of {below}"),)))


def _attribute(linked: Linked, name: str) -> Value:
    """Return an attribute of a linked data source: its ids, or what the object has by that name. None: not said."""
    if name in (*_HOLDERS, "id", "ids"):
        return linked.value
    if linked.is_list:
        return None
    found = linked.objects[0]
    return replace(found, path=(name,)) if isinstance(found, Reference) else found

"""Links: the user says that an input of one root is an object that another root creates (``links`` of the policy)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span
from vpce_checks.model.values import ListValue, Value


@record
class Target:
    """An object of another root: ``root`` is the root's path (absolute), ``deployment`` the name of one of several
    deployments of it, ``address`` the object's own address there."""

    root: str
    address: str
    deployment: str = ""


@record
class Link:
    """``input`` of the root at ``root`` (absolute) is ``targets``: one object, or the list of them (``is_list``).

    An input is a variable (``var.vpc_id``), a data source or an attribute of one (``data.aws_vpc.main``,
    ``data.terraform_remote_state.net.outputs.vpc_id``), or the name of a template's parameter. ``span`` is the place that
    says so.
    """

    root: str
    input: str
    targets: tuple[Target, ...]
    is_list: bool
    span: Span


Shape: TypeAlias = Literal["one", "list", "map"]
"""What an input takes."""

_SHAPES: dict[Shape, str] = {"one": "one value", "list": "a list", "map": "a map"}


@record
class Linked:
    """What a link makes of an input: ``objects`` are references to the objects, or unknown with the reason.

    ``span`` is the place of the link."""

    objects: tuple[Value, ...]
    is_list: bool
    span: Span

    @property
    def value(self) -> Value:
        """The id of the object, or the list of ids."""
        return self.values if self.is_list else self.objects[0]

    @property
    def values(self) -> Value:
        """The list of ids, also of a single object."""
        return ListValue(self.objects, "list")

    def misfit(self, input: str, takes: Shape) -> str:
        """Return what is wrong if ``input`` does not take this: one object, or a list of them. Nothing is the empty text."""
        if takes == ("list" if self.is_list else "one"):
            return ""
        shape = "a list of objects" if self.is_list else "one object"
        return f"{input} is linked to {shape}, but takes {_SHAPES[takes]}"

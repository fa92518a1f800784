"""What a fix changes in the code, as data. The text in reports and the edits of ``vpce-checks fix`` are made of the same."""

from __future__ import annotations

from typing import TypeAlias

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span

ONE_ZONE = "AWS refuses two of one zone, and the code does not show the zones"
"""The hint about subnets whose zones are not known."""

SAME_ZONE = "name one of each zone: AWS refuses two of one"
"""The hint about subnets of which some are in one zone."""

SUBNETS_OF_ONE_ZONE = "some of its subnets are in one zone, and AWS refuses two of one"
"""Why an endpoint is left to a person."""


Written: TypeAlias = bool | str
"""What an argument is set to."""


class Expression(str):
    """An expression. It is written as it is; a plain string is quoted."""


@record
class Addition:
    """A block of Terraform, or a resource of a template, to add to ``file`` after the declaration at ``after``.

    ``code`` is what to add, as it would stand at the outermost level. ``blanks`` says what of it a person has to fill in.
    """

    file: str
    code: str
    after: Span
    blanks: tuple[str, ...] = ()


@record
class Setting:
    """Values to set in what ``path`` names in the module or template that ``file`` belongs to.

    The path is ``("resource", TYPE, NAME)``, ``("module", NAME)`` or ``("module", NAME, ARGUMENT, KEY)`` (the entry of
    a map) in Terraform, and ``(LOGICAL ID,)`` in a template. A list is an :class:`Expression`; what a list in the code
    has stays in it.
    """

    file: str
    path: tuple[str, ...]
    values: tuple[tuple[str, Written], ...]


@record
class Replacement:
    """A literal at ``span``, to be replaced by ``value``."""

    span: Span
    value: Written

    @property
    def file(self) -> str:
        """The file that it stands in."""
        return self.span.file


@record
class Removal:
    """The entry ``key`` of the resource ``name`` of a template, to be removed."""

    file: str
    name: str
    key: str


Change: TypeAlias = Addition | Setting | Replacement | Removal

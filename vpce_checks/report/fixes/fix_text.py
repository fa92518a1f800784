"""The text of a fix."""

from __future__ import annotations

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span
from vpce_checks.report.fixes.changes import Change


@record
class Added:
    """An endpoint that a fix adds, to be compared with those that the same code needs for others. ``vpc`` and ``tables`` are
    the expressions of its VPC and of its route tables, ``rest`` is all else but the service."""

    vpc: str
    tables: str
    rest: str


@record
class FixText:
    """Code for ``file``, with ``where`` saying what to do there ("add to"). Or words, if ``where`` is empty.

    ``at`` is the place that the change is for, if it is not the field itself. ``changes`` are the same as data: they are
    all made, or none. Where there are none for code, ``by_hand`` says why a person has to make them. ``added`` is the
    endpoint that is added to code of Terraform.
    """

    text: str
    where: str = ""
    file: str = ""
    at: Span | None = None
    changes: tuple[Change, ...] = ()
    by_hand: str = ""
    added: Added | None = None

"""The text of a fix."""

from __future__ import annotations

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span


@record
class FixText:
    """Code for ``file``, with ``where`` saying what to do there ("add to"). Or words, if ``where`` is empty.

    ``at`` is the place that the change is for, if it is not the field itself.
    """

    text: str
    where: str = ""
    file: str = ""
    at: Span | None = None

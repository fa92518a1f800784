"""The text of a fix."""

from __future__ import annotations

from vpce_checks.base.record import record


@record
class FixText:
    """Code for ``file``, with ``where`` saying what to do there ("add to"). Or words, if ``where`` is empty."""

    text: str
    where: str = ""
    file: str = ""

"""The text of a fix."""

from __future__ import annotations

from typing import NamedTuple


class FixText(NamedTuple):
    """Code for ``file``, with ``where`` saying what to do there ("add to"). Or words, if ``where`` is empty."""

    text: str
    where: str = ""
    file: str = ""

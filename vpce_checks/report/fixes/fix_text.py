"""A fix as a report shows it."""

from __future__ import annotations

from typing import NamedTuple


class FixText(NamedTuple):
    """Code, with ``where`` before the ``file`` that it is for ("add to"); or words, with ``where`` empty."""

    text: str
    where: str = ""
    file: str = ""

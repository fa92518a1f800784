"""A fix as a report shows it."""

from __future__ import annotations

from vpce_checks.base.hints import NamedTuple


class FixText(NamedTuple):
    """Code, with ``where`` before the ``file`` that it is for ("add to"); or words, with ``where`` empty."""

    text: str
    where: str = ""
    file: str = ""

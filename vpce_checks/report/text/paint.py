"""Colour text for a terminal."""

from __future__ import annotations

from vpce_checks.report import Style

_COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}

STATUS_COLOURS = {"fail": "red", "unknown": "yellow", "pass": "green", "ignored": "dim"}


def paint(text: str, colour: str, style: Style) -> str:
    """Return ``text`` in ``colour``, if ``style`` uses colours."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if style.colour and text else text

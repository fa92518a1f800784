"""What reports show in the place of values that the code marks sensitive.

Verdicts rest on the values themselves. An object of the network says which of its fields must not be shown, and what is
shown instead: see :attr:`vpce_checks.model.network.Declaration.sensitive`.
"""

from __future__ import annotations

SENSITIVE = "(sensitive)"
"""What is shown of a sensitive value."""

SHOWN = ("vpc", "service_name", "type", "region", "service_region")
"""The fields that reports show. Each of them can be sensitive by itself."""


class Labels:
    """Labels for names that must not be shown but must stay distinguishable: each gets its own number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, text: str) -> str:
        """The label of ``text``: ``(sensitive)`` for the first one, ``(sensitive 2)`` for the next."""
        return numbered(self._numbers.setdefault(text, len(self._numbers) + 1))


def numbered(number: int) -> str:
    """The label of the sensitive name that comes as ``number``, counted from 1."""
    return SENSITIVE if number == 1 else f"(sensitive {number})"

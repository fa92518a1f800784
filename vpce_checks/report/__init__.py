"""Reports. Each format is a file in ``formats/`` with ``render(report, style) -> str``, and is found by its name."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.base.modules import module_names

if TYPE_CHECKING:
    from vpce_checks.model.verdict import Status
    from vpce_checks.project.results import Report


class Style(NamedTuple):
    """How to write: paths relative to ``cwd``, ``width`` columns, with ``colour`` or not, passes too if ``verbose``.

    ``strict``: an unknown verdict is a failure. ``compared_with`` names what the scan was compared with (a baseline
    file, a revision), so that what it holds already is ignored; empty where it was not.
    """

    cwd: str
    width: int = 80
    colour: bool = False
    verbose: bool = False
    strict: bool = False
    compared_with: str = ""

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses of the findings that reports for people show, in this order."""
        return ("fail", "unknown", "ignored", "pass") if self.verbose else ("fail", "unknown")


def format_names() -> list[str]:
    """The names of the formats there are."""
    return module_names(os.path.join(os.path.dirname(__file__), "formats"))


def render(format: str, report: Report, style: Style) -> str:
    """Write ``report`` in ``format``, a name of :func:`format_names`."""
    from importlib import import_module

    text: str = import_module(f"{__name__}.formats.{format}").render(report, style)
    return text


@lru_cache(maxsize=4096)
def relative(file: str, cwd: str) -> str:
    """``file`` as seen from ``cwd``, with forward slashes; as it is where there is no way (another drive)."""
    try:
        return os.path.relpath(file, cwd).replace(os.sep, "/")
    except ValueError:
        return file.replace(os.sep, "/")

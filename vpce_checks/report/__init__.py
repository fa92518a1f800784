"""Write reports. Each format is a file in ``formats/`` with ``render(report, style) -> str``; its name is the format."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from vpce_checks.base.modules import module_names
from vpce_checks.base.record import record

if TYPE_CHECKING:
    from vpce_checks.model.roots import RootKey
    from vpce_checks.model.verdict import Status
    from vpce_checks.project.results import Report


@record
class Style:
    """How to write a report.

    Paths are relative to ``cwd``. ``width`` is the number of columns. ``verbose`` shows passed and ignored findings too.
    ``strict``: an unknown verdict counts as a failure. ``compared_with`` is the baseline file or the git revision that
    the scan was compared with; empty if there was none. ``statistics`` leaves out all but the summary, where a format has one.
    ``costs`` adds what interface endpoints cost, where a format has a place for it.
    """

    cwd: str
    width: int = 80
    colour: bool = False
    verbose: bool = False
    strict: bool = False
    compared_with: str = ""
    statistics: bool = False
    costs: bool = False

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses of the findings that reports for people show, in this order."""
        return ("fail", "unknown", "ignored", "pass") if self.verbose else ("fail", "unknown")


def format_names() -> list[str]:
    """Return the names of all formats."""
    return module_names(os.path.join(os.path.dirname(__file__), "formats"))


def render(format: str, report: Report, style: Style) -> str:
    """Return ``report`` in ``format``, one of :func:`format_names`."""
    from importlib import import_module

    text: str = import_module(f"{__name__}.formats.{format}").render(report, style)
    return text


@lru_cache(maxsize=4096)
def relative(file: str, cwd: str) -> str:
    """Return ``file`` relative to ``cwd``, with forward slashes; unchanged if it is on another drive."""
    try:
        return os.path.relpath(file, cwd).replace(os.sep, "/")
    except ValueError:
        return file.replace(os.sep, "/")


def root_name(key: RootKey, cwd: str) -> str:
    """Return what reports call a root: its relative path, and the name of its deployment if it has several."""
    path, deployment = key
    return f"{relative(path, cwd)} ({deployment})" if deployment else relative(path, cwd)

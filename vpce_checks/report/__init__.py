"""Reports: one format a file, ``format_<name>.py`` with ``render(report, style) -> str``, found by its name."""

from __future__ import annotations

import os
from functools import lru_cache

from vpce_checks.hints import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vpce_checks.scan import Report


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


def formats() -> list[str]:
    """The names of the formats there are."""
    from pkgutil import iter_modules

    return sorted(module.name.removeprefix("format_") for module in iter_modules(__path__) if "format_" in module.name)


def render(format: str, report: Report, style: Style) -> str:
    """Write ``report`` in ``format``, a name of :func:`formats`."""
    from importlib import import_module

    text: str = import_module(f"{__name__}.format_{format}").render(report, style)
    return text


@lru_cache(maxsize=4096)
def relative(file: str, cwd: str) -> str:
    """``file`` as seen from ``cwd``, with forward slashes; as it is where there is no way (another drive)."""
    try:
        return os.path.relpath(file, cwd).replace(os.sep, "/")
    except ValueError:
        return file.replace(os.sep, "/")

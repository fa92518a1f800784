"""Which outputs of module calls some code uses: a look at its text, which needs no evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vpce_checks.base.pattern import pattern
from vpce_checks.files.containment import Places
from vpce_checks.terraform.syntax.source_files import read_source

_USE = pattern(r"\bmodule\.([A-Za-z_][\w-]*)(?:\[[^\]\n]{0,200}\])?\.([A-Za-z_][\w-]*)")


def outputs_used(files: Iterable[str], places: Places) -> Mapping[str, tuple[str, ...]]:
    """Return the names of the outputs that the files mention, by the name of the module call."""
    found: dict[str, dict[str, None]] = {}
    for file in files:
        try:
            text = read_source(file, places).decode("utf-8", "replace")
        except OSError:
            continue
        for use in _USE.finditer(text):
            found.setdefault(use[1], {})[use[2]] = None
    return {name: tuple(outputs) for name, outputs in found.items()}

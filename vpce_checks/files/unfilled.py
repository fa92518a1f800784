"""Files from which another tool writes code or templates: it fills them in first, so they are not scanned."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator

from vpce_checks.files.containment import place_within
from vpce_checks.files.content import MAX_BYTES
from vpce_checks.files.regular import NotRegularError, read_regular

FILLED_IN = (".j2", ".jinja", ".jinja2", ".tmpl", ".gotmpl", ".erb", ".mustache", ".hbs", ".njk")
"""How their names end, in capitals too. Terraform has its own (``.tftpl``, also ``.tpl``) and reads them itself."""

UNFILLED = (
    "another tool fills this file in, so it is not scanned, and it names a VPC or an endpoint; scan the file that the "
    "tool writes"
)


def unfilled_files(
    directory: str, names: Collection[str], suffixes: tuple[str, ...], network: re.Pattern[bytes], boundary: str
) -> Iterator[str]:
    """Yield the files of ``directory`` in which ``network`` finds something, of :func:`unfilled_names`."""
    for name in unfilled_names(names, suffixes):
        file = os.path.join(directory, name)
        place = place_within(file, (boundary,), {directory})
        if place is not None and _has(place, network):
            yield file


def unfilled_names(names: Collection[str], suffixes: tuple[str, ...]) -> Iterator[str]:
    """Yield those of ``names`` that end in one of ``suffixes``, unless what the tool writes (``net.yaml``) is beside it."""
    found = [name for name in names if name.lower().endswith(suffixes)]
    if found:
        written = {name.lower() for name in names}
        yield from (name for name in found if os.path.splitext(name)[0].lower() not in written)


def _has(place: str, network: re.Pattern[bytes]) -> bool:
    try:
        return network.search(read_regular(place, MAX_BYTES)) is not None
    except (NotRegularError, OSError):
        return False

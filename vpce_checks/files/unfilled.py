"""Files from which another tool writes code or templates: it fills them in first, so they are not scanned."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

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
    directory: str, names: Iterable[str], suffixes: tuple[str, ...], network: re.Pattern[bytes], boundary: str
) -> Iterator[str]:
    """Yield the files of ``directory`` among ``names`` that end in one of ``suffixes``, and in which ``network`` finds something."""
    for name in names:
        if name.lower().endswith(suffixes):
            file = os.path.join(directory, name)
            place = place_within(file, (boundary,), {directory})
            if place is not None and _has(place, network):
                yield file


def _has(place: str, network: re.Pattern[bytes]) -> bool:
    try:
        return network.search(read_regular(place, MAX_BYTES)) is not None
    except (NotRegularError, OSError):
        return False

"""JSON for people and programs: indented, in ASCII, with a line end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice

TOGETHER = 1_000
"""Items of a list that are made into text at a time. An encoder leaves garbage, so one for each item would cost memory, too."""


def json_text(document: Mapping[str, object]) -> str:
    """Return what ``json.dumps(document, indent=2)`` makes, and a line end. An iterator that ``document`` holds is
    written as a list, a part at a time: all results of a large repository as dictionaries take several times the size
    of their text."""
    members = ",\n".join(f"  {json.dumps(key)}: {_value(value)}" for key, value in document.items())
    return f"{{\n{members}\n}}\n"


def _value(value: object) -> str:
    if not isinstance(value, Iterator):
        return _indented(value)
    parts = []
    while part := list(islice(value, TOGETHER)):
        parts.append(_indented(part)[len("[") : -len("\n  ]")])
    return f"[{','.join(parts)}\n  ]" if parts else "[]"


def _indented(value: object) -> str:
    return json.dumps(value, indent=2).replace("\n", "\n  ")  # no text in JSON has a line end of its own

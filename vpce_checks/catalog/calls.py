"""What workloads call by their kind and arguments: the lines of ``calls.tsv``."""

from __future__ import annotations

import os
from functools import lru_cache

from vpce_checks.base.record import record


@record
class CallRow:
    """One line. The part calls ``services`` if the argument ``field`` is as ``test`` ("=", "!=", "?", "+" or "" for always) and
    ``word`` say. ``gateway_only`` are the services for which an interface endpoint does not do. ``url`` is the page."""

    field: str
    test: str
    word: str
    services: tuple[str, ...]
    gateway_only: frozenset[str]
    url: str


@lru_cache(maxsize=1)
def call_rows() -> dict[str, tuple[CallRow, ...]]:
    """Return the lines by part."""
    path = os.path.join(os.path.dirname(__file__), "calls.tsv")
    found: dict[str, tuple[CallRow, ...]] = {}
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for line in lines:
        if line and line[0] != "#":
            part, condition, services, url = line.split("\t")
            found[part] = (*found.get(part, ()), _row(condition, services, url))
    return found


def _row(condition: str, services: str, url: str) -> CallRow:
    field, test, word = condition, "", ""
    if condition.endswith(("?", "+")):
        field, test = condition[:-1], condition[-1]
    elif "!=" in condition:
        (field, word), test = condition.split("!="), "!="
    elif "=" in condition:
        (field, word), test = condition.split("="), "="
    names = services.split()
    only = frozenset(name[:-1] for name in names if name.endswith("!"))
    return CallRow(field, test, word, tuple(name.rstrip("!") for name in names), only, url)

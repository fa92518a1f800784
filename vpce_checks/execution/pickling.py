"""Records as bytes, for another process or a later scan. To read them runs nothing: only plain records come out."""

from __future__ import annotations

import pickle
import sys
from functools import cache
from io import BytesIO

_MODULES = frozenset(
    f"vpce_checks.{module}"
    for module in (
        "model.evidence",
        "model.network",
        "model.scenario",
        "model.spans",
        "model.values",
        "project.listing",
        "project.networks",
        "project.results",
        "rules.finding",
        "terraform.lang.traversal",
    )
)
"""Modules whose records a report is made of."""


def pack(records: object) -> bytes:
    """``records`` as bytes. Raises PicklingError, RecursionError."""
    return pickle.dumps(records, protocol=5)


def unpack(data: bytes) -> object:
    """What was packed. Whatever is wrong with ``data`` is an exception, of any class."""
    return _Reader(BytesIO(data)).load()


@cache
def _class_of_record(module: str, name: str) -> object:
    if module in _MODULES and "." not in name:
        found = getattr(sys.modules.get(module) or __import__(module, fromlist=[name]), name, None)
        if isinstance(found, type) and (hasattr(found, "_fields_of_record") or issubclass(found, tuple)):
            return found
        if (module, name) == ("vpce_checks.project.networks", "Networks"):
            return found
    if (module, name) == ("builtins", "dict"):
        return dict
    if (module, name) == ("decimal", "Decimal"):
        from decimal import Decimal

        return Decimal
    raise pickle.UnpicklingError(f"{module}.{name}")


class _Reader(pickle.Unpickler):
    """Of classes there are only plain records, which do nothing when they are made."""

    find_class = staticmethod(_class_of_record)

"""Records that raise on assignment, as frozen dataclasses do. The program saves that check; the tests make it.

A field that the constructor takes may be set once, by the constructor. Fields with ``init=False`` are caches and stay open.
"""

from __future__ import annotations

import sys
from dataclasses import FrozenInstanceError
from typing import TypeVar

import vpce_checks.base.record as record_module

T = TypeVar("T")


def freeze_records() -> None:
    """Make every record that is defined from here on raise FrozenInstanceError on assignment and deletion."""
    early = [name for name in sys.modules if name.startswith("vpce_checks.") and ".base" not in name]
    assert not early, f"these were imported before their records could be frozen: {early}"
    define = record_module.record

    def frozen_record(cls: type[T]) -> type[T]:
        made = define(cls)
        fields = frozenset(made.__match_args__)  # type: ignore[attr-defined]
        for name in ("__setattr__", "__delattr__"):
            assert getattr(made, name) in (getattr(object, name), *_ours), f"{made} has its own {name}"

        def set_once(self: object, name: str, value: object) -> None:
            if name in fields and hasattr(self, name):
                raise FrozenInstanceError(f"cannot assign to field {name!r}")
            object.__setattr__(self, name, value)

        def keep(self: object, name: str) -> None:
            raise FrozenInstanceError(f"cannot delete field {name!r}")

        _ours.update((set_once, keep))
        made.__setattr__ = set_once  # type: ignore[method-assign, assignment]
        made.__delattr__ = keep  # type: ignore[method-assign, assignment]
        return made

    record_module.record = frozen_record


_ours: set[object] = set()

"""A part of many cases, for a law whose cases take long together: the others are marked ``slow``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def one_in(count: int, cases: Iterable[Any]) -> list[Any]:
    """Parameters of a test: every ``count``-th of ``cases`` is run always, the rest with ``--slow``."""
    return [pytest.param(case, marks=pytest.mark.slow) if at % count else case for at, case in enumerate(cases)]

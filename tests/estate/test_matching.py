"""Which known texts fit a partly known one, held against a regular expression."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.networks import hidden
from vpce_checks.estate.matching import fits
from vpce_checks.model.values import PartialString

PIECES = st.sampled_from(["/", "a", "b", "ab", "/a", None])
TEXTS = st.text("/ab", max_size=6)


@pytest.mark.parametrize(
    ("parts", "text", "expected"),
    [
        (("/", None, "/", None, "/vpc_id"), "/prod/shop/vpc_id", True),
        (("/", None, "/", None, "/vpc_id"), "/prod/vpc_id", False),
        (("x", None, "x", None, "-vpc"), "xprodxshop-vpc", True),
        (("x", None), "prodx", False),
        (("ab", None, "ba"), "aba", False),
    ],
)
def test_parts_stand_in_their_order(parts: tuple[str | None, ...], text: str, expected: bool) -> None:
    assert fits(partial(parts), text) is expected


@given(st.lists(PIECES, min_size=1, max_size=6).filter(lambda parts: None in parts), TEXTS)
def test_it_says_what_a_regular_expression_says(parts: list[str | None], text: str) -> None:
    pattern = "".join(".*" if part is None else re.escape(part) for part in parts)
    assert fits(partial(parts), text) is (re.fullmatch(pattern, text) is not None)


def partial(parts: object) -> PartialString:
    """A text whose parts that are None are not known."""
    assert isinstance(parts, (list, tuple))
    return PartialString(tuple(hidden() if part is None else part for part in parts))

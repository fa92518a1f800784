"""Patterns of parameters match what Python's own regular expressions match, and in bounded time."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sampling import at_most
from tests.work import work
from vpce_checks.cloudformation.template.allowed_pattern import allowed_pattern

ATOMS = ("a", "b", "-", ".", r"\.", "[a-c]", "[^a]", r"\d", r"\w", r"[\w.-]", "(a|b)", "(?:ab|c)", "^", "$", "[]a]")
REPEATS = ("", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?")
PATTERNS = st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)), max_size=5).map(
    lambda pieces: "".join(atom + ("" if atom in "^$" else repeat) for atom, repeat in pieces)
)


@settings(max_examples=at_most(75, 300), deadline=None)
@given(PATTERNS, st.text("abc-.1]", max_size=6))
def test_patterns_match_what_python_matches(pattern: str, text: str) -> None:
    assert allowed_pattern(pattern).matches(text) == (re.fullmatch(pattern, text) is not None)


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("^(on|off)$", ("on", "off")),
        ("true|false", ("true", "false")),
        ("[ab]{1,2}", ("a", "b", "aa", "ab", "ba", "bb")),
        ("|x", ("", "x")),
        ("a*", None),
        (r"\d{4}", None),
        ("(?=a)a", None),
    ],
)
def test_the_texts_of_a_small_pattern_are_listed(pattern: str, texts: tuple[str, ...] | None) -> None:
    assert allowed_pattern(pattern).texts(64) == texts


@pytest.mark.parametrize(
    "pattern", ["(?i)a", "(?=a)a", r"a\b", r"(a)\1", "a++", "[a-z&&[^b]]", "(", "a{99999}", "*", r"\p{L}"]
)
def test_what_is_not_known_leaves_doubt(pattern: str) -> None:
    assert allowed_pattern(pattern).matches("a") is None


def test_hostile_patterns_take_little_work() -> None:
    assert work(_match_hostile_patterns) < 1_000_000


def _match_hostile_patterns() -> None:
    assert allowed_pattern("(a*)*b").matches("a" * 4_000) is False
    assert allowed_pattern("(a|a)*(a|aa)+c").matches("a" * 4_000) is False
    assert allowed_pattern("((a{0,30}){0,30}){0,30}").matches("a" * 4_000) is None
    assert allowed_pattern("(" * 5_000).matches("a") is None


def test_a_text_that_is_asked_for_again_takes_no_work() -> None:
    """Each scenario asks again whether the default of each parameter is accepted."""
    pattern = allowed_pattern("([a-z0-9-]{1,40}/){0,3}again")
    once = work(lambda: pattern.matches("a-b-c/" * 3 + "again"))
    assert pattern.matches("a-b-c/" * 3 + "again") is True
    assert work(lambda: [pattern.matches("a-b-c/" * 3 + "again") for _ in range(50)]) < once
    others = [f"a{number}/again" for number in range(300)]
    assert all(pattern.matches(text) and not pattern.matches(f"{text}!") for text in others)

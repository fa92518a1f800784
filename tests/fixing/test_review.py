"""What stands where in a review with suggestions. The whole of it: ``tests/cli/test_fix_suggestions.py``."""

from __future__ import annotations

import random
from difflib import SequenceMatcher
from itertools import pairwise

import pytest

from vpce_checks.fixing import review
from vpce_checks.fixing.review import Suggestion, suggestions


def test_lines_are_put_beside_a_line_that_is_there() -> None:
    assert list(suggestions("a\nb\n", "new\na\nb\n")) == [Suggestion(1, 1, ("new", "a"))]
    assert list(suggestions("a\nb\n", "a\nnew\nb\n")) == [Suggestion(1, 1, ("a", "new"))]
    assert list(suggestions("a\nb\nc\n", "a\nx\ny\nc\n")) == [Suggestion(2, 2, ("x", "y"))]
    assert list(suggestions("a\nb\nc\n", "a\nc\n")) == [Suggestion(2, 2, ())]
    assert list(suggestions("a\n", "a\n")) == []


def test_a_line_is_replaced_once() -> None:
    assert list(suggestions("a\nb\n", "x\na\ny\nb\n")) == [Suggestion(1, 1, ("x", "a", "y"))]


def test_suggestions_make_the_one_text_of_the_other() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        before, after = ([chance.choice("abc") for _ in range(chance.randint(1, 8))] for _ in range(2))
        found = list(suggestions("\n".join(before) + "\n", "\n".join(after) + "\n"))
        assert all(one.last < other.first for one, other in pairwise(found))
        lines = list(before)
        for each in reversed(found):
            lines[each.first - 1 : each.last] = each.lines
        assert lines == after


def test_no_more_lines_are_compared_than_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def matcher(*arguments: object, autojunk: bool = True) -> SequenceMatcher[str]:
        compared.append((len(arguments[1]), len(arguments[2]), autojunk))  # type: ignore[arg-type]
        return SequenceMatcher(*arguments, autojunk=autojunk)  # type: ignore[arg-type]

    monkeypatch.setattr(review, "SequenceMatcher", matcher)
    block = "resource {\n  vpc = 1\n}\n"
    lines = [block.replace("1", str(number)) for number in range(2000)]
    changed = [*lines[:1000], "  more = 2\n", *lines[1000:]]
    assert len(list(suggestions("".join(lines), "".join(changed)))) == 1
    changed[0], changed[-1] = "new\n" + changed[0], changed[-1].replace("vpc", "other")
    assert len(list(suggestions("".join(lines), "".join(changed)))) == 3
    assert all(before * after <= review.MAX_COMPARED for before, after, autojunk in compared if not autojunk)

"""What stands where in a review with suggestions. The whole of it: ``tests/cli/test_fix_suggestions.py``."""

from __future__ import annotations

from vpce_checks.fixing.review import Suggestion, suggestions


def test_lines_are_put_beside_a_line_that_is_there() -> None:
    assert list(suggestions("a\nb\n", "new\na\nb\n")) == [Suggestion(1, 1, ("new", "a"))]
    assert list(suggestions("a\nb\n", "a\nnew\nb\n")) == [Suggestion(1, 1, ("a", "new"))]
    assert list(suggestions("a\nb\nc\n", "a\nx\ny\nc\n")) == [Suggestion(2, 2, ("x", "y"))]
    assert list(suggestions("a\nb\nc\n", "a\nc\n")) == [Suggestion(2, 2, ())]
    assert list(suggestions("a\n", "a\n")) == []

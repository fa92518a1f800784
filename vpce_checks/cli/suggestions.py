"""What a user may have meant by a word that we do not know."""

from __future__ import annotations

from collections.abc import Iterable

MAX_WORD = 100
"""Characters of the user's word that are compared: comparing takes time that grows with their square."""

SIMILAR = 0.5
"""How similar a word must be, as :func:`difflib.get_close_matches` measures it."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the known word nearest to ``word``, or all known words if none is near."""
    from difflib import get_close_matches

    by_lower_case = {each.lower(): each for each in known}
    close = get_close_matches(word.lower()[:MAX_WORD], by_lower_case, 1, SIMILAR)
    if close:
        return f"; did you mean {by_lower_case[close[0]]}?"
    return f"; there are {', '.join(by_lower_case.values())}"

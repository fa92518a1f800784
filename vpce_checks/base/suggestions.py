"""What a user may have meant by a word that we do not know."""

from __future__ import annotations

from collections.abc import Iterable

MAX_WORD = 100
"""Characters of the user's word that are compared: comparing takes time that grows with their square."""

SIMILAR = 0.5
"""How similar a word must be, as :func:`difflib.get_close_matches` measures it."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to ``word``, in whatever case; None if none is near."""
    from difflib import get_close_matches

    by_lower_case = {each.lower(): each for each in sorted(known)}
    close = get_close_matches(word.lower()[:MAX_WORD], by_lower_case, 1, SIMILAR)
    return by_lower_case[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the known word nearest to ``word``, quoted; empty if none is near."""
    found = nearest(word, known)
    return f"; did you mean {found!r}?" if found is not None else ""


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the known word nearest to ``word``, or all known words if none is near."""
    words = list(known)
    found = nearest(word, words)
    return f"; did you mean {found}?" if found is not None else f"; there are {', '.join(words)}"

"""What a user may have meant by a word that we do not know."""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_WORD = 100
"""Characters of the user's word that are compared: comparing takes time that grows with their square."""

SIMILAR, SHORT, SIMILAR_IF_SHORT = 0.6, 2, 0.5
"""How similar a word must be, as :func:`difflib.get_close_matches` measures it: of a word with few letters less is the same."""

MAX_AROUND = 3
"""How many known words are offered that have the user's word inside."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to ``word``, in whatever case; None if none is near."""
    from difflib import get_close_matches

    word = word[:MAX_WORD]
    words = sorted(known)
    same = next((each for each in words if _plain(each) == _plain(word)), None)
    if same is not None:
        return same
    by_lower_case = {each.lower(): each for each in words}
    similar = SIMILAR if len(word) > SHORT else SIMILAR_IF_SHORT
    close = get_close_matches(word.lower(), by_lower_case, 1, similar)
    return by_lower_case[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the known word nearest to ``word``, quoted; empty if none is near."""
    found = nearest(word, known)
    return f"; did you mean {found!r}?" if found is not None else ""


def suggestion(word: str, known: Iterable[str], listed_by: str = "") -> str:
    """Return the end of an error message: the known words that may be meant. If there are none, all known words, or the
    command ``listed_by`` that lists them."""
    words = list(known)
    found = nearest(word, words)
    meant = [found] if found is not None else _around(word, words)
    if meant:
        return f"; did you mean {' or '.join(meant)}?"
    return f"; {listed_by} lists them" if listed_by else f"; there are {', '.join(words)}"


def _plain(word: str) -> str:
    """Return ``word`` as those write it who do not mind case and leading zeros: ``vpce4`` for ``VPCE004``."""
    return re.sub("0+(?=[0-9])", "", word.lower())


def _around(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words with ``word`` inside; none if there are many."""
    found = [each for each in known if len(word) > 1 and word.lower() in each.lower()]
    return found if len(found) <= MAX_AROUND else []

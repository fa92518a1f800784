"""Write changes as suggestions of a review on GitHub, which the author of a pull request takes over by a click.

A suggestion replaces lines that the pull request's own diff shows. It cannot stand anywhere else.

https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request
https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from vpce_checks.base.record import record
from vpce_checks.report.message import named_message
from vpce_checks.report.text.escape import is_plain
from vpce_checks.report.text.markdown import code, fence_for, prose
from vpce_checks.report.text.wrap import plural

if TYPE_CHECKING:
    from vpce_checks.fixing.plan import Plan, Settled

MAX_COMMENTS = 50
"""So many comments go into one review. A reviewer takes no more, and GitHub limits how fast comments are made."""

MAX_NAMED = 20
"""How many findings a text names."""


MAX_NAMED_CHARACTERS = 10_000
"""How long the list of them may get."""

MAX_CHARACTERS = 50_000
"""How long a suggestion may be, with its fences. GitHub takes 65,536 characters for a comment."""

MAX_COMPARED = 250_000
"""How many pairs of lines are compared at a time."""

_Comment = dict[str, "str | int"]

_Change = tuple[int, int, int, int]
"""The lines of the old text from and to, and those of the new one, which count from 0."""


@record
class Suggestion:
    """``lines`` in the place of the lines ``first`` to ``last`` (which count from 1)."""

    first: int
    last: int
    lines: tuple[str, ...]


def suggestions(before: str, after: str) -> Iterator[Suggestion]:
    """Yield what makes ``after`` of ``before``, from top to bottom. Lines that are added go with the line before them, or
    at the top of a file with the one after them."""
    old, new = (text.removesuffix("\n").split("\n") for text in (before, after))
    places: list[_Change] = []
    for start, end, first, last in _changes(old, new):
        if start == end and start:
            start, first = start - 1, first - 1
        elif start == end:
            end, last = 1, last + 1
        if places and start < places[-1][1]:  # what is added before and after the first line
            start, _, first, _ = places.pop()
        places.append((start, end, first, last))
    for start, end, first, last in places:
        yield Suggestion(start + 1, end, tuple(new[first:last]))


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[_Change]:
    """Yield which lines of ``old`` become which of ``new``.

    To compare all lines takes time that grows with the square of a file. So the lines that are not in many places say first
    what is where, and only what is between them is compared line by line.
    """
    start = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
    if start is None:
        start = min(len(old), len(new))
    rest = zip(reversed(old[start:]), reversed(new[start:]), strict=False)
    same = next((at for at, (one, other) in enumerate(rest) if one != other), min(len(old), len(new)) - start)
    end, last = len(old) - same, len(new) - same
    for tag, *place in SequenceMatcher(None, old[start:end], new[start:last]).get_opcodes():
        if tag == "equal":
            continue
        one, other, first, second = (start + at for at in place)
        if (other - one) * (second - first) > MAX_COMPARED:
            yield one, other, first, second
            continue
        within = SequenceMatcher(None, old[one:other], new[first:second], autojunk=False)
        for tag, a, b, c, d in within.get_opcodes():
            if tag != "equal":
                yield one + a, one + b, first + c, first + d


def is_shown(before: str, after: str, shown: Sequence[range]) -> bool:
    """Return whether a change is one of lines that a diff shows."""
    return all(
        any(each.first in lines and each.last in lines for lines in shown) for each in suggestions(before, after)
    )


def can_be_suggested(before: str, after: str) -> bool:
    """Return whether a suggestion gives all that it changes back as it is: no credential, no control characters, no CRLF, and
    not too much for a comment."""
    texts = ["\n".join(each.lines) for each in suggestions(before, after)]
    return "\r" not in before and all(
        len(text) + 2 * len(fence_for(text)) <= MAX_CHARACTERS and is_plain(text) for text in texts
    )


def review(plan: Plan, top: str, commit: str) -> str:
    """Return the body of a request that makes a review of ``commit``: JSON. Files are named from the directory ``top``, that of
    the repository."""
    groups: list[list[_Comment]] = []
    for files in _together(plan):
        groups.append([])
        for file in files:
            path = os.path.relpath(file, top).replace(os.sep, "/")
            found = list(suggestions(plan.before[file], plan.after[file]))
            named = "\n".join(_named([each for each in plan.settled if file in each.files], len(found)))
            groups[-1] += (_comment(path, named, each) for each in found)
    comments = _fitting(groups)
    body = _body(plan, len(comments), sum(map(len, groups)) - len(comments))
    made = {"commit_id": commit, "event": "COMMENT", "body": body, "comments": comments}
    return json.dumps(made, indent=2)


def _together(plan: Plan) -> list[list[str]]:
    """Return the files that change: in one list those that settle a finding together."""
    found: list[set[str]] = []
    for files in (*({file} for file in sorted(plan.after)), *(each.files & plan.after.keys() for each in plan.settled)):
        joined = {*files}.union(*(each for each in found if each & files))
        found = [each for each in found if not each & joined] + [joined]
    return sorted(map(sorted, found))


def _fitting(groups: Sequence[list[_Comment]]) -> list[_Comment]:
    """Return the comments of one review. What settles a finding together stays together, unless nothing else fits."""
    fitting: list[_Comment] = []
    for group in groups:
        if len(fitting) + len(group) <= MAX_COMMENTS:
            fitting += group
    return fitting or [comment for group in groups for comment in group][:MAX_COMMENTS]


def _comment(path: str, named: str, suggestion: Suggestion) -> _Comment:
    fence = fence_for("\n".join(suggestion.lines))
    body = "\n".join([named, "", f"{fence}suggestion", *suggestion.lines, fence])
    place: _Comment = {"path": path, "side": "RIGHT", "line": suggestion.last}
    if suggestion.first < suggestion.last:
        place |= {"start_side": "RIGHT", "start_line": suggestion.first}
    return place | {"body": body}


def _body(plan: Plan, count: int, left: int) -> str:
    """Return the text of a review with ``count`` suggestions, of which it leaves ``left`` out."""
    if not count:
        return "vpce-checks has nothing to suggest for the lines of this diff."
    settles = plural(len(plan.settled), "failure")
    if left:
        others = f"{plural(left, 'more change')}, which {'is' if left == 1 else 'are'} left out"
        how = "Some may need one of these: `vpce-checks fix` with `--write` makes all of them."
        return f"vpce-checks: {plural(count, 'suggestion')}. With {others}, they settle {settles}. {how}"
    together = " Commit them together: one may need another." if count > 1 else ""
    return (
        f"vpce-checks: {plural(count, 'suggestion')} that {'settle' if count > 1 else 'settles'} {settles}.{together}"
    )


def _named(settled: Sequence[Settled], changes: int) -> Iterator[str]:
    """Yield a line for each finding that the changes of a file settle. It does not say which change settles which finding."""
    lines = list(dict.fromkeys(f"- {code(each.finding.rule)} {prose(named_message(each.finding))}" for each in settled))
    sizes = accumulate(map(len, lines))
    count = sum(size <= MAX_NAMED_CHARACTERS for size in islice(sizes, MAX_NAMED))
    yield "This change settles:" if changes == 1 else f"The {changes} changes of this file together settle:"
    yield from lines[:count]
    if len(lines) > count:
        yield f"- … and {len(lines) - count} more"

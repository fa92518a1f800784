"""Find the ignore comments that are about a finding, without looking at each of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from vpce_checks.model.ignores import IgnoreComment
from vpce_checks.model.network import Declaration
from vpce_checks.model.spans import Span
from vpce_checks.rules.finding import Finding


class CommentIndex:
    """Ignore comments, by file and line."""

    def __init__(self, comments: Iterable[IgnoreComment]) -> None:
        self.all = list(dict.fromkeys(comments))
        self._by_file: dict[str, list[tuple[int, int]]] = {}  # the line that each is about, and its place in ``all``
        for place, comment in enumerate(self.all):
            self._by_file.setdefault(comment.file, []).append((comment.target, place))
        for listed in self._by_file.values():
            listed.sort()

    def about(self, finding: Finding) -> list[IgnoreComment]:
        """Return the comments that are for a finding as long as they hold, in their order."""
        places = {place for span in _spans(finding.about) for place in self._within(span)}
        return [
            comment
            for place in sorted(places)
            if not (comment := self.all[place]).rules or finding.rule in comment.rules
        ]

    def _within(self, span: Span) -> Iterator[int]:
        listed = self._by_file.get(span.file, [])
        for at in range(bisect_left(listed, (span.line, 0)), len(listed)):
            target, place = listed[at]
            if target > span.last_line:
                return
            yield place


def _spans(declared: Declaration) -> Iterator[Span]:
    yield declared.span
    for call in declared.calls:
        yield call.span

"""Requests in code not to report something: ``vpce-checks:ignore``, and ``checkov:skip`` for rules of ours.

Both languages read them with the same words, so that a comment means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import record

if TYPE_CHECKING:
    from datetime import date

_RULE = r"(?:(?!(?i:vpce|all\b))\w+(?:-\w+)+|\w+)"
"""An id: ``VPCE001``, or one of the user's own such as ``ORG-NET-1``."""

_IGNORE = pattern(
    rf"vpce-checks:ignore(?:[ \t]+(?P<rules>(?!until=){_RULE}(?:[ \t]*,[ \t]*{_RULE})*))?(?P<reason>[^\r\n]*)"
    r"|checkov:skip=(?P<skipped>\w+(?:[ \t]*,[ \t]*\w+)*)(?:[ \t]*:(?P<why>[^\r\n]*))?"
    r"|(?P<misspelled>vpce[-_ ]checks?(?:[-_ ]|[ \t]*[:=][ \t]*)(?:ignore|skip|disable)\b[^\r\n]*)"
)
_UNTIL = pattern(r"(?:^|(?<=[ \t(]))until=([^\s.,;)*/]*)")
_DATE = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ALL = (("ALL",), ("*",))


@record
class IgnoreComment:
    """A request at ``line`` of ``file`` not to report something.

    It is for every object whose declaration, or one of whose module calls, spans line ``about`` (0: its own line).
    ``rules`` are upper-case ids, empty for all. ``until`` is the last day on which it holds (None: for ever). ``problem``
    says what is wrong with it: then it holds for nothing.
    """

    file: str
    line: int
    rules: tuple[str, ...]
    reason: str
    until: date | None = None
    problem: str = ""
    about: int = 0

    @property
    def target(self) -> int:
        """A line of what it is for."""
        return self.about or self.line

    def holds(self, today: date | None = None) -> bool:
        """Whether it is well-formed, and its time is not over (by default: now)."""
        return not self.problem and not self.expired(today)

    def expired(self, today: date | None = None) -> bool:
        """Whether its time is over (by default: now)."""
        return self.until is not None and (today or type(self.until).today()) > self.until


@record
class Request:
    """What one comment asks for, at ``start`` of the text it was found in. See :class:`IgnoreComment`."""

    start: int
    rules: tuple[str, ...]
    reason: str
    until: date | None = None
    problem: str = ""

    def at(self, file: str, line: int, about: int = 0) -> IgnoreComment:
        """The same at a place in a file."""
        return IgnoreComment(file, line, self.rules, self.reason, self.until, self.problem, about)


def may_ignore(data: bytes) -> bool:
    """Return whether there may be a request in ``data``. It is cheap, and True if there is one."""
    return (b"vpce" in data and b"check" in data) or b"checkov:skip" in data


def requests_in(text: str) -> Iterator[Request]:
    """Yield the requests in a text. Checkov's skips of its own checks are none of them."""
    for match in _IGNORE.finditer(text):
        if match["misspelled"] is not None:
            problem = f"{match['misspelled'][:40].strip()!r} ignores nothing; write vpce-checks:ignore RULE reason"
            yield Request(match.start(), (), "", problem=problem)
        elif match["skipped"] is not None:
            rules = tuple(rule for rule in rule_names(match["skipped"]) if rule.startswith("VPCE"))
            if rules:
                yield Request(match.start(), rules, (match["why"] or "").strip())
        else:
            # Words that are no rule stay: the request then ignores nothing, where a typing mistake must not ignore all.
            rules = rule_names(match["rules"] or "")
            rest = match["reason"] or ""
            found = _UNTIL.search(rest)
            until, problem = as_date(found[1]) if found is not None else (None, "")
            if found is not None:
                rest = rest[: found.start()] + rest[found.end() :]
            reason = " ".join(rest.split()).lstrip(": ")
            yield Request(match.start(), () if rules in _ALL else rules, reason, until, problem)


def rule_names(text: str) -> tuple[str, ...]:
    """Return the ids in a list that commas part, in upper case."""
    return tuple(rule.strip().upper() for rule in text.split(",") if rule.strip())


def as_date(text: str) -> tuple[date | None, str]:
    """Return the date that a text is, and what is wrong with it ("": nothing)."""
    from datetime import date  # few files have one

    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text), ""
    except ValueError:
        pass
    return None, f"there is no date {text[:40]!r}; write it as until=2027-03-01"

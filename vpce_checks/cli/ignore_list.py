"""The list of requests to ignore findings that ``vpce-checks ignores`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vpce_checks.report import relative
from vpce_checks.rules.ignore_uses import IgnoreUse

VERSION = 1
"""Of the JSON form."""


def ignore_lines(ignores: Sequence[IgnoreUse], directory: str) -> Iterator[str]:
    """Return the text form: one line a request, and how many there are."""
    for use in ignores:
        what = ", ".join(use.rules) or "every rule"
        where = f" on {use.resource}" if use.resource else ""
        path = f" in {use.path}" if use.path else ""
        until = f" until {use.until}" if use.until else ""
        problem = f" [{use.problem}]" if use.problem else ""
        yield f"{relative(use.file, directory)}:{use.line} {what}{where}{path}{until}{problem}: {use.reason or 'no reason'}"
    problems = sum(bool(use.problem) for use in ignores)
    yield f"{len(ignores)} ignore{'' if len(ignores) == 1 else 's'}, {problems} with a problem"


def ignore_json(ignores: Sequence[IgnoreUse], directory: str) -> Iterator[str]:
    """Return the JSON form."""
    import json

    entries = [
        {
            "file": relative(use.file, directory),
            "line": use.line,
            "by": use.by,
            "rules": list(use.rules),
            "resource": use.resource or None,
            "path": use.path or None,
            "reason": use.reason or None,
            "until": use.until or None,
            "used": use.used,
            "problem": use.problem or None,
            "detail": use.detail or None,
        }
        for use in ignores
    ]
    yield json.dumps({"version": VERSION, "ignores": entries}, indent=2)

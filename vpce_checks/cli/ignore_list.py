"""The list of requests to ignore findings that ``vpce-checks ignores`` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from vpce_checks.report import relative
from vpce_checks.report.text.wrap import plural
from vpce_checks.rules.ignore_uses import IgnoreUse

if TYPE_CHECKING:
    from vpce_checks.project.blame import Author

Authors: TypeAlias = "Mapping[tuple[str, int], Author]"
"""Who wrote a line of a file, as far as that was asked and is known."""

VERSION = 1
"""Of the JSON form."""


def ignore_lines(ignores: Sequence[IgnoreUse], directory: str, authors: Authors) -> Iterator[str]:
    """Return the text form: one line a request, and how many there are."""
    for use in ignores:
        what = ", ".join(use.rules) or "every rule"
        where = f" on {use.resource}" if use.resource else ""
        path = f" in {use.path}" if use.path else ""
        until = f" until {use.until}" if use.until else ""
        problem = f" [{use.problem}]" if use.problem else ""
        author = authors.get((use.file, use.line))
        by = f" ({author.name}, {author.day})" if author is not None else ""
        yield f"{relative(use.file, directory)}:{use.line} {what}{where}{path}{until}{problem}: {use.reason or 'no reason'}{by}"
    problems = sum(bool(use.problem) for use in ignores)
    yield f"{len(ignores)} ignore{'' if len(ignores) == 1 else 's'}, {problems} with a problem"


def strict_lines(ignores: Sequence[IgnoreUse], directory: str) -> Iterator[str]:
    """Return why ``--strict-ignores`` fails: one line a request with a problem. Nothing if there is none."""
    problems = [use for use in ignores if use.problem]
    if not problems:
        return
    yield f"--strict-ignores fails, because {plural(len(problems), 'ignore')} {'has' if len(problems) == 1 else 'have'} a problem:"
    for use in problems:
        what = ", ".join(use.rules) or "every rule"
        where = f" on {use.resource}" if use.resource.strip("*") else ""
        detail = use.detail or f"this ignore expired on {use.until}"
        yield f"  {relative(use.file, directory)}:{use.line}: {what}{where}: {detail}"


def ignore_json(ignores: Sequence[IgnoreUse], directory: str, authors: Authors) -> Iterator[str]:
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
            **_author(authors.get((use.file, use.line))),
        }
        for use in ignores
    ]
    yield json.dumps({"version": VERSION, "ignores": entries}, indent=2)


def _author(author: Author | None) -> dict[str, str]:
    return {"author": author.name, "written": author.day} if author is not None else {}

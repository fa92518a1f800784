"""``vpce-checks diff``: what differs between two JSON reports."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vpce_checks.cli import exit_codes
from vpce_checks.cli.commands import AddParser
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.terminal import put_lines, width

if TYPE_CHECKING:
    from vpce_checks.report.comparison import Comparison, Result

VERSION = 1
"""Of the JSON form."""

MAX_BYTES = 512 * 1024**2
"""Of a report. One of a thousand roots has some 20 MB."""

DIFFERENT = 1
"""The exit code if anything differs."""

GROUP = "judge code"


def add_parser(add: AddParser) -> ArgumentParser:
    """Add the command's options."""
    parser = add(
        help="compare two JSON reports: new, fixed and changed findings",
        description="Compare two reports that `vpce-checks scan --format json=FILE` wrote. A finding is the same if "
        "its root, deployment, rule, resource and service are; lines and messages may differ.",
        epilog="exit codes:\n  0  no finding is new, fixed or changed\n  1  at least one is\n  2  a file is no report",
    )
    parser.add_argument("old", metavar="OLD.json", help="the report from before")
    parser.add_argument("new", metavar="NEW.json", help="the report from now")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    return parser


def run(given: Namespace) -> int:
    """Print the differences. Raises UsageError for a file that is no report."""
    from vpce_checks.report.comparison import compare

    found = compare(_read(given.old), _read(given.new))
    put_lines(_as_json(found) if given.format == "json" else _as_text(found, width()))
    return DIFFERENT if found.differs else exit_codes.PASSED


def _read(file: str) -> Mapping[str, Any]:
    import json

    from vpce_checks.report.comparison import NotAReportError, read_report

    try:
        with open(file, "rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"{file} has more than {MAX_BYTES // 1024**2} MB")
    try:
        return read_report(json.loads(content))
    except NotAReportError as error:
        raise UsageError(f"{file} was not written by vpce-checks scan --format json: {error}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not JSON") from error


def _as_text(found: Comparison, columns: int) -> Iterator[str]:
    yield from _section("new", found.new, columns)
    yield from _section("fixed", found.fixed, columns)
    yield from _section(
        "changed", [change.new for change in found.changed], columns, [change.old for change in found.changed]
    )
    yield from _section("no longer scanned", found.not_scanned, columns)
    counts = {"new": found.new, "fixed": found.fixed, "changed": found.changed, "no longer scanned": found.not_scanned}
    yield ", ".join(f"{len(those)} {name}" for name, those in counts.items()) + f", {found.same} unchanged"
    if found.errors:
        yield "the new report is not complete: what could not be read may hide findings"


def _section(title: str, results: Sequence[Result], columns: int, before: Sequence[Result] = ()) -> Iterator[str]:
    from vpce_checks.report.text.escape import escape
    from vpce_checks.report.text.wrap import wrap

    if not results:
        return
    yield f"{title}:"
    for place, result in enumerate(results):
        verdict = f"{result['status']} ({result['severity']})"
        if before:
            verdict = f"{before[place]['status']} ({before[place]['severity']}) -> {verdict}"
        deployment = f" ({result['deployment']})" if result.get("deployment") else ""
        where = f"{result.get('file')}:{result.get('start_line')} in {result['root']}{deployment}"
        message = result.get("message") or result["resource"]
        yield from wrap(escape(f"{result['rule']} {verdict} {message} ({where})"), columns, "  ", "    ")
    yield ""


def _as_json(found: Comparison) -> list[str]:
    import json

    document = {
        "version": VERSION,
        "summary": {
            "new": len(found.new),
            "fixed": len(found.fixed),
            "changed": len(found.changed),
            "not_scanned": len(found.not_scanned),
            "same": found.same,
            "errors": found.errors,
        },
        "new": list(found.new),
        "fixed": list(found.fixed),
        "changed": [{"old": change.old, "new": change.new} for change in found.changed],
        "not_scanned": list(found.not_scanned),
    }
    return [json.dumps(document, indent=2)]

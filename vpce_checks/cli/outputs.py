"""Where a scan writes: reports and baselines. Everything is checked before the scan begins."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vpce_checks.base.defects import defect
from vpce_checks.base.record import record, replace
from vpce_checks.base.suggestions import suggestion
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.terminal import WIDTH, put, say, shows_colour, width
from vpce_checks.report import Style, format_names

if TYPE_CHECKING:
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.results import Report
    from vpce_checks.rules.baseline import Baseline


WITH_COSTS = ("text", "json", "html", "markdown")
"""The formats that show what endpoints cost."""

MAX_GONE = 20
"""How many findings that are gone are listed."""


@record
class Output:
    """A report to write: its format, and the file to write it to (None: standard output)."""

    format: str
    file: str | None


def parse_outputs(texts: Sequence[str]) -> list[Output]:
    """Return what ``--format FORMAT[=FILE]`` asks for. Raises UsageError."""
    outputs: list[Output] = []
    for text in texts or ["text"]:
        name, equals, file = text.partition("=")
        if name not in format_names():
            raise UsageError(f"no format {name!r}{suggestion(name, format_names())}")
        if equals and not file:
            raise UsageError(f"--format {name}= names no file")
        outputs.append(Output(name, file or None))
    if sum(output.file is None for output in outputs) > 1:
        raise UsageError("only one format can go to standard output; give the others a file: --format json=report.json")
    files = [os.path.realpath(output.file) for output in outputs if output.file is not None]
    twice = next((file for file in files if files.count(file) > 1), None)
    if twice is not None:
        raise UsageError(f"two formats go to one file: {os.path.relpath(twice)}; give each a file of its own")
    return outputs


def checkouts_of(options: ScanOptions) -> tuple[str, ...]:
    """Return the directories where somebody else may have written: what is scanned, and the repository around us."""
    from vpce_checks.files.containment import boundary_of, repository_of

    around = {boundary_of(os.path.realpath(path), options.boundary) for path in (*options.paths, *options.roots)}
    here = repository_of(os.path.realpath(os.getcwd()))
    if here is not None:
        around.add(here)
    return tuple(sorted(around))


def check_outputs(files: Collection[str], directories: Collection[str], checkouts: tuple[str, ...]) -> None:
    """Raise UsageError for a file or a directory that we could not write, or that a link in a checkout leads to."""
    if not (files or directories):
        return
    from vpce_checks.files.output import check_directory, check_output

    with output_errors():
        for file in files:
            check_output(file, checkouts)
        for directory in directories:
            check_directory(directory, checkouts)


def write_reports(outputs: Sequence[Output], report: Report, given: Namespace, checkouts: tuple[str, ...]) -> bool:
    """Write every report. Return False where a defect of ours left something out, which is reported.

    Raises UsageError for the first file that cannot be written, after all others are.
    """
    without = [output.format for output in outputs if output.format not in WITH_COSTS]
    if given.costs and without:
        say(f"--costs adds nothing to {', '.join(without)}: {', '.join(WITH_COSTS)} show costs")
    complete = True
    refused: list[UsageError] = []
    for output in outputs:
        try:
            complete &= _write(output, report, given, checkouts)
        except UsageError as error:
            refused.append(error)
    if refused:
        raise refused[0]
    return complete


def _write(output: Output, report: Report, given: Namespace, checkouts: tuple[str, ...]) -> bool:
    from vpce_checks.report.guard import render_what_can_be

    compared = given.changed_since or ("" if given.write_baseline else given.baseline) or ""
    style = Style(
        os.getcwd(),
        WIDTH,
        colour=False,
        verbose=given.verbose,
        strict=given.strict,
        compared_with=compared,
        statistics=given.statistics,
        costs=given.costs,
    )
    if output.file is None:
        style = replace(style, width=width(), colour=shows_colour())
    try:
        text, defects = render_what_can_be(output.format, report, style)
    except Exception as error:
        say(f"error: cannot write the report as {output.format}: {defect(error)}")
        return False
    for item in defects:
        say(f"error: {item.message}")
    if output.file is None:
        put(text)
        return not defects
    from vpce_checks.files.output import write_output

    with output_errors():
        write_output(output.file, text, checkouts)
    return not defects


def record_baseline(report: Report, file: str, checkouts: tuple[str, ...]) -> None:
    """Write the baseline: what fails or cannot be read today no longer counts. Raises UsageError."""
    from vpce_checks.rules.baseline import write_baseline

    diagnostics = [item for root in report.roots for item in root.diagnostics]
    with output_errors():
        count = write_baseline(file, report.findings, checkouts, diagnostics)
    say(f"recorded {count} finding{'' if count == 1 else 's'} in {file}")


def report_gone(gone: Baseline, file: str) -> None:
    """Say what the baseline records and the scan no longer has."""
    lines = [
        f"{key.rule} on {key.resource}{f' ({key.service})' if key.service else ''} in {key.root}"
        for key in sorted(gone.recorded)
    ]
    lines += [f"{item.file}: {item.message}" for item in sorted(gone.errors)]
    if not lines:
        return
    say(
        f"{file} records {len(lines)} finding{'' if len(lines) == 1 else 's'} that are gone (--prune-baseline removes them):"
    )
    for line in lines[:MAX_GONE]:
        say(f"  {line}")
    if len(lines) > MAX_GONE:
        say(f"  and {len(lines) - MAX_GONE} more")


def prune_baseline(baseline: Baseline, gone: Baseline, file: str, checkouts: tuple[str, ...]) -> None:
    """Write the baseline without what is gone. Raises UsageError."""
    from vpce_checks.rules.baseline import rewrite_baseline, without

    count = len(gone.recorded) + len(gone.errors)
    if count:
        with output_errors():
            rewrite_baseline(file, without(baseline, gone), checkouts)
    say(f"removed {count} finding{'' if count == 1 else 's'} from {file}")


@contextmanager
def output_errors() -> Iterator[None]:
    """Raise UsageError for a file that cannot be written."""
    from vpce_checks.files.output import OutputError

    try:
        yield
    except OutputError as error:
        raise UsageError(str(error)) from error

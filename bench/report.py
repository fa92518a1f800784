"""The measurements as Markdown tables: bars first, then every work."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from bench.measure import LIMIT, Measured, Spread
from bench.scaling import Growth, table
from bench.works import Bar, Work

Result = tuple[Work, Mapping[str, Measured]]


def markdown(
    results: Sequence[Result],
    versions: Mapping[str, str],
    cores: int,
    against: str | None,
    growths: Sequence[Growth] = (),
) -> str:
    """The whole report."""
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [
        "# Measured speed",
        "",
        f"{date.today().isoformat()}, {platform.system()} {platform.machine()}, {cores} cores. Versions: {named}.",
        *([f"*before* is revision `{against[:12]}`."] if against else []),
        "",
        "Made by `make bench` (see CONTRIBUTING.md). Each command runs as a process of its own, in turns with the ones it",
        "is compared with. Times are medians, the least and the most of all runs in brackets; memory is that of the",
        f"largest process at its peak. What takes longer than {LIMIT} s is stopped.",
        "",
        *_bars(results),
    ]
    for work, measured in results:
        lines += ["", *_table(work, measured)]
    if growths:
        lines += ["", "## How CPU time grows", "", *table(growths)]
    return "\n".join(lines) + "\n"


def _bars(results: Sequence[Result]) -> Iterator[str]:
    yield "| work | must reach | reached | |"
    yield "|---|---|---|---|"
    for work, measured in results:
        for bar in work.bars:
            verdict = "met" if bar.met(measured) else "**not met**"
            yield f"| {work.title} | {bar.text} | {_reading(bar, measured)} | {verdict} |"


def _reading(bar: Bar, measured: Mapping[str, Measured]) -> str:
    reading = bar.reading(measured)
    if bar.bytes:
        return _megabytes(reading)
    if bar.over is None:
        return _seconds(reading)
    return f"{reading:.1%}" if bar.below is not None and bar.below < 1 else f"{reading:.1f} times"


def _table(work: Work, measured: Mapping[str, Measured]) -> Iterator[str]:
    size = f" ({work.size / 1e6:.2f} MB)" if work.size else ""
    yield f"## {work.title[0].upper()}{work.title[1:]}{size}"
    yield ""
    yield f"| command | wall | CPU | peak memory | wall, over {work.reference} | runs |"
    yield "|---|---|---|---|---|---|"
    reference = measured[work.reference].wall.median
    for name, each in measured.items():
        ratio = each.wall.median / reference
        cells = (_spread(each.wall), _spread(each.cpu), _megabytes(each.peak), f"{ratio:.3g}")
        if each.is_stopped:
            cells = (f"stopped after {_seconds(each.wall.least)}", "", "", f"over {ratio:.3g}")
        yield f"| {' | '.join((name, *cells, str(each.runs)))} |"


def _spread(times: Spread) -> str:
    return f"{_seconds(times.median)} ({_seconds(times.least)} to {_seconds(times.most)})"


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def _megabytes(value: float) -> str:
    return f"{value / 1e6:.0f} MB"

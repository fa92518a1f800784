"""The machine-readable part of the report on every fixture, pinned: ``tests/fixtures/reports.txt`` has a line a run.

A line holds the exit code, how many results have which status, and a digest of everything a program can read. Texts for
people (messages, the why, fixes, scenarios) are left out: they may change freely.

    python -m tests.pinned          write the file anew (then read its diff)
    python -m tests.pinned RUN      print what the digest of one run is taken of, a fact a line
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.expectations import FIXTURES, Run, all_runs, scan

FILE = FIXTURES / "reports.txt"
STATUSES = ("fail", "pass", "unknown", "ignored")
FOR_PEOPLE = {"message", "why", "fix", "when"}


def facts(report: Mapping[str, Any]) -> Iterator[str]:
    """Every root, diagnostic, VPC, endpoint and result of a JSON report, one line each, without its prose."""
    for root in report.get("roots", ()):
        yield _line("root", {key: root[key] for key in ("path", "kind")})
        yield from (_line("diagnostic", item) for item in root["diagnostics"])
    for kind in ("vpcs", "endpoints", "results"):
        yield from (_line(kind.removesuffix("s"), item) for item in report.get(kind, ()))


def _line(kind: str, item: Mapping[str, Any]) -> str:
    kept = {key: value for key, value in item.items() if key not in FOR_PEOPLE}
    return f"{kind} {json.dumps(kept, sort_keys=True)}"


def pinned_line(run: Run, code: int, report: Mapping[str, Any]) -> str:
    """The line of one run."""
    digest = hashlib.sha256("\n".join(facts(report)).encode()).hexdigest()[:16]
    summary = report.get("summary", {})
    counts = " ".join(f"{status} {summary.get(status, 0)}" for status in STATUSES)
    objects = f"vpcs {len(report.get('vpcs', ()))} endpoints {len(report.get('endpoints', ()))}"
    return f"{run.id}: exit {code} {counts} {objects} {digest}"


def pinned_lines() -> dict[str, str]:
    """The lines of the file, by the id of their run."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return {line.partition(": ")[0]: line for line in lines}


def main(arguments: list[str]) -> None:
    """Write the file, or print the facts of the runs that are named."""
    if arguments:
        for run in all_runs():
            if run.id in arguments:
                print("\n".join(facts(scan(run.fixture, run.args, run.env)[1])))
        return
    lines = [pinned_line(run, *scan(run.fixture, run.args, run.env)) for run in all_runs()]
    FILE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

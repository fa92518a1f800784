"""``python -m tests.truth [--expected-only] [FIXTURE...]``: apply fixtures and compare. Exits 1 on a difference."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.expectations import EXPECTED, Run, all_runs, bare_run, runs, scan
from tests.truth import ec2
from tests.truth.cases import Case, cases, check, skipped
from tests.truth.deploy import NotApplied
from tests.truth.environment import Tools, Unavailable, tools

WORKERS = 4
"""Applies at a time. An apply waits, most of its time, for an endpoint to become available."""


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.truth", description="Compare fixtures with what is deployed."
    )
    parser.add_argument(
        "fixture", nargs="*", help="a fixture's name, or any root module's folder (default: all fixtures)"
    )
    parser.add_argument("--expected-only", action="store_true", help="do not look at our own report")
    options = parser.parse_args()
    everything = all_runs()
    chosen: list[Run] = []
    for name in options.fixture:
        folder = Path(name).resolve()
        named = [run for run in everything if run.fixture.name == folder.name]
        chosen += named or (list(runs(folder)) if (folder / EXPECTED).exists() else [bare_run(folder)])
    try:
        found = tools()
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return 0
    applied = []
    for run in chosen or everything:
        if reason_not := skipped(run):
            print(f"skip  {run.id}: {reason_not}")
        else:
            applied += list(cases(run))
    # Before the threads start: a scan changes the working directory.
    reports: dict[str, dict[str, Any] | None] = {}
    for run in {case.run.id: case.run for case in applied}.values():
        reports[run.id] = None if options.expected_only else scan(run.fixture, run.args, run.env)[1]
    bad = 0
    with ec2.server(found) as address, ThreadPoolExecutor(WORKERS) as pool:
        for case, lines, seconds in pool.map(lambda each: _one(each, found, address, reports[each.run.id]), applied):
            bad += bool(lines)
            print(f"{'DIFF' if lines else 'same':5} {case.id} ({seconds:.1f} s)")
            for line in lines:
                print("      " + line.replace("\n", "\n      "))
            sys.stdout.flush()
    print(f"{len(applied)} applied, {bad} different")
    return 1 if bad else 0


def _one(case: Case, found: Tools, address: str, report: dict[str, Any] | None) -> tuple[Case, list[str], float]:
    start = time.monotonic()
    try:
        lines = check(case, found, address, report)
    except NotApplied as error:
        lines = [f"not applied: {error}"]
    return case, lines, time.monotonic() - start


if __name__ == "__main__":
    sys.exit(main())

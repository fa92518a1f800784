"""Every fixture gives the verdicts written beside it, and the report that is pinned."""

from __future__ import annotations

import pytest

from tests.expectations import Run, all_runs, differences, scan
from tests.pinned import pinned_line, pinned_lines

RUNS = all_runs()
PINNED = pinned_lines()


@pytest.mark.parametrize("run", RUNS, ids=[run.id for run in RUNS])
def test_fixture(run: Run) -> None:
    code, report = scan(run.fixture, run.args, run.env)
    found = differences(run, code, report)
    assert not found, "\n  ".join(["", run.id, *found])
    assert pinned_line(run, code, report) == PINNED.get(run.id), "if that is meant: python -m tests.pinned (see there)"


def test_pinned_reports_are_of_fixtures_that_exist() -> None:
    assert PINNED.keys() == {run.id for run in RUNS}

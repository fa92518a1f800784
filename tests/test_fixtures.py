"""Every fixture gives the verdicts written beside it."""

from __future__ import annotations

import pytest

from tests.expectations import Run, all_runs, differences, scan

RUNS = all_runs()


@pytest.mark.parametrize("run", RUNS, ids=[run.id for run in RUNS])
def test_fixture(run: Run) -> None:
    code, report = scan(run.fixture, run.args, run.env)
    found = differences(run, code, report)
    assert not found, "\n  ".join(["", run.id, *found])

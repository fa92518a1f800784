"""Every fixture that Terraform can apply is deployed as its expected.yaml and our report say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.expectations import all_runs, scan
from tests.truth import environment
from tests.truth.cases import Case, cases, check, skipped
from tests.truth.deploy import NotApplied

APPLIED = [case for run in all_runs() if skipped(run) is None for case in cases(run)]
TOGETHER = 6
"""How many cases a test applies at once: an apply mostly waits for its endpoints to become available."""

GROUPS = [APPLIED[start : start + TOGETHER] for start in range(0, len(APPLIED), TOGETHER)]


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group[0].id}..{group[-1].id}")
def test_deployed(group: list[Case], tools: environment.Tools, moto: str) -> None:
    # Scans first, one by one: a scan changes the working directory.
    reports = [scan(case.run.fixture, case.run.args, case.run.env)[1] for case in group]

    def one(index: int) -> list[str]:
        try:
            found = check(group[index], tools, moto, reports[index])
        except NotApplied as error:
            found = [f"not applied: {error}"]
        return [f"{group[index].id}: {each}" for each in found]

    with ThreadPoolExecutor(TOGETHER) as pool:
        found = [line for lines in pool.map(one, range(len(group))) for line in lines]
    assert not found, "\n".join(["", *found])


def test_a_skipped_case_says_why() -> None:
    for run in all_runs():
        reason = skipped(run)
        assert reason is None or len(reason) > 10, run.id

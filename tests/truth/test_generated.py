"""Generated configurations: our report is exactly what `terraform plan` says will be created.

And so is our report on the plan itself, but for what a plan leaves open.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.expectations import scan
from tests.truth import environment, plan
from tests.truth.deploy import NotApplied
from tests.truth.generate import Case, cases

AT_ONCE = 20
"""Cases in one plan: starting Terraform and the provider takes most of its time."""


def _some_cases(start: int) -> list[Case]:
    collected: list[Case] = []

    @seed(start)
    @settings(
        max_examples=3 * AT_ONCE,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
    )
    @given(cases())
    def collect(case: Case) -> None:
        collected.append(case)

    collect()
    # Hypothesis starts with the simplest; take any.
    return random.Random(start).sample(collected, AT_ONCE)


@pytest.fixture(scope="module")
def workplace(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[environment.Tools, Path]:
    if not request.config.getoption("--slow") and not environment.made():
        pytest.skip("the truth's tools are not set up yet: run it with --slow")
    try:
        tools = environment.tools()
    except environment.Unavailable as reason:
        pytest.skip(str(reason))
    directory = tmp_path_factory.mktemp("plan")
    (directory / ".git").mkdir()  # the repository ends here
    plan.prepare(tools, directory)
    return tools, directory


@pytest.mark.parametrize("start", [1, *(pytest.param(each, marks=pytest.mark.slow) for each in range(2, 22))])
def test_report_is_what_terraform_plans(start: int, workplace: tuple[environment.Tools, Path]) -> None:
    tools, directory = workplace
    chosen = _some_cases(start)
    plan.write(directory, chosen)
    try:
        planned = plan.plan(tools, directory)
    except NotApplied:
        chosen, messages = plan.refused(tools, directory, chosen)
        assert len(messages) <= AT_ONCE // 4, "\n".join(["Terraform refuses too many:", *messages])
        plan.write(directory, chosen)
        planned = plan.plan(tools, directory)
    assert planned.vpcs
    _, report = scan(directory, (), {})
    found = plan.differences(planned, report)
    _, report = scan(directory, (), {}, plan.PLAN)
    found += [f"{plan.PLAN}: {each}" for each in plan.differences(planned, report, exact=False)]
    wrong = [case for index, case in enumerate(chosen) if any(f"case_{index}." in line for line in found)]
    assert not found, "\n".join(
        ["", *found, *(repr(case) for case in sorted(wrong, key=lambda each: len(repr(each)))[:1])]
    )

"""Checkov says of the plan of every fixture that Terraform can plan what ``vpce-checks scan`` says of it.

A sample runs by default; ``VPCE_CHECKS_HOSTS=all`` (``make hosts``) runs all.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.expectations import all_runs, bare_run
from tests.tools.environments import Environment
from tests.tools.test_checkov_verdicts import checkov_records, compare, told
from tests.tools.verdicts import compares_all, scanned
from tests.truth import deploy, environment
from tests.truth.cases import Case, cases, skipped

pytestmark = pytest.mark.slow

PLANNED = [case for run in all_runs() if skipped(run) is None for case in cases(run)]
SAMPLE = 8
SEED = 16


def chosen() -> list[Case]:
    """All of them where asked for, else a sample."""
    if compares_all():
        return PLANNED
    return random.Random(SEED).sample(PLANNED, SAMPLE)


@pytest.mark.parametrize("case", chosen(), ids=lambda case: case.id)
def test_same_verdicts_of_the_plan(
    case: Case, tools: environment.Tools, moto: str, checkov: Environment, tmp_path: Path
) -> None:
    text = deploy.plan(tools, moto, case.run.fixture, case.root, case.arguments, case.run.env)
    repository = tmp_path.resolve() / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "plan.json").write_text(text)
    policy = case.run.fixture / ".vpce-checks.yaml"
    if policy.exists():
        shutil.copyfile(policy, repository / policy.name)
    run = bare_run(repository)
    verdicts = scanned(run, repository)
    assert verdicts, "a plan without a verdict would show nothing"
    compare(run, verdicts, told(checkov_records(checkov, [repository]), repository))

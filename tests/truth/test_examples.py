"""Real Terraform takes the examples, and deploys what a scan says of them."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.expectations import bare_run, scan
from tests.test_examples import EXAMPLES
from tests.truth import deploy, environment
from tests.truth.cases import Case, check

pytestmark = pytest.mark.slow

TERRAFORM = EXAMPLES / "terraform"
ROOTS = sorted(
    str(file.parent.relative_to(TERRAFORM)) for file in TERRAFORM.rglob("main.tf") if "modules" not in str(file)
)
APPLIED = ("envs/prod", "envs/staging", "hub-and-spoke")
"""The others: two keep their state in a bucket, and moto has no policies of AWS for the role of the Fargate service."""


@pytest.mark.parametrize("root", ROOTS)
def test_valid(root: str, tools: environment.Tools, tmp_path: Path) -> None:
    shutil.copytree(TERRAFORM, tmp_path / "terraform")
    directory = tmp_path / "terraform" / root
    deploy.terraform(tools, directory, {}, "init", "-backend=false", "-input=false", "-no-color")
    deploy.terraform(tools, directory, {}, "validate", "-no-color")


def test_planned(tools: environment.Tools, moto: str) -> None:
    plan = deploy.plan(tools, moto, TERRAFORM, "fargate", (), {})
    assert "aws_ecs_service" in plan


def test_deployed(tools: environment.Tools, moto: str) -> None:
    run = bare_run(TERRAFORM)
    report = scan(TERRAFORM, (), {})[1]
    with ThreadPoolExecutor(len(APPLIED)) as pool:
        found = list(pool.map(lambda root: check(Case(run, root, (), True, root), tools, moto, report), APPLIED))
    assert found == [[] for _ in APPLIED]

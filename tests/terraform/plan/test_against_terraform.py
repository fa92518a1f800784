"""Every fixture that Terraform can plan: its code, its plan beside the code and its plan alone agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expectations import all_runs
from tests.terraform.plan.plans import Json
from tests.terraform.plan.real import contradictions, differences, make_half_applied_plan, make_plan
from tests.truth import environment
from tests.truth.cases import Case, cases, skipped

PLANNED = [case for run in all_runs() if skipped(run) is None for case in cases(run)]


@pytest.mark.slow
@pytest.mark.parametrize("case", PLANNED, ids=lambda case: case.id)
def test_code_and_plan_agree(case: Case, tools: environment.Tools, moto: str, tmp_path: Path) -> None:
    path = make_plan(tools, moto, case, tmp_path / "case")
    found = differences(path, case, tmp_path)
    assert not found, "\n".join(["", case.id, *found])


@pytest.mark.slow
@pytest.mark.parametrize("case", PLANNED[::4], ids=lambda case: case.id)
def test_code_and_plan_agree_when_some_of_it_is_there(
    case: Case, tools: environment.Tools, moto: str, tmp_path: Path
) -> None:
    path = make_half_applied_plan(tools, moto, case, tmp_path / "case")
    found = differences(path, case, tmp_path)
    assert not found, "\n".join(["", case.id, *found])


@pytest.mark.slow
@pytest.mark.parametrize("case", PLANNED[1::6], ids=lambda case: case.id)
def test_code_and_plan_agree_in_json_syntax(case: Case, tools: environment.Tools, moto: str, tmp_path: Path) -> None:
    path = make_plan(tools, moto, case, tmp_path / "case", in_json=True)
    found = differences(path, case, tmp_path)
    assert not found, "\n".join(["", case.id, *found])


def test_a_contradiction_is_seen() -> None:
    result: Json = {
        "rule": "VPCE001",
        "resource": "aws_vpc.a",
        "service": "s3",
        "root": ".",
        "message": "",
        "why": [],
        "fix": None,
    }
    vpc = {"root": ".", "address": "aws_vpc.a", "external": False, "region": "eu-west-1"}
    endpoint = {
        "root": ".",
        "address": "aws_vpc_endpoint.e",
        "vpc": "aws_vpc.a",
        "service": "s3",
        "type": "Gateway",
        "private_dns": False,
        "exists": True,
    }
    one = {"roots": [{}], "vpcs": [vpc], "endpoints": [endpoint], "results": [{**result, "status": "pass"}]}
    other = {
        "roots": [{}],
        "vpcs": [{**vpc, "region": "eu-west-2"}],
        "endpoints": [{**endpoint, "vpc": "aws_vpc.b", "type": "Interface"}],
        "results": [{**result, "status": "fail"}],
    }
    assert len(list(contradictions(one, other))) == 4
    open_ = {
        "roots": [{}],
        "vpcs": [{**vpc, "region": None}],
        "endpoints": [{**endpoint, "vpc": None, "type": None}],
        "results": [{**result, "status": "unknown"}],
    }
    assert not list(contradictions(one, open_)) and not list(contradictions(open_, one))
    assert list(contradictions(one, {**one, "endpoints": []}))

"""The comparisons find what differs: with what was deployed, with a plan, and with expected.yaml."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.expectations import BadExpectation, differences, runs
from tests.truth import compare, plan
from tests.truth.deploy import Deployed, service, terraform_arguments
from tests.truth.ec2 import DeployedEndpoint
from tests.truth.overrides import add_default_provider, write

S3 = DeployedEndpoint("vpce-1", "aws_vpc.a", "com.amazonaws.eu-west-1.s3", "Gateway", False, ())
KMS = DeployedEndpoint("vpce-2", "aws_vpc.a", "com.amazonaws.eu-west-1.kms", "Interface", True, ())
DEPLOYED = Deployed({"aws_vpc.a": "eu-west-1"}, {"aws_vpc_endpoint.s3": S3, "aws_vpc_endpoint.kms": KMS})

VPCS = {"aws_vpc.a": {"external": False, "region": "eu-west-1"}}
ENDPOINTS: dict[str, dict[str, Any]] = {
    "aws_vpc_endpoint.s3": {
        "vpc": "aws_vpc.a",
        "service": "s3",
        "type": "Gateway",
        "private_dns": False,
        "exists": True,
    },
    "aws_vpc_endpoint.kms": {
        "vpc": "aws_vpc.a",
        "service": "kms",
        "type": "Interface",
        "private_dns": True,
        "exists": True,
    },
}


def _claimed(**changes: Any) -> list[str]:
    endpoints = copy.deepcopy(ENDPOINTS)
    endpoints["aws_vpc_endpoint.kms"].update(changes)
    return compare.vpcs_and_endpoints(DEPLOYED, VPCS, endpoints, complete=True)


def test_what_is_so_differs_in_nothing() -> None:
    assert _claimed() == []
    assert _claimed(name="com.amazonaws.*.kms") == []


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("vpc", "aws_vpc.b"),
        ("service", "sts"),
        ("type", "Gateway"),
        ("private_dns", False),
        ("name", "com.amazonaws.eu-west-2.kms"),
    ],
)
def test_a_wrong_claim_is_found_and_an_open_one_is_not(key: str, wrong: object) -> None:
    assert any(f"{key} claimed" in line for line in _claimed(**{key: wrong}))
    assert _claimed(**{key: None}) == []


def test_missing_and_additional_objects_are_found() -> None:
    only_s3 = {"aws_vpc_endpoint.s3": ENDPOINTS["aws_vpc_endpoint.s3"]}
    assert compare.vpcs_and_endpoints(DEPLOYED, VPCS, only_s3, complete=True)
    assert compare.vpcs_and_endpoints(DEPLOYED, VPCS, only_s3, complete=False) == []
    more = {**ENDPOINTS, "aws_vpc_endpoint.x": {**ENDPOINTS["aws_vpc_endpoint.s3"]}}
    assert compare.vpcs_and_endpoints(DEPLOYED, VPCS, more, complete=False)
    more["aws_vpc_endpoint.x"]["exists"] = None
    assert compare.vpcs_and_endpoints(DEPLOYED, VPCS, more, complete=True) == []
    assert compare.vpcs_and_endpoints(DEPLOYED, {}, ENDPOINTS, complete=True)
    elsewhere = {"aws_vpc.a": {"external": False, "region": "us-east-1"}}
    assert compare.vpcs_and_endpoints(DEPLOYED, elsewhere, ENDPOINTS, complete=True)


@pytest.mark.parametrize(("rule", "right", "wrong"), [("VPCE001", "pass", "fail"), ("VPCE002", "fail", "pass")])
def test_verdicts_on_gateways(rule: str, right: str, wrong: str) -> None:
    assert compare.verdicts(DEPLOYED, {(rule, "aws_vpc.a", None): right}) == []
    assert compare.verdicts(DEPLOYED, {(rule, "aws_vpc.a", None): "unknown"}) == []
    assert compare.verdicts(DEPLOYED, {(rule, "aws_vpc.a", None): wrong})


def test_verdicts_on_declared_interfaces() -> None:
    assert (
        compare.verdicts(DEPLOYED, {("VPCE003", "aws_vpc.a", "kms"): "pass", ("VPCE003", "aws_vpc.a", "s3"): "fail"})
        == []
    )
    assert compare.verdicts(DEPLOYED, {("VPCE003", "aws_vpc.a", "kms"): "fail"})
    assert compare.verdicts(DEPLOYED, {("VPCE003", "aws_vpc.a", "s3"): "pass"})


def test_verdicts_on_endpoints() -> None:
    assert compare.verdicts(DEPLOYED, {("VPCE004", "aws_vpc_endpoint.kms", None): "fail"})
    assert compare.verdicts(DEPLOYED, {("VPCE007", "aws_vpc_endpoint.s3", None): "pass"})
    assert compare.verdicts(DEPLOYED, {("VPCE007", "aws_vpc_endpoint.s3", None): "fail"}) == []


def _report(status: str = "pass", private_dns: bool | None = True, exists: bool | None = True) -> dict[str, Any]:
    endpoint = {
        "root": ".",
        "address": "aws_vpc_endpoint.kms",
        "vpc": "aws_vpc.a",
        "service": "kms",
        "service_name": "com.amazonaws.eu-west-1.kms",
        "type": "Interface",
        "private_dns": private_dns,
        "exists": exists,
    }
    result = {"rule": "VPCE001", "root": ".", "resource": "aws_vpc.a", "service": "s3", "status": status}
    return {
        "roots": [{"path": ".", "diagnostics": []}],
        "vpcs": [{"root": ".", "address": "aws_vpc.a", "external": False, "region": "eu-west-1"}],
        "endpoints": [endpoint],
        "results": [{**result, "message": "says this", "why": ["because of that"], "fix": None}],
    }


def test_a_report_against_a_plan() -> None:
    planned = plan.Planned(frozenset({"aws_vpc.a"}), {"aws_vpc_endpoint.kms": ("kms", "Interface", True, "aws_vpc.a")})
    assert plan.differences(planned, _report(status="fail")) == []
    assert plan.differences(planned, _report(status="pass"))
    assert plan.differences(planned, _report(status="unknown"))
    assert plan.differences(planned, _report(status="fail", private_dns=False))
    assert plan.differences(planned, _report(status="fail", private_dns=None))
    assert plan.differences(planned, _report(status="fail", exists=None))
    assert plan.differences(plan.Planned(frozenset(), {}), _report(status="fail"))


EXPECTED = """\
about: A case.
vpcs: {aws_vpc.a: eu-west-1}
endpoints:
  aws_vpc_endpoint.kms: {vpc: aws_vpc.a, service: kms, private_dns: true}
results:
  VPCE001: {aws_vpc.a: {pass: [says this, of that]}}
"""


def test_a_report_against_expected_yaml(tmp_path: Path) -> None:
    (tmp_path / "expected.yaml").write_text(EXPECTED)
    (run,) = runs(tmp_path)
    assert differences(run, 0, _report()) == []
    assert differences(run, 1, _report())
    assert differences(run, 0, _report(status="unknown"))
    assert differences(run, 0, _report(private_dns=None))
    for part in ("vpcs", "endpoints", "results"):
        assert differences(run, 0, {**_report(), part: []}), part
    silent = _report()
    silent["results"][0]["why"] = []
    assert any("does not say" in line for line in differences(run, 0, silent))
    other = _report()
    other["results"].append({**other["results"][0], "rule": "VPCE004", "resource": "aws_vpc_endpoint.kms"})
    assert any("unexpected pass" in line for line in differences(run, 0, other))
    broken = _report()
    broken["roots"][0]["diagnostics"] = [{"severity": "error", "message": "no"}]
    assert any("unexpected error" in line for line in differences(run, 0, broken))


@pytest.mark.parametrize("text", ["vpcs: {}", "about: x\nvpc: {}", "about: x\nresults: {VPCE001: {aws_vpc.a: maybe}}"])
def test_a_wrong_expected_yaml_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "expected.yaml").write_text(text)
    with pytest.raises(BadExpectation):
        list(runs(tmp_path))


def test_arguments_shared_with_terraform() -> None:
    ours = ["--require", "kms", "--var", "a=b=c", "--var-file=x.tfvars", "--strict"]
    assert terraform_arguments(ours) == ["-var=a=b=c", "-var-file=x.tfvars"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("com.amazonaws.us-gov-west-1.ecr.api", "ecr.api"),
        ("aws.sagemaker.eu-west-1.notebook", "notebook"),
        ("com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0", None),
    ],
)
def test_short_names(name: str, short: str | None) -> None:
    assert service(name) == short


def test_overrides_for_every_provider_and_endpoint(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "main.tf").write_text('provider "aws" {\n  alias  = "us"\n  region = "us-east-1"\n}\n')
    (tmp_path / "more.tf.json").write_text('{"resource": {"aws_vpc_endpoint": {"j": {}}}}')
    (tmp_path / "inner" / "main.tf").write_text(
        'resource "aws_vpc_endpoint" "x" {\n}\nresource aws_vpc_endpoint y {\n}\n'
    )
    write(tmp_path, "http://127.0.0.1:1", ["ec2", "sts"])
    add_default_provider(tmp_path, "http://127.0.0.1:1", ["ec2"])
    outer, inner = ((tmp_path / path / "zz_truth_override.tf").read_text() for path in (".", "inner"))
    assert 'alias = "us"' in outer and 'ec2 = "http://127.0.0.1:1"' in outer and '"aws_vpc_endpoint" "j"' in outer
    assert '"aws_vpc_endpoint" "x"' in inner and '"aws_vpc_endpoint" "y"' in inner and "provider" not in inner
    assert "alias" not in (tmp_path / "zz_truth_provider.tf").read_text()

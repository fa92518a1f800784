"""What a plan does not hold is not there, if the plan holds all that there will be; often it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.plan.plans import Json, configured, instance, network_of, plan, refers
from vpce_checks.model.network import Network

VPC = instance("aws_vpc.main", unknown={"id": True}, cidr_block="10.0.0.0/16")
S3 = configured("aws_vpc_endpoint.s3", vpc_id=refers("aws_vpc.main.id", "aws_vpc.main"))


def hides(network: Network) -> bool:
    """Whether the network may hold more than it tells, and says so."""
    assert len(network.opaque_modules) == len([each for each in network.diagnostics if each.severity == "warning"])
    return bool(network.opaque_modules)


@pytest.mark.parametrize(
    "top", [{"errored": True}, {"complete": False}, {"deferred_changes": [{"reason": "instance_count_unknown"}]}]
)
def test_a_plan_that_says_so(tmp_path: Path, top: Json) -> None:
    assert hides(network_of(tmp_path, plan({"": [VPC]}, {"resources": [configured("aws_vpc.main")]}, **top)))


def test_a_complete_plan_hides_nothing(tmp_path: Path) -> None:
    content = plan({"": [instance("aws_vpc.main")]}, {}, errored=False, complete=True, applyable=True)
    assert not hides(network_of(tmp_path, content))


def test_what_must_be_there_and_is_not(tmp_path: Path) -> None:
    """OpenTofu's -target and -exclude leave no other trace."""
    content = plan({"": [VPC]}, {"resources": [configured("aws_vpc.main"), S3]})
    network = network_of(tmp_path, content)
    assert hides(network)
    assert "aws_vpc_endpoint.s3" in network.diagnostics[0].message


@pytest.mark.parametrize(
    "repeated", [{"count_expression": refers("var.on")}, {"for_each_expression": refers("var.of")}]
)
def test_what_may_be_left_out_is_no_sign(tmp_path: Path, repeated: Json) -> None:
    content = plan({"": [VPC]}, {"resources": [configured("aws_vpc.main"), {**S3, **repeated}]})
    assert not hides(network_of(tmp_path, content))


def test_outputs_that_are_left_out(tmp_path: Path) -> None:
    """What an output of the root module refers to is left out, if the output is."""
    repeated = {**S3, "count_expression": refers("var.on")}
    blocks = {"resources": [configured("aws_vpc.main"), repeated], "outputs": {"s3": {"expression": refers("x")}}}
    assert hides(network_of(tmp_path, plan({"": [VPC]}, blocks)))
    known = {"actions": ["create"], "before": None, "after": None, "after_unknown": False}
    assert not hides(network_of(tmp_path, plan({"": [VPC]}, blocks, output_changes={"s3": known})))


def test_in_modules(tmp_path: Path) -> None:
    """An instance that is there holds everything that is not repeated within it; a call that is not repeated is there."""
    inner: Json = {"resources": [configured("aws_vpc.main"), S3]}
    outer: Json = {"module_calls": {"inner": {"module": inner}}}
    repeated: Json = {"module": outer, "for_each_expression": refers("var.names")}
    whole = [instance("aws_vpc.main"), instance("aws_vpc_endpoint.s3")]
    assert hides(network_of(tmp_path, plan({"": [VPC]}, {"module_calls": {"m": {"module": outer}}})))
    assert not hides(network_of(tmp_path, plan({"": [VPC]}, {"module_calls": {"m": repeated}})))
    at = 'module.m["a"].module.inner'
    planned = plan({"": [VPC], 'module.m["a"]': [], at: whole}, {"module_calls": {"m": repeated}})
    assert not hides(network_of(tmp_path, planned))
    planned = plan({"": [VPC], 'module.m["a"]': [], at: whole[:1]}, {"module_calls": {"m": repeated}})
    network = network_of(tmp_path, planned)
    assert hides(network) and f"{at}.aws_vpc_endpoint.s3" in network.diagnostics[0].message


def test_a_plan_that_destroys_is_all_there_is(tmp_path: Path) -> None:
    content = plan({}, {"resources": [configured("aws_vpc.main"), S3]})
    gone: Json = {"actions": ["delete"], "before": {"id": "vpc-1"}, "after": None, "after_unknown": {}}
    content["resource_changes"] = [{**VPC, "change": gone}]
    assert not hides(network_of(tmp_path, content))


def test_nothing_planned_for_what_is_declared(tmp_path: Path) -> None:
    """``-refresh-only`` plans nothing, and calls itself complete."""
    content = plan({}, {"resources": [configured("aws_vpc.main"), S3]}, complete=True)
    assert hides(network_of(tmp_path, content))


CODE = """\
variable "on" {}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "s3" {
  count        = var.on ? 1 : 0
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
}
"""


@pytest.mark.parametrize(("on", "complete", "hidden"), [(True, None, True), (False, None, False), (True, True, False)])
def test_the_code_beside_it_tells(tmp_path: Path, on: bool, complete: bool | None, hidden: bool) -> None:
    """Where the plan does not say that it is complete."""
    repeated = {**S3, "count_expression": refers("var.on")}
    content = plan({"": [VPC]}, {"resources": [configured("aws_vpc.main"), repeated]}, variables={"on": {"value": on}})
    if complete is not None:
        content["complete"] = complete
    assert hides(network_of(tmp_path, content, {"main.tf": CODE})) is hidden


def test_a_plan_cut_down_to_what_changes(tmp_path: Path) -> None:
    """Without what stays as it is, an endpoint that is there already is not told of."""
    updated = instance("aws_vpc.main", actions=("update",), id="vpc-0a1b2c3d")
    content = plan({"": [updated]}, {})
    del content["planned_values"]
    assert hides(network_of(tmp_path, content))
    content = plan({"": [updated, instance("aws_vpc_endpoint.e", actions=("no-op",), vpc_id="vpc-0a1b2c3d")]}, {})
    del content["planned_values"]
    assert not hides(network_of(tmp_path, content))
    content = plan({"": [VPC]}, {})
    del content["planned_values"]
    assert not hides(network_of(tmp_path, content)), "nothing was there before"


def test_more_resources_than_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vpce_checks.terraform.plan.model.MAX_RESOURCES", 3)
    content = plan({"": [instance(f"aws_vpc.v{n}") for n in range(4)]}, {})
    assert hides(network_of(tmp_path, content))


@pytest.mark.parametrize("listed", [True, False])
def test_what_is_forgotten_is_still_there(tmp_path: Path, listed: bool) -> None:
    """``removed`` with ``destroy = false``: the endpoint stays in its VPC, and only there."""
    kept = [instance("aws_vpc.main", actions=("no-op",), id="vpc-0a1b2c3d"), instance("aws_vpc.other", id="vpc-0f")]
    content = plan({"": kept}, {})
    before = {"vpc_id": "vpc-0a1b2c3d", "service_name": "com.amazonaws.eu-west-1.s3"}
    gone = {"actions": ["forget"], "before": before, "after": None, "after_unknown": {}}
    former = {"address": "aws_vpc_endpoint.s3", "mode": "managed", "type": "aws_vpc_endpoint", "name": "s3"}
    content["resource_changes"].append({**former, "change": gone})
    if listed:  # as Terraform 1.11 does
        content["planned_values"]["root_module"]["resources"].append({**former, "values": {}})
    network = network_of(tmp_path, content)
    assert not network.endpoints and not network.diagnostics
    (hidden,) = network.opaque_modules
    assert {str(value) for value in hidden.inputs} == {"aws_vpc.main.id"}


def test_a_forgotten_vpc_is_not_ours(tmp_path: Path) -> None:
    content = plan({}, {})
    gone = {"actions": ["forget"], "before": {"id": "vpc-0a1b2c3d"}, "after": None, "after_unknown": {}}
    former = {"address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main"}
    content["resource_changes"].append({**former, "change": gone})
    network = network_of(tmp_path, content)
    assert not network.vpcs and not network.opaque_modules

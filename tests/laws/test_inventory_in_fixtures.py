"""An inventory of objects that nobody names changes nothing, in any fixture. Hiding one turns no verdict around."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.expectations import Run, all_runs, scan

EVERY = 6
"""Of so many fixtures, one is tried without ``--slow``."""

VPC = "vpc-0ffffffffffffffff"
UNRELATED = {
    "Vpcs": [
        {
            "VpcId": VPC,
            "OwnerId": "999999999999",
            "CidrBlock": "203.0.113.0/24",
            "Tags": [{"Key": "Name", "Value": "quite-unrelated"}],
        }
    ],
    "Subnets": [
        {"SubnetId": "subnet-0fff", "VpcId": VPC, "CidrBlock": "203.0.113.0/25", "AvailabilityZone": "eu-west-1a"}
    ],
    "RouteTables": [{"RouteTableId": "rtb-0fff", "VpcId": VPC, "Associations": [{"Main": True}], "Routes": []}],
    "SecurityGroups": [{"GroupId": "sg-0fff", "GroupName": "default", "VpcId": VPC, "IpPermissions": []}],
    "VpcEndpoints": [
        {
            "VpcEndpointId": "vpce-0fff",
            "VpcId": VPC,
            "VpcEndpointType": "Gateway",
            "ServiceName": "com.amazonaws.eu-west-1.s3",
        }
    ],
    "HostedZones": [{"Id": "/hostedzone/Z0FFF", "Name": "ssm.eu-west-1.amazonaws.com."}],
}

RUNS = all_runs()


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(run, id=run.id, marks=() if place % EVERY == 0 else pytest.mark.slow)
        for place, run in enumerate(RUNS)
    ],
)
def test_unrelated_objects_change_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "unrelated.json"
    file.write_text(json.dumps(UNRELATED))
    alone = scan(run.fixture, run.args, run.env)
    beside = scan(run.fixture, (*run.args, "--inventory", str(file)), run.env)
    assert beside == alone


LISTED = [run for run in RUNS if "inventory" in run.fixture.name]
CERTAIN = {"pass", "fail"}
OPEN = "VPCE007"
"""It speaks of the tables that are known: of a VPC without any, there is none that an endpoint misses."""


@pytest.mark.parametrize("run", LISTED, ids=[run.id for run in LISTED])
def test_hiding_a_file_turns_no_verdict_around(run: Run, tmp_path: Path) -> None:
    """Without one of its inventories, a verdict stays, gets unknown, or is not given at all."""
    policy = yaml.safe_load((run.fixture / ".vpce-checks.yaml").read_text())
    whole = _statuses(scan(run.fixture, run.args, run.env)[1])
    assert set(whole.values()) >= CERTAIN
    for place, entry in enumerate(policy["inventory"]):
        copy = tmp_path / str(place)
        shutil.copytree(run.fixture, copy)
        (copy / ".git").mkdir()
        rest = [each for each in policy["inventory"] if each is not entry]
        (copy / ".vpce-checks.yaml").write_text(yaml.safe_dump({**policy, "inventory": rest}))
        found = _statuses(scan(copy, run.args, run.env)[1])
        around = {
            key: (whole.get(key), status)
            for key, status in found.items()
            if key[0] != OPEN and {whole.get(key), status} == CERTAIN
        }
        assert not around, entry


def _statuses(report: Mapping[str, Any]) -> dict[tuple[str, str, str | None], str]:
    return {(each["rule"], each["resource"], each["service"]): each["status"] for each in report["results"]}

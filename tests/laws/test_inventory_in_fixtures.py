"""An inventory of objects that nobody names changes nothing, in any fixture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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

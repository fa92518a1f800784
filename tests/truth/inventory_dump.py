"""Deploy a hub and a spoke's network on moto through boto3, and print what the AWS CLI would print of them.

Runs in the truth's own venv, where moto is: ``python inventory_dump.py DIRECTORY`` writes one JSON file for each command, and
prints the ids of what it made.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-not-found,import-untyped,unused-ignore]
from moto import mock_aws  # type: ignore[import-not-found,import-untyped,unused-ignore]

REGION = "eu-west-1"


def _write(directory: Path, name: str, response: dict[str, Any]) -> None:
    """Write a response as the CLI prints it: without what is about the request."""
    printed = {key: value for key, value in response.items() if key != "ResponseMetadata"}
    (directory / f"{name}.json").write_text(json.dumps(printed, indent=4, default=str))


def _network(ec2: Any, name: str, block: str, hostnames: bool) -> dict[str, str]:
    vpc = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": name}])
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": hostnames})
    found = {"vpc": vpc}
    for number, tier in enumerate(("private", "served", "public")):
        zone = f"{REGION}{'abc'[number]}"
        subnet = ec2.create_subnet(
            VpcId=vpc, CidrBlock=block.replace(".0.0/16", f".{number}.0/24"), AvailabilityZone=zone
        )["Subnet"]["SubnetId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        found[f"{tier}_subnet"], found[f"{tier}_table"] = subnet, table
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_route(RouteTableId=found["public_table"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    return found


@mock_aws  # type: ignore[misc,unused-ignore]
def main(directory: Path) -> dict[str, str]:
    """Deploy, write the outputs into ``directory``, and return the ids."""
    ec2, route53 = boto3.client("ec2", region_name=REGION), boto3.client("route53", region_name=REGION)
    spoke = _network(ec2, "spoke", "10.1.0.0/16", hostnames=False)
    hub = _network(ec2, "hub", "10.0.0.0/16", hostnames=True)
    group = ec2.create_security_group(GroupName="endpoints", Description="endpoints", VpcId=hub["vpc"])["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    endpoint = ec2.create_vpc_endpoint(
        VpcId=hub["vpc"],
        VpcEndpointType="Interface",
        ServiceName=f"com.amazonaws.{REGION}.ssm",
        SubnetIds=[hub["private_subnet"]],
        SecurityGroupIds=[group],
        PrivateDnsEnabled=False,
    )["VpcEndpoint"]["VpcEndpointId"]
    ec2.create_vpc_endpoint(
        VpcId=spoke["vpc"],
        VpcEndpointType="Gateway",
        ServiceName=f"com.amazonaws.{REGION}.dynamodb",
        RouteTableIds=[spoke["served_table"]],
    )
    zone = route53.create_hosted_zone(
        Name=f"ssm.{REGION}.amazonaws.com",
        CallerReference="hub",
        HostedZoneConfig={"PrivateZone": True, "Comment": ""},
        VPC={"VPCRegion": REGION, "VPCId": hub["vpc"]},
    )["HostedZone"]["Id"]
    alias = {
        "HostedZoneId": "Z38GZ743OKFT7T",
        "DNSName": f"{endpoint}-abcdefgh.ssm.{REGION}.vpce.amazonaws.com",
        "EvaluateTargetHealth": False,
    }
    record = {"Name": f"ssm.{REGION}.amazonaws.com", "Type": "A", "AliasTarget": alias}
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    _write(directory, "vpcs", ec2.describe_vpcs())
    _write(directory, "endpoints", ec2.describe_vpc_endpoints())
    _write(directory, "subnets", ec2.describe_subnets())
    _write(directory, "tables", ec2.describe_route_tables())
    _write(directory, "groups", ec2.describe_security_groups())
    for name in ("enableDnsSupport", "enableDnsHostnames"):
        _write(directory, name, ec2.describe_vpc_attribute(VpcId=spoke["vpc"], Attribute=name))
    _write(directory, "zones", route53.list_hosted_zones())
    _write(directory, "zone", route53.get_hosted_zone(Id=zone))
    _write(directory, "records", route53.list_resource_record_sets(HostedZoneId=zone))
    return {**spoke, "zone": zone.rpartition("/")[2], "hub_vpc": hub["vpc"], "hub_endpoint": endpoint, "group": group}


if __name__ == "__main__":
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ[name] = "testing"
    print(json.dumps(main(Path(sys.argv[1]))))

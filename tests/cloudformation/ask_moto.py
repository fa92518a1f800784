"""Deploy a template onto moto, and print the VPCs and endpoints that exist then. It runs where moto is installed."""

from __future__ import annotations

import json
import sys
from urllib.parse import unquote

import boto3
from moto import mock_aws

question = json.load(sys.stdin)
with mock_aws():
    stacks, ec2 = boto3.client("cloudformation"), boto3.client("ec2")
    before = {vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]}
    parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in question["parameters"].items()]
    stacks.create_stack(StackName="case", TemplateBody=question["template"], Parameters=parameters)
    resources = stacks.describe_stack_resources(StackName="case")["StackResources"]
    logical = {resource.get("PhysicalResourceId"): resource.get("LogicalResourceId") for resource in resources}
    endpoints = {
        logical.get(endpoint["VpcEndpointId"], "?"): {
            "service_name": unquote(endpoint["ServiceName"]),
            "type": endpoint.get("VpcEndpointType") or "Gateway",  # what AWS makes of none
            "private_dns": bool(endpoint.get("PrivateDnsEnabled")),
            "vpc": logical.get(endpoint["VpcId"], endpoint["VpcId"]),
            "route_tables": sorted(logical.get(table, table) for table in endpoint.get("RouteTableIds", [])),
        }
        for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"]
    }
    vpcs = [logical.get(vpc["VpcId"], "?") for vpc in ec2.describe_vpcs()["Vpcs"] if vpc["VpcId"] not in before]
print(json.dumps({"vpcs": vpcs, "endpoints": endpoints}))

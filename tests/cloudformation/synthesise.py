"""Synthesise common CDK constructs into the directory named first. It runs where aws-cdk-lib is installed."""

from __future__ import annotations

import sys

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

INTERFACE = ec2.InterfaceVpcEndpointAwsService
GATEWAY = ec2.GatewayVpcEndpointAwsService


class Network(cdk.Stack):
    def __init__(self, scope: object, id: str, **more: object) -> None:
        super().__init__(scope, id, **more)
        s3 = ec2.GatewayVpcEndpointOptions(service=GATEWAY.S3)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, gateway_endpoints={"S3": s3})
        self.vpc.add_interface_endpoint("Ecr", service=INTERFACE.ECR_DOCKER)
        self.vpc.add_interface_endpoint("Logs", service=INTERFACE.CLOUDWATCH_LOGS, private_dns_enabled=False)


class Endpoints(cdk.Stack):
    def __init__(self, scope: object, id: str, vpc: ec2.Vpc, **more: object) -> None:
        super().__init__(scope, id, **more)
        ec2.InterfaceVpcEndpoint(self, "Kms", vpc=vpc, service=INTERFACE.KMS)
        ec2.GatewayVpcEndpoint(self, "DynamoDB", vpc=vpc, service=GATEWAY.DYNAMODB)


class Nested(cdk.NestedStack):
    def __init__(self, scope: object, id: str, vpc: ec2.Vpc) -> None:
        super().__init__(scope, id)
        ec2.InterfaceVpcEndpoint(self, "Sts", vpc=vpc, service=INTERFACE.STS)


class Parent(cdk.Stack):
    def __init__(self, scope: object, id: str, **more: object) -> None:
        super().__init__(scope, id, **more)
        Nested(self, "Nested", ec2.Vpc(self, "Vpc", max_azs=1))


class Prod(cdk.Stage):
    def __init__(self, scope: object, id: str, **more: object) -> None:
        super().__init__(scope, id, **more)
        Endpoints(self, "Endpoints", Network(self, "Network").vpc)


app = cdk.App(outdir=sys.argv[1])
Network(app, "Agnostic")
Parent(app, "Parent", env=cdk.Environment(account="123456789012", region="eu-west-1"))
Prod(app, "Prod", env=cdk.Environment(account="123456789012", region="cn-north-1"))
app.synth()

"""Permissions that let nobody make a network."""

from __future__ import annotations

import pytest

from vpce_checks.catalog.network_permissions import makes_no_network, policy_makes_no_network, template_makes_no_network


@pytest.mark.parametrize(
    "action",
    [
        *("ec2:DescribeVpcs", "ec2:Describe*", "EC2:GET*", "s3:*", "logs:PutLogEvents", "ssm:GetParameter"),
        *(
            "ec2:RevokeSecurityGroupIngress",
            "iam:PassRole",
            "ec2:TerminateInstances",
            "cloudformation:DescribeStacks",
            "ssm:PutParameter",
        ),
    ],
)
def test_harmless(action: str) -> None:
    assert makes_no_network(action)


@pytest.mark.parametrize(
    "action",
    [
        *("*", "*:*", "ec2:*", "ec2:*Describe*", "ec2:CreateVpcEndpoint", "ec2:CreateRoute", "ec2:ReplaceRoute", "ec2"),
        *(
            "s*:*",
            "?3:GetObject",
            "cloudformation:CreateStack",
            "sts:AssumeRole",
            "iam:PutRolePolicy",
            "lambda:InvokeFunction",
        ),
        *(
            "ssm:StartAutomationExecution",
            "codebuild:StartBuild",
            "states:StartExecution",
            "ec2:RunInstances",
            "events:PutTargets",
        ),
    ],
)
def test_may_make_one(action: str) -> None:
    assert not makes_no_network(action)


def test_policies_of_aws() -> None:
    assert policy_makes_no_network("AWSLambdaBasicExecutionRole")
    assert not policy_makes_no_network("AdministratorAccess")
    assert not policy_makes_no_network("AmazonVPCFullAccess")


def test_policy_templates_of_sam() -> None:
    assert template_makes_no_network("S3ReadPolicy")
    assert not template_makes_no_network("LambdaInvokePolicy")
    assert not template_makes_no_network("Statement")

"""What the text of a template shows."""

from __future__ import annotations

import pytest

from vpce_checks.model.template_text import may_hold_network, network_types_in


def test_types_of_a_network() -> None:
    text = '{"A": {"Type": "AWS::EC2::RouteTable"}, "B": {"Type": "AWS::EC2::VPC"}, "C": {"Type": "AWS::EC2::VPC"}}'
    assert network_types_in(text) == ("AWS::EC2::RouteTable", "AWS::EC2::VPC")
    assert network_types_in("AWS::EC2::VPCEndpointService AWS::EC2::Instance") == ()


@pytest.mark.parametrize(
    "part", ["AWS::EC2::VPC", "AWS::CloudFormation::Stack", "Custom::Net", "Transform: Macro", "Acme::Net::Vpc::MODULE"]
)
def test_what_may_hold_a_network(part: str) -> None:
    assert may_hold_network(f"Resources: {{X: {part}}}")
    assert not may_hold_network(
        "Resources: {T: {Type: AWS::SNS::Topic}, W: {Type: AWS::CloudFormation::WaitCondition}}"
    )

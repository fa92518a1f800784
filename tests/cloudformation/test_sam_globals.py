"""Globals of Serverless templates: what SAM's own translator makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workloads.test_switched_off import STACK, failing

INSIGHTS = '!Sub "arn:aws:lambda:${AWS::Region}:580247275435:layer:LambdaInsightsExtension:53"'
PLACES = "SubnetIds: [!Ref Inner]"
GUARD = "SecurityGroupIds: [!Ref Guard]"


def function(properties: str, common: str, attributes: str = "") -> str:
    """Return a template with a function and what ``Globals`` sets for all."""
    head = f"Transform: AWS::Serverless-2016-10-31\nGlobals: {{Function: {{{common}}}}}\n"
    code = f"  Job: {{Type: AWS::Serverless::Function, {attributes}Properties: {{Handler: a.b, {properties}}}}}\n"
    return head + STACK + code


INSIDE = f"VpcConfig: {{{PLACES}, {GUARD}}}"


@pytest.mark.parametrize(
    ("properties", "common", "attributes"),
    [
        (f"Layers: [{INSIGHTS}]", INSIDE, ""),
        (f"Layers: [{INSIGHTS}], VpcConfig: {{{PLACES}}}", f"VpcConfig: {{{GUARD}}}", ""),
        (f"Layers: [{INSIGHTS}], VpcConfig: {{{GUARD}}}", f"VpcConfig: {{{PLACES}}}", ""),
        (f"Layers: [!Ref Off], {INSIDE}", f"Layers: [{INSIGHTS}]", ""),
        (INSIDE, f"Layers: [{INSIGHTS}]", "IgnoreGlobals: [VpcConfig], "),
    ],
)
def test_maps_merge_and_lists_add_up(properties: str, common: str, attributes: str, tmp_path: Path) -> None:
    assert failing(tmp_path, function(properties, common, attributes), "template.yaml") == {"logs"}


@pytest.mark.parametrize(
    ("properties", "common", "attributes"),
    [
        (f"Layers: [{INSIGHTS}]", INSIDE, "IgnoreGlobals: '*', "),
        (f"Layers: [{INSIGHTS}]", INSIDE, "IgnoreGlobals: [VpcConfig], "),
        (f"Layers: !Split [',', !Ref Off], {INSIDE}", f"Layers: [{INSIGHTS}]", ""),
        (
            f"Layers: [{INSIGHTS}], {INSIDE}, Environment: {{Variables: {{A: b}}}}",
            "Environment: {Variables: {HTTPS_PROXY: 'http://proxy.example.com'}}",
            "",
        ),
    ],
)
def test_what_does_not_count_or_hides_calls(properties: str, common: str, attributes: str, tmp_path: Path) -> None:
    assert failing(tmp_path, function(properties, common, attributes), "template.yaml") == set()


def test_groups_of_both_let_calls_out(tmp_path: Path) -> None:
    """The group of Globals lets everything out, so it is not certain that the calls cannot leave by a way out."""
    shut = "  Shut: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Net, SecurityGroupEgress: [RULE]}}\n"
    shut = shut.replace("RULE", "{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.30.0.0/16}")
    way = """\
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
  Uses: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref Table, SubnetId: !Ref Inner}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: NAT}}
  Edge: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.30.9.0/24}}
  EdgeTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
  EdgeUses: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref EdgeTable, SubnetId: !Ref Edge}}
  Gate: {Type: AWS::EC2::InternetGateway}
  EdgeOut: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref EdgeTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gate}}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Edge, AllocationId: eipalloc-0a1b2c3d}}
""".replace("NAT", "!Ref Nat")
    own = f"Layers: [{INSIGHTS}], VpcConfig: {{{PLACES}, SecurityGroupIds: [!Ref Shut]}}"
    both = function(own, f"VpcConfig: {{{GUARD}}}") + shut + way
    assert failing(tmp_path / "both", both, "template.yaml") == set()
    assert failing(tmp_path / "own", function(own, "Timeout: 3") + shut + way, "template.yaml") == {"logs"}

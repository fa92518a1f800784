"""Which templates may use values of others, by their text alone."""

from __future__ import annotations

import pytest

from vpce_checks.cloudformation.sniff import uses_values

BOOTSTRAP = '"BootstrapVersion": {\n  "Type": "AWS::SSM::Parameter::Value<String>",\n  "Default": "/cdk-bootstrap/hnb659fds/version"\n}'
OTHER = '"Net": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::VPC::Id>", "Default": "/net/vpc"}'


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        (BOOTSTRAP, False),
        ("Type: AWS::SSM::Parameter::Value<String>\n    Default: /cdk-bootstrap/x/version", False),
        (f"{BOOTSTRAP}, {OTHER}", True),
        (OTHER.replace("/net/vpc", "/net/cdk-bootstrap/"), True),
        ("!ImportValue net-vpc", True),
        ('"{{resolve:ssm:/net/vpc}}"', True),
        ("Type: AWS::EC2::VPC", False),
    ],
)
def test_the_parameter_of_cdk_names_no_root(text: str, uses: bool) -> None:
    assert uses_values(text.encode()) is uses

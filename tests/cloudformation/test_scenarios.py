"""Verdicts over every combination of parameters that can be deployed."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.cloudformation.templates import networks, verdicts
from vpce_checks.catalog.partitions import KNOWN_REGIONS
from vpce_checks.cloudformation import build
from vpce_checks.model.scenario import Scenario, describe
from vpce_checks.testing import scan_files

TEMPLATE = """
Parameters:
{parameters}
{sections}
Resources:
  Vpc: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: 10.0.0.0/16}}}}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: Has
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${{AWS::Region}}.s3
      RouteTableIds: [rtb-12345678]
"""

CASES = {
    "a default is one value among others": (
        "  X: {Type: String, Default: ''}",
        "Conditions: {Has: !Not [!Equals [!Ref X, '']]}",
        "fail when X is empty",
    ),
    "a value that is not allowed": (
        "  X: {Type: String, AllowedValues: [a, b]}",
        "Conditions: {Has: !Equals [!Ref X, c]}",
        "fail",
    ),
    "the other way round": (
        "  X: {Type: String, AllowedValues: [a, b]}",
        "Conditions: {Has: !Not [!Equals [c, !Ref X]]}",
        "pass",
    ),
    "every allowed value": (
        "  X: {Type: String, AllowedValues: [a, b]}",
        "Conditions: {Has: !Or [!Equals [!Ref X, a], !Equals [!Ref X, b]]}",
        "pass",
    ),
    "contradiction": (
        "  X: {Type: String}",
        "Conditions: {Has: !And [!Equals [!Ref X, a], !Equals [!Ref X, b]]}",
        "fail",
    ),
    "tautology": (
        "  X: {Type: String}\n  Y: {Type: String}",
        "Conditions: {A: !Equals [!Ref X, !Ref Y], Has: !Or [!Condition A, !Not [!Condition A]]}",
        "pass",
    ),
    "a boolean is its text": (
        "  X: {Type: String, AllowedValues: [true, false]}",
        "Conditions: {Has: !Equals [!Ref X, true]}",
        "fail when X is false",
    ),
    "a number is its text": (
        "  X: {Type: Number, MinValue: 1, MaxValue: 3}",
        "Conditions: {Has: !Equals [!Ref X, 2]}",
        "fail when X is 1 or 3",
    ),
    "out of a number's bounds": (
        "  X: {Type: Number, MinValue: 2}",
        "Conditions: {Has: !Not [!Equals [!Ref X, 1]]}",
        "pass",
    ),
    "too short": (
        "  X: {Type: String, MinLength: 1}",
        "Conditions: {Has: !Not [!Equals [!Ref X, '']]}",
        "pass",
    ),
    "a pattern of alternatives": (
        "  X: {Type: String, AllowedPattern: '^(on|off)$'}",
        "Conditions: {Has: !Or [!Equals [!Ref X, 'on'], !Equals [!Ref X, 'off']]}",
        "pass",
    ),
    "a pattern refuses the value": (
        "  X: {Type: String, AllowedPattern: 'vpc-[0-9a-f]{8,17}'}",
        "Conditions: {Has: !Not [!Equals [!Ref X, none]]}",
        "pass",
    ),
    "a pattern that cannot be evaluated": (
        "  X: {Type: String, AllowedPattern: '(?!none).*'}",
        "Conditions: {Has: !Not [!Equals [!Ref X, none]]}",
        "unknown",
    ),
    "too long": (
        "  X: {Type: String, MaxLength: 3}",
        "Conditions: {Has: !Not [!Equals [!Ref X, prod]]}",
        "pass",
    ),
    "a part that is too long": (
        "  X: {Type: String, MaxLength: 3}",
        "Conditions: {Has: !Not [!Equals [!Select [0, !Split ['-', !Ref X]], prod]]}",
        "pass",
    ),
    "a list of ids is not empty": (
        "  X: {Type: 'List<AWS::EC2::Subnet::Id>'}",
        "Conditions: {Has: !Not [!Equals [!Join ['', !Ref X], '']]}",
        "pass",
    ),
    "allowed values of a list": (
        "  X: {Type: CommaDelimitedList, AllowedValues: [a, b]}",
        "Conditions: {Has: !Not [!Or [!Equals [!Select [0, !Ref X], c], !Equals [!Join [',', !Ref X], '']]]}",
        "pass",
    ),
    "a default that is refused": (
        "  X: {Type: String, AllowedValues: [a, b], Default: c}",
        "Conditions: {Has: !Not [!Equals [!Ref X, c]]}",
        "pass",
    ),
    "a part of a listed value": (
        "  X: {Type: String, AllowedValues: [dev-eu, dev-us, prod-eu]}",
        "Conditions: {Has: !Equals [!Select [0, !Split ['-', !Ref X]], prod]}",
        "fail when X is dev-eu or dev-us",
    ),
    "a part and the whole": (
        "  X: {Type: String}",
        "Conditions: {Has: !Not [!And [!Equals [!Select [0, !Split ['-', !Ref X]], a], !Equals [!Ref X, b-c]]]}",
        "pass",
    ),
    "a part of two listed values joined": (
        "  X: {Type: String, AllowedValues: [dev, prod]}\n  Y: {Type: String, AllowedValues: [eu, us]}",
        "Conditions: {Has: !Equals [!Select [1, !Split ['-', !Sub '${X}-${Y}']], eu]}",
        "fail when Y is us",
    ),
    "an item at a listed number": (
        "  X: {Type: Number, MinValue: 0, MaxValue: 2}",
        "Conditions: {Has: !Equals [!Select [!Ref X, [a, b, a]], a]}",
        "fail when X is 1",
    ),
    "a text of open values and itself": (
        "  X: {Type: String}",
        "Conditions: {Has: !Equals [!Sub '${X}-${AWS::Region}', !Join ['-', [!Ref X, !Ref 'AWS::Region']]]}",
        "pass",
    ),
    "a text and a longer one of it": (
        "  X: {Type: String}",
        "Conditions: {Has: !Not [!Equals [!Ref X, !Sub 'dev-${X}']]}",
        "pass",
    ),
    "the length of a list and a word": (
        "  X: {Type: CommaDelimitedList}\n  Y: {Type: String, AllowedValues: [a, b]}",
        "Conditions: {Has: !Not [!Equals [!Length {Ref: X}, !Ref Y]]}",
        "pass",
    ),
    "an output of what is not created": (
        "  X: {Type: String, AllowedValues: [a, b]}",
        "Outputs: {O: {Value: !Ref S3}}\nConditions: {Has: !Equals [!Ref X, a]}",
        "pass",
    ),
    "an output of what is not created, within a text": (
        "  X: {Type: String, AllowedValues: [a, b]}\n  Y: {Type: String, Default: y}",
        "Outputs: {O: {Value: !Sub '${Y}/${S3.Id}'}}\nConditions: {Has: !Equals [!Ref X, a]}",
        "pass",
    ),
    "an output with the same condition": (
        "  X: {Type: String, AllowedValues: [a, b]}",
        "Outputs: {O: {Condition: Has, Value: !Ref S3}}\nConditions: {Has: !Equals [!Ref X, a]}",
        "fail when X is b",
    ),
    "an output of one of two": (
        "  X: {Type: String, AllowedValues: [a, b]}",
        "Outputs: {O: {Value: !If [Has, !Ref S3, none]}}\nConditions: {Has: !Equals [!Ref X, a]}",
        "fail when X is b",
    ),
    "two empty texts joined": (
        "  X: {Type: String}\n  Y: {Type: String, Default: y}",
        "Conditions: {None: !Equals [!Join ['', [!Ref X, !Ref Y]], ''], Empty: !Equals [!Ref X, ''], "
        "Has: !Not [!And [!Condition None, !Not [!Condition Empty]]]}",
        "pass",
    ),
    "two texts joined by a sign": (
        "  X: {Type: String}\n  Y: {Type: String}",
        "Conditions: {Has: !Not [!And [!Equals [!Sub '${X}/${Y}', a/b], !Not [!Equals [!Ref Y, b]]]]}",
        "pass",
    ),
    "two texts that cannot be joined so": (
        "  X: {Type: String}\n  Y: {Type: String, MaxLength: 2}",
        "Conditions: {Has: !Not [!Or [!Equals [!Sub '${X}/${Y}', a-b], !Equals [!Sub '${X}/${X}', a/b], "
        "!Equals [!Sub '${X}/${Y}', a/bcd]]]}",
        "pass",
    ),
    "a joined text that can be read in two ways": (
        "  X: {Type: String}\n  Y: {Type: String}",
        "Conditions: {Has: !Equals [!Sub '${X}-${Y}', a-b-c]}",
        "fail when ${X}-${Y} = a-b-c is false",
    ),
    "a mapping with a default": (
        "  X: {Type: String}",
        "Mappings: {M: {a: {On: 'yes'}, b: {On: 'yes'}}}\n"
        "Conditions: {Has: !Equals [!FindInMap [M, !Ref X, On, {DefaultValue: 'no'}], 'yes']}",
        "fail when X is neither a nor b",
    ),
    "a mapping of many listed values": (
        "  X: {Type: String, AllowedValues: [a, b, c, d, e, f, g, h, i, j]}",
        "Mappings: {M: {a: {V: '1'}, b: {V: '1'}, c: {V: '1'}, d: {V: '1'}, e: {V: '0'}, f: {V: '1'}, g: {V: '0'},"
        " h: {V: '1'}, i: {V: '1'}, j: {V: '1'}}}\n"
        "Conditions: {Has: !Equals [!FindInMap [M, !Ref X, V], '1']}",
        "fail when X is e or g",
    ),
    "partition and region": (
        "  X: {Type: String, Default: x}",
        "Conditions: {Has: !Not [!And [!Equals [!Ref 'AWS::Partition', aws-cn], !Equals [!Ref 'AWS::Region', us-east-1]]]}",
        "pass",
    ),
    "suffix and partition": (
        "  X: {Type: String, Default: x}",
        "Conditions: {Has: !Or [!Equals [!Ref 'AWS::Partition', aws-cn], "
        "!Not [!Equals [!Ref 'AWS::URLSuffix', amazonaws.com.cn]]]}",
        "pass",
    ),
    "two parameters that are the same": (
        "  X: {Type: String}\n  Y: {Type: String}",
        "Conditions: {Has: !Not [!And [!Equals [!Ref X, !Ref Y], !Equals [!Ref X, a], !Equals [!Ref Y, b]]]}",
        "pass",
    ),
    "two parameters that differ": (
        "  X: {Type: String}\n  Y: {Type: String}",
        "Conditions: {Has: !Or [!Equals [!Ref X, !Ref Y], !Not [!Equals [!Ref X, a]], !Not [!Equals [!Ref Y, a]]]}",
        "pass",
    ),
    "the name of a mapping": (
        "  X: {Type: String, AllowedValues: [A, B]}",
        "Mappings: {A: {k: {v: 'yes'}}, B: {k: {v: 'no'}}}\n"
        "Conditions: {Has: !Equals [!FindInMap [!Ref X, k, v], 'yes']}",
        "fail when X is B",
    ),
    "the length of a list of ids": (
        "  X: {Type: 'List<AWS::EC2::Subnet::Id>'}",
        "Conditions: {Has: !Not [!Equals [!Length {Ref: X}, 0]]}",
        "pass",
    ),
    "no such region": (
        "  X: {Type: String, Default: x}",
        "Conditions: {Has: !Not [!Or [!Equals [!Ref 'AWS::Region', none], !Equals [!Ref 'AWS::AccountId', '']]]}",
        "pass",
    ),
    "a rule by EachMemberIn": (
        "  X: {Type: String, AllowedValues: [a, b, c]}",
        "Rules: {R: {Assertions: [{Assert: {'Fn::EachMemberIn': [[!Ref X], [a, b]]}}]}}\n"
        "Conditions: {Has: !Not [!Equals [!Ref X, c]]}",
        "pass",
    ),
    "a rule by EachMemberEquals": (
        "  X: {Type: String, AllowedValues: [a, b, c]}",
        "Rules: {R: {Assertions: [{Assert: {'Fn::EachMemberEquals': [[!Ref X], a]}}]}}\n"
        "Conditions: {Has: !Equals [!Ref X, a]}",
        "pass",
    ),
    "a rule by EachMemberEquals about a list": (
        "  X: {Type: CommaDelimitedList, AllowedValues: [a, b]}",
        "Rules: {R: {Assertions: [{Assert: {'Fn::EachMemberEquals': [!Ref X, a]}}]}}\n"
        "Conditions: {Has: !Equals [!Select [0, !Ref X], a]}",
        "pass",
    ),
    "a rule by EachMemberIn about a list": (
        "  X: {Type: CommaDelimitedList, AllowedValues: [a, b, c]}",
        "Rules: {R: {Assertions: [{Assert: {'Fn::EachMemberIn': [!Ref X, [a, c]]}}]}}\n"
        "Conditions: {Has: !Equals [!Select [1, !Ref X], a]}",
        "fail when X[1] is c",
    ),
    "a rule about another list": (
        "  X: {Type: CommaDelimitedList, AllowedValues: [a, b]}\n  Y: {Type: CommaDelimitedList}",
        "Rules: {R: {Assertions: [{Assert: {'Fn::EachMemberEquals': [!Ref Y, a]}}]}}\n"
        "Conditions: {Has: !Equals [!Select [0, !Ref X], a]}",
        "fail when X[0] is b",
    ),
    "a rule about an item of a list": (
        "  X: {Type: CommaDelimitedList, AllowedValues: [a, b]}",
        "Rules: {R: {Assertions: [{Assert: !Contains [[a], !Select [0, !Ref X]]}]}}\n"
        "Conditions: {Has: !Equals [!Select [0, !Ref X], a]}",
        "pass",
    ),
    "a rule that compares": (
        "  X: {Type: String}\n  Y: {Type: String}",
        "Rules: {R: {Assertions: [{Assert: !Equals [!Ref X, !Ref Y]}]}}\nConditions: {Has: !Equals [!Ref X, !Ref Y]}",
        "pass",
    ),
    "a mapping with many values": (
        "  X: {Type: String, Default: x}",
        f"Mappings: {{M: {{{', '.join(f'{region}: {{A: {region}a}}' for region in KNOWN_REGIONS[:30])}, us-west-2: {{A: ''}}}}}}\n"
        "Conditions: {Has: !Not [!Equals [!FindInMap [M, !Ref 'AWS::Region', A], '']]}",
        "fail when AWS::Region is us-west-2",
    ),
    "a mapping with many values and a default": (
        "  X: {Type: String}",
        f"Mappings: {{M: {{{', '.join(f'k{at}: {{A: v{at}}}' for at in range(20))}}}}}\n"
        "Conditions: {Has: !Equals [!FindInMap [M, !Ref X, A, {DefaultValue: ''}], '']}",
        f"fail when X is {' or '.join(f'k{at}' for at in range(20))}",
    ),
    "by region": (
        "  X: {Type: String, Default: x}",
        "Conditions: {Has: !Not [!Equals [!Ref 'AWS::Region', us-east-1]]}",
        "fail when AWS::Region is us-east-1",
    ),
    "by a region that nobody knows": (
        "  X: {Type: String, Default: x}",
        "Conditions: {Has: !Not [!Equals [!Ref 'AWS::Region', eu-nowhere-9]]}",
        "unknown when AWS::Region is eu-nowhere-9",
    ),
    "by any other region than one that nobody knows": (
        "  X: {Type: String, Default: x}",
        "Conditions: {Has: !Equals [!Ref 'AWS::Region', eu-nowhere-9]}",
        "fail when AWS::Region is not eu-nowhere-9",
    ),
    "by a known region and one that nobody knows": (
        "  X: {Type: String, Default: x}",
        "Conditions: {Has: !Not [!Or [!Equals [!Ref 'AWS::Region', eu-nowhere-9], !Equals [!Ref 'AWS::Region', us-east-1]]]}",
        "fail when AWS::Region is eu-nowhere-9 or us-east-1",
    ),
    "a mapping of a region that nobody knows": (
        "  X: {Type: String, Default: x}",
        "Mappings: {M: {eu-nowhere-9: {A: x}}}\nOutputs: {O: {Value: !FindInMap [M, !Ref 'AWS::Region', A]}}\n"
        "Conditions: {Has: !Equals [a, b]}",
        "unknown",
    ),
    "a mapping of a region that nobody knows beside a known one": (
        "  X: {Type: String, Default: x}",
        "Mappings: {M: {eu-nowhere-9: {A: x}, us-east-1: {A: y}}}\nOutputs: {O: {Value: !FindInMap [M, !Ref 'AWS::Region', A]}}\n"
        "Conditions: {Has: !Equals [!Ref 'AWS::Region', us-east-1]}",
        "unknown when AWS::Region is not us-east-1",
    ),
    "a mapping of known regions in one partition": (
        "  X: {Type: String, Default: x}",
        "Mappings: {M: {cn-north-1: {A: x}, cn-northwest-1: {A: y}}}\nOutputs: {O: {Value: !FindInMap [M, !Ref 'AWS::Region', A]}}\n"
        "Conditions: {Has: !Not [!Equals [!Ref 'AWS::Partition', aws-cn]]}",
        "fail",
    ),
    "by partition": (
        "  X: {Type: String, Default: x}",
        "Conditions: {Has: !Not [!Equals [!Ref 'AWS::Partition', aws-cn]]}",
        "fail when AWS::Partition is aws-cn",
    ),
    "by a part of the region": (
        "  X: {Type: String, Default: x}",
        "Conditions: {Has: !Not [!Equals [!Select [0, !Split ['-', !Ref 'AWS::Region']], cn]]}",
        "fail when item 0 of AWS::Region split at '-' is cn",
    ),
    "an empty list": (
        "  X: {Type: CommaDelimitedList}",
        "Conditions: {Has: !Not [!Equals [!Join ['', !Ref X], '']]}",
        "fail when X is empty",
    ),
    "an item of a list": (
        "  X: {Type: CommaDelimitedList}",
        "Conditions: {Has: !Equals [!Select [0, !Ref X], a]}",
        "fail when X[0] is not a",
    ),
    "a text that cannot be": (
        "  X: {Type: String}",
        "Conditions: {Has: !Equals [!Sub 'a-${X}', b]}",
        "fail",
    ),
    "a joined text of listed values": (
        "  X: {Type: String, AllowedValues: [a, b, c]}",
        "Conditions: {Has: !Equals [!Sub 'x-${X}', x-b]}",
        "fail when X is a or c",
    ),
    "by mapping": (
        "  X: {Type: String}",
        "Mappings: {M: {a: {On: 'yes'}, b: {On: 'no'}}}\n"
        "Conditions: {Has: !Equals [!FindInMap [M, !Ref X, On], 'yes']}",
        "fail when X is b",
    ),
    "two conditions of one parameter": (
        "  X: {Type: String, AllowedValues: [a, b, c, d, e]}",
        "Conditions: {A: !Equals [!Ref X, a], B: !Equals [!Ref X, b], Has: !Not [!Or [!Condition A, !Condition B]]}",
        "fail when X is a or b",
    ),
    "two parameters": (
        "  X: {Type: String, AllowedValues: [a, b]}\n  Y: {Type: String, AllowedValues: [c, d]}",
        "Conditions: {Has: !Or [!Equals [!Ref X, a], !Equals [!Ref Y, c]]}",
        "fail when X is b and Y is d",
    ),
    "most of many": (
        "  X: {Type: String, AllowedValues: [a, b, c, d, e, f]}",
        "Conditions: {Has: !Equals [!Ref X, e]}",
        "fail when X is not e",
    ),
    "what the Parameter Store holds": (
        "  X: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}",
        "Conditions: {Has: !Equals [!Ref X, a]}",
        "unknown",
    ),
    "no such condition": ("  X: {Type: String}", "Conditions: {}", "unknown"),
    "a condition that depends on itself": ("  X: {Type: String}", "Conditions: {Has: !Condition Has}", "unknown"),
    "a rule without condition": (
        "  X: {Type: String, AllowedValues: [a, b]}",
        "Rules: {R: {Assertions: [{Assert: !Equals [!Ref X, a]}]}}\nConditions: {Has: !Equals [!Ref X, a]}",
        "pass",
    ),
    "a rule by Contains": (
        "  X: {Type: String, AllowedValues: [a, b, c]}",
        "Rules: {R: {Assertions: [{Assert: !Contains [[a, b], !Ref X]}]}}\nConditions: {Has: !Equals [!Ref X, a]}",
        "fail when X is b",
    ),
    "a rule about something else": (
        "  X: {Type: String, AllowedValues: [a, b]}\n  Y: {Type: String, AllowedValues: [c, d]}",
        "Rules: {R: {Assertions: [{Assert: !Equals [!Ref Y, c]}]}}\nConditions: {Has: !Equals [!Ref X, a]}",
        "fail when X is b",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_over_all_combinations(name: str, tmp_path: Path) -> None:
    parameters, sections, expected = CASES[name]
    found = verdicts(tmp_path, TEMPLATE.format(parameters=parameters, sections=sections))
    assert found["VPCE001", "Vpc"] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}", "fail"),
        ("{Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}", "fail"),
        ("{Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, ServiceName: !Ref N}}", "unknown"),
        ("{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Ref N}}", "unknown"),
        ("{Type: Custom::Endpoint, Properties: {ServiceToken: !Ref N}}", "unknown"),
    ],
)
def test_what_an_unknown_loop_may_create(body: str, expected: str, tmp_path: Path) -> None:
    found = verdicts(
        tmp_path,
        f"""
        Transform: AWS::LanguageExtensions
        Parameters: {{L: {{Type: CommaDelimitedList}}}}
        Resources:
          Vpc: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: 10.0.0.0/16}}}}
          Fn::ForEach::Each: [N, !Ref L, {{"Each${{N}}": {body}}}]
        """,
    )
    assert found["VPCE001", "Vpc"] == expected


@pytest.mark.parametrize(
    ("given", "vpc", "expected"),
    [
        ("10.0.0.0/16", "!Ref N.Vpc", "fail"),
        ("10.0.0.0/16", "!GetAtt N.Vpc.VpcId", "fail"),
        ("10.0.0.0/16", "!GetAtt NVpc.VpcId", "fail"),
        ("10.0.0.0/16", "!Sub '${N.Vpc}'", "fail"),
        ("10.0.0.0/16", "!Sub '${N.Vpc.VpcId}'", "fail"),
        ("!Ref Vpc", "!GetAtt N.Subnet.VpcId", "unknown"),  # a subnet of the module may be in it
        ("!Ref Given", "!GetAtt N.Subnet.VpcId", "unknown"),
        ("10.0.0.0/16", "!GetAtt N.VpcId", "unknown"),  # no module has attributes
    ],
)
def test_an_endpoint_in_a_resource_of_a_module(given: str, vpc: str, expected: str, tmp_path: Path) -> None:
    found = verdicts(
        tmp_path,
        f"""
        Parameters: {{Given: {{Type: String}}}}
        Resources:
          N: {{Type: "My::Own::Net::MODULE", Properties: {{Given: {given}}}}}
          Vpc: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: 10.1.0.0/16}}}}
          S3:
            Type: AWS::EC2::VPCEndpoint
            Properties: {{VpcId: {vpc}, ServiceName: !Sub "com.amazonaws.${{AWS::Region}}.s3", RouteTableIds: [rtb-1]}}
        """,
    )
    assert found["VPCE001", "Vpc"] == expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("tags: {Env: prod}", None),
        ("tags: {Env: '*e*'}", "fail"),
        ("tags: {Env: dev}", "unknown"),
        ("tags: {Long: production}", None),
        ("tags: {Long: '*ing'}", "fail"),
        ("name: 'prod-*'", None),
        ("name: '*-vpc'", "fail"),
        ("name: 'test-*'", "unknown"),
    ],
)
def test_a_tag_is_one_of_what_the_values_of_its_parameter_make(
    match: str, expected: str | None, tmp_path: Path
) -> None:
    policy = f"version: 1\nrequired: {{gateway: []}}\nvpcs: [{{match: {{{match}}}, interface: [kms]}}]\n"
    (tmp_path / ".vpce-checks.yaml").write_text(policy)
    assert verdicts(tmp_path, TAGGED).get(("VPCE003", "Vpc")) == expected


def test_a_policy_that_selects_by_tags_makes_scenarios_of_them(tmp_path: Path) -> None:
    policy = "version: 1\nrequired: {gateway: []}\nvpcs: [{match: {tags: {Long: developing}}, interface: [kms]}]\n"
    (tmp_path / ".vpce-checks.yaml").write_text(policy)
    assert verdicts(tmp_path, TAGGED, by_tags=True) == {("VPCE003", "Vpc"): "fail when E is dev"}
    files = {"net.yaml": dedent(TAGGED), ".vpce-checks.yaml": policy}
    assert scan_files(files).of("VPCE003") == {"Vpc": "fail"}
    nested = {
        "net.yaml": dedent(PARENT),
        "nested/vpc.yaml": dedent(CHILD),
        ".vpce-checks.yaml": policy.replace("Long", "Stage"),
    }
    assert scan_files(nested).of("VPCE003") == {"Net/Vpc": "fail"}


TAGGED = """
    Parameters: {E: {Type: String, AllowedValues: [dev, test]}}
    Mappings: {M: {dev: {Long: developing}, test: {Long: testing}}}
    Resources:
      Vpc:
        Type: AWS::EC2::VPC
        Properties:
          CidrBlock: 10.0.0.0/16
          Tags:
          - {Key: Env, Value: !Ref E}
          - {Key: Long, Value: !FindInMap [M, !Ref E, Long]}
          - {Key: Name, Value: !Sub "${E}-vpc"}
    """
PARENT = """
    Parameters: {E: {Type: String, AllowedValues: [developing, testing]}}
    Resources:
      Net: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: nested/vpc.yaml, Tags: [{Key: Stage, Value: !Ref E}]}}
    """
CHILD = """
    Resources:
      Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
    """


def test_a_default_is_left_where_a_condition_asks_for_it(tmp_path: Path) -> None:
    template = """
    Parameters: {Dns: {Type: String, Default: "true"}}
    Conditions: {Custom: !Not [!Equals [!Ref Dns, "true"]]}
    Resources:
      Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
      Kms:
        Type: AWS::EC2::VPCEndpoint
        Properties:
          VpcId: !Ref Vpc
          VpcEndpointType: Interface
          ServiceName: !Sub com.amazonaws.${AWS::Region}.kms
          PrivateDnsEnabled: !Ref Dns
          SecurityGroupIds: !If [Custom, [sg-1], [sg-2]]
      Zone:
        Type: AWS::Route53::HostedZone
        Condition: Custom
        Properties: {Name: example.com}
    """
    assert verdicts(tmp_path, template)["VPCE004", "Kms"] == "unknown when Dns is not true"


def test_what_refers_to_something_that_is_not_created_cannot_be_deployed(tmp_path: Path) -> None:
    template = """
    Parameters: {X: {Type: String, AllowedValues: [a, b]}}
    Conditions: {Has: !Equals [!Ref X, a]}
    Resources:
      Vpc: {Type: "AWS::EC2::VPC", Condition: Has, Properties: {CidrBlock: 10.0.0.0/16}}
      S3:
        Type: AWS::EC2::VPCEndpoint
        Properties: {VpcId: !Ref Vpc, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3"}
    """
    (network,) = networks(tmp_path, {"t.yaml": template})
    assert [vpc.address for vpc in network.vpcs] == ["Vpc"] and network.when == ()


def test_only_what_matters_is_told_apart(tmp_path: Path) -> None:
    template = """
    Parameters: {X: {Type: String, AllowedValues: [a, b]}, Name: {Type: String, AllowedValues: [c, d]}}
    Conditions: {Has: !Equals [!Ref X, a]}
    Resources:
      Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: !Ref Name, Tags: [{Key: Name, Value: !Ref Name}]}}
      Bucket: {Type: "AWS::S3::Bucket", Condition: Has}
    """
    assert [network.when for network in networks(tmp_path, {"t.yaml": template})] == [()]


def box(**limits: str) -> dict[str, frozenset[str | None]]:
    return {name: frozenset(values) for name, values in limits.items()}


CHOICES: dict[str, tuple[str | None, ...]] = {"X": ("a", "b", "c"), "Y": ("d", "e")}


@pytest.mark.parametrize(
    ("holding", "others", "expected"),
    [
        ([box(X="a")], [], ("X is a",)),
        ([box(X="a"), box(X="b")], [], ("X is a or b",)),
        ([box(X="abc")], [], ()),
        ([box(X="a", Y="d"), box(X="a", Y="e")], [], ("X is a",)),
        ([box(X="a", Y="d")], [], ("X is a", "Y is d")),
        ([box(X="a"), box(X="b", Y="d")], [box(X="b", Y="e"), box(X="c")], ("X is a, or X is b and Y is d",)),
        ([box(X="a", Y="d")], [box(X="b")], ("X is a",)),
        ([box(X="a", Y="d")], [box(X="a", Y="e")], ("Y is d",)),
    ],
)
def test_few_words(
    holding: list[dict[str, frozenset[str | None]]],
    others: list[dict[str, frozenset[str | None]]],
    expected: tuple[str, ...],
) -> None:
    assert describe([Scenario(tuple(holding), CHOICES)], [Scenario(tuple(others), CHOICES)]) == expected


def test_many_toggles_take_few_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = ("s3", "dynamodb", *(f"service{number}" for number in range(28)))
    lines = ["Parameters:", "  Existing: {Type: String, Default: ''}"]
    lines += [f"  T{number}: {{Type: String, AllowedValues: ['on', 'off']}}" for number in range(30)]
    lines += ["Conditions:", "  Own: !Equals [!Ref Existing, '']"]
    lines += [f"  C{number}: !Equals [!Ref T{number}, 'on']" for number in range(30)]
    lines += ["Resources:", "  Vpc: {Type: 'AWS::EC2::VPC', Condition: Own, Properties: {CidrBlock: 10.0.0.0/16}}"]
    for number, service in enumerate(services):
        vpc, name = "!If [Own, !Ref Vpc, !Ref Existing]", f"com.amazonaws.eu-west-1.{service}"
        properties = f"{{VpcId: {vpc}, ServiceName: {name}, RouteTableIds: [rtb-1]}}"
        lines.append(f"  E{number}: {{Type: 'AWS::EC2::VPCEndpoint', Condition: C{number}, Properties: {properties}}}")
    built: list[object] = []
    counted = build._build
    monkeypatch.setattr(build, "_build", lambda *parts: (built.append(parts), counted(*parts))[1])
    found = verdicts(tmp_path, "\n".join(lines))
    assert found["VPCE001", "Vpc"] == "fail when T0 is off and Existing is empty"
    assert found["VPCE002", "Vpc"] == "fail when T1 is off and Existing is empty"
    assert len(built) < 250


def test_a_template_without_a_vpc_takes_few_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["Parameters:", *(f"  T{number}: {{Type: String}}" for number in range(8)), "Conditions:"]
    lines += [f"  C{number}: !Equals [!Ref T{number}, 'on']" for number in range(8)]
    lines += ["Resources:"]
    lines += [
        f"  R{number}: {{Type: 'AWS::EC2::RouteTable', Condition: C{number}, Properties: {{VpcId: vpc-1}}}}"
        for number in range(8)
    ]
    built: list[object] = []
    counted = build._build
    monkeypatch.setattr(build, "_build", lambda *parts: (built.append(parts), counted(*parts))[1])
    assert verdicts(tmp_path, "\n".join(lines)) == {}
    assert len(built) < 40


@pytest.mark.parametrize(
    ("source", "expected"),
    [("!GetAtt Vpc.CidrBlock", "pass"), ("!GetAtt Subnet.CidrBlock", "pass"), ("!GetAtt Other.CidrBlock", "fail")],
)
def test_a_group_that_admits_the_block_of_its_own_vpc_whichever_it_is(
    tmp_path: Path, source: str, expected: str
) -> None:
    template = f"""
Parameters: {{Env: {{Type: String, AllowedValues: [dev, stg]}}}}
Mappings:
  Net:
    dev: {{Vpc: 10.0.0.0/16, Subnet: 10.0.0.0/24, Other: 10.8.0.0/16}}
    stg: {{Vpc: 10.1.0.0/16, Subnet: 10.1.0.0/24, Other: 10.9.0.0/16}}
Resources:
  Vpc: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: !FindInMap [Net, !Ref Env, Vpc], EnableDnsHostnames: true}}}}
  Other: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: !FindInMap [Net, !Ref Env, Other]}}}}
  Subnet: {{Type: "AWS::EC2::Subnet", Properties: {{VpcId: !Ref Vpc, CidrBlock: !FindInMap [Net, !Ref Env, Subnet]}}}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: endpoints
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: {source}}}]
  Ssm:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      ServiceName: !Sub com.amazonaws.${{AWS::Region}}.ssm
      VpcId: !Ref Vpc
      SubnetIds: [!Ref Subnet]
      SecurityGroupIds: [!Ref Group]
"""
    assert verdicts(tmp_path, template)["VPCE013", "Ssm"] == expected


ENDPOINT = """
Parameters: {{Env: {{Type: String, AllowedValues: [dev, prod]}}{more}}}
Conditions: {{Prod: !Equals [!Ref Env, prod]{conditions}}}
Mappings: {{Net: {{dev: {{Vpc: 10.0.0.0/16}}, prod: {{Vpc: 10.1.0.0/16}}}}}}
Resources:
  Vpc: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: !FindInMap [Net, !Ref Env, Vpc], EnableDnsHostnames: true}}}}
  A: {{Type: "AWS::EC2::Subnet", Properties: {{VpcId: !Ref Vpc}}}}
  B: {{Type: "AWS::EC2::Subnet", Condition: Prod, Properties: {{VpcId: !Ref Vpc}}}}
  Group: {{Type: "AWS::EC2::SecurityGroup", Properties: {{GroupDescription: x, VpcId: !Ref Vpc, SecurityGroupIngress: {ingress}}}}}
  Sqs:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      ServiceName: !Sub com.amazonaws.${{AWS::Region}}.sqs
      VpcId: !Ref Vpc
      SubnetIds: {subnets}
      SecurityGroupIds: [!Ref Group]
      PolicyDocument: {policy}
"""
OPEN = "{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}"
ALLOWS = '{Effect: Allow, Principal: "*", Action: "*", Resource: "*"}'
USUAL = {
    "more": "",
    "conditions": "",
    "subnets": "[!Ref A]",
    "ingress": f"[{OPEN}]",
    "policy": f"{{Statement: [{ALLOWS}]}}",
}


@pytest.mark.parametrize(
    ("rule", "details", "expected"),
    [
        ("VPCE015", {"subnets": "!If [Prod, [!Ref A, !Ref B], [!Ref A]]"}, "pass"),
        ("VPCE015", {"subnets": '[!If [Prod, !Ref B, !Ref "AWS::NoValue"]]'}, "fail when Env is dev"),
        ("VPCE014", {"policy": f"{{Statement: [!If [Prod, {ALLOWS}, !Ref AWS::NoValue]]}}"}, "fail when Env is dev"),
        ("VPCE013", {"ingress": f"[!If [Prod, {OPEN}, !Ref AWS::NoValue]]"}, "fail when Env is dev"),
        ("VPCE013", {"ingress": f"[{OPEN.replace('10.0.0.0/8', '!FindInMap [Net, !Ref Env, Vpc]')}]"}, "pass"),
        (
            "VPCE013",
            {"ingress": f"[{OPEN.replace('10.0.0.0/8', '!FindInMap [Net, dev, Vpc]')}]"},
            "fail when Env is prod",
        ),
    ],
)
def test_details_of_an_endpoint_are_decided(tmp_path: Path, rule: str, details: dict[str, str], expected: str) -> None:
    assert verdicts(tmp_path, ENDPOINT.format_map({**USUAL, **details}))[rule, "Sqs"] == expected


def test_details_that_make_too_many_combinations_stay_open(tmp_path: Path) -> None:
    names = [f"P{n}" for n in range(5)]
    details = {
        "more": "".join(f", {name}: {{Type: String, AllowedValues: [a, b]}}" for name in names),
        "conditions": "".join(f", {name}: !Equals [!Ref {name}, a]" for name in names),
        "subnets": f"[{', '.join(f'!If [{name}, !Ref A, !Ref AWS::NoValue]' for name in names)}]",
    }
    assert verdicts(tmp_path, ENDPOINT.format_map({**USUAL, **details}))["VPCE015", "Sqs"] == "unknown"


@pytest.mark.parametrize("condition", ['!Sub "Has${E}"', "[Prod]", "{Condition: Prod}"])
def test_a_condition_that_is_no_name_leaves_open_whether_the_resource_exists(tmp_path: Path, condition: str) -> None:
    template = f"""
    Parameters: {{E: {{Type: String, AllowedValues: [dev, prod]}}}}
    Conditions: {{Prod: !Equals [!Ref E, prod]}}
    Resources:
      Vpc: {{Type: "AWS::EC2::VPC", Properties: {{CidrBlock: 10.0.0.0/16}}}}
      S3:
        Type: AWS::EC2::VPCEndpoint
        Condition: {condition}
        Properties: {{VpcId: !Ref Vpc, ServiceName: !Sub "com.amazonaws.${{AWS::Region}}.s3", RouteTableIds: [rtb-1]}}
    """
    assert verdicts(tmp_path, template)["VPCE001", "Vpc"] == "unknown"


@pytest.mark.parametrize(
    ("passed", "status", "when"),
    [
        ("!If [IsA, {On: 'no'}, !Ref 'AWS::NoValue']", "fail", ("E is a",)),
        ("!If [IsA, {On: 'yes'}, {On: 'no', Other: x}]", "fail", ("E is b",)),
        ("!If [IsA, {On: 'yes'}, !If [IsA, {On: 'no'}, {}]]", "pass", ()),
        ("{'Fn::Transform': {Name: Macro, Parameters: {}}}", "unknown", ()),
        ("!Ref 'AWS::NoValue'", "pass", ()),
    ],
)
def test_all_parameters_of_a_nested_stack_by_an_expression(passed: str, status: str, when: tuple[str, ...]) -> None:
    outer = f"""
Parameters: {{E: {{Type: String, AllowedValues: [a, b]}}}}
Conditions: {{IsA: !Equals [!Ref E, a]}}
Resources:
  Net: {{Type: "AWS::CloudFormation::Stack", Properties: {{TemplateURL: net.yaml, Parameters: {passed}}}}}
"""
    parameters = "  On: {Type: String, Default: 'yes'}"
    inner = TEMPLATE.format(parameters=parameters, sections="Conditions: {Has: !Equals [!Ref On, 'yes']}")
    found = scan_files({"t.yaml": outer, "net.yaml": inner}).findings("VPCE001", "Net/Vpc")
    assert [(item.status, item.when) for item in found] == [(status, when)]

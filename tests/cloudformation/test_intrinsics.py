"""Evaluate intrinsic functions, with known and unknown arguments."""

from __future__ import annotations

import pytest

from tests.cloudformation.templates import plain, value_of
from vpce_checks.model.values import ListValue, PartialString, Reference, Unknown, pattern

TEMPLATE = """
Parameters:
  Name: {Type: String, Default: web}
  Open: {Type: String}
  Names: {Type: CommaDelimitedList, Default: "a, b,c"}
  OpenNames: {Type: CommaDelimitedList}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /x}
  Count: {Type: Number, Default: 3}
Rain:
  Constants: {Zone: eu, Place: !Sub "${Rain::Zone}-west", Loop: !Rain::Constant Loop, Whole: {A: !Ref Name}}
Mappings:
  Map:
    web: {Port: "80", List: [x, y], Same: one}
    db: {Port: "5432", List: [z], Same: one}
  Regions:
    eu-west-1: {Ami: ami-1}
Conditions:
  Yes: !Equals [a, a]
  No: !Equals [a, b]
  Perhaps: !Equals [!Ref Stored, b]
Resources:
  Vpc: {Type: "AWS::EC2::VPC"}
  Subnet: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc}}
  Endpoint: {Type: "AWS::EC2::VPCEndpoint"}
  Thing: {Type: "Custom::Thing"}
"""

KNOWN = [
    ("!Ref Name", "web"),
    ("!Ref Count", "3"),
    ("!Rain::Constant Place", "eu-west"),
    ("{'Rain::Constant': Place}", "eu-west"),
    ("!Sub '${Rain::Place}-1-${Name}'", "eu-west-1-web"),
    ("!Rain::Constant Whole", {"A": "web"}),
    ("!Ref Names", ["a", "b", "c"]),
    ("!Ref AWS::Region", "eu-west-1"),
    ("!Ref AWS::Partition", "aws"),
    ("!Ref AWS::URLSuffix", "amazonaws.com"),
    ("!Sub '${Name}-${AWS::Region}'", "web-eu-west-1"),
    ("!Sub ['${Name}-${X}', {X: !Ref Count}]", "web-3"),
    ("!Sub ['${Name}', {Name: inner}]", "inner"),
    ("!Sub '${!Name} $Name $${Name}'", "${Name} $Name $web"),
    ("!Sub '${ Name }'", "web"),
    ("!Join ['-', [a, !Ref Name, 1, true]]", "a-web-1-true"),
    ("!Join ['', []]", ""),
    ("!Join [',', !Ref Names]", "a,b,c"),
    ("!Join ['/', !Split ['.', a.b.c]]", "a/b/c"),
    ("!Split ['|', 'a| b|']", ["a", " b", ""]),
    ("!Select [1, [a, b]]", "b"),
    ("!Select ['2', !Ref Names]", "c"),
    ("!Select [0, !Split [',', !Join [',', [x, y]]]]", "x"),
    ("!FindInMap [Map, web, Port]", "80"),
    ("!FindInMap [Map, !Ref Name, List]", ["x", "y"]),
    ("!FindInMap [Regions, !Ref AWS::Region, Ami]", "ami-1"),
    ("!FindInMap [Map, nothing, Port, {DefaultValue: none}]", "none"),
    ("!FindInMap [Nothing, a, b, {DefaultValue: !Ref Name}]", "web"),
    ("!FindInMap [!Join ['', [M, ap]], !Select [0, [web]], !Sub Port]", "80"),
    ("!Base64 abc", "YWJj"),
    ("!Base64 {'Fn::Sub': '${Name}'}", "d2Vi"),
    ("!Cidr [10.0.0.0/16, 3, 8]", ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]),
    ("!Select [1, !Cidr ['192.168.0.0/24', '4', '6']]", "192.168.0.64/26"),
    ("!If [Yes, a, b]", "a"),
    ("!If [No, a, b]", "b"),
    ("[a, !If [No, b, !Ref 'AWS::NoValue'], c]", ["a", "c"]),
    ("{a: 1, b: !If [No, 2, !Ref 'AWS::NoValue']}", {"a": 1}),
    ("!If [Perhaps, same, same]", "same"),
    ("{'Fn::Length': !Ref Names}", 3),
    ("{'Fn::ToJsonString': {a: [1, true, !Ref Name], b: null}}", '{"a":[1,true,"web"],"b":null}'),
    ("{Condition: {StringEquals: {a: b}}}", {"Condition": {"StringEquals": {"a": "b"}}}),
]


@pytest.mark.parametrize(("expression", "expected"), KNOWN, ids=[expression for expression, _ in KNOWN])
def test_known(expression: str, expected: object) -> None:
    assert plain(value_of(expression, TEMPLATE)) == expected


def test_all_is_known_of_a_partition_by_its_region() -> None:
    assert value_of("!Sub '${AWS::Partition} ${AWS::URLSuffix}'", region="cn-north-1") == "aws-cn amazonaws.com.cn"
    assert value_of("!Ref AWS::Partition", region="us-gov-west-1") == "aws-us-gov"


REFERENCES = [
    ("!Ref Vpc", "Vpc", (), "resource"),
    ("!GetAtt Vpc.VpcId", "Vpc", ("VpcId",), "resource"),
    ("!GetAtt [Vpc, CidrBlock]", "Vpc", ("CidrBlock",), "resource"),
    ("!Sub '${Vpc}'", "Vpc", (), "resource"),
    ("!Sub '${Vpc.CidrBlock}'", "Vpc", ("CidrBlock",), "resource"),
    ("!GetAtt Subnet.VpcId", "Vpc", (), "resource"),
    ("!Join ['', [!Ref Vpc]]", "Vpc", (), "resource"),
    ("!Select [0, [!Ref Vpc]]", "Vpc", (), "resource"),
    ("!Select [0, !Split [',', !Join [',', [!Ref Vpc, b]]]]", "Vpc", (), "resource"),
    ("!If [Yes, !Ref Vpc, other]", "Vpc", (), "resource"),
    ("!Ref Open", "Open", (), "parameter"),
    ("!Ref Stored", "Stored", (), "parameter"),
    ("!Select [1, !Ref OpenNames]", "OpenNames", (1,), "parameter"),
    ("!ImportValue shared-vpc", "shared-vpc", (), "import"),
    ("!GetAtt Thing.VpcId", "Thing", ("VpcId",), "module"),
    ("!Select [0, !GetAZs '']", "eu-west-1", ("zones", 0), "parameter"),
]


@pytest.mark.parametrize(("expression", "address", "path", "kind"), REFERENCES, ids=[each[0] for each in REFERENCES])
def test_identity(expression: str, address: str, path: tuple[str | int, ...], kind: str) -> None:
    value = value_of(expression, TEMPLATE)
    assert isinstance(value, Reference)
    assert (value.address, value.path, value.kind) == (address, path, kind)


def test_the_identity_of_an_endpoint_survives_taking_its_entries_apart() -> None:
    value = value_of("!Select [1, !Split [':', !Select [0, !GetAtt Endpoint.DnsEntries]]]", TEMPLATE)
    assert isinstance(value, Reference) and value.address == "Endpoint"


PATTERNS = [
    ("!Sub 'com.amazonaws.${AWS::Region}.s3'", "com.amazonaws.*.s3"),
    ("!Join ['.', [com.amazonaws, !Ref AWS::Region, !Ref Name]]", "com.amazonaws.*.web"),
    ("!Sub '${Open}-${AWS::StackName}-x'", "*-*-x"),
    ("!Sub 'a-${Stored}'", "a-*"),
]


@pytest.mark.parametrize(("expression", "expected"), PATTERNS)
def test_partly_known(expression: str, expected: str) -> None:
    value = value_of(expression, TEMPLATE, region=None)
    assert isinstance(value, PartialString)
    assert pattern(value) == expected


UNKNOWN = [
    ("!Ref Nothing", "the template declares no resource or parameter Nothing"),
    ("!GetAtt Nothing.Arn", "the template declares no resource Nothing"),
    ("!Ref AWS::Nothing", "unknown pseudo parameter AWS::Nothing"),
    ("!FindInMap [Nothing, a, b]", "the template declares no mapping Nothing"),
    ("!FindInMap [Map, a, b]", "has no entry for these keys"),
    ("!Select [5, [a]]", "has no item 5"),
    ("!Select a", "Fn::Select has invalid arguments"),
    ("!Join [a]", "Fn::Join has invalid arguments"),
    ("!Sub [a]", "Fn::Sub has invalid arguments"),
    ("!Sub {a: b}", "Fn::Sub has invalid arguments"),
    ("!GetAtt x", "the template declares no resource x"),
    ("!GetAtt []", "Fn::GetAtt has invalid arguments"),
    ("!If [Yes, a]", "Fn::If has invalid arguments"),
    ("!If [Nothing, a, b]", "the template declares no condition Nothing"),
    ("!If [Perhaps, a, b]", "Stored is read from the Parameter Store"),
    ("!Cidr [x, 1, 2]", "Fn::Cidr cannot divide"),
    ("!Cidr [10.0.0.0/8, 1000000, 8]", "Fn::Cidr cannot divide"),
    ("!Transform {Name: 'AWS::Include', Parameters: {Location: x}}", "includes a file from S3"),
    ("{'Fn::New': a}", "unknown function Fn::New"),
    ("!Base64 {Ref: Stored}", "Parameter Store"),
    ("!Rain::Constant Away", "declares no constant Away"),
    ("!Rain::Constant Loop", "nested too deeply"),
]


@pytest.mark.parametrize(("expression", "says"), UNKNOWN, ids=[each[0] for each in UNKNOWN])
def test_unknown_says_why(expression: str, says: str) -> None:
    value = value_of(expression, TEMPLATE)
    causes = [cause.text for cause in value.causes] if isinstance(value, (Unknown, Reference)) else []
    assert any(says in text for text in causes), value


def test_an_unknown_condition_keeps_both_values() -> None:
    value = value_of("!If [Perhaps, a, b]", TEMPLATE)
    assert isinstance(value, Unknown) and value.one_of == ("a", "b")


def test_an_item_that_may_be_missing() -> None:
    value = value_of("[a, !If [Perhaps, b, !Ref 'AWS::NoValue']]", TEMPLATE)
    assert isinstance(value, ListValue)
    assert value.items == ("a", "b") and set(value.maybe) == {1}


def test_doubling_strings_are_bounded() -> None:
    expression = "!Sub ['${a}${a}', {a: x}]"
    for _ in range(20):
        expression = expression.replace("{a: x}", "{a: !Sub ['${a}${a}${a}${a}', {a: x}]}")
    assert isinstance(value_of(expression), (str, Unknown))


def test_a_list_of_ids_that_are_one_of_several_has_as_many_items() -> None:
    which = "!If [Perhaps, !Ref Vpc, !Ref Subnet]"
    value = value_of(f"!Split [',', !Join [',', [{which}, {which}]]]", TEMPLATE)
    assert isinstance(value, ListValue) and value.exact and len(value.items) == 2
    assert all(isinstance(item, Unknown) and len(item.one_of) == 2 for item in value.items)


def test_a_list_of_what_may_be_several_items_may_have_any_number() -> None:
    which = "!If [Perhaps, !Ref Vpc, !Join [',', [!Ref Vpc, !Ref Subnet]]]"
    value = value_of(f"!Split [',', !Join [',', [{which}, x]]]", TEMPLATE)
    assert not isinstance(value, ListValue) or not value.exact

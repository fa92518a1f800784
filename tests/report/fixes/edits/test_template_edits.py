"""Edits of templates in YAML and JSON: what is around stays, and the result parses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vpce_checks.model.spans import Span
from vpce_checks.report.fixes.changes import Addition, Change, Expression, Removal, Setting
from vpce_checks.report.fixes.edits.edit import RefusedError, applied, read_source
from vpce_checks.report.fixes.edits.template_edits import template_edits

NEW = "S3Endpoint:\n  Type: AWS::EC2::VPCEndpoint\n  Properties:\n    VpcId: !Ref Main"


def changed(directory: Path, text: str, change: Change) -> str:
    file = Path(change.file)
    file.write_bytes(text.encode())
    return applied(read_source(str(file)).text, template_edits(change))


def dns(directory: Path, name: str = "net.yaml") -> Setting:
    return Setting(str(directory / name), ("Main",), (("EnableDnsHostnames", True),))


def added(directory: Path, line: int = 2) -> Addition:
    file = str(directory / "net.yaml")
    return Addition(file, NEW, Span(file, line, 3, line + 2, 9))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Properties: {CidrBlock: x}", "Properties: {CidrBlock: x, EnableDnsHostnames: true}"),
        ("Properties: { CidrBlock: x }", "Properties: { CidrBlock: x, EnableDnsHostnames: true }"),
        ("Properties: {}", "Properties: {EnableDnsHostnames: true}"),
        (
            "Properties:\n      CidrBlock: x # why\n      # not yet\n",
            "Properties:\n      CidrBlock: x # why\n      EnableDnsHostnames: true\n      # not yet\n",
        ),
        (
            "Properties:\n      CidrBlock: !Ref Cidr\n      Tags:\n        - {Key: a, Value: b}\n",
            "Properties:\n      CidrBlock: !Ref Cidr\n      EnableDnsHostnames: true\n      Tags:\n        - {Key: a, Value: b}\n",
        ),
        (
            "Properties:\n      Tags:\n        - Key: a\n          Value: b\n",
            "Properties:\n      EnableDnsHostnames: true\n      Tags:\n        - Key: a\n          Value: b\n",
        ),
        (
            "Properties:\n      CidrBlock: x\n      EnableDnsHostnames: 'false' # off\n",
            "Properties:\n      CidrBlock: x\n      EnableDnsHostnames: true # off\n",
        ),
    ],
)
def test_a_property_is_set_in_yaml(before: str, after: str, tmp_path: Path) -> None:
    text = "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    %s"
    assert changed(tmp_path, text % before, dns(tmp_path)) == text % after


def test_line_ends_and_byte_order_mark_stay(tmp_path: Path) -> None:
    text = "\ufeffResources:\r\n  Main:\r\n    Type: AWS::EC2::VPC\r\n    Properties:\r\n      CidrBlock: é\r\n"
    assert changed(tmp_path, text, dns(tmp_path)) == text + "      EnableDnsHostnames: true\r\n"
    assert changed(tmp_path, text, added(tmp_path)) == text + "".join(f"  {line}\r\n" for line in NEW.split("\n"))


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("Properties: {EnableDnsHostnames: !Ref On}", "computed"),
        ("Properties: *shared", "alias"),
        ("Properties:\n      <<: *shared\n      Tags: []\n", "alias"),
        ("Condition: Never", "no properties"),
        ("Properties: {CidrBlock: x # why\n      }", "comment"),
    ],
)
def test_what_cannot_be_set_is_refused(properties: str, reason: str, tmp_path: Path) -> None:
    text = "Shared: &shared {CidrBlock: y}\nResources:\n  Main:\n    Type: AWS::EC2::VPC\n    "
    with pytest.raises(RefusedError, match=reason):
        changed(tmp_path, text + properties, dns(tmp_path))


JSON = """\
{
    "Resources": {
        "Main": {
            "Type": "AWS::EC2::VPC",
            "Properties": {
                "CidrBlock": "x"
            }
        },
        "Other": {"Type": "AWS::SNS::Topic", "Properties": {}}
    }
}
"""


def test_a_property_is_set_in_json(tmp_path: Path) -> None:
    result = changed(tmp_path, JSON, dns(tmp_path, "net.json"))
    assert result == JSON.replace('"x"\n', '"x",\n                "EnableDnsHostnames": true\n')


def test_a_list_is_set_in_json(tmp_path: Path) -> None:
    change = Setting(str(tmp_path / "net.json"), ("Other",), (("RouteTableIds", Expression('[{"Ref": "Table"}]')),))
    result = changed(tmp_path, JSON, change)
    assert json.loads(result)["Resources"]["Other"]["Properties"] == {"RouteTableIds": [{"Ref": "Table"}]}


LISTED = """\
Resources:
  A: {Type: AWS::EC2::RouteTable}
  B: {Type: AWS::EC2::RouteTable}
  Main:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      RouteTableIds: LIST
      VpcId: x
Shared: &shared [x]
One: &one {Ref: A}
"""


def listed(directory: Path, wanted: str = "[!Ref A, !Ref B]", name: str = "net.yaml") -> Setting:
    return Setting(str(directory / name), ("Main",), (("RouteTableIds", Expression(wanted)),))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[!Ref A]", "[!Ref A, !Ref B]"),
        ("[ Ref: A ]", "[ Ref: A, !Ref B ]"),
        ('[{"Ref": "A"},]', '[{"Ref": "A"}, !Ref B]'),
        ("[]", "[!Ref A, !Ref B]"),
        ("[rtb-1] # by hand", "[rtb-1, !Ref A, !Ref B] # by hand"),
        ("[\n        !Ref A\n      ]", "[\n        !Ref A,\n        !Ref B\n      ]"),
        ("\n        - !Ref A # first", "\n        - !Ref A # first\n        - !Ref B"),
        ("\n      - Ref: A", "\n      - Ref: A\n      - !Ref B"),
        ("\n        -   rtb-1", "\n        -   rtb-1\n        -   !Ref A\n        -   !Ref B"),
        (
            "\n        - !Ref A\n        - Fn::ImportValue:\n            x\n        # end",
            "\n        - !Ref A\n        - Fn::ImportValue:\n            x\n        - !Ref B\n        # end",
        ),
    ],
)
def test_items_join_a_list_in_yaml(before: str, after: str, tmp_path: Path) -> None:
    assert changed(tmp_path, LISTED.replace("LIST", before), listed(tmp_path)) == LISTED.replace("LIST", after)


def test_what_is_in_a_list_stays_as_it_is(tmp_path: Path) -> None:
    text = LISTED.replace("LIST", "[!Ref B, !Ref A]")
    assert changed(tmp_path, text, listed(tmp_path)) == text
    windows = LISTED.replace("LIST", "\n        - !Ref A").replace("\n", "\r\n")
    assert changed(tmp_path, windows, listed(tmp_path)) == windows.replace("!Ref A", "!Ref A\r\n        - !Ref B")


@pytest.mark.parametrize(
    ("present", "reason"),
    [
        ("!Ref Tables", "computed"),
        ("!If [On, [!Ref A], []]", "computed"),
        ("*shared", "alias"),
        ("[*one]", "alias"),
        ("&tables [!Ref A]", "alias"),
        ("&tables\n        - !Ref A", "alias"),
        ("\n        - *one", "alias"),
        ("[!Ref A, !If [On, !Ref B, !Ref AWS::NoValue]]", "under a condition"),
        ("[!Ref A # first\n        ]", "comment"),
        ("\n        - !Ref A\n        -\n          rtb-1", "begin lines"),
    ],
)
def test_a_list_that_gets_nothing(present: str, reason: str, tmp_path: Path) -> None:
    text = LISTED.replace("Shared: &shared [x]\nOne: &one {Ref: A}\n", "").replace("LIST", present)
    with pytest.raises(RefusedError, match=reason):
        changed(tmp_path, "Shared: &shared [x]\nOne: &one {Ref: A}\n" + text, listed(tmp_path))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[]", '[{"Ref": "A"}, {"Ref": "B"}]'),
        ('[{"Ref": "A"}]', '[{"Ref": "A"}, {"Ref": "B"}]'),
        ('[\n    {"Ref": "A"}\n  ]', '[\n    {"Ref": "A"},\n    {"Ref": "B"}\n  ]'),
        ('[\n    {\n      "Ref": "A"\n    }\n  ]', '[\n    {\n      "Ref": "A"\n    },\n    {"Ref": "B"}\n  ]'),
    ],
)
def test_items_join_a_list_in_json(before: str, after: str, tmp_path: Path) -> None:
    text = '{"Resources": {"A": {}, "B": {}, "Main": {"Properties": {\n  "RouteTableIds": LIST}}}}'
    change = listed(tmp_path, '[{"Ref": "A"}, {"Ref": "B"}]', "net.json")
    assert changed(tmp_path, text.replace("LIST", before), change) == text.replace("LIST", after)


def test_a_resource_is_added_to_json(tmp_path: Path) -> None:
    file = str(tmp_path / "net.json")
    code = json.dumps({"S3": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {}}})
    result = changed(tmp_path, JSON, Addition(file, code, Span(file, 3, 9, 8, 10)))
    there = '        },\n        "S3": {\n            "Type": "AWS::EC2::VPCEndpoint",\n            "Properties": {}\n        },\n'
    assert result == JSON.replace("        },\n", there, 1)
    assert list(json.loads(result)["Resources"]) == ["Main", "S3", "Other"]


MAIN = "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: x}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MAIN, f"{MAIN}@"),
        (f"{MAIN}    # of it\n  # of the next\n  Next: {{Type: X}}\n", f"{MAIN}    # of it\n@  # of the next\n  Next: {{Type: X}}\n"),
        (f"{MAIN}\n  Next: {{Type: X}}\n", f"{MAIN}\n@\n  Next: {{Type: X}}\n"),
        (f"{MAIN}Outputs: {{}}\n", f"{MAIN}@Outputs: {{}}\n"),
        (f"{MAIN}    Metadata:\n      Text: |\n        a\n\n        # b\nOutputs: {{}}\n", f"{MAIN}    Metadata:\n      Text: |\n        a\n\n        # b\n@Outputs: {{}}\n"),
        (f"{MAIN}    Metadata: &m {{}}\n    UpdateReplacePolicy: *m\n  Next: {{Type: X}}\n", f"{MAIN}    Metadata: &m {{}}\n    UpdateReplacePolicy: *m\n@  Next: {{Type: X}}\n"),
        (f"{MAIN}  E: {{Type: 'AWS::EC2::VPCEndpoint'}}\n  Next: {{Type: X}}\n", f"{MAIN}  E: {{Type: 'AWS::EC2::VPCEndpoint'}}\n@  Next: {{Type: X}}\n"),
    ],
)  # fmt: skip
def test_a_resource_is_added_to_yaml(text: str, expected: str, tmp_path: Path) -> None:
    new = "".join(f"  {line}\n" for line in NEW.split("\n"))
    assert changed(tmp_path, text, added(tmp_path)) == expected.replace("@", new)


def test_resources_in_braces_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="braces"):
        changed(tmp_path, "Resources: {\n  Main: {Type: AWS::EC2::VPC}}\n", added(tmp_path))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    Condition: Prod\n", ""),
        ("    Condition: Prod # no\n", None),
        ("    Metadata: {}\n    Condition: 'Prod'\n", "    Metadata: {}\n"),
        ("", None),
    ],
)
def test_a_condition_is_removed(before: str, after: str | None, tmp_path: Path) -> None:
    text = "Resources:\n  E:\n    Type: AWS::EC2::VPCEndpoint\n%s    Properties: {VpcId: x}\n"
    change = Removal(str(tmp_path / "net.yaml"), "E", "Condition")
    if after is None:
        with pytest.raises(RefusedError):
            changed(tmp_path, text % before, change)
    else:
        assert changed(tmp_path, text % before, change) == text % after


def test_a_condition_is_removed_from_json(tmp_path: Path) -> None:
    text = (
        '{"Resources": {\n "E": {\n  "Type": "AWS::EC2::VPCEndpoint",\n  "Condition": "Prod",\n  "Properties": {}}}}\n'
    )
    change = Removal(str(tmp_path / "net.json"), "E", "Condition")
    assert changed(tmp_path, text, change) == text.replace('  "Condition": "Prod",\n', "")

"""Read parameter files in every form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import cli
from vpce_checks.cloudformation.template.parameter_files import _plain_toml, read_parameter_file

SAMCONFIG = """
version = 0.1
[default.global.parameters]
parameter_overrides = "A=global B=2"
[default.deploy.parameters]
stack_name = 'x'
parameter_overrides = %s  # overrides
[prod.deploy.parameters]
parameter_overrides = "A=prod"
"""


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("p.json", '[{"ParameterKey": "A", "ParameterValue": "b,c"}]', {"A": "b,c"}),
        ("p.json", '[{"ParameterKey": "A", "UsePreviousValue": true}, {"ParameterKey": "B", "ParameterValue": "1"}]', {"A": None, "B": "1"}),
        ("p.txt", "A=b C='d e'\n# old\nD=\n", {"A": "b", "C": "d e", "D": ""}),
        ("params", "ParameterKey=A,ParameterValue=b ParameterKey=C,ParameterValue=d\n", {"A": "b", "C": "d"}),
        ("p.env", "export A=b=c\n\nB=x,y\n", {"A": "b=c", "B": "x,y"}),
        ("p.params", '{"A": "b"}', {"A": "b"}),
        ("p.yaml", "template: {path: net.yaml}\nparameters: {A: b, C: !stack_output x::y, D: '{{ var.d }}'}\n", {"A": "b", "C": None, "D": None}),
        ("p.json", '{"Parameters": {"A": {"Fn::GetArtifactAtt": ["x", "y"]}, "B": "${BRANCH}"}}', {"A": None, "B": None}),
        ("p.yaml", "Parameters:\n  A: b\nTags:\n  T: x\n", {"A": "b"}),
        ("p.json", '["A=b=c", "B="]', {"A": "b=c", "B": ""}),
        ("p.json", '{"Parameters": {"A": "b"}, "Tags": {"x": "y"}}', {"A": "b"}),
        ("p.json", '{"A": "b", "B": true, "C": 1}', {"A": "b", "B": "true", "C": "1"}),
        ("p.yaml", "A: b\nB: [c, d]\n", {"A": "b", "B": "c,d"}),
        ("p.json", '["ParameterKey=A,ParameterValue=b\\\\,c", "D=e"]', {"A": "b,c", "D": "e"}),
        ("p.json", '{"StackName": "n", "Parameters": [{"ParameterKey": "A", "ParameterValue": "b"}]}', {"A": "b"}),
        ("p.json", '{"ParameterOverrides": [{"ParameterKey": "A", "ParameterValue": "b"}], "Accounts": ["1"]}', {"A": "b"}),
        ("p.yaml", "template-file-path: t.yaml\nparameters: {A: b}\ntags: {C: d}\n", {"A": "b"}),
        ("p.yaml", "Parameters: {}\nTags: {A: b}\n", {}),
        ("samconfig.yaml", "default: {deploy: {parameters: {parameter_overrides: [A=b, 'C=\"d e\"']}}}", {"A": "b", "C": "d e"}),
        ("samconfig.yml", "default: {global: {parameters: {parameter_overrides: {A: true, B: 1}}}}", {"A": "true", "B": "1"}),
        ("p.json", "{}", {}),
        ("samconfig.toml", SAMCONFIG % "'ParameterKey=A,ParameterValue=b ParameterKey=C,ParameterValue=\"d e\"'", {"A": "b", "B": "2", "C": "d e"}),
        ("samconfig.toml", SAMCONFIG % '"A=b C=\\"d e\\""', {"A": "b", "B": "2", "C": "d e"}),
        ("samconfig.toml", SAMCONFIG % "['A=b', 'C=d']", {"A": "b", "B": "2", "C": "d"}),
    ],
)  # fmt: skip
def test_forms(name: str, content: str, expected: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert read_parameter_file(str(tmp_path / name), (str(tmp_path),)) == (expected, [])


def test_a_template_gives_no_values(tmp_path: Path) -> None:
    template = "Parameters:\n  Env: {Type: String}\nResources:\n  Main: {Type: AWS::EC2::VPC}\n"
    (tmp_path / "net.yaml").write_text(template)
    values, (problem,) = read_parameter_file(str(tmp_path / "net.yaml"), (str(tmp_path),))
    assert (values, problem.severity) == ({}, "error")
    assert problem.message == "this is a template, not a file with the values of parameters"


@pytest.mark.parametrize("value", ['"A=b C=\\"d e\\""', "['A=b', 'C=d']"])
def test_the_reader_for_old_pythons_reads_the_same(value: str) -> None:
    tomllib = pytest.importorskip("tomllib")
    text = SAMCONFIG % value
    ours, theirs = _plain_toml(text), tomllib.loads(text)
    assert ours["default"]["deploy"] == theirs["default"]["deploy"]  # type: ignore[index]
    assert ours["default"]["global"] == theirs["default"]["global"]  # type: ignore[index]
    assert ours["prod"] == theirs["prod"]


TEMPLATE = """\
Parameters:
  Endpoint: {Type: String, Default: "yes", AllowedValues: ["yes", "no"]}
  Name: {Type: String, Default: net}
Conditions:
  HasEndpoint: !Equals [!Ref Endpoint, "yes"]
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: HasEndpoint
    Properties: {VpcId: !Ref Vpc, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3", RouteTableIds: [!Ref Table]}
"""


def scanned(directory: Path, *options: str) -> tuple[int, Any, list[str]]:
    """The exit code, the report, and the messages of its diagnostics."""
    (directory / "t.yaml").write_text(TEMPLATE)
    result = cli("scan", "--format", "json", *options, cwd=directory)
    document = json.loads(result.out)
    return result.code, document, [item["message"] for root in document["roots"] for item in root["diagnostics"]]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("Endpoint=yes\n", "pass"),
        ("Endpoint=no\n", "fail"),
        ('[{"ParameterKey": "Endpoint", "UsePreviousValue": true}]', "fail"),  # it may be either
        ("{Endpoint: !stack_output net::endpoint}", "fail"),
        ("{Name: '{{ var.name }}', Endpoint: 'yes'}", "pass"),
    ],
)
def test_values_that_only_the_deployment_knows(content: str, status: str, tmp_path: Path) -> None:
    (tmp_path / "parameters").write_text(content)
    _, document, _ = scanned(tmp_path, "--parameters", "parameters")
    assert [item["status"] for item in document["results"] if item["rule"] == "VPCE001"] == [status]


@pytest.mark.parametrize(
    "content",
    [
        "A: {{ x }}\n",
        "A: [\n",
        "just words",
        "\0\1",
        '{"A": "b"',
        "%{ for a in b }\nA: b\n%{ endfor }\n",
        "$ANSIBLE_VAULT;1.1\n",
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(content: str, tmp_path: Path) -> None:
    (tmp_path / "parameters").write_text(content)
    code, _, messages = scanned(tmp_path, "--parameters", "parameters")
    assert code == 3 and len(messages) == 1
    (tmp_path / "t.yaml").unlink()  # then nobody reads it for a template
    (tmp_path / "main.tf").write_text("locals {}\n")
    assert cli("scan", "--parameters", "parameters", cwd=tmp_path).code == 3


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("samconfig.toml", '[default.deploy.parameters]\nregion = "eu-west-3"\nparameter_overrides = "Endpoint=no"\n'),
        ("samconfig.toml", '[default.global.parameters]\nregion = "eu-west-3"\nparameter_overrides = "Endpoint=no"\n'),
        ("samconfig.yaml", "default: {deploy: {parameters: {region: eu-west-3, parameter_overrides: Endpoint=no}}}\n"),
    ],
)
def test_the_region_of_a_samconfig(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    _, document, _ = scanned(tmp_path)
    assert [vpc["region"] for vpc in document["vpcs"]] == ["eu-west-3"]
    assert [item["status"] for item in document["results"] if item["rule"] == "VPCE001"] == ["fail"]
    assert scanned(tmp_path, "--region", "eu-west-1")[1]["vpcs"][0]["region"] == "eu-west-1"


@pytest.mark.parametrize(
    ("named", "applies"),
    [("t.yaml", True), ("./t.yaml", True), (".aws-sam/build/t.yaml", True), ("gone.yaml", True), ("u.yaml", False)],
)
def test_a_samconfig_is_for_the_template_that_it_names(named: str, applies: bool, tmp_path: Path) -> None:
    (tmp_path / "u.yaml").write_text("Resources: {T: {Type: 'AWS::SNS::Topic'}}\n")
    (tmp_path / ".aws-sam/build").mkdir(parents=True)
    (tmp_path / ".aws-sam/build/t.yaml").write_text("x")
    written = f'[default.deploy.parameters]\ntemplate_file = "{named}"\nregion = "eu-west-3"\n'
    (tmp_path / "samconfig.toml").write_text(written)
    _, document, _ = scanned(tmp_path)
    assert [vpc["region"] for vpc in document["vpcs"]] == ["eu-west-3" if applies else None]

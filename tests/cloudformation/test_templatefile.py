"""Files that Terraform's ``templatefile`` fills in are no templates, and no error of their owner's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import cli

VPC = "  Vpc:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/16\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("keys.yml", "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n%{ if vpc }\n" + VPC + "%{ endif }\n"),
        ("loop.yaml", "Resources:\n%{ for name in names ~}\n" + VPC.replace("Vpc", "${name}") + "%{ endfor ~}\n"),
        (
            "string.yml",
            "Resources:\n" + VPC.replace("10.0.0.0/16", '"%{ if a }10.0.0.0/16%{ else }10.1.0.0/16%{ endif }"'),
        ),
        ("flow.yml", "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: ${cidr}}}\n"),
        (
            "net.json",
            '{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": ${jsonencode(cidr)}}}}}',
        ),
        (
            "loop.json",
            '{"Resources": {\n%{ for n in names ~}\n"${n}": {"Type": "AWS::EC2::VPC"},\n%{ endfor ~}\n"B": {}}}',
        ),
        ("net.template", "%{ for n in names }\nResources:\n" + VPC + "%{ endfor }\n"),
    ],
)
def test_they_are_told_and_not_judged(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    result = cli("scan", "--format", "json", cwd=tmp_path)
    document = json.loads(result.out)
    (item,) = [item for root in document["roots"] for item in root["diagnostics"]]
    assert result.code == 0
    assert [(each["rule"], each["status"]) for each in document["results"]] == [("VPCE011", "unknown")]
    assert item["severity"] == "warning" and "another tool fills in" in item["message"]


@pytest.mark.parametrize(
    "text",
    [
        "Resources:\n" + VPC.replace("10.0.0.0/16", "10.0.0.0/16 # as with %{ if a } and %{ endif }"),
        "Resources:\n  # %{ if a }\n" + VPC + "  # %{ endif }\n",
        "Resources:\n"
        + VPC
        + '  Web:\n    Type: AWS::EC2::Instance\n    Properties: {UserData: "curl -w %{http_code}"}\n',
    ],
)
def test_templates_that_only_look_like_them_are_judged(tmp_path: Path, text: str) -> None:
    (tmp_path / "net.yaml").write_text(text)
    assert cli("scan", cwd=tmp_path).code == 1

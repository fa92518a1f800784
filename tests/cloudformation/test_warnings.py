"""Only what matters to a VPC or an endpoint is a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cloudformation.templates import VPC_AND_S3, networks, write
from vpce_checks.cloudformation.template_set import TemplateSet
from vpce_checks.execution.scan import scan
from vpce_checks.project.options import ScanOptions

ODD = """
  Odd:
    Type: Custom::Odd
    Properties: {A: !Ref Nowhere, A: 1}
"""
TWICE = """
  Twice:
    Type: AWS::SNS::Topic
    Properties: {TopicName: a, TopicName: b}
"""


def messages(directory: Path, template: str) -> list[str]:
    return [item.message for network in networks(directory, {"t.yaml": template}) for item in network.diagnostics]


@pytest.mark.parametrize("extra", [ODD, TWICE])
def test_a_template_without_network_is_not_warned_of(extra: str, tmp_path: Path) -> None:
    assert messages(tmp_path, "Resources:" + extra) == []
    assert len(messages(tmp_path, VPC_AND_S3 + extra)) == 1


def test_a_template_that_is_not_there_may_have_held_one(tmp_path: Path) -> None:
    nested = "Resources:\n  Net: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ./net.yaml}}\n"
    assert messages(tmp_path, nested) == ["the nested template ./net.yaml is not in this repository"]


@pytest.mark.parametrize(("type", "told"), [("AWS::EC2::VPC", True), ("AWS::Lambda::Function", False)])
@pytest.mark.parametrize("name", ["t.yaml", "t.json"])
def test_what_is_to_be_rendered_first_is_told_of_if_it_may_hold_one(
    name: str, type: str, told: bool, tmp_path: Path
) -> None:
    text = "{% if a %}\nResources:\n  {{ name }}:\n    Type: " + type + "\n{% endif %}\n"
    if name.endswith("json"):
        text = '{"Resources": {\n {% if a %} "A": {"Type": "' + type + '"} {% endif %}\n}}'
    write(tmp_path, {name: text})
    assert bool(list(TemplateSet([str(tmp_path / name)]))) is told


def test_what_is_to_be_rendered_first_is_an_error_where_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"t.yaml": "Resources:\n{% for a in b %}\n  {{ a }}: {Type: 'AWS::EC2::VPC'}\n{% endfor %}\n"})
    assert scan(ScanOptions(paths=(str(tmp_path),))).complete
    assert not scan(ScanOptions(paths=(str(tmp_path / "t.yaml"),))).complete

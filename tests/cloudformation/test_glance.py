"""What a glance says of a JSON file, its tree says as well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.inputs import cdk_template, data_files
from vpce_checks.cloudformation.glance import glance
from vpce_checks.cloudformation.roots import find_roots, nested_by
from vpce_checks.cloudformation.template.templates import Templates

FIXTURES = Path(__file__).parents[1] / "fixtures"
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}

TEXTS = {
    "a template": (json.dumps({"Resources": {"Vpc": VPC}}), True),
    "laid out": (json.dumps({"Resources": {"Vpc": VPC}}, indent=4), True),
    "with a mark": ("\ufeff" + json.dumps({"Resources": {"Vpc": VPC}}), True),
    "a loop": (json.dumps({"Resources": {"Fn::ForEach::Vpcs": [], "Vpc": VPC}}), True),
    "data": (json.dumps({"Resources": ["AWS::EC2::VPC"]}), False),
    "data that counts resources": (json.dumps({"Resources": {"count": 3, "kind": "AWS::EC2::VPC"}}), False),
    "a list": (json.dumps([{"Resources": {"Vpc": VPC}}]), None),
    "YAML": ("Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n", None),
    "cut short": (json.dumps({"Resources": {"Vpc": VPC}})[:-2], None),
    "intended as a template": (json.dumps({"Resources": {"Vpc": {"Kind": VPC}}}), None),
    "a nested stack": (json.dumps({"Resources": {"Net": {"Type": "AWS::CloudFormation::Stack"}}}), None),
    "a service": (json.dumps({"Resources": {"Vpc": VPC}, "resources": {}}), None),
    "escaped": (json.dumps({"Resources": {"Vpc": VPC}}).replace("Vpc", "\\u0056pc"), None),
    "a directive": (json.dumps({"Resources": {"Vpc": VPC}, "Description": "%{ if x }y%{ endif }"}), None),
    "merged": (json.dumps({"<<": {"Resources": {"Vpc": VPC}}}), None),
    "a type that is a call": (json.dumps({"Resources": {"Vpc": {"Type": {"!Rain": "vpc.yaml"}}, "Other": VPC}}), None),
    "nested too deeply": (
        '{"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "P": ' + "[" * 200 + "]" * 200 + "}}}",
        True,
    ),
    "deeper than any decoder goes": ("[" * 100_000, None),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_seen(tmp_path: Path, name: str) -> None:
    text, seen = TEXTS[name]
    file = tmp_path / "t.json"
    file.write_text(text, encoding="utf-8")
    assert glance(str(file), (str(tmp_path),)) is seen
    assert _agrees(str(file), str(tmp_path))


def test_the_fixtures() -> None:
    files = [str(file) for suffix in ("json", "template") for file in sorted(FIXTURES.rglob(f"*.{suffix}"))]
    seen = [glance(file, (str(FIXTURES),)) for file in files]
    assert seen.count(True) > 10
    assert all(_agrees(file, str(FIXTURES)) for file in files)


def test_what_is_not_readable(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_bytes(b'{"Resources": "\xff"}')
    assert glance(str(tmp_path / "t.json"), (str(tmp_path),)) is None
    assert glance(str(tmp_path / "none.json"), (str(tmp_path),)) is None
    assert glance(str(tmp_path / "t.json"), (str(tmp_path / "inside"),)) is None


def test_large_files(tmp_path: Path) -> None:
    cdk_template(tmp_path / "app.template.json", 50_000)
    data_files(tmp_path / "data", 1, 50_000)
    files = [str(tmp_path / "app.template.json"), str(tmp_path / "data" / "findings-00.json")]
    assert [glance(file, (str(tmp_path),)) for file in files] == [True, False]
    templates = Templates(files, str(tmp_path))
    assert find_roots(templates, lambda path: nested_by(path, templates)) == (files[0],)
    assert not any(file in templates for file in files)  # nothing was parsed


def test_a_file_of_values_is_read_once_in_the_turn_of_a_root(tmp_path: Path) -> None:
    """Many variables name it."""
    file = tmp_path / "values.yml"
    file.write_text("vpc: vpc-1\n")
    templates = Templates([], str(tmp_path))
    found = templates.values_in(str(file))
    assert found is not None
    assert templates.values_in(str(file)) is found
    templates.settle("t.yaml")
    assert templates.values_in(str(file)) is not found
    assert templates.values_in(str(tmp_path / "none.yml")) is None


def _agrees(file: str, boundary: str) -> bool:
    """Whether a parsed file comes to the same."""
    parsed = Templates([file], boundary)
    parsed.template(file)
    return nested_by(file, Templates([file], boundary)) == nested_by(file, parsed)

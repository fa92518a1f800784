"""Read parameter files in every form."""

from __future__ import annotations

from pathlib import Path

import pytest

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
        ("p.json", '[{"ParameterKey": "A", "UsePreviousValue": true}, {"ParameterKey": "B", "ParameterValue": "1"}]', {"B": "1"}),
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


@pytest.mark.parametrize("value", ['"A=b C=\\"d e\\""', "['A=b', 'C=d']"])
def test_the_reader_for_old_pythons_reads_the_same(value: str) -> None:
    tomllib = pytest.importorskip("tomllib")
    text = SAMCONFIG % value
    ours, theirs = _plain_toml(text), tomllib.loads(text)
    assert ours["default"]["deploy"] == theirs["default"]["deploy"]  # type: ignore[index]
    assert ours["default"]["global"] == theirs["default"]["global"]  # type: ignore[index]
    assert ours["prod"] == theirs["prod"]

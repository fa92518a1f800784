"""Which roots a changed file reaches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vpce_checks.cli.main import main
from vpce_checks.execution.scan import scan
from vpce_checks.project.options import ScanOptions

VPC = 'resource "aws_vpc" "this" {\n  cidr_block = "10.0.0.0/16"\n}\n'
TEMPLATE = "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n"


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Terraform roots that call modules and read files, and templates that nest and import."""
    (tmp_path / ".git").mkdir()
    files = {
        "envs/prod/main.tf": 'module "a" {\n  source = "../../modules/a"\n}\n',
        "envs/dev/main.tf": 'module "net" {\n  source = "../../modules/net"\n}\n',
        "modules/a/main.tf": 'module "net" {\n  source = "../net"\n}\n',
        "modules/net/main.tf": VPC,
        "reads/main.tf": VPC + 'locals {\n  a = yamldecode(file("${path.module}/conf/names.yaml"))\n}\n',
        "reads/conf/names.yaml": "[]\n",
        "computes/main.tf": VPC + 'locals {\n  a = file("conf/${terraform.workspace}.csv")\n}\n',
        "lists/main.tf": VPC + 'locals {\n  a = fileset(path.module, "*.json")\n}\n',
        "plain/main.tf": VPC,
        "stacks/parent.yaml": "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: child.yaml}\n" + TEMPLATE.partition("\n")[2],
        "stacks/child.yaml": TEMPLATE,
        "stacks/exports.yaml": TEMPLATE + "Outputs: {A: {Value: !Ref Main, Export: {Name: a}}}\n",
        "stacks/imports.yaml": "Resources:\n  E:\n    Type: AWS::EC2::VPCEndpoint\n    Properties:\n"
        "      VpcId: !ImportValue a\n      ServiceName: com.amazonaws.eu-west-1.s3\n",
        "other/alone.yaml": TEMPLATE,
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def reached(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    """The roots that are scanned for changed files."""
    assert main(["scan", "--changed-files", "--format", "json", *arguments]) in (0, 1)
    return {root["path"] for root in json.loads(capsys.readouterr().out)["roots"]}


@pytest.mark.parametrize(
    ("changed", "roots"),
    [
        ("modules/net/main.tf", {"envs/prod", "envs/dev"}),
        ("modules/a/main.tf", {"envs/prod"}),
        ("modules/a/new.tf.json", {"envs/prod"}),
        ("modules/a/gone.tf", {"envs/prod"}),
        ("modules/a/net.tf.J2", {"envs/prod", "computes", "lists"}),
        ("envs/dev/main.tf", {"envs/dev"}),
        ("envs/dev/terraform.tfvars", {"envs/dev", "computes", "lists"}),
        ("envs/dev/x.auto.tfvars.json", {"envs/dev", "computes", "lists"}),
        ("envs/dev/values/big.tfvars", {"envs/dev", "computes", "lists"}),
        ("reads/conf/names.yaml", {"reads", "computes", "lists"}),
        ("reads/conf/gone.yaml", {"stacks/exports.yaml", "stacks/imports.yaml", "computes", "lists"}),
        ("stacks/imports.yaml", {"stacks/exports.yaml", "stacks/imports.yaml", "computes", "lists"}),
        ("stacks/child.yaml", {"stacks/parent.yaml", "computes", "lists"}),
        ("stacks/exports.yaml", {"stacks/exports.yaml", "stacks/imports.yaml", "computes", "lists"}),
        ("other/alone.yaml", {"other/alone.yaml", "computes", "lists"}),
        ("other/samconfig.toml", {"other/alone.yaml", "computes", "lists"}),
        ("README.md", {"computes", "lists"}),
    ],
)
def test_reach(changed: str, roots: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What reads files that it computes the names of (``computes``, ``lists``) may read any that is no code."""
    assert reached(capsys, changed) == roots


def test_nothing_changed_reaches_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert reached(capsys) == set()


def test_policy_reaches_everything_below_it(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    every = reached(capsys, ".vpce-checks.yaml")
    assert {"plain", "envs/prod", "other/alone.yaml"} <= every
    (repository / "base.yaml").write_text("version: 1\n")
    (repository / ".vpce-checks.yaml").write_text("version: 1\nextends: [./base.yaml]\n")
    assert reached(capsys, "base.yaml") == every


def test_variable_and_parameter_files_reach_what_they_are_given_to(
    capsys: pytest.CaptureFixture[str], repository: Path
) -> None:
    (repository / "given.tfvars").write_text("")
    assert "plain" in reached(capsys, "given.tfvars", "--var-file", "given.tfvars")
    (repository / "given.json").write_text("[]")
    found = reached(capsys, "given.json", "--parameters", "given.json")
    assert "other/alone.yaml" in found
    assert "plain" not in found


@pytest.mark.parametrize(
    ("link", "target", "changed"),
    [
        ("root/linked.tf", "../shared/code.tf", "shared/code.tf"),
        ("root/linked.tf", "../shared/code.txt", "shared/code.txt"),
        ("root/terraform.tfvars", "../shared/values.tfvars", "shared/values.tfvars"),
        ("root/linked.tf", "../shared/hop.tf", "shared/hop.tf"),
        ("net", "other", "net"),
    ],
)
def test_what_a_link_leads_to_reaches_its_root(
    link: str, target: str, changed: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("shared/code.tf", "shared/code.txt", "shared/values.tfvars", "other/main.tf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "shared/hop.tf").symlink_to("code.txt")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/main.tf").write_text('module "net" {\n  source = "../net"\n}\n')
    (tmp_path / link).symlink_to(target)
    main(["scan", str(tmp_path / "root"), "--format", "json"])
    assert json.loads(capsys.readouterr().out)["roots"]
    main(["scan", "--changed-files", "--format", "json", str(tmp_path / changed)])
    assert any(root["path"].endswith("root") for root in json.loads(capsys.readouterr().out)["roots"])


@pytest.mark.parametrize(
    ("root", "code"),
    [
        ("root/main.tf.json", r'{"locals": {"a": "${fil\u0065(\"../data/x.txt\")}"}}'),
        ("root/main.tf", 'locals {\n  a = file /* it */ ("../data/x.txt")\n}\n'),
        ("root/main.tf", 'locals {\n  a = file("../data/link.txt")\n}\n'),
        ("root/main.tf", 'locals {\n  a = file("${path.module}/../data/link.txt")\n}\n'),
        ("root.json", r'{"Resources": {"A": {"Type": "AWS::CloudFormation::Stack", "X": "x\u002etxt"}}}'),
    ],
)
def test_a_file_that_is_named_in_another_spelling(
    root: str, code: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, text in {root: code, "data/x.txt": ""}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "data/link.txt").symlink_to("x.txt")
    main(["scan", "--changed-files", "--format", "json", str(tmp_path / "data/x.txt")])
    assert any(each["path"].endswith(root.partition("/")[0]) for each in json.loads(capsys.readouterr().out)["roots"])


def test_a_source_with_a_null_character_reaches_nothing(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    """It is no path at all. What is wrong with it is said where its root is scanned."""
    (repository / "null").mkdir()
    (repository / "null/main.tf").write_text('module "a" {\n  source = "./a\\u0000"\n}\n')
    assert reached(capsys, "modules/a/main.tf") == {"envs/prod"}


def test_a_call_of_what_no_file_can_be_called(repository: Path) -> None:
    file = repository / "plain/main.tf"
    file.write_text(VPC + 'module "m" {\n  source = "./a\\u0000b"\n}\n')
    changed = repository / "envs/dev/main.tf"
    report = scan(ScanOptions(paths=(str(repository),), changed=(str(changed),)))
    assert {root.path for root in report.roots} == {str(changed.parent)}

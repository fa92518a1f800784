"""Terragrunt's functions: what they say in a unit, in what it includes and in what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.terragrunt.repository import inputs_of, report_of, write
from vpce_checks.model.values import ListValue, MapValue, PartialString, Unknown, Value, is_known

LAYOUT = {
    "live/root.hcl": "locals {\n  dir = get_terragrunt_dir()\n}\n\ninputs = {\n  parent = EXPRESSION\n}\n",
    "live/region.hcl": 'locals {\n  region = "eu-west-1"\n  here   = basename(get_terragrunt_dir())\n'
    '  original = basename(get_original_terragrunt_dir())\n  found = basename(dirname(find_in_parent_folders("top.txt")))\n}\n',
    "live/prod/vpc/terragrunt.hcl": 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n  expose = true\n}\n'
    "inputs = {\n  own = EXPRESSION\n}\n",
    "live/prod/vpc/note.txt": "the unit's",
    "live/note.txt": "the parent's",
    "top.txt": "",
    "vars.tfvars": 'a = ["x"]\n',
}


def values_of(top: Path, own: str = "null", parent: str = "null") -> tuple[Value, Value, str]:
    """What an expression is worth in a unit, another in its parent, and what is said of them."""
    files = {
        name: text.replace("own = EXPRESSION", f"own = {own}").replace("parent = EXPRESSION", f"parent = {parent}")
        for name, text in LAYOUT.items()
    }
    inputs, diagnostics = inputs_of(top, files, "live/prod/vpc", {"TF_VAR_region": "us-east-1"})
    assert isinstance(inputs, MapValue)
    return inputs.items["own"], inputs.items["parent"], " | ".join(item.message for item in diagnostics)


@pytest.mark.parametrize(
    ("expression", "own", "parent"),
    [
        ("path_relative_to_include()", "prod/vpc", "prod/vpc"),
        ("path_relative_from_include()", "../..", "../.."),
        ('path_relative_to_include("root")', "prod/vpc", "prod/vpc"),
        ("basename(get_terragrunt_dir())", "vpc", "vpc"),
        ("basename(get_original_terragrunt_dir())", "vpc", "vpc"),
        ("basename(get_parent_terragrunt_dir())", "live", "live"),
        ("get_path_from_repo_root()", "live/prod/vpc", "live/prod/vpc"),
        ("get_path_to_repo_root()", "../../..", "../../.."),
        ('get_terragrunt_dir() == "${get_repo_root()}/live/prod/vpc"', True, True),
        ('basename(find_in_parent_folders("region.hcl"))', "region.hcl", "region.hcl"),
        ('basename(dirname(find_in_parent_folders("live/root.hcl")))', "live", "live"),
        ('find_in_parent_folders("nowhere.hcl", "instead")', "instead", "instead"),
        ('file("note.txt")', "the unit's", "the parent's"),
        ('mark_as_read("a")', "a", "a"),
        ('constraint_check("1.4.2", "~> 1.4")', True, True),
        ('constraint_check("2.0.0", ">= 1.0, < 2.0")', False, False),
        ('get_env("TF_VAR_region")', "us-east-1", "us-east-1"),
        ('read_terragrunt_config(find_in_parent_folders("region.hcl")).locals.region', "eu-west-1", "eu-west-1"),
        # What is read is a configuration of its own, but for where it began.
        ('read_terragrunt_config(find_in_parent_folders("region.hcl")).locals.here', "live", "live"),
        ('read_terragrunt_config(find_in_parent_folders("region.hcl")).locals.original', "vpc", "vpc"),
        ('read_terragrunt_config("../../region.hcl").locals.region', "eu-west-1", "eu-west-1"),
        ('read_terragrunt_config("none.hcl", { locals = { a = "b" } }).locals.a', "b", "b"),
        ('try(read_terragrunt_config("../../region.hcl").locals.missing, "absent")', "absent", "absent"),
        ('read_tfvars_file("${get_repo_root()}/vars.tfvars")', '{"a":["x"]}', '{"a":["x"]}'),
        ("deep_merge({ a = { b = 1 } }, { a = { c = 2 } }).a.b", 1, 1),
        ('contains(get_terraform_commands_that_need_vars(), "plan")', True, True),
        ('startswith("abc", "ab")', True, True),
    ],
)
def test_values(tmp_path: Path, expression: str, own: Value, parent: Value) -> None:
    assert values_of(tmp_path, expression, expression) == (own, parent, "")


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('run_cmd("touch", "MARK")', "run_cmd() runs a command"),
        ('sops_decrypt_file("secrets.yaml")', "sops_decrypt_file() reads a secret"),
        ("get_aws_account_id()", "get_aws_account_id() depends on the credentials"),
        ("get_platform()", "get_platform() depends on the machine"),
        ("get_terraform_command()", "depends on the command"),
        ('get_env("HOME", "nobody")', 'get_env("HOME") depends on the environment of the run (by default "nobody")'),
        ('find_in_parent_folders("nowhere.hcl")', 'find_in_parent_folders("nowhere.hcl"): the repository has no such'),
        ('read_terragrunt_config("none.hcl")', "no such file"),
        (
            'read_terragrunt_config("${get_terragrunt_dir()}/none.hcl")',
            'read_terragrunt_config("none.hcl"): no such file',
        ),
        ('file("${get_repo_root()}/none.yaml")', 'file("../../../none.yaml"): no such file'),
        ('read_terragrunt_config("/etc/hosts")', "reads outside the repository"),
        ('read_terragrunt_config("../../../../outside.hcl")', "reads outside the repository"),
        ('file("/etc/hosts")', "reads outside the repository"),
        ("values.version", "values come from the stack"),
    ],
)
def test_what_cannot_be_known(tmp_path: Path, expression: str, reason: str) -> None:
    (tmp_path / "outside.hcl").write_text('locals {\n  a = "secret"\n}\n')
    top = tmp_path / "repository"
    top.mkdir()
    value, _, _ = values_of(top, expression.replace("MARK", str(tmp_path / "mark")))
    assert isinstance(value, Unknown)
    assert reason in value.causes[0].text
    assert value.causes[0].span is not None
    assert not (tmp_path / "mark").exists()


def test_unknown_in_a_string_leaves_the_rest(tmp_path: Path) -> None:
    value, _, _ = values_of(tmp_path, '"state-${get_aws_account_id()}"')
    assert isinstance(value, PartialString)
    assert value.parts[0] == "state-"


def test_a_command_may_fail_so_try_is_open(tmp_path: Path) -> None:
    value, _, _ = values_of(tmp_path, 'try(run_cmd("false"), "otherwise")')
    assert isinstance(value, Unknown)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("local.missing", "there is no 'missing' in this object"),
        ("include.other.locals.a", "there is no 'other' in this object"),
        ("dependency.other.outputs.a", "there is no 'other' in this object"),
        ("feature.other.value", "there is no 'other' in this object"),
        ("path.module", "Terragrunt has no 'path'"),
        ('constraint_check("x", ">= 1")', "is no version"),
    ],
)
def test_mistakes(tmp_path: Path, expression: str, message: str) -> None:
    value, _, said = values_of(tmp_path, expression)
    assert isinstance(value, Unknown)
    assert message in said


def test_several_includes_must_be_named(tmp_path: Path) -> None:
    files = {
        "a.hcl": "",
        "b/b.hcl": "",
        "b/unit/terragrunt.hcl": 'include "a" {\n  path = find_in_parent_folders("a.hcl")\n}\n'
        'include "b" {\n  path = find_in_parent_folders("b.hcl")\n}\n'
        'inputs = {\n  a = path_relative_to_include("a")\n  b = path_relative_to_include("b")\n'
        "  none = path_relative_to_include()\n}\n",
    }
    inputs, diagnostics = inputs_of(tmp_path, files, "b/unit")
    assert isinstance(inputs, MapValue)
    assert (inputs.items["a"], inputs.items["b"]) == ("b/unit", "unit")
    assert "needs the name of an include" in diagnostics[0].message


def test_a_parent_by_its_old_name(tmp_path: Path) -> None:
    files = {
        "terragrunt.hcl": 'inputs = {\n  a = "from the parent"\n}\n',
        "x/unit/terragrunt.hcl": "include {\n  path = find_in_parent_folders()\n}\n",
    }
    inputs, _ = inputs_of(tmp_path, files, "x/unit")
    assert inputs == MapValue({"a": "from the parent"})


def test_generated_values_of_a_stack(tmp_path: Path) -> None:
    files = {
        "unit/terragrunt.hcl": 'inputs = {\n  a = values.name\n  b = try(values.other, "default")\n}\n',
        "unit/terragrunt.values.hcl": 'name = "main"\n',
    }
    inputs, _ = inputs_of(tmp_path, files, "unit")
    assert inputs == MapValue({"a": "main", "b": "default"})


def test_feature_flags_have_their_default(tmp_path: Path) -> None:
    files = {"unit/terragrunt.hcl": 'feature "s3" {\n  default = true\n}\ninputs = {\n  a = feature.s3.value\n}\n'}
    assert inputs_of(tmp_path, files, "unit")[0] == MapValue({"a": True})


def test_files_that_read_each_other(tmp_path: Path) -> None:
    files = {
        "a.hcl": 'locals {\n  x = read_terragrunt_config("b.hcl").locals.x\n}\n',
        "b.hcl": 'locals {\n  x = read_terragrunt_config("a.hcl").locals.x\n}\n',
        "unit/terragrunt.hcl": 'inputs = {\n  a = read_terragrunt_config("../a.hcl").locals.x\n}\n',
    }
    inputs, _ = inputs_of(tmp_path, files, "unit")
    assert isinstance(inputs, MapValue)
    value = inputs.items["a"]
    assert isinstance(value, Unknown)
    assert "reads itself" in value.causes[0].text


def test_many_files(tmp_path: Path) -> None:
    files = {
        f"f{at}.hcl": f'locals {{\n  x = read_terragrunt_config("f{at + 1}.hcl").locals.x\n}}\n' for at in range(500)
    }
    files["unit/terragrunt.hcl"] = 'inputs = {\n  a = read_terragrunt_config("../f0.hcl").locals.x\n}\n'
    inputs, _ = inputs_of(tmp_path, files, "unit")
    assert isinstance(inputs, MapValue)
    assert isinstance(inputs.items["a"], Unknown)


def test_a_link_out_of_the_repository_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "outside.hcl").write_text('locals {\n  a = "secret"\n}\n')
    top = tmp_path / "repository"
    top.mkdir()
    write(top, {})
    (top / "link.hcl").symlink_to(tmp_path / "outside.hcl")
    files = {
        "unit/terragrunt.hcl": 'include {\n  path = "../link.hcl"\n  expose = true\n}\n'
        'inputs = {\n  a = include.locals.a\n  b = read_terragrunt_config("../link.hcl").locals.a\n}\n'
    }
    inputs, diagnostics = inputs_of(top, files, "unit")
    assert "secret" not in repr(inputs)
    assert any("outside the scanned repository" in item.message for item in diagnostics)


def test_lists_stay_lists(tmp_path: Path) -> None:
    value, _, _ = values_of(tmp_path, "get_terraform_commands_that_need_parallelism()")
    assert value == ListValue(("apply", "plan", "destroy"), "list")


def test_a_file_that_is_read_while_it_is_read(tmp_path: Path) -> None:
    files = {
        "a.hcl": 'locals {\n  b = read_terragrunt_config("b.hcl")\n}\n',
        "b.hcl": 'locals {\n  a = read_terragrunt_config("a.hcl")\n}\n',
        "unit/terragrunt.hcl": 'include "a" {\n  path   = "../a.hcl"\n  expose = true\n}\n'
        'inputs = {\n  a = read_terragrunt_config("../a.hcl")\n  b = include.a\n  me = read_terragrunt_config(".")\n}\n',
    }
    inputs, _ = inputs_of(tmp_path, files, "unit")
    assert not is_known(inputs)


def test_files_that_double_each_other(tmp_path: Path) -> None:
    files = {
        f"f{at}.hcl": f'locals {{\n  x = [for each in ["a", "b"] : read_terragrunt_config("f{at + 1}.hcl").locals.x]\n}}\n'
        for at in range(60)
    }
    files["f60.hcl"] = 'locals {\n  x = "end"\n}\n'
    files["unit/terragrunt.hcl"] = 'inputs = {\n  a = read_terragrunt_config("../f0.hcl")\n}\n'
    inputs, _ = inputs_of(tmp_path, files, "unit")
    assert is_known(inputs) in (True, False)


def test_a_unit_at_the_top_has_no_parent(tmp_path: Path) -> None:
    write(tmp_path, {"terragrunt.hcl": 'include "root" {\n  path = find_in_parent_folders()\n}\n'})
    report = report_of(tmp_path, exits=(0, 3))
    messages = [each["message"] for root in report["roots"] for each in root["diagnostics"]]
    assert any(
        'find_in_parent_folders("terragrunt.hcl"): the repository has no such file above' in each for each in messages
    )
    assert not any("internal error" in each for each in messages)

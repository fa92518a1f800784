"""What a scan takes in: exclusions and deployments, as policy files and the command line give them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import COMPLETE, MISSING, cli

NET = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
TEMPLATE = "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n"
SWITCHED = """\
variable "endpoint" {
  type    = bool
  default = false
}
""" + COMPLETE.replace('toset(["s3", "dynamodb"])', 'toset(var.endpoint ? ["s3", "dynamodb"] : [])')


def write(top: Path, **files: str) -> Path:
    """Write a repository: ``a__b__main`` is the file ``a/b/main.tf``; a name with a suffix is taken as it is."""
    (top / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        path = top / name.replace("__", "/")
        path = path if path.suffix else path.with_suffix(".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return top


def policy(top: Path, text: str, where: str = ".") -> None:
    (top / where / ".vpce-checks.yaml").write_text(f"version: 1\n{text}")


def scanned(top: Path, *options: str, code: int = 1) -> Any:
    result = cli("scan", "--format", "json", *options, cwd=top)
    assert result.code == code, result
    return json.loads(result.out)


def roots(document: Any) -> list[str]:
    return [root["path"] for root in document["roots"]]


def verdicts(document: Any, rule: str = "VPCE001") -> dict[tuple[str, str | None], str]:
    return {
        (item["root"], item.get("deployment")): item["status"] for item in document["results"] if item["rule"] == rule
    }


# --- exclude -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("globs", "left"),
    [
        ("[examples]", ["live", "live/testdata", "stacks/net.yaml", "tests/a"]),
        ("['examples/**']", ["live", "live/testdata", "stacks/net.yaml", "tests/a"]),
        ("[examples/basic, './tests/']", ["examples", "live", "live/testdata", "stacks/net.yaml"]),
        ("['**/testdata', 'examples*', '**/a']", ["live", "stacks/net.yaml"]),
        ("['stacks/*.yaml', '**/basic']", ["examples", "live", "live/testdata", "tests/a"]),
        ("[live/main.tf, testdata]", ["examples", "examples/basic", "live/testdata", "stacks/net.yaml", "tests/a"]),
        ("[basic, main.tf]", ["examples", "examples/basic", "live", "live/testdata", "stacks/net.yaml", "tests/a"]),
    ],
)
def test_exclude(tmp_path: Path, globs: str, left: list[str]) -> None:
    names = ("examples__main", "examples__basic__main", "live__main", "live__testdata__main", "tests__a__main")
    write(tmp_path, **dict.fromkeys(names, NET), **{"stacks__net.yaml": TEMPLATE})
    policy(tmp_path, f"exclude: {globs}\n")
    assert roots(scanned(tmp_path)) == left


def test_exclude_on_the_command_line_starts_at_the_current_directory(tmp_path: Path) -> None:
    write(tmp_path, examples__main=NET, live__main=NET, live__old__main=NET)
    assert roots(scanned(tmp_path, "--exclude", "examples", "--exclude", "**/old")) == ["live"]
    assert roots(scanned(tmp_path / "live", "--exclude", "old", "..")) == ["../examples", "."]
    assert roots(scanned(tmp_path, "--exclude", str(tmp_path / "live"))) == ["examples"]
    assert cli("scan", "--exclude", " ", cwd=tmp_path).code == 2


def test_exclude_holds_whichever_path_is_scanned_but_for_root(tmp_path: Path) -> None:
    write(tmp_path, examples__basic__main=NET, live__main=NET)
    policy(tmp_path, "exclude: [examples]\n")
    assert roots(scanned(tmp_path, "examples", "live")) == ["live"]
    result = cli("scan", "examples/basic", cwd=tmp_path)
    assert (result.code, result.err) == (
        0,
        "vpce-checks: no Terraform or CloudFormation in examples/basic\n"
        "vpce-checks: .vpce-checks.yaml:2 excludes examples/basic by 'examples'; --root scans it in spite of that\n",
    )
    assert cli("scan", "examples/basic/main.tf", cwd=tmp_path).code == 0
    assert roots(scanned(tmp_path, "--root", "examples/basic")) == ["examples/basic"]


def test_exclude_of_another_policy_file_holds_below_it(tmp_path: Path) -> None:
    write(tmp_path, **dict.fromkeys(("a__old__main", "b__old__main", "b__new__main"), NET))
    policy(tmp_path, "exclude: ['a/**']\n")
    policy(tmp_path, "exclude: [old, '../../a']\n", "b")
    assert roots(scanned(tmp_path)) == ["b/new"]
    (tmp_path / ".vpce-checks.yaml").unlink()
    assert roots(scanned(tmp_path)) == ["a/old", "b/new"]
    policy(tmp_path, "exclude: [new]\n", "b/new/..")
    assert roots(scanned(tmp_path, "b/old")) == ["b/old"]


def test_exclude_of_a_named_policy_file_starts_at_that_file(tmp_path: Path) -> None:
    write(tmp_path, examples__main=NET, live__main=NET, **{"ci__policy.yaml": "version: 1\nexclude: ['../examples']\n"})
    assert roots(scanned(tmp_path, "--policy", "ci/policy.yaml")) == ["live"]


def test_an_excluded_module_is_read_by_those_that_call_it(tmp_path: Path) -> None:
    write(tmp_path, modules__net__main=NET, live__main='module "net" {\n  source = "../modules/net"\n}\n')
    policy(tmp_path, "exclude: [modules]\n")
    assert verdicts(scanned(tmp_path)) == {("live", None): "fail"}


def test_terragrunt_units_are_excluded(tmp_path: Path) -> None:
    unit = 'terraform {\n  source = "${get_repo_root()}/modules/net"\n}\n'
    stack = 'unit "made" {\n  source = "../units/a"\n  path   = "made"\n}\n'
    write(
        tmp_path,
        modules__net__main=NET,
        **{
            "units__a__terragrunt.hcl": unit,
            "units__b__terragrunt.hcl": unit,
            ".hidden__c__terragrunt.hcl": unit,
            "stack__terragrunt.stack.hcl": stack,
        },
    )
    found = roots(scanned(tmp_path))
    assert {"units/b", ".hidden/c"} <= set(found)
    left = roots(scanned(tmp_path, "--exclude", "units/b", "--exclude", ".hidden"))
    assert left == [path for path in found if path not in ("units/b", ".hidden/c")]
    assert "stack/.terragrunt-stack/made" in left
    assert "stack/.terragrunt-stack/made" not in roots(scanned(tmp_path, "--exclude", "stack"))


def test_a_mistake_in_a_policy_file_below_is_told(tmp_path: Path) -> None:
    write(tmp_path, live__main=NET)
    policy(tmp_path, "exclude: live\n", "live")
    result = cli("scan", cwd=tmp_path)
    assert (result.code, result.err) == (
        2,
        "vpce-checks: error: live/.vpce-checks.yaml:2: 'exclude' must be a list, such as [live]\n",
    )


# --- what cannot be read -------------------------------------------------------------------------------------------


def test_a_broken_file_is_an_error_until_it_is_excluded(tmp_path: Path) -> None:
    write(tmp_path, live__main=MISSING, live__broken='resource "aws_vpc_endpoint" "s3" {\n')
    assert verdicts(scanned(tmp_path, code=3)) == {("live", None): "unknown"}
    document = scanned(tmp_path, "--exclude", "live/broken.tf", code=0)
    assert verdicts(document) == {("live", None): "unknown"}  # it may still hold the endpoint
    (item,) = document["roots"][0]["diagnostics"]
    assert item["severity"] == "warning" and item["message"].endswith(" (this file is excluded)")


ENCRYPTED = {
    "git-crypt": b"\0GITCRYPT\0\x01\x02\xff",
    "ansible-vault": b"$ANSIBLE_VAULT;1.1;AES256\n6162\n",
    "age": b"age-encryption.org/v1\n-> X25519 abc\n",
    "PGP": b"-----BEGIN PGP MESSAGE-----\n\nabc\n",
    "transcrypt": b"U2FsdGVkX1+abc=\n",
    "sops": b'{\n\t"data": "ENC[AES256_GCM,data:abc=,tag:d==,type:str]",\n\t"sops": {"version": "3.9.0"}\n}\n',
}


@pytest.mark.parametrize("tool", ENCRYPTED)
@pytest.mark.parametrize("name", ["secret.tf", "terraform.tfvars"])
def test_an_encrypted_file_is_a_warning(tmp_path: Path, tool: str, name: str) -> None:
    write(tmp_path, main=SWITCHED)
    (tmp_path / name).write_bytes(ENCRYPTED[tool])
    document = scanned(tmp_path, code=0)
    (item,) = document["roots"][0]["diagnostics"]
    assert (item["severity"], item["file"]) == ("warning", name)
    assert f"it is encrypted; decrypt it with {tool} first" in item["message"]
    assert verdicts(document) == {(".", None): "unknown"}  # the file may hold the endpoint, or its switch


JINJA = '{% if vpc %}\nresource "aws_vpc" "main" {\n  cidr_block = "{{ cidr }}"\n}\n{% endif %}\n'

TEMPLATES = [
    "{{ cookiecutter.name }}\n",
    JINJA,
    "<%= resource %>\n",
    'locals {\n  cidr = "${{ values.cidr }}"\n}\n',
    'locals {\n  name = "{{ name | default("x") }}"\n}\n',
    "locals {\n  tags = {{\n    tags | to_json\n  }}\n}\n",
    "[% for x in y %]\nlocals {}\n[% endfor %]\n",
    'resource "aws_vpc" {{ .Values.name }} {\n}\n',
]

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"

NO_BLOCKS = ["this is no Terraform {\n", "{\n", "# resource\n{\n"]

BROKEN = [
    'resource "aws_vpc" "main"\n{\n}\n',
    '# made from {{ template }}\nresource "aws_vpc" "main"\n{\n}\n',
    'locals {\n  name = "{{ name }}"\n  other = = 1\n}\n',
    'locals {\n  tags = {{ Name = "x" }}\n}\n',
    'locals {\n  tags = {{\n    "Name" : "x"\n  }}\n}\n',
    'resource "aws_instance" "x" {\n  user_data = <<EOT\n{{ name }}\n}\n',
    "locals {\n  cidr = ${var.cidr}\n}\n",
    "<<<<<<< HEAD\nlocals {}\n=======\n>>>>>>> other\n",
    '\ufeffresource "aws_vpc" "main"\n{\n}\n',
    '/* head */ resource "aws_vpc" "main"\n{\n}\n',
    'locals {\n  name = "%{X-Forwarded-For}i"\n}\n',
    'locals {\n  name = "%{ if var.x }abc"\n}\n',
    "locals {# defaults\n  x = = 1\n#}\n",
    'check "it" {\n  assert = = 1\n}\n',
    POINTER,
    "r\0e\0s\0o\0u\0r\0c\0e\0",
]


@pytest.mark.parametrize("text", [*TEMPLATES, *NO_BLOCKS])
def test_a_directory_without_code_is_no_root(tmp_path: Path, text: str) -> None:
    write(tmp_path, skeleton__main=text, skeleton__more=text, live__main=COMPLETE)
    document = scanned(tmp_path, code=0)
    assert verdicts(document) == {("live", None): "pass"}
    items = [item for root in document["roots"] for item in root["diagnostics"]]
    assert {item["severity"] for item in items} == {"warning"}
    assert "this directory is not scanned as a root" in items[0]["message"]


@pytest.mark.parametrize("name", ["main.tf", "terraform.tfvars", "template.yaml"])
def test_a_pointer_to_git_lfs_says_what_to_do(tmp_path: Path, name: str) -> None:
    write(tmp_path, other=MISSING)
    (tmp_path / name).write_text(POINTER)
    items = [item for root in scanned(tmp_path, code=3)["roots"] for item in root["diagnostics"]]
    assert [(item["severity"], item["file"]) for item in items] == [("error", name)]
    assert "its contents are in Git LFS; run git lfs pull first" in items[0]["message"]


@pytest.mark.parametrize("text", [JINJA, NO_BLOCKS[0]])
@pytest.mark.parametrize("path", ["skeleton", "skeleton/main.tf", "--root=skeleton"])
def test_what_the_user_names_is_code(tmp_path: Path, path: str, text: str) -> None:
    write(tmp_path, skeleton__main=text)
    assert cli("scan", cwd=tmp_path).code == 0
    result = cli("scan", path, cwd=tmp_path)
    assert result.code == 3
    assert "error: skeleton/main.tf:1: " in result.out
    assert "not scanned" not in result.out
    assert cli("scan", ".", cwd=tmp_path / "skeleton").code == 0  # to scan where one stands names nothing


def test_who_names_a_directory_does_not_name_the_one_around_it(tmp_path: Path) -> None:
    write(tmp_path, skeleton__main=JINJA, skeleton__live__main=COMPLETE)
    assert cli("scan", ".", "skeleton/live", cwd=tmp_path).code == 0


@pytest.mark.parametrize("text", BROKEN)
def test_a_root_none_of_whose_files_parses_is_an_error(tmp_path: Path, text: str) -> None:
    write(tmp_path, envs__prod__main=text, live__main=COMPLETE)
    document = scanned(tmp_path, code=3)
    assert verdicts(document) == {("live", None): "pass"}
    items = [item for root in document["roots"] for item in root["diagnostics"]]
    assert {(item["severity"], item["file"]) for item in items} == {("error", "envs/prod/main.tf")}


@pytest.mark.parametrize("beside", [TEMPLATES[0], COMPLETE])
def test_a_template_beside_other_files_is_an_error(tmp_path: Path, beside: str) -> None:
    write(tmp_path, main=beside, more="locals {\n", text=TEMPLATES[1])
    scanned(tmp_path, code=3)


def test_templates_beside_an_encrypted_file(tmp_path: Path) -> None:
    write(tmp_path, main=TEMPLATES[0])
    (tmp_path / "secret.tf").write_bytes(ENCRYPTED["age"])
    scanned(tmp_path, code=0)


def test_a_cache_knows_what_the_user_named(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    write(tmp_path, skeleton__main=JINJA)
    cache = ("--cache", str(tmp_path_factory.mktemp("cache")))
    for _ in range(2):
        assert cli("scan", *cache, cwd=tmp_path / "skeleton").code == 0
        assert cli("scan", str(tmp_path / "skeleton"), *cache, cwd=tmp_path / "skeleton").code == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"resource": {{ cookiecutter.x }} }', 0),
        ('{% if vpc %}\n{"locals": {}}\n{% endif %}', 0),
        ("[1, 2", 0),
        ('{"resource": {"aws_vpc": {', 3),
        ('resource "aws_vpc" "main" {\n  cidr_block = "{{ cidr }}"\n}\n', 3),
        ('{"locals": {"name": "{{ name }}", "other": [1}}', 3),
        ('{"locals": {{"name": 1}}}', 3),
        ("", 0),
        ('"text"', 0),
    ],
)
def test_a_directory_with_json_that_does_not_parse(tmp_path: Path, text: str, code: int) -> None:
    write(tmp_path, **{"main.tf.json": text})
    result = cli("scan", cwd=tmp_path)
    assert result.code == code
    assert ("error: main.tf.json:1: " in result.out) is (code == 3)


def test_a_root_with_a_syntax_error_is_one(tmp_path: Path) -> None:
    write(tmp_path, main=MISSING + '\nresource "aws_vpc" "broken" {\n')
    assert verdicts(scanned(tmp_path, code=3)) == {(".", None): "fail"}
    write(tmp_path, main="{{ x }}\n", net=MISSING)
    scanned(tmp_path, code=3)


# --- roots ---------------------------------------------------------------------------------------------------------


def test_each_deployment_of_a_root_is_judged(tmp_path: Path) -> None:
    write(tmp_path, envs__app__main=SWITCHED, **{"envs__app__prod.tfvars": "endpoint = true\n"})
    policy(
        tmp_path,
        "roots:\n  envs/app:\n  - {name: prod, var_files: [prod.tfvars]}\n  - {name: test, vars: {endpoint: false}}\n"
        "  - {name: next, environment: {TF_VAR_endpoint: true}}\n",
    )
    document = scanned(tmp_path)
    assert verdicts(document) == {
        ("envs/app", "prod"): "pass",
        ("envs/app", "test"): "fail",
        ("envs/app", "next"): "pass",
    }
    assert [(root["path"], root["deployment"]) for root in document["roots"]] == [
        ("envs/app", "next"),
        ("envs/app", "prod"),
        ("envs/app", "test"),
    ]
    assert verdicts(scanned(tmp_path, "--var", "endpoint=true", code=0)).keys() == verdicts(document).keys()
    text = cli("scan", cwd=tmp_path).out
    assert "in envs/app (test)" in text
    assert "envs/app (prod)" in text


def test_reports_for_tools_tell_deployments_apart(tmp_path: Path) -> None:
    write(tmp_path, app__main=SWITCHED)
    policy(tmp_path, "roots: {app: [{name: a, vars: {endpoint: false}}, {name: b, vars: {endpoint: false}}]}\n")
    issues = json.loads(cli("scan", "--format", "gitlab", cwd=tmp_path).out)
    assert len(issues) == len({issue["fingerprint"] for issue in issues}) == 4
    (run,) = json.loads(cli("scan", "--format", "sarif", cwd=tmp_path).out)["runs"]
    assert [result["properties"]["deployment"] for result in run["results"]] == ["a", "a", "b", "b"]
    assert len({result["partialFingerprints"]["vpceChecks/v1"] for result in run["results"]}) == 4
    text = cli("scan", "--format", "junit", cwd=tmp_path).out
    assert '<testsuite name="app (a)"' in text and '<testsuite name="app (b)"' in text


def test_the_settings_of_a_root_with_one_deployment(tmp_path: Path) -> None:
    write(tmp_path, envs__app__main=SWITCHED, other__main=SWITCHED)
    policy(tmp_path, "roots: {envs/app: {vars: {endpoint: true}}}\n")
    assert verdicts(scanned(tmp_path)) == {("envs/app", None): "pass", ("other", None): "fail"}


def test_workspace_and_region_of_a_root(tmp_path: Path) -> None:
    text = COMPLETE.replace('"eu-west-1"', 'terraform.workspace == "prod" ? "eu-west-1" : "us-east-1"')
    unset = COMPLETE.replace('provider "aws" {\n  region = "eu-west-1"\n}\n', "")
    write(tmp_path, a__main=text, b__main=unset)
    policy(tmp_path, "roots: {a: [{name: p, workspace: prod}, {name: d, workspace: dev}], b: {region: eu-west-1}}\n")
    regions = {(vpc["root"], vpc.get("deployment")): vpc["region"] for vpc in scanned(tmp_path)["vpcs"]}
    assert regions == {("a", "p"): "eu-west-1", ("a", "d"): "us-east-1", ("b", None): "eu-west-1"}


def test_parameters_of_a_template(tmp_path: Path) -> None:
    template = """\
Parameters: {Stage: {Type: String, Default: test, AllowedValues: [test, prod]}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Main}}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: IsProd
    Properties: {VpcId: !Ref Main, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3", RouteTableIds: [!Ref Table]}
"""
    write(
        tmp_path,
        **{"net__net.yaml": template, "net__prod.json": '{"Stage": "prod"}', "net__test.json": '{"Stage": "test"}'},
    )
    policy(
        tmp_path,
        "roots:\n  net/net.yaml:\n  - {name: prod, parameters: [prod.json]}\n  - {name: test, parameters: [test.json]}\n",
    )
    document = scanned(tmp_path)
    assert verdicts(document) == {("net/net.yaml", "prod"): "pass", ("net/net.yaml", "test"): "fail"}


def test_environment_of_a_terragrunt_unit(tmp_path: Path) -> None:
    unit = 'terraform {\n  source = "../modules/net"\n}\ninputs = {\n  endpoint = get_env("STAGE") == "prod"\n}\n'
    write(tmp_path, modules__net__main=SWITCHED, **{"unit__terragrunt.hcl": unit})
    assert verdicts(scanned(tmp_path, code=0)) == {("unit", None): "unknown"}
    policy(tmp_path, "roots: {unit: [{name: p, environment: {STAGE: prod}}, {name: d, environment: {STAGE: dev}}]}\n")
    assert verdicts(scanned(tmp_path)) == {("unit", "p"): "pass", ("unit", "d"): "fail"}


def test_settings_that_are_for_no_root_are_told(tmp_path: Path) -> None:
    write(tmp_path, modules__net__main=NET, live__main='module "net" {\n  source = "../modules/net"\n}\n')
    policy(
        tmp_path,
        "roots:\n  live: {region: eu-west-1}\n  lvie: {region: eu-west-1}\n  modules/net: {region: eu-west-1}\n",
    )
    items = [(item["line"], item["message"]) for root in scanned(tmp_path)["roots"] for item in root["diagnostics"]]
    assert items == [
        (4, "these settings are for no root: lvie is not deployed on its own, or is not there"),
        (5, "these settings are for no root: modules/net is not deployed on its own, or is not there"),
    ]


def test_a_baseline_holds_the_findings_of_each_deployment(tmp_path: Path) -> None:
    write(tmp_path, app__main=SWITCHED)
    policy(tmp_path, "roots: {app: [{name: a, vars: {endpoint: false}}, {name: b, vars: {endpoint: true}}]}\n")
    assert cli("scan", "--baseline", "b.json", "--write-baseline", cwd=tmp_path).code == 0
    assert cli("scan", "--baseline", "b.json", cwd=tmp_path).code == 0
    policy(tmp_path, "roots: {app: [{name: a, vars: {endpoint: false}}, {name: b, vars: {endpoint: false}}]}\n")
    assert verdicts(scanned(tmp_path, "--baseline", "b.json")) == {("app", "a"): "ignored", ("app", "b"): "fail"}


def test_deployments_come_out_of_the_cache_and_of_processes(tmp_path: Path) -> None:
    write(tmp_path, app__main=SWITCHED)
    policy(tmp_path, "roots: {app: [{name: a, vars: {endpoint: false}}, {name: b, vars: {endpoint: true}}]}\n")
    cache = tmp_path.parent / f"{tmp_path.name}-cache"
    secret = {"VPCE_CHECKS_CACHE_KEY": "a secret of many letters"}
    first = cli("scan", "--format", "json", "--cache", str(cache), cwd=tmp_path, **secret)
    assert first.out == cli("scan", "--format", "json", "--cache", str(cache), cwd=tmp_path, **secret).out
    assert first.out == cli("scan", "--format", "json", cwd=tmp_path).out
    policy(tmp_path, "roots: {app: {vars: {endpoint: true}}}\n")
    again = json.loads(cli("scan", "--format", "json", "--cache", str(cache), cwd=tmp_path, **secret).out)
    assert verdicts(again) == {("app", None): "pass"}

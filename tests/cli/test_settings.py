"""``vpce-checks settings``, and what a policy file says about reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import COMPLETE, MISSING, UNKNOWN, cli, root

POLICY = """\
version: 1
extends: [aws-baseline]
required: {interface: [kms]}
exclude: [examples]
rules: {VPCE004: off}
ignore: [{rule: VPCE001}]
roots:
  app:
  - {name: prod, vars: {none: false}, workspace: prod, region: eu-west-1}
  - {name: test, var_files: [test.tfvars], environment: {STAGE: test}}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    root(tmp_path / "app", UNKNOWN)
    root(tmp_path / "other", COMPLETE)
    root(tmp_path / "examples", COMPLETE)
    (tmp_path / "app" / "test.tfvars").write_text("none = true\n")
    (tmp_path / ".vpce-checks.yaml").write_text(POLICY)
    return tmp_path


def test_text(repository: Path) -> None:
    result = cli("settings", "--exclude", "b*", cwd=repository, TF_VAR_secret="hidden")
    assert result.code == 0
    assert (
        result.out
        == """\
exclude: b* (--exclude)
exclude: examples (.vpce-checks.yaml:4)
from the environment: TF_VAR_secret
policy: .vpce-checks.yaml
  gateway: s3, dynamodb (the pack aws-baseline)
  interface: kms (.vpce-checks.yaml:3)
  rules: VPCE004 off
  ignore: 1 entry
  roots:
    app (terraform)
      deployment: prod
      vars: none=false
      workspace: prod
      region: eu-west-1
    app (terraform)
      deployment: test
      var_files: app/test.tfvars
      environment: STAGE=test
    other (terraform)
"""
    )


def test_json(repository: Path) -> None:
    settings = json.loads(cli("settings", "app", "--format", "json", cwd=repository).out)
    (policy,) = settings["policies"]
    assert policy["interface"] == {"kms": ".vpce-checks.yaml:3"}
    assert [root["path"] for root in policy["roots"]] == ["app", "app"]
    assert policy["roots"][1]["var_files"] == ["app/test.tfvars"]


def test_without_a_policy_and_without_code(tmp_path: Path) -> None:
    assert "none: the pack aws-baseline holds" in cli("settings", cwd=root(tmp_path / "a", MISSING)).out
    (tmp_path / "b").mkdir()
    result = cli("settings", cwd=tmp_path / "b")
    assert (result.code, result.out, result.err) == (0, "", "vpce-checks: no Terraform or CloudFormation in .\n")


def test_the_schema(tmp_path: Path) -> None:
    result = cli("settings", "--schema", cwd=tmp_path)
    assert json.loads(Path(result.out.strip()).read_text())["title"] == "vpce-checks policy"


def test_a_mistake_in_the_policy(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text("version: 1\nexcludes: []\n")
    assert cli("settings", cwd=repository).code == 2


def test_the_formats_of_the_policy(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text("version: 1\nformats: [github]\n")
    assert cli("scan", cwd=repository / "other").out.startswith("vpce-checks: 0 failed")
    assert cli("scan", "--format", "text", cwd=repository / "other").out.startswith("VPC ")


@pytest.mark.parametrize(
    ("formats", "says"),
    [
        ("[sparkling]", ".vpce-checks.yaml:2: no format 'sparkling'"),
        ("[json=x.json]", ".vpce-checks.yaml:2: a policy names no file to write"),
        ("[json, text]", "only one format can go to standard output"),
    ],
)
def test_formats_that_cannot_be(repository: Path, formats: str, says: str) -> None:
    (repository / ".vpce-checks.yaml").write_text(f"version: 1\nformats: {formats}\n")
    result = cli("scan", cwd=repository)
    assert result.code == 2 and says in result.err
    assert not (repository / "x.json").exists()


def test_links(repository: Path) -> None:
    with (repository / ".vpce-checks.yaml").open("a") as file:
        file.write('links: [{root: app, input: var.none, is: ["other:aws_vpc.main", "app (prod):aws_vpc.main"]}]\n')
    objects = "other:aws_vpc.main, app (prod):aws_vpc.main"
    line = f"link: var.none of app is {objects} (.vpce-checks.yaml:11)"
    assert line in cli("settings", cwd=repository).out.splitlines()
    (link,) = json.loads(cli("settings", "--format", "json", cwd=repository).out)["links"]
    assert link == {"root": "app", "input": "var.none", "is": objects.split(", "), "from": ".vpce-checks.yaml:11"}

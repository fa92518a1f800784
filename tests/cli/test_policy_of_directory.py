"""Which policy judges which root, and for which roots a policy file says something about the scan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import MISSING, Result, cli, root

TEMPLATE = "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for name in ("envs/prod", "envs/dev", "other"):
        root(tmp_path / name, MISSING)
    root(tmp_path / "stacks", TEMPLATE, "net.yaml")
    return tmp_path


def policy(directory: Path, text: str, name: str = ".vpce-checks.yaml") -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(f"version: 1\n{text}")


def scanned(*arguments: str, cwd: Path) -> Result:
    return cli("scan", *arguments, "--format", "json", cwd=cwd)


def required(result: Result) -> dict[str, set[str]]:
    """The interface services that are required, by root."""
    report = json.loads(result.out)
    found: dict[str, set[str]] = {each["path"]: set() for each in report["roots"]}
    for each in report["results"]:
        if each["rule"] == "VPCE003":
            found[each["root"]].add(each["service"])
    return found


def test_each_root_has_the_nearest_policy_whichever_path_is_scanned(repository: Path) -> None:
    policy(repository, "required: {interface: [kms]}\n")
    policy(repository / "envs", "required: {interface: [logs]}\n")
    policy(repository / "envs" / "prod", "required: {interface: [sqs]}\n", ".vpce-checks.yml")
    policy(repository / "stacks", "required: {interface: [sns]}\n")
    expected = {"envs/prod": {"sqs"}, "envs/dev": {"logs"}, "other": {"kms"}, "stacks/net.yaml": {"sns"}}
    assert required(scanned(".", cwd=repository)) == expected
    for path, services in expected.items():
        assert required(scanned(path, cwd=repository)) == {path: services}
    assert required(scanned("envs/prod/main.tf", "--changed-files", cwd=repository)) == {"envs/prod": {"sqs"}}
    assert required(scanned(".", "--root", "envs/prod", cwd=repository))["envs/prod"] == {"sqs"}


def test_a_named_policy_is_used_for_every_root(repository: Path) -> None:
    policy(repository / "envs" / "prod", "required: {interface: [sqs]}\n")
    (repository / "named.yaml").write_text("version: 1\nrequired: {interface: [kms]}\n")
    services = required(scanned(".", "--policy", "named.yaml", cwd=repository)).values()
    assert list(services) == [{"kms"}] * 4


def test_reports_say_which_policy_judged_a_root(repository: Path) -> None:
    policy(repository / "envs" / "prod", "rules: {VPCE002: off}\n")
    roots = json.loads(scanned(".", cwd=repository).out)["roots"]
    assert {each["path"]: each["policy"] for each in roots} == {
        "envs/prod": "envs/prod/.vpce-checks.yaml",
        "envs/dev": "aws-baseline",
        "other": "aws-baseline",
        "stacks/net.yaml": "aws-baseline",
    }
    words = "aws-baseline (3 roots), envs/prod/.vpce-checks.yaml (1 root)"
    assert f"policy: {words}\n" in cli("scan", cwd=repository).out
    assert f"Policy: {words}." in cli("scan", "--format", "markdown", cwd=repository).out.replace("\\", "")
    assert 'value="envs/prod/.vpce-checks.yaml"' in cli("scan", "--format", "junit", cwd=repository).out
    assert '"policy": "envs/prod/.vpce-checks.yaml"' in cli("scan", "--format", "sarif", cwd=repository).out
    assert "policy:" not in cli("scan", "other", cwd=repository).out


def test_modules_hold_for_all_roots_below_the_file_that_names_them(repository: Path) -> None:
    source = "git::https://example.com/net.git"
    call = f'module "net" {{\n  source = "{source}"\n}}\n'
    for name in ("envs/prod", "envs/dev", "other"):
        root(repository / name, call)
    root(repository / "copies" / "near", MISSING)
    root(repository / "copies" / "far", MISSING.replace("main", "far"))
    policy(repository / "envs", f'modules: {{"{source}": ../copies/far}}\n')
    policy(repository / "envs" / "prod", f'modules: {{"{source}": ../../copies/near}}\nrules: {{VPCE001: off}}\n')
    policy(repository / "envs" / "dev", "rules: {VPCE002: off}\n")
    report = json.loads(scanned(".", cwd=repository).out)
    assert {(each["root"], each["address"]) for each in report["vpcs"]} >= {
        ("envs/prod", "module.net.aws_vpc.main"),
        ("envs/dev", "module.net.aws_vpc.far"),
    }
    assert not any(each["root"] == "other" for each in report["vpcs"])
    rules = {(each["root"], each["rule"]) for each in report["results"]}
    assert ("envs/dev", "VPCE001") in rules
    assert not rules & {("envs/dev", "VPCE002"), ("envs/prod", "VPCE001")}


def test_two_policy_files_in_one_directory_are_a_mistake(repository: Path) -> None:
    policy(repository / "envs", "")
    policy(repository / "envs", "", ".vpce-checks.yml")
    result = scanned(".", cwd=repository)
    assert result.code == 2
    assert "envs/.vpce-checks.yml:1: there is also .vpce-checks.yaml in this directory" in result.err


def test_a_mistake_in_the_policy_of_any_root_is_reported_before_the_scan(repository: Path) -> None:
    policy(repository / "envs" / "prod", "requierd: {}\n")
    result = scanned(".", cwd=repository)
    assert (result.code, result.out) == (2, "")
    assert "envs/prod/.vpce-checks.yaml:2" in result.err
    assert scanned("other", cwd=repository).code == 1


@pytest.mark.parametrize(
    "source",
    [
        "git::https://example.com/team/tools.git?ref=v1",
        "git::https://example.com/team/tools.git//modules/deep?ref=v2",
    ],
)
def test_a_module_that_the_policy_declares_harmless(repository: Path, source: str) -> None:
    call = f'module "tools" {{\n  source = "{source}"\n  vpc_id = aws_vpc.main.id\n}}\n'
    (repository / "other" / "tools.tf").write_text(call)

    def status() -> set[str]:
        results = json.loads(scanned("other", cwd=repository).out)["results"]
        return {each["status"] for each in results if each["rule"] == "VPCE001"}

    assert status() == {"unknown"}
    policy(repository, 'modules: {"git::https://example.com/team/tools.git": none}\n')
    assert status() == {"fail"}
    assert "harmless: the policy says that it creates no endpoints" in cli("modules", "other", cwd=repository).out
    root(repository / "none", "")
    policy(repository, 'modules: {"git::https://example.com/team/tools.git": ./none}\n')
    root(repository / "none" / "modules" / "deep", "")
    assert "given by --module-source or the policy, none" in cli("modules", "other", cwd=repository).out


def test_a_linked_template_has_the_policy_of_its_own_directory(repository: Path) -> None:
    (repository / "other" / "linked.yaml").symlink_to(repository / "stacks" / "net.yaml")
    policy(repository / "stacks", "required: {interface: [sns]}\n")
    policy(repository / "other", "required: {interface: [sqs]}\nrules: {VPCE001: {severity: low}}\n")
    expected = {"other": {"sqs"}, "other/linked.yaml": {"sns"}}
    result = scanned("other", cwd=repository)
    assert required(result) == expected
    assert required(scanned(".", cwd=repository)).items() >= expected.items()
    severities = {
        each["root"]: each["severity"] for each in json.loads(result.out)["results"] if each["rule"] == "VPCE001"
    }
    assert severities == {"other": "low", "other/linked.yaml": "high"}

"""Rules that a policy declares, on the command line: in every format, ignored, chosen, explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import vpce_checks
from tests.cli.run import MISSING, cli, root
from tests.expectations import FIXTURES
from tests.project.git_repository import commit, git
from vpce_checks.report import format_names

POLICY = """\
version: 1
required: {gateway: []}
own_rules:
- id: ORG-1
  title: Every VPC reaches KMS privately
  why: Auditors ask for it.
  must_have: {service: kms}
- id: ORG-2
  title: No endpoint of a partner
  severity: high
  must_not_have: {service: "com.amazonaws.vpce.*"}
"""
PARTNER = """
resource "aws_vpc_endpoint" "partner" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
  vpc_endpoint_type = "Interface"
  subnet_ids        = ["subnet-1"]
}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root(tmp_path, MISSING + PARTNER)
    (tmp_path / ".vpce-checks.yaml").write_text(POLICY)
    return tmp_path


def failed(directory: Path, *options: str) -> list[tuple[str, str]]:
    report = json.loads(cli("scan", "--format", "json", *options, cwd=directory).out)
    return [(item["rule"], item["resource"]) for item in report["results"] if item["status"] == "fail"]


BOTH = [("ORG-1", "aws_vpc.main"), ("ORG-2", "aws_vpc_endpoint.partner")]


def test_it_fails_like_any_other_rule(repository: Path) -> None:
    result = cli("scan", cwd=repository)
    assert result.code == 1
    assert "FAIL ORG-1 every-vpc-reaches-kms-privately (medium)" in result.out
    assert "FAIL ORG-2 no-endpoint-of-a-partner (high)" in result.out
    assert failed(repository) == BOTH


@pytest.mark.parametrize("format", format_names())
def test_every_format_has_it(repository: Path, format: str) -> None:
    out = cli("scan", "--format", format, cwd=repository).out
    assert all(id in out for id, _ in BOTH)


def test_json_follows_its_schema(repository: Path) -> None:
    schema = json.loads((Path(vpce_checks.__file__).parent / "report" / "report.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(cli("scan", "--format", "json", cwd=repository).out))


def sarif_rules(repository: Path) -> dict[str, Any]:
    run = json.loads(cli("scan", "--format", "sarif", cwd=repository).out)["runs"][0]
    listed = run["tool"]["driver"]["rules"]
    assert all(listed[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    return {each["id"]: each for each in listed}


def test_sarif_describes_it(repository: Path) -> None:
    rule = sarif_rules(repository)["ORG-1"]
    assert rule["shortDescription"]["text"] == "Every VPC reaches KMS privately"
    assert rule["fullDescription"]["text"] == "Each VPC must have an endpoint for kms. Auditors ask for it."
    assert "helpUri" not in rule


def test_words_of_a_stranger_stay_words(repository: Path) -> None:
    policy = repository / ".vpce-checks.yaml"
    text = '"[x](http://bad.example) <b>\\e[31m"'
    policy.write_text(
        POLICY.replace("title: Every VPC reaches KMS privately", f"title: {text}\n  url: https://bad.example/").replace(
            "Auditors ask for it.", text
        )
    )
    assert "bad.example)" not in cli("scan", "--format", "markdown", cwd=repository).out.replace("\\)", "")
    for command in (["scan"], ["explain", "ORG-1"], ["rules"], ["scan", "--format", "github"]):
        assert "\x1b" not in cli(*command, cwd=repository).out
    assert "](http" not in sarif_rules(repository)["ORG-1"]["help"]["markdown"]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--rules", "ORG-1"], BOTH[:1]),
        (["--skip-rules", "ORG-1"], BOTH[1:]),
        (["--rules", "VPCE001,ORG-2"], BOTH[1:]),
        (["--min-severity", "high"], BOTH[1:]),
    ],
)
def test_chosen(repository: Path, options: list[str], found: list[tuple[str, str]]) -> None:
    assert failed(repository, *options) == found


@pytest.mark.parametrize("command", ["scan", "fix"])
def test_a_rule_that_nobody_declares(repository: Path, command: str) -> None:
    result = cli(command, "--rules", "ORG-7", cwd=repository)
    assert result.code == 2
    assert "no policy of this scan declares a rule ORG-7; did you mean 'ORG-" in result.err


def test_a_mistake_is_wrong_use(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text(POLICY.replace("must_have: {service: kms}", "must_have: {}"))
    result = cli("scan", cwd=repository)
    assert result.code == 2
    assert ".vpce-checks.yaml:7: 'must_have' needs at least one of service, type, private_dns" in result.err


@pytest.mark.parametrize("command", [["explain"], ["explain", "VPCE001"], ["rules"], ["rules", "--format", "json"]])
def test_a_policy_with_a_mistake_hides_only_its_own_rules(repository: Path, command: list[str]) -> None:
    (repository / ".vpce-checks.yaml").write_text(POLICY.replace("must_have: {service: kms}", "must_have: {}"))
    result = cli(*command, cwd=repository)
    assert result.code == 0
    assert "VPCE001" in result.out and "ORG-1" not in result.out
    if command != ["explain", "VPCE001"]:  # which asks no policy
        assert "the rules of the policy are not shown: " in result.err and "'must_have' needs" in result.err
    named = cli(*command, "--policy", ".vpce-checks.yaml", cwd=repository)
    assert named.code == (0 if command == ["explain", "VPCE001"] else 2)


def test_a_rule_of_a_policy_with_a_mistake_is_not_there(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text(POLICY.replace("must_have: {service: kms}", "must_have: {}"))
    result = cli("explain", "ORG-1", cwd=repository)
    assert result.code == 2
    assert "no rule 'ORG-1'" in result.err and "the rules of the policy are not shown: " in result.err


# --- ignores and baselines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "comment",
    [
        "vpce-checks:ignore ORG-1 why",
        "vpce-checks:ignore ORG-1",
        "vpce-checks:ignore VPCE001,ORG-1: why",
        "vpce-checks:ignore ORG-1 until=2999-01-01 why",
        "vpce-checks:ignore all why",
    ],
)
def test_a_comment_ignores_it(repository: Path, comment: str) -> None:
    code = (MISSING + PARTNER).replace("  cidr_block", f"  # {comment}\n  cidr_block")
    (repository / "main.tf").write_text(code)
    assert failed(repository) == BOTH[1:]
    assert cli("ignores", cwd=repository).code == 0


def test_a_comment_for_a_rule_that_there_is_not(repository: Path) -> None:
    code = (MISSING + PARTNER).replace("  cidr_block", "  # vpce-checks:ignore ORG-9 why\n  cidr_block")
    (repository / "main.tf").write_text(code)
    assert "there is no rule 'ORG-9'; did you mean ORG-" in cli("scan", cwd=repository).out


def test_a_hyphen_after_one_of_our_ids_begins_the_reason(tmp_path: Path) -> None:
    root(tmp_path, MISSING.replace("  cidr_block", "  # vpce-checks:ignore VPCE001-because\n  cidr_block"))
    assert failed(tmp_path) == [("VPCE002", "aws_vpc.main")]


def test_the_policy_ignores_it(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text(
        f"{POLICY}ignore: [{{rule: ORG-2, reason: agreed}}]\nrules: {{ORG-1: off}}\n"
    )
    assert failed(repository) == []
    assert "ORG-2" in cli("ignores", cwd=repository).out


def test_a_baseline_knows_it(repository: Path) -> None:
    assert cli("scan", "--baseline", "b.json", "--write-baseline", cwd=repository).code == 0
    assert cli("scan", "--baseline", "b.json", cwd=repository).code == 0
    (repository / ".vpce-checks.yaml").write_text(POLICY.replace("service: kms", "service: ssm"))
    assert cli("scan", "--baseline", "b.json", cwd=repository).code == 1


def test_kept_verdicts_and_other_processes(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = str(tmp_path_factory.mktemp("cache"))
    first = cli("scan", "--cache", cache, cwd=repository, XDG_CONFIG_HOME=cache).out
    assert cli("scan", "--cache", cache, cwd=repository, XDG_CONFIG_HOME=cache).out == first
    (repository / ".vpce-checks.yaml").write_text(POLICY.replace("No endpoint of a partner", "Another title"))
    assert "ORG-2 another-title" in cli("scan", "--cache", cache, cwd=repository, XDG_CONFIG_HOME=cache).out


def test_a_change_that_drops_it_is_told(repository: Path) -> None:
    git(repository, "init", "-q")
    commit(repository)
    (repository / ".vpce-checks.yaml").write_text(POLICY.partition("- id: ORG-2")[0])
    out = cli("scan", "--changed-since", "HEAD", cwd=repository).out
    assert "this change also relaxes the policy: the rule ORG-2 is not declared any more" in " ".join(out.split())


# --- rules, explain, settings, fix -----------------------------------------------------------------------------------


def test_it_is_listed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    out = cli("rules", cwd=repository).out
    assert out.splitlines()[-2].split()[:3] == ["ORG-1", "medium", "every-vpc-reaches-kms-privately"]
    listed = json.loads(cli("rules", "--format", "json", cwd=repository).out)["rules"]
    assert [each["id"] for each in listed][-2:] == ["ORG-1", "ORG-2"]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert "ORG-" not in cli("rules", cwd=elsewhere).out
    assert "ORG-1" in cli("rules", "--policy", str(repository / ".vpce-checks.yaml"), cwd=elsewhere).out


def test_it_is_explained(repository: Path) -> None:
    out = cli("explain", "org-1", cwd=repository).out
    assert out.startswith("ORG-1 every-vpc-reaches-kms-privately (medium)\n")
    assert "Each VPC must have an endpoint for kms. Auditors ask for it." in out
    assert "See " not in out
    assert cli("explain", "no-endpoint-of-a-partner", cwd=repository).code == 0
    assert "ORG-2" in cli("explain", cwd=repository).out
    assert cli("explain", "ORG-9", cwd=repository).code == 2


def test_settings_name_its_place(repository: Path) -> None:
    assert "own_rules: ORG-1 (.vpce-checks.yaml:4), ORG-2 (.vpce-checks.yaml:8)" in cli("settings", cwd=repository).out


def test_fix_turns_private_dns_on(repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text(
        "version: 1\nrequired: {gateway: []}\n"
        "own_rules: [{id: ORG-1, title: t, must_have: {service: kms, private_dns: true}}]\n"
    )
    kms = PARTNER.replace("com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0", "com.amazonaws.eu-west-1.kms")
    dns = 'cidr_block           = "10.0.0.0/16"\n  enable_dns_hostnames = true'
    (repository / "main.tf").write_text(MISSING.replace('cidr_block = "10.0.0.0/16"', dns) + kms)
    result = cli("fix", "--rules", "ORG-1", "--write", cwd=repository)
    assert (result.code, failed(repository, "--rules", "ORG-1")) == (1, [])
    assert "private_dns_enabled = true" in (repository / "main.tf").read_text()


def test_an_endpoint_of_a_hub_counts_where_elsewhere_does(tmp_path: Path) -> None:
    root(tmp_path, (FIXTURES / "hub-and-spoke" / "main.tf").read_text())
    rule = "own_rules: [{id: ORG-1, title: t, must_have: {service: ssm%s}}]"
    found = {}
    for more in ("", ", elsewhere: true"):
        (tmp_path / ".vpce-checks.yaml").write_text(f"version: 1\n{rule % more}\n")
        report = json.loads(cli("scan", "--format", "json", cwd=tmp_path).out)
        found[more] = {item["resource"]: item["status"] for item in report["results"] if item["rule"] == "ORG-1"}
    own = {"aws_vpc.hub": "pass", 'aws_vpc.spoke["app"]': "fail", 'aws_vpc.spoke["data"]': "fail"}
    assert found == {"": own, ", elsewhere: true": dict.fromkeys(own, "pass")}

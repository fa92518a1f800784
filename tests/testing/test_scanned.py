"""What we ship for tests of a policy and its rules, used as its users do."""

from __future__ import annotations

from pathlib import Path

import pytest

import vpce_checks
from vpce_checks import testing
from vpce_checks.testing import FixtureError, Verdicts, scan_files

VPC = 'provider "aws" {\n  region = "eu-west-1"\n}\n\nresource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
POLICY = "version: 1\nown_rules: [{id: ORG-1, title: t, must_have: {service: kms}}]\n"


def test_a_policy_beside_the_code() -> None:
    verdicts = scan_files({"main.tf": VPC, ".vpce-checks.yaml": POLICY})
    assert isinstance(verdicts, Verdicts)
    assert verdicts.of("ORG-1") == {"aws_vpc.main": "fail"}
    assert verdicts.of("VPCE001") == {"aws_vpc.main": "fail"}
    for mistyped in ("ORG-2", "VPCE01", "org-1"):
        with pytest.raises(vpce_checks.UnknownRuleError, match=f"have a rule {mistyped}"):
            verdicts.of(mistyped)
        with pytest.raises(vpce_checks.UnknownRuleError):
            verdicts.findings(mistyped)


def test_a_policy_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "network.yaml"
    file.write_text(POLICY)
    assert scan_files({"envs/prod/main.tf": VPC}, policy=file).of("ORG-1") == {"aws_vpc.main": "fail"}
    assert scan_files({"envs/prod/main.tf": VPC}, policy=str(file)).of("ORG-1") == {"aws_vpc.main": "fail"}


def test_findings_say_why() -> None:
    verdicts = scan_files({"main.tf": VPC, ".vpce-checks.yaml": POLICY})
    (finding,) = verdicts.findings("ORG-1", "aws_vpc.main")
    assert isinstance(finding, vpce_checks.Finding)
    assert finding.message == "aws_vpc.main has no endpoint for kms"
    assert verdicts.findings("ORG-1", "aws_vpc.other") == []


def test_of_several_verdicts_the_worst_counts() -> None:
    policy = "version: 1\nrequired: {interface: [kms, ssm]}\n"
    kms = '\nresource "aws_vpc_endpoint" "kms" {\n  vpc_id = aws_vpc.main.id\n  vpc_endpoint_type = "Interface"\n  service_name = "com.amazonaws.eu-west-1.kms"\n}\n'
    verdicts = scan_files({"main.tf": VPC + kms, ".vpce-checks.yaml": policy})
    assert [finding.status for finding in verdicts.findings("VPCE003")] == ["pass", "fail"]
    assert verdicts.of("VPCE003") == {"aws_vpc.main": "fail"}


def test_variables() -> None:
    code = VPC.replace('"10.0.0.0/16"', '"10.0.0.0/16"\n  tags = { env = var.env }') + 'variable "env" {}\n'
    policy = POLICY.replace("must_have", "match: {tags: {env: prod}}, must_have")
    files = {"main.tf": code, ".vpce-checks.yaml": policy}
    assert scan_files(files).of("ORG-1") == {"aws_vpc.main": "unknown"}
    assert scan_files(files, variables={"env": "prod"}).of("ORG-1") == {"aws_vpc.main": "fail"}
    assert scan_files(files, variables={"env": "dev"}).of("ORG-1") == {}


BROKEN = 'resource "aws_vpc" {'


def test_files_that_cannot_be_parsed() -> None:
    with pytest.raises(FixtureError, match=r"^net/main\.tf:1: ") as caught:
        scan_files({"net/main.tf": BROKEN, "net/other.tf": VPC})
    assert {problem.severity for problem in caught.value.problems} == {"error"}
    with pytest.raises(FixtureError, match=r"net/main\.tf:1: this 'resource' block is not closed"):
        scan_files({"net/main.tf": BROKEN})


def test_a_directory_that_is_no_root_is_a_warning() -> None:
    verdicts = scan_files({"net/main.tf": "{% if vpc %}\n", "other/main.tf": VPC})
    assert any("this directory is not scanned as a root" in warning for warning in verdicts.warnings)


def test_no_code_at_all() -> None:
    with pytest.raises(FixtureError, match="there is no Terraform or CloudFormation in these files"):
        scan_files({"README.md": "# Nothing"})


def test_mistakes_in_a_policy() -> None:
    with pytest.raises(vpce_checks.PolicyError):
        scan_files({"main.tf": VPC, ".vpce-checks.yaml": "version: 2\n"})


@pytest.mark.parametrize("name", ["../main.tf", "/main.tf", "a/../../main.tf", ".", ""])
def test_names_that_lead_out(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a file"):
        scan_files({name: VPC})


def test_every_name_is_there() -> None:
    assert sorted(testing.__all__) == ["FixtureError", "Verdicts", "scan_files"]
    assert all(getattr(testing, name) is not None for name in testing.__all__)


def check(network: vpce_checks.Network, vpc: vpce_checks.Vpc, policy: vpce_checks.Policy) -> list[vpce_checks.Finding]:
    wanted = vpce_checks.Described(service="kms", type="Interface")
    found = vpce_checks.own_endpoint(network, vpc, wanted)
    status = "pass" if found.by is not None else "unknown" if found.perhaps else "fail"
    return [vpce_checks.about_vpc(RULE, vpc, status, "m", why=found.perhaps)]  # type: ignore[arg-type]


RULE = vpce_checks.Rule(id="ORG-PY-1", title="t", severity="low", judges="vpc", check=check)


def test_rules_in_python() -> None:
    assert scan_files({"main.tf": VPC}, rules=[RULE]).of("ORG-PY-1") == {"aws_vpc.main": "fail"}
    module = '\nmodule "more" {\n  source = "org/more/aws"\n  vpc_id = aws_vpc.main.id\n}\n'
    assert scan_files({"main.tf": VPC + module}, rules=[RULE]).of("ORG-PY-1") == {"aws_vpc.main": "unknown"}
    with pytest.raises(vpce_checks.UnknownRuleError):
        scan_files({"main.tf": VPC}).of("ORG-PY-1")


def test_a_rule_in_python_that_fails_is_no_verdict() -> None:
    broken = vpce_checks.Rule(id="ORG-PY-1", title="t", severity="low", judges="vpc", check=lambda *given: iter([1]))
    with pytest.raises(FixtureError, match="its check yields a int and no finding"):
        scan_files({"main.tf": VPC}, rules=[broken])
    with pytest.raises(vpce_checks.PolicyError, match="there is another rule ORG-PY-1"):
        scan_files({"main.tf": VPC}, rules=[RULE, broken])


def test_rules_that_the_policy_names(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "org.py").write_text("from tests.testing.test_scanned import RULE\n")
    (tmp_path / "network.yaml").write_text("version: 1\nrules_dir: rules\n")
    found = scan_files({"main.tf": VPC}, policy=tmp_path / "network.yaml")
    assert found.of("ORG-PY-1") == {"aws_vpc.main": "fail"}
    files = {"main.tf": VPC, ".vpce-checks.yaml": "version: 1\nrules_dir: rules\n", "rules/org.py": "1 / 0\n"}
    with pytest.raises(FixtureError, match=r"\.vpce-checks\.yaml:2: the rules in rules \(1 file\) are not run"):
        scan_files(files)

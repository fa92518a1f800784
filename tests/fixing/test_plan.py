"""Which of the proposed edits are made."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.run import MISSING, cli
from tests.fixing.repositories import accounted_for, fix, report_on, repository
from tests.workloads.network import ECR, NAT, NETWORK, POLICY, S3, TASK
from vpce_checks.files.regular import instead_of_files, read_regular

TABLE = 'resource "aws_route_table" "%s" {\n  vpc_id = aws_vpc.main.id\n}\n'


def test_files_can_be_read_as_if_they_were_changed(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"old")
    with instead_of_files({str(file): b"new!"}):
        with instead_of_files({str(file): b"newer"}):
            assert read_regular(str(file), 9) == b"newer"
        assert read_regular(str(file), 3) == b"new"
    assert read_regular(str(file), 9) == b"old"


def test_one_edit_that_does_harm_does_not_hold_back_the_others(tmp_path: Path) -> None:
    """The tables of aws_vpc.other have a rule of its own in the way: a conditional list, so VPCE007 would be unknown."""
    other = (
        'variable "tables" {\n  type = map(string)\n}\nresource "aws_vpc" "other" {\n  cidr_block = "10.1.0.0/16"\n}\n'
        'resource "aws_route_table" "other" {\n  for_each = var.tables\n  vpc_id   = aws_vpc.other.id\n}\n'
    )
    repository(tmp_path, {"main.tf": MISSING + TABLE % "private" + other})
    done = fix(tmp_path, "--write")
    text = (tmp_path / "main.tf").read_text()
    assert '"aws_vpc_endpoint" "s3"' in text and '"aws_vpc_endpoint" "dynamodb"' in text
    assert "aws_vpc.other.id\n  service_name" not in text
    said = " ".join(done.out.split())
    assert "left 2 failures" in said
    assert (
        "why: VPCE007 of the new aws_vpc_endpoint.s3_gateway would be unknown: aws_vpc_endpoint.s3_gateway might not be associated "
        "with any route table, as var.tables has no value (main.tf:"
    ) in said


def test_what_would_fail_is_said_with_its_message(tmp_path: Path) -> None:
    module = (
        'variable "vpc" {}\nresource "aws_subnet" "a" {\n  vpc_id = var.vpc\n}\n'
        + TABLE.replace("aws_vpc.main.id", "var.vpc") % "a"
        + 'resource "aws_route_table_association" "a" {\n  subnet_id      = aws_subnet.a.id\n'
        "  route_table_id = aws_route_table.a.id\n}\n"
    )
    call = 'module "m" {\n  source = "./m"\n  vpc    = aws_vpc.main.id\n}\n'
    repository(tmp_path, {"main.tf": MISSING + TABLE % "own" + call, "m/main.tf": module})
    said = " ".join(fix(tmp_path).out.split())
    assert (
        "why: VPCE007 of the new aws_vpc_endpoint.s3 would fail: aws_vpc_endpoint.s3 is not associated with the private route "
        "table module.m.aws_route_table.a"
    ) in said


def test_a_second_vpc_gets_an_endpoint_of_another_name(tmp_path: Path) -> None:
    second = 'resource "aws_vpc" "second" {\n  cidr_block = "10.1.0.0/16"\n}\n'
    second += 'resource "aws_route_table" "second" {\n  vpc_id = aws_vpc.second.id\n}\n'
    repository(tmp_path, {"main.tf": MISSING + TABLE % "private" + second})
    done = fix(tmp_path, "--write")
    assert "settled 4 failures in 1 file" in done.out and "left" not in done.out
    text = (tmp_path / "main.tf").read_text()
    assert '"aws_vpc_endpoint" "second_s3"' in text
    assert fix(tmp_path).code == 0


CLOUD_CONTROL = """
provider "awscc" {
  alias  = "west"
  region = REGION
}

resource "awscc_ec2_vpc" "main" {
  provider   = awscc.west
  cidr_block = "10.0.0.0/16"
}

resource "awscc_ec2_route_table" "private" {
  provider = awscc.west
  vpc_id   = awscc_ec2_vpc.main.vpc_id
}

resource "awscc_ec2_subnet" "private" {
  provider   = awscc.west
  vpc_id     = awscc_ec2_vpc.main.vpc_id
  cidr_block = "10.0.1.0/24"
}

resource "awscc_ec2_subnet_route_table_association" "private" {
  provider       = awscc.west
  subnet_id      = awscc_ec2_subnet.private.subnet_id
  route_table_id = awscc_ec2_route_table.private.route_table_id
}
"""


def test_an_endpoint_is_of_the_provider_of_its_vpc(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CLOUD_CONTROL.replace("REGION", '"us-west-2"'))
    fix(tmp_path, "--write")
    written = (tmp_path / "main.tf").read_text()
    assert '"aws_vpc_endpoint"' not in written
    for name in ("s3", "dynamodb"):
        assert (
            f'resource "awscc_ec2_vpc_endpoint" "{name}" {{\n  provider          = awscc.west\n'
            f'  vpc_id            = awscc_ec2_vpc.main.vpc_id\n  service_name      = "com.amazonaws.us-west-2.{name}"\n'
        ) in written
    assert not [each for each in report_on(tmp_path)["results"] if each["status"] == "fail"]


def test_a_region_that_the_provider_of_the_vpc_cannot_look_up(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(code := CLOUD_CONTROL.replace("  region = REGION\n", ""))
    assert "has no data source of its region" in fix(tmp_path, "--write").out
    assert (tmp_path / "main.tf").read_text() == code


def test_two_findings_with_one_edit_are_settled_together(tmp_path: Path) -> None:
    module = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n' + TABLE % "private"
    root = 'provider "aws" {\n  region = "%s"\n}\nmodule "net" {\n  source = "../net"\n}\n'
    files = {"net/main.tf": module, "a/main.tf": root % "eu-west-1", "b/main.tf": root % "us-east-1"}
    done = fix(repository(tmp_path, dict(files)), "--write")
    assert "settled 4 failures in 1 file" in done.out
    assert (tmp_path / "net" / "main.tf").read_text().count('data "aws_region"') == 1
    assert fix(tmp_path).code == 0


def test_an_edit_waits_for_another_one_of_the_same_lines(tmp_path: Path) -> None:
    """Both findings need the DNS attributes of the VPC, and set arguments of blocks beside each other."""
    endpoint = (
        'resource "aws_vpc_endpoint" "%s" {\n  vpc_id            = aws_vpc.main.id\n'
        '  service_name      = "com.amazonaws.eu-west-1.%s"\n  vpc_endpoint_type = "Interface"\n}\n'
    )
    text = MISSING + endpoint % ("kms", "kms") + endpoint % ("sqs", "sqs")
    done = fix(repository(tmp_path, {"main.tf": text}), "--write", "--rules", "VPCE004,VPCE005")
    assert "settled 2 failures in 1 file" in done.out
    after = (tmp_path / "main.tf").read_text()
    assert after.count("private_dns_enabled = true") == 2 and after.count("enable_dns_hostnames = true") == 1


def test_private_dns_is_left_off_while_nobody_reaches_the_endpoint_and_calls_leave_another_way(tmp_path: Path) -> None:
    """With it on, calls that work by the NAT gateway would fail: the endpoint is in no subnet, lets nobody in, or nothing through."""
    nat = (
        'resource "aws_subnet" "p" {\n  vpc_id = aws_vpc.main.id\n}\nresource "aws_nat_gateway" "n" {\n  subnet_id = aws_subnet.p.id\n}\n'
        'resource "aws_route_table" "p" {\n  vpc_id = aws_vpc.main.id\n  route {\n    cidr_block     = "0.0.0.0/0"\n'
        "    nat_gateway_id = aws_nat_gateway.n.id\n  }\n}\n"
        'resource "aws_security_group" "e" {\n  vpc_id = aws_vpc.main.id\n  ingress = []\n}\n'
        'resource "aws_security_group" "open" {\n  vpc_id = aws_vpc.main.id\n  ingress {\n    from_port   = 443\n    to_port     = 443\n'
        '    protocol    = "tcp"\n    cidr_blocks = [aws_vpc.main.cidr_block]\n  }\n}\n'
    )
    endpoint = (
        'resource "aws_vpc_endpoint" "kms" {\n  vpc_id              = aws_vpc.main.id\n  subnet_ids          = [%s]\n'
        '  service_name        = "com.amazonaws.eu-west-1.kms"\n  vpc_endpoint_type   = "Interface"\n  security_group_ids  = %s\n}\n'
    )
    denied = (
        '[aws_security_group.open.id]\n  policy = jsonencode({ Version = "2012-10-17", '
        'Statement = [{ Effect = "Deny", Principal = "*", Action = "*", Resource = "*" }] })'
    )
    for name, subnets, groups, words in (
        ("nowhere", "", "[aws_security_group.e.id]", "first add one subnet of each zone to the endpoint"),
        ("closed", "aws_subnet.p.id", "[aws_security_group.e.id]", "first let clients in by its security groups"),
        ("default", "aws_subnet.p.id", "null", "first let clients in by its security groups"),  # clients are in others
        ("denied", "aws_subnet.p.id", denied, "first let calls through by the policy of the endpoint"),
    ):
        code = MISSING + nat + endpoint % (subnets, groups)
        done = fix(repository(tmp_path / name, {"main.tf": code}), "--rules", "VPCE004")
        assert words in " ".join(done.out.split()) and "private_dns_enabled" not in done.out
    reached = MISSING + nat + endpoint % ("aws_subnet.p.id", "[aws_security_group.open.id]")
    assert (
        "+  private_dns_enabled" in fix(repository(tmp_path / "open", {"main.tf": reached}), "--rules", "VPCE004").out
    )
    alone = (
        MISSING + nat.partition('resource "aws_route_table')[0].replace("aws_nat", "aws_none") + endpoint % ("", "null")
    )
    assert "+  private_dns_enabled" in fix(repository(tmp_path / "alone", {"main.tf": alone}), "--rules", "VPCE004").out


S3_INTERFACE = (
    'resource "aws_subnet" "p" {\n  vpc_id = aws_vpc.main.id\n}\n'
    'resource "aws_security_group" "e" {\n  vpc_id = aws_vpc.main.id\n  ingress {\n    from_port   = 443\n    to_port     = 443\n'
    '    protocol    = "tcp"\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n'
    'resource "aws_vpc_endpoint" "s3i" {\n  vpc_id             = aws_vpc.main.id\n'
    '  service_name       = "com.amazonaws.eu-west-1.s3"\n  vpc_endpoint_type  = "Interface"\n'
    "  subnet_ids         = [aws_subnet.p.id]\n  security_group_ids = [aws_security_group.e.id]\n}\n"
)


def test_private_dns_is_left_off_where_the_endpoint_lets_a_caller_in_no_more(tmp_path: Path) -> None:
    """The task calls by the NAT gateway until then. It is not new itself."""
    door = """\
resource "aws_security_group" "other" {
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group" "door" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_security_group.SOURCE.id]
  }
}
"""
    off = ECR.replace(
        "private_dns_enabled = true", "private_dns_enabled = false\n  security_group_ids = [aws_security_group.door.id]"
    )
    nothing = {".vpce-checks.yaml": POLICY}
    code = NETWORK + NAT + S3 + TASK + off + door.replace("SOURCE", "other")
    said = " ".join(fix(repository(tmp_path, {"main.tf": code, **nothing}), "--rules", "VPCE004").out.split())
    assert (
        'why: VPCE017 of aws_ecs_service.app would fail: aws_ecs_service.app calls ecr.api, but aws_vpc_endpoint.ecr["ecr.api"] '
        "does not let in HTTPS from it"
    ) in said
    (tmp_path / "main.tf").write_text(code.replace("[aws_security_group.other.id]", "[aws_security_group.task.id]"))
    assert "these changes settle 2 failures" in fix(tmp_path, "--rules", "VPCE004").out


def test_what_another_change_settles_is_named(tmp_path: Path) -> None:
    """VPCE004 asks for a gateway endpoint beside the interface endpoint, which VPCE001 adds."""
    repository(tmp_path, {"main.tf": MISSING + TABLE % "private" + S3_INTERFACE})
    assert report_on(tmp_path)["summary"]["fail"] == 3
    shown = fix(tmp_path)
    assert accounted_for(shown.out) == 3
    said = " ".join(shown.out.split())
    assert "these changes settle 2 failures in 1 file: VPCE001" in said
    assert "and along the way 1 more failure: VPCE004 aws_vpc_endpoint.s3i has private DNS off" in said
    done = fix(tmp_path, "--write")
    assert accounted_for(done.out) == 3 and report_on(tmp_path)["summary"]["fail"] == 0


def test_a_change_for_one_caller_counts_the_others_that_it_settles(tmp_path: Path) -> None:
    """The subnet of one call uses the main route table. What fits the other call is refused, what fits both is made."""
    net = (
        'variable "own" {\n  type = bool\n}\nresource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
        'resource "aws_subnet" "a" {\n  vpc_id = aws_vpc.main.id\n}\nresource "aws_subnet" "b" {\n  vpc_id = aws_vpc.main.id\n}\n'
        'resource "aws_route_table" "t" {\n  vpc_id = aws_vpc.main.id\n}\n'
        'resource "aws_route_table_association" "a" {\n  subnet_id      = aws_subnet.a.id\n'
        "  route_table_id = aws_route_table.t.id\n}\n"
        'resource "aws_route_table_association" "b" {\n  count          = var.own ? 1 : 0\n'
        "  subnet_id      = aws_subnet.b.id\n  route_table_id = aws_route_table.t.id\n}\n"
    )
    call = 'provider "aws" {\n  region = "eu-west-1"\n}\nmodule "net" {\n  source = "../net"\n  own    = %s\n}\n'
    files = {"net/main.tf": net} | {f"{name}/main.tf": call % "true" for name in "abc"} | {"d/main.tf": call % "false"}
    done = fix(repository(tmp_path, dict(files)), "--write")
    assert "settled 8 failures in 1 file" in done.out and accounted_for(done.out) == 8
    assert "[aws_route_table.t.id, aws_vpc.main.main_route_table_id]" in (tmp_path / "net" / "main.tf").read_text()
    assert " ".join(done.out.split()).count("in a, b, c and 1 more root") == 2
    assert report_on(tmp_path)["summary"]["fail"] == 0


RULE = """\
from vpce_checks import Rule, about_vpc


def check(network, vpc, policy):
    if network.endpoints:
        yield about_vpc(RULE, vpc, "unknown", f"{vpc.address} has endpoints, which nobody has looked at")
    else:
        yield about_vpc(RULE, vpc, "fail", f"{vpc.address} has no endpoints")


RULE = Rule(id="ORG-PY-1", title="Endpoints", severity="medium", judges="vpc", check=check)
"""


def test_what_becomes_undecided_is_left(tmp_path: Path) -> None:
    policy = "version: 1\nrules_dir: rules\n"
    files = {"main.tf": MISSING + TABLE % "private", ".vpce-checks.yaml": policy, "rules/org.py": RULE}
    shown = fix(repository(tmp_path, dict(files)), "--trust-repo-rules")
    assert accounted_for(shown.out) == 3
    said = " ".join(shown.out.split())
    assert "left 1 failure: ORG-PY-1 aws_vpc.main has no endpoints" in said
    assert "why: with the changes, it is unknown: aws_vpc.main has endpoints, which nobody has looked at" in said


def test_what_aws_would_refuse_is_harm_where_it_did_nothing(tmp_path: Path) -> None:
    """An endpoint without a table is useless in both roots; with the tables of two VPCs it stops the deployment of one."""
    net = (
        'variable "n" {\n}\nresource "aws_vpc" "it" {\n  count      = var.n\n  cidr_block = "10.0.0.0/16"\n}\n'
        'resource "aws_route_table" "it" {\n  count  = var.n\n  vpc_id = aws_vpc.it[count.index].id\n}\n'
        'resource "aws_subnet" "it" {\n  count  = var.n\n  vpc_id = aws_vpc.it[count.index].id\n}\n'
        'resource "aws_route_table_association" "it" {\n  count          = var.n\n'
        "  subnet_id      = aws_subnet.it[count.index].id\n  route_table_id = aws_route_table.it[count.index].id\n}\n"
        'resource "aws_vpc_endpoint" "s3" {\n  count        = var.n\n  vpc_id       = aws_vpc.it[count.index].id\n'
        '  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
    )
    call = 'provider "aws" {\n  region = "eu-west-1"\n}\nmodule "net" {\n  source = "../net"\n  n      = %s\n}\n'
    for name, text in (("net", net), ("a", call % 2), ("b", call % 1)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    cli("fix", "--rules", "VPCE007", "--write", cwd=tmp_path)
    report = json.loads(cli("scan", "--format", "json", cwd=tmp_path).out)
    assert not [each for each in report["results"] if "AWS refuses" in each["message"]]


IDLE = 'resource "aws_vpc_endpoint" "idle" {\n  vpc_id       = aws_vpc.main.id\n  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'


def test_no_second_gateway_endpoint_is_added_beside_one_without_a_route_table(tmp_path: Path) -> None:
    """The call and the endpoint both fail, and the one change settles both."""
    repository(tmp_path, {"main.tf": NETWORK + TASK + NAT + IDLE, ".vpce-checks.yaml": POLICY})
    done = fix(tmp_path, "--write")
    assert (tmp_path / "main.tf").read_text().count('"aws_vpc_endpoint"') == 1
    said = " ".join(done.out.split())
    assert "settled 1 failure in 1 file: VPCE007 aws_vpc_endpoint.idle" in said
    assert "along the way 1 more failure: VPCE018" in said and "left" not in said


def test_no_second_interface_endpoint_is_added_beside_one_with_private_dns_off(tmp_path: Path) -> None:
    group = (
        'resource "aws_security_group" "ends" {\n  vpc_id = aws_vpc.main.id\n  ingress {\n    from_port   = 443\n'
        '    to_port     = 443\n    protocol    = "tcp"\n    cidr_blocks = ["10.70.0.0/16"]\n  }\n}\n'
    )
    off = ECR.replace("  private_dns_enabled = true\n", "  security_group_ids  = [aws_security_group.ends.id]\n")
    repository(tmp_path, {"main.tf": NETWORK + TASK + S3 + group + off, ".vpce-checks.yaml": POLICY})
    done = fix(tmp_path, "--write")
    assert (tmp_path / "main.tf").read_text().count('"aws_vpc_endpoint"') == 2
    said = " ".join(done.out.split())
    assert "settled 2 failures in 1 file: VPCE004" in said
    assert "along the way 2 more failures: VPCE017" in said and "left" not in said


def test_of_two_fixes_that_rule_each_other_out_one_is_made(tmp_path: Path) -> None:
    """The one in the shared code comes first: with it, the other one has nothing to settle."""
    module = (
        'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
        + TABLE % "private"
        + 'output "vpc" {\n  value = aws_vpc.main.id\n}\noutput "tables" {\n  value = [aws_route_table.private.id]\n}\n'
    )
    region = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
    call = region + 'module "net" {\n  source = "../../modules/net"\n}\n'
    there = (
        'resource "aws_vpc_endpoint" "s3" {\n  vpc_id          = module.net.vpc\n'
        '  service_name    = "com.amazonaws.eu-west-1.s3"\n  route_table_ids = module.net.tables\n}\n'
    )
    grunt = 'terraform {\n  source = "../../modules/net"\n}\n'
    files = {"modules/net/main.tf": module, "envs/prod/main.tf": call + there, "live/vpc/terragrunt.hcl": grunt}
    files["policy.yaml"] = "version: 1\nrequired: {gateway: [dynamodb]}\n"
    repository(tmp_path, files)
    said = " ".join(fix(tmp_path, "--write", "--policy", "policy.yaml").out.split())
    assert "left" not in said and "2 times in envs/prod, live/vpc" in said
    assert "dynamodb" in (tmp_path / "modules/net/main.tf").read_text()
    assert fix(tmp_path, "--policy", "policy.yaml").code == 0

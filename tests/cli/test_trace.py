"""``vpce-checks trace``: the way of a call, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vpce_checks.cli.main import main

CODE = """\
provider "aws" { region = "eu-west-1" }
resource "aws_vpc" "hub" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_vpc" "spoke" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
}
resource "aws_security_group" "open" {
  vpc_id = aws_vpc.hub.id
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
}
resource "aws_vpc_endpoint" "kms" {
  vpc_id             = aws_vpc.hub.id
  service_name       = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type  = "Interface"
  subnet_ids         = [aws_subnet.hub.id]
  security_group_ids = [aws_security_group.open.id]
}
resource "aws_subnet" "hub" {
  vpc_id     = aws_vpc.hub.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_route53_zone" "kms" {
  name = "kms.eu-west-1.amazonaws.com"
  vpc { vpc_id = aws_vpc.hub.id }
  vpc { vpc_id = aws_vpc.spoke.id }
}
resource "aws_route53_record" "kms" {
  zone_id = aws_route53_zone.kms.zone_id
  name    = ""
  type    = "A"
  alias {
    name                   = aws_vpc_endpoint.kms.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.kms.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }
}
resource "aws_subnet" "spoke" {
  vpc_id     = aws_vpc.spoke.id
  cidr_block = "10.1.1.0/24"
}
resource "aws_route_table" "spoke" {
  vpc_id = aws_vpc.spoke.id
  route {
    cidr_block                = "10.0.0.0/16"
    vpc_peering_connection_id = "pcx-0a1b2c3d"
  }
}
resource "aws_route_table_association" "spoke" {
  route_table_id = aws_route_table.spoke.id
  subnet_id      = aws_subnet.spoke.id
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.spoke.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.spoke.id]
}
"""


@pytest.fixture
def ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    (tmp_path / "main.tf").write_text(CODE)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> list[dict[str, Any]]:
        assert main(["trace", *arguments, "--format", "json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["version"] == 1
        return list(document["ways"])

    return run


def kinds(way: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step["step"], step["certainty"]) for step in way["steps"]]


def test_a_call_through_a_hub(ways: Any) -> None:
    (way,) = ways("kms", "--vpc", "aws_vpc.spoke")
    assert (way["name"], way["end"]) == ("kms.eu-west-1.amazonaws.com", "calls reach aws_vpc_endpoint.kms")
    assert way["certainty"] == "certain"
    assert kinds(way) == [
        ("name", "certain"),
        ("zone", "certain"),
        ("record", "certain"),
        ("endpoint", "certain"),
        ("subnet", "certain"),
        ("security group", "certain"),
        ("policy", "certain"),
    ]
    zone, record = way["steps"][1:3]
    assert (zone["file"], zone["line"]) == ("main.tf", 30)
    assert record["text"] == "the DNS record aws_route53_record.kms points to aws_vpc_endpoint.kms"


def test_every_vpc_is_traced(ways: Any) -> None:
    assert [way["vpc"] for way in ways("kms")] == ["aws_vpc.hub", "aws_vpc.spoke"]


def test_a_call_through_a_gateway_endpoint(ways: Any) -> None:
    way, _ = ways("s3", "--subnet", "aws_subnet.spoke")
    assert way["vpc"] == "aws_vpc.spoke"
    assert kinds(way)[-1] == ("route", "certain")
    assert way["steps"][-1]["text"] == "from aws_subnet.spoke: through aws_vpc_endpoint.s3"


def test_a_call_that_no_endpoint_serves(ways: Any) -> None:
    (way,) = ways("sqs", "--vpc", "aws_vpc.spoke")
    assert kinds(way) == [("name", "certain"), ("zone", "certain"), ("route", "no")]
    assert (way["certainty"], way["end"]) == (
        "no",
        "calls fail: from aws_subnet.spoke: nowhere, as its route table has no default route",
    )


def test_a_host_name_instead_of_a_service(ways: Any) -> None:
    (way,) = ways("x.kms.eu-west-1.amazonaws.com", "--vpc", ".:aws_vpc.spoke")
    assert way["certainty"] == "no"
    assert way["end"] == "calls fail: x.kms.eu-west-1.amazonaws.com has no address in aws_vpc.spoke"


def test_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "main.tf").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    assert main(["trace", "kms", "--vpc", "aws_vpc.spoke"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "aws_vpc.spoke calls kms.eu-west-1.amazonaws.com"
    assert lines[2].split()[:3] == ["2", "zone", "certain"] and "(main.tf:30)" in "".join(lines[2:5])
    assert lines[-1] == "  => calls reach aws_vpc_endpoint.kms (certain)"
    assert max(map(len, lines)) <= 80


def test_calls_that_fail_end_without_a_certainty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    assert main(["trace", "sqs", "--vpc", "aws_vpc.spoke"]) == 0
    shown = capsys.readouterr().out
    assert "  => calls fail: " in shown and "(no)" not in shown


def test_options_may_stand_between_the_arguments(ways: Any) -> None:
    assert ways("kms", "--vpc", "aws_vpc.spoke", ".") == ways("--vpc", "aws_vpc.spoke", "kms", ".")


def test_an_unknown_option_names_the_help_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "kms", "--nowhere", "."]) == 2
    said = "vpce-checks: error: vpce-checks trace has no option '--nowhere' (see vpce-checks trace --help)\n"
    assert capsys.readouterr().err == said


def test_a_vpc_without_a_subnet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    monkeypatch.chdir(tmp_path)
    assert main(["trace", "kms"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.endswith("=> calls go to the public address; no subnet is known that they come from (certain)")


def test_clients_that_ask_for_names_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    assert main(["trace", "iot.data"]) == 0
    assert "names of their own" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["kmss"], "did you mean kms"),
        (["kms", "--vpc", "aws_vpc.none"], "no VPC aws_vpc.none is created here; there are aws_vpc."),
        (["kms", "--subnet", "aws_subnet.none"], "no subnet aws_subnet.none"),
        (["kms", "--region", "here"], "--region"),
    ],
)
def test_wrong_use(
    arguments: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "main.tf").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    assert main(["trace", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_broken_file_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.tf").write_text(CODE + 'resource "aws_vpc" {')
    monkeypatch.chdir(tmp_path)
    assert main(["trace", "kms"]) == 3
    assert "main.tf" in capsys.readouterr().err


def ends(directory: Path, capsys: pytest.CaptureFixture[str], code: str, word: str) -> list[tuple[str, str]]:
    """Return where the calls of the spoke end, each with its certainty."""
    (directory / "main.tf").write_text(code)
    assert main(["trace", word, "--vpc", "aws_vpc.spoke", "--format", "json"]) == 0
    return [(way["end"], way["certainty"]) for way in json.loads(capsys.readouterr().out)["ways"]]


OWN = "calls go from aws_subnet.spoke: through aws_vpc_endpoint.s3"
NOWHERE = "calls fail: from aws_subnet.spoke: nowhere, as its route table has no default route"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("s3.eu-west-1.amazonaws.com", (OWN, "certain")),
        ("b.s3.us-west-2.amazonaws.com", (NOWHERE, "no")),
        ("s3-us-west-2.amazonaws.com", (NOWHERE, "no")),
        ("s3.amazonaws.com", (NOWHERE, "no")),
        ("b.s3.amazonaws.com", (OWN, "possible")),
    ],
)
def test_a_gateway_endpoint_is_for_its_region(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    host: str,
    expected: tuple[str, str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ends(tmp_path, capsys, CODE, host) == [expected]


def test_the_policy_of_a_gateway_endpoint_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    policy = (
        'resource "aws_vpc_endpoint_policy" "s3" {\n  vpc_endpoint_id = aws_vpc_endpoint.s3.id\n'
        '  policy = jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "*", Resource = "*" }] })\n}\n'
    )
    end, certainty = ends(tmp_path, capsys, CODE + policy, "s3.eu-west-1.amazonaws.com")[0]
    assert certainty == "no" and "whose policy does not let calls through" in end


def test_routes_for_parts_of_the_internet_may_lead_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    half = (
        'resource "aws_route" "half" {\n  route_table_id = aws_route_table.spoke.id\n'
        '  destination_cidr_block = "0.0.0.0/1"\n  nat_gateway_id = "nat-0a1b2c3d"\n}\n'
    )
    assert ends(tmp_path, capsys, CODE + half, "sqs")[0][1] == "possible"
    assert ends(tmp_path, capsys, CODE + half.replace("0.0.0.0/1", "10.9.0.0/16"), "sqs")[0][1] == "no"


def test_a_hub_that_no_route_leads_to_is_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    astray = CODE.replace('= "10.0.0.0/16"\n    vpc_peering', '= "10.9.0.0/16"\n    vpc_peering')
    assert ends(tmp_path, capsys, CODE, "kms") == [("calls reach aws_vpc_endpoint.kms", "certain")]
    assert ends(tmp_path, capsys, astray, "kms") == [("calls reach aws_vpc_endpoint.kms", "possible")]


ACL = """\
resource "aws_network_acl" "spoke" {
  vpc_id     = aws_vpc.spoke.id
  subnet_ids = [aws_subnet.spoke.id]
  RULES
}
"""
RULE = """
  %s {
    rule_no    = 1
    action     = "allow"
    protocol   = "tcp"
    from_port  = %s
    to_port    = %s
    cidr_block = "%s"
  }
"""


WAY_OUT = """
resource "aws_internet_gateway" "spoke" {
  vpc_id = aws_vpc.spoke.id
}

resource "aws_route" "spoke" {
  route_table_id         = aws_route_table.spoke.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.spoke.id
}
"""
REPLIES = RULE % ("ingress", 1024, 65535, "0.0.0.0/0")
S3_NAME, MAIL = "s3.eu-west-1.amazonaws.com", "email-smtp.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("name", "rules", "certainty"),
    [
        (S3_NAME, "", "no"),
        (MAIL, RULE % ("egress", 443, 443, "0.0.0.0/0") + REPLIES, "no"),
        (MAIL, RULE % ("egress", 587, 587, "0.0.0.0/0") + REPLIES, "certain"),
        (S3_NAME, RULE % ("egress", 443, 443, "0.0.0.0/0"), "no"),
        (S3_NAME, RULE % ("egress", 443, 443, "0.0.0.0/0") + REPLIES, "certain"),
        (S3_NAME, RULE % ("egress", 443, 443, "52.216.0.0/15") + REPLIES, "possible"),
    ],
)
def test_the_network_acl_of_the_subnet_counts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    rules: str,
    certainty: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code = CODE + WAY_OUT + ACL.replace("RULES", rules)
    assert ends(tmp_path, capsys, code, name)[0][1] == certainty


def test_clients_in_the_subnet_of_the_endpoint_pass_no_network_acl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shut = 'resource "aws_network_acl" "hub" {\n  vpc_id = aws_vpc.hub.id\n  subnet_ids = [aws_subnet.hub.id]\n}\n'
    (tmp_path / "main.tf").write_text(CODE + shut)
    assert main(["trace", "kms", "--vpc", "aws_vpc.hub", "--format", "json"]) == 0
    (way,) = json.loads(capsys.readouterr().out)["ways"]
    assert way["certainty"] != "no"


def test_each_end_says_whether_calls_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    perhaps = 'variable "on" {}\n' + CODE.replace(
        'resource "aws_route53_record" "kms" {', 'resource "aws_route53_record" "kms" {\n  count   = var.on ? 1 : 0'
    )
    on = perhaps.replace(
        'resource "aws_route53_zone" "kms" {', 'resource "aws_route53_zone" "kms" {\n  count = var.on ? 1 : 0'
    )
    (end, certainty) = ends(tmp_path, capsys, on.replace("aws_route53_zone.kms.z", "aws_route53_zone.kms[0].z"), "kms")[
        0
    ]
    assert certainty == "possible" and " or calls fail: from aws_subnet.spoke: nowhere" in end

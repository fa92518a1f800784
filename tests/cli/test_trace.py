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


def test_an_unknown_option_shows_the_usage_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["trace", "kms", "--nowhere", "."])
    shown = capsys.readouterr().err
    assert shown.startswith("usage: vpce-checks trace ") and "--vpc" in shown


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
        (["kms", "--vpc", "aws_vpc.none"], "no VPC aws_vpc.none"),
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

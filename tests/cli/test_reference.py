"""``explain``, ``services``, ``packs``, ``--version`` and help."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vpce_checks import __version__
from vpce_checks.cli.main import main
from vpce_checks.policy import pack_names
from vpce_checks.report import format_names
from vpce_checks.rules.registry import all_rules

REPOSITORY = Path(__file__).parents[2]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    project = re.search(r'^version = "(.+)"$', (REPOSITORY / "pyproject.toml").read_text(), re.M)
    assert project is not None and __version__ == project[1]
    assert said(capsys, "--version") == f"vpce-checks {__version__}\n"


@pytest.mark.parametrize("order", [("--version", "--verbose"), ("-v", "--version")])
def test_the_age_of_the_facts(capsys: pytest.CaptureFixture[str], order: tuple[str, ...]) -> None:
    first, services, _, *stubs, prices = said(capsys, *order).splitlines()
    assert first == f"vpce-checks {__version__}"
    assert re.fullmatch(r"endpoint services and host names: \d{4}-\d\d \(\d{3} services\)", services)
    assert all(re.fullmatch(r"  [\w-]+/[\w-]+/\w+ \d+\.\d+\.\d+", line) for line in stubs)
    assert "  terraform-aws-modules/vpc/aws 6.6.0" in stubs
    assert prices.startswith("prices: us-east-1 2")


def test_explain_lists_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "explain").splitlines()[1:]
    assert [line.split() for line in lines] == [[rule.id, rule.severity, rule.name] for rule in all_rules()]


@pytest.mark.parametrize("word", ["VPCE001", "vpce001", "s3-gateway-endpoint", "S3-Gateway-Endpoint"])
def test_explain_knows_a_rule_by_id_and_name(capsys: pytest.CaptureFixture[str], word: str) -> None:
    page = said(capsys, "explain", word)
    assert page.startswith("VPCE001 s3-gateway-endpoint (high)\n")
    assert "https://docs.aws.amazon.com/" in page and "vpce-checks:ignore VPCE001" in page


def test_every_rule_has_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    for rule in all_rules():
        page = said(capsys, "explain", rule.id)
        assert rule.url in page
        assert ("Fails:" in page and "Passes:" in page) == rule.fails
        assert ("Unknown:" in page) == (rule.id == "VPCE011")
        prose = [line for line in page.splitlines() if "://" not in line and not line.startswith("    ")]
        assert max(map(len, prose)) <= 80


def test_nearest_rule_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "private-dns-disable"]) == 2
    assert "did you mean private-dns-disabled?" in capsys.readouterr().err


def test_services_by_word(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "services", "dynamodb").splitlines()
    row = next(line for line in lines if line.startswith("dynamodb "))
    assert "gateway + interface" in row
    assert all("dynamodb" in line.lower() for line in lines[1:])
    assert len(said(capsys, "services").splitlines()) > 300


def test_packs(capsys: pytest.CaptureFixture[str]) -> None:
    listed = said(capsys, "packs")
    for name in pack_names():
        assert name in listed
        assert "https://docs.aws.amazon.com/" in said(capsys, "packs", name)
    assert "interface  ecr.api, ecr.dkr, logs" in said(capsys, "packs", "ecs-fargate")


@pytest.mark.parametrize("arguments", [["--help"], ["scan", "--help"], ["explain", "--help"]])
def test_help(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 0
    assert "vpce-checks" in capsys.readouterr().out


def test_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["scan", "--help"])
    text = capsys.readouterr().out
    assert all(re.search(rf"\b{name}\b", text.partition("--format")[2]) for name in format_names())

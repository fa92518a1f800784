"""The rules are the files that are there, and each documents itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import vpce_checks.rules
from vpce_checks.cli.main import main
from vpce_checks.rules.finding import Rule
from vpce_checks.rules.registry import all_rules, find_rule, rule_ids

NAMES = {
    "VPCE001": "s3-gateway-endpoint",
    "VPCE002": "dynamodb-gateway-endpoint",
    "VPCE003": "declared-interface-endpoint",
    "VPCE004": "private-dns-disabled",
    "VPCE005": "vpc-dns-attributes",
    "VPCE006": "endpoint-type-mismatch",
    "VPCE007": "gateway-without-route-table",
    "VPCE008": "endpoint-region-mismatch",
    "VPCE009": "unknown-service",
    "VPCE010": "private-dns-conflict",
    "VPCE011": "unread-code",
    "VPCE012": "shadowed-service-name",
    "VPCE013": "endpoint-security-group",
    "VPCE014": "endpoint-policy",
    "VPCE015": "endpoint-subnets",
    "VPCE016": "duplicate-gateway",
    "VPCE017": "call-cannot-work",
    "VPCE018": "call-leaves-by-nat",
    "VPCE019": "endpoint-not-shown-to-be-used",
}


def test_ids_and_names_are_as_published() -> None:
    assert {rule.id: rule.name for rule in all_rules()} == NAMES
    assert rule_ids() == tuple(NAMES)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_rule_documents_itself(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    assert rule.severity in ("high", "medium", "low")
    assert rule.title and not rule.title.endswith(".")
    assert len(rule.rationale) > 100
    assert rule.url.startswith(("https://docs.aws.amazon.com/", "https://developer.hashicorp.com/"))
    assert rule.good and rule.bad and rule.good != rule.bad
    directory = Path(vpce_checks.rules.__file__).parent
    assert (directory / f"{rule.id.lower()}_{rule.name.replace('-', '_')}.py").is_file()
    assert main(["explain", rule.id]) == 0
    page = capsys.readouterr().out
    assert all(part in page for part in (rule.id, rule.name, rule.title, rule.url, rule.good.splitlines()[0]))
    assert " ".join(page.split()).count(" ".join(rule.rationale.split())) == 1


def test_a_rule_is_found_by_id_or_name_in_any_case() -> None:
    for word in ("VPCE004", "vpce004", " private-dns-disabled ", "Private-DNS-Disabled"):
        rule = find_rule(word)
        assert rule is not None and rule.id == "VPCE004"
    assert find_rule("VPCE") is None


def test_the_list_has_one_line_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["RULE", *NAMES]


def test_a_wrong_word_is_answered_with_those_like_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "private-dns-disable"]) == 2
    assert "private-dns-disabled" in capsys.readouterr().err
    assert main(["explain", "\N{SNOWMAN}"]) == 2
    assert "no rule" in capsys.readouterr().err


def test_a_new_file_is_a_new_rule(tmp_path: Path) -> None:
    program = """
import vpce_checks.rules, sys
from vpce_checks.rules import registry
registry.__file__ = sys.argv[1] + "/registry.py"
vpce_checks.rules.__path__.append(sys.argv[1])
print([rule.id for rule in registry.all_rules()])
"""
    (tmp_path / "vpce011_its_name.py").write_text(
        "from vpce_checks.rules.finding import Rule\n"
        "RULE = Rule('VPCE011', 't', 'low', 'vpc', lambda *given: iter(()), 'its-name', 'r', 'https://x')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert run.stdout.strip() == "['VPCE011']"

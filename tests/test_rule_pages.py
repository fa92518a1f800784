"""The pages in ``docs/rules`` are what the rules say. ``python -m tests.test_rule_pages`` writes them anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vpce_checks.cli.main import main
from vpce_checks.report.rule_page import rule_index, rule_page
from vpce_checks.rules.finding import Rule
from vpce_checks.rules.registry import all_rules

DIRECTORY = Path(__file__).parents[1] / "docs" / "rules"


def pages() -> dict[str, str]:
    """Every page by the name of its file."""
    return {"README.md": rule_index(all_rules()), **{f"{rule.id}.md": rule_page(rule) for rule in all_rules()}}


def test_the_pages_are_there_and_no_others() -> None:
    assert {file.name: file.read_text() for file in DIRECTORY.iterdir()} == pages()


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_a_page_answers_every_question(rule: Rule) -> None:
    page = rule_page(rule)
    for text in (rule.title, rule.rationale, rule.url, rule.bad, rule.good, rule.fix, rule.ignore_when, rule.limits):
        assert len(text) > 20 and text.strip("\n") in page
    for text in (rule.fix, rule.ignore_when, rule.limits):
        assert text.endswith(".")


@pytest.mark.parametrize(
    ("id", "words"),
    [("VPCE001", ["Low"]), ("VPCE002", ["High", "Low"]), ("VPCE003", ["High", "Low"]), ("VPCE004", ["Low"])],
)
def test_the_other_severities_of_a_rule_are_said(id: str, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What ``tests/workloads/test_policy.py`` and ``tests/rules/test_default_vpcs.py`` show that findings have."""
    (rule,) = (each for each in all_rules() if each.id == id)
    assert [word for word in ("High", "Low") if f"{word} " in rule.severity_varies] == words
    assert f"\n\n{rule.severity_varies}\n\n" in rule_page(rule)
    assert main(["explain", id]) == 0
    assert f"Severity: {words[0]} " in capsys.readouterr().out


def test_rules_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    assert [entry["id"] for entry in document["rules"]] == [rule.id for rule in all_rules()]
    entries = {entry["id"]: entry for entry in document["rules"]}
    assert entries["VPCE011"]["statuses"] == ["unknown"] and "fail" in entries["VPCE001"]["statuses"]
    assert not entries["VPCE019"]["on_by_default"]
    assert all(entry["fix"] and entry["examples"]["bad"] for entry in entries.values())


def test_rules_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["RULE", "SEVERITY", "NAME", "CHECKS"] and len(lines) == 1 + len(all_rules())


if __name__ == "__main__":
    DIRECTORY.mkdir(exist_ok=True)
    for name, text in pages().items():
        (DIRECTORY / name).write_text(text)

"""The table of fixtures by what they cover. ``python -m tests.test_fixture_table`` writes it anew."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.expectations import EXPECTED, FIXTURES, Run, read_yaml, runs
from vpce_checks.rules.registry import rule_ids

FILE = FIXTURES / "CONTENTS.md"
STATUSES = ("fail", "pass", "unknown", "ignored")
SIGNS = (
    ("Terraform Stacks", ("*.tfcomponent.hcl", "*.tfstack.hcl")),
    ("Terragrunt", ("terragrunt*.hcl", "terragrunt*.hcl.json")),
    ("Serverless Framework", ("serverless.yml",)),
    ("Terraform", ("*.tf", "*.tofu", "*.tf.json", "*.tofu.json")),
    ("CloudFormation", ("*",)),
)
"""The languages, each with the names of files that tell it. The first that fits counts."""


def language(folder: Path) -> str:
    """The language of a fixture."""
    if folder.name.startswith("plan-"):
        return "Plans"
    return next(name for name, patterns in SIGNS if any(next(folder.rglob(each), None) for each in patterns))


def rules_of(those: Iterable[Run]) -> dict[str, list[str]]:
    """The rules of which runs name a result, each with the statuses that it has."""
    found: dict[str, set[str]] = {}
    for run in those:
        for (rule, _, _), status in run.results.items():
            found.setdefault(rule, set()).update(status.split("+"))
    return {rule: [status for status in STATUSES if status in found[rule]] for rule in sorted(found)}


def table() -> str:
    """The page."""
    folders = sorted(path.parent for path in FIXTURES.glob(f"*/{EXPECTED}"))
    by_language: dict[str, list[Path]] = {}
    for folder in folders:
        by_language.setdefault(language(folder), []).append(folder)
    rules = {folder: rules_of(runs(folder)) for folder in folders}
    lines = [
        "# What the fixtures cover",
        "",
        "Written by `python -m tests.test_fixture_table`. The words of a fixture are those of its `expected.yaml`.",
        "",
        "## By rule",
        "",
        "How many fixtures of a language have the rule with a status: fail / pass / unknown.",
        "",
        f"| rule | {' | '.join(by_language)} |",
        f"|---|{'---|' * len(by_language)}",
    ]
    for rule in rule_ids():
        cells = [
            " / ".join(str(sum(status in rules[folder].get(rule, ()) for folder in those)) for status in STATUSES[:3])
            for those in by_language.values()
        ]
        lines.append(f"| {rule} | {' | '.join(cells)} |")
    for name, those in by_language.items():
        lines += ["", f"## {name}", "", "| fixture | what it shows | fails or is unknown |", "|---|---|---|"]
        for folder in those:
            about = " ".join(read_yaml(folder / EXPECTED)["about"].split())
            open = [rule for rule, statuses in rules[folder].items() if {"fail", "unknown"} & set(statuses)]
            lines.append(f"| [{folder.name}]({folder.name}) | {about.replace('|', '&#124;')} | {' '.join(open)} |")
    return "\n".join(lines) + "\n"


def test_the_table_is_true() -> None:
    assert FILE.read_text(encoding="utf-8") == table()


def test_every_rule_fails_and_passes_somewhere() -> None:
    """VPCE011 is never more than unknown."""
    found: dict[str, set[str]] = {}
    for folder in (path.parent for path in FIXTURES.glob(f"*/{EXPECTED}")):
        for rule, statuses in rules_of(runs(folder)).items():
            found.setdefault(rule, set()).update(statuses)
    assert {rule for rule in rule_ids() if "fail" not in found.get(rule, ())} == {"VPCE011"}


if __name__ == "__main__":
    FILE.write_text(table(), encoding="utf-8")

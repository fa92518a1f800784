"""What the YAML policies get wrong, counted, is what their README says. ``python -m tests.tools.test_yaml_policies
CHECKOV`` counts with a Checkov anew and writes the README."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.expectations import all_runs
from tests.tools.environments import REPOSITORY, Environment
from tests.tools.test_checkov_verdicts import checkov_command, is_plain, parse_records, told
from tests.tools.verdicts import Told, Verdict, same_resource, scanned

pytestmark = pytest.mark.slow

DIRECTORY = REPOSITORY / "policies" / "checkov-yaml"
README = DIRECTORY / "README.md"
TABLE = re.compile(r"(<!-- measured: .*? -->\n).*?(<!-- end -->)", re.S)
POLICIES = {
    "VPCEY001": ("VPCE001", False),
    "VPCEY002": ("VPCE002", False),
    "VPCEY004": ("VPCE004", False),
    "VPCEY101": ("VPCE001", True),
    "VPCEY102": ("VPCE002", True),
    "VPCEY104": ("VPCE004", True),
}
"""Each policy with the rule that it stands for, and whether it is for CloudFormation."""

MEASURED = (
    "auto-tfvars",
    "cfn-conditions",
    "cfn-find-in-map",
    "cfn-loops",
    "cfn-many-conditions",
    "cfn-nested-stacks",
    "cfn-route-tables",
    "count-zero",
    "dynamodb-interface",
    "endpoint-service-data",
    "gateway-without-route-table",
    "joined-name",
    "merged-maps",
    "module-for-each",
    "nested-modules",
    "region-from-data",
    "s3-interface-beside-gateway",
    "s3-interface-only",
    "setproduct-pairs",
    "two-regions",
    "two-roots",
    "vpc-dns-off",
    "yaml-driven",
)
COLUMNS = ("right", "failed though sound", "passed though not", "silent")


def count(tool: Environment) -> dict[str, dict[str, int]]:
    """By policy: how many blocks fall into each of COLUMNS."""
    runs = [run for run in all_runs() if run.fixture.name in MEASURED and is_plain(run)]
    assert {run.fixture.name for run in runs} == set(MEASURED)
    command = checkov_command([run.fixture for run in runs], DIRECTORY, "VPCEY*")
    records = parse_records(tool.run("checkov", *command, cwd=REPOSITORY, timeout=900))
    counts = {policy: dict.fromkeys(COLUMNS, 0) for policy in POLICIES}
    for run in runs:
        verdicts, reported = scanned(run, run.fixture), told(records, run.fixture)
        for policy, (rule, template) in POLICIES.items():
            ours = [each for each in verdicts if each.rule == rule and each.template == template]
            theirs = [each for each in reported if each.rule == policy]
            for column in _columns(ours, theirs):
                counts[policy][column] += 1
    return counts


def _columns(verdicts: Sequence[Verdict], reported: Iterable[Told]) -> Iterable[str]:
    """Where each block that has a certain verdict belongs. Several instances of one block are one, the worst."""
    reported = list(reported)
    seen: set[tuple[Path, str]] = set()
    for verdict in verdicts:
        block = (verdict.file, re.sub(r"\[[^\]]*\]", "", verdict.resource))
        if block in seen:
            continue
        seen.add(block)
        statuses = {each.status for each in verdicts if (each.file, re.sub(r"\[[^\]]*\]", "", each.resource)) == block}
        truth = "fail" if "fail" in statuses else "pass" if statuses == {"pass"} else None
        if truth is None:
            continue
        told_of_it = {each.status for each in reported if same_resource(verdict, each)}
        if not told_of_it:
            yield "silent"
        elif ("fail" in told_of_it) == (truth == "fail"):
            yield "right"
        else:
            yield "failed though sound" if truth == "pass" else "passed though not"


def table(counts: dict[str, dict[str, int]]) -> str:
    lines = [f"| policy | {' | '.join(COLUMNS)} |", "|---|" + "---|" * len(COLUMNS)]
    lines += [f"| {policy} | {' | '.join(str(row[each]) for each in COLUMNS)} |" for policy, row in counts.items()]
    return "\n".join(lines) + "\n"


def test_readme_tells_what_is_measured(checkov: Environment) -> None:
    measured = table(count(checkov))
    match = TABLE.search(README.read_text())
    assert match is not None
    assert match[0] == f"{match[1]}{measured}{match[2]}"


def test_policies_are_what_checkov_can_load() -> None:
    """One document a file and no tags: Checkov dies of anything else."""
    ids = set()
    for file in DIRECTORY.glob("*.yaml"):
        (document,) = yaml.safe_load_all(file.read_text())
        metadata: dict[str, Any] = document["metadata"]
        ids.add(metadata["id"])
        assert file.name.startswith(metadata["id"].lower())
        assert metadata["guideline"].startswith("https://docs.aws.amazon.com/")
    assert ids == set(POLICIES)


if __name__ == "__main__":
    measured = table(count(Environment(Path(sys.argv[1]).absolute().parent.parent)))
    README.write_text(TABLE.sub(lambda match: f"{match[1]}{measured}{match[2]}", README.read_text()))
    print(measured)

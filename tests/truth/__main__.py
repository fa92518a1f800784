"""``python -m tests.truth``: our reports and values beside what real Terraform makes of the same, and how many are equal.

* Fixtures are applied onto moto, and what is there afterwards compared (tests/truth/compare.py).
* Generated expressions and calls of functions are held against ``terraform console``.
* Generated configurations are planned, and our reports on the code and on the plan compared.
* Fixtures are written in JSON syntax and planned, and our reports on the code and on the plan compared.
* Generated provider settings are planned, and the tags and regions compared.

``python -m tests.truth FIXTURE...`` applies some fixtures, or any root modules, alone. Exits 1 on a difference.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.expectations import EXPECTED, Run, all_runs, bare_run, runs, scan
from tests.truth import ec2
from tests.truth.cases import Case, cases, check, is_terraform, skipped
from tests.truth.deploy import NotApplied
from tests.truth.environment import PROVIDER_VERSION, Tools, Unavailable, tools

WORKERS = 4
"""Applies at a time. An apply waits, most of its time, for an endpoint to become available."""

PARTS = ("fixtures", "expressions", "functions", "configurations", "applied", "json", "providers")

EXPRESSIONS = 5_000
"""How many expressions are drawn; some are drawn twice."""

ROUNDS = 20
"""How many calls are drawn of each function."""

PLANS = 30
"""How many plans of generated configurations are made: of 20 configurations each."""

APPLIES = 6
"""How many of them are applied as well."""

PROVIDER_PLANS = 30
"""How many plans of generated provider settings are made."""


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.truth", description="Compare what we say with what real Terraform makes of the same."
    )
    parser.add_argument(
        "fixture", nargs="*", help="a fixture's name, or any root module's folder (default: all of everything)"
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="do one part only; may be repeated")
    parser.add_argument("--expected-only", action="store_true", help="do not look at our own report on fixtures")
    options = parser.parse_args()
    parts = ["fixtures"] if options.fixture else options.only or PARTS
    try:
        found = tools()
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return 0
    # One console after the other reads this, and other settings of the user must not matter.
    os.environ["TF_CLI_CONFIG_FILE"] = str(found.cli_config)
    told: list[str] = []
    bad = 0
    if "fixtures" in parts:
        bad += _fixtures(found, options.fixture, options.expected_only, told)
    if "expressions" in parts:
        bad += _expressions(told)
    if "functions" in parts:
        bad += _functions(told)
    if "configurations" in parts:
        bad += _configurations(found, told)
    if "applied" in parts:
        bad += _applied(found, told)
    if "json" in parts:
        bad += _json_twins(found, told)
    if "providers" in parts:
        bad += _providers(found, told)
    print("\n".join(["", *told]))
    return 1 if bad else 0


def _fixtures(found: Tools, names: Sequence[str], expected_only: bool, told: list[str]) -> int:
    chosen = list(_chosen(names)) if names else all_runs()
    applied: list[Case] = []
    not_applied: dict[str, str] = {}
    for run in chosen:
        if reason := skipped(run):
            if is_terraform(run):
                not_applied[run.id] = reason
                print(f"skip  {run.id}: {reason}")
        else:
            applied += list(cases(run))
    # Before the threads start: a scan changes the working directory.
    reports: dict[str, dict[str, Any] | None] = {}
    for run in {case.run.id: case.run for case in applied}.values():
        reports[run.id] = None if expected_only else scan(run.fixture, run.args, run.env)[1]
    different: set[tuple[Path, str]] = set()
    bad = 0
    with ec2.server(found) as address, ThreadPoolExecutor(WORKERS) as pool:
        for case, lines, seconds in pool.map(lambda each: _one(each, found, address, reports[each.run.id]), applied):
            if lines:
                bad += 1
                different.add((case.run.fixture, case.root))
            print(f"{'DIFF' if lines else 'same':5} {case.id} ({seconds:.1f} s)")
            for line in lines:
                print("      " + line.replace("\n", "\n      "))
            sys.stdout.flush()
    roots = {(case.run.fixture, case.root) for case in applied}
    told.append(f"{len(roots) - len(different)} of {len(roots)} roots applied and equal ({len(applied)} applies)")
    if not names:
        told.append(
            f"{len(not_applied)} more cannot be applied with provider {PROVIDER_VERSION} and moto; the reasons stand above"
        )
    return bad


def _chosen(names: Sequence[str]) -> Iterator[Run]:
    everything = all_runs()
    for name in names:
        folder = Path(name).resolve()
        named = [run for run in everything if run.fixture.name == folder.name]
        yield from named or (list(runs(folder)) if (folder / EXPECTED).exists() else [bare_run(folder)])


def _expressions(told: list[str]) -> int:
    from tests.terraform.evaluation import compared, generated

    texts = generated(EXPRESSIONS, 3)
    equal = open_ = accepted = wrong = 0
    with tempfile.TemporaryDirectory(prefix="vpce-truth-") as scratch:
        for start in range(0, len(texts), 500):
            found = compared(texts[start : start + 500], Path(scratch))
            equal, wrong = equal + found.equal, wrong + len(found.wrong)
            open_, accepted = open_ + len(found.open), accepted + len(found.accepted)
            for each in found.wrong:
                print(f"DIFF  {each}")
    told.append(
        f"{equal} of {len(texts)} generated expressions equal to terraform console; of the others {open_} are left open, "
        f"{accepted} are accepted here and refused there, {wrong} differ"
    )
    return wrong


def _functions(told: list[str]) -> int:
    from tests.terraform.lang.functions.test_generated import compared

    with tempfile.TemporaryDirectory(prefix="vpce-truth-") as scratch:
        total, wrong = compared(ROUNDS, 2, Path(scratch))
    for each in wrong:
        print(f"DIFF  {each}")
    told.append(f"{total - len(wrong)} of {total} generated calls of functions equal to terraform console")
    return len(wrong)


def _configurations(found: Tools, told: list[str]) -> int:
    from tests.truth import generated, plan

    planned = refused = bad = 0
    with tempfile.TemporaryDirectory(prefix="vpce-truth-") as scratch:
        directory = Path(scratch)
        (directory / ".git").mkdir()  # the repository ends here
        plan.prepare(found, directory)
        for start in range(1, PLANS + 1):
            compared = generated.compared(start, found, directory)
            planned, refused = planned + len(compared.cases), refused + len(compared.refused)
            bad += len(compared.wrong) or bool(compared.differs)
            print(f"{'DIFF' if compared.differs else 'same':5} plan {start}: {len(compared.cases)} configurations")
            for line in (*compared.differs, *compared.wrong):
                print("      " + line.replace("\n", "\n      "))
            sys.stdout.flush()
    told.append(
        f"{planned - bad} of {planned} generated configurations planned and equal, the code and the plan ({refused} more "
        "are refused by Terraform)"
    )
    return bad


def _applied(found: Tools, told: list[str]) -> int:
    from tests.truth import generated, plan

    total = bad = 0
    for start in range(1, APPLIES + 1):
        with tempfile.TemporaryDirectory(prefix="vpce-truth-") as scratch, ec2.server(found) as address:
            directory = Path(scratch).resolve()
            (directory / ".git").mkdir()  # the repository ends here
            plan.prepare(found, directory)
            count, lines = generated.applied(start, found, address, directory)
        total, bad = total + count, bad + bool(lines)
        print(f"{'DIFF' if lines else 'same':5} apply {start}: {count} configurations")
        for line in lines:
            print("      " + line.replace("\n", "\n      "))
        sys.stdout.flush()
    told.append(f"{total} generated configurations applied, in {APPLIES} applies of which {bad} differ")
    return bad


def _json_twins(found: Tools, told: list[str]) -> int:
    from tests.terraform.plan.real import differences, make_plan

    planned = [case for run in all_runs() if skipped(run) is None for case in cases(run)]
    bad = 0
    with ec2.server(found) as address:
        for case in planned:
            with tempfile.TemporaryDirectory(prefix="vpce-truth-") as scratch:
                path = make_plan(found, address, case, Path(scratch) / "case", in_json=True)
                lines = differences(path, case, Path(scratch))
            bad += bool(lines)
            print(f"{'DIFF' if lines else 'same':5} {case.id} in JSON syntax")
            for line in lines:
                print(f"      {line}")
            sys.stdout.flush()
    told.append(
        f"{len(planned) - bad} of {len(planned)} fixtures planned in JSON syntax and equal, the code and the plan"
    )
    return bad


def _providers(found: Tools, told: list[str]) -> int:
    from tests.truth import providers

    bad = 0
    for start in range(PROVIDER_PLANS):
        with tempfile.TemporaryDirectory(prefix="vpce-truth-") as scratch:
            lines = providers.differences(start, found, Path(scratch))
        bad += bool(lines)
        print(f"{'DIFF' if lines else 'same':5} providers {start}")
        for line in lines:
            print(f"      {line}")
    told.append(
        f"{PROVIDER_PLANS - bad} of {PROVIDER_PLANS} generated sets of provider settings planned and equal "
        f"({providers.VPCS * PROVIDER_PLANS} VPCs)"
    )
    return bad


def _one(case: Case, found: Tools, address: str, report: dict[str, Any] | None) -> tuple[Case, list[str], float]:
    start = time.monotonic()
    try:
        lines = check(case, found, address, report)
    except NotApplied as error:
        lines = [f"not applied: {error}"]
    return case, lines, time.monotonic() - start


if __name__ == "__main__":
    sys.exit(main())

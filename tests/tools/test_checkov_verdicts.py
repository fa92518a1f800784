"""Checkov says of every resource of every fixture what ``vpce-checks scan`` says.

Of the fixtures that need no arguments, one Checkov scans some together, given many ``-d``; the others have one each.
Of these, every third is compared by default, and all with ``VPCE_CHECKS_HOSTS=all`` (``make hosts``). Plans are those of the
fixtures that are plans; the others are not planned for this.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.expectations import FIXTURES, Run, all_runs
from tests.tools.environments import REPOSITORY, Environment
from tests.tools.verdicts import Told, Verdict, compares_all, differences, documents, expressible, scanned

pytestmark = pytest.mark.slow

CARRIED = {
    "called-root-with-state": "Checkov looks at a directory only by its calls if there are any",
    "cfn-conditions": "Checkov drops resources whose condition is false by default",
    "cfn-defaults": "Checkov drops resources whose condition is false by default",
    "cfn-extensions": "Checkov does not expand Fn::ForEach",
    "cfn-parameter-store": "Checkov has one result for a resource that is in several stacks",
    "cfn-loops": "Checkov does not expand Fn::ForEach",
    "cfn-many-conditions": "Checkov drops resources whose condition is false by default",
    "cfn-serverless-files": "Checkov checks nothing of what a service includes, unless it is a template by itself",
    "cfn-template-engines": "Checkov drops resources whose condition is false by default",
    "cycles": "Checkov follows a module that calls itself once",
    "decoys": "Checkov looks at a module by itself and at its calls, also those that are never made",
    "early-sources": "Checkov follows no module call whose source is not written out",
    "plan-json-syntax": "Checkov names no types in what is written in JSON",
    "installed-modules": "Checkov does not look into .terraform/modules",
    "json-modules": "Checkov follows no module call that is written in JSON",
    "json-override": "Checkov reads .tf and .tf.json apart from each other",
    "provider-for-each": "Checkov does not load every instance of what chooses its provider by for_each",
    "template-bodies": "Checkov does not look into the template of a stack",
    "syntax-error": "Checkov reads nothing of a file with a syntax error",
}
"""Fixtures of which Checkov does not load every resource, and why: these are reported on another block. So it is with
the fixtures ``stub-...``, whose modules were not downloaded."""

REFUSED = {
    "cfn-copied-keys": "a key that is set twice",
    "cfn-rain-modules": "a type that is a tag",
    "cfn-serverless-syntax": "a service that chooses the signs of its variables",
    "opentofu-files": "files of OpenTofu",
    "terragrunt-registry": "the units of Terragrunt",
    "terragrunt-stack": "the units of Terragrunt",
    "terragrunt-units": "the units of Terragrunt",
    "terragrunt-unknown": "the units of Terragrunt",
}
"""Fixtures of which Checkov loads nothing, or which it breaks off at, and why."""

RUNS = all_runs()

TOGETHER = 10
"""How many fixtures one Checkov scans. For each further ``-d`` it checks again what it has loaded before."""

FRAMEWORKS = ("terraform", "terraform_json", "terraform_plan", "cloudformation", "serverless")
"""The others take half of the time, and have no rules of ours; tests/tools/test_checkov_ways.py runs all of them."""


def is_shared(run: Run) -> bool:
    """Whether one Checkov for many fixtures will do. Templates of one scan can import from each other, of JSON it does
    not tell from which of several directories it is, and of plans it loads those of one directory: not these."""
    if run.fixture.name in REFUSED:
        return False
    is_alone = run.fixture.name.startswith(("cfn-", "plan-"))
    return is_plain(run) and not is_alone and not any(run.fixture.rglob("*.tf.json"))


def is_carried(run: Run) -> bool:
    """Whether Checkov does not load every resource."""
    return run.fixture.name in CARRIED or run.fixture.name.startswith("stub-")


def is_plain(run: Run) -> bool:
    """Whether a run needs nothing but the files."""
    return not run.args and not run.env


def checkov_command(directories: Sequence[Path], checks: str | Path, select: str = "VPCE*") -> list[str]:
    """Checkov's arguments to scan ``directories`` one after the other with the checks of a directory."""
    paths = [argument for directory in directories for argument in ("-d", str(directory))]
    options = ["-o", "json", "--skip-download", "--framework", *FRAMEWORKS]
    return [*paths, "--external-checks-dir", str(checks), "-c", select, *options]


def parse_records(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Every record that Checkov has printed as JSON."""
    assert done.returncode in (0, 1), done.stderr[-2000:]
    return [
        {**record, "framework": document["check_type"]}
        for document in documents(done.stdout)
        if document.get("results")
        for status in ("passed_checks", "failed_checks", "skipped_checks")
        for record in document["results"][status]
    ]


def checkov_records(
    tool: Environment, directories: Sequence[Path], *arguments: str, **more: Any
) -> list[dict[str, Any]]:
    """Everything that Checkov reports for our checks, with ``directories`` scanned by one process."""
    where = tool.run("vpce-checks", "checkov-dir", cwd=REPOSITORY).stdout.strip()
    command = checkov_command(directories, where)
    return parse_records(tool.run("checkov", *command, *arguments, timeout=900, **{"cwd": directories[0], **more}))


@cache
def real(file: str) -> Path:
    """The real path; thousands of records name the same file."""
    return Path(file).resolve()


def told(records: Iterable[dict[str, Any]], directory: Path) -> list[Told]:
    """The records about the files below ``directory``."""
    found = []
    names = {"FAILED": "fail", "PASSED": "pass", "SKIPPED": "ignored"}
    for record in records:
        file = real(record["file_abs_path"])
        if record["framework"] == "terraform_json":  # its absolute path lacks the directory of the scan
            file = directory / record["file_path"].lstrip("/")
        if not file.is_relative_to(directory) or not file.exists():
            continue
        resource = record["resource"]
        if "::" in resource:
            resource = resource.partition(".")[2]
        text = "\n".join([record["check_name"], *(record["details"] or [])])
        found.append(Told(record["check_id"], names[record["check_result"]["result"]], file, resource, text))
    return found


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A copy of each fixture as a repository of its own: in one repository, their roots would be joined."""
    import fcntl

    top = tmp_path_factory.getbasetemp().parent / "checkov-fixtures"  # workers share it
    with open(f"{top}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in {run.fixture.name for run in RUNS if is_shared(run)}:
            if not (top / name / ".git").exists():
                shutil.copytree(FIXTURES / name, top / name, symlinks=True, dirs_exist_ok=True)
                (top / name / ".git").mkdir()
    return {each.name: each.resolve() for each in top.iterdir()}


@cache
def batch_of(name: str) -> tuple[str, ...]:
    """The fixtures that one Checkov scans together with the fixture ``name``."""
    names = list(dict.fromkeys(run.fixture.name for run in RUNS if is_shared(run)))
    start = names.index(name) // TOGETHER * TOGETHER
    return tuple(names[start : start + TOGETHER])


@pytest.fixture(scope="session")
def shared_records(
    checkov: Environment, copies: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], list[dict[str, Any]]]:
    """What Checkov reports for a fixture that needs no arguments, and for those of its batch."""
    import fcntl

    kept = tmp_path_factory.getbasetemp().parent / "checkov-records"  # workers share it
    kept.mkdir(exist_ok=True)

    @cache
    def records_of(batch: tuple[str, ...]) -> list[dict[str, Any]]:
        file = kept / f"{batch[0]}.json"
        with open(f"{file}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                records = checkov_records(checkov, [copies[name] for name in batch], cwd=REPOSITORY)
                file.write_text(json.dumps(records))
            found: list[dict[str, Any]] = json.loads(file.read_text())
            return found

    return lambda name: records_of(batch_of(name))


def compare(run: Run, verdicts: list[Verdict], reported: list[Told]) -> None:
    """Fail with every difference."""
    errors = [each for each in reported if each.rule == "VPCE000"]
    assert bool(errors) == (run.exit == 3), errors
    rest = [each for each in reported if each.rule != "VPCE000"]
    found = list(dict.fromkeys(differences(verdicts, rest, "VPCE999", is_carried(run))))
    assert not found, "\n".join(["", run.id, *found])


def chosen() -> list[Run]:
    """All of the runs where asked for, else those that share a Checkov, and every third of those that have one each."""
    alone = [run for run in RUNS if not is_shared(run) and run.fixture.name not in REFUSED]
    return RUNS if compares_all() else [run for run in RUNS if run in alone[::3] or run not in alone]


@pytest.mark.parametrize("run", chosen(), ids=lambda run: run.id)
def test_same_verdicts(run: Run, checkov: Environment, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if run.fixture.name in REFUSED:
        pytest.skip(f"Checkov reads none of {REFUSED[run.fixture.name]}")
    if is_shared(run):
        records = request.getfixturevalue("shared_records")(run.fixture.name)
        copy = request.getfixturevalue("copies")[run.fixture.name]
        compare(run, scanned(run, copy), told(records, copy))
        return
    given = expressible(run, tmp_path)
    if isinstance(given, str):
        pytest.skip(f"Checkov has nothing like {given}")
    directory, arguments = given
    compare(
        run,
        scanned(replace(run, args=tuple(arguments)), directory),  # as Checkov is told it, a variable is in a file
        told(checkov_records(checkov, [directory], *arguments, env=run.env), directory),
    )


@pytest.mark.parametrize(
    "name", ["merged-maps", "two-roots", "module-for-each", "ignores", "cfn-private-dns-parameter", "s3-interface-only"]
)
def test_same_verdicts_with_the_oldest_checkov(name: str, old_checkov: Environment) -> None:
    run = next(run for run in RUNS if run.fixture.name == name and is_plain(run))
    compare(run, scanned(run, run.fixture), told(checkov_records(old_checkov, [run.fixture]), run.fixture))


def test_exceptions_are_of_fixtures_that_exist() -> None:
    names = {run.fixture.name for run in RUNS}
    assert set(CARRIED) <= names

"""A scan of a stranger's repository reads nothing outside of it, starts nothing and connects to nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.expectations import FIXTURES, all_runs
from tests.files import audited
from tests.files.hostile import SECRET, hostile_tree, link, make_outside, remove_outside, write

TREE = Path(audited.__file__).parents[2]
PACKAGE = TREE / "vpce_checks"
INSTALLED = {sys.prefix, sys.base_prefix, *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib"))}
PYTHON_PATH = {os.path.realpath(place) for place in (*filter(None, sys.path), TREE)}
"""What Python imports from. Its names are looked at, for packages that bring rules."""
FORMATS = ("json", "sarif", "markdown", "junit", "github", "gitlab")
SECONDS = 60


def scan(repository: Path, log: Path, *arguments: str) -> tuple[int, str]:
    """The exit code and all that is printed."""
    command = [sys.executable, "-I", audited.__file__, str(log), str(TREE), "scan", *arguments]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(repository.parent / "outside"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command,
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout + done.stderr


def strange_events(log: Path, allowed: Iterable[Path]) -> list[tuple[str, str]]:
    """What was asked of the system but to read in ``allowed`` directories, in our package and in Python's files."""
    places = [os.path.realpath(place) for place in (*allowed, PACKAGE, PACKAGE.parent / "policies", *INSTALLED)]
    strange = []
    for line in log.read_text().splitlines():
        event, subject = json.loads(line)
        if event in audited.PATHS:
            real = os.path.realpath(subject)
            if event == "os.listdir" and real in PYTHON_PATH:
                continue
            if real == os.devnull or any(os.path.commonpath([real, place]) == place for place in places):
                continue
        strange.append((event, subject))
    return sorted(set(strange))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return hostile_tree(tmp_path / "world")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_hostile_tree(repository: Path, tmp_path: Path, jobs: str) -> None:
    log = tmp_path / "log"
    reports = tmp_path / "reports"
    reports.mkdir()
    formats = [word for name in FORMATS for word in ("--format", f"{name}={reports / name}")]
    code, output = scan(repository, log, ".", "--jobs", jobs, "--verbose", "--format", "text", *formats)
    assert code == 3, output
    for text in (output, *((reports / name).read_text() for name in FORMATS)):
        assert "internal error" not in text
        assert SECRET not in text
    assert strange_events(log, [repository, reports]) == []


def test_each_is_told_where_it_stands(repository: Path, tmp_path: Path) -> None:
    """What is not read is no secret, and the rest is scanned."""
    _, output = scan(repository, tmp_path / "log", ".", "--format", "json")
    report = json.loads(output[output.index("{") : output.rindex("}") + 1])
    told = {(item["file"], item["message"]) for root in report["roots"] for item in root["diagnostics"]}
    out = "this file is a link that leads outside the scanned repository; it is not read"
    values = "the file is outside the scanned repository; vpce-checks does not read it"
    pipe = "the file cannot be read: not a regular file"
    assert told >= {
        ("code/linked.tf", out),
        ("code/folder.tf", out),
        ("code/there-and-back.tf", out),
        ("terminal.tf", out),
        ("template.yaml", out),
        ("plans/linked.json", out),
        ("values/terraform.tfvars", values),
        ("values/a.auto.tfvars", values),
        ("linked-unit/terragrunt.hcl", values),
        ("linked-stack/terragrunt.stack.hcl", values),
        ("pipes/main.tf", pipe),
        ("pipes/terraform.tfvars", pipe),
        ("pipes/x.auto.tfvars", pipe),
        ("pipe-unit/terragrunt.hcl", pipe),
        ("pipe-stack/terragrunt.stack.hcl", pipe),
    }
    scanned = {finding["resource"] for finding in report["results"]}
    assert {"aws_vpc.main", "Vpc"} <= scanned


def test_named_values_and_roots(repository: Path, tmp_path: Path) -> None:
    """Names that are given go through the repository, too: what its links lead to is not what was named."""
    log = tmp_path / "log"
    named = ("values/other.tfvars", "nested/samconfig.toml")
    code, output = scan(
        repository, log, "--root", "values", "--root", "nested/t.json", "--var-file", named[0], "--parameters", named[1]
    )
    assert code == 3, output
    assert SECRET not in output
    assert strange_events(log, [repository]) == []


def test_a_named_file_may_lie_anywhere(repository: Path, tmp_path: Path) -> None:
    given = tmp_path / "given"
    write(given, {"name.tfvars": 'name = "given"\n', "module/main.tf": 'resource "aws_vpc" "given" {\n}\n'})
    (tmp_path / "alias.tfvars").symlink_to(given / "name.tfvars")
    (repository / "code/main.tf").write_text('module "up" {\n  source = "org/up/aws"\n}\n')
    log = tmp_path / "log"
    arguments = ("--var-file", str(tmp_path / "alias.tfvars"), "--module-source", f"org/up/aws={given / 'module'}")
    _, output = scan(repository, log, "--root", "code", "--format", "json", *arguments)
    assert "module.up.aws_vpc.given" in output
    assert strange_events(log, [repository, given]) == []


def test_what_exists_outside_changes_nothing(repository: Path, tmp_path: Path) -> None:
    reports = []
    for there in (True, False):
        (make_outside if there else remove_outside)(repository.parent)
        reports.append(scan(repository, tmp_path / "log", ".", "--format", "json"))
    assert reports[0] == reports[1]


@pytest.mark.parametrize(
    ("policy", "links"),
    [
        (None, {".vpce-checks.yaml": "../outside/policy.yaml"}),
        ("extends: ../outside/policy.yaml\n", {}),
        ("extends: ./linked/policy.yaml\n", {"linked": "../outside"}),
        ("modules:\n  org/m/aws: ../outside\n", {}),
        ("modules:\n  org/m/aws: linked/module\n", {"linked": "../outside"}),
        ("extends: ./pipe.yaml\n", {}),
    ],
)
def test_policies(tmp_path: Path, policy: str | None, links: dict[str, str]) -> None:
    top = tmp_path / "world"
    make_outside(top)
    write(top, {"outside/policy.yaml": f"gateway: [{SECRET}]\n"})
    repository = top / "repository"
    write(repository, {".git/config": "", "main.tf": 'resource "aws_vpc" "main" {\n}\n'})
    os.mkfifo(repository / "pipe.yaml")
    if policy is not None:
        write(repository, {".vpce-checks.yaml": policy})
    link(repository, links)
    log = tmp_path / "log"
    answers = []
    for there in (True, False):
        if not there:
            remove_outside(top)
        code, output = scan(repository, log, ".")
        assert code == 2, output
        assert SECRET not in output
        answers.append(output)
    assert answers[0] == answers[1]
    assert strange_events(log, [repository]) == []


def test_the_workspace_is_not_told_by_a_link(tmp_path: Path) -> None:
    """The first 200 characters of ``DIR/environment`` were the workspace's name, for a committed ``.terraform -> DIR``."""
    repository = hostile_tree(tmp_path, pipes=False)
    _, output = scan(repository / "workspace", tmp_path / "log", ".", "--format", "json")
    assert "aws_vpc_endpoint.named" in output
    assert SECRET not in output


def test_the_audit_sees_what_leaves(tmp_path: Path) -> None:
    """The test above cannot pass because nothing is seen."""
    write(tmp_path, {"a/main.tf": "", "b/x.tfvars": ""})
    log = tmp_path / "log"
    scan(tmp_path / "a", log, "--root", ".", "--var-file", "../b/x.tfvars")
    assert strange_events(log, [tmp_path / "a"]) == [("open", str(tmp_path / "b/x.tfvars"))]


def check_fixtures(fixtures: Iterable[Path], tmp_path: Path) -> None:
    """Scan copies of them, in which they are repositories."""
    for fixture in fixtures:
        run = next(run for run in all_runs() if run.fixture == fixture)
        copy = tmp_path / fixture.name
        shutil.copytree(fixture, copy, symlinks=True)
        (copy / ".git").mkdir(exist_ok=True)
        log = tmp_path / f"{fixture.name}.log"
        scan(copy, log, *run.args)
        assert strange_events(log, [copy]) == [], fixture.name


def named_fixtures() -> list[Path]:
    """Every fixture, in order of name."""
    return sorted({run.fixture for run in all_runs()})


def test_some_fixtures(tmp_path: Path) -> None:
    check_fixtures(named_fixtures()[::80], tmp_path)


@pytest.mark.slow
def test_all_fixtures(tmp_path: Path) -> None:
    assert FIXTURES.is_dir()
    check_fixtures(named_fixtures(), tmp_path)

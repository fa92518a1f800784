"""Processes and executors change how long a scan takes, and nothing else."""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, ClassVar, NoReturn

import pytest

from bench.inputs import monorepo
from tests.expectations import all_runs
from tests.expectations import scan as run_scan
from vpce_checks.cli import progress
from vpce_checks.execution import process, workers
from vpce_checks.execution.dask import DaskError, cluster
from vpce_checks.execution.scan import scan
from vpce_checks.model.roots import Root
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.project import Project
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import Style, render

forks = pytest.mark.skipif(sys.platform != "linux", reason="what a test has changed gets into forked processes only")


def as_json(report: Report) -> str:
    return render("json", report, Style(os.getcwd()))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes at once."""
    monkeypatch.setattr(workers, "PATIENCE", -1.0)


@pytest.fixture(params=["threads", pytest.param("processes", marks=pytest.mark.slow)])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    spawn = multiprocessing.get_context("spawn")
    with ThreadPoolExecutor(3) if request.param == "threads" else ProcessPoolExecutor(2, spawn) as pool:
        yield pool


@pytest.mark.usefixtures("impatient")
def test_jobs(many_fixtures: Path, report_on_fixtures: Report) -> None:
    assert as_json(scan(ScanOptions(paths=(str(many_fixtures),)), jobs=3)) == as_json(report_on_fixtures)


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_spawned_processes(many_fixtures: Path, report_on_fixtures: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert as_json(scan(ScanOptions(paths=(str(many_fixtures),)), jobs=2)) == as_json(report_on_fixtures)


def test_a_project_can_be_sent_to_a_new_process(tmp_path: Path) -> None:
    """Where processes are not forked, as on macOS and Windows."""
    monorepo(tmp_path, 2)
    options = ScanOptions(paths=(str(tmp_path),), environment=MappingProxyType({"TF_VAR_a": "b"}))
    sent = pickle.loads(pickle.dumps(Project(options)))
    assert [root.path for batch in sent.batches() for root in batch.roots()] == [
        root.path for root in scan(options).roots
    ]


@pytest.mark.usefixtures("impatient")
def test_repositories_beside_each_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        monorepo(tmp_path / name, 4, modules=2)
    options = ScanOptions(paths=tuple(str(tmp_path / name) for name in ("one", "two")), networks=False)
    alone = scan(options)
    assert len(alone.roots) == 8
    assert as_json(scan(options, jobs=2)) == as_json(alone)


def test_any_executor(many_fixtures: Path, report_on_fixtures: Report, executor: Executor) -> None:
    assert as_json(scan(ScanOptions(paths=(str(many_fixtures),)), executor)) == as_json(report_on_fixtures)


class Liar(ThreadPoolExecutor):
    """Workers that answer with something else than reports."""

    answers: tuple[Any, ...] = (b"", b"x" * 100, pickle.dumps([1]), None, ["no", "bytes"], b"[[]]")

    def submit(self, work: Any, /, *arguments: Any, **more: Any) -> Any:
        answer = self.answers[len(self.asked) % len(self.answers)]
        self.asked.append(arguments)
        return super().submit(lambda: answer)

    asked: ClassVar[list[Any]] = []


def test_what_workers_send_is_read_as_data(tmp_path: Path) -> None:
    monorepo(tmp_path / "repository", 12, modules=2)
    options = ScanOptions(paths=(str(tmp_path / "repository"),))
    with Liar(2) as liars:
        assert as_json(scan(options, liars, jobs=1)) == as_json(scan(options))
        assert len(liars.asked) >= len(Liar.answers)


def test_networks_that_workers_have_read_are_read_here(tmp_path: Path) -> None:
    monorepo(tmp_path / "repository", 2, modules=2)
    options = ScanOptions(paths=(str(tmp_path / "repository"),))
    with ThreadPoolExecutor(2) as pool:
        assert scan(options, pool).roots == scan(options).roots


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_every_run_of_every_fixture(tmp_path: Path) -> None:
    """With the options of the fixtures, by processes and out of the cache: the same code, the same report."""
    for run in all_runs():
        plain = run_scan(run.fixture, (*run.args, "--jobs", "1"), run.env)
        for more in (["--jobs", "2"], ["--cache", str(tmp_path)], ["--cache", str(tmp_path), "--jobs", "2"]):
            assert run_scan(run.fixture, (*run.args, *more), run.env) == plain, (run.id, more)


def test_few_roots_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 10.0)  # seconds: what is few takes less on any machine
    monkeypatch.setattr(workers.Workers, "_start", lambda self: pytest.fail("a process was started"))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text('resource "aws_vpc" "a" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    assert scan(ScanOptions(paths=(str(tmp_path),)), jobs=8).root_count == 2


def test_progress(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    monorepo(tmp_path, 5, modules=2)
    scan(ScanOptions(paths=(str(tmp_path),)), progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(1, 6)]


# --- what goes wrong -----------------------------------------------------------------------------------------------


def ends_in(name: str, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process end that scans the root ``name``, ``times`` times."""
    honest, tests = workers.scan_root, os.getpid()

    def scan_root(project: Project, root: Root) -> RootReport:
        if os.path.basename(root.path) == name and os.getpid() != tests:
            for time in range(times):
                try:
                    (tmp_path / f"ended-{time}").touch(exist_ok=False)
                except FileExistsError:
                    continue
                os._exit(9)
        return honest(project, root)

    monkeypatch.setattr(workers, "scan_root", scan_root)


@forks
@pytest.mark.usefixtures("impatient")
def test_a_worker_that_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monorepo(tmp_path / "repository", 8)
    options = ScanOptions(paths=(str(tmp_path / "repository"),))
    alone = as_json(scan(options))
    ends_in("root-0003", 1, tmp_path, monkeypatch)
    assert as_json(scan(options, jobs=2)) == alone
    assert (tmp_path / "ended-0").exists()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("given", [0, 1])
def test_a_machine_that_gives_fewer_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: int) -> None:
    monorepo(tmp_path, 8)
    options = ScanOptions(paths=(str(tmp_path),))
    alone = as_json(scan(options))
    left = [process.Process] * given

    def make(*of: Any) -> process.Process:
        if not left:
            raise BlockingIOError("Resource temporarily unavailable")
        return left.pop()(*of)

    monkeypatch.setattr(process, "Process", make)
    assert as_json(scan(options, jobs=3)) == alone
    assert not left
    assert gc.isenabled()


@forks
@pytest.mark.usefixtures("impatient")
def test_a_root_that_kills_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monorepo(tmp_path / "repository", 8)
    options = ScanOptions(paths=(str(tmp_path / "repository"),))
    alone = {root.path: root for root in scan(options).roots}
    ends_in("root-0003", 100, tmp_path, monkeypatch)
    report = scan(options, jobs=2)
    assert not report.complete
    for root in report.roots:
        if os.path.basename(root.path) == "root-0003":
            assert [item.severity for item in root.diagnostics] == ["error"]
            assert "the process that scanned this root ended" in root.diagnostics[0].message
        else:
            assert root.findings == alone[root.path].findings


@forks
@pytest.mark.slow
def test_interrupted(tmp_path: Path) -> None:
    """Ctrl-C reaches the whole group of processes, and none of them is left a moment later."""
    monorepo(tmp_path, 1500)
    started = subprocess.Popen(
        [sys.executable, "-m", "vpce_checks", "scan", str(tmp_path), "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children")
    while started.poll() is None and len(children.read_text().split()) < 2:
        time.sleep(0.02)
    os.killpg(started.pid, signal.SIGINT)
    _, told = started.communicate(timeout=20)
    assert (started.returncode, told) == (130, "vpce-checks: interrupted\n")
    for _ in range(100):
        try:
            os.killpg(started.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("a process is left")


# --- the bar -------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def talkative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SILENCE", 0.0)
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)


@pytest.mark.usefixtures("talkative")
def test_bar_at_a_terminal() -> None:
    stream = Terminal()
    with progress.progress_bar(stream) as tell:
        tell(1, 4)
        assert stream.getvalue() == "\r[#######.......................] 1 of 4 roots"
    assert stream.getvalue().endswith("\r\x1b[K")


@pytest.mark.usefixtures("talkative")
@pytest.mark.parametrize("where", ["CI", "pipe", "short scan"])
def test_no_bar(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO() if where == "pipe" else Terminal()
    if where == "CI":
        monkeypatch.setenv("CI", "true")
    if where == "short scan":
        monkeypatch.setattr(progress, "SILENCE", 60.0)
    with progress.progress_bar(stream) as tell:
        tell(1, 4)
    assert stream.getvalue() == ""


def test_a_dask_client_that_waits_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error is no OSError in Python 3.10: https://docs.python.org/3/library/asyncio-exceptions.html"""

    class LateError(Exception):
        pass

    def client(address: str, **options: object) -> NoReturn:
        raise LateError

    distributed = ModuleType("distributed")
    distributed.__dict__.update(Client=client, TimeoutError=LateError)
    monkeypatch.setitem(sys.modules, "distributed", distributed)
    with pytest.raises(DaskError, match="no Dask scheduler answers"), cluster("tcp://127.0.0.1:9"):
        pass

"""Processes that answer one thing after another, and what is told of those that do not."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from vpce_checks.execution.process import AHEAD, Failed, Process, read_answer, ready, wait_for_all


def _begin(*given: Any) -> None:
    pass


def _double(text: str) -> str:
    return text * 2


def _fail(argument: Any) -> None:
    raise ValueError(argument)


def _die(how: int) -> None:
    os.kill(os.getpid(), how)


def _pid(argument: Any) -> int:
    return os.getpid()


def _where(argument: Any) -> str:
    return os.getcwd()


def answer(process: Process) -> Any:
    return read_answer(process.answer()[1])


def test_answers_in_order() -> None:
    process = Process(_begin)
    assert process.request(_double, "a") and process.request(_double, "b")
    assert ready([process]) == [process]
    assert process.answer()[0] == "a"
    assert answer(process) == "bb"
    assert ready([process]) == []
    process.end()


def test_large_requests_wait_for_the_one_before() -> None:
    """Both sides writing more than the other has room for would be the end of both."""
    process, large = Process(_begin), "x" * 10 * AHEAD
    assert process.request(_double, large)
    assert not process.request(_double, large)
    assert answer(process) == large * 2
    assert process.request(_double, large)
    assert answer(process) == large * 2
    process.end()


def test_an_exception_is_told_and_the_process_goes_on() -> None:
    process = Process(_begin)
    process.request(_fail, "never mind")
    process.request(_double, "b")
    assert answer(process) == Failed("ValueError")
    assert answer(process) == "bb"
    process.end()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_an_end_is_told_of_all_that_was_asked() -> None:
    process = Process(_begin)
    process.request(_die, signal.SIGKILL)
    process.request(_double, "b")
    assert [answer(process), answer(process)] == [Failed("killed by signal 9")] * 2
    assert not process.request(_double, "c")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_hears_no_interrupt() -> None:
    process = Process(_begin)
    process.request(_die, signal.SIGINT)
    assert answer(process) is None
    process.end()


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_ends_by_itself_also_beside_others() -> None:
    one, other = Process(_begin), Process(_begin)
    one.request(_pid, None)
    pid = answer(one)
    other.end()
    one.end()
    for _ in range(200):
        status = Path(f"/proc/{pid}/status")
        if not status.exists() or "Z (zombie)" in status.read_text():
            return
        time.sleep(0.02)
    pytest.fail("it is still there")


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_nothing_is_imported_from_the_current_directory(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python that is started anew looks there first, and it may be a stranger's."""
    for module in ("multiprocessing", "runpy", "pickle", "json", "signal", "vpce_checks"):
        (tmp_path / f"{module}.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'a').write({module!r})\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.platform", platform)
    process = Process(_begin)
    assert process.request(_where, None)
    assert answer(process) == str(tmp_path)
    process.end()
    wait_for_all()
    assert os.getcwd() == str(tmp_path)
    assert not (tmp_path / "mark").exists()

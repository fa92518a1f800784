"""What the benchmarks measure with, and how they judge."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench import measure
from bench.measure import Command, Failed, Measured, Spread, in_turns, once
from bench.report import markdown
from bench.works import Bar, Work

MEGABYTES_80 = "data = bytearray(80_000_000)"


def _python(code: str, *arguments: str, codes: frozenset[int] = frozenset({0})) -> Command:
    return Command((sys.executable, "-S", "-c", code, *arguments), codes)


def test_memory_and_cpu_are_those_of_the_command() -> None:
    small, large = once(_python("pass")), once(_python(MEGABYTES_80))
    assert large["peak"] - small["peak"] > 70_000_000
    spin = once(_python("import time\nwhile time.process_time() < 0.2: pass"))
    assert spin["cpu"] >= 0.2
    sleep = once(_python("import time; time.sleep(0.2)"))
    assert sleep["wall"] >= 0.2
    assert sleep["cpu"] < sleep["wall"]


def test_a_bare_interpreter_is_the_least_that_can_be_measured() -> None:
    """What this process holds must not be counted among what the command peaks at."""
    held = bytearray(120_000_000)
    assert once(_python("pass"))["peak"] < len(held)


def test_commands_run_in_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    write = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    measured = in_turns({name: _python(write, str(log), name) for name in "ab"}, seconds=0.001)
    assert set(measured) == {"a", "b"}
    assert log.read_text() == "ab"  # slower than the seconds given to each: not warmed up
    log.unlink()
    measured = in_turns({name: _python(write, str(log), name) for name in "ab"}, seconds=1)
    runs = measured["a"].runs
    assert runs >= 3
    assert log.read_text().startswith("ab" * 4)


def test_another_exit_code_is_no_measurement() -> None:
    assert once(_python("raise SystemExit(1)", codes=frozenset({0, 1})))["code"] == 1
    with pytest.raises(Failed, match="ended with 7"):
        once(_python("raise SystemExit(7)"))


def test_a_command_runs_in_its_directory(tmp_path: Path) -> None:
    command = _python("import os, sys; sys.exit(os.path.realpath(os.curdir) != sys.argv[1])", str(tmp_path.resolve()))
    assert once(replace(command, directory=tmp_path))["code"] == 0
    with pytest.raises(Failed):
        once(command)


def test_what_comes_before_a_command_is_done_each_time(tmp_path: Path) -> None:
    done: list[int] = []
    command = Command((sys.executable, "-S", "-c", "pass"), before=lambda: done.append(1))
    runs = in_turns({"a": command}, seconds=0.05)["a"].runs
    assert len(done) in (runs, runs + 1)


def _measured(wall: float, peak: int = 0) -> Measured:
    return Measured(Spread(wall, wall, wall), Spread(wall, wall, wall), peak, 3)


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (Bar("", "slow", "fast", at_least=4), True),
        (Bar("", "slow", "fast", at_least=4.1), False),
        (Bar("", "slow", "fast", below=4.1), True),
        (Bar("", "slow", "fast", below=4), False),
        (Bar("", "fast", below=0.6), True),
        (Bar("", "slow", below=2), False),
        (Bar("", "slow", below=60, bytes=True), True),
        (Bar("", "slow", below=50, bytes=True), False),
    ],
)
def test_a_bar(bar: Bar, met: bool) -> None:
    assert bar.met({"fast": _measured(0.5), "slow": _measured(2, peak=50)}) is met


def test_the_report_says_what_is_not_met() -> None:
    bars = (Bar("half as long", "fast", "slow", below=0.5), Bar("as long", "slow", "fast", at_least=5))
    work = Work("some work", {}, bars, size=1_500_000, reference="fast")
    text = markdown([(work, {"fast": _measured(0.5), "slow": _measured(2)})], {"python": "3"}, 2, "0123456789abcdef")
    assert "| some work | half as long | 25.0% | met |" in text
    assert "| some work | as long | 4.0 times | **not met** |" in text
    assert "## Some work (1.50 MB)" in text
    assert "| slow | 2.00 s (2.00 s to 2.00 s) |" in text
    assert "`0123456789ab`" in text


def test_what_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "LIMIT", 1)
    read = in_turns({"slow": _python("import time; time.sleep(60)")}, 0.1)["slow"]
    assert (read.is_stopped, read.runs) == (True, 1) and 1 <= read.wall.median < 30

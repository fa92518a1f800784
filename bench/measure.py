"""Measures commands in turns, so that what else the machine does falls on all of them alike."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CLOCK = Path(__file__).with_name("clock.py")
STEERING = ("TF_", "AWS_", "PYTHON", "GITHUB_", "CHECKOV", "CKV_", "NO_COLOR", "VIRTUAL_ENV", "CI")


LIMIT = 120
"""Seconds after which a command is stopped: its time is then known to be more."""

STOPPED = -9
"""The exit code of a command that was stopped."""


class Failed(Exception):
    """A command ended with an exit code that it must not end with: what it took means nothing."""


@dataclass(frozen=True)
class Command:
    """What is measured: a program with its arguments."""

    arguments: tuple[str, ...]
    codes: frozenset[int] = frozenset({0})  # the exit codes of a run that did its work
    before: Callable[[], None] | None = None  # makes the same start for each repetition; not measured
    directory: Path | None = None  # where it runs; None: here


@dataclass(frozen=True)
class Spread:
    """The middle and the ends of several readings of one thing."""

    median: float
    least: float
    most: float


@dataclass(frozen=True)
class Measured:
    """What a command took: seconds of wall clock and of CPU, bytes at the peak of its largest process. At least that much
    if it was stopped."""

    wall: Spread
    cpu: Spread
    peak: int
    runs: int
    is_stopped: bool = False


def in_turns(commands: Mapping[str, Command], seconds: float) -> dict[str, Measured]:
    """Run each of ``commands`` once to warm up, then all of them in turns, each for about ``seconds`` in all.

    That is 3 to 25 runs; a command that takes longer than ``seconds`` by itself is run once, and not warmed up. After LIMIT
    seconds it is stopped.
    Raises ``Failed`` if one ends with a code that is not among its ``codes``.
    """
    first = {name: once(command) for name, command in commands.items()}
    slow = {name for name, reading in first.items() if reading["wall"] > seconds}
    runs = {name: 0 if name in slow else _runs(seconds, first[name]["wall"]) for name in commands}
    readings = {name: [first[name]] if name in slow else [] for name in commands}
    for turn in range(max(runs.values(), default=0)):
        for name, command in commands.items():
            if turn < runs[name]:
                readings[name].append(once(command))
    return {name: _summary(each) for name, each in readings.items()}


def _runs(seconds: float, wall: float) -> int:
    return max(3, min(25, round(seconds / max(wall, 0.001))))


def once(command: Command) -> dict[str, float]:
    """One run: ``wall`` and ``cpu`` in seconds, ``peak`` in bytes, ``code``."""
    if command.before is not None:
        command.before()
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-E", str(CLOCK), str(LIMIT), *command.arguments],
        env=environment(),
        cwd=command.directory,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    reading: dict[str, float] = json.loads(done.stdout)
    if reading["code"] not in command.codes and not _is_stopped(reading):
        raise Failed(f"{' '.join(command.arguments)}: ended with {reading['code']:.0f}")
    return reading


def _is_stopped(reading: Mapping[str, float]) -> bool:
    return reading["code"] == STOPPED and reading["wall"] >= LIMIT


def environment() -> dict[str, str]:
    """The environment of this process without what steers the programs under measure."""
    return {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}


def _summary(readings: Sequence[Mapping[str, float]]) -> Measured:
    def spread(key: str) -> Spread:
        values = [reading[key] for reading in readings]
        return Spread(statistics.median(values), min(values), max(values))

    peak = int(max(each["peak"] for each in readings))
    return Measured(spread("wall"), spread("cpu"), peak, len(readings), any(map(_is_stopped, readings)))

"""``python -m bench.scaling``: how CPU time grows with the size of each shape of input, as an exponent."""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Command, once
from bench.shapes import SHAPES, Shape

FAILURES = frozenset({0, 1, 3})  # 3: the shape holds modules that are not there
FORMAT = ("--format", "json=/dev/null")


@dataclass(frozen=True)
class Growth:
    """CPU seconds of a shape at each size, beyond those of a scan of its smallest form."""

    shape: Shape
    seconds: Mapping[int, float]

    @property
    def exponent(self) -> float:
        """The slope of a straight line through the logarithms of sizes and seconds (least squares)."""
        return statistics.linear_regression(
            [math.log(size) for size in self.seconds], [math.log(spent) for spent in self.seconds.values()]
        ).slope

    @property
    def met(self) -> bool:
        """Whether it grows no faster than it may."""
        return self.exponent <= self.shape.below


def measure(program: Path, shape: Shape, runs: int = 3) -> Growth:
    """Scan a shape in its four sizes, in turns, ``runs`` times each. The least of each counts: others only add to it."""
    with tempfile.TemporaryDirectory() as made:
        commands = {size: _scan(program, shape, Path(made) / str(size), size) for size in (1, *shape.sizes)}
        readings: dict[int, list[float]] = {size: [] for size in commands}
        for _ in range(runs):
            for size, command in commands.items():
                readings[size].append(once(command)["cpu"])
        shutil.rmtree(made, ignore_errors=True)
    start = min(readings.pop(1))
    return Growth(shape, {size: max(min(each) - start, 0.001) for size, each in readings.items()})


def _scan(program: Path, shape: Shape, directory: Path, size: int) -> Command:
    shape.make(directory, size)
    return Command((str(program), "scan", str(directory), "--jobs", "1", *(shape.options or FORMAT)), FAILURES)


def table(growths: Sequence[Growth]) -> Iterator[str]:
    """The lines of a Markdown table: a shape a line."""
    yield "| shape | sizes | CPU at these sizes | exponent | must | |"
    yield "|---|---|---|---|---|---|"
    for growth in growths:
        sizes = ", ".join(f"{size:,}" for size in growth.seconds)
        spent = ", ".join(f"{seconds:.2f}" for seconds in growth.seconds.values())
        verdict = "met" if growth.met else "**not met**"
        yield (
            f"| {growth.shape.title} | {sizes} | {spent} s | {growth.exponent:.2f} | {growth.shape.below:.2f} | {verdict} |"
        )


def main(arguments: list[str] | None = None) -> int:
    """Measure the shapes that the command line names. The exit code is 1 if one grows faster than it may."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description=__doc__)
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=f"of {', '.join(SHAPES)} (default: all)")
    parser.add_argument("--runs", type=int, default=3, help="how often each size is scanned (default: 3)")
    parser.add_argument("--program", type=Path, default=Path(sys.executable).with_name("vpce-checks"))
    options = parser.parse_args(arguments)
    unknown = set(options.shapes) - SHAPES.keys()
    if unknown:
        parser.error(f"no shape is called {', '.join(sorted(unknown))}")
    growths = []
    for name in options.shapes or SHAPES:
        growths.append(measure(options.program, SHAPES[name], options.runs))
        print(list(table(growths))[-1], file=sys.stderr, flush=True)
    print("\n".join(table(growths)))
    return 0 if all(growth.met for growth in growths) else 1


if __name__ == "__main__":
    sys.exit(main())

"""``python -m tests.fuzz``: scan damaged inputs, in processes of their own, and print what goes wrong."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from tests.fuzz.child import keep, work
from tests.fuzz.inputs import make_input

BATCH = 400
"""How many inputs one process scans: enough to pay for its start, few enough that no cache of it grows large."""


def fuzz(seed: int, first: int, inputs: int, seconds: float, jobs: int) -> tuple[int, dict[int, list[str]]]:
    """Scan up to ``inputs`` inputs for up to ``seconds``: how many were scanned, and what is wrong by their number."""
    end = time.monotonic() + seconds
    batches = iter([range(at, min(at + BATCH, first + inputs)) for at in range(first, first + inputs, BATCH)])
    wrong: dict[int, list[str]] = {}
    scanned = 0
    lock = Lock()

    def worker() -> None:
        nonlocal scanned
        while time.monotonic() < end:
            with lock:
                batch = next(batches, None)
            if batch is None:
                return
            for number, found in _run(seed, batch, end):
                with lock:
                    scanned += 1
                    if found:
                        wrong[number] = found
                        print(f"seed {seed} input {number} ({make_input(seed, number).seed.name}):", flush=True)
                        print(*(f"  {line}" for line in found), sep="\n", flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        for each in [pool.submit(worker) for _ in range(jobs)]:
            each.result()
    return scanned, wrong


def _run(seed: int, batch: range, end: float) -> Iterator[tuple[int, list[str]]]:
    """Scan a batch. An input that ends its process is told of, and the rest go to another."""
    while batch and time.monotonic() < end:
        command = [sys.executable, "-m", "tests.fuzz", "--child", str(seed), str(batch.start), str(batch.stop)]
        begun = batch.start
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None and child.stderr is not None
            for line in child.stdout:
                told = json.loads(line)
                begun = told.get("begun", begun)
                if "done" in told:
                    batch = range(told["done"] + 1, batch.stop)
                    yield told["done"], told["wrong"]
                    if time.monotonic() > end:
                        child.kill()
                        return
            said = child.stderr.read()
        if batch:
            yield begun, [f"the process ended with {child.returncode}: {said[:1200]}"]
            batch = range(begun + 1, batch.stop)


def _child(seed: int, first: int, last: int) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever is printed past our hands must not mix with the answers

    def tell(what: dict[str, Any]) -> None:
        answers.write(json.dumps(what) + "\n")
        answers.flush()

    work(seed, range(first, last), tell)
    answers.flush()
    os._exit(0)


def main() -> int:
    """The command line. Exits with 1 if anything is wrong."""
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="how many at most (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=1e9, help="for how long at most (default: until all are done)")
    parser.add_argument("--seed", type=int, help="which run to do again (default: a new one, printed)")
    parser.add_argument("--first", type=int, default=0, help="the first input (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="processes (default: the cores)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the inputs that go wrong in DIR")
    parser.add_argument("--child", type=int, nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        _child(*given.child)
    seed = given.seed if given.seed is not None else random.randrange(10**6)
    print(f"seed {seed}", flush=True)
    start = time.monotonic()
    scanned, wrong = fuzz(seed, given.first, given.inputs, given.seconds, given.jobs)
    print(f"seed {seed}: {scanned} inputs in {time.monotonic() - start:.0f} s, {len(wrong)} of them wrong")
    if given.keep is not None:
        for number in wrong:
            keep(make_input(seed, number), given.keep / f"{seed}-{number}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

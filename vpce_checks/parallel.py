"""Scanning many roots at once: in processes of this machine, or on any executor that it is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.look import is_recording, recording, remember
from vpce_checks.scan import RootReport, scan_root
from vpce_checks.source import Diagnostic
from vpce_checks.survey import Root, Survey

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from vpce_checks.look import Seen

PATIENCE = 0.4
"""Seconds of work, done or still ahead at the pace so far, from which on starting processes pays."""

CHUNKS = 6
"""How many chunks a process gets: few to spare messages, several so that none waits long for another."""

RECURSION_LIMIT = 6_000
"""As deep as the evaluation of any root may go."""

MAX_CHUNK = 50
"""How many roots are scanned in one go at most, so that no answer gets too large."""


class Scanned(NamedTuple):
    """The report on a root, and what was seen of files for it (nothing where nobody asked)."""

    report: RootReport
    seen: Seen


Done = Callable[[int], None]
"""Told of every so many roots that they are scanned."""


def scan_all(survey: Survey, roots: Sequence[Root], executor: Executor | None, jobs: int, done: Done) -> list[Scanned]:
    """The reports on ``roots``, in their order. In this process until that turns out to take long; then by up to ``jobs``
    processes, or from the start by ``executor``."""
    if executor is not None:
        workers = jobs if jobs > 1 else os.cpu_count() or 1
        return _by(executor, _Sent(survey, is_recording()), roots, workers, done)
    scanned: list[Scanned] = []
    start = monotonic()
    for at, root in enumerate(roots):
        spent = monotonic() - start
        ahead = spent / at * (len(roots) - at) if at else 0.0
        if jobs > 1 and len(roots) - at > 1 and spent > PATIENCE / 4 and ahead > PATIENCE:
            return scanned + _by_processes(survey, roots[at:], min(jobs, len(roots) - at), done)
        scanned.append(_scanned(survey, root, is_recording()))
        done(1)
    return scanned


def _scanned(survey: Survey, root: Root, watch: bool) -> Scanned:
    with recording(watch) as seen:
        report = scan_root(survey, root)
    return Scanned(report, seen)


def _chunks(roots: Sequence[Root], workers: int) -> Iterator[Sequence[Root]]:
    size = max(1, min(MAX_CHUNK, -(-len(roots) // (workers * CHUNKS))))
    return (roots[at : at + size] for at in range(0, len(roots), size))


# --- processes of our own ------------------------------------------------------------------------------------------

_inherited: tuple[Survey, bool] | None = None
"""What a forked process takes over instead of being sent it: with everything that has been read so far."""


def _by_processes(survey: Survey, roots: Sequence[Root], jobs: int, done: Done) -> list[Scanned]:
    import gc
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    global _inherited
    forks = sys.platform == "linux"  # elsewhere a forked Python is not to be relied upon
    context = multiprocessing.get_context("fork" if forks else "spawn")
    work: _Inherited | _Sent = _Inherited() if forks else _Sent(survey, is_recording())
    _inherited = (survey, is_recording())
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # so that the processes need not copy what they only read
    pool = ProcessPoolExecutor(jobs, context, _be_quiet_about_interrupts)
    try:
        return _by(pool, work, roots, jobs, done)
    except BaseException:  # Ctrl-C: nobody wants to wait for what is under way
        for process in multiprocessing.active_children():
            process.kill()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        _inherited = None
        gc.unfreeze()


def _be_quiet_about_interrupts() -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one hears it too, and says so


class _Inherited:
    """The work of a process that was forked while the scan went on."""

    def __call__(self, roots: Sequence[Root]) -> list[Scanned]:
        assert _inherited is not None
        survey, watch = _inherited
        return [_scanned(survey, root, watch) for root in roots]


# --- any executor --------------------------------------------------------------------------------------------------

_received: dict[str, Survey] = {}
"""The survey that this process works on, by its mark: it comes anew with every chunk, what was read should not go."""


class _Sent:
    """The work of a process that may be anywhere, as long as it sees the same files."""

    def __init__(self, survey: Survey, watch: bool) -> None:
        self._survey = survey
        self._watch = watch
        self._mark = f"{os.getpid()}-{id(survey)}-{monotonic()}"

    def __call__(self, roots: Sequence[Root]) -> list[Scanned]:
        sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))  # one for all threads
        survey = _received.get(self._mark)
        if survey is None:
            _received.clear()
            survey = _received[self._mark] = self._survey
        return [_scanned(survey, root, self._watch) for root in roots]


def _by(
    executor: Executor, work: Callable[[Sequence[Root]], list[Scanned]], roots: Sequence[Root], workers: int, done: Done
) -> list[Scanned]:
    """Scan on an executor. A chunk whose worker died is given out again, root by root; a root that a worker dies of
    twice is an error of that root."""
    from concurrent.futures import as_completed

    chunks = list(_chunks(roots, workers))
    found: dict[Root, Scanned] = {}
    lost: list[Root] = []
    futures: dict[Future[list[Scanned]], Sequence[Root]] = {}
    try:
        for chunk in chunks:
            futures[executor.submit(work, chunk)] = chunk
    except RuntimeError:  # a pool that broke while it was being filled
        lost += [root for chunk in chunks[len(futures) :] for root in chunk]
    try:
        for future in as_completed(futures):
            chunk = futures[future]
            try:
                found.update(zip(chunk, future.result(), strict=True))
            except Exception:
                lost += chunk
            done(len(chunk))
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    for root in lost:
        found[root] = _once_more(work, root)
    for scanned in found.values():
        remember(scanned.seen)
    return [found[root] for root in roots]


def _once_more(work: Callable[[Sequence[Root]], list[Scanned]], root: Root) -> Scanned:
    """Scan a root in a process of its own, whose end ends nothing else."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("fork" if isinstance(work, _Inherited) else "spawn")
    with ProcessPoolExecutor(1, context, _be_quiet_about_interrupts) as pool:
        try:
            return pool.submit(work, [root]).result()[0]
        except Exception as error:
            message = f"the process that scanned this root ended: {type(error).__name__}"
            return Scanned(RootReport(root.path, root.kind, diagnostics=(Diagnostic("error", message, root.path),)), {})

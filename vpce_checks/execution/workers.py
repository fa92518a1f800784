"""Scanning many roots at once: in processes of this machine, or on any executor that it is given."""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock  # threading would take longer to import
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from vpce_checks.base.record import record
from vpce_checks.execution import gc_tuning
from vpce_checks.execution.scan_root import scan_root
from vpce_checks.files.containment import is_within
from vpce_checks.files.real_paths import RealPaths
from vpce_checks.files.tracked import is_recording, recording, remember
from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.project import Project
from vpce_checks.project.results import RootReport

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from vpce_checks.execution.process import Process
    from vpce_checks.files.tracked import Footprint
    from vpce_checks.model.roots import Root

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 0.3
"""Seconds of work still ahead, at the pace so far, from which on starting processes pays."""

TRIAL = 0.04
"""Seconds after which the pace is taken to be known."""

MANY = 200
"""So many directories or roots take long whatever the pace."""

CHUNKS = 6
"""How many chunks a worker of an executor gets: few to spare messages, several so that none waits long for another."""

MAX_CHUNK = 50
"""How many roots are scanned in one go at most, so that no answer gets too large."""

RECURSION_LIMIT = 6_000
"""As deep as the evaluation of any root may go."""


@record
class Scanned:
    """The report on a root, and what was seen of files for it (nothing where nobody asked)."""

    report: RootReport
    footprint: Footprint


Done = Callable[[int], None]
"""Called with the number of roots that were scanned since the last call."""


def _scanned(project: Project, root: Root, *, watch: bool) -> Scanned:
    with recording(wanted=watch) as footprint:
        report = scan_root(project, root)
    return Scanned(report, footprint)


def _chunk_size(count: int, workers: int) -> int:
    return max(1, min(MAX_CHUNK, -(-count // (workers * CHUNKS))))


def _empty_report(root: Root, message: str) -> RootReport:
    problem = Diagnostic("error", message, root.path)
    return RootReport(root.path, root.kind, diagnostics=(problem,), deployment=root.deployment.name)


def _given_up(root: Root, reason: str) -> Scanned:
    message = f"the process that scanned this root ended: {reason}"
    return Scanned(_empty_report(root, message), {})


class _Pace:
    """Whether a loop of ``total`` steps will take long, judged by the steps so far."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._start = monotonic()

    def is_long(self) -> bool:
        spent = monotonic() - self._start
        if self._done == 0 or spent < TRIAL:
            return PATIENCE < 0  # only ever in tests
        left = self._total - self._done
        return left > 1 and spent / self._done * left > PATIENCE

    def step(self) -> None:
        self._done += 1


class _Search:
    """What the candidates of one language call, of which ``left`` were not asked for yet."""

    def __init__(self, candidates: Iterable[str]) -> None:
        self.left = dict.fromkeys(candidates)
        self.pace = _Pace(len(self.left))
        self.is_shared_out = False
        self.found: dict[str, tuple[set[str], Footprint]] = {}


# --- processes of our own ------------------------------------------------------------------------------------------


class Workers:
    """Up to ``jobs`` processes of this machine, none of them started before there is enough to do.

    Each keeps what it has parsed, so a root goes, if possible, to the one that has looked into its directory.
    """

    def __init__(self, project: Project, jobs: int) -> None:
        self._project = project
        self._jobs = jobs
        self._processes: list[Process] = []
        self._searches: dict[tuple[str, Hashable], _Search] = {}
        self._home: dict[str, int] = {}

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        for process in self._processes:
            if error is None:
                process.end()
            else:  # Ctrl-C: nobody wants to wait for what is under way
                process.kill()
        if self._processes:
            self._processes = []
            self._collect_again()

    def _start(self) -> bool:
        """Start the processes. False where the machine has none to give: then all is done here."""
        import gc

        from vpce_checks.execution.process import Process

        self._collects = gc.isenabled()
        gc.freeze()  # so that the processes need not copy what they only read
        gc.disable()  # from here on this process does nothing but receive
        try:
            with suppress(OSError):
                for _ in range(self._jobs):
                    self._processes.append(Process(partial(_begin, self._project, watch=is_recording())))
        except BaseException:
            self._collect_again()
            raise
        if not self._processes:
            self._jobs = 1
            self._collect_again()
        return bool(self._processes)

    def _collect_again(self) -> None:
        import gc

        if self._collects:
            gc.enable()
            gc.unfreeze()

    # -- looking for roots ---------------------------------------------------------------------------------------

    def called(self, language: str, directory: str, scope: Hashable) -> set[str]:
        """:meth:`vpce_checks.project.project.Project.calls`. It is taken that all candidates of ``language`` will be
        asked for."""
        search = self._searches.get((language, scope))
        if search is None:
            search = self._searches[language, scope] = _Search(self._beside(language, directory))
        if (
            not search.is_shared_out
            and self._jobs > 1
            and (self._processes or (self._is_much(search) and self._start()))
        ):
            self._look_into(language, search, scope)
        search.left.pop(directory, None)
        search.pace.step()
        if directory in search.found:
            found, footprint = search.found[directory]
            remember(footprint)
            return found
        return self._project.calls(language, directory, scope)

    def _beside(self, language: str, directory: str) -> list[str]:
        """Return all candidates of ``language`` in the repository of one of them."""
        places = [place for place in self._project.walked.values() if place.of(language)]
        around = {place.boundary for place in places if is_within(directory, place.boundary)}
        found = {path for place in places if place.boundary in around for path in place.of(language)}
        return sorted(map(RealPaths(), found))

    def _is_much(self, search: _Search) -> bool:
        """Whether it takes long to look into what is left. Many directories do, but for two cases: looks are recorded (a cache
        may know of most), or only a change is scanned (few are parsed)."""
        is_clear = len(search.left) >= MANY and not is_recording() and self._project.options.changed is None
        return is_clear or search.pace.is_long()

    def _look_into(self, language: str, search: _Search, scope: Hashable) -> None:
        """Let the processes look into what is left. The directories of a process that died are looked into here."""
        search.is_shared_out = True
        count, directories = len(self._processes), list(search.left)
        share = -(-len(directories) // count)
        queues = [directories[at * share : (at + 1) * share] for at in range(count)]
        for worker, part, found in _share_out(self._processes, queues, partial(_look_into, language, scope)):
            self._home.update(dict.fromkeys(part, worker))
            if found is not None:
                search.found.update(zip(part, found, strict=True))

    # -- scanning ------------------------------------------------------------------------------------------------

    def scan(self, roots: Sequence[Root], done: Done) -> list[Scanned]:
        """The reports on ``roots``, in their order."""
        scanned: dict[Root, Scanned] = {}
        pace = _Pace(len(roots))
        for at, root in enumerate(roots):
            much = self._processes or len(roots) >= MANY or pace.is_long()
            if self._jobs > 1 and much and (self._processes or self._start()):
                scanned.update(self._scan_together(roots[at:], done))
                break
            scanned[root] = _scanned(self._project, root, watch=is_recording())
            pace.step()
            done(1)
            gc_tuning.sweep()
        return [scanned[root] for root in roots]

    def _scan_together(self, roots: Sequence[Root], done: Done) -> dict[Root, Scanned]:
        queues: list[list[Root]] = [[] for _ in self._processes]
        share = -(-len(roots) // len(self._processes))
        for at, root in enumerate(roots):
            queues[self._home.get(root.path, at // share)].append(root)
        scanned: dict[Root, Scanned] = {}
        lost: list[Root] = []
        for _, chunk, found in _share_out(self._processes, queues, _scan_roots):
            if found is None:
                lost += chunk
            else:
                scanned.update(zip(chunk, found, strict=True))
            done(len(chunk))
        scanned.update(_once_more(self._project, lost, watch=is_recording()))
        for each in scanned.values():
            remember(each.footprint)
        return scanned


def _share_out(
    processes: list[Process], queues: list[list[T]], work: Callable[[list[T]], list[R]]
) -> Iterator[tuple[int, list[T], list[R] | None]]:
    """Let every process do its queue chunk by chunk, then help the one that has most left.

    Yields the process, the chunk, and what ``work`` made of it: None where the process died.
    """
    from vpce_checks.execution.process import Failed, read_answer, ready

    def hand_out(process: Process, own: list[T]) -> None:
        queue = own or max(queues, key=len)
        size = max(1, min(MAX_CHUNK, len(queue) // 3))  # ever smaller, so that all are done at the same time
        if queue and process.request(work, queue[:size]):
            del queue[:size]

    for _ in range(2):  # each has its next chunk at hand when it is done with one
        for process, queue in zip(processes, queues, strict=True):
            hand_out(process, queue)
    while found := ready(processes):
        for process in found:
            worker = processes.index(process)
            chunk, data = process.answer()
            hand_out(process, queues[worker])
            made = read_answer(data)
            yield worker, chunk, None if isinstance(made, Failed) else made
    for worker, queue in enumerate(queues):
        if queue:
            yield worker, queue, None


_project: Project | None = None
"""In a worker: what it works on."""

_watch = False


def _begin(project: Project, *, watch: bool) -> None:
    global _project, _watch
    _project, _watch = project, watch
    gc_tuning.take_over()


def _look_into(language: str, scope: Hashable, directories: list[str]) -> list[tuple[set[str], Footprint]]:
    assert _project is not None
    found = []
    for directory in directories:
        with recording(wanted=_watch) as footprint:
            called = _project.calls(language, directory, scope)
        found.append((called, footprint))
    return found


def _scan_roots(roots: list[Root]) -> list[Scanned]:
    assert _project is not None
    scanned = []
    for root in roots:
        scanned.append(_scanned(_project, root, watch=_watch))
        gc_tuning.sweep()
    return scanned


def _once_more(project: Project, roots: Iterable[Root], *, watch: bool) -> dict[Root, Scanned]:
    """Scan each root whose worker died in a process of its own, whose end ends nothing else. A root of which a second
    process dies is an error of that root."""
    from vpce_checks.execution.process import Failed, Process, read_answer

    scanned: dict[Root, Scanned] = {}
    for root in roots:
        try:
            process = Process(partial(_begin, project, watch=watch))
        except OSError as error:
            scanned[root] = _given_up(root, f"a second process could not be started: {error.strerror}")
            continue
        asked = process.request(_scan_roots, [root])
        made = read_answer(process.answer()[1]) if asked else Failed("it could not be started")
        process.end()
        scanned[root] = _given_up(root, made.reason) if isinstance(made, Failed) else made[0]
    return scanned


# --- any executor --------------------------------------------------------------------------------------------------


def scan_on(executor: Executor, project: Project, roots: Sequence[Root], workers: int, done: Done) -> list[Scanned]:
    """The reports on ``roots``, in their order, by an executor whose workers see the same files."""
    from concurrent.futures import as_completed

    work = _Sent(project, watch=is_recording())
    size = _chunk_size(len(roots), workers)
    chunks = [roots[at : at + size] for at in range(0, len(roots), size)]
    scanned: dict[Root, Scanned] = {}
    lost: list[Root] = []
    futures: dict[Future[bytes], Sequence[Root]] = {}
    try:
        for chunk in chunks:
            futures[executor.submit(work, chunk)] = chunk
    except RuntimeError:  # an executor that broke while it was being filled
        lost += [root for chunk in chunks[len(futures) :] for root in chunk]
    try:
        for future in as_completed(futures):
            chunk = futures[future]
            try:
                scanned.update(zip(chunk, _received_reports(project, chunk, future.result()), strict=True))
            except Exception:  # its worker has failed, or has sent something else
                lost += chunk
            done(len(chunk))
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    scanned.update(_once_more(project, lost, watch=is_recording()))
    for each in scanned.values():
        remember(each.footprint)
    return [scanned[root] for root in roots]


def _received_reports(project: Project, roots: Sequence[Root], data: bytes) -> Iterator[Scanned]:
    """What a worker made of ``roots``. It comes over a network, so it is read as data only. Raises Malformed."""
    from vpce_checks.execution.kept import give_back, scans

    for root, (kept, footprint) in zip(roots, scans().unpack(data), strict=True):
        yield Scanned(give_back(kept, partial(project.read, root)), footprint)


_received: dict[str, Project] = {}
"""The project that this process works on, by its mark: it comes anew with every chunk, what was read should not go."""


_one_at_a_time = allocate_lock()
"""Held by the thread that scans: a project is for one thread, and two would not be faster."""


class _Sent:
    """The work of a process that may be anywhere, as long as it sees the same files."""

    def __init__(self, project: Project, *, watch: bool) -> None:
        self._project = project
        self._watch = watch
        self._mark = f"{os.getpid()}-{id(project)}-{monotonic()}"

    def __call__(self, roots: Sequence[Root]) -> bytes:
        from vpce_checks.execution.kept import keep, scans

        sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))  # one for all threads
        with _one_at_a_time:
            project = _received.get(self._mark)
            if project is None:
                _received.clear()
                project = _received[self._mark] = self._project
            done = [_scanned(project, root, watch=self._watch) for root in roots]
        return scans().pack(tuple((keep(each.report), each.footprint) for each in done))

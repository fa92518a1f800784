"""Processes of this machine that do one thing after another and answer each, without a thread to wait on them.

Why not ``concurrent.futures.ProcessPoolExecutor``, forked and with an initializer: it cannot send a root to the process
that has already parsed its modules, and if one process dies it gives up the work of all. Measured on 400 roots that share
16 modules, two processes, lower quartile of 15 interleaved runs on a busy machine: 2.84 s of CPU time here and 3.44 s with
the executor, 6.3 and 7.3 s elapsed.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

AHEAD = 64 * 1024 if sys.platform == "linux" else 4 * 1024
"""Bytes of a request that surely fit between two processes: it may be sent before the one before it is answered. With
more, each could wait for the other to read."""


class Failed(NamedTuple):
    """In the place of an answer: why there is none."""

    reason: str


class Process:
    """A process that ``begin()`` prepares for its work. It ignores Ctrl-C: its parent ends it."""

    def __init__(self, begin: Callable[[], None]) -> None:
        # Elsewhere a forked Python is not to be relied upon. What is forked has all that was read so far.
        context: Any = get_context("fork" if sys.platform == "linux" else "spawn")
        self.connection, theirs = context.Pipe()
        self._waiting: deque[Any] = deque()
        given = (os.getcwd(), self.connection, theirs, begin)
        self._process = context.Process(target=_serve, args=given, daemon=True)
        sys.stdout.flush()
        sys.stderr.flush()
        with _no_interrupts(), _away_from_here(context):
            self._process.start()
        theirs.close()

    @property
    def is_busy(self) -> bool:
        """Whether it has something to do."""
        return bool(self._waiting)

    def request(self, work: Callable[[Any], Any], argument: Any) -> bool:
        """Let it do ``work(argument)``, after what it has to do already. False if it cannot be asked now."""
        data = pickle.dumps((work, argument), protocol=5)
        if self._waiting and len(data) > AHEAD:
            return False
        try:
            self.connection.send_bytes(data)
        except OSError:  # it has ended
            return False
        self._waiting.append(argument)
        return True

    def answer(self) -> tuple[Any, bytes]:
        """What was asked first, and its answer, for :func:`read_answer`. Waits for it."""
        try:
            data = self.connection.recv_bytes()
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode or 0
            how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
            data = pickle.dumps(Failed(how), protocol=5)
        return self._waiting.popleft(), data

    def end(self) -> None:
        """Let it end by itself, while the parent goes on."""
        self.connection.close()
        _ending[:] = [process for process in _ending if process.is_alive()]
        _ending.append(self._process)

    def kill(self) -> None:
        """End it now, whatever it is doing."""
        self._process.kill()
        self.connection.close()


_ending: list[Any] = []


def wait_for_all() -> None:
    """Wait for the processes that were asked to end, before their parent ends itself."""
    while _ending:
        _ending.pop().join()


def ready(processes: list[Process]) -> list[Process]:
    """Those that have an answer. Waits until one has, if any is busy."""
    busy: dict[Any, Process] = {process.connection: process for process in processes if process.is_busy}
    return [busy[connection] for connection in wait(list(busy))] if busy else []


def read_answer(data: bytes) -> Any:
    """What the work gave back, or :class:`Failed`."""
    return pickle.loads(data)


def _serve(here: str, ours: Connection, theirs: Connection, begin: Callable[[], None]) -> None:
    os.chdir(here)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ours.close()  # so that the end of the parent, which has the only other copy, is noticed
    begin()
    while True:
        try:
            work, argument = pickle.loads(theirs.recv_bytes())
        except (EOFError, OSError):
            return
        try:
            data = pickle.dumps(work(argument), protocol=5)
        except Exception as error:
            data = pickle.dumps(Failed(type(error).__name__), protocol=5)
        try:
            theirs.send_bytes(data)
        except OSError:
            return


@contextmanager
def _away_from_here(context: Any) -> Iterator[None]:
    """Be in a directory from which nobody else has a new Python import: it starts with ``-c``, so it looks into the
    current directory first, which is a stranger's. It goes to where its parent is once it has begun."""
    if context.get_start_method() == "fork":
        yield
        return
    before = os.getcwd()
    os.chdir(os.path.dirname(os.path.realpath(sys.executable)))
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back. A process that starts meanwhile never hears it."""
    if os.name != "posix":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

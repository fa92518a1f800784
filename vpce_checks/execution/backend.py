"""How a scan is done for the command line: in how many processes, where, with which cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from vpce_checks.execution.scan import Progress, scan
from vpce_checks.files.errors import CacheError

if TYPE_CHECKING:
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.results import Report


class EngineError(Exception):
    """A way to scan that is not possible, in words."""


@contextmanager
def engine(
    jobs: int | None, cache: str | None, dask: str | None, progress: Progress
) -> Iterator[Callable[[ScanOptions], Report]]:
    """A :func:`vpce_checks.execution.scan.scan` with up to ``jobs`` processes (default: one a core), or on the Dask
    cluster of the scheduler ``dask``; with verdicts kept in the directory ``cache``. Raises EngineError."""
    try:
        if dask is None:
            yield partial(scan, jobs=jobs or _cores(), cache=cache, progress=progress)
            return
        from vpce_checks.execution.dask import DaskError, cluster

        try:
            with cluster(dask) as (executor, threads):
                yield partial(scan, executor=executor, jobs=threads, cache=cache, progress=progress)
        except DaskError as error:
            raise EngineError(str(error)) from error
    except CacheError as error:
        raise EngineError(str(error)) from error


def _cores() -> int:
    """How many processors this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1

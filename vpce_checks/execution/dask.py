"""Scanning on a Dask cluster, whose workers see the same files under the same paths.

https://distributed.dask.org/en/stable/client.html
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import NamedTuple

TIMEOUT = 20
"""Seconds to wait for a scheduler, and then for its first worker."""


class DaskError(Exception):
    """A cluster that cannot be used, in words."""


class Cluster(NamedTuple):
    """A connected cluster: an executor, and how many tasks it takes at once."""

    executor: Executor
    threads: int


@contextmanager
def cluster(address: str) -> Iterator[Cluster]:
    """Connect to the scheduler at ``address``. Raises DaskError."""
    try:
        from distributed import Client
        from distributed import TimeoutError as Late
    except ImportError as error:
        raise DaskError("Dask is not installed here; install it beside vpce-checks: pip install distributed") from error
    try:
        client = Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, Late, ValueError, TypeError) as error:
        raise DaskError(f"no Dask scheduler answers at {address}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=TIMEOUT)  # they may be starting still
        except (OSError, Late) as error:
            raise DaskError(f"the Dask cluster at {address} has no workers after {TIMEOUT} seconds") from error
        yield Cluster(client.get_executor(pure=False), sum(client.nthreads().values()))

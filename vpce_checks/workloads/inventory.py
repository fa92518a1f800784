"""List the workloads of a network. Each family of them has a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vpce_checks.model.network import Network
from vpce_checks.model.workload import Workload
from vpce_checks.reach.indexes import once
from vpce_checks.reach.parts import Parts, parts_of
from vpce_checks.workloads import (
    batch,
    beanstalk,
    containers,
    data,
    functions,
    hosts,
    kubernetes,
    plain,
    pollers,
    runners,
)
from vpce_checks.workloads.environments import with_environments
from vpce_checks.workloads.roles import with_roles
from vpce_checks.workloads.running import runs

Family = Callable[[Parts], Iterator[Workload]]

FAMILIES: tuple[Family, ...] = (
    plain.workloads,
    functions.workloads,
    pollers.workloads,
    hosts.workloads,
    containers.workloads,
    batch.workloads,
    kubernetes.workloads,
    data.workloads,
    runners.workloads,
    beanstalk.workloads,
)


def workloads_of(network: Network) -> tuple[Workload, ...]:
    """Return the workloads of ``network`` that run in subnets, with what they certainly or likely call."""
    return once(network, "workloads", lambda: _list(network)) if network.parts else ()


def _list(network: Network) -> tuple[Workload, ...]:
    parts = parts_of(network)
    found = [each for family in FAMILIES for each in family(parts) if each.subnets is not None and _runs(parts, each)]
    return tuple(with_environments(parts, with_roles(parts, found)))


def _runs(parts: Parts, workload: Workload) -> bool:
    """Return whether nothing switches a workload off."""
    part = parts.of_address(workload.address, workload.kind)
    return part is None or runs(parts, part)

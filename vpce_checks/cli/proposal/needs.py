"""Which packs and services the workloads ask for.

Only certain calls count. An interface endpoint costs money: it is proposed for a service that is called from where nothing else
leads there, or that an endpoint serves already. What leaves by a NAT gateway today is a question to the user.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.record import record
from vpce_checks.policy.glob import matches_address
from vpce_checks.policy.packs import Pack, list_packs
from vpce_checks.policy.paths import declared_in
from vpce_checks.policy.services import service_problem
from vpce_checks.report import relative
from vpce_checks.rules.workload_calls import FREE

if TYPE_CHECKING:
    from vpce_checks.cli.proposal.seen import SeenCall, SeenVpc

WORKLOADS = {
    "ecs-ec2": ("host", "scaling_group", "compute"),
    "ecs-fargate": ("event_target", "schedule", "service", "task_set"),
    "eks-private": ("nodes", "pods"),
    "glue": ("glue_connection",),
    "mwaa": ("airflow",),
    "sagemaker-studio": ("notebook", "studio"),
    "ssm-managed": ("host", "instance", "scaling_group"),
}
"""The kinds of workloads that a pack is for (``Workload.kind``). Packs that are not here are for no workload, or
require nothing."""

_WAYS = {
    "nat": "the calls leave by a NAT gateway today",
    "public": "the calls leave by an internet gateway today",
    "unknown": "it is not known how the calls leave",
}


@record
class ProposedPack:
    """A pack, and why it is proposed. ``doubt`` says why it is not certain; "" if it is."""

    name: str
    why: str
    doubt: str


@record
class ProposedService:
    """An interface service with its callers, in words. ``doubt`` says why it is not certain; "" if it is."""

    service: str
    why: str
    doubt: str = ""


@record
class ProposedVpc:
    """What one VPC needs beyond the others: the globs that name it, and the services."""

    address: str
    path: str
    services: tuple[ProposedService, ...]


@record
class Needs:
    """What a policy file may require. ``likely`` are services that only roles show."""

    packs: tuple[ProposedPack, ...]
    required: tuple[ProposedService, ...]
    vpcs: tuple[ProposedVpc, ...]
    likely: tuple[str, ...]


def find_needs(vpcs: Sequence[SeenVpc], directory: str) -> Needs:
    """Return what ``vpcs``, all that the policy file in ``directory`` judges, need."""
    needed = [_needed(vpc) for vpc in vpcs]
    packs = tuple(filter(None, (_proposed(pack, vpcs) for pack in list_packs() if pack.name in WORKLOADS)))
    chosen = {pack.name for pack in packs if not pack.doubt}
    covered = {service for pack in list_packs() if pack.name in chosen for service in pack.interface}
    everywhere = set.intersection(*(set(each) for each in needed)) - covered if needed else set()
    required = [ProposedService(name, _callers(vpcs, (), name)) for name in sorted(everywhere)]
    asked = covered | everywhere
    required += _doubtful(vpcs, needed, asked)
    entries = []
    for vpc, own in zip(vpcs, needed, strict=True):
        left = sorted(own - asked)
        if left:
            services = tuple(ProposedService(name, _callers([vpc], (), name)) for name in left)
            entries.append(ProposedVpc(vpc.address, _path(vpc, vpcs, directory), services))
    certain = {call.service for vpc in vpcs for call in vpc.calls if call.certain}
    likely = {call.service for vpc in vpcs for call in vpc.calls} - certain - set(FREE)
    nearest_first = sorted(entries, key=lambda entry: -entry.path.count("/"))
    return Needs(packs, tuple(required), tuple(nearest_first), tuple(sorted(likely)))


def _is_interface(call: SeenCall) -> bool:
    return call.certain and call.service not in FREE and not service_problem(call.service, "interface")


def _needed(vpc: SeenVpc) -> set[str]:
    """Return the services that ``vpc`` needs an interface endpoint for, or has one for and uses it."""
    return {call.service for call in vpc.calls if _is_interface(call) and call.way in ("none", "endpoint")}


def _doubtful(vpcs: Sequence[SeenVpc], needed: Sequence[set[str]], asked: set[str]) -> Iterable[ProposedService]:
    """Yield the services that are certainly called, and could do without an endpoint."""
    ways: dict[str, str] = {}
    users: dict[str, list[SeenVpc]] = {}
    for vpc, own in zip(vpcs, needed, strict=True):
        for call in vpc.calls:
            if _is_interface(call) and call.service not in own | asked:
                ways.setdefault(call.service, _WAYS[call.way])
                users.setdefault(call.service, []).append(vpc)
    for service in sorted(ways):
        yield ProposedService(service, _callers(users[service], (), service), ways[service])


def _proposed(pack: Pack, vpcs: Sequence[SeenVpc]) -> ProposedPack | None:
    """Return what is to be said of a pack; None if there is no workload that it is for."""
    wanted = {*pack.interface, *pack.gateway}
    fitting: list[SeenVpc] = []
    doubtful: list[SeenVpc] = []
    doubts: list[str] = []
    for vpc in vpcs:
        own = [call for call in vpc.calls if call.kind in WORKLOADS[pack.name]]
        if not any(call.service in (pack.interface or pack.gateway) for call in own):
            continue
        missing = sorted(wanted - {call.service for call in own if call.certain})
        open_ways = [call.way for call in own if call.service in pack.interface and call.way in _WAYS]
        if missing:
            doubts.append(f"nothing certainly calls {', '.join(missing)}")
        elif open_ways:
            doubts.append(_WAYS[open_ways[0]])
        else:
            fitting.append(vpc)
            continue
        doubtful.append(vpc)
    if not fitting and not doubts:
        return None
    why = (
        f"{pack.description}: {_callers(fitting or doubtful, WORKLOADS[pack.name], *(pack.interface or pack.gateway))}"
    )
    if len(fitting) == len(vpcs):
        return ProposedPack(pack.name, why, "")
    if fitting:
        return ProposedPack(pack.name, why, f"only {len(fitting)} of {len(vpcs)} VPCs need it")
    return ProposedPack(pack.name, why, doubts[0])


def _callers(vpcs: Sequence[SeenVpc], kinds: Sequence[str], *services: str) -> str:
    """Return in words which workloads of ``kinds`` (empty: of any) call one of ``services``, the surest first."""
    found = [
        (not call.certain, call.caller if vpc.root in (os.curdir, call.caller) else f"{call.caller} in {vpc.root}")
        for vpc in vpcs
        for call in vpc.calls
        if call.service in services and (not kinds or call.kind in kinds)
    ]
    names = list(dict.fromkeys(name for _, name in sorted(found, key=lambda each: each[0])))
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _path(vpc: SeenVpc, vpcs: Sequence[SeenVpc], directory: str) -> str:
    """Return a path that, with its address, names ``vpc`` and no VPC of another root, if there is one."""
    declared = vpc.vpc.declared
    files = [*(call.span.file for call in declared.calls), declared.span.file]
    candidates = [path for path in (vpc.root, *(relative(file, directory) for file in files)) if path != os.curdir]
    fitting = [path for path in candidates if declared_in(declared, path, directory)]
    others = [each.vpc for each in vpcs if each.root != vpc.root and matches_address(vpc.address, each.address)]
    for path in fitting:
        if not any(declared_in(other.declared, path, directory) for other in others):
            return path
    return fitting[0] if fitting else ""

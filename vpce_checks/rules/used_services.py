"""Which services the workloads of each VPC call, how sure that is, and what serves the calls."""

from __future__ import annotations

from collections.abc import Iterable

from vpce_checks.base.record import record
from vpce_checks.model.network import Network
from vpce_checks.model.workload import Certainty
from vpce_checks.policy import Policy
from vpce_checks.rules.workload_calls import Outcome, outcomes_in


@record
class UsedService:
    """A service that ``callers`` (addresses, the surest first) call from ``vpc``. ``certainty`` is that of the surest one.
    ``served_by`` says in words where the calls go."""

    vpc: str
    service: str
    certainty: Certainty
    callers: tuple[str, ...]
    served_by: tuple[str, ...]


def used_services(networks: Iterable[Network], policy: Policy) -> list[UsedService]:
    """Return what is called in the VPCs that ``networks`` create: one entry a VPC and service, in order."""
    found: dict[tuple[str, str], list[Outcome]] = {}
    for network in networks:
        for vpc in network.vpcs:
            if vpc.address not in network.foreign:
                for outcome in outcomes_in(network, vpc, policy):
                    found.setdefault((vpc.address, outcome.call.service), []).append(outcome)
    return [_used(vpc, service, outcomes) for (vpc, service), outcomes in sorted(found.items())]


def _used(vpc: str, service: str, outcomes: list[Outcome]) -> UsedService:
    certain = any(outcome.call.certainty == "certain" for outcome in outcomes)
    surest_first = sorted(outcomes, key=lambda outcome: outcome.call.certainty != "certain")
    callers = dict.fromkeys(outcome.workload.address for outcome in surest_first)
    ways = dict.fromkeys(_way(outcome) for outcome in outcomes)
    return UsedService(vpc, service, "certain" if certain else "likely", tuple(callers), tuple(ways))


def _way(outcome: Outcome) -> str:
    """Return in words where the calls go."""
    if outcome.served.answer.yes:
        return outcome.served.by or "an endpoint of another VPC"
    if not outcome.served.answer.no:
        return "unknown"
    return {"none": "nothing", "nat": "NAT gateway", "public": "internet gateway", "unknown": "unknown"}[
        outcome.out.way
    ]

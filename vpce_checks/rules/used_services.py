"""Which services the workloads of each VPC call, how sure that is, and what serves the calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from vpce_checks.base.record import record
from vpce_checks.model.network import Network, Vpc, link
from vpce_checks.model.tristate import TriState, all_of
from vpce_checks.model.values import Cause, ListValue, Value, merge_causes
from vpce_checks.model.workload import Certainty
from vpce_checks.policy import Policy
from vpce_checks.policy.workloads import workloads_setting
from vpce_checks.reach.admits import admits
from vpce_checks.reach.allows import allows
from vpce_checks.reach.connected import blocks_of
from vpce_checks.reach.endpoints import has_type
from vpce_checks.reach.firewalls import lets_out_to
from vpce_checks.reach.parts import parts_of
from vpce_checks.reach.rule_sources import Caller
from vpce_checks.rules.workload_calls import Outcome, outcomes_in, past_acls, workloads_in
from vpce_checks.workloads import workloads_of
from vpce_checks.workloads.containers import tasks_without_starter

NOTHING = "nothing"
UNKNOWN = "unknown"


@record
class UsedService:
    """A service that ``callers`` (addresses, the surest first) call from ``vpc``. ``certainty`` is that of the surest one.
    ``served_by`` says in words where the calls go, and ``doubts`` why it is not known of some."""

    vpc: str
    service: str
    certainty: Certainty
    callers: tuple[str, ...]
    served_by: tuple[str, ...]
    doubts: tuple[Cause, ...] = ()


@record
class Unplaced:
    """A workload (its address) of which it is not known where it runs, and why its subnets are not known."""

    address: str
    why: Cause


@record
class NoCalls:
    """Why no call is known in a VPC, in words. ``text`` is empty if no workload of its root is known to be in it, so that those
    of other roots matter as well. ``unread`` is code that was not read."""

    text: str
    unread: str


def used_services(networks: Iterable[Network], policy: Policy) -> list[UsedService]:
    """Return what is called in the VPCs that ``networks`` create: one entry a VPC and service, in order."""
    found: dict[tuple[str, str], list[tuple[Outcome, str]]] = {}
    for network in networks:
        for vpc in network.vpcs:
            if vpc.address not in network.foreign:
                for outcome in outcomes_in(network, vpc, policy):
                    known = found.setdefault((vpc.address, outcome.call.service), [])
                    known.append((outcome, _way(network, outcome)))
    return [_used(vpc, service, outcomes) for (vpc, service), outcomes in sorted(found.items())]


def workloads_beside(networks: Iterable[Network]) -> tuple[int, list[Unplaced]]:
    """Return how many workloads ``networks`` have, and those of which it is not known where they run: tasks that nothing starts,
    as far as the code was read, among them."""
    addresses: set[str] = set()
    found: dict[str, Unplaced] = {}
    for network in networks:
        known = {each.declared.address for each in network.subnets}
        for workload in workloads_of(network):
            if workload.address not in network.foreign:
                addresses.add(workload.address)
                why = _why_unplaced(workload.subnets, known)
                if why is not None:
                    found.setdefault(workload.address, Unplaced(workload.address, why))
        for task in tasks_without_starter(parts_of(network)):
            if task.address not in network.foreign:
                addresses.add(task.address)
                why = Cause("nothing is known that starts this task", task.declared.span)
                found.setdefault(task.address, Unplaced(task.address, why))
    return len(addresses), [found[address] for address in sorted(found)]


def _why_unplaced(subnets: Value, known: Collection[str]) -> Cause | None:
    """Return why one of the subnets is none of those that are known."""
    listed = subnets if isinstance(subnets, ListValue) else ListValue((subnets,), "list")
    for item in (*listed.items, *([] if listed.rest is None else [listed.rest])):
        linked = link(item)
        if linked.address is None or linked.address not in known:
            named = [] if linked.external is None else [Cause(f"it is {linked.external}, which is created elsewhere")]
            return next(iter([*merge_causes([item]), *named]), Cause("the code does not show it"))
    return None


def without_calls(
    networks: Sequence[Network], policy: Policy, used: Iterable[UsedService], unplaced: Sequence[Unplaced]
) -> dict[str, NoCalls]:
    """Return why no call is known, by VPC, for the VPCs that ``networks`` create and of which no service is among the ``used``
    ones. ``unplaced`` are the workloads that run nobody knows where (:func:`workloads_beside`)."""
    called = {each.vpc for each in used}
    found: dict[str, list[tuple[Network, Vpc]]] = {}
    for network in networks:
        for vpc in network.vpcs:
            if vpc.address not in called and vpc.address not in network.foreign:
                found.setdefault(vpc.address, []).append((network, vpc))
    all_workloads = {each.address for network in networks for each in workloads_of(network)}
    placed = "" if unplaced else _some(all_workloads)
    unread = _some({each.address for network in networks for each in network.opaque_modules if each.is_unread})
    return {address: _why_none(those, policy, placed, unread) for address, those in sorted(found.items())}


def _why_none(those: Sequence[tuple[Network, Vpc]], policy: Policy, placed: str, unread: str) -> NoCalls:
    """``placed`` names the workloads of the root if it is known where each of them runs."""
    if all(workloads_setting(policy, vpc).mode == "off" for _, vpc in those):
        return NoCalls("the policy says workloads: off", "")
    inside = {
        each.address: each
        for network, vpc in those
        for each in workloads_in(network, vpc)
        if each.declared.exists is True
    }
    if inside and all(each.proxied for each in inside.values()):
        text = f"the workloads call by a proxy ({_some(inside)})"
    elif inside:
        text = f"no argument or role shows what the workloads call ({_some(inside)})"
    else:
        text = f"none of the workloads is certain to be there and to run in its subnets ({placed})" if placed else ""
    return NoCalls(text, unread)


def _some(addresses: Iterable[str]) -> str:
    first, *others = sorted(addresses) or [""]
    return f"{first} and {len(others)} more" if others else first


def _used(vpc: str, service: str, found: list[tuple[Outcome, str]]) -> UsedService:
    certain = any(outcome.call.certainty == "certain" for outcome, _ in found)
    surest_first = sorted((outcome for outcome, _ in found), key=lambda outcome: outcome.call.certainty != "certain")
    callers = dict.fromkeys(outcome.workload.address for outcome in surest_first)
    ways = dict.fromkeys(way for _, way in found)
    doubts = dict.fromkeys(cause for outcome, way in found if way == UNKNOWN for cause in _doubts(outcome))
    return UsedService(vpc, service, "certain" if certain else "likely", tuple(callers), tuple(ways), tuple(doubts))


def _doubts(outcome: Outcome) -> Iterator[Cause]:
    """Yield why it is not known what serves a call."""
    yield from outcome.served.answer.causes
    if outcome.out.why:
        last = outcome.out.why[-1]
        yield Cause(last.text, last.span)


def _way(network: Network, outcome: Outcome) -> str:
    """Return in words where the calls go."""
    if outcome.served.answer.yes:
        return _served_by(network, outcome)
    if not outcome.served.answer.no:
        return UNKNOWN
    if outcome.served.misled_to is not None:
        return NOTHING
    return {"none": NOTHING, "nat": "NAT gateway", "public": "internet gateway", "unknown": UNKNOWN}[outcome.out.way]


def _served_by(network: Network, outcome: Outcome) -> str:
    """Return the endpoint that the calls go to, as far as filters and its policy let them through."""
    served = next((each for each in network.endpoints if each.address == outcome.served.by), None)
    if served is None:
        return "an endpoint of another VPC"
    if has_type(served, "Gateway").yes:
        passes = past_acls(network, outcome.subnet, outcome.call.service)
    else:
        groups = outcome.workload.security_groups
        out = lets_out_to(network, groups, blocks_of(network, served, outcome.subnet))
        passes = all_of((admits(network, served, Caller(outcome.subnet, groups)).answer, out))
    return _if(served.address, all_of((passes, allows(network, served).answer)))


def _if(way: str, passes: TriState) -> str:
    return way if passes.yes else NOTHING if passes.no else f"{way} (possible)"

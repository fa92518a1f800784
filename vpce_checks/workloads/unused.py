"""Whether anything in a network may call a service. Everything that is not known may."""

from __future__ import annotations

from vpce_checks.catalog.permissions import services_of_action, services_of_policy
from vpce_checks.model.documents import certain_items, is_whole, member
from vpce_checks.model.network import Network, Part, Vpc, link
from vpce_checks.model.values import ListValue, MapValue, Value
from vpce_checks.model.workload import Workload
from vpce_checks.reach.parts import Parts, parts_of
from vpce_checks.workloads.inventory import workloads_of
from vpce_checks.workloads.roles import attached_policies, policies_of, role_of

_OF_AWS = frozenset({"event_source", "pipe", "glue_connection", "compute", "model", "redshift", "redshift_workgroup"})
"""Workloads that call what their arguments say, and nothing else without a role of their own."""


def may_be_called(network: Network, vpc: Vpc, service: str) -> bool:
    """Return whether a workload in ``vpc`` calls ``service`` or may. Also if no workload in it is known at all."""
    parts = parts_of(network)
    inside = [each for each in workloads_of(network) if _may_be_in(network, vpc, each)]
    return not inside or any(_may_call(parts, each, service) for each in inside)


def _may_be_in(network: Network, vpc: Vpc, workload: Workload) -> bool:
    """Return whether a workload is in ``vpc``, or may be."""
    if not isinstance(workload.subnets, ListValue) or not workload.subnets.exact:
        return True
    known = {each.declared.address: each for each in network.subnets}
    for item in workload.subnets.items:
        subnet = known.get(link(item).address or "")
        if subnet is None or link(subnet.vpc).may_be(vpc.address):
            return True
    return False


def _may_call(parts: Parts, workload: Workload, service: str) -> bool:
    if any(call.service == service for call in workload.calls):
        return True
    role = role_of(parts, workload)
    if role is None:
        return workload.kind not in _OF_AWS
    return not _is_known(parts, role) or any(_allows(document, service) for document, _ in policies_of(parts, role))


def _is_known(parts: Parts, role: Part) -> bool:
    """Return whether every policy of a role is seen: a document here, or a policy of AWS that is in the catalogue."""
    if not all(is_whole(role.get(name)) for name in ("managed", "inline")):
        return False
    return all(
        parts.find(value, "policy") is not None
        or (isinstance(value, str) and bool(services_of_policy(value.rpartition("/")[2])))
        for value, _ in attached_policies(parts, role)
    )


def _allows(document: Value, service: str) -> bool:
    """Return whether a policy may allow a call to ``service``. What cannot be read may."""
    statements = member(document, "Statement")
    if not isinstance(document, MapValue) or statements is None or not is_whole(statements):
        return True
    for item in certain_items(statements):
        if not isinstance(item, MapValue):
            return True
        if member(item, "Effect") == "Deny":
            continue
        actions = member(item, "Action")
        if actions is None or not is_whole(actions):
            return True
        for action in certain_items(actions):
            if not isinstance(action, str) or "*" in action.partition(":")[0] or service in _reached(action):
                return True
    return False


def _reached(action: str) -> tuple[str, ...]:
    prefix = action.partition(":")[0]
    return (*services_of_action(action), *services_of_action(f"{prefix}:*"), prefix)

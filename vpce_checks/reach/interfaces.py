"""Find the subnets in which an interface endpoint has its network interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Endpoint, Network, link
from vpce_checks.model.tristate import TriState, all_of
from vpce_checks.model.values import Value
from vpce_checks.reach.endpoints import exists_with, names
from vpce_checks.reach.indexes import associations_by_endpoint
from vpce_checks.reach.listed import listed


def endpoint_subnets(network: Network, endpoint: Endpoint) -> Iterator[tuple[Value, TriState]]:
    """Yield the subnets of ``endpoint``, each with whether it has it. A list that is not known is one unknown subnet."""
    yield from listed(endpoint.subnets)
    for association in associations_by_endpoint(network).may_name(endpoint.address):
        if association.kind == "subnet":
            named = names(link(association.endpoint), endpoint.address)
            presence = all_of((named, exists_with(association.declared, endpoint.declared)))
            if presence.possible:
                yield association.target, presence

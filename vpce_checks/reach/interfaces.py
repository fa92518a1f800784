"""Find the subnets in which an interface endpoint has its network interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Endpoint, Network, link
from vpce_checks.model.tristate import YES, TriState, all_of, maybe
from vpce_checks.model.values import ListValue, Value, merge_causes
from vpce_checks.reach.endpoints import exists_with, is_present, names, possible_values
from vpce_checks.reach.indexes import associations_by_endpoint


def endpoint_subnets(network: Network, endpoint: Endpoint) -> Iterator[tuple[Value, TriState]]:
    """Yield the subnets of ``endpoint``, each with whether it has it. A list that is not known is one unknown subnet."""
    for value in possible_values(endpoint.subnets):
        certain = YES if value is endpoint.subnets else maybe(merge_causes([endpoint.subnets]))
        if value is None:
            continue
        if not isinstance(value, ListValue):
            yield value, maybe(merge_causes([value]))
            continue
        for place, item in enumerate(value.items):
            if item is not None:
                yield item, all_of((certain, is_present(value, place)))
        if value.rest is not None:
            yield value.rest, maybe(value.rest.causes)
    for association in associations_by_endpoint(network).may_name(endpoint.address):
        if association.kind == "subnet":
            named = names(link(association.endpoint), endpoint.address)
            presence = all_of((named, exists_with(association.declared, endpoint.declared)))
            if presence.possible:
                yield association.target, presence

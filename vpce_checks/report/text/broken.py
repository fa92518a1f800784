"""Which endpoints calls go through where a rule fails on one of several endpoints for a service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from vpce_checks.catalog import is_gateway_service
from vpce_checks.project.listing import EndpointRow

POLICY_RULE = "VPCE014"
"""The rule that fails for a gateway endpoint that takes calls and refuses them. Those for which other rules fail take none
from another gateway endpoint: they lack route tables, or AWS does not create them."""


def working(
    service: str, endpoints: Sequence[EndpointRow], sure: Collection[str], failing: Mapping[str, Collection[str]]
) -> list[EndpointRow]:
    """Return those of the endpoints for a service that calls go through: none, if those that fail take the calls or are
    alone.

    ``sure`` are the addresses of endpoints that are certainly there. ``failing`` are the rules that fail, by the address that
    they fail for. What is not among the endpoints is about all calls, such as the VPC.
    """
    good = [each for each in endpoints if each.address not in failing]
    bad = [each for each in endpoints if each.address in failing]
    if len({each.address for each in bad}) < len(failing) or any(
        each.type is None or (each.type != "Gateway" and each.may_take_names) for each in bad
    ):
        return []
    certain = [each for each in good if each.address in sure]
    gateways = [each for each in bad if each.type == "Gateway"]
    if any(each.type == "Gateway" for each in certain):
        refused = any(POLICY_RULE in failing[each.address] for each in gateways)
        return [] if refused else good
    # Private DNS for S3 may be for clients outside of the VPC alone.
    is_answered = any(each.type == "Interface" and each.private_dns for each in certain)
    return good if is_answered and not (gateways and is_gateway_service(service)) else []

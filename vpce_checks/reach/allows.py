"""Find out whether the policy of an endpoint lets calls to its service through.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vpce_checks.model.evidence import because
from vpce_checks.model.network import Endpoint, Network, link
from vpce_checks.model.spans import Span
from vpce_checks.model.tristate import YES, TriState, all_of, maybe, one_of
from vpce_checks.model.values import Value, merge_causes
from vpce_checks.reach.endpoints import exists_with, has_type, names, possible_values, sole_service
from vpce_checks.reach.indexes import associations_by_endpoint
from vpce_checks.reach.opaque import known_by_stub
from vpce_checks.reach.permission import OPEN, Permission


def allows(network: Network, endpoint: Endpoint, needs: Sequence[str] = ()) -> Permission:
    """Return whether the policy of ``endpoint`` lets calls to its service through.

    ``needs`` are keys of ``BUCKETS``: an S3 endpoint must then let their buckets be read as well.
    """
    service = sole_service(endpoint)
    stub = known_by_stub(endpoint.declared)
    if stub.possible and endpoint.policy is None:
        return Permission(stub, given=False)
    if service.of_others:
        return OPEN  # AWS gives full access to the services of others, whatever the policy says
    found: list[Permission] = []
    for value, presence, place in _policies(network, endpoint):
        for possible in possible_values(value):
            certain = presence if possible is value else all_of((presence, maybe(merge_causes([value]))))
            each = _for_each_type(endpoint, possible, service.short, needs, place)
            found.append(each if certain.yes else _doubted(each, certain))
    if len(found) == 1:
        return found[0]
    worst = next((each for each in found if not each.answer.yes), found[0])
    answer = one_of(each.answer for each in found)
    return Permission(answer, any(each.given for each in found), worst.trouble, worst.words, worst.why)


def _doubted(permission: Permission, presence: TriState) -> Permission:
    if permission.answer.yes:
        return permission
    why = (*permission.why, *because(presence.causes))
    return Permission(maybe(presence.causes), given=True, trouble=permission.trouble, words=permission.words, why=why)


def _policies(network: Network, endpoint: Endpoint) -> Iterator[tuple[Value, TriState, Span]]:
    """Yield the policies that ``endpoint`` has or may have. A separate resource replaces the one of the endpoint."""
    replaced = False
    for each in associations_by_endpoint(network).may_name(endpoint.address):
        if each.kind == "policy":
            named = names(link(each.endpoint), endpoint.address)
            presence = all_of((named, exists_with(each.declared, endpoint.declared)))
            if presence.possible:
                replaced = replaced or presence.yes
                yield each.target, presence, each.declared.field_spans.get("target", each.declared.span)
    if not replaced:
        place = endpoint.declared.field_spans.get("policy", endpoint.declared.span)
        yield endpoint.policy, YES, place


def _for_each_type(
    endpoint: Endpoint, value: Value, short: str | None, needs: Sequence[str], place: Span
) -> Permission:
    """Return what holds as far as the type is known: a gateway endpoint matches fewer principals than another."""
    if value is None or value == "":
        return OPEN
    from vpce_checks.reach.written_policy import judge_policy

    is_gateway = has_type(endpoint, "Gateway")
    if is_gateway.value is not None:
        return judge_policy(endpoint, value, short, needs, place, gateway=is_gateway.yes)
    gateway, other = (judge_policy(endpoint, value, short, needs, place, gateway=each) for each in (True, False))
    if gateway.answer.value == other.answer.value:
        return gateway
    return _doubted(other if gateway.answer.yes else gateway, maybe(is_gateway.causes))

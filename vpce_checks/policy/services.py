"""What is wrong with the name of a service in a policy."""

from __future__ import annotations

from vpce_checks.base.suggestions import did_you_mean
from vpce_checks.catalog import (
    GATEWAY_SERVICES,
    all_services,
    find_service,
    is_gateway_service,
    nearest,
    parse_service_name,
)
from vpce_checks.policy.glob import has_wildcard, matches_value
from vpce_checks.policy.node_reader import shown

OF_OTHERS = "com.amazonaws.vpce."
"""What the names of endpoint services begin with that are not AWS's.

https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
"""


def service_problem(name: str, type: str) -> str:
    """What is wrong with asking for the ``type`` ("gateway", "interface", "any") endpoint of ``name``; "" for nothing."""
    if type == "gateway":
        if is_gateway_service(name):
            return ""
        if find_service(name) is not None:
            return f"there is no gateway endpoint for {name}, only for {', '.join(GATEWAY_SERVICES)}; it has an interface endpoint"
        return f"there is no gateway endpoint for {shown(name)}{did_you_mean(name, GATEWAY_SERVICES)}"
    service = find_service(name)
    if service is not None:
        if type == "interface" and "Interface" not in service.types:
            return f"there is no interface endpoint for {name}; it has a gateway endpoint"
        return ""
    read = parse_service_name(name)
    guesses = (
        [read.short] if read is not None and read.short is not None and find_service(read.short) else nearest(name)
    )
    hint = f"; did you mean {guesses[0]!r}?" if guesses else "; 'vpce-checks services' lists them"
    return f"there is no endpoint service {shown(name)}{hint}"


def glob_problem(glob: str) -> str:
    """What is wrong with a glob of services; "" for nothing. One of services of others is as good as any."""
    if not has_wildcard(glob):
        return "" if glob.startswith(OF_OTHERS) else service_problem(glob, "any")
    if glob.startswith(OF_OTHERS) or any(matches_value(glob, service.short_name) for service in all_services()):
        return ""
    return (
        f"no endpoint service matches {shown(glob)}: write a glob of short names, or one that begins with {OF_OTHERS}"
    )

"""The names that private DNS of an endpoint answers, if it is on."""

from __future__ import annotations

from typing import NamedTuple

from vpce_checks.catalog import find_service
from vpce_checks.catalog.host_names import HostName, host_names
from vpce_checks.model.network import Endpoint, Network
from vpce_checks.model.resolver import EndpointService
from vpce_checks.model.tristate import YES, TriState, maybe
from vpce_checks.model.values import Cause, PartialString, Reference, Value, unknown
from vpce_checks.reach.dns.names import Name, names_of
from vpce_checks.reach.endpoints import home_vpc, sole_service
from vpce_checks.reach.indexes import once


class ServiceName(NamedTuple):
    """A host name of a service, as a name of the network."""

    name: Name
    host: HostName


def service_region(network: Network, endpoint: Endpoint) -> Value:
    """Return the region whose service an endpoint reaches: that of its service name, else the one it sets, else its own,
    else that of its VPC."""
    name = sole_service(endpoint).name
    if name is not None and name.region is not None:
        return name.region
    if endpoint.service_region is not None:
        return endpoint.service_region
    if endpoint.region is not None:
        return endpoint.region
    vpc = home_vpc(network, endpoint)
    return vpc.region if vpc is not None else None


def names_of_service(network: Network, short: str, region: Value) -> tuple[ServiceName, ...]:
    """Return the host names of the service ``short`` in ``region``, also those that private DNS does not answer."""
    kept = once(network, "names of services", dict[tuple[str, object], tuple[ServiceName, ...]])
    key = short, region if isinstance(region, str) else id(region)
    if key not in kept:
        naming = names_of(network)
        place = unknown("the region is not known") if region is None else region
        found = ((naming.of(host.name), host) for host in host_names(short, place))
        kept[key] = tuple(ServiceName(name, host) for name, host in found if name is not None)
    return kept[key]


def private_names(network: Network, endpoint: Endpoint) -> list[tuple[Name | None, TriState]]:
    """Return the names that private DNS of ``endpoint`` answers, each with whether that is proven. The name None stands
    for any name: its service is not known."""
    service = sole_service(endpoint)
    short = service.short
    if service.of_others or own_service(network, endpoint) is not None:
        return []  # a name that its owner has proven to own: none of AWS's
    known = find_service(short) if short is not None else None
    if known is not None and known.private_dns == "no":
        return []
    if short is None:
        cause = Cause(f"cannot determine the private DNS names of {endpoint.address}", endpoint.declared.span)
        return [(None, maybe((cause,)))]
    return [
        (name, _proof(endpoint, name, host))
        for name, host in names_of_service(network, short, service_region(network, endpoint))
        if host.use != "never"
    ]


def own_service(network: Network, endpoint: Endpoint) -> EndpointService | None:
    """Return the endpoint service of this configuration that the service name of ``endpoint`` is made of."""
    ours = once(
        network, "endpoint services", lambda: {each.declared.address: each for each in network.endpoint_services}
    )
    name = endpoint.service_name
    parts = name.parts if isinstance(name, PartialString) else (name,)
    found = [ours[part.address] for part in parts if isinstance(part, Reference) and part.address in ours]
    return found[0] if len(found) == 1 else None


def _proof(endpoint: Endpoint, name: Name, host: HostName) -> TriState:
    if host.verified and host.use != "perhaps":
        return YES
    text = f"nothing proves that private DNS of {endpoint.address} answers {name.text}"
    return maybe((Cause(text, endpoint.declared.span),))

"""Say how the private DNS of an endpoint is turned on or off: in its own block, or in the resource that sets it afterwards."""

from __future__ import annotations

from vpce_checks.model.network import Endpoint, Network
from vpce_checks.reach.endpoints import truth
from vpce_checks.reach.private_dns import set_apart
from vpce_checks.rules.finding import Fix


def private_dns_fix(network: Network, endpoint: Endpoint, value: bool, vpc: str = "") -> Fix:
    """Return how the private DNS of ``endpoint`` becomes ``value``. ``vpc`` is its VPC, if that is created here.

    What a resource of its own sets comes after what the block of the endpoint says, so a change there has no effect.
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_private_dns
    """
    setter = set_apart(network, endpoint)
    if setter is None:
        return Fix("set", address=endpoint.address, vpc=vpc, field="private_dns", value=value)
    words = f"set private_dns_enabled to {str(value).lower()} in {setter}, which sets it after the endpoint is created"
    off = _attributes_off(network, vpc) if value else []
    more = f"; turn {' and '.join(off)} of {vpc} on" if off else ""
    return Fix("text", address=endpoint.address, value=words + more)


def _attributes_off(network: Network, address: str) -> list[str]:
    """Return the DNS attributes of a VPC that are off, without which private DNS does not work."""
    vpc = network.vpc_by_address.get(address)
    if vpc is None:
        return []
    values = {
        "enable_dns_support": truth(vpc.enable_dns_support, True),
        "enable_dns_hostnames": truth(vpc.enable_dns_hostnames),
    }
    return [name for name, on in values.items() if on.no]

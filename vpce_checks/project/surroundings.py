"""What a new endpoint needs of the VPC that it is added to: all that a fix is written with, beside the inventory."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.base.record import record
from vpce_checks.model.network import Declaration, Network


@record
class Surroundings:
    """``home`` declares ``vpc`` (None where it is not there). ``places`` are its private route tables (for a gateway
    endpoint) or its private subnets (for an interface endpoint), each once, over all scenarios."""

    vpc: str
    gateway: bool
    home: Declaration | None
    places: tuple[Declaration, ...]


def look_around(networks: Sequence[Network], vpc: str, gateway: bool) -> Surroundings:
    """What is around a new endpoint in ``vpc``. Looks through every route of the networks."""
    here: dict[str, Declaration] = {}
    if gateway:  # in a scenario without private tables those that there are, which does no harm in the others
        from vpce_checks.reach.routes import tables_for_gateway

        tables = (table for network in networks for table in tables_for_gateway(network, vpc))
        here = {table.declared.address: table.declared for table in tables}
    else:  # a public subnet beside private ones would be a second one in its zone, which AWS refuses
        from vpce_checks.reach.subnets import private_subnets

        for only in (True, False):
            subnets = (subnet for network in networks for subnet in private_subnets(network, vpc, only))
            here = here or {subnet.declared.address: subnet.declared for subnet in subnets}
    home = next((found.declared for network in networks if (found := network.vpc_by_address.get(vpc))), None)
    return Surroundings(vpc, gateway, home, tuple(here.values()))

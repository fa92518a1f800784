"""The route tables of a new gateway endpoint in words, where the code shows none to name."""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.model.network import Network
from vpce_checks.project.networks import surroundings_of
from vpce_checks.rules.finding import Fix


def tables_wanted(fix: Fix, networks: Sequence[Network]) -> str:
    """Return what belongs into an empty list of route tables."""
    if fix.needs_tables and surroundings_of(networks, fix).without_callers:
        return "the route tables of subnets with callers: this code shows only those of firewalls and attachments"
    return "the private route tables"

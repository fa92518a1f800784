"""Look into prefix lists: the customer-managed ones whose entries the configuration shows.

https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html
"""

from __future__ import annotations

from collections.abc import Callable

from vpce_checks.model.filters import PrefixList, PrefixListEntry
from vpce_checks.model.network import Network, link
from vpce_checks.model.tristate import TriState, all_of, any_of, maybe
from vpce_checks.model.values import Cause, Value, merge_causes
from vpce_checks.reach.endpoints import exists_with, names
from vpce_checks.reach.indexes import Naming, once
from vpce_checks.reach.listed import listed
from vpce_checks.reach.opaque import opaque_may_use


def declared_list(network: Network, value: Value) -> PrefixList | None:
    """Return the prefix list of this configuration that ``value`` names for certain."""
    lists = once(network, "prefix lists", lambda: {item.declared.address: item for item in network.prefix_lists})
    return lists.get(link(value).address or "")


def any_entry(network: Network, value: Value, test: Callable[[Value], TriState]) -> TriState:
    """Return whether one CIDR block of the prefix list that ``value`` names passes ``test``.

    Maybe for a list that is not of this configuration, such as those of AWS.
    """
    found = declared_list(network, value)
    if found is None:
        name = link(value).external or "a prefix list"
        return maybe(merge_causes([value]) or (Cause(f"the entries of {name} are not known here"),))
    entries = once(
        network, "prefix list entries", lambda: Naming(network.prefix_list_entries, lambda item: item.prefix_list)
    )
    added: list[PrefixListEntry] = entries.may_name(found.declared.address)
    return any_of(
        (
            *(all_of((presence, test(cidr))) for cidr, presence in listed(found.cidrs)),
            *(
                all_of(
                    (
                        exists_with(entry.declared, found.declared),
                        names(link(entry.prefix_list), found.declared.address),
                        test(entry.cidr),
                    )
                )
                for entry in added
            ),
            opaque_may_use(network, found.declared.address),
        )
    )

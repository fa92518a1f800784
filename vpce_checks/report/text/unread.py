"""What was not read, by source, for the findings of VPCE011."""

from __future__ import annotations

from collections import Counter

from vpce_checks.base.record import record
from vpce_checks.model.network import without_keys
from vpce_checks.project.listing import UnreadRow
from vpce_checks.project.networks import inventory_of
from vpce_checks.report.settled import Settled


@record
class UnreadSource:
    """The calls of one source, each once a root however many instances it has. ``is_network``: it looks like a network.
    ``instances`` counts the instances of the calls."""

    name: str
    is_network: bool
    rows: tuple[UnreadRow, ...]
    instances: int


def unread_sources(settled: Settled) -> list[UnreadSource]:
    """Return the sources that findings of VPCE011 are about: what looks like a network first, then what is used most. Empty
    for other findings."""
    found: dict[tuple[bool, str], dict[tuple[object, str], UnreadRow]] = {}
    instances: Counter[tuple[bool, str]] = Counter()
    if settled.first.rule != "VPCE011":
        return []
    for same in settled.members:
        named = {same.finding.resource, *same.finding.also}
        for row in inventory_of(same.networks).unread:
            if row.address in named:
                source = row.is_network, row.source or row.address
                calls = found.setdefault(source, {})
                instances[source] += len(same.roots)
                for root in same.roots:
                    calls.setdefault((root, without_keys(row.address)), row)
    sources = [UnreadSource(key[1], key[0], tuple(rows.values()), instances[key]) for key, rows in found.items()]
    return sorted(sources, key=lambda each: (not each.is_network, -each.instances, each.name))


def sources_shown(settled: Settled) -> list[UnreadSource]:
    """Return the sources that a block lists; empty if it shows one finding, or findings of other rules than VPCE011."""
    sources = unread_sources(settled)
    return sources if len(sources) > 1 or (sources and len(settled.members) > 1) else []


def calls_not_read(sources: list[UnreadSource]) -> str:
    """Return how much was not read: "3 module calls were"."""
    rows = [row for source in sources for row in source.rows]
    what = "module call" if all(row.is_call for row in rows) else "piece of code"
    return (
        f"1 {what} was"
        if len(rows) == 1
        else f"{len(rows)} {what.replace('piece', 'pieces')}{'s' * what.endswith('call')} were"
    )

"""The resolver agrees with one that was written separately, on networks made at random."""

from __future__ import annotations

from random import Random

import pytest

from tests.reach.dns.plain_resolver import answer
from tests.reach.dns.worlds import QUERIES, World, world
from tests.rules.networks import MAIN
from vpce_checks.reach.dns.names import names_of
from vpce_checks.reach.dns.resolve import resolve


def ends(made: World, query: str) -> set[str]:
    """What our resolver says, in the words of the plain one."""
    name = names_of(made.network).of(query)
    assert name is not None
    return {
        f"endpoint:{outcome.endpoint.address}" if outcome.endpoint is not None else outcome.kind
        for outcome in resolve(made.network, MAIN, name)
    }


def check(seed: int) -> set[str]:
    made = world(Random(seed))
    seen: set[str] = set()
    endpoints = {f"endpoint:{each.address}" for each in made.network.endpoints}
    for query in QUERIES:
        expected = answer(made.plain, query)
        # A record may name an endpoint that this world does not have: then it is something else.
        expected = {end if not end.startswith("endpoint:") or end in endpoints else "other" for end in expected}
        assert ends(made, query) == expected, (seed, query)
        seen |= {end.partition(":")[0] for end in expected}
    return seen


def test_they_agree() -> None:
    seen = set().union(*(check(seed) for seed in range(400)))
    assert seen == {"endpoint", "other", "none", "public", "unknown"}


@pytest.mark.slow
def test_they_agree_on_many_networks() -> None:
    for seed in range(10_000, 20_000):
        check(seed)

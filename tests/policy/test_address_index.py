"""Entries by address: what an index leaves out matches nothing, and the fast globs say what the automaton says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vpce_checks.policy.address_index import AddressIndex
from vpce_checks.policy.glob import _matches, _run, _tokens, matches_address

GLOBS = st.text("ab.*?", max_size=8)
ADDRESSES = st.text('ab.["]', max_size=10)


@given(GLOBS, st.text("ab.", max_size=12))
def test_a_glob_split_at_its_stars_is_the_automaton(glob: str, text: str) -> None:
    assert _matches(glob, text) is _run(_tokens(glob), text)


@given(st.lists(st.none() | st.text('ab.*?["]', max_size=5), max_size=6), ADDRESSES)
def test_what_is_no_candidate_does_not_match(globs: list[str | None], address: str) -> None:
    found = AddressIndex((glob, place) for place, glob in enumerate(globs)).candidates(address)
    assert found == sorted(found)
    matching = {place for place, glob in enumerate(globs) if glob is None or matches_address(glob, address)}
    assert matching <= set(found)


def test_an_entry_without_wildcards_is_looked_up() -> None:
    index = AddressIndex([("aws_vpc.a", 1), ("aws_vpc.b", 2), ("*", 3), ("aws_vpc.a", 4)])
    assert index.candidates("aws_vpc.a[0]") == [1, 3, 4]

"""The scenarios of several roots together: how many there are is bounded."""

from __future__ import annotations

import pytest

from vpce_checks.estate.variants import MAX_SCENARIOS, Variant, joined_variants
from vpce_checks.model.scenario import Scenario


def variants(name: str, count: int) -> tuple[Variant, ...]:
    """The variants of a root with one choice."""
    values = tuple(map(str, range(count)))
    return tuple(Variant((), Scenario(({name: frozenset({value})},), {name: values})) for value in values)


@pytest.mark.parametrize(("own", "others"), [(1, (2, 3)), (8, (64, 64)), (64, (64, 2)), (1, (200,)), (100, (2,))])
def test_the_scenarios_of_all_roots_together_are_bounded(own: int, others: tuple[int, ...]) -> None:
    firsts = variants("own", own)
    parts = [variants(f"other{at}", count) for at, count in enumerate(others)]
    joined = [each for first in firsts for each in joined_variants(first.scenario, parts, own)]
    assert own <= len(joined) <= max(own, MAX_SCENARIOS)


def test_few_scenarios_are_all_told_apart() -> None:
    assert len(joined_variants(None, [variants("a", 4), variants("b", 3)], 2)) == 12

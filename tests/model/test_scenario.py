"""Many scenarios in few words."""

from __future__ import annotations

from tests.work import work
from vpce_checks.model.scenario import Scenario, describe

CHOICES = {"Size": tuple(map(str, range(200))), "Zone": tuple(map(str, range(200))), "On": ("yes", "no")}


def scenario(**values: str) -> Scenario:
    return Scenario(({name: frozenset({value}) for name, value in values.items()},), CHOICES)


def test_scenarios_that_are_everything_need_no_words() -> None:
    every = [scenario(Size=size, On=on) for size in CHOICES["Size"][:8] for on in CHOICES["On"]]
    assert describe(every, [scenario(Size="9")]) == ("Size is 0 or 1 or 2 or 3 or 4 or 5 or 6 or 7",)
    assert describe(every[::2], every[1::2]) == ("On is yes",)


def test_a_pair_of_scenarios_is_compared_once() -> None:
    """Pairs that are one come first, and many that are not after them."""

    def calls(count: int) -> int:
        pairs = [scenario(Size=str(at), Zone=str(at), On=on) for at in range(count) for on in CHOICES["On"]]
        return work(lambda: describe(pairs))

    assert calls(80) < 5 * calls(40)

"""In which scenarios something holds, in as few words as say it exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from vpce_checks.model.network import Network
from vpce_checks.model.scenario import describe as describe_known

Scenario = tuple[str, ...]
"""The clauses of one scenario, which hold together: ``("Environment is dev", "UseNat is true")``."""

MAX_COMBINATIONS = 256
"""More combinations of values than this are listed scenario by scenario."""


def singled_out(holding: Sequence[Network], every: Sequence[Network]) -> tuple[str, ...]:
    """The clauses that single out the scenarios of ``holding`` among those of ``every``; empty for all of them."""
    if len(holding) == len(every):
        return ()
    known = [network.scenario for network in holding if network.scenario is not None]
    if len(known) == len(holding):
        chosen = {id(network) for network in holding}
        others = (network.scenario for network in every if id(network) not in chosen)
        return describe_known(known, [scenario for scenario in others if scenario is not None])
    return describe([network.when for network in holding], [network.when for network in every])


def describe(holding: Sequence[Scenario], every: Sequence[Scenario]) -> tuple[str, ...]:
    """The clauses that single out the scenarios ``holding`` among ``every``; empty where it holds in all of them.

    ``Environment is dev`` and ``Environment is test`` become ``Environment is dev or test``; a parameter that makes no
    difference is left out.
    """
    chosen = set(holding)
    if chosen >= set(every):
        return ()
    split = {scenario: _values(scenario) for scenario in every}
    if any(values is None for values in split.values()):
        return _listed(holding)
    tables = {scenario: values for scenario, values in split.items() if values is not None}
    subjects = list(dict.fromkeys(subject for values in tables.values() for subject in values))
    relevant = [subject for subject in subjects if _matters(subject, tables, chosen)]
    options = {
        subject: tuple(dict.fromkeys(tables[scenario].get(subject, "") for scenario in holding)) for subject in relevant
    }
    if _is_product(relevant, options, tables, chosen):
        return tuple(f"{subject} is {' or '.join(options[subject])}" for subject in relevant)
    return _listed(holding)


def _values(scenario: Scenario) -> dict[str, str] | None:
    """A scenario as subject -> value; None where a clause does not read "subject is value"."""
    values: dict[str, str] = {}
    for clause in scenario:
        subject, middle, value = clause.partition(" is ")
        if not middle or subject in values:
            return None
        values[subject] = value
    return values


def _matters(subject: str, tables: dict[Scenario, dict[str, str]], chosen: set[Scenario]) -> bool:
    """Whether two scenarios that differ in ``subject`` alone differ in the outcome, or whether that cannot be seen."""
    outcomes: dict[tuple[tuple[str, str], ...], set[bool]] = {}
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for scenario, values in tables.items():
        others = tuple(sorted((name, value) for name, value in values.items() if name != subject))
        outcomes.setdefault(others, set()).add(scenario in chosen)
        seen[others] = seen.get(others, 0) + 1
    everywhere = len({values.get(subject) for values in tables.values()})
    return any(len(found) > 1 for found in outcomes.values()) or any(count != everywhere for count in seen.values())


def _is_product(
    subjects: list[str],
    options: dict[str, tuple[str, ...]],
    tables: dict[Scenario, dict[str, str]],
    chosen: set[Scenario],
) -> bool:
    """Whether naming each subject's values on its own gives exactly the chosen scenarios."""
    if not subjects or any("" in values for values in options.values()):
        return False
    size = 1
    for values in options.values():
        size *= len(values)
    if size > MAX_COMBINATIONS:
        return False
    named = set(product(*(options[subject] for subject in subjects)))
    return all(
        (tuple(values.get(subject, "") for subject in subjects) in named) == (scenario in chosen)
        for scenario, values in tables.items()
    )


def _listed(holding: Iterable[Scenario]) -> tuple[str, ...]:
    """The scenarios one by one, as one clause."""
    return (" or ".join(dict.fromkeys(" and ".join(scenario) for scenario in holding)),)

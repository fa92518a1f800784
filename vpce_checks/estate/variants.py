"""What a root deploys in each of its scenarios, and the scenarios of several roots together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from vpce_checks.base.record import record, replace
from vpce_checks.model.network import OBJECT_FIELDS, Endpoint, Network, NetworkObject, link
from vpce_checks.model.scenario import Scenario, Values
from vpce_checks.model.values import Cause, Unknown, Value, merge_causes, same

MAX_SCENARIOS = 64
"""How many scenarios the network of a root is joined in. Beyond that, what depends on the choices of another root may exist."""

SHARED_CHOICES = frozenset({"AWS::Region", "AWS::Partition", "AWS::URLSuffix", "AWS::AccountId"})
"""Choices that all stacks of a deployment have in common. Every other choice belongs to one root."""


@record
class Variant:
    """What a root deploys in one scenario (None: it has only one)."""

    objects: tuple[NetworkObject, ...]
    scenario: Scenario | None = None


def objects_of(network: Network) -> tuple[NetworkObject, ...]:
    """Return every object of a network."""
    return tuple(each for name in OBJECT_FIELDS.values() for each in getattr(network, name))


def joined_variants(first: Scenario | None, others: Iterable[Sequence[Variant]], beside: int = 1) -> list[Variant]:
    """Return what other roots deploy while a root is in the scenario ``first``: one for each joint scenario.

    ``others`` holds the variants of each other root. ``beside`` is how many scenarios the root has.

    Two roots may ask for different deployments of this one (``${AWS::StackName}-vpc`` as ``a-vpc`` and ``b-vpc``). Each
    joint scenario has what fits together, so none is lost.
    """
    found = [Variant((), first)]
    before: list[Sequence[Variant]] = []
    for variants in others:
        if len(variants) > 1 and beside * len(found) * len(variants) > MAX_SCENARIOS:
            variants = (merged(variants),)
        strangers = [other for other in variants if not any(_fits(one, other) for one in found)]
        if strangers and beside * (len(found) + len(strangers)) > MAX_SCENARIOS:
            variants = (Variant(tuple(uncertain(each) for other in variants for each in other.objects)),)
            strangers = []
        found = _together(found, variants)
        for other in strangers:
            apart = [Variant(other.objects, scenario) for scenario in _meeting(first, other.scenario)]
            for those in before:
                apart = _together(apart, those)
            found += apart
        before.append(variants)
    return found


def _together(found: Iterable[Variant], variants: Sequence[Variant]) -> list[Variant]:
    """Return each of ``found`` with each of ``variants`` that fits it, or as it is where none does."""
    together: list[Variant] = []
    for one in found:
        joint = [
            Variant((*one.objects, *other.objects), scenario)
            for other in variants
            for scenario in _meeting(one.scenario, other.scenario)
        ]
        together += joint or [one]
    return together


def _fits(one: Variant, other: Variant) -> bool:
    return one.scenario is None or other.scenario is None or any(_meeting(one.scenario, other.scenario))


def with_other_deployments(label: str, variants: Sequence[Variant], vpcs: Collection[str]) -> tuple[Variant, ...]:
    """Return the variants of the root ``label`` with the endpoints that its other deployments may add to ``vpcs``.

    Where a choice of that root decides in which VPC an endpoint is (``${Env}-vpc``), it may be deployed once for each value.
    """
    if not 1 < len(variants) <= MAX_SCENARIOS:
        return tuple(variants)  # with more of them, whatever is not the same in all of them may exist
    homes = {id(variant): _without_choices_of(label, variant.scenario) for variant in variants}
    places: dict[str, list[tuple[Variant, Endpoint]]] = {}
    for variant in variants:
        for each in variant.objects:
            if isinstance(each, Endpoint) and _may_be_one(each.vpc, vpcs):
                places.setdefault(each.declared.address, []).append((variant, each))

    def added(variant: Variant) -> Iterator[NetworkObject]:
        for each in variant.objects:
            if isinstance(each, Endpoint):
                found = [
                    other
                    for elsewhere, other in places.get(each.declared.address, ())
                    if not same(other.vpc, each.vpc) and any(_meeting(homes[id(variant)], homes[id(elsewhere)]))
                ]
                yield from (uncertain(other) for at, other in enumerate(found) if other not in found[:at])

    return tuple(replace(variant, objects=(*variant.objects, *added(variant))) for variant in variants)


def _may_be_one(vpc: Value, vpcs: Collection[str]) -> bool:
    """Return whether ``vpc`` is or may be one of ``vpcs``."""
    linked = link(vpc)
    return linked.address in vpcs or any(map(linked.may_be, vpcs))


def _without_choices_of(label: str, scenario: Scenario | None) -> Scenario:
    """Return a scenario without the choices of one root. It is what other roots choose."""
    if scenario is None:
        return Scenario(({},), {}, frozenset(), is_default=True)
    cases = tuple(
        {name: values for name, values in case.items() if not name.startswith(label)} for case in scenario.cases
    )
    choices = {name: values for name, values in scenario.choices.items() if not name.startswith(label)}
    return replace(scenario, cases=cases, choices=choices)


def merged(variants: Sequence[Variant]) -> Variant:
    """Return one variant for all scenarios. What is not the same in all of them may or may not exist."""
    found: dict[str, list[NetworkObject]] = {}
    for variant in variants:
        for each in variant.objects:
            alike = found.setdefault(each.declared.address, [])
            if each not in alike:
                alike.append(each)
    return Variant(
        tuple(
            each if all(each in variant.objects for variant in variants) else uncertain(each)
            for alike in found.values()
            for each in alike
        )
    )


def uncertain(thing: NetworkObject) -> NetworkObject:
    """Return an object of another root of which it is not known whether it exists."""
    declared = thing.declared
    cause = Cause(f"{declared.address} depends on what is chosen when its root is deployed", declared.span)
    exists = Unknown((cause, *merge_causes([declared.exists]))[:4], "bool")
    return replace(thing, declared=replace(declared, exists=exists))


def renamed_choices(scenario: Scenario | None, rename: Callable[[str], str]) -> Scenario | None:
    """Return a scenario with the names of its root's choices renamed."""
    if scenario is None:
        return None

    def name(old: str) -> str:
        return old if old in SHARED_CHOICES else rename(old)

    return Scenario(
        tuple({name(old): values for old, values in case.items()} for case in scenario.cases),
        {name(old): values for old, values in scenario.choices.items()},
        frozenset(map(name, scenario.sensitive)),
        scenario.is_default,
    )


def _meeting(one: Scenario | None, other: Scenario | None) -> Iterable[Scenario | None]:
    """Yield the scenario in which both hold, if there is one."""
    if one is None or other is None:
        yield other if one is None else one
        return
    choices = {
        name: tuple(dict.fromkeys((*values, *other.choices.get(name, ())))) for name, values in one.choices.items()
    }
    choices = {**other.choices, **choices}
    cases = [
        case
        for left in _widened(one, choices)
        for right in _widened(other, choices)
        if (case := _intersection(left, right)) is not None
    ]
    if cases:
        yield Scenario(tuple(cases), choices, one.sensitive | other.sensitive, one.is_default and other.is_default)


def _widened(scenario: Scenario, choices: Mapping[str, tuple[str | None, ...]]) -> Iterable[Mapping[str, Values]]:
    """Yield the cases in terms of ``choices``: a value that is only spelled out there is one of "every other value"."""
    for case in scenario.cases:
        yield {
            name: values | (frozenset(choices[name]) - frozenset(scenario.choices[name])) if None in values else values
            for name, values in case.items()
        }


def _intersection(left: Mapping[str, Values], right: Mapping[str, Values]) -> Mapping[str, Values] | None:
    both = {name: values & right[name] if name in right else values for name, values in left.items()}
    return {**right, **both} if all(both.values()) else None

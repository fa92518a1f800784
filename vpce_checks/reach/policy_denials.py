"""Find out whether statements that deny take back all that another statement of an endpoint policy allows.

Sets of actions and of resources are compared: each is what patterns take in (``Action``), or all but that (``NotAction``).
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from vpce_checks.catalog.action_resources import SHAPES, kinds_by_action
from vpce_checks.catalog.endpoint_policies import prefixes_of
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Value
from vpce_checks.reach.listed import listed
from vpce_checks.reach.policy_actions import is_action_of, is_all_of, written_arn_is_of
from vpce_checks.reach.policy_resources import Kinds, acts_on, kinds_of, narrowed
from vpce_checks.reach.policy_statements import (
    Statement,
    always_holds,
    has_effect,
    is_everybody,
)
from vpce_checks.reach.wildcards import overlap, takes_in, text_of

MAX_COMPARED = 100_000
"""How many pairs of patterns are compared for one statement. A policy of the greatest length can have more."""

Element: TypeAlias = Literal["Action", "Resource"]
Texts: TypeAlias = "list[tuple[str, TriState]]"
"""Patterns, each with whether it is there."""


class Patterns(NamedTuple):
    """What an element takes in: ``listed``, or all but that."""

    listed: Texts
    excluding: bool


class Denial(NamedTuple):
    """A statement that may deny. ``sure`` is whether it denies everybody, always."""

    actions: Patterns
    resources: Patterns
    sure: TriState


class Atom(NamedTuple):
    """One action pattern of a statement that allows, and what it acts on. None stands for all but what is excluded."""

    action: str | None
    presence: TriState
    kinds: Kinds


def denials_of(statements: Sequence[Statement], short: str | None, region: Value) -> list[Denial]:
    """Return what statements may deny."""
    found: list[Denial] = []
    for each in statements:
        sure = all_of((has_effect(each, "Deny"), is_everybody(each), always_holds(each, short)))
        if sure.possible:
            found.append(Denial(_read(each, "Action", region), _read(each, "Resource", region), sure))
    return found


def taken_back(granting: Statement, denials: Sequence[Denial], short: str | None, region: Value) -> TriState:
    """Return whether ``denials`` deny everybody all that ``granting`` allows of the service ``short``."""
    actions, resources = _read(granting, "Action", region), _read(granting, "Resource", region)
    atoms = _atoms(actions, short)
    listed = [(None, YES)] if resources.excluding else resources.listed
    work = (len(atoms) + len(listed)) * sum(len(each.actions.listed) + len(each.resources.listed) for each in denials)
    if work > MAX_COMPARED:
        return maybe()
    known: dict[tuple[int, Kinds], TriState] = {}
    acting: dict[Kinds, TriState] = {}

    def denies_resources(number: int, kinds: Kinds) -> TriState:
        if (number, kinds) not in known:
            known[number, kinds] = all_of(
                any_of((not_(presence), _denies_resource(denials[number], text, kinds, resources, short)))
                for text, presence in listed
            )
        return known[number, kinds]

    def acts(kinds: Kinds) -> TriState:
        if not kinds or short is None or resources.excluding:
            return YES
        if kinds not in acting:
            acting[kinds] = any_of(all_of((sure, acts_on(kinds, text or "*", short))) for text, sure in listed)
        return acting[kinds]

    return all_of(
        any_of(
            (
                not_(atom.presence),
                not_(acts(atom.kinds)),
                *(
                    all_of(
                        (each.sure, _denies_action(each, atom, actions, short), denies_resources(number, atom.kinds))
                    )
                    for number, each in enumerate(denials)
                ),
            )
        )
        for atom in atoms
    )


def _read(statement: Statement, element: Element, region: Value) -> Patterns:
    excluded = statement.excluded(element)
    patterns = [
        (text.lower() if element == "Action" else text, presence)
        for item, presence in listed(statement.get(element) if excluded is None else excluded, or_one=True)
        for text in (text_of(item, region),)
    ]
    return Patterns(patterns, excluded is not None)


def _atoms(actions: Patterns, short: str | None) -> list[Atom]:
    """Return the actions of ``short`` that a statement is about: single ones where we know them all."""
    known = kinds_by_action(short) if short is not None else {}
    if actions.excluding:
        if not known:
            return [Atom(None, YES, frozenset())]
        every = [Atom(name, not_(_any_takes_in(actions.listed, name)), kinds) for name, kinds in known.items()]
        return _on_data(every)
    found: list[Atom] = []
    for text, presence in actions.listed:
        if short is None or not is_action_of(text, short):
            found += () if short is not None else (Atom(text, presence, frozenset()),)
            continue
        named = [Atom(name, presence, kinds) for name, kinds in known.items() if takes_in(text, name).yes]
        own = prefixes_of(short) if not named and is_all_of(text, short) else ()
        found += (named if len(named) == 1 else _on_data(named)) or [
            Atom(each, presence, _kinds(text, short)) for each in [f"{name}:*" for name in own] or [text]
        ]
    return found


def _on_data(atoms: list[Atom]) -> list[Atom]:
    """Return the actions on buckets, objects and tables, if there are any: what else a wildcard takes in is not its point."""
    return [atom for atom in atoms if not atom.kinds <= {"account", "other"}] or atoms


def _any_takes_in(listed: Texts, action: str) -> TriState:
    return any_of(all_of((presence, takes_in(text, action))) for text, presence in listed)


def _kinds(action: str, short: str | None) -> Kinds:
    return kinds_of(action, short) if short in SHAPES and short is not None else frozenset()


def _denies_action(denial: Denial, atom: Atom, granted: Patterns, short: str | None) -> TriState:
    """Return whether a denial takes in an action of a statement that allows."""
    denied = denial.actions
    if atom.action is None:
        return _denies_all_but(denied, granted, "*", frozenset(), short)
    if denied.excluding:
        return all_of(any_of((not_(presence), _apart(text, atom.action))) for text, presence in denied.listed)
    return any_of(
        all_of((presence, YES if short is not None and is_all_of(text, short) else takes_in(text, atom.action)))
        for text, presence in denied.listed
    )


def _denies_all_but(denied: Patterns, granted: Patterns, every: str, kinds: Kinds, short: str | None) -> TriState:
    """Return whether what is denied takes in all but the patterns of ``granted``. ``every`` takes in all there is."""
    if not denied.excluding:
        whole = ((presence, _is_all(text, short), takes_in(text, every)) for text, presence in denied.listed)
        return any_of(all_of((presence, any_of((YES if all_ else NO, taken)))) for presence, all_, taken in whole)
    return all_of(
        any_of((not_(presence), *(all_of((sure, takes_in(wide, text))) for wide, sure in granted.listed)))
        for text, presence in denied.listed
        if not _is_of_others(text, short) and not _is_beside(text, kinds, short)
    )


def _is_all(text: str, short: str | None) -> bool:
    return short is not None and is_all_of(text, short)


def _is_of_others(text: str, short: str | None) -> bool:
    """Return whether an action or an ARN is certainly of a service other than ``short``."""
    if short is None:
        return False
    if text.startswith("arn:"):
        return written_arn_is_of(text, short).no
    return not is_action_of(text, short)


def _is_beside(resource: str, kinds: Kinds, short: str | None) -> bool:
    """Return whether actions on ``kinds`` certainly act on nothing that a pattern of resources takes in."""
    return bool(kinds) and short is not None and acts_on(kinds, resource, short).no


def _apart(excluded: str, action: str) -> TriState:
    """Return whether a pattern takes in no action that another one does. Two with wildcards may or may not have one."""
    found = overlap(excluded, action)
    if found.yes and not takes_in(excluded, action).yes and not takes_in(action, excluded).yes:
        return maybe()
    return not_(found)


def _denies_resource(
    denial: Denial, resource: str | None, kinds: Kinds, granted: Patterns, short: str | None
) -> TriState:
    """Return whether a denial takes in what actions on ``kinds`` act on of a resource of a statement that allows."""
    denied = denial.resources
    if resource is None:
        return _denies_all_but(denied, granted, narrowed("*", kinds, short), kinds, short)
    if _is_of_others(resource, short) or _is_beside(resource, kinds, short):
        return YES  # nothing is allowed there
    narrow = narrowed(resource, kinds, short)
    if denied.excluding:
        return all_of(
            any_of((not_(presence), not_(overlap(narrowed(text, frozenset(), short), narrow))))
            for text, presence in denied.listed
            if not _is_of_others(text, short) and not _is_beside(text, kinds, short)
        )
    found = any_of(
        all_of((presence, takes_in(narrowed(text, frozenset(), short), narrow))) for text, presence in denied.listed
    )
    # The list of all buckets has no ARN, so whether an ARN takes it in is not certain.
    doubtful = found.no and kinds == {"account"} and any(text.endswith("*") for text, _ in denied.listed)
    return maybe() if doubtful else found

"""Read the statements of an endpoint policy, and say what one of them grants or denies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from vpce_checks.base.record import record, replace
from vpce_checks.catalog.action_resources import SHAPES
from vpce_checks.catalog.partitions import PARTITIONS, partition_of
from vpce_checks.model.documents import member
from vpce_checks.model.network import link
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, PartialString, Value, merge_causes, same
from vpce_checks.reach.endpoints import is_present
from vpce_checks.reach.listed import listed
from vpce_checks.reach.policy_actions import action_is_of, is_action_of, is_all_of, resource_is_of
from vpce_checks.reach.policy_resources import Kinds, acts_on, kinds_of, narrowed
from vpce_checks.reach.wildcards import UNKNOWN, matches, takes_in, text_of

_PRINCIPALS_OF_AWS = ("AWS", "*")


@record
class Statement:
    """One statement. ``presence`` is whether the policy has it."""

    value: Value
    presence: TriState

    def get(self, name: str) -> Value:
        """Return an element; null where the statement has none."""
        return member(self.value, name)

    def excluded(self, name: str) -> Value:
        """Return ``NotAction`` and the like; null where the statement has, or may have, ``Action`` instead."""
        found = self.get(f"Not{name}")
        return None if isinstance(found, Opaque) and self.get(name) is not None else found


def statements_of(document: MapValue) -> list[Statement]:
    """Return the statements of a policy. What it may have besides is one unknown statement."""
    listed = member(document, "Statement")
    if isinstance(listed, MapValue):
        return [Statement(listed, YES)]
    if isinstance(listed, ListValue):
        found = [Statement(item, is_present(listed, place)) for place, item in enumerate(listed.items)]
        return found if listed.rest is None else [*found, Statement(listed.rest, maybe(listed.rest.causes))]
    return [] if not isinstance(listed, Opaque) else [Statement(listed, maybe(listed.causes))]


_EQUALS = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
_DIFFERS = frozenset({"stringnotequals", "stringnotequalsignorecase", "stringnotlike"})


def settled(statements: Iterable[Statement], vpc: Value) -> Iterator[Statement]:
    """Yield the statements as calls through an endpoint in ``vpc`` meet them: ``aws:SourceVpc`` is its VPC for all of them. What
    asks for that one has no such condition, what asks for another one is left out.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcevpc
    """
    for each in statements:
        conditions = _conditions(each)
        if not isinstance(conditions, MapValue) or not conditions.exact or not isinstance(each.value, MapValue):
            yield each
            continue
        left: dict[str, Value] = {}
        holds = True
        for operator, compared in conditions.items.items():
            name = operator.lower().removesuffix("ifexists")
            own = _comparisons_with(vpc, compared) if name in _EQUALS | _DIFFERS else ()
            holds = holds and not (own and name in _DIFFERS)
            if not own or not isinstance(compared, MapValue):
                left[operator] = compared
            elif rest := {key: value for key, value in compared.items.items() if key not in own}:
                left[operator] = replace(compared, items=rest)
        if holds:
            items = {**each.value.items, "Condition": replace(conditions, items=left)}
            yield replace(each, value=replace(each.value, items=items))


def _comparisons_with(vpc: Value, compared: Value) -> tuple[str, ...]:
    """Return the keys of ``compared`` that ask for ``vpc``, or for one of several of which it is one."""
    if not isinstance(compared, MapValue) or not compared.exact:
        return ()
    asked = ((key, value) for key, value in compared.items.items() if key.lower() == "aws:sourcevpc")
    return tuple(key for key, value in asked if _any(value, lambda item: YES if same(item, vpc) else NO).yes)


def in_partition(statements: Iterable[Statement], region: Value) -> Iterator[Statement]:
    """Yield the statements without resources of other partitions than that of ``region``: no call is about one of them.
    Where the region is not known, they are taken to be of its partition.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    for each in statements:
        if not isinstance(region, str) or not isinstance(each.value, MapValue):
            yield each
            continue
        own = partition_of(region)
        items = {
            name: _of_partition(value, own) if name.lower() in ("resource", "notresource") else value
            for name, value in each.value.items.items()
        }
        yield replace(each, value=replace(each.value, items=items)) if items != each.value.items else each


def _of_partition(resources: Value, own: str) -> Value:
    if not isinstance(resources, ListValue):
        return ListValue(()) if _is_elsewhere(resources, own) else resources
    kept = [place for place, item in enumerate(resources.items) if not _is_elsewhere(item, own)]
    if len(kept) == len(resources.items):
        return resources
    maybe = {new: resources.maybe[old] for new, old in enumerate(kept) if old in resources.maybe}
    return replace(resources, items=tuple(resources.items[place] for place in kept), maybe=maybe)


def _is_elsewhere(resource: Value, own: str) -> bool:
    first = resource.parts[0] if isinstance(resource, PartialString) else resource
    fields = first.split(":", 2) if isinstance(first, str) else []
    return len(fields) == 3 and fields[0] == "arn" and fields[1] in PARTITIONS - {own}


def malformed(statement: Statement) -> str | None:
    """Return why AWS refuses a statement, in words that complete "a statement ..."; None if it may take it."""
    value = statement.value
    if isinstance(value, Opaque) or not statement.presence.yes:
        return None
    if not isinstance(value, MapValue):
        return "is not an object"
    effect = statement.get("Effect")
    if effect is None or (isinstance(effect, str) and effect not in ("Allow", "Deny")):
        return "has no Effect" if effect is None else "has an Effect that is neither Allow nor Deny"
    for one, other in (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")):
        said, left = statement.get(one), statement.get(other)
        if said is None and left is None:
            return f"has no {one}"
        if not (said is None or left is None or isinstance(said, Opaque) or isinstance(left, Opaque)):
            return f"has both {one} and {other}"
    return None


def has_effect(statement: Statement, effect: Literal["Allow", "Deny"]) -> TriState:
    """Return whether the policy has the statement and its effect is ``effect``."""
    said = statement.get("Effect")
    is_it = (YES if said == effect else NO) if said is None or isinstance(said, str) else maybe(merge_causes([said]))
    return all_of((statement.presence, is_it))


def grants(statement: Statement, short: str | None, *, gateway: bool) -> dict[str, TriState]:
    """Return what must hold for a statement to grant some call of the service ``short``, each with its answer."""
    return {
        "effect": has_effect(statement, "Allow"),
        "principal": _principal_matches(statement, gateway=gateway),
        "action": _takes_action_of(statement, short),
        "resource": _takes_resource_of(statement, short),
        "condition": _may_hold(statement, short),
    }


def grants_object(statement: Statement, arn: str, region: Value, *, gateway: bool) -> TriState:
    """Return whether a statement lets everybody read the objects of ``arn``, a bucket of AWS (see :mod:`wildcards`)."""
    return all_of(
        (
            has_effect(statement, "Allow"),
            _principal_matches(statement, gateway=gateway),
            _names(statement, "Action", "s3:getobject", region),
            _names(statement, "Resource", arn, region),
            _is_unconditional(statement),
        )
    )


def denies_object(statement: Statement, arn: str, region: Value) -> TriState:
    """Return whether a statement denies everybody to read the objects of ``arn``."""
    return all_of(
        (
            has_effect(statement, "Deny"),
            is_everybody(statement),
            _names(statement, "Action", "s3:getobject", region),
            _names(statement, "Resource", arn, region),
            not_(_is_conditional(statement)),
        )
    )


def _any(value: Value, test: Callable[[Value], TriState]) -> TriState:
    return any_of(all_of((presence, test(item))) for item, presence in listed(value, or_one=True))


def _text_test(test: Callable[[str], bool]) -> Callable[[Value], TriState]:
    """Return ``test`` for values: what is not known may pass it."""

    def answer(value: Value) -> TriState:
        if isinstance(value, str):
            return YES if test(value) else NO
        return maybe(merge_causes([value]))

    return answer


# -- who ---------------------------------------------------------------------------------------------------------


def _principal_matches(statement: Statement, *, gateway: bool) -> TriState:
    """Return whether somebody in the VPC can be the principal.

    A gateway endpoint matches no principal but "*". https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    """
    if statement.excluded("Principal") is not None:
        return YES
    principal = statement.get("Principal")
    if isinstance(principal, str):
        return YES if principal == "*" else NO
    if not isinstance(principal, MapValue):
        return NO if principal is None else maybe(merge_causes([principal]))
    answers = []
    for type, named in principal.items.items():
        if type in _PRINCIPALS_OF_AWS:
            answers.append(_any(named, lambda item: _is_somebody(item, gateway=gateway)))
        elif not gateway:
            answers.append(maybe())
    rest = () if principal.rest is None else (maybe(principal.rest.causes),)
    return any_of((*answers, *rest))


def _is_somebody(principal: Value, *, gateway: bool) -> TriState:
    if isinstance(principal, str):
        return YES if principal == "*" or not gateway else NO
    if isinstance(principal, PartialString) or link(principal).address is not None:
        return NO if gateway else YES  # an ARN that is put together, or one of a role that is created here
    return maybe(merge_causes([principal])) if gateway else YES


def is_everybody(statement: Statement) -> TriState:
    """Return whether the principal of a statement is everybody."""
    principal = statement.get("Principal")
    if principal is None:
        return NO
    if isinstance(principal, MapValue):
        found = [_any(principal.items[type], _is_star) for type in _PRINCIPALS_OF_AWS if type in principal.items]
        rest = () if principal.rest is None else (maybe(principal.rest.causes),)
        return any_of((*found, *rest))
    return _is_star(principal)


def _is_star(value: Value) -> TriState:
    if isinstance(value, PartialString) or link(value).address is not None:
        return NO
    return _text_test(lambda text: text == "*")(value)


# -- what --------------------------------------------------------------------------------------------------------


def _takes_action_of(statement: Statement, short: str | None) -> TriState:
    """Return whether a statement is about some action of the service."""
    if short is None:
        return YES
    excluded = statement.excluded("Action")
    if excluded is not None:
        return not_(_any(excluded, _text_test(lambda action: is_all_of(action, short))))
    return _any(statement.get("Action"), lambda action: _of_service(action, short))


def _of_service(action: Value, short: str) -> TriState:
    if isinstance(action, PartialString) and isinstance(action.parts[0], str) and ":" in action.parts[0]:
        return action_is_of(action.parts[0], short)
    return action_is_of(action, short) if isinstance(action, str) else maybe(merge_causes([action]))


def _takes_resource_of(statement: Statement, short: str | None) -> TriState:
    """Return whether a statement is about some resource of the service."""
    asked = _asked_kinds(statement, short)
    excluded = statement.excluded("Resource")
    if excluded is not None:
        possible = asked or [(kinds_of("*", short or ""), YES)]
        return any_of(all_of((sure, _leaves_some(excluded, kinds, short))) for kinds, sure in possible)

    def takes(resource: Value) -> TriState:
        fits = any_of(all_of((sure, acts_on(kinds, text_of(resource, None), short or ""))) for kinds, sure in asked)
        return all_of((resource_is_of(resource, short), fits if asked else YES))

    return _any(statement.get("Resource"), takes)


def _leaves_some(excluded: Value, kinds: Kinds, short: str | None) -> TriState:
    """Return whether actions on ``kinds`` have a resource beside the ``excluded`` ones."""
    if _any(excluded, _text_test(lambda text: not text.strip("*"))).yes:
        return NO
    every = narrowed("*", kinds, short)
    taken = _any(excluded, lambda item: takes_in(text_of(item, None), every))
    return maybe(taken.causes) if taken.yes and not kinds.isdisjoint(("account", "other")) else not_(taken)


def _asked_kinds(statement: Statement, short: str | None) -> list[tuple[Kinds, TriState]]:
    """Return what the actions of a statement act on, each with whether it has them. Empty where nothing is known of it."""
    if short is None or short not in SHAPES or statement.excluded("Action") is not None:
        return []
    found: dict[Kinds, TriState] = {}
    for action, presence in listed(statement.get("Action"), or_one=True):
        text = text_of(action, None)
        if is_action_of(text, short):
            kinds = kinds_of(text, short)
            sure = all_of((presence, maybe() if UNKNOWN in text else YES))
            found[kinds] = any_of((found.get(kinds, NO), sure))
    return list(found.items())


def _names(statement: Statement, element: str, wanted: str, region: Value) -> TriState:
    """Return whether the patterns of ``element`` (or those that ``Not...`` excludes) take in ``wanted``."""
    excluded = statement.excluded(element)
    lower = element == "Action"

    def test(item: Value) -> TriState:
        pattern = text_of(item, region)
        return matches(pattern.lower() if lower else pattern, wanted)

    return _any(statement.get(element), test) if excluded is None else not_(_any(excluded, test))


# -- when --------------------------------------------------------------------------------------------------------


def _conditions(statement: Statement) -> Value:
    found = statement.get("Condition")
    return None if isinstance(found, MapValue) and found.exact and not found.items else found


def _is_conditional(statement: Statement) -> TriState:
    found = _conditions(statement)
    if found is None:
        return NO
    return YES if isinstance(found, MapValue) and found.items else maybe(merge_causes([found]))


def _is_unconditional(statement: Statement) -> TriState:
    """Return yes without a condition; maybe with one, as it may hold."""
    found = _conditions(statement)
    if found is None:
        return YES
    return maybe((Cause("what is allowed has a condition, which such calls may not meet"), *merge_causes([found])))


def _may_hold(statement: Statement, short: str | None) -> TriState:
    """Return whether the condition of a statement can hold for a call through an endpoint."""
    if _asks_for_source_ip(statement, "IpAddress", short):
        return NO
    failing = [key for key, holds in _comparisons(statement) if holds is False]
    return _for_all_or_none(statement, _unless(failing, "nearly no call meets", YES))


def always_holds(statement: Statement, short: str | None) -> TriState:
    """Return whether the condition of a statement holds for every call through an endpoint of ``short``."""
    found = _is_conditional(statement)
    if found.no or _asks_for_source_ip(statement, "NotIpAddress", short):
        return YES
    compared = list(_comparisons(statement))
    holding = [key for key, holds in compared if holds]
    deciding = holding if len(holding) == len(compared) else []
    return _for_all_or_none(statement, _unless(deciding, "nearly all calls meet", not_(found)))


def _unless(keys: Iterable[str], verb: str, otherwise: TriState) -> TriState:
    """Return ``otherwise``; unknown, and why, if there are ``keys`` that decide a condition for nearly all calls."""
    named = " and ".join(sorted(set(keys)))
    return maybe((Cause(f"{verb} its condition on {named}"),)) if named else otherwise


def _for_all_or_none(statement: Statement, otherwise: TriState) -> TriState:
    """Return ``otherwise``; unknown, and why, if the condition compares a key that has one value for all calls."""
    asked = _asked_keys(statement) & _SAME_FOR_ALL_CALLS.keys()
    if not asked:
        return otherwise
    named = " and ".join(sorted(_SAME_FOR_ALL_CALLS[key] for key in asked))
    cause = Cause(f"whether calls through the endpoint meet its condition on {named} is not known")
    return maybe((cause, *merge_causes([_conditions(statement)])))


_SAME_FOR_ALL_CALLS = {
    "aws:sourcevpc": "aws:SourceVpc",
    "aws:sourcevpce": "aws:SourceVpce",
    "aws:sourceip": "aws:SourceIp",
}
"""Keys of conditions with one value for all calls through an endpoint, or none: who calls does not decide them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


_LIKE, _UNLIKE = frozenset({"stringlike", "arnlike"}), frozenset({"stringnotlike", "arnnotlike"})


def _comparisons(statement: Statement) -> Iterator[tuple[str, bool | None]]:
    """Yield the keys that a condition compares, each with whether nearly all calls meet the comparison, or nearly none does;
    None where it depends on the call.

    Calls use HTTPS, and ``*`` is like any text.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport
    """
    found = _conditions(statement)
    for operator, compared in found.items.items() if isinstance(found, MapValue) else ():
        name = operator.lower().removesuffix("ifexists")
        if not isinstance(compared, MapValue):
            yield operator, None
            continue
        for key, value in compared.items.items():
            said = [item for item, presence in listed(value, or_one=True) if presence.yes]
            holds = None
            if name in _LIKE | _UNLIKE and "*" in said:
                holds = name in _LIKE
            elif name == "bool" and key.lower() == "aws:securetransport" and len(said) == 1:
                holds = {"true": True, "false": False}.get(str(said[0]).lower())
            yield key, holds


def _asked_keys(statement: Statement) -> frozenset[str]:
    """Return the keys that a condition compares, as far as they are known, in lower case."""
    found = _conditions(statement)
    compared = found.items.values() if isinstance(found, MapValue) else ()
    return frozenset(key.lower() for each in compared if isinstance(each, MapValue) for key in each.items)


def _asks_for_source_ip(statement: Statement, operator: str, short: str | None) -> bool:
    """Whether the condition compares ``aws:SourceIp``, which calls to S3 through an endpoint do not have.

    A comparison with a key that is not there fails, and a negated one holds.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
    """
    found = _conditions(statement)
    if short != "s3" or not isinstance(found, MapValue) or not found.exact:
        return False
    compared = found.items.get(operator)
    keys = [key.lower() for key in compared.items] if isinstance(compared, MapValue) else []
    alone = operator == "IpAddress" or (len(found.items) == 1 and len(keys) == 1)
    return alone and "aws:sourceip" in keys

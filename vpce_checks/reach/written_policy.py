"""Find out whether a policy that is written for an endpoint lets calls to its service through.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from vpce_checks.catalog.endpoint_policies import BUCKETS, MAX_POLICY, VERSIONS, WITHOUT_POLICY, prefixes_of
from vpce_checks.model.documents import NotJson, member, read_document
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint
from vpce_checks.model.spans import Span
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, PartialString, Value, merge_causes
from vpce_checks.reach.permission import Permission, Trouble
from vpce_checks.reach.policy_statements import (
    Statement,
    denies_object,
    grants,
    grants_object,
    has_effect,
    in_partition,
    malformed,
    settled,
    statements_of,
)
from vpce_checks.reach.wildcards import REGION

MAX_DENIALS = 64
"""How many statements that deny are compared with one that allows. A policy of the greatest length has few more."""


def judge_policy(
    endpoint: Endpoint, value: Value, short: str | None, needs: Sequence[str], place: Span, *, gateway: bool
) -> Permission:
    """Return what the policy ``value`` lets through, as :func:`vpce_checks.reach.allows.allows` does. ``place`` is where it
    is set, ``gateway`` whether the endpoint is of that type."""
    if short in WITHOUT_POLICY:
        words = f"has no effect: endpoints of {short} support no policy, and AWS refuses it"
        return _refused("unsupported", words, Evidence("the policy is set here", place))
    if _least_length(value) > MAX_POLICY:
        words = f"is longer than the {MAX_POLICY:,} characters that AWS takes"
        return _refused("too long", words, Evidence("the policy is set here", place))
    try:
        document = read_document(value)
    except NotJson as problem:
        return _refused("malformed", "is not JSON, so AWS refuses it", Evidence(f"it is not JSON: {problem}", place))
    if isinstance(document, MapValue):
        return _of_document(endpoint, document, short, needs, place, gateway=gateway)
    causes = merge_causes([document])
    if causes:
        return Permission(maybe(causes), words="is not known", why=(Evidence("the policy is set here", place),))
    return _refused("malformed", "is not a policy document", Evidence("the policy is set here", place))


def _refused(trouble: Trouble, words: str, *why: Evidence) -> Permission:
    return Permission(NO, given=True, trouble=trouble, words=words, why=why)


def _of_document(
    endpoint: Endpoint, document: MapValue, short: str | None, needs: Sequence[str], place: Span, *, gateway: bool
) -> Permission:
    statements = statements_of(document)
    here = Evidence("the policy is set here", place)
    version = _has_version(document)
    if version.no:
        return _refused("malformed", f"is malformed: its Version is neither {' nor '.join(VERSIONS)}", here)
    for number, statement in enumerate(statements, 1):
        problem = malformed(statement)
        if problem is not None:
            return _refused("malformed", f"is malformed: statement {number} {problem}", here)
    said, statements = statements, list(settled(statements, endpoint.vpc))
    everywhere, statements = statements, list(in_partition(statements, endpoint.region))
    tests = [grants(statement, short, gateway=gateway) for statement in statements]
    granting = any_of(all_of(each.values()) for each in tests)
    if granting.no:
        kept = [each for each in statements if has_effect(each, "Allow").possible]
        left_out = len(kept) < sum(has_effect(each, "Allow").possible for each in said)
        words = "allows nothing: its conditions leave its own VPC out (aws:SourceVpc)"
        if (
            not left_out
            and any_of(all_of(grants(each, short, gateway=gateway).values()) for each in everywhere).possible
        ):
            words = f"allows nothing: its resources are in other partitions than {endpoint.region}"
            return _refused("nothing allowed", words, here)
        return _refused("nothing allowed", words if left_out else _why_nothing(tests, short), here)
    answer = all_of((version, _not_taken_back(endpoint, statements, tests, short)))
    if answer.no:
        return _refused("all denied", "denies everything that it allows", here)
    missing: list[tuple[str, TriState]] = []
    if short == "s3":
        missing = [
            (need, found) for need in needs if not (found := _reads(endpoint, statements, need, gateway=gateway)).yes
        ]
    if not missing:
        return Permission(answer, words="" if answer.yes else "might allow nothing", why=(here,))
    need, found = min(missing, key=lambda item: item[1].possible)
    verb = "leaves out" if found.no else "might leave out"
    words = f"{verb} the buckets of AWS that {need} needs ({_buckets(need)})"
    return Permission(
        all_of((answer, found)), given=True, trouble="buckets", words=words, why=(here, *because(found.causes))
    )


def _has_version(document: MapValue) -> TriState:
    """Return whether the ``Version`` is one that AWS knows, or left out."""
    version = member(document, "Version")
    if isinstance(version, (Opaque, PartialString)):
        return maybe(merge_causes([version]))
    return YES if version is None or version in VERSIONS else NO


def _not_taken_back(
    endpoint: Endpoint, statements: Sequence[Statement], tests: list[dict[str, TriState]], short: str | None
) -> TriState:
    """Return whether a statement allows what no other one denies. ``tests`` are what :func:`grants` says of each."""
    allowing = [(all_of(each.values()), statement) for each, statement in zip(tests, statements, strict=True)]
    if not any(has_effect(each, "Deny").possible for each in statements):
        return any_of(allows for allows, _ in allowing)
    from vpce_checks.reach.policy_denials import denials_of, taken_back  # most policies deny nothing

    denials = denials_of(statements, short, endpoint.region)[:MAX_DENIALS]
    return any_of(
        all_of((allows, not_(taken_back(statement, denials, short, endpoint.region))))
        for allows, statement in allowing
        if allows.possible
    )


def _why_nothing(tests: list[dict[str, TriState]], short: str | None) -> str:
    allowing = [each for each in tests if each["effect"].possible]
    if not allowing:
        return "allows nothing: it has no statement with the Effect Allow"
    if all(each["principal"].no for each in allowing):
        return 'allows nobody: a gateway endpoint matches no principal but "*"'
    if all(each["action"].no for each in allowing):
        own = sorted(prefixes_of(short or ""))
        begin = f" (they begin with {own[0]}:)" if len(own) == 1 and own[0] != short else ""
        return f"allows no action of {short}{begin}"
    if all(each["resource"].no for each in allowing if each["action"].possible):
        return f"allows no call to {short}: its actions do not act on the resources beside them"
    return f"allows no call to {short}"


def _buckets(need: str) -> str:
    first, *others = (name.replace("{region}", "REGION") for name in BUCKETS[need])
    return f"{first} and others" if others else first


def _reads(endpoint: Endpoint, statements: list[Statement], need: str, *, gateway: bool) -> TriState:
    """Return whether the objects of one bucket at least of those that ``need`` has can be read."""
    region = endpoint.region
    shown = region if isinstance(region, str) else REGION
    answers = []
    for bucket in BUCKETS[need]:
        arn = f"arn:aws:s3:::{bucket.replace('{region}', shown)}/object"
        allowed = any_of(grants_object(statement, arn, region, gateway=gateway) for statement in statements)
        denied = any_of(denies_object(statement, arn, region) for statement in statements)
        answer = all_of((allowed, not_(denied)))
        turns: Literal["Allow", "Deny"] = "Deny" if answer.yes else "Allow"
        if answer.value is not None and not isinstance(region, str) and _may_name(statements, bucket, turns):
            answer = maybe((Cause(f"the region of {endpoint.address} is not known"),))
        answers.append(answer)
    return any_of(answers)


def _may_name(statements: list[Statement], bucket: str, effect: Literal["Allow", "Deny"]) -> bool:
    """Whether a statement with an effect names ``bucket`` of some region."""
    pieces = [piece for piece in bucket.split("{region}") if piece]
    for statement in statements:
        listed = statement.get("Resource")
        for item in listed.items if isinstance(listed, ListValue) else (listed,):
            if isinstance(item, str) and has_effect(statement, effect).possible and all(p in item for p in pieces):
                return True
    return False


def _least_length(value: Value) -> int:
    """Return how many characters a policy has at least. Terraform sends it without needless white space."""
    if isinstance(value, str):
        if len(value) <= MAX_POLICY:
            return len(value)
        import json  # few policies are so long

        try:
            return len(json.dumps(json.loads(value), separators=(",", ":"), ensure_ascii=False))
        except (ValueError, RecursionError):
            return len("".join(value.split()))
    if isinstance(value, PartialString):
        return sum(len("".join(part.split())) for part in value.parts if isinstance(part, str))
    document = read_document(value) if not isinstance(value, (MapValue, ListValue)) else value
    return _length_of(document)


def _length_of(document: Value) -> int:
    total = 0
    stack = [document]
    while stack and total <= MAX_POLICY:
        top = stack.pop()
        if isinstance(top, MapValue):
            total += 2 + sum(len(key) + 4 for key in top.items) - bool(top.items)
            stack.extend(top.items.values())
        elif isinstance(top, ListValue):
            total += 2 + max(0, len(top.items) - len(top.maybe) - 1)
            stack.extend(item for place, item in enumerate(top.items) if place not in top.maybe)
        elif isinstance(top, str):
            total += len(top) + 2
        elif isinstance(top, PartialString):
            total += 2 + sum(len(part) for part in top.parts if isinstance(part, str))
        elif isinstance(top, bool):
            total += 4
    return total

"""Find out whether the policy of an endpoint lets calls to its service through.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.catalog.endpoint_policies import BUCKETS, MAX_POLICY, VERSIONS, WITHOUT_POLICY, prefixes_of
from vpce_checks.model.documents import NotJson, member, read_document
from vpce_checks.model.evidence import Evidence, because
from vpce_checks.model.network import Endpoint, Network, link
from vpce_checks.model.spans import Span
from vpce_checks.model.tristate import NO, YES, TriState, all_of, any_of, maybe, not_, one_of
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, PartialString, Value, merge_causes
from vpce_checks.reach.endpoints import exists_with, has_type, names, possible_values, sole_service
from vpce_checks.reach.indexes import associations_by_endpoint
from vpce_checks.reach.opaque import known_by_stub
from vpce_checks.reach.policy_statements import (
    Statement,
    denies_object,
    grants,
    grants_object,
    has_effect,
    malformed,
    settled,
    statements_of,
)
from vpce_checks.reach.wildcards import REGION

Trouble: TypeAlias = Literal["", "unsupported", "too long", "malformed", "nothing allowed", "all denied", "buckets"]
"""What is wrong with a policy, or may be."""


@record
class Permission:
    """Whether the policy of an endpoint lets calls through. ``words`` complete "its policy ..." where it does not.

    ``given`` is whether the endpoint has a policy. Without one, everything is let through.
    """

    answer: TriState
    given: bool = True
    trouble: Trouble = ""
    words: str = ""
    why: tuple[Evidence, ...] = ()


MAX_DENIALS = 64
"""How many statements that deny are compared with one that allows. A policy of the greatest length has few more."""

OPEN = Permission(YES, given=False)
"""What holds without a policy: AWS attaches one that allows everything."""


def allows(network: Network, endpoint: Endpoint, needs: Sequence[str] = ()) -> Permission:
    """Return whether the policy of ``endpoint`` lets calls to its service through.

    ``needs`` are keys of ``BUCKETS``: an S3 endpoint must then let their buckets be read as well.
    """
    service = sole_service(endpoint)
    stub = known_by_stub(endpoint.declared)
    if stub.possible and endpoint.policy is None:
        return Permission(stub, given=False)
    if service.of_others:
        return OPEN  # AWS gives full access to the services of others, whatever the policy says
    found: list[Permission] = []
    for value, presence, place in _policies(network, endpoint):
        for possible in possible_values(value):
            certain = presence if possible is value else all_of((presence, maybe(merge_causes([value]))))
            each = _for_each_type(endpoint, possible, service.short, needs, place)
            found.append(each if certain.yes else _doubted(each, certain))
    if len(found) == 1:
        return found[0]
    worst = next((each for each in found if not each.answer.yes), found[0])
    answer = one_of(each.answer for each in found)
    return Permission(answer, any(each.given for each in found), worst.trouble, worst.words, worst.why)


def _doubted(permission: Permission, presence: TriState) -> Permission:
    if permission.answer.yes:
        return permission
    why = (*permission.why, *because(presence.causes))
    return Permission(maybe(presence.causes), True, permission.trouble, permission.words, why)


def _policies(network: Network, endpoint: Endpoint) -> Iterator[tuple[Value, TriState, Span]]:
    """Yield the policies that ``endpoint`` has or may have. A separate resource replaces the one of the endpoint."""
    replaced = False
    for each in associations_by_endpoint(network).may_name(endpoint.address):
        if each.kind == "policy":
            named = names(link(each.endpoint), endpoint.address)
            presence = all_of((named, exists_with(each.declared, endpoint.declared)))
            if presence.possible:
                replaced = replaced or presence.yes
                yield each.target, presence, each.declared.field_spans.get("target", each.declared.span)
    if not replaced:
        place = endpoint.declared.field_spans.get("policy", endpoint.declared.span)
        yield endpoint.policy, YES, place


def _for_each_type(
    endpoint: Endpoint, value: Value, short: str | None, needs: Sequence[str], place: Span
) -> Permission:
    """Return what holds as far as the type is known: a gateway endpoint matches fewer principals than another."""
    is_gateway = has_type(endpoint, "Gateway")
    if is_gateway.value is not None:
        return _judge(endpoint, value, short, needs, place, is_gateway.yes)
    gateway, other = (_judge(endpoint, value, short, needs, place, each) for each in (True, False))
    if gateway.answer.value == other.answer.value:
        return gateway
    return _doubted(other if gateway.answer.yes else gateway, maybe(is_gateway.causes))


def _judge(
    endpoint: Endpoint, value: Value, short: str | None, needs: Sequence[str], place: Span, gateway: bool
) -> Permission:
    if value is None or value == "":
        return OPEN
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
        return _of_document(endpoint, document, short, needs, place, gateway)
    causes = merge_causes([document])
    if causes:
        return Permission(maybe(causes), words="is not known", why=(Evidence("the policy is set here", place),))
    return _refused("malformed", "is not a policy document", Evidence("the policy is set here", place))


def _refused(trouble: Trouble, words: str, *why: Evidence) -> Permission:
    return Permission(NO, True, trouble, words, why)


def _of_document(
    endpoint: Endpoint, document: MapValue, short: str | None, needs: Sequence[str], place: Span, gateway: bool
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
    tests = [grants(statement, short, gateway) for statement in statements]
    granting = any_of(all_of(each.values()) for each in tests)
    if granting.no:
        kept = [each for each in statements if has_effect(each, "Allow").possible]
        left_out = len(kept) < sum(has_effect(each, "Allow").possible for each in said)
        words = "allows nothing: its conditions leave its own VPC out (aws:SourceVpc)"
        return _refused("nothing allowed", words if left_out else _why_nothing(tests, short), here)
    answer = all_of((version, _not_taken_back(endpoint, statements, tests, short)))
    if answer.no:
        return _refused("all denied", "denies everything that it allows", here)
    missing: list[tuple[str, TriState]] = []
    if short == "s3":
        missing = [(need, found) for need in needs if not (found := _reads(endpoint, statements, need, gateway)).yes]
    if not missing:
        return Permission(answer, words="" if answer.yes else "might allow nothing", why=(here,))
    need, found = min(missing, key=lambda item: item[1].possible)
    verb = "leaves out" if found.no else "might leave out"
    words = f"{verb} the buckets of AWS that {need} needs ({_buckets(need)})"
    return Permission(all_of((answer, found)), True, "buckets", words, (here, *because(found.causes)))


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


def _reads(endpoint: Endpoint, statements: list[Statement], need: str, gateway: bool) -> TriState:
    """Return whether the objects of one bucket at least of those that ``need`` has can be read."""
    region = endpoint.region
    shown = region if isinstance(region, str) else REGION
    answers = []
    for bucket in BUCKETS[need]:
        arn = f"arn:aws:s3:::{bucket.replace('{region}', shown)}/object"
        allowed = any_of(grants_object(statement, arn, region, gateway) for statement in statements)
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

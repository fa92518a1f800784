"""What endpoint policies let through, held against a second judge that tries single calls."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.networks import association, gateway, hidden, id_of, network, vpc
from tests.work import work
from vpce_checks.catalog.endpoint_policies import MAX_POLICY, is_action_of, prefixes_of
from vpce_checks.model.values import JsonText, ListValue, MapValue, PartialString, Value
from vpce_checks.reach.allows import Permission, allows
from vpce_checks.reach.wildcards import glob, matches

BUCKET = "arn:aws:s3:::ours"
CALLS = [
    (action, resource)
    for action in ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
    for resource in (BUCKET, f"{BUCKET}/a", "arn:aws:s3:::theirs/a")
]

statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Principal": st.sampled_from(["*", {"AWS": "*"}, {"AWS": "arn:aws:iam::111122223333:root"}]),
        "Action": st.sampled_from(["*", "s3:*", "s3:Get*", ["s3:GetObject", "s3:PutObject"], "dynamodb:*"]),
        "Resource": st.sampled_from(
            ["*", BUCKET, [BUCKET, f"{BUCKET}/*"], "arn:aws:s3:::*", "arn:aws:dynamodb:::table/t"]
        ),
    }
)


def permission(policy: Value, *needs: str) -> Permission:
    made = network(vpc(), gateway(policy=policy))
    return allows(made, made.endpoints[0], needs)


def of(*listed: Any) -> Permission:
    return permission(json.dumps({"Version": "2012-10-17", "Statement": list(listed)}))


def value_of(document: Any) -> Value:
    """A document as the value of an expression."""
    if isinstance(document, dict):
        return MapValue({name: value_of(item) for name, item in document.items()})
    return ListValue(tuple(map(value_of, document)), "list") if isinstance(document, list) else document


def takes_in(patterns: Any, text: str) -> bool:
    listed = patterns if isinstance(patterns, list) else [patterns]
    return any(fnmatch.fnmatchcase(text.lower(), pattern.lower()) for pattern in listed)


def lets_some_call_through(listed: Sequence[dict[str, Any]]) -> bool:
    """Whether AWS lets one of a few calls through, by IAM's rules for a gateway endpoint."""

    def about(statement: dict[str, Any], action: str, resource: str) -> bool:
        everybody = statement["Principal"] in ("*", {"AWS": "*"})
        return everybody and takes_in(statement["Action"], action) and takes_in(statement["Resource"], resource)

    for call in CALLS:
        effects = {statement["Effect"] for statement in listed if about(statement, *call)}
        if effects == {"Allow"}:
            return True
    return False


@settings(max_examples=400, deadline=None)
@given(st.lists(statements, max_size=4))
def test_a_refusal_is_certain(listed: list[dict[str, Any]]) -> None:
    found = of(*listed)
    if found.answer.no:
        assert not lets_some_call_through(listed)
    elif sum(statement["Effect"] == "Deny" for statement in listed) <= 1:
        assert lets_some_call_through(listed)  # several statements may deny together what is allowed


@settings(max_examples=200, deadline=None)
@given(st.lists(statements, min_size=1, max_size=3), st.data())
def test_hiding_a_part_never_turns_the_answer_around(listed: list[dict[str, Any]], data: Any) -> None:
    whole = of(*listed).answer.value
    at = data.draw(st.integers(0, len(listed) - 1))
    name = data.draw(st.sampled_from(["Effect", "Principal", "Action", "Resource", "all"]))
    document = value_of({"Statement": listed})
    found = document.items["Statement"]  # type: ignore[union-attr, index]
    assert isinstance(found, ListValue) and isinstance(found.items[at], MapValue)
    less = hidden() if name == "all" else MapValue({**found.items[at].items, name: hidden()})
    items = (*found.items[:at], less, *found.items[at + 1 :])
    text = JsonText(hidden().causes, "string", document=MapValue({"Statement": ListValue(items, "list")}))
    assert permission(text).answer.value in (None, whole)


@pytest.mark.parametrize("text", ["{", "no", '"*"', "[]", "{}", '{"Statement": 1}', "null", '{"Statement": "x"}'])
def test_what_is_no_policy_lets_nothing_through(text: str) -> None:
    assert permission(text).answer.no


def test_without_a_policy_everything_is_let_through() -> None:
    for none in (None, ""):
        found = permission(none)
        assert found.answer.yes and not found.given


ALL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def test_length_counts_without_needless_white_space() -> None:
    wide = json.dumps({"Statement": [ALL]}, indent=4) + " " * MAX_POLICY
    assert permission(wide).answer.yes
    long = of(*[{**ALL, "Sid": f"s{n}"} for n in range(400)])
    assert long.answer.no and long.trouble == "too long"


def test_a_policy_of_a_megabyte_is_refused_unread() -> None:
    for text in (json.dumps({"Statement": [ALL] * 20_000}), "[" * 1_000_000, "x" * 1_000_000):
        assert permission(text).answer.no
        assert work(lambda text=text: permission(text)) < 1_000
    nested = PartialString(('{"Statement": ' + "[" * 3_000, hidden()))
    assert permission(nested).answer.value is None


def test_a_text_with_gaps_is_read_around_them() -> None:
    gap = id_of("aws_s3_bucket.b", "arn")
    start = '{"Statement": [{"Effect": "'
    closed = PartialString((start + 'Deny", "Principal": "*", "Action": "*", "Resource": "', gap, '"}]}'))
    assert permission(closed).answer.no
    opened = PartialString((start + 'Allow", "Principal": "*", "Action": "s3:*", "Resource": "', gap, '/*"}]}'))
    assert permission(opened).answer.yes
    assert permission(opened, "ecr").answer.no


def test_a_resource_takes_the_place_of_the_policy() -> None:
    made = network(vpc(), gateway(policy=json.dumps({"Statement": [ALL]})), association("policy", '{"Statement": []}'))
    assert allows(made, made.endpoints[0]).answer.no
    perhaps = network(
        vpc(),
        gateway(policy=json.dumps({"Statement": [ALL]})),
        association("policy", '{"Statement": []}', exists=hidden()),
    )
    assert allows(perhaps, perhaps.endpoints[0]).answer.value is None


def test_actions_have_the_names_of_iam() -> None:
    assert prefixes_of("monitoring") == {"cloudwatch"}
    assert is_action_of("cloudwatch:PutMetricData", "monitoring") and not is_action_of("logs:*", "monitoring")
    assert is_action_of("unheard-of:*", "monitoring") and is_action_of("*", "s3") and is_action_of("s?:Get", "s3")
    assert not is_action_of("dynamodb:GetItem", "s3") and is_action_of("ecr:*", "a-new-service")


@settings(max_examples=300, deadline=None)
@given(st.text("ab*?", max_size=6), st.text("ab", max_size=6))
def test_wildcards_are_those_of_iam(pattern: str, text: str) -> None:
    assert glob(pattern, text) == fnmatch.fnmatchcase(text, pattern)


def test_the_partition_does_not_count() -> None:
    assert matches("arn:aws-cn:s3:::b/*", "arn:aws:s3:::b/x").yes and matches("arn:\ue000:s3:::b", "arn:aws:s3:::b").yes
    assert matches("arn:aws:s3:::\ue000", "arn:aws:s3:::b").value is None

"""What endpoint policies let through, held against a second judge that tries single calls."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.networks import association, gateway, hidden, id_of, interface, network, vpc
from tests.sampling import at_most
from tests.work import work
from vpce_checks.catalog.endpoint_policies import MAX_POLICY, prefixes_of
from vpce_checks.model.values import JsonText, ListValue, MapValue, PartialString, Reference, Value
from vpce_checks.reach.allows import allows
from vpce_checks.reach.permission import Permission
from vpce_checks.reach.policy_actions import action_is_of, is_action_of, is_all_of, resource_is_of, written_arn_is_of
from vpce_checks.reach.wildcards import glob, matches

BUCKET = "arn:aws:s3:::ours"
CALLS = [
    (action, resource)
    for actions, resources in (
        (
            ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl", "s3:PutObjectAcl"),
            (f"{BUCKET}/a", f"{BUCKET}/b", "arn:aws:s3:::theirs/a"),
        ),
        (("s3:ListBucket", "s3:GetBucketAcl", "s3:PutBucketAcl"), (BUCKET, "arn:aws:s3:::theirs")),
    )
    for action in actions
    for resource in resources
]
"""Calls that AWS knows: some actions act on objects, others on buckets."""

ACTIONS = ["*", "s3:*", "s3:Get*", "s3:*Object", ["s3:GetObject", "s3:PutObject"], "s3:ListBucket", "dynamodb:*"]
RESOURCES = ["*", BUCKET, f"{BUCKET}/*", [BUCKET, f"{BUCKET}/*"], "arn:aws:s3:::*", "arn:aws:dynamodb:::table/t"]

statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Principal": st.sampled_from(["*", {"AWS": "*"}, {"AWS": "arn:aws:iam::111122223333:root"}]),
        "Action": st.sampled_from(ACTIONS),
        "Resource": st.sampled_from(RESOURCES),
    }
)


def turned(statement: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The statement with ``NotAction`` or ``NotResource`` in place of an element."""
    return {f"Not{name}" if name in names else name: value for name, value in statement.items()}


any_statements = st.builds(
    turned, statements, st.sampled_from([(), (), ("Action",), ("Resource",), ("Action", "Resource")])
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
        pairs = (("Action", action), ("Resource", resource))
        return everybody and all(
            takes_in(statement[name], text) if name in statement else not takes_in(statement[f"Not{name}"], text)
            for name, text in pairs
        )

    for call in CALLS:
        effects = {statement["Effect"] for statement in listed if about(statement, *call)}
        if effects == {"Allow"}:
            return True
    return False


@settings(max_examples=at_most(75, 300), deadline=None)
@given(st.lists(any_statements, max_size=4))
def test_a_refusal_is_certain(listed: list[dict[str, Any]]) -> None:
    found = of(*listed)
    if found.answer.no:
        assert not lets_some_call_through(listed)
    elif found.answer.yes and sum(statement["Effect"] == "Deny" for statement in listed) <= 1:
        assert lets_some_call_through(listed)  # several statements may deny together what is allowed


@settings(max_examples=300, deadline=None)
@given(st.lists(any_statements, min_size=1, max_size=3), st.data())
def test_hiding_a_part_never_turns_the_answer_around(listed: list[dict[str, Any]], data: Any) -> None:
    whole = of(*listed).answer.value
    at = data.draw(st.integers(0, len(listed) - 1))
    name = data.draw(st.sampled_from([*sorted(listed[at]), "all"]))
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


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource, **more}


def deny(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", **elements}


EACH = "arn:aws:s3:::*"
VERDICTS: dict[str, tuple[bool | None, list[dict[str, Any]]]] = {
    # NotAction and NotResource
    "all but other actions is denied": (False, [allow("s3:Get*"), deny(NotAction="s3:List*", Resource="*")]),
    "all but some of them is denied": (
        True,
        [allow(["s3:Get*", "s3:List*"]), deny(NotAction="s3:List*", Resource="*")],
    ),
    "all but it is denied": (True, [allow("s3:GetObject"), deny(NotAction="s3:GetObject", Resource="*")]),
    "all but another bucket is denied": (
        False,
        [allow("s3:GetObject", f"{BUCKET}/*"), deny(Action="s3:*", NotResource="arn:aws:s3:::theirs/*")],
    ),
    "all but its bucket is denied": (
        True,
        [allow("s3:GetObject", f"{BUCKET}/*"), deny(Action="s3:*", NotResource=[BUCKET, f"{BUCKET}/*"])],
    ),
    "all but others' actions is denied": (False, [allow("s3:*"), deny(NotAction="dynamodb:*", Resource="*")]),
    "all but some actions is allowed and denied": (
        False,
        [
            {"Effect": "Allow", "Principal": "*", "NotAction": "s3:Put*", "Resource": "*"},
            deny(Action="s3:*", Resource="*"),
        ],
    ),
    # What actions act on
    "objects of a bucket by its own ARN": (False, [allow("s3:GetObject", BUCKET)]),
    "actions on objects by a wildcard": (False, [allow("s3:GetObject*", BUCKET)]),
    "a wildcard with actions on buckets": (True, [allow("s3:Get*", BUCKET)]),
    "objects by the prefix of a name": (True, [allow("s3:GetObject", f"{BUCKET}*")]),
    "a bucket by the ARN of its objects": (False, [allow("s3:ListBucket", f"{BUCKET}/*")]),
    "an action that we do not know": (True, [allow("s3:DoSomethingNew", BUCKET)]),
    "objects of an access point": (
        True,
        [allow("s3:GetObject", "arn:aws:s3:eu-west-1:111122223333:accesspoint/a/object/*")],
    ),
    "an access point itself": (False, [allow("s3:GetObject", "arn:aws:s3:eu-west-1:111122223333:accesspoint/a")]),
    "the list of all buckets": (True, [allow("s3:ListAllMyBuckets")]),
    "the list of all buckets of one": (False, [allow("s3:ListAllMyBuckets", BUCKET)]),
    # AWS documents no ARN for it, and examples of AWS use this one.
    "the list of all buckets denied by an ARN": (
        None,
        [allow("s3:ListAllMyBuckets"), deny(Action="s3:*", Resource=EACH)],
    ),
    "the list of all buckets denied": (False, [allow("s3:ListAllMyBuckets"), deny(Action="s3:List*", Resource="*")]),
    "objects denied by the ARN of every bucket": (False, [allow("s3:GetObject"), deny(Action="s3:*", Resource=EACH)]),
    "objects denied, buckets not": (
        True,
        [allow("s3:*", [BUCKET, f"{BUCKET}/*"]), deny(Action="s3:*", Resource=f"{BUCKET}/*")],
    ),
    "objects denied beside a useless ARN": (
        False,
        [allow("s3:GetObject", [BUCKET, f"{BUCKET}/*"]), deny(Action="s3:*", Resource=f"{BUCKET}/*")],
    ),
    # Several statements
    "two that deny one each": (
        False,
        [
            allow(["s3:GetObject", "s3:PutObject"]),
            deny(Action="s3:GetObject", Resource="*"),
            deny(Action="s3:Put*", Resource="*"),
        ],
    ),
    "one of two is denied": (
        True,
        [allow(["s3:GetObject", "s3:PutObject"]), deny(Action="s3:GetObject", Resource="*")],
    ),
    "everything for others, and denied": (False, [allow("*", BUCKET), deny(Action="s3:*", Resource=[BUCKET])]),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_what_statements_leave(case: str) -> None:
    expected, listed = VERDICTS[case]
    assert of(*listed).answer.value is expected


def test_tables_and_their_indexes() -> None:
    table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t"

    def found(*listed: dict[str, Any]) -> bool | None:
        made = network(vpc(), gateway("dynamodb", policy=json.dumps({"Statement": listed})))
        return allows(made, made.endpoints[0]).answer.value

    assert found(allow("dynamodb:GetItem", table)) is True
    assert found(allow("dynamodb:GetItem", f"{table}/index/*")) is False
    assert found(allow("dynamodb:Query", f"{table}/index/*")) is True
    assert found(allow("dynamodb:ListTables", table)) is False
    assert found(allow("dynamodb:Query"), deny(Action="dynamodb:*", Resource="arn:aws:dynamodb:*:*:table/*")) is False
    assert found(allow("dynamodb:Query", table), deny(NotAction="dynamodb:Scan", Resource="*")) is False


def test_what_is_created_here_is_not_all_the_same() -> None:
    one, other = (id_of(f"aws_s3_bucket.{name}", "arn") for name in ("a", "b"))

    def found(allowed: Value, denied: Value, action: str = "s3:*") -> bool | None:
        document = value_of({"Statement": [allow(action, None), deny(Action=action, Resource=None)]})
        first, second = document.items["Statement"].items  # type: ignore[union-attr]
        items = (MapValue({**first.items, "Resource": allowed}), MapValue({**second.items, "Resource": denied}))
        text = JsonText((), "string", document=MapValue({"Statement": ListValue(items, "list")}))
        return permission(text).answer.value

    assert found(one, other) is True
    assert found(one, one) is False
    name = PartialString(("arn:aws:s3:::", id_of("aws_s3_bucket.a", "id")))
    assert found(one, name) is False
    assert found(one, hidden()) is None
    assert found(hidden(), hidden()) is None
    assert found(one, other, "s3:GetObject") is False  # the ARN of a bucket is no object
    assert found(PartialString((one, "/*")), other, "s3:GetObject") is True


def test_long_lists_are_compared_with_little_work() -> None:
    assert work(_compare_long_lists) < 6_000_000


def _compare_long_lists() -> None:
    names = [f"s3:*{n}*a*" for n in range(400)]
    of(
        *[allow(names[:50], [f"{BUCKET}{n}/*" for n in range(40)]) for _ in range(4)],
        *[deny(NotAction=names, Resource="*")] * 2,
    )
    of(
        *[allow("s3:*", f"{BUCKET}/{n}*") for n in range(90)],
        *[deny(Action=f"s3:*{n}", Resource=f"*{n}") for n in range(90)],
    )


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([{**ALL, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"}}}], None),
        ([{**ALL, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}], True),
        ([ALL, {**ALL, "Effect": "Deny", "Condition": {"StringEquals": {"aws:sourceVpce": "vpce-1"}}}], None),
        ([ALL, {**ALL, "Effect": "Deny", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}], True),
        (
            [
                ALL,
                {
                    **ALL,
                    "Effect": "Deny",
                    "Condition": {
                        "NotIpAddressIfExists": {"aws:SourceIp": "10.0.0.0/8"},
                        "Bool": {"aws:ViaAWSService": "false"},
                    },
                },
            ],
            None,
        ),
    ],
)
def test_what_a_condition_asks_of_the_way_is_the_same_for_all_calls(statements: Any, answer: bool | None) -> None:
    assert of(*statements).answer.value is answer


SECURE = "aws:SecureTransport"


@pytest.mark.parametrize(
    ("effect", "condition", "answer"),
    [
        ("Deny", {"Bool": {SECURE: "true"}}, None),
        ("Deny", {"BoolIfExists": {SECURE: [True]}}, None),
        ("Deny", {"StringLike": {"aws:PrincipalArn": "*"}}, None),
        ("Deny", {"Bool": {SECURE: "true"}, "StringLike": {"aws:PrincipalArn": ["arn:aws:iam::1:role/r", "*"]}}, None),
        ("Deny", {"Bool": {SECURE: "false"}}, True),
        ("Deny", {"StringLike": {"aws:PrincipalArn": "arn:*"}}, True),
        ("Deny", {"StringNotLike": {"aws:PrincipalArn": "*"}}, True),
        ("Deny", {"Bool": {SECURE: "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ("Allow", {"Bool": {SECURE: "true"}}, True),
        ("Allow", {"Bool": {SECURE: "false"}}, None),
        ("Allow", {"StringLike": {"aws:PrincipalArn": "*"}}, True),
        ("Allow", {"StringNotLike": {"aws:PrincipalArn": "*"}}, None),
    ],
)
def test_what_nearly_all_calls_meet_decides_no_more_than_it_may(
    effect: str, condition: dict[str, Any], answer: bool | None
) -> None:
    conditional = {**ALL, "Effect": effect, "Condition": condition}
    found = of(*([conditional] if effect == "Allow" else [ALL, conditional]))
    assert found.answer.value is answer
    if answer is None:
        words = "nearly all calls meet" if effect == "Deny" else "nearly no call meets"
        assert found.answer.causes[0].text.startswith(f"{words} its condition on aws:")


@pytest.mark.parametrize(
    ("operator", "asked", "effect", "answer"),
    [
        ("StringEquals", "OWN", "Allow", True),
        ("StringEquals", ["vpc-0123456789abcdef0", "OWN"], "Allow", True),
        ("StringLikeIfExists", "OWN", "Allow", True),
        ("StringNotEquals", "OWN", "Allow", False),
        ("StringNotEquals", ["vpc-0123456789abcdef0", "OWN"], "Allow", False),
        ("StringNotEquals", "vpc-0123456789abcdef0", "Allow", None),
        ("StringEquals", "OWN", "Deny", False),
        ("StringNotEquals", "OWN", "Deny", True),
        ("StringNotEquals", ["OWN", "vpc-0123456789abcdef0"], "Deny", True),
        ("StringEquals", "vpc-0123456789abcdef0", "Deny", None),
    ],
)
def test_the_own_vpc_is_that_of_all_calls(operator: str, asked: Any, effect: str, answer: bool | None) -> None:
    """``aws:SourceVpc`` is the VPC of the endpoint, whoever calls."""
    own = id_of("aws_vpc.main")
    values = [own if each == "OWN" else each for each in (asked if isinstance(asked, list) else [asked])]
    conditional = {**ALL, "Effect": effect, "Condition": {operator: {"aws:SourceVpc": values}}}
    statements = [conditional] if effect == "Allow" else [ALL, conditional]
    found = permission(value_of({"Version": "2012-10-17", "Statement": statements}))
    assert found.answer.value is answer
    assert ("its own VPC" in found.words) is (operator == "StringNotEquals" and answer is False)


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


@pytest.mark.parametrize(
    ("action", "short", "answer"),
    [
        # What PrivateLink calls a service is no prefix of IAM, if its actions are known to begin otherwise.
        ("monitoring:*", "monitoring", False),
        ("ecr.dkr:*", "ecr.dkr", False),
        ("git-codecommit:GitPull", "git-codecommit", False),
        ("bedrock-runtime:InvokeModel", "bedrock-runtime", False),
        ("kms-fips:*", "kms-fips", False),
        ("CloudWatch:PutMetricData", "monitoring", True),
        ("kms:*", "kms-fips", True),
        # A prefix that we do not know may be new.
        ("emr:*", "elasticmapreduce", None),
        (":Get", "sqs", None),
        ("health:*", "sqs", False),  # one without an endpoint
        # Services of which we know no actions
        ("connect:*", "connect", True),
        ("glue:*", "glue.sessions", True),
        ("sagemaker:CreatePresignedNotebookInstanceUrl", "notebook", True),  # aws.sagemaker.REGION.notebook
        ("codewhisperer:*", "q", True),  # Amazon Q Developer has both prefixes
        ("q:*", "codewhisperer", True),
        ("api:*", "kendra-ranking", None),  # aws.api.REGION.kendra-ranking
        ("a-new-service:*", "a-new-service", True),
        ("ecr:*", "a-new-service", None),
        ("monitoring:*", "a-new-service", False),
        # Without a service, or with wildcards in it
        ("s3", "kms", False),
        ("sqs", "sqs", False),
        ("s3*", "sqs", False),
        ("sqs*", "sqs", None),
        ("s*", "sqs", None),
        ("s?s:*", "sqs", None),
        ("k?s:*", "sqs", False),
        ("", "sqs", False),
        ("**", "sqs", True),
        ("*:*", "sqs", True),
        ("\ue000:*", "sqs", None),
        ("\ue000", "sqs", None),
    ],
)
def test_an_action_begins_with_the_name_of_its_service(action: str, short: str, answer: bool | None) -> None:
    assert action_is_of(action, short).value is answer


@pytest.mark.parametrize(
    ("action", "short", "answer"),
    [
        ("*", "sqs", True),
        ("**", "sqs", True),
        ("*:*", "sqs", True),
        ("sqs:*", "sqs", True),
        ("sqs:?*", "sqs", True),  # each has a letter
        ("sqs:*???", "sqs", True),
        ("sqs:????*", "sqs", False),
        ("sqs:???", "sqs", False),
        ("sqs:Send*", "sqs", False),
        ("sns:*", "sqs", False),
        ("s3:*", "s3", True),
        ("s3express:*", "s3", False),
        ("dax:*", "dynamodb-fips", False),
        ("*:Get*", "sqs", False),
        ("", "sqs", False),
    ],
)
def test_what_takes_in_every_action(action: str, short: str, answer: bool) -> None:
    assert is_all_of(action, short) is answer


@pytest.mark.parametrize(
    ("arn", "short", "answer"),
    [
        ("arn:aws:sns:eu-west-1:111122223333:x", "sqs", False),
        ("arn:aws:sqs:eu-west-1:111122223333:x", "sqs", True),
        ("arn:aws:s?s:eu-west-1:111122223333:x", "sqs", True),
        ("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x", "monitoring", True),
        ("arn:aws:iam::111122223333:role/x", "sts", True),
        ("arn:aws:iam::111122223333:role/x", "kms", False),
        ("arn:aws:ecs:eu-west-1:111122223333:task/x", "ssm", True),
        ("arn:aws:rds:eu-west-1:111122223333:cluster:x", "rds-data", True),
        ("arn:aws:rds:eu-west-1:111122223333:snapshot:x", "backup", True),
        ("arn:aws:ssm:eu-west-1:111122223333:session/x", "ssmmessages", None),  # AWS documents no ARN
        ("arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*", "notebook", True),
        ("arn:aws:a-new-service:eu-west-1:111122223333:x", "sqs", None),
        ("arn:aws:sns:eu-west-1:111122223333:x", "a-new-service", None),
        ("arn:aws:\ue000:eu-west-1:111122223333:x", "sqs", None),
        ("\ue000", "sqs", None),
        ("*", "sqs", True),
    ],
)
def test_which_arns_actions_act_on(arn: str, short: str, answer: bool | None) -> None:
    assert written_arn_is_of(arn, short).value is answer


def test_what_is_created_here_is_of_its_service() -> None:
    bucket = id_of('module.a["x.y"].aws_s3_bucket.b["aws_sqs_queue.q"]', "arn")
    assert (
        resource_is_of(bucket, "dynamodb").no and resource_is_of(bucket, "sqs").no and resource_is_of(bucket, "s3").yes
    )
    assert resource_is_of(PartialString((bucket, "/*")), "dynamodb").no
    assert resource_is_of(id_of("aws_s3_bucket.b", "id"), "dynamodb").possible
    assert resource_is_of(id_of("aws_some_thing.b", "arn"), "dynamodb").possible
    queue = Reference("data.aws_sqs_queue.q", ("arn",), "data")
    assert resource_is_of(queue, "sqs").yes and resource_is_of(queue, "sns").no
    assert resource_is_of(id_of("envs/prod:aws_sqs_queue.q", "arn"), "sns").no


@pytest.mark.parametrize(
    ("short", "listed", "answer"),
    [
        ("sqs", [{**ALL, "Resource": "arn:aws:sns:eu-west-1:111122223333:x"}], False),
        ("sqs", [{**ALL, "Resource": ["arn:aws:sns:eu-west-1:111122223333:x", "arn:aws:sqs:*:*:y"]}], True),
        ("sqs", [{**ALL, "NotResource": "arn:aws:sns:*:*:x", "Resource": None}], True),
        ("sqs", [ALL, deny(Action="sqs:?*", Resource="*")], False),
        ("sqs", [ALL, deny(Action="*", NotResource="arn:aws:sns:*:*:*")], False),
        (
            "sqs",
            [
                {**ALL, "Resource": ["arn:aws:sns:*:*:x", "arn:aws:sqs:*:*:x"]},
                deny(Action="*", Resource="arn:aws:sqs:*:*:*"),
            ],
            False,
        ),
        ("s3", [ALL, deny(Action="s3express:*", Resource="*")], True),
        ("dynamodb", [ALL, deny(Action="dax:*", Resource="*")], True),
        ("dynamodb", [{**ALL, "Action": None, "NotAction": ["dax:*"]}], True),
        ("monitoring", [allow("monitoring:*")], False),
        ("monitoring", [{**ALL, "Action": None, "NotAction": ["monitoring:*"]}], True),
    ],
)
def test_policies_of_interface_endpoints(short: str, listed: list[dict[str, Any]], answer: bool | None) -> None:
    written = [{name: value for name, value in each.items() if value is not None} for each in listed]
    made = network(vpc(), interface(short, policy=json.dumps({"Statement": written})))
    assert allows(made, made.endpoints[0]).answer.value is answer


@pytest.mark.parametrize(
    ("version", "answer"), [("2012-10-17", True), ("2008-10-17", True), ("2024-01-01", False), ("", False)]
)
def test_there_are_two_versions_of_the_language(version: str, answer: bool) -> None:
    found = permission(json.dumps({"Version": version, "Statement": [ALL]}))
    assert found.answer.value is answer and ("its Version is neither" in found.words) is not answer
    text = JsonText((), "string", document=MapValue({"Version": hidden(), "Statement": value_of([ALL])}))
    assert permission(text).answer.value is None


def test_it_says_what_actions_begin_with() -> None:
    made = network(vpc(), interface("monitoring", policy=json.dumps({"Statement": [allow("monitoring:*")]})))
    assert "allows no action of monitoring (they begin with cloudwatch:)" in allows(made, made.endpoints[0]).words


@settings(max_examples=300, deadline=None)
@given(st.text("ab*?", max_size=6), st.text("ab", max_size=6))
def test_wildcards_are_those_of_iam(pattern: str, text: str) -> None:
    assert glob(pattern, text) == fnmatch.fnmatchcase(text, pattern)


def test_the_partition_does_not_count() -> None:
    assert matches("arn:aws-cn:s3:::b/*", "arn:aws:s3:::b/x").yes and matches("arn:\ue000:s3:::b", "arn:aws:s3:::b").yes
    assert matches("arn:aws:s3:::\ue000", "arn:aws:s3:::b").value is None


GOV, OTHER = ["arn:aws-us-gov:s3:::b", "arn:aws-us-gov:s3:::b/*"], ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]


@pytest.mark.parametrize(
    ("listed", "answer"),
    [
        ([allow("s3:*", GOV)], True),
        ([allow("s3:*", OTHER)], False),
        ([allow("s3:*", OTHER[1])], False),
        ([allow("s3:*", [*OTHER, *GOV])], True),
        ([allow("s3:*", "arn:*:s3:::b/*")], True),
        ([allow("*"), deny(Action="*", Resource="arn:aws:s3:::*")], True),
        ([allow("*"), deny(Action="*", Resource="arn:aws-us-gov:s3:::*")], False),
        ([allow("*"), deny(Action="s3:*", NotResource=OTHER)], False),
        ([allow("*"), deny(Action="s3:*", NotResource=GOV)], True),
    ],
)
def test_resources_of_other_partitions_are_nobodys(listed: list[dict[str, Any]], answer: bool) -> None:
    name = "com.amazonaws.us-gov-west-1.s3"
    made = network(
        vpc(region="us-gov-west-1"), gateway(name, region="us-gov-west-1", policy=value_of({"Statement": listed}))
    )
    assert allows(made, made.endpoints[0], ()).answer.value is answer


def test_the_layers_of_images_are_in_the_partition_of_the_region() -> None:
    for partition, answer in (("aws-us-gov", True), ("aws", False)):
        arn = f"arn:{partition}:s3:::prod-us-gov-west-1-starport-layer-bucket/*"
        policy = value_of({"Statement": [allow("s3:GetObject", arn)]})
        made = network(vpc(), gateway("com.amazonaws.us-gov-west-1.s3", region="us-gov-west-1", policy=policy))
        assert allows(made, made.endpoints[0], ("ecr",)).answer.value is answer


@pytest.mark.parametrize(
    ("resource", "answer"),
    [
        ("our-bucket/*", False),
        ("${Bucket.Arn}/*", False),
        (["our-bucket", f"{BUCKET}/*"], True),
        ("*our-bucket/*", True),
        ("a*", True),
    ],
)
def test_what_is_no_arn_is_no_resource(resource: Any, answer: bool) -> None:
    assert of(allow("s3:GetObject", resource)).answer.value is answer


def test_a_statement_names_what_it_is_about_once() -> None:
    said = of(allow("s3:*", NotAction="s3:DeleteObject"))
    assert said.answer.no and said.trouble == "malformed" and "both Action and NotAction" in said.words

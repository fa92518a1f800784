"""What a comment asks to ignore."""

from __future__ import annotations

from datetime import date

import pytest

from vpce_checks.model.ignores import IgnoreComment, may_ignore, requests_in

LAST = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("text", "rules", "reason", "until"),
    [
        ("vpce-checks:ignore VPCE001 no traffic", ("VPCE001",), "no traffic", None),
        ("vpce-checks:ignore vpce001,VPCE002: two", ("VPCE001", "VPCE002"), "two", None),
        ("vpce-checks:ignore VPCE001 until=2027-03-01 moves in March", ("VPCE001",), "moves in March", LAST),
        ("vpce-checks:ignore VPCE001 moves in March until=2027-03-01", ("VPCE001",), "moves in March", LAST),
        ("vpce-checks:ignore VPCE001: moves (until=2027-03-01), NET-1", ("VPCE001",), "moves (), NET-1", LAST),
        ("vpce-checks:ignore VPCE001 until 2027-03-01", ("VPCE001",), "until 2027-03-01", None),
        ("vpce-checks:ignore VPCE001 it is valid_until=2027-03-01", ("VPCE001",), "it is valid_until=2027-03-01", None),
        ("vpce-checks:ignore until=2027-03-01 a sandbox", (), "a sandbox", LAST),
        ("vpce-checks:ignore all of it", (), "of it", None),
        ("vpce-checks:ignore", (), "", None),
        ("vpce-checks:ignore legacy stack", ("LEGACY",), "stack", None),
        ("checkov:skip=VPCE006:why", ("VPCE006",), "why", None),
        ("checkov:skip=CKV_AWS_1,VPCE007", ("VPCE007",), "", None),
    ],
)
def test_requests(text: str, rules: tuple[str, ...], reason: str, until: date | None) -> None:
    (request,) = requests_in(f"# {text}\n")
    assert (request.rules, request.reason, request.until, request.problem) == (rules, reason, until, "")
    assert request.start == 2
    assert may_ignore(text.encode())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("vpce-checks:ignore VPCE001 until=2027-02-30", "there is no date '2027-02-30'"),
        ("vpce-checks:ignore VPCE001 until=", "there is no date ''"),
        ("vpce-checks:ignore VPCE001 until=March", "there is no date 'March'"),
        ("vpce-check:ignore VPCE001", "ignores nothing; write vpce-checks:ignore RULE reason"),
        ("vpce-checks: ignore VPCE001", "ignores nothing"),
        ("vpce_checks:ignore VPCE001", "ignores nothing"),
        ("vpce-checks-ignore VPCE001", "ignores nothing"),
        ("vpce-checks:skip VPCE001", "ignores nothing"),
    ],
)
def test_malformed_requests_hold_for_nothing(text: str, problem: str) -> None:
    (request,) = requests_in(text)
    assert problem in request.problem
    assert may_ignore(text.encode())
    assert not request.at("f", 1).holds()


@pytest.mark.parametrize(
    "text",
    ["checkov:skip=CKV_AWS_1:theirs", "vpce-checks scan", "vpce-checks:", "vpce-checks ignores .", "ignore VPCE001"],
)
def test_what_is_no_request(text: str) -> None:
    assert list(requests_in(text)) == []


def test_a_request_ends() -> None:
    comment = IgnoreComment("f", 3, (), "", until=LAST)
    assert comment.holds(LAST) and not comment.holds(date(2027, 3, 2))
    assert comment.target == 3

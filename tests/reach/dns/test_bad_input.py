"""Zones, records and Profiles that make no sense, or too many of them: an answer, or a doubt that says why, in time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import MAIN, declared, hidden, id_of, interface, network, record, vpc, zone
from tests.work import work
from vpce_checks.base.record import replace
from vpce_checks.model.network import Network, ProfileAssociation, ZoneAssociation
from vpce_checks.model.values import ListValue, PartialString
from vpce_checks.reach.dns.names import names_of
from vpce_checks.reach.dns.resolve import Outcome, resolve

SSM = "ssm.eu-west-1.amazonaws.com"


def outcomes(made: Network, name: str = SSM) -> tuple[Outcome, ...]:
    query = names_of(made).of(name)
    assert query is not None
    return resolve(made, MAIN, query)


def kinds(*objects: Any, name: str = SSM) -> set[str]:
    return {outcome.kind for outcome in outcomes(network(vpc(), *objects), name)}


def named(place: int, target: Any, **fields: Any) -> Any:
    made = replace(record(target, of="aws_route53_zone.it"), **fields)
    return replace(made, declared=declared(f"aws_route53_record.r{place}"))


def test_a_zone_without_a_name() -> None:
    for name in (None, hidden(), PartialString((hidden(), ".amazonaws.com"))):
        (outcome, *others) = outcomes(network(vpc(), replace(zone(MAIN), name=name)))
        assert outcome.doubts or others
        assert "endpoint" not in {outcome.kind, *(other.kind for other in others)}


def test_a_zone_of_the_root_covers_everything() -> None:
    assert kinds(replace(zone(MAIN), name=".")) == {"none"}


def test_records_that_point_to_each_other() -> None:
    one = named(1, "b.corp", name="a.corp", type="CNAME")
    other = named(2, "a.corp", name="b.corp", type="CNAME")
    own = replace(zone(MAIN), name="corp")
    assert kinds(own, one, other, name="a.corp") == {"none"}
    assert kinds(own, replace(one, targets=ListValue(("a.corp",))), name="a.corp") == {"none"}


def test_many_records_that_point_to_each_other_take_little_work() -> None:
    own = replace(zone(MAIN), name="corp")
    everyone = ListValue(tuple(f"n{place}.corp" for place in range(40)))
    records = [replace(named(place, ""), name=f"n{place}.corp", targets=everyone, type="CNAME") for place in range(40)]
    assert kinds(own, *records, name="n0.corp") == {"none"}
    assert work(lambda: kinds(own, *records, name="n0.corp")) < 2_000_000


def test_a_record_of_many_values() -> None:
    def calls(count: int) -> int:
        values = ListValue(tuple(f"10.0.{place // 256}.{place % 256}" for place in range(count)))
        assert kinds(zone(MAIN), replace(named(1, ""), targets=values)) == {"unknown"}
        with_endpoint = replace(interface("ssm", private_dns=False), addresses=values)
        assert kinds(with_endpoint, zone(MAIN), replace(named(1, ""), targets=values)) == {"endpoint"}
        return work(lambda: kinds(with_endpoint, zone(MAIN), replace(named(1, ""), targets=values)))

    assert calls(4_000) < 4.2 * calls(1_000)


def test_many_records_whose_zone_is_not_known() -> None:
    def calls(count: int) -> int:
        records = [replace(named(place, id_of("aws_lb.x")), zone=hidden()) for place in range(4 * count)]
        zones = [replace(zone(MAIN, address=f"aws_route53_zone.z{n}"), name=f"z{n}.com") for n in range(count)]
        assert kinds(*records, *zones, zone(MAIN)) == {"other", "unknown"}
        return work(lambda: kinds(*records, *zones, zone(MAIN)))

    assert calls(400) < 4.2 * calls(100)


def test_many_associations_with_vpcs_that_are_not_known() -> None:
    def calls(count: int) -> int:
        several = [
            ZoneAssociation(declared(f"aws_route53_zone_association.a{place}"), id_of("aws_route53_zone.it"), hidden())
            for place in range(count)
        ]
        assert kinds(zone(), *several) == {"none", "public"}
        return work(lambda: kinds(zone(), *several))

    assert calls(2_000) < 4.2 * calls(500)


def test_a_profile_that_is_not_there() -> None:
    where = declared("aws_route53profiles_association.a")
    assert kinds(ProfileAssociation(where, None, id_of(MAIN))) == {"unknown", "public"}
    assert kinds(ProfileAssociation(where, "", id_of(MAIN), "soon")) == {"unknown", "public"}


def test_values_of_other_types() -> None:
    for value in (True, 7, ListValue(("x",)), None):
        assert "endpoint" not in kinds(zone(MAIN), replace(named(1, ""), targets=ListValue((value,))))
        assert "endpoint" not in kinds(zone(MAIN), replace(named(1, id_of("aws_lb.x")), name=value))
        assert "endpoint" not in kinds(zone(MAIN), replace(named(1, id_of("aws_lb.x")), zone=value))
        assert kinds(replace(zone(MAIN), name=value))


def _below(name: str, **fields: Any) -> Any:
    return replace(named(9, "x"), name=name, type="TXT", **fields)


@pytest.mark.parametrize(
    ("others", "is_certain"),
    [
        ((), True),
        ((_below("a.corp"),), True),
        ((_below("x.a.corp"),), False),
        ((_below("*.a.corp"),), False),
        ((_below("x.a.corp"), replace(named(8, "b.corp"), name="a.corp", type="CNAME")), True),
        ((_below("x.*.corp"),), True),
    ],
)
def test_a_record_below_a_name_keeps_a_wildcard_from_answering_it(others: tuple[Any, ...], is_certain: bool) -> None:
    """RFC 4592: the name exists, with nothing in it."""
    own = replace(zone(MAIN), name="corp")
    wildcard = replace(named(1, "www.example.com"), name="*.corp", type="CNAME")
    found = outcomes(network(vpc(), own, wildcard, *others), "*.corp")
    assert ([each.kind for each in found] == ["other"]) == is_certain
    assert is_certain or any("keeps the wildcard from answering" in cause.text for cause in found[-1].doubts)


def test_no_wildcard_answers_for_the_name_of_the_zone() -> None:
    own = replace(zone(MAIN), name="corp")
    wildcard = replace(named(1, "www.example.com"), name="*.corp", type="CNAME")
    (apex,) = outcomes(network(vpc(), own, wildcard), "corp")
    assert apex.kind == "none" and "wildcard" not in apex.records[-1].text
    (empty,) = outcomes(network(vpc(), own, wildcard, _below("x.a.corp")), "a.corp")
    assert empty.kind == "none" and "keeps wildcards from answering" in empty.records[-1].text

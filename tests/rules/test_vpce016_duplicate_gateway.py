"""VPCE016: do two gateway endpoints of one service share a route table?"""

from __future__ import annotations

from typing import Any

from tests.rules.networks import (
    MAIN,
    association,
    gateway,
    hidden,
    id_of,
    ids,
    interface,
    network,
    opaque,
    table,
    verdicts,
    vpc,
)
from tests.work import work
from vpce_checks.base.record import replace
from vpce_checks.model.network import Endpoint
from vpce_checks.model.values import ListValue, Reference
from vpce_checks.reach.shared_tables import sharing

ONE, TWO = "aws_vpc_endpoint.one", "aws_vpc_endpoint.two"
ON_A = ids("aws_route_table.a")


def pair(first: Any = ON_A, second: Any = ON_A, **fields: Any) -> dict[str, str]:
    one = gateway("s3", ONE, line=10, route_tables=first)
    two = gateway(fields.pop("service", "s3"), TWO, line=20, route_tables=second, **fields)
    return verdicts("VPCE016", vpc(), table("a"), table("b"), one, two)


def test_the_later_one_fails_and_the_earlier_one_says_nothing() -> None:
    assert pair() == {TWO: "fail"}


def test_code_that_was_not_read_may_put_another_one_on_the_table() -> None:
    """It gets the VPC and the table. With the table alone it makes routes, with the VPC alone it has no table to name."""
    one = gateway("s3", ONE, line=10, route_tables=ON_A)
    a_vpc, a_table = id_of(MAIN), id_of("aws_route_table.a")
    statuses = [
        verdicts("VPCE016", vpc(), table("a"), one, opaque(*inputs)) for inputs in ((a_vpc, a_table), (a_vpc,), ())
    ]
    assert statuses == [{}, {ONE: "pass"}, {ONE: "pass"}]


def test_other_tables_and_other_services_are_fine() -> None:
    assert pair(second=ids("aws_route_table.b")) == {ONE: "pass", TWO: "pass"}
    assert pair(service="dynamodb") == {ONE: "pass", TWO: "pass"}


def test_the_main_table_has_several_names() -> None:
    by_attribute = ListValue((id_of(MAIN, "main_route_table_id"),))
    assert pair(by_attribute, ListValue((id_of(MAIN, "default_route_table_id"),))) == {TWO: "fail"}
    adopted = (vpc(), table("m", main=True), gateway("s3", ONE, route_tables=by_attribute))
    assert verdicts("VPCE016", *adopted, gateway("s3", TWO, route_tables=ids("aws_route_table.m"))) == {TWO: "fail"}


def test_one_table_from_outside_may_have_several_names() -> None:
    variable, other = Reference("var.table", kind="variable"), Reference("var.other", kind="variable")
    assert pair(ListValue(("rtb-1",)), ListValue((variable,))) == {}
    assert pair(ListValue((variable,)), ListValue((other,))) == {}
    assert pair(ListValue((variable,)), ListValue((variable,))) == {TWO: "fail"}
    assert pair(ListValue(("rtb-1",)), ListValue(("rtb-2",))) == {ONE: "pass", TWO: "pass"}
    assert pair(ListValue((variable,)), ON_A) == {ONE: "pass", TWO: "pass"}
    assert pair(ListValue(("rtb-1",)), ListValue((variable,)), service="dynamodb") == {ONE: "pass", TWO: "pass"}


def test_an_association_counts() -> None:
    one, two = gateway("s3", ONE, route_tables=ON_A), gateway("s3", TWO)
    placed = association("route_table", id_of("aws_route_table.a"), TWO)
    assert verdicts("VPCE016", vpc(), table("a"), one, two, placed) == {TWO: "fail"}


def test_doubts() -> None:
    assert pair(exists=hidden()) == {TWO: "unknown"}
    assert pair(ListValue((id_of("aws_route_table.a"),), "set", {0: hidden()})) == {TWO: "unknown"}
    assert pair(hidden()) == {TWO: "unknown"}
    assert pair(second=ListValue((), "set", rest=hidden())) == {TWO: "unknown"}


def test_only_gateways_count() -> None:
    assert verdicts("VPCE016", vpc(), interface("s3"), gateway("s3", route_tables=ON_A)) == {
        "aws_vpc_endpoint.s3": "pass"
    }


def test_thousands_of_tables_take_linear_time() -> None:
    def calls(count: int) -> int:
        tables = ids(*(f"aws_route_table.t{n}" for n in range(count)))
        endpoints: list[Endpoint] = [gateway("s3", ONE, route_tables=tables), gateway("s3", TWO, route_tables=tables)]
        made = network(vpc(), *endpoints, *(table(f"t{n}") for n in range(count)))
        assert len(sharing(made, endpoints[1])) == count
        return work(lambda: sharing(replace(made), endpoints[1]))

    assert calls(1024) < 4.2 * calls(256)


def test_one_that_stands_for_several_may_share_with_itself() -> None:
    assert verdicts("VPCE016", vpc(), table("a"), gateway("s3", ONE + "[*]", route_tables=ON_A)) == {
        ONE + "[*]": "unknown"
    }
    own_tables = ids("aws_route_table.a[*]")
    assert verdicts("VPCE016", vpc(), gateway("s3", ONE + "[*]", route_tables=own_tables)) == {ONE + "[*]": "pass"}

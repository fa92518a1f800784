"""Who is attached to whom, where the ids are known only after the apply."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform.plan.plans import (
    Json,
    configured,
    endpoint,
    home,
    instance,
    may_be_in,
    names,
    network_of,
    plan,
    refers,
)
from vpce_checks.model.network import Network

VPC = ("aws_vpc.main.id", "aws_vpc.main")


def vpc(address: str = "aws_vpc.main") -> Json:
    return instance(address, unknown={"id": True}, cidr_block="10.0.0.0/16")


def s3(address: str = "aws_vpc_endpoint.s3", **more: bool) -> Json:
    unknown = {"id": True, "vpc_id": True, **more}
    return instance(address, unknown=unknown, service_name="com.amazonaws.eu-west-1.s3", vpc_endpoint_type="Gateway")


def flat(folder: Path, instances: list[Json], *blocks: Json, **more: Json) -> Network:
    return network_of(folder, plan({"": instances}, {"resources": list(blocks), **more}))


def test_reference(tmp_path: Path) -> None:
    network = flat(
        tmp_path, [vpc(), s3()], configured("aws_vpc.main"), configured("aws_vpc_endpoint.s3", vpc_id=refers(*VPC))
    )
    assert home(network, "aws_vpc_endpoint.s3") == "aws_vpc.main"


def test_two_module_levels(tmp_path: Path) -> None:
    """Out of one module as part of an object, down into another through two variables; two VPCs of the same module."""
    network_module = {
        "resources": [configured("aws_vpc.this")],
        "outputs": {
            "net": {"expression": refers("aws_vpc.this.id", "aws_vpc.this", "aws_subnet.x.id", "aws_subnet.x")}
        },
    }
    endpoints = {"resources": [configured("aws_vpc_endpoint.s3", vpc_id=refers("var.vpc.id", "var.vpc"))]}
    platform = {
        "module_calls": {
            "network": {"module": network_module, "expressions": {}},
            "endpoints": {"module": endpoints, "expressions": {"vpc": refers("module.network.net", "module.network")}},
        }
    }
    calls = {name: {"module": platform, "expressions": {}} for name in ("one", "two")}
    modules = {}
    for name in ("one", "two"):
        modules[f"module.{name}.module.network"] = [vpc("aws_vpc.this"), instance("aws_subnet.x", unknown={"id": True})]
        modules[f"module.{name}.module.endpoints"] = [s3()]
        modules[f"module.{name}"] = []
    network = network_of(tmp_path, plan({"": [], **modules}, {"module_calls": calls}))
    for name in ("one", "two"):
        address = f"module.{name}.module.endpoints.aws_vpc_endpoint.s3"
        assert home(network, address) == f"module.{name}.module.network.aws_vpc.this"
        assert [call.address for call in endpoint(network, address).declared.calls] == [
            f"module.{name}",
            f"module.{name}.module.endpoints",
        ]


def test_instance_key_written_out(tmp_path: Path) -> None:
    network = flat(
        tmp_path,
        [vpc('aws_vpc.main["a.b"]'), vpc('aws_vpc.main["c"]'), s3()],
        configured("aws_vpc.main"),
        configured(
            "aws_vpc_endpoint.s3", vpc_id=refers('aws_vpc.main["a.b"].id', 'aws_vpc.main["a.b"]', "aws_vpc.main")
        ),
    )
    assert home(network, "aws_vpc_endpoint.s3") == 'aws_vpc.main["a.b"]'


def test_key_from_each_is_not_guessed(tmp_path: Path) -> None:
    """``aws_vpc.main[each.key].id`` and ``aws_vpc.main[var.other[each.key]].id`` look the same in a plan."""
    network = flat(
        tmp_path,
        [vpc('aws_vpc.main["a"]'), vpc('aws_vpc.main["b"]'), s3('aws_vpc_endpoint.s3["a"]')],
        configured("aws_vpc.main"),
        configured("aws_vpc_endpoint.s3", each=refers("aws_vpc.main"), vpc_id=refers("aws_vpc.main", "each.key")),
    )
    assert home(network, 'aws_vpc_endpoint.s3["a"]') is None
    assert may_be_in(network, 'aws_vpc_endpoint.s3["a"]') == ({'aws_vpc.main["a"]', 'aws_vpc.main["b"]'}, False)


def test_a_single_instance_needs_no_key(tmp_path: Path) -> None:
    network = flat(
        tmp_path,
        [vpc("aws_vpc.main[0]"), s3("aws_vpc_endpoint.s3[0]")],
        configured("aws_vpc.main"),
        configured("aws_vpc_endpoint.s3", vpc_id=refers("aws_vpc.main", "count.index")),
    )
    assert home(network, "aws_vpc_endpoint.s3[0]") == "aws_vpc.main[0]"


def test_each_value_comes_from_the_collection(tmp_path: Path) -> None:
    network = flat(
        tmp_path,
        [vpc(), s3('aws_vpc_endpoint.s3["a"]')],
        configured("aws_vpc.main"),
        configured("aws_vpc_endpoint.s3", each=refers(*VPC), vpc_id=refers("each.value.vpc", "each.value")),
    )
    assert home(network, 'aws_vpc_endpoint.s3["a"]') == "aws_vpc.main"


def test_module_instances(tmp_path: Path) -> None:
    """An output of one instance of a module with for_each; without its key it may be either's."""
    module = {
        "resources": [configured("aws_vpc.this")],
        "outputs": {"vpc_id": {"expression": refers("aws_vpc.this.id", "aws_vpc.this")}},
    }
    written_out = refers('module.net["a"].vpc_id', 'module.net["a"]', "module.net")
    network = network_of(
        tmp_path,
        plan(
            {
                "": [s3(), s3("aws_vpc_endpoint.any")],
                'module.net["a"]': [vpc("aws_vpc.this")],
                'module.net["b"]': [vpc("aws_vpc.this")],
            },
            {
                "resources": [
                    configured("aws_vpc_endpoint.s3", vpc_id=written_out),
                    configured("aws_vpc_endpoint.any", vpc_id=refers("module.net", "var.which")),
                ],
                "module_calls": {"net": {"module": module, "expressions": {}}},
            },
            variables={"which": {"value": "b"}},
        ),
    )
    assert home(network, "aws_vpc_endpoint.s3") == 'module.net["a"].aws_vpc.this'
    assert may_be_in(network, "aws_vpc_endpoint.any") == (
        {'module.net["a"].aws_vpc.this', 'module.net["b"].aws_vpc.this'},
        False,
    )


def test_module_without_resources_hands_on(tmp_path: Path) -> None:
    """A module that creates nothing is not among the planned values, but its outputs are values all the same."""
    passing = {
        "outputs": {"vpc_id": {"expression": refers("var.vpc_id")}},
        "variables": {"vpc_id": {}},
    }
    network = flat(
        tmp_path,
        [vpc(), s3()],
        configured("aws_vpc.main"),
        configured("aws_vpc_endpoint.s3", vpc_id=refers("module.pass.vpc_id", "module.pass")),
        module_calls={"pass": {"module": passing, "expressions": {"vpc_id": refers(*VPC)}}},
    )
    assert home(network, "aws_vpc_endpoint.s3") == "aws_vpc.main"


def test_by_way_of_another_resource(tmp_path: Path) -> None:
    """``aws_subnet.a.vpc_id`` is what the subnet was given."""
    network = flat(
        tmp_path,
        [vpc(), instance("aws_subnet.a", unknown={"id": True, "vpc_id": True}), s3()],
        configured("aws_vpc.main"),
        configured("aws_subnet.a", vpc_id=refers(*VPC)),
        configured("aws_vpc_endpoint.s3", vpc_id=refers("aws_subnet.a.vpc_id", "aws_subnet.a")),
    )
    assert home(network, "aws_vpc_endpoint.s3") == "aws_vpc.main"


def test_local_values_are_not_in_a_plan(tmp_path: Path) -> None:
    network = flat(
        tmp_path,
        [vpc(), s3()],
        configured("aws_vpc.main"),
        configured("aws_vpc_endpoint.s3", vpc_id=refers("local.vpc_id")),
    )
    assert home(network, "aws_vpc_endpoint.s3") is None
    assert may_be_in(network, "aws_vpc_endpoint.s3") == (set(), True)
    causes = endpoint(network, "aws_vpc_endpoint.s3").vpc.causes  # type: ignore[union-attr]
    assert any("local.vpc_id" in cause.text for cause in causes)


@pytest.mark.parametrize(
    ("given", "may_be"), [("", []), ("subnet-0123456789", []), ("vpc-0123456789", ["vpc-0123456789"])]
)
def test_what_is_known_may_make_a_value_unknown(tmp_path: Path, given: str, may_be: list[str]) -> None:
    """``compact([var.vpc_id, aws_vpc.main.id])[0]`` is the variable, and ``var.vpc_id != "" ? ...`` is not, and a plan
    does not tell them apart: only where there is no other id is it certain."""
    network = network_of(
        tmp_path,
        plan(
            {"": [vpc(), s3()]},
            {
                "resources": [
                    configured("aws_vpc.main"),
                    configured("aws_vpc_endpoint.s3", vpc_id=refers("var.vpc_id", *VPC)),
                ]
            },
            variables={"vpc_id": {"value": given}},
        ),
    )
    if not may_be:
        assert home(network, "aws_vpc_endpoint.s3") == "aws_vpc.main"
        return
    value = endpoint(network, "aws_vpc_endpoint.s3").vpc
    assert [str(each) for each in value.one_of] == ["aws_vpc.main.id", *may_be]  # type: ignore[union-attr]


def test_something_unknown_may_choose(tmp_path: Path) -> None:
    """The same, but what chooses is known only after the apply."""
    other = instance("aws_instance.x", unknown={"id": True, "public_ip": True})
    network = network_of(
        tmp_path,
        plan(
            {"": [vpc(), other, s3()]},
            {
                "resources": [
                    configured("aws_vpc.main"),
                    configured("aws_instance.x"),
                    configured(
                        "aws_vpc_endpoint.s3",
                        vpc_id=refers("aws_instance.x.public_ip", "aws_instance.x", *VPC, "var.vpc_id"),
                    ),
                ]
            },
            variables={"vpc_id": {"value": "vpc-0123456789"}},
        ),
    )
    assert home(network, "aws_vpc_endpoint.s3") is None
    assert may_be_in(network, "aws_vpc_endpoint.s3") == ({"aws_vpc.main"}, True)


def test_one_reference_too_many(tmp_path: Path) -> None:
    """What cannot be followed may be the one, however many others can."""
    ours = [configured("aws_vpc.main"), configured("aws_instance.x")]
    instances = [vpc(), instance("aws_instance.x", unknown={"id": True}), s3()]
    for other in ("local.vpc_id", "aws_instance.x.id"):
        block = configured("aws_vpc_endpoint.s3", vpc_id=refers(other, *VPC))
        network = flat(tmp_path, instances, *ours, block)
        assert may_be_in(network, "aws_vpc_endpoint.s3") == ({"aws_vpc.main"}, True), other


def test_a_choice_inside_an_object(tmp_path: Path) -> None:
    """``{ id = <unknown> ? var.vpc_id : aws_vpc.main.id, ... }.id``: an id that stands already may be chosen, too."""
    module = {
        "outputs": {"net": {"expression": refers("aws_instance.x.id", "aws_instance.x", "var.vpc_id", *VPC)}},
        "resources": [configured("aws_vpc.main"), configured("aws_instance.x")],
    }
    network = network_of(
        tmp_path,
        plan(
            {"": [s3()], "module.m": [vpc(), instance("aws_instance.x", unknown={"id": True})]},
            {
                "resources": [
                    configured("aws_vpc_endpoint.s3", vpc_id=refers("module.m.net.id", "module.m.net", "module.m"))
                ],
                "module_calls": {
                    "m": {"module": module, "expressions": {"vpc_id": {"constant_value": "vpc-01234567"}}}
                },
            },
        ),
    )
    assert home(network, "aws_vpc_endpoint.s3") is None
    value = endpoint(network, "aws_vpc_endpoint.s3").vpc
    assert [str(each) for each in value.one_of] == ["module.m.aws_vpc.main.id", "vpc-01234567"]  # type: ignore[union-attr]


def test_route_tables(tmp_path: Path) -> None:
    tables = [instance(f"aws_route_table.private[{n}]", unknown={"id": True, "vpc_id": True}, route=[]) for n in (0, 1)]
    single = instance("aws_route_table.single", unknown={"id": True, "vpc_id": True}, route=[])
    network = flat(
        tmp_path,
        [vpc(), *tables, single, s3(route_table_ids=True), s3("aws_vpc_endpoint.one", route_table_ids=True)],
        configured("aws_vpc.main"),
        configured("aws_route_table.private", vpc_id=refers(*VPC)),
        configured("aws_route_table.single", vpc_id=refers(*VPC)),
        configured("aws_vpc_endpoint.s3", vpc_id=refers(*VPC), route_table_ids=refers("aws_route_table.private")),
        configured(
            "aws_vpc_endpoint.one",
            vpc_id=refers(*VPC),
            route_table_ids=refers("aws_route_table.single.id", "aws_route_table.single"),
        ),
    )
    several = endpoint(network, "aws_vpc_endpoint.s3").route_tables
    assert names(several) == ["aws_route_table.private[0].id", "aws_route_table.private[1].id"]
    assert len(several.maybe) == 2, "some of them, and a plan does not say which"  # type: ignore[union-attr]
    one = endpoint(network, "aws_vpc_endpoint.one").route_tables
    assert names(one) == ["aws_route_table.single.id"] and one.exact  # type: ignore[union-attr]


def test_references_in_a_circle_end(tmp_path: Path) -> None:
    """No such plan can be made, but a file can say it."""
    blocks = [
        configured("aws_vpc_endpoint.s3", vpc_id=refers("aws_subnet.a.vpc_id", "aws_subnet.a")),
        configured("aws_subnet.a", vpc_id=refers("aws_subnet.b.vpc_id", "aws_subnet.b")),
        configured("aws_subnet.b", vpc_id=refers("aws_subnet.a.vpc_id", "aws_subnet.a")),
    ]
    unknown = {"id": True, "vpc_id": True}
    instances = [s3(), instance("aws_subnet.a", unknown=unknown), instance("aws_subnet.b", unknown=unknown)]
    network = flat(tmp_path, instances, *blocks)
    assert may_be_in(network, "aws_vpc_endpoint.s3") == (set(), True)


def test_a_long_chain_ends(tmp_path: Path) -> None:
    count = 3_000
    unknown = {"id": True, "vpc_id": True}
    blocks = [
        configured(f"aws_subnet.s{n}", vpc_id=refers(f"aws_subnet.s{n + 1}.vpc_id", f"aws_subnet.s{n + 1}"))
        for n in range(count)
    ]
    instances = [instance(f"aws_subnet.s{n}", unknown=unknown) for n in range(count)]
    first = configured("aws_vpc_endpoint.s3", vpc_id=refers("aws_subnet.s0.vpc_id", "aws_subnet.s0"))
    network = flat(tmp_path, [s3(), *instances], first, *blocks)
    assert may_be_in(network, "aws_vpc_endpoint.s3") == (set(), True)


@pytest.mark.parametrize("reference", ['module.net["b"].vpc_id', "module.net"])
def test_an_instance_with_nothing_planned_in_it(tmp_path: Path, reference: str) -> None:
    """It makes no VPC of its own, but hands on the one that it was given."""
    own = {**configured("aws_vpc.main"), "count_expression": refers("var.create")}
    output = refers("aws_vpc.main[0].id", "aws_vpc.main[0]", "aws_vpc.main", "var.vpc_id")
    net = {"resources": [own], "outputs": {"vpc_id": {"expression": output}}}
    call = {
        "module": net,
        "for_each_expression": refers("var.nets"),
        "expressions": {"vpc_id": refers("aws_vpc.shared.id", "aws_vpc.shared")},
    }
    block = configured("aws_vpc_endpoint.s3", vpc_id=refers(reference, "module.net", "each.key"))
    network = network_of(
        tmp_path,
        plan(
            {"": [vpc("aws_vpc.shared"), s3()], 'module.net["a"]': [vpc("aws_vpc.main[0]")]},
            {"resources": [configured("aws_vpc.shared"), block], "module_calls": {"net": call}},
        ),
    )
    assert "aws_vpc.shared" in may_be_in(network, "aws_vpc_endpoint.s3")[0] or (
        home(network, "aws_vpc_endpoint.s3") == "aws_vpc.shared"
    )

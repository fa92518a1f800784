"""What the functions know of values that are known in part: as much as is certain, and no more."""

from __future__ import annotations

import pytest

from tests.terraform.lang.functions.real import Here
from vpce_checks.model.values import ListValue, MapValue, PartialString, Reference, Unknown, Value, pattern, unknown
from vpce_checks.terraform.lang import functions
from vpce_checks.terraform.types.errors import EvalError

U = unknown("var.x has no value")
VPC = Reference("aws_vpc.main", ("id",))
SUBNET = Reference("aws_subnet.a", ("id",))
VARIABLE = Reference("var.region", (), "variable")
REGION = PartialString(("com.amazonaws.", VARIABLE, ".s3"))


def call(name: str, *args: Value, here: Here | None = None) -> Value:
    function = functions.find(name)
    assert function is not None
    return functions.call(function, args, here or Here())


def items(*values: Value, kind: str = "tuple") -> ListValue:
    return ListValue(values, kind)


def listed(value: Value) -> ListValue:
    assert isinstance(value, ListValue)
    return value


def mapped(value: Value) -> MapValue:
    assert isinstance(value, MapValue)
    return value


def test_references_flow_through() -> None:
    assert call("one", items(VPC)) == VPC
    assert call("element", items(VPC, SUBNET), 3) == SUBNET
    assert call("coalesce", None, "", VPC, "x") == VPC
    assert call("lookup", MapValue({"a": VPC}), "a", None) == VPC
    assert call("concat", items(VPC), items("x")) == items(VPC, "x")
    assert listed(call("toset", items(VPC))).items == (VPC,)
    assert call("join", "", items(VPC)) == VPC
    assert call("format", "%s", VPC) == VPC
    assert call("sensitive", VPC) == VPC
    assert call("zipmap", items("a"), items(VPC)) == MapValue({"a": VPC})


def test_references_into_what_is_read_from_the_cloud() -> None:
    ids = Reference("data.aws_subnets.private", ("ids",), "data")
    assert call("element", ids, 0) == Reference("data.aws_subnets.private", ("ids", 0), "data")
    assert isinstance(call("element", ids, 1), Unknown)
    assert call("lookup", ids, "a") == Reference("data.aws_subnets.private", ("ids", "a"), "data")


def test_merge_with_an_unknown_map() -> None:
    merged = mapped(call("merge", MapValue({"a": 1, "b": 2}), U, MapValue({"b": 3})))
    assert isinstance(merged.items["a"], Unknown)
    assert merged.items["b"] == 3
    assert merged.rest is U


def test_concat_with_an_unknown_list() -> None:
    joined = listed(call("concat", items("a"), U, items("b")))
    assert joined.items == ("a", "b")
    assert joined.rest is U
    assert call("contains", joined, "b") is True
    assert isinstance(call("contains", joined, "c"), Unknown)
    assert isinstance(call("length", joined), Unknown)


def test_keys_and_length_of_a_map_with_unknown_values() -> None:
    services = MapValue({"s3": U, "ec2": VPC})
    assert call("keys", services) == items("ec2", "s3")
    assert call("length", services) == 2
    assert call("values", services) == items(VPC, U)


def test_lookup_in_an_unknown_map_is_unknown() -> None:
    assert isinstance(call("lookup", U, "a", "default"), Unknown)
    assert call("lookup", MapValue({"a": 1}, rest=U), "a", 2) == 1
    assert isinstance(call("lookup", MapValue({"a": 1}, rest=U), "b", 2), Unknown)


def test_coalesce_tells_what_is_possible() -> None:
    chosen = call("coalesce", VARIABLE, "eu-west-1")
    assert isinstance(chosen, Unknown)
    assert chosen.one_of == (VARIABLE, "eu-west-1")
    assert chosen.causes


def test_text_with_an_unknown_part() -> None:
    assert call("lower", PartialString(("ABC-", VARIABLE, "-X"))) != REGION
    assert pattern(call("lower", PartialString(("ABC-", VARIABLE, "-X")))) == "abc-*-x"
    assert pattern(call("format", "com.amazonaws.%s.%s", VARIABLE, "ec2")) == "com.amazonaws.*.ec2"
    assert call("format", "com.amazonaws.%s.s3", VARIABLE) == REGION
    assert call("join", ".", items("com", "amazonaws", VARIABLE, "s3")) == REGION
    assert call("startswith", REGION, "com.") is True
    assert call("endswith", REGION, ".s3") is True
    assert call("endswith", REGION, ".ec2") is False
    assert isinstance(call("startswith", REGION, "com.amazonaws.eu"), Unknown)
    assert call("strcontains", REGION, "amazon") is True
    assert isinstance(call("strcontains", REGION, "eu-"), Unknown)
    assert pattern(call("replace", REGION, ".", "-")) == "com-amazonaws-*-s3"
    assert call("trimprefix", REGION, "com.") == PartialString(("amazonaws.", VARIABLE, ".s3"))
    assert call("trimsuffix", REGION, ".s3") == PartialString(("com.amazonaws.", VARIABLE))
    assert call("trimspace", PartialString((" a", VARIABLE, "b "))) == PartialString(("a", VARIABLE, "b"))
    assert call("substr", REGION, 0, 3) == "com"
    assert pattern(call("title", PartialString(("my ", VARIABLE)))) == "My *"


def test_what_an_unknown_part_could_change_is_not_kept() -> None:
    # "a" + unknown could be "a" + "b...": the literal "ab" may be cut in the middle
    assert pattern(call("replace", PartialString(("xa", VARIABLE)), "ab", "-")) == "x*"
    # an unknown that is all blanks exposes what stands behind it
    assert pattern(call("trimspace", PartialString((VARIABLE, "  x")))) == "*x"
    assert isinstance(call("trimprefix", PartialString(("co", VARIABLE)), "com."), Unknown)


def test_split_keeps_the_pieces_between_separators() -> None:
    pieces = listed(call("split", ".", REGION))
    assert pieces.items == ("com", "amazonaws", "s3")
    assert pieces.rest is not None


def test_flatten_keeps_a_place_open_for_a_list() -> None:
    flat = listed(call("flatten", items(items("a"), U, SUBNET)))
    assert flat.items == ("a", SUBNET)
    assert flat.rest is not None
    flat = listed(call("flatten", items(unknown("x", type="string"), items("a"))))
    assert len(flat.items) == 2
    assert flat.exact


def test_set_operations_decide_what_can_be_decided() -> None:
    left, right = items("a", "b"), items("b", VARIABLE)
    intersection = listed(call("setintersection", left, right))
    assert "b" in intersection.items
    assert intersection.items.index("b") not in intersection.maybe
    assert intersection.items.index("a") in intersection.maybe
    difference = listed(call("setsubtract", left, right))
    assert difference.items == ("a",)
    assert list(difference.maybe) == [0]


def test_early_decisions() -> None:
    assert call("alltrue", items(False, U)) is False
    assert isinstance(call("alltrue", items(True, U)), Unknown)
    assert call("anytrue", items(True, U)) is True
    assert call("contains", items(U, "a"), "a") is True
    assert call("index", items("a", U), "a") == 0
    assert isinstance(call("index", items(U, "a"), "a"), Unknown)


def test_one_unknown_has_one_value_at_all_its_places() -> None:
    region = Unknown(U.causes, None, ("eu-west-1", "us-east-1"))
    name = call("format", "%s/%s", region, region)
    assert isinstance(name, Unknown)
    assert name.one_of == ("eu-west-1/eu-west-1", "us-east-1/us-east-1")
    assert call("startswith", Unknown(U.causes, None, ("eu-a", "eu-b")), "eu-") is True


def test_a_whole_argument_that_is_not_known_carries_its_cause_along() -> None:
    for name, args in (
        ("cidrsubnet", ("10.0.0.0/16", 8, U)),
        ("md5", (U,)),
        ("jsonencode", (items(U),)),
        ("regex", ("a", PartialString(("x", U)))),
        ("yamldecode", (U,)),
        ("max", (1, U)),
    ):
        here = Here()
        result = call(name, *args, here=here)
        assert isinstance(result, Unknown), name
        assert result.causes == U.causes, name
    assert isinstance(call("cidrsubnet", "10.0.0.0/16", 8, VARIABLE), Unknown)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("merge", (U,)),
        ("length", (U,)),
        ("concat", (VARIABLE,)),
        ("tonumber", (unknown("x", type="string"),)),
        ("join", (",", items(VARIABLE))),
        ("one", (ListValue(("a",), "tuple", {}, U),)),
        ("element", (ListValue((), "tuple", {}, U), 0)),
        ("lookup", (MapValue({}, rest=U), "a")),
        ("cidrsubnet", (U, 8, 1)),
        ("file", (PartialString(("x", U)),)),
    ],
)
def test_a_call_that_might_be_refused_is_in_doubt(name: str, args: tuple[Value, ...]) -> None:
    here = Here()
    call(name, *args, here=here)
    assert here.doubts


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("merge", (MapValue({"a": U}), MapValue({"b": VPC}))),
        ("concat", (items(U), items(VPC))),
        ("join", ("-", items(VPC, "x"))),
        ("element", (items(U, U), 1)),
        ("length", (items(U),)),
        ("toset", (items(VPC, SUBNET),)),
        ("format", ("%s", VPC)),
    ],
)
def test_a_call_that_cannot_be_refused_is_in_no_doubt(name: str, args: tuple[Value, ...]) -> None:
    here = Here()
    call(name, *args, here=here)
    assert not here.doubts


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("merge", (U, "x")),
        ("concat", (U, "x")),
        ("length", (5,)),
        ("one", (items("a", U),)),
        ("zipmap", (items("a"), items(U, U))),
        ("abs", ()),
        ("abs", (1, 2)),
        ("coalesce", (None, "")),
        ("element", (items(), 0)),
    ],
)
def test_what_is_certainly_refused_is_an_error(name: str, args: tuple[Value, ...]) -> None:
    with pytest.raises(EvalError):
        call(name, *args)

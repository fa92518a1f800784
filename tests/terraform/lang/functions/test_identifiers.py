"""Ids and ARNs that AWS will assign, taken apart: with the real ones in their place the pieces are the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sampling import at_most
from tests.terraform.lang.functions.real import Here
from vpce_checks.model.values import (
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Value,
    is_known,
    join_strings,
    opaque_parts,
    unknown,
)
from vpce_checks.terraform.lang import functions
from vpce_checks.terraform.types.errors import EvalError

VPC, SUBNET = "vpc-0123456789abcdef0", "subnet-0fedcba98765"
REAL = {
    ("aws_vpc.v", "id"): VPC,
    ("aws_vpc.v", "arn"): f"arn:aws:ec2:eu-west-1:111122223333:vpc/{VPC}",
    ("aws_vpc.v", "arn", "partition"): "aws",
    ("aws_vpc.v", "arn", "region"): "eu-west-1",
    ("aws_vpc.v", "arn", "account"): "111122223333",
    ("aws_subnet.s[0]", "id"): SUBNET,
}
PIECES = st.one_of(
    st.sampled_from([Reference(key[0], key[1:]) for key in REAL if len(key) == 2]),
    st.text(alphabet="a-/:|,0", max_size=4),
)


def real(value: Value) -> Value:
    """Return ``value`` with the real ids in it."""
    if isinstance(value, Reference):
        return REAL[(value.address, *map(str, value.path))]
    if isinstance(value, PartialString):
        return join_strings(map(real, value.parts))
    if isinstance(value, ListValue):
        return ListValue(tuple(map(real, value.items)), value.kind)
    if isinstance(value, MapValue):
        return MapValue({key: real(item) for key, item in value.items.items()}, value.kind)
    return value


def call(name: str, *arguments: Value) -> Value:
    function = functions.find(name)
    assert function is not None
    return functions.call(function, arguments, Here("/nowhere"))


def split(separator: str, value: Value) -> Value:
    return call("split", separator, value)


def test_the_id_comes_out_of_an_arn() -> None:
    found = split("/", Reference("aws_vpc.v", ("arn",)))
    assert isinstance(found, ListValue)
    assert found.exact
    assert found.items[1] == Reference("aws_vpc.v", ("id",))


@settings(max_examples=at_most(75, 300), deadline=None, derandomize=True, database=None)
@given(st.lists(PIECES, min_size=1, max_size=5), st.sampled_from(["/", ":", "|", ",", "-", "a", "0", ":a", "--"]))
def test_pieces_of_unknown_ids_are_those_of_real_ones(pieces: list[Value], separator: str) -> None:
    text = join_strings(pieces)
    found, wanted = split(separator, text), split(separator, real(text))
    assert isinstance(found, ListValue)
    assert isinstance(wanted, ListValue)
    if found.exact:
        assert tuple(map(real, found.items)) == wanted.items


ID, OTHER = Reference("aws_vpc.v", ("id",)), Reference("aws_subnet.s[0]", ("id",))


def text(*parts: str | Reference) -> Value:
    return join_strings(parts)


def test_ids_come_out_of_documents() -> None:
    document = text('{"vpc": {"id": "', ID, '"}, "subnets": ["', OTHER, '", "x-', ID, "-", OTHER, '"], "n": 1}')
    found = MapValue(
        {
            "vpc": MapValue({"id": ID}),
            "subnets": ListValue((OTHER, text("x-", ID, "-", OTHER))),
            "n": 1,
        }
    )
    assert call("jsondecode", document) == found
    assert call("yamldecode", document) == found
    assert call("yamldecode", text("a:\n- ", ID, " # of ", OTHER, "\n- &x 1\n- *x\n")) == MapValue(
        {"a": ListValue((ID, 1, 1))}
    )
    assert call("csvdecode", text("id,n\n", ID, ",1\n")) == ListValue((MapValue({"id": ID, "n": "1"}),), "list")
    assert call("yamldecode", call("yamlencode", MapValue({"id": ID}))) == MapValue({"id": ID})


def test_ids_in_encoded_values_come_out_of_documents() -> None:
    value = MapValue({"id": ID, "all": ListValue((text("x/", ID), 1, True))})
    json = call("jsonencode", value)
    assert isinstance(json, Opaque)
    found = MapValue({"a": value, "b": OTHER})
    assert call("jsondecode", join_strings(('{"a": ', json, ', "b": "', OTHER, '"}'))) == found
    assert call("yamldecode", join_strings(("a: ", json, "\nb: ", OTHER, "\n"))) == found
    yaml = call("yamlencode", value)
    assert isinstance(yaml, Opaque)
    assert call("yamldecode", join_strings((yaml, "\n"))) == value
    names = call("jsonencode", MapValue({"ids": ListValue((ID, OTHER), "set"), "id": ID}))
    assert isinstance(names, Opaque)
    assert not isinstance(call("yamldecode", join_strings(("a: ", names))), MapValue)


@pytest.mark.parametrize("function", ["jsondecode", "yamldecode"])
def test_what_is_not_an_id_may_be_anything_in_a_document(function: str) -> None:
    for part in (unknown("x", None, "string"), Reference("aws_lb.x", ("id",)), Reference("aws_vpc.v", ("arn",))):
        assert not isinstance(call(function, join_strings(('{"a": "', part, '"}'))), MapValue)
    assert not isinstance(call(function, text('{"', ID, '": 1}')), MapValue)  # which key it is, is not known
    with pytest.raises(EvalError):
        call(function, text('{"a": ["', ID, '"}'))


def test_a_text_that_looks_like_a_stand_in() -> None:
    found = call("jsondecode", text('["vpc-00000", "', ID, '", "vpc-0f0000"]'))
    assert found == ListValue(("vpc-00000", ID, "vpc-0f0000"))
    for written in (r"vpc\u002d0abc", r"vpc\u002d0999999", r"vpc\u002d0"):  # an escape is read as what it stands for
        assert isinstance(call("jsondecode", text(f'["{written}", "', ID, '"]')), type(unknown("")))


def test_ids_without_what_is_around_them() -> None:
    assert call("trimspace", text(" ", ID, "\n")) == ID
    assert call("chomp", text(ID, "\n")) == ID
    assert call("trim", text("/", ID, "/"), "/") == ID
    assert call("lower", text("X-", ID)) == text("x-", ID)
    assert call("basename", Reference("aws_vpc.v", ("arn",))) == ID
    assert call("basename", text("net/x-", ID)) == text("x-", ID)
    assert isinstance(call("trim", text("a", ID), "a"), type(unknown("")))  # an acl- may lose its first letter


@settings(max_examples=at_most(75, 300), deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.one_of(PIECES, st.sampled_from(['"', '{"a": "', '"}', "a: ", "\n", "- ", "x,y\n", " "])), max_size=6),
    st.sampled_from(["jsondecode", "yamldecode", "csvdecode", "trimspace", "chomp", "lower", "basename"]),
)
def test_functions_of_unknown_ids_give_what_real_ones_give(pieces: list[Value], function: str) -> None:
    given_text = join_strings(pieces)
    try:
        found = call(function, given_text)
    except EvalError:
        with pytest.raises(EvalError):
            call(function, real(given_text))
        return
    if is_known(found) or all(isinstance(part, Reference) for part in opaque_parts(found)):
        assert real(found) == call(function, real(given_text))

"""Types: reading them, converting to them, finding a common one."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from tests.terraform.console import needs_terraform
from tests.terraform.lang.functions.real import Here, evaluate
from tests.terraform.types.compatible import compatible
from vpce_checks.model.values import ListValue, MapValue, PartialString, Reference, Unknown, Value, unknown
from vpce_checks.terraform.lang.functions.jsontext import to_json
from vpce_checks.terraform.syntax.fragments import parse_expression
from vpce_checks.terraform.types.common_type import unify_values
from vpce_checks.terraform.types.constraints import parse_type
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.equality import equals
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.numbers import (
    TooLarge,
    add,
    canonical,
    divide,
    modulo,
    multiply,
    number_to_string,
    subtract,
)
from vpce_checks.terraform.types.sets import make_set
from vpce_checks.terraform.types.type_of import type_of
from vpce_checks.terraform.types.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)
from vpce_checks.terraform.types.unify import unify

U = unknown("x")
R = Reference("aws_vpc.main", ("id",))
V = Reference("var.x", (), "variable")


def read(text: str) -> Type:
    return parse_type(parse_expression(text, "test"), lambda expr: evaluate(expr, Here()))


def value(text: str) -> Value:
    return evaluate(parse_expression(text, "test"), Here())


def test_type_expressions_are_read() -> None:
    assert read("string") == STRING
    assert read("list(map(number))") == ListType(MapType(NUMBER))
    assert read("tuple([string, set(bool)])") == TupleType((STRING, SetType(BOOL)))
    assert read('object({ a = string, b = optional(number, "5"), c = optional(any) })') == ObjectType(
        {"a": Attribute(STRING), "b": Attribute(NUMBER, True, 5), "c": Attribute(ANY, True)}
    )
    assert read('"string"') == STRING
    assert read('"map"') == read("map") == MapType(ANY)
    assert read('"list"') == read("list") == ListType(ANY)


@pytest.mark.parametrize(
    "text",
    [
        "text",
        "list()",
        "list(string, string)",
        "object(string)",
        "object({ a = b })",
        "object({ a = optional() })",
        'object({ a = optional(number, "x") })',
        "tuple(string)",
        "optional(string)",
        "5",
        '"number"',
        "[string]",
    ],
)
def test_what_is_no_type_is_an_error_with_a_place(text: str) -> None:
    with pytest.raises(EvalError) as raised:
        read(text)
    assert raised.value.span is not None


# (type, value): what a variable of that type is worth when it is given the value
CONVERSIONS = [
    ("string", "5"),
    ("string", "1.50"),
    ("string", "true"),
    ("string", "null"),
    ("string", "[]"),
    ("number", '"5.0"'),
    ("number", "true"),
    ("number", '"x"'),
    ("bool", '"true"'),
    ("bool", '"1"'),
    ("bool", "1"),
    ("list(string)", "[1, true, null]"),
    ("list(string)", '"a"'),
    ("list(string)", "{}"),
    ("list(any)", '[1, "a"]'),
    ("list(any)", "[1, true]"),
    ("list(any)", "[[1], [2, 3]]"),
    ("set(string)", '["b", 1, "b"]'),
    ("set(number)", '["10", 9, "9"]'),
    ("set(any)", '[true, "a"]'),
    ("map(string)", '{ a = 1, b = true, "c d" = null }'),
    ("map(any)", '{ a = 1, b = "x" }'),
    ("map(any)", "{ a = 1, b = [] }"),
    ("map(list(string))", "{ a = [1], b = [] }"),
    ("map(string)", "[]"),
    ("tuple([string, number])", '[1, "2"]'),
    ("tuple([string])", "[1, 2]"),
    ("any", '[1, "a"]'),
    ("object({ a = string })", "{ a = 1, b = 2 }"),
    ("object({ a = string })", "{ b = 2 }"),
    ("object({ a = string })", "{ a = null }"),
    ("object({ a = optional(string) })", "{}"),
    ("object({ a = optional(string, 5) })", "{}"),
    ("object({ a = optional(string, 5) })", "{ a = null }"),
    ("object({ a = optional(string, 5) })", "{ a = true }"),
    ("object({ a = optional(object({ b = optional(string, \"x\") }), {}) })", "{}"),
    ("object({ a = optional(object({ b = optional(string, \"x\") })) })", "{}"),
    ("object({ a = optional(object({ b = optional(string, \"x\") })) })", "{ a = {} }"),
    ("map(object({ a = optional(bool, true), b = string }))", "{ x = { b = 1 }, y = { b = 2, a = false } }"),
    ("list(object({ a = optional(list(string), [\"z\"]) }))", "[{}, { a = [] }, { a = null }]"),
    ("set(object({ a = optional(number, 1) }))", "[{}, { a = 1 }, { a = 2 }]"),
    ("object({ a = optional(map(object({ n = optional(number, 7) })), { k = {} }) })", "{}"),
    ("object({ a = optional(set(string), [\"b\", \"a\"]) })", "{}"),
    ("tuple([object({ a = optional(number, 3) })])", "[{}]"),
    ("list(map(any))", '[{ a = 1 }, { a = "x" }]'),
    ("object({ a = any })", "{ a = [1] }"),
]  # fmt: skip


@needs_terraform
def test_conversions_are_those_of_real_variables(tmp_path: Path) -> None:
    wrong: list[str] = []
    good: list[tuple[int, str, str]] = []
    for index, (kind, given) in enumerate(CONVERSIONS):
        # a value that cannot be converted stops the whole console: those are tried one by one
        try:
            convert(value(given), read(kind))
        except EvalError:
            (tmp_path / "main.tf").write_text(f"variable v {{\n  type = {kind}\n  default = {given}\n}}\n")
            process = subprocess.run(
                ["terraform", "console"], input="1\n", cwd=tmp_path, capture_output=True, text=True, check=False
            )
            if "Error" not in process.stderr + process.stdout:
                wrong.append(f"{kind} of {given} is no error")
            continue
        good.append((index, kind, given))
    blocks = [f"variable v{index} {{\n  type = {kind}\n  default = {given}\n}}\n" for index, kind, given in good]
    (tmp_path / "main.tf").write_text("".join(blocks))
    asked = ", ".join(f"jsonencode(var.v{index})" for index, _, _ in good)
    process = subprocess.run(
        ["terraform", "console"],
        input=f"jsonencode([{asked}])\n",
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    answers = json.loads(json.loads(process.stdout.strip().splitlines()[-1]))
    for (_, kind, given), real in zip(good, answers, strict=True):
        ours = to_json(convert(value(given), read(kind)))
        if ours != real:
            wrong.append(f"{kind} of {given}: terraform {real}, ours {ours}")
    assert not wrong, "\n".join(wrong)


def test_opaque_values_stay_and_take_the_hint_of_the_type() -> None:
    converted = convert(R, STRING)
    assert converted == R
    assert isinstance(converted, Reference)
    assert converted.type == "string"
    assert isinstance(hinted := convert(U, ListType(STRING)), Unknown)
    assert hinted.type == "list"
    assert convert(PartialString(("a", U)), STRING) == PartialString(("a", U))
    assert isinstance(convert(PartialString(("1", U)), NUMBER), Unknown)


def test_collections_keep_what_is_uncertain() -> None:
    converted = convert(ListValue((1, R), "tuple", {1: U}, U), ListType(STRING))
    assert isinstance(converted, ListValue)
    assert converted.items == ("1", R)
    assert converted.maybe == {1: U}
    assert converted.rest is U
    mapping = convert(MapValue({"a": 1, "b": "x"}, "object", {"b": U}), MapType(STRING))
    assert isinstance(mapping, MapValue)
    assert mapping.items == {"a": "1", "b": "x"}
    assert list(mapping.maybe) == ["b"]


def test_a_default_stands_in_only_where_null_is_possible() -> None:
    kind = read('object({ a = optional(string, "d") })')
    assert convert(MapValue({"a": R}), kind) == MapValue({"a": R}, "object")
    variable = convert(MapValue({"a": V}), kind)
    assert isinstance(variable, MapValue)
    chosen = variable.items["a"]
    assert isinstance(chosen, Unknown)
    assert chosen.one_of == (V, "d")
    absent = convert(MapValue({}, "object", {}, U), kind)
    assert isinstance(absent, MapValue)
    assert isinstance(absent.items["a"], Unknown)


def test_a_value_that_is_one_of_several_is_converted_in_all_its_forms() -> None:
    assert convert(Unknown((), None, (True, "true")), BOOL) is True
    both = convert(Unknown((), None, (1, 2)), STRING)
    assert isinstance(both, Unknown)
    assert both.one_of == ("1", "2")


def test_a_number_beside_what_is_not_known_may_become_a_string() -> None:
    number, other = unify_values([1, U])
    assert other is U
    assert compatible(1, number)
    assert compatible("1", number)
    assert not compatible(2, number)
    assert unify_values(["a", U])[0] == "a"


def test_sets_are_ordered_and_doubt_what_may_be_a_duplicate() -> None:
    assert make_set(["b", "a", "b"]).items == ("a", "b")
    assert make_set([10, 9, 1]).items == (1, 9, 10)
    doubtful = make_set(["a", R])
    assert doubtful.items == ("a", R)
    assert list(doubtful.maybe) == [1]
    assert not make_set([R]).maybe
    assert not make_set([R, R]).maybe
    assert make_set([R, R]).items == (R,)
    distinct = make_set([PartialString(("a-", U)), PartialString(("b-", U))])
    assert not distinct.maybe


@pytest.mark.parametrize(
    ("types", "common"),
    [
        ([STRING, NUMBER, ANY], STRING),
        ([NUMBER, BOOL], None),
        ([TupleType((NUMBER,)), TupleType((STRING,))], TupleType((STRING,))),
        ([TupleType((NUMBER,)), TupleType(())], ListType(NUMBER)),
        ([ListType(NUMBER), TupleType((STRING,))], ListType(STRING)),
        ([SetType(STRING), ListType(STRING)], ListType(STRING)),
        ([TupleType((STRING,)), SetType(STRING)], SetType(STRING)),
        ([MapType(NUMBER), ObjectType({"a": Attribute(STRING)})], MapType(STRING)),
        ([ObjectType({"a": Attribute(NUMBER)}), ObjectType({"b": Attribute(NUMBER)})], MapType(NUMBER)),
        ([STRING, ListType(STRING)], None),
        ([], ANY),
        ([ANY, ANY], ANY),
    ],
)
def test_common_types(types: list[Type], common: Type | None) -> None:
    assert unify(types) == common


def test_equality_is_certain_or_not_told() -> None:
    assert equals(1, "1") is False
    assert equals(True, 1) is False
    assert equals(R, R) is True
    assert equals(R, None) is False
    assert equals(R, "vpc-1") is None
    assert equals(PartialString(("a", U)), "b") is False
    assert equals(PartialString(("a", U)), "ab") is None
    assert equals(U, U) is True
    assert equals(U, unknown("x")) is None
    assert equals(ListValue((1, U)), ListValue((2, U))) is False
    assert equals(MapValue({"a": 1}, rest=U), MapValue({})) is False
    assert equals(R, "") is False
    assert equals(R, 1) is False
    assert equals(PartialString(("a", U, "b", U)), "acd") is False
    assert equals(ListValue((1,)), ListValue((1, 2), maybe={1: U})) is None
    assert equals(ListValue((1,)), ListValue((1, 2, 3), maybe={2: U})) is False


def id_of(address: str, attribute: str = "id") -> Reference:
    return Reference(address, (attribute,))


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (id_of("aws_subnet.a[0]"), id_of("aws_subnet.a[1]"), False),
        (id_of("aws_subnet.a[0]"), id_of("aws_subnet.b[0]"), False),
        (id_of("aws_subnet.a[0]"), id_of("aws_subnet.a[0]"), True),
        (id_of('module.x["p"].aws_vpc.a', "arn"), id_of('module.x["q"].aws_vpc.a', "arn"), False),
        (id_of("aws_subnet.a[*]"), id_of("aws_subnet.b[*]"), False),
        (id_of("aws_subnet.a[0]"), id_of("aws_subnet.a[*]"), None),
        (id_of('aws_subnet.a["p-*"]'), id_of('aws_subnet.a["*-a"]'), None),  # keys that are known in part
        (id_of("aws_subnet.a"), id_of("aws_default_subnet.a"), None),
        (id_of("aws_subnet.a", "vpc_id"), id_of("aws_subnet.b", "vpc_id"), None),
        (id_of("aws_subnet.a"), id_of("aws_subnet.b", "arn"), None),
        (id_of("aws_vpc_dhcp_options_association.a"), id_of("aws_vpc_dhcp_options_association.b"), None),
        (id_of("one:module.x.aws_subnet.a"), id_of("two:module.x.aws_subnet.a"), None),
        (id_of("one:aws_subnet.a"), id_of("two:aws_subnet.a"), None),
        (id_of("aws_subnet.a"), Reference("data.aws_subnet.a", ("id",), "data"), None),
        (id_of("aws_subnet.a"), "subnet-0123456789abcdef0", None),
    ],
)
def test_two_objects_have_two_ids(left: Value, right: Value, answer: bool | None) -> None:
    assert equals(left, right) is answer
    assert equals(right, left) is answer


@pytest.mark.parametrize(
    ("empty", "answer"),
    [
        (ListValue((), "tuple"), True),
        (MapValue({}, "object"), True),
        (ListValue((), "list"), None),
        (ListValue((), "set"), None),
        (MapValue({}, "map"), None),
        (ListValue((ListValue((), "list"),), "tuple"), None),
    ],
)
def test_empty_collections_are_equal_if_they_are_of_one_type(empty: Value, answer: bool | None) -> None:
    assert equals(empty, empty) is answer
    assert equals(empty, empty, one_type=True) is True


def test_the_type_of_a_value() -> None:
    assert type_of(ListValue((1, "a"))) == TupleType((NUMBER, STRING))
    assert type_of(ListValue(("a", R), "list")) == ListType(STRING) or type_of(ListValue(("a", R), "list")) is None
    assert type_of(U) is None
    assert type_of(unknown("x", type="bool")) == BOOL
    assert type_of(MapValue({}, rest=U)) is None


def test_numbers_are_computed_with_512_bits() -> None:
    third = divide(1, 3)
    assert number_to_string(third) == "0." + "3" * 154 + "5"
    assert multiply(third, 3) == 1
    assert add(Decimal("0.1"), Decimal("0.2")) == Decimal("0.3")
    assert subtract(1, Decimal("0.75")) == Decimal("0.25")
    assert modulo(-7, 3) == -1
    assert modulo(7, 0) == 7
    assert canonical(Decimal("5.000")) == 5
    assert isinstance(canonical(Decimal("5.000")), int)
    with pytest.raises(TooLarge):
        divide(1, 0)

"""Strangers' input: no call hangs, eats the memory, leaves the repository or raises anything but EvalError."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.terraform.lang.functions.real import ERROR, Here, ours
from vpce_checks.model.values import ListValue, MapValue, Unknown, Value
from vpce_checks.terraform.lang import functions
from vpce_checks.terraform.types.errors import EvalError

BIG = ", ".join(["[" + ", ".join(map(str, range(50))) + "]"] * 4)


def call(name: str, *args: Value, here: Here | None = None) -> Value:
    function = functions.find(name)
    assert function is not None
    return functions.call(function, args, here or Here())


@pytest.mark.parametrize(
    "text",
    [
        f"setproduct({BIG})",
        'format("%999999s", "a")',
        'format("%.999999f", 1)',
        'indent(100000000, "a\\n")',
        "pow(10, 1000)",
        "pow(2, 1e300)",
        'tonumber("1e999999999")',
        'tonumber("1e-999999999")',
        'parseint("' + "9" * 5000 + '", 10)',
        'regex("((a{0,100}){0,100}){0,100}", "x")',
        'regex("' + "(" * 500 + ")" * 500 + '", "x")',
        'jsondecode("' + "[" * 100000 + '")',
        'yamldecode("' + "[" * 100000 + '")',
        'yamldecode("a: &a [1,2,3,4,5,6,7,8,9]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]'
        '\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]")',
        'cidrhost("::/0", ' + "9" * 40 + ")",
        'cidrsubnet("10.0.0.0/8", 8, -1)',
        'cidrhost("::ffff:1.2.3.4/100", 1)',
        'timeadd("9999-12-31T23:59:59Z", "1h")',
        'fileset(".", "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}")',
        'substr("👨‍👩‍👧", 0, 1)',
        'length("🇩🇪")',
        'pathexpand("~/x")',
        "uuid()",
        "timestamp()",
        "plantimestamp()",
        'bcrypt("x")',
        'base64gzip("x")',
        'rsadecrypt("x", "y")',
        "issensitive(1)",
    ],
)
def test_what_is_not_computed_is_unknown_with_a_reason(text: str) -> None:
    value = ours(text, Here())
    if value == ERROR:
        # refusing is as good as not knowing, where Terraform refuses too
        assert "jsondecode" in text or "yamldecode" in text
        return
    assert isinstance(value, Unknown)
    assert value.causes
    name = text.partition("(")[0]
    assert name in value.causes[0].text or "not computed" in value.causes[0].text
    assert value.causes[0].span is not None or "not computed" in value.causes[0].text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 200 + "b"),
        ("(a|a)*$", "a" * 200 + "b"),
        ("(a*)*b", "a" * 200),
        ("(.*)(.*)(.*)(.*)(.*)x", "a" * 200),
        ("(a?){200}a{200}", "a" * 200),
    ],
)
def test_no_pattern_is_catastrophic(pattern: str, text: str) -> None:
    try:
        value = call("regex", pattern, text)
    except EvalError:
        return
    assert isinstance(value, (Unknown, ListValue))


def test_a_large_text_is_not_searched_for_minutes() -> None:
    value = call("regexall", "(a|b)+c", "ab" * 2_000_000)
    assert isinstance(value, Unknown)


def test_a_number_too_long_to_print_is_not_printed() -> None:
    assert isinstance(call("tostring", Decimal("1e9999999")), Unknown)
    assert isinstance(call("jsonencode", Decimal("1e-9999999")), Unknown)


def test_a_replacement_cannot_explode() -> None:
    value = call("replace", "a" * 10_000, "a", "b" * 10_000)
    assert isinstance(value, Unknown)


def test_range_stops_where_terraform_stops() -> None:
    with pytest.raises(EvalError):
        call("range", 10**12)
    assert isinstance(call("range", 1024), ListValue)


def test_deep_values_are_not_followed_for_ever() -> None:
    value: Value = "x"
    for _ in range(5000):
        value = ListValue((value,), "tuple")
    for name in ("jsonencode", "yamlencode", "flatten", "tolist"):
        try:
            assert call(name, value) is not None
        except EvalError:
            continue


@pytest.fixture
def repository(tmp_path: Path) -> Here:
    inside = tmp_path / "repo" / "module"
    inside.mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "repo" / "shared.txt").write_text("shared")
    (inside / "large.txt").write_bytes(b"x" * 5_000_001)
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    (inside / "loop.txt").symlink_to(inside / "loop.txt")
    (inside / "up").symlink_to(tmp_path)
    os.mkfifo(inside / "pipe.txt")
    return Here(str(inside), str(tmp_path / "repo"))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../../secret.txt", "outside the repository"),
        ("/etc/passwd", "outside the repository"),
        ("~/.ssh/id_rsa", "outside the repository"),
        ("link.txt", "outside the repository"),
        ("up/secret.txt", "outside the repository"),
        ("missing.txt", "no such file"),
        ("loop.txt", "no such file"),
        ("large.txt", "larger than"),
        ("pipe.txt", "not a regular file"),
        (".", "not a regular file"),
        ("a\0b", "zero byte"),
    ],
)
@pytest.mark.parametrize("name", ["file", "filebase64", "filemd5", "filesha256", "templatefile"])
def test_no_file_outside_is_read(name: str, path: str, reason: str, repository: Here) -> None:
    args: list[Value] = [path, MapValue({})] if name == "templatefile" else [path]
    value = call(name, *args, here=repository)
    assert isinstance(value, Unknown)
    assert reason in value.causes[0].text
    assert repository.doubts


def test_a_file_of_the_repository_above_the_root_is_read(repository: Here) -> None:
    assert call("file", "../shared.txt", here=repository) == "shared"


def test_existence_outside_is_not_told(repository: Here) -> None:
    assert isinstance(call("fileexists", "../../secret.txt", here=repository), Unknown)
    assert isinstance(call("fileexists", "missing.txt", here=repository), Unknown)
    assert call("fileexists", "../shared.txt", here=repository) is True


def test_a_file_set_does_not_leave_the_repository(repository: Here) -> None:
    assert isinstance(call("fileset", ".", "up/*", here=repository), Unknown)
    assert isinstance(call("fileset", "up", "*", here=repository), Unknown)
    assert isinstance(call("fileset", ".", "../*", here=repository), Unknown)
    found = call("fileset", ".", "l*", here=repository)
    assert isinstance(found, ListValue)
    assert found.items == ("large.txt",)

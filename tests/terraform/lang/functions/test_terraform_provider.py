"""Functions of Terraform's own provider. The expected values are those that ``terraform console`` gives."""

from __future__ import annotations

import pytest

from tests.terraform.evaluation import value_of
from vpce_checks.model.values import ListValue, MapValue, Unknown
from vpce_checks.terraform.types.errors import EvalError

DECODE = "provider::terraform::decode_tfvars"


def test_variables_are_read() -> None:
    value = value_of(f'{DECODE}("a = 1\\nb = {{ c = [\\"x\\", -2], \\"d e\\" = null }}")')
    assert isinstance(value, MapValue) and value.items["a"] == 1
    inner = value.items["b"]
    assert isinstance(inner, MapValue) and inner.items["d e"] is None
    assert isinstance(inner.items["c"], ListValue) and inner.items["c"].items == ("x", -2)


def test_what_is_no_constant_is_not_read() -> None:
    assert isinstance(value_of(f'{DECODE}("a = 1 + 2").a'), Unknown)
    for text in ('a = upper(\\"x\\")', "a = b", "a = b.c", "a =", "b {}"):
        with pytest.raises(EvalError):
            value_of(f'{DECODE}("{text}")')


def test_other_functions_of_providers_are_unknown() -> None:
    assert isinstance(value_of("provider::terraform::encode_expr(1)"), Unknown)
    assert isinstance(value_of('provider::aws::trim_iam_role_path("x")'), Unknown)

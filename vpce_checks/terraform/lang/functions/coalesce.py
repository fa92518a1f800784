"""``coalesce`` and ``coalescelist``, which take the first value that is there: https://developer.hashicorp.com/terraform/language/functions#collection-functions"""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Unknown,
    Value,
    choose,
)
from vpce_checks.terraform.lang.functions.contract import Environment, Function
from vpce_checks.terraform.lang.functions.declare import declare
from vpce_checks.terraform.lang.functions.partly_known import (
    as_sequence,
    may_be_empty,
    opaque_from,
)
from vpce_checks.terraform.types.common_type import is_set, unify_values
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.doubts import causes_of, maybe_null
from vpce_checks.terraform.types.equality import equals
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.type_of import describe_value, type_of
from vpce_checks.terraform.types.types import ANY
from vpce_checks.terraform.types.unify import unify


def _coalesce(environment: Environment, *values: Value) -> Value:
    if len(values) > 1 and any(isinstance(value, Opaque) and value.type is None for value in values):
        environment.doubt(opaque_from(values))
    unified = _coalesce_types(environment, values)
    strings = any(isinstance(value, (str, PartialString)) for value in unified)
    candidates: list[Value] = []
    for value in unified:
        if value is None or value == "":
            continue
        if isinstance(value, (Opaque, PartialString)):
            candidates.append(value)
            if strings or not isinstance(value, Unknown) or value.type in (None, "string"):
                certain = not may_be_empty(value)
            else:
                certain = not maybe_null(value)
            if certain:
                break
            continue
        candidates.append(value)
        break
    else:
        if not candidates:
            raise EvalError("coalesce(): no non-null, non-empty-string arguments")
        environment.doubt(opaque_from(candidates))
    return _first_of(candidates)


def _coalesce_types(environment: Environment, values: Sequence[Value]) -> list[Value]:
    # a null has a type or has none, which is not seen here; one without type lets collections stay as they are
    untyped = None in values
    try:
        unified = _to_common(values)
    except EvalError:
        if not untyped:
            raise
        environment.doubt(Unknown((Cause("coalesce() of several types beside a null", environment.span),)))
        return list(values)
    if not untyped:
        return unified
    return [
        choose((old, new), (Cause("coalesce() of several types beside a null", environment.span),))
        if isinstance(old, (ListValue, MapValue)) and equals(old, new, one_type=True) is not True
        else new
        for old, new in zip(values, unified, strict=True)
    ]


def _to_common(values: Sequence[Value]) -> list[Value]:
    types = [type_of(value) for value in values]
    known = [kind for kind in types if kind is not None]
    common = unify(known) if len(known) == len(types) else None
    if common is None or common == ANY:
        return unify_values(values) if values else []
    unified: list[Value] = []
    for value in values:
        try:
            unified.append(convert(value, common))
        except EvalError:
            # Terraform skips such a value: values of its type can be converted, but this one cannot
            unified.append(None)
    return unified


def _first_of(candidates: Sequence[Value]) -> Value:
    # null and "" are never the result
    options: list[Value] = []
    for candidate in candidates:
        if isinstance(candidate, Unknown) and candidate.one_of:
            options.extend(option for option in candidate.one_of if option is not None and option != "")
        else:
            options.append(candidate)
    if not options:
        return opaque_from(candidates)
    return choose(options, causes_of(candidates))


def _coalescelist(environment: Environment, *values: Value) -> Value:
    if not values:
        raise EvalError("coalescelist(): at least one argument is required")
    candidates: list[Value] = []
    for value in values:
        if value is not None and (as_sequence(value) is None or is_set(value)):
            raise EvalError(f"coalescelist(): arguments must be lists or tuples, not {describe_value(value)}")
        if isinstance(value, Opaque):
            environment.doubt(value)
    for value in values:
        sequence = as_sequence(value)
        if sequence is None:
            continue
        if len(sequence.items) > len(sequence.maybe):
            candidates.append(value)
            break
        if sequence.items or sequence.rest is not None:
            candidates.append(value)
    else:
        if not candidates:
            raise EvalError("coalescelist(): no non-null arguments")
        environment.doubt(opaque_from(candidates))
    return choose(candidates, causes_of(candidates)) if len(candidates) > 1 else candidates[0]


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        declare("coalesce", _coalesce, rest="any?", partial=True),
        declare("coalescelist", _coalescelist, rest="any?", partial=True),
    )
}

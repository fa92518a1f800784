"""Collection functions that ask for members of a list, or how many it has: https://developer.hashicorp.com/terraform/language/functions#collection-functions"""

from __future__ import annotations

from vpce_checks.base.record import replace
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Unknown,
    Value,
    choose,
    is_known,
)
from vpce_checks.terraform.lang.functions.contract import Environment, Function
from vpce_checks.terraform.lang.functions.declare import declare, whole_number
from vpce_checks.terraform.lang.functions.partly_known import (
    as_list,
    as_sequence,
    kept_items,
    opaque_from,
)
from vpce_checks.terraform.types.common_type import is_set, unify_items
from vpce_checks.terraform.types.doubts import causes_of
from vpce_checks.terraform.types.equality import equals
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.type_of import describe_value

MAX_OPTIONS = 16
"""Beyond so many possible values a result is simply unknown."""


def _element(environment: Environment, value: Value, index: Value) -> Value:
    if isinstance(index, Opaque) and isinstance(value, Reference):
        return opaque_from((value, index))
    if not isinstance(index, Opaque):
        number = whole_number(index, "element(): the index")
        if number < 0:
            # Terraform 1.11 counts from the end only in some cases, later versions in all
            environment.doubt(Unknown((Cause("element() with a negative index", environment.span),)))
        if isinstance(value, Reference) and value.type in (None, "list"):
            # other indexes wrap around at a length that is not known
            return replace(value, path=(*value.path, 0), type=None) if number == 0 else opaque_from((value,))
    sequence = as_sequence(value)
    if sequence is None or is_set(value):
        raise EvalError(f"element(): cannot read elements from {describe_value(value)}")
    if not sequence.items and sequence.rest is None:
        raise EvalError("element(): cannot use element function with an empty list")
    if sequence.exact and not isinstance(index, Opaque):
        return sequence.items[number % len(sequence.items)]
    if len(sequence.items) == len(sequence.maybe):
        environment.doubt(opaque_from((sequence,)))
    if sequence.rest is not None or len(sequence.items) > MAX_OPTIONS:
        return opaque_from((sequence, index))
    return choose(sequence.items, causes_of((*sequence.maybe.values(), index)))


def _length(environment: Environment, value: Value) -> Value:
    if isinstance(value, (ListValue, MapValue)):
        most = len(value.items)
        least = most - len(value.maybe)
        if value.rest is not None or most - least >= MAX_OPTIONS:
            # Which elements there are is not known. What is not known of an element does not matter.
            return replace(opaque_from((value.rest, *value.maybe.values()), "number"), least=least)
        return choose(range(least, most + 1), causes_of(value.maybe.values()))
    if isinstance(value, str):
        from vpce_checks.terraform.lang.functions.graphemes import clusters

        return len(clusters(value))
    if isinstance(value, PartialString):
        return opaque_from((value,), "number")
    if isinstance(value, Opaque) and value.type not in ("number", "bool"):
        length = opaque_from((value,), "number")
        return replace(length, least=value.least) if value.type in ("list", "set", "map") else length
    raise EvalError(
        f"length(): argument must be a string, a collection type, or a structural type, not {describe_value(value)}"
    )


def _one(environment: Environment, value: Value) -> Value:
    if isinstance(value, Reference) and value.kind != "resource" and value.type in (None, "list", "set"):
        return replace(value, path=(*value.path, 0), type=None)
    sequence = as_sequence(value)
    if sequence is None:
        raise EvalError(f"one(): must be a list, set or tuple, not {describe_value(value)}")
    certain = [item for index, item in enumerate(sequence.items) if index not in sequence.maybe]
    if len(certain) > 1 and not (sequence.kind == "set" and not is_known(sequence)):
        raise EvalError("one(): must be a list, set or tuple with either zero or one elements")
    if sequence.rest is None and len(sequence.items) <= 1:
        if not sequence.items:
            return None
        item = sequence.items[0]
        return choose((item, None), sequence.maybe[0].causes) if sequence.maybe else item
    environment.doubt(opaque_from((sequence,)))
    if len(certain) == 1:
        # more elements would be an error
        return certain[0]
    if sequence.rest is not None or len(sequence.items) > MAX_OPTIONS:
        return opaque_from((sequence,))
    return choose((*sequence.items, None), causes_of((sequence,)))


def _contains(environment: Environment, value: Value, wanted: Value) -> Value:
    sequence = as_list(value, "contains")
    uncertain = sequence.rest is not None
    for index, item in enumerate(sequence.items):
        answer = equals(item, wanted)
        if answer and index not in sequence.maybe:
            return True
        uncertain = uncertain or answer is not False
    if not uncertain:
        return False
    return opaque_from((sequence, wanted), "bool")


def _index(environment: Environment, value: Value, wanted: Value) -> Value:
    sequence = as_sequence(value)
    if sequence is None or is_set(value):
        raise EvalError(f"index(): argument must be a list or tuple, not {describe_value(value)}")
    uncertain = not sequence.exact
    for position, item in enumerate(sequence.items):
        answer = equals(item, wanted)
        if answer is None:
            uncertain = True
        if answer:
            if not uncertain:
                return position
            break
    else:
        if not uncertain:
            raise EvalError("index(): item not found")
        environment.doubt(opaque_from((sequence, wanted)))
    return opaque_from((sequence, wanted), "number")


def _matchkeys(environment: Environment, values: Value, keys: Value, wanted: Value) -> Value:
    sequence, names, searched = as_list(values, "matchkeys"), as_list(keys, "matchkeys"), as_list(wanted, "matchkeys")
    if not (sequence.exact and names.exact):
        environment.doubt(opaque_from((sequence, names)))
        return ListValue((), "list", {}, opaque_from((sequence, names, searched)))
    if len(sequence.items) != len(names.items):
        raise EvalError("matchkeys(): length of keys and values should be equal")
    if not (is_known(names) and is_known(searched)):
        environment.doubt(opaque_from((names, searched)))
    count = len(names.items)
    doubts = {count + index: doubt for index, doubt in searched.maybe.items()}
    unified = unify_items(dict(enumerate((*names.items, *searched.items))), doubts, searched.rest)
    pool = kept_items({index: item for index, item in unified.items() if index >= count}, doubts, searched.rest)
    items: list[Value] = []
    maybe: dict[int, Opaque] = {}
    for name, item in zip((unified[index] for index in range(count)), sequence.items, strict=True):
        answer = is_member(name, pool)
        if answer is False:
            continue
        if answer is None:
            maybe[len(items)] = opaque_from((name, pool))
        items.append(item)
    return ListValue(tuple(items), "list", maybe)


def is_member(item: Value, pool: ListValue) -> bool | None:
    """Whether ``item``, of the type of the members, is in ``pool``; None if that is not certain."""
    result: bool | None = False if pool.rest is None else None
    for index, other in enumerate(pool.items):
        answer = equals(item, other, one_type=True)
        if answer and index not in pool.maybe:
            return True
        if answer is not False:
            result = None
    return result


def _alltrue(environment: Environment, value: Value) -> Value:
    return _decide(as_list(value, "alltrue"), deciding=False)


def _anytrue(environment: Environment, value: Value) -> Value:
    return _decide(as_list(value, "anytrue"), deciding=True)


def _decide(sequence: ListValue, *, deciding: bool) -> Value:
    # one element decides; null counts as false
    uncertain = sequence.rest is not None
    for index, item in enumerate(sequence.items):
        if item is deciding or (item is None and deciding is False):
            if index not in sequence.maybe:
                return deciding
            uncertain = True
        uncertain = uncertain or isinstance(item, Opaque)
    return opaque_from((sequence,), "bool") if uncertain else not deciding


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        declare("alltrue", _alltrue, "bools", returns="bool", partial=True),
        declare("anytrue", _anytrue, "bools", returns="bool", partial=True),
        declare("contains", _contains, "any any", returns="bool", partial=True),
        declare("element", _element, "any number", partial=True),
        declare("index", _index, "any any", returns="number", partial=True),
        declare("length", _length, "any", returns="number", partial=True),
        declare("matchkeys", _matchkeys, "list list list", returns="list", partial=True),
        declare("one", _one, "any", partial=True),
    )
}

"""String functions that take something off the ends of a text: https://developer.hashicorp.com/terraform/language/functions#string-functions"""

from __future__ import annotations

from collections.abc import Sequence

from vpce_checks.model.values import (
    Opaque,
    Value,
    join_strings,
)
from vpce_checks.terraform.lang.functions.contract import (
    Environment,
    Function,
)
from vpce_checks.terraform.lang.functions.declare import declare
from vpce_checks.terraform.lang.functions.identifiers import holds_no_separator
from vpce_checks.terraform.lang.functions.partly_known import opaque_from
from vpce_checks.terraform.lang.functions.text import blur, parts_of, reversed_parts

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""Unicode's White_Space characters, which trimspace() removes."""


def _trim_parts(parts: Sequence[str | Opaque], characters: str) -> list[str | Opaque]:
    """``parts`` without ``characters`` at the start. An unknown start swallows the literal that it may expose, if it may hold
    ``characters`` at all."""
    swallowed: list[Opaque] = []
    rest = list(parts)
    while rest:
        first = rest[0]
        if isinstance(first, str):
            kept = first.lstrip(characters) if characters else first
            if kept:
                rest[0] = kept
                break
        elif holds_no_separator(first, characters):
            break
        else:
            swallowed.append(first)
        rest.pop(0)
    if swallowed:
        return [opaque_from(swallowed, "string"), *rest]
    return rest


def _trim_both(value: Value, characters: str, *, left: bool = True, right: bool = True) -> Value:
    parts = parts_of(value)
    assert parts is not None
    trimmed = list(parts)
    if left:
        trimmed = _trim_parts(trimmed, characters)
    if right:
        trimmed = reversed_parts(_trim_parts(reversed_parts(trimmed), characters))
    return join_strings(trimmed)


def _trim(environment: Environment, value: Value, characters: Value) -> Value:
    if not isinstance(characters, str):
        return opaque_from((value, characters), "string")
    return _trim_both(value, characters)


def _trimspace(environment: Environment, value: Value) -> Value:
    return _trim_both(value, SPACES)


def _chomp(environment: Environment, value: Value) -> Value:
    return _trim_both(value, "\r\n", left=False)


def _trimprefix(environment: Environment, value: Value, prefix: Value) -> Value:
    parts = parts_of(value)
    if not isinstance(prefix, str) or parts is None:
        return opaque_from((value, prefix), "string")
    trimmed = _without_prefix(list(parts), prefix)
    return opaque_from((value,), "string") if trimmed is None else join_strings(trimmed)


def _trimsuffix(environment: Environment, value: Value, suffix: Value) -> Value:
    parts = parts_of(value)
    if not isinstance(suffix, str) or parts is None:
        return opaque_from((value, suffix), "string")
    trimmed = _without_prefix(reversed_parts(parts), suffix[::-1])
    return opaque_from((value,), "string") if trimmed is None else join_strings(reversed_parts(trimmed))


def _without_prefix(parts: list[str | Opaque], prefix: str) -> list[str | Opaque] | None:
    if not prefix or not parts:
        return parts
    first = parts[0]
    if isinstance(first, str):
        if first.startswith(prefix):
            return [first[len(prefix) :], *parts[1:]]
        if len(parts) == 1 or not prefix.startswith(first):
            return parts
        return None
    # an unknown start may hold the prefix; what stands behind it is out of reach unless the prefix contains it
    following = parts[1] if len(parts) > 1 else None
    if isinstance(following, str) and following[0] in prefix:
        return None
    if following is not None and not isinstance(following, str):
        return None
    return [blur(first), *parts[1:]]


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        declare("chomp", _chomp, "string", returns="string", partial=True),
        declare("trim", _trim, "string string", returns="string", partial=True),
        declare("trimprefix", _trimprefix, "string string", returns="string", partial=True),
        declare("trimspace", _trimspace, "string", returns="string", partial=True),
        declare("trimsuffix", _trimsuffix, "string string", returns="string", partial=True),
    )
}

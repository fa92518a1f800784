"""String functions that look for a text or a pattern in another text: https://developer.hashicorp.com/terraform/language/functions#string-functions

On a partly known string they keep what is certain: a literal part that an unknown neighbour could not have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vpce_checks.model.values import (
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Unknown,
    Value,
    join_strings,
)
from vpce_checks.terraform.lang.functions.contract import (
    Environment,
    Function,
    NotComputed,
    check_items,
    check_text,
)
from vpce_checks.terraform.lang.functions.declare import declare
from vpce_checks.terraform.lang.functions.partly_known import opaque_from
from vpce_checks.terraform.lang.functions.text import (
    blur,
    cannot_overlap_itself,
    merge_unknowns,
    normal,
    parts_of,
    reversed_parts,
)
from vpce_checks.terraform.types.equality import could_be
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.lang.functions.re2 import Pattern


def _startswith(environment: Environment, value: Value, prefix: Value) -> Value:
    if isinstance(value, str) and isinstance(prefix, str):
        return value.startswith(prefix)
    if prefix == "":
        return True
    parts = parts_of(value)
    if isinstance(prefix, str) and parts is not None:
        answer = _begins(parts, prefix)
        if answer is not None:
            return answer
    return opaque_from((value, prefix), "bool")


def _endswith(environment: Environment, value: Value, suffix: Value) -> Value:
    if isinstance(value, str) and isinstance(suffix, str):
        return value.endswith(suffix)
    if suffix == "":
        return True
    parts = parts_of(value)
    if isinstance(suffix, str) and parts is not None:
        answer = _begins(reversed_parts(parts), suffix[::-1])
        if answer is not None:
            return answer
    return opaque_from((value, suffix), "bool")


def _begins(parts: Sequence[str | Opaque], prefix: str) -> bool | None:
    first = parts[0]
    if not isinstance(first, str):
        return None
    if first.startswith(prefix):
        return True
    return None if prefix.startswith(first) else False


def _strcontains(environment: Environment, value: Value, wanted: Value) -> Value:
    if isinstance(value, str) and isinstance(wanted, str):
        return wanted in value
    if wanted == "":
        return True
    if isinstance(value, PartialString) and isinstance(wanted, str):
        if any(isinstance(part, str) and wanted in part for part in value.parts):
            return True
    elif isinstance(value, str) and isinstance(wanted, PartialString):
        # the literal parts of what is searched must stand somewhere
        anywhere = PartialString((Unknown(()), *wanted.parts, Unknown(())))
        return opaque_from((wanted,), "bool") if could_be(anywhere, value) else False
    return opaque_from((value, wanted), "bool")


def _replace(environment: Environment, value: Value, old: Value, new: Value) -> Value:
    if not isinstance(old, str):
        # it may be a pattern between slashes, and a malformed one
        environment.doubt(opaque_from((old,)))
        return opaque_from((value, old, new), "string")
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        from vpce_checks.terraform.lang.functions.re2 import compile_pattern
        from vpce_checks.terraform.lang.functions.re2.replacement import replace_all

        pattern = compile_pattern(old[1:-1])
        if not isinstance(value, str) or not isinstance(new, str):
            return opaque_from((value, new), "string")
        return _checked(normal(replace_all(pattern, value, new)))
    if isinstance(value, str):
        if not isinstance(new, str):
            return _replace_with_unknown(value, old, new)
        check_text(len(value) + (value.count(old) if old else len(value) + 1) * len(new))
        return normal(value.replace(old, new))
    if not isinstance(value, PartialString) or not isinstance(new, str) or not old or not cannot_overlap_itself(old):
        return opaque_from((value, new), "string")
    pieces: list[Value] = []
    last = len(value.parts) - 1
    for index, part in enumerate(value.parts):
        if not isinstance(part, str):
            pieces.append(blur(part))
            continue
        before, after = index > 0, index < last
        if before and after and part in old:
            pieces.append(opaque_from((value,), "string"))
            continue
        # An occurrence may begin in the unknown part before this one, or end in the one after it. Of such an
        # occurrence, this part would hold the last letters (``start`` of them) or the first (``end``).
        start = max((size for size in range(1, len(old)) if before and part.startswith(old[-size:])), default=0)
        end = max((size for size in range(1, len(old)) if after and part.endswith(old[:size])), default=0)
        if start:
            pieces.append(opaque_from((value,), "string"))
        pieces.append(part[start : len(part) - end].replace(old, new))
        if end:
            pieces.append(opaque_from((value,), "string"))
    return merge_unknowns(pieces)


def _replace_with_unknown(value: str, old: str, new: Value) -> Value:
    if not old:
        return opaque_from((new,), "string")
    pieces: list[Value] = []
    for index, piece in enumerate(value.split(old)):
        if index:
            pieces.append(new)
        pieces.append(piece)
    check_items(len(pieces))
    return join_strings(pieces)


def _regex_result(names: Sequence[str | None], text: str, found: Sequence[int]) -> Value:
    if not names:
        return normal(text[found[0] : found[1]])
    groups = [
        normal(text[found[2 * index] : found[2 * index + 1]]) if found[2 * index] >= 0 else None
        for index in range(1, len(names) + 1)
    ]
    if names[0] is None:
        return ListValue(tuple(groups), "tuple")
    return MapValue({str(name): group for name, group in zip(names, groups, strict=True)}, "object")


def _compile(pattern: str) -> Pattern:
    from vpce_checks.terraform.lang.functions.re2 import compile_pattern

    compiled = compile_pattern(pattern)
    if len({name is None for name in compiled.names}) > 1:
        raise EvalError("invalid regexp pattern: cannot mix both named and unnamed capture groups")
    return compiled


def _regex(environment: Environment, pattern: Value, text: Value) -> Value:
    assert isinstance(pattern, str) and isinstance(text, str)
    compiled = _compile(pattern)
    found = compiled.search(text)
    if found is None:
        raise EvalError("regex(): pattern did not match any part of the given string")
    return _regex_result(compiled.names, text, found)


def _regexall(environment: Environment, pattern: Value, text: Value) -> Value:
    from vpce_checks.terraform.lang.functions.re2 import MAX_STEPS

    assert isinstance(pattern, str) and isinstance(text, str)
    compiled = _compile(pattern)
    items: list[Value] = []
    steps = 0
    for found in compiled.find_all(text):
        steps += len(compiled.program) * (found[1] - found[0] + 1)
        check_items(len(items) + 1)
        if steps > MAX_STEPS:
            raise NotComputed("needs a regular expression over too long a string")
        items.append(_regex_result(compiled.names, text, found))
    return ListValue(tuple(items), "list")


def _checked(text: str) -> str:
    check_text(len(text))
    return text


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        declare("endswith", _endswith, "string string", returns="bool", partial=True),
        declare("regex", _regex, "string string"),
        declare("regexall", _regexall, "string string", returns="list"),
        declare("replace", _replace, "string string string", returns="string", partial=True),
        declare("startswith", _startswith, "string string", returns="bool", partial=True),
        declare("strcontains", _strcontains, "string string", returns="bool", partial=True),
    )
}

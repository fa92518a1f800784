"""String functions about the case of letters: https://developer.hashicorp.com/terraform/language/functions#string-functions"""

from __future__ import annotations

from collections.abc import Callable

from vpce_checks.model.values import (
    Opaque,
    PartialString,
    Value,
    join_strings,
)
from vpce_checks.terraform.lang.functions.contract import (
    Environment,
    Function,
)
from vpce_checks.terraform.lang.functions.declare import declare
from vpce_checks.terraform.lang.functions.identifiers import is_id
from vpce_checks.terraform.lang.functions.partly_known import opaque_from
from vpce_checks.terraform.lang.functions.text import blur, merge_unknowns, normal


def _map_characters(text: str, change: Callable[[str], str]) -> str:
    # letter by letter, as Go does: no letter becomes two
    if text.isascii():
        return change(text)
    return normal("".join(new if len(new := change(old)) == 1 else _SIMPLE.get(old, old) for old in text))


_SIMPLE = {"\u0130": "i"}


def _cased(change: Callable[[str], str]) -> Callable[[Environment, Value], Value]:
    def apply(environment: Environment, value: Value) -> Value:
        if isinstance(value, str):
            return _map_characters(value, change)
        if isinstance(value, PartialString):
            return join_strings(
                _map_characters(part, change) if isinstance(part, str) else _cased_part(part, change)
                for part in value.parts
            )
        return _cased_part(value, change) if isinstance(value, Opaque) else opaque_from((value,), "string")

    return apply


def _cased_part(part: Opaque, change: Callable[[str], str]) -> Opaque:
    return part if change is str.lower and is_id(part) else blur(part)


def _title(environment: Environment, value: Value) -> Value:
    if isinstance(value, str):
        return _title_text(value, " ")
    if not isinstance(value, PartialString):
        return opaque_from((value,), "string")
    pieces: list[Value] = []
    for index, part in enumerate(value.parts):
        if not isinstance(part, str):
            pieces.append(blur(part))
        elif index == 0:
            pieces.append(_title_text(part, " "))
        else:
            # whether the first letter begins a word depends on what stands before
            first, rest = part[0], part[1:]
            pieces.append(first if first.upper() == first else opaque_from((value,), "string"))
            pieces.append(_title_text(rest, first))
    return merge_unknowns(pieces)


def _title_text(text: str, before: str) -> str:
    pieces: list[str] = []
    for character in text:
        if _separates(before):
            changed = character.title()
            pieces.append(changed if len(changed) == 1 else character)
        else:
            pieces.append(character)
        before = character
    return normal("".join(pieces))


def _separates(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    if character.isalpha() or character.isnumeric():
        return False
    return character.isspace()


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        declare("lower", _cased(str.lower), "string", returns="string", partial=True),
        declare("title", _title, "string", returns="string", partial=True),
        declare("upper", _cased(str.upper), "string", returns="string", partial=True),
    )
}

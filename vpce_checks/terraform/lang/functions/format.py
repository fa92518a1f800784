"""The ``format()`` mini-language: https://developer.hashicorp.com/terraform/language/functions/format"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from vpce_checks.base.record import record
from vpce_checks.model.values import Opaque, PartialString, Reference, Value, is_known, join_strings
from vpce_checks.terraform.lang.functions.contract import check_text
from vpce_checks.terraform.lang.functions.graphemes import clusters
from vpce_checks.terraform.lang.functions.jsontext import to_json
from vpce_checks.terraform.lang.functions.partly_known import opaque_from
from vpce_checks.terraform.types.convert import convert
from vpce_checks.terraform.types.doubts import is_certain_string
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.numbers import Number, absolute, number_to_string, ratio
from vpce_checks.terraform.types.types import BOOL, NUMBER, STRING, Type

MAX_WIDTH = 100_000
"""A wider field is not written."""


@record
class Verb:
    """One verb of a format string: ``%[flags][width][.precision][[argument]]mode``"""

    raw: str
    mode: str
    flags: str
    width: int | None
    precision: int | None
    argument: int


def parse(text: str) -> list[str | Verb]:
    """The literal texts and verbs of a format string. Raises EvalError where it is malformed."""
    parts: list[str | Verb] = []
    at, following = 0, 1
    while at < len(text):
        percent = text.find("%", at)
        if percent < 0:
            parts.append(text[at:])
            break
        if percent > at:
            parts.append(text[at:percent])
        if text.startswith("%", percent + 1):
            parts.append("%")
            at = percent + 2
            continue
        verb, at = _verb(text, percent, following)
        following = verb.argument + 1
        parts.append(verb)
    return parts


def _verb(text: str, start: int, following: int) -> tuple[Verb, int]:
    at = start + 1
    while text[at : at + 1] and text[at] in "0#-+ ":
        at += 1
    flags = text[start + 1 : at]
    width, at = _digits(text, at)
    precision: int | None = None
    if text.startswith(".", at):
        precision, at = _digits(text, at + 1)
        precision = precision or 0
    argument = following
    if text.startswith("[", at):
        number, end = _digits(text, at + 1)
        if not number or not text.startswith("]", end) or text[at + 1] == "0":
            raise EvalError(f"unrecognized format character at offset {at + 1}")
        argument, at = number, end + 1
    mode = text[at : at + 1]
    if not mode:
        raise EvalError(f"invalid format string starting at offset {at}")
    if not (mode.isascii() and mode.isalpha()):
        raise EvalError(f'unrecognized format character "{mode}" at offset {at}')
    return Verb(text[start : at + 1], mode, flags, width, precision, argument), at + 1


def _digits(text: str, at: int) -> tuple[int | None, int]:
    end = at
    while end < len(text) and text[end] in "0123456789":
        end += 1
    if end == at:
        return None, at
    if end - at > 9:
        raise EvalError("number too large in the format string")
    return int(text[at:end]), end


def render(parts: Sequence[str | Verb], args: Sequence[Value]) -> tuple[Value, list[Opaque]]:
    """The formatted string, and the opaque arguments that decide whether Terraform could format them at all."""
    pieces: list[Value] = []
    doubts: list[Opaque] = []
    highest = 0
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        highest = max(highest, part.argument)
        if part.argument > len(args):
            raise EvalError(f'not enough arguments for "{part.raw}": need {part.argument} but have {len(args)} total')
        if (part.width or 0) > MAX_WIDTH or (part.precision or 0) > MAX_WIDTH:
            check_text(10**9)
        argument = args[part.argument - 1]
        pieces.append(_render_verb(part, argument, doubts))
    if highest < len(args):
        raise EvalError(f"too many arguments; only {highest} used by format string")
    result = join_strings(pieces)
    if isinstance(result, str):
        check_text(len(result))
    return result, doubts


def _render_verb(verb: Verb, value: Value, doubts: list[Opaque]) -> Value:
    if verb.mode not in "vtbdoxXeEfgGsq":
        raise EvalError(f'unsupported format verb "{verb.mode}" in "{verb.raw}"')
    if value is None and verb.mode != "v":
        raise EvalError(f'unsupported value for "{verb.raw}": null value cannot be formatted')
    if not is_known(value):
        return _render_unknown(verb, value, doubts)
    if verb.mode == "v":
        return _pad(verb, _as_is(verb, value))
    if verb.mode == "t":
        return "true" if _converted(verb, value, BOOL) else "false"
    if verb.mode in "sq":
        text = _converted(verb, value, STRING)
        assert isinstance(text, str)
        if verb.precision:
            text = "".join(clusters(text)[: verb.precision])
        return _pad(verb, to_json(text) if verb.mode == "q" else text)
    number = _converted(verb, value, NUMBER)
    assert isinstance(number, (int, Decimal))
    if verb.mode in "bdoxX":
        if not isinstance(number, int):
            raise EvalError(f'unsupported value for "{verb.raw}": an integer is required')
        return _integer(verb, number)
    return _float(verb, number)


def _converted(verb: Verb, value: Value, kind: Type) -> Value:
    try:
        return convert(value, kind)
    except EvalError as error:
        raise EvalError(f'unsupported value for "{verb.raw}": {error.message}') from None


def _render_unknown(verb: Verb, value: Value, doubts: list[Opaque]) -> Value:
    kind = {"s": STRING, "q": STRING, "t": BOOL, "v": None}.get(verb.mode, NUMBER)
    result = value if kind is None else _converted(verb, value, kind)
    if isinstance(value, Opaque) and not (isinstance(value, Reference) and is_certain_string(value) and kind is STRING):
        doubts.append(value)
    plain = verb.width is None and not verb.precision
    if plain and verb.mode == "s" and isinstance(result, (Opaque, PartialString)):
        return result
    if plain and verb.mode == "v" and "#" not in verb.flags and _is_string(value):
        return value
    return opaque_from((value,), "string")


def _is_string(value: Value) -> bool:
    if isinstance(value, Reference):
        return value.type == "string" or (value.type is None and is_certain_string(value))
    return isinstance(value, PartialString)


def _as_is(verb: Verb, value: Value) -> str:
    if "#" not in verb.flags:
        if isinstance(value, str):
            return value
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return general(value, None)
    return to_json(value)


def _pad(verb: Verb, text: str) -> str:
    if verb.width is None:
        return text
    missing = verb.width - len(clusters(text))
    if missing <= 0:
        return text
    padding = ("0" if "0" in verb.flags else " ") * missing
    return text + padding if "-" in verb.flags else padding + text


def _integer(verb: Verb, number: int) -> str:
    sign = "-" if number < 0 else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    prefix = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb.mode, "") if "#" in verb.flags else ""
    digits = number_to_string(absolute(number)) if verb.mode == "d" else format(abs(number), verb.mode)
    if verb.precision is not None:
        if verb.precision == 0 and number == 0:
            return ""
        digits = digits.rjust(verb.precision, "0")
    missing = (verb.width or 0) - len(sign) - len(prefix) - len(digits)
    if missing <= 0:
        return sign + prefix + digits
    if "-" in verb.flags:
        return sign + prefix + digits + " " * missing
    if "0" in verb.flags and verb.precision is None:
        return sign + prefix + "0" * missing + digits
    return " " * missing + sign + prefix + digits


def _float(verb: Verb, number: Number) -> str:
    mode, precision = verb.mode.lower(), verb.precision
    if mode == "g":
        text = general(number, precision)
    elif mode == "e":
        digits, exponent = significant(number, 1 + (6 if precision is None else precision))
        text = scientific(digits, exponent, negative=number < 0)
    else:
        text = fixed(number, 6 if precision is None else precision)
    if verb.mode in "EG":
        text = text.upper()
    sign = ""
    if text.startswith("-"):
        sign, text = "-", text[1:]
    elif "+" in verb.flags:
        sign = "+"
    elif " " in verb.flags:
        sign = " "
    missing = (verb.width or 0) - len(sign) - len(text)
    if missing <= 0:
        return sign + text
    if "-" in verb.flags:
        return sign + text + " " * missing
    if "0" in verb.flags:
        return sign + "0" * missing + text
    return " " * missing + sign + text


def significant(number: Number, digits: int) -> tuple[str, int]:
    """``digits`` significant digits of ``number`` and the power of ten of the first (half rounds to even)."""
    if number == 0:
        return "0" * digits, 0
    top, bottom = ratio(absolute(number))
    exponent = len(str(top)) - len(str(bottom))
    while True:
        shift = digits - 1 - exponent
        whole, remainder, divisor = _scaled(top, bottom, shift)
        if whole >= 10**digits:
            exponent += 1
            continue
        if whole < 10 ** (digits - 1):
            exponent -= 1
            continue
        break
    if 2 * remainder > divisor or (2 * remainder == divisor and whole % 2):
        whole += 1
        if whole == 10**digits:
            whole //= 10
            exponent += 1
    return str(whole), exponent


def _scaled(top: int, bottom: int, shift: int) -> tuple[int, int, int]:
    if shift >= 0:
        top *= int(10**shift)
    else:
        bottom *= int(10**-shift)
    whole, remainder = divmod(top, bottom)
    return whole, remainder, bottom


def fixed(number: Number, places: int) -> str:
    """``number`` with so many digits after the point (half rounds to even)."""
    top, bottom = ratio(absolute(number))
    whole, remainder, divisor = _scaled(top, bottom, places)
    if 2 * remainder > divisor or (2 * remainder == divisor and whole % 2):
        whole += 1
    text = number_to_string(whole).rjust(places + 1, "0")
    if places:
        text = f"{text[:-places]}.{text[-places:]}"
    return f"-{text}" if number < 0 else text


def scientific(digits: str, exponent: int, *, negative: bool) -> str:
    """Go's ``%e`` from significant digits and the power of ten of the first."""
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{'-' if negative else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def general(number: Number, precision: int | None) -> str:
    """Go's ``%g``: fixed or with an exponent, whichever is usual for the size; None: as many digits as needed."""
    if precision is None:
        text = number_to_string(absolute(number))
        whole, _, fraction = text.partition(".")
        digits = (whole + fraction).lstrip("0")
        exponent = len(whole) - 1 if whole != "0" else -1 - (len(fraction) - len(fraction.lstrip("0")))
        digits = digits.rstrip("0")
        if not digits:
            return "0"
        limit = 6
    else:
        digits, exponent = significant(number, precision or 1)
        digits = digits.rstrip("0")
        if not digits:
            return "0"
        limit = precision or 1
        if limit > len(digits) and len(digits) >= exponent + 1:
            limit = len(digits)
    # the exponent is used from the precision on, taken as 6 where all digits are wanted: 1e+06, but 123457
    if exponent < -4 or exponent >= (limit if precision is not None else max(limit, 0)):
        return scientific(digits, exponent, negative=number < 0)
    sign = "-" if number < 0 else ""
    point = exponent + 1
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"

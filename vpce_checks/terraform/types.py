"""Terraform's types: reading ``type = ...``, converting values, finding a common type.

Follows the conversion rules of https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
and https://developer.hashicorp.com/terraform/language/expressions/type-constraints (``optional()`` included).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias, Union

from vpce_checks.record import record, replace
from vpce_checks.terraform.arithmetic import Number, TooLarge, number_to_string, parse_number
from vpce_checks.terraform.errors import EvalError
from vpce_checks.terraform.syntax import ast
from vpce_checks.values import (
    MAX_CAUSES,
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
    merge_causes,
    opaque_parts,
    unknown,
)

__all__ = [
    "ANY",
    "BOOL",
    "NUMBER",
    "STRING",
    "Attribute",
    "ListType",
    "MapType",
    "ObjectType",
    "Primitive",
    "SetType",
    "TupleType",
    "Type",
    "any_form",
    "causes_of",
    "convert",
    "describe",
    "equals",
    "make_set",
    "maybe_null",
    "number_to_string",
    "parse_number",
    "parse_type",
    "type_of",
    "unify",
    "unify_items",
    "unify_values",
]


@record
class Primitive:
    """``string``, ``number``, ``bool`` or ``any``"""

    name: str


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
ANY = Primitive("any")
"""Any type: a constraint that accepts everything; as the type of a value, that of ``null``."""


@record
class ListType:
    """``list(element)``"""

    element: Type


@record
class SetType:
    """``set(element)``"""

    element: Type


@record
class MapType:
    """``map(element)``"""

    element: Type


@record
class TupleType:
    """``tuple([elements...])``"""

    elements: tuple[Type, ...]


@record
class Attribute:
    """One attribute of an object type. ``default`` (None: null) stands in for an optional one that is null or absent."""

    type: Type
    optional: bool = False
    default: Value = None


@record
class ObjectType:
    """``object({name = type, ...})``"""

    attributes: Mapping[str, Attribute]


Type: TypeAlias = Union[Primitive, ListType, SetType, MapType, TupleType, ObjectType]

MAX_DEPTH = 64
"""Deeper types and values than this are refused or left alone."""


# --------------------------------------------------------------------------------------- reading type expressions

_LEGACY: Mapping[str, Type] = {"string": STRING, "list": ListType(ANY), "map": MapType(ANY)}
_KEYWORDS: Mapping[str, Type] = {
    "string": STRING,
    "number": NUMBER,
    "bool": BOOL,
    "any": ANY,
    # Terraform refuses a bare collection keyword only since 0.12; what is meant has never been in doubt
    "list": ListType(ANY),
    "set": SetType(ANY),
    "map": MapType(ANY),
}
_COLLECTIONS: Mapping[str, Callable[[Type], Type]] = {"list": ListType, "set": SetType, "map": MapType}


def parse_type(expr: ast.Expr, evaluate_default: Callable[[ast.Expr], Value], depth: int = 0) -> Type:
    """The type that a ``type = ...`` expression means. ``evaluate_default`` gives the second argument of ``optional``.

    Raises EvalError, with the span at fault.
    """
    if depth > MAX_DEPTH:
        raise EvalError("type constraint nested too deeply", expr.span)
    if isinstance(expr, ast.TemplateWrap):
        return parse_type(expr.expr, evaluate_default, depth + 1)
    if isinstance(expr, ast.Literal):
        # "string", "list" and "map" in quotes: the way of Terraform 0.11
        if isinstance(expr.value, str) and expr.value in _LEGACY:
            return _LEGACY[expr.value]
        raise EvalError("invalid type specification", expr.span)
    if isinstance(expr, ast.Name):
        found = _KEYWORDS.get(expr.name)
        if found is None:
            raise EvalError(f'the keyword "{expr.name}" is not a valid type specification', expr.span)
        return found
    if not isinstance(expr, ast.Call):
        raise EvalError("invalid type specification", expr.span)
    if expr.name not in ("list", "set", "map", "tuple", "object"):
        raise EvalError(f'the keyword "{expr.name}" is not a valid type constructor', expr.span)
    if len(expr.args) != 1:
        raise EvalError(f"the {expr.name} type constructor requires one argument", expr.span)
    argument = expr.args[0]
    if expr.name in _COLLECTIONS:
        return _COLLECTIONS[expr.name](parse_type(argument, evaluate_default, depth + 1))
    if expr.name == "tuple":
        if not isinstance(argument, ast.TupleCons):
            raise EvalError("the tuple type constructor requires a list of element types", argument.span)
        return TupleType(tuple(parse_type(item, evaluate_default, depth + 1) for item in argument.items))
    if not isinstance(argument, ast.ObjectCons):
        raise EvalError("the object type constructor requires a map of attribute types", argument.span)
    attributes: dict[str, Attribute] = {}
    for key, item in argument.items:
        if not (isinstance(key, ast.Literal) and isinstance(key.value, str)):
            raise EvalError("object type constructor keys must be attribute names", key.span)
        if key.value in attributes:
            raise EvalError("object type constructor keys must be unique", key.span)
        attributes[key.value] = _parse_attribute(item, evaluate_default, depth + 1)
    return ObjectType(attributes)


def _parse_attribute(expr: ast.Expr, evaluate_default: Callable[[ast.Expr], Value], depth: int) -> Attribute:
    if not (isinstance(expr, ast.Call) and expr.name == "optional"):
        return Attribute(parse_type(expr, evaluate_default, depth))
    if not 1 <= len(expr.args) <= 2:
        raise EvalError("optional() takes the attribute type and, if wanted, a default value", expr.span)
    kind = parse_type(expr.args[0], evaluate_default, depth)
    if len(expr.args) == 1:
        return Attribute(kind, True)
    default = evaluate_default(expr.args[1])
    try:
        # absent attributes inside the default get their own defaults, as in Terraform
        return Attribute(kind, True, convert(default, kind))
    except EvalError as error:
        raise EvalError(
            f"this default value is not compatible with the attribute's type: {error.message}", expr.args[1].span
        ) from None


def describe(kind: Type) -> str:
    """A type as Terraform's messages name it: ``list of string``, ``object`` ..."""
    if isinstance(kind, Primitive):
        return "any type" if kind is ANY else kind.name
    if isinstance(kind, (ListType, SetType, MapType)):
        return f"{_HINTS[type(kind)]} of {describe(kind.element)}"
    return "tuple" if isinstance(kind, TupleType) else "object"


_HINTS: Mapping[type, str | None] = {
    ListType: "list",
    SetType: "set",
    MapType: "map",
    ObjectType: "object",
    TupleType: None,
}


def hint_of(kind: Type) -> str | None:
    """The ``Opaque.type`` for values of a type."""
    if isinstance(kind, Primitive):
        return None if kind == ANY else kind.name
    return _HINTS[type(kind)]


# --------------------------------------------------------------------------------------- certainty


def causes_of(values: Iterable[object]) -> tuple[Cause, ...]:
    """Why ``values`` are not known: their causes, or else the references among them by name."""
    kept = list(values)
    causes = merge_causes(kept)
    if causes:
        return causes
    names = dict.fromkeys(str(part) for value in kept for part in opaque_parts(value) if isinstance(part, Reference))
    return tuple(Cause(f"{name} is not known before deployment") for name in list(names)[:MAX_CAUSES])


def maybe_null(value: Value) -> bool:
    """Whether a value is, or could turn out to be, null."""
    if value is None:
        return True
    if isinstance(value, Unknown):
        return not value.one_of or any(maybe_null(option) for option in value.one_of)
    if isinstance(value, Reference):
        return not is_certain_string(value)
    return False


def is_certain_string(value: Reference) -> bool:
    """Whether a reference is certainly neither null nor empty: an attribute of a resource created here."""
    return value.kind == "resource" and bool(value.path)


def equals(left: Value, right: Value) -> bool | None:
    """Terraform's equality, or None where it cannot be told.

    Values of different types are different: ``1`` is not ``"1"``, a tuple is not a list, an object not a map.
    """
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        if left is right:
            return True
        return _equals_one_of(left, right)
    if isinstance(left, Reference) or isinstance(right, Reference):
        if left == right:
            return True
        if left is None or right is None:
            other = right if left is None else left
            return False if isinstance(other, Reference) and is_certain_string(other) else None
        return None
    if isinstance(left, PartialString) or isinstance(right, PartialString):
        return _equals_partial(left, right)
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, ListValue):
        if not isinstance(right, ListValue):
            return False
        return _equals_lists(left, right)
    if isinstance(left, MapValue):
        if not isinstance(right, MapValue):
            return False
        return _equals_maps(left, right)
    if isinstance(right, (ListValue, MapValue)):
        return False
    return left == right


def _equals_one_of(left: Value, right: Value) -> bool | None:
    lefts = left.one_of if isinstance(left, Unknown) else (left,)
    rights = right.one_of if isinstance(right, Unknown) else (right,)
    if not lefts or not rights or len(lefts) * len(rights) > 256:
        return None
    answers = {equals(one, other) for one in lefts for other in rights}
    return answers.pop() if len(answers) == 1 else None


def _equals_partial(left: Value, right: Value) -> bool | None:
    if left is None or isinstance(left, (bool, int, Decimal, ListValue, MapValue)):
        return False
    if right is None or isinstance(right, (bool, int, Decimal, ListValue, MapValue)):
        return False
    if isinstance(left, str):
        left, right = right, left
    assert isinstance(left, PartialString)
    if isinstance(right, str):
        return None if could_be(left, right) else False
    assert isinstance(right, PartialString)
    if len(left.parts) == len(right.parts) and all(
        one == other if isinstance(one, (str, Reference)) else one is other
        for one, other in zip(left.parts, right.parts, strict=True)
    ):
        return True
    one, other = left.parts[0], right.parts[0]
    if isinstance(one, str) and isinstance(other, str) and not (one.startswith(other) or other.startswith(one)):
        return False
    one, other = left.parts[-1], right.parts[-1]
    if isinstance(one, str) and isinstance(other, str) and not (one.endswith(other) or other.endswith(one)):
        return False
    return None


def could_be(partial: PartialString, text: str) -> bool:
    """Whether a partly known string can turn out to be ``text``."""
    parts = partial.parts
    start, end = 0, len(text)
    first, last = parts[0], parts[-1]
    if isinstance(first, str):
        if not text.startswith(first):
            return False
        start = len(first)
    if isinstance(last, str) and len(parts) > 1:
        if not text.endswith(last) or end - len(last) < start:
            return False
        end -= len(last)
    for part in parts[1:-1]:
        if isinstance(part, str):
            at = text.find(part, start, end)
            if at < 0:
                return False
            start = at + len(part)
    return True


def _equals_lists(left: ListValue, right: ListValue) -> bool | None:
    if left.kind != right.kind:
        return False if "set" in (left.kind, right.kind) or (is_known(left) and is_known(right)) else None
    if not (left.exact and right.exact):
        least = len(left.items) - len(left.maybe), len(right.items) - len(right.maybe)
        if left.rest is None and least[1] > len(left.items):
            return False
        if right.rest is None and least[0] > len(right.items):
            return False
        return None
    if len(left.items) != len(right.items):
        return False
    if left.kind == "set" and not (is_known(left) and is_known(right)):
        return None
    return _all(equals(one, other) for one, other in zip(left.items, right.items, strict=True))


def _equals_maps(left: MapValue, right: MapValue) -> bool | None:
    if left.kind != right.kind and is_known(left) and is_known(right):
        return False
    for one, other in ((left, right), (right, left)):
        if other.rest is None and any(key not in other.items for key in one.items if key not in one.maybe):
            return False
    answer = _all(equals(value, right.items[key]) for key, value in left.items.items() if key in right.items)
    if answer is False and not (left.maybe or right.maybe):
        return False
    return answer if left.exact and right.exact and left.kind == right.kind else None


def _all(answers: Iterable[bool | None]) -> bool | None:
    result: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            result = None
    return result


# --------------------------------------------------------------------------------------- sets


def make_set(items: Iterable[Value], maybe: Iterable[tuple[int, Opaque]] = (), rest: Opaque | None = None) -> ListValue:
    """The set of ``items``, which are already of one type: duplicates dropped, in Terraform's order when all are known.

    An item that might equal an earlier one is of uncertain presence. ``maybe`` gives positions in ``items``.
    """
    uncertain = dict(maybe)
    positions: dict[object, int] = {}
    found: list[Value] = []
    doubtful: dict[int, Opaque] = {}
    opaque_positions: list[int] = []
    for index, item in enumerate(items):
        doubt = uncertain.get(index)
        known = is_known(item)
        if known:
            key = _hashable(item)
            if key in positions:
                # the item is surely there as soon as one of its copies is
                if doubt is None:
                    doubtful.pop(positions[key], None)
                continue
            positions[key] = len(found)
        candidates = range(len(found)) if not known else opaque_positions
        same_as: int | None = None
        clash = False
        for position in candidates:
            answer = equals(item, found[position])
            if answer:
                same_as = position
                break
            clash = clash or answer is None
        if same_as is not None:
            if doubt is None:
                doubtful.pop(same_as, None)
            continue
        if clash:
            if known:
                # known items stay certain; it is the opaque one that may be a duplicate of this
                for position in opaque_positions:
                    if equals(item, found[position]) is None:
                        doubtful.setdefault(position, _some_opaque(found[position]))
            else:
                doubtful[len(found)] = _some_opaque(item)
        if doubt is not None:
            doubtful[len(found)] = doubt
        if not known:
            opaque_positions.append(len(found))
        found.append(item)
    if opaque_positions or len(found) < 2:
        return ListValue(tuple(found), "set", doubtful, rest)
    order = sorted(range(len(found)), key=lambda position: _order(found[position]))
    return ListValue(
        tuple(found[position] for position in order),
        "set",
        {new: doubtful[old] for new, old in enumerate(order) if old in doubtful},
        rest,
    )


def _some_opaque(value: Value) -> Opaque:
    if isinstance(value, Opaque):
        return value
    return Unknown(causes_of((value,)))


def _hashable(value: Value) -> object:
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, ListValue):
        return (value.kind, tuple(_hashable(item) for item in value.items))
    if isinstance(value, MapValue):
        return ("map", tuple((key, _hashable(value.items[key])) for key in sorted(value.items)))
    if isinstance(value, (int, Decimal)):
        return ("number", value)
    return value


def _order(value: Value) -> tuple[int, int | Decimal, bytes]:
    # strings and numbers in their order, false before true, null last; anything else by cty's hash bytes
    if value is None:
        return (2, 0, b"")
    if isinstance(value, str):
        return (1, 0, value.encode("utf-8", "surrogatepass"))
    if isinstance(value, (int, Decimal)):
        return (0, value, b"")
    return (1, 0, b"".join(_hash_bytes(value)))


def _hash_bytes(value: Value) -> Iterator[bytes]:
    if value is None:
        yield b"~"
    elif isinstance(value, bool):
        yield b"T" if value else b"F"
    elif isinstance(value, (int, Decimal)):
        yield short_number(value).encode()
    elif isinstance(value, str):
        yield go_quote(value).encode("utf-8", "surrogatepass")
    elif isinstance(value, ListValue):
        yield b"<" if value.kind == "tuple" else b"["
        for item in value.items:
            yield from _hash_bytes(item)
            yield b";"
        yield b">" if value.kind == "tuple" else b"]"
    elif isinstance(value, MapValue):
        is_map = value.kind == "map"
        yield b"{" if is_map else b"<"
        for key in sorted(value.items, key=lambda text: text.encode("utf-8", "surrogatepass")):
            if is_map:
                yield go_quote(key).encode("utf-8", "surrogatepass") + b":"
            yield from _hash_bytes(value.items[key])
            yield b";"
        yield b"}" if is_map else b">"


def short_number(value: Number) -> str:
    """A number in Go's ``%.10g``."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(value).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    point = len(text) + exponent
    if len(text) > 10:
        head, tail = int(text[:10]), text[10:]
        if tail[0] > "5" or (tail[0] == "5" and (tail[1:].strip("0") or head % 2)):
            head += 1
        text = str(head)
        if len(text) > 10:
            point += 1
    text = text.rstrip("0")
    if -4 <= point - 1 < 10:
        if point <= 0:
            body = "0." + "0" * -point + text
        elif point >= len(text):
            body = text + "0" * (point - len(text))
        else:
            body = text[:point] + "." + text[point:]
    else:
        power = point - 1
        body = text[0] + ("." + text[1:] if len(text) > 1 else "")
        body += f"e{'-' if power < 0 else '+'}{abs(power):02d}"
    return ("-" if sign else "") + body


_GO_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


def go_quote(text: str) -> str:
    """``text`` as Go's ``%q`` writes it."""
    pieces = ['"']
    for character in text:
        if character in _GO_ESCAPES:
            pieces.append(_GO_ESCAPES[character])
        elif character == " " or (character.isprintable() and not character.isspace()):
            pieces.append(character)
        elif character < "\x7f" or character == "\x7f":
            pieces.append(f"\\x{ord(character):02x}")
        elif ord(character) < 0x10000:
            pieces.append(f"\\u{ord(character):04x}")
        else:
            pieces.append(f"\\U{ord(character):08x}")
    pieces.append('"')
    return "".join(pieces)


# --------------------------------------------------------------------------------------- conversion


def convert(value: Value, kind: Type, depth: int = 0) -> Value:
    """``value`` as a value of type ``kind``, ``optional()`` defaults applied.

    Null stays null. Opaque values stay opaque and take the type's hint. Raises EvalError where Terraform would.
    """
    if depth > MAX_DEPTH:
        raise EvalError("value nested too deeply")
    if value is None or kind == ANY:
        return value
    if isinstance(value, Opaque):
        return _convert_opaque(value, kind, depth)
    if isinstance(kind, Primitive):
        return _convert_primitive(value, kind)
    if isinstance(kind, ObjectType):
        return _convert_object(value, kind, depth)
    if isinstance(kind, TupleType):
        return _convert_tuple(value, kind, depth)
    if isinstance(kind, MapType):
        if not isinstance(value, MapValue):
            raise _mismatch(value, kind)
        names = list(value.items)
        doubts = {index: value.maybe[name] for index, name in enumerate(names) if name in value.maybe}
        elements = _convert_items(list(value.items.values()), doubts, kind.element, value.rest, depth)
        return MapValue(
            {names[index]: item for index, item in elements.items()},
            "map",
            {names[index]: doubt for index, doubt in doubts.items() if index in elements},
            value.rest,
        )
    if not isinstance(value, ListValue):
        raise _mismatch(value, kind)
    kept = _convert_items(list(value.items), value.maybe, kind.element, value.rest, depth)
    items = list(kept.values())
    maybe = {new: value.maybe[old] for new, old in enumerate(kept) if old in value.maybe}
    if isinstance(kind, SetType):
        return make_set(items, maybe.items(), value.rest)
    rest = value.rest
    if value.kind == "set" and rest is None and len(items) > 1 and not is_known(ListValue(tuple(items))):
        # the place of an unknown element decides the places of the others
        rest = Unknown(causes_of(items))
    return ListValue(tuple(items), "list", maybe, rest)


def _mismatch(value: Value, kind: Type) -> EvalError:
    wanted = describe(kind)
    article = "an" if wanted[0] in "aeiou" else "a"
    return EvalError(f"{article} {wanted} is required, not {describe_value(value)}")


def describe_value(value: Value) -> str:
    """What a value is, for messages: ``string``, ``list``, ``object`` ..."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, Decimal)):
        return "number"
    if isinstance(value, (str, PartialString)):
        return "string"
    if isinstance(value, (ListValue, MapValue)):
        return value.kind
    return value.type or "unknown value"


def _convert_opaque(value: Opaque, kind: Type, depth: int) -> Value:
    hint = hint_of(kind)
    if isinstance(value, Unknown) and value.one_of:
        options: list[Value] = []
        errors: list[EvalError] = []
        for option in value.one_of:
            try:
                options.append(convert(option, kind, depth + 1))
            except EvalError as error:
                errors.append(error)
        if not options:
            raise errors[0]
        chosen = choose(options, value.causes)
        if isinstance(chosen, Unknown) and chosen.one_of and hint:
            return replace(chosen, type=hint)
        return chosen
    if hint is None or value.type == hint:
        return value
    if isinstance(value, Reference):
        if value.type is None:
            return replace(value, type=hint)
        # a number made a string is another value than the number
        return Unknown(value.causes, hint) if value.type in ("string", "number", "bool") else replace(value, type=hint)
    if isinstance(value, Unknown):
        return replace(value, type=hint)
    return value


def _convert_primitive(value: Value, kind: Primitive) -> Value:
    if isinstance(value, PartialString):
        return value if kind == STRING else Unknown(value.causes, kind.name)
    if isinstance(value, (ListValue, MapValue)):
        raise _mismatch(value, kind)
    if kind == STRING:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, Decimal)):
            try:
                return number_to_string(value)
            except TooLarge:
                return unknown("a number too large to be written out", type="string")
        return value
    if kind == NUMBER:
        if isinstance(value, bool):
            raise _mismatch(value, kind)
        if isinstance(value, str):
            try:
                return parse_number(value)
            except ValueError:
                raise EvalError("a number is required") from None
            except TooLarge:
                return unknown(f"the number {value[:20]} is not computed here", type="number")
        return value
    if isinstance(value, bool):
        return value
    if value == "true" or value == "1":
        return True
    if value == "false" or value == "0":
        return False
    raise EvalError("a bool is required")


def _convert_items(
    items: list[Value], maybe: Mapping[int, Opaque], element: Type, rest: Opaque | None, depth: int
) -> dict[int, Value]:
    """The items converted, by position. One of uncertain presence that cannot be converted cannot be present."""
    converted: dict[int, Value] = {}
    for index, item in enumerate(items):
        try:
            converted[index] = convert(item, element, depth + 1)
        except EvalError:
            if index not in maybe:
                raise
    if not _has_any(element):
        return converted
    return unify_items(converted, maybe, rest)


def unify_items(items: Mapping[int, Value], maybe: Mapping[int, Opaque], rest: Opaque | None) -> dict[int, Value]:
    """Like :func:`unify_values` for the items of a collection, by position, of which those in ``maybe`` may be absent.

    An item that cannot be present because it goes with no other is left out.
    """
    positions = list(items)
    certain = [index for index in positions if index not in maybe]
    try:
        unified = dict(zip(certain, unify_values([items[index] for index in certain]), strict=True))
    except EvalError:
        # numbers and bools go together where a string among the others makes strings of all
        if not (maybe or rest is not None) or not all(map(_is_scalar_or_null, items.values())):
            raise
        return {index: convert(value, STRING) for index, value in items.items()}
    if maybe:
        present = dict(unified)
        scalars_only = all(map(_is_scalar_or_null, items.values()))
        for index in positions:
            if index in maybe:
                try:
                    together = unify_values([*(items[other] for other in certain), items[index]])
                except EvalError:
                    if scalars_only and (rest is not None or len(maybe) > 1):
                        present[index] = loosen(items[index])
                    continue
                present[index] = together[-1]
                for other, value in zip(certain, together, strict=False):
                    if not _surely_same(value, unified[other]):
                        present[other] = choose((present[other], value), causes_of((maybe[index],)))
        # a doubtful item can also make strings of other doubtful ones
        scalars = {describe_value(value) for value in present.values() if value is not None}
        mixed = len(scalars) > 1 or not _all_scalars(present.values())
        unified = {
            index: loosen(present[index]) if index in maybe and mixed else present[index]
            for index in positions
            if index in present
        }
    if rest is not None:
        # what is not listed may make strings of the others
        settled = any(isinstance(unified.get(index), (str, PartialString)) for index in certain)
        unified = {index: value if settled else loosen(value) for index, value in unified.items()}
    return unified


def _is_scalar_or_null(value: Value) -> bool:
    return value is None or _is_scalar(value)


def _all_scalars(values: Iterable[Value]) -> bool:
    return all(value is None or isinstance(value, (bool, int, Decimal, str, PartialString)) for value in values)


def _surely_same(left: Value, right: Value) -> bool:
    return left is right or (is_known(left) and is_known(right) and type(left) is type(right) and left == right)


def _has_any(kind: Type) -> bool:
    if isinstance(kind, Primitive):
        return kind == ANY
    if isinstance(kind, TupleType):
        return any(_has_any(element) for element in kind.elements)
    if isinstance(kind, ObjectType):
        return any(_has_any(attribute.type) for attribute in kind.attributes.values())
    return _has_any(kind.element)


def _convert_tuple(value: Value, kind: TupleType, depth: int) -> Value:
    if not isinstance(value, ListValue) or value.kind != "tuple":
        raise _mismatch(value, kind)
    if not value.exact:
        cause = Unknown(causes_of((value,)))
        if value.rest is None and len(value.items) < len(kind.elements):
            raise EvalError(f"tuple of {len(kind.elements)} elements is required")
        return cause
    if len(value.items) != len(kind.elements):
        raise EvalError(f"a tuple of {len(kind.elements)} elements is required, not {len(value.items)}")
    return ListValue(
        tuple(convert(item, element, depth + 1) for item, element in zip(value.items, kind.elements, strict=True)),
        "tuple",
    )


def _convert_object(value: Value, kind: ObjectType, depth: int) -> Value:
    if not isinstance(value, MapValue):
        raise _mismatch(value, kind)
    items: dict[str, Value] = {}
    for name in sorted(kind.attributes):
        attribute = kind.attributes[name]
        if name in value.items:
            item = convert(value.items[name], attribute.type, depth + 1)
            if attribute.default is not None and maybe_null(item):
                item = attribute.default if item is None else _or_default(item, attribute.default)
            if name in value.maybe and attribute.optional:
                item = choose((item, attribute.default), value.maybe[name].causes)
        elif value.rest is not None:
            item = Unknown(value.rest.causes, hint_of(attribute.type))
        elif attribute.optional:
            item = attribute.default
        else:
            raise EvalError(f'attribute "{name}" is required')
        items[name] = item
    return MapValue(items, "object")


def _or_default(item: Value, default: Value) -> Value:
    # null among the possible values turns into the default
    options = item.one_of if isinstance(item, Unknown) and item.one_of else (item,)
    known = [default if option is None else option for option in options]
    if not isinstance(item, Unknown) or not item.one_of or any(isinstance(option, Opaque) for option in options):
        known.append(default)
    return choose(known, causes_of((item,)))


# --------------------------------------------------------------------------------------- common types


def type_of(value: Value) -> Type | None:
    """The type of a value; ANY for null; None where it cannot be told."""
    if value is None:
        return ANY
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, (int, Decimal)):
        return NUMBER
    if isinstance(value, (str, PartialString)):
        return STRING
    if isinstance(value, Opaque):
        if value.type in ("string", "number", "bool"):
            return Primitive(value.type)
        if isinstance(value, Unknown) and value.one_of:
            types = {_freeze(kind): kind for kind in map(type_of, value.one_of)}
            return next(iter(types.values())) if len(types) == 1 else None
        return None
    if isinstance(value, ListValue):
        types_of_items = [type_of(item) for item in value.items]
        if value.kind == "tuple":
            if not value.exact or None in types_of_items:
                return None
            return TupleType(tuple(kind for kind in types_of_items if kind is not None))
        element = _element_type(types_of_items, value.rest)
        if element is None:
            return None
        return SetType(element) if value.kind == "set" else ListType(element)
    if value.kind == "object":
        if not value.exact:
            return None
        attributes: dict[str, Attribute] = {}
        for name, item in value.items.items():
            kind = type_of(item)
            if kind is None:
                return None
            attributes[name] = Attribute(kind)
        return ObjectType(attributes)
    element = _element_type([type_of(item) for item in value.items.values()], value.rest)
    return None if element is None else MapType(element)


def _element_type(types: Sequence[Type | None], rest: Opaque | None) -> Type | None:
    # the items of a collection are of one type already: any that is known tells
    known = [kind for kind in types if kind is not None and kind != ANY]
    if not known:
        return None if rest is not None or None in types else ANY
    return unify(known) if None not in types or all(isinstance(kind, Primitive) for kind in known) else None


def _freeze(kind: Type | None) -> object:
    if isinstance(kind, ObjectType):
        return ("object", tuple((name, _freeze(kind.attributes[name].type)) for name in sorted(kind.attributes)))
    if isinstance(kind, TupleType):
        return ("tuple", tuple(_freeze(element) for element in kind.elements))
    if isinstance(kind, (ListType, SetType, MapType)):
        return (type(kind).__name__, _freeze(kind.element))
    return kind


def unify(types: Sequence[Type]) -> Type | None:
    """The type that values of all ``types`` can be converted to, as Terraform chooses it; None if there is none.

    ANY (null) goes with every type.
    """
    wanted: list[Type] = []
    seen: set[object] = set()
    for kind in types:
        key = _freeze(kind)
        if kind != ANY and key not in seen:
            seen.add(key)
            wanted.append(kind)
    if not wanted:
        return ANY
    if len(wanted) == 1:
        return wanted[0]
    if all(isinstance(kind, Primitive) for kind in wanted):
        if STRING in wanted:
            return STRING
        return None  # number and bool have nothing in common
    objects = [kind for kind in wanted if isinstance(kind, ObjectType)]
    maps = [kind for kind in wanted if isinstance(kind, MapType)]
    if len(objects) + len(maps) == len(wanted):
        return _unify_mappings(objects, maps)
    tuples = [kind for kind in wanted if isinstance(kind, TupleType)]
    lists = [kind for kind in wanted if isinstance(kind, ListType)]
    sets = [kind for kind in wanted if isinstance(kind, SetType)]
    if len(tuples) + len(lists) + len(sets) == len(wanted):
        return _unify_sequences(tuples, lists, sets)
    return None


def _unify_mappings(objects: Sequence[ObjectType], maps: Sequence[MapType]) -> Type | None:
    if not maps:
        names = objects[0].attributes.keys()
        if all(kind.attributes.keys() == names for kind in objects):
            attributes: dict[str, Attribute] = {}
            for name in names:
                common = unify([kind.attributes[name].type for kind in objects])
                if common is None:
                    return None
                attributes[name] = Attribute(common)
            return ObjectType(attributes)
    elements = [kind.element for kind in maps]
    elements += [attribute.type for kind in objects for attribute in kind.attributes.values()]
    element = unify(elements)
    return None if element is None else MapType(element)


def _unify_sequences(tuples: Sequence[TupleType], lists: Sequence[ListType], sets: Sequence[SetType]) -> Type | None:
    if tuples and not lists and not sets:
        length = len(tuples[0].elements)
        if all(len(kind.elements) == length for kind in tuples):
            columns = [unify([kind.elements[index] for kind in tuples]) for index in range(length)]
            return None if None in columns else TupleType(tuple(kind for kind in columns if kind is not None))
    elements: list[Type] = [kind.element for kind in lists] + [kind.element for kind in sets]
    elements += [element for kind in tuples for element in kind.elements]
    element = unify(elements)
    if element is None:
        return None
    return SetType(element) if sets and not lists else ListType(element)


def unify_values(values: Sequence[Value]) -> list[Value]:
    """``values`` converted to their common type. Raises EvalError where they have none.

    Where a type cannot be told, a number or bool next to it might have to become a string: it turns into an unknown
    that is one of the two. Strings stay as they are.
    """
    types = [type_of(value) for value in values]
    known = [kind for kind in types if kind is not None]
    if len(known) == len(types):
        common = unify(known)
        if common is None:
            raise EvalError("all elements must have the same type")
        if isinstance(common, Primitive) and common == ANY:
            return list(values)
        return [value if kind == common else convert(value, common) for value, kind in zip(values, types, strict=True)]
    return _unify_uncertain(values)


def _unify_uncertain(values: Sequence[Value]) -> list[Value]:
    primitives = [value for value in values if _is_scalar(value)]
    mappings = [value for value in values if isinstance(value, MapValue)]
    sequences = [value for value in values if isinstance(value, ListValue)]
    if sum(map(bool, (primitives, mappings, sequences))) > 1:
        raise EvalError("all elements must have the same type")
    if primitives:
        kinds = {describe_value(value) for value in primitives}
        if "string" in kinds:
            return [convert(value, STRING) for value in values]
        if kinds == {"bool", "number"}:
            # only a string goes with both
            return [convert(value, STRING) for value in values]
        return [loosen(value) for value in values]
    whole = [value for value in values if value is not None]
    if mappings and len(mappings) == len(whole) and all(mapping.exact for mapping in mappings):
        names = mappings[0].items.keys()
        if all(mapping.kind == "object" and mapping.items.keys() == names for mapping in mappings):
            columns = {name: unify_values([mapping.items[name] for mapping in mappings]) for name in names}
            rows = iter(range(len(mappings)))
            return [
                None if value is None else MapValue({name: columns[name][row] for name in names}, "object")
                for value in values
                for row in ((next(rows),) if value is not None else (0,))
            ]
    kinds = {sequence.kind for sequence in sequences}
    if "set" in kinds and (len(kinds) > 1 or len(sequences) < len(whole)):
        if len(kinds) > 1:
            return [loosen(convert(value, ListType(ANY)) if _is_set(value) else value) for value in values]
        # something that is not known may be a list, and make lists of the sets
        return [
            choose((loosen(value), loosen(convert(value, ListType(ANY)))), ()) if _is_set(value) else value
            for value in values
        ]
    return [loosen(value) for value in values]


def _is_set(value: Value) -> bool:
    return isinstance(value, ListValue) and value.kind == "set"


def _is_scalar(value: Value) -> bool:
    return isinstance(value, (bool, int, Decimal, str, PartialString)) or (
        isinstance(value, Opaque) and value.type in ("string", "number", "bool")
    )


def loosen(value: Value, depth: int = 0) -> Value:
    """``value`` as it is or with its numbers and bools turned into strings: we cannot tell which."""
    if isinstance(value, (bool, int, Decimal)):
        return choose((value, _convert_primitive(value, STRING)), ())
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, ListValue):
        loose = replace(value, items=tuple(loosen(item, depth + 1) for item in value.items))
        if value.kind != "set":
            return loose
        # beside a list, a set becomes a list as well
        ordered = convert(loose, ListType(ANY))
        return choose((loose, ordered), (Cause("a set that may have to become a list"),))
    if isinstance(value, MapValue):
        return replace(value, items={key: loosen(item, depth + 1) for key, item in value.items.items()})
    if isinstance(value, Unknown) and value.one_of:
        return choose([loosen(option, depth + 1) for option in value.one_of], value.causes)
    return value


def any_form(value: Value, depth: int = 0) -> Value:
    """``value`` or whatever a conversion to a type that is not known could make of it."""
    if isinstance(value, str):
        forms: list[Value] = [value]
        for kind in (NUMBER, BOOL):
            try:
                forms.append(_convert_primitive(value, kind))
            except EvalError:
                continue
        return choose(forms, (Cause("the type that it is converted to is not known"),))
    if isinstance(value, PartialString):
        return Unknown(value.causes)
    if depth > MAX_DEPTH:
        return value
    if isinstance(value, ListValue):
        if value.kind == "set" or value.items:
            return Unknown((Cause("the type that a list is converted to is not known"),))
        return value
    if isinstance(value, MapValue):
        return replace(value, items={key: any_form(item, depth + 1) for key, item in value.items.items()})
    return loosen(value, depth)

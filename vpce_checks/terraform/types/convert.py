"""Reading ``type = ...``, converting values, bringing values to a common type.

Follows the conversion rules of https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
and https://developer.hashicorp.com/terraform/language/expressions/type-constraints (``optional()`` included).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

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
    unknown,
)
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.types.equality import causes_of, could_be, equals, is_certain_string, maybe_null
from vpce_checks.terraform.types.errors import EvalError
from vpce_checks.terraform.types.numbers import TooLarge, number_to_string, parse_number
from vpce_checks.terraform.types.sets import make_set
from vpce_checks.terraform.types.types import (
    ANY,
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
    describe,
    hint_of,
    type_key,
)
from vpce_checks.terraform.types.unify import unify

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
    "could_be",
    "describe",
    "describe_value",
    "equals",
    "hint_of",
    "is_certain_string",
    "loosen",
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
                return unknown("a number of that many digits is not computed here", type="number")
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
    return value is None or _is_scalar(value) or (isinstance(value, Opaque) and value.type is None)


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
            types = {type_key(kind): kind for kind in map(type_of, value.one_of)}
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
        if common == ANY:
            if any(kind != ANY for kind in known):
                raise EvalError("all elements must have the same type")
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

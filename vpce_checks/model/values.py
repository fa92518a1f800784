"""What static reading can know of a value.

A ``Value`` is one of

* a **known scalar**: ``None`` (null), ``bool``, ``int``, ``Decimal`` (a number with a fraction), ``str``;
* an **opaque** value: :class:`Reference` (it has an identity: "the id of aws_vpc.main") or :class:`Unknown`
  (it has none), both carrying *why* they are not known;
* a :class:`PartialString`: literal text around opaque parts;
* a **collection**: :class:`ListValue` (list, tuple or set) or :class:`MapValue` (map or object), whose items are
  values again, whose items may each be of uncertain presence (``maybe``), and which may hold more than is
  known (``rest``).

The law that everything built on this keeps: replacing any value by an opaque one may make a result less known,
never different.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

from vpce_checks.base.record import field, record
from vpce_checks.model.spans import Span

MAX_CAUSES = 4
"""How many causes an unknown value keeps: enough to explain it, few enough to print."""


MAX_OPTIONS = 256
MAX_OPTIONS_WEIGHT = 5_000
"""How many values an unknown one may be limited to, and how much they may weigh together. Whatever is made of it is made
of each of them, so that conditionals in conditionals multiply."""

MAX_PARTS = 64
"""How many parts a partly known string keeps apart: strings that double each other must stay small."""


class Cause(NamedTuple):
    """Why something is unknown: the expression that stopped us, in words, and where it is."""

    text: str
    span: Span | None = None


class Opaque:
    """A value that is not known before deployment."""

    __slots__ = ()

    causes: tuple[Cause, ...]
    type: str | None  # "string" | "bool" | "number" | "list" | "set" | "map" | "object" | None: not known either
    least: int


@record
class Unknown(Opaque):
    """A value that cannot be determined, with the reasons.

    ``one_of``, if not empty, holds every value that it can have (an opaque member means "or anything"). ``least`` is a
    lower bound: of a number, or of how many elements a collection has. ``_link`` keeps what it names, once that was asked.
    """

    causes: tuple[Cause, ...]
    type: str | None = None
    one_of: tuple[Value, ...] = ()
    least: int = 0
    _link: object = field(default=None, init=False, compare=False, repr=False)


@record
class JsonText(Unknown):
    """The JSON text of ``document``, which is not known through and through. It counts as an unknown string."""

    document: Value = None


@record
class YamlText(Unknown):
    """The YAML text of ``document``, which is not known through and through. It counts as an unknown string."""

    document: Value = None


@record
class Base64Text(Unknown):
    """The Base64 form of ``text``, which is not known through and through. It counts as an unknown string."""

    text: Value = None


@record
class Reference(Opaque):
    """A value with an identity: attribute ``path`` of the object at ``address``.

    ``kind`` says what the address names: ``resource`` (created here), ``data`` (read from the cloud),
    ``variable`` (a root input without a value), ``module`` (an output of a module that could not be loaded),
    ``parameter`` / ``import`` (CloudFormation). Two equal references are equal values. ``least`` is as in
    :class:`Unknown`. ``through`` are the steps that lead here from another root. ``text`` is the value itself, where a plan
    knows it of a data source.
    """

    address: str
    path: tuple[str | int, ...] = ()
    kind: str = "resource"
    causes: tuple[Cause, ...] = field(default=(), compare=False)
    type: str | None = field(default=None, compare=False)
    least: int = field(default=0, compare=False)
    through: tuple[Cause, ...] = field(default=(), compare=False)
    text: str | None = field(default=None, compare=False)

    def __str__(self) -> str:
        text = self.address
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else f".{step}"
        return text


@record
class PartialString:
    """A string with opaque parts. Adjacent literals are merged; at least one part is opaque."""

    parts: tuple[str | Opaque, ...]

    @property
    def causes(self) -> tuple[Cause, ...]:
        """Why the opaque parts are not known."""
        return merge_causes(self.parts)


ListKind: TypeAlias = "Literal['tuple', 'list', 'set']"
MapKind: TypeAlias = "Literal['object', 'map']"


@record
class ListValue:
    """A list, tuple or set (``kind``). A set's items are in Terraform's order when all are known.

    ``maybe`` maps the position of an item whose presence is uncertain to the reason; ``rest`` says why there may
    be further items, at unknown positions.
    """

    items: tuple[Value, ...]
    kind: ListKind = "tuple"
    maybe: Mapping[int, Opaque] = field(default_factory=dict)
    rest: Opaque | None = None
    _summary: tuple[bool, int] | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def exact(self) -> bool:
        """Whether the number of items (and so every position) is certain. Items may still be opaque."""
        return self.rest is None and not self.maybe


@record
class CountedList(ListValue):
    """The instances that ``count`` makes: an item of uncertain presence stands at its own position, if it is there.

    ``unnamed``, if not None, is the index of the last item, which stands for all whose index is not known.
    """

    unnamed: Opaque | None = None


@record
class MapValue:
    """A map or object (``kind``). ``maybe`` and ``rest`` as in :class:`ListValue`, by key.

    With ``rest``, the value of a listed key is still certain: an operation that may override a key must make
    that key's value unknown. ``others`` are all values under keys that are not known: the key, the value, and why it may
    be absent (None: it is there). Each may stand for several. An operation that does not look at them leaves all of them
    out.
    """

    items: Mapping[str, Value]
    kind: MapKind = "object"
    maybe: Mapping[str, Opaque] = field(default_factory=dict)
    rest: Opaque | None = None
    others: tuple[tuple[Value, Value, Opaque | None], ...] = ()
    _summary: tuple[bool, int] | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def exact(self) -> bool:
        """Whether the set of keys is certain. Values may still be opaque."""
        return self.rest is None and not self.maybe


Value: TypeAlias = bool | int | Decimal | str | Opaque | PartialString | ListValue | MapValue | None

EMPTY_SET = ListValue((), "set")


def unknown(text: str, span: Span | None = None, type: str | None = None) -> Unknown:
    """An unknown value with one cause."""
    return Unknown((Cause(text, span),), type)


def merge_causes(values: Iterable[object]) -> tuple[Cause, ...]:
    """The distinct causes of every opaque value in ``values`` (also inside collections), at most MAX_CAUSES."""
    found: dict[Cause, None] = {}
    for value in values:
        for opaque in opaque_parts(value):
            for cause in opaque.causes:
                found.setdefault(cause)
                if len(found) >= MAX_CAUSES:
                    return tuple(found)
    return tuple(found)


def opaque_parts(value: object) -> Iterator[Opaque]:
    """Every opaque value that ``value`` is or holds, depth first, uncertain presences included."""
    stack = [value]
    seen: set[int] = set()
    while stack:
        top = stack.pop()
        if isinstance(top, Opaque):
            yield top
        elif isinstance(top, PartialString):
            stack.extend(top.parts)
        elif isinstance(top, (ListValue, MapValue)) and not is_known(top) and id(top) not in seen:
            seen.add(id(top))
            if top.rest is not None:
                yield top.rest
            yield from top.maybe.values()
            items = top.items.values() if isinstance(top, MapValue) else top.items
            stack.extend(reversed(list(items)))


def made_of(value: Unknown) -> tuple[Value, ...]:
    """Return what an unknown value may be, or what it is the text of."""
    if isinstance(value, (JsonText, YamlText)):
        return (value.document,)
    return (value.text,) if isinstance(value, Base64Text) else value.one_of


def held(values: Iterable[Value], *, keys: bool = False) -> Iterator[Value]:
    """Yield ``values`` and what is in those that are collections (with ``keys``, the keys of maps as well), each collection
    once, and what an unknown one may be or is the text of."""
    stack, seen = list(values), set[int]()
    while stack:
        value = stack.pop()
        if not isinstance(value, (ListValue, MapValue, Unknown)):
            yield value
        elif id(value) not in seen:
            seen.add(id(value))
            if isinstance(value, MapValue):
                stack.extend((*value.items, *value.items.values()) if keys else value.items.values())
            else:
                stack.extend(value.items if isinstance(value, ListValue) else made_of(value))


def is_known(value: object) -> bool:
    """Whether ``value`` is known through and through."""
    return _summary(value)[0]


def weight(value: object) -> int:
    """How many scalars ``value`` holds, counting what it repeats and long texts by their length: the cost of walking
    through it, and what it takes of memory in units of about 64 bytes."""
    return _summary(value)[1]


def _summary(value: object) -> tuple[bool, int]:
    """Whether known, and weight. Kept in the collection, since values share parts: a walk of the parts could take
    exponential time."""
    if isinstance(value, (ListValue, MapValue)):
        if value._summary is None:
            items = value.items.values() if isinstance(value, MapValue) else value.items
            known, total = value.exact, 1
            for item in items:
                item_known, item_weight = _summary(item)
                known = known and item_known
                total += item_weight
            object.__setattr__(value, "_summary", (known, total))
        assert value._summary is not None
        return value._summary
    if isinstance(value, str):
        return True, 1 + len(value) // (64 if value.isascii() else 16)
    if isinstance(value, Unknown) and value.one_of:
        return False, 1 + sum(map(weight, value.one_of))
    return not isinstance(value, (Opaque, PartialString)), 1


def join_strings(parts: Iterable[Value]) -> Value:
    """Concatenate known, partial and opaque strings: a ``str``, a lone opaque value, or a PartialString."""
    merged: list[str | Opaque] = []
    literals: list[str] = []  # joined at once, as adding one by one takes quadratic time
    for part in parts:
        for piece in part.parts if isinstance(part, PartialString) else (part,):
            if isinstance(piece, str):
                literals.append(piece)
                continue
            if not isinstance(piece, Opaque):
                raise TypeError(f"not a string: {type(piece).__name__}")
            if text := "".join(literals):
                merged.append(text)
            literals.clear()
            merged.append(piece)
    if text := "".join(literals):
        merged.append(text)
    if not merged:
        return ""
    if len(merged) == 1:
        return merged[0]
    if len(merged) > MAX_PARTS:
        return Unknown(merge_causes(merged), "string")
    return PartialString(tuple(merged))


def pattern(value: Value, wildcard: str = "*") -> str | None:
    """A known or partly known string with every unknown part written as ``wildcard``; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, PartialString):
        return "".join(part if isinstance(part, str) else wildcard for part in value.parts)
    if isinstance(value, Opaque):
        return wildcard
    return None


def choose(values: Iterable[Value], causes: tuple[Cause, ...]) -> Value:
    """Return the value that is one of ``values``; which one is unknown because of ``causes``. Where they are too many or too
    large to go through, it can be anything."""
    options: list[Value] = []
    alike: dict[str | None, list[Value]] = {}  # by what two values that are the same have in common
    cost = 0
    values = list(values)
    for value in values:
        members = value.one_of if isinstance(value, Unknown) and value.one_of else (value,)
        for member in members:
            key = member.address if isinstance(member, Reference) else member if isinstance(member, str) else None
            known = alike.setdefault(key, [])
            if not any(same(member, option) for option in known):
                known.append(member)
                options.append(member)
                cost += weight(member)
        if len(options) > MAX_OPTIONS or cost > MAX_OPTIONS_WEIGHT:
            options.clear()
            break
    if len(options) == 1:
        return options[0]
    extra = merge_causes(value for value in (options or values) if isinstance(value, Opaque))
    return Unknown(tuple(dict.fromkeys((*causes, *extra)))[:MAX_CAUSES], None, tuple(options))


def same(left: object, right: object) -> bool:
    """Whether two values are certainly one and the same (unlike ``==``, True is not 1 and 1 is not 1.0 of another type)."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return left is right
    return left == right

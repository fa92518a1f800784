"""Records as bytes. Reading them can make plain records and nothing else, whoever wrote the bytes.

A codec is derived from the type of what it keeps, by the annotations of its records. Each type has a table, and a table
holds every value of its type once, field by field::

    [[["envs/dev/main.tf", "aws_vpc.this"]],    str
     [[0, 0], [3, 9], [1, 1], ...],             Span: files (as places in the table above), lines, columns, ...
     ...]

So a value can only hold values of tables before its own: what is read is as large as its bytes, and never deep. Every
field is held to its type. Attributes are set by the constructors of our own records alone.

It is JSON, since neither pickle nor marshal are safe to read. A table is written and read column by column, in loops
that run in C: that is about as fast as pickle, and most of the time goes into JSON itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain, islice
from operator import attrgetter, itemgetter
from types import GenericAlias, NoneType, UnionType
from typing import Any, Generic, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from vpce_checks.model.values import Opaque, Unknown

T = TypeVar("T")

Column: TypeAlias = list[Any]
"""The values of one field, in the order of the table."""

Made: TypeAlias = "dict[_Table, dict[int, Any]]"
"""What was read so far: of every table its values, by their place."""

SCALARS = frozenset({bool, int, str, NoneType})


class Malformed(ValueError):
    """Bytes that are none of this codec's."""


class Codec(Generic[T]):
    """Keeps values of one type: a record of ours, a set of texts, or a tuple or mapping of what can be kept.

    Of an opaque value the causes are kept, which is what reports say of it.
    """

    def __init__(self, kind: Any) -> None:
        self._tables: list[_Table] = []
        self._known: dict[Any, _Table] = {}
        self._top = self._table(kind)

    def pack(self, value: T) -> bytes:
        """``value`` as bytes. Raises ValueError for what cannot be written."""
        wanted: dict[_Table, list[tuple[Column, Column]]] = {table: [] for table in self._tables}
        wanted[self._top].append(([value], []))
        document: list[list[Column]] = []
        for table in reversed(self._tables):  # those that hold others come first
            values = table.number(wanted[table])
            written = []
            for field, column in zip(table.fields, table.take_apart(values), strict=True) if values else ():
                if isinstance(field, _Places):
                    places: Column = []
                    wanted[field.table].append((column, places))
                    column = places
                written.append(column)
            document.append(written)
        document.reverse()
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

    def unpack(self, data: bytes) -> T:
        """What was packed. Raises Malformed."""
        try:
            document = json.loads(data.decode("utf-8", "surrogatepass"), parse_float=_refuse, parse_constant=_refuse)
            made: Made = {}
            for table, columns in zip(self._tables, document, strict=True):
                values: Column = []
                if columns:
                    fields = zip(table.fields, columns, strict=True)
                    values = table.put_together([field.read(column, made) for field, column in fields])
                made[table] = dict(enumerate(values))
            (value,) = made[self._top].values()
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, MemoryError) as error:
            raise Malformed(type(error).__name__) from error
        result: T = value
        return result

    # -- from types to tables --------------------------------------------------------------------------------------

    def _table(self, kind: Any) -> _Table:
        table = self._known.get(kind)
        if table is None:
            table = self._known[kind] = self._new_table(kind)
            self._tables.append(table)  # after all that it holds
        return table

    def _new_table(self, kind: Any) -> _Table:
        if kind is str:
            return _Strings()
        if kind is Opaque:
            return _Rows([attrgetter("causes")], [self._field(get_type_hints(Opaque)["causes"])], Unknown)
        if isinstance(kind, GenericAlias):
            origin, of = kind.__origin__, kind.__args__
            if origin in (dict, Mapping):
                return _Mappings([_LENGTHS, *map(self._field, of)])
            if kind == frozenset[str]:
                return _Sets([_LENGTHS, self._field(str)], frozenset)
            if origin is tuple and of[-1] is Ellipsis:
                return _Many([_LENGTHS, self._field(of[0])], tuple)
            if origin is tuple:
                return _Tuples([self._field(each) for each in of], tuple)
        if hasattr(kind, "_fields"):
            annotations = get_type_hints(kind)
            return _Tuples([self._field(annotations[name]) for name in kind._fields], kind)
        if hasattr(kind, "_fields_of_record"):
            annotations = get_type_hints(kind)
            names = kind.__match_args__
            return _Rows(list(map(attrgetter, names)), [self._field(annotations[name]) for name in names], kind)
        raise TypeError(f"{kind} cannot be kept")

    def _field(self, kind: Any) -> _Scalars | _Places:
        members = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
        constants = {value for member in members if get_origin(member) is Literal for value in get_args(member)}
        constants |= {None for member in members if member is NoneType}
        others = [member for member in members if member is not NoneType and get_origin(member) is not Literal]
        if not others:
            return _Scalars(choices=frozenset(constants))
        if SCALARS.issuperset(others) and others != [str] and constants <= {None}:
            return _Scalars(types=frozenset(members))
        if len(others) != 1 or not constants <= {None, True}:  # these are one object each, so known by identity
            raise TypeError(f"{kind} cannot be kept")
        return _Places(self._table(others[0]), constants)


# --- fields -------------------------------------------------------------------------------------------------------


class _Scalars:
    """A field whose values stand in the table themselves: one of the ``choices``, or anything of the ``types``."""

    def __init__(self, choices: frozenset[Any] = frozenset(), types: frozenset[Any] = frozenset()) -> None:
        self._choices = choices
        self._types = types or frozenset(map(type, choices))

    def read(self, column: Any, made: Made) -> Column:
        if column.__class__ is not list or not self._types.issuperset(map(type, column)):
            raise Malformed("a value of another type")
        if self._choices and not self._choices.issuperset(column):
            raise Malformed("no value of those that there are")
        values: Column = column
        return values


class _Places:
    """A field whose values stand in a ``table``: their places in it. ``constants`` are written as texts instead."""

    def __init__(self, table: _Table, constants: Iterable[Any]) -> None:
        self.table = table
        self._constants = {repr(value): value for value in constants}

    def read(self, column: Any, made: Made) -> Column:
        held = made[self.table]
        if not self._constants:
            return list(map(held.__getitem__, column))
        constants = self._constants
        return [held[place] if place.__class__ is int else constants[place] for place in column]


class _Lengths(_Scalars):
    """How many items each value of a table has, of all that stand one after the other in its next columns."""

    def read(self, column: Any, made: Made) -> Column:
        lengths = super().read(column, made)
        if lengths and min(lengths) < 0:
            raise Malformed("a negative length")
        return lengths


_LENGTHS = _Lengths(types=frozenset({int}))


# --- tables -------------------------------------------------------------------------------------------------------


class _Table:
    """Every value of one type, once."""

    def __init__(self, fields: list[_Scalars | _Places]) -> None:
        self.fields = fields

    def number(self, wanted: Iterable[tuple[Column, Column]]) -> Column:
        """The values of all columns, each once; the places of each column's values among them are added to its
        second half."""
        columns = [(list(map(id, values)), values, places) for values, places in wanted]
        unique: dict[int, Any] = {}
        for ids, values, _ in columns:
            unique.update(zip(ids, values, strict=True))
        for written_out in (None, True):
            unique.pop(id(written_out), None)
        place: dict[int, Any] = dict(zip(unique, range(len(unique)), strict=True))
        place.update((id(written_out), repr(written_out)) for written_out in (None, True))
        for ids, _, places in columns:
            places += map(place.__getitem__, ids)
        return list(unique.values())

    def take_apart(self, values: Column) -> list[Column]:
        """A column for each field."""
        raise NotImplementedError

    def put_together(self, columns: list[Column]) -> Column:
        """The values, from a column for each field."""
        raise NotImplementedError


class _Strings(_Table):
    """Texts, which are the same where they are equal."""

    def __init__(self) -> None:
        super().__init__([_Scalars(types=frozenset({str}))])

    def number(self, wanted: Iterable[tuple[Column, Column]]) -> Column:
        columns = list(wanted)
        unique = dict.fromkeys(chain.from_iterable(values for values, _ in columns))
        unique.pop(None, None)
        place: dict[Any, Any] = dict(zip(unique, range(len(unique)), strict=True))
        place[None] = repr(None)
        for values, places in columns:
            places += map(place.__getitem__, values)
        return list(unique)

    def take_apart(self, values: Column) -> list[Column]:
        return [values]

    def put_together(self, columns: list[Column]) -> Column:
        return columns[0]


class _Rows(_Table):
    """Objects with fields: ``get`` takes each from one, ``make`` makes one of them all."""

    def __init__(
        self, get: list[Callable[[Any], Any]], fields: list[_Scalars | _Places], make: Callable[..., Any]
    ) -> None:
        super().__init__(fields)
        self._get = get
        self._make = make

    def take_apart(self, values: Column) -> list[Column]:
        return [list(map(get, values)) for get in self._get]

    def put_together(self, columns: list[Column]) -> Column:
        _same_length(columns)
        return list(map(self._make, *columns))


class _Tuples(_Rows):
    """Tuples with as many items as there are fields, named (of the class ``kind``) or not."""

    def __init__(self, fields: list[_Scalars | _Places], kind: type[tuple[Any, ...]]) -> None:
        super().__init__(list(map(itemgetter, range(len(fields)))), fields, partial(tuple.__new__, kind))

    def put_together(self, columns: list[Column]) -> Column:
        return list(map(self._make, zip(*columns, strict=True)))


class _Many(_Table):
    """Tuples of any number of items."""

    def __init__(self, fields: list[_Scalars | _Places], make: Callable[..., Any]) -> None:
        super().__init__(fields)
        self._make = make

    def take_apart(self, values: Column) -> list[Column]:
        return [list(map(len, values)), list(chain.from_iterable(values))]

    def put_together(self, columns: list[Column]) -> Column:
        lengths, items = columns
        if sum(lengths) != len(items):
            raise Malformed("more or fewer items than there are")
        left = iter(items)
        return [self._make(islice(left, length)) for length in lengths]


class _Sets(_Many):
    """Sets of texts. They are written in order: theirs is another one in each process."""

    def take_apart(self, values: Column) -> list[Column]:
        return super().take_apart(list(map(sorted, values)))


class _Mappings(_Table):
    """Mappings of any number of items."""

    def take_apart(self, values: Column) -> list[Column]:
        keys = list(chain.from_iterable(values))
        return [list(map(len, values)), keys, list(chain.from_iterable(each.values() for each in values))]

    def put_together(self, columns: list[Column]) -> Column:
        lengths, keys, values = columns
        _same_length([keys, values])
        if sum(lengths) != len(keys):
            raise Malformed("more or fewer items than there are")
        left = zip(keys, values, strict=True)
        return [dict(islice(left, length)) for length in lengths]


# --- what they share ------------------------------------------------------------------------------------------------


def _same_length(columns: list[Column]) -> None:
    if len(set(map(len, columns))) > 1:
        raise Malformed("columns of different lengths")


def _refuse(text: str) -> Any:
    raise Malformed("a number that nothing here has")

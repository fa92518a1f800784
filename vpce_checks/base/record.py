"""Immutable records: what ``@dataclass(frozen=True, slots=True)`` declares, at a fraction of the cost of defining it.

A scan of a small root defines some sixty record classes and makes a few of each. With ``dataclasses``, which imports
``inspect`` and compiles half a dozen functions a class, the definitions alone would take longer than the scan. Here the
functions of a class are compiled when they are first called, and its constructor only when that pays.

A type checker holds records to be immutable, and the tests make them raise on assignment (``tests/frozen_records.py``).
A scan does not spend time on that check. See README.md beside this file.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing is half as much again as the rest of a start, and only the type checker needs it here
    from typing import Any, TypeVar

    from typing_extensions import dataclass_transform

    T = TypeVar("T")
else:

    def dataclass_transform(**_):
        """What the type checker reads off it is of no use at run time."""
        return lambda decorator: decorator


class _Missing:
    """Stands for an argument that was not given, since None is a value."""


_MISSING = _Missing()


class Field:
    """A field: its name is the key under which a class keeps it. See :func:`field`."""

    __slots__ = ("compare", "default", "default_factory", "init", "repr")

    def __init__(
        self,
        default: object,
        default_factory: object = _MISSING,
        *,
        init: bool = True,
        compare: bool = True,
        repr: bool = True,
    ) -> None:
        self.default = default
        self.default_factory: Any = default_factory
        self.init = init
        self.compare = compare
        self.repr = repr


def field(
    *,
    default: Any = _MISSING,
    default_factory: Any = _MISSING,
    init: bool = True,
    compare: bool = True,
    repr: bool = True,
) -> Any:
    """Like ``dataclasses.field``: ``default_factory`` makes the default anew, without ``compare`` the field plays no
    part in equality and hash."""
    return Field(default, default_factory, init=init, compare=compare, repr=repr)


_PLAIN = Field(_MISSING)
"""Most fields: nothing is special of them."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make a class with annotated fields a record: a constructor, equality and hash by value, and ``__slots__``.

    A class that needs more slots than its fields names them (``("__dict__",)`` where it caches properties).
    """
    members = _members(cls)
    if "__eq__" not in members:
        members["__eq__"] = _first_eq
        members["__hash__"] = _first_hash
    members.setdefault("__reduce__", _first_reduce)
    made: type[T] = type(cls.__name__, cls.__bases__, members)
    return made


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def mutable(cls: type[T]) -> type[T]:
    """Give a class with annotated fields a constructor. Its objects change, so each is equal to itself alone."""
    made: type[T] = type(cls.__name__, cls.__bases__, _members(cls))
    return made


def _members(cls: Any) -> dict[str, Any]:
    """What the class that takes the place of ``cls`` is made of."""
    members = dict(vars(cls))
    own = {}
    for name in members.get("__annotations__", ()):
        default = members.pop(name, _PLAIN)
        own[name] = default if default.__class__ is Field else Field(default)
    fields = own
    if cls.__base__ is not object:
        fields = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(vars(base).get("_fields_of_record", {}))
        fields.update(own)
    members.pop("__dict__", None)
    members.pop("__weakref__", None)
    members["__slots__"] = (*own, *members.get("__slots__", ()))
    members["__match_args__"] = tuple([name for name in fields if fields[name].init])
    members["_fields_of_record"] = fields
    members["__init__"] = _first_init
    members["_made_by_hand"] = 0
    members["__dataclass_fields__"] = _DATACLASS_FIELDS
    members.setdefault("__repr__", _repr)
    return members


def replace(of: T, /, **changes: Any) -> T:
    """A copy with some fields changed. Raises TypeError for a name that is no field."""
    for name in of.__match_args__:  # type: ignore[attr-defined]
        if name not in changes:
            changes[name] = getattr(of, name)
    return type(of)(**changes)


def _first_reduce(self: Any) -> Any:
    """How to pickle a record: by what it was made of, without what it has cached since."""
    owner = _owner(type(self), "__reduce__", _first_reduce)
    if owner is not None:
        fields = "".join(f"self.{name}, " for name in owner.__match_args__)
        _compile(owner, "__reduce__", "self", [f"return self.__class__, ({fields})"], {})
    return self.__reduce__()


def _first_init(self: Any, *args: Any, **kwargs: Any) -> None:
    owner = _owner(type(self), "__init__", _first_init)
    if owner is None:
        self.__init__(*args, **kwargs)
        return
    owner._made_by_hand += 1
    if owner._made_by_hand > FEW or not _assign(self, owner._fields_of_record, args, kwargs):
        _compile_init(owner, owner._fields_of_record)
        self.__init__(*args, **kwargs)


FEW = 8
"""So many objects are made field by field, before compiling a constructor has cost less."""


def _assign(self: Any, fields: dict[str, Field], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Set every field. False if the arguments do not fit: a compiled constructor says best what is wrong with them."""
    given = iter(args)
    named = 0
    for name, field in fields.items():
        value = next(given, _MISSING) if field.init else _MISSING
        if value is _MISSING and field.init and name in kwargs:
            value = kwargs[name]
            named += 1
        if value is _MISSING:
            value = field.default if field.default_factory is _MISSING else field.default_factory()
        if value is _MISSING:
            return False
        setattr(self, name, value)
    return named == len(kwargs) and next(given, _MISSING) is _MISSING


def _compile_init(owner: Any, fields: dict[str, Field]) -> None:
    names: dict[str, object] = {"MISSING": _MISSING}
    parameters = ["self"]
    body = []
    for name, field in fields.items():
        value = name
        if field.default is not _MISSING:
            names[f"default_{name}"] = field.default
            value = f"default_{name}"
        elif field.default_factory is not _MISSING:
            names[f"make_{name}"] = field.default_factory
            value = f"make_{name}()"
        if not field.init:
            body.append(f"self.{name} = {value}")
        elif field.default_factory is not _MISSING:
            parameters.append(f"{name}=MISSING")
            body.append(f"self.{name} = {value} if {name} is MISSING else {name}")
        else:
            parameters.append(f"{name}={value}" if field.default is not _MISSING else name)
            body.append(f"self.{name} = {name}")
    _compile(owner, "__init__", ", ".join(parameters), body or ["pass"], names)


def _first_eq(self: Any, other: object) -> Any:
    owner = _owner(type(self), "__eq__", _first_eq)
    if owner is not None:
        mine, others = _compared(owner, "self"), _compared(owner, "other")
        body = [f"return {mine} == {others} if other.__class__ is self.__class__ else NotImplemented"]
        _compile(owner, "__eq__", "self, other", body, {})
    return self.__eq__(other)


def _first_hash(self: Any) -> int:
    owner = _owner(type(self), "__hash__", _first_hash)
    if owner is not None:
        _compile(owner, "__hash__", "self", [f"return hash({_compared(owner, 'self')})"], {})
    return hash(self)


def _compared(owner: Any, of: str) -> str:
    names = [f"{of}.{name}, " for name, field in owner._fields_of_record.items() if field.compare]
    return f"({''.join(names)})"


def _owner(cls: Any, name: str, function: object) -> Any:
    """The class of which ``function`` is still the stand-in for ``name``; None where another thread was faster."""
    return next((base for base in cls.__mro__ if vars(base).get(name) is function), None)


def _compile(owner: Any, name: str, parameters: str, body: list[str], names: dict[str, object]) -> None:
    lines = "\n ".join(body)
    exec(f"def {name}({parameters}):\n {lines}", names)  # the words are names of fields in our own code
    function: Any = names[name]
    function.__qualname__ = f"{owner.__qualname__}.{name}"
    setattr(owner, name, function)


def _repr(self: Any) -> str:
    fields = (f"{name}={getattr(self, name)!r}" for name, field in self._fields_of_record.items() if field.repr)
    return f"{type(self).__qualname__}({', '.join(fields)})"


class _DataclassFields:
    """Makes a record a dataclass to those who ask: ``dataclasses.fields`` and ``replace``, debuggers, Hypothesis."""

    def __get__(self, instance: object, owner: Any) -> dict[str, Any]:
        import dataclasses

        described: list[tuple[str, Any, Any]] = []
        for name, field in owner._fields_of_record.items():
            given = {} if field.default is _MISSING else {"default": field.default}
            if field.default_factory is not _MISSING:
                given = {"default_factory": field.default_factory}
            how = dataclasses.field(init=field.init, compare=field.compare, repr=field.repr, **given)
            described.append((name, "object", how))
        made: Any = dataclasses.make_dataclass(owner.__name__, described)
        fields: dict[str, Any] = made.__dataclass_fields__
        owner.__dataclass_fields__ = fields  # in place of this: Hypothesis asks for each object
        return fields


_DATACLASS_FIELDS = _DataclassFields()

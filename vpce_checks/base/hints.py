"""The words of type hints, for modules that a small scan loads.

To the type checker they are those of ``typing``. Nothing reads hints when the program runs, and importing ``typing`` for
them would take longer than all that a small scan evaluates, so then they are next to nothing. Only ``NamedTuple`` makes
something: the same classes, whose constructors are compiled once that pays.
"""

from __future__ import annotations

TYPE_CHECKING = False  # every type checker takes the name itself for true
if TYPE_CHECKING:
    from typing import Any as Any
    from typing import Final as Final
    from typing import Generic as Generic
    from typing import Literal as Literal
    from typing import NamedTuple as NamedTuple
    from typing import NoReturn as NoReturn
    from typing import Protocol as Protocol
    from typing import TextIO as TextIO
    from typing import TypeAlias as TypeAlias
    from typing import TypeVar as TypeVar
    from typing import Union as Union
    from typing import cast as cast

    def literal_values(kind: Any) -> tuple[Any, ...]:
        """What a ``Literal[...]`` can be; nothing for another type."""
        raise NotImplementedError

else:
    from collections import _tuplegetter  # what namedtuple() makes fields of

    FEW = 8  # so many tuples are made by hand, before compiling a constructor has cost less

    class _Hint:
        """A word that may be followed by brackets, or be a base class."""

        def __class_getitem__(cls, item):
            return cls

    class Literal:
        """``typing.Literal``, of which the values are known (see :func:`literal_values`)."""

        def __class_getitem__(cls, values):
            return type("Literal", (cls,), {"values": values if isinstance(values, tuple) else (values,)})

    def literal_values(kind):
        """What a ``Literal[...]`` can be; nothing for another type."""
        return kind.values if isinstance(kind, type) and issubclass(kind, Literal) else ()

    Any = Final = Generic = NoReturn = Protocol = TextIO = TypeAlias = Union = _Hint

    def TypeVar(name, *constraints, **bounds):
        """A hint as well."""
        return _Hint

    def cast(kind, value):
        """``value``."""
        return value

    class _MakesNamedTuples(type):
        def __new__(meta, name, bases, members):
            if not bases:
                return type.__new__(meta, name, bases, members)
            fields = tuple(members.get("__annotations__", ()))
            defaults = {field: members.pop(field) for field in fields if field in members}
            for at, field in enumerate(fields):
                members[field] = _tuplegetter(at, "")
            members |= {
                "__slots__": (),
                "__match_args__": fields,
                "_fields": fields,
                "_field_defaults": defaults,
                "__new__": _first_new,
                "_made_by_hand": 0,
                "__reduce__": _reduce,
                "_make": classmethod(tuple.__new__),
                "_replace": _replace,
                "_asdict": _asdict,
            }
            members.setdefault("__repr__", _repr)
            return type(name, (tuple,), members)

    class NamedTuple(metaclass=_MakesNamedTuples):
        """``typing.NamedTuple``."""

    def _first_new(cls, *args, **kwargs):
        owner = next((base for base in cls.__mro__ if vars(base).get("__new__") is _first_new_itself), None)
        if owner is None:  # another thread was faster
            return cls.__new__(cls, *args, **kwargs)
        owner._made_by_hand += 1
        if owner._made_by_hand <= FEW:
            values = _values(owner, args, kwargs)
            if values is not None:
                return tuple.__new__(cls, values)
        names = {"make": tuple.__new__, "defaults": owner._field_defaults}
        parameters = [f"{name}=defaults[{name!r}]" if name in owner._field_defaults else name for name in owner._fields]
        values = "".join(f"{name}, " for name in owner._fields)
        # The words are names of fields in our own code.
        exec(f"def __new__(_cls, {', '.join(parameters)}):\n return make(_cls, ({values}))", names)
        owner.__new__ = staticmethod(names["__new__"])
        return cls.__new__(cls, *args, **kwargs)

    def _values(owner, args, kwargs):
        """One a field; None if the arguments do not fit: a compiled constructor says best what is wrong with them."""
        given = {**owner._field_defaults, **kwargs, **dict(zip(owner._fields, args, strict=False))}
        fits = len(args) <= len(owner._fields) and kwargs.keys().isdisjoint(owner._fields[: len(args)])
        if not fits or given.keys() != set(owner._fields):
            return None
        return [given[name] for name in owner._fields]

    _first_new_itself = _first_new = staticmethod(_first_new)

    def _replace(self, /, **changes):
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise ValueError(f"no such field: {', '.join(changes)}")
        return made

    def _reduce(self):  # what pickle comes to by itself, in half the time
        return self.__class__, tuple(self)

    def _asdict(self):
        return dict(zip(self._fields, self, strict=True))

    def _repr(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

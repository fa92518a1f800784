"""Read texts in which nothing but ids is unknown: a stand-in is read in the place of each id, and taken out of the result.

No format of data asks what the letters of an id are. What ``jsonencode`` and ``yamlencode`` made of values with ids is such a
text as well.
"""

from __future__ import annotations

from collections.abc import Callable

from vpce_checks.model.values import (
    JsonText,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Reference,
    Value,
    YamlText,
    is_known,
    join_strings,
)
from vpce_checks.terraform.lang.functions.identifiers import is_id
from vpce_checks.terraform.lang.functions.jsontext import to_json

_DIGITS = 6
"""How many digits number a stand-in."""

_MAX_IDS = 10**_DIGITS

_BEGINNINGS = ("vpc-0", "vpc-0f0f0f0f", "vpc-1e1e1e1e1e1e")
"""What stand-ins begin with: the first that is nowhere else in the text counts."""


class _NotRead(Exception):
    """More than ids is unknown, there is one in a key, or what was read looks like another one."""


def read_with_ids(read: Callable[[str], Value], value: Value) -> Value:
    """Return what ``read`` makes of a text whose only unknown parts are ids: it reads the text with stand-ins for them.

    Null if other parts are unknown, if an id is in a key, or if the text writes in escapes what a stand-in begins with. The
    result must not depend on the letters of an id.
    """
    try:
        for beginning in _BEGINNINGS:
            written = _Written(beginning)
            text = written.text(value)
            if text.count(beginning) == len(written.ids):
                return written.put_back(read(text))
    except _NotRead:
        pass
    return None


class _Written:
    """A text with stand-ins, and the ids that these stand for."""

    def __init__(self, beginning: str) -> None:
        self.beginning = beginning
        self.ids: list[Reference] = []

    def text(self, value: Value) -> str:
        """Return a text with stand-ins. Raises _NotRead."""
        if isinstance(value, PartialString):
            return "".join(map(self.text, value.parts))
        if isinstance(value, str):
            return value
        if isinstance(value, Reference) and is_id(value) and len(self.ids) < _MAX_IDS:
            self.ids.append(value)
            return f"{self.beginning}{len(self.ids) - 1:0{_DIGITS}}"
        if isinstance(value, JsonText):
            return to_json(self._document(value.document))
        if isinstance(value, YamlText):
            from vpce_checks.terraform.lang.functions.yaml_write import to_yaml

            return to_yaml(self._document(value.document))
        raise _NotRead

    def _document(self, value: Value) -> Value:
        """Return a value with stand-ins. The order of a set with ids is not known. Raises _NotRead."""
        if is_known(value):
            return value
        if isinstance(value, ListValue) and value.exact and value.kind != "set":
            return ListValue(tuple(map(self._document, value.items)), value.kind)
        if isinstance(value, MapValue) and value.exact:
            return MapValue({key: self._document(item) for key, item in value.items.items()}, value.kind)
        if isinstance(value, (PartialString, Opaque)):
            return self.text(value)
        raise _NotRead

    def put_back(self, value: Value) -> Value:
        """Return what was read, with the ids in it. Raises _NotRead."""
        if isinstance(value, str):
            first, *others = value.split(self.beginning)
            pieces: list[Value] = [first]
            for other in others:
                number = other[:_DIGITS]
                if not number.isdecimal() or int(number) >= len(self.ids):
                    raise _NotRead  # an escape in the text wrote what a stand-in begins with
                pieces += (self.ids[int(number)], other[_DIGITS:])
            return join_strings(pieces)
        if isinstance(value, ListValue):
            return ListValue(tuple(map(self.put_back, value.items)), value.kind)
        if isinstance(value, MapValue):
            if any(self.beginning in key for key in value.items):
                raise _NotRead
            return MapValue({key: self.put_back(item) for key, item in value.items.items()}, value.kind)
        return value

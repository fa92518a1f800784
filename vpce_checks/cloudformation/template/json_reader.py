"""Parse JSON that libyaml refuses: keys of over 1,024 characters, a colon on the next line, escapes of surrogate pairs.

Any other JSON is read as YAML, since libyaml is faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from json.decoder import scanstring  # type: ignore[attr-defined]

from vpce_checks.cloudformation.template.nodes import Mapping, Node, Scalar, ScalarValue, Sequence

_SPACE = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"-?[0-9][0-9.eE+-]{0,400}|true|false|null")
_SURROGATE = re.compile("[\ud800-\udfff]")


class NotJsonError(Exception):
    """The text is not JSON."""


class TooDeepError(Exception):
    """The text nests too deeply at ``offset``."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self.offset = offset


def read_json(
    text: str, max_depth: int, resolve: Callable[[str], ScalarValue], repeated: Callable[[str, int, int], None]
) -> Node:
    """Return the tree of ``text``. Raises NotJsonError and TooDeepError.

    ``resolve`` returns the value of a number or word. ``repeated`` is called with a key that a mapping has already, and
    the offsets of the first and of this key.
    """
    return _JsonReader(text, max_depth, resolve, repeated).read()


class _JsonReader:
    def __init__(
        self,
        text: str,
        max_depth: int,
        resolve: Callable[[str], ScalarValue],
        repeated: Callable[[str, int, int], None],
    ) -> None:
        self.text = text
        self.at = 0
        self.max_depth = max_depth
        self.resolve = resolve
        self.repeated = repeated

    def read(self) -> Node:
        """Return the only value of the text."""
        open_: list[Mapping | Sequence] = []
        keys: list[tuple[str, int]] = []
        while True:
            node = self._value()
            if isinstance(node, (Mapping, Sequence)) and node.end < 0:
                if len(open_) >= self.max_depth:
                    raise TooDeepError(node.start)
                open_.append(node)
                if isinstance(node, Mapping):
                    keys.append(self._key())
                continue
            while open_:  # until a collection goes on
                top = open_[-1]
                if isinstance(top, Sequence):
                    top.items.append(node)
                else:
                    key, start = keys.pop()
                    if key in top.entries:
                        self.repeated(key, top.keys[key], start)
                    top.entries[key], top.keys[key] = node, start
                closing = "]" if isinstance(top, Sequence) else "}"
                if self._take("," + closing) == ",":
                    if isinstance(top, Mapping):
                        keys.append(self._key())
                    break
                open_.pop()
                top.end = self.at
                node = top
            else:
                if self._next():
                    raise NotJsonError
                return node

    def _next(self) -> str:
        space = _SPACE.match(self.text, self.at)
        assert space is not None
        self.at = space.end()
        return self.text[self.at : self.at + 1]

    def _take(self, wanted: str) -> str:
        found = self._next()
        if not found or found not in wanted:
            raise NotJsonError
        self.at += 1
        return found

    def _value(self) -> Node:
        """Return a scalar or an empty collection, or a collection that has begun: its ``end`` is -1."""
        first = self._next()
        start = self.at
        if first == '"':
            text = self._string()
            return Scalar(text, text, start, self.at)
        if first and first in "[{":
            self.at += 1
            closing = "]" if first == "[" else "}"
            end = -1
            if self._next() == closing:
                self.at += 1
                end = self.at
            return Sequence([], start, end) if first == "[" else Mapping({}, {}, start, end)
        word = _WORD.match(self.text, start)
        if word is None:
            raise NotJsonError
        self.at = word.end()
        return Scalar(self.resolve(word[0]), word[0], start, self.at)

    def _key(self) -> tuple[str, int]:
        if self._next() != '"':
            raise NotJsonError
        start = self.at
        key = self._string()
        self._take(":")
        return key, start

    def _string(self) -> str:
        try:
            text, self.at = scanstring(self.text, self.at + 1, False)  # noqa: FBT003 (takes no names)
        except ValueError as error:
            raise NotJsonError from error
        return _SURROGATE.sub("\ufffd", text) if _SURROGATE.search(text) else text

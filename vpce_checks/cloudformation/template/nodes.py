"""The tree of a template: scalars, sequences and mappings with their places in the file, from YAML or JSON.

Short tags are spelled out (``!Ref x`` is ``{"Ref": "x"}``), so that whoever reads the tree sees one form only.
"""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal
from typing import Literal, TypeAlias

from vpce_checks.base.record import field, mutable
from vpce_checks.model.spans import Diagnostic, Span

ScalarValue: TypeAlias = bool | int | Decimal | str | None


class Scalar:
    """A scalar. ``text`` is what is written, ``value`` what it means; positions are character offsets.

    A number whose canonical spelling differs from what is written (``007``, ``1.10``) stays a string, because
    CloudFormation hands on the text.
    """

    __slots__ = ("end", "start", "text", "value")

    def __init__(self, value: ScalarValue, text: str, start: int, end: int) -> None:
        self.value = value
        self.text = text
        self.start = start
        self.end = end


class Sequence:
    """A sequence."""

    __slots__ = ("end", "items", "start")

    def __init__(self, items: list[Node], start: int, end: int) -> None:
        self.items = items
        self.start = start
        self.end = end


class Mapping:
    """A mapping with string keys. ``keys`` holds the offset of each key."""

    __slots__ = ("end", "entries", "keys", "start")

    def __init__(self, entries: dict[str, Node], keys: dict[str, int], start: int, end: int) -> None:
        self.entries = entries
        self.keys = keys
        self.start = start
        self.end = end


Node: TypeAlias = Scalar | Sequence | Mapping

EMPTY_MAPPING = Mapping({}, {}, 0, 0)


@mutable
class Document:
    """One file, read. ``root`` is None where there was nothing or nothing readable (then ``diagnostics`` say why).

    ``members`` are the documents that it was put together from, if it was, each with the offset of its text in this one.
    """

    path: str
    text: str
    format: str  # "yaml" | "json"
    root: Node | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    members: list[tuple[int, Document]] = field(default_factory=list)
    _lines: list[int] | None = None

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a character offset."""
        if self.members:
            start, member = self._member(offset)
            return member.position(offset - start)
        if self._lines is None:
            starts, at = [0], self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._lines = starts
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The stretch between two offsets, without the blank end that YAML counts to a block."""
        if self.members:
            at, member = self._member(start)
            return member.span(start - at, end - at)
        end = max(start + 1, min(end, len(self.text)))
        while end > start + 1 and self.text[end - 1] in " \t\r\n":
            end -= 1
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(self.path, line, column, end_line, end_column)

    def _member(self, offset: int) -> tuple[int, Document]:
        return next(item for item in reversed(self.members) if item[0] <= offset or item[0] == 0)

    def file(self, offset: int) -> str:
        """The file that the character at an offset stands in."""
        return self._member(offset)[1].path if self.members else self.path

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that it was read from."""
        return tuple(member.path for _, member in self.members) or (self.path,)

    def node_span(self, node: Node) -> Span:
        """Where ``node`` stands."""
        return self.span(node.start, node.end)

    def entry_span(self, mapping: Mapping, key: str) -> Span:
        """Where the entry ``key`` of ``mapping`` stands, key and value."""
        return self.span(mapping.keys[key], mapping.entries[key].end)

    def report(self, severity: Literal["error", "warning"], message: str, offset: int) -> None:
        """Add a diagnostic, once."""
        item = Diagnostic(severity, message, self.path, self.position(offset)[0])
        if item not in self.diagnostics:
            self.diagnostics.append(item)


def is_json(text: str) -> bool:
    """Whether a text is JSON, by how it begins; the markup of a template engine begins no JSON."""
    start = text.lstrip()[:2]
    return start[:1] in ("{", "[") and start not in ("{%", "{{", "{#")


def text_of(node: Node | None) -> str | None:
    """The text of a scalar; None for anything else."""
    return node.text if isinstance(node, Scalar) and node.value is not None else None


def entry(node: Node | None, *path: str) -> Node | None:
    """What stands in ``node`` under the keys ``path``, one below the other; None where it is absent."""
    for key in path:
        if not isinstance(node, Mapping):
            return None
        node = node.entries.get(key)
    return node


def string_items(node: Node | None) -> list[str]:
    """The texts of the scalars of a sequence, or of a lone scalar."""
    items = node.items if isinstance(node, Sequence) else [node] if node is not None else []
    return [text for item in items if (text := text_of(item)) is not None]

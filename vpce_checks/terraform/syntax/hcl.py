"""HCL files: text to bodies, blocks and attributes.

``tree-sitter`` parses a whole file at once, at the speed of C, and tells whether it is well-formed. A file that it
accepts is turned into :class:`Body`, :class:`Block` and :class:`Attribute` on demand; expressions are read by
:mod:`expressions` from the stretch of text that the parser found. Where it reports an error, or accepts something
that Terraform refuses, :mod:`recovery` reads the file again by Terraform's own rules and says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vpce_checks.source import Diagnostic, Span
from vpce_checks.terraform.syntax.ast import Expr, Invalid, Literal
from vpce_checks.terraform.syntax.expressions import ExpressionReader, SyntaxProblem, read_expression
from vpce_checks.terraform.syntax.text import SourceText

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MAX_FILE_BYTES = 10_000_000
"""Files larger than this are not read: no configuration written by people comes near it."""

MAX_BLOCK_DEPTH = 40
"""How deep blocks may nest."""

_BRACKETS = bytes(byte for byte in range(256) if byte not in b"()[]{}")
_ODD_NUMBER = re.compile(rb"\d\.\d*(?:\.|[eE])|\d[eE]")
_MULTILINE_OPERATORS = frozenset(("conditional", "operation"))


class HclAttribute:
    """An attribute of an HCL file."""

    __slots__ = ("_end", "_expr", "_source", "_start", "_value_start", "name")

    def __init__(
        self, name: str, source: SourceText, start: int, value_start: int, end: int, expr: Expr | None = None
    ) -> None:
        self.name = name
        self._source = source
        self._start = start
        self._value_start = value_start
        self._end = end
        self._expr = expr

    @property
    def span(self) -> Span:
        """From the name to the end of the value."""
        return self._source.span(self._start, self._end)

    @property
    def expr(self) -> Expr:
        """The value, read on first use."""
        expr = self._expr
        if expr is None:
            expr = self._expr = read_expression(self._source, self._value_start, self._end)
        return expr

    def __repr__(self) -> str:
        return f"HclAttribute({self.name!r}, line {self.span.line})"


class HclBody:
    """A body whose items are known."""

    __slots__ = ("attributes", "blocks")

    def __init__(self, attributes: Mapping[str, HclAttribute], blocks: tuple[HclBlock, ...]) -> None:
        self.attributes = attributes
        self.blocks = blocks


EMPTY_BODY = HclBody({}, ())


class HclBlock:
    """A block of an HCL file; its body is converted on first use."""

    __slots__ = ("_body", "_end", "_header_end", "_node", "_source", "_start", "labels", "type")

    def __init__(
        self,
        type: str,
        labels: tuple[str, ...],
        source: SourceText,
        start: int,
        header_end: int,
        end: int,
        body: HclBody | None = None,
        node: Node | None = None,
    ) -> None:
        self.type = type
        self.labels = labels
        self._source = source
        self._start = start
        self._header_end = header_end
        self._end = end
        self._body = body
        self._node = node

    @property
    def span(self) -> Span:
        """From the type to the closing brace."""
        return self._source.span(self._start, self._end)

    @property
    def header(self) -> Span:
        """From the type to the opening brace."""
        return self._source.span(self._start, self._header_end)

    @property
    def body(self) -> HclBody:
        """The body, converted on first use."""
        body = self._body
        if body is None:
            body = self._body = EMPTY_BODY if self._node is None else _body(self._node, self._source)
            self._node = None
        return body

    def __repr__(self) -> str:
        return f"HclBlock({self.type!r}, {self.labels!r}, line {self.span.line})"


class HclFile:
    """A parsed file: its body, its comments on demand, and what is wrong with it."""

    __slots__ = ("_root", "body", "diagnostics", "source")

    def __init__(
        self, source: SourceText, body: HclBody, diagnostics: tuple[Diagnostic, ...], root: Node | None
    ) -> None:
        self.source = source
        self.body = body
        self.diagnostics = diagnostics
        self._root = root

    def is_comment(self, offset: int) -> bool:
        """Whether the character at ``offset`` belongs to a comment."""
        if self._root is None:
            return False
        byte = len(self.source.text[:offset].encode())
        node = self._root.descendant_for_byte_range(byte, byte + 1)
        return node is not None and node.type == "comment"


_parser: Parser | None = None


def _tree_sitter() -> Parser:
    global _parser
    if _parser is None:
        import tree_sitter_hcl
        from tree_sitter import Language, Parser

        _parser = Parser(Language(tree_sitter_hcl.language()))
    return _parser


def parse_file(data: bytes, file: str) -> HclFile:
    """Parse the contents of one ``.tf`` or ``.tfvars`` file. Never raises; see ``diagnostics``."""
    diagnostics: list[Diagnostic] = []
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        diagnostics.append(
            Diagnostic("error", "the file is not valid UTF-8 here; save it with UTF-8 encoding", file, line)
        )
        text = data.decode(errors="replace")
        data = text.encode()
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        diagnostics.append(Diagnostic("error", "the file holds a NUL byte; it is not a text file", file, line))
        return HclFile(SourceText(text, file), EMPTY_BODY, tuple(diagnostics), None)
    source = SourceText(text, file, data=data)
    root: Node | None = None
    if not _nests_deeply(data):
        root = _tree_sitter().parse(data).root_node
        if not root.has_error and not _is_suspicious(root, data, source):
            top = root.named_child(0)
            while top is not None and top.type == "comment":
                top = top.next_named_sibling
            body = EMPTY_BODY if top is None else _body(top, source)
            return HclFile(source, body, tuple(diagnostics), root)
    from vpce_checks.terraform.syntax.recovery import read_body

    body, problems = read_body(source)
    return HclFile(source, body, (*diagnostics, *problems), root)


def _nests_deeply(data: bytes) -> bool:
    """Whether brackets may nest so deep that it takes a closer look. Bracketed pairs are taken off from inside."""
    brackets = data.translate(None, _BRACKETS)
    for _ in range(30):
        shorter = brackets.replace(b"[]", b"").replace(b"()", b"").replace(b"{}", b"")
        if len(shorter) < 60 or len(shorter) == len(brackets):
            return len(shorter) >= 2000
        brackets = shorter
    return True


def _is_suspicious(root: Node, data: bytes, source: SourceText) -> bool:
    """Whether the file may hold something that tree-sitter accepts and Terraform refuses."""
    match = _ODD_NUMBER.search(data)
    while match is not None:
        node = root.descendant_for_byte_range(match.start(), match.start() + 1)
        if node is not None and node.type in ("numeric_lit", "legacy_index"):
            return True
        match = _ODD_NUMBER.search(data, match.end())
    for child in root.named_children:
        if child.type == "body":
            return _body_is_suspicious(child, data, source, 0)
        if child.type != "comment":
            return True
    return False


def _body_is_suspicious(body: Node, data: bytes, source: SourceText, depth: int) -> bool:
    """Duplicate attributes, items that share a line, multi-line operators, deep blocks: for :mod:`recovery` to judge."""
    if depth > MAX_BLOCK_DEPTH:
        return True
    names: set[bytes] = set()
    last_row = -1
    for node in body.named_children:
        kind = node.type
        if kind == "attribute":
            row = node.start_point.row
            end_row = node.end_point.row
            name = node.named_child(0)
            if row == last_row or name is None:
                return True
            identifier = data[name.start_byte : name.end_byte]
            if identifier in names:
                return True
            names.add(identifier)
            if end_row != row and _refuses_newline(node, source):
                return True
            last_row = end_row
        elif kind == "block":
            if node.start_point.row == last_row or _block_is_suspicious(node, data, source, depth):
                return True
            last_row = node.end_point.row
    return False


def _refuses_newline(attribute: Node, source: SourceText) -> bool:
    """Whether a value of several lines is broken at a place where a newline ends it."""
    value = attribute.named_child(attribute.named_child_count - 1)
    if value is None:
        return True
    operand = value.named_child(0)
    if operand is None or operand.type not in _MULTILINE_OPERATORS:
        return False
    start, end = source.character(value.start_byte), source.character(value.end_byte)
    return isinstance(read_expression(source, start, end), Invalid)


def _block_is_suspicious(block: Node, data: bytes, source: SourceText, depth: int) -> bool:
    row = block.start_point.row
    for child in block.named_children:
        kind = child.type
        if kind == "block_start":
            if child.start_point.row != row:
                return True
        elif kind == "body":
            if child.start_point.row == row:
                # A block on one line holds a single attribute.
                if child.named_child_count != 1 or child.named_children[0].type != "attribute":
                    return True
                last = block.named_child(block.named_child_count - 1)
                if last is None or last.start_point.row != child.end_point.row:
                    return True
            if _body_is_suspicious(child, data, source, depth + 1):
                return True
    return False


def _body(body: Node, source: SourceText) -> HclBody:
    attributes: dict[str, HclAttribute] = {}
    blocks: list[HclBlock] = []
    text = source.text
    character = source.character
    for node in body.named_children:
        kind = node.type
        if kind == "attribute":
            children = node.named_children
            name_node = children[0]
            start = character(name_node.start_byte)
            name = text[start : character(name_node.end_byte)]
            value = children[-1]
            attributes[name] = HclAttribute(name, source, start, character(value.start_byte), character(value.end_byte))
        elif kind == "block":
            blocks.append(_block(node, source))
    return HclBody(attributes, tuple(blocks))


def _block(node: Node, source: SourceText) -> HclBlock:
    text = source.text
    character = source.character
    words: list[str] = []
    inside: Node | None = None
    start = character(node.start_byte)
    header_end = start
    for child in node.named_children:
        kind = child.type
        if kind == "identifier":
            words.append(text[character(child.start_byte) : character(child.end_byte)])
        elif kind == "string_lit":
            words.append(_label(source, character(child.start_byte), character(child.end_byte)))
        elif kind == "block_start":
            header_end = character(child.end_byte)
        elif kind == "body":
            inside = child
    return HclBlock(words[0], tuple(words[1:]), source, start, header_end, character(node.end_byte), None, inside)


def _label(source: SourceText, start: int, end: int) -> str:
    """The text of a quoted label."""
    raw = source.text[start + 1 : end - 1]
    if "\\" not in raw and "$" not in raw and "%" not in raw:
        return raw
    try:
        expr = ExpressionReader(source, start, end).expression()
    except SyntaxProblem:
        return raw
    return expr.value if isinstance(expr, Literal) and isinstance(expr.value, str) else raw

"""Quoted strings, heredocs and bare templates: literal text with ``${ }`` and ``%{ }`` sequences.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions. Literal text is handled in the
pieces that HCL's scanner makes of it (a heredoc is cut at line ends), because ``~`` trims one piece only.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TypeAlias, Union

from vpce_checks.base.pattern import pattern
from vpce_checks.model.spans import Span
from vpce_checks.terraform.syntax.ast import Expr, Literal, Template, TemplateFor, TemplateIf, TemplateWrap
from vpce_checks.terraform.syntax.expressions import MAX_DEPTH, ExpressionReader, SyntaxProblem
from vpce_checks.terraform.syntax.text import SourceText

MAX_MARKER = 200
"""How long the marker of a heredoc may be."""

_PLAIN_QUOTED = pattern(r'"([^"\\$%\r\n]*)"')
_QUOTED_TEXT = pattern(r'[^"\\$%\r\n]+')
_LINE_TEXT = pattern(r"[^$%\n]*\n?")
_NEWLINE = pattern(r"\r?\n")
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_UNICODE_ESCAPE = pattern(r"u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}")


class _Text:
    """A piece of literal text."""

    __slots__ = ("end", "start", "value")

    def __init__(self, value: str, start: int, end: int) -> None:
        self.value = value
        self.start = start
        self.end = end


class _Interpolation:
    """``${expr}``"""

    __slots__ = ("expr",)

    def __init__(self, expr: Expr) -> None:
        self.expr = expr


class _Directive:
    """``%{ keyword ... }``: ``expr`` is the condition or the collection; ``names`` the variables of a ``for``."""

    __slots__ = ("end", "expr", "keyword", "names", "start")

    def __init__(self, keyword: str, start: int, expr: Expr | None, names: tuple[str | None, str] | None) -> None:
        self.keyword = keyword
        self.start = start
        self.end = start
        self.expr = expr
        self.names = names


_Piece: TypeAlias = Union[_Text, _Interpolation, _Directive]


class _Pieces:
    """The flat sequence of pieces of one template, with ``~`` applied as they come."""

    __slots__ = ("items", "reader", "trim_next")

    def __init__(self, reader: ExpressionReader) -> None:
        self.reader = reader
        self.items: list[_Piece] = []
        self.trim_next = False

    def text(self, value: str, start: int, end: int) -> None:
        if self.trim_next:
            value = value.lstrip()
            self.trim_next = False
        self.items.append(_Text(value, start, end))

    def sequence(self) -> None:
        """Read the ``${ }`` or ``%{ }`` at the reader's position."""
        reader = self.reader
        start = reader.position
        directive = reader.text[start] == "%"
        reader.position += 2
        if reader.text.startswith("~", reader.position) and reader.position < reader.end:
            reader.position += 1
            if self.items and isinstance(last := self.items[-1], _Text):
                last.value = last.value.rstrip()
        self.trim_next = False
        outer, reader.newlines = reader.newlines, False
        item = self.directive(start) if directive else _Interpolation(reader.expression())
        character = reader.skip()
        if character == "~":
            self.trim_next = True
            reader.position += 1
            character = reader.text[reader.position : min(reader.position + 1, reader.end)]
        if character != "}":
            raise reader.fail(
                f"expected '}}' at the end of the template sequence, found {reader.found()}; "
                f"write {'%%' if directive else '$$'}{{ for a literal {'%' if directive else '$'}{{"
            )
        reader.position += 1
        reader.newlines = outer
        if isinstance(item, _Directive):
            item.end = reader.position
        self.items.append(item)

    def directive(self, start: int) -> _Directive:
        reader = self.reader
        keyword = reader.identifier("'if', 'else', 'endif', 'for' or 'endfor'")
        if keyword == "if":
            return _Directive(keyword, start, reader.expression(), None)
        if keyword == "for":
            value = reader.identifier("a variable name after 'for'")
            key: str | None = None
            if reader.skip() == ",":
                reader.position += 1
                key, value = value, reader.identifier("the second variable name of 'for'")
            if not reader.keyword("in"):
                raise reader.fail(f"expected 'in' and a collection, found {reader.found()}")
            return _Directive(keyword, start, reader.expression(), (key, value))
        if keyword in ("else", "endif", "endfor"):
            return _Directive(keyword, start, None, None)
        raise SyntaxProblem(f"{keyword!r} is not a template directive; use if, else, endif, for or endfor", start)


def quoted(reader: ExpressionReader) -> Expr:
    """The quoted template at the reader's position."""
    start = reader.position
    plain = _PLAIN_QUOTED.match(reader.text, start, reader.end)
    if plain is not None:
        reader.position = plain.end()
        return Literal(plain.group(1), reader.span(start))
    reader.position += 1
    pieces = _nested(reader, _quoted_pieces)
    return _assemble(pieces, reader, start)


def _nested(reader: ExpressionReader, read: Callable[[ExpressionReader], _Pieces]) -> _Pieces:
    reader.depth += 1
    if reader.depth > MAX_DEPTH:
        raise reader.fail(f"expression nested deeper than {MAX_DEPTH} levels; split it with locals")
    pieces = read(reader)
    reader.depth -= 1
    return pieces


def _quoted_pieces(reader: ExpressionReader) -> _Pieces:
    text, end = reader.text, reader.end
    pieces = _Pieces(reader)
    buffer: list[str] = []
    start = reader.position

    def flush() -> None:
        if buffer:
            pieces.text("".join(buffer), start, reader.position)
            buffer.clear()

    while True:
        position = reader.position
        character = text[position] if position < end else ""
        if character == '"':
            flush()
            reader.position += 1
            return pieces
        if not character:
            raise reader.fail("this string is not closed; add the missing quotation mark")
        if character in "\r\n":
            raise reader.fail("a quoted string must not span lines; use \\n or a heredoc (<<-EOT)")
        if character == "\\":
            buffer.append(_escape(reader))
        elif character in "$%":
            if text.startswith("{", position + 1) and position + 1 < end:
                flush()
                pieces.sequence()
                start = reader.position
            elif text.startswith(character + "{", position + 1):
                buffer.append(character + "{")
                reader.position += 3
            else:
                # HCL cuts its pieces here, and "~" trims no further than a piece.
                buffer.append(character)
                reader.position += 1
        else:
            match = _QUOTED_TEXT.match(text, position, end)
            assert match is not None
            buffer.append(match.group())
            reader.position = match.end()


def _escape(reader: ExpressionReader) -> str:
    """The character that the backslash sequence at the reader's position stands for."""
    position = reader.position + 1
    selector = reader.text[position : min(position + 1, reader.end)]
    simple = _SIMPLE_ESCAPES.get(selector)
    if simple is not None:
        reader.position = position + 1
        return simple
    match = _UNICODE_ESCAPE.match(reader.text, position, reader.end)
    if match is not None:
        code = int(match.group()[1:], 16)
        if code > sys.maxunicode or 0xD800 <= code <= 0xDFFF:
            raise reader.fail(f"\\{match.group()} is not a character")
        reader.position = match.end()
        return chr(code)
    raise reader.fail(f"\\{selector} is not an escape sequence; write \\\\ for a backslash")


def heredoc(reader: ExpressionReader, marker: str, body: int, *, flush: bool) -> Expr:
    """The heredoc whose introducer starts at the reader's position and whose text starts at ``body``.

    The reader is left before the newline that follows the closing marker, which ends an attribute.
    """
    start = reader.position
    reader.position = body

    def read(reader: ExpressionReader) -> _Pieces:
        return _heredoc_pieces(reader, marker, start)

    pieces = _nested(reader, read)
    if flush:
        _remove_indentation(pieces.items)
    return _assemble(pieces, reader, start)


def _heredoc_pieces(reader: ExpressionReader, marker: str, opening: int) -> _Pieces:
    text = reader.text
    if len(marker) > MAX_MARKER:
        raise SyntaxProblem(f"a heredoc marker of more than {MAX_MARKER} characters", opening)
    if re.compile(rf"^[^\S\n]*{re.escape(marker)}[^\S\n]*$", re.MULTILINE).search(text, reader.position) is None:
        # Known before all of the file is read for nothing.
        raise SyntaxProblem(f"this heredoc has no closing {marker} on a line of its own", opening)
    # The newline after the closing marker stands outside of the expression.
    end = len(text)
    pieces = _Pieces(reader)
    line_start = True
    while True:
        position = reader.position
        if line_start:
            newline = text.find("\n", position, end)
            if newline < 0:
                raise SyntaxProblem(f"this heredoc has no closing {marker} on a line of its own", opening)
            if text[position:newline].strip() == marker:
                reader.position = newline - 1 if text[newline - 1] == "\r" else newline
                return pieces
        if position >= end:
            raise SyntaxProblem(f"this heredoc has no closing {marker} on a line of its own", opening)
        line_start = _line_piece(reader, pieces)


def _line_piece(reader: ExpressionReader, pieces: _Pieces) -> bool:
    """Read one piece of a heredoc or bare template; return whether the next one starts a line."""
    text, end, position = reader.text, reader.end, reader.position
    match = _LINE_TEXT.match(text, position, end)
    assert match is not None
    value = match.group()
    reader.position = match.end()
    if value.endswith("\n"):
        pieces.text(value, position, reader.position)
        return True
    if reader.position >= end:
        if value:
            pieces.text(value, position, reader.position)
        return False
    sign = text[reader.position]
    if value:
        pieces.text(value, position, reader.position)
        position = reader.position
    if text.startswith("{", position + 1) and position + 1 < end:
        pieces.sequence()
        return False
    if text.startswith(sign + "{", position + 1) and position + 2 < end:
        value = sign + "{"
        reader.position = position + 3
    else:
        value = sign
        reader.position = position + 1
    newline = _NEWLINE.match(text, reader.position, end)
    if newline is not None:
        value += newline.group()
        reader.position = newline.end()
    pieces.text(value, position, reader.position)
    return newline is not None


def _remove_indentation(items: list[_Piece]) -> None:
    """Take the smallest indentation off every line, as ``<<-`` asks. Blank lines do not count."""
    smallest: int | None = None
    lines: list[_Text] = []
    line_start = True
    for item in items:
        if line_start:
            line_start = False
            if isinstance(item, _Text):
                trimmed = item.value.lstrip()
                if trimmed or not item.value.endswith("\n"):
                    indentation = len(item.value) - len(trimmed)
                    smallest = indentation if smallest is None else min(smallest, indentation)
                    lines.append(item)
            else:
                smallest = 0
        if isinstance(item, _Text) and item.value.endswith("\n"):
            line_start = True
    if smallest:
        for line in lines:
            line.value = line.value[smallest:]


def bare(source: SourceText, start: int, end: int) -> Expr:
    """The template that ``source.text[start:end]`` is, without quotes around it. Raises SyntaxProblem."""
    reader = ExpressionReader(source, start, end)
    pieces = _Pieces(reader)
    while reader.position < end:
        _line_piece(reader, pieces)
    return _assemble(pieces, reader, start)


def _assemble(pieces: _Pieces, reader: ExpressionReader, start: int) -> Expr:
    """The tree of a flat sequence of pieces."""
    items = pieces.items
    span = reader.span(start)
    if len(items) == 1 and isinstance(only := items[0], _Interpolation):
        return TemplateWrap(only.expr, span)
    tree = _Tree(items, reader.source)
    parts = tree.parts(0, None)
    return _template(parts, span)


def _template(parts: list[Expr], span: Span) -> Expr:
    if not parts:
        return Literal("", span)
    if len(parts) == 1 and isinstance(only := parts[0], Literal) and isinstance(only.value, str):
        return Literal(only.value, span)
    return Template(tuple(parts), span)


class _Tree:
    """Gives the directives of a flat sequence their nesting."""

    __slots__ = ("items", "position", "source")

    def __init__(self, items: list[_Piece], source: SourceText) -> None:
        self.items = items
        self.source = source
        self.position = 0

    def parts(self, depth: int, opener: _Directive | None) -> list[Expr]:
        """The parts up to the directive that ends ``opener`` (left to the caller) or the end."""
        if depth > MAX_DEPTH:
            raise SyntaxProblem(
                f"template directives nested deeper than {MAX_DEPTH} levels", opener.start if opener else 0
            )
        found: list[Expr] = []
        text: list[_Text] = []

        def flush() -> None:
            value = "".join(piece.value for piece in text)
            if value:
                found.append(Literal(value, self.source.span(text[0].start, text[-1].end)))
            text.clear()

        while self.position < len(self.items):
            item = self.items[self.position]
            if isinstance(item, _Text):
                text.append(item)
                self.position += 1
                continue
            flush()
            if isinstance(item, _Interpolation):
                found.append(item.expr)
                self.position += 1
            elif item.keyword == "if":
                found.append(self.condition(item, depth))
            elif item.keyword == "for":
                found.append(self.loop(item, depth))
            else:
                if opener is None:
                    raise SyntaxProblem(f"'{item.keyword}' without its opening directive", item.start)
                return found
        flush()
        if opener is not None:
            raise SyntaxProblem(f"this '{opener.keyword}' has no 'end{opener.keyword}'", opener.start)
        return found

    def close(self, opener: _Directive, *keywords: str) -> _Directive:
        item = self.items[self.position]
        assert isinstance(item, _Directive)
        if item.keyword not in keywords:
            raise SyntaxProblem(f"expected '{keywords[-1]}' here, found '{item.keyword}'", item.start)
        self.position += 1
        return item

    def branch(self, depth: int, opener: _Directive, after: _Directive) -> Expr:
        parts = self.parts(depth + 1, opener)
        closing = self.items[self.position]
        assert isinstance(closing, _Directive)
        return _template(parts, self.source.span(after.end, closing.start))

    def condition(self, opener: _Directive, depth: int) -> TemplateIf:
        self.position += 1
        then = self.branch(depth, opener, opener)
        closing = self.close(opener, "else", "endif")
        if closing.keyword == "else":
            otherwise = self.branch(depth, opener, closing)
            closing = self.close(opener, "endif")
        else:
            otherwise = Literal("", self.source.span(closing.start, closing.start))
        assert opener.expr is not None
        return TemplateIf(opener.expr, then, otherwise, self.source.span(opener.start, closing.end))

    def loop(self, opener: _Directive, depth: int) -> TemplateFor:
        self.position += 1
        body = self.branch(depth, opener, opener)
        closing = self.close(opener, "endfor")
        assert opener.expr is not None and opener.names is not None
        key, value = opener.names
        return TemplateFor(key, value, opener.expr, body, self.source.span(opener.start, closing.end))

"""HCL files: text to bodies, blocks and attributes, by the rules of Terraform's own parser.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#structural-elements. A file is read in one pass that
checks all of it, so that the list of problems is complete whatever is evaluated later. Values of the common simple
forms (a plain string, a reference, a number) are recognised at a glance and become a tree on first use.

After a mistake in a value, reading goes on at the next line that begins an item; after one in the structure of a
block, at the next line that looks like a top-level block. What is well-formed stays usable.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping

from vpce_checks.base.pattern import pattern
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.terraform.syntax.ast import Expr, Invalid, Literal
from vpce_checks.terraform.syntax.expressions import ExpressionReader, SyntaxProblem, read_expression
from vpce_checks.terraform.syntax.text import SourceText, shortened

MAX_FILE_BYTES = 4_000_000
"""Files larger than this are not read: no configuration written by people comes near it."""

MAX_BLOCK_DEPTH = 40
"""How deep blocks may nest."""

MAX_PROBLEMS = 30
"""After so many problems a file is given up: the rest would be echoes, and hostile input must not take forever."""

MAX_LABELS = 20
"""How many labels a block may have."""

_STRING = r'"[^"\\$%\r\n]*"'
_WORD = r"[^\W\d][\w-]*"
_IDENTIFIER = pattern(_WORD)
_SIMPLE_ATTRIBUTE = pattern(
    rf"[ \t]*(?:\r?\n[ \t]*)*({_WORD})[ \t]*=[ \t]*"
    rf"({_STRING}|{_WORD}(?:\.{_WORD}|\[(?:[0-9]+|\*|{_STRING})\])*|[0-9]{{1,15}}|\[\]|\{{\}})[ \t]*(?=\r?\n)"
)
_ITEM = pattern(rf'[ \t]*(?:{_WORD}[ \t]*(?:=(?![=>])|\{{|"[^"\n]*"[^\n]*\{{)|\}})')
_TOP_LEVEL_BLOCK = pattern(rf'^({_WORD})(?:[ \t]+(?:"[^"\n]*"|{_WORD}))*[ \t]*\{{', re.MULTILINE)
_TOP_LEVEL_TYPES = frozenset(
    ("resource", "data", "ephemeral", "module", "variable", "output", "locals", "provider", "terraform")
)


class HclAttribute:
    """An attribute of an HCL file."""

    __slots__ = ("_end", "_expr", "_source", "_span", "_start", "_value_start", "name")

    def __init__(
        self, name: str, source: SourceText, start: int, value_start: int, end: int, expr: Expr | None = None
    ) -> None:
        self.name = name
        self._source = source
        self._start = start
        self._value_start = value_start
        self._end = end
        self._expr = expr
        self._span: Span | None = None

    @property
    def span(self) -> Span:
        """From the name to the end of the value."""
        span = self._span
        if span is None:
            span = self._span = self._source.span(self._start, self._end)
        return span

    @property
    def expr(self) -> Expr:
        """The value."""
        expr = self._expr
        if expr is None:
            expr = self._expr = read_expression(self._source, self._value_start, self._end)
        return expr

    def __repr__(self) -> str:
        return f"HclAttribute({self.name!r}, line {self.span.line})"


class HclBody:
    """The items of a body."""

    __slots__ = ("attributes", "blocks")

    def __init__(self, attributes: Mapping[str, HclAttribute], blocks: tuple[HclBlock, ...]) -> None:
        self.attributes = attributes
        self.blocks = blocks


class HclBlock:
    """A block of an HCL file."""

    __slots__ = ("_end", "_header_end", "_source", "_span", "_start", "body", "labels", "type")

    def __init__(
        self,
        type: str,
        labels: tuple[str, ...],
        source: SourceText,
        start: int,
        header_end: int,
        end: int,
        body: HclBody,
    ) -> None:
        self.type = type
        self.labels = labels
        self._source = source
        self._start = start
        self._header_end = header_end
        self._end = end
        self._span: Span | None = None
        self.body = body

    @property
    def span(self) -> Span:
        """From the type to the closing brace."""
        span = self._span
        if span is None:
            span = self._span = self._source.span(self._start, self._end)
        return span

    @property
    def header(self) -> Span:
        """From the type to the opening brace."""
        return self._source.span(self._start, self._header_end)

    def __repr__(self) -> str:
        return f"HclBlock({self.type!r}, {self.labels!r}, line {self.span.line})"


class HclFile:
    """A parsed file: its body, what is wrong with it, and where its comments are (if they were asked for).

    ``broken_at`` is the offset of the first text that breaks the syntax; None: none does.
    """

    __slots__ = ("_comments", "body", "broken_at", "diagnostics", "source")

    def __init__(
        self,
        source: SourceText,
        body: HclBody,
        diagnostics: tuple[Diagnostic, ...],
        comments: list[tuple[int, int]] | None = None,
        broken_at: int | None = None,
    ) -> None:
        self.source = source
        self.body = body
        self.diagnostics = diagnostics
        self.broken_at = broken_at
        self._comments = sorted(comments or ())

    def is_comment(self, offset: int) -> bool:
        """Whether the character at ``offset`` belongs to a comment."""
        index = bisect_right(self._comments, (offset, len(self.source.text))) - 1
        return index >= 0 and self._comments[index][0] <= offset < self._comments[index][1]


def parse_file(data: bytes, file: str, *, comments: bool = False, at: Span | None = None) -> HclFile:
    """Parse the contents of one ``.tf``, ``.tfvars`` or ``.hcl`` file. Never raises; see ``diagnostics``.

    With ``at`` everything in it is said to stand there.
    """
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
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        diagnostics.append(Diagnostic("error", "the file holds a NUL byte; it is not a text file", file, line))
        return HclFile(SourceText(text, file), HclBody({}, ()), tuple(diagnostics))
    reader = _FileReader(SourceText(text, file, at=at), [] if comments else None)
    body = reader.file()
    problems = (*diagnostics, *reader.problems)
    return HclFile(reader.source, body, problems, reader.reader.comments, reader.broken_at)


class _GivenUp(Exception):
    """Too many problems."""


class _Lost(Exception):
    """The structure of the block at hand cannot be followed any further."""


class _FileReader:
    __slots__ = ("broken_at", "problems", "reader", "source", "text", "wasted")

    def __init__(self, source: SourceText, comments: list[tuple[int, int]] | None) -> None:
        self.source = source
        self.text = source.text
        # Values are only checked here. Few of a repository's are ever asked for: those are read again, into a tree.
        nowhere = Span(source.file, 0, 0, 0, 0)
        self.reader = ExpressionReader(SourceText(source.text, source.file, at=nowhere), 0, len(source.text))
        self.reader.comments = comments
        self.problems: list[Diagnostic] = []
        self.broken_at: int | None = None
        self.wasted = 0

    def problem(self, message: str, offset: int) -> None:
        if self.broken_at is None:
            self.broken_at = offset
        self.problems.append(Diagnostic("error", shortened(message), self.source.file, self.source.line(offset)))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _GivenUp

    def file(self) -> HclBody:
        """The body of the whole file."""
        attributes: dict[str, HclAttribute] = {}
        blocks: list[HclBlock] = []
        try:
            while True:
                self.simple_attributes(attributes)
                if not self.reader.skip_newlines():
                    break
                start = self.reader.position
                try:
                    self.item(attributes, blocks, 0)
                except _Lost:
                    # Behind the start of the item at hand, so that every round gets further.
                    following = _TOP_LEVEL_BLOCK.search(self.text, max(start + 1, self.reader.position))
                    if following is None:
                        break
                    self.reader.position = following.start()
        except _GivenUp:
            pass
        return HclBody(attributes, tuple(blocks))

    def simple_attributes(self, attributes: dict[str, HclAttribute]) -> None:
        """Read the attributes at the current position that have a value of a simple form."""
        text = self.text
        reader = self.reader
        source = self.source
        position = reader.position
        while (match := _SIMPLE_ATTRIBUTE.match(text, position)) is not None:
            name = match[1]
            if name in attributes:
                break
            value_start, position = match.span(2)
            attributes[name] = HclAttribute(name, source, match.start(1), value_start, position)
        reader.position = position

    def item(
        self, attributes: dict[str, HclAttribute], blocks: list[HclBlock], depth: int, *, inline: bool = False
    ) -> None:
        """Read the attribute or block at the current position, which a newline must follow unless ``inline``."""
        reader = self.reader
        start = reader.position
        match = _IDENTIFIER.match(self.text, start)
        if match is None:
            if self.text[start] == '"':
                self.problem("the name of an argument must not be quoted", start)
            else:
                self.problem(f"expected an argument or a block, found {reader.found()}", start)
            raise _Lost
        name = match.group()
        reader.position = match.end()
        following = reader.skip()
        if following == "=" and not self.text.startswith("==", reader.position):
            reader.position += 1
            attribute = self.attribute(name, start, inline=inline)
            first = attributes.get(name)
            if first is None:
                attributes[name] = attribute
            else:
                self.problem(f"{name!r} is set twice here, first on line {first.span.line}; remove one", start)
        elif following == "{" or following == '"' or _IDENTIFIER.match(following):
            self.block(name, start, blocks, depth)
        else:
            self.problem(f"expected '=' and a value, or a block, after {name!r}, found {reader.found()}", start)
            raise _Lost

    def attribute(self, name: str, start: int, *, inline: bool) -> HclAttribute:
        """Read the value after ``name =``."""
        reader = self.reader
        reader.skip()
        value_start = reader.position
        reader.depth = 0
        reader.newlines = True
        try:
            reader.expression()
        except (SyntaxProblem, RecursionError) as error:
            message, offset = "expression nested too deeply; split it with locals", value_start
            if isinstance(error, SyntaxProblem):
                message, offset = error.message, error.offset
            reader.newlines = True
            # Text read in vain is read again: twice over the whole file at most, not for each of its lines.
            self.wasted += max(offset, reader.position) - value_start
            # Behind an unclosed string or heredoc what the reader made of the text means nothing.
            reader.position = value_start
            self.next_item()
            value_end = max(value_start, reader.position - 1)
            self.problem(message, offset)
            if self.wasted > 2 * len(self.text):
                raise _GivenUp from None
            return HclAttribute(
                name,
                self.source,
                start,
                value_start,
                value_end,
                Invalid(message, self.source.span(value_start, value_end)),
            )
        end = reader.last_end()
        if not inline:
            self.end_of_item(f"the value of {name!r}")
        return HclAttribute(name, self.source, start, value_start, end)

    def end_of_item(self, what: str) -> None:
        """Check that nothing but a comment follows on the line."""
        character = self.reader.skip()
        if character and character not in "\r\n":
            position = self.reader.position
            if character != "}":
                self.next_item()
            self.problem(f"expected a new line after {what}, found {self.text[position]!r}", position)

    def next_item(self) -> None:
        """Go on at the next line that begins like an item or ends a block."""
        newline = self.text.find("\n", self.reader.position)
        while newline >= 0:
            if _ITEM.match(self.text, newline + 1):
                self.reader.position = newline + 1
                return
            newline = self.text.find("\n", newline + 1)
        self.reader.position = len(self.text)

    def block(self, type: str, start: int, blocks: list[HclBlock], depth: int) -> None:
        """Read the labels and the body of a block."""
        reader = self.reader
        labels: list[str] = []
        while (character := reader.skip()) != "{":
            if len(labels) >= MAX_LABELS:
                self.problem(f"more than {MAX_LABELS} labels", start)
                raise _Lost
            match = _IDENTIFIER.match(self.text, reader.position)
            if match is not None:
                labels.append(match.group())
                reader.position = match.end()
            elif character == '"':
                labels.append(self.label())
            else:
                self.problem(f"expected a label or '{{' after {type!r} on its line, found {reader.found()}", start)
                raise _Lost
        reader.position += 1
        header_end = reader.position
        if depth >= MAX_BLOCK_DEPTH:
            self.problem(f"blocks nested deeper than {MAX_BLOCK_DEPTH} levels", start)
            raise _Lost
        attributes: dict[str, HclAttribute] = {}
        nested: list[HclBlock] = []
        try:
            self.block_body(type, start, attributes, nested, depth)
        finally:
            # A block that could not be read to its end keeps what was read of it.
            body = HclBody(attributes, tuple(nested))
            end = reader.position
            blocks.append(HclBlock(type, tuple(labels), self.source, start, header_end, end, body))
        self.end_of_item(f"the {type!r} block")

    def block_body(
        self, type: str, start: int, attributes: dict[str, HclAttribute], nested: list[HclBlock], depth: int
    ) -> None:
        """Read the items of a block, up to and with its closing brace."""
        reader = self.reader
        character = reader.skip()
        if character and character not in "}\r\n":
            self.single_line_body(type, attributes, nested, depth)
            return
        while True:
            self.simple_attributes(attributes)
            character = self.reader.skip_newlines()
            if character == "}":
                reader.position += 1
                return
            if not character:
                self.problem(f"this {type!r} block is not closed; add the missing '}}'", start)
                raise _Lost
            position = reader.position
            if self.text[position - 1] == "\n" and self.at_top_level_block():
                # Terraform finds out at the end of the file; this is where it went wrong.
                self.problem(f"this {type!r} block is not closed; add the missing '}}'", start)
                raise _Lost
            self.item(attributes, nested, depth + 1)

    def at_top_level_block(self) -> bool:
        """Whether a block that only stands at the top of a file begins here."""
        match = _TOP_LEVEL_BLOCK.match(self.text, self.reader.position)
        return match is not None and match[1] in _TOP_LEVEL_TYPES and '"' in match.group()

    def single_line_body(
        self, type: str, attributes: dict[str, HclAttribute], nested: list[HclBlock], depth: int
    ) -> None:
        """``block { name = value }``: one attribute, closed on the same line."""
        reader = self.reader
        start = reader.position
        self.item(attributes, nested, depth + 1, inline=True)
        if not nested and reader.skip() == "}":
            reader.position += 1
            return
        self.problem(
            f"a {type!r} block on one line holds one argument only; put every argument on a line of its own", start
        )
        while (character := self.reader.skip_newlines()) != "}":
            if not character:
                raise _Lost
            if character == ",":
                reader.position += 1
            else:
                self.item(attributes, nested, depth + 1, inline=True)
        reader.position += 1

    def label(self) -> str:
        """Read a quoted label."""
        reader = self.reader
        start = reader.position
        reader.depth = 0
        try:
            expr = reader.quoted_template()
        except SyntaxProblem as problem:
            self.problem(problem.message, problem.offset)
            raise _Lost from None
        if isinstance(expr, Literal) and isinstance(expr.value, str):
            return expr.value
        self.problem("a block label must not hold ${ } or %{ }", start)
        return self.text[start + 1 : reader.position - 1]

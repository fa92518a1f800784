"""Broken files: reads a file by Terraform's own structural rules, says what is wrong and keeps what is well-formed.

Slower than tree-sitter, and only used where that found (or may have missed) a mistake. Every expression is read at
once, so that the list of problems is complete. After a mistake in a value, reading goes on at the next line that
begins an item; after one in the structure of a block, at the next line that looks like a top-level block.
"""

from __future__ import annotations

import re

from vpce_checks.source import Diagnostic
from vpce_checks.terraform.syntax.ast import Expr, Invalid, Literal
from vpce_checks.terraform.syntax.expressions import ExpressionReader, SyntaxProblem
from vpce_checks.terraform.syntax.hcl import MAX_BLOCK_DEPTH, HclAttribute, HclBlock, HclBody
from vpce_checks.terraform.syntax.text import SourceText

MAX_PROBLEMS = 20
"""How many problems of one file are told; the rest would only be echoes."""

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_ITEM = re.compile(r'[ \t]*(?:[^\W\d][\w-]*[ \t]*(?:=(?![=>])|\{|"[^"\n]*"[^\n]*\{)|\})')
_TOP_LEVEL_BLOCK = re.compile(r'^[^\W\d][\w-]*(?:[ \t]+(?:"[^"\n]*"|[^\W\d][\w-]*))*[ \t]*\{', re.MULTILINE)


class _Lost(Exception):
    """The structure of the block at hand cannot be followed any further."""


def read_body(source: SourceText) -> tuple[HclBody, tuple[Diagnostic, ...]]:
    """The body of a whole file and everything that is wrong with it."""
    reader = _BodyReader(source)
    return reader.file(), tuple(reader.problems[:MAX_PROBLEMS])


class _BodyReader:
    __slots__ = ("problems", "reader", "source", "text")

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.text = source.text
        self.reader = ExpressionReader(source, 0, len(source.text))
        self.problems: list[Diagnostic] = []

    def problem(self, message: str, offset: int) -> None:
        self.problems.append(Diagnostic("error", message, self.source.file, self.source.line(offset)))

    def blank(self) -> str:
        """Skip blanks, comments and newlines between items."""
        self.reader.newlines = False
        character = self.reader.skip()
        self.reader.newlines = True
        return character

    def file(self) -> HclBody:
        attributes: dict[str, HclAttribute] = {}
        blocks: list[HclBlock] = []
        while self.blank():
            start = self.reader.position
            try:
                self.item(attributes, blocks, 0)
            except _Lost:
                # Past the word at hand, so that every round gets further.
                following = _TOP_LEVEL_BLOCK.search(self.text, start + 1)
                if following is None:
                    break
                self.reader.position = following.start()
        return HclBody(attributes, tuple(blocks))

    def item(self, attributes: dict[str, HclAttribute], blocks: list[HclBlock], depth: int) -> None:
        """Read the attribute or block at the current position."""
        reader = self.reader
        start = reader.position
        match = _IDENTIFIER.match(self.text, start)
        if match is None:
            if self.text[start] == '"':
                self.problem("the name of an argument must not be quoted", start)
            else:
                self.problem(f"expected an argument or a block, found {self.text[start]!r}", start)
            raise _Lost
        name = match.group()
        reader.position = match.end()
        following = reader.skip()
        if following == "=" and not self.text.startswith("==", reader.position):
            reader.position += 1
            attribute = self.attribute(name, start)
            first = attributes.get(name)
            if first is None:
                attributes[name] = attribute
            else:
                self.problem(f"{name!r} is set twice in this block, first on line {first.span.line}; remove one", start)
        elif following == "{" or following == '"' or _IDENTIFIER.match(following):
            self.block(name, start, blocks, depth)
        else:
            self.problem(f"expected '=' and a value, or a block, after {name!r}, found {reader.found()}", start)
            raise _Lost

    def attribute(self, name: str, start: int) -> HclAttribute:
        reader = self.reader
        reader.skip()
        value_start = reader.position
        expr = self.value(value_start)
        end = reader.position
        if not isinstance(expr, Invalid):
            character = reader.skip()
            if character and character not in "\r\n" and not (character == "}" and self.on_one_line(start)):
                self.problem(
                    f"expected a new line after the value of {name!r}, found {reader.found()}", reader.position
                )
                expr = Invalid("more text follows the value", self.source.span(value_start, end))
                self.next_item()
        return HclAttribute(name, self.source, start, value_start, max(end, value_start), expr)

    def on_one_line(self, start: int) -> bool:
        """Whether a block's opening brace stands before ``start`` on the same line."""
        return "{" in self.text[self.text.rfind("\n", 0, start) + 1 : start]

    def value(self, start: int) -> Expr:
        reader = self.reader
        reader.depth = 0
        reader.newlines = True
        try:
            return reader.expression()
        except (SyntaxProblem, RecursionError) as error:
            if isinstance(error, SyntaxProblem):
                message, offset = error.message, error.offset
            else:
                message, offset = "expression nested too deeply; split it with locals", start
            self.problem(message, min(offset, len(self.text)))
            reader.newlines = True
            # After a heredoc or string without its end, nothing that follows can be told from its text.
            reader.position = start
            self.next_item()
            return Invalid(message, self.source.span(start, max(start, reader.position - 1)))

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
        reader = self.reader
        labels: list[str] = []
        while (character := reader.skip()) != "{":
            match = _IDENTIFIER.match(self.text, reader.position)
            if match is not None:
                labels.append(match.group())
                reader.position = match.end()
            elif character == '"':
                labels.append(self.label())
            else:
                self.problem(
                    f"expected a label or '{{' on the line of the {type!r} block, found {reader.found()}", start
                )
                raise _Lost
        reader.position += 1
        header_end = reader.position
        if depth >= MAX_BLOCK_DEPTH:
            self.problem(f"blocks nested deeper than {MAX_BLOCK_DEPTH} levels", start)
            raise _Lost
        attributes: dict[str, HclAttribute] = {}
        nested: list[HclBlock] = []
        lost = False
        try:
            self.block_items(type, start, attributes, nested, depth)
        except _Lost:
            lost = True
        blocks.append(
            HclBlock(
                type, tuple(labels), self.source, start, header_end, reader.position, HclBody(attributes, tuple(nested))
            )
        )
        if lost:
            raise _Lost

    def block_items(
        self, type: str, start: int, attributes: dict[str, HclAttribute], nested: list[HclBlock], depth: int
    ) -> None:
        reader = self.reader
        character = reader.skip()
        if character not in ("}", "\n", "\r", ""):
            self.single_line(type, attributes, nested, depth)
            return
        while True:
            character = self.blank()
            if character == "}":
                break
            if not character:
                self.problem(f"this {type!r} block is not closed; add the missing '}}'", start)
                raise _Lost
            if depth == 0 and self.column_zero() and _TOP_LEVEL_BLOCK.match(self.text, reader.position):
                indented = attributes or nested
                if indented and self.is_top_level_type(reader.position):
                    self.problem(f"this {type!r} block is not closed; add the missing '}}'", start)
                    return
            self.item(attributes, nested, depth + 1)
        reader.position += 1
        after = reader.skip()
        if after and after not in "\r\n" and not (after == "}" and depth > 0 and self.on_one_line(reader.position)):
            self.problem(f"expected a new line after the {type!r} block, found {reader.found()}", reader.position)
            self.next_item()

    def column_zero(self) -> bool:
        position = self.reader.position
        return position == 0 or self.text[position - 1] == "\n"

    def is_top_level_type(self, position: int) -> bool:
        match = _IDENTIFIER.match(self.text, position)
        return match is not None and match.group() in (
            "resource",
            "data",
            "module",
            "variable",
            "output",
            "locals",
            "provider",
            "terraform",
        )

    def single_line(self, type: str, attributes: dict[str, HclAttribute], nested: list[HclBlock], depth: int) -> None:
        """``block { name = value }``: one attribute, closed on the same line."""
        reader = self.reader
        start = reader.position
        self.item(attributes, nested, depth + 1)
        character = reader.skip()
        if character == "}" and not nested:
            reader.position += 1
            after = reader.skip()
            if after and after not in "\r\n":
                self.problem(f"expected a new line after the {type!r} block, found {reader.found()}", reader.position)
                self.next_item()
            return
        self.problem(
            f"a {type!r} block on one line may hold one argument only; put every argument on a line of its own", start
        )
        while self.blank() not in ("}", ""):
            if self.text[reader.position] == ",":
                reader.position += 1
                continue
            self.item(attributes, nested, depth + 1)
        reader.position = min(reader.position + 1, len(self.text))

    def label(self) -> str:
        reader = self.reader
        start = reader.position
        try:
            expr = reader.quoted_template()
        except SyntaxProblem as problem:
            self.problem(problem.message, min(problem.offset, len(self.text) - 1))
            raise _Lost from None
        if isinstance(expr, Literal) and isinstance(expr.value, str):
            return expr.value
        self.problem("a block label must not hold ${ } or %{ }", start)
        return self.text[start + 1 : reader.position - 1]

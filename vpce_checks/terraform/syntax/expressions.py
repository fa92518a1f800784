"""Terraform expressions: text to syntax tree, by HCL's own rules.

A recursive descent reader of the expression grammar of
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md with the details of its reference implementation:
left-associative binary operators on six levels, a right-associative conditional, unary operators that bind tighter
than every binary one, newlines that end an expression except inside brackets.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from vpce_checks.base.pattern import pattern
from vpce_checks.model.spans import Span
from vpce_checks.terraform.syntax.ast import (
    Binary,
    Call,
    Conditional,
    Expr,
    ForObject,
    ForTuple,
    GetAttr,
    Index,
    Invalid,
    Literal,
    Name,
    ObjectCons,
    Splat,
    SplatItem,
    TupleCons,
    Unary,
)
from vpce_checks.terraform.syntax.text import SourceText, shortened

MAX_DEPTH = 60
"""How deep brackets, templates, conditionals and unary operators may nest. Real configurations stay below 15."""

MAX_CHAIN = 200
"""How many steps one traversal or one run of operators may have: each is a level of the tree."""

MAX_NUMBER_EXPONENT = 1000
"""Numbers of more digits than this are refused rather than expanded."""

_IDENTIFIER = pattern(r"[^\W\d][\w-]*")
_NUMBER = pattern(r"\d(?:[\d.]|[eE][+-]?\d)*")
_VALID_NUMBER = pattern(r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\Z")
_COMMENT = r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/"
_SPACE = pattern(rf"(?:[ \t]+|{_COMMENT})*(?:(?:#|//)[^\n]*)?")
_SPACE_AND_NEWLINES = pattern(rf"(?:[ \t\n]+|\r\n|(?:#|//)[^\n]*|{_COMMENT})*")
_HEREDOC = pattern(r"<<(-?)([^\W\d][\w-]*)\r?\n")

_OPERATOR_STARTS = "|&=!<>+-*/%"
_BLANK = " \t\n\r#/"

_LEVELS = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class SyntaxProblem(Exception):
    """Text that HCL refuses; ``offset`` is where."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = shortened(message)
        self.offset = offset


class ExpressionReader:
    """Reads expressions from ``text[position:end]``. ``newlines`` says whether a newline ends an expression.

    Every method leaves ``position`` after what it read and raises :class:`SyntaxProblem` for what HCL refuses.
    """

    __slots__ = (
        "_character",
        "_skipped_to",
        "_token_end",
        "comments",
        "depth",
        "end",
        "newlines",
        "position",
        "source",
        "text",
    )

    def __init__(self, source: SourceText, start: int, end: int, *, newlines: bool = True) -> None:
        self.source = source
        self.text = source.text
        self.position = start
        self.end = end
        self.newlines = newlines
        self.depth = 0
        # Where comments (and blanks) were skipped, for those who want to know.
        self.comments: list[tuple[int, int]] | None = None
        # The position after the last skip, the character there, and where the token before the blanks ended.
        self._skipped_to = -1
        self._character = ""
        self._token_end = start

    def last_end(self) -> int:
        """Where what was read last ends, blanks after it left out."""
        position = self.position
        return self._token_end if position == self._skipped_to else position

    def span(self, start: int) -> Span:
        """The span from ``start`` to the end of what was read last."""
        position = self.position
        return self.source.span(start, self._token_end if position == self._skipped_to else position)

    def skip(self) -> str:
        """Skip blanks and comments; return the next character, ``""`` at the end."""
        position = self.position
        if position == self._skipped_to:
            return self._character
        self._token_end = position
        text = self.text
        end = self.end
        character = text[position] if position < end else ""
        if character in _BLANK:
            if character == " " and position + 1 < end and text[position + 1] not in _BLANK:
                position += 1
                character = text[position]
            elif character:
                match = (_SPACE if self.newlines else _SPACE_AND_NEWLINES).match(text, position, end)
                if match is not None:
                    if self.comments is not None:
                        self.comments.append(match.span())
                    position = match.end()
                character = text[position] if position < end else ""
        self.position = self._skipped_to = position
        self._character = character
        return character

    def skip_newlines(self) -> str:
        """Skip blanks, comments and newlines; return the next character."""
        self._skipped_to = -1
        newlines, self.newlines = self.newlines, False
        character = self.skip()
        self.newlines = newlines
        self._skipped_to = -1
        return character

    def fail(self, message: str) -> SyntaxProblem:
        """A problem at the current position."""
        return SyntaxProblem(message, self.position)

    def found(self) -> str:
        """What stands at the current position, for messages."""
        character = self.text[self.position : min(self.position + 1, self.end)]
        if not character:
            return "the end"
        return "the end of the line" if character in "\r\n" else f"{character!r}"

    def expression(self) -> Expr:
        """One whole expression."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"expression nested deeper than {MAX_DEPTH} levels; split it with locals")
        self.skip()
        start = self.position
        condition = self.binary(1)
        if self.skip() == "?":
            self.position += 1
            then = self.expression()
            if self.skip() != ":":
                raise self.fail(f"expected ':' and the other value of the condition, found {self.found()}")
            self.position += 1
            otherwise = self.expression()
            condition = Conditional(condition, then, otherwise, self.span(start))
        self.depth -= 1
        return condition

    def operator(self) -> str:
        """The binary operator at the next position, ``""`` if there is none."""
        character = self.skip()
        if character not in _OPERATOR_STARTS or not character:
            return ""
        pair = self.text[self.position : min(self.position + 2, self.end)]
        if pair in _LEVELS:
            return pair
        return character if character in _LEVELS else ""

    def binary(self, level: int) -> Expr:
        """A run of binary operators that bind at least as tightly as ``level``."""
        self.skip()
        start = self.position
        left = self.term()
        chain = 0
        while operator := self.operator():
            operator_level = _LEVELS[operator]
            if operator_level < level:
                break
            chain += 1
            if chain > MAX_CHAIN:
                raise self.fail(f"more than {MAX_CHAIN} operators in one expression; split it with locals")
            self.position += len(operator)
            right = self.binary(operator_level + 1)
            left = Binary(operator, left, right, self.span(start))
        return left

    def term(self) -> Expr:
        """An operand with its unary operators and everything that follows it: attributes, indexes, splats."""
        character = self.skip()
        if character == "-" or character == "!":
            start = self.position
            self.position += 1
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.fail(f"expression nested deeper than {MAX_DEPTH} levels; split it with locals")
            operand = self.term()
            self.depth -= 1
            return Unary(character, operand, self.span(start))
        start = self.position
        return self.traversal(self.primary(character), start, 0)

    def primary(self, character: str) -> Expr:
        """A literal, name, call, template, tuple, object, ``for`` or parenthesised expression."""
        start = self.position
        text = self.text
        if character.isidentifier() and (match := _IDENTIFIER.match(text, start, self.end)) is not None:
            name = match.group()
            self.position = match.end()
            following = self.skip()
            if following == "(" or (following == ":" and text.startswith("::", self.position)):
                return self.call(name, start)
            if name in _KEYWORDS:
                return Literal(_KEYWORDS[name], self.span(start))
            return Name(name, self.span(start))
        if character == '"':
            return self.quoted_template()
        if "0" <= character <= "9":
            return self.number()
        if character == "[":
            return self.tuple()
        if character == "{":
            return self.object()
        if character == "(":
            return self.parenthesised()
        if character == "<" and (heredoc := _HEREDOC.match(text, start, self.end)) is not None:
            return self.heredoc(heredoc)
        raise self.fail(f"expected a value, found {self.found()}")

    def number(self) -> Literal:
        start = self.position
        match = _NUMBER.match(self.text, start, self.end)
        assert match is not None
        digits = match.group().rstrip(".")
        self.position = start + len(digits)
        return Literal(number_value(digits, start), self.span(start))

    def parenthesised(self) -> Expr:
        self.position += 1
        outer, self.newlines = self.newlines, False
        inner = self.expression()
        if self.skip() != ")":
            raise self.fail(f"expected ')' to close the parenthesis, found {self.found()}")
        self.position += 1
        self.newlines = outer
        return inner

    def identifier(self, what: str) -> str:
        self.skip()
        match = _IDENTIFIER.match(self.text, self.position, self.end)
        if match is None:
            raise self.fail(f"expected {what}, found {self.found()}")
        self.position = match.end()
        return match.group()

    def keyword(self, word: str) -> bool:
        """Whether the next word is ``word``; it is consumed if so."""
        self.skip()
        match = _IDENTIFIER.match(self.text, self.position, self.end)
        if match is None or match.group() != word:
            return False
        self.position = match.end()
        return True

    def call(self, name: str, start: int) -> Call:
        while self.skip() == ":" and self.text.startswith("::", self.position):
            self.position += 2
            name += "::" + self.identifier("a function name after '::'")
        if self.skip() != "(":
            raise self.fail(f"expected '(' and the arguments of {name}, found {self.found()}")
        self.position += 1
        outer, self.newlines = self.newlines, False
        arguments: list[Expr] = []
        expand = False
        while self.skip() != ")":
            arguments.append(self.expression())
            character = self.skip()
            if character == ",":
                self.position += 1
            elif character == "." and self.text.startswith("...", self.position):
                self.position += 3
                expand = True
                if self.skip() != ")":
                    raise self.fail(f"expected ')' after '...' in the call of {name}, found {self.found()}")
            elif character != ")":
                raise self.fail(f"expected ',' or ')' in the call of {name}, found {self.found()}")
        self.position += 1
        self.newlines = outer
        return Call(name, tuple(arguments), self.span(start), expand=expand)

    def tuple(self) -> Expr:
        start = self.position
        self.position += 1
        outer, self.newlines = self.newlines, False
        if self.keyword("for"):
            result: Expr = self.for_expression(start, "]")
        else:
            items: list[Expr] = []
            while self.skip() != "]":
                items.append(self.expression())
                character = self.skip()
                if character == ",":
                    self.position += 1
                elif character != "]":
                    raise self.fail(f"expected ',' or ']' after an item of the list, found {self.found()}")
            self.position += 1
            result = TupleCons(tuple(items), self.span(start))
        self.newlines = outer
        return result

    def object(self) -> Expr:
        start = self.position
        self.position += 1
        outer, self.newlines = self.newlines, False
        inside = self.position
        if self.keyword("for"):
            result: Expr = self.for_expression(start, "}")
        else:
            self.position = inside
            self.newlines = True
            result = self.object_items(start)
        self.newlines = outer
        return result

    def object_items(self, start: int) -> ObjectCons:
        items: list[tuple[Expr, Expr]] = []
        while True:
            character = self.skip()
            if character == "\n" or character == "\r":
                self.newline()
                continue
            if character == "}":
                break
            key = self.object_key(character)
            separator = self.skip()
            if separator != "=" and separator != ":":
                raise self.fail(f"expected '=' and a value after the key, found {self.found()}")
            self.position += 1
            items.append((key, self.expression()))
            character = self.skip()
            if character == ",":
                self.position += 1
            elif character == "\n" or character == "\r":
                self.newline()
            elif character != "}":
                raise self.fail(f"expected a new line, ',' or '}}' after an item of the object, found {self.found()}")
        self.position += 1
        return ObjectCons(tuple(items), self.span(start))

    def newline(self) -> None:
        """Read the newline at the current position."""
        if self.text.startswith("\r\n", self.position):
            self.position += 2
        elif self.text[self.position] == "\n":
            self.position += 1
        else:
            raise self.fail("a carriage return without a newline; use one kind of line endings")

    def object_key(self, character: str) -> Expr:
        key = self.expression()
        if character == "(":
            return key
        if isinstance(key, Name):
            return Literal(key.name, key.span)
        if isinstance(key, Literal) and key.value is None:
            return Literal("null", key.span)
        if isinstance(key, (GetAttr, Index)) and _root_is_name(key):
            # HCL reads it and refuses to evaluate it.
            return Invalid(
                "an object key must not be a bare reference; write it in parentheses to use its value, "
                "or in quotes for a literal name",
                key.span,
                key,
            )
        return key

    def for_expression(self, start: int, closer: str) -> Expr:
        """What follows ``[for`` or ``{for``, up to and with the closing bracket."""
        value_name = self.identifier("a variable name after 'for'")
        key_name: str | None = None
        if self.skip() == ",":
            self.position += 1
            key_name, value_name = value_name, self.identifier("the second variable name of 'for'")
        if not self.keyword("in"):
            raise self.fail(f"expected 'in' and a collection, found {self.found()}")
        collection = self.expression()
        if self.skip() != ":":
            raise self.fail(f"expected ':' after the collection of 'for', found {self.found()}")
        self.position += 1
        key: Expr | None = None
        value = self.expression()
        if self.skip() == "=" and self.text.startswith("=>", self.position):
            self.position += 2
            key, value = value, self.expression()
        group = False
        if self.skip() == "." and self.text.startswith("...", self.position):
            self.position += 3
            group = True
        condition = self.expression() if self.keyword("if") else None
        if self.skip() != closer:
            raise self.fail(f"expected {closer!r} at the end of the 'for' expression, found {self.found()}")
        self.position += 1
        span = self.span(start)
        if closer == "]":
            if key is not None:
                raise SyntaxProblem("a 'for' in [ ] builds a list and takes no key; use { } to build a map", start)
            if group:
                raise SyntaxProblem("'...' groups the values of a map; a 'for' in [ ] takes none", start)
            return ForTuple(key_name, value_name, collection, value, condition, span)
        if key is None:
            raise SyntaxProblem("a 'for' in { } builds a map and needs 'key => value'", start)
        return ForObject(key_name, value_name, collection, key, value, condition, span, group=group)

    def traversal(self, base: Expr, start: int, steps: int) -> Expr:
        """``base`` with the attributes, indexes and splats that follow it."""
        text = self.text
        while True:
            character = self.skip()
            if character == ".":
                if text.startswith("...", self.position):
                    return base
                self.position += 1
                following = self.skip()
                if following == "*":
                    self.position += 1
                    base = self.legacy_splat(base, start, steps)
                else:
                    base = self.attribute(base, start, following)
            elif character == "[":
                bracket = self.position
                self.position += 1
                if self.skip() == "*":
                    self.position += 1
                    if self.skip() != "]":
                        raise self.fail(f"expected ']' after '[*', found {self.found()}")
                    self.position += 1
                    each = self.traversal(SplatItem(self.span(bracket)), start, steps + 1)
                    return Splat(base, each, self.span(start))
                outer, self.newlines = self.newlines, False
                self._skipped_to = -1
                key = self.expression()
                if self.skip() != "]":
                    raise self.fail(f"expected ']' after the index, found {self.found()}")
                self.position += 1
                self.newlines = outer
                base = Index(base, key, self.span(start))
            else:
                return base
            steps += 1
            if steps > MAX_CHAIN:
                raise self.fail(f"more than {MAX_CHAIN} steps in one reference")

    def attribute(self, base: Expr, start: int, character: str) -> Expr:
        """The name or number after a dot."""
        if "0" <= character <= "9":
            number_start = self.position
            number = self.number()
            if "." in self.text[number_start : self.position]:
                raise SyntaxProblem("two legacy indexes in a row; write [a][b] instead", number_start)
            return Index(base, number, self.span(start))
        match = _IDENTIFIER.match(self.text, self.position, self.end)
        if match is None:
            raise self.fail(f"expected an attribute name after '.', found {self.found()}")
        self.position = match.end()
        return GetAttr(base, match.group(), self.span(start))

    def legacy_splat(self, base: Expr, start: int, steps: int) -> Splat:
        """What follows ``base.*``: attributes and legacy indexes only."""
        each: Expr = SplatItem(self.source.span(self.position - 2, self.position))
        while True:
            if self.skip() != "." or self.text.startswith("...", self.position):
                return Splat(base, each, self.span(start))
            self.position += 1
            character = self.skip()
            if character == "*":
                raise self.fail("a '.*' inside another '.*'; use [*]")
            each = self.attribute(each, start, character)
            steps += 1
            if steps > MAX_CHAIN:
                raise self.fail(f"more than {MAX_CHAIN} steps in one reference")

    def quoted_template(self) -> Expr:
        from vpce_checks.terraform.syntax import templates

        return templates.quoted(self)

    def heredoc(self, opening: re.Match[str]) -> Expr:
        from vpce_checks.terraform.syntax import templates

        return templates.heredoc(self, opening.group(2), opening.end(), flush=bool(opening.group(1)))


def _root_is_name(expr: Expr) -> bool:
    while isinstance(expr, (GetAttr, Index)):
        expr = expr.object
    return isinstance(expr, Name)


def number_value(digits: str, offset: int = 0) -> int | Decimal:
    """The value of an HCL number literal. Raises SyntaxProblem."""
    if digits.isascii() and digits.isdigit() and len(digits) <= MAX_NUMBER_EXPONENT:
        return int(digits)
    if _VALID_NUMBER.match(digits) is None or not digits.isascii():
        raise SyntaxProblem(f"{digits!r} is not a number", offset)
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise SyntaxProblem(f"{digits[:40]!r} is not a number", offset) from None
    if value and abs(value.adjusted()) > MAX_NUMBER_EXPONENT:
        raise SyntaxProblem(f"the number {digits[:40]!r} is out of range", offset)
    whole = int(value)
    return whole if whole == value else value


def read_expression(source: SourceText, start: int, end: int, *, newlines: bool = True) -> Expr:
    """The expression that ``source.text[start:end]`` is; :class:`Invalid` for what HCL refuses."""
    reader = ExpressionReader(source, start, end, newlines=newlines)
    try:
        expr = reader.expression()
        if reader.skip():
            raise reader.fail(f"expected the end of the expression, found {reader.found()}")
    except SyntaxProblem as problem:
        return Invalid(problem.message, source.span(problem.offset, max(end, problem.offset)))
    except RecursionError:
        # The caller may itself be deep in an evaluation.
        return Invalid("expression nested too deeply; split it with locals", source.span(start, end))
    return expr

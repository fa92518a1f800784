"""``.tf.json`` files: Terraform's configuration language written as JSON.

https://developer.hashicorp.com/terraform/language/syntax/json. Whether a property of a body is an attribute or a
nested block depends on the provider's schema, which static reading does not have: every property is offered as an
attribute, and one whose value is an object, or an array of objects, as blocks of that name too.

The reader is our own because the standard library's tells no positions and accepts what Terraform refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple, TypeAlias, Union

from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.terraform.syntax.ast import Expr, Invalid, Literal, ObjectCons, TupleCons
from vpce_checks.terraform.syntax.expressions import SyntaxProblem, number_value, read_expression
from vpce_checks.terraform.syntax.text import SourceText, shortened

MAX_JSON_DEPTH = 60
"""How deep arrays and objects may nest."""

_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN_STRING = re.compile(r'"([^"\\\x00-\x1f]*)"')
_CHUNK = re.compile(r'[^"\\\x00-\x1f]+')
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_UNICODE_ESCAPE = re.compile(r"u([0-9a-fA-F]{4})")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CONSTANTS = (("true", True), ("false", False), ("null", None))

Levels: TypeAlias = Mapping[str, int]
"""How many labels blocks of a type have."""

# How many levels of objects name a top-level block.
_LABEL_LEVELS: Levels = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "check": 1,
    "action": 2,
    "locals": 0,
    "terraform": 0,
    "moved": 0,
    "import": 0,
    "removed": 0,
}
# Arguments whose strings are taken as they are.
_LITERAL = {
    "variable": frozenset(("description", "sensitive", "nullable", "ephemeral", "default")),
    "output": frozenset(("description",)),
    "terraform": frozenset(("required_version",)),
    "required_providers": None,
    "provider": frozenset(("alias", "version")),
}
# Arguments whose strings are expressions (references), not templates.
_EXPRESSION = {
    "variable": frozenset(("type",)),
    "resource": frozenset(("provider", "depends_on")),
    "data": frozenset(("provider", "depends_on")),
    "ephemeral": frozenset(("provider", "depends_on")),
    "module": frozenset(("providers", "depends_on")),
    "output": frozenset(("depends_on",)),
    "lifecycle": frozenset(("ignore_changes", "replace_triggered_by")),
}


OPTIONAL_LABEL = -1
"""In place of how many labels: a label, or none if the block has an argument that is no object."""

_NESTED_LEVELS: Levels = {"dynamic": 1, "provisioner": 1, "backend": 1}


class JsonString(NamedTuple):
    """A string; ``start`` is the offset of its opening quotation mark."""

    value: str
    start: int
    end: int


class JsonConstant(NamedTuple):
    """A number, true, false or null."""

    value: bool | int | Decimal | None
    start: int
    end: int


class JsonArray(NamedTuple):
    """An array."""

    items: tuple[JsonValue, ...]
    start: int
    end: int


class JsonObject(NamedTuple):
    """An object: its properties in order, repeated names included."""

    properties: tuple[tuple[JsonString, JsonValue], ...]
    start: int
    end: int


JsonValue = Union[JsonString, JsonConstant, JsonArray, JsonObject]


class _JsonReader:
    """Reads one JSON document. Raises SyntaxProblem."""

    __slots__ = ("depth", "position", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0

    def skip(self) -> str:
        match = _SPACE.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return self.text[self.position : self.position + 1]

    def fail(self, expected: str) -> SyntaxProblem:
        found = self.text[self.position : self.position + 1]
        return SyntaxProblem(f"expected {expected}, found {repr(found) if found else 'the end'}", self.position)

    def document(self) -> JsonValue:
        value = self.value()
        if self.skip():
            raise self.fail("the end of the document")
        return value

    def value(self) -> JsonValue:
        character = self.skip()
        if character == '"':
            return self.string()
        if character == "{" or character == "[":
            self.depth += 1
            if self.depth > MAX_JSON_DEPTH:
                raise SyntaxProblem(f"nested deeper than {MAX_JSON_DEPTH} levels", self.position)
            value = self.object() if character == "{" else self.array()
            self.depth -= 1
            return value
        start = self.position
        for word, constant in _CONSTANTS:
            if self.text.startswith(word, start):
                self.position += len(word)
                return JsonConstant(constant, start, self.position)
        match = _NUMBER.match(self.text, start)
        if match is None:
            raise self.fail("a value")
        self.position = match.end()
        digits = match.group()
        number = -number_value(digits[1:], start) if digits[0] == "-" else number_value(digits, start)
        return JsonConstant(number, start, self.position)

    def string(self) -> JsonString:
        start = self.position
        plain = _PLAIN_STRING.match(self.text, start)
        if plain is not None:
            self.position = plain.end()
            return JsonString(plain.group(1), start, self.position)
        parts: list[str] = []
        self.position += 1
        while True:
            chunk = _CHUNK.match(self.text, self.position)
            if chunk is not None:
                parts.append(chunk.group())
                self.position = chunk.end()
            character = self.text[self.position : self.position + 1]
            if character == '"':
                self.position += 1
                return JsonString("".join(parts), start, self.position)
            if character != "\\":
                if not character:
                    raise SyntaxProblem("this string is not closed; add the missing quotation mark", start)
                raise SyntaxProblem("a string must not span lines or hold control characters; use \\n", self.position)
            parts.append(self.escape())

    def escape(self) -> str:
        position = self.position + 1
        simple = _ESCAPES.get(self.text[position : position + 1])
        if simple is not None:
            self.position = position + 1
            return simple
        match = _UNICODE_ESCAPE.match(self.text, position)
        if match is None:
            raise SyntaxProblem(
                f"\\{self.text[position : position + 1]} is not an escape sequence; write \\\\ for a backslash",
                self.position,
            )
        code = int(match.group(1), 16)
        self.position = match.end()
        if 0xD800 <= code < 0xDC00 and self.text.startswith("\\", self.position):
            low = _UNICODE_ESCAPE.match(self.text, self.position + 1)
            if low is not None and 0xDC00 <= (second := int(low.group(1), 16)) < 0xE000:
                self.position = low.end()
                return chr(0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00))
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)

    def array(self) -> JsonArray:
        start = self.position
        self.position += 1
        items: list[JsonValue] = []
        if self.skip() != "]":
            items.append(self.value())
            while self.skip() == ",":
                self.position += 1
                items.append(self.value())
            if self.skip() != "]":
                raise self.fail("',' or ']'")
        self.position += 1
        return JsonArray(tuple(items), start, self.position)

    def object(self) -> JsonObject:
        start = self.position
        self.position += 1
        properties: list[tuple[JsonString, JsonValue]] = []
        if self.skip() != "}":
            properties.append(self.property())
            while self.skip() == ",":
                self.position += 1
                properties.append(self.property())
            if self.skip() != "}":
                raise self.fail("',' or '}'")
        self.position += 1
        return JsonObject(tuple(properties), start, self.position)

    def property(self) -> tuple[JsonString, JsonValue]:
        if self.skip() != '"':
            raise self.fail("a property name in quotes")
        name = self.string()
        if self.skip() != ":":
            raise self.fail("':' after the property name")
        self.position += 1
        return name, self.value()


class JsonAttribute:
    """A property of a body, as an attribute. ``mode`` tells what its strings are."""

    __slots__ = ("_expr", "_key", "_mode", "_source", "_value", "name")

    def __init__(self, source: SourceText, key: JsonString, value: JsonValue, mode: str) -> None:
        self.name = key.value
        self._source = source
        self._key = key
        self._value = value
        self._mode = mode
        self._expr: Expr | None = None

    @property
    def span(self) -> Span:
        """From the name to the end of the value."""
        return self._source.span(self._key.start, self._value.end)

    @property
    def expr(self) -> Expr:
        """The value, converted on first use."""
        expr = self._expr
        if expr is None:
            expr = self._expr = to_expr(self._source, self._value, self._mode)
        return expr


class JsonBlock:
    """A block. ``body`` is converted on first use."""

    __slots__ = ("_body", "_content", "_key", "_levels", "_outer", "_source", "labels", "type")

    def __init__(
        self,
        type: str,
        labels: tuple[str, ...],
        source: SourceText,
        key: JsonString,
        content: JsonObject,
        outer: str,
        levels: Levels,
    ) -> None:
        self.type = type
        self._levels = levels
        self.labels = labels
        self._source = source
        self._key = key
        self._content = content
        self._outer = outer
        self._body: JsonBody | None = None

    @property
    def span(self) -> Span:
        """From the name of the block to its closing brace."""
        start = self._key.start if self._key.start <= self._content.start else self._content.start
        return self._source.span(start, self._content.end)

    @property
    def header(self) -> Span:
        """The name of the block."""
        return self._source.span(self._key.start, self._key.end)

    @property
    def body(self) -> JsonBody:
        """The properties of the block."""
        body = self._body
        if body is None:
            body = self._body = JsonBody(self._source, self._content, self._outer, self._levels)
        return body


class JsonBody:
    """The properties of an object, each as an attribute and, where its value allows it, as blocks.

    ``outer`` names the kind of block that this is the body of: it decides which strings are literal. ``levels`` are the
    labels of the blocks in it.
    """

    __slots__ = ("_blocks", "_content", "_levels", "_outer", "_source", "attributes")

    def __init__(self, source: SourceText, content: JsonObject, outer: str, levels: Levels) -> None:
        self._source = source
        self._levels = levels
        self._content = content
        self._outer = outer
        self._blocks: tuple[JsonBlock, ...] | None = None
        literal = _LITERAL.get(outer, frozenset())
        expression = _EXPRESSION.get(outer, frozenset())
        attributes: dict[str, JsonAttribute] = {}
        for key, value in content.properties:
            name = key.value
            if name == "//" or name in attributes:
                continue
            mode = "template"
            if literal is None or name in literal:
                mode = "literal"
            elif name in expression:
                mode = "expression"
            attributes[name] = JsonAttribute(source, key, value, mode)
        self.attributes = attributes

    def repeated(self) -> list[Diagnostic]:
        """What stands twice in a body of attributes only and :func:`_find_duplicates` lets pass as blocks."""
        problems = []
        seen: dict[str, int] = {}
        for key, value in self._content.properties:
            first = seen.setdefault(key.value, key.start)
            if first != key.start and key.value != "//" and isinstance(value, (JsonObject, JsonArray)):
                problems.append(_set_twice(self._source, key, first))
        return problems

    @property
    def blocks(self) -> tuple[JsonBlock, ...]:
        """Every property that could be a nested block, ``dynamic`` blocks included."""
        blocks = self._blocks
        if blocks is None:
            found: list[JsonBlock] = []
            for key, value in self._content.properties:
                if key.value == "//":
                    continue
                kind = _nested_kind(key.value)
                found.extend(_blocks(self._source, key.value, key, value, self._levels, kind))
            blocks = self._blocks = tuple(found)
        return blocks


def _nested_kind(name: str) -> str:
    return name if name in ("lifecycle", "required_providers") else ""


def _blocks(
    source: SourceText, type: str, key: JsonString, value: JsonValue, levels: Levels, outer: str
) -> list[JsonBlock]:
    """The blocks that the value of a property makes. ``levels`` says how many levels of objects hold its labels."""
    nested = _NESTED_LEVELS if levels is _LABEL_LEVELS else levels
    depth = levels.get(type, 0)
    if depth == OPTIONAL_LABEL:
        members = value.properties if isinstance(value, JsonObject) else ()
        depth = int(all(isinstance(member, JsonObject) for _, member in members))
    return _labelled(source, type, key, value, depth, (), outer, nested)


def _labelled(
    source: SourceText,
    type: str,
    key: JsonString,
    value: JsonValue,
    levels: int,
    labels: tuple[str, ...],
    outer: str,
    nested: Levels,
) -> list[JsonBlock]:
    found: list[JsonBlock] = []
    values = value.items if isinstance(value, JsonArray) else (value,)
    if not all(isinstance(item, JsonObject) for item in values):
        return found
    for item in values:
        if not isinstance(item, JsonObject):
            continue
        if levels == 0:
            found.append(JsonBlock(type, labels, source, key, item, outer, nested))
            continue
        for label, inner in item.properties:
            if label.value != "//":
                found.extend(_labelled(source, type, label, inner, levels - 1, (*labels, label.value), outer, nested))
    return found


class JsonTopBody:
    """The body of a whole file: blocks only."""

    __slots__ = ("attributes", "blocks")

    def __init__(self, attributes: dict[str, JsonAttribute], blocks: tuple[JsonBlock, ...]) -> None:
        self.attributes = attributes
        self.blocks = blocks


class JsonFile:
    """A parsed ``.tf.json`` file. ``comments`` are the lines and texts of its ``"//"`` properties."""

    __slots__ = ("body", "comments", "diagnostics")

    def __init__(self, body: JsonTopBody, diagnostics: tuple[Diagnostic, ...], comments: list[tuple[int, str]]) -> None:
        self.body = body
        self.diagnostics = diagnostics
        self.comments = comments


def read_json(data: bytes, file: str) -> tuple[SourceText, JsonValue | None, list[Diagnostic]]:
    """The document that ``data`` is, None where it is broken."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = Diagnostic("error", "the file is not valid UTF-8 here; save it with UTF-8 encoding", file, line)
        return SourceText("", file), None, [problem]
    source = SourceText(text, file)
    try:
        return source, _JsonReader(text).document(), []
    except SyntaxProblem as problem:
        message = f"not valid JSON: {problem.message}"
        return source, None, [Diagnostic("error", message, file, source.line(problem.offset))]
    except RecursionError:
        return source, None, [Diagnostic("error", "nested too deeply", file, 1)]


def broken_at(data: bytes) -> tuple[str, int] | None:
    """Return a broken document as text, and the offset at which it breaks; None if that is not known."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    try:
        _JsonReader(text).document()
    except SyntaxProblem as problem:
        return text, problem.offset
    except RecursionError:
        pass
    return None


def parse_json_file(data: bytes, file: str) -> JsonFile:
    """Parse the contents of one ``.tf.json`` file. Never raises; see ``diagnostics``."""
    source, document, problems = read_json(data, file)
    if document is None:
        return JsonFile(JsonTopBody({}, ()), tuple(problems), [])
    roots = document.items if isinstance(document, JsonArray) else (document,)
    blocks: list[JsonBlock] = []
    comments: list[tuple[int, str]] = []
    for root in roots:
        if not isinstance(root, JsonObject):
            line = source.line(root.start)
            problems.append(Diagnostic("error", "the file must be a JSON object of blocks", file, line))
            continue
        for key, value in root.properties:
            kind = key.value
            if kind == "//":
                continue
            problem = _shape_problem(value, _LABEL_LEVELS.get(kind, 0))
            if problem is not None:
                place, message = problem
                problems.append(Diagnostic("error", f"{kind!r}: {message}", file, source.line(place)))
            blocks.extend(_blocks(source, kind, key, value, _LABEL_LEVELS, kind))
        _find_comments(root, source, comments)
        _find_duplicates(root, source, problems)
        for block in blocks:
            if block.type == "locals":
                problems.extend(block.body.repeated())
    return JsonFile(JsonTopBody({}, tuple(blocks)), tuple(problems), comments)


def parse_json_blocks(data: bytes, file: str, levels: Levels) -> JsonFile:
    """Parse a file of another tool in the same syntax. Never raises; see ``diagnostics``.

    ``levels`` are the types of its blocks, and how many labels each has. Any other property is an attribute.
    """
    source, document, problems = read_json(data, file)
    if document is None:
        return JsonFile(JsonTopBody({}, ()), tuple(problems), [])
    if not isinstance(document, JsonObject):
        problem = Diagnostic("error", "the file must be a JSON object", file, source.line(document.start))
        return JsonFile(JsonTopBody({}, ()), (problem,), [])
    comments: list[tuple[int, str]] = []
    _find_comments(document, source, comments)
    _find_duplicates(document, source, problems)
    body = JsonBody(source, document, "", levels)
    blocks = tuple(block for block in body.blocks if block.type in levels)
    named = {block.type for block in blocks}
    attributes = {name: each for name, each in body.attributes.items() if name not in named}
    return JsonFile(JsonTopBody(attributes, blocks), tuple(problems), comments)


def _shape_problem(value: JsonValue, levels: int) -> tuple[int, str] | None:
    """Where a top-level block is not made of objects as deep as its labels need."""
    for item in value.items if isinstance(value, JsonArray) else (value,):
        if not isinstance(item, JsonObject):
            wanted = (
                "an object, or an array of objects" if levels == 0 else "an object whose property names are its labels"
            )
            return item.start, f"expected {wanted}"
        if levels:
            for key, inner in item.properties:
                if key.value != "//" and (problem := _shape_problem(inner, levels - 1)) is not None:
                    return problem
    return None


def _find_comments(root: JsonValue, source: SourceText, comments: list[tuple[int, str]]) -> None:
    stack: list[JsonValue] = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, JsonArray):
            stack.extend(reversed(value.items))
        elif isinstance(value, JsonObject):
            for key, inner in value.properties:
                if key.value == "//" and isinstance(inner, JsonString):
                    comments.append((source.line(key.start), inner.value))
            stack.extend(inner for _, inner in reversed(value.properties))
    comments.sort()


def _find_duplicates(root: JsonObject, source: SourceText, problems: list[Diagnostic]) -> None:
    """A property repeated in one object, where its value cannot be a block: Terraform takes it as set twice."""
    stack: list[JsonValue] = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, JsonArray):
            stack.extend(value.items)
        elif isinstance(value, JsonObject):
            seen: dict[str, int] = {}
            for key, inner in value.properties:
                stack.append(inner)
                if key.value == "//":
                    continue
                first = seen.setdefault(key.value, key.start)
                if first != key.start and not isinstance(inner, (JsonObject, JsonArray)):
                    problems.append(_set_twice(source, key, first))


def _set_twice(source: SourceText, key: JsonString, first: int) -> Diagnostic:
    message = f"{key.value!r} is set twice here, first on line {source.line(first)}; remove one"
    return Diagnostic("error", shortened(message), source.file, source.line(key.start))


def to_expr(source: SourceText, value: JsonValue, mode: str = "template") -> Expr:
    """The expression that a JSON value stands for; ``mode`` is ``"template"``, ``"literal"`` or ``"expression"``."""
    span = source.span(value.start, value.end)
    if isinstance(value, JsonString):
        return _string_expr(value.value, span, mode)
    if isinstance(value, JsonConstant):
        return Literal(value.value, span)
    if isinstance(value, JsonArray):
        return TupleCons(tuple(to_expr(source, item, mode) for item in value.items), span)
    items: list[tuple[Expr, Expr]] = []
    for key, inner in value.properties:
        key_span = source.span(key.start, key.end)
        # Names of properties are templates too; those of a literal argument are not.
        name = _string_expr(key.value, key_span, "literal" if mode == "expression" else mode)
        items.append((name, to_expr(source, inner, mode)))
    return ObjectCons(tuple(items), span)


def _string_expr(text: str, span: Span, mode: str) -> Expr:
    if mode == "literal" or (mode == "template" and "${" not in text and "%{" not in text):
        return Literal(text, span)
    from vpce_checks.terraform.syntax.templates import bare

    # What the string says is placed at its first character; only escapes before it can shift a column.
    inner = SourceText(text, span.file, span.line, span.column + 1)
    if mode == "expression":
        expr = read_expression(inner, 0, len(text))
        return Literal(text, span) if isinstance(expr, Invalid) else expr
    try:
        return bare(inner, 0, len(text))
    except SyntaxProblem as problem:
        return Invalid(problem.message, span)
    except RecursionError:
        return Invalid("template nested too deeply; split it with locals", span)

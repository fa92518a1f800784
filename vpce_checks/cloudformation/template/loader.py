"""Parse files into trees, with libyaml for speed. The same parser reads JSON, because JSON is part of YAML."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial
from typing import Any

import yaml

try:
    from yaml.cyaml import CParser as EventParser  # type: ignore[attr-defined]
except ImportError:  # a PyYAML that was built without libyaml: the same events, more slowly
    from yaml import SafeLoader as EventParser  # type: ignore[assignment]

from vpce_checks.cloudformation.template.nodes import (
    RAIN,
    Document,
    Mapping,
    Node,
    Scalar,
    ScalarValue,
    Sequence,
    is_json,
)
from vpce_checks.files import tracked
from vpce_checks.files.containment import Places
from vpce_checks.files.encrypted import EncryptedError, refuse_unreadable
from vpce_checks.model.spans import Diagnostic

MAX_BYTES = 12 * 1024 * 1024
"""The largest file that is read, in bytes. It is twelve times CloudFormation's limit."""

MAX_DEPTH = 100
"""How deep a tree may nest. CloudFormation's own limit is lower."""

MAX_ALIASED_NODES = 100_000
"""How many nodes the aliases of one file may repeat, so that a few lines cannot become billions of nodes."""

TAGS = frozenset(
    [
        "And",
        "Base64",
        "Cidr",
        "Contains",
        "EachMemberEquals",
        "EachMemberIn",
        "Equals",
        "FindInMap",
        "ForEach",
        "GetAtt",
        "GetAZs",
        "GetStackOutput",
        "If",
        "ImportValue",
        "Join",
        "Length",
        "Not",
        "Or",
        "RefAll",
        "Select",
        "Split",
        "Sub",
        "ToJsonString",
        "Transform",
        "ValueOf",
        "ValueOfAll",
    ]
)
"""The short tags ``!X`` that stand for ``Fn::X``."""

_YAML = "tag:yaml.org,2002:"
_BOOLS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_COMMENT = re.compile(rb"(?:[^'\"#\\]*\s)?#")
"""A line up to its comment, if nothing before it can be a string that contains ``#``."""

_MARKUP = re.compile(
    r"\{\{(?!\s*resolve:)|\{%|\{#(?=[^{}]{0,500}#\})|<%|%\{~?\s*(?:for|if|else|endfor|endif)\b|%\w+%|[:,\[]\s*(?P<unquoted>\$\{)"
)
"""What template engines and build scripts replace: Jinja, Go and Mustache, ERB, Terraform's ``templatefile``,
``%NAME%``."""

_TAB_AFTER_DASH = re.compile(r"(?m)^( *- *)(\t[ \t]*)(?=[^\s#-][^:#\n]*$)")
"""A tab between the dash of an item and its scalar. YAML allows it, libyaml does not.

https://yaml.org/spec/1.2.2/#62-separation-spaces
"""

_OPENS = re.compile(r"%\{~?[ \t]*(?:for|if)\b")
_CLOSES = re.compile(r"%\{~?[ \t]*end(?:for|if)\b")
"""Directives of Terraform's ``templatefile``. No template of CloudFormation has a pair of them."""


def load(path: str, places: Places) -> Document:
    """Read the file at ``path``. Every problem is an error in the document's diagnostics."""
    try:
        data = tracked.contents(path, places)
    except OSError as error:
        return broken(path, f"cannot be read: {error.strerror or error}")
    try:
        refuse_unreadable(data)
    except OSError as error:
        document = broken(path, f"cannot be read: {error}")
        is_encrypted = isinstance(error, EncryptedError)
        document.diagnostics[0] = document.diagnostics[0]._replace(is_encrypted=is_encrypted)
        return document
    if len(data) > MAX_BYTES:
        return broken(path, f"not read: the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    return parse(data, path)


def text_document(path: str, places: Places) -> Document | None:
    """Return the file at ``path`` as a document that is one text. None if it is none, or is not there as it will be."""
    try:
        data = tracked.contents(path, places)
        refuse_unreadable(data)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return Document(path, text, "yaml", Scalar(text, text, 0, len(text))) if len(data) <= MAX_BYTES else None


def parse(data: bytes, path: str) -> Document:
    """Parse ``data``, the content of the file ``path``. Every problem is in the document's diagnostics."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        text = _without_comments(data)
        if not text:
            return broken(path, f"not UTF-8: byte {data[error.start]:#04x}", line)
    document = Document(path, text, "json" if is_json(text) else "yaml")
    try:
        document.root = _read(document, text)
        line = _directive(text)
        if line:  # inside of strings, directives are valid YAML
            document.root = None
            _report_markup(document, line, line)
    except yaml.YAMLError as error:
        _syntax_error(document, error)
    except _TooMuch as error:
        line = document.position(error.offset)[0]
        if not _report_markup(document, line, line):
            document.report("error", str(error), error.offset)
    return document


def _read(document: Document, text: str) -> Node | None:
    """Return the tree of ``text``. Raises YAMLError and _TooMuch."""
    try:
        return _Reader(document, text).read()
    except yaml.YAMLError:
        if document.format != "json":
            without_tabs = _TAB_AFTER_DASH.sub(lambda found: found[1] + " " * len(found[2]), text)
            if without_tabs == text:
                raise
            document.diagnostics.clear()
            return _Reader(document, without_tabs).read()
        tree = _read_as_json(document, text)
        if tree is None:
            raise
        return tree


def _read_as_json(document: Document, text: str) -> Node | None:
    """Return the tree of JSON that is no YAML for libyaml. None if it is not JSON either."""
    from vpce_checks.cloudformation.template.json_reader import NotJsonError, TooDeepError, read_json

    before = list(document.diagnostics)
    document.diagnostics.clear()
    try:
        return read_json(text, MAX_DEPTH, _resolve, partial(_report_repeated, document))
    except NotJsonError:
        document.diagnostics[:] = before
        return None
    except TooDeepError as error:
        raise _TooMuch(f"it nests deeper than {MAX_DEPTH} levels", error.offset) from error


def _report_repeated(document: Document, key: str, first: int, start: int) -> None:
    line = document.position(first)[0]
    message = f'the key "{key}" is already set in line {line}; CloudFormation uses this later value'
    document.report("warning", message, start)


def _without_comments(data: bytes) -> str:
    """Decode YAML in which only comments are not UTF-8, and replace these comments. Return "" for anything else."""
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            comment = _COMMENT.match(line)
            if comment is None or comment.end() > error.start:
                return ""
            lines[number] = line[: comment.end()] + b"?" * (len(line) - comment.end())
    return b"\n".join(lines).decode("utf-8-sig")


def broken(path: str, message: str, line: int = 1, *, is_defect: bool = False) -> Document:
    """Return the document of a file that cannot be read, with an error that says why."""
    document = Document(path, "", "yaml")
    document.diagnostics.append(Diagnostic("error", message, path, line, is_defect))
    return document


def _syntax_error(document: Document, error: yaml.YAMLError) -> None:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    at = getattr(error, "position", None)
    line = mark.line + 1 if mark is not None else document.text.count("\n", 0, at) + 1 if isinstance(at, int) else 1
    context = getattr(error, "context_mark", None)
    if _report_markup(document, context.line + 1 if context is not None else line, line):
        return
    if "cannot start any token" in problem and _tab_at(document.text, line):
        problem = "a tab cannot indent YAML"
    elif "nesting depth" in problem:  # PyYAML 6.0.4 and newer read ahead, and stop before we do
        problem = f"it nests deeper than {MAX_DEPTH} levels"
    elif mark is not None and mark.index >= len(document.text.rstrip()):
        problem = f"the file ends too early: {problem}"
    kind = document.format.upper()
    document.diagnostics.append(Diagnostic("error", f"not valid {kind}: {problem}", document.path, line))


def _report_markup(document: Document, first: int, last: int) -> bool:
    """Report a file that is not a template yet: the lines ``first`` to ``last`` contain markup that cannot be parsed.

    Return whether there is such markup.
    """
    lines = document.text.split("\n")[first - 1 : last]
    found = next(
        (
            (first + at, match["unquoted"] or match[0])
            for at, line in enumerate(lines)
            if (match := _MARKUP.search(line))
        ),
        None,
    )
    if found is None:
        return False
    line, sign = found
    message = f"not read: another tool fills in {sign} first; scan the file that the tool writes"
    document.diagnostics.append(Diagnostic("warning", message, document.path, line))
    return True


def _directive(text: str) -> int:
    """Return the line of the first directive of ``templatefile`` outside of comments; 0 if there is none."""
    if "%{" not in text or _CLOSES.search(text) is None:
        return 0
    for number, line in enumerate(text.split("\n"), 1):
        if _OPENS.search(line.partition(" #")[0]) and not line.startswith("#"):
            return number
    return 0


def _tab_at(text: str, line: int) -> bool:
    lines = text.split("\n")
    found = lines[line - 1] if line <= len(lines) else ""
    return "\t" in found[: len(found) - len(found.lstrip())]


class _TooMuch(Exception):
    """The file exceeds a bound, or is not a tree that we can read."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class _Open:
    """A collection that is still being read."""

    __slots__ = ("anchor", "entries", "items", "key", "keys", "merges", "size", "start", "tag")

    def __init__(self, tag: str | None, anchor: str | None, start: int, *, mapping: bool) -> None:
        self.items: list[Node] | None = None if mapping else []
        self.entries: dict[str, Node] = {}
        self.keys: dict[str, int] = {}
        self.key: tuple[str, int] | None = None
        self.merges: list[Node] = []
        self.tag = tag
        self.anchor = anchor
        self.start = start
        self.size = 1


class _Reader:
    """Builds the tree from libyaml's events, without recursion."""

    def __init__(self, document: Document, text: str) -> None:
        self.document = document
        self.parser = EventParser(text)
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.aliased = 0

    def read(self) -> Node | None:
        """Return the first document of the stream."""
        stack: list[_Open] = []
        get_event = self.parser.get_event
        scalar, mapping_start, mapping_end = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.MappingEndEvent
        sequence_start, sequence_end, alias = yaml.SequenceStartEvent, yaml.SequenceEndEvent, yaml.AliasEvent
        root: Node | None = None
        while True:
            event: Any = get_event()
            kind = event.__class__
            size = 1
            if kind is scalar:
                top = stack[-1] if stack else None
                if top is not None and top.items is None and top.key is None:
                    self._key(top, event)
                    continue
                start = event.start_mark.index
                node: Node = self._scalar(event)
                if event.tag is not None:
                    node = self._tagged(event.tag, node, start)
                if event.anchor is not None:
                    self.anchors[event.anchor] = (node, 1)
            elif kind is mapping_start or kind is sequence_start:
                start = event.start_mark.index
                if len(stack) >= MAX_DEPTH:
                    raise _TooMuch(f"it nests deeper than {MAX_DEPTH} levels", start)
                if stack and stack[-1].items is None and stack[-1].key is None:
                    raise _TooMuch("a key must be a string, not a collection", start)
                stack.append(_Open(event.tag, event.anchor, start, mapping=kind is mapping_start))
                continue
            elif kind is mapping_end or kind is sequence_end:
                closed = stack.pop()
                node, size = self._close(closed, event.end_mark.index, event.start_mark.index), closed.size
                if closed.anchor is not None:
                    self.anchors[closed.anchor] = (node, size)
            elif kind is alias:
                start = event.start_mark.index
                if event.anchor not in self.anchors:
                    raise _TooMuch(f"the alias *{event.anchor} has no anchor", start)
                node, size = self.anchors[event.anchor]
                self.aliased += size
                if self.aliased > MAX_ALIASED_NODES:
                    raise _TooMuch(f"YAML aliases repeat more than {MAX_ALIASED_NODES} nodes", start)
                if stack and stack[-1].items is None and stack[-1].key is None:
                    stack[-1].key = (node.text if isinstance(node, Scalar) else "", start)
                    continue
            elif kind is yaml.DocumentEndEvent or kind is yaml.StreamEndEvent:
                if kind is yaml.DocumentEndEvent:
                    self._expect_end()
                return root
            else:
                continue
            if not stack:
                root = node
                continue
            self._add(stack[-1], node, size)

    def _expect_end(self) -> None:
        try:
            event: Any = self.parser.get_event()
        except yaml.YAMLError:
            return
        kind = event.__class__
        if kind is yaml.DocumentStartEvent:
            message = "a second YAML document begins here; only the first one is read"
            self.document.report("warning", message, event.start_mark.index)

    def _add(self, top: _Open, node: Node, size: int) -> None:
        top.size += size
        if top.items is not None:
            top.items.append(node)
            return
        assert top.key is not None
        key, start = top.key
        top.key = None
        if key == "<<":
            top.merges.append(node)
            return
        if key in top.entries:
            _report_repeated(self.document, key, top.keys[key], start)
        top.entries[key] = node
        top.keys[key] = start

    def _key(self, top: _Open, event: Any) -> None:
        top.key = (event.value, event.start_mark.index)
        if event.anchor is not None:
            start, end = event.start_mark.index, event.end_mark.index
            self.anchors[event.anchor] = (Scalar(event.value, event.value, start, end), 1)

    def _close(self, closed: _Open, end: int, block_end: int) -> Node:
        node: Node
        if closed.items is not None:
            items = closed.items
            # A block ends at the end of its last item. Only brackets have their own end.
            last = end if end > block_end else items[-1].end if items else end
            node = Sequence(items, closed.start, last)
        else:
            for merged in closed.merges:
                self._merge(closed, merged)
            last = end if end > block_end else max((item.end for item in closed.entries.values()), default=end)
            node = Mapping(closed.entries, closed.keys, closed.start, last)
        if closed.tag is not None:
            return self._tagged(closed.tag, node, closed.start)
        return node

    def _merge(self, closed: _Open, merged: Node) -> None:
        for source in merged.items if isinstance(merged, Sequence) else [merged]:
            if isinstance(source, Mapping):
                for key, value in source.entries.items():
                    if key not in closed.entries:
                        closed.entries[key] = value
                        closed.keys[key] = source.keys[key]

    def _scalar(self, event: Any) -> Scalar:
        text = event.value
        value: ScalarValue = text
        if event.implicit[0]:
            value = _resolve(text)
        return Scalar(value, text, event.start_mark.index, event.end_mark.index)

    def _tagged(self, tag: str, node: Node, start: int) -> Node:
        if tag == "!":
            return node
        if tag.startswith("!"):
            name = tag[1:]
            if name in ("Ref", "Condition"):
                key = name
            elif name in TAGS:
                key = f"Fn::{name}"
            elif name.startswith(RAIN):
                key = name
            else:
                self.document.report("warning", f"unknown CloudFormation tag {tag}", start)
                key = tag
            if isinstance(node, Scalar) and node.value is not None:
                node.value = node.text  # `!Ref 1` names "1"
            return Mapping({key: node}, {key: start}, start, node.end)
        if isinstance(node, Scalar) and tag.startswith(_YAML):
            node.value = node.text if tag == _YAML + "str" else _resolve(node.text)
        return node


def _resolve(text: str) -> ScalarValue:
    """Return the value of a plain scalar."""
    if not text or text in ("~", "null", "Null", "NULL"):
        return None
    first = text[0]
    if first in "tTfFyYnNoO":
        if len(text) <= 5:
            low = text.lower()
            if low in _BOOLS and text in (low, low.upper(), low.capitalize()):
                return _BOOLS[low]
    elif first in "0123456789-" and len(text) <= 20:
        digits = text[1:] if first == "-" else text
        if digits.isascii() and digits.isdigit():
            number = int(text)
            return number if str(number) == text else text
        whole, dot, part = digits.partition(".")
        if dot and whole.isascii() and whole.isdigit() and part.isascii() and part.isdigit():
            decimal = Decimal(text)
            return decimal if str(decimal) == text and part[-1] != "0" else text
    return text

"""YAML as a tree that knows the line of everything in it, built from libyaml's events within fixed bounds.

Nothing is constructed (no tags, no merge keys), and scalars stay text: their meaning depends on where they are.
"""

from __future__ import annotations

from typing import Any

import yaml

from vpce_checks.base.record import field, mutable
from vpce_checks.policy.model import error_at

MAX_BYTES = 1_000_000
MAX_DEPTH = 16
MAX_NODES = 50_000
"""Bounds on a policy file: its size, how deep it nests, and how many nodes it has once its aliases are written out."""


@mutable
class Node:
    """``kind`` is "scalar" (``text``, and ``plain`` where it is not quoted), "list" (``items``) or "map" (``pairs``)."""

    kind: str
    line: int
    text: str = ""
    plain: bool = False
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    size: int = 1

    @property
    def is_null(self) -> bool:
        """Whether it is YAML's null: nothing, ``~`` or ``null``."""
        return self.kind == "scalar" and self.plain and self.text in ("", "~", "null", "Null", "NULL")


def parse_yaml(content: bytes, file: str) -> Node:
    """The tree of a YAML document. Raises PolicyError, naming ``file`` and the line, for anything else."""
    if len(content) > MAX_BYTES:
        raise error_at(file, 1, f"the file is larger than {MAX_BYTES // 1000} kB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise error_at(file, line, "the file is not UTF-8") from None
    try:
        return _build(text, file)
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        raise error_at(
            file, text.count("\n", 0, position) + 1, "there is a character that YAML does not allow"
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        if "nesting depth" in str(error.problem):  # PyYAML 6.0.4 and newer read ahead, and stop before we do
            raise error_at(file, line, "the file is nested too deeply") from None
        raise error_at(file, line, f"not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise error_at(file, 1, f"not valid YAML: {error}") from None


def _build(text: str, file: str) -> Node:
    anchors: dict[str, Node] = {}
    open_nodes: list[tuple[Node, list[Node], str | None]] = []  # the node, its children so far, its anchor
    root: Node | None = None
    documents = total = 0
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise error_at(file, line, "a policy file holds one YAML document")
            continue
        node: Node | None = None
        anchor: str | None = None
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            _check_tag(event, file, line)
            if len(open_nodes) >= MAX_DEPTH:
                raise error_at(file, line, "the file is nested too deeply")
            kind = "list" if isinstance(event, yaml.SequenceStartEvent) else "map"
            open_nodes.append((Node(kind, line), [], event.anchor))
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            node, children, anchor = open_nodes.pop()
            if node.kind == "list":
                node.items = children
            else:
                node.pairs = list(zip(children[::2], children[1::2], strict=True))
            node.size = 1 + sum(child.size for child in children)
        elif isinstance(event, yaml.ScalarEvent):
            _check_tag(event, file, line)
            node = Node("scalar", line, event.value, bool(event.implicit[0]) and event.tag is None)
            anchor = event.anchor
        elif isinstance(event, yaml.AliasEvent):
            node = anchors.get(event.anchor or "")
            if node is None:
                raise error_at(file, line, f"there is no anchor &{event.anchor} before this line")
            total += node.size
        if node is None:
            continue
        total += 1
        if total > MAX_NODES:
            raise error_at(file, line, "the file is too large after its YAML aliases are expanded")
        if anchor is not None:
            anchors[anchor] = node
        if open_nodes:
            open_nodes[-1][1].append(node)
        else:
            root = node
    return root or Node("scalar", 1, plain=True)


def _check_tag(event: Any, file: str, line: int) -> None:
    if event.tag is not None and event.tag not in ("!", "tag:yaml.org,2002:str"):
        raise error_at(file, line, f"a policy file cannot have YAML tags such as {event.tag}")

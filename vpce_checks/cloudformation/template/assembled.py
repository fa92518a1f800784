"""Documents that are put together from several files."""

from __future__ import annotations

from vpce_checks.cloudformation.template.nodes import Document, Mapping, Node, Scalar, Sequence

MAX_INCLUDES = 400
"""How many inclusions one document may have. A bound on time and memory."""

MAX_INCLUDE_DEPTH = 8
"""How deep files may include each other. It stops circles."""


def assembled(document: Document) -> Document:
    """Return a document that others can be added to, with ``document`` as its first part."""
    whole = Document(document.path, document.text, document.format, document.root)
    whole.members.append((0, document))
    whole.diagnostics += document.diagnostics
    return whole


def add_member(whole: Document, document: Document) -> int:
    """Add a document to an assembled one. Return the offset of its text there."""
    start = len(whole.text) + 1
    whole.text += "\n" + document.text
    whole.members.append((start, document))
    whole.diagnostics += document.diagnostics
    return start


def moved(node: Node, by: int) -> Node:
    """Return a copy of ``node`` whose positions are higher by ``by``."""
    start, end = node.start + by, node.end + by
    if isinstance(node, Scalar):
        return Scalar(node.value, node.text, start, end)
    if isinstance(node, Sequence):
        return Sequence([moved(item, by) for item in node.items], start, end)
    entries = {key: moved(child, by) for key, child in node.entries.items()}
    return Mapping(entries, {key: at + by for key, at in node.keys.items()}, start, end)

"""Put the files that ``AWS::Include``, ``!Rain::Include`` and ``!Rain::Embed`` name into a template.

``aws cloudformation package`` uploads a local file and writes its address in S3 in the place of its path. Until then, the
file is in the repository.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
https://aws-cloudformation.github.io/rain/
"""

from __future__ import annotations

import os
from collections.abc import Callable

from vpce_checks.cloudformation.template.assembled import (
    MAX_INCLUDE_DEPTH,
    MAX_INCLUDES,
    add_member,
    assembled,
    moved,
)
from vpce_checks.cloudformation.template.nodes import Document, Mapping, Node, Sequence, entry, text_of
from vpce_checks.cloudformation.template.template import INCLUDE, transform_items, transform_name

RAIN_INCLUDE = "Rain::Include"
"""The directive of Rain for the content of a file, of whatever kind, in its own place."""

RAIN_EMBED = "Rain::Embed"
"""The directive of Rain for the text of a file."""

Read = Callable[[str], "Document | None"]
"""Returns the document at a path; None if it cannot be read."""


def includes_local_files(document: Document) -> bool:
    """Return whether a document may include files, as a whole or as a text."""
    is_used = any(mark in document.text for mark in (INCLUDE, RAIN_INCLUDE, RAIN_EMBED))
    return is_used and isinstance(document.root, Mapping)


def with_includes(document: Document, read: Read, read_text: Read) -> Document:
    """Return the document with every local file that it includes in its place. Other inclusions stay as they are.
    ``read_text`` returns any file as a document that is one text."""
    assembly = _Assembly(document, read, read_text)
    directory = os.path.dirname(document.path)
    root = assembly.filled(document.root, 0, directory) if document.root is not None else None
    if isinstance(root, Mapping):
        root = assembly.with_top_level(root)
    assembly.document.root = root
    return assembly.document if assembly.starts else document


class _Assembly:
    def __init__(self, document: Document, read: Read, read_text: Read) -> None:
        self.document = assembled(document)
        self.starts: dict[str, int] = {}
        self._directory = os.path.dirname(document.path)
        self._read = read
        self._read_text = read_text
        self._count = 0

    def filled(self, node: Node, depth: int, directory: str) -> Node:
        """Return ``node`` with what the mappings in it include. ``directory`` is that of the file it is in, from where Rain reads."""
        if isinstance(node, Sequence):
            return Sequence([self.filled(item, depth, directory) for item in node.items], node.start, node.end)
        if not isinstance(node, Mapping):
            return node
        if node.entries.keys() == {RAIN_INCLUDE}:
            return self._content(text_of(node.entries[RAIN_INCLUDE]), depth, directory, self._read) or node
        if node.entries.keys() == {RAIN_EMBED}:
            return self._content(text_of(node.entries[RAIN_EMBED]), depth, directory, self._read_text) or node
        entries: dict[str, Node] = {}
        keys: dict[str, int] = {}
        for key, child in node.entries.items():
            included, rest = self._included(child, depth) if key == "Fn::Transform" else ([], child)
            for each in included:
                for name, value in each.entries.items():
                    entries.setdefault(name, value)
                    keys.setdefault(name, each.keys[name])
            if rest is not None:
                entries[key] = self.filled(rest, depth, directory)
                keys[key] = node.keys[key]
        return Mapping(entries, keys, node.start, node.end)

    def with_top_level(self, root: Mapping) -> Mapping:
        """Return a template with the sections that its own ``Transform`` includes."""
        included, rest = self._included(root.entries.get("Transform"), 0)
        if not included:
            return root
        entries = {name: node for name, node in root.entries.items() if name != "Transform"}
        keys = dict(root.keys)
        if rest is not None:
            entries["Transform"] = rest
        for each in included:
            for name, section in each.entries.items():
                own = entries.get(name)
                if isinstance(own, Mapping) and isinstance(section, Mapping):
                    both = {**section.entries, **own.entries}
                    entries[name] = Mapping(both, {**section.keys, **own.keys}, own.start, own.end)
                elif own is None:
                    entries[name], keys[name] = section, each.keys[name]
        return Mapping(entries, keys, root.start, root.end)

    def _included(self, transform: Node | None, depth: int) -> tuple[list[Mapping], Node | None]:
        """Return the contents of the local files that a transform, or a list of them, includes, and what it does beside that."""
        found: list[Mapping] = []
        rest: list[Node] = []
        for item in transform_items(transform):
            location = text_of(entry(item, "Parameters", "Location")) if transform_name(item) == INCLUDE else None
            content = self._content(location, depth, self._directory, self._read)
            if isinstance(content, Mapping):
                found.append(content)
            else:
                rest.append(item)
        if not found:
            return [], transform
        left = Sequence(rest, transform.start, transform.end) if rest and transform is not None else None
        return found, left

    def _content(self, location: str | None, depth: int, directory: str, read: Read) -> Node | None:
        """Return the content of the file at ``location``, seen from ``directory``. None if it is not a local file."""
        if not location or "://" in location:
            return None
        if depth > MAX_INCLUDE_DEPTH or self._count >= MAX_INCLUDES:
            return None
        path = os.path.normpath(os.path.join(directory, location))
        found = read(path) if not os.path.isabs(location) else None
        if found is None or found.root is None:
            return None
        self._count += 1
        if path not in self.starts:
            self.starts[path] = add_member(self.document, found)
        return self.filled(moved(found.root, self.starts[path]), depth + 1, os.path.dirname(path))

"""Edits of CloudFormation templates, in YAML and JSON."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator
from typing import Any

from vpce_checks.base.pattern import pattern
from vpce_checks.cloudformation.template.loader import parse
from vpce_checks.cloudformation.template.nodes import Document, Mapping, Node, Scalar, Sequence, entry
from vpce_checks.report.fixes.changes import Addition, Change, Expression, Removal, Replacement, Setting, Written
from vpce_checks.report.fixes.edits.edit import Edit, RefusedError, Source, read_source
from vpce_checks.report.fixes.edits.id_lists import items_of

ENDPOINT = "AWS::EC2::VPCEndpoint"

_DASH = pattern(r"[ ]*-[ ]+")

_WORD = pattern(r"[A-Za-z0-9]+")


def template_edits(change: Change) -> list[Edit]:
    """Return the edits that make ``change``. Raises RefusedError."""
    if isinstance(change, Replacement):
        raise RefusedError("a template has no such place")
    source = read_source(change.file)
    document = parse(source.text.encode("utf-8"), change.file)
    if any(item.severity == "error" for item in document.diagnostics):
        raise RefusedError(f"{change.file} cannot be parsed")
    resources = resources_in(document)
    template = _Template(source, document, resources)
    if isinstance(change, Addition):
        return [template.added(change)]
    if isinstance(change, Removal):
        return [template.removed(change)]
    return list(template.set(change))


def resources_in(document: Document) -> Mapping:
    """Return the mapping of the resources, which is below ``resources`` in a file of the Serverless Framework. Raises
    RefusedError if there is none."""
    root = document.root
    for _ in range(2):
        if isinstance(root, Mapping):
            found = root.entries.get("Resources")
            if isinstance(found, Mapping):
                return found
            root = root.entries.get("resources")
    raise RefusedError("the file has no mapping of resources of its own")


def _parsed(code: str) -> Node:
    """Return the node that the code of one item is. JSON is YAML, too."""
    node = entry(parse(f"item: {code}".encode(), "").root, "item")
    if node is None:
        raise RefusedError("what is to be added cannot be read")
    return node


def _form(node: Node) -> Hashable:
    """Return what is equal for nodes that say the same, however they are written."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return tuple(map(_form, node.items))
    return frozenset((key, _form(value)) for key, value in node.entries.items())


def _words(node: Node) -> frozenset[str]:
    """Return all words in the texts of a node: among them are the names of what it refers to."""
    if isinstance(node, Scalar):
        return frozenset(_WORD.findall(node.text))
    parts = node.items if isinstance(node, Sequence) else node.entries.values()
    return frozenset().union(*map(_words, parts))


class _Template:
    """One template as it is in its file."""

    def __init__(self, source: Source, document: Document, resources: Mapping) -> None:
        self.source = source
        self.text = source.text
        self.head = source.head  # what the parser leaves out at the beginning
        self.in_json = document.format == "json"
        self.resources = resources
        parameters = entry(document.root, "Parameters")
        self.names = resources.entries.keys() | (parameters.entries.keys() if isinstance(parameters, Mapping) else ())

    def added(self, change: Addition) -> Edit:
        """Return the edit that adds a resource after the last endpoint, or after the VPC."""
        content = None
        if self.in_json:
            (name, content), *_ = json.loads(change.code).items()
        else:
            name = change.code.partition(":")[0]
        if name in self.names:
            raise RefusedError(f"the template has another {name}")
        by_place = sorted(self.resources.keys, key=lambda key: self.resources.keys[key])
        of_endpoints = [name for name in by_place if _type_of(self.resources.entries[name]) == ENDPOINT]
        home = [name for name in by_place if self._line(self.resources.keys[name]) == change.after.line]
        home = home or [name for name in by_place if self._covers(name, change.after.line)]
        if not home:
            raise RefusedError("the resource that it belongs after is not in this file")
        after = max((*of_endpoints, home[0]), key=lambda name: self.resources.keys[name])
        if self.in_json:
            return self._after_member(self.resources, after, name, content)
        if self._is_flow(self.resources):
            raise RefusedError("its resources are in braces")
        key = self.resources.keys[after] + self.head
        start = self.source.line_start(key)
        indent = self.text[start:key]
        if indent.strip():
            raise RefusedError("its resources do not begin lines")
        end = self._end_of_block(self.source.line_end(self._end(self.resources.entries[after])), len(indent))
        apart = "\n" if self._are_apart(by_place) else ""
        lines = "\n".join(f"{indent}{line}" for line in change.code.split("\n"))
        return Edit(change.file, end, end, self.source.with_line_ends(f"\n{apart}{lines}"), stands_alone=True)

    def removed(self, change: Removal) -> Edit:
        """Return the edit that removes an entry of a resource, with its line if it is alone there."""
        resource = self.resources.entries.get(change.name)
        if not isinstance(resource, Mapping) or change.key not in resource.entries:
            raise RefusedError(f"{change.name} has no {change.key} in this file")
        if not self._is_written_in(resource, change.name) or not isinstance(resource.entries[change.key], Scalar):
            raise RefusedError(f"the {change.key} of {change.name} is that of another place, by an alias")
        for other in _words(resource) if change.key == "Condition" else ():
            if isinstance(there := self.resources.entries.get(other), Mapping) and "Condition" in there.entries:
                raise RefusedError(f"{change.name} uses {other}, which has a condition, too")
        start, end = resource.keys[change.key] + self.head, self._end(resource.entries[change.key])
        line, line_end = self.source.line_start(start), self.source.line_end(end)
        before, after = self.text[line:start].strip(), self.text[end:line_end].strip()
        if before or after not in ("", ","):
            raise RefusedError(f"the {change.key} of {change.name} is not alone on its line")
        if (self.in_json or self._is_flow(resource)) and not after:
            raise RefusedError(f"the {change.key} of {change.name} is the last entry")
        return Edit(change.file, line, self.text.find("\n", line_end) + 1 or line_end, "")

    def set(self, change: Setting) -> Iterator[Edit]:
        """Yield the edits that set properties of a resource."""
        (name,) = change.path
        resource = self.resources.entries.get(name)
        properties = resource.entries.get("Properties") if isinstance(resource, Mapping) else None
        if not isinstance(properties, Mapping):
            raise RefusedError(f"{name} has no properties in this file")
        if not self._is_written_in(properties, name):
            raise RefusedError(f"the properties of {name} are those of another place, by an alias")
        missing: dict[str, Written] = {}
        for key, value in change.values:
            present = properties.entries.get(key)
            if present is None:
                missing[key] = value
            elif isinstance(value, Expression):
                yield from self._with_items(key, properties.keys[key], present, value)
            elif not isinstance(present, Scalar) or not self._is_literal(present):
                raise RefusedError(f"{key} is computed, and only a literal is changed")
            else:
                start, end = present.start + self.head, present.end + self.head
                yield Edit(change.file, start, end, self._written(value))
        for key, value in missing.items():
            yield self._with_property(properties, key, value)

    def _with_items(self, key: str, at: int, present: Node, value: Expression) -> Iterator[Edit]:
        """Yield the edit that adds to the list below ``key``, which is at ``at``, what of the wanted one is not in it."""
        if not isinstance(present, Sequence):
            raise RefusedError(f"{key} is computed, and only a list that is written out gets more items")
        is_shared = "&" in self.text[at + self.head : present.start + self.head + 1]
        if is_shared or any(each.start < at for each in (present, *present.items)):
            raise RefusedError(f"{key} is that of another place as well, by an alias")
        there = [_form(each) for each in present.items]
        wanted = [(code, _parsed(code)) for code in items_of(value)]
        missing = [(code, node) for code, node in wanted if _form(node) not in there]
        if any(_words(node) & _words(present) & self.resources.entries.keys() for _, node in missing):
            raise RefusedError(f"{key} may have it already, under a condition")
        if missing:
            yield self._appended(key, present, [code for code, _ in missing])

    def _appended(self, key: str, present: Sequence, codes: list[str]) -> Edit:
        if self.text[present.start + self.head] != "[":
            return self._appended_lines(key, present, codes)
        first, at = present.start + self.head + 1, present.end + self.head - 1
        while self.text[at - 1] in " \t\r\n":
            at -= 1
        if "#" in self.text[first:at] and not self.in_json:
            raise RefusedError(f"there is a comment in {key}")
        line = self.text[self.source.line_start(at) : at]
        indent = line[: len(line) - len(line.lstrip())]
        own_lines = present.items and self.source.line_start(present.items[-1].start + self.head) > first
        between = f",\n{indent}" if own_lines else ", "
        before = "" if at == first else between[1:] if self.text[at - 1] == "," else between
        return Edit(self.source.file, at, at, self.source.with_line_ends(before + between.join(codes)))

    def _appended_lines(self, key: str, present: Sequence, codes: list[str]) -> Edit:
        last = present.items[-1]
        start = self.source.line_start(last.start + self.head)
        dash = _DASH.match(self.text, start)
        if dash is None or any(self.source.line_start(each.start + self.head) == start for each in present.items[:-1]):
            raise RefusedError(f"the items of {key} do not begin lines")
        at = self.source.line_end(self._end(last))
        return Edit(
            self.source.file, at, at, self.source.with_line_ends("".join(f"\n{dash[0]}{code}" for code in codes))
        )

    def _with_property(self, properties: Mapping, key: str, value: Written) -> Edit:
        by_place = sorted(properties.keys, key=lambda each: properties.keys[each])
        if self.in_json:
            content = json.loads(value) if isinstance(value, Expression) else value
            return self._after_member(properties, by_place[-1] if by_place else None, key, content)
        code = f"{key}: {self._written(value)}"
        if self._is_flow(properties):
            at = properties.end + self.head - 1
            while self.text[at - 1] in " \t\r\n":
                at -= 1
            if "#" in self.text[self.source.line_start(at) : at]:
                raise RefusedError("there is a comment between its braces")
            before = "" if self.text[at - 1] in "{," else ","
            blank = "" if self.text[at - 1] == "{" else " "
            return Edit(self.source.file, at, at, f"{before}{blank}{code}")
        simple = [each for each in by_place if self._is_on_its_line(properties, each)]
        first = properties.keys[by_place[0]] + self.head
        indent = self.text[self.source.line_start(first) : first]
        if indent.strip():
            raise RefusedError("its properties do not begin lines")
        if not simple:
            return Edit(self.source.file, first, first, self.source.with_line_ends(f"{code}\n{indent}"))
        at = self.source.line_end(properties.keys[simple[-1]] + self.head)
        return Edit(self.source.file, at, at, self.source.with_line_ends(f"\n{indent}{code}"))

    def _is_on_its_line(self, properties: Mapping, key: str) -> bool:
        """Return whether an entry is on one line that it begins."""
        at, node = properties.keys[key] + self.head, properties.entries[key]
        line = self.source.line_start(at)
        written = self.text[at : self.source.line_end(at)].partition(":")[2].strip()
        plain = isinstance(node, Scalar) or (isinstance(node, Mapping) and written.startswith("!"))
        return (
            plain
            and written[:1] not in ("|", ">", "", "&", "#")
            and self.source.line_start(self._end(node) - 1) == line
        )

    def _after_member(self, mapping: Mapping, after: str | None, name: str, value: Any) -> Edit:
        """Return the edit that adds a member to an object of JSON."""
        if after is None:
            at = mapping.start + self.head + 1
            return Edit(self.source.file, at, at, f"{json.dumps(name)}: {json.dumps(value)}")
        key = mapping.keys[after] + self.head
        end = self._end(mapping.entries[after])
        indent = self.text[self.source.line_start(key) : key]
        if indent.strip():
            return Edit(self.source.file, end, end, f", {json.dumps(name)}: {json.dumps(value)}", stands_alone=True)
        step = self._step(mapping, indent)
        lines = json.dumps(value, indent=step).split("\n")
        code = "\n".join([f"{indent}{json.dumps(name)}: {lines[0]}", *(f"{indent}{line}" for line in lines[1:])])
        return Edit(self.source.file, end, end, self.source.with_line_ends(f",\n{code}"), stands_alone=True)

    def _step(self, mapping: Mapping, indent: str) -> str | int:
        """Return how much deeper what is inside is indented."""
        if "\t" in indent:
            return "\t"
        outer = self.text[self.source.line_start(mapping.start + self.head) :]
        return max(1, len(indent) - (len(outer) - len(outer.lstrip(" ")))) if len(indent) else 2

    def _written(self, value: Written) -> str:
        return (
            ("true" if value else "false") if isinstance(value, bool) else json.dumps(value) if self.in_json else value
        )

    def _is_literal(self, node: Scalar) -> bool:
        written = self.text[node.start + self.head : node.end + self.head]
        return written.strip("'\"") == node.text

    def _is_written_in(self, node: Mapping, name: str) -> bool:
        """Return whether a mapping is written in the resource ``name``, and has no keys of another mapping."""
        keys = list(node.keys.values())
        return node.start > self.resources.keys[name] and all(node.start <= key < node.end for key in keys)

    def _is_flow(self, node: Mapping) -> bool:
        return self.text[node.start + self.head] == "{"

    def _end(self, node: Node) -> int:
        """Return where what is written of a node ends."""
        end = _last(node) + self.head
        while end > 0 and self.text[end - 1] in " \t\r\n":
            end -= 1
        return end

    def _end_of_block(self, end: int, indent: int) -> int:
        """Return the end of the last line from ``end`` on that is deeper than ``indent``: an alias ends elsewhere."""
        last = end
        while start := self.text.find("\n", end) + 1:
            end = self.source.line_end(start)
            line = self.text[start:end]
            if line.strip():
                if len(line) - len(line.lstrip(" ")) <= indent:
                    break
                last = end
            if end >= len(self.text):
                break
        return last

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at + self.head) + 1

    def _covers(self, name: str, line: int) -> bool:
        node = self.resources.entries[name]
        return self._line(self.resources.keys[name]) <= line <= self._line(_last(node) - 1)

    def _are_apart(self, names: list[str]) -> bool:
        """Return whether blank lines separate the resources."""
        starts = [self.source.line_start(self.resources.keys[name] + self.head) for name in names[1:]]
        return any(not self.text[self.source.line_start(start - 1) : start].strip() for start in starts)


def _last(node: Node) -> int:
    """Return the end of a node as it is written: that of its last part."""
    if isinstance(node, Scalar):
        return node.end
    parts: list[Node] = node.items if isinstance(node, Sequence) else list(node.entries.values())
    return max((node.end, *(_last(part) for part in parts if node.start <= part.start)), default=node.end)


def _type_of(node: Node) -> str:
    kind = node.entries.get("Type") if isinstance(node, Mapping) else None
    return kind.text if isinstance(kind, Scalar) else ""

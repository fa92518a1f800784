"""Find requests to ignore findings, in the comments and the metadata of a template."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from vpce_checks.cloudformation.template.nodes import Document, Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.model.network import IgnoreComment

_COMMENT = re.compile(
    r"#[^\S\n]*(?:vpce-checks:ignore\b(?P<ours>[^\n]*)|checkov:skip=(?P<rule>\w+)(?::(?P<reason>[^\n]*))?)"
)
_RULES = re.compile(r"[\s:=]*(?P<rules>[A-Za-z]+\d+(?:\s*,\s*[A-Za-z]+\d+)*)?[\s:]*(?P<reason>.*)")


def ignore_requests(document: Document, body: Mapping, resources: Mapping | None) -> tuple[IgnoreComment, ...]:
    """Return every request of one template, with the line of the resource that it is about."""
    if resources is None:
        return ()
    found = list(_in_metadata(document, body, resources))
    if document.format == "yaml" and ("vpce-checks:ignore" in document.text or "checkov:skip=" in document.text):
        found += _in_comments(document, resources)
    return tuple(found)


def _declared(resources: Mapping) -> Iterator[tuple[int, Node]]:
    """Yield the resources with the offsets of their names, those in the bodies of loops too."""
    for name, node in resources.entries.items():
        body = node.items[2] if isinstance(node, Sequence) and len(node.items) == 3 else None
        if name.startswith("Fn::ForEach") and isinstance(body, Mapping):
            yield from _declared(body)
        else:
            yield resources.keys.get(name, node.start), node


def _in_comments(document: Document, resources: Mapping) -> Iterator[IgnoreComment]:
    starts = sorted(start for start, _ in _declared(resources))
    for match in _COMMENT.finditer(document.text):
        line, column = document.position(match.start())
        after = bisect_right(starts, match.start())
        rules: tuple[str, ...]
        if match["rule"] is not None:
            rules, reason = (match["rule"].upper(),), (match["reason"] or "").strip()
        else:
            parts = _RULES.fullmatch(match["ours"].strip())
            assert parts is not None
            rules = tuple(rule.strip().upper() for rule in (parts["rules"] or "").split(",") if rule.strip())
            reason = parts["reason"].strip()
        owner = after - 1
        if after < len(starts) and (owner < 0 or column <= document.position(starts[after])[1]):
            owner = after  # it is not indented into the resource before it, so it is about the next one
        if owner >= 0:
            at = starts[owner]
            yield IgnoreComment(document.file(at), document.position(at)[0], rules, reason)
        else:
            yield IgnoreComment(document.file(match.start()), line, rules, reason)


def _in_metadata(document: Document, body: Mapping, resources: Mapping) -> Iterator[IgnoreComment]:
    everywhere = list(_requests(body.entries.get("Metadata")))
    for at, node in _declared(resources):
        for rules, reason in (*everywhere, *_requests(entry(node, "Metadata"))):
            yield IgnoreComment(document.file(at), document.position(at)[0], rules, reason)


def _requests(metadata: Node | None) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield from ``{vpce-checks: {ignore: [VPCE001, {rule: VPCE002, reason: ...}]}}`` and Checkov's ``{checkov: {skip:
    [...]}}``."""
    ours = entry(metadata, "vpce-checks", "ignore")
    for item in ours.items if isinstance(ours, Sequence) else [ours] if ours is not None else []:
        if isinstance(item, Scalar) and item.value is not None:
            yield (() if item.value is True else (item.text.upper(),)), ""
        elif (rule := text_of(entry(item, "rule"))) is not None:
            yield (rule.upper(),), text_of(entry(item, "reason")) or ""
    theirs = entry(metadata, "checkov", "skip")
    for item in theirs.items if isinstance(theirs, Sequence) else []:
        if (rule := text_of(entry(item, "id"))) is not None:
            yield (rule.upper(),), text_of(entry(item, "comment")) or ""

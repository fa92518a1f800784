"""Find requests to ignore findings, in the comments and the metadata of a template."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from vpce_checks.cloudformation.template.nodes import Document, Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.model.ignores import IgnoreComment, Request, as_date, may_ignore, requests_in

_LOOP = "Fn::ForEach"
_KEYS = frozenset({"rule", "reason", "until"})


def ignore_requests(document: Document, body: Mapping, resources: Mapping | None) -> tuple[IgnoreComment, ...]:
    """Return every request of one template: one for each resource that it is about."""
    if resources is None:
        return ()
    declared = dict(_declared(resources))
    found = list(_in_metadata(document, body, declared))
    if document.format == "yaml" and may_ignore(document.text.encode("utf-8", "surrogatepass")):
        found += _in_comments(document, resources, declared)
    return tuple(found)


def _declared(resources: Mapping) -> Iterator[tuple[int, Node]]:
    """Yield the resources, those that loops repeat included: where the key of each is, and its node."""
    for key, node in resources.entries.items():
        body = _body_of_loop(key, node)
        if body is None:
            yield resources.keys.get(key, node.start), node
        else:
            yield from _declared(body)


def _body_of_loop(key: str, node: Node) -> Mapping | None:
    if not key.startswith(_LOOP) or not isinstance(node, Sequence) or len(node.items) != 3:
        return None
    body = node.items[2]
    return body if isinstance(body, Mapping) else None


def _keys(resources: Mapping) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield where each key is, and the resources below it: the one that it declares, or those that a loop repeats."""
    for key, node in resources.entries.items():
        at = resources.keys.get(key, node.start)
        body = _body_of_loop(key, node)
        if body is None:
            yield at, (at,)
        else:
            yield at, tuple(start for start, _ in _declared(body))
            yield from _keys(body)


def _in_comments(document: Document, resources: Mapping, declared: Iterable[int]) -> Iterator[IgnoreComment]:
    keys = dict(sorted(_keys(resources)))
    starts = list(keys)
    for request in requests_in(document.text):
        if not _is_comment(document.text, request.start):
            continue
        line, column = document.position(request.start)
        column -= request.start - document.text.rfind("#", 0, request.start)  # where the comment begins
        after = bisect_right(starts, request.start)
        owner = after - 1
        if after < len(starts) and (owner < 0 or column <= document.position(starts[after])[1]):
            owner = after  # it is not indented into the resource before it, so it is about the next one
        file = document.file(request.start)
        for at in keys[starts[owner]] if owner >= 0 else ():
            yield request.at(file, line, document.position(at)[0])


def _is_comment(text: str, at: int) -> bool:
    """Whether a comment begins on the line before ``at``."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line.startswith("#") or " #" in line or "\t#" in line


def _in_metadata(document: Document, body: Mapping, declared: dict[int, Node]) -> Iterator[IgnoreComment]:
    everywhere = list(_requests(body.entries.get("Metadata")))
    for at, node in declared.items():
        for request in (*everywhere, *_requests(entry(node, "Metadata"))):
            line = document.position(request.start)[0]
            yield request.at(document.file(request.start), line, document.position(at)[0])


def _requests(metadata: Node | None) -> Iterator[Request]:
    """Yield from ``{vpce-checks: {ignore: [VPCE001, {rule: VPCE002, reason: ..., until: ...}]}}`` and Checkov's
    ``{checkov: {skip: [...]}}``."""
    ours = entry(metadata, "vpce-checks", "ignore")
    for item in ours.items if isinstance(ours, Sequence) else [ours] if ours is not None else []:
        if isinstance(item, Scalar) and item.value is not None:
            yield Request(item.start, () if item.value is True else (item.text.upper(),), "")
        elif isinstance(item, Mapping):
            yield _of_mapping(item)
    theirs = entry(metadata, "checkov", "skip")
    for item in theirs.items if isinstance(theirs, Sequence) else []:
        rule = text_of(entry(item, "id"))
        if rule is not None and rule.upper().startswith("VPCE"):
            yield Request(item.start, (rule.upper(),), text_of(entry(item, "comment")) or "")


def _of_mapping(item: Mapping) -> Request:
    rule = text_of(item.entries.get("rule"))
    until, problem = None, ""
    if "until" in item.entries:
        until, problem = as_date(text_of(item.entries["until"]) or "")
    unknown = next((key for key in item.entries if key not in _KEYS), None)
    if unknown is not None:
        problem = f"an ignore has no key {unknown[:40]!r}: write rule, reason and until"
    if rule is None:
        problem = "an ignore needs 'rule'"
    return Request(
        item.start, (rule.upper(),) if rule else (), text_of(item.entries.get("reason")) or "", until, problem
    )

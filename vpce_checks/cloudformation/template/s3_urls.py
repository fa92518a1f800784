"""Templates nested by an address in S3, where they are uploaded to from the repository that is scanned.

Which template is meant is told by the end of the address: its name, and the directories before it as far as they are
written out. It is followed only if one template alone can be meant.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from vpce_checks.cloudformation.template.nodes import Mapping, Node, Scalar, Sequence

_VARIABLE = re.compile(r"\$\{[^}]{0,500}\}")
_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_FETCHED = ("submodules", "node_modules")
"""Directories of other repositories: what lies in one is nothing that lies elsewhere."""


def address_of(node: Node | None) -> str | None:
    """The address that ``node`` makes, with ``*`` for whatever is not written out in it."""
    if isinstance(node, Scalar):
        return node.text
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        return None
    ((name, argument),) = node.entries.items()
    if name == "Fn::Sub":
        text = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
        return _VARIABLE.sub("*", text.text) if isinstance(text, Scalar) else None
    if name == "Fn::Join" and isinstance(argument, Sequence) and len(argument.items) == 2:
        separator, items = argument.items
        if isinstance(separator, Scalar) and isinstance(items, Sequence):
            return separator.text.join(address_of(item) or "*" for item in items.items)
    return "*" if name in ("Ref", "Fn::GetAtt", "Fn::ImportValue", "Fn::FindInMap", "Fn::Select") else None


def match_address(address: str, parent: str, templates: Iterable[str], boundary: str) -> str | None:
    """The only one of ``templates`` that the template ``parent`` can mean by ``address``; paths are absolute."""
    host, scheme, path = address.partition("://")
    segments = (path.split("/")[1:] if scheme else host.split("/")) or [""]
    name = segments[-1].partition("?")[0]
    if "*" in name or not name.endswith(_SUFFIXES) or ("*" not in address and "amazonaws" not in address):
        return None
    tail = [name]
    for segment in reversed(segments[:-1]):
        literal = segment.rpartition("*")[2]
        if literal:
            tail.append(literal)
        if "*" in segment:
            break
    scores: dict[str, int] = {}
    for template in templates:
        if template != parent and os.path.basename(template) == name:
            score = _matching(tail, os.path.relpath(template, boundary or os.path.dirname(parent)).split(os.sep))
            beside = "*" in address and os.path.dirname(template) == os.path.dirname(parent)
            if score > 1 or (score == 1 and (len(tail) == 1 or beside)):
                scores[template] = score
    best = [template for template, score in scores.items() if score == max(scores.values())]
    return best[0] if len(best) == 1 else None


def _matching(tail: list[str], path: list[str]) -> int:
    """How many segments agree, from the end; 0 if there are others that do not."""
    score = 0
    for wanted, found in zip(tail, reversed(path), strict=False):
        if wanted != found:
            break
        score += 1
    whole = score in (len(tail), len(path))
    if not whole and score == 1:
        return 1
    return score if whole and (score == len(tail) or not set(tail).intersection(_FETCHED)) else 0

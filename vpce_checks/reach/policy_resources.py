"""Say which resources the actions of a statement act on. An action allowed on other resources is allowed on nothing.

``s3:GetObject`` acts on objects, so a statement with it for the ARN of a bucket allows no call.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

from vpce_checks.catalog.action_resources import SHAPES, ResourceKind, kinds_by_action
from vpce_checks.model.tristate import NO, YES, TriState, any_of, maybe
from vpce_checks.reach.wildcards import OURS, UNKNOWN, glob, overlap

Kinds: TypeAlias = frozenset[ResourceKind]

_OBJECTS = tuple(name.encode().hex() for name in ("aws_s3_object", "aws_s3_bucket_object"))
_FRONT = {"s3": "arn:aws:s3:::", "dynamodb": "arn:aws:dynamodb:::table/"}
"""What stands before the name in the ARN of what a configuration creates: a bucket, a table."""

_EVERYTHING = ("*", "table/*")
_WIDEST: Mapping[ResourceKind, str] = {
    **dict.fromkeys(("bucket", "object"), "arn:aws:s3:::*"),
    **dict.fromkeys(("table", "index", "stream"), "arn:aws:dynamodb:*:*:table/*"),
}
"""What takes in all of a kind. For S3, access points count with the buckets behind them."""


@lru_cache(maxsize=1024)
def kinds_of(action: str, short: str) -> Kinds:
    """Return what the actions of ``short`` that a pattern takes in act on: everything, if the pattern takes in none we know."""
    pattern = action.lower().replace(UNKNOWN, "*")
    known = kinds_by_action(short)
    found: set[ResourceKind] = set()
    for name, kinds in known.items():
        if glob(pattern, name):
            found |= kinds
    return frozenset(found or ("account", *SHAPES.get(short, {})))


def full_arn(text: str, short: str | None) -> str:
    """Return a pattern of a resource whose beginning is the ARN of something that the configuration creates, written out."""
    front = _FRONT.get(short or "", "")
    return front + text if text.startswith(OURS) and not _is_object(text) else text


def _is_object(text: str) -> bool:
    return any(name in text for name in _OBJECTS)


def acts_on(kinds: Iterable[ResourceKind], resource: str, short: str) -> TriState:
    """Return whether actions that act on ``kinds`` act on something that the pattern ``resource`` takes in."""
    return any_of(_is_of_kind(kind, full_arn(resource, short), short) for kind in sorted(kinds))


def _is_of_kind(kind: ResourceKind, resource: str, short: str) -> TriState:
    if not resource.strip("*"):
        return YES
    fields = resource.split(":", 5)
    if fields[0] != "arn" or len(fields) < 6 or fields[2] != short:
        return maybe() if UNKNOWN in resource or kind == "account" else YES
    if kind == "account":
        # AWS documents no ARN for these actions, but some of its examples use one that takes in everything.
        return maybe() if fields[5] in _EVERYTHING or UNKNOWN in fields[5] else NO
    shape = SHAPES[short][kind]
    if shape.regional and not fields[3] + fields[4]:
        return NO
    # Partition, region and account are plain words, which no pattern of ours limits.
    resource = ":".join((*(field.replace(UNKNOWN, "x") for field in fields[:5]), fields[5]))
    if shape.slashes is not None:
        if resource.count("/") > shape.slashes:
            return NO
        return any_of(overlap(resource, f"arn:aws:{pattern}") for pattern in shape.patterns)
    filled = resource.replace(UNKNOWN, "x")  # more text is no hindrance
    if any(overlap(filled, f"arn:aws:{pattern}").yes for pattern in shape.patterns):
        return YES
    return any_of(overlap(resource, f"arn:aws:{pattern}") for pattern in shape.patterns)


def narrowed(resource: str, kinds: Kinds, short: str | None) -> str:
    """Return a pattern of resources limited to those that actions on ``kinds`` act on, as far as one pattern can say it."""
    text = full_arn(resource, short)
    if not text.strip("*"):
        # Beside buckets and tables, what has no ARN or another one does not count.
        text = next((wide for kind, wide in _WIDEST.items() if kind in kinds), text)
    if kinds == {"object"} and text.startswith("arn:") and "/" not in text:
        return text + "/*"
    return text

"""Match the wildcards of IAM against text, where parts of the pattern are not known."""

from __future__ import annotations

from vpce_checks.model.tristate import NO, YES, TriState, maybe
from vpce_checks.model.values import Opaque, PartialString, Reference, Value, same

UNKNOWN = "\ue000"
"""Stands for text that is not known, in a pattern."""

REGION = "\ue001"
"""Stands for the region of an endpoint where it is not known, in a pattern and in the text."""

OURS = "\ue002"
"""Stands for the name or ARN of something that the configuration creates, in a pattern. AWS's own buckets have other names."""

_NAMES = frozenset({"", "arn", "id", "bucket"})
"""The attributes of a resource that hold its name or ARN."""

MAX_STEPS = 2_000_000
"""How many characters one match compares at most, to bound the time."""


def text_of(value: Value, region: Value) -> str:
    """Return a pattern as text. ``region`` is the region of the endpoint, as far as it is known."""
    parts = value.parts if isinstance(value, PartialString) else (value,)
    return "".join(part if isinstance(part, str) else _mark(part, region) for part in parts)


def _mark(part: Value, region: Value) -> str:
    if isinstance(region, Opaque) and same(part, region):
        return REGION
    if isinstance(part, Reference) and part.kind in ("resource", "computed"):
        attribute = str(part.path[0]).lower() if part.path else ""
        return OURS if attribute in _NAMES else UNKNOWN
    return UNKNOWN


def matches(pattern: str, text: str) -> TriState:
    """Return whether ``pattern`` takes in ``text``. The partition of an ARN does not count."""
    pattern, text = _without_partition(pattern), _without_partition(text)
    if not glob(pattern.replace(UNKNOWN, "*"), text):
        return NO
    return YES if UNKNOWN not in pattern or glob(pattern, text) else maybe()


def _without_partition(arn: str) -> str:
    if arn.startswith("arn:"):
        return arn.partition(":")[2].partition(":")[2]
    return arn


def glob(pattern: str, text: str) -> bool:
    """Whether ``pattern`` takes in the whole ``text``: ``*`` is any text, ``?`` one character."""
    at = place = steps = 0
    star, mark = -1, 0
    while place < len(text):
        steps += 1
        if steps > MAX_STEPS:
            return False
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at += 1
            place += 1
        elif star >= 0:
            at, mark = star + 1, mark + 1
            place = mark
        else:
            return False
    return not pattern[at:].strip("*")

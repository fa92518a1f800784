"""Match the wildcards of IAM against text, where parts of the pattern are not known."""

from __future__ import annotations

from vpce_checks.model.tristate import NO, YES, TriState, maybe
from vpce_checks.model.values import Opaque, PartialString, Reference, Value, same

UNKNOWN = "\ue000"
"""Stands for text that is not known, in a pattern."""

REGION = "\ue001"
"""Stands for the region of an endpoint where it is not known, in a pattern and in the text."""

OURS = "\ue002"
"""Stands before the name or ARN of something that the configuration creates, in a pattern, which is its address in
hexadecimal digits. AWS's own buckets have other names."""

_MANY = "*" + UNKNOWN + REGION + OURS
"""What stands for more than one character, so that ``?`` does not take it in."""

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
        return OURS + part.address.encode().hex() if attribute in _NAMES else UNKNOWN
    return UNKNOWN


def matches(pattern: str, text: str) -> TriState:
    """Return whether ``pattern`` takes in ``text``. The partition of an ARN does not count."""
    pattern, text = _without_partition(pattern), _without_partition(text)
    if not glob(pattern.replace(UNKNOWN, "*"), text):
        return NO
    return YES if UNKNOWN not in pattern or glob(pattern, text) else maybe()


def takes_in(wide: str, narrow: str) -> TriState:
    """Return whether the pattern ``wide`` takes in all that the pattern ``narrow`` does."""
    wide, narrow = _without_partition(wide), _without_partition(narrow)
    if glob(wide.replace(UNKNOWN, UNKNOWN + UNKNOWN), narrow):  # a part that is not known is equal to no other
        return YES
    return maybe() if UNKNOWN in wide + narrow and overlap(wide, narrow).possible else NO


def overlap(one: str, other: str) -> TriState:
    """Return whether two patterns have a text in common."""
    one, other = _without_partition(one), _without_partition(other)
    if len(one) * len(other) > MAX_STEPS // 10:
        return maybe()
    if not _meet(one.replace(UNKNOWN, "*"), other.replace(UNKNOWN, "*")):
        return NO
    return maybe() if UNKNOWN in one + other else YES


def _meet(one: str, other: str) -> bool:
    """Whether two patterns have a text in common: how far the first gets with each beginning of the second."""
    reached = [True, *([False] * len(other))]
    for place, letter in enumerate(other, 1):
        reached[place] = reached[place - 1] and letter == "*"
    for own in one:
        before, reached = reached, [reached[0] and own == "*"]
        for place, letter in enumerate(other, 1):
            if own == "*" or letter == "*":
                reached.append(before[place] or reached[place - 1])
            else:
                reached.append(before[place - 1] and (own == letter or "?" in (own, letter)))
    return reached[-1]


def _without_partition(arn: str) -> str:
    if arn.startswith("arn:") and arn.count(":") > 1:
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
        elif at < len(pattern) and (pattern[at] == text[place] or (pattern[at] == "?" and text[place] not in _MANY)):
            at += 1
            place += 1
        elif star >= 0:
            at, mark = star + 1, mark + 1
            place = mark
        else:
            return False
    return not pattern[at:].strip("*")

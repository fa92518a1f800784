"""The region that an ARN or a host name names, where it is written into a text."""

from __future__ import annotations

from vpce_checks.base.pattern import pattern
from vpce_checks.model.values import MapValue, Opaque, PartialString, Unknown, Value, merge_causes

HOLE = "\ue000"
"""Stands for a part of a text that is not known."""

_OF_ARN = pattern(r"arn:[^:]{1,40}:[^:]{1,40}:([^:]{1,40}):")
_OF_REGISTRY = pattern(r"[^/]{0,80}\.dkr\.ecr\.([^./]{1,40})\.(?:amazonaws\.com|\ue000)")
_OF_LOGS = pattern(r"(?:https://)?logs\.([^./]{1,40})\.(?:amazonaws\.com(?:\.cn)?|\ue000)/?")


def region_of_arn(value: Value) -> Value:
    """Return the region that an ARN names. Null where the text names none, or is no ARN."""
    found = _OF_ARN.match(text_of(value))
    return None if found is None else part_between(value, *found.span(1))


def region_of_registry(image: Value) -> Value:
    """Return the region of the ECR registry that an image names. Null where it names none.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
    """
    found = _OF_REGISTRY.match(text_of(image))
    return None if found is None else part_between(image, *found.span(1))


def region_of_logs(host: Value) -> Value:
    """Return the region of CloudWatch Logs that ``host`` is the default name of. Null where it is another host.

    https://docs.aws.amazon.com/general/latest/gr/cwl_region.html
    """
    found = _OF_LOGS.fullmatch(text_of(host))
    return None if found is None else part_between(host, *found.span(1))


def hidden_part(value: Value) -> Value:
    """Return what is not known of a map; null if nothing. What is hidden may name another region."""
    if isinstance(value, Opaque):
        return value
    rest = value.rest if isinstance(value, MapValue) else None
    return None if rest is None else Unknown(rest.causes)


def text_of(value: Value) -> str:
    """Return a text with a mark, HOLE, for each part of it that is not known."""
    parts = value.parts if isinstance(value, PartialString) else (value,)
    return "".join(part if isinstance(part, str) else HOLE for part in parts)


def part_between(value: Value, start: int, end: int) -> Value:
    """Return what stands between two places of the text of ``value``."""
    text = text_of(value)
    found = text[start:end]
    if HOLE not in found:
        return found
    holes = [part for part in value.parts if not isinstance(part, str)] if isinstance(value, PartialString) else [value]
    return holes[text.count(HOLE, 0, start)] if found == HOLE else Unknown(merge_causes(holes))

"""Whether something runs at all: what is switched off, or may not grow beyond nothing, calls nobody.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_CreateComputeEnvironment.html
"""

from __future__ import annotations

from vpce_checks.model.network import Part
from vpce_checks.model.values import Value
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import is_known_word

_OFF = {
    "compute": (("state", "disabled"), ("most", "0")),
    "event_rule": (("state", "disabled"), ("enabled", "false")),
    "event_source": (("enabled", "false"),),
    "function": (("concurrency", "0"),),
    "pipe": (("state", "stopped"),),
    "scaling_group": (("most", "0"),),
    "schedule": (("state", "disabled"),),
    "service": (("count", "0"),),
}
"""The arguments by which a part is switched off, with the words that do so. Where it is not set, each is taken to be on.

Terraform's ``desired_count`` is 0 by default, and autoscaling may raise it."""


def runs(parts: Parts, part: Part) -> bool:
    """Return whether a part certainly runs: nothing switches it off, and nothing that is not known may."""
    if any(_may_be(part.get(field), word) for field, word in _OFF.get(part.kind, ())):
        return False
    if part.get("rule") is None:
        return True
    rule = parts.find(part.get("rule"), "event_rule")
    return rule is not None and runs(parts, rule)


def _may_be(value: Value, word: str) -> bool:
    """Return whether a value is ``word``, a number or truth value written out, or may be."""
    return value is not None and (not is_known_word(value) or str(value).lower() == word)

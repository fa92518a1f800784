"""Find what a plan marks sensitive: ``after_sensitive``, ``sensitive_values``, and sensitive variables and outputs.

A plan marks attributes. It does not mark all that comes from a sensitive variable (the region of a provider): an
attribute with the same text as a sensitive value counts as sensitive.
https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.values import ListValue, MapValue, PartialString, Unknown, Value
from vpce_checks.terraform.plan.document import object_of
from vpce_checks.terraform.plan.model import Plan, Resource


def any_marked(marks: object) -> bool:
    """Whether anything in a tree of marks (``after_sensitive``, ``after_unknown``) is true."""
    stack = [marks]
    while stack:
        top = stack.pop()
        if top is True:
            return True
        if isinstance(top, dict):
            stack.extend(top.values())
        elif isinstance(top, list):
            stack.extend(top)
    return False


def secret_texts(plan: Plan) -> frozenset[str]:
    """Return every text that the plan marks as sensitive."""
    found: set[str] = set()
    declared = object_of(plan.root.configuration, "variables")
    for name, variable in plan.variables.items():
        if object_of(declared, name).get("sensitive") is True and isinstance(variable, dict):
            found.update(_texts(variable.get("value"), marks=True))
    for resources in (plan.resources, plan.data):
        for resource in resources.values():
            if any_marked(resource.sensitive):
                found.update(_texts(resource.values, resource.sensitive))
    top = plan.document.top
    states = (object_of(top, "planned_values"), object_of(object_of(top, "prior_state"), "values"))
    for outputs in (object_of(state, "outputs") for state in states):
        for output in outputs.values():
            if isinstance(output, dict) and output.get("sensitive") is True:
                found.update(_texts(output.get("value"), marks=True))
    return frozenset(found - {""})


def _texts(value: object, marks: object) -> Iterator[str]:
    """Yield the texts in a JSON value that a tree of marks marks."""
    stack = [(value, marks)]
    while stack:
        top, mark = stack.pop()
        if isinstance(top, str):
            if mark is True:
                yield top
        elif isinstance(top, dict):
            stack.extend((each, mark if mark is True else _at(mark, name)) for name, each in top.items())
        elif isinstance(top, list):
            stack.extend((each, mark if mark is True else _at(mark, place)) for place, each in enumerate(top))


def _at(marks: object, step: str | int) -> object:
    if isinstance(marks, dict):
        return marks.get(step)
    return marks[step] if isinstance(marks, list) and isinstance(step, int) and step < len(marks) else None


def marks_argument(resource: Resource, name: str) -> bool:
    """Whether a plan marks anything of an argument."""
    marks = resource.sensitive
    return marks is True or (isinstance(marks, dict) and any_marked(marks.get(name)))


def holds(value: Value, texts: frozenset[str]) -> bool:
    """Whether a value is, or has as an element, one of ``texts``."""
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, str):
            if top in texts:
                return True
        elif isinstance(top, PartialString):
            stack.extend(top.parts)
        elif isinstance(top, Unknown):
            stack.extend(top.one_of)
        elif isinstance(top, MapValue):
            stack.extend(top.items.values())
        elif isinstance(top, ListValue):
            stack.extend(top.items)
    return False

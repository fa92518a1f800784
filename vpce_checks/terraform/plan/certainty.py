"""Choose the more certain one of two values: from the code beside a plan, and guessed from what the plan refers to."""

from __future__ import annotations

from vpce_checks.model.values import Cause, ListValue, Opaque, Reference, Unknown, Value, merge_causes, opaque_parts


def set_of(values: tuple[Value, ...], causes: tuple[Cause, ...]) -> Value:
    """Return a set of some of ``values``. A single one must be there: without it the set would be known."""
    listed = [value for value in values if not isinstance(value, Unknown)]
    rest = next((value for value in values if isinstance(value, Unknown)), None)
    certain = len(values) == 1 and rest is None
    maybe: dict[int, Opaque] = {} if certain else {at: Unknown(causes) for at in range(len(listed))}
    return ListValue(tuple(listed), "set", maybe, Unknown(merge_causes([rest])) if rest is not None else None)


def more_certain(written: Value | None, guessed: Value) -> Value:
    """Return the more certain one of two values: from the code, and from the references in the plan."""
    if written is None or _openness(written) > _openness(guessed):
        return guessed
    if isinstance(written, Reference) and _openness(guessed) < 2:
        # The references name every object that it can be, so the code must have changed since where it says another.
        options = guessed.one_of if isinstance(guessed, Unknown) else (guessed,)
        addresses = {each.address for each in options if isinstance(each, Reference)}
        return written if written.address in addresses else guessed
    return written


def _openness(value: Value) -> int:
    """Return 0 for a certain value, 1 for one of several, 2 for an unknown one."""
    if isinstance(value, Unknown):
        return 1 if value.one_of and not any(_openness(each) for each in value.one_of) else 2
    if isinstance(value, ListValue):
        if value.rest is not None:
            return 2
        return max([1 if value.maybe else 0, *map(_openness, value.items)])
    return max((2 for part in opaque_parts(value) if isinstance(part, Unknown)), default=0)

"""Which values are sensitive.

A value carries no mark itself, so that no verdict can depend on it. Instead the session notes, beside the evaluation,
whether anything sensitive took part in it: :attr:`Session.mark` is the mark of what is evaluated at the moment. Whoever
keeps a value under a name (a local value, an argument) keeps its mark as well, and notes it again when the value is
used. This follows Terraform, where a result is marked if an operand is, except that only objects keep the marks of their
attributes apart: everything else that holds something sensitive counts as sensitive as a whole.

https://developer.hashicorp.com/terraform/language/manage-sensitive-data
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

Mark: TypeAlias = "Mapping[str, Mark] | bool | None"
"""None: nothing is sensitive. True: all of it is. False: some of it is, or all of it (Terraform may not mark the value
itself). A mapping: an object, of which the attributes listed are."""

SENSITIVE = True
PARTLY = False
NO_MARKS: Mapping[str, Mark] = MappingProxyType({})


def both(left: Mark, right: Mark) -> Mark:
    """The mark of what is made of two values."""
    if left is None or right is None:
        return right if left is None else left
    return SENSITIVE if left is SENSITIVE or right is SENSITIVE else PARTLY


def whole(mark: Mark) -> Mark:
    """The mark of a result that is made of a value as a whole: its attributes can no longer be told apart."""
    return mark if mark is None or mark is SENSITIVE else PARTLY


def of_item(mark: Mark, key: object) -> Mark:
    """The mark of one attribute of an object, or of one element of anything else."""
    return mark.get(key) if isinstance(mark, Mapping) and isinstance(key, str) else whole(mark)

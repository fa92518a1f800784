"""Which values CloudFormation accepts for a parameter.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
"""

from __future__ import annotations

import re
from decimal import Decimal

from vpce_checks.base.record import record, replace
from vpce_checks.cloudformation.template.allowed_pattern import AllowedPattern

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def parse_number(text: str) -> Decimal | None:
    """Return the number that ``text`` is for a parameter of the type Number: an integer or a decimal, perhaps with an
    exponent.

    None for anything else. ``NaN``, ``Infinity`` and digits of other scripts are numbers only in Python.
    """
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@record
class Constraints:
    """What must hold for a value. ``allowed``, ``pattern``, ``minimum`` and ``maximum`` are about each item of a list.

    ``is_list``: the value is a list, written with commas. ``non_empty``: an empty value is refused.
    """

    allowed: tuple[str, ...] | None = None
    pattern: AllowedPattern | None = None
    min_length: int = 0
    max_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    is_number: bool = False
    is_list: bool = False
    non_empty: bool = False

    def admit(self, value: str) -> bool | None:
        """Return whether ``value`` is accepted. None if its pattern cannot be evaluated."""
        if self.non_empty and not value:
            return False
        if not self.is_list:
            return self._admit_one(value)
        if not value and self.allowed is None and self.pattern is None:
            return True
        answers = [self._admit_one(item.strip()) for item in value.split(",")]
        return False if False in answers else None if None in answers else True

    def _admit_one(self, value: str) -> bool | None:
        if self.allowed is not None and value not in self.allowed:
            return False
        if len(value) < self.min_length or (self.max_length is not None and len(value) > self.max_length):
            return False
        if self.is_number:
            number = parse_number(value)
            if number is None or (self.minimum is not None and number < self.minimum):
                return False
            if self.maximum is not None and number > self.maximum:
                return False
        return True if self.pattern is None else self.pattern.matches(value)

    def admit_part(self, part: str) -> bool | None:
        """Return whether a value that contains ``part`` is accepted. None if it is not known."""
        if self.max_length is not None and len(part) > self.max_length:
            return False
        return True if self.admit(part) else None

    @property
    def of_an_item(self) -> Constraints:
        """What must hold for an item of the list."""
        return replace(self, is_list=False)


ANYTHING = Constraints()
NON_EMPTY = Constraints(non_empty=True)

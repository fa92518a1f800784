"""``exclude`` and ``skip``: whether a unit is kept out of deployments.

    exclude {
      if      = true
      actions = ["all"]
    }

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#exclude
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.model.values import Cause, ListValue, Opaque, Unknown, Value, merge_causes
from vpce_checks.terraform.syntax.structure import Block

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration

_NOT_RUN = frozenset({"all", "all_except_output", "apply"})
"""Actions without which a unit is not deployed."""


def excluded(configuration: Configuration) -> Value:
    """Whether a unit is kept out of deployments, by the first ``exclude`` block that counts, or by ``skip``."""
    attribute = configuration.body.attributes.get("skip")  # that of an included file is not for the unit
    skip: Value = configuration.evaluated(attribute) if attribute is not None else None
    if skip is True:
        return True
    for part in configuration.with_includes():
        block = part.block("exclude")
        if block is not None:
            return _excluded_by(part, block, otherwise=skip if isinstance(skip, Opaque) else False)
    return skip if isinstance(skip, Opaque) else False


def _excluded_by(part: Configuration, block: Block, *, otherwise: Opaque | bool) -> Value:
    """What a block says; ``otherwise`` holds where its condition is not met."""
    condition = part.argument(block, "if")
    actions = part.argument(block, "actions")
    if condition is None or condition is False:
        return otherwise
    if isinstance(actions, ListValue) and actions.exact and _NOT_RUN.isdisjoint(map(str, actions.items)):
        return False
    if condition is True and isinstance(actions, ListValue):
        return True
    return Unknown(merge_causes([condition, actions]) or (Cause("exclude is not known", block.header),), "bool")

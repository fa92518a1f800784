"""``locals``: the names that a file gives to values.

    locals {
      region = "eu-west-1"
    }

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#locals
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from vpce_checks.model.values import Value
from vpce_checks.terraform.lang.evaluate import evaluate

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration


def local_values(configuration: Configuration) -> Value:
    """``local``: the local values of a file. They hold in this file only."""

    def local(name: str) -> Value:
        attribute = configuration.locals[name]
        compute = partial(evaluate, attribute.expr, configuration.scope)
        return configuration.once(("local", name), compute, f"local.{name}", attribute.span)

    return configuration.members(configuration.locals, local)

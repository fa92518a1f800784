"""``terraform``: the module of a unit, and what is done to it. A child's block is merged with those that it includes.

    terraform {
      source = "../../modules//vpc"

      extra_arguments "regional" { ... }
      before_hook "copy" { ... }
    }

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#terraform
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.model.spans import Span
from vpce_checks.terraform.syntax.structure import Attribute, Block

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration


def terraform_blocks(configuration: Configuration, type: str) -> Iterator[tuple[Configuration, Block]]:
    """The blocks of a type in ``terraform`` in the order in which they count, parents' first; of two with one label the
    child's."""
    found: dict[str, tuple[Configuration, Block]] = {}
    for part in reversed(list(configuration.with_includes())):
        terraform = part.block("terraform")
        for block in terraform.body.blocks if terraform is not None else ():
            if block.type == type and block.labels:
                found[block.labels[0]] = (part, block)
    return iter(found.values())


def terraform_argument(configuration: Configuration, name: str) -> tuple[Configuration, Attribute] | None:
    """An argument of the ``terraform`` block, the child's where it has one."""
    for part in configuration.with_includes():
        block = part.block("terraform")
        attribute = block.body.attributes.get(name) if block is not None else None
        if attribute is not None:
            return part, attribute
    return None


def has_no_source(configuration: Configuration) -> bool:
    """Whether the module of a unit is in the unit's own directory, as no source is written."""
    source = terraform_argument(configuration, "source")
    return source is None or source[0].evaluated(source[1]) in (None, "")


def source_place(configuration: Configuration) -> Span:
    """Where a unit says which module it is: its ``terraform`` block, or the ``include`` that brings one."""
    found = terraform_argument(configuration, "source")
    if found is None:
        return Span(configuration.path, 1)
    part, _ = found
    block = part.block("terraform")
    if part is configuration and block is not None:
        return block.span
    return part.included_by.span if part.included_by is not None else Span(configuration.path, 1)

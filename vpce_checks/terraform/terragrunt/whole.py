"""A whole file as a value, as ``read_terragrunt_config`` and an exposed ``include`` give it.

https://terragrunt.gruntwork.io/docs/reference/hcl/functions#read_terragrunt_config
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vpce_checks.model.spans import Span
from vpce_checks.model.values import MapValue, Value, unknown
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.terragrunt.inputs import merged_inputs
from vpce_checks.terraform.terragrunt.local import local_values

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration


def shown(configuration: Configuration, to: Configuration, span: Span) -> Value:
    """A whole file as a value in the file ``to``. Unknown if it would hold itself."""
    if not configuration.reading.may_show(configuration, to):
        return unknown(f"{os.path.basename(to.path)} reads itself", span)
    top = Span(configuration.path, 1)
    return configuration.once("value", lambda: _whole(configuration, top), os.path.basename(configuration.path), top)


def _whole(configuration: Configuration, top: Span) -> Value:
    """A file with what it includes: its locals, inputs, attributes and blocks, each by its name."""
    inherited = [part for part in configuration.with_includes() if part is not configuration]

    def member(name: str) -> Value:
        if name == "locals":
            return local_values(configuration)
        if name == "inputs":
            return configuration.once("merged inputs", lambda: merged_inputs(configuration), "inputs", top)
        if name in ("dependency", "feature"):
            return configuration.named(name, top)
        for part in (configuration, *inherited):
            if name in part.body.attributes:
                return part.evaluated(part.body.attributes[name])
            if any(block.type == name for block in part.body.blocks):
                return _blocks(part, name)
        return None

    names = ["locals", "inputs", "dependency", "feature"]
    for part in (configuration, *inherited):
        names += [*part.body.attributes, *(block.type for block in part.body.blocks if block.type != "locals")]
    return configuration.members(names, member)


def _blocks(part: Configuration, type: str) -> Value:
    """The blocks of a type as an object: by label where they have one."""

    def arguments(block: Block) -> Value:
        attributes = block.body.attributes
        return MapValue(part.lazy(attributes, lambda name: part.evaluated(attributes[name])))

    labelled = part.labelled(type)
    if labelled:
        return MapValue(part.lazy(labelled, lambda label: arguments(labelled[label])))
    block = part.block(type)
    return MapValue({}) if block is None else arguments(block)

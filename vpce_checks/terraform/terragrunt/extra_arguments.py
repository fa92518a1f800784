"""What the ``extra_arguments`` blocks of a unit add to a deployment: words of the command line, and environment variables.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#terraform
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    ListValue,
    MapValue,
    Opaque,
    PartialString,
    Unknown,
    Value,
    is_known,
    merge_causes,
)
from vpce_checks.terraform.lang.functions.jsontext import to_json
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.terragrunt.terraform_block import terraform_blocks

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration

_PARTS_ONLY = ("-target", "-exclude", "-target-file", "-exclude-file", "-destroy")
"""Options with which a run deploys not all of the code.

https://developer.hashicorp.com/terraform/cli/commands/plan#planning-options
"""

_CLI_ARGUMENTS = ("TF_CLI_ARGS_apply", "TF_CLI_ARGS")
"""Environment variables whose words stand before those of the command line, in this order.

https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_cli_args-and-tf_cli_args_name
"""


def given_arguments(configuration: Configuration) -> Iterator[tuple[Configuration, Block, Unknown | None]]:
    """Yield the blocks that count for a deployment, each with why it may not (None: it does)."""
    for part, block in terraform_blocks(configuration, "extra_arguments"):
        applies = _for_deployments(part, block)
        if applies is not False:
            yield part, block, None if applies is True else applies


def _for_deployments(part: Configuration, block: Block) -> bool | Unknown:
    """Return whether the arguments are given to ``terraform apply``, or to the plan that may be applied instead."""
    commands = part.argument(block, "commands")
    if isinstance(commands, ListValue):
        if "apply" in commands.items:
            return True
        if "plan" in commands.items:
            return Unknown((Cause("commands has plan but not apply; a saved plan may be deployed", block.header),))
        if commands.exact and is_known(commands):
            return False
    return Unknown(merge_causes([commands]) or (Cause("commands is not known", block.header),))


# --- environment ------------------------------------------------------------------------------------------------------


def environment_of(configuration: Configuration) -> Iterator[tuple[str | None, Value, Span]]:
    """Yield the environment variables of a deployment in the order in which they are set: name, text, and place.

    The text may be a value that is not known. The name is None where any variable may be set.
    """
    for part, block, doubt in given_arguments(configuration):
        variables = part.argument(block, "env_vars")
        attribute = block.body.attributes.get("env_vars")
        span = attribute.span if attribute is not None else block.header
        if isinstance(variables, MapValue):
            if variables.rest is not None:
                yield None, Unknown(variables.rest.causes), span
            for name, value in variables.items.items():
                maybe = variables.maybe.get(name)
                doubts = [each for each in (doubt, maybe) if each is not None]
                yield name, Unknown(merge_causes(doubts), "string") if doubts else _text(value), span
        elif variables is not None:
            causes = merge_causes([variables]) or (Cause("env_vars is not a map", span),)
            yield None, Unknown(causes), span


def _text(value: Value) -> Value:
    return to_json(value) if isinstance(value, bool | int | Decimal) else value


def environment_region(configuration: Configuration) -> str | None:
    """Return the AWS region that ``extra_arguments`` put into the environment. None if they leave it alone, or if it is not
    known."""
    found: dict[str, Value] = {}
    for name, value, _ in environment_of(configuration):
        if name is None:
            found = dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), value)
        else:
            found[name] = value
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        region = found.get(name)
        if region not in (None, ""):
            return region if isinstance(region, str) else None
    return None


# --- command line -----------------------------------------------------------------------------------------------------


def options_in(words: Value) -> Iterator[tuple[str, Value]]:
    """Yield ``-var-file`` and ``-var`` with what follows each, options that deploy a part only (``-target``), and
    ``("?", opaque)`` for an argument that may be any."""
    if isinstance(words, Opaque):
        yield "?", words
    if not isinstance(words, ListValue):
        return
    option = ""
    for word in words.items:
        if option:
            yield option, word
            option = ""
        elif isinstance(word, str):
            name, equals, value = word.partition("=")
            name = "-" + name.lstrip("-")
            if name in ("-var", "-var-file"):
                if equals:
                    yield name, value
                else:
                    option = name
            elif name in _PARTS_ONLY:
                yield name, value
        elif isinstance(word, PartialString) and isinstance(word.parts[0], str):
            start = "-" + word.parts[0].lstrip("-")
            if start.startswith("-var"):
                yield "?", Unknown(word.causes)
            elif start.partition("=")[0] in _PARTS_ONLY:
                yield start.partition("=")[0], word
        elif isinstance(word, Opaque | PartialString):
            yield "?", Unknown(word.causes)
    if words.rest is not None:
        yield "?", words.rest


def options_in_environment(configuration: Configuration) -> Iterator[tuple[str, Value, Span]]:
    """Yield the options (as :func:`options_in`) that environment variables of the deployment hold."""
    found = {name: (value, span) for name, value, span in environment_of(configuration)}
    for name in _CLI_ARGUMENTS:
        if name in found:
            value, span = found[name]
            for option, text in options_in(_words(value, span)):
                yield option, text, span


def _words(value: Value, span: Span) -> Value:
    if not isinstance(value, str):
        return Unknown(merge_causes([value]) or (Cause("the arguments are not a text", span),))
    try:
        return ListValue(tuple(shlex.split(value)))
    except ValueError as error:
        return Unknown((Cause(f"the arguments cannot be told apart: {error}", span),))


def deploys_a_part(configuration: Configuration) -> Cause | None:
    """Return why a deployment may leave out a part of the code: ``-target`` or its like among its arguments."""
    for part, block, _ in given_arguments(configuration):
        for option, _ in options_in(part.argument(block, "arguments")):
            if option in _PARTS_ONLY:
                return Cause(f"a run with {option} deploys a part of the unit", block.header)
    for option, _, span in options_in_environment(configuration):
        if option in _PARTS_ONLY:
            return Cause(f"a run with {option} deploys a part of the unit", span)
    return None

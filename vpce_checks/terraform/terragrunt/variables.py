"""What the variables of a unit's module are given.

Terragrunt hands ``inputs`` on as ``TF_VAR_*`` environment variables with JSON in them, so they count least: files of
variables beside the module or the unit, files and values of ``extra_arguments``, and what the scan is given all win.
https://terragrunt.gruntwork.io/docs/reference/hcl/attributes#inputs
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from vpce_checks.files.containment import where_given
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, ListValue, MapValue, Opaque, Unknown, Value, merge_causes
from vpce_checks.terraform.config.accounts import account_of_run
from vpce_checks.terraform.config.given import Given
from vpce_checks.terraform.config.unselected_tfvars import is_automatic
from vpce_checks.terraform.config.variables import automatic_files
from vpce_checks.terraform.lang.scope import Session
from vpce_checks.terraform.syntax.structure import Block, ModuleSource
from vpce_checks.terraform.terragrunt.configuration import Configuration
from vpce_checks.terraform.terragrunt.extra_arguments import (
    environment_of,
    given_arguments,
    options_in,
    options_in_environment,
)
from vpce_checks.terraform.terragrunt.generate import Generated
from vpce_checks.terraform.terragrunt.given_values import GivenValues
from vpce_checks.terraform.terragrunt.inputs import inputs_place
from vpce_checks.terraform.terragrunt.sessions import LazyItems

if TYPE_CHECKING:
    from vpce_checks.terraform.lang.marks import Mark

_NULLS_FILE = ".terragrunt-null-vars.auto.tfvars.json"
"""The file in which Terragrunt hands on inputs that are null. It is there during a run only."""


def unit_values(
    source: ModuleSource,
    session: Session,
    configuration: Configuration,
    inputs: Value,
    *,
    loose: bool,
    generated: Sequence[Generated] = (),
) -> Mapping[str, Given]:
    """The values given to the module of a unit with these ``inputs``, of which the last counts. ``loose``: its variables have
    no types that could be relied upon, as it is a stub. ``generated`` are the files that the unit writes."""
    given = GivenValues(source, session)
    nulls = _give_inputs(given, configuration, inputs, loose=loose)
    _give_environment(given, configuration)
    _give_automatic_files(given, configuration, generated, nulls)
    _give_arguments(given, configuration)
    for each in session.options.given():
        if isinstance(each, str):
            given.file(each, where_given(each, session.places))
        else:
            given.text(*each, f"--var {each[0]}")
    return given.found


# --- inputs ---------------------------------------------------------------------------------------------------------


def _give_inputs(given: GivenValues, configuration: Configuration, inputs: Value, *, loose: bool) -> list[str]:
    """Give what the unit's inputs say, but for those that are null. Return these."""
    span = inputs_place(configuration)
    nulls: list[str] = []
    for name, value, mark in _inputs(given.source.variables, configuration, inputs, span):
        if value is None:
            nulls.append(name)
        elif loose:
            given.value(name, value, span, mark)
        else:
            given.input(name, value, span, mark)
    return nulls


def _inputs(
    names: Iterable[str], configuration: Configuration, inputs: Value, span: Span
) -> Iterator[tuple[str, Value, Mark]]:
    """The value that each of the variables takes from the inputs, and its mark."""
    if not isinstance(inputs, MapValue):
        causes = merge_causes([inputs]) or (Cause("inputs is not a map", span),)
        inputs = MapValue({}, rest=Unknown(causes))
    mark_of_all = configuration.mark_of("unit inputs")
    for name in names:
        if name in inputs.items:
            doubt = inputs.maybe.get(name)
            if doubt is not None:
                yield name, Unknown(merge_causes([doubt])), None
            else:
                value, mark = configuration.reading.sessions.marked(partial(inputs.items.__getitem__, name))
                if not isinstance(inputs.items, LazyItems):  # merged: any of them may be sensitive
                    mark = mark_of_all
                yield name, value, mark
        elif inputs.rest is not None:
            yield name, Unknown(merge_causes([inputs.rest])), None


# --- environment ----------------------------------------------------------------------------------------------------


def _give_environment(given: GivenValues, configuration: Configuration) -> None:
    """Give the ``TF_VAR_*`` variables of the scan, then those that ``extra_arguments`` set."""
    for key, text in sorted(configuration.reading.options.environment.items()):
        if key.startswith("TF_VAR_"):
            given.text(key.removeprefix("TF_VAR_"), text, f"environment variable {key}")
    for variable, value, span in environment_of(configuration):
        if variable is None:
            given.hide(merge_causes([value]), span)
        elif variable.startswith("TF_VAR_"):
            given.environment(variable, value, span)


def account_of_runs(configuration: Configuration) -> Value:
    """The AWS account that ``iam_role``, or a profile that ``extra_arguments`` put into the environment, is for. Null: neither
    says it.

    https://terragrunt.gruntwork.io/docs/reference/hcl/attributes#iam_role
    """
    role: Value = None
    for part in configuration.with_includes():
        attribute = part.body.attributes.get("iam_role")
        role = part.evaluated(attribute) if attribute is not None and role is None else role
    profile: Value = None
    for name, value, _ in environment_of(configuration):
        profile = value if name in (None, "AWS_PROFILE") else profile
    if role is None and isinstance(profile, Opaque):
        return Unknown(merge_causes([profile]))
    return account_of_run(role, profile if isinstance(profile, str) else None, Span(configuration.path, 1))


# --- files ----------------------------------------------------------------------------------------------------------


def _give_automatic_files(
    given: GivenValues, configuration: Configuration, generated: Sequence[Generated], nulls: Sequence[str]
) -> None:
    """Give what is in the files that Terraform reads by itself: beside the module and the unit, and written before the run."""
    directories = (given.source.directory, os.path.dirname(configuration.reading.main))
    beside = {os.path.basename(path): path for each in directories for path in automatic_files(each, given.places)}
    written = {
        file.name: file
        for file in generated
        if file.name is not None and is_automatic(file.name) and not os.path.dirname(file.name)
    }
    for name in sorted({*beside, *written, _NULLS_FILE}, key=_automatic_order):
        if name == _NULLS_FILE:
            for variable in nulls:
                given.value(variable, None, inputs_place(configuration))
        elif name in written and not (written[name].keep and name in beside):
            given.generated(name, written[name])
        else:
            given.file(beside[name], given.places)


def _automatic_order(name: str) -> tuple[int, str]:
    first = ("terraform.tfvars", "terraform.tfvars.json")
    return (first.index(name), "") if name in first else (len(first), name)


# --- command line ---------------------------------------------------------------------------------------------------


def _give_arguments(given: GivenValues, configuration: Configuration) -> None:
    """Give what stands on the command line: by ``TF_CLI_ARGS``, then by ``extra_arguments``."""
    for option, value, span in options_in_environment(configuration):
        given.option(option, value, span)
    for part, block, doubt in given_arguments(configuration):
        before = dict(given.found)
        _give_extra_arguments(given, part, block)
        if doubt is not None:
            for name in [name for name, found in given.found.items() if found is not before.get(name)]:
                given.value(name, doubt, block.header)


def _give_extra_arguments(given: GivenValues, part: Configuration, block: Block) -> None:
    """Give what one ``extra_arguments`` block gives."""
    for option, value in options_in(part.argument(block, "arguments")):
        given.option(option, value, block.header)
    for name in ("required_var_files", "optional_var_files"):
        files = part.argument(block, name)
        if isinstance(files, Opaque):
            given.hide(files.causes, block.header)
        elif isinstance(files, ListValue):
            for path in files.items:
                given.var_file(path, block.header, is_optional=name.startswith("optional"))
            if files.rest is not None:
                given.hide(files.rest.causes, block.header)

"""Terragrunt's own functions. What depends on the run, its environment or a command is unknown; nothing is run.

https://terragrunt.gruntwork.io/docs/reference/hcl/functions
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.model.values import ListValue, MapValue, Unknown, Value, is_known, unknown
from vpce_checks.terraform.lang.functions.contract import Environment, Function, Implementation
from vpce_checks.terraform.lang.functions.declare import declare
from vpce_checks.terraform.lang.functions.files import path_shown
from vpce_checks.terraform.terragrunt.file_names import STACK_FILE, VALUES_FILE
from vpce_checks.terraform.terragrunt.merging import deep_merge
from vpce_checks.terraform.terragrunt.whole import shown
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration
    from vpce_checks.terraform.terragrunt.include import Include

_COMMANDS = {
    "get_terraform_commands_that_need_vars": "apply console destroy import plan push refresh",
    "get_terraform_commands_that_need_locking": "apply destroy import plan refresh taint untaint",
    "get_terraform_commands_that_need_input": "apply import init plan refresh",
    "get_terraform_commands_that_need_parallelism": "apply plan destroy",
}

_OF_THE_RUN = {
    "run_cmd": ("runs a command during the deployment", "string"),
    "sops_decrypt_file": ("reads a secret during the deployment", "string"),
    "get_aws_account_id": ("depends on the credentials of the run", "string"),
    "get_aws_account_alias": ("depends on the credentials of the run", "string"),
    "get_aws_caller_identity_arn": ("depends on the credentials of the run", "string"),
    "get_aws_caller_identity_user_id": ("depends on the credentials of the run", "string"),
    "get_platform": ("depends on the machine of the run", "string"),
    "get_terraform_command": ("depends on the command that is run", "string"),
    "get_terraform_cli_args": ("depends on the command that is run", "list"),
    "get_terragrunt_source_cli_flag": ("depends on the command that is run", "string"),
    "get_default_retryable_errors": ("depends on the version of Terragrunt", "list"),
    "get_working_dir": ("depends on where Terragrunt copies the module to", "string"),
    "mark_glob_as_read": ("is not followed", "list"),
}


def functions_of(configuration: Configuration) -> Mapping[str, Function]:
    """The functions as they answer in one file."""

    def of(implementation: Callable[..., Value]) -> Implementation:
        def call(environment: Environment, *args: Value) -> Value:
            return implementation(configuration, environment, *args)

        return call

    found = {
        name: declare(
            name,
            of(known.implementation),
            known.parameters,
            known.rest,
            returns=known.returns,
            partial=known.takes_unknown,
        )
        for name, known in _FUNCTIONS.items()
    }
    for name, commands in _COMMANDS.items():
        found[name] = declare(name, _constant(ListValue(tuple(commands.split()), "list")))
    for name, (reason, type) in _OF_THE_RUN.items():
        found[name] = Function(name, 0, None, _refused(name, reason, type), partial=True, returns=type)
    return found


def _constant(value: Value) -> Implementation:
    return lambda environment: value


def _refused(name: str, reason: str, type: str) -> Implementation:
    def call(environment: Environment, *args: Value) -> Value:
        value = unknown(f"{name}() {reason}", environment.span, type)
        environment.doubt(value)
        return value

    return call


def _unknown(environment: Environment, text: str, type: str | None = None) -> Unknown:
    value = unknown(text, environment.span, type)
    environment.doubt(value)
    return value


# --- places ---------------------------------------------------------------------------------------------------------


def _directory(configuration: Configuration, environment: Environment) -> Value:
    return configuration.directory


def _original_directory(configuration: Configuration, environment: Environment) -> Value:
    return configuration.reading.home


def _repository(configuration: Configuration, environment: Environment) -> Value:
    return configuration.reading.files.boundary


def _path_from_repository(configuration: Configuration, environment: Environment) -> Value:
    return _relative(configuration.reading.home, configuration.reading.files.boundary)


def _path_to_repository(configuration: Configuration, environment: Environment) -> Value:
    return _relative(configuration.reading.files.boundary, configuration.reading.home)


def _find_in_parent_folders(configuration: Configuration, environment: Environment, *names: Value) -> Value:
    """What is outside of the repository does not count, so that no answer depends on whether it exists."""
    files = configuration.reading.files
    directory = configuration.directory
    leads_out = False
    name = str(names[0]) if names and names[0] else files.unit_name(directory)
    while directory != files.boundary and is_within(directory, files.boundary):
        directory = os.path.dirname(directory)
        name = str(names[0]) if names and names[0] else files.unit_name(directory)
        candidate = os.path.normpath(os.path.join(directory, name))
        if tracked.exists(candidate, files.places):
            return (
                candidate
                if not leads_out
                else _unknown(environment, _outside("find_in_parent_folders", name), "string")
            )
        leads_out = leads_out or tracked.place_of(candidate, files.places) is None
    if leads_out:
        return _unknown(environment, _outside("find_in_parent_folders", name), "string")
    if len(names) > 1:
        return names[1]
    return _unknown(environment, f'find_in_parent_folders("{name}"): the repository has no such file above', "string")


def _selected(configuration: Configuration, function: str, names: tuple[Value, ...]) -> Include | None:
    if configuration.included_by is not None:
        return configuration.included_by
    includes = configuration.includes
    if len(includes) <= 1:
        return includes[0] if includes else None
    if not names:
        raise EvalError(f"{function}() needs the name of an include, as there are several")
    for include in includes:
        if include.name == names[0]:
            return include
    raise EvalError(f"{function}(): there is no include {str(names[0])!r}")


def _path_relative_to_include(configuration: Configuration, environment: Environment, *names: Value) -> Value:
    include = _selected(configuration, "path_relative_to_include", names)
    if include is None:
        return "."
    return (
        Unknown(include.causes, "string")
        if include.path is None
        else _relative(configuration.directory, os.path.dirname(include.path))
    )


def _path_relative_from_include(configuration: Configuration, environment: Environment, *names: Value) -> Value:
    include = _selected(configuration, "path_relative_from_include", names)
    if include is None:
        return "."
    return (
        Unknown(include.causes, "string")
        if include.path is None
        else _relative(os.path.dirname(include.path), configuration.directory)
    )


def _parent_directory(configuration: Configuration, environment: Environment, *names: Value) -> Value:
    include = _selected(configuration, "get_parent_terragrunt_dir", names)
    if include is None:
        return configuration.directory
    return Unknown(include.causes, "string") if include.path is None else os.path.dirname(include.path)


def _relative(path: str, start: str) -> str:
    return os.path.relpath(path, start).replace(os.sep, "/")


# --- files ----------------------------------------------------------------------------------------------------------


def _located(configuration: Configuration, environment: Environment, path: str, function: str) -> str | Unknown | None:
    """The real path of a file of the repository, None where it has no such file."""
    places = configuration.reading.files.places
    found = tracked.place_of(os.path.join(configuration.directory, path), places)
    if found is not None and tracked.is_directory(found, places):
        found = tracked.place_of(os.path.join(found, configuration.reading.files.unit_name(found)), places)
    if found is None:
        return _unknown(environment, _outside(function, path_shown(environment, path)))
    return found if tracked.is_file(found, places) else None


def _outside(function: str, path: str) -> str:
    return f'{function}("{path}") reads outside the repository'


def _read_configuration(configuration: Configuration, environment: Environment, path: Value, *default: Value) -> Value:
    if not isinstance(path, str):
        return _unknown(environment, "read_terragrunt_config() of a file that is not known")
    call = f'read_terragrunt_config("{path_shown(environment, path)}")'
    found = _located(configuration, environment, path, "read_terragrunt_config")
    if isinstance(found, Unknown):
        return found
    if found is None:
        return default[0] if default else _unknown(environment, f"{call}: no such file")
    if os.path.basename(found) == STACK_FILE:
        return _unknown(environment, f"{call}: such a file is not read")
    read = configuration.reading.configuration(found, os.path.dirname(found))
    if read is None:
        return _unknown(environment, "too many Terragrunt files are read")
    if os.path.basename(found) == VALUES_FILE:
        return MapValue({name: read.evaluated(attribute) for name, attribute in read.body.attributes.items()})
    return shown(read, configuration, environment.span)


def _read_tfvars(configuration: Configuration, environment: Environment, path: Value) -> Value:
    """The values of a ``.tfvars`` file as JSON text."""
    from vpce_checks.model.values import merge_causes
    from vpce_checks.terraform.lang.evaluate import evaluate
    from vpce_checks.terraform.lang.functions.jsontext import to_json
    from vpce_checks.terraform.syntax.tfvars import load_tfvars

    found = _located(configuration, environment, str(path), "read_tfvars_file")
    call = f'read_tfvars_file("{path_shown(environment, str(path))}")'
    if isinstance(found, Unknown):
        return found
    if found is None:
        return _unknown(environment, f"{call}: no such file", "string")
    values, diagnostics = load_tfvars(found, configuration.reading.files.places)
    if diagnostics:
        configuration.session.add(diagnostics)
        return _unknown(environment, f"{call} cannot be read", "string")
    read = MapValue({name: evaluate(expr, configuration.scope) for name, (expr, _) in values.items()})
    return to_json(read) if is_known(read) else Unknown(merge_causes([read]), "string")


def _mark_as_read(configuration: Configuration, environment: Environment, path: Value) -> Value:
    return path


# --- the rest -------------------------------------------------------------------------------------------------------


def _environment_variable(configuration: Configuration, environment: Environment, *args: Value) -> Value:
    """Return what is known of the environment: ``TF_VAR_*`` of the scan's own, and what the policy says of the root's."""
    name = str(args[0])
    given = configuration.reading.options.environment.get(name)
    if given is not None:
        return given
    default = f' (by default "{args[1]}")' if len(args) > 1 else ""
    return _unknown(environment, f'get_env("{name}") depends on the environment of the run{default}', "string")


def _constraint_check(
    configuration: Configuration, environment: Environment, version: Value, constraint: Value
) -> Value:
    from vpce_checks.terraform.sources.versions import newest, parse_constraints, parse_version

    parsed, constraints = parse_version(str(version)), parse_constraints(str(constraint))
    if parsed is None or constraints is None:
        raise EvalError(f"constraint_check(): {version} or {constraint} is no version")
    return newest((parsed,), constraints) is not None


def _deep_merge(configuration: Configuration, environment: Environment, *maps: Value) -> Value:
    merged: Value = MapValue({})
    for value in maps:
        merged = deep_merge(merged, value)
    return merged


class _Known(NamedTuple):
    """What a function does, its parameters and those that may follow (see ``declare``), what it gives, and whether it takes
    arguments that are not known."""

    implementation: Callable[..., Value]
    parameters: str = ""
    rest: str | None = None
    returns: str | None = "string"
    takes_unknown: bool = False


_FUNCTIONS: Mapping[str, _Known] = {
    "get_terragrunt_dir": _Known(_directory),
    "get_original_terragrunt_dir": _Known(_original_directory),
    "get_repo_root": _Known(_repository),
    "get_path_from_repo_root": _Known(_path_from_repository),
    "get_path_to_repo_root": _Known(_path_to_repository),
    "get_parent_terragrunt_dir": _Known(_parent_directory, rest="string"),
    "path_relative_to_include": _Known(_path_relative_to_include, rest="string"),
    "path_relative_from_include": _Known(_path_relative_from_include, rest="string"),
    "find_in_parent_folders": _Known(_find_in_parent_folders, rest="string"),
    "read_terragrunt_config": _Known(_read_configuration, "string", "any?", returns=None, takes_unknown=True),
    "read_tfvars_file": _Known(_read_tfvars, "string"),
    "mark_as_read": _Known(_mark_as_read, "string"),
    "get_env": _Known(_environment_variable, "string", "string"),
    "constraint_check": _Known(_constraint_check, "string string", returns="bool"),
    "deep_merge": _Known(_deep_merge, rest="any?", returns=None, takes_unknown=True),
}

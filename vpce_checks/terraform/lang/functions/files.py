"""Reading the files that a configuration names: inside the repository, regular, and of bounded size only."""

from __future__ import annotations

import os

from vpce_checks.base.record import record
from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.files.encrypted import why_filtered
from vpce_checks.files.regular import NotRegularError
from vpce_checks.model.values import Cause, PartialString, Unknown, Value, unknown
from vpce_checks.terraform.lang.functions.contract import Environment

MAX_FILE = 5_000_000
"""Bytes. A larger file is not read."""


@record
class RunDirectory(Unknown):
    """The directory in which Terraform is started, or the one ``above`` levels higher.

    It counts as an unknown string.
    """

    above: int = 0


def run_directory(above: int = 0) -> RunDirectory:
    """Return the directory in which Terraform is started, or one above it: where the checkout is, and whether ``-chdir`` leads
    from there, is not in the code."""
    where = "a directory above the one" if above else "path.cwd is the directory"
    return RunDirectory((Cause(f"{where} in which Terraform is started"),), "string", above=above)


WORKING_DIRECTORY = run_directory()
"""``path.cwd``."""


def seen_from_root(path: Value) -> Value:
    """Return a path below ``path.cwd``, or a directory above it, as a path below the root module, where Terraform is started
    unless ``-chdir`` says otherwise. Every other value is returned as it is.

    https://developer.hashicorp.com/terraform/language/expressions/references#filesystem-and-workspace-info
    """
    first = path.parts[0] if isinstance(path, PartialString) else path
    if not isinstance(first, RunDirectory):
        return path
    start = "/".join([".", *[".."] * first.above])
    if not isinstance(path, PartialString):
        return start
    rest = path.parts[1]
    return start + rest if len(path.parts) == 2 and isinstance(rest, str) and rest.startswith("/") else path


def path_shown(environment: Environment, path: str) -> str:
    """Return ``path`` as messages show it. Where this checkout is says nothing about the code."""
    is_ours = os.path.isabs(path) and any(is_within(os.path.normpath(path), place) for place in environment.places)
    return environment.shown(
        os.path.relpath(path, environment.base_directory).replace(os.sep, "/") if is_ours else path
    )


def locate(environment: Environment, path: str, function: str, returns: str) -> str | Unknown:
    """The real path of an existing file or directory inside the boundary, or why there is none to be had.

    A file that does not exist may yet be made by a step before Terraform runs, so its absence proves nothing.
    """
    if path.startswith("~"):
        return unknown(
            f'{function}("{path_shown(environment, path)}") reads outside the repository', environment.span, returns
        )
    if "\0" in path:
        return unknown(f"{function}() of a path with a zero byte", environment.span, returns)
    full = os.path.join(environment.base_directory, path)
    real = tracked.place_of(full, environment.places)
    if real is None:
        return unknown(
            f'{function}("{path_shown(environment, path)}") reads outside the repository', environment.span, returns
        )
    copied = environment.laid_over(real)
    if isinstance(copied, Unknown):
        return Unknown(copied.causes, returns)
    is_there = tracked.exists(real, environment.places)
    if copied is not None and (not is_there or tracked.is_file(copied, environment.places)):
        return copied
    if not is_there:
        return unknown(f'{function}("{path_shown(environment, path)}"): no such file', environment.span, returns)
    return real


def read_bytes(environment: Environment, path: str, function: str) -> bytes | Unknown:
    """The content of a file that a function names, or why it cannot be read."""
    real = locate(environment, path, function, "string")
    if isinstance(real, Unknown):
        return real
    try:
        data = tracked.contents(real, environment.places)
    except NotRegularError as error:
        return unknown(f'{function}("{path_shown(environment, path)}") is {error}', environment.span, "string")
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        return unknown(
            f'{function}("{path_shown(environment, path)}") cannot be read: {reason}', environment.span, "string"
        )
    if len(data) > MAX_FILE:
        large = f"larger than {MAX_FILE // 1_000_000} MB"
        return unknown(f'{function}("{path_shown(environment, path)}") is {large}', environment.span, "string")
    why = why_filtered(data)
    if why is not None:
        return unknown(
            f'{function}("{path_shown(environment, path)}") cannot be read: {why}', environment.span, "string"
        )
    return data

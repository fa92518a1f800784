"""The options that give the configuration its inputs, for every command that judges code."""

from __future__ import annotations

import os
from argparse import Action, ArgumentParser, Namespace, _ActionsContainer
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from vpce_checks.base.record import replace
from vpce_checks.cli.errors import UsageError
from vpce_checks.cli.module_options import add_module_options, download_directory, module_sources
from vpce_checks.cli.paths import check_paths
from vpce_checks.files.containment import boundary_of, where_given

if TYPE_CHECKING:
    from vpce_checks.policy.scan_keys import InventoryEntry
    from vpce_checks.project.options import ScanOptions

INPUTS = ("var_file", "var", "parameters", "module_source", "download_modules", "inventory", "region")
"""What the options are called among the parsed ones."""


def repeatable(parser: _ActionsContainer, option: str, metavar: str, help: str) -> None:
    """Add an option that may be given several times."""
    parser.add_argument(option, action="append", default=[], metavar=metavar, help=help)


class _Variable(Action):
    """``--var``: the text, and how many ``--var-file`` come before it, as those after it win."""

    def __call__(self, parser: ArgumentParser, namespace: Namespace, values: Any, option_string: object = None) -> None:
        namespace.var = [*namespace.var, values]
        namespace.files_before = [*namespace.files_before, len(namespace.var_file)]


def add_inputs(parser: ArgumentParser) -> None:
    """Add the options, as a group of their own."""
    inputs = parser.add_argument_group("inputs of the configuration")
    repeatable(inputs, "--var-file", "FILE", "Terraform variables (repeatable)")
    help = "a Terraform variable (repeatable); of --var and --var-file, later ones win"
    inputs.add_argument("--var", action=_Variable, default=[], metavar="NAME=VALUE", help=help)
    parser.set_defaults(files_before=[])
    repeatable(inputs, "--parameters", "FILE", "CloudFormation parameters (repeatable)")
    add_module_options(inputs)
    repeatable(inputs, "--inventory", "FILE", "what is deployed elsewhere: an output of the AWS CLI (repeatable)")
    inputs.add_argument("--region", help="the region to use where the code leaves it to the environment")


def with_inputs(options: ScanOptions, given: Namespace) -> ScanOptions:
    """Return ``options`` with the inputs that are given, and those of the environment. Raises UsageError."""
    check_paths((*given.var_file, *given.parameters, *given.inventory))
    return replace(
        options,
        var_files=tuple(map(os.path.abspath, given.var_file)),
        variables=tuple(_variables(given.var)),
        files_before=tuple(given.files_before),
        environment=dict(os.environ),
        parameters=tuple(map(os.path.abspath, given.parameters)),
        region=_region_named(given.region) if given.region is not None else None,
        workspace=os.environ.get("TF_WORKSPACE") or None,
        module_sources=module_sources(given.module_source),
        download_modules=download_directory(given),
        inventory=_inventories(given.inventory, (*options.paths, *options.roots, "."), options.boundary),
    )


def _inventories(files: Sequence[str], scanned: Iterable[str], boundary: str | None) -> tuple[InventoryEntry, ...]:
    """Return what ``--inventory`` names. A file in a scanned repository must not lead out of it."""
    if not files:
        return ()
    from vpce_checks.policy.scan_keys import InventoryEntry

    boundaries = tuple(boundary_of(os.path.realpath(path), boundary) for path in scanned)
    return tuple(InventoryEntry(file, places=where_given(file, boundaries)) for file in map(os.path.abspath, files))


def _variables(texts: Sequence[str]) -> Iterable[tuple[str, str]]:
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--var takes NAME=VALUE, not {text!r}")
        yield name.strip(), value


def _region_named(name: str) -> str:
    from vpce_checks.catalog.partitions import is_region

    if not is_region(name):
        raise UsageError(f"--region takes the name of a region, such as eu-west-1, not {name!r}")
    return name

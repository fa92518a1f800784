"""Every module call of a root, be it a root module, a Terragrunt unit or a stack of units."""

from __future__ import annotations

import os
from collections.abc import Sequence

from vpce_checks.files import tracked
from vpce_checks.model.spans import Diagnostic
from vpce_checks.terraform.config import calls
from vpce_checks.terraform.config.calls import ModuleCall
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.file_names import STACK_FILE, UNIT_FILES


def module_calls(
    directory: str, options: TerraformOptions, loader: ModuleLoader
) -> tuple[tuple[ModuleCall, ...], tuple[Diagnostic, ...]]:
    """The calls of the root in ``directory`` and of all the modules it reaches, with what could not be read."""
    if _has(directory, UNIT_FILES, loader) or not tracked.is_directory(directory, loader.places):
        from vpce_checks.terraform.terragrunt.calls import unit_calls

        return unit_calls(directory, options, loader)
    if _has(directory, (STACK_FILE,), loader) and not loader.load(directory).files:
        from vpce_checks.terraform.terragrunt.calls import stack_calls

        return stack_calls(directory, options, loader)
    return calls.module_calls(directory, options, loader)


def _has(directory: str, names: Sequence[str], loader: ModuleLoader) -> bool:
    return any(tracked.is_file(os.path.join(directory, name), loader.places) for name in names)

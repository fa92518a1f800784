"""Every module call of a root, be it a root module or a Terragrunt unit."""

from __future__ import annotations

import os

from vpce_checks.files import tracked
from vpce_checks.model.spans import Diagnostic
from vpce_checks.terraform.config import calls
from vpce_checks.terraform.config.calls import ModuleCall
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.file_names import UNIT_FILES


def module_calls(
    directory: str, options: TerraformOptions, loader: ModuleLoader
) -> tuple[tuple[ModuleCall, ...], tuple[Diagnostic, ...]]:
    """The calls of the root in ``directory`` and of all the modules it reaches, with what could not be read."""
    if any(tracked.is_file(os.path.join(directory, name), loader.places) for name in UNIT_FILES):
        from vpce_checks.terraform.terragrunt.calls import unit_calls

        return unit_calls(directory, options, loader)
    return calls.module_calls(directory, options, loader)

"""The repository that holds the units, as one scan reads it."""

from __future__ import annotations

from vpce_checks.base.record import record
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.terragrunt.files import TerragruntFiles


@record
class Repository:
    """``files`` reads what Terragrunt reads, ``loader`` the code of Terraform; ``options`` are those of the scan."""

    files: TerragruntFiles
    options: TerraformOptions
    loader: ModuleLoader

"""What a scan sees of Terraform: root modules, Terragrunt units and plans, three languages over the same code.

Each is a :class:`vpce_checks.project.language.Language`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.terraform.faces.code import TerraformCode
from vpce_checks.terraform.faces.found import FoundRoots
from vpce_checks.terraform.faces.plans import Plans
from vpce_checks.terraform.faces.root_modules import RootModules
from vpce_checks.terraform.faces.units import Units

if TYPE_CHECKING:
    from vpce_checks.model.roots import Settings


def terraform_languages(settings: Settings) -> tuple[Units, RootModules, Plans]:
    """The three languages. They share what is read."""
    code = TerraformCode(settings)
    found = FoundRoots(code)
    return Units(code, found), RootModules(code, found), Plans(code)

"""The three languages in which a scan finds Terraform: root modules, Terragrunt units and plans.

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
    from vpce_checks.model.template_body import ReadTemplate


def terraform_languages(settings: Settings, read_template: ReadTemplate) -> tuple[Units, RootModules, Plans]:
    """Return the three languages. They share the files that they read. ``read_template`` reads CloudFormation templates."""
    code = TerraformCode(settings, read_template)
    found = FoundRoots(code)
    return Units(code, found), RootModules(code, found), Plans(code)

"""What ``checkov --external-checks-dir`` loads: it hands Checkov the rules of the package that this directory belongs to.

Checkov puts this directory on ``sys.path`` and imports every file in it under its bare name, so nothing else may be here.
"""

import importlib.util
import os
import sys


def load_package() -> None:
    """Import ``vpce_checks`` from around this directory: Checkov may live in an environment without it.

    The directory is ``vpce_checks/policies/checkov`` of an installed package, or ``policies/checkov`` of a repository.
    """
    if "vpce_checks" in sys.modules:
        return
    above = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    installed = os.path.basename(above) == "vpce_checks" and os.path.isfile(os.path.join(above, "__init__.py"))
    package = above if installed else os.path.join(above, "vpce_checks")
    spec = importlib.util.spec_from_file_location(
        "vpce_checks", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no package vpce_checks in {package}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["vpce_checks"] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules["vpce_checks"]
        raise


def report_failure(error: BaseException) -> None:
    """Let VPCE000 fail for every block. Checkov itself would only log that a check did not load, and exit with 0."""
    from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck as CloudFormationCheck
    from checkov.common.models.enums import CheckCategories, CheckResult
    from checkov.terraform.checks.module.base_module_check import BaseModuleCheck
    from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck as TerraformCheck

    python = ".".join(map(str, sys.version_info[:2]))
    why = f"vpce-checks cannot be loaded into this Checkov (Python {python}): {type(error).__name__}: {error}"
    print(f"VPCE000: {why}", file=sys.stderr)

    def fail(self, *_block):  # type: ignore[no-untyped-def]
        self.details = [why]
        return CheckResult.FAILED

    for base, types in ((TerraformCheck, "*"), (CloudFormationCheck, "*"), (BaseModuleCheck, "module")):
        made = type("NotLoaded", (base,), {"scan_resource_conf": fail, "scan_module_conf": fail})
        made(
            name="vpce-checks could not judge",
            id="VPCE000",
            categories=[CheckCategories.NETWORKING],
            supported_resources=[types],
        )


try:
    load_package()
    from vpce_checks.plugins.checkov import register
except Exception as error:  # a Python or Checkov that is too old, a copy that is not whole
    report_failure(error)
else:
    register()

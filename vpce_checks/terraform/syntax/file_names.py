"""How files of Terraform and OpenTofu code are called.

https://developer.hashicorp.com/terraform/language/files#file-extension
"""

from __future__ import annotations

from vpce_checks.files.unfilled import FILLED_IN

STACK_SUFFIXES = (".tfcomponent.hcl", ".tfstack.hcl")
DEPLOYMENT_SUFFIXES = (".tfdeploy.hcl", ".tfdeploy.json")
OPENTOFU_SUFFIXES = (".tofu", ".tofu.json")
TERRAFORM_SUFFIXES = (".tf", ".tf.json", *OPENTOFU_SUFFIXES, *STACK_SUFFIXES)
VARIABLE_SUFFIXES = (".tfvars", ".tfvars.json", *DEPLOYMENT_SUFFIXES)
TERRAMATE_SUFFIXES = (".tm", ".tm.hcl")
UNFILLED_SUFFIXES = tuple(code + end for code in TERRAFORM_SUFFIXES for end in (*FILLED_IN, ".tpl"))
"""How files end from which another tool writes code, in capitals too."""

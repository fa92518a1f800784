"""How files of Terraform and OpenTofu code are called.

https://developer.hashicorp.com/terraform/language/files#file-extension
"""

from __future__ import annotations

STACK_SUFFIXES = (".tfcomponent.hcl", ".tfstack.hcl")
TERRAFORM_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json", *STACK_SUFFIXES)
VARIABLE_SUFFIXES = (".tfvars", ".tfvars.json", ".tfdeploy.hcl")

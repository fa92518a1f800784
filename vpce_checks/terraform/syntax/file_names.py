"""How files of Terraform and OpenTofu code are called.

https://developer.hashicorp.com/terraform/language/files#file-extension
"""

from __future__ import annotations

STACK_SUFFIXES = (".tfcomponent.hcl", ".tfstack.hcl")
DEPLOYMENT_SUFFIXES = (".tfdeploy.hcl", ".tfdeploy.json")
OPENTOFU_SUFFIXES = (".tofu", ".tofu.json")
TERRAFORM_SUFFIXES = (".tf", ".tf.json", *OPENTOFU_SUFFIXES, *STACK_SUFFIXES)
VARIABLE_SUFFIXES = (".tfvars", ".tfvars.json", *DEPLOYMENT_SUFFIXES)

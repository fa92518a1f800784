"""How Terragrunt calls its files: a unit, a stack, and where the units of a stack are once they are generated.

https://terragrunt.gruntwork.io/docs/features/stacks/explicit
"""

from __future__ import annotations

UNIT_FILE = "terragrunt.hcl"
STACK_FILE = "terragrunt.stack.hcl"
STACK_DIRECTORY = ".terragrunt-stack"

"""How Terragrunt calls its files: a unit, a stack, and where the units of a stack are once they are generated.

https://terragrunt.gruntwork.io/docs/features/stacks/explicit
"""

from __future__ import annotations

UNIT_FILE = "terragrunt.hcl"
UNIT_FILES = (UNIT_FILE, f"{UNIT_FILE}.json")
"""The first of these that is there counts."""
STACK_FILE = "terragrunt.stack.hcl"
STACK_DIRECTORY = ".terragrunt-stack"
AUTOINCLUDE_FILE = "terragrunt.autoinclude.hcl"
"""What a stack writes beside the file of a unit, to be merged over it."""
VALUES_FILE = "terragrunt.values.hcl"
"""What a stack writes beside the file of a unit or stack, as the values that it gives to it."""

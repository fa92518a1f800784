"""Terragrunt units: the module that a ``terragrunt.hcl`` names is a root module, with the unit's ``inputs`` as its
variables.

https://terragrunt.gruntwork.io/docs/. Nothing is run, fetched or read outside the repository: what depends on that is
unknown. Imported only where a scan comes upon a ``terragrunt.hcl``.
"""

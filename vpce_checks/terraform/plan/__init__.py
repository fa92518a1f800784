"""Terraform and OpenTofu plans, as ``terraform show -json`` writes them, to :class:`~vpce_checks.network.Network`.

https://developer.hashicorp.com/terraform/internals/json-format
"""

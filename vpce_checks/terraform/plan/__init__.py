"""Terraform and OpenTofu plans, as ``terraform show -json`` writes them, to :class:`~vpce_checks.model.network.Network`.

https://developer.hashicorp.com/terraform/internals/json-format
"""

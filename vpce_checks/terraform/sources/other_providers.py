"""Modules that are named after a provider with which nobody makes networks of AWS.

A module is published as ``terraform-PROVIDER-NAME``, and its registry address ends with ``/PROVIDER``, its main provider:
https://developer.hashicorp.com/terraform/registry/modules/publish
"""

from __future__ import annotations

from vpce_checks.base.pattern import pattern
from vpce_checks.terraform.sources.address import ModuleAddress

OTHER_PROVIDERS = frozenset(
    {
        *("helm", "kubernetes", "kubectl", "kustomization", "flux", "argocd", "rancher2"),
        *("random", "null", "time", "tls", "local", "template", "http", "archive", "utils", "assert"),
        *("azurerm", "azuread", "azapi", "azuredevops", "google", "googleworkspace", "digitalocean", "hcloud", "oci"),
        *("github", "gitlab", "bitbucket", "cloudflare", "pagerduty", "opsgenie", "grafana", "okta", "auth0", "vault"),
        *("tfe", "spacelift", "env0", "dns", "sentry", "statuscake"),
    }
)
"""Providers whose modules create no VPC, endpoint or route of AWS. Left out are those whose modules often do: databricks,
mongodbatlas, snowflake, hcp, datadog."""

_REPOSITORY = pattern(
    r"(?:.*[/:])?terraform-([a-z0-9]+)-[a-z0-9-]+(?:\.git)?",
)


def is_for_other_provider(address: ModuleAddress) -> bool:
    """Whether the name of a module says that its provider is one of OTHER_PROVIDERS."""
    steps = (address.module or ("" if address.is_git else address.package)).split("/")
    if len(steps) >= 3:
        return steps[-1] in OTHER_PROVIDERS
    named = _REPOSITORY.fullmatch(address.package.lower())
    return named is not None and named[1] in OTHER_PROVIDERS

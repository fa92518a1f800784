"""``feature``: switches that a run may set. Each has the value that its block gives it by default.

    feature "with_endpoints" {
      default = false
    }

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#feature
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpce_checks.model.values import MapValue, Value

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration


def features(configuration: Configuration) -> Value:
    """``feature``: the switches of a file and of what it includes, each an object with its ``value``."""
    owners: dict[str, Configuration] = {}
    for part in configuration.with_includes():
        for name in part.labelled("feature"):
            owners.setdefault(name, part)

    def feature(name: str) -> Value:
        return MapValue({"value": owners[name].argument(owners[name].labelled("feature")[name], "default")})

    return configuration.members(owners, feature)

"""CloudFormation templates to networks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vpce_checks.cloudformation.template.options import CloudFormationOptions

if TYPE_CHECKING:
    from vpce_checks.cloudformation.template_set import TemplateSet
    from vpce_checks.model.network import Network

__all__ = ["CloudFormationOptions", "build_networks", "find_templates", "looks_like_template"]


def looks_like_template(data: bytes, path: str) -> bool:
    """Whether the bytes of a file could be a template: cheap, and never wrong about a real one."""
    return b"Resources" in data and any(mark in data for mark in (b"AWS::", b"Custom::", b"::MODULE"))


def find_templates(files: Iterable[str], boundary: str = "") -> TemplateSet:
    """The templates among ``files``. Iterating over the set gives the paths of the roots, which
    :func:`build_networks` takes; outside of the directory ``boundary`` nothing is read."""
    from vpce_checks.cloudformation.template_set import TemplateSet

    return TemplateSet(files, boundary)


def build_networks(path: str, options: CloudFormationOptions, templates: TemplateSet | None = None) -> list[Network]:
    """What the root template at ``path`` deploys, one network a scenario (``Network.when`` names it).

    ``templates`` is the set in which it was found. Whatever is wrong with the input is among the diagnostics.
    """
    from vpce_checks.cloudformation.build import build_networks as build

    return build(path, options, templates if templates is not None else find_templates([path], options.boundary))

"""The templates of one scan: the roots among them, and the values that they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from vpce_checks.cloudformation.template.deployed import Deployed, deployed
from vpce_checks.cloudformation.template.templates import Templates
from vpce_checks.model.roots import Deployment

if TYPE_CHECKING:
    from vpce_checks.cloudformation.cross_stack import ImportIndex
    from vpce_checks.cloudformation.template.template import Template


class TemplateSet(Templates):
    """The templates among the files of a scan. Iterating yields the roots. ``parameters`` are the files that give values
    to parameters, and ``region`` is that of every stack. ``deployments`` is what the policy says about roots, by path."""

    def __init__(
        self,
        files: Iterable[str] = (),
        boundary: str = "",
        parameters: tuple[str, ...] = (),
        region: str | None = None,
        deployments: Mapping[str, tuple[Deployment, ...]] = MappingProxyType({}),
    ) -> None:
        super().__init__(files, boundary)
        self._parameters = parameters
        self._region = region
        self._deployments = deployments

    def __iter__(self) -> Iterator[str]:
        return iter(self.roots)

    @cached_property
    def imports(self) -> ImportIndex:
        """The index of exports: which template imports from which."""
        from vpce_checks.cloudformation.cross_stack import ImportIndex

        return ImportIndex(self, self.roots, self._deployed)

    def _deployed(self, template: Template) -> Deployed:
        deployments = self._deployments.get(template.path, ())
        return deployed(template, deployments, self._region, self._parameters, self.places)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The files to judge: templates that no other one nests, and unreadable files that were intended as
        templates."""
        from vpce_checks.cloudformation.roots import find_roots

        return find_roots(self)

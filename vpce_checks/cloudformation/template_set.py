"""The templates of one scan: the roots among them, and the values that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from vpce_checks.cloudformation.template.deployed import Deployed, deployed
from vpce_checks.cloudformation.template.templates import Templates
from vpce_checks.model.roots import Deployment

if TYPE_CHECKING:
    from vpce_checks.cloudformation.import_index import ImportIndex
    from vpce_checks.cloudformation.sniff import SharingShown
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
        self._roots: tuple[str, ...] | None = None

    def __iter__(self) -> Iterator[str]:
        return iter(self.roots)

    @cached_property
    def imports(self) -> ImportIndex:
        """The index of exports: which template imports from which."""
        from vpce_checks.cloudformation.import_index import ImportIndex

        return ImportIndex(self, lambda: self.roots, lambda: self._sharing, self._deployed)

    def _deployed(self, template: Template) -> Deployed:
        deployments = self._deployments.get(template.path, ())
        return deployed(template, deployments, self._region, self._parameters, self.places)

    @property
    def roots(self) -> tuple[str, ...]:
        """The files to judge: templates that no other one nests, and unreadable files that were intended as
        templates."""
        if self._roots is None:
            self.find(self.calls)
        assert self._roots is not None
        return self._roots

    def find(self, calls: Callable[[str], set[str]]) -> None:
        """Find the roots by what ``calls``, which stands in for :meth:`calls`, says of each file."""
        from vpce_checks.cloudformation.roots import find_roots

        self._roots = find_roots(self, calls)

    def calls(self, path: str) -> set[str]:
        """Return what the template in the file ``path`` nests: see :func:`vpce_checks.cloudformation.roots.nested_by`."""
        from vpce_checks.cloudformation.roots import nested_by

        found = nested_by(path, self)
        self.settle(path)
        return found

    def settle(self, path: str) -> None:
        """Let trees go if there are too many. Where templates follow values of each other, the index holds all of them anyway."""
        if not self.follows_values:
            super().settle(path)

    @property
    def follows_values(self) -> bool:
        """Whether a template may use a value that another template of the scan shares."""
        return self._sharing.follows

    @cached_property
    def _sharing(self) -> SharingShown:
        from vpce_checks.cloudformation.sniff import sharing_shown
        from vpce_checks.files.content import read_start

        return sharing_shown(read_start(path, self.places) for path in self.files)

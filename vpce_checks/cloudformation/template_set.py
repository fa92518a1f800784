"""The templates of one scan: the roots among them, and the values that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING

from vpce_checks.cloudformation.template.environment import Environment, environment
from vpce_checks.cloudformation.template.templates import Templates

if TYPE_CHECKING:
    from vpce_checks.cloudformation.cross_stack import ImportIndex
    from vpce_checks.cloudformation.template.template import Template


class TemplateSet(Templates):
    """The templates among the files of a scan. Iterating yields the roots. ``parameters`` are the files that give values
    to parameters. ``environment_of`` returns where the root at a path is deployed."""

    def __init__(
        self,
        files: Iterable[str] = (),
        boundary: str = "",
        parameters: tuple[str, ...] = (),
        environment_of: Callable[[str], Environment] | None = None,
    ) -> None:
        super().__init__(files, boundary)
        self._parameters = parameters
        self._environment_of = environment_of or partial(environment, region=None)

    def __iter__(self) -> Iterator[str]:
        return iter(self.roots)

    @cached_property
    def imports(self) -> ImportIndex:
        """The index of exports: which template imports from which."""
        from vpce_checks.cloudformation.cross_stack import ImportIndex

        return ImportIndex(self, self.roots, self._given, self._environment_of)

    def _given(self, template: Template) -> dict[str, str | None]:
        from vpce_checks.cloudformation.template.given import given_values

        return given_values(template, self._parameters, self.places)[0]

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The files to judge: templates that no other one nests, and unreadable files that were intended as
        templates."""
        from vpce_checks.cloudformation.roots import find_roots

        return find_roots(self)

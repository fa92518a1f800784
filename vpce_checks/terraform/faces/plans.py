"""Plans of Terraform and OpenTofu, as ``terraform show -json`` writes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from vpce_checks.files.containment import place_within
from vpce_checks.model.roots import Batch, Root, Sniffed
from vpce_checks.terraform.faces.code import TerraformCode

if TYPE_CHECKING:
    from vpce_checks.model.network import IgnoreComment, Network
    from vpce_checks.model.roots import Called, Fetched, Place
    from vpce_checks.model.verdict import RootKind


class Plans:
    """Files that are plans by their content or, where they were named, that should have been."""

    name = "terraform-plan"
    kind: RootKind = "terraform-plan"
    suffixes: tuple[str, ...] = (".json",)
    hidden: tuple[str, ...] = ()

    def __init__(self, code: TerraformCode) -> None:
        self._code = code

    def sniff(self, directory: str, names: Sequence[str], boundary: str) -> Sniffed:
        """The plans among the files: any JSON is worth a look, and whatever calls itself a plan."""
        found: list[str] = []
        others: list[str] = []
        for name in names:
            file = os.path.join(directory, name)
            if (name.endswith(".json") or "plan" in name.lower()) and _is_plan(file, boundary):
                found.append(file)
            else:
                others.append(name)
        return Sniffed(found, others)

    def named(self, path: str, boundary: str) -> str | None:
        """The file, not only where it is a plan: who names a state or a saved plan is told what to name instead."""
        if os.path.isdir(path) or path.endswith((".yaml", ".yml")):
            return None
        from vpce_checks.terraform.plan.sniff import sniff_file

        return path if sniff_file(path) is not None else None

    def complete(self, place: Place) -> Place:
        """The walk comes upon all of them."""
        return place

    def fetched(self, place: Place) -> Iterator[Fetched]:
        """Nothing: what lies beside a plan is fetched for its root module."""
        return iter(())

    def prepare(
        self,
        places: Sequence[Place],
        environment: Mapping[str, str],
        affected: Callable[[Sequence[Root]], Sequence[Root]],
    ) -> None:
        """A plan needs nothing that is not there."""

    def find(self, places: Sequence[Place], called: Called | None = None) -> Iterator[Batch]:
        """Every plan is a root."""
        for place in places:
            for path in place.of(self.name):
                root = Root(path, self.kind, place.path, self.name)
                yield Batch((root, self._code.of(place)[0]), (place.path,), lambda root=root: [root])  # type: ignore[misc]

    def calls(self, directory: str, scope: Hashable) -> set[str]:
        """A plan calls nothing: it is what came of calls."""
        return set()

    def read(self, root: Root, place: Place) -> list[Network]:
        """The network that is there once the plan is applied."""
        from vpce_checks.terraform.plan.network import build_plan_network

        return [build_plan_network(root.path, *self._code.of(place))]

    def ignores(self, file: str, data: bytes) -> tuple[IgnoreComment, ...]:
        """Nothing: those for a plan are in the code that it is made from."""
        return ()

    def affected(self, roots: Mapping[Root, Place], changed: frozenset[str]) -> Collection[Root]:
        """All, whatever changed: a plan is made from code that may be anywhere."""
        return list(roots) if changed else []


def _is_plan(file: str, boundary: str) -> bool:
    from vpce_checks.terraform.plan.sniff import is_plan_file

    place = place_within(file, (boundary,))
    return place is not None and is_plan_file(place)

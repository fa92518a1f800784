"""What units call each other. The label of a unit (``../vpc:``) is what the addresses of its objects begin with elsewhere."""

from __future__ import annotations

import os

from vpce_checks.model.outside import root_label
from vpce_checks.model.relabel import Rename, same_address
from vpce_checks.terraform.terragrunt.unit import OWN_MODULE, call_of


class UnitLabels:
    """The labels of units, as each of them (the *seer*) sees itself and the others: it has no label itself, another one has the
    way to it from there. If units are joined with other roots (``is_joined``), each has the label that all roots know it by
    (``live/net:``), also in itself."""

    def __init__(self, *, is_joined: bool) -> None:
        self._is_joined = is_joined
        self._given: dict[str, dict[str, str]] = {}  # by the unit that looks: label -> unit

    def own(self, directory: str) -> str:
        """What addresses in the unit in ``directory`` begin with in that unit."""
        return root_label(directory) if self._is_joined else ""

    def label(self, seer: str, directory: str) -> str:
        """What addresses in the unit in ``directory`` begin with in the one in ``seer``."""
        if self._is_joined:
            label = root_label(directory)
        elif directory == seer:
            return ""
        else:
            label = os.path.relpath(directory, seer).replace(os.sep, "/") + ":"
        self._given.setdefault(seer, {})[label] = directory
        return label

    def module(self, seer: str, directory: str) -> str:
        """What the unit in ``seer`` calls the module of the one in ``directory``, where that cannot be looked into."""
        label = self.label(seer, directory)
        return f"{label}{OWN_MODULE}" if self._is_joined else label.removesuffix(":") or OWN_MODULE

    def maker(self, seer: str, address: str) -> str | None:
        """The directory of the other unit in which ``address`` stands for the one in ``seer``."""
        given = self._given.get(seer, {})
        return next((directory for label, directory in given.items() if address.startswith(label)), None)

    def seen(self, seer: str, directory: str) -> Rename:
        """Return how the unit in ``seer`` calls what the one in ``directory`` calls by some address."""
        own = self.label(seer, directory)
        if self._is_joined:
            return same_address
        whole = {OWN_MODULE: own.removesuffix(":"), call_of(directory): call_of(directory)}
        known = self._given.setdefault(directory, {})

        def rename(address: str) -> str:
            if address in whole:
                return whole[address]
            if f"{address}:" in known:
                return self.label(seer, known[f"{address}:"]).removesuffix(":") or OWN_MODULE
            at = address.find(":")
            while at >= 0:
                label = address[: at + 1]
                if label in known:
                    return self.label(seer, known[label]) + address[at + 1 :]
                at = address.find(":", at + 1)
            return own + address

        return rename

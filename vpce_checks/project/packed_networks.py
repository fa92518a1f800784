"""The networks of a root, which travel packed: most reports need no more than their inventory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vpce_checks.base.hints import TYPE_CHECKING, Any, cast
from vpce_checks.project.listing import take_inventory

if TYPE_CHECKING:
    from vpce_checks.model.network import Network
    from vpce_checks.project.listing import Inventory


class Networks(Sequence["Network"]):
    """One network a scenario. What comes from another process or out of a cache is unpacked when it is looked at."""

    __slots__ = ("_inventory", "_networks")

    def __init__(self, networks: tuple[Network, ...] | bytes = (), inventory: Inventory | None = None) -> None:
        self._networks = networks
        self._inventory = inventory

    @property
    def inventory(self) -> Inventory:
        """What they hold together."""
        if self._inventory is None:
            self._inventory = take_inventory(self._unpacked())
        return self._inventory

    def _unpacked(self) -> tuple[Network, ...]:
        if isinstance(self._networks, bytes):
            from vpce_checks.execution.pickling import unpack

            self._networks = cast("tuple[Network, ...]", unpack(self._networks))
        return self._networks

    def __len__(self) -> int:
        return len(self._unpacked())

    def __getitem__(self, at: Any) -> Any:
        return self._unpacked()[at]

    def __iter__(self) -> Iterator[Network]:
        return iter(self._unpacked())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Networks) and self._unpacked() == other._unpacked()

    def __hash__(self) -> int:
        return hash(self._unpacked())

    def __reduce__(self) -> tuple[type[Networks], tuple[bytes, Inventory]]:
        from vpce_checks.execution.pickling import pack

        packed = self._networks if isinstance(self._networks, bytes) else pack(self._networks)
        return Networks, (packed, self.inventory)


def inventory_of(networks: Sequence[Network]) -> Inventory:
    """What ``networks`` hold together."""
    return networks.inventory if isinstance(networks, Networks) else take_inventory(networks)

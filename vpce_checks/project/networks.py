"""The networks of a root, and what reports need of them: it goes where the networks themselves are left behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from vpce_checks.project.listing import take_inventory
from vpce_checks.project.surroundings import look_around

if TYPE_CHECKING:
    from vpce_checks.model.network import Network
    from vpce_checks.project.listing import Inventory
    from vpce_checks.project.surroundings import Surroundings
    from vpce_checks.rules.finding import Fix

T = TypeVar("T")

RECENT = 50
"""For how many roots the code that readers have parsed is kept: readers go root by root."""

_looked_into: deque[Networks] = deque()

Unread = Callable[[], Sequence["Network"]]
"""Reads networks, once somebody looks at them."""


class Networks(Sequence["Network"]):
    """One network a scenario. Those of another process are unpacked, and those of a cached report are read again, when
    somebody looks at them. The inventory and the surroundings of the fixes are there without that."""

    __slots__ = ("_inventory", "_networks", "_surroundings", "code", "lookups")

    def __init__(
        self,
        networks: tuple[Network, ...] | bytes | Unread = (),
        inventory: Inventory | None = None,
        surroundings: Iterable[Surroundings] = (),
    ) -> None:
        """``networks`` as bytes are a pickle, so they must come from this program itself."""
        self._networks = networks
        self._inventory = inventory
        self.code: dict[str, object] = {}  # what readers have read of the code, for a while
        self.lookups: dict[str, object] = {}  # tables that a reader makes once and looks things up in
        self._surroundings = {(each.vpc, each.gateway): each for each in surroundings}

    @property
    def inventory(self) -> Inventory:
        """What they hold together."""
        if self._inventory is None:
            self._inventory = take_inventory(self._read())
        return self._inventory

    @property
    def surroundings(self) -> tuple[Surroundings, ...]:
        """What was looked at for fixes so far."""
        return tuple(self._surroundings.values())

    def around(self, vpc: str, *, gateway: bool) -> Surroundings:
        """What a new endpoint in ``vpc`` needs."""
        if (vpc, gateway) not in self._surroundings:
            self._surroundings[vpc, gateway] = look_around(self._read(), vpc, gateway=gateway)
        return self._surroundings[vpc, gateway]

    def without(self) -> Networks:
        """The same without the networks: there is less to hold and to send."""
        return Networks((), self.inventory, self.surroundings)

    def _read(self) -> tuple[Network, ...]:
        networks = self._networks
        if isinstance(networks, bytes):
            import pickle

            networks = self._networks = tuple(pickle.loads(networks))
        elif not isinstance(networks, tuple):
            networks = self._networks = tuple(networks())
        return networks

    def __len__(self) -> int:
        return len(self._read())

    def __getitem__(self, at: Any) -> Any:
        return self._read()[at]

    def __iter__(self) -> Iterator[Network]:
        return iter(self._read())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Networks) and self._read() == other._read()

    def __hash__(self) -> int:
        return hash(self._read())

    def __reduce__(self) -> tuple[type[Networks], tuple[bytes, Inventory, tuple[Surroundings, ...]]]:
        import pickle

        packed = self._networks if isinstance(self._networks, bytes) else pickle.dumps(self._read(), protocol=5)
        return Networks, (packed, self.inventory, self.surroundings)


def inventory_of(networks: Sequence[Network]) -> Inventory:
    """What ``networks`` hold together."""
    return networks.inventory if isinstance(networks, Networks) else take_inventory(networks)


def look_up(networks: Sequence[Network], key: str, make: Callable[[Inventory], T]) -> T:
    """What ``make`` gives of the inventory of ``networks``, made once and kept under ``key``."""
    if not isinstance(networks, Networks):
        return make(inventory_of(networks))
    if key not in networks.lookups:
        networks.lookups[key] = make(networks.inventory)
    return cast(T, networks.lookups[key])


def look_up_code(networks: Sequence[Network], key: str, make: Callable[[Inventory], T]) -> T:
    """The same for what is as large as code. It is kept until RECENT others were looked into."""
    if not isinstance(networks, Networks):
        return make(inventory_of(networks))
    if key not in networks.code:
        made = make(networks.inventory)
        if not networks.code:
            _looked_into.append(networks)
            if len(_looked_into) > RECENT:
                _looked_into.popleft().code.clear()
        networks.code[key] = made
    return cast(T, networks.code[key])


def surroundings_of(networks: Sequence[Network], fix: Fix) -> Surroundings:
    """What the endpoint that ``fix`` adds needs of its VPC."""
    gateway = fix.needs_tables
    if isinstance(networks, Networks):
        return networks.around(fix.vpc, gateway=gateway)
    return look_around(networks, fix.vpc, gateway=gateway)

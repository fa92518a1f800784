"""What the interface endpoints of each VPC cost a month. No verdict depends on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from vpce_checks.base.record import record, replace
from vpce_checks.catalog.prices import Prices, prices_of
from vpce_checks.project.listing import EndpointRow, Interfaces
from vpce_checks.project.results import Report, RootReport


@record
class Duplicate:
    """Two interface endpoints of one VPC for one service, by their addresses. One would do."""

    first: str
    second: str
    service: str


@record
class VpcCosts:
    """What the interface endpoints of a VPC (None: of one that is not known) cost, which one root deploys.

    ``endpoints`` and ``interfaces`` are certain: so many endpoints, with so many network interfaces, one in each subnet. With
    ``more`` there may be others. ``region`` is that of the VPC, None if it is not known.
    """

    vpc: str | None
    region: str | None
    endpoints: int
    interfaces: int
    more: bool
    duplicates: tuple[Duplicate, ...]

    @property
    def prices(self) -> Prices:
        """The prices that it is reckoned with."""
        return prices_of(self.region)

    @property
    def month(self) -> Decimal:
        """The price of a month in US dollars, without data."""
        return self.prices.endpoint_month * self.interfaces


def costs(report: Report) -> Iterator[tuple[RootReport, VpcCosts]]:
    """Yield what the interface endpoints of each VPC cost, with the root that deploys them."""
    for root in report.roots:
        inventory = root.inventory
        regions = {row.address: row.region for row in inventory.vpcs}
        by_vpc: dict[str | None, list[EndpointRow]] = {}
        for row, when in inventory.endpoints:
            if row.address in inventory.interfaces:
                by_vpc.setdefault(row.vpc, []).append(row if not when else replace(row, exists=None))
        for vpc, rows in by_vpc.items():
            yield root, _of_vpc(vpc, None if vpc is None else regions.get(vpc), rows, inventory.interfaces)


def _of_vpc(
    vpc: str | None, region: str | None, rows: Sequence[EndpointRow], interfaces: Mapping[str, Interfaces]
) -> VpcCosts:
    sure = [row for row in rows if row.exists and row.type == "Interface" and "[*]" not in row.address]
    own = [interfaces[row.address] for row in sure]
    more = any(each.more for each in own) or len(sure) < len(rows)
    duplicates = () if vpc is None else tuple(_duplicates(sure))
    return VpcCosts(vpc, region, len(sure), sum(each.count for each in own), more, duplicates)


def _duplicates(rows: Sequence[EndpointRow]) -> Iterator[Duplicate]:
    """Yield each endpoint for a service that one before it is for."""
    first: dict[str, EndpointRow] = {}
    for row in rows:
        name = row.service_name
        if name is None or row.service is None or "*" in name:
            continue
        before = first.setdefault(name, row)
        if before is not row:
            yield Duplicate(before.address, row.address, row.service)

"""What AWS charges for endpoints and NAT gateways, in US dollars. A gateway endpoint costs nothing.

https://aws.amazon.com/privatelink/pricing/ and https://aws.amazon.com/vpc/pricing/
"""

from __future__ import annotations

import os
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

HOURS = 730
"""The hours of a month, as AWS's own calculator counts them."""

ELSEWHERE = "us-east-1"
"""The region whose prices stand for those of regions that are not listed."""


class Prices(NamedTuple):
    """The prices of ``region``: of an interface endpoint for an hour in one zone, of a GB through it, and of a GB through a NAT
    gateway. ``as_of`` is when they were read: a year, or a year and a month.
    """

    region: str
    endpoint_hour: Decimal
    endpoint_gb: Decimal
    nat_gb: Decimal
    as_of: str

    @property
    def endpoint_month(self) -> Decimal:
        """The price of an interface endpoint for a month in one zone, without data."""
        return self.endpoint_hour * HOURS


def prices_of(region: str | None) -> Prices:
    """Return the prices of ``region``, or those of :data:`ELSEWHERE` if they are not listed."""
    rows = _rows()
    return rows.get(region or "", rows[ELSEWHERE])


def listed_prices() -> list[Prices]:
    """Return the prices of every region that is listed."""
    return list(_rows().values())


@lru_cache(maxsize=1)
def _rows() -> dict[str, Prices]:
    path = os.path.join(os.path.dirname(__file__), "prices.tsv")
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {region: _prices(region, as_of, *map(Decimal, numbers)) for region, *numbers, as_of in lines}


def _prices(region: str, as_of: str, endpoint_hour: Decimal, endpoint_gb: Decimal, nat_gb: Decimal) -> Prices:
    return Prices(region, endpoint_hour, endpoint_gb, nat_gb, as_of)

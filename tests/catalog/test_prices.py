"""The prices: each row is whole, and a region that is not listed has those of another one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from vpce_checks.catalog.partitions import is_region
from vpce_checks.catalog.prices import ELSEWHERE, prices_of


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_listed_regions(region: str) -> None:
    prices = prices_of(region)
    assert prices.region == region
    assert is_region(region)
    assert prices.endpoint_month == prices.endpoint_hour * 730
    assert Decimal() < prices.endpoint_gb < prices.nat_gb


@pytest.mark.parametrize("region", ["ap-southeast-2", "", None])
def test_other_regions(region: str | None) -> None:
    assert prices_of(region) == prices_of(ELSEWHERE)

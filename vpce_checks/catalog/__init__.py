"""What AWS offers: endpoint service names, their types, private DNS, and partitions."""

from __future__ import annotations

from vpce_checks.catalog.partitions import (
    data_source_service_name,
    dns_suffix,
    is_region,
    partition_of,
    reverse_dns_prefix,
    service_name_for,
)
from vpce_checks.catalog.service_names import ServiceName, parse_service_name
from vpce_checks.catalog.services import (
    GATEWAY_SERVICES,
    Service,
    all_services,
    find_service,
    is_gateway_service,
    is_misspelt,
    nearest,
    satisfies,
    search,
    short_names,
    without_fips,
)

__all__ = [
    "GATEWAY_SERVICES",
    "Service",
    "ServiceName",
    "all_services",
    "data_source_service_name",
    "dns_suffix",
    "find_service",
    "is_gateway_service",
    "is_misspelt",
    "is_region",
    "nearest",
    "parse_service_name",
    "partition_of",
    "reverse_dns_prefix",
    "satisfies",
    "search",
    "service_name_for",
    "short_names",
    "without_fips",
]

"""App Runner services with a VPC connector: what their code calls leaves by the connector, all else by App Runner's network.

https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.workload import Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import is_word


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield the services that send their traffic through a connector. Only their role says what they call."""
    for part in parts.of_kind("runner"):
        connector = parts.find(part.get("connector"), "runner_connector")
        if connector is not None and is_word(part.get("egress"), "VPC"):
            yield Workload(part.declared, "runner", connector.get("subnets"), connector.get("security_groups"))

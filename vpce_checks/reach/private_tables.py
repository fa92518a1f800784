"""The private part of a VPC: where its endpoints belong."""

from __future__ import annotations

from vpce_checks.model.network import Network, RouteTable, Subnet, link


def private_route_tables(network: Network, vpc: str) -> list[RouteTable]:
    """The route tables of ``vpc`` without a way to an internet gateway; all of them if every one has."""
    tables = [table for table in network.route_tables if link(table.vpc).address == vpc]
    public = {
        link(route.route_table).address
        for route in network.routes
        if route.target_kind == "gateway" and route.destination in ("0.0.0.0/0", "::/0")
    }
    return [table for table in tables if table.declared.address not in public] or tables


def private_subnets(network: Network, vpc: str, only: bool = False) -> list[Subnet]:
    """The subnets of ``vpc`` that give no public address; all of them if every one does, but for ``only``."""
    subnets = [subnet for subnet in network.subnets if link(subnet.vpc).address == vpc]
    private = [subnet for subnet in subnets if subnet.public_ip_on_launch is False]
    return private or ([] if only else subnets)

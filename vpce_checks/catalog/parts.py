"""Which resource types workloads are made of, and which of their arguments say something about calls."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, TypeAlias

from vpce_checks.base.record import record

Language: TypeAlias = Literal["terraform", "cloudformation"]


@record
class Field:
    """One argument of a part. ``path`` leads to it through blocks or properties.

    ``members`` is not empty for a list of objects: it maps our name of a member to the language's. ``is_json`` says that the
    argument is a JSON document.
    """

    name: str
    path: tuple[str, ...]
    members: tuple[tuple[str, str], ...] = ()
    is_json: bool = False


@record
class PartType:
    """What is read of one resource type: a part of this ``kind`` with ``fields``."""

    kind: str
    fields: tuple[Field, ...]


REGION = ("@region",)
"""The path of a field that is the region of the resource, which its provider decides unless it names one itself."""

_COMPANIONS = frozenset(
    {
        *("role", "role_policy", "policy", "attachment", "attachments", "exclusive", "instance_profile"),
        *("firewall", "firewall_rule", "egress_rule", "group_attachment", "elastic_ip", "elastic_ip_link", "nat"),
        *("propagation", "table_propagation", "dhcp_options", "dhcp_link"),
        *("subnet_group", "dms_subnet_group", "repository", "secret", "parameter"),
        *("table", "bucket", "queue", "topic", "stream", "delivery_stream", "state_machine", "event_bus"),
    }
)
"""Kinds that run nothing. They say what the workloads beside them may do, which way out they have, what they use."""


_OF_NETWORKS = frozenset(
    {
        *("firewall", "firewall_rule", "egress_rule", "group_attachment", "elastic_ip", "elastic_ip_link", "nat"),
        *("propagation", "server_propagation", "table_propagation", "dhcp_options", "dhcp_link"),
        *("subnet_group", "dms_subnet_group"),
    }
)
"""Kinds that a root with a network may have for the workloads of other roots."""


def of_networks(types: Mapping[str, tuple[PartType, ...]]) -> dict[str, tuple[PartType, ...]]:
    """Return what a root that runs nothing may have for the workloads of other roots."""
    kept = {type: tuple(part for part in parts if part.kind in _OF_NETWORKS) for type, parts in types.items()}
    return {type: parts for type, parts in kept.items() if parts}


def may_run(types: Iterable[PartType]) -> bool:
    """Return whether a resource that is these parts may be a workload, or lead to one. Without any, no part matters."""
    return any(type.kind not in _COMPANIONS for type in types)


@lru_cache(maxsize=2)
def part_types(language: Language) -> dict[str, tuple[PartType, ...]]:
    """Return the parts that a resource type is read as, by the type. Most types are one part."""
    types: dict[str, list[str]] = {}
    fields: dict[str, list[Field]] = {}
    for kind, name, terraform, cloudformation in _rows():
        cell = terraform if language == "terraform" else cloudformation
        if name == "-":
            fields[kind] = []
            types[kind] = [] if cell == "-" else cell.split()
        elif cell != "-":
            fields[kind].append(_field(name, cell))
    found: dict[str, tuple[PartType, ...]] = {}
    for kind, names in types.items():
        for type in names:
            found[type] = (*found.get(type, ()), PartType(kind, tuple(fields[kind])))
    return found


def _rows() -> list[list[str]]:
    path = os.path.join(os.path.dirname(__file__), "parts.tsv")
    with open(path, encoding="utf-8") as file:
        return [line.split("\t") for line in file.read().split("\n") if line and line[0] != "#"]


def _field(name: str, cell: str) -> Field:
    name, _, format = name.partition(":")
    path, _, members = cell.partition("{")
    pairs = [member.partition("=") for member in members.rstrip("}").split(",") if member]
    return Field(name, tuple(path.split(".")), tuple((own, theirs) for own, _, theirs in pairs), format == "json")

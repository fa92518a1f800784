"""Small plans by hand, and the networks they give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vpce_checks.model.network import Endpoint, Network, link
from vpce_checks.model.values import Value
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.plan.network import build_plan_network
from vpce_checks.terraform.syntax.module_source import ModuleLoader

Json = dict[str, Any]


def refers(*references: str) -> Json:
    """An expression that refers to these, longest form first, as Terraform lists them."""
    return {"references": list(references)}


def instance(
    address: str, *, unknown: Json | None = None, actions: tuple[str, ...] = ("create",), **values: Any
) -> Json:
    """A resource instance: ``address`` within its module; ``unknown`` is its after_unknown."""
    mode = "data" if address.startswith("data.") else "managed"
    type, name = address.removeprefix("data.").split("[")[0].split(".")
    found: Json = {"address": address, "mode": mode, "type": type, "name": name, "values": values}
    if "[" in address:
        found["index"] = json.loads(address.split("[", 1)[1].removesuffix("]"))
    return {**found, "_unknown": unknown or {}, "_actions": list(actions)}


def configured(address: str, *, provider: str = "aws", each: Json | None = None, **expressions: Any) -> Json:
    """A resource block of the configuration; ``each`` is its for_each expression."""
    mode = "data" if address.startswith("data.") else "managed"
    type, name = address.removeprefix("data.").split(".")
    found: Json = {
        "address": address,
        "mode": mode,
        "type": type,
        "name": name,
        "provider_config_key": provider,
        "expressions": expressions,
    }
    return found if each is None else {**found, "for_each_expression": each}


def plan(modules: Mapping[str, list[Json]], configuration: Json, **top: Any) -> Json:
    """A plan. ``modules`` maps module addresses ("" for the root) to their instances; ``configuration`` is the root
    module's, its ``provider_config`` in ``top``."""
    root: Json = {}
    changes: list[Json] = []
    nodes = {"": root}
    for address in sorted(modules, key=len):
        prefix = f"{address}." if address else ""
        node = nodes.setdefault(address, {"address": address})
        node["resources"] = []
        for each in modules[address]:
            public = {k: v for k, v in each.items() if not k.startswith("_")} | {"address": prefix + each["address"]}
            node["resources"].append(public)
            change = {"actions": each["_actions"], "after": each["values"], "after_unknown": each["_unknown"]}
            changes.append({**public, "module_address": address, "change": change})
        if address:
            parent = max((a for a in nodes if a != address and (not a or address.startswith(f"{a}."))), key=len)
            nodes[parent].setdefault("child_modules", []).append(node)
    providers = top.pop(
        "provider_config", {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}}
    )
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": root},
        "resource_changes": changes,
        "configuration": {"provider_config": providers, "root_module": configuration},
        **top,
    }


def network_of(folder: Path, content: Json | str | bytes, files: Mapping[str, str] | None = None) -> Network:
    """The network of a plan that lies in ``folder`` beside ``files``."""
    folder.mkdir(exist_ok=True)
    for name, text in (files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    path = folder / "plan.json"
    data = json.dumps(content) if isinstance(content, dict) else content
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return build_plan_network(str(path), TerraformOptions(str(folder)), ModuleLoader(str(folder)))


def endpoint(network: Network, address: str) -> Endpoint:
    """The endpoint at ``address``."""
    return next(endpoint for endpoint in network.endpoints if endpoint.address == address)


def home(network: Network, address: str) -> str | None:
    """The VPC that an endpoint is certainly in, by address or by what it is called."""
    linked = link(endpoint(network, address).vpc)
    return linked.address or linked.external


def may_be_in(network: Network, address: str) -> tuple[set[str], bool]:
    """The VPCs that an endpoint may be in, and whether it may be any other as well."""
    linked = link(endpoint(network, address).vpc)
    return set(linked.candidates), linked.anything


def names(value: Value) -> list[str]:
    """The things that a list names."""
    return [str(each) for each in value.items]  # type: ignore[union-attr]

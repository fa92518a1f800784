"""Code that was not read: what of it looks like a network."""

from __future__ import annotations

from vpce_checks.base.pattern import pattern
from vpce_checks.model.network import Network, OpaqueModule, without_keys

_WORD = pattern(r"[A-Z]?[a-z]+[0-9]*|[A-Z]+(?![a-z])[0-9]*")

_NAMES = frozenset(
    {
        *("vpc", "vpcs", "vpce", "network", "networks", "networking", "subnet", "subnets", "endpoint", "endpoints"),
        *("privatelink", "landingzone", "topology", "transit", "egress", "route", "routes", "routing"),
    }
)
"""Words in the name of a module, stack or custom resource that makes networks."""

_ENDPOINTS = frozenset({"vpce", "endpoint", "endpoints", "privatelink"})
"""Words in the name of what makes endpoints."""

_CREATES = frozenset(
    {
        *("cidr", "cidrblock", "cidrblocks", "vpccidr", "vpccidrs", "vpccidrblock", "vpcname", "azs", "classb"),
        *("ipv4primarycidrblock", "ipampoolid", "ipv4ipampoolid", "subnetcidrs", "privatesubnetcidrs"),
        *("publicsubnetcidrs", "enablenatgateway", "singlenatgateway", "enablednshostnames", "enablednssupport"),
        *("vpcendpoints", "interfaceendpoints", "gatewayendpoints", "routetableids", "privateroutetableids"),
    }
)
"""Arguments that what makes a VPC, endpoint or route takes, and hardly anything else: in lower case, without ``_``."""

_GIVEN_ON = frozenset({"vpc", "vpcid", "vpcs", "subnet", "subnets", "subnetid", "subnetids", "azs"})
"""Words in the names of outputs that are the id of a VPC or of subnets."""


def is_unread(network: Network, module: OpaqueModule) -> bool:
    """Return whether a module of this root is code that was not read and could hold a VPC, an endpoint or a route."""
    return module.is_unread and not module.harmless and module.address not in network.foreign


def looks_like_network(module: OpaqueModule) -> bool:
    """Return whether code that was not read looks like the code of a network: by its name, what it is handed, or what
    others take from it."""
    if module.holds:
        return True
    own = _words(without_keys(module.address).rpartition(".")[2].rpartition("/")[2])
    # The name of a call often says what it is used on ("alerts_of_vpc"): only a name that begins so, or is so, counts.
    if not _NAMES.isdisjoint(_words(_leaf(module.source))) or not _NAMES.isdisjoint(own[:1]):
        return True
    if not _CREATES.isdisjoint(word.lower().replace("_", "") for word in module.words):
        return True
    return any(not _GIVEN_ON.isdisjoint(_words(name)) for name in module.outputs)


def is_about_endpoints(module: OpaqueModule) -> bool:
    """Return whether code that was not read is about endpoints, by its name."""
    own = _words(without_keys(module.address).rpartition(".")[2].rpartition("/")[2])
    return not _ENDPOINTS.isdisjoint((*_words(_leaf(module.source)), *own))


def source_name(module: OpaqueModule) -> str:
    """Return the source of a module without its version: all calls of it are one piece of code."""
    return module.source.partition("?")[0]


def _leaf(source: str) -> str:
    """Return the part of a source that names the module: the directory in its package, if there is one, else the name
    of the package without host and organisation."""
    package, _, directory = source.partition("?")[0].rstrip("/").rpartition("//")
    if package and not package.endswith(":"):
        return f"{_package_name(package)} {directory}"
    return _package_name(directory)


def _package_name(package: str) -> str:
    steps = package.removesuffix(".git").split("/")
    is_registry = len(steps) in (3, 4) and not any(mark in package for mark in ("::", "@", ":/")) and steps[0] != ".."
    return steps[-2] if is_registry and "." not in steps[-3] else steps[-1]


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]

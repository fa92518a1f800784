"""The policy packs that ship with the tool."""

from __future__ import annotations

import os
from functools import lru_cache

from vpce_checks.base.record import record
from vpce_checks.policy.layer import Layer
from vpce_checks.policy.model import BASELINE, Requirement, Source

_BASELINE_SOURCE = Source(f"the pack {BASELINE}")
BASELINE_LAYER = Layer(
    gateway=(Requirement("s3", _BASELINE_SOURCE), Requirement("dynamodb", _BASELINE_SOURCE)),
)
"""What ``aws-baseline.yaml`` requires, so that a scan without a policy file reads no YAML. A test holds them together."""


@record
class Pack:
    """A shipped pack: what it is for, the AWS page that it follows, what it requires, and its file."""

    name: str
    description: str
    url: str
    gateway: tuple[str, ...]
    interface: tuple[str, ...]
    central: tuple[str, ...]
    path: str


@lru_cache(maxsize=1)
def policies_directory() -> str:
    """Return where the packs are: inside an installed package, else in the repository beside it. Also holds ``checkov/``."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for directory in (os.path.join(package, "policies"), os.path.join(os.path.dirname(package), "policies")):
        if os.path.isfile(os.path.join(directory, BASELINE + ".yaml")):
            return directory
    raise FileNotFoundError("the policy packs are not installed")


def pack_names() -> tuple[str, ...]:
    """The names of the packs, sorted, the baseline first."""
    names = sorted(name[: -len(".yaml")] for name in os.listdir(policies_directory()) if name.endswith(".yaml"))
    return (BASELINE, *(name for name in names if name != BASELINE))


@lru_cache(maxsize=64)
def pack_layer(name: str) -> Layer:
    """What the pack called ``name`` says. Raises KeyError if there is none."""
    if name == BASELINE:
        return BASELINE_LAYER
    if name not in pack_names():
        raise KeyError(name)
    return read_pack(name)


def read_pack(name: str) -> Layer:
    """What the file of the pack called ``name`` says."""
    from vpce_checks.policy.parse import parse_policy  # brings YAML

    path = _path(name)
    with open(path, "rb") as file:
        return parse_policy(file.read(), path, pack=name)


def find_pack(name: str) -> Pack | None:
    """The pack called ``name``."""
    if name not in pack_names():
        return None
    layer = read_pack(name)
    return Pack(
        name,
        layer.description,
        layer.url,
        tuple(item.service for item in layer.gateway or ()),
        tuple(item.service for item in layer.interface or ()),
        tuple(item.service for item in layer.central),
        _path(name),
    )


def list_packs() -> tuple[Pack, ...]:
    """Every pack, the baseline first."""
    return tuple(pack for name in pack_names() if (pack := find_pack(name)) is not None)


def _path(name: str) -> str:
    return os.path.join(policies_directory(), name + ".yaml")

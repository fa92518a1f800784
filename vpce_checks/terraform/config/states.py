"""Where Terraform keeps the state of a root, so that another root can read its outputs.

https://developer.hashicorp.com/terraform/language/backend
https://developer.hashicorp.com/terraform/language/state/remote-state-data
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vpce_checks.catalog.partitions import partition_of
from vpce_checks.model.spans import Span
from vpce_checks.model.values import (
    Cause,
    MapValue,
    Opaque,
    PartialString,
    Unknown,
    Value,
    choose,
    join_strings,
    unknown,
)
from vpce_checks.terraform.config.state_paths import in_directory, local_state, state_in_bucket
from vpce_checks.terraform.config.state_servers import KUBERNETES_SERVERS, database, server, stated

WORKSPACES = "workspace_dir"
"""The setting of a local backend that says where the states of other workspaces than ``default`` are. In a key, it is the path
of a state there."""

HOSTNAME = "app.terraform.io"
"""Where the workspaces of an organization are, unless the code names another host."""


class StateAddress(NamedTuple):
    """Where a state is: ``name`` is its path or its workspace, ``key`` holds the rest (see model.outside.Wanted)."""

    name: Value
    key: Mapping[str, Value]


class _Backend(NamedTuple):
    """Settings that identify a state: the one that is most its own, and the others; each with its default.

    Each of ``servers`` says something of the server that has the state: a setting, with its older names. The environment
    says it where the code sets none of them.
    """

    name: str
    default: str | None
    others: Mapping[str, str | None]
    servers: tuple[tuple[str, ...], ...] = ()


_BACKENDS = {
    "s3": _Backend("key", None, {"bucket": None, "workspace_key_prefix": "env:"}, (("endpoints.s3", "endpoint"),)),
    "gcs": _Backend("prefix", "", {"bucket": None}, (("storage_custom_endpoint",),)),
    "azurerm": _Backend("key", None, {"storage_account_name": None, "container_name": None}, (("environment",),)),
    "http": _Backend("address", None, {}),
    "consul": _Backend("path", None, {}, (("address",), ("datacenter",))),
    "kubernetes": _Backend("secret_suffix", None, {"namespace": "default"}, KUBERNETES_SERVERS),
    "pg": _Backend("schema_name", "terraform_remote_state", {"conn_str": None}),
    "cos": _Backend("key", "terraform.tfstate", {"bucket": None, "prefix": ""}, (("region",),)),
    "oss": _Backend("key", "terraform.tfstate", {"bucket": None, "prefix": "env:"}),
    "oci": _Backend("key", "terraform.tfstate", {"bucket": None, "namespace": None}, (("region",),)),
}
"""A bucket of S3, GCS or OSS and a storage account have names that are unique in their cloud: the region adds nothing."""


def state_address(backend: Value, settings: Mapping[str, Value], directory: str, span: Span) -> StateAddress:
    """Return the address of the state that ``settings`` of ``backend`` mean in the root in ``directory``.

    What they do not say is unknown: it may come from ``terraform init -backend-config``.
    """
    if not isinstance(backend, str):
        return StateAddress(unknown("the type of the backend is not known", span), {})
    if backend in ("remote", "cloud"):
        return _workspace_address(settings, span)
    if backend == "local":
        path, workspace = local_state(settings.get("path"), directory)
        local: dict[str, Value] = {"backend": "local", **({} if workspace is None else {"workspace": workspace})}
        if settings.get("workspace_dir") is not None:
            local[WORKSPACES] = in_directory(settings["workspace_dir"], directory)
        return StateAddress(path, local)
    known = _BACKENDS.get(backend)
    if known is None:
        return StateAddress(unknown(f"what identifies a state of the backend {backend} is not known", span), {})

    def part(name: str, default: str | None) -> Value:
        value = settings.get(name)
        if value == "" and default is None:  # no state is there: ``-var`` or ``-backend-config`` says another value
            return unknown(f"the code leaves {name} of the backend empty", span, "string")
        if value is not None:
            return value
        return unknown(f"the code does not set {name} of the backend", span) if default is None else default

    key = {"backend": backend, **{name: part(name, default) for name, default in known.others.items()}}
    for names in known.servers:
        key[names[0]] = server(backend, names[0], stated(settings, names), span)
    if backend == "pg":
        key["conn_str"] = database(key["conn_str"], span)
    name = part(known.name, known.default)
    if backend in ("gcs", "oss") and isinstance(name, str):
        name = name.strip("/")  # the state is at PREFIX/default.tfstate
    region = settings.get("region")
    if backend == "s3" and isinstance(region, str):
        key["partition"] = partition_of(region)  # each partition has buckets of its own
    if backend == "s3":
        name, workspace = state_in_bucket(name)
        key.update({} if workspace is None else {"workspace": workspace})
    return StateAddress(name, key)


def _workspace_address(settings: Mapping[str, Value], span: Span) -> StateAddress:
    """Return the address of a workspace of HCP Terraform: ``organization/workspace``."""
    organization, hostname = settings.get("organization") or None, settings.get("hostname") or None
    if organization is None:
        organization = unknown("the code does not name the organization", span)
    workspaces = settings.get("workspaces")
    named = workspaces.items.get("name") if isinstance(workspaces, MapValue) else workspaces
    prefix = workspaces.items.get("prefix") if isinstance(workspaces, MapValue) else None
    if named is None or named == "":
        rest: Value = settings.get("workspace") or unknown("the code does not name the workspace", span)
        named = _joined((prefix, rest), span) if prefix is not None else rest
    key = {"backend": "remote", "hostname": HOSTNAME if hostname is None else hostname}
    return StateAddress(_joined((organization, "/", named), span), key)


def _joined(parts: tuple[Value, ...], span: Span) -> Value:
    if all(isinstance(part, (str, Opaque, PartialString)) for part in parts):
        return join_strings(parts)
    return unknown("the name of the organization or of the workspace is not a string", span, "string")


def workspace_in(organization: Value, workspace: Value, hostname: Value, span: Span) -> StateAddress:
    """Return the address of the state of a workspace that ``tfe_outputs`` names."""
    return _workspace_address({"organization": organization, "workspaces": workspace, "hostname": hostname}, span)


def alternatives(files: Mapping[str, Mapping[str, Value]], count: int, span: Span) -> dict[str, Value]:
    """Return the settings that one of several files of ``-backend-config`` makes; which of them is not known.

    ``files`` are their settings by their names, and ``span`` is the backend that needs them. There are ``count`` files: what
    those say that are not in ``files`` may be anything.
    """
    names = dict.fromkeys(name for settings in files.values() for name in settings)
    more = f" and {count - len(files)} more" if count > len(files) else ""
    text = f"terraform init may be given any of {count} files by -backend-config: {', '.join(files)}{more}"
    causes = (Cause(text, span),)
    if more:
        return {name: Unknown(causes, "string") for name in names}
    return {name: choose([settings.get(name) for settings in files.values()], causes) for name in names}

"""Data sources that read what another root has written: states, stored parameters, exports and outputs of stacks.

A resource ``aws_cloudformation_stack`` has the outputs of its template, which is a root as well if it is a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.catalog.parameter_names import parse_parameter_name
from vpce_checks.model.outside import EXPORT, PARAMETER, STACK, STATE, Found, Wanted
from vpce_checks.model.values import MAX_CAUSES, Cause, MapValue, PartialString, Reference, Unknown, Value, unknown
from vpce_checks.terraform.aws.generic import STACK_SET
from vpce_checks.terraform.config.accounts import account_of
from vpce_checks.terraform.config.states import WORKSPACES, state_address, workspace_in
from vpce_checks.terraform.config.stores import (
    CONSUL_KEYS,
    STORE_TYPES,
    read_attributes,
    wanted_of_store,
    wants_of_store,
)
from vpce_checks.terraform.lang.marks import SENSITIVE

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance


def wanted(instance: Instance) -> Wanted | None:
    """Return what a data source wants from other roots; None if it is of another type."""
    make = _WANTED.get(instance.type)
    want = make(instance) if make is not None else None
    if want is not None and want.name == "" and want.kind != STATE:  # nothing has no name: ``-var`` says another one
        return replace(
            want, name=unknown(f"the code leaves the name that {want.what} reads empty", want.span, "string")
        )
    return want


def wanted_template(instance: Instance) -> Wanted | None:
    """Return what a stack or a stack set wants from other roots: the one with its template. None for others."""
    if instance.type != STACK_SET:
        return wanted(instance)
    body, span = instance.get("template_body"), instance.block.header
    if not isinstance(body, str):
        return None
    name = unknown(f"the names of the stacks of {instance.address} are not in the code", span, "string")
    return Wanted(STACK, name, instance.address, span, {"body": body})


def value_of_another(instance: Instance, name: str) -> Value | None:
    """Return attribute ``name`` of a data source whose value another root of the repository may write."""
    session = instance.scope.session
    want = wanted(instance) if session.outside is not None and instance.type in _WANTED else None
    found = session.outside.find(want) if session.outside is not None and want is not None else None
    if found is None:
        return None
    if name in _MAPS.get(instance.type, ()):
        return MapValue(_Values(found, instance, name), "object", rest=found.rest, maybe=found.maybe)
    if name in _SINGLE.get(instance.type, ()):
        part = name if name == "data" else ""
        return _note(found, part, instance, found.value(part, external(instance, name)))
    if (instance.type, name) == (CONSUL_KEYS, "var"):
        return _keys_of_consul(instance)
    if name in _LISTS.get(instance.type, ()):
        cause = Cause(f"which parameters {instance.address} reads is not known", instance.block.header)
        return Unknown((*found.why, cause)[:MAX_CAUSES])
    if instance.type == "terraform_remote_state" and name in found.names:
        return _note(found, name, instance, found.value(name, external(instance, name)))  # as before Terraform 0.12
    return None


_MAPS: Mapping[str, tuple[str, ...]] = {
    "terraform_remote_state": ("outputs",),
    "tfe_outputs": ("values", "nonsensitive_values"),
    "aws_cloudformation_stack": ("outputs",),
}
"""Attributes that hold every value."""

_SINGLE: Mapping[str, tuple[str, ...]] = {
    **{type: read_attributes(type) for type in STORE_TYPES},
    "aws_ssm_parameter": ("value", "insecure_value"),
    "awscc_ssm_parameter": ("value",),
    "aws_cloudformation_export": ("value",),
}
"""Attributes that are the value itself."""

_LISTS: Mapping[str, tuple[str, ...]] = {"aws_ssm_parameters_by_path": ("values", "names")}
"""Attributes with a list of all values, or of all names. Nobody knows the order."""


def _keys_of_consul(instance: Instance) -> MapValue:
    """Return the values that a data source reads from Consul, by its own names for them."""
    outside = instance.scope.session.outside
    values: dict[str, Value] = {}
    for name, want in wants_of_store(instance, environment_key).items():
        found = outside.find(want) if outside is not None else None
        otherwise = external(instance, "var", name)
        values[name] = otherwise if found is None else found.value("", otherwise)
    return MapValue(values, rest=Unknown(external(instance, "var").causes))


def external(instance: Instance, *path: str) -> Reference:
    """Return a reference for a value that only the deployment knows: a data source reads it, or a resource gets it."""
    what = ".".join((instance.address, *path))
    cause = Cause(f"{what} is read during the deployment", instance.block.header)
    return Reference(instance.address, path, "data" if instance.mode == "data" else "computed", (cause,))


def _note(found: Found, name: str, instance: Instance, value: Value) -> Value:
    if found.is_sensitive(name):
        instance.scope.session.note_mark(SENSITIVE)
    return value


class _Values(Mapping[str, Value]):
    """The values that a data source reads from another root. Each is evaluated when something asks for it."""

    def __init__(self, found: Found, instance: Instance, attribute: str) -> None:
        self._found = found
        self._instance = instance
        self._attribute = attribute
        defaults = instance.get("defaults") if instance.type == "terraform_remote_state" else None
        self._defaults = defaults.items if isinstance(defaults, MapValue) else {}
        self._names = dict.fromkeys((*found.names, *self._defaults))

    def __getitem__(self, name: str) -> Value:
        if name not in self._names:
            raise KeyError(name)
        otherwise = self._defaults.get(name, external(self._instance, self._attribute, name))
        return _note(self._found, name, self._instance, self._found.value(name, otherwise))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return dict, (dict(self),)


# -- what each type wants --------------------------------------------------------------------------------------------


def _remote_state(instance: Instance) -> Wanted:
    config = instance.get("config")
    settings: Mapping[str, Value] = config.items if isinstance(config, MapValue) else {}
    if config is None:
        block = next(iter(instance.blocks("config")), None)
        attributes = getattr(getattr(block, "body", None), "attributes", {})
        settings = {name: block.get(name) for name in attributes} if block is not None else {}
    workspace = instance.get("workspace")
    backend = instance.get("backend")
    span = instance.block.header
    if backend in ("remote", "cloud") and workspace is not None:
        settings = {**settings, "workspace": workspace}
    address = state_address(backend, settings, instance.module.session.root, span)
    key = dict(address.key)
    if backend not in ("remote", "cloud", "http"):
        # If the workspace is unknown, it is that of this run. The roots that share the state run in the same one.
        named = key.pop("workspace", workspace or "default")
        key.update({} if isinstance(named, Unknown) else {"workspace": named})
        if key.get("workspace", "default") == "default":
            key.pop("workspace_key_prefix", None)  # it is a part of the path in the other workspaces only
    elsewhere = key.pop(WORKSPACES, None)
    name = address.name if elsewhere is None or key.get("workspace") == "default" else elsewhere
    return Wanted(STATE, name, instance.address, span, key)


def _tfe_outputs(instance: Instance) -> Wanted:
    provider = instance.module.provider_of(instance)
    organization, hostname = instance.get("organization"), None
    if provider is not None:
        organization = provider.get("organization") if organization is None else organization
        hostname = provider.get("hostname")
    address = workspace_in(organization, instance.get("workspace"), hostname, instance.block.header)
    return Wanted(STATE, address.name, instance.address, instance.block.header, address.key)


def environment_key(instance: Instance) -> dict[str, Value]:
    """Return the region and the account of an instance as parts of a key, without a region that the code does not set."""
    region = instance.region()
    run = instance.scope.session.account
    account = account_of(instance.module.provider_of(instance), instance.block.header, run)
    is_set = isinstance(region, (str, PartialString, Unknown))
    return {**({"region": region} if is_set else {}), "account": account}


def _parameter(instance: Instance) -> Wanted:
    # The awscc provider finds everything by its id: of a parameter, that is its name.
    given = instance.get("id" if instance.type.startswith("awscc_") else "name")
    name, elsewhere = parse_parameter_name(given, instance.block.header)
    key = environment_key(instance) if elsewhere is None else elsewhere
    return Wanted(PARAMETER, name, instance.address, instance.block.header, key)


def _parameters_below(instance: Instance) -> Wanted:
    below = Unknown(
        (Cause(f"{instance.address} reads every parameter below its path", instance.block.header),), "string"
    )
    path = instance.get("path")
    name = PartialString((f"{path.rstrip('/')}/", below)) if isinstance(path, str) else below
    return Wanted(PARAMETER, name, instance.address, instance.block.header, environment_key(instance))


def _export(instance: Instance) -> Wanted:
    return Wanted(EXPORT, instance.get("name"), instance.address, instance.block.header, environment_key(instance))


def _stack(instance: Instance) -> Wanted:
    key = environment_key(instance)
    body = instance.get("template_body")
    if isinstance(body, str):
        key["body"] = body
    return Wanted(STACK, instance.get("name"), instance.address, instance.block.header, key)


def _stored(instance: Instance) -> Wanted | None:
    return wanted_of_store(instance, environment_key)


_WANTED: Mapping[str, Callable[[Instance], Wanted | None]] = {
    **dict.fromkeys(STORE_TYPES, _stored),
    "terraform_remote_state": _remote_state,
    "tfe_outputs": _tfe_outputs,
    "aws_ssm_parameter": _parameter,
    "awscc_ssm_parameter": _parameter,
    "aws_ssm_parameters_by_path": _parameters_below,
    "aws_cloudformation_export": _export,
    "aws_cloudformation_stack": _stack,
}

WANTED_TYPES = frozenset(_WANTED)
"""Types of data sources that read what another root may have written."""

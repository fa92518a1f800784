"""Texts that one root writes to a store and another one reads by the same name: a secret, an object in a bucket, a file; and
which types store a parameter.

Anything else may write there too, so what is read is never certain.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret_version
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_object
https://registry.terraform.io/providers/hashicorp/local/latest/docs/resources/file
https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/kv_secret_v2
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.catalog.secret_names import parse_secret_name
from vpce_checks.model.outside import Offer, Wanted
from vpce_checks.model.values import PartialString, Reference, Unknown, Value
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.functions.files import seen_from_root
from vpce_checks.terraform.syntax.ast import Call
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance

Environment: TypeAlias = "Callable[[Instance], dict[str, Value]]"


PARAMETER_TYPES = frozenset({"aws_ssm_parameter", "awscc_ssm_parameter"})
"""The types of resources that store a parameter of the Parameter Store, and of data sources that read one."""

_PARAMETER_VALUES = ("value", "insecure_value", "value_wo")


@record
class _Store:
    """How a resource and the data source of the same type name what is in a store. ``name`` is the argument with the name,
    ``written`` are the arguments of the resource that may have what is there, ``read`` is that attribute of the data source, and
    ``within`` are arguments without which the name says nothing."""

    kind: str
    name: str
    written: tuple[str, ...]
    read: str
    within: tuple[str, ...] = ()


BUCKET_OBJECT = "object in a bucket"
_SECRET, _FILE, _VAULT = "secret", "file", "secret of Vault"

_OF_BUCKET = _Store(BUCKET_OBJECT, "key", ("content", "content_base64"), "body", ("bucket",))
_OF_FILE = _Store(_FILE, "filename", ("content", "content_base64", "sensitive_content"), "content")

_STORES: Mapping[str, _Store] = {
    "aws_secretsmanager_secret_version": _Store(
        _SECRET, "secret_id", ("secret_string", "secret_string_wo"), "secret_string"
    ),
    "aws_s3_object": _OF_BUCKET,
    "aws_s3_bucket_object": _OF_BUCKET,
    "local_file": _OF_FILE,
    "local_sensitive_file": _OF_FILE,
    "vault_generic_secret": _Store(_VAULT, "path", ("data_json",), "data_json"),
    "vault_kv_secret": _Store(_VAULT, "path", ("data_json",), "data_json"),
    "vault_kv_secret_v2": _Store(_VAULT, "name", ("data_json", "data_json_wo"), "data_json", ("mount",)),
}

STORE_TYPES = frozenset(_STORES)
"""The types of resources that write a text to a store, and of data sources that read one."""


def read_attributes(type: str) -> tuple[str, ...]:
    """Return the attributes of a data source that are, or hold, what is in the store."""
    store = _STORES[type]
    return (store.read, "data") if store.kind == _VAULT else (store.read,)


def stored(instance: Instance, environment: Environment) -> Offer | None:
    """Return what a resource writes to a store. None if its name is not known. ``environment`` returns where an instance is."""
    store = _STORES[instance.type]
    place = _place(instance, store, environment)
    if place is None:
        return None

    def value(name: str) -> Value:
        return _decoded(instance, store) if name == "data" else stored_value(instance)

    def is_sensitive(name: str) -> bool:
        return store.kind in (_SECRET, _VAULT)

    what = instance.address.removeprefix(instance.scope.session.label)
    return Offer(store.kind, place[0], what, instance.block.header, value, key=place[1], is_sensitive=is_sensitive)


def wanted_of_store(instance: Instance, environment: Environment) -> Wanted | None:
    """Return what a data source reads from a store. None if its name is not known."""
    store = _STORES[instance.type]
    place = _place(instance, store, environment)
    if place is None:
        return None
    return Wanted(store.kind, place[0], instance.address, instance.block.header, place[1], is_search=True)


def stored_name(instance: Instance) -> tuple[Value, Value]:
    """Return the name under which a resource stores a text or a parameter: as it is written, and as others know it."""
    store = _STORES.get(instance.type)
    written = instance.get("name" if store is None else store.name)
    return written, written if store is None else _named(instance, written)


def stored_value(instance: Instance) -> Value:
    """Return the text or the parameter that a resource stores."""
    store = _STORES.get(instance.type)
    for argument in _PARAMETER_VALUES if store is None else store.written:
        value = instance.get(argument)
        if value is not None:
            return _evaluated(instance, argument, "base64decode") if argument.endswith("_base64") else value
    return None


def _place(instance: Instance, store: _Store, environment: Environment) -> tuple[Value, dict[str, Value]] | None:
    """Return the name of what is in a store, and what else says where it is."""
    name = _named(instance, instance.get(store.name))
    key = {part: _named(instance, instance.get(part)) for part in store.within}
    if store.kind == _FILE:
        name = seen_from_root(name)
        if isinstance(name, str):
            name = os.path.normpath(os.path.join(instance.scope.session.root, name))
    if store.kind == _SECRET:
        name, elsewhere = parse_secret_name(name, instance.block.header)
        key = environment(instance) if elsewhere is None else elsewhere
    if not isinstance(name, (str, PartialString)) and not (isinstance(name, Unknown) and name.one_of):
        return None
    return name, {part: value for part, value in key.items() if value is not None}


def _named(instance: Instance, value: Value) -> Value:
    """Return the name of the secret or bucket that an id or ARN is of, where the code creates it or finds it by its name or its
    ARN."""
    if not isinstance(value, Reference) or value.path not in (("id",), ("arn",), ("bucket",)):
        return value
    owner = instance.scope.session.declared.get(value.address)
    if owner is None:
        return value
    names = (owner.attribute("bucket" if owner.type == "aws_s3_bucket" else "name"), owner.attribute("arn"))
    return next((name for name in names if isinstance(name, (str, PartialString))), value)


def _decoded(instance: Instance, store: _Store) -> Value:
    given = (argument for argument in store.written if instance.get(argument) is not None)
    return next((_evaluated(instance, argument, "jsondecode") for argument in given), None)


def _evaluated(instance: Instance, argument: str, function: str) -> Value:
    """Return what ``function`` makes of an argument."""
    attribute = instance.block.body.attributes.get(argument)
    if attribute is None:
        return None
    try:
        return evaluate(Call(function, (attribute.expr,), False, attribute.span), instance.scope)
    except EvalError:
        return None

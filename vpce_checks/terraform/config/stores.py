"""Texts that one root writes to a store and another one reads by the same name: a secret, an object in a bucket, a file.

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
from vpce_checks.model.outside import Offer, Wanted
from vpce_checks.model.values import PartialString, Reference, Value
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.syntax.ast import Call
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.config.instances import Instance

Environment: TypeAlias = "Callable[[Instance], dict[str, Value]]"


@record
class _Store:
    """How a resource or a data source names what is in a store. ``name`` is the argument with the name, ``text`` the argument or
    attribute with what is there, and ``within`` are arguments without which the name says nothing."""

    kind: str
    name: str
    text: str
    within: tuple[str, ...] = ()


_SECRET, _OBJECT, _FILE, _VAULT = "secret", "object in a bucket", "file", "secret of Vault"

_WRITES: Mapping[str, _Store] = {
    "aws_secretsmanager_secret_version": _Store(_SECRET, "secret_id", "secret_string"),
    "aws_s3_object": _Store(_OBJECT, "key", "content", ("bucket",)),
    "aws_s3_bucket_object": _Store(_OBJECT, "key", "content", ("bucket",)),
    "local_file": _Store(_FILE, "filename", "content"),
    "local_sensitive_file": _Store(_FILE, "filename", "content"),
    "vault_generic_secret": _Store(_VAULT, "path", "data_json"),
    "vault_kv_secret_v2": _Store(_VAULT, "name", "data_json", ("mount",)),
}
"""By type of resource."""

_READS: Mapping[str, _Store] = {
    "aws_secretsmanager_secret_version": _Store(_SECRET, "secret_id", "secret_string"),
    "aws_s3_object": _Store(_OBJECT, "key", "body", ("bucket",)),
    "aws_s3_bucket_object": _Store(_OBJECT, "key", "body", ("bucket",)),
    "local_file": _Store(_FILE, "filename", "content"),
    "local_sensitive_file": _Store(_FILE, "filename", "content"),
    "vault_generic_secret": _Store(_VAULT, "path", "data_json"),
    "vault_kv_secret_v2": _Store(_VAULT, "name", "data_json", ("mount",)),
}
"""By type of data source."""

WRITING_TYPES = frozenset(_WRITES)
READING_TYPES = frozenset(_READS)


def read_attributes(type: str) -> tuple[str, ...]:
    """Return the attributes of a data source that are, or hold, what is in the store."""
    store = _READS[type]
    return (store.text, "data") if store.kind == _VAULT else (store.text,)


def stored(instance: Instance, environment: Environment) -> Offer | None:
    """Return what a resource writes to a store. None if its name is not known. ``environment`` returns where an instance is."""
    store = _WRITES[instance.type]
    place = _place(instance, store, environment)
    if place is None:
        return None

    def value(name: str) -> Value:
        return _decoded(instance, store.text) if name == "data" else instance.get(store.text)

    def is_sensitive(name: str) -> bool:
        return store.kind in (_SECRET, _VAULT)

    what = instance.address.removeprefix(instance.scope.session.label)
    return Offer(store.kind, place[0], what, instance.block.header, value, key=place[1], is_sensitive=is_sensitive)


def wanted_of_store(instance: Instance, environment: Environment) -> Wanted | None:
    """Return what a data source reads from a store. None if its name is not known."""
    store = _READS[instance.type]
    place = _place(instance, store, environment)
    if place is None:
        return None
    return Wanted(store.kind, place[0], instance.address, instance.block.header, place[1], is_search=True)


def _place(instance: Instance, store: _Store, environment: Environment) -> tuple[Value, dict[str, Value]] | None:
    """Return the name of what is in a store, and what else says where it is."""
    name = _named(instance, instance.get(store.name))
    if not isinstance(name, (str, PartialString)):
        return None
    key = {part: _named(instance, instance.get(part)) for part in store.within}
    if store.kind == _FILE and isinstance(name, str):
        name = os.path.normpath(os.path.join(instance.scope.session.root, name))
    if store.kind == _SECRET:
        key = environment(instance)
    return name, {part: value for part, value in key.items() if value is not None}


def _named(instance: Instance, value: Value) -> Value:
    """Return the name of the secret or bucket that an id or ARN is of, where the code creates it or finds it by its name."""
    if not isinstance(value, Reference) or value.path not in (("id",), ("arn",), ("bucket",)):
        return value
    owner = instance.scope.session.declared.get(value.address)
    if owner is None:
        return value
    name = owner.attribute("bucket" if owner.type == "aws_s3_bucket" else "name")
    return name if isinstance(name, (str, PartialString)) else value


def _decoded(instance: Instance, argument: str) -> Value:
    attribute = instance.block.body.attributes.get(argument)
    if attribute is None:
        return None
    try:
        return evaluate(Call("jsondecode", (attribute.expr,), False, attribute.span), instance.scope)
    except EvalError:
        return None

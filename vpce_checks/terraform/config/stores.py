"""What one root writes to a store and another one reads by the same name: a secret, an object in a bucket, a file, an item of
a table, keys of Consul; and which types store a parameter.

Anything else may write there too, so what is read is never certain.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret_version
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_object
https://registry.terraform.io/providers/hashicorp/local/latest/docs/resources/file
https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/kv_secret_v2
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_table_item
https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/config_map_v1
https://registry.terraform.io/providers/hashicorp/consul/latest/docs/resources/keys
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from vpce_checks.base.record import record, replace
from vpce_checks.catalog.secret_names import parse_secret_name
from vpce_checks.model.outside import Offer, Wanted
from vpce_checks.model.values import Cause, PartialString, Reference, Unknown, Value, choose
from vpce_checks.terraform.lang.evaluate import evaluate
from vpce_checks.terraform.lang.functions.files import seen_from_root
from vpce_checks.terraform.syntax.ast import Call
from vpce_checks.terraform.types.errors import EvalError

if TYPE_CHECKING:
    from vpce_checks.terraform.aws.instance import ResourceBlock
    from vpce_checks.terraform.config.instances import Instance

Environment: TypeAlias = "Callable[[Instance], dict[str, Value]]"


PARAMETER_TYPES = frozenset({"aws_ssm_parameter", "awscc_ssm_parameter"})
"""The types for the Parameter Store. Each is the type of a resource, which writes a parameter, and of a data source."""

_PARAMETER_VALUES = ("value", "insecure_value", "value_wo")


@record
class _Store:
    """A kind of store: a resource of a type writes a text to it under a name, a data source of the same type reads it.

    ``name``: the argument with the name, in both. ``written``: the arguments of the resource, one of which has the
    text. ``read``: the attribute of the data source with the text. ``within``: further arguments, which belong to the
    name: two buckets may each hold an object of one name. ``block``: the nested block that has ``name`` and
    ``within``, if one does.
    """

    kind: str
    name: str
    written: tuple[str, ...]
    read: str
    within: tuple[str, ...] = ()
    block: str = ""


BUCKET_OBJECT = "object in a bucket"
_SECRET, _FILE, _VAULT = "secret", "file", "secret of Vault"
_ITEM, _CONFIG_MAP, _KEY, _KEYS = "item of the table", "config map", "key of Consul", "keys of Consul below"

_OF_BUCKET = _Store(BUCKET_OBJECT, "key", ("content", "content_base64"), "body", ("bucket",))
_OF_FILE = _Store(_FILE, "filename", ("content", "content_base64", "sensitive_content"), "content")
_OF_CONFIG_MAP = _Store(_CONFIG_MAP, "name", ("data",), "data", ("namespace",), "metadata")

CONSUL_KEYS = "consul_keys"
"""The type that writes and reads several keys at once, each in a block ``key``. The data source has them in ``var``."""

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
    "aws_dynamodb_table_item": _Store(_ITEM, "table_name", ("item",), "item"),
    "kubernetes_config_map": _OF_CONFIG_MAP,
    "kubernetes_config_map_v1": _OF_CONFIG_MAP,
    "consul_key_prefix": _Store(_KEYS, "path_prefix", ("subkeys",), "subkeys", ("datacenter",)),
    CONSUL_KEYS: _Store(_KEY, "path", ("value",), "var", ("datacenter",), "key"),
}

STORE_TYPES = frozenset(_STORES)
"""The types for stores. Each is the type of a resource, which writes a text, and of a data source, which reads it."""


def read_attributes(type: str) -> tuple[str, ...]:
    """Return the attributes of a data source that give the text under one name, or a map with it."""
    store = _STORES[type]
    if type == CONSUL_KEYS:
        return ()
    return (store.read, "data") if store.kind == _VAULT else (store.read,)


def stored(instance: Instance, environment: Environment) -> Iterator[Offer]:
    """Yield what a resource writes to a store, where its name is known. ``environment`` returns where an instance is."""
    store = _STORES[instance.type]
    what, span = instance.address.removeprefix(instance.scope.session.label), instance.block.header

    def value(name: str) -> Value:
        return _decoded(instance, store) if store.kind == _VAULT and name == "data" else stored_value(instance)

    def is_sensitive(name: str) -> bool:
        return store.kind in (_SECRET, _VAULT)

    for block in _blocks(instance, store):
        place = _place(instance, block, store, environment)
        if place is not None:
            read = partial(_of_key, block) if instance.type == CONSUL_KEYS else value
            yield Offer(store.kind, place[0], what, span, read, key=place[1], is_sensitive=is_sensitive)


def _of_key(block: ResourceBlock, name: str) -> Value:
    return block.get("value")


def wanted_of_store(instance: Instance, environment: Environment) -> Wanted | None:
    """Return what a data source reads from a store: under any of its names, if it has several. None if no name is known."""
    wants = tuple(wants_of_store(instance, environment).values())
    if len(wants) < 2:
        return next(iter(wants), None)
    return replace(wants[0], name=choose([want.name for want in wants], (Cause("one of several keys", wants[0].span),)))


def wants_of_store(instance: Instance, environment: Environment) -> dict[str, Wanted]:
    """Return the texts that a data source wants from a store.

    The keys are its own names for them; ``""`` if there is only one.
    """
    store = _STORES[instance.type]
    found = {}
    for block in _blocks(instance, store):
        place = _place(instance, block, store, environment)
        label = block.get("name") if instance.type == CONSUL_KEYS else ""
        if place is not None and isinstance(label, str):
            span = instance.block.header
            found[label] = Wanted(store.kind, place[0], instance.address, span, place[1], is_search=True)
    return found


def _blocks(instance: Instance, store: _Store) -> Iterable[Instance | ResourceBlock]:
    return instance.blocks(store.block) if store.block else (instance,)


def stored_name(instance: Instance) -> tuple[Value, Value]:
    """Return the name under which a resource stores a text or a parameter: as it is written, and as others know it."""
    store = _STORES.get(instance.type)
    if store is None:
        written = instance.get("name")
        return written, written
    blocks = [block.get(store.name) for block in _blocks(instance, store)]
    written = choose(blocks, ()) if len(blocks) > 1 else next(iter(blocks), None)
    return written, _named(instance, written)


def stored_value(instance: Instance) -> Value:
    """Return the text or the parameter that a resource stores; where it stores several, one of them."""
    store = _STORES.get(instance.type)
    if instance.type == CONSUL_KEYS:
        return choose([block.get("value") for block in instance.blocks("key")], ())
    for argument in _PARAMETER_VALUES if store is None else store.written:
        value = instance.get(argument)
        if value is not None:
            return _evaluated(instance, argument, "base64decode") if argument.endswith("_base64") else value
    return None


def _place(
    instance: Instance, block: Instance | ResourceBlock, store: _Store, environment: Environment
) -> tuple[Value, dict[str, Value]] | None:
    """Return the name of a text in a store, and what belongs to the name, such as the bucket.

    ``block`` has the arguments.
    """
    name = _named(instance, block.get(store.name))
    key = {part: _named(instance, block.get(part)) for part in store.within}
    if store.kind == _ITEM:
        key = environment(instance)
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
        return evaluate(Call(function, (attribute.expr,), attribute.span, expand=False), instance.scope)
    except EvalError:
        return None

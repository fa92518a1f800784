"""The tags of a resource: its own, and those that its provider adds to every resource.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block
https://registry.terraform.io/providers/hashicorp/aws/latest/docs#ignore_tags-configuration-block
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.model.values import ListValue, MapValue, Opaque, Unknown, Value, merge_causes
from vpce_checks.terraform.aws.coerce import as_strings, as_tags
from vpce_checks.terraform.config.nested_blocks import NestedBlock, ObjectBlock, settings_blocks

if TYPE_CHECKING:
    from vpce_checks.terraform.config.providers import ProviderConfiguration


def all_tags(own: Value, configuration: ProviderConfiguration | None) -> MapValue:
    """Return what the provider calls ``tags_all``: its default tags, overridden by the resource's ``own`` tags, without
    the tags that it ignores."""
    tags = as_tags(own)
    if configuration is None:
        return tags
    for block in _blocks(configuration, "default_tags"):
        from vpce_checks.terraform.lang.functions.maps import merge_maps  # few providers set tags

        tags = merge_maps([_if_there(as_tags(block.get("tags")), block.exists), tags])
    for block in _blocks(configuration, "ignore_tags"):
        tags = _without(tags, block)
    return tags


def _blocks(configuration: ProviderConfiguration, type: str) -> Iterator[NestedBlock | ObjectBlock]:
    return settings_blocks(configuration.block.body, type, configuration.scope, configuration.get)


def _if_there(tags: MapValue, exists: object) -> MapValue:
    return replace(tags, maybe={**dict.fromkeys(tags.items, exists), **tags.maybe}) if exists is not True else tags


def _without(tags: MapValue, ignored: NestedBlock | ObjectBlock) -> MapValue:
    """The tags without those whose keys, or the beginnings of whose keys, are ignored."""
    keys, prefixes = as_strings(ignored.get("keys")), as_strings(ignored.get("key_prefixes"))
    doubts = [each for each in (keys, prefixes, ignored.exists) if isinstance(each, Opaque)]
    listed = [each for each in (keys, prefixes) if isinstance(each, ListValue)]
    doubts += [part for each in listed for part in (each.rest, *each.items) if isinstance(part, Opaque)]
    names = {each for each in _items(keys) if isinstance(each, str)}
    beginnings = tuple(each for each in _items(prefixes) if isinstance(each, str))
    gone = (
        {key for key in tags.items if key in names or key.startswith(beginnings)} if ignored.exists is True else set()
    )
    items = {key: value for key, value in tags.items.items() if key not in gone}
    maybe = {key: why for key, why in tags.maybe.items() if key not in gone}
    if doubts:
        maybe = {**dict.fromkeys(items, Unknown(merge_causes(doubts))), **maybe}
    return replace(tags, items=items, maybe=maybe)


def _items(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, ListValue) else ()

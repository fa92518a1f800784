"""Tags that a resource of its own puts on a VPC.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_tag
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from vpce_checks.base.record import record, replace
from vpce_checks.model.declaration import Declaration
from vpce_checks.model.network import NetworkObject, Vpc, link
from vpce_checks.model.values import Cause, MapValue, Opaque, Unknown, Value, choose, merge_causes, same
from vpce_checks.terraform.aws.coerce import as_string, item
from vpce_checks.terraform.aws.instance import ResourceInstance

TAG_RESOURCE = "aws_ec2_tag"


class TagInstance(ResourceInstance, Protocol):
    """An instance of the resource."""

    def is_sensitive(self, name: str) -> bool:
        """Whether the value of an argument must not be shown."""


@record
class _Tag:
    """A tag on ``target``. ``doubt`` is why it may not be there."""

    declared: Declaration
    target: Value
    key: Value
    value: Value
    doubt: Opaque | None


def with_tags(objects: Iterable[NetworkObject], instances: Iterable[TagInstance]) -> list[NetworkObject]:
    """Return ``objects``, the VPCs among them with the tags that ``instances`` put on them."""
    tags = [_tag(instance) for instance in instances]
    return [_tagged(each, tags) if isinstance(each, Vpc) and tags else each for each in objects]


def _tag(instance: TagInstance) -> _Tag:
    declared = instance.declaration()
    value = as_string(instance.get("value"))
    if instance.is_sensitive("value"):
        value = Unknown((Cause(f"the value of {declared.address} is sensitive", declared.span),))
    exists = declared.exists
    doubt = exists if isinstance(exists, Opaque) else None
    return _Tag(declared, instance.get("resource_id"), instance.get("key"), value, doubt)


def _tagged(vpc: Vpc, tags: Iterable[_Tag]) -> Vpc:
    found = vpc.tags
    for tag in _on(vpc, tags):
        if isinstance(found, MapValue):
            found = _with(found, tag)
    return vpc if found is vpc.tags else replace(vpc, tags=found, name=item(found, "Name"))


def _on(vpc: Vpc, tags: Iterable[_Tag]) -> Iterator[_Tag]:
    """Yield the tags that are on ``vpc``, or may be."""
    for tag in tags:
        linked = link(tag.target)
        if linked.address == vpc.declared.address:
            yield tag
        elif linked.may_be(vpc.declared.address):
            text = f"it is not known what {tag.declared.address} tags"
            doubt = Unknown(merge_causes([tag.target]) or (Cause(text, tag.declared.span),))
            yield replace(tag, doubt=doubt)


def _with(tags: MapValue, tag: _Tag) -> MapValue:
    if not isinstance(tag.key, str):
        causes = merge_causes([tag.key]) or (Cause("the key of a tag is not known", tag.declared.span),)
        return replace(tags, rest=tags.rest or Unknown(causes))
    own, maybe = tags.items.get(tag.key), dict(tags.maybe)
    cause = Cause(f"{tag.declared.address} may set the tag {tag.key}", tag.declared.span)
    if own is None and tags.rest is None:
        value = tag.value
        if tag.doubt is not None:
            maybe[tag.key] = tag.doubt
    elif own is not None and same(own, tag.value):
        return tags
    else:  # what is applied last counts
        maybe.pop(tag.key, None)
        others = [each for each in (own, tags.rest) if each is not None]
        value = choose([*others, tag.value], (*merge_causes([tag.doubt]), cause))
    return replace(tags, items={**tags.items, tag.key: value}, maybe=maybe)

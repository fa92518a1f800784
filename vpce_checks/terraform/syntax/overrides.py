"""Blocks with what an override file sets in them.

https://developer.hashicorp.com/terraform/language/files/override
"""

from __future__ import annotations

from collections.abc import Mapping

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span
from vpce_checks.terraform.syntax.structure import Attribute, Block, Body

# Nested blocks that merge attribute by attribute instead of replacing each other.
_MERGED_BLOCKS = frozenset(("lifecycle",))


@record
class MergedBody:
    """A body put together from others."""

    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]


class MergedBlock:
    """A block with what an override file sets in it. Its place is that of the block overridden."""

    __slots__ = ("_base", "_body", "_override")

    def __init__(self, base: Block, override: Block) -> None:
        self._base = base
        self._override = override
        self._body: MergedBody | None = None

    @property
    def type(self) -> str:
        """The type of both."""
        return self._base.type

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of both."""
        return self._base.labels

    @property
    def span(self) -> Span:
        """The place of the block overridden."""
        return self._base.span

    @property
    def header(self) -> Span:
        """The header of the block overridden."""
        return self._base.header

    @property
    def overrides(self) -> tuple[Span, ...]:
        """The places of the blocks that override it."""
        earlier = self._base.overrides if isinstance(self._base, MergedBlock) else ()
        return (*earlier, self._override.span)

    @property
    def body(self) -> MergedBody:
        """The merged body."""
        body = self._body
        if body is None:
            body = self._body = merge_bodies(self._base.body, self._override.body)
        return body


def merge_bodies(base: Body, override: Body) -> MergedBody:
    """Attributes replace each other one by one; nested blocks replace all those of their type, ``dynamic`` included."""
    replaced = {_content_type(block) for block in override.blocks}
    blocks: list[Block] = []
    merged: set[str] = set()
    for block in base.blocks:
        kind = _content_type(block)
        if kind in _MERGED_BLOCKS and block.type == kind and kind in replaced:
            merged.add(kind)
            for other in override.blocks:
                if other.type == kind:
                    block = MergedBlock(block, other)
            blocks.append(block)
        elif kind not in replaced:
            blocks.append(block)
    blocks.extend(block for block in override.blocks if block.type not in merged)
    attributes = {**base.attributes, **override.attributes}
    if "count" in attributes and "for_each" in attributes:
        # One from each file: Terraform looks at count first.
        del attributes["for_each"]
    return MergedBody(attributes, tuple(blocks))


def _content_type(block: Block) -> str:
    """The type of block that a block, or a ``dynamic`` block, makes."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


@record
class _EditedBlock:
    """A block with another body."""

    type: str
    labels: tuple[str, ...]
    span: Span
    header: Span
    body: Body


def without_replaced(base: Block, attributes: set[str], types: set[str], providers: set[str]) -> Block:
    """A ``terraform`` block without what an override file replaces."""
    kept: list[Block] = []
    for nested in base.body.blocks:
        if nested.type in types:
            continue
        if nested.type == "required_providers":
            rest = {name: value for name, value in nested.body.attributes.items() if name not in providers}
            nested = _EditedBlock(nested.type, nested.labels, nested.span, nested.header, MergedBody(rest, ()))
        kept.append(nested)
    rest = {name: value for name, value in base.body.attributes.items() if name not in attributes}
    return _EditedBlock(base.type, base.labels, base.span, base.header, MergedBody(rest, tuple(kept)))

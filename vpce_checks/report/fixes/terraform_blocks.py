"""Blocks of Terraform, as fixes write them: in the native syntax or in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from vpce_checks.base.record import record
from vpce_checks.report.fixes.changes import Expression, Setting


@record
class Block:
    """A resource block.

    ``partial``: the block exists and has more arguments than these. ``region`` is the name of a data source of the region
    that the block needs and that is to be declared with it, unless another fix does that, as ``note`` then says; it is for the
    provider of the block. ``blanks`` says what belongs into arguments that are empty. ``hints`` are comments for people about
    arguments that are not: they are not written into the code. ``instead_of`` is the present expression of the argument.
    """

    type: str
    name: str
    arguments: dict[str, Any]
    partial: bool = False
    region: str = ""
    note: str = ""
    blanks: Mapping[str, str] = MappingProxyType({})
    hints: Mapping[str, str] = MappingProxyType({})
    instead_of: str = ""


def block_name(service: str) -> str:
    """Return the short name of a service as a Terraform identifier."""
    return "".join(letter if letter.isalnum() else "_" for letter in service)


def id_attribute(type: str) -> str:
    """Return the attribute that has the id of a resource. Those of Cloud Control call it by what they are: ``vpc_id``."""
    return "id" if type.startswith("aws_") else type.removeprefix("awscc_ec2_") + "_id"


def endpoint_type(vpc: str) -> str:
    """Return the type of the resource that an endpoint of a VPC of type ``vpc`` is: one of the same provider, which alone is sure to
    be set up. Both name their arguments alike."""
    return "awscc_ec2_vpc_endpoint" if is_of_cloud_control(vpc) else "aws_vpc_endpoint"


def is_of_cloud_control(type: str) -> bool:
    """Return whether a resource is of the provider awscc."""
    return type.startswith("awscc_")


def written_block(block: Block, file: str) -> str:
    """Return a block as the language of ``file`` writes it."""
    return written_blocks([block], file)


def written_blocks(blocks: Sequence[Block], file: str) -> str:
    """Return blocks as the language of ``file`` writes them, one after the other."""
    return _as_json(*blocks) if is_json(file) else "\n\n".join(map(as_hcl, blocks))


def is_json(file: str) -> bool:
    """Return whether a file is in the JSON syntax."""
    return file.endswith((".tf.json", ".tofu.json"))


def region_block(block: Block) -> str:
    """Return the data source of the region of the provider that ``block`` has."""
    head = f'data "aws_region" {quoted(block.region)} {{'
    provider = block.arguments.get("provider")
    return head + "}" if provider is None else f"{head}\n  provider = {hcl_value(provider)}\n}}"


def as_hcl(block: Block) -> str:
    """Return a block in the native syntax."""
    lines = [region_block(block), ""] if block.region and not block.note else []
    lines += [f"# {block.note}"] if block.note else []
    lines.append(f"resource {quoted(block.type)} {quoted(block.name)} {{")
    if block.partial:
        lines.append("  # ...")
    width = max(len(name) for name in block.arguments)
    for name, value in block.arguments.items():
        if isinstance(value, dict):
            lines.append(f"  {name} {{")
            lines += [f"    {inner} = {hcl_value(item)}" for inner, item in value.items()]
            lines.append("  }")
        else:
            note = _note(block, name, value)
            note = f" # {note}" if note else ""
            lines.append(f"  {name:{width}} = {hcl_value(value)}{note}")
    return "\n".join([*lines, "}"])


def _note(block: Block, name: str, value: Any) -> str:
    """Return the comment about an argument."""
    if value == []:
        return block.blanks.get(name, "")
    return block.hints.get(name, "") or (f"now: {block.instead_of}" if block.instead_of else "")


def hcl_value(value: Any) -> str:
    """Return a value in the native syntax."""
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(hcl_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else quoted(value) if isinstance(value, str) else str(value)


def quoted(text: str) -> str:
    """Return a string in the native syntax."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _as_json(*blocks: Block) -> str:
    import json  # kept out of the start-up

    document: dict[str, Any] = {}
    for block in blocks:
        if block.note:
            document["//"] = block.note
        if block.region and not block.note:
            provider = block.arguments.get("provider")
            document["data"] = {"aws_region": {block.region: {} if provider is None else {"provider": provider}}}
        # JSON has no comments, so what is to be filled in stands in the list itself.
        blanks = {name: [f"<{note}>"] for name, note in block.blanks.items() if block.arguments.get(name) == []}
        arguments = {name: _json_value(value) for name, value in (block.arguments | blanks).items()}
        document.setdefault("resource", {}).setdefault(block.type, {})[block.name] = arguments
    return json.dumps(document, indent=2)


def _json_value(value: Any) -> Any:
    if isinstance(value, Expression):
        return "${" + value + "}"
    if isinstance(value, (list, tuple)):
        return [_json_value(item) for item in value]
    return value


def setting_of(block: Block, file: str) -> Setting:
    """Return what a partial block sets, as a change."""
    return Setting(file, ("resource", block.type, block.name), tuple(block.arguments.items()))

"""The files that ``generate`` blocks write into a unit's module.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#generate
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, MapValue, Opaque, PartialString, Value, merge_causes
from vpce_checks.terraform.terragrunt.merging import merged_blocks

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration

_AFTER_EQUALS = re.compile(r"=[^\n]*\Z")


class Generated(NamedTuple):
    """A file that is written: ``text`` is None where it cannot be told, because of ``causes``. ``values`` are what names
    in it stand for. A file that is there already stays with ``keep``. ``name`` is None where it may be any."""

    name: str | None
    text: str | None
    keep: bool
    span: Span
    values: tuple[tuple[str, Value], ...] = ()
    causes: tuple[Cause, ...] = ()


def generated_files(configuration: Configuration) -> Iterator[Generated]:
    """The files that the unit writes beside its module's."""
    for label, (part, block) in merged_blocks(configuration, "generate").items():
        arguments = MapValue({name: part.evaluated(attribute) for name, attribute in block.body.attributes.items()})
        where = block.body.attributes["contents"].span if "contents" in block.body.attributes else block.span
        yield from _generated(label, arguments, where)
    for part in configuration.with_includes():
        attribute = part.body.attributes.get("generate")
        value = part.evaluated(attribute) if attribute is not None else None
        if isinstance(value, MapValue):
            for label, entry in value.items.items():
                if isinstance(entry, MapValue) and attribute is not None:
                    yield from _generated(label, entry, attribute.span)


def _generated(label: str, arguments: MapValue, where: Span) -> Iterator[Generated]:
    if arguments.items.get("disable") is True:
        return
    path, contents = arguments.items.get("path"), arguments.items.get("contents")
    keep = arguments.items.get("if_exists") == "skip"
    disabled = arguments.items.get("disable")
    if disabled is None:
        disabled = arguments.items.get("if_exists")  # which file stays is as open then
    name = os.path.normpath(path) if isinstance(path, str) else None
    if name is not None and os.path.dirname(name):
        return  # in another directory, where it is no part of the root module
    if isinstance(contents, str) and not isinstance(disabled, Opaque) and name is not None:
        yield Generated(name, contents, keep, where)
        return
    if isinstance(contents, PartialString) and not isinstance(disabled, Opaque) and name is not None:
        text, values = _with_names(contents, label)
        if text is not None:
            yield Generated(name, text, keep, where, values)
            return
    causes = merge_causes([contents, disabled, path]) or (Cause(f"generate {label!r} is not known", where),)
    yield Generated(name, None, keep, where, causes=causes)


def _with_names(contents: PartialString, label: str) -> tuple[str | None, tuple[tuple[str, Value], ...]]:
    """The text with a name in the place of each part that is not known; None where such a part is no plain value."""
    text = ""
    values: dict[str, Value] = {}
    for part in contents.parts:
        if isinstance(part, str):
            text += part
            continue
        name = f"terragrunt_{re.sub(r'[^0-9A-Za-z_]', '_', label)}_{len(values)}"
        values[name] = part
        line = text.rpartition("\n")[2]
        if len(re.findall(r'(?<!\\)"', line)) % 2:
            text += "${" + name + "}"
        elif _AFTER_EQUALS.search(line):
            text += name
        else:
            return None, ()
    return text, tuple(values.items())

"""The files that ``generate`` blocks write into a unit's module.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#generate
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.files.containment import is_within
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, MapValue, Opaque, PartialString, Unknown, Value, merge_causes
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration

_AFTER_EQUALS = re.compile(r"=[^\n]*\Z")


class Generated(NamedTuple):
    """A file that is written: ``text`` is None if it is unknown, because of ``causes``. ``values`` are what
    names in it stand for. A file that is there already stays with ``keep``, and is taken away with ``is_removal``.
    ``name`` is a path from the directory of the unit's module (absolute where it leads elsewhere), None where it may be
    any. ``origin`` is the file that it is a copy of, which holds what ``text`` does not."""

    name: str | None
    text: str | None
    keep: bool
    span: Span
    values: tuple[tuple[str, Value], ...] = ()
    causes: tuple[Cause, ...] = ()
    is_removal: bool = False
    origin: str | None = None

    @property
    def is_code(self) -> bool:
        """Whether it is, or may be, code of Terraform."""
        return self.name is None or self.name.endswith(TERRAFORM_SUFFIXES)

    @property
    def is_unknown_code(self) -> bool:
        """Whether it may be any code."""
        return self.text is None and self.is_code


class _Entry(NamedTuple):
    """What one label stands for: its arguments, and where they are."""

    arguments: Value
    where: Span


def generated_files(configuration: Configuration, *, in_place: bool) -> Iterator[Generated]:
    """Yield the files that the unit writes. ``in_place`` says that its module is in its own directory."""
    entries: dict[str, _Entry] = {}
    for part in reversed(list(configuration.with_includes())):
        attribute = part.body.attributes.get("generate")
        if attribute is not None:
            value = part.evaluated(attribute)
            if isinstance(value, MapValue):
                for label, entry in value.items.items():
                    doubt = value.maybe.get(label)
                    entries[label] = _Entry(entry if doubt is None else Unknown(doubt.causes), attribute.span)
            rest = value.rest if isinstance(value, MapValue) else value
            if rest is not None:
                causes = merge_causes([rest]) or (Cause("generate is not a map", attribute.span),)
                yield Generated(None, None, False, attribute.span, causes=causes)
        for label, block in part.labelled("generate").items():
            attributes = block.body.attributes
            written = MapValue({name: part.evaluated(attribute) for name, attribute in attributes.items()})
            entries[label] = _Entry(written, attributes["contents"].span if "contents" in attributes else block.span)
    for label, (arguments, where) in entries.items():
        if isinstance(arguments, MapValue):
            yield from _generated(label, arguments, where, configuration.directory, in_place)
        elif arguments is not None:
            causes = merge_causes([arguments]) or (Cause(f"generate {label!r} is not a map", where),)
            yield Generated(None, None, False, where, causes=causes)


def _generated(label: str, arguments: MapValue, where: Span, home: str, in_place: bool) -> Iterator[Generated]:
    """Yield what is written for a label. ``home`` is the directory of the unit, ``in_place`` whether it is also that of the
    module."""
    path, contents = arguments.items.get("path"), arguments.items.get("contents")
    keep = arguments.items.get("if_exists") == "skip"
    disabled = arguments.items.get("disable")
    name = _name(path, home if in_place else None) if isinstance(path, str) else None
    if disabled in (True, "true"):
        removes = arguments.items.get("if_disabled")
        if isinstance(removes, Opaque | PartialString):
            yield Generated(name, None, keep, where, causes=removes.causes, is_removal=True)
        elif removes in ("remove", "remove_terragrunt") and name is not None:
            yield Generated(name, "", False, where, is_removal=True)
        return
    if disabled in (None, False, "false"):
        disabled = arguments.items.get("if_exists")  # which file stays is as open then
    if isinstance(path, str) and name is None:
        elsewhere = (Cause(f"generate {label!r} writes outside of the module's directory", where),)
        if path.endswith(TERRAFORM_SUFFIXES):
            yield Generated(None, None, False, where, causes=elsewhere)
            return
        for place in (os.path.normpath(path), _name(path, home)):
            if place is not None:
                yield Generated(place, None, keep, where, causes=elsewhere)
        return
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


def _name(path: str, home: str | None) -> str | None:
    """Return ``path`` as one from the module's directory. None if it leads elsewhere: a module with a source is in a
    working copy, into which what is written beside the unit comes only with the next run."""
    if not os.path.isabs(path):
        return os.path.normpath(path)
    return os.path.relpath(path, home) if home is not None and is_within(os.path.normpath(path), home) else None


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

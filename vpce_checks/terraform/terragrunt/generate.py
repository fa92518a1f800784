"""``generate``: the files that a unit writes into its module.

    generate "provider" {
      path      = "provider.tf"
      if_exists = "overwrite"
      contents  = "..."
    }

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


def generated_files(configuration: Configuration, *, in_place: bool) -> Iterator[Generated]:
    """Yield the files that the unit writes. ``in_place`` says that its module is in its own directory."""
    entries: dict[str, tuple[Value, Span]] = {}
    for part in reversed(list(configuration.with_includes())):
        attribute = part.body.attributes.get("generate")
        if attribute is not None:
            value = part.evaluated(attribute)
            if isinstance(value, MapValue):
                for label, entry in value.items.items():
                    doubt = value.maybe.get(label)
                    entries[label] = (entry if doubt is None else Unknown(doubt.causes), attribute.span)
            rest = value.rest if isinstance(value, MapValue) else value
            if rest is not None:
                yield _anything(rest, "generate is not a map", attribute.span)
        for label, block in part.labelled("generate").items():
            attributes = block.body.attributes
            written = MapValue({name: part.evaluated(attribute) for name, attribute in attributes.items()})
            entries[label] = (written, attributes["contents"].span if "contents" in attributes else block.span)
    for label, (arguments, where) in entries.items():
        if isinstance(arguments, MapValue):
            yield from _generated(_Entry(label, arguments, where, configuration.directory, in_place))
        elif arguments is not None:
            yield _anything(arguments, f"generate {label!r} is not a map", where)


def _anything(value: Value, reason: str, where: Span) -> Generated:
    """A file that may have any name and text, for what a value says of itself or for ``reason``."""
    return Generated(None, None, keep=False, span=where, causes=merge_causes([value]) or (Cause(reason, where),))


class _Entry(NamedTuple):
    """The arguments of one label, and where they are. ``home`` is the directory of the unit, ``in_place`` whether it is also that
    of the module."""

    label: str
    arguments: MapValue
    where: Span
    home: str
    in_place: bool

    def argument(self, name: str) -> Value:
        """An argument, null where it is not set."""
        return self.arguments.items.get(name)

    @property
    def name(self) -> str | None:
        """The path of the file from the module's directory. None if it is not known, or leads elsewhere."""
        path = self.argument("path")
        return _name(path, self.home if self.in_place else None) if isinstance(path, str) else None

    @property
    def keep(self) -> bool:
        """Whether a file that is there already stays."""
        return self.argument("if_exists") == "skip"

    @property
    def doubt(self) -> Value:
        """Whether something is written: unknown if that is not known, nor which file stays."""
        disabled = self.argument("disable")
        return self.argument("if_exists") if disabled in (None, False, "false") else disabled


def _generated(entry: _Entry) -> Iterator[Generated]:
    """Yield what is written for a label."""
    path = entry.argument("path")
    if entry.argument("disable") in (True, "true"):
        yield from _removed(entry)
    elif isinstance(path, str) and entry.name is None:
        yield from _elsewhere(entry, path)
    else:
        yield _written(entry)


def _removed(entry: _Entry) -> Iterator[Generated]:
    """Yield what comes of a file whose block is disabled: it stays, or is taken away."""
    removes = entry.argument("if_disabled")
    if isinstance(removes, Opaque | PartialString):
        yield Generated(entry.name, None, entry.keep, entry.where, causes=removes.causes, is_removal=True)
    elif removes in ("remove", "remove_terragrunt") and entry.name is not None:
        yield Generated(entry.name, "", keep=False, span=entry.where, is_removal=True)


def _elsewhere(entry: _Entry, path: str) -> Iterator[Generated]:
    """Yield what may come of a file that is written outside of the module's directory."""
    causes = (Cause(f"generate {entry.label!r} writes outside of the module's directory", entry.where),)
    if path.endswith(TERRAFORM_SUFFIXES):
        yield Generated(None, None, keep=False, span=entry.where, causes=causes)
        return
    for place in (os.path.normpath(path), _name(path, entry.home)):
        if place is not None:
            yield Generated(place, None, entry.keep, entry.where, causes=causes)


def _written(entry: _Entry) -> Generated:
    """A file with its text, as far as that is known."""
    name, contents, doubt = entry.name, entry.argument("contents"), entry.doubt
    if name is not None and not isinstance(doubt, Opaque):
        if isinstance(contents, str):
            return Generated(name, contents, entry.keep, entry.where)
        if isinstance(contents, PartialString):
            text, values = _with_names(contents, entry.label)
            if text is not None:
                return Generated(name, text, entry.keep, entry.where, values)
    causes = merge_causes([contents, doubt, entry.argument("path")])
    reason = Cause(f"generate {entry.label!r} is not known", entry.where)
    return Generated(name, None, entry.keep, entry.where, causes=causes or (reason,))


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

"""``include``: the files that are merged into a unit, as its blocks name them.

    include "root" {
      path           = find_in_parent_folders("root.hcl")
      merge_strategy = "deep"
      expose         = true
    }

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#include
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.record import record, replace
from vpce_checks.files import tracked
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, Opaque, PartialString, Unknown, Value, unknown
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.terragrunt.whole import shown

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration

_STRATEGIES = ("shallow", "deep", "no_merge")


@record
class Include:
    """An ``include`` block at ``span``: ``path`` is None if it is unknown, or leads to no file, because of
    ``causes``."""

    name: str
    path: str | None
    strategy: str
    expose: bool
    span: Span
    causes: tuple[Cause, ...] = ()

    @property
    def is_merged(self) -> bool:
        """Whether what is in the file becomes a part of what includes it."""
        return self.strategy != "no_merge"


def read_include(configuration: Configuration, block: Block) -> Include:
    """Read a block. Where something is wrong with it, that is reported, and it leads to no file."""
    strategy = configuration.argument(block, "merge_strategy")
    expose = configuration.argument(block, "expose")
    path = configuration.argument(block, "path")
    name = block.labels[0] if block.labels else ""
    merged = strategy if isinstance(strategy, str) and strategy in _STRATEGIES else "shallow"
    include = Include(name, None, merged, expose is True, block.span)
    where = block.body.attributes["path"].span if "path" in block.body.attributes else block.header

    if configuration.included_by is not None:
        reason = "an included file may not include another"
        configuration.session.warn(reason, block.header)
        return replace(include, expose=False, causes=(Cause(reason, where),))
    if not isinstance(path, str):
        causes = path.causes if isinstance(path, Opaque | PartialString) else (Cause("it has no path", where),)
        configuration.session.warn(f"what is included here is not known: {causes[0].text}", where)
        return replace(include, causes=causes)
    if isinstance(strategy, Opaque | PartialString):
        return replace(include, causes=strategy.causes)
    found = configuration.reading.files.place(configuration.directory, path)
    problem = _why_unread(configuration, found)
    if problem is not None:
        configuration.session.fail(problem, where)
        return replace(include, causes=(Cause(problem, where),))
    return replace(include, path=found)


def _why_unread(configuration: Configuration, path: str) -> str | None:
    places = configuration.reading.files.places
    if tracked.place_of(path, places) is None:
        return "the included file is outside the scanned repository; vpce-checks does not read it"
    if not tracked.is_file(path, places):
        relative = os.path.relpath(path, configuration.directory).replace(os.sep, "/")
        return f"{relative}, which is included here, does not exist"
    return None


def included(configuration: Configuration) -> Value:
    """``include``: what is exposed, by name; the whole of it where it is the only one and has none."""
    includes = {include.name: include for include in configuration.includes}
    if list(includes) == [""]:
        return _exposed(configuration, includes[""])
    return configuration.members(includes, lambda name: _exposed(configuration, includes[name]))


def _exposed(configuration: Configuration, include: Include) -> Value:
    if not include.expose:
        return unknown(f"include {include.name!r} is not exposed (expose = true)", include.span)
    if include.path is None:
        return Unknown(include.causes)
    included = configuration.included(include)
    if included is None:
        return unknown("too many Terragrunt files are read", include.span)
    return shown(included, configuration, include.span)


def unread_includes(configuration: Configuration) -> Iterator[tuple[Cause, ...]]:
    """Why files that should be merged into a unit are not read, for each of them."""
    return (include.causes for include in configuration.includes if include.path is None and include.is_merged)

"""Which directories a unit calls, or may call: the code there is a part of the unit, and no root by itself."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from functools import partial

from vpce_checks.files import tracked
from vpce_checks.model.values import PartialString
from vpce_checks.terraform.sources.locate import is_path, source_of
from vpce_checks.terraform.terragrunt.alternatives import possible_sources
from vpce_checks.terraform.terragrunt.overlay import OverlaidLoader
from vpce_checks.terraform.terragrunt.sources import is_elsewhere, local_path
from vpce_checks.terraform.terragrunt.terraform_block import terraform_argument
from vpce_checks.terraform.terragrunt.unit import Unit

_SHARING = ("backend", "cloud", "data", "module", "resource")
"""Words without which code has nothing to do with other roots."""


def called_by(unit: Unit) -> Iterator[str]:
    """The directories of the modules that the unit itself calls, and of those that it has files for."""
    located = unit.located
    yield from (each for each in _possibly_called(unit) if not unit.reading.files.has_unit(each))
    if located is None or located.directory is None:
        return
    copied = (file.origin for file in unit.written.files if file.is_code)
    yield from (os.path.dirname(origin) for origin in copied if origin is not None)
    yield from _with_what_lies_over(unit, unit.code if located.stub else located.directory)


def _with_what_lies_over(unit: Unit, home: str) -> Iterator[str]:
    """The module in ``home``, and those that it calls and that have files of the unit laid over them."""
    layers = unit.written.over(home)
    loader = OverlaidLoader(unit.repository.loader, layers)
    seen: set[str] = set()
    pending = [home]
    while pending:
        directory = pending.pop()
        if directory in seen:
            continue
        seen.add(directory)
        yield directory
        beside = layers.beside(directory)
        if beside is None and directory != home:
            continue  # what it calls is found by itself
        if beside is not None and beside != unit.code:
            yield beside  # it is a part of that module, and none by itself
        for block in loader.load(directory).modules.values():
            written = source_of(block)
            if written is not None and is_path(written):
                pending.append(unit.reading.files.place(directory, written))


def _possibly_called(unit: Unit) -> Iterator[str]:
    """Yield the directories that the source may be, where it is not known or only partly. And that of the same path,
    where it is in git: it may be another version of it."""
    from vpce_checks.terraform.roots import may_be_module, possible_modules, versions_in_git

    loader = unit.repository.loader
    for source in _possible_sources(unit):
        yield from versions_in_git(source, loader)
        if isinstance(source, PartialString):
            parts = (re.sub("/{2,}", "/", part) if isinstance(part, str) else part for part in source.parts)
            yield from possible_modules(PartialString(tuple(parts)), unit.directory, loader)
            continue
        if not source or is_elsewhere(source):
            continue
        place = tracked.place_of(os.path.join(unit.directory, local_path(source)), unit.reading.files.places)
        if place is not None and may_be_module(place, loader):
            yield place


def _possible_sources(unit: Unit) -> tuple[str | PartialString, ...]:
    found = terraform_argument(unit.configuration, "source")
    return () if found is None else tuple(possible_sources(*found))


def possible_ends(unit: Unit) -> tuple[str, ...]:
    """What the path of its module may end with, where it is not known what it begins with."""
    from vpce_checks.terraform.sources.partly_known import known_end

    partial = (each for each in _possible_sources(unit) if isinstance(each, PartialString))
    return tuple(filter(None, map(known_end, partial)))


def may_reach(unit: Unit, marked: Collection[str]) -> bool:
    """Whether its module, or one that this calls, may be in one of the directories ``marked``."""
    located = unit.located
    if located is None or located.directory is None:
        return False
    generated = (file.text for file in unit.written.files if file.is_code)
    if any(text is None or any(word in text for word in _SHARING) for text in generated):
        return True
    if located.how != "local" or located.stub or unit.code in marked:
        return True
    from vpce_checks.terraform.roots import called_directories, reachable_directories

    sources = unit.repository.options.module_sources
    called = partial(called_directories, loader=unit.repository.loader, module_sources=sources)
    return not reachable_directories(located.directory, called).isdisjoint(marked)

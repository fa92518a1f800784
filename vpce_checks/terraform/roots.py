"""Find the root modules: directories with Terraform files that no other scanned directory calls, or that keep a state.

https://developer.hashicorp.com/terraform/language/modules#the-root-module
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from vpce_checks.base.pattern import pattern
from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.files.real_paths import RealPaths
from vpce_checks.model.values import ListValue, MapValue, PartialString, Unknown
from vpce_checks.terraform.lang.scope import ModuleDirectory, TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader
from vpce_checks.terraform.syntax.structure import Block, ModuleSource
from vpce_checks.terraform.syntax.test_files import tested_sources
from vpce_checks.terraform.syntax.text_shows import may_call, may_keep_state
from vpce_checks.terraform.types.errors import EvalError

Called: TypeAlias = Callable[[str], set[str]]
"""The directories that a directory calls: :func:`called_directories`, or what stands in for it."""

_OF_TESTS = pattern(r"(?:^|[-_.])(?:tests?|testing|fixtures?)(?:$|[-_.])", re.IGNORECASE)
"""Names of directories that hold what only tests create, if they are directly in the directory of the module under test.
``envs/test`` is an environment."""


def find_roots(directories: Iterable[str], loader: ModuleLoader, called: Called) -> list[str]:
    """Return the roots among ``directories`` (absolute, each holding Terraform files), sorted.

    A directory that keeps a state is a root whoever calls it: a call may set its inputs otherwise, or be switched off,
    and must not hide what is deployed. Of modules that only call each other, the first by name becomes a root, so that
    all are scanned.
    """
    candidates = sorted(set(map(RealPaths(), directories)))
    calls = {directory: called(directory) for directory in candidates}
    reached_by_calls = {target for caller, targets in calls.items() for target in targets if target != caller}
    roots = [each for each in candidates if each not in reached_by_calls or keeps_state(each, loader)]
    reached = _reachable(roots, calls)
    for directory in candidates:
        if directory not in reached:
            roots.append(directory)
            reached |= _reachable([directory], calls)
    return sorted(roots)


def keeps_state(directory: str, loader: ModuleLoader) -> bool:
    """Whether the code in ``directory`` says where its state is kept. Then it is deployed by itself, whoever calls it too.

    Terraform heeds no ``backend`` block of a module that is called. One without settings says nothing: many modules have it.
    """
    try:
        backend = _backend_of(directory, loader)
    except Exception:
        return True  # the scan of this one reports what is wrong
    return backend is not None and bool(backend.body.attributes or backend.body.blocks)


def _backend_of(directory: str, loader: ModuleLoader) -> Block | None:
    return loader.load_where(directory, may_keep_state).backend


def possible_modules(source: PartialString, directory: str, loader: ModuleLoader, steps: int = 1) -> Iterator[str]:
    """Yield the directories that a source with an unknown part may be, and that are no roots by themselves.

    What it begins with may lead to the directory itself, or up from it. Then its known end has as many ``steps``.
    """
    from vpce_checks.terraform.sources.partly_known import above, known_end, possible_directories

    end = known_end(source)
    end = end if end.count(os.sep) >= steps else ""
    homes = above(directory, loader.boundary) if end else ()
    upwards = (found for home in homes if (found := _directory(home + end, loader)) is not None)
    possible = (*upwards, *possible_directories(source, directory, loader.places))
    return (each for each in possible if may_be_module(each, loader))


MIN_STEPS = 2
"""How long the path is by which a module call names a directory of this repository that begins elsewhere: in git, or with what is
not known. Many repositories have a ``vpc``."""


def versions_in_git(source: str | PartialString, loader: ModuleLoader, steps: int = 1) -> Iterator[str]:
    """Yield the directory that has the path in the repository which a source names in git, if it is no root by itself, and
    if the path has as many ``steps``.

    Code mostly takes its modules from a version of its own repository.
    """
    from vpce_checks.terraform.sources.partly_known import directory_in_git

    own = os.path.normpath(directory_in_git(source) or ".")
    if own == "." or own.count(os.sep) + 1 < steps:
        return
    found = _directory(os.path.join(loader.boundary, own), loader)
    if found is not None and may_be_module(found, loader):
        yield found


def _directory(path: str, loader: ModuleLoader) -> str | None:
    place = tracked.place_of(path, loader.places)
    return place if place is not None and tracked.is_directory(place, loader.places) else None


def may_be_module(directory: str, loader: ModuleLoader) -> bool:
    """Return whether what may be called needs a call to be deployed: it has no ``backend``, not even one without settings."""
    try:
        return _backend_of(directory, loader) is None
    except Exception:
        return False


def reachable_directories(root: str, called: Called) -> set[str]:
    """Return ``root`` and the directories of all modules that it calls, directly or not. Some may not exist."""
    found: set[str] = set()
    pending = [root]
    while pending:
        directory = pending.pop()
        if directory not in found:
            found.add(directory)
            pending.extend(called(directory))
    return found


def called_directories(directory: str, loader: ModuleLoader, module_sources: tuple[ModuleDirectory, ...]) -> set[str]:
    """Return the directories of the modules that the code in ``directory`` calls, as far as their sources name them.

    The modules that its tests set up are among them: nothing deploys these for long. A call that never makes an instance,
    whatever the variables are (``count = 0``), is none: it must not hide the directory, which is judged by itself.
    """
    try:
        return _called(directory, loader, module_sources) | set_up_by_tests(directory, loader)
    except Exception:
        return set()  # then they are roots as well; the scan of this one reports what is wrong


def _called(directory: str, loader: ModuleLoader, module_sources: tuple[ModuleDirectory, ...]) -> set[str]:
    source = loader.load_where(directory, may_call)
    if not source.modules:
        return set()
    from vpce_checks.terraform.sources.locate import is_bare_path, is_path, named_module, source_of

    if any(source_of(block) is None for block in source.modules.values()):
        source = loader.load(directory)  # their sources are made of variables and local values
    found = set[str]()
    for block in source.modules.values():
        if _makes_no_instance(block, source, loader):
            continue
        written = tuple(sources_of(block, source, loader))
        for each in written:
            found.update(versions_in_git(each, loader, MIN_STEPS))
            if isinstance(each, PartialString):
                found.update(possible_modules(each, directory, loader, MIN_STEPS))
                continue
            named = None if is_path(each) else named_module(each, module_sources)
            is_inside = is_path(each) or (named is None and is_bare_path(each, directory, loader.places))
            target = os.path.join(directory, each) if is_inside else named.directory if named else None
            if target is not None:
                place = tracked.place_of(target, loader.places) or os.path.normpath(target)
                found.update({place} if len(written) == 1 or may_be_module(place, loader) else ())
    if any(_chooses_modules(target, loader) for target in found):
        found |= _located(directory, loader)
    return found


def _chooses_modules(directory: str, loader: ModuleLoader) -> bool:
    """Whether a module has sources that depend on what it is given."""
    from vpce_checks.terraform.sources.locate import source_of

    is_there = tracked.is_directory(directory, loader.places)
    return is_there and any(
        source_of(block) is None for block in loader.load_where(directory, may_call).modules.values()
    )


def _located(directory: str, loader: ModuleLoader) -> set[str]:
    """Return the directories of all modules in the repository that a root module calls, however deep."""
    from vpce_checks.terraform.config.calls import module_calls

    calls, _ = module_calls(directory, TerraformOptions(loader.boundary), loader)
    return {each.located.directory for each in calls if each.located.how == "local" and each.located.directory}


def _makes_no_instance(block: Block, source: ModuleSource, loader: ModuleLoader) -> bool:
    attribute = block.body.attributes.get("for_each") or block.body.attributes.get("count")
    if attribute is None:
        return False
    from vpce_checks.terraform.config.variables import no_names
    from vpce_checks.terraform.lang.evaluate import evaluate
    from vpce_checks.terraform.lang.scope import Scope, Session

    session = Session(source.directory, TerraformOptions(loader.boundary), loader)
    try:
        value = evaluate(attribute.expr, Scope(session, no_names, {}))
    except EvalError:
        return False  # it names something
    if isinstance(value, (ListValue, MapValue)):
        return value.exact and not value.items
    return value in (0, "0") and not isinstance(value, bool)


def set_up_by_tests(directory: str, loader: ModuleLoader) -> set[str]:
    """Return the directories below ``directory`` of modules that only its tests create, and destroy again.

    These lie among tests by the names of their directories, keep no state, and do not call the module under test. What
    else a run names (``./examples/basic``, ``./envs/prod``) is there without the tests: they must not hide it.
    """
    tested = list(tested_sources(directory, loader.places))
    if not tested:
        return set()
    from vpce_checks.terraform.sources.locate import is_local

    sources = filter(is_local, tested)
    targets = {tracked.place_of(os.path.join(directory, source), loader.places) for source in sources}
    return {target for target in targets if target is not None and _is_set_up(target, directory, loader)}


def _is_set_up(target: str, tested: str, loader: ModuleLoader) -> bool:
    if target == tested or not is_within(target, tested):
        return False
    first, _, _ = os.path.relpath(target, tested).partition(os.sep)
    if _OF_TESTS.search(first) is None or _backend_of(target, loader) is not None:
        return False
    return tested not in reachable_directories(target, lambda each: _called_or_none(each, loader))


def _called_or_none(directory: str, loader: ModuleLoader) -> set[str]:
    try:
        return _called(directory, loader, ())
    except Exception:
        return set()


def sources_of(block: Block, source: ModuleSource, loader: ModuleLoader) -> Iterator[str | PartialString]:
    """Yield what the source of a module call is, or may be. OpenTofu takes variables and local values in it.

    What the source may be is no root by itself: it may be called with what the root module adds to it.
    """
    from vpce_checks.terraform.sources.locate import source_of

    written = source_of(block)
    attribute = block.body.attributes.get("source")
    if written is not None or attribute is None:
        yield from () if written is None else (written,)
        return
    from vpce_checks.terraform.config.module import Module
    from vpce_checks.terraform.config.variables import root_values
    from vpce_checks.terraform.lang.evaluate import evaluate
    from vpce_checks.terraform.lang.scope import Session

    session = Session(source.directory, TerraformOptions(loader.boundary), loader)
    value = evaluate(attribute.expr, Module(session, source, root_values(source, session)).scope)
    possible = value.one_of if isinstance(value, Unknown) and value.one_of else (value,)
    yield from (each for each in possible if isinstance(each, (str, PartialString)))


def _reachable(start: Iterable[str], calls: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    stack = list(start)
    while stack:
        directory = stack.pop()
        if directory not in seen:
            seen.add(directory)
            stack.extend(calls.get(directory, ()))
    return seen

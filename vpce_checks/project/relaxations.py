"""What a change relaxes, beside what it adds: it may turn off what would have found it.

A pull request can hold its own permission: a weaker policy, an ignore beside the resource, an entry in the baseline. None of
that is wrong, and all of it is for a reviewer to see. So a report on a change says it as warnings.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.files.changed import hold
from vpce_checks.files.containment import boundary_of, is_within, place_within
from vpce_checks.files.regular import read_regular
from vpce_checks.model.ignores import IgnoreComment, may_ignore
from vpce_checks.model.roots import Settings
from vpce_checks.model.spans import Diagnostic
from vpce_checks.project.affected import POLICY_NAMES
from vpce_checks.project.discovery import find_place
from vpce_checks.project.earlier_paths import Then, options_then, then_in
from vpce_checks.project.languages import languages
from vpce_checks.project.project import Project
from vpce_checks.project.scope import scope_of

if TYPE_CHECKING:
    from datetime import date

    from vpce_checks.model.links import Link
    from vpce_checks.model.roots import Deployment
    from vpce_checks.policy import Policy
    from vpce_checks.policy.model import VpcMatch
    from vpce_checks.policy.scan_keys import InventoryEntry
    from vpce_checks.project.git_revision import Revision
    from vpce_checks.project.options import ScanOptions

MARK = "this change also relaxes the policy"
"""How each of the warnings begins."""

MAX_WARNINGS = 50
MAX_BYTES = 16 * 1024 * 1024
"""Larger files are no code of anybody's."""


def relaxations(
    since: Revision, changed: frozenset[str], options: ScanOptions, baseline: str | None
) -> tuple[Diagnostic, ...]:
    """A warning for each thing that the change since a revision relaxes. ``changed`` are the files that differ
    (absolute), ``baseline`` is the file whose findings are ignored.

    Raises RevisionError, and PolicyError for the policy of today.
    """
    found = [
        item._replace(message=f"{MARK}: {item.message}")
        for item in dict.fromkeys(_found(since, changed, options, baseline))
    ]
    if len(found) > MAX_WARNINGS:
        more = Diagnostic("warning", f"{MARK}: and {len(found) - MAX_WARNINGS} times more", found[-1].file)
        found = [*found[:MAX_WARNINGS], more]
    return tuple(found)


def _found(
    since: Revision, changed: frozenset[str], options: ScanOptions, baseline: str | None
) -> Iterator[Diagnostic]:
    policies = {
        path: _policy(path, options.policy, options, boundary_of(path, options.boundary))
        for path in _policy_places(changed, options)
    }
    touched = _is_policy_touched(changed, policies.values())
    marked = [file for file in sorted(changed) if _may_ignore(file, since.top)]
    known = baseline if baseline and os.path.realpath(baseline) in changed else None
    candidates, inventories, rules = _scanned(options) if changed else (frozenset(), (), frozenset())
    called = candidates - _roots(options) if changed else frozenset()
    lists = [entry for entry in inventories if hold(changed, (entry.file,))]
    yield from _of_rules(changed, rules, since)
    if not (touched or marked or known or called or lists):
        return
    with since.work_tree() as directory:
        then = then_in(directory, since.top)
        if touched:
            for path, policy in policies.items():
                yield from _of_policy(path, policy, options, since, then)
        yield from _of_code(marked, sorted(changed), then)
        if known:
            yield from _of_baseline(known, then(known))
        yield from _of_inventories(lists, since, then)
        if called:
            yield from _of_roots(called, options, then)


# --- roots ---------------------------------------------------------------------------------------------------------


def _roots(options: ScanOptions) -> frozenset[tuple[str, str]]:
    """The language and the path of every root."""
    project = Project(replace(options, download_modules=None, changed=None))
    return frozenset((root.language, root.path) for batch in project.batches() for root in batch.roots())


def _scanned(
    options: ScanOptions,
) -> tuple[frozenset[tuple[str, str]], tuple[InventoryEntry, ...], frozenset[str]]:
    """The language and the path of all that could be a root if nothing called it, the inventories, and the directories with
    rules in Python."""
    scope = scope_of(options)
    found = [find_place(path, languages(Settings()), scope) for path in options.paths]
    candidates = ((name, path) for place in found for name, paths in place.candidates.items() for path in paths)
    return frozenset(candidates), scope.inventories, frozenset(scope.rules_dirs)


def _of_roots(called: Iterable[tuple[str, str]], options: ScanOptions, then: Then) -> Iterator[Diagnostic]:
    """What was a root and is called now. It is judged only as the caller makes it, which may be not at all."""
    from vpce_checks.policy import PolicyError

    try:
        before = _roots(options_then(options, then))
    except (PolicyError, OSError):
        return  # that of the policy is reported above
    for path, language in sorted((path, language) for language, path in called):
        if (language, os.path.normpath(then(path))) in before:
            message = "this is no root any more, so it is judged only as what calls or lists it makes it"
            yield Diagnostic("warning", message, path)


# --- policies ------------------------------------------------------------------------------------------------------


def _policy(path: str, explicit: str | None, options: ScanOptions, boundary: str) -> Policy:
    from vpce_checks.policy import load_policy
    from vpce_checks.policy.load import not_known
    from vpce_checks.rules.registry import rule_ids

    return load_policy(
        path, explicit, boundary=boundary, known_rules=rule_ids, require=options.require, in_python=not_known
    )


def _policy_places(changed: frozenset[str], options: ScanOptions) -> Iterator[str]:
    """The scan paths, and the directories below them whose own policy file has changed."""
    paths = dict.fromkeys(os.path.realpath(path) for path in (*options.paths, *options.roots))
    yield from paths
    for directory in sorted({os.path.dirname(file) for file in changed if os.path.basename(file) in POLICY_NAMES}):
        if os.path.isdir(directory) and directory not in paths and any(is_within(directory, path) for path in paths):
            yield directory


def _is_policy_touched(changed: frozenset[str], policies: Iterable[Policy]) -> bool:
    return any(os.path.basename(file) in POLICY_NAMES for file in changed) or any(
        not changed.isdisjoint((file, os.path.realpath(file))) for policy in policies for file in policy.files
    )


def _of_policy(path: str, now: Policy, options: ScanOptions, since: Revision, then: Then) -> Iterator[Diagnostic]:
    """What the policy that holds at ``path`` asks less."""
    from vpce_checks.policy import POLICY_FILE, PolicyError
    from vpce_checks.policy.relaxed import relaxed
    from vpce_checks.rules.registry import all_rules

    place = now.files[0] if now.files else os.path.join(since.top, POLICY_FILE)
    earlier = then(since.top)
    try:
        before = _policy(then(path), then(options.policy) if options.policy else None, options, earlier)
    except (PolicyError, OSError):
        yield Diagnostic("warning", f"maybe: the policy of {since.name} cannot be read", place)
        return
    if before.files and not now.files:
        place = os.path.join(since.top, os.path.relpath(before.files[0], earlier))
    severities = {rule.id: rule.severity for rule in all_rules()}
    yield from relaxed(_relative(before, earlier), _relative(now, since.top), severities, place)


def _relative(policy: Policy, top: str) -> Policy:
    """``policy`` with the directories in it as seen from ``top``."""

    def seen(directory: str) -> str:
        return os.path.relpath(directory, top)

    def match_seen(match: VpcMatch) -> VpcMatch:
        return replace(match, directory=seen(match.directory))

    def deployment_seen(each: Deployment) -> Deployment:
        return replace(each, var_files=tuple(map(seen, each.var_files)), parameters=tuple(map(seen, each.parameters)))

    def link_seen(link: Link) -> Link:
        return replace(
            link, root=seen(link.root), targets=tuple(replace(to, root=seen(to.root)) for to in link.targets)
        )

    return replace(
        policy,
        vpcs=tuple(replace(entry, match=match_seen(entry.match)) for entry in policy.vpcs),
        own_rules=tuple(
            rule if rule.match is None else replace(rule, match=match_seen(rule.match)) for rule in policy.own_rules
        ),
        modules=tuple(
            replace(entry, directory=seen(entry.directory)) if entry.directory is not None else entry
            for entry in policy.modules
        ),
        links=tuple(map(link_seen, policy.links)),
        inventory=tuple(replace(entry, file=seen(entry.file), places=()) for entry in policy.inventory),
        rules_dirs=tuple(replace(entry, directory=seen(entry.directory)) for entry in policy.rules_dirs),
        ignore=tuple(replace(entry, directory=seen(entry.directory)) for entry in policy.ignore),
        exclude=tuple(replace(entry, directory=seen(entry.directory)) for entry in policy.exclude),
        roots=tuple(
            replace(entry, path=seen(entry.path), deployments=tuple(map(deployment_seen, entry.deployments)))
            for entry in policy.roots
        ),
    )


def _of_rules(changed: frozenset[str], directories: frozenset[str], since: Revision) -> Iterator[Diagnostic]:
    """Files with rules in Python that say something else, or are gone."""
    for file in sorted(changed):
        if file.endswith(".py") and os.path.dirname(file) in directories:
            message = f"maybe: the rules in {os.path.relpath(file, since.top)} are changed"
            yield Diagnostic("warning", message, file)


def _of_inventories(changed: Iterable[InventoryEntry], since: Revision, then: Then) -> Iterator[Diagnostic]:
    """Inventories that say something else. A new one is reported with the policy that lists it."""
    for entry in changed:
        if entry.span is None or os.path.exists(then(entry.file)):
            name = os.path.relpath(entry.file, since.top)
            yield Diagnostic(
                "warning", f"the inventory {name} is changed: what it lists counts as deployed", entry.file
            )


# --- ignores in code -----------------------------------------------------------------------------------------------


def _may_ignore(file: str, top: str) -> bool:
    data = _content(file, top)
    return may_ignore(data)


def _content(file: str, top: str) -> bytes:
    """What is in a regular file below ``top``; nothing where it is none, or too large."""
    place = place_within(file, (top,))
    try:
        data = read_regular(place, MAX_BYTES + 1) if place is not None else b""
    except OSError:
        return b""
    return data if len(data) <= MAX_BYTES else b""


def _of_code(marked: list[str], changed: list[str], then: Then) -> Iterator[Diagnostic]:
    """Ignores in ``marked`` files of which there were fewer in all that has ``changed``: none that was only moved."""
    before = Counter(_what(ignore) for file in changed for ignore in _ignores(then(file)) if ignore.holds())
    seen: Counter[tuple[tuple[str, ...], str, date | None]] = Counter()
    for file in marked:
        for ignore in (ignore for ignore in _ignores(file) if ignore.holds()):
            seen[_what(ignore)] += 1
            if seen[_what(ignore)] > before[_what(ignore)]:
                rules = ", ".join(ignore.rules) or "every rule"
                reason = f": {ignore.reason}" if ignore.reason else ""
                yield Diagnostic("warning", f"{rules} is ignored in the code{reason}", ignore.file, ignore.line)


def _what(ignore: IgnoreComment) -> tuple[tuple[str, ...], str, date | None]:
    return ignore.rules, ignore.reason, ignore.until


def _ignores(file: str) -> tuple[IgnoreComment, ...]:
    """The requests in a file of code to ignore something."""
    data = _content(file, boundary_of(os.path.dirname(file)))
    if not may_ignore(data):
        return ()
    return tuple(found for language in languages(Settings()) for found in language.ignores(file, data))


# --- the baseline --------------------------------------------------------------------------------------------------


def _of_baseline(file: str, earlier: str) -> Iterator[Diagnostic]:
    """Failures that the baseline holds now, and did not or only as unknown."""
    from vpce_checks.rules.baseline import BaselineError, load_baseline

    try:
        loaded = load_baseline(file)
        now = loaded.recorded
    except BaselineError:
        return
    try:
        known = load_baseline(earlier)
        before, unread = known.recorded, known.errors
    except BaselineError:
        before, unread = {}, frozenset()
    real = os.path.realpath(file)
    text = _content(real, os.path.dirname(real)).decode("utf-8", "replace")
    for finding, status in now.items():
        if before.get(finding) not in (status, "fail"):
            line = text.count("\n", 0, max(text.find(finding.resource), 0)) + 1
            message = f"the baseline holds {finding.rule} on {finding.resource} in {finding.root}"
            yield Diagnostic("warning", message, real, line)
    for error in sorted(loaded.errors - unread):
        yield Diagnostic("warning", f"the baseline holds that {error.file} cannot be read: {error.message}", real)

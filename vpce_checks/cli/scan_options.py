"""What the command line asks a scan for, as :class:`~vpce_checks.project.options.ScanOptions`."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vpce_checks.base.suggestions import suggestion
from vpce_checks.cli.errors import UsageError, usage_errors
from vpce_checks.cli.inputs import with_inputs
from vpce_checks.cli.module_options import module_sources
from vpce_checks.cli.paths import changed_files, check_paths, check_policy, exclusions, names_from
from vpce_checks.files.containment import boundary_of, is_within
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.scope import formats_above
from vpce_checks.report import format_names, relative

if TYPE_CHECKING:
    from vpce_checks.rules.baseline import Baseline


def scan_options(given: Namespace) -> ScanOptions:
    """Return what the options of ``scan`` ask for. Raises UsageError."""
    named = _paths(given)
    paths = () if given.changed_files else named
    check_paths((*paths, *(root for root in given.root if not _is_made_by_stack(root, given.module_source))))
    check_policy(given.policy)
    for option, is_given in (("--write-baseline", given.write_baseline), ("--prune-baseline", given.prune_baseline)):
        if is_given and not given.baseline:
            raise UsageError(f"{option} needs --baseline FILE, the file to write")
    if given.write_baseline and given.prune_baseline:
        raise UsageError("--write-baseline writes the baseline anew: leave out --prune-baseline")
    options = ScanOptions(
        paths=tuple(paths) or (() if given.root else (".",)),
        roots=tuple(given.root),
        policy=given.policy,
        require=_words(given.require, "--require", "service"),
        min_severity=given.min_severity,
        baseline=_baseline(given.baseline) if given.baseline and not given.write_baseline else None,
        changed=changed_files(named) if given.changed_files else None,
        networks=False,
        exclude=exclusions(given.exclude),
        rules=rules_named(given.rules, "--rules"),
        skip_rules=rules_named(given.skip_rules, "--skip-rules"),
        boundary=_boundary(given.boundary, paths or (() if given.root else (".",)), given.root),
        trust_repo_rules=given.trust_repo_rules,
    )
    return with_inputs(options, given)


def plain_options(given: Namespace) -> ScanOptions:
    """Return what a command asks for by PATH, ``--policy`` and ``--exclude``. Raises UsageError."""
    check_paths(given.paths)
    check_policy(given.policy)
    return ScanOptions(
        paths=tuple(given.paths) or (".",),
        policy=given.policy,
        environment=dict(os.environ),
        workspace=os.environ.get("TF_WORKSPACE") or None,
        exclude=exclusions(given.exclude),
    )


def formats_of_policy(options: ScanOptions) -> list[str]:
    """Return the formats that the policy above the first path asks for: those of the nearest file that has any.

    They go to standard output: only the user names files to write, not whoever writes the repository. Raises UsageError.
    """
    path = next(iter((*options.paths, *options.roots)), ".")
    with usage_errors():
        formats = formats_above(path, options.policy, options.boundary)
    for name, span in formats:
        if name not in format_names():
            place = f"{relative(span.file, os.getcwd())}:{span.line}"
            raise UsageError(f"{place}: no format {name!r}{suggestion(name, format_names())}")
    return [name for name, _ in formats]


def say_excluded(options: ScanOptions) -> None:
    """Say of each path that is excluded what excludes it. Raises UsageError."""
    from vpce_checks.cli.terminal import say
    from vpce_checks.project.scope import scope_of

    with usage_errors():
        scope = scope_of(options)
        for path in options.paths:
            real = os.path.realpath(path)
            scope.look_above(real, boundary_of(real, options.boundary))
            exclusion = scope.exclusion_of(real)
            if exclusion is not None:
                span = exclusion.span
                where = f"{relative(span.file, os.getcwd())}:{span.line}" if span is not None else "--exclude"
                say(f"{where} excludes {path} by {exclusion.glob!r}; --root scans it in spite of that")


def rules_named(texts: Sequence[str], option: str) -> tuple[str, ...]:
    """Return the ids of the rules that ``option`` names by id or name. Raises UsageError.

    Of ids that may be those of a policy's own rules, the scan says whether there are such rules.
    """
    if not texts:
        return ()
    from vpce_checks.policy.own_rules import is_own_id
    from vpce_checks.rules.registry import all_rules, find_rule

    found = []
    for word in _words(texts, option, "rule"):
        rule = find_rule(word)
        if rule is None and is_own_id(word):
            found.append(word)
            continue
        if rule is None:
            known = [name for each in all_rules() for name in (each.id, each.name)]
            raise UsageError(f"{option}: no rule {word!r}{suggestion(word, known, 'vpce-checks rules')}")
        found.append(rule.id)
    return tuple(dict.fromkeys(found))


def _words(texts: Sequence[str], option: str, what: str) -> tuple[str, ...]:
    """Return the words that an option was given, one at a time or with commas. Raises UsageError for an option without any."""
    found = tuple(word.strip() for text in texts for word in text.split(",") if word.strip())
    if texts and not found:
        raise UsageError(f"{option} names no {what}")
    return found


def _paths(given: Namespace) -> Sequence[str]:
    if given.files_from is None:
        paths: Sequence[str] = given.paths
        return paths
    paths = [*given.paths, *names_from(given.files_from)]
    if not paths and not given.changed_files:  # a broken pipeline must not pass for one without findings
        raise UsageError(f"--files-from {given.files_from} names no file")
    return paths


def _boundary(directory: str | None, *paths: Sequence[str]) -> str | None:
    """Return the real path of ``--boundary``. Raises UsageError if it is no directory around everything that is scanned."""
    if directory is None:
        return None
    if not os.path.isdir(directory):
        raise UsageError(f"--boundary names no directory: {directory}")
    boundary = os.path.realpath(directory)
    for path in (each for several in paths for each in several):
        if not is_within(os.path.realpath(path), boundary):
            raise UsageError(f"{path} is not in {directory}, which --boundary names")
    return boundary


def _is_made_by_stack(root: str, sources: Sequence[str]) -> bool:
    from vpce_checks.terraform.faces.units import is_made_by_stack

    return is_made_by_stack(root, module_sources(sources))


def _baseline(file: str) -> Baseline:
    from vpce_checks.rules.baseline import BaselineError, load_baseline

    try:
        return load_baseline(file)
    except BaselineError as error:
        raise UsageError(str(error)) from error

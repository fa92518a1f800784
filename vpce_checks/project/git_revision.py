"""An earlier state of the repository, from git: what has changed since, and the files as they were.

Only git itself is run, and none of the programs that a repository can have it run: no hooks, filters or drivers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vpce_checks.files.containment import is_within
from vpce_checks.project.discovery import TEMPLATE_SUFFIXES
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES

if TYPE_CHECKING:
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.results import Report
    from vpce_checks.rules.baseline import Baseline

SECONDS = 120
WANTED = (*TERRAFORM_SUFFIXES, *TEMPLATE_SUFFIXES, ".tfvars", ".tfdeploy.hcl", ".toml")
"""Files that are always part of the earlier state; of others, that code may read, the small ones."""

SMALL = 256 * 1024
LARGE = 16 * 1024 * 1024
BATCH = 64 * 1024 * 1024
"""Bytes that are read from git at a time."""


class RevisionError(Exception):
    """A revision that cannot be compared with, in words for the user."""


class Revision:
    """The commit in which a change began: where ``revision`` and the current commit of a repository parted."""

    def __init__(self, revision: str, directory: str) -> None:
        """Raises RevisionError."""
        self.name = revision
        try:
            top = _git(directory, "rev-parse", "--show-toplevel")
        except _Failed as error:
            raise RevisionError(f"{directory} is in no git repository: {error}") from error
        self.top = os.path.realpath(os.fsdecode(top).rstrip("\n"))
        try:
            given = _git(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except _Failed as error:
            raise RevisionError(f"there is no revision {revision!r} here; was it fetched?") from error
        try:
            self.commit = _git(self.top, "merge-base", given.decode().strip(), "HEAD").decode().strip()
        except _Failed as error:
            raise RevisionError(
                f"{revision!r} and the current commit have no common history here; fetch all of it (fetch-depth: 0)"
            ) from error

    def changed_files(self) -> frozenset[str]:
        """The files that differ between that commit and the work tree, those that are gone included (absolute)."""
        try:
            differing = _git(self.top, "diff", "--name-only", "-z", "--no-renames", *_PLAIN, self.commit, "--")
            untracked = _git(self.top, "ls-files", "-z", "--others", "--exclude-standard")
        except _Failed as error:
            raise RevisionError(f"git cannot tell what has changed since {self.name}: {error}") from error
        return frozenset(self._paths(differing + untracked))

    def _paths(self, listing: bytes) -> Iterator[str]:
        return (os.path.join(self.top, os.fsdecode(name)) for name in listing.split(b"\0") if name)

    @contextmanager
    def work_tree(self, also: Iterable[str] = ()) -> Iterator[str]:
        """A directory with the files of that commit; files of ``also`` that it does not have are copied from now."""
        with tempfile.TemporaryDirectory(prefix="vpce-checks-") as made:
            directory = os.path.realpath(made)
            os.mkdir(os.path.join(directory, ".git"))  # marks the top of a repository
            try:
                self._write(directory)
            except _Failed as error:
                raise RevisionError(f"git cannot read the files of {self.name}: {error}") from error
            for file in also:
                target = os.path.join(directory, os.path.relpath(file, self.top))
                if is_within(file, self.top) and os.path.isfile(file) and not os.path.exists(target):
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    shutil.copyfile(file, target)
            yield directory

    def _write(self, directory: str) -> None:
        batch: list[tuple[bytes, bytes]] = []
        total = 0
        for identity, name, size in self._blobs():
            batch.append((identity, name))
            total += size
            if total > BATCH:
                self._write_batch(directory, batch)
                batch, total = [], 0
        if batch:
            self._write_batch(directory, batch)

    def _write_batch(self, directory: str, wanted: list[tuple[bytes, bytes]]) -> None:
        request = b"".join(identity + b"\n" for identity, _ in wanted)
        answer = memoryview(_git(self.top, "cat-file", "--batch", stdin=request))
        start = 0
        for _, name in wanted:
            end = bytes(answer[start : start + 200]).index(b"\n")
            size = int(bytes(answer[start : start + end]).split()[-1])
            start += end + 1
            target = os.path.join(directory, os.fsdecode(name))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(answer[start : start + size])
            start += size + 1

    def _blobs(self) -> Iterator[tuple[bytes, bytes, int]]:
        """Identity, name and size of the regular files that matter."""
        listing = _git(self.top, "ls-tree", "-r", "-z", "-l", "--full-tree", self.commit)
        for line in listing.split(b"\0"):
            facts, tab, name = line.partition(b"\t")
            if not tab:
                continue
            mode, kind, identity, size = facts.split()
            limit = LARGE if name.endswith(tuple(suffix.encode() for suffix in WANTED)) else SMALL
            inside = not os.path.isabs(name) and b".." not in name.split(b"/")
            if kind == b"blob" and mode.startswith(b"100") and int(size) <= limit and inside:
                yield identity, name, int(size)


def removed_files(directory: str, first: str | None, last: str | None) -> tuple[str, ...]:
    """The files that are gone between two commits or, without them, that are about to be removed by the next one.

    Nothing outside of a git repository.
    """
    between = [f"{first}...{last}"] if first and last else ["--cached"]
    try:
        top = os.fsdecode(_git(directory, "rev-parse", "--show-toplevel")).rstrip("\n")
        arguments = ["--name-only", "-z", "--no-renames", "--diff-filter=D", *_PLAIN, *between, "--"]
        listing = _git(top, "diff", *arguments)
    except _Failed:
        return ()
    return tuple(os.path.join(top, os.fsdecode(name)) for name in listing.split(b"\0") if name)


def known_before(revision: Revision, options: ScanOptions, scan: Callable[[ScanOptions], Report]) -> Baseline:
    """What ``scan`` would have said at ``revision``, to be left out of what it says now."""
    from vpce_checks.policy import PolicyError
    from vpce_checks.rules.baseline import Baseline, recorded

    also = [*options.var_files, *options.parameters, *([options.policy] if options.policy else [])]
    with revision.work_tree(map(os.path.realpath, also)) as directory:

        def then(path: str) -> str:
            real = os.path.realpath(path)
            return (
                os.path.join(directory, os.path.relpath(real, revision.top)) if is_within(real, revision.top) else path
            )

        def those(paths: Iterable[str]) -> tuple[str, ...]:
            return tuple(path for path in map(then, paths) if os.path.exists(path))

        _copy_installed_modules(options, revision.top, then)
        paths, roots = those(options.paths), those(options.roots)
        if not paths and not roots:
            return Baseline(revision.top, {})
        earlier = options._replace(
            paths=paths,
            roots=roots,
            policy=then(options.policy) if options.policy else None,
            var_files=those(options.var_files),
            parameters=those(options.parameters),
            baseline=None,
            changed=tuple(map(then, options.changed)) if options.changed is not None else None,
        )
        try:
            report = scan(earlier)
        except (PolicyError, OSError):  # then nothing is known of before, and all is new
            return Baseline(revision.top, {})
        return Baseline(revision.top, recorded(report.findings, directory))


def _copy_installed_modules(options: ScanOptions, top: str, then: object) -> None:
    """Modules that ``terraform init`` or Terragrunt fetched are under no version control; without them, more was unknown before."""
    from vpce_checks.project.discovery import find_inputs

    assert callable(then)
    for path in (*options.paths, *options.roots):
        if not os.path.isdir(path):
            continue
        found = find_inputs(path)
        for directory in found.terraform:
            modules = os.path.join(directory, ".terraform", "modules")
            target = then(modules)
            if os.path.isfile(os.path.join(modules, "modules.json")) and not os.path.exists(target):
                shutil.copytree(modules, target, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        for directory in found.units:
            copies = os.path.join(directory, ".terragrunt-cache")
            target = then(copies)
            if os.path.isdir(copies) and os.path.isdir(os.path.dirname(target)) and not os.path.exists(target):
                shutil.copytree(copies, target, symlinks=True, ignore=shutil.ignore_patterns(".git", "providers"))


def introduced(report: Report, before: Baseline) -> Report:
    """``report`` with what was so before ignored."""
    from vpce_checks.project.results import Report
    from vpce_checks.rules.baseline import SO_BEFORE, apply

    roots = [root._replace(findings=tuple(apply(root.findings, before, SO_BEFORE))) for root in report.roots]
    return Report(tuple(roots))


# --- git -----------------------------------------------------------------------------------------------------------

_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=all")
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")


class _Failed(Exception):
    """What git said, in a line."""


def _git(directory: str, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", *_SAFE, *arguments]
    environment = {**os.environ, "GIT_LITERAL_PATHSPECS": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command, cwd=directory, input=stdin, capture_output=True, timeout=SECONDS, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _Failed(str(error)) from error
    if done.returncode != 0:
        raise _Failed(
            done.stderr.decode("utf-8", "replace").strip().partition("\n")[0] or f"exit code {done.returncode}"
        )
    return done.stdout

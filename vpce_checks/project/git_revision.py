"""An earlier state of the repository, from git: what has changed since, and the files as they were.

How git is asked without running anything that the repository names: :mod:`vpce_checks.project.git_view`.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.files.containment import is_within, repository_of
from vpce_checks.model.roots import Settings
from vpce_checks.project.commit_files import write_tree
from vpce_checks.project.discovery import find_place
from vpce_checks.project.earlier_paths import Then, existing, options_then, then_in
from vpce_checks.project.git_view import COMMIT, GitError, GitView, git_view
from vpce_checks.project.languages import languages
from vpce_checks.project.scope import Scope
from vpce_checks.project.shown_lines import ShownLines
from vpce_checks.project.submodules import SUBMODULE, submodule, submodules

if TYPE_CHECKING:
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.results import Report
    from vpce_checks.rules.baseline import Baseline

SHALLOW = "; this clone is shallow: fetch the whole history (fetch-depth: 0, GIT_DEPTH: 0, git fetch --unshallow)"
PARTIAL = "; objects are missing in this partial clone, and none are fetched: clone without --filter"


class RevisionError(Exception):
    """A revision that cannot be compared with, in words for the user."""


class RepositoryError(RevisionError):
    """There is no repository, or none that git will read."""


class Revision:
    """The commit in which a change began: where the revision ``name`` and the current commit of ``view`` parted.

    ``commit`` is its identity, ``current`` that of the current one.
    """

    def __init__(self, name: str, view: GitView) -> None:
        """Raises RevisionError."""
        self.name = name
        self.top = view.top
        self._view = view
        given = _commit(view, name)
        self.current = _commit(view, "HEAD")
        try:
            self.commit = _merge_base(view, given, self.current)
        except GitError as error:
            raise RevisionError(
                f"{name!r} and the current commit have no common history here" + _missing(view)
            ) from error

    def changed_files(self) -> frozenset[str]:
        """The files that differ between that commit and the work tree, those that are gone included (absolute).

        Of a submodule at another commit, and of a repository that is not tracked, all files. Raises RevisionError.
        """
        with self._determining("what has"):
            return frozenset(_differing(self._view, self.commit))

    def uncommitted_files(self) -> frozenset[str]:
        """The files that differ between the current commit and the work tree (absolute). Raises RevisionError."""
        with self._determining("what has"):
            return frozenset(_differing(self._view, self.current))

    def shown_lines(self, *, committed: bool) -> Callable[[str], tuple[range, ...]]:
        """Return what says which lines of a file (absolute) the diff since that commit shows (:class:`ShownLines`):
        ``committed``, that of the current commit, else that of the work tree. Both raise RevisionError."""
        with self._determining("which lines have"):
            lines = ShownLines(self._view, self.commit, self.current if committed else None)

        @cache
        def shown(file: str) -> tuple[range, ...]:
            with self._determining("which lines have"):
                return lines.of(os.path.relpath(file, self.top))

        return shown

    @contextmanager
    def _determining(self, what: str) -> Iterator[None]:
        """Turn a GitError into a RevisionError that names ``what`` changed."""
        try:
            yield
        except GitError as error:
            raise RevisionError(
                f"git cannot determine {what} changed since {self.name}: {error}{_missing(self._view)}"
            ) from error

    @contextmanager
    def work_tree(self, also: Iterable[str] = ()) -> Iterator[str]:
        """A directory with the files of that commit; files of ``also`` that it does not have are copied from now.

        Raises RevisionError.
        """
        with tempfile.TemporaryDirectory(prefix="vpce-checks-") as made:
            directory = os.path.realpath(made)
            os.mkdir(os.path.join(directory, ".git"))  # marks the top of a repository
            try:
                write_tree(self._view, self.commit, directory)
            except GitError as error:
                raise RevisionError(
                    f"git cannot read the files of {self.name}: {error}{_missing(self._view)}"
                ) from error
            except OSError as error:
                raise RevisionError(f"the files of {self.name} cannot be written: {error}") from error
            for file in also:
                target = os.path.join(directory, os.path.relpath(file, self.top))
                if is_within(file, self.top) and os.path.isfile(file) and not os.path.exists(target):
                    with suppress(OSError):  # a file, or a link that leads out, then where a directory is now
                        os.makedirs(os.path.dirname(target), exist_ok=True)
                        shutil.copyfile(file, target)
            yield directory


@contextmanager
def compared(name: str, paths: Sequence[str]) -> Iterator[Revision]:
    """The revision ``name`` of the one repository around all ``paths`` (directories or files). Raises RevisionError."""
    tops = {_top(path): path for path in reversed(paths)}
    top = _top(paths[0])
    if len(tops) > 1:
        other = next(path for place, path in tops.items() if place != top)
        raise RevisionError(f"{paths[0]} and {other} are in two git repositories; compare one at a time")
    with _view(top, paths[0]) as view, _cleared_when_ended():
        yield Revision(name, view)


def _top(path: str) -> str:
    """The git repository around ``path``; without one, its directory, of which git says what is wrong."""
    real = os.path.realpath(path)
    return repository_of(real) or (real if os.path.isdir(real) else os.path.dirname(real))


@contextmanager
def _view(top: str, path: str) -> Iterator[GitView]:
    with ExitStack() as stack:
        try:
            view = stack.enter_context(git_view(top))
        except GitError as error:
            raise RepositoryError(f"{path} is in no git repository that can be read: {error}") from error
        yield view


@contextmanager
def _cleared_when_ended() -> Iterator[None]:
    """Let a request to end (SIGTERM) leave no temporary files."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    owner = os.getpid()

    def end(number: int, _: object) -> None:
        if os.getpid() != owner:  # a process that began with a copy of what we were: the files are not its own
            os._exit(128 + number)
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def unnamed_changes(directory: str, first: str | None, last: str | None) -> tuple[str, ...]:
    """The changed files that pre-commit does not name: those that are gone, and those of submodules at another commit.

    They change between two commits or, without them, with the next one. Nothing outside of a git repository. Raises
    RevisionError; RepositoryError where the files cannot be known.
    """
    top = repository_of(os.path.realpath(directory))
    if top is None:
        return ()
    with _view(top, directory) as view:
        between = ["--cached"]
        if first and last:
            if not first.strip("0"):  # before a clone there was nothing
                return ()
            begin, end = _commit(view, first), _commit(view, last)
            with suppress(GitError):  # without a common history, all that differs
                begin = _merge_base(view, begin, end)
            between = [begin, end]
        try:
            listing = view.run("diff", *_PLAIN_RAW, "--ignore-submodules=dirty", *between, "--")
        except GitError as error:
            raise RevisionError(
                f"git cannot determine what was removed, or changed in submodules: {error}{_missing(view)}"
            ) from error
    # Each change is ``:MODE MODE IDENTITY IDENTITY STATUS``, and the name after it.
    words = listing.split(b"\0")
    found = []
    for facts, raw in zip(words[::2], words[1::2], strict=False):
        name = os.path.join(top, os.fsdecode(raw))
        if facts.endswith(b" D"):
            found.append(name)
        elif facts.split(b" ")[1] == SUBMODULE:
            found.extend(files_of(name))
    return tuple(found)


def known_before(revision: Revision, options: ScanOptions, scan: Callable[[ScanOptions], Report]) -> Baseline:
    """What ``scan`` would have said at ``revision``, to be left out of what it says now."""
    from vpce_checks.policy import PolicyError
    from vpce_checks.rules.baseline import Baseline, cases, recorded

    listed = [entry.file for entry in options.inventory]
    also = [*options.var_files, *options.parameters, *listed, *([options.policy] if options.policy else [])]
    with revision.work_tree(map(os.path.realpath, also)) as directory:
        then = then_in(directory, revision.top)
        _copy_installed_modules(options, revision.top, then)
        earlier = options_then(options, then)
        if not earlier.paths and not earlier.roots:
            return Baseline(revision.top, {}, revision.name)
        earlier = replace(
            earlier,
            not_trusted=(revision.top,),
            var_files=existing(map(then, options.var_files)),
            files_before=tuple(len(existing(map(then, options.var_files[:before]))) for before in options.files_before),
            parameters=existing(map(then, options.parameters)),
            inventory=tuple(
                entry if then(entry.file) == entry.file else replace(entry, file=then(entry.file), places=(directory,))
                for entry in options.inventory
                if os.path.exists(then(entry.file))
            ),
            baseline=None,
            exclude=tuple(replace(each, directory=then(each.directory)) for each in options.exclude),
            changed=tuple(map(then, options.changed)) if options.changed is not None else None,
        )
        try:
            report = scan(earlier)
        except (PolicyError, OSError):  # then nothing is known of before, and all is new
            return Baseline(revision.top, {}, revision.name)
        found = tuple(report.findings)
        known, sometimes = recorded(found, directory), cases(found, directory)
        return Baseline(revision.top, known, revision.name, sometimes)


def _copy_installed_modules(options: ScanOptions, top: str, then: Then) -> None:
    """Modules that ``terraform init`` or Terragrunt fetched are under no version control; without them, more was
    unknown before."""
    all_languages = languages(Settings())
    for path in (*options.paths, *options.roots):
        if not os.path.isdir(path):
            continue
        place = find_place(path, all_languages, Scope(boundary=options.boundary))
        for code in (code for language in all_languages for code in language.fetched(place)):
            if os.path.isdir(code.directory) and os.path.isdir(then(code.home)):
                _copy(code.directory, then(code.directory), top, code.without)


def _copy(source: str, target: str, top: str, without: Collection[str]) -> None:
    """Copy the directory ``source`` if it is inside of ``top``: its files, its directories, and links that stay in it."""
    if not is_within(os.path.realpath(source), top) or os.path.exists(target):
        return

    def left_out(directory: str, names: list[str]) -> set[str]:
        return {name for name in names if name in without or not _may_be_copied(os.path.join(directory, name), source)}

    with suppress(OSError):  # what could not be copied was not known before, so that more is new
        shutil.copytree(source, target, symlinks=True, ignore=left_out)


def _may_be_copied(path: str, top: str) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    if stat.S_ISLNK(mode):
        relative = not os.path.isabs(os.readlink(path))
        return relative and is_within(os.path.realpath(path), os.path.realpath(top))
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def introduced(report: Report, before: Baseline) -> Report:
    """Return ``report`` with everything ignored that is already present in the revision."""
    from vpce_checks.rules.baseline import apply

    roots = [replace(root, findings=tuple(apply(root.findings, before, "comparison"))) for root in report.roots]
    return replace(report, roots=tuple(roots))


# --- git -----------------------------------------------------------------------------------------------------------

_COMMON = ("-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative")
_PLAIN = ("--name-only", *_COMMON)
_PLAIN_RAW = ("--raw", *_COMMON)


def _commit(view: GitView, name: str) -> str:
    """The commit that ``name`` means. Raises RevisionError."""
    missing = RevisionError(f"there is no revision {name!r} here; was it fetched?{_missing(view)}")
    if not name or name.startswith("-") or "\0" in name or "\n" in name:
        raise missing
    try:
        # In two steps, as in ``:/text`` whatever follows is part of the text.
        found = view.run("rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()
        if not COMMIT.fullmatch(found):
            raise missing
        return view.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{found}^{{commit}}").decode().strip()
    except GitError as error:
        raise missing from error


def _merge_base(view: GitView, first: str, last: str) -> str:
    """Where two commits parted. Raises GitError."""
    return view.run("merge-base", first, last).decode().strip()


def _missing(view: GitView) -> str:
    return PARTIAL if view.is_partial else SHALLOW if view.is_shallow else ""


def _differing(view: GitView, commit: str) -> Iterator[str]:
    """The files of the work tree that are not as in ``commit``, those of submodules included. Raises GitError."""
    differing = view.run("diff", *_PLAIN, "--ignore-submodules=dirty", commit, "--")
    untracked = view.run("ls-files", "-z", "--others", "--exclude-standard")
    for name in _names(view.top, differing + untracked):
        yield from files_of(name)
    for name in submodules(view):
        try:
            with submodule(view, name) as inner:
                yield from _differing(inner, "HEAD")
        except GitError:  # a repository that git does not trust: any of its files may differ
            yield from files_of(os.path.join(view.top, name))


def _names(top: str, listing: bytes) -> Iterator[str]:
    return (os.path.join(top, os.fsdecode(name)) for name in listing.split(b"\0") if name)


def files_of(path: str) -> Iterator[str]:
    """``path``; of a directory, such as a submodule, its files."""
    if os.path.islink(path) or not os.path.isdir(path):
        yield path
        return
    for directory, below, names in os.walk(path):
        below[:] = [name for name in below if name != ".git"]
        yield from (os.path.join(directory, name) for name in names)

"""The files of a commit, written to a directory: regular files, links that stay inside, and those of submodules."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from vpce_checks.files.containment import is_within
from vpce_checks.files.tracked import MAX_BYTES
from vpce_checks.model.roots import Settings
from vpce_checks.project.git_view import GitError, GitView
from vpce_checks.project.languages import languages
from vpce_checks.project.submodules import is_plain, submodule

WANTED = tuple(suffix for language in languages(Settings()) for suffix in language.suffixes)
"""Files that are always part of the earlier state; of others, that code may read, the small ones."""

SMALL = 256 * 1024
LARGE = 16 * 1024 * 1024
BATCH = 64 * 1024 * 1024
"""Bytes that are read from git at a time."""

MAX_LINK = 4096
"""Bytes of a link that a system follows."""

UNREADABLE = MAX_BYTES + 1
"""The size of what stands for a file that is left out: it is there, and too large to be read."""


class _Entry(NamedTuple):
    """A file, a link or a submodule of a tree; the ``size`` of a submodule is 0."""

    kind: str
    identity: bytes
    name: str
    size: int = 0


def write_tree(view: GitView, commit: str, directory: str) -> None:
    """Write all files of a commit, then the links, so that no file is written through one, then the submodules.

    What is not written must not look as if it had not been there: then a requirement would seem to have failed
    before, and the change that breaks it would be let through. Raises GitError, OSError.
    """
    batch: list[tuple[bytes, str]] = []
    links: list[_Entry] = []
    modules: list[_Entry] = []
    total = 0
    for entry in _entries(view, commit):
        target = os.path.join(directory, entry.name)
        if entry.kind == "link":
            links.append(entry)
        elif entry.kind == "submodule":
            modules.append(entry)
        elif entry.size > (LARGE if entry.name.lower().endswith(WANTED) else SMALL):
            _write_unreadable(target)
        else:
            batch.append((entry.identity, target))
            total += entry.size
        if total > BATCH:
            _write_files(view, batch)
            batch, total = [], 0
    _write_files(view, batch)
    for link, content in zip(links, _contents(view, [link.identity for link in links]), strict=True):
        _write_link(directory, link.name, os.fsdecode(content), view.top)
    for module in modules:
        _write_submodule(view, module, directory)


def _write_submodule(view: GitView, module: _Entry, directory: str) -> None:
    """Write the files of a submodule, if its repository is here and has the commit; else its directory stays empty."""
    target = os.path.join(directory, module.name)
    if os.path.realpath(target) != target:
        return  # a link of the same tree stands above it
    with suppress(GitError), submodule(view, module.name) as inner:
        write_tree(inner, module.identity.decode(), target)


def _write_files(view: GitView, wanted: list[tuple[bytes, str]]) -> None:
    for (_, target), content in zip(wanted, _contents(view, [identity for identity, _ in wanted]), strict=True):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)


def _contents(view: GitView, wanted: list[bytes]) -> Iterator[bytes]:
    """The content of each blob. Raises GitError."""
    if not wanted:
        return
    request = b"".join(identity + b"\n" for identity in wanted)
    answer = memoryview(view.run("cat-file", "--batch", stdin=request))
    start = 0
    for identity in wanted:
        header, newline, _ = bytes(answer[start : start + 200]).partition(b"\n")
        facts = header.split()
        if not newline or len(facts) != 3 or facts[1] != b"blob":
            raise GitError(f"there is no object {identity.decode()}")
        start += len(header) + 1
        size = int(facts[2])
        yield bytes(answer[start : start + size])
        start += size + 1


def _entries(view: GitView, commit: str) -> Iterator[_Entry]:
    """What a commit holds that may be written. Raises GitError."""
    listing = view.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    for line in listing.split(b"\0"):
        facts, tab, raw = line.partition(b"\t")
        if not tab:
            continue
        mode, kind, identity, size = facts.split()
        name = os.fsdecode(raw)
        if not is_plain(name):
            continue
        if kind == b"commit":
            yield _Entry("submodule", identity, name)
        elif not mode.startswith((b"100", b"120")):
            continue
        elif not size.isdigit():
            raise GitError(f"the content of {name} is not there")
        elif mode.startswith(b"100"):
            yield _Entry("file", identity, name, int(size))
        elif int(size) <= MAX_LINK:
            yield _Entry("link", identity, name, int(size))


def _write_unreadable(target: str) -> None:
    """A file that is there and is too large to be read. It takes no space."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.truncate(UNREADABLE)


def _write_link(directory: str, name: str, target: str, top: str) -> None:
    """The link ``name`` of a tree that was at ``top`` and is now in ``directory``, unless something is there.

    One that would lead out leads nowhere: neither reading nor writing gets out of ``directory``. A target may go up
    only at its beginning, so this holds whatever the other links are.
    """
    home = os.path.dirname(os.path.join(directory, name))
    if is_within(target, top):
        target = os.path.relpath(os.path.join(directory, os.path.relpath(target, top)), home)
    steps = [step for step in target.split("/") if step not in ("", ".")]
    ups = next((place for place, step in enumerate(steps) if step != ".."), len(steps))
    leads_out = not target or os.path.isabs(target) or ups > name.count("/") or ".." in steps[ups:]
    with suppress(OSError):
        os.makedirs(home, exist_ok=True)
        if os.path.realpath(home) == home:
            os.symlink(os.path.basename(name) if leads_out else target, os.path.join(directory, name))

"""Commits of other people's repositories, fetched by git and written out without it.

git runs with an empty repository of its own: nothing is checked out, so no hook, filter, submodule or LFS client is run.
It may use the credentials of whoever started the scan, but cannot ask for any.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from threading import Event
from time import monotonic
from typing import IO, NamedTuple

from vpce_checks.terraform.sources.download.errors import DownloadError
from vpce_checks.terraform.sources.download.tree import MAX_BYTES, MAX_FILES, Tree

MAX_FETCHED = 512 * 1024 * 1024
"""Bytes that git may fetch for one module."""

MAX_OUTPUT = 32 * 1024 * 1024
MAX_LINK = 4096
PIECE = 1024 * 1024

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ABBREVIATED = re.compile(r"[0-9a-f]{4,64}")
_REMOTE = "module-source"  # a name for which nobody has settings of his own
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.attributesFile": os.devnull,
    "protocol.ext.allow": "never",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.fsckObjects": "false",
    "fetch.writeCommitGraph": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.sslVerify": "true",
    "http.followRedirects": "initial",
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "60",
}
# Those that git sets for its hooks, among which a scan may run, and those that make it talkative.
_NOT_PASSED_ON = re.compile(
    r"GIT_(?:DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|PREFIX"
    r"|SHALLOW_FILE|GRAFT_FILE|REPLACE_REF_BASE|CEILING_DIRECTORIES|SSL_NO_VERIFY|CURL_VERBOSE|TEMPLATE_DIR"
    r"|PROTOCOL_FROM_USER|ALLOW_PROTOCOL|TRACE.*)|SSH_ASKPASS"
)


class Resolved(NamedTuple):
    """A commit, and whether the name that it was found by always means this one (a tag, or the commit itself)."""

    commit: str
    is_pinned: bool


class Repository:
    """An empty repository of our own, in ``directory``, for one of somebody else at ``url``."""

    def __init__(self, directory: str, url: str, environment: Mapping[str, str], deadline: float, stop: Event) -> None:
        """Raises DownloadError where there is no git."""
        self._directory = directory
        self._deadline = deadline
        self._stop = stop
        self._environment = _environment(environment, url, directory)
        self._run("init", "--quiet", "--bare", "--template=", ".")
        self._environment["GIT_SSH_COMMAND"] = self._ssh()

    def resolve(self, ref: str) -> Resolved:
        """The commit that ``ref`` (empty: what the repository shows first) names now. Raises DownloadError.

        A commit given by the start of its name is fetched with everything else, to see that it is the only one.
        """
        if _COMMIT.fullmatch(ref):
            return Resolved(ref, is_pinned=True)
        names = _full_names(ref)
        wanted = [*names, *(f"{name}^{{}}" for name in names if name.startswith("refs/tags/"))]
        found: dict[str, str] = {}
        for line in self._run("ls-remote", "--quiet", _REMOTE, *wanted).decode("utf-8", "replace").splitlines():
            commit, _, name = line.partition("\t")
            if name in wanted and _COMMIT.fullmatch(commit):
                found[name] = commit
        named = {name: found.get(f"{name}^{{}}", found[name]) for name in names if name in found}
        if len(set(named.values())) > 1:
            raise DownloadError(f"its ref {ref!r} names both a tag and a branch; write refs/tags/... or refs/heads/...")
        if named:
            return Resolved(next(iter(named.values())), all(name.startswith("refs/tags/") for name in named))
        if _ABBREVIATED.fullmatch(ref):
            self._fetch_all()
            only = self._commit_of(ref)
            if only is not None:
                return Resolved(only, is_pinned=True)
        raise DownloadError(
            f"the repository has no branch, tag or commit {ref!r}" if ref else "the repository has no commits"
        )

    def fetch(self, commit: str) -> None:
        """Fetch ``commit``. Raises DownloadError."""
        if self._commit_of(commit) == commit:
            return
        try:
            self._run("fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", _REMOTE, commit)
        except DownloadError:  # not every server hands out single commits
            self._fetch_all()
        if self._commit_of(commit) != commit:
            raise DownloadError(f"the repository has no commit {commit}")

    def write(self, commit: str, tree: Tree) -> bool:
        """Write the files of ``commit`` into ``tree``. Whether there are submodules, which are left out.

        Raises DownloadError.
        """
        files: list[tuple[str, str, bool]] = []
        has_submodules = False
        total = 0
        for line in self._run("ls-tree", "-r", "-z", "-l", "--full-tree", commit).split(b"\0"):
            facts, tab, raw = line.partition(b"\t")
            if not tab:
                continue
            mode, kind, identity, size = facts.decode("ascii").split()
            if kind != "blob":
                has_submodules = True
                continue
            total += int(size)
            if len(files) >= MAX_FILES or total > MAX_BYTES:
                raise DownloadError(f"it holds more than {MAX_FILES:,} files or {MAX_BYTES // 1024**2} MiB")
            files.append((identity, os.fsdecode(raw), mode == "120000"))
        self._write_blobs(files, tree)
        tree.close()
        return has_submodules

    def _write_blobs(self, files: Sequence[tuple[str, str, bool]], tree: Tree) -> None:
        with tempfile.TemporaryFile() as request, tempfile.TemporaryFile() as complaints:
            request.write("".join(f"{identity}\n" for identity, _, _ in files).encode())
            request.seek(0)
            process = self._start(["cat-file", "--batch"], request, subprocess.PIPE, complaints)
            try:
                assert process.stdout is not None
                for _, name, is_link in files:
                    header = process.stdout.readline(200).split()
                    if len(header) != 3 or header[1] != b"blob" or monotonic() > self._deadline:
                        raise DownloadError("git cannot read what it has fetched, or took too long")
                    pieces = _exactly(process.stdout, int(header[2]))
                    if is_link:
                        tree.add_link(name, os.fsdecode(b"".join(pieces)[:MAX_LINK]))
                    else:
                        tree.add_file(name, pieces)
                    process.stdout.read(1)
            finally:
                _kill(process)

    def _fetch_all(self) -> None:
        everything = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        self._run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", _REMOTE, *everything)

    def _commit_of(self, name: str) -> str | None:
        try:
            found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except DownloadError:
            return None
        return found.decode("ascii", "replace").strip()

    def _ssh(self) -> str:
        """The ssh that git would run, told to ask for nothing; another program is run as it is."""
        given = self._environment.get("GIT_SSH_COMMAND")
        if not given:
            with suppress(DownloadError):  # there is none
                given = self._run("config", "--get", "core.sshCommand").decode("utf-8", "replace").strip()
        command = given or shlex.quote(self._environment.get("GIT_SSH") or "ssh")
        with suppress(ValueError):
            program = os.path.basename(shlex.split(command)[0])
            return f"{command} -oBatchMode=yes" if program in ("ssh", "ssh.exe") else command
        return command

    # -- running git ---------------------------------------------------------------------------------------------

    def _start(
        self, arguments: Sequence[str], stdin: IO[bytes] | int, stdout: IO[bytes] | int, stderr: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        try:
            return subprocess.Popen(
                ["git", *settings, *arguments],
                cwd=self._directory,
                env=self._environment,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,  # no terminal to ask on, and a group that can be ended together
            )
        except OSError as error:
            raise DownloadError(f"git cannot be run: {error.strerror}") from error

    def _run(self, *arguments: str) -> bytes:
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
            process = self._start(arguments, subprocess.DEVNULL, output, complaints)
            try:
                self._watch(process, output, complaints)
            finally:
                _kill(process)
            if process.returncode != 0:
                complaints.seek(0)
                raise DownloadError(f"git {arguments[0]} failed: {_complaint(complaints.read(64 * 1024))}")
            output.seek(0)
            return output.read(MAX_OUTPUT)

    def _watch(self, process: subprocess.Popen[bytes], output: IO[bytes], complaints: IO[bytes]) -> None:
        """Wait for its end, unless it takes too long or writes too much."""
        pause, next_look = 0.005, monotonic() + 0.5
        while process.poll() is None:
            if self._stop.wait(pause):
                raise DownloadError("the scan was interrupted")
            pause = min(pause * 1.5, 0.1)
            now = monotonic()
            if now > self._deadline:
                raise DownloadError("git took too long")
            if now > next_look:
                next_look = now + 0.5
                written = os.fstat(output.fileno()).st_size + os.fstat(complaints.fileno()).st_size
                if written > MAX_OUTPUT or _size(self._directory) > MAX_FETCHED:
                    raise DownloadError(f"the repository is larger than {MAX_FETCHED // 1024**2} MiB")


def _full_names(ref: str) -> list[str]:
    if not ref or ref == "HEAD":
        return ["HEAD"]
    if ref.startswith("refs/"):
        return [ref]
    names = [f"refs/tags/{ref}", f"refs/heads/{ref}"]
    if ref.startswith(("tags/", "heads/")):
        names.append(f"refs/{ref}")
    if ref.startswith("origin/"):
        names.append(f"refs/heads/{ref.removeprefix('origin/')}")
    return names


def _environment(given: Mapping[str, str], url: str, directory: str) -> dict[str, str]:
    environment = {name: value for name, value in given.items() if not _NOT_PASSED_ON.fullmatch(name)}
    own = url.partition("://")[0]
    environment |= {
        "GIT_DIR": directory,
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_ALLOW_PROTOCOL": ":".join(dict.fromkeys(("https", "ssh", own))),
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_DEFAULT_HASH": "sha1",
        "LC_ALL": "C",
    }
    # The URL may hold a password, so it is no argument, which every user of the machine could read.
    try:
        count = int(given.get("GIT_CONFIG_COUNT", "0"))
    except ValueError:
        count = 0
    environment |= {
        "GIT_CONFIG_COUNT": str(count + 1),
        f"GIT_CONFIG_KEY_{count}": f"remote.{_REMOTE}.url",
        f"GIT_CONFIG_VALUE_{count}": url,
    }
    return environment


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        try:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        except OSError:
            pass
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _complaint(text: bytes) -> str:
    """What git says is wrong: its fatal line, else the last one."""
    lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "ERROR:"))]
    return (fatal or lines or ["it says nothing"])[0]


def _exactly(stream: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        piece = stream.read(min(size, PIECE))
        if not piece:
            raise DownloadError("git ended too early")
        size -= len(piece)
        yield piece


def _size(directory: str) -> int:
    total = 0
    for place, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:
                continue
    return total

"""What a git repository holds, asked of git without the repository's configuration.

git runs with a git directory of our own, which borrows the repository's objects, references and index but none of its
settings: it cannot know the filters, monitors, drivers or remotes that a stranger's ``config`` names. Switches could
only turn off those that we have thought of, and a library that reads objects would be one more thing to install.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Timer
from typing import NamedTuple

SECONDS = 120
SECONDS_TO_START = 10
"""For a look at the git directory, whose files may lead to what never ends."""

MAX_OUTPUT = 256 * 1024 * 1024
MAX_LINE = 64 * 1024
"""Bytes of a file in a git directory that should hold one line."""

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

_SETTINGS_OF_USER = re.compile(r"GIT_CONFIG_.+")
"""The variables of git's own that it keeps. The others are those that git sets for its hooks, or say where to write."""

_ALWAYS = {
    "GIT_ALLOW_PROTOCOL": "",  # no transport at all
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# These win over the settings of the user, which hold too: git-ignored files of his, the line ends of his work trees.
_OVERRIDES = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "diff.orderFile": os.devnull,
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
}
_ATTRIBUTES = "* !filter !diff !merge !ident !working-tree-encoding\n"
"""They win over every ``.gitattributes``: not even a filter that the user has set up is run on a stranger's word."""

_KEPT = re.compile(r"core\.(?:autocrlf|eol|filemode|ignorecase|symlinks|precomposeunicode)")
_KEPT_VALUES = frozenset({"", "true", "false", "yes", "no", "on", "off", "1", "0", "input", "lf", "crlf", "native"})
"""The repository's settings that say how its files look in the work tree, and the words that they may have."""


class GitError(Exception):
    """What git said is wrong, in a line."""


class GitView(NamedTuple):
    """A repository as seen from a git directory of our own. ``top`` is its work tree, without symbolic links.

    ``is_partial``: objects may be missing here that git would fetch. It never does so for us. ``is_shallow``: commits
    may be missing.
    """

    top: str
    is_partial: bool
    is_shallow: bool
    program: str
    environment: Mapping[str, str]

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What git writes when run at the top of the work tree. Raises GitError."""
        return _run(_Git(self.program, self.top, self.environment), arguments, stdin)


@contextmanager
def git_view(top: str) -> Iterator[GitView]:
    """The repository whose work tree begins at ``top`` (it holds ``.git``). Raises GitError.

    Whose repository it may be is left to git (``safe.directory``).
    """
    program = _program()
    environment = {name: value for name, value in os.environ.items() if _is_passed_on(name)} | _ALWAYS
    directory = _git_directory(program, top, environment)
    common = _common_directory(directory)
    with tempfile.TemporaryDirectory(prefix="vpce-checks-git-") as made:
        own = os.path.realpath(made)
        settings = _settings(program, own, environment, os.path.join(common, "config"))
        try:
            _make(own, directory, common, settings)
        except OSError as error:
            raise GitError(f"cannot read {error.filename}: {error.strerror}") from error
        environment |= {
            "GIT_DIR": own,
            "GIT_WORK_TREE": top,
            "GIT_OBJECT_DIRECTORY": os.path.join(common, "objects"),
            "GIT_INDEX_FILE": _index(directory, top),
        }
        is_shallow = os.path.exists(os.path.join(common, "shallow"))
        yield GitView(top, _is_partial(settings), is_shallow, program, environment)


def _program() -> str:
    """git, from no directory that depends on where we are: that may be the stranger's."""
    places = [place for place in os.get_exec_path() if os.path.isabs(place)]
    found = shutil.which("git", path=os.pathsep.join(places)) if places else None
    if found is None or not os.path.isabs(found):
        raise GitError("git is not installed")
    return found


def _is_passed_on(name: str) -> bool:
    return not name.startswith("GIT_") or _SETTINGS_OF_USER.fullmatch(name) is not None


# --- a git directory of our own ------------------------------------------------------------------------------------


def _git_directory(program: str, top: str, environment: Mapping[str, str]) -> str:
    """Where ``.git`` leads to, if git is willing to use it. It looks at the settings for that, and runs none of them."""
    marker = os.path.join(top, ".git")
    if not os.path.exists(marker):
        raise GitError("there is no .git in it or above")
    above = {"GIT_CEILING_DIRECTORIES": os.path.dirname(top)}
    git = _Git(program, top, {**environment, **above})
    answer = _run(git, ("rev-parse", "--absolute-git-dir"), seconds=SECONDS_TO_START)
    found = os.path.realpath(os.fsdecode(answer).removesuffix("\n"))
    if os.path.isdir(marker) and found != os.path.realpath(marker):  # git took the directory itself for a repository
        raise GitError(f"{marker} is not a git directory")
    return found


def _common_directory(directory: str) -> str:
    """Where the repository is of which ``directory`` is a work tree's part: mostly the same."""
    line = _line(os.path.join(directory, "commondir"))
    return os.path.realpath(os.path.join(directory, line)) if line else directory


def _line(file: str) -> str:
    if not os.path.isfile(file):
        return ""
    try:
        with open(file, "rb") as stream:
            return os.fsdecode(stream.read(MAX_LINE)).strip()
    except OSError as error:
        raise GitError(f"cannot read {file}: {error.strerror}") from error


def _settings(program: str, own: str, environment: Mapping[str, str], file: str) -> dict[str, str]:
    """The settings in the repository's ``config`` that matter here, what it includes left out."""
    if not os.path.isfile(file):
        return {}
    wanted = r"^(core|extensions|remote)\."
    # Where there is none of them, git says nothing and exits with 1; a mistake in the file was reported before.
    arguments = ("config", "--file", file, "--no-includes", "-z", "--get-regexp", wanted)
    listing = _run(_Git(program, own, {**environment, "GIT_DIR": own}), arguments, codes=(0, 1))
    found = {}
    for entry in os.fsdecode(listing).split("\0"):
        name, _, value = entry.partition("\n")
        found[name] = value.lower()
    return found


def _is_partial(settings: Mapping[str, str]) -> bool:
    return "extensions.partialclone" in settings or any(
        name.startswith("remote.") and name.endswith((".promisor", ".partialclonefilter")) for name in settings
    )


def _make(own: str, directory: str, common: str, settings: Mapping[str, str]) -> None:
    """Fill the git directory ``own``. Raises OSError, GitError."""
    if settings.get("extensions.refstorage", "files") != "files":
        raise GitError(f"its references are kept as {settings['extensions.refstorage']!r}, which cannot be read here")
    os.mkdir(os.path.join(own, "info"))
    os.mkdir(os.path.join(own, "logs"))
    os.mkdir(os.path.join(own, "objects"))
    _write(own, "config", _config(settings))
    _write(own, "info/attributes", _ATTRIBUTES)
    _write(own, "HEAD", _line(os.path.join(directory, "HEAD")) + "\n")
    _lend(os.path.join(directory, "logs", "HEAD"), os.path.join(own, "logs", "HEAD"))
    _lend(os.path.join(common, "logs", "refs"), os.path.join(own, "logs", "refs"))
    for name in ("refs", "packed-refs", "shallow", os.path.join("info", "exclude")):
        _lend(os.path.join(common, name), os.path.join(own, name))
    for name in os.listdir(directory):
        if name.startswith("sharedindex.") or name.endswith("_HEAD"):
            _lend(os.path.join(directory, name), os.path.join(own, name))


def _config(settings: Mapping[str, str]) -> str:
    lines = ["[core]", "repositoryformatversion = 1", "bare = false"]
    for name, value in settings.items():
        if _KEPT.fullmatch(name) and value in _KEPT_VALUES:
            lines.append(f"{name.removeprefix('core.')} = {value or 'true'}")
    if settings.get("extensions.objectformat") == "sha256":
        lines += ["[extensions]", "objectformat = sha256"]
    return "\n".join(lines) + "\n"


def _write(own: str, name: str, text: str) -> None:
    with open(os.path.join(own, name), "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        file.write(text)


def _lend(source: str, target: str) -> None:
    """Let ``target`` be ``source``, if that is there: by a link, or a copy where the system has no links for us."""
    if not os.path.exists(source):
        return
    try:
        os.symlink(source, target)
    except (OSError, NotImplementedError):
        if os.path.isdir(source):
            shutil.copytree(source, target)
        else:
            shutil.copyfile(source, target)


def _index(directory: str, top: str) -> str:
    """The index; in a hook, the one that git makes the commit of."""
    given = os.environ.get("GIT_INDEX_FILE")
    if given:
        found = os.path.realpath(os.path.join(top, given))
        if os.path.dirname(found) == directory and os.path.isfile(found):
            return found
    return os.path.join(directory, "index")


# --- running git ---------------------------------------------------------------------------------------------------


class _Git(NamedTuple):
    """The ``program`` git, as it is run in ``directory`` with ``environment``."""

    program: str
    directory: str
    environment: Mapping[str, str]


def _run(
    git: _Git, arguments: tuple[str, ...], stdin: bytes = b"", codes: tuple[int, ...] = (0,), seconds: int = SECONDS
) -> bytes:
    """What git writes. Raises GitError if it ends with another exit code, takes too long or writes too much."""
    overrides = [word for name, value in _OVERRIDES.items() for word in ("-c", f"{name}={value}")]
    with tempfile.TemporaryFile() as request, tempfile.TemporaryFile() as complaints:
        request.write(stdin)
        request.seek(0)
        try:
            process = subprocess.Popen(
                [git.program, "--no-pager", *overrides, *arguments],
                cwd=git.directory,
                env=git.environment,
                stdin=request,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
        except (OSError, ValueError) as error:
            raise GitError(f"git cannot be run: {error}") from error
        assert process.stdout is not None
        too_late = Timer(seconds, process.kill)
        too_late.start()
        try:
            output = process.stdout.read(MAX_OUTPUT + 1)
            if len(output) > MAX_OUTPUT:
                raise GitError(f"git {arguments[0]} writes more than {MAX_OUTPUT // 1024**2} MiB")
            code = process.wait()
        finally:
            too_late.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
            too_late.join()
        if code < 0:
            raise GitError(f"git {arguments[0]} was ended, or took longer than {seconds} seconds")
        if code not in codes:
            complaints.seek(0)
            raise GitError(_complaint(complaints.read(MAX_LINE)) or f"git {arguments[0]}: exit code {code}")
        return output


def _complaint(text: bytes) -> str:
    """What git says is wrong: its fatal line with what it advises below, else its first line."""
    lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = next((place for place, line in enumerate(lines) if line.startswith("fatal:")), None)
    return " ".join(lines[:1] if fatal is None else lines[fatal:])

"""What the operating system sees of a scan: nothing outside of the repository is even looked for.

strace also sees what Python raises no audit event for: stat, readlink and access. Allowed are, beside the repository,

- the directories above it, which are looked at to find its real path, and ``.git`` in each, to find its boundary;
- the package, and Python with its libraries, which are imported as they are needed;
- what the C library and OpenSSL read: time zone, locale, shared libraries, configuration, ``/dev/null``, ``/dev/urandom``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.files import audited
from tests.files.hostile import hostile_tree
from tests.files.test_nothing_outside import INSTALLED, PACKAGE, TREE
from vpce_checks.execution.cache_key import VARIABLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/local/lib", "/usr/share/locale", "/usr/share/zoneinfo", "/proc/self")
FILES = (
    "/dev/null",
    "/dev/urandom",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/usr/lib/ssl/openssl.cnf",
)
HARMLESS = ("exit", "wait4", "kill", "+++", "---")
_CALL = re.compile(r"\d+ +(?P<name>\w+)\((?P<given>.*)")
_PATH = re.compile(r'"((?:[^"\\\\]|\\\\.)*)"')


def calls(log: Path) -> Iterator[tuple[str, str, str]]:
    """The system calls from the beginning of the scan: name, first path, and the whole line."""
    lines = log.read_text(errors="replace").splitlines()
    start = next(number for number, line in enumerate(lines) if audited.BEGINNING in line)
    for line in lines[start + 1 :]:
        match = _CALL.match(line)
        if match is None or match["name"].startswith(HARMLESS) or "AT_EMPTY_PATH" in line:  # of what is open
            continue
        path = _PATH.search(match["given"])
        yield match["name"], path[1] if path else "/no path", line


def above(path: Path) -> set[str]:
    """The directories above a path, and the ``.git`` that each of them could hold."""
    return {each for parent in path.parents for each in (str(parent), str(parent / ".git"))}


def looked_at(name: str, path: str, line: str, repository: Path) -> str:
    """What a system call looks at, links on the way followed. What is relative starts at the repository."""
    written = os.path.join(repository, path)
    if "NOFOLLOW" in line or name.startswith(("lstat", "readlink")):
        return os.path.join(os.path.realpath(os.path.dirname(written)), os.path.basename(written))
    return os.path.realpath(written)


def is_expected(path: str, places: Iterable[str]) -> bool:
    """Whether a look at ``path`` is a look into one of ``places``."""
    return any(os.path.commonpath([path, place]) == place for place in places)


@pytest.mark.parametrize("arguments", [(".",), (".", "--format", "sarif"), (".", "--cache", "../cache")])
def test_nothing_outside_is_looked_for(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    repository = hostile_tree(tmp_path / "world")
    cache = tmp_path / "world/cache"
    assert PACKAGE.is_dir()
    for number in (1, 2):  # the second scan finds what it may in the cache
        log = tmp_path / f"trace{number}"
        trace = ["strace", "-f", "-qq", "-s", "4096", "-e", "trace=file,process,network", "-o", str(log)]
        program = [sys.executable, "-I", audited.__file__, str(tmp_path / "log"), str(TREE), "scan", "--jobs", "1"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(repository.parent / "outside"), "LC_ALL": "C.UTF-8"}
        environment[VARIABLE] = "k" * 64  # else the user's own key is read at home
        done = subprocess.run([*trace, *program, *arguments], cwd=repository, env=environment, capture_output=True)
        assert done.returncode == 3, done.stderr
        around = {*above(repository), *map(os.path.realpath, FILES)}
        places = [os.path.realpath(place) for place in (repository, cache, TREE, *SYSTEM, *INSTALLED)]
        strange = [
            line
            for name, path, line in calls(log)
            if (seen := looked_at(name, path, line, repository)) not in around and not is_expected(seen, places)
        ]
        assert strange == []
        assert sum(path.startswith(str(repository)) for _, path, _ in calls(log)) > 100

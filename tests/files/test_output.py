"""Files are written whole or not at all, and never through a link of a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.run import MISSING, cli, root
from vpce_checks.files.output import OutputError, check_output, create_output, write_output

LINKS: dict[str, tuple[str, Callable[[Path, Path], None]]] = {
    "the file is a link": ("report", lambda repo, out: (repo / "report").symlink_to(out / "victim")),
    "to nowhere yet": ("report", lambda repo, out: (repo / "report").symlink_to(out / "new")),
    "relative": ("report", lambda repo, out: (repo / "report").symlink_to("../outside/victim")),
    "a directory is a link": ("dir/victim", lambda repo, out: (repo / "dir").symlink_to(out)),
    "further up": ("a/dir/victim", lambda repo, out: _link(repo / "a" / "dir", out)),
    "dots behind a link": ("dir/../outside/victim", lambda repo, out: (repo / "dir").symlink_to(out)),
    "to a place within": ("dir/victim", lambda repo, out: _link(repo / "dir", repo)),
    "from outside to inside": ("../outside/into/victim", lambda repo, out: _both(repo, out)),
    "a circle": ("round", lambda repo, out: (repo / "round").symlink_to("round")),
}


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)


def _both(repository: Path, outside: Path) -> None:
    (repository / "dir").symlink_to(outside)
    (outside / "into").symlink_to(repository / "dir")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    directory = tmp_path / "outside"
    directory.mkdir()
    (directory / "victim").write_text("mine")
    return directory


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    directory = root(tmp_path / "repository", MISSING)
    (directory / ".git").mkdir()
    return directory


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("how", ["report", "baseline", "scanned alone", "from elsewhere"])
def test_no_link_of_a_checkout_is_followed(repository: Path, outside: Path, name: str, how: str) -> None:
    path, make = LINKS[name]
    make(repository, outside)
    if how == "scanned alone":
        (repository / ".git").rmdir()
    options = ["--baseline", path, "--write-baseline"] if how == "baseline" else ["--format", f"json={path}"]
    cwd, target = repository, "."
    if how == "from elsewhere":
        options, cwd, target = ["--format", f"json={repository / path}"], outside, str(repository)
    before = {file: file.lstat().st_mtime_ns for file in outside.iterdir()}
    result = cli("scan", target, *options, cwd=cwd)
    assert (result.code, result.out) == (2, ""), result
    assert "is a symbolic link inside of the repository; remove it, or write elsewhere" in result.err
    assert {file: file.lstat().st_mtime_ns for file in outside.iterdir()} == before
    assert (outside / "victim").read_text() == "mine"


def test_caches_behind_links_are_refused(repository: Path, outside: Path) -> None:
    (repository / "cache").symlink_to(outside)
    assert "cannot write cache: cache is a symbolic link" in cli("scan", "--cache", "cache", cwd=repository).err
    modules = {"VPCE_CHECKS_MODULE_CACHE": str(repository / "cache" / "modules")}
    result = cli("scan", "--download-modules", cwd=repository, **modules)
    assert result.code == 2
    assert [file.name for file in outside.iterdir()] == ["victim"]


def test_links_of_the_user_are_followed(repository: Path, outside: Path, tmp_path: Path) -> None:
    (tmp_path / "home").symlink_to(outside)
    (outside / "latest").symlink_to("first")
    write_output(str(tmp_path / "home" / "latest"), "text", [str(repository)])
    assert (outside / "first").read_text() == "text"
    assert (outside / "latest").is_symlink()
    write_output(str(tmp_path / "home" / "latest"), "more", [str(repository)])
    assert (outside / "first").read_text() == "more"
    (tmp_path / "way-to-repository").symlink_to(repository)
    write_output(str(tmp_path / "way-to-repository" / "report"), "text", [str(repository)])
    assert (repository / "report").read_text() == "text"


def test_what_cannot_be_written(tmp_path: Path) -> None:
    for path, says in (
        ("", "it is a directory"),
        ("no/such", "there is no directory"),
        ("a/b", "there is no directory"),
    ):
        (tmp_path / "a").touch()
        with pytest.raises(OutputError, match=says):
            check_output(os.path.join(tmp_path, path), [])


@pytest.mark.skipif(os.name != "posix" or not os.path.exists("/dev/fd"), reason="needs /dev/fd")
@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
@pytest.mark.parametrize("to", ["pipe", "file"])
def test_open_files_are_written_as_they_are(repository: Path, path: str, to: str) -> None:
    command = [sys.executable, "-m", "vpce_checks", "scan", "--format", f"sarif={path}", "--soft-fail"]
    target = repository / "redirected"
    with open(target, "w+b") as file:
        number = file.fileno()
        done = subprocess.run(command, cwd=repository, stdout=number if to == "file" else subprocess.PIPE)
        assert done.returncode == 0
        assert os.stat(target).st_ino == os.fstat(number).st_ino
        assert (target.read_bytes() if to == "file" else done.stdout).lstrip().startswith(b"{")


def test_null_device(repository: Path) -> None:
    assert cli("scan", "--format", f"json={os.devnull}", cwd=repository).code == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_named_pipe(repository: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    assert cli("scan", "--format", f"json={pipe}", cwd=repository).code == 1
    reader.join(10)
    assert read[0].startswith("{")


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
@pytest.mark.parametrize("option", ["--format=json={}", "--format=text={}", "--write-baseline --baseline={}"])
def test_a_full_disk_destroys_nothing(repository: Path, option: str) -> None:
    """A file that may have 100 bytes stands for a disk that has no more."""
    kept = '{"version": 1, "findings": []}\n'
    (repository / "kept").write_text(kept)
    before = sorted(repository.iterdir())
    limited = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "from vpce_checks.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-B", "-c", limited, "scan", *option.format("kept").split()]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert done.returncode == 2, done
    assert done.stderr == "vpce-checks: error: cannot write kept: File too large\n"
    assert (repository / "kept").read_text() == kept
    assert sorted(repository.iterdir()) == before


def test_permissions_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "report"
    write_output(str(file), "text")
    (tmp_path / "usual").touch()
    assert file.stat().st_mode == (tmp_path / "usual").stat().st_mode
    file.chmod(0o640)
    write_output(str(file), "more")
    assert (file.stat().st_mode & 0o777, file.read_text()) == (0o640, "more")


def test_a_scan_that_is_stopped_leaves_the_report_before(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    (repository / "report").write_text("before")
    monkeypatch.setattr("os.replace", stop)
    assert cli("scan", "--format", "json=report", cwd=repository).code == 130
    assert (repository / "report").read_text() == "before"
    assert not list(repository.glob(".vpce-checks-*"))


def test_what_is_there_is_not_created(repository: Path, outside: Path) -> None:
    for path in (repository / "main.tf", repository / "link", outside / "victim"):
        if path.name == "link":
            path.symlink_to(outside / "victim")
        before = path.read_text()
        with pytest.raises(OutputError):
            create_output(str(path), "new", [str(repository)])
        assert path.read_text() == before
    create_output(str(repository / "new"), "é", [str(repository)])
    assert (repository / "new").read_text("utf-8") == "é"

"""A look counts as the same only while it leads to the same place and shows the same."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vpce_checks.execution.cache_key import VARIABLE
from vpce_checks.files import tracked
from vpce_checks.files.real_paths import RealPaths
from vpce_checks.files.regular import NotRegularError, read_regular


def stale(footprint: tracked.Footprint) -> set[str]:
    """The questions that have another answer now."""
    return {
        look[0].partition("\0")[0] for look, answer in footprint.items() if tracked.again(look, RealPaths()) != answer
    }


def look(path: Path, place: Path) -> tracked.Footprint:
    with tracked.recording() as footprint:
        for ask in (tracked.contents, tracked.is_file, tracked.is_directory, tracked.exists, tracked.place_of):
            try:
                ask(str(path), (str(place),))
            except OSError:
                continue
    return footprint


def lead(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda top: None, set()),
        (lambda top: (top / "unrelated").write_text("x"), set()),
        (lambda top: (top / "a.tf").write_text("changed"), {"contents"}),
        # The same contents elsewhere are not the same file: what lies beside it counts.
        (lambda top: lead(top / "link", "b.tf"), {"contents", "is a file", "is a directory", "exists", "place"}),
        (
            lambda top: lead(top / "link", "../outside.tf"),
            {"contents", "is a file", "is a directory", "exists", "place"},
        ),
        (lambda top: lead(top / "link", "gone"), {"contents", "is a file", "is a directory", "exists", "place"}),
    ],
)
def test_a_link_that_leads_elsewhere_is_noticed(
    tmp_path: Path, change: Callable[[Path], object], expected: set[str]
) -> None:
    top = tmp_path / "repository"
    top.mkdir()
    for path in (top / "a.tf", top / "b.tf", tmp_path / "outside.tf"):
        path.write_text("same")
    (top / "link").symlink_to("a.tf")
    footprint = look(top / "link", top)
    assert len(footprint) == 5
    change(top)
    assert stale(footprint) == expected


def test_what_led_out_and_does_no_more_is_noticed(tmp_path: Path) -> None:
    top = tmp_path / "repository"
    top.mkdir()
    (top / "link").symlink_to("../outside.tf")
    footprint = look(top / "link", top)
    assert not stale(footprint)
    (tmp_path / "outside.tf").write_text("x")
    assert not stale(footprint), "what is outside is not looked at"
    (top / "a.tf").write_text("x")
    lead(top / "link", "a.tf")
    assert "contents" in stale(footprint)


def test_a_cached_verdict_follows_its_links(tmp_path: Path) -> None:
    top = tmp_path / "repository"
    (top / ".git").mkdir(parents=True)
    (top / "parts").mkdir()
    for name in ("one", "two"):
        (top / f"parts/{name}.txt").write_text(f'resource "aws_vpc" "{name}" {{\n}}\n')
    (top / "main.tf").symlink_to("parts/one.txt")

    def scan() -> str:
        command = [sys.executable, "-m", "vpce_checks", "scan", str(top), "--cache", str(tmp_path / "cache")]
        environment = {**os.environ, VARIABLE: "k" * 64}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

    assert "aws_vpc.one" in scan()
    assert "aws_vpc.one" in scan()
    lead(top / "main.tf", "parts/two.txt")
    assert "aws_vpc.two" in scan()


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
        for name in ("socket", "none", "link", "zero\0byte"):
            with pytest.raises(OSError):
                read_regular(f"{tmp_path}/{name}", 100)
    for path in (tmp_path / "pipe", tmp_path / "directory", "/dev/zero", "/dev/null"):
        with pytest.raises(NotRegularError):
            read_regular(str(path), 100)
    assert read_regular(str(tmp_path / "file"), 100) == b"12345"
    assert read_regular(str(tmp_path / "file"), 3) == b"123"
    if os.path.exists("/proc/self/status"):  # its size says 0
        assert b"Name:" in read_regular(os.path.realpath("/proc/self/status"), 1000)

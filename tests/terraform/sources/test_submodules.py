"""Modules in git submodules that a checkout left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from vpce_checks.terraform.sources.submodules import submodule_not_there

MODULES = '[submodule "a"]\n\tpath = libs/net\n\turl = x\n[submodule "b"]\n  path = "libs/with space"\n'


@pytest.mark.parametrize(
    ("path", "submodule"),
    [
        ("libs/net", "libs/net"),
        ("libs/net/vpc", "libs/net"),
        ("envs/../libs/net/vpc", "libs/net"),
        ("libs/with space/vpc", "libs/with space"),
        ("libs/network", None),
        ("libs", None),
    ],
)
def test_what_is_in_a_submodule(tmp_path: Path, path: str, submodule: str | None) -> None:
    (tmp_path / ".gitmodules").write_text(MODULES)
    (tmp_path / "libs" / "net").mkdir(parents=True)  # as git leaves it
    assert submodule_not_there(str(tmp_path / path), (str(tmp_path),)) == submodule


def test_a_submodule_that_is_checked_out_lacks_nothing(tmp_path: Path) -> None:
    (tmp_path / ".gitmodules").write_text(MODULES)
    (tmp_path / "libs" / "net").mkdir(parents=True)
    (tmp_path / "libs" / "net" / ".git").write_text("gitdir: ../../.git/modules/a\n")
    assert submodule_not_there(str(tmp_path / "libs" / "net" / "vpc"), (str(tmp_path),)) is None


@pytest.mark.parametrize("text", [b"", b"path =\n", b"\xff\xfe\n\tpath = ../outside\n", b"\tpath = /etc\n"])
def test_what_is_no_submodule_of_ours(tmp_path: Path, text: bytes) -> None:
    (tmp_path / ".gitmodules").write_bytes(text)
    for path in (tmp_path / "vpc", tmp_path.parent / "outside", Path("/etc/vpc")):
        assert submodule_not_there(str(path), (str(tmp_path),)) is None


def test_a_long_line_costs_no_time(tmp_path: Path) -> None:
    (tmp_path / ".gitmodules").write_text(f'\tpath = {" " * 500_000}"\n{MODULES}')
    (tmp_path / "libs" / "net").mkdir(parents=True)
    assert submodule_not_there(str(tmp_path / "libs" / "net"), (str(tmp_path),)) == "libs/net"

"""Which roots are joined."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from tests.cli.run import cli
from tests.estate.estates import NETWORK, backend, endpoint, remote_state
from vpce_checks.model.outside import Sharing
from vpce_checks.model.roots import Root
from vpce_checks.project.joining import joined_roots


def _asked() -> NoReturn:
    raise AssertionError("nobody wants anything, so nobody needs to know what is offered")


def test_nobody_is_asked_for_offers_where_no_root_wants_anything() -> None:
    root = Root("/repository/net", "terraform", "/repository", "terraform")
    assert joined_roots([root], lambda _: Sharing(_asked)) == {}


@pytest.mark.parametrize("paths", [("one",), ("one", "other"), ("one", "other/app"), ("one/net", "other/app")])
def test_each_repository_is_joined_whatever_else_is_scanned(tmp_path: Path, paths: tuple[str, ...]) -> None:
    files = {
        "one/net/main.tf": backend("s3", bucket='"b"', key='"net"') + NETWORK,
        "one/ep/main.tf": remote_state("s3", bucket='"b"', key='"net"') + endpoint(),
        "other/app/main.tf": backend("s3", bucket='"b"', key='"app"') + NETWORK,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    for repository in ("one", "other"):
        (tmp_path / repository / ".git").mkdir()
    found = cli("scan", *paths, "--rules", "VPCE001", "--format", "concise", cwd=tmp_path)
    assert "one/net" not in found.out and ("other" in "".join(paths)) == ("other/app" in found.out)

"""The key of a cache: the environment's, or one of the user's own that nobody else can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from vpce_checks.execution.cache_key import VARIABLE, cache_key, key_file
from vpce_checks.files.errors import CacheError

posix = pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")


def home(directory: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(directory), "APPDATA": str(directory)}


def test_one_key_a_user(tmp_path: Path) -> None:
    first = cache_key(home(tmp_path / "a"), ())
    assert len(first) == 32
    assert cache_key(home(tmp_path / "a"), ()) == first
    assert cache_key(home(tmp_path / "b"), ()) != first
    assert [path.name for path in (tmp_path / "a" / "vpce-checks").iterdir()] == ["cache.key"]


def test_the_environment_comes_first(tmp_path: Path) -> None:
    given = {**home(tmp_path), VARIABLE: "a secret of the CI system"}
    assert cache_key(given, ()) == cache_key(given, ())
    assert cache_key(given, ()) != cache_key({**given, VARIABLE: "another secret of it"}, ())
    assert not list(tmp_path.iterdir())
    assert cache_key({**given, VARIABLE: ""}, ()) != cache_key(given, ())


def test_a_short_key_can_be_guessed() -> None:
    with pytest.raises(CacheError, match="at least 16 characters"):
        cache_key({VARIABLE: "short"}, ())


@posix
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        cache_key(home(tmp_path), ())
    finally:
        os.umask(before)
    file = Path(key_file(home(tmp_path)))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(CacheError, match="can be used by others"):
            cache_key(home(tmp_path), ())


def test_a_damaged_key_is_none(tmp_path: Path) -> None:
    cache_key(home(tmp_path), ())
    file = Path(key_file(home(tmp_path)))
    for content in (b"", b"x" * 31, b"x" * 33):
        file.write_bytes(content)
        with pytest.raises(CacheError, match="is damaged"):
            cache_key(home(tmp_path), ())


def test_not_inside_of_what_is_scanned(tmp_path: Path) -> None:
    """A commit could hold it."""
    (tmp_path / "link").symlink_to(tmp_path / "repository")
    for place in ("repository", "repository/settings", "link/settings"):
        with pytest.raises(CacheError, match="inside of what is scanned"):
            cache_key(home(tmp_path / place), [str(tmp_path / "repository")])
    assert not (tmp_path / "repository").exists()


def test_where_none_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match=f"set {VARIABLE} to a secret"):
        cache_key(home(tmp_path / "file"), ())


def test_a_planted_link_is_replaced(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    file = Path(key_file(home(tmp_path)))
    file.parent.mkdir()
    file.with_name(f"cache.key.{os.getpid()}").symlink_to(precious)
    cache_key(home(tmp_path), ())
    assert precious.read_text() == "mine"

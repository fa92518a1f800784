"""The line hash is the one that GitHub's upload action computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from vpce_checks.report.line_hash import MAX_BYTES, line_hash, line_hashes

EMPTY = "c129715d7a2bc9a3:1"


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", [EMPTY]),
        (" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1",
            ],
        ),
        ("alpha\nbeta\nalpha\n", ["8d07ce75f7b3af45:1", "ca140c3f893ffa65:1", "26f09ff008857193:1", EMPTY]),
    ],
)
def test_hashes_are_those_of_the_upload_action(text: str, hashes: list[str]) -> None:
    assert line_hashes(text) == hashes


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_blanks_and_line_ends_do_not_count(end: str) -> None:
    assert line_hashes(f" al pha{end}\tbeta{end}alpha{end}") == line_hashes("alpha\nbeta\nalpha\n")


def test_equal_lines_are_numbered() -> None:
    block = "x" * 120 + "\n"
    first, second, _ = line_hashes(block * 2)
    assert first.endswith(":1")
    assert second == first.removesuffix("1") + "2"


def test_only_what_follows_a_line_counts(tmp_path: Path) -> None:
    file = tmp_path / "main.tf"
    block = "resource {\n" + "  a = 1\n" * 40 + "}\n"
    file.write_text(block)
    moved = tmp_path / "moved.tf"
    moved.write_text("# new\n\n" + block)
    assert line_hash(str(file), 1) == line_hash(str(moved), 3)


def test_what_cannot_be_hashed_has_none(tmp_path: Path) -> None:
    large = tmp_path / "large.tf"
    large.write_bytes(b"a" * (MAX_BYTES + 1))
    assert line_hash(str(large), 1) is None
    assert line_hash(str(tmp_path / "missing.tf"), 1) is None
    small = tmp_path / "small.tf"
    small.write_text("a\n")
    assert line_hash(str(small), 3) is None
    assert line_hash(str(small), 0) is None

"""Edits of a text: what is outside of them stays, and which of them go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from vpce_checks.model.spans import Span
from vpce_checks.report.fixes.edits.edit import Edit, RefusedError, Source, applied, overlap, read_source


def test_edits_are_made_by_their_place() -> None:
    edits = [Edit("f", 4, 4, "+"), Edit("f", 0, 1, "A"), Edit("f", 2, 3, "")]
    assert applied("abcd", edits) == "Abd+"


def test_what_stands_alone_keeps_its_order() -> None:
    edits = [Edit("f", 2, 2, "1", True), Edit("f", 2, 2, "2", True)]
    assert applied("ab", edits) == "ab12"


def test_a_tail_follows_the_last_edit_of_a_place() -> None:
    edits = [Edit("f", 1, 1, "1", True, "\n"), Edit("f", 1, 1, "2", True, "\n"), Edit("f", 2, 2, "3", True, "\n")]
    assert applied("ab", edits) == "a12\nb3\n"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Edit("f", 0, 2, "x"), Edit("f", 1, 3, "y"), True),
        (Edit("f", 0, 2, "x"), Edit("f", 0, 2, "y"), True),
        (Edit("f", 0, 2, "x"), Edit("f", 0, 2, "x"), False),
        (Edit("f", 0, 2, "x"), Edit("g", 0, 2, "y"), False),
        (Edit("f", 0, 2, "x"), Edit("f", 2, 2, "y"), False),
        (Edit("f", 0, 2, "x"), Edit("f", 1, 1, "y"), True),
        (Edit("f", 1, 1, "x"), Edit("f", 1, 1, "y"), True),
        (Edit("f", 1, 1, "x", True), Edit("f", 1, 1, "y", True), False),
    ],
)
def test_overlap(one: Edit, other: Edit, expected: bool) -> None:
    assert overlap(one, other) is expected
    assert overlap(other, one) is expected


def test_places_do_not_count_a_byte_order_mark() -> None:
    source = Source("f", "\ufeffa = 1\r\nb = 2\r\n")
    assert source.text[source.offset(1, 1)] == "a"
    assert source.text[source.offset(2, 5)] == "2"
    assert source.newline == "\r\n"
    start, end = source.range(Span("f", 1, 5, 1, 6))
    assert source.text[start:end] == "1"
    assert source.text[source.line_end(0) :].startswith("\r\n")


def test_no_file_through_a_link_is_edited(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "real.tf").write_text("a = 1\n")
    (tmp_path / "link.tf").symlink_to("real.tf")
    assert read_source(str(tmp_path / "real.tf")).text == "a = 1\n"
    with pytest.raises(RefusedError, match="symbolic link"):
        read_source(str(tmp_path / "link.tf"))


@pytest.mark.parametrize(("data", "reason"), [(b"\xff", "UTF-8"), (b"a\rb\n", "carriage returns")])
def test_a_text_that_is_not_understood_is_refused(data: bytes, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "main.tf"
    file.write_bytes(data)
    with pytest.raises(RefusedError, match=reason):
        read_source(str(file))

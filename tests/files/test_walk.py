"""The walk looks at no more of a hidden directory than it takes to say whether it holds code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vpce_checks.files.walk import Guide, walk


def hidden_below(top: Path) -> dict[str, list[tuple[str, list[str]]]]:
    """The hidden directories below ``top``, each with the directories in it and their files."""
    found: dict[str, list[tuple[str, list[str]]]] = {}

    def hidden(directory: str, below: Iterator[tuple[str, list[str]]]) -> None:
        found[directory] = list(below)

    def failed(directory: str, error: OSError) -> None:
        raise AssertionError(directory) from error

    assert [directory for directory, _ in walk(str(top), str(top), (), Guide(failed, hidden=hidden))] == [str(top)]
    return found


@pytest.mark.parametrize(("directories", "each"), [(1, 1_200), (20, 60)])
def test_files_of_a_hidden_directory_are_looked_at_up_to_a_bound(tmp_path: Path, directories: int, each: int) -> None:
    for number in range(directories):
        directory = tmp_path / ".data" / f"d{number:02}"
        directory.mkdir(parents=True)
        for name in range(each):
            (directory / f"{name}.json").touch()
    (found,) = hidden_below(tmp_path).values()
    assert sum(len(names) for _, names in found) == 1_000
    assert found[0] == (str(tmp_path / ".data"), [])
    assert all(names for _, names in found[1:])


def test_each_hidden_directory_has_a_bound_of_its_own(tmp_path: Path) -> None:
    for name in (".a", ".b"):
        (tmp_path / name).mkdir()
        for number in range(700):
            (tmp_path / name / f"{number}.json").touch()
    assert [len(names) for below in hidden_below(tmp_path).values() for _, names in below] == [700, 700]

"""Lists of ids in Terraform, joined."""

from __future__ import annotations

import pytest

from vpce_checks.report.fixes.edits.edit import RefusedError
from vpce_checks.report.fixes.edits.id_lists import items_of, list_with


@pytest.mark.parametrize(
    ("present", "wanted", "expected"),
    [
        ("[]", "[a.id, b.id]", "[a.id, b.id]"),
        ("[c.id, a.id]", "[a.id, b.id]", "[c.id, a.id, b.id]"),
        ('[t.p["x,y"].id]', "[a.id]", '[t.p["x,y"].id, a.id]'),
        ('[t.p["1"].id]', "values(t.p)[*].id", "values(t.p)[*].id"),
        ("[t.p[0].id, c.id]", "t.p[*].id", "concat([c.id], t.p[*].id)"),
        ("[c.id, t.p[0].id]", "concat([a.id], t.p[*].id, values(t.q)[*].id)",
         "concat([c.id, a.id], t.p[*].id, values(t.q)[*].id)"),
    ],
)  # fmt: skip
def test_what_is_there_stays(present: str, wanted: str, expected: str) -> None:
    assert list_with(present, wanted) == expected
    assert expected.startswith("concat") or not expected.startswith("[") or list_with(expected, wanted) == expected


def test_comments_are_not_moved() -> None:
    with pytest.raises(RefusedError):
        list_with("[a.id /* the first */]", "[b.id]")


@pytest.mark.parametrize("present", ["[for each in t.p : each.id]", "concat(t.p[*].id, [a.id])", "var.tables"])
def test_a_computed_list_gets_nothing(present: str) -> None:
    with pytest.raises(RefusedError, match="the list is computed"):
        list_with(present, "[b.id]")


def test_only_names_go_on_lines_of_their_own() -> None:
    assert items_of("[a.id, b[0].id]") == ["a.id", "b[0].id"]
    with pytest.raises(RefusedError):
        items_of("values(t.p)[*].id")

"""Version constraints: what Terraform would select."""

from __future__ import annotations

import pytest

from vpce_checks.terraform.sources.versions import newest, parse_constraints, parse_version

RELEASES = ["1.0.0", "1.2.0", "1.2.3", "1.3.0", "2.0.0-rc1", "2.0.0", "2.0.9", "2.1.0", "2.10.0", "3.0.0", "3.1.0-beta"]


@pytest.mark.parametrize(
    ("constraint", "selected"),
    [
        ("2.0.0", "2.0.0"),
        ("= 2.0", "2.0.0"),
        ("v1.2.3", "1.2.3"),
        ("~> 2.0", "2.10.0"),
        ("~> 2.0.0", "2.0.9"),
        ("~> 1.2.1", "1.2.3"),
        ("~> 2", "3.0.0"),
        ("~>1.2", "1.3.0"),
        (">= 1.2, < 2.0", "1.3.0"),
        (">= 1.2,<2.0,!=1.3.0", "1.2.3"),
        ("> 2.0.0, <= 2.1.0", "2.1.0"),
        ("< 1.2.0", "1.0.0"),
        ("!= 3.0.0", "2.10.0"),
        (">= 2.0", "3.0.0"),
        ("2.0.0-rc1", "2.0.0-rc1"),
        (">= 2.0.0-rc1, < 2.1.0", "2.0.9"),
        ("> 2.0.0-rc1, <= 2.0.0", "2.0.0"),
        ("< 2.0.0", "1.3.0"),
        ("99.0.0", None),
        ("~> 2.11", None),
        ("> 3.0.0", None),
        ("> 1.0.0, < 1.2.0", None),
    ],
)
def test_the_newest_fitting_release_is_selected(constraint: str, selected: str | None) -> None:
    constraints = parse_constraints(constraint)
    assert constraints is not None
    found = newest(filter(None, map(parse_version, RELEASES)), constraints)
    assert (None if found is None else str(found)) == selected


@pytest.mark.parametrize("text", ["", "latest", "~> x", ">= 1.0,", "1.0 2.0", ">< 1", "1..2", "1" * 40])
def test_what_is_no_constraint_is_not_read(text: str) -> None:
    assert parse_constraints(text) is None


def test_no_constraint_selects_the_newest_release_and_none_before_one() -> None:
    assert str(newest(filter(None, map(parse_version, RELEASES)), ())) == "3.0.0"


def test_versions_are_ordered_as_semantic_versions_are() -> None:
    ordered = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.10.0"
    versions = [parse_version(text) for text in ordered.split()]
    assert sorted(filter(None, reversed(versions))) == versions
    for at, version in enumerate(versions):
        for other in versions[at + 1 :]:
            assert version < other and version <= other and other > version and other >= version and version != other
    assert parse_version("1.2") >= parse_version("1.2.0") and parse_version("1.2") <= parse_version("1.2.0")

"""Which roots are joined."""

from __future__ import annotations

from typing import NoReturn

from vpce_checks.model.outside import Sharing
from vpce_checks.model.roots import Root
from vpce_checks.project.joining import joined_roots


def _asked() -> NoReturn:
    raise AssertionError("nobody wants anything, so nobody needs to know what is offered")


def test_nobody_is_asked_for_offers_where_no_root_wants_anything() -> None:
    root = Root("/repository/net", "terraform", "/repository", "terraform")
    assert joined_roots([root], lambda _: Sharing(_asked)) == {}

"""The text of a JSON report is that of the standard library, whatever the parts that it is made in."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vpce_checks.report.json_text import TOGETHER, json_text

VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES, min_size=1, max_size=4))
def test_as_the_standard_library_writes_it(document: dict[str, Any]) -> None:
    written = json.dumps(document, indent=2) + "\n"
    assert json_text(document) == written
    lazy = {key: iter(value) if isinstance(value, list) else value for key, value in document.items()}
    assert json_text(lazy) == written


def test_a_long_list_is_one_list() -> None:
    for length in (0, 1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 2 * TOGETHER):
        assert json_text({"items": iter(range(length))}) == json.dumps({"items": list(range(length))}, indent=2) + "\n"

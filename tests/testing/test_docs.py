"""The example of docs/own-rules.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "own-rules.md"


def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text()
    policy = re.search(r"^cat > \.vpce-checks\.yaml <<'END'\n(.*?)^END$", text, re.M | re.S)
    example = re.search(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert policy is not None and example is not None
    (tmp_path / ".vpce-checks.yaml").write_text(policy[1])
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(example[1], names)
    names["test_production_reaches_kms"]()

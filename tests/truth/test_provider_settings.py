"""Generated providers, tags and proxies: the regions and tags that we read are those that real Terraform plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.truth import environment, providers


@pytest.mark.slow
@pytest.mark.parametrize("start", range(5))
def test_tags_and_regions_are_what_terraform_plans(start: int, tools: environment.Tools, tmp_path: Path) -> None:
    assert not providers.differences(start, tools, tmp_path)

"""Reports without their networks, and networks that have travelled, say the same."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from vpce_checks.execution.scan import scan
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.results import Report
from vpce_checks.report import Style, format_names, render


@pytest.fixture(scope="module")
def brief(many_fixtures: Path) -> Report:
    return scan(ScanOptions(paths=(str(many_fixtures),), networks=False))


@pytest.mark.parametrize("format", format_names())
def test_every_format_says_the_same(
    many_fixtures: Path, report_on_fixtures: Report, brief: Report, format: str
) -> None:
    style = Style(str(many_fixtures), verbose=True)
    assert render(format, brief, style) == render(format, report_on_fixtures, style)


def test_networks_are_left_behind(report_on_fixtures: Report, brief: Report) -> None:
    assert any(len(root.networks) for root in report_on_fixtures.roots)
    assert not any(len(root.networks) for root in brief.roots)


def test_networks_that_have_travelled_are_the_same(report_on_fixtures: Report) -> None:
    for root in report_on_fixtures.roots:
        sent = pickle.loads(pickle.dumps(root))
        assert sent.inventory == root.inventory
        assert sent == root

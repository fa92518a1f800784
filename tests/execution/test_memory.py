"""What a scan holds does not grow with what it has read. Told by counting the objects that are still there."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.inputs import monorepo, plan
from vpce_checks.execution.scan import scan
from vpce_checks.project.networks import RECENT, Networks, look_up
from vpce_checks.project.options import ScanOptions
from vpce_checks.report import Style, render
from vpce_checks.terraform.plan.document import Document
from vpce_checks.terraform.plan.model import Resource
from vpce_checks.terraform.syntax.structure import ModuleSource


def alive(kind: type) -> int:
    return sum(type(each) is kind for each in gc.get_objects())


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Let go only what nothing holds: as in a scan, where the collector hardly ever runs."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collection")
def test_a_plan_is_let_go_once_it_is_judged(tmp_path: Path) -> None:
    plan(tmp_path / "plan.json", 50_000)
    (report,) = scan(ScanOptions(paths=(str(tmp_path),), networks=False)).roots
    assert report.inventory.vpcs
    assert alive(Document) == 0
    assert alive(Resource) == 0


def test_the_networks_of_a_plan_are_whole_without_it(tmp_path: Path) -> None:
    plan(tmp_path / "plan.json", 50_000)
    (report,) = scan(ScanOptions(paths=(str(tmp_path),))).roots
    (network,) = report.networks
    assert [vpc.address for vpc in network.vpcs] == ["aws_vpc.main_0"]
    assert [endpoint.vpc.address for endpoint in network.endpoints] == ["aws_vpc.main_0"] * 2  # type: ignore[union-attr]


def test_tables_of_readers_are_kept_for_the_last_roots() -> None:
    networks = [Networks() for _ in range(RECENT + 2)]
    for each in networks:
        assert look_up(each, "outer", lambda _, at=each: (look_up(at, "inner", lambda _: 1),)) == (1,)  # type: ignore[misc]
    assert [bool(each.lookups) for each in networks] == [False] * 2 + [True] * RECENT
    assert look_up(networks[0], "outer", lambda _: "again") == "again"


@pytest.mark.parametrize("format", ["text", "json", "sarif", "html"])
def test_a_report_does_not_hold_the_code_of_all_roots(tmp_path: Path, format: str) -> None:
    monorepo(tmp_path, 3 * RECENT)
    report = scan(ScanOptions(paths=(str(tmp_path),), networks=False))
    gc.collect()
    before = alive(ModuleSource)
    assert render(format, report, Style(str(tmp_path), verbose=True))
    gc.collect()
    assert alive(ModuleSource) - before <= RECENT

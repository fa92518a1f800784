"""What a scan holds does not grow with what it has read. Told by counting the objects that are still there."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.inputs import cdk_templates, monorepo, plan, small_templates
from vpce_checks.cloudformation.template import templates as trees
from vpce_checks.cloudformation.template.loader import load
from vpce_checks.cloudformation.template.nodes import Document as TemplateDocument
from vpce_checks.execution import workers
from vpce_checks.execution.scan import scan
from vpce_checks.files.containment import Places
from vpce_checks.project.networks import RECENT, Networks, look_up, look_up_code
from vpce_checks.project.options import ScanOptions
from vpce_checks.report import Style, render
from vpce_checks.terraform.plan.document import Document
from vpce_checks.terraform.plan.model import Resource
from vpce_checks.terraform.syntax.structure import ModuleSource


def alive(kind: type) -> int:
    return sum(type(each) is kind for each in gc.get_objects())


@pytest.fixture(autouse=True)
def only_new_objects() -> None:
    """Look at what a test makes, and not at all that other tests have left: that is most, and takes long."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Let go only what nothing holds: as in a scan, where the collector hardly ever runs."""
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


def test_code_is_kept_for_the_last_roots() -> None:
    networks = [Networks() for _ in range(RECENT + 2)]
    for each in networks:
        made = look_up_code(each, "outer", lambda _, at=each: (look_up_code(at, "inner", lambda _: 1),))  # type: ignore[misc]
        assert made == (1,)
        assert look_up(each, "table", lambda _: "once") == "once"
    assert [bool(each.code) for each in networks] == [False] * 2 + [True] * RECENT
    assert look_up_code(networks[0], "outer", lambda _: "again") == "again"
    assert look_up(networks[0], "table", lambda _: "twice") == "once"


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("format", ["text", "json", "sarif", "html"])
def test_a_report_does_not_hold_the_code_of_all_roots(
    tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vpce_checks.project.networks.RECENT", 2)
    monkeypatch.setattr("vpce_checks.project.networks._looked_into", deque())
    monorepo(tmp_path, 12)
    report = scan(ScanOptions(paths=(str(tmp_path),), networks=False))
    gc.collect()
    assert render(format, report, Style(str(tmp_path), verbose=True))
    held = [each for each in gc.get_objects() if type(each) is ModuleSource]
    assert len([each for each in held if not each.directory.startswith(str(tmp_path / "modules"))]) <= 2


def test_a_proposal_of_each_root_declares_a_data_source_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the proposals of other roots lie between those of one."""
    monkeypatch.setattr("vpce_checks.project.networks.RECENT", 1)
    monkeypatch.setattr("vpce_checks.project.networks._looked_into", deque())
    for number in range(4):
        (tmp_path / f"root{number}").mkdir()
        (tmp_path / f"root{number}" / "main.tf").write_text(
            "".join(f'resource "aws_vpc" "{name}" {{\n  cidr_block = "10.{number}.0.0/16"\n}}\n' for name in "ab")
        )
    report = scan(ScanOptions(paths=(str(tmp_path),), networks=False))
    assert render("text", report, Style(str(tmp_path))).count('data "aws_region" "current" {}') == 4


@pytest.mark.parametrize("held", [0, 3_000, 10**9])
def test_trees_of_templates_are_let_go(tmp_path: Path, held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    small_templates(tmp_path, 10)
    (tmp_path / "parent.yaml").write_text(
        "Resources:\n"
        + "".join(
            f"  Net{at}:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: ./network-00{at}.yaml}}\n"
            for at in range(3)
        )
    )
    options = ScanOptions(paths=(str(tmp_path),), networks=False)
    whole = render("json", scan(options), Style(str(tmp_path)))
    monkeypatch.setattr(trees, "HELD", held)
    most = 0
    read = workers._scanned

    def scanned(*given: Any, **named: Any) -> workers.Scanned:
        nonlocal most
        found = read(*given, **named)
        gc.collect()
        most = max(most, alive(TemplateDocument))
        return found

    monkeypatch.setattr(workers, "_scanned", scanned)
    assert render("json", scan(options), Style(str(tmp_path))) == whole
    assert most == {0: 0, 3_000: 3, 10**9: 11}[held]  # two networks and the parent, which is short


@pytest.mark.skipif(sys.platform != "linux", reason="what a test has changed gets into forked processes only")
def test_templates_are_parsed_by_the_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_templates(tmp_path / "repository", 12)
    cdk_templates(tmp_path / "repository", 4, 20_000)
    log = tmp_path / "log"

    def noted(path: str, places: Places) -> TemplateDocument:
        with log.open("a") as file:
            file.write(f"{os.getpid()} {path}\n")
        return load(path, places)

    monkeypatch.setattr("vpce_checks.cloudformation.template.templates.load", noted)
    monkeypatch.setattr(workers, "PATIENCE", -1.0)
    report = scan(ScanOptions(paths=(str(tmp_path / "repository"),), networks=False), jobs=2)
    assert report.root_count == 16
    parsed = [line.split() for line in log.read_text().splitlines()]
    assert str(os.getpid()) not in {process for process, _ in parsed}
    assert len({path for _, path in parsed}) == 16
    assert (
        len(parsed) < 24
    )  # most once: a root goes to the process that has parsed it, unless the other one has nothing left

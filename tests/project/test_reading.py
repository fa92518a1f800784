"""How much a scan reads to find the roots and what a change affects: as little as it can, and nothing twice."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vpce_checks.execution.scan import scan
from vpce_checks.project.options import ScanOptions
from vpce_checks.terraform import roots
from vpce_checks.terraform.syntax import module_blocks

VPC = 'resource "aws_vpc" "this" {\n  cidr_block = "10.0.0.0/16"\n}\n'
ROOTS = 12


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Roots with two files each. The first two call a module that calls another one."""
    (tmp_path / ".git").mkdir()
    files = {
        "modules/a/main.tf": 'module "net" {\n  source = "../net"\n}\n',
        "modules/a/outputs.tf": 'output "vpc_id" {\n  value = module.net.vpc_id\n}\n',
        "modules/net/main.tf": VPC + 'output "vpc_id" {\n  value = aws_vpc.this.id\n}\n',
    }
    for number in range(ROOTS):
        files[f"envs/{number}/main.tf"] = VPC
        files[f"envs/{number}/variables.tf"] = 'variable "name" {\n  default = "a"\n}\n'
    for number in range(2):
        files[f"envs/{number}/calls.tf"] = 'module "a" {\n  source = "../../modules/a"\n}\n'
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scanned(repository: Path, *changed: str) -> set[str]:
    """Scan, and return the paths of the roots that were."""
    files = tuple(str(repository / name) for name in changed) or None
    report = scan(ScanOptions(paths=(str(repository),), changed=files))
    return {os.path.relpath(root.path) for root in report.roots}


def counted(monkeypatch: pytest.MonkeyPatch, module: object, name: str, at: int) -> Counter[str]:
    """Count the calls of a function by its argument at a position, a path."""
    original: Callable[..., Any] = getattr(module, name)
    seen: Counter[str] = Counter()

    def counting(*arguments: Any, **named: Any) -> Any:
        seen[os.path.relpath(arguments[at])] += 1
        return original(*arguments, **named)

    monkeypatch.setattr(module, name, counting)
    return seen


CALLERS = {"envs/0/calls.tf", "envs/1/calls.tf", "modules/a/main.tf"}


def test_a_change_parses_callers_and_the_changed_root(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch, module_blocks, "parse_file", 1)
    assert scanned(repository, "envs/7/main.tf") == {"envs/7"}
    assert parsed == dict.fromkeys({*CALLERS, "envs/7/main.tf", "envs/7/variables.tf"}, 1)


def test_a_changed_module_parses_the_roots_that_reach_it(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch, module_blocks, "parse_file", 1)
    assert scanned(repository, "modules/net/main.tf") == {"envs/0", "envs/1"}
    roots = {f"envs/{number}/{name}.tf" for number in range(2) for name in ("main", "variables")}
    assert parsed == dict.fromkeys({*CALLERS, *roots, "modules/a/outputs.tf", "modules/net/main.tf"}, 1)


def test_a_scan_parses_each_file_once(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = counted(monkeypatch, module_blocks, "parse_file", 1)
    assert len(scanned(repository)) == ROOTS
    assert len(parsed) == 2 * ROOTS + 5
    assert set(parsed.values()) == {1}


@pytest.mark.parametrize("changed", [(), ("envs/7/main.tf",)])
def test_each_directory_is_asked_once_for_what_it_calls(
    changed: tuple[str, ...], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = counted(monkeypatch, roots, "called_directories", 0)
    scanned(repository, *changed)
    assert len(asked) == ROOTS + 2
    assert set(asked.values()) == {1}

"""What a run imports: starting up takes longer than scanning a small root, so each import has to be needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.cli.run import COMPLETE, root


def imported(*arguments: str, cwd: Path) -> set[str]:
    """The modules that a run imports."""
    script = f"import sys; from vpce_checks.cli.main import main; main({list(arguments)!r}); sys.stderr.write(' '.join(sys.modules))"
    done: Any = subprocess.run(
        [sys.executable, "-c", script],
        cwd=cwd,
        env={"PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return set(done.stderr.split())


def test_only_what_is_needed_is_imported(tmp_path: Path) -> None:
    root(tmp_path / "tf", COMPLETE)
    root(tmp_path / "cfn", "Resources:\n  A:\n    Type: AWS::EC2::VPC\n", "net.yaml")
    version = imported("--version", cwd=tmp_path)
    assert not version & {"argparse", "vpce_checks.execution.scan", "dataclasses"}
    terraform = imported("scan", "tf", cwd=tmp_path)
    assert "vpce_checks.terraform.build" in terraform
    assert not terraform & {"yaml", "json", "jsonschema", "checkov", "difflib", "asyncio"}
    package = "vpce_checks.cloudformation"
    looks = {
        package,
        *(f"{package}.{name}" for name in ("face", "file_names", "sniff")),
    }  # net.yaml is in the repository
    assert {name for name in terraform if name.startswith(package)} == looks
    cloudformation = imported("scan", "cfn", cwd=tmp_path)
    assert "vpce_checks.cloudformation" in cloudformation
    assert not cloudformation & {"tree_sitter", "vpce_checks.terraform.build"}


def test_a_small_scan_imports_no_more_than_it_uses(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n')
    scan = "import sys; from vpce_checks.cli.main import main; main(['scan', sys.argv[1]]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", scan, str(tmp_path)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    unwanted = {
        "dataclasses",
        "inspect",
        "json",
        "yaml",
        "datetime",
        "shutil",
        "subprocess",
        "hashlib",
        "ast",
    }
    unwanted |= {"concurrent.futures", "multiprocessing", "importlib.metadata", "tempfile", "asyncio"}
    assert not loaded & unwanted
    others = ("vpce_checks.cloudformation.", "vpce_checks.terraform.plan.")
    seen = {"vpce_checks.cloudformation.face", "vpce_checks.cloudformation.file_names"}
    assert {name for name in loaded if name.startswith(others)} == seen
    assert "vpce_checks.terraform.build" in loaded
    in_python = ("project.python_rules", "rules.python_rule", "rules.rules_dir", "rules.installed")
    assert not loaded & {f"vpce_checks.{name}" for name in in_python}
    not_there = (
        *(
            "reach.admits",
            "reach.security_groups",
            "reach.clients",
            "reach.interfaces",
            "reach.zones",
        ),  # no interface endpoint
        *("reach.callers", "reach.attachment_subnets", "reach.route"),  # no subnet
        *("reach.written_policy", "reach.policy_statements", "model.documents"),  # no policy of an endpoint
        *("terraform.sources.locate", "terraform.config.references"),  # no call of a module
        *(
            "terraform.lang.for_expr",
            "terraform.lang.branches",
            "terraform.lang.operators",
            "terraform.lang.functions.declare",
        ),  # plain values
        *("terraform.types.unify", "terraform.types.equality", "terraform.types.numbers", "terraform.types.sets"),
        *("terraform.syntax.overrides", "terraform.syntax.ignores", "terraform.syntax.tfvars"),  # no such text
        *("report.fixes.terraform_settings", "report.fixes.origins", "report.fixes.edits"),  # nothing to set
        *("model.outside", "model.links", "files.changed", "files.output", "project.apps"),  # not asked for
    )
    assert not loaded & {f"vpce_checks.{name}" for name in not_there}

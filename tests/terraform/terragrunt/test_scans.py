"""Units in a scan: which are roots, what a change reaches, and what a cache keeps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.terraform.terragrunt.repository import ENDPOINT, VPC, report_of, verdicts, write

FILES = {
    "modules/vpc/main.tf": VPC,
    "modules/endpoint/main.tf": ENDPOINT,
    "modules/unused/main.tf": VPC,
    "live/root.hcl": 'locals {\n  region = yamldecode(file("${get_terragrunt_dir()}/../region.yaml")).region\n}\n',
    "live/prod/region.yaml": "region: eu-west-1\n",
    "live/test/region.yaml": "region: eu-west-1\n",
    "live/prod/vpc/terragrunt.hcl": 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n  expose = true\n}\n'
    'terraform {\n  source = "../../../modules//vpc"\n}\ninputs = {\n  region = include.root.locals.region\n}\n',
    "live/prod/endpoints/terragrunt.hcl": 'terraform {\n  source = "../../../modules//endpoint"\n}\n'
    'dependency "vpc" {\n  config_path = "../vpc"\n}\ninputs = {\n  vpc_id = dependency.vpc.outputs.vpc_id\n}\n',
    "live/prod/.hidden/terragrunt.hcl": 'terraform {\n  source = "../../../modules//vpc"\n}\n',
    "live/prod/vpc/.terragrunt-cache/x/y/terragrunt.hcl": 'terraform {\n  source = "."\n}\n',
    "live/prod/vpc/.terragrunt-cache/x/y/main.tf": VPC,
}
FILES["live/test/vpc/terragrunt.hcl"] = FILES["live/prod/vpc/terragrunt.hcl"]


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


def roots(top: Path, *arguments: str) -> set[str]:
    return {root["path"] for root in report_of(top, *arguments)["roots"]}


def test_the_roots(top: Path) -> None:
    """Modules that units call are none, nor is what is included or in a cache; hidden units are."""
    units = {"live/prod/vpc", "live/prod/endpoints", "live/prod/.hidden", "live/test/vpc"}
    assert roots(top) == {*units, "modules/unused"}


@pytest.mark.parametrize(
    ("changed", "reached"),
    [
        ("modules/vpc/main.tf", {"live/prod/vpc", "live/prod/endpoints", "live/prod/.hidden", "live/test/vpc"}),
        ("modules/endpoint/main.tf", {"live/prod/vpc", "live/prod/endpoints"}),
        ("modules/unused/main.tf", {"modules/unused"}),
        ("live/prod/region.yaml", {"live/prod/vpc", "live/prod/endpoints"}),
        ("live/test/region.yaml", {"live/test/vpc"}),
        ("live/test/vpc/terraform.tfvars", {"live/test/vpc"}),
    ],
)
def test_what_a_change_reaches(top: Path, changed: str, reached: set[str]) -> None:
    assert reached <= roots(top, "--changed-files", changed)


def test_a_unit_s_change_reaches_the_vpc_that_it_depends_on(top: Path) -> None:
    """Who no longer depends on it must reach it as well, so every VPC is looked at again."""
    assert {"live/prod/vpc", "live/prod/endpoints"} <= roots(
        top, "--changed-files", "live/prod/endpoints/terragrunt.hcl"
    )


def test_an_endpoint_taken_away_is_a_failure_since_then(tmp_path: Path) -> None:
    top = write(tmp_path, {name: text for name, text in FILES.items() if ".terragrunt-cache" not in name})
    (top / ".git").rmdir()

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=top, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "before")
    (top / "live/prod/endpoints/terragrunt.hcl").unlink()
    found = verdicts(report_of(top, "--changed-since", "HEAD"))
    assert found["live/prod/vpc::aws_vpc.main"] == "fail"
    assert found.get("live/test/vpc::aws_vpc.main", "ignored") == "ignored"


@pytest.mark.parametrize("name", sorted(name for name in FILES if ".terragrunt-cache" not in name))
def test_a_cache_changes_nothing(top: Path, tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    cache = ["--cache", str(tmp_path_factory.mktemp("cache")), "--jobs", "1"]
    exits = (0, 1, 3)
    assert report_of(top, *cache) == report_of(top) == report_of(top, *cache)
    text = (top / name).read_text()
    for changed in (text.replace("eu-west-1", "us-east-1"), text.replace("s3", "dynamodb"), text + "\n}", None):
        if changed is None:
            (top / name).unlink()
        else:
            (top / name).write_text(changed)
        assert report_of(top, *cache, exits=exits) == report_of(top, exits=exits)
    (top / name).write_text(text)
    assert report_of(top, *cache) == report_of(top)


@pytest.mark.parametrize(
    "name", ["live/test/endpoints/terragrunt.hcl", "modules/unused/terragrunt.hcl", "live/test/x.hcl"]
)
def test_a_cache_sees_what_is_new(top: Path, tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    cache = ["--cache", str(tmp_path_factory.mktemp("cache")), "--jobs", "1"]
    report_of(top, *cache)
    write(top, {name: FILES["live/prod/endpoints/terragrunt.hcl"]})
    assert report_of(top, *cache) == report_of(top)


def test_processes_say_the_same(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = report_of(top, "--jobs", "1")
    monkeypatch.setattr("vpce_checks.parallel.PATIENCE", -1)
    monkeypatch.setattr("vpce_checks.parallel.TRIAL", 0)
    assert report_of(top, "--jobs", "2") == alone


def test_a_plain_scan_imports_nothing_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": VPC})
    code = (
        "import sys\nfrom vpce_checks.cli import main\nmain(['scan', '.'])\n"
        "print([name for name in sys.modules if 'terragrunt' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_a_stack_is_told_of_until_it_is_generated(tmp_path: Path) -> None:
    files = {"live/terragrunt.stack.hcl": 'unit "vpc" {\n  source = "../units/vpc"\n  path = "vpc"\n}\n'}
    top = write(tmp_path, {"modules/vpc/main.tf": VPC, **files})
    said = [item["message"] for root in report_of(top)["roots"] for item in root["diagnostics"]]
    assert said == ["the units of this stack are not scanned before terragrunt stack generate has made them"]
    made = {
        "live/.terragrunt-stack/vpc/terragrunt.hcl": 'terraform {\n  source = "../../../modules//vpc"\n}\n'
        "inputs = {\n  s3 = values.s3\n}\n",
        "live/.terragrunt-stack/vpc/terragrunt.values.hcl": "s3 = true\n",
    }
    report = report_of(write(top, made))
    assert [item for root in report["roots"] for item in root["diagnostics"]] == []
    assert verdicts(report) == {"live/.terragrunt-stack/vpc::aws_vpc.main": "pass"}

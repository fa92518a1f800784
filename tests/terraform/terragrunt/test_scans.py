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
    monkeypatch.setattr("vpce_checks.execution.workers.PATIENCE", -1)
    monkeypatch.setattr("vpce_checks.execution.workers.TRIAL", 0)
    assert report_of(top, "--jobs", "2") == alone


def test_a_plain_scan_imports_nothing_of_it(tmp_path: Path) -> None:
    write(tmp_path, {"main.tf": VPC})
    code = (
        "import sys\nfrom vpce_checks.cli.main import main\nmain(['scan', '.'])\n"
        "print([name for name in sys.modules if 'terragrunt' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    package = "vpce_checks.terraform.terragrunt"
    assert done.stdout.splitlines()[-1] == str([package, f"{package}.file_names"])


def test_a_stack_before_and_after_it_is_generated(tmp_path: Path) -> None:
    files = {
        "modules/vpc/main.tf": VPC,
        "live/terragrunt.stack.hcl": 'unit "vpc" {\n  source = "../units/vpc"\n  path = "vpc"\n'
        "  values = {\n    s3 = true\n  }\n}\n",
        "units/vpc/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}/modules//vpc"\n}\n'
        "inputs = {\n  s3 = values.s3\n}\n",
    }
    top = write(tmp_path, files)
    expected = {"live/.terragrunt-stack/vpc::aws_vpc.main": "pass"}
    assert verdicts(report_of(top)) == expected
    assert verdicts(report_of(top, "--root", "live/.terragrunt-stack/vpc")) == expected
    made = {
        "live/.terragrunt-stack/vpc/terragrunt.hcl": files["units/vpc/terragrunt.hcl"],
        "live/.terragrunt-stack/vpc/terragrunt.values.hcl": "s3 = true\n",
    }
    assert verdicts(report_of(write(top, made))) == expected


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            'source = "git::https://user:token@example.com/c.git//vpc"\n  path = "vpc"',
            "://***@example.com/c.git//vpc is not in",
        ),
        ('source = get_env("CATALOG")\n  path = "vpc"', "its source or path is not known"),
        ('source = "../none"\n  path = "vpc"', "there is no terragrunt.hcl in ../none"),
        ('source = "/etc"\n  path = "vpc"', "there is no terragrunt.hcl in /etc"),
        ('source = "../units/vpc"\n  path = "../../../../vpc"', "its path leads out of the repository"),
        ('source = "../units/vpc"\n  path = "vpc"\n  expansion {\n    count = 2\n  }', "it is made several times"),
    ],
)
def test_what_is_not_read_of_a_stack(tmp_path: Path, block: str, message: str) -> None:
    files = {
        "units/vpc/terragrunt.hcl": "inputs = {\n  s3 = values.s3\n}\n",
        "live/terragrunt.stack.hcl": f'unit "vpc" {{\n  {block}\n}}\n',
    }
    (said,) = (item for root in report_of(write(tmp_path, files))["roots"] for item in root["diagnostics"])
    assert said["severity"] == "warning"
    assert message in said["message"]


def test_a_stack_of_itself_ends(tmp_path: Path) -> None:
    top = write(
        tmp_path, {"live/terragrunt.stack.hcl": 'stack "me" {\n  source = get_terragrunt_dir()\n  path = "me"\n}\n'}
    )
    report_of(top)


def test_a_template_is_no_root_and_calls_nothing(tmp_path: Path) -> None:
    unit = 'terraform {\n  source = "../../modules//vpc"\n}\ninputs = {\n  s3 = values.s3\n}\n'
    top = write(tmp_path, {"modules/vpc/main.tf": VPC, "units/vpc/terragrunt.hcl": unit})
    assert roots(top) == {"modules/vpc"}
    write(top, {"units/vpc/terragrunt.hcl": unit.replace("values.s3", "try(values.s3, false)")})
    assert roots(top) == {"units/vpc"}

"""Units in a scan: which are roots, what a change reaches, and what a cache keeps."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import cli
from tests.sampling import one_in
from tests.terraform.terragrunt.repository import ENDPOINT, VPC, network_of, report_of, verdicts, write
from vpce_checks.cli.main import main

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


@pytest.mark.parametrize("name", one_in(3, sorted(name for name in FILES if ".terragrunt-cache" not in name)))
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
            "://***@example.com/c.git//vpc), which looks like a network",
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
    report = report_of(write(tmp_path, files))
    assert [root["path"] for root in report["roots"]] == ["live"]
    assert [item for root in report["roots"] for item in root["diagnostics"]] == []
    (said,) = (each for each in report["results"] if each["rule"] == "VPCE011")
    assert (said["resource"], said["status"], said["file"]) == ("unit.vpc", "unknown", "live/terragrunt.stack.hcl")
    assert said["start_line"] == 1
    assert message in said["message"] + " ".join(said["why"])
    assert "token" not in json.dumps(report)


def test_a_stack_is_named_as_a_root(tmp_path: Path) -> None:
    files = {
        "modules/vpc/main.tf": VPC,
        "units/vpc/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}/modules//vpc"\n}\n',
        "live/terragrunt.stack.hcl": 'unit "vpc" {\n  source = "../units/vpc"\n  path = "vpc"\n}\n'
        'unit "db" {\n  source = "git::https://example.com/c.git//db"\n  path = "db"\n}\n',
    }
    top = write(tmp_path, files)
    report = report_of(top, "--root", "live")
    assert [root["path"] for root in report["roots"]] == ["live"]
    assert [(each["rule"], each["resource"]) for each in report["results"]] == [("VPCE011", "unit.db")]
    every = {root["path"] for root in report_of(top)["roots"]}
    assert every == {"live", "live/.terragrunt-stack/vpc"}
    write(top, {"live/main.tf": VPC})
    assert verdicts(report_of(top, "--root", "live")) == {"live::aws_vpc.main": "fail"}


def test_a_stack_in_a_stack_from_elsewhere(tmp_path: Path) -> None:
    files = {
        "catalog/terragrunt.stack.hcl": 'unit "db" {\n  source = "git::https://example.com/c.git//db?ref=v1"\n  path = "db"\n}\n'
        'stack "network" {\n  source = "github.com/acme/stacks//network"\n  path = "network"\n}\n',
        "live/terragrunt.stack.hcl": 'stack "all" {\n  source = "../catalog"\n  path = "all"\n}\n',
    }
    report = report_of(write(tmp_path, files))
    found = {each["resource"]: each for each in report["results"] if each["rule"] == "VPCE011"}
    assert {(each["root"], name) for name, each in found.items()} == {
        ("live", "stack.all.stack.network"),
        ("live", "stack.all.unit.db"),
    }
    net = found["stack.all.stack.network"]
    assert (net["file"], net["start_line"]) == ("catalog/terragrunt.stack.hcl", 5)
    assert "looks like a network" in net["message"]


def test_a_stack_that_needs_values_is_a_template(tmp_path: Path) -> None:
    unit = 'unit "vpc" {\n  source = "git::https://example.com/c.git//vpc?ref=${values.ref}"\n  path = "vpc"\n}\n'
    top = write(tmp_path, {"catalog/terragrunt.stack.hcl": unit})
    assert report_of(top)["roots"] == []
    write(top, {"catalog/terragrunt.values.hcl": 'ref = "v1"\n'})
    assert [each["rule"] for each in report_of(top)["results"]] == ["VPCE011"]


def test_a_unit_from_elsewhere_that_was_generated(tmp_path: Path) -> None:
    unit = 'unit "vpc" {\n  source = "git::https://example.com/c.git//vpc"\n  path = "vpc"\n}\n'
    files = {
        "modules/vpc/main.tf": VPC,
        "live/terragrunt.stack.hcl": unit,
        "live/.terragrunt-stack/vpc/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}/modules//vpc"\n}\n',
    }
    report = report_of(write(tmp_path, files))
    assert verdicts(report) == {"live/.terragrunt-stack/vpc::aws_vpc.main": "fail"}
    assert [each for each in report["results"] if each["rule"] == "VPCE011"] == []


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", {"VPCE011": "unknown", "VPCE001": "unknown"}),
        ('modules: {"git::https://example.com/c.git//endpoints": none}\n', {"VPCE001": "fail"}),
        ('modules: {"git::https://example.com/c.git": none}\n', {"VPCE001": "fail"}),
        ('modules: {"git::https://example.com/other.git": none}\n', {"VPCE011": "unknown", "VPCE001": "unknown"}),
    ],
)
def test_a_unit_from_elsewhere_may_use_the_vpc_beside_it(tmp_path: Path, policy: str, expected: dict[str, str]) -> None:
    files = {
        "modules/vpc/main.tf": VPC,
        "units/vpc/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}/modules//vpc"\n}\n',
        "live/terragrunt.stack.hcl": 'unit "vpc" {\n  source = "../units/vpc"\n  path = "vpc"\n}\n'
        'unit "endpoints" {\n  source = "git::https://example.com/c.git//endpoints?ref=v1"\n  path = "endpoints"\n}\n',
        ".vpce-checks.yaml": f"version: 1\nextends: [aws-baseline]\n{policy}",
    }
    report = report_of(write(tmp_path, files), "--root", "live/.terragrunt-stack/vpc")
    assert verdicts(report) == {"live/.terragrunt-stack/vpc::aws_vpc.main": expected["VPCE001"]}
    report = report_of(tmp_path)
    rules = {each["rule"]: each["status"] for each in report["results"] if each["rule"] in ("VPCE001", "VPCE011")}
    assert rules == expected


def test_what_depends_on_a_unit_from_elsewhere(tmp_path: Path) -> None:
    files = {
        "modules/endpoint/main.tf": ENDPOINT,
        "live/terragrunt.stack.hcl": 'unit "vpc" {\n  source = "git::https://example.com/c.git//vpc"\n  path = "vpc"\n}\n',
        "endpoint/terragrunt.hcl": 'terraform {\n  source = "../modules//endpoint"\n}\n'
        'dependency "vpc" {\n  config_path = "../live/.terragrunt-stack/vpc"\n}\n'
        "inputs = {\n  vpc_id = dependency.vpc.outputs.vpc_id\n}\n",
    }
    report = report_of(write(tmp_path, files))
    (endpoint,) = report["endpoints"]
    assert endpoint["vpc"] is None  # as for every module that was not read
    assert {each["root"] for each in report["results"] if each["rule"] == "VPCE011"} == {"live"}


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_each_stack_has_the_policy_of_its_own(tmp_path: Path, order: tuple[str, str]) -> None:
    unit = 'unit "dns" {\n  source = "git::https://example.com/c.git//dns"\n  path = "dns"\n}\n'
    vpc = 'unit "vpc" {\n  source = "../units/vpc"\n  path = "vpc"\n}\n'
    files = {
        "units/vpc/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}/modules//vpc"\n}\n',
        "modules/vpc/main.tf": VPC,
        "b/.vpce-checks.yaml": 'version: 1\nmodules: {"git::https://example.com/c.git//dns": none}\n',
    }
    top = write(tmp_path, {**files, **{f"{name}/terragrunt.stack.hcl": vpc + unit for name in order}})
    found = verdicts(report_of(top, *order))
    assert {key.partition("/")[0]: status for key, status in found.items()} == {"a": "unknown", "b": "fail"}


def test_ignores_and_listing_of_what_is_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit = 'unit "vpc" {\n  # vpce-checks:ignore VPCE011 nothing of a network\n  source = "git::https://example.com/c.git//vpc"\n  path = "vpc"\n}\n'
    top = write(tmp_path, {"live/terragrunt.stack.hcl": unit})
    assert [each["status"] for each in report_of(top)["results"]] == ["ignored"]
    assert main(["modules", str(top)]) == 0
    assert "unit.vpc" in capsys.readouterr().out


def test_a_stack_beside_code_of_a_root_module(tmp_path: Path) -> None:
    unit = 'unit "db" {\n  source = "git::https://example.com/c.git//db"\n  path = "db"\n}\n'
    report = report_of(write(tmp_path, {"live/terragrunt.stack.hcl": unit, "live/main.tf": VPC}))
    assert verdicts(report) == {"live::aws_vpc.main": "fail"}
    (said,) = (item for root in report["roots"] for item in root["diagnostics"])
    assert (said["severity"], said["file"]) == ("warning", "live/terragrunt.stack.hcl")


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


def test_the_matrix_has_one_row_for_the_vpc_of_two_units(tmp_path: Path) -> None:
    """What is found on the endpoint of the other unit counts there, as it does among joined roots."""
    endpoint = ENDPOINT.replace("s3", "kms").replace("  vpc_id ", '  vpc_endpoint_type = "Interface"\n  vpc_id ')
    files = {
        "modules/net/main.tf": VPC,
        "modules/ep/main.tf": endpoint,
        "live/net/terragrunt.hcl": 'terraform {\n  source = "../../modules/net"\n}\n',
        "live/ep/terragrunt.hcl": (
            'terraform {\n  source = "../../modules/ep"\n}\ndependency "net" {\n  config_path = "../net"\n}\n'
            "inputs = {\n  vpc_id = dependency.net.outputs.vpc_id\n}\n"
        ),
    }
    shown = cli("scan", ".", cwd=write(tmp_path, files)).out
    assert "(external)" not in shown
    row = [line for line in shown.splitlines() if line.startswith("  aws_vpc.main ")][-1]
    assert row.split() == ["aws_vpc.main", "missing", "DNS", "off", "missing"]
    (found,) = (each for each in report_of(tmp_path)["results"] if each["rule"] == "VPCE004")
    assert found["vpc"] == "../net:aws_vpc.main"  # as it always was


def test_the_files_of_a_unit_are_all_that_its_inputs_rest_on(tmp_path: Path) -> None:
    """Whether the network needs them or not: it must not depend on who else asked the unit for its inputs."""
    files = {
        "modules/net/main.tf": VPC + 'variable "owner" {}\n',
        "live/account.hcl": 'locals {\n  owner = "team"\n}\n',
        "live/net/terragrunt.hcl": (
            'terraform {\n  source = "../../modules/net"\n}\ninputs = {\n'
            '  owner = read_terragrunt_config(find_in_parent_folders("account.hcl")).locals.owner\n}\n'
        ),
    }
    assert any(file.endswith("account.hcl") for file in network_of(tmp_path, files, "live/net").files)


FROM_ELSEWHERE = 'unit "vpc" {\n  source = "git::https://example.com/c.git//vpc?ref=v1"\n  path = "vpc"\n}\n'


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ((), {"VPCE011": "unit.vpc"}),
        (("git::https://example.com/c.git=catalog",), {"VPCE001": "aws_vpc.this"}),
        (("git::https://example.com/c.git//vpc=catalog/vpc",), {"VPCE001": "aws_vpc.this"}),
        (("git::https://example.com/c.git//vpc?ref=v1=catalog/vpc",), {"VPCE001": "aws_vpc.this"}),
        (("git::https://example.com/c.git//vpc?ref=v2=catalog/vpc",), {"VPCE011": "unit.vpc"}),
        (("git::https://example.com/c.git=empty",), {"VPCE011": "unit.vpc"}),
    ],
)
@pytest.mark.parametrize("stack", [FROM_ELSEWHERE, 'stack "all" {\n  source = "../all"\n  path = "all"\n}\n'])
def test_where_the_unit_of_a_stack_is(
    tmp_path: Path, stack: str, sources: tuple[str, ...], expected: dict[str, str]
) -> None:
    files = {
        "live/terragrunt.stack.hcl": stack,
        "all/terragrunt.stack.hcl": FROM_ELSEWHERE,
        "catalog/vpc/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}/modules/vpc"\n}\n',
        "modules/vpc/main.tf": 'provider "aws" {\n  region = "eu-west-1"\n}\n'
        'resource "aws_vpc" "this" {\n  cidr_block = "10.0.0.0/16"\n}\n',
        "empty/x.txt": "",
    }
    given = [word for source in sources for word in ("--module-source", source)]
    found = report_of(write(tmp_path, files), "live", *given)
    rows = {each["rule"]: each["resource"] for each in found["results"] if each["rule"] in ("VPCE001", "VPCE011")}
    in_stack = {rule: f"stack.all.{name}" if rule == "VPCE011" else name for rule, name in expected.items()}
    assert rows == (expected if stack == FROM_ELSEWHERE else in_stack)


def test_a_unit_of_a_stack_from_elsewhere_is_named_as_a_root(tmp_path: Path) -> None:
    files = {
        "live/terragrunt.stack.hcl": FROM_ELSEWHERE,
        "catalog/vpc/terragrunt.hcl": 'terraform {\n  source = "${get_repo_root()}/modules/vpc"\n}\n',
        "modules/vpc/main.tf": VPC,
    }
    given = ("--module-source", "git::https://example.com/c.git=catalog")
    found = report_of(write(tmp_path, files), "--root", "live/.terragrunt-stack/vpc", *given)
    assert "VPCE001" in {each["rule"] for each in found["results"]}


def test_a_path_that_no_file_can_have(tmp_path: Path) -> None:
    stack = 'unit "vpc" {\n  source = "../vpc"\n  path = "a\\u0000b"\n}\n'
    files = {"live/terragrunt.stack.hcl": stack, "vpc/terragrunt.hcl": "", "vpc/main.tf": VPC}
    found = report_of(write(tmp_path, files), ".")
    assert {each["resource"] for each in found["results"] if each["rule"] == "VPCE011"} == {"unit.vpc"}

"""``vpce-checks init``: what it proposes, what it leaves to the user, and what it never writes over."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.run import MISSING, cli, root
from tests.workloads.network import ECR, NAT, NETWORK, TASK
from vpce_checks.cli.proposal.needs import WORKLOADS
from vpce_checks.cli.proposal.text import comment, scalar
from vpce_checks.policy import POLICY_FILE, find_pack, pack_names
from vpce_checks.policy.parse import parse_policy

PAGE = Path(__file__).parents[2] / "docs" / "init.md"

AWSLOGS = TASK.replace(
    'app:1" }', 'app:1", logConfiguration = { logDriver = "awslogs", options = { awslogs-region = "eu-west-1" } } }'
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


def proposed(repository: Path) -> tuple[dict[str, Any], str]:
    """The proposal for a repository: what it says, and its text."""
    made = cli("init", cwd=repository)
    assert (made.code, made.err) == (0, "")
    text = (repository / POLICY_FILE).read_text(encoding="utf-8")
    return yaml.safe_load(text), text


def failures(repository: Path) -> set[tuple[str, str, str | None]]:
    report = json.loads(cli("scan", "--format", "json", cwd=repository).out)
    return {(each["rule"], each["vpc"], each["service"]) for each in report["results"] if each["status"] == "fail"}


def test_nothing_is_asked_beyond_the_baseline_of_a_plain_vpc(repository: Path) -> None:
    root(repository, MISSING)
    policy, text = proposed(repository)
    assert policy == {"version": 1, "extends": ["aws-baseline"]}
    assert all("#" in line for line in text.splitlines() if line.startswith("- "))


def test_a_pack_is_extended_if_workloads_certainly_call_all_of_it(repository: Path) -> None:
    root(repository, NETWORK + AWSLOGS)
    policy, text = proposed(repository)
    assert policy == {"version": 1, "extends": ["aws-baseline", "ecs-fargate"]}
    assert re.search(r"^- ecs-fargate # .*aws_ecs_service\.app$", text, re.M)
    assert ("VPCE003", "aws_vpc.main", "logs") in failures(repository)


def test_a_pack_that_asks_for_more_than_is_called_is_a_comment(repository: Path) -> None:
    root(repository, NETWORK + TASK)
    policy, text = proposed(repository)
    assert policy["extends"] == ["aws-baseline"]
    assert "# - ecs-fargate #" in text and "nothing certainly calls logs" in text
    assert policy["required"] == {"interface": ["ecr.api", "ecr.dkr"]}


def test_what_leaves_by_nat_is_a_comment(repository: Path) -> None:
    root(repository, NETWORK + NAT + AWSLOGS)
    policy, text = proposed(repository)
    assert policy == {"version": 1, "extends": ["aws-baseline"]}
    assert "#   - logs # called by aws_ecs_service.app; the calls leave by a NAT gateway today" in text
    assert re.search(r"^# - ecs-fargate .*NAT gateway today$", text, re.M)


def test_an_endpoint_that_is_used_is_kept(repository: Path) -> None:
    root(repository, NETWORK + NAT + TASK + ECR)
    policy, _ = proposed(repository)
    assert policy["required"] == {"interface": ["ecr.api", "ecr.dkr"]}


def test_what_one_vpc_needs_is_asked_of_that_one(repository: Path) -> None:
    root(repository / "envs" / "app", NETWORK + AWSLOGS)
    root(repository / "envs" / "plain", NETWORK)
    policy, text = proposed(repository)
    assert "required" not in policy and policy["extends"] == ["aws-baseline"]
    assert policy["vpcs"] == [
        {
            "match": {"address": "aws_vpc.main", "path": "envs/app"},
            "add": {"interface": ["ecr.api", "ecr.dkr", "logs"]},
        }
    ]
    assert "only 1 of 2 VPCs need it" in text
    report = json.loads(cli("scan", "--format", "json", cwd=repository).out)
    asked = {each["root"] for each in report["results"] if each["rule"] == "VPCE003"}
    assert asked == {"envs/app"}


def test_the_nearest_root_has_its_own_entry(repository: Path) -> None:
    root(repository / "envs", NETWORK + AWSLOGS)
    root(repository / "envs" / "inner", NETWORK + TASK)
    root(repository / "other", NETWORK)
    policy, _ = proposed(repository)
    entries = {entry["match"]["path"]: entry["add"]["interface"] for entry in policy["vpcs"]}
    assert entries == {"envs/inner": ["ecr.api", "ecr.dkr"], "envs/main.tf": ["ecr.api", "ecr.dkr", "logs"]}
    asked = {
        (each["root"], each["service"])
        for each in json.loads(cli("scan", "--format", "json", cwd=repository).out)["results"]
        if each["rule"] == "VPCE003"
    }
    assert ("envs/inner", "logs") not in asked and ("envs", "logs") in asked


def test_what_only_roles_show_is_a_comment(repository: Path) -> None:
    role = """
resource "aws_iam_role" "task" {
  assume_role_policy = "{}"
}
resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:eu-west-1:1:q" }] })
}
"""
    task = TASK.replace('family                   = "app"', 'family = "app"\n  task_role_arn = aws_iam_role.task.arn')
    root(repository, NETWORK + task + role)
    policy, text = proposed(repository)
    assert "workloads" not in policy
    assert "likely call sqs" in text and "\n# workloads: require\n" in text


def test_each_pack_names_kinds_of_workloads() -> None:
    assert set(WORKLOADS) <= set(pack_names())
    for name in WORKLOADS:
        pack = find_pack(name)
        assert pack is not None and (pack.interface or pack.gateway) and not pack.central


# -- examples ------------------------------------------------------------------------------------------------------------


def test_examples_are_left_out_and_named(repository: Path) -> None:
    root(repository / "envs" / "prod", MISSING)
    root(repository / "examples" / "basic", MISSING)
    root(repository / "examples" / "queue", 'resource "aws_sqs_queue" "main" {\n}\n')
    policy, text = proposed(repository)
    assert policy["exclude"] == ["examples"]
    assert "#   aws_vpc.main in examples/basic\n#   examples/queue: no VPC\n" in text
    report = json.loads(cli("scan", "--format", "json", cwd=repository).out)
    assert [vpc["root"] for vpc in report["vpcs"]] == ["envs/prod"]


@pytest.mark.parametrize(
    ("files", "directory", "doubt"),
    [
        pytest.param(
            {"main.tf": 'variable "x" {\n}\n' + MISSING, "examples/a/main.tf": 'module "m" {\n  source = "../.."\n}\n'},
            "examples",
            "nothing else calls a module",
            id="it calls the module of the repository",
        ),
        pytest.param(
            {"prod/main.tf": MISSING, "examples/a/main.tf": 'terraform {\n  backend "s3" {\n  }\n}\n' + MISSING},
            "examples",
            "has a backend",
            id="it has a state",
        ),
        pytest.param(
            {"prod/main.tf": MISSING, "examples/a/main.tf": MISSING, "examples/a/live.tfvars": "x = 1\n"},
            "examples",
            "has files of variables",
            id="it has variables",
        ),
        pytest.param(
            {"examples/a/main.tf": MISSING}, "examples", "no other root has a VPC", id="there is nothing else"
        ),
        pytest.param(
            {"prod/main.tf": MISSING, "tests/main.tf": MISSING}, "tests", "may also mean an environment", id="tests"
        ),
    ],
)
def test_directories_in_doubt_are_comments(repository: Path, files: dict[str, str], directory: str, doubt: str) -> None:
    for name, text in files.items():
        root((repository / name).parent, text, Path(name).name)
    if "module" in doubt:
        root(repository / "other", MISSING)
    policy, text = proposed(repository)
    assert "exclude" not in policy
    assert re.search(rf"^# exclude:\n# - {directory} # .*{doubt}", text, re.M)


def test_a_test_environment_is_no_test(repository: Path) -> None:
    for name in ("prod", "test"):
        root(repository / "envs" / name, MISSING)
    assert "exclude" not in proposed(repository)[1]


def test_an_example_with_a_policy_of_its_own_is_kept(repository: Path) -> None:
    root(repository / "prod", MISSING)
    root(repository / "examples", NETWORK + TASK)
    (repository / "examples" / POLICY_FILE).write_text("version: 1\n")
    policy, text = proposed(repository)
    assert policy == {"version": 1, "extends": ["aws-baseline"]}
    assert "have those policies, and not this one: examples/.vpce-checks.yaml" in text


def test_a_policy_file_among_examples_is_a_doubt(repository: Path) -> None:
    root(repository / "prod", MISSING)
    root(repository / "examples" / "a", MISSING)
    root(repository / "examples" / "b", MISSING)
    (repository / "examples" / "b" / POLICY_FILE).write_text("version: 1\n")
    policy, text = proposed(repository)
    assert "exclude" not in policy and "but examples/b/.vpce-checks.yaml says what is required in it" in text


def test_an_example_that_others_use_is_kept(repository: Path) -> None:
    state = 'data "terraform_remote_state" "net" {\n  backend = "local"\n  config  = { path = "../examples/terraform.tfstate" }\n}\n'
    root(repository / "examples", MISSING + 'output "vpc" {\n  value = aws_vpc.main.id\n}\n')
    root(
        repository / "prod",
        MISSING + state + 'output "v" {\n  value = data.terraform_remote_state.net.outputs.vpc\n}\n',
    )
    policy, text = proposed(repository)
    assert "exclude" not in policy and "prod shares values with it" in text


# -- files of variables ----------------------------------------------------------------------------------------------------

SWITCH = (
    MISSING.replace("10.0.0.0/16", "${var.net}.0.0/16") + 'variable "net" {\n}\nvariable "size" {\n  default = 1\n}\n'
)


def test_each_file_of_variables_is_a_deployment(repository: Path) -> None:
    app = root(repository / "envs" / "app", SWITCH)
    for name in ("prod", "test"):
        (app / f"{name}.tfvars").write_text('net  = "10.1"\nsize = 2\n')
    policy, text = proposed(repository)
    assert policy["roots"] == {
        "envs/app": [
            {"name": "prod", "var_files": ["prod.tfvars"]},
            {"name": "test", "var_files": ["test.tfvars"]},
        ]
    }
    assert re.search(r"^  envs/app: # each of these files", text, re.M)
    report = json.loads(cli("scan", "--format", "json", cwd=repository).out)
    assert [each["deployment"] for each in report["roots"]] == ["prod", "test"]


def test_what_terraform_reads_by_itself_or_no_file_sets_is_no_doubt(repository: Path) -> None:
    root(repository, SWITCH + 'variable "secret" {\n}\n')
    (repository / "terraform.tfvars").write_text('net = "10.1"\n')
    (repository / "prod.tfvars").write_text('net = "10.2"\nsize = 2\n')
    (repository / "test.tfvars").write_text("size = 3\n")
    policy, _ = proposed(repository)
    assert [each["name"] for each in policy["roots"]["."]] == ["prod", "test"]


def test_directories_name_deployments(repository: Path) -> None:
    root(repository, SWITCH)
    for name in ("prod", "test"):
        root(repository / "config" / name, 'net = "10.1"\n', "terraform.tfvars")
    policy, _ = proposed(repository)
    assert [each["name"] for each in policy["roots"]["."]] == ["prod", "test"]


@pytest.mark.parametrize(
    ("files", "doubt"),
    [
        ({"prod.tfvars": 'net = "10.1"\n'}, "nothing says whether a deployment uses this file"),
        ({"net.tfvars": 'net = "10.1"\n', "size.tfvars": "size = 1\n"}, "set different variables"),
        (
            {"common.tfvars": "size = 1\n", "a.tfvars": 'net = "10.1"\n', "b.tfvars": 'net = "10.2"\n'},
            "common.tfvars is probably used with each",
        ),
        (
            {"prod.tfvars": 'net = "10.1"\nsize = 2\n', "big.tfvars": "size = 3\n"},
            "big.tfvars does not set net, which has no default, so it may be used with another",
        ),
        ({"a.tfvars": "net = [\n", "b.tfvars": "net = [\n"}, "one of these files leads to an error"),
        ({f"e{n}.tfvars": f'net = "10.{n}"\n' for n in range(13)}, "more than 12 files"),
    ],
    ids=["one", "parts", "shared", "override", "broken", "many"],
)
def test_files_in_doubt_are_comments(repository: Path, files: dict[str, str], doubt: str) -> None:
    root(repository, SWITCH)
    for name, text in files.items():
        (repository / name).write_text(text)
    policy, text = proposed(repository)
    assert "roots" not in policy
    assert '\n# roots:\n#   ".":' in text and doubt in text


def test_deployments_that_lose_a_vpc_are_a_comment(repository: Path) -> None:
    root(
        repository,
        MISSING.replace("{\n  cidr", "{\n  count = var.on ? 1 : 0\n  cidr") + 'variable "on" {\n  default = true\n}\n',
    )
    for name in ("prod", "test"):
        (repository / f"{name}.tfvars").write_text("on = false\n")
    policy, text = proposed(repository)
    assert "roots" not in policy and "with none of these files the root has aws_vpc.main[0]" in text


def test_failures_that_the_files_settle_are_named(repository: Path) -> None:
    endpoint = """
resource "aws_route_table" "r" {
  vpc_id = aws_vpc.main.id
}
resource "aws_vpc_endpoint" "s3" {
  count           = var.on ? 1 : 0
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.r.id]
}
variable "on" {
  default = false
}
"""
    root(repository, MISSING + endpoint)
    for name in ("prod", "test"):
        (repository / f"{name}.tfvars").write_text("on = true\n")
    policy, text = proposed(repository)
    assert len(policy["roots"]["."]) == 2
    assert "#   VPCE001 on aws_vpc.main" in text


def test_samples_are_no_deployments(repository: Path) -> None:
    root(repository, SWITCH)
    for name in ("prod", "test", "example"):
        (repository / f"{name}.tfvars").write_text('net = "10.1"\n')
    policy, _ = proposed(repository)
    assert [each["name"] for each in policy["roots"]["."]] == ["prod", "test"]


# -- the rest --------------------------------------------------------------------------------------------------------------


def test_default_vpcs_that_nothing_uses_are_asked_for_nothing(repository: Path) -> None:
    root(repository / "base", 'resource "aws_default_vpc" "d" {\n}\n')
    root(repository / "net", MISSING)
    policy, text = proposed(repository)
    assert policy["vpcs"] == [{"match": {"default": True}, "gateway": [], "interface": []}]
    assert "#   aws_default_vpc.d in base\n" in text
    assert {vpc for _, vpc, _ in failures(repository)} == {"aws_vpc.main"}


def test_a_default_vpc_in_use_is_judged(repository: Path) -> None:
    root(repository / "base", 'resource "aws_default_vpc" "d" {\n}\n')
    used = (
        'resource "aws_default_vpc" "d" {\n}\nresource "aws_security_group" "g" {\n  vpc_id = aws_default_vpc.d.id\n}\n'
    )
    root(repository / "used", used)
    policy, _ = proposed(repository)
    assert [entry["match"] for entry in policy["vpcs"]] == [
        {"default": True, "address": "aws_default_vpc.d", "path": "base"}
    ]


def test_modules_that_were_not_read_are_comments(repository: Path) -> None:
    call = 'module "{}" {{\n  source = "{}"\n  vpc_id = aws_vpc.main.id\n}}\n'
    code = (
        MISSING
        + call.format("vpc", "git::https://user:s3cr3t@example.com/vpc.git?ref=v1")
        + call.format("db", "acme/db/aws")
    )
    root(repository, code)
    policy, text = proposed(repository)
    assert "modules" not in policy and "s3cr3t" not in text
    assert '\n#   "git::https://***@example.com/vpc.git": path/to/its/code # module.vpc' in text
    assert re.search(r"^#   acme/db/aws: none # module\.db", text, re.M)


def test_comments_become_entries(repository: Path) -> None:
    root(repository / "app", NETWORK + NAT + AWSLOGS)
    root(repository / "tests", MISSING)
    text = proposed(repository)[1]
    opened = re.sub(r"^# ( *(?:[a-z_]+:\n|- [a-z]))", r"\1", text, flags=re.M)
    (repository / POLICY_FILE).write_text(opened)
    assert "\n    - logs #" not in opened
    policy = yaml.safe_load(opened)
    assert policy["extends"] == ["aws-baseline", "ecs-fargate"] and policy["exclude"] == ["tests"]
    assert policy["required"] == {"interface": ["ecr.api", "ecr.dkr", "logs"]}
    assert cli("scan", cwd=repository).code == 1


def test_an_unreadable_file_is_said(repository: Path) -> None:
    root(repository / "good", MISSING)
    root(repository / "bad", MISSING + 'resource "aws_vpc" {\n')
    made = cli("init", cwd=repository)
    assert made.code == 3 and "bad/main.tf" in made.err
    assert (repository / POLICY_FILE).exists()


# -- where it writes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [".vpce-checks.yaml", ".vpce-checks.yml"])
def test_a_policy_file_is_never_overwritten(repository: Path, name: str) -> None:
    root(repository, MISSING)
    (repository / name).write_text("version: 1 # mine\n")
    made = cli("init", cwd=repository)
    assert made.code == 2 and f"{name} is there already" in made.err and "--stdout" in made.err
    assert (repository / name).read_text() == "version: 1 # mine\n"
    printed = cli("init", "--stdout", cwd=repository)
    assert printed.code == 0 and printed.out.startswith("# Proposed by vpce-checks init")
    assert (repository / name).read_text() == "version: 1 # mine\n"


def test_a_policy_file_above_is_not_shadowed(repository: Path) -> None:
    root(repository / "envs", MISSING)
    (repository / POLICY_FILE).write_text("version: 1\n")
    made = cli("init", "envs", cwd=repository)
    assert made.code == 2 and ".vpce-checks.yaml holds for envs" in made.err
    assert not (repository / "envs" / POLICY_FILE).exists()


def test_no_link_is_followed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    root(outside, MISSING)
    root(repository, MISSING)
    (repository / "link").symlink_to(outside)
    made = cli("init", "link", cwd=repository)
    assert made.code == 2 and "symbolic link" in made.err
    (repository / POLICY_FILE).symlink_to(outside / "nowhere.yaml")
    made = cli("init", cwd=repository)
    assert made.code == 2 and not (outside / "nowhere.yaml").exists()
    assert sorted(path.name for path in outside.iterdir()) == ["main.tf"]


def test_stdout_writes_nothing(repository: Path) -> None:
    root(repository, MISSING)
    printed = cli("init", "--stdout", cwd=repository)
    assert printed.code == 0 and yaml.safe_load(printed.out)["extends"] == ["aws-baseline"]
    assert not (repository / POLICY_FILE).exists()


def test_another_directory_can_be_named(repository: Path) -> None:
    root(repository / "infra" / "prod", NETWORK + TASK)
    root(repository / "infra" / "dev", NETWORK)
    made = cli("init", "infra", cwd=repository)
    assert made.code == 0 and "wrote infra/.vpce-checks.yaml" in made.out
    policy = yaml.safe_load((repository / "infra" / POLICY_FILE).read_text())
    assert policy["vpcs"][0]["match"]["path"] == "prod"


@pytest.mark.parametrize("arguments", [("none",), ("main.tf",)])
def test_a_path_that_is_no_directory(repository: Path, arguments: tuple[str, ...]) -> None:
    root(repository, MISSING)
    assert cli("init", *arguments, cwd=repository).code == 2


def test_nothing_to_propose(repository: Path) -> None:
    made = cli("init", cwd=repository)
    assert made.code == 2 and "nothing to propose" in made.err
    assert not (repository / POLICY_FILE).exists()


HOSTILE = [
    "a: b",
    "- x",
    "#c",
    "q'\"q",
    "on",
    "é\u2028x: y",
    "line\nextends: [none]",
    "{a}",
    "*",
    "01",
    "!t",
    "%",
    "@a",
    "\x85x",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_strangers_stay_names(repository: Path, name: str) -> None:
    root(repository / "prod", NETWORK + TASK)
    app = root(repository / name / "examples", SWITCH)
    root(repository / name / "app", NETWORK + AWSLOGS)
    for stem in (name, f"{name}2"):
        (app / f"{stem}.tfvars").write_text('net = "10.1"\n')
        (repository / name / "app" / f"{stem}.tfvars").write_text("x = 1\n")
    policy, text = proposed(repository)
    assert policy["extends"] == ["aws-baseline"]
    assert set(policy) <= {"version", "extends", "required", "vpcs", "exclude", "roots"}
    assert cli("scan", cwd=repository).code == 1
    assert set(text) - {"\n"} == {each for each in text if each.isprintable()}


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode")
def test_names_that_are_no_unicode_are_comments(repository: Path) -> None:
    strange = os.fsdecode(b"x\xff")
    root(repository / "prod", SWITCH)
    root(repository / strange / "examples", MISSING)
    root(repository / strange / "app", NETWORK + TASK)
    for name in (strange, "plain"):
        (repository / "prod" / f"{name}.tfvars").write_text('net = "10.1"\n')
    policy, text = proposed(repository)
    assert "exclude" not in policy and "roots" not in policy
    assert policy["vpcs"][0]["match"] == {"address": "aws_vpc.main"}
    assert "x\\udcff" in text and cli("scan", cwd=repository).code == 1


@pytest.mark.parametrize(
    "text", [*HOSTILE, "plain", "a/b.c-d", "\U0001f600", "\ufffe", "", "~", "null", "1e3", "0x1", "a\tb"]
)
def test_scalars_and_comments_are_what_they_were(text: str) -> None:
    assert yaml.safe_load(f"x: {{k: [{scalar(text)}]}} # {comment(text)}\n") == {"x": {"k": [text]}}
    layer = parse_policy(f"version: 1\nexclude: [{scalar(text or 'x')}] # {comment(text)}\n".encode(), "policy.yaml")
    assert [each.glob for each in layer.exclude] == [text or "x"]


# -- the page --------------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_is_written(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (script,) = re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S)
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S)
    before, init, _ = script.partition("vpce-checks init\n")
    assert init
    subprocess.run(["sh", "-eu", "-c", before], cwd=tmp_path, check=True)
    assert cli("init", cwd=tmp_path).code == 0
    assert (tmp_path / POLICY_FILE).read_text() == shown
    assert cli("scan", cwd=tmp_path).code == 1

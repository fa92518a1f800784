"""``vpce-checks fix``: what it prints, writes and refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.run import COMPLETE, MISSING, cli, process
from tests.fixing.repositories import contents, fix, repository
from vpce_checks.files.output import OutputError

TABLE = '\nresource "aws_route_table" "private" {\n  vpc_id = aws_vpc.main.id\n}\n'
FIXABLE = MISSING + TABLE
BROKEN = MISSING + "resource {\n"


def test_nothing_to_change(tmp_path: Path) -> None:
    done = cli("fix", cwd=repository(tmp_path, {"main.tf": COMPLETE}))
    assert (done.code, done.out, done.err) == (0, "nothing failed: there is nothing to change\n", "")


def test_a_diff_is_the_default_and_changes_nothing(tmp_path: Path) -> None:
    repository(tmp_path, {"main.tf": FIXABLE})
    done = cli("fix", cwd=tmp_path)
    assert done.code == 1
    assert done.out.startswith("--- a/main.tf\n+++ b/main.tf\n@@ ")
    assert '+resource "aws_vpc_endpoint" "s3" {\n' in done.out
    assert "\nthese changes settle 2 failures in 1 file:\n  VPCE001 aws_vpc.main has no gateway" in done.out
    assert done.out == cli("fix", "--diff", cwd=tmp_path).out
    assert (tmp_path / "main.tf").read_text() == FIXABLE


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on PATH")
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["\n", ""])
def test_git_applies_the_diff(line_end: str, last: str, tmp_path: Path) -> None:
    text = (FIXABLE.rstrip("\n") + last).replace("\n", line_end)
    for name in ("shown", "written"):
        repository(tmp_path / name, {"main.tf": text.encode()})
        shutil.rmtree(tmp_path / name / ".git")
        subprocess.run(["git", "init", "-q"], cwd=tmp_path / name, check=True)
    done = process("fix", cwd=tmp_path / "shown")
    diff = done.out if line_end == "\n" else cli("fix", cwd=tmp_path / "shown").out
    apply = ["git", "-c", "core.whitespace=cr-at-eol", "apply", "-"]
    subprocess.run(apply, cwd=tmp_path / "shown", input=diff.encode(), check=True)
    fix(tmp_path / "written", "--write")
    file = (tmp_path / "written" / "main.tf").read_bytes()
    assert (tmp_path / "shown" / "main.tf").read_bytes() == file
    assert file.startswith(text.encode()) and b"aws_vpc_endpoint" in file
    assert file.count(b"\n") == file.count(line_end.encode())


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", '\nresource "aws_iam_role" "r" {\n}\n'])
def test_one_blank_line_is_between_blocks(line_end: str, last: str, tmp_path: Path) -> None:
    text = (FIXABLE.rstrip("\n") + last).replace("\n", line_end)
    repository(tmp_path, {"main.tf": text.encode()})
    fix(tmp_path, "--write")
    after = (tmp_path / "main.tf").read_bytes().decode()
    assert after.count("aws_vpc_endpoint") == 2 and after.endswith("}" + line_end)
    assert after.count("\n") == after.count(line_end) and line_end * 3 not in after
    for block in after.split('resource "aws_vpc_endpoint"')[1:]:
        assert block.partition(f"{line_end}}}{line_end}")[2][: len(line_end)] in ("", line_end)


def test_a_report_quotes_lines_without_their_ends(tmp_path: Path) -> None:
    repository(tmp_path, {"main.tf": FIXABLE.replace("\n", "\r\n").encode()})
    shown = cli("scan", cwd=tmp_path).out
    assert ' | resource "aws_vpc" "main" {\n' in shown and "\\r" not in shown


def test_write(tmp_path: Path) -> None:
    repository(tmp_path, {"main.tf": FIXABLE})
    os.chmod(tmp_path / "main.tf", 0o640)
    done = fix(tmp_path, "--write")
    assert done.code == 1
    assert done.out.startswith("settled 2 failures in 1 file:\n")
    assert (tmp_path / "main.tf").stat().st_mode & 0o777 == 0o640
    again = fix(tmp_path, "--write")
    assert (again.code, again.out) == (0, "nothing failed: there is nothing to change\n")


def test_what_is_left_says_why(tmp_path: Path) -> None:
    done = fix(repository(tmp_path, {"main.tf": MISSING}), "--write")
    assert done.code == 1
    assert done.out.startswith("left 2 failures:\n")
    assert "    why: a person has to fill in the private route tables\n" in done.out
    assert (tmp_path / "main.tf").read_text() == MISSING


def test_what_deployments_share_is_listed_once(tmp_path: Path) -> None:
    code = 'variable "region" {}\nprovider "aws" {\n  region = var.region\n}\nresource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n'
    policy = "version: 1\nroots:\n  net:\n    - {name: dev, var_files: [dev.tfvars]}\n    - {name: prod, var_files: [prod.tfvars]}\n"
    files = {
        "net/main.tf": code,
        "net/dev.tfvars": 'region = "eu-west-1"\n',
        "net/prod.tfvars": 'region = "us-east-1"\n',
        ".vpce-checks.yaml": policy,
    }
    said = " ".join(fix(repository(tmp_path, dict(files))).out.split())
    assert "left 4 failures: " in said
    assert (
        said.count("VPCE001 aws_vpc.v has no gateway endpoint for S3 (net/main.tf:5) in net (dev), net (prod) why: ")
        == 1
    )
    assert said.count("VPCE001") == said.count("VPCE002") == 1
    files["net/main.tf"] = code + TABLE.replace(".main.", ".v.")
    said = " ".join(fix(repository(tmp_path, dict(files))).out.split())
    assert "settle 4 failures in 1 file: " in said and said.count("in net (dev), net (prod)") == 2


def test_rules(tmp_path: Path) -> None:
    done = fix(repository(tmp_path, {"main.tf": FIXABLE}), "--rules", "dynamodb-gateway-endpoint")
    assert '"dynamodb"' in done.out and '"s3"' not in done.out and "VPCE001" not in done.out


@pytest.mark.parametrize(
    "arguments", [("--rules", "VPCE999"), ("--diff", "--write"), ("nowhere",), ("--policy", "nowhere.yaml")]
)
def test_wrong_use(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert cli("fix", *arguments, cwd=repository(tmp_path, {"main.tf": FIXABLE})).code == 2


def test_what_cannot_be_read_is_an_error_and_the_rest_is_changed(tmp_path: Path) -> None:
    repository(tmp_path, {"a/main.tf": FIXABLE, "b/main.tf": BROKEN})
    done = fix(tmp_path, "--write")
    assert done.code == 3
    assert "aws_vpc_endpoint" in (tmp_path / "a" / "main.tf").read_text()
    assert (tmp_path / "b" / "main.tf").read_text() == BROKEN
    assert "error: b/main.tf:" in done.err


def test_an_empty_directory(tmp_path: Path) -> None:
    done = fix(repository(tmp_path, {}))
    assert done.code == 0 and "no Terraform or CloudFormation in ." in done.err


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside.tf"
    outside.write_text(TABLE)
    inside = repository(tmp_path / "inside", {"main.tf": MISSING, "real/shared.tf": FIXABLE, "root/README": ""})
    (inside / "root" / "main.tf").symlink_to("../real/shared.tf")
    before = contents(inside)
    done = cli("fix", "root", "--write", cwd=inside)
    assert done.code == 1 and contents(inside) == before
    assert (inside / "root" / "main.tf").is_symlink()
    assert "left 2 failures" in done.out


def test_a_module_outside_of_what_is_scanned_is_left(tmp_path: Path) -> None:
    module = (
        'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
        'resource "aws_vpc_endpoint" "logs" {\n  vpc_id            = aws_vpc.main.id\n'
        '  service_name      = "com.amazonaws.eu-west-1.logs"\n  vpc_endpoint_type = "Interface"\n}\n'
    )
    root = 'provider "aws" {\n  region = "eu-west-1"\n}\nmodule "net" {\n  source = "../net"\n}\n'
    repository(tmp_path, {"net/main.tf": module, "root/main.tf": root})
    done = cli("fix", "root", "--rules", "VPCE004", "--write", cwd=tmp_path)
    assert "net/main.tf is outside of what is scanned" in " ".join(done.out.split())
    assert (tmp_path / "net" / "main.tf").read_text() == module
    whole = cli("fix", ".", "--rules", "VPCE004", "--write", cwd=tmp_path)
    assert "settled 1 failure in 1 file" in whole.out
    assert "private_dns_enabled = true" in (tmp_path / "net" / "main.tf").read_text()


STACK = """Conditions: {IsProd: !Equals [!Ref AWS::Region, eu-west-1]}
Resources:
  Taken: {Type: AWS::S3::Bucket}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Private: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  PrivateProd: {Type: AWS::EC2::RouteTable, Condition: IsProd, Properties: {VpcId: !Ref Vpc}}
"""
CONDITIONAL = """  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: IsProd
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
      RouteTableIds: [!Ref Private%s]
"""


def test_a_name_that_the_template_has_is_not_used_again(tmp_path: Path) -> None:
    repository(tmp_path, {"stack.yaml": STACK.replace("Taken", "S3Endpoint")})
    done = cli("fix", "--rules", "VPCE001", cwd=tmp_path)
    assert "+  S3Endpoint:" not in done.out
    assert "why: the template has another S3Endpoint" in done.out


@pytest.mark.parametrize(("more", "is_left"), [("", False), (", !Ref PrivateProd", True)])
def test_a_condition_stays_with_what_has_one(tmp_path: Path, more: str, is_left: bool) -> None:
    repository(tmp_path, {"stack.yaml": STACK + CONDITIONAL % more})
    done = cli("fix", "--rules", "VPCE001", cwd=tmp_path)
    assert ("why: S3 uses PrivateProd, which has a condition, too" in done.out) is is_left
    assert ("-    Condition: IsProd\n" in done.out) is not is_left


def test_private_dns_stays_off_beside_services_of_others(tmp_path: Path) -> None:
    others = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
    code = (
        'resource "aws_vpc_endpoint" "each" {\n'
        f'  for_each            = {{ ec2 = "com.amazonaws.eu-west-1.ec2", others = "{others}" }}\n'
        "  vpc_id              = aws_vpc.main.id\n  service_name        = each.value\n"
        '  vpc_endpoint_type   = "Interface"\n  private_dns_enabled = false\n}\n'
    )
    done = cli("fix", "--rules", "VPCE004", cwd=repository(tmp_path, {"main.tf": MISSING + code}))
    assert "makes endpoints, too, for which the change is wrong" in " ".join(done.out.split())
    assert "+  private_dns_enabled" not in done.out


def test_what_is_excluded_is_left(tmp_path: Path) -> None:
    root = 'provider "aws" {\n  region = "eu-west-1"\n}\nmodule "net" {\n  source = "./net"\n}\n'
    module = FIXABLE.partition("}\n")[2] if FIXABLE.startswith("provider") else FIXABLE
    repository(tmp_path, {"main.tf": root, "net/main.tf": module})
    assert "+++ b/net/main.tf" in cli("fix", cwd=tmp_path).out
    done = cli("fix", "--exclude", "net", cwd=tmp_path)
    assert "+++" not in done.out
    assert "why: net/main.tf is excluded" in done.out


def test_a_file_that_has_changed_meanwhile_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import vpce_checks.fixing.plan as planning

    repository(tmp_path, {"main.tf": FIXABLE})
    plan = planning.plan_fixes

    def slow(*arguments: object) -> planning.Plan:
        made = plan(*arguments)  # type: ignore[arg-type]
        (tmp_path / "main.tf").write_text("# mine\n")
        return made

    monkeypatch.setattr(planning, "plan_fixes", slow)
    done = fix(tmp_path, "--write")
    assert done.code == 3 and "has changed since it was scanned" in done.err
    assert (tmp_path / "main.tf").read_text() == "# mine\n"


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import vpce_checks.files.output as output

    def refuse(path: str, text: str, checkouts: object) -> None:
        raise OutputError(f"cannot write {path}: the disk is full")

    monkeypatch.setattr(output, "write_output", refuse)
    done = fix(repository(tmp_path, {"main.tf": FIXABLE}), "--write")
    assert done.code == 3 and "the disk is full" in done.err
    assert "settled" not in done.out


def test_names_cannot_steer_a_terminal(tmp_path: Path) -> None:
    hostile = FIXABLE.replace("}\n", "}\n# \x1b[31m \u202e https://user:secret-word@example.com\n", 1)
    repository(tmp_path, {"a\x1b[1m/main.tf": hostile + f"# \x07\n{TABLE.replace('private', 'b')}"})
    done = fix(tmp_path)
    assert "\x1b" not in done.out and "\u202e" not in done.out and "\x07" not in done.out
    assert "a/a\\x1b[1m/main.tf" in done.out and "secret-word" not in done.out


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    done = cli("fix", "--help", cwd=Path.cwd())
    assert all(option in done.out for option in ("--diff", "--write", "--rules", "--policy", "--exclude"))
    assert "exit codes:\n  0  nothing failed" in done.out


SWITCHED = (
    FIXABLE
    + """
variable "on" {
  type = bool
}

resource "aws_vpc_endpoint" "s3" {
  count           = var.on ? 1 : 0
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_route_table.private.id]
}
"""
)


def test_what_is_undecided_is_said_with_its_cause(tmp_path: Path) -> None:
    repository(tmp_path, {"main.tf": SWITCHED})
    out = " ".join(cli("fix", cwd=tmp_path).out.split())
    assert "undecided: 1 finding, for which nothing is changed: 1 finding: var.on has no value" in out
    assert "--var-file, --var" in out
    only = cli("fix", "--rules", "VPCE001", cwd=tmp_path)
    assert only.code == 0 and only.out.startswith(
        "nothing failed, but not everything is decided\n\nundecided: 1 finding"
    )
    assert "undecided" not in cli("fix", "--rules", "VPCE002", cwd=tmp_path).out


def test_inputs_decide_what_is_changed(tmp_path: Path) -> None:
    repository(tmp_path, {"main.tf": SWITCHED, "off.tfvars": "on = false\n"})
    for options in (("--var", "on=false"), ("--var-file", "off.tfvars")):
        done = cli("fix", "--rules", "VPCE001", *options, cwd=tmp_path)
        assert done.code == 1 and "undecided" not in done.out and "VPCE001" in done.out
    on = cli("fix", "--rules", "VPCE001", "--var", "on=true", cwd=tmp_path)
    assert (on.code, on.out) == (0, "nothing failed: there is nothing to change\n")


def test_instances_of_one_place_are_one_line(tmp_path: Path) -> None:
    calls = "".join(f'module "net{at}" {{\n  source = "./net"\n}}\n' for at in range(16))
    repository(tmp_path, {"main.tf": calls, "net/main.tf": FIXABLE.partition("\n\n")[2]})
    out = cli("fix", cwd=tmp_path).out
    assert "settle 32 failures in 1 file:\n" in out
    text = " ".join(out.split())
    assert text.count("VPCE001 aws_vpc.main has no gateway endpoint for S3 (net/main.tf:1), 16 times") == 1
    assert "module.net1." not in text


def test_inputs_are_proposed_only_where_a_value_is_the_cause(tmp_path: Path) -> None:
    module = 'module "x" {\n  source = "git::https://git.example.com/acme/x.git"\n  vpc    = aws_vpc.main.id\n}\n'
    unread = fix(repository(tmp_path / "unread", {"main.tf": MISSING + module})).out
    assert "undecided: 3 findings" in unread and "Values come from" not in unread
    value = (
        'variable "on" {\n  type = bool\n}\nresource "aws_vpc_endpoint" "s3" {\n  count        = var.on ? 1 : 0\n'
        '  vpc_id       = aws_vpc.main.id\n  service_name = "com.amazonaws.eu-west-1.s3"\n}\n'
    )
    both = fix(repository(tmp_path / "both", {"main.tf": MISSING + module + value})).out
    assert "Values come from --var-file" in both

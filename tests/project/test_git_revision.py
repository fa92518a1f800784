"""What a change adds, told by comparing with an earlier commit."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.project.git_repository import CALL, MODULE, commit, git, two_roots
from vpce_checks.cli.main import main
from vpce_checks.project import commit_files, git_revision


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two roots that call one module, in one commit."""
    monkeypatch.chdir(tmp_path)
    return two_roots(tmp_path)


def since(capsys: pytest.CaptureFixture[str], revision: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["scan", "--changed-since", revision, "--format", "json", *arguments])
    output = capsys.readouterr()
    return code, json.loads(output.out) if output.out else {"error": output.err}


def results(report: dict[str, Any], status: str) -> set[tuple[str, str, str]]:
    return {(each["rule"], each["root"], each["resource"]) for each in report["results"] if each["status"] == status}


def test_nothing_has_changed(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = since(capsys, "HEAD")
    assert (code, report["roots"]) == (0, [])


def test_what_was_so_before_is_ignored(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    (repository / "envs/prod/main.tf").write_text("# moved\n" + CALL)
    code, report = since(capsys, "HEAD")
    assert code == 0
    assert results(report, "ignored") == {("VPCE002", "envs/prod", "module.net.aws_vpc.this")}
    assert [root["path"] for root in report["roots"]] == ["envs/prod"]


def test_what_the_change_adds_fails(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    (repository / "envs/prod/main.tf").write_text(CALL.replace("}", "  gateway = false\n}"))
    code, report = since(capsys, "HEAD")
    assert code == 1
    assert results(report, "fail") == {("VPCE001", "envs/prod", "module.net.aws_vpc.this")}


def test_a_removed_file_counts(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    main_tf = repository / "modules/net/main.tf"
    head, _, endpoint = MODULE.partition('resource "aws_vpc_endpoint"')
    main_tf.write_text(head)
    (repository / "modules/net/endpoint.tf").write_text('resource "aws_vpc_endpoint"' + endpoint)
    base = commit(repository)
    (repository / "modules/net/endpoint.tf").unlink()
    commit(repository)
    code, report = since(capsys, base)
    assert code == 1
    assert {root for rule, root, _ in results(report, "fail") if rule == "VPCE001"} == {"envs/dev", "envs/prod"}


def test_an_untracked_file_counts(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    (repository / "envs/dev/more.tf").write_text('resource "aws_vpc" "new" {\n  cidr_block = "10.1.0.0/16"\n}\n')
    _, report = since(capsys, "HEAD")
    assert results(report, "fail") == {
        ("VPCE001", "envs/dev", "aws_vpc.new"),
        ("VPCE002", "envs/dev", "aws_vpc.new"),
    }


def test_the_change_begins_where_the_branches_part(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "feature")
    (repository / "envs/dev/new.tf").write_text('resource "aws_vpc" "new" {\n  cidr_block = "10.1.0.0/16"\n}\n')
    commit(repository)
    git(repository, "checkout", "--quiet", "main")
    (repository / "envs/prod/main.tf").write_text(CALL.replace("}", "  gateway = false\n}"))
    commit(repository)
    git(repository, "checkout", "--quiet", "feature")
    _, report = since(capsys, "main")
    assert [root["path"] for root in report["roots"]] == ["envs/dev"]


def test_a_stricter_policy_is_a_change(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    (repository / ".vpce-checks.yaml").write_text("version: 1\nextends: [aws-baseline]\nrequired: {interface: [kms]}\n")
    code, report = since(capsys, "HEAD")
    assert code == 1
    assert {rule for rule, _, _ in results(report, "fail")} == {"VPCE003"}
    assert {rule for rule, _, _ in results(report, "ignored")} == {"VPCE002"}


def test_modules_that_init_fetched_are_there_before_too(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    prod = repository / "envs/prod"
    fetched = prod / ".terraform/modules/net"
    fetched.mkdir(parents=True)
    (fetched / "main.tf").write_text(MODULE)
    (fetched.parent / "modules.json").write_text(
        json.dumps({"Modules": [{"Key": "net", "Source": "example.com/a/net/aws", "Dir": ".terraform/modules/net"}]})
    )
    (repository / ".gitignore").write_text(".terraform\n")
    (prod / "main.tf").write_text('module "net" {\n  source = "example.com/a/net/aws"\n}\n')
    commit(repository)
    (prod / "main.tf").write_text('# words\nmodule "net" {\n  source = "example.com/a/net/aws"\n}\n')
    code, report = since(capsys, "HEAD")
    assert code == 0
    assert results(report, "ignored") == {("VPCE002", "envs/prod", "module.net.aws_vpc.this")}


def test_nothing_that_a_repository_configures_is_run(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    made = repository / "made"
    script = repository / "script"
    script.write_text(f"#!/bin/sh\ntouch {made}\n")
    script.chmod(0o755)
    (repository / ".gitattributes").write_text("*.tf diff=evil filter=evil\n")
    commit(repository)
    for name in ("diff.evil.command", "diff.evil.textconv", "diff.external", "core.fsmonitor", "core.pager"):
        git(repository, "config", name, str(script))
    (repository / "envs/prod/main.tf").write_text("# moved\n" + CALL)
    code, _ = since(capsys, "HEAD")
    assert code == 0
    assert not made.exists()


@pytest.mark.parametrize("revision", ["no-such-branch", "--output=made", "HEAD~99"])
def test_no_such_revision(capsys: pytest.CaptureFixture[str], repository: Path, revision: str) -> None:
    code = main(["scan", f"--changed-since={revision}"])
    assert code == 2
    assert "no revision" in capsys.readouterr().err
    assert not (repository / "made").exists()


def test_no_common_history(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--orphan", "other")
    (repository / "README.md").write_text("another history\n")
    commit(repository)
    assert main(["scan", "--changed-since", "main"]) == 2
    said = capsys.readouterr().err
    assert "no common history" in said
    assert "shallow" not in said


@pytest.mark.parametrize("revision", ["HEAD~1", "origin/main~2"])
def test_shallow_clone(
    capsys: pytest.CaptureFixture[str],
    repository: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    revision: str,
) -> None:
    commit(repository)
    clone = tmp_path_factory.mktemp("shallow") / "clone"
    git(repository, "clone", "--quiet", "--depth=1", repository.as_uri(), str(clone))
    monkeypatch.chdir(clone)
    assert main(["scan", "--changed-since", revision]) == 2
    assert "this clone is shallow" in capsys.readouterr().err


def test_merge_commit(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    """What pipelines check out for a pull request: its merge with the base, cut off behind both."""
    git(repository, "checkout", "--quiet", "-b", "feature")
    (repository / "envs/dev/main.tf").write_text(CALL.replace("}", "  gateway = false\n}"))
    commit(repository)
    git(repository, "checkout", "--quiet", "main")
    (repository / "envs/prod/more.tf").write_text("")
    base = commit(repository)
    git(repository, "merge", "--quiet", "--no-ff", "--no-commit", "feature")
    assert results(since(capsys, "HEAD")[1], "fail") == {("VPCE001", "envs/dev", "module.net.aws_vpc.this")}
    commit(repository)
    for revision in (base, "HEAD^1"):
        code, report = since(capsys, revision)
        assert code == 1
        assert results(report, "fail") == {("VPCE001", "envs/dev", "module.net.aws_vpc.this")}
    assert since(capsys, "feature")[0] == 0, "the other side of the merge has it already"


def test_module_that_is_gone_or_has_another_name(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    git(repository, "mv", "modules/net", "modules/network")
    code, report = since(capsys, "HEAD")
    assert code == 3, "two roots call what is gone"
    assert {root["path"] for root in report["roots"]} >= {"envs/dev", "envs/prod"}
    assert main(["scan", "--changed-files"]) == 3
    capsys.readouterr()
    for name in ("prod", "dev"):
        (repository / "envs" / name / "main.tf").write_text(CALL.replace("/net", "/network"))
    code, report = since(capsys, "HEAD")
    assert code == 0, "the same under another name"
    assert {root["path"] for root in report["roots"]} == {"envs/dev", "envs/prod"}


@pytest.mark.parametrize("is_directory", [False, True])
def test_template_behind_a_link(capsys: pytest.CaptureFixture[str], repository: Path, is_directory: bool) -> None:
    nested = (
        "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: nested/net.yaml}\n"
    )
    (repository / "stack.yaml").write_text(nested)
    (repository / "shared").mkdir()
    template = repository / "shared/net.yaml"
    template.write_text(SOMETIMES + ENDPOINT.replace("    Condition: Prod\n", ""))
    if is_directory:
        (repository / "nested").symlink_to("shared")
    else:
        (repository / "nested").mkdir()
        (repository / "nested/net.yaml").symlink_to("../shared/net.yaml")
    base = commit(repository)
    template.write_text(SOMETIMES)
    code, report = since(capsys, base)
    assert (code, ("VPCE001", "stack.yaml", "Net/Main") in results(report, "fail")) == (1, True)


NESTS = """\
Transform: AWS::LanguageExtensions
Parameters:
  Size: {Type: String, AllowedValues: [small, large]}
  End: {Type: String, AllowedValues: [yaml]}
  Bucket: {Type: String}
Resources:
"""
STACK = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s}}"
STACK_LOOP = "  Fn::ForEach::Nets: [Name, [small, large], {'Net${Name}': %s}]\n"


@pytest.mark.parametrize(
    ("loop", "url", "is_affected"),
    [
        (False, '!Sub "./${Size}.yaml"', True),
        (True, '!Sub "./${Name}.yaml"', True),
        (False, '!Join [".", [!Ref Size, !Ref End]]', True),
        (False, '!If [Large, ./large.yaml, !Sub "./${Size}.yaml"]', True),
        (False, '!Sub "https://${Bucket}.s3.amazonaws.com/${Size}.yaml"', True),
        (False, '!Sub "https://${Bucket}.s3.amazonaws.com/net.yaml"', False),
        (False, '!Join ["", ["https://", !Ref Bucket, ".s3.amazonaws.com/net.yaml"]]', False),
        (False, '!Sub "./${Size}.json"', False),
    ],
)
@pytest.mark.parametrize("is_deleted", [False, True])
def test_template_whose_name_is_computed_where_it_is_nested(
    capsys: pytest.CaptureFixture[str], repository: Path, loop: bool, url: str, is_affected: bool, is_deleted: bool
) -> None:
    stack = STACK % url
    conditions = "Conditions: {Large: !Equals [!Ref Size, large]}\n"
    (repository / "stack.yaml").write_text(conditions + NESTS + (STACK_LOOP % stack if loop else f"  Net: {stack}\n"))
    whole = SOMETIMES + ENDPOINT.replace("    Condition: Prod\n", "")
    for name in ("small", "large"):
        (repository / f"{name}.yaml").write_text(whole)
    base = commit(repository)
    if is_deleted:
        (repository / "small.yaml").unlink()
    else:
        (repository / "small.yaml").write_text(SOMETIMES)
    _, report = since(capsys, base)
    assert ("stack.yaml" in {root["path"] for root in report["roots"]}) == is_affected


@pytest.mark.parametrize("is_deleted", [False, True])
@pytest.mark.parametrize(
    ("files", "changed"),
    [
        (
            {
                "stack.yaml": "Resources: !Rain::Include parts/all.yaml\n",
                "parts/all.yaml": "T: !Rain::Include x.yaml\n",
            },
            "parts/x.yaml",
        ),
        ({"stack.yaml": "Resources: {N: !Rain::Include n.yaml}\n", "n.yaml": STACK % "./small.yaml"}, "small.yaml"),
        (
            {"stack.yaml": "Resources: {N: !Rain::Include n.yaml}\n", "n.yaml": STACK % '!Sub "./${X}.yaml"'},
            "small.yaml",
        ),
        (
            {
                "serverless.yml": "service: a\nprovider: {name: aws}\nresources:\n  - ${file(a.yml)}\n",
                "a.yml": "Resources:\n  T: ${file(x.yml)}\n  U: {Type: 'AWS::SNS::Topic'}\n",
            },
            "x.yml",
        ),
    ],
)
def test_file_that_an_included_one_names(
    capsys: pytest.CaptureFixture[str], repository: Path, files: dict[str, str], changed: str, is_deleted: bool
) -> None:
    (repository / "parts").mkdir()
    for name, text in files.items():
        (repository / name).write_text(text)
    (repository / changed).write_text(SOMETIMES if changed == "small.yaml" else "Type: AWS::SNS::Topic\n")
    base = commit(repository)
    if is_deleted:
        (repository / changed).unlink()
    else:
        (repository / changed).write_text((repository / changed).read_text() + "# words\n")
    _, report = since(capsys, base)
    assert next(iter(files)) in {root["path"] for root in report["roots"]}


@pytest.fixture
def library(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module in a repository of its own, a submodule of the two roots'; its next commit has no gateway endpoint."""
    origin = tmp_path_factory.mktemp("library")
    git(origin, "init", "--quiet")
    (origin / "main.tf").write_text(MODULE)
    commit(origin)
    git(repository, "rm", "--quiet", "-r", "modules")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(origin), "modules/net")
    commit(repository)
    return repository / "modules/net"


WITHOUT_GATEWAY = MODULE.replace("default = true", "default = false")
WORSE = {("VPCE001", root, "module.net.aws_vpc.this") for root in ("envs/dev", "envs/prod")}
AS_BEFORE = {("VPCE002", root, "module.net.aws_vpc.this") for root in ("envs/dev", "envs/prod")}


@pytest.mark.parametrize("is_committed", [False, True])
def test_submodule_at_another_commit(
    capsys: pytest.CaptureFixture[str], repository: Path, library: Path, is_committed: bool
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    (library / "main.tf").write_text(WITHOUT_GATEWAY)
    commit(library)
    if is_committed:
        commit(repository)
    code, report = since(capsys, base)
    assert (code, results(report, "fail"), results(report, "ignored")) == (1, WORSE, AS_BEFORE)
    assert main(["scan", "--changed-files", "modules/net"]) == 1


def test_files_of_submodules_that_pre_commit_does_not_name(
    capsys: pytest.CaptureFixture[str], repository: Path, library: Path
) -> None:
    assert main(["scan", "--changed-files"]) == 0
    (library / "main.tf").write_text(WITHOUT_GATEWAY)
    commit(library)
    git(repository, "add", "modules/net")
    assert main(["scan", "--changed-files"]) == 1
    assert "has no gateway endpoint for S3" in capsys.readouterr().out


def test_uncommitted_change_in_a_submodule(capsys: pytest.CaptureFixture[str], repository: Path, library: Path) -> None:
    (library / "main.tf").write_text(WITHOUT_GATEWAY)
    code, report = since(capsys, "HEAD")
    assert (code, results(report, "fail"), results(report, "ignored")) == (1, WORSE, AS_BEFORE)


def test_submodule_whose_repository_is_broken(
    capsys: pytest.CaptureFixture[str], repository: Path, library: Path
) -> None:
    (library / ".git").write_text("gitdir: nowhere\n")
    code, report = since(capsys, "HEAD")
    assert (code, results(report, "fail")) == (1, AS_BEFORE), "all of it may have changed, nothing is known of before"


def test_no_repository(capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "main.tf").write_text("")
    assert main(["scan", str(elsewhere), "--changed-since", "HEAD"]) == 2
    assert "git" in capsys.readouterr().err


def test_strange_file_names(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    strange = repository / "envs/dev/ä \n\"'.tf"
    strange.write_text('resource "aws_vpc" "new" {\n  cidr_block = "10.1.0.0/16"\n}\n')
    base = commit(repository)
    strange.write_text("# words\n" + strange.read_text())
    code, report = since(capsys, base)
    assert code == 0
    assert len(results(report, "ignored")) == 3


def test_removed_files_are_changed_files(
    capsys: pytest.CaptureFixture[str], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository, "rm", "--quiet", "envs/dev/main.tf")
    (repository / "envs/dev").mkdir(exist_ok=True)
    (repository / "envs/dev/rest.tf").write_text('resource "aws_vpc" "new" {\n  cidr_block = "10.1.0.0/16"\n}\n')
    assert main(["scan", "--changed-files"]) == 1
    assert "aws_vpc.new" in capsys.readouterr().out
    base = git(repository, "rev-parse", "HEAD")
    monkeypatch.setenv("PRE_COMMIT_TO_REF", commit(repository))
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", base)
    assert main(["scan", "--changed-files"]) == 1


def _endpoint_elsewhere(repository: Path) -> Path:
    """A directory of shared code with the endpoint of the module, which stays in the module for its VPC alone."""
    head, _, endpoint = MODULE.partition('resource "aws_vpc_endpoint"')
    (repository / "modules/net/main.tf").write_text(head)
    shared = repository / "shared"
    shared.mkdir()
    (shared / "endpoint.tf").write_text('resource "aws_vpc_endpoint"' + endpoint)
    return shared


@pytest.mark.parametrize("is_absolute", [False, True])
@pytest.mark.parametrize("is_directory", [False, True])
def test_what_a_link_led_to_was_there_before(
    capsys: pytest.CaptureFixture[str], repository: Path, is_absolute: bool, is_directory: bool
) -> None:
    shared = _endpoint_elsewhere(repository)
    start = str(repository) if is_absolute else "../.."
    if is_directory:
        (repository / "modules/net/main.tf").rename(shared / "main.tf")
        (repository / "modules/net").rmdir()
        (repository / "modules/net").symlink_to(repository / "shared" if is_absolute else "../shared")
    else:
        (repository / "modules/net/endpoint.tf").symlink_to(f"{start}/shared/endpoint.tf")
    base = commit(repository)
    (shared / "endpoint.tf").write_text("")
    code, report = since(capsys, base)
    assert code == 1
    assert {rule for rule, _, _ in results(report, "fail")} == {"VPCE001"}


def test_a_link_out_of_the_earlier_state_leads_nowhere(
    capsys: pytest.CaptureFixture[str], repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    targets = {
        "a": str(outside),
        "b": "../" * 30 + str(outside).lstrip("/"),
        "c": "modules/../../..",
        "envs/d": "../../..",
    }
    for name, target in targets.items():
        (repository / name).symlink_to(target)
    base = commit(repository)
    view = git_revision.compared(base, [str(repository)])
    with view as revision, revision.work_tree() as directory:
        for name in targets:
            assert not os.path.exists(os.path.join(directory, name))
            assert os.path.lexists(os.path.join(directory, name))
    for name in targets:
        (repository / name).unlink()
        (repository / name).mkdir()
        (repository / name / "new.tfvars").write_text("gateway = false\n")
    code, _ = since(capsys, base, "--var-file", str(repository / "a/new.tfvars"))
    assert code in (0, 1)
    assert not list(outside.iterdir())


def test_a_large_file_was_there_before(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    main_tf = repository / "modules/net/main.tf"
    main_tf.write_text(MODULE.replace("var.gateway ?", 'length(fileset(path.module, "*.bin")) > 0 ?'))
    large = repository / "modules/net/large.bin"
    large.write_bytes(b"\0" * (commit_files.SMALL + 1))
    base = commit(repository)
    large.unlink()
    _, report = since(capsys, base)
    assert ("VPCE001", "envs/prod", "module.net.aws_vpc.this") in results(report, "unknown")


SOMETIMES = """\
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Main:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Routes:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref Main}
"""
ENDPOINT = """\
  S3:
    Type: AWS::EC2::VPCEndpoint
    Condition: Prod
    Properties: {VpcId: !Ref Main, ServiceName: !Sub "com.amazonaws.${AWS::Region}.s3", RouteTableIds: [!Ref Routes]}
"""


def test_what_was_so_in_some_scenarios_is_new_in_all(capsys: pytest.CaptureFixture[str], repository: Path) -> None:
    (repository / "net.yaml").write_text(SOMETIMES + ENDPOINT)
    base = commit(repository)
    (repository / "net.yaml").write_text("# words\n" + SOMETIMES + ENDPOINT)
    code, report = since(capsys, base)
    assert (code, ("VPCE001", "net.yaml", "Main") in results(report, "ignored")) == (0, True)
    (repository / "net.yaml").write_text(SOMETIMES)
    code, report = since(capsys, base)
    assert (code, results(report, "fail")) == (1, {("VPCE001", "net.yaml", "Main")})

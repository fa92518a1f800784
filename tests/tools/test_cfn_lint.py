"""cfn-lint says of every template of the fixtures what ``vpce-checks scan`` says."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.expectations import FIXTURES, Run, all_runs
from tests.tools.environments import REPOSITORY, Environment
from tests.tools.verdicts import Told, Verdict, scanned
from vpce_checks.model.roots import Settings
from vpce_checks.project.discovery import find_place
from vpce_checks.project.languages import languages

pytestmark = pytest.mark.slow

APPEND = ("--append-rules", "vpce_checks.plugins.cfn_lint")
OURS = re.compile(r"[EW](VPCE\d{3})")


def templates(directory: Path) -> tuple[str, ...]:
    """The files below a directory that may be templates."""
    return find_place(str(directory), languages(Settings())).of("cloudformation")


RUNS = [run for run in all_runs() if templates(run.fixture) and not run.args and not run.env]
UNREAD = {
    "cfn-serverless-framework": "serverless.yml is no template to cfn-lint",
    "cfn-serverless-files": "nor is what it includes",
    "cfn-serverless-defaults": "nor is this one",
    "cfn-serverless-syntax": "nor is this one, nor what it includes",
    "cfn-copied-keys": "cfn-lint refuses a key that is set twice",
    "cfn-cdk-out": "cfn-lint links no template that CDK nests, and by itself it is no root",
    "cfn-deep-json": "cfn-lint refuses a template that nests so deeply",
    "cfn-template-engines": "cfn-lint refuses a template that an engine has yet to fill in",
    "encrypted-files": "cfn-lint refuses an encrypted file",
}
"""Fixtures of which cfn-lint does not read every template, and why."""


def lint(
    tool: Environment, files: Sequence[Path], *options: str, cwd: Path = REPOSITORY
) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and our matches."""
    done = tool.run("cfn-lint", *APPEND, *options, "--format", "json", "--", *files, cwd=cwd)
    assert not done.stderr, done.stderr
    return done.returncode, [match for match in json.loads(done.stdout or "[]") if OURS.fullmatch(match["Rule"]["Id"])]


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Each fixture with templates as a repository of its own, as related templates are looked for in all of it."""
    made = {}
    for run in RUNS:
        target = tmp_path_factory.mktemp(run.fixture.name) / "repository"
        shutil.copytree(run.fixture, target)
        (target / "expected.yaml").unlink()
        (target / ".git").mkdir()
        made[run.fixture.name] = target
    return made


@pytest.fixture(scope="session")
def matches(linters: Environment, copies: Mapping[str, Path]) -> list[dict[str, Any]]:
    """What one cfn-lint says of all of them."""
    files = [Path(file) for copy in copies.values() for file in templates(copy)]
    return lint(linters, files)[1]


def told(matches: Sequence[Mapping[str, Any]], directory: Path) -> Iterator[Told]:
    """The matches below ``directory``."""
    for match in matches:
        file = Path(match["Filename"]).resolve()
        if directory in file.parents:
            rule = match["Rule"]["Id"][1:]
            path = match["Location"]["Path"] or ["", ""]
            yield Told(rule, "fail", file, str(path[1]) if len(path) > 1 else "", match["Message"])


@pytest.mark.parametrize("run", RUNS, ids=[run.id for run in RUNS])
def test_same_verdicts(run: Run, copies: Mapping[str, Path], matches: list[dict[str, Any]]) -> None:
    directory = copies[run.fixture.name].resolve()
    reported = {(each.rule, each.file, each.resource) for each in told(matches, directory)}
    expected = {key(verdict) for verdict in scanned(run, directory) if verdict.template and key(verdict) is not None}
    if run.fixture.name in UNREAD:
        assert reported <= expected
        return
    errors = {each for each in reported if each[0] == "VPCE000"}
    assert not errors or run.exit == 3  # an error in a template is a match of cfn-lint, too
    assert reported - errors == expected


def key(verdict: Verdict) -> tuple[str, Path, str] | None:
    """Rule, file and resource under which cfn-lint has to tell a verdict; None for one that needs no telling."""
    resource = verdict.resource.rpartition("/")[2]
    if verdict.status == "fail":
        return verdict.rule, verdict.file, resource
    return ("VPCE999", verdict.file, resource) if verdict.status == "unknown" else None


def test_scenario_line_and_severity(linters: Environment, copies: Mapping[str, Path]) -> None:
    file = copies["cfn-conditions"] / "network.yaml"
    code, found = lint(linters, [file])
    by_rule = {match["Rule"]["Id"]: match for match in found}
    assert "; when " in by_rule["EVPCE002"]["Message"]
    line = by_rule["EVPCE002"]["Location"]["Start"]["LineNumber"]
    assert file.read_text().splitlines()[line - 1].strip().startswith(by_rule["EVPCE002"]["Location"]["Path"][1])
    assert by_rule["EVPCE002"]["Rule"]["Source"].startswith("https://docs.aws.amazon.com/")
    assert code & 2


VPC = "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    file = tmp_path / "template.yaml"
    file.write_text(VPC)
    return file


def test_configuration_file_is_enough(linters: Environment, template: Path) -> None:
    (template.parent / ".cfnlintrc").write_text("append_rules: [vpce_checks.plugins.cfn_lint]\ntemplates: ['*.yaml']\n")
    done = linters.run("cfn-lint", cwd=template.parent)
    assert done.returncode == 2
    assert "EVPCE001 Main has no gateway endpoint for S3" in done.stdout


def test_directory_has_the_same_rules(linters: Environment, template: Path) -> None:
    directory = linters.run("vpce-checks", "cfn-lint-dir", cwd=template.parent).stdout.strip()
    by_directory = linters.run("cfn-lint", "--append-rules", directory, "--list-rules", cwd=template.parent)
    by_module = linters.run("cfn-lint", *APPEND, "--list-rules", cwd=template.parent)
    assert OURS.search(by_directory.stdout)
    assert by_directory.stdout == by_module.stdout
    done = linters.run("cfn-lint", "--append-rules", directory, "--", template, cwd=template.parent)
    assert done.returncode == 2
    assert "EVPCE001 Main has no gateway endpoint for S3" in done.stdout


def test_directory_is_not_shadowed(linters: Environment, template: Path) -> None:
    """A repository may hold a directory with the name of our module, which cfn-lint takes for a path."""
    mark = template.parent / "mark"
    shadow = template.parent / "vpce_checks.plugins.cfn_lint"
    shadow.mkdir()
    (shadow / "evil.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    (template.parent / ".cfnlintrc").write_text("append_rules: [vpce_checks.plugins.cfn_lint]\n")
    (template.parent / "ours").write_text("ignore_checks: [EVPCE002]\n")
    directory = linters.run("vpce-checks", "cfn-lint-dir", cwd=template.parent).stdout.strip()
    safe = ("--config-file", "ours", "--append-rules", directory, "--", template)
    done = linters.run("cfn-lint", *safe, cwd=template.parent)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "EVPCE001" in done.stdout and "EVPCE002" not in done.stdout
    assert not mark.exists()
    linters.run("cfn-lint", *APPEND, "--", template, cwd=template.parent)
    assert mark.exists(), "then the page may say that the module's name does as well"


def test_in_one_word(linters: Environment, template: Path) -> None:
    for arguments in (["--", "template.yaml"], ["template.yaml"], ["--format", "parseable", "template.yaml"]):
        done = linters.run("vpce-checks", "cfn-lint", *arguments, cwd=template.parent)
        assert done.returncode == 2, done.stderr
        assert "EVPCE001" in done.stdout
    assert linters.run("vpce-checks", "cfn-lint", "--version", cwd=template.parent).returncode == 0


@pytest.mark.parametrize("merge", ["", "merge_configs: true\n"])
def test_configuration_of_the_repository_runs_no_code(linters: Environment, template: Path, merge: str) -> None:
    mark = template.parent / "mark"
    (template.parent / "evil").mkdir()
    (template.parent / "evil" / "evil.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    (template.parent / ".cfnlintrc").write_text(f"append_rules: [evil]\n{merge}")
    done = linters.run("vpce-checks", "cfn-lint", "--", "template.yaml", cwd=template.parent)
    assert not mark.exists()
    assert done.returncode == 2
    assert ("names code to run (append-rules)" in done.stderr) == bool(merge), done.stderr


def test_file_with_the_name_of_an_option(linters: Environment, template: Path) -> None:
    (template.parent / "--list-rules").write_text("")
    done = linters.run("vpce-checks", "cfn-lint", "--list-rules", "template.yaml", cwd=template.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "put -- before the names of files" in done.stderr


def test_policy_is_heeded(linters: Environment, template: Path) -> None:
    (template.parent / ".vpce-checks.yaml").write_text("version: 1\nrequired: {gateway: [], interface: [kms]}\n")
    _, found = lint(linters, [template])
    assert [match["Rule"]["Id"] for match in found] == ["EVPCE003"]


@pytest.mark.parametrize(
    ("section", "comment"),
    [
        ("    Metadata: {cfn-lint: {config: {ignore_checks: [EVPCE001, EVPCE002]}}}\n", ""),
        ("    Metadata: {vpce-checks: {ignore: [VPCE001, VPCE002]}}\n", ""),
    ],
)
def test_ignores(section: str, comment: str, linters: Environment, template: Path) -> None:
    template.write_text(VPC + section + comment)
    assert lint(linters, [template])[1] == []


def test_ignored_on_the_command_line(linters: Environment, template: Path) -> None:
    _, found = lint(linters, [template], "--ignore-checks", "EVPCE001")
    assert [match["Rule"]["Id"] for match in found] == ["EVPCE002"]


def test_a_child_is_judged_with_its_parent(linters: Environment, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "vpc.yaml").write_text(VPC + "Outputs: {Id: {Value: !Ref Main}}\n")
    services = "\n".join(
        f"  {name}:\n    Type: AWS::EC2::VPCEndpoint\n    Properties:\n      VpcId: !GetAtt Net.Outputs.Id\n"
        f"      ServiceName: !Sub com.amazonaws.${{AWS::Region}}.{name.lower()}\n      RouteTableIds: [rtb-1]"
        for name in ("S3", "DynamoDB")
    )
    nested = "  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: vpc.yaml}\n"
    (tmp_path / "parent.yaml").write_text(f"Resources:\n{nested}{services}\n")
    assert lint(linters, [tmp_path / "vpc.yaml"])[1] == []
    (tmp_path / "parent.yaml").write_text(f"Resources:\n{nested}")
    _, found = lint(linters, [tmp_path / "vpc.yaml"])
    assert {match["Rule"]["Id"] for match in found} == {"EVPCE001", "EVPCE002"}


def test_a_child_that_is_not_linted_is_reported_on_its_parent(linters: Environment, tmp_path: Path) -> None:
    nested = "Resources:\n  {}:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: {}}}\n"
    files = {
        "top.yaml": nested.format("Middle", "middle.yaml"),
        "middle.yaml": nested.format("Net", "vpc.yaml"),
        "vpc.yaml": VPC,
    }
    (tmp_path / ".git").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    def found(*names: str) -> set[tuple[str, str]]:
        matches = lint(linters, [tmp_path / name for name in names], cwd=tmp_path)[1]
        assert all("Middle/Net/Main has no gateway endpoint" in match["Message"] for match in matches)
        assert all(("(vpc.yaml:2)" in match["Message"]) == ("vpc.yaml" not in names) for match in matches)
        return {(Path(match["Filename"]).name, match["Location"]["Path"][1]) for match in matches}

    assert found("top.yaml") == {("top.yaml", "Middle")}
    assert found("top.yaml", "middle.yaml") == {("middle.yaml", "Net")}
    assert found("middle.yaml", "vpc.yaml") == found("top.yaml", "middle.yaml", "vpc.yaml") == {("vpc.yaml", "Main")}


def test_broken_policy_fails(linters: Environment, template: Path) -> None:
    (template.parent / ".vpce-checks.yaml").write_text("version: 1\nrequird: {}\n")
    code, found = lint(linters, [template], cwd=template.parent)
    assert code & 2
    (match,) = found
    assert match["Rule"]["Id"] == "EVPCE000"
    assert match["Message"].startswith(".vpce-checks.yaml:2: ")


def test_defect_fails(linters: Environment, template: Path) -> None:
    code = "import vpce_checks.plugins.templates as t\ndef boom(path): raise ValueError('boom')\nt._scan = boom\n"
    script = template.parent / "run.py"
    script.write_text(code + "from cfnlint.runner.cli import main\nmain()\n")
    done = linters.run("python", script, *APPEND, "--", template, cwd=template.parent)
    assert done.returncode == 2, done.stderr
    assert "EVPCE000 template.yaml:1: internal error, please report it: ValueError: boom" in done.stdout


def test_broken_neighbour_fails_the_parent_only(linters: Environment, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "child.yaml").write_text("Resources:\n  A: [\n")
    nested = "  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: child.yaml}\n"
    (tmp_path / "parent.yaml").write_text(VPC + nested)
    code, found = lint(linters, [tmp_path / "parent.yaml"], cwd=tmp_path)
    assert code & 2
    assert any(match["Rule"]["Id"] == "EVPCE000" and "child.yaml" in match["Message"] for match in found)


def test_templates_without_vpcs_do_not_wake_the_engine(linters: Environment, tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n")
    script = tmp_path / "run.py"
    script.write_text(
        "import atexit, sys\n"
        "atexit.register(lambda: print('engine' if 'vpce_checks.execution.scan' in sys.modules else 'no engine'))\n"
        "from cfnlint.runner.cli import main\nmain()\n"
    )
    done = linters.run("python", script, *APPEND, "--", file, cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "no engine"), done.stderr


def test_exceptions_are_of_fixtures_that_exist() -> None:
    assert all((FIXTURES / name).is_dir() for name in UNREAD)


def test_the_examples(linters: Environment, tmp_path: Path) -> None:
    """By cfn-lint's own rules nothing is wrong with their templates; by ours, their one fault is."""
    (tmp_path / ".git").mkdir()
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    files = sorted((tmp_path / "examples" / "cloudformation").glob("*.yaml"))
    assert len(files) == 2
    plain = linters.run("cfn-lint", "--", *files, cwd=tmp_path)
    assert plain.returncode == 0, plain.stdout
    code, found = lint(linters, files, cwd=tmp_path)
    assert code & 2
    assert [(match["Rule"]["Id"], Path(match["Filename"]).name) for match in found] == [("EVPCE005", "endpoints.yaml")]

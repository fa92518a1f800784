"""What the options of ``scan`` do."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import COMPLETE, MISSING, UNKNOWN, Result, cli, process, root
from vpce_checks.cli.main import main

CREATE = UNKNOWN.replace(
    'variable "none" {\n  type = bool\n}', 'variable "none" {\n  type = bool\n  default = false\n}'
)


def statuses(result: Result, rule: str = "VPCE001") -> list[str]:
    return [each["status"] for each in json.loads(result.out)["results"] if each["rule"] == rule]


def scanned(*options: str, cwd: Path, **environment: str) -> Result:
    return cli("scan", "--format", "json", *options, cwd=cwd, **environment)


def test_variables_from_option_file_and_environment(tmp_path: Path) -> None:
    root(tmp_path, CREATE)
    (tmp_path / "none.tfvars").write_text("none = true\n")
    assert statuses(scanned(cwd=tmp_path)) == ["pass"]
    assert statuses(scanned("--var", "none=true", cwd=tmp_path)) == ["fail"]
    assert statuses(scanned("--var-file", "none.tfvars", cwd=tmp_path)) == ["fail"]
    assert statuses(scanned(cwd=tmp_path, TF_VAR_none="true")) == ["fail"]
    assert statuses(scanned("--var", "none=false", cwd=tmp_path, TF_VAR_none="true")) == ["pass"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ("--var none=false --var-file none.tfvars", "fail"),
        ("--var-file none.tfvars --var none=false", "pass"),
        ("--var none=true --var-file off.tfvars --var-file none.tfvars", "fail"),
        ("--var-file none.tfvars --var none=true --var-file off.tfvars", "pass"),
        ("--var-file none.tfvars --var other=1 --var none=false", "pass"),
    ],
)
def test_the_later_one_of_files_and_variables_wins(tmp_path: Path, options: str, status: str) -> None:
    root(tmp_path, CREATE + 'variable "other" { default = 0 }\n')
    (tmp_path / "none.tfvars").write_text("none = true\n")
    (tmp_path / "off.tfvars").write_text("none = false\n")
    assert statuses(scanned(*options.split(), cwd=tmp_path)) == [status]


def test_a_file_of_the_command_line_wins_over_a_variable_of_the_policy(tmp_path: Path) -> None:
    root(tmp_path, CREATE)
    (tmp_path / "none.tfvars").write_text("none = true\n")
    (tmp_path / ".vpce-checks.yaml").write_text('version: 1\nroots: {".": {vars: {none: "false"}}}\n')
    assert statuses(scanned(cwd=tmp_path)) == ["pass"]
    assert statuses(scanned("--var-file", "none.tfvars", cwd=tmp_path)) == ["fail"]


def test_unknown_names_the_variable_and_its_line(tmp_path: Path) -> None:
    report = json.loads(scanned(cwd=root(tmp_path, UNKNOWN)).out)
    (result,) = [each for each in report["results"] if each["rule"] == "VPCE001"]
    line = UNKNOWN.splitlines().index('variable "none" {') + 1
    assert result["status"] == "unknown"
    assert any("var.none" in step and f"main.tf:{line}" in step for step in result["why"])


def test_region_option_fills_in_what_the_code_leaves_open(tmp_path: Path) -> None:
    root(tmp_path, MISSING.replace('  region = "eu-west-1"\n', ""))
    assert json.loads(scanned(cwd=tmp_path).out)["vpcs"][0]["region"] is None
    assert json.loads(scanned("--region", "ap-south-1", cwd=tmp_path).out)["vpcs"][0]["region"] == "ap-south-1"


def test_workspace_from_the_environment(tmp_path: Path) -> None:
    root(tmp_path, CREATE.replace("var.none ?", 'terraform.workspace == "prod" ?'))
    assert statuses(scanned(cwd=tmp_path)) == ["unknown"]
    assert statuses(scanned(cwd=tmp_path, TF_WORKSPACE="dev")) == ["pass"]
    assert statuses(scanned(cwd=tmp_path, TF_WORKSPACE="prod")) == ["fail"]


def test_the_workspace_that_was_selected_in_the_root(tmp_path: Path) -> None:
    root(tmp_path, CREATE.replace("var.none ?", 'terraform.workspace == "prod" ?'))
    (tmp_path / ".terraform").mkdir()
    (tmp_path / ".terraform" / "environment").write_text("prod")
    assert statuses(scanned(cwd=tmp_path)) == ["fail"]


@pytest.mark.parametrize(
    "given",
    [
        ("--require", "secretsmanager", "--require", "kms"),
        ("--require", "secretsmanager,kms"),
        ("--require", "secretsmanager, kms,", "--require", "kms"),
    ],
)
def test_required_service_is_added(given: tuple[str, ...], tmp_path: Path) -> None:
    result = scanned(*given, cwd=root(tmp_path, COMPLETE))
    assert result.code == 1
    assert statuses(result, "VPCE003") == ["fail", "fail"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "--require names no service"),
        (" , ", "--require names no service"),
        ("kms,sq", "there is no endpoint service 'sq'; did you mean 'sqs'?"),
    ],
)
def test_required_services_that_are_none(text: str, message: str, tmp_path: Path) -> None:
    result = cli("scan", "--require", text, cwd=root(tmp_path, COMPLETE))
    assert result.code == 2
    assert message in result.err and "'kms" not in result.err


def test_policy_named_by_hand_wins(tmp_path: Path) -> None:
    root(tmp_path / "code", MISSING)
    (tmp_path / "code" / ".vpce-checks.yaml").write_text("version: 1\nrequired: {gateway: [s3]}\n")
    (tmp_path / "off.yaml").write_text("version: 1\nrules: {VPCE001: off, VPCE002: off}\n")
    assert statuses(scanned("code", cwd=tmp_path)) == ["fail"]
    assert statuses(scanned("code", "--policy", "off.yaml", cwd=tmp_path)) == []


def test_each_path_has_its_own_policy(tmp_path: Path) -> None:
    for name, setting in (("a", "{severity: low}"), ("b", "off")):
        root(tmp_path / name, MISSING)
        (tmp_path / name / ".vpce-checks.yaml").write_text(f"version: 1\nrules: {{VPCE001: {setting}}}\n")
    results = json.loads(scanned("a", "b", cwd=tmp_path).out)["results"]
    assert [(each["root"], each["severity"]) for each in results if each["rule"] == "VPCE001"] == [("a", "low")]


@pytest.mark.parametrize("source", ["../../net", "{top}/net"])
def test_called_modules_are_no_roots_unless_named(tmp_path: Path, source: str) -> None:
    root(tmp_path / "net", MISSING)
    root(tmp_path / "envs" / "prod", f'module "net" {{\n  source = "{source.format(top=tmp_path)}"\n}}\n')
    (tmp_path / ".git").mkdir()

    def roots(*options: str) -> list[str]:
        return [each["path"] for each in json.loads(scanned(*options, cwd=tmp_path).out)["roots"]]

    assert roots() == ["envs/prod"]
    assert roots("--root", "net") == ["net"]
    assert roots("--root", "net", "--root", "envs/prod") == ["envs/prod", "net"]
    assert roots("net") == ["net"]


def test_a_directory_that_is_left_out_is_no_root(tmp_path: Path) -> None:
    root(tmp_path / "net", COMPLETE)
    root(tmp_path / ".lab", MISSING)
    report = json.loads(scanned(cwd=tmp_path).out)
    assert report["summary"]["roots"] == 1
    ((said,),) = (each["diagnostics"] for each in report["roots"])
    assert (said["severity"], said["file"]) == ("warning", ".lab")
    assert "in 1 root," in cli("scan", cwd=tmp_path).out


def test_terraform_and_cloudformation_side_by_side(tmp_path: Path) -> None:
    root(tmp_path / "tf", COMPLETE)
    root(
        tmp_path, "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n", "net.yaml"
    )
    report = json.loads(scanned(cwd=tmp_path).out)
    assert [(each["path"], each["kind"]) for each in report["roots"]] == [
        ("net.yaml", "cloudformation"),
        ("tf", "terraform"),
    ]
    assert {(each["root"], each["status"]) for each in report["results"] if each["rule"] == "VPCE001"} == {
        ("net.yaml", "fail"),
        ("tf", "pass"),
    }


def test_parameters_of_templates(tmp_path: Path) -> None:
    root(
        tmp_path,
        "Parameters:\n  Make: {Type: String, AllowedValues: [yes-do, no-no]}\n"
        'Conditions:\n  Made: !Equals [!Ref Make, "yes-do"]\n'
        "Resources:\n  Main:\n    Type: AWS::EC2::VPC\n    Condition: Made\n    Properties: {CidrBlock: 10.0.0.0/16}\n",
        "net.yaml",
    )
    (tmp_path / "no.params").write_text('[{"ParameterKey": "Make", "ParameterValue": "no-no"}]')
    assert statuses(scanned(cwd=tmp_path)) == ["fail"]
    assert statuses(scanned("--parameters", "no.params", cwd=tmp_path)) == []


def test_baseline_holds_what_failed_before(tmp_path: Path) -> None:
    root(tmp_path / "old", MISSING)
    written = cli("scan", "--baseline", "base.json", "--write-baseline", cwd=tmp_path)
    assert (written.code, "recorded 2 findings in base.json" in written.err) == (0, True)
    assert cli("scan", "--baseline", "base.json", cwd=tmp_path).code == 0
    root(tmp_path / "new", MISSING)
    result = scanned("--baseline", "base.json", cwd=tmp_path)
    assert result.code == 1
    found = {(each["root"], each["status"]) for each in json.loads(result.out)["results"] if each["rule"] == "VPCE001"}
    assert found == {("old", "ignored"), ("new", "fail")}


def test_the_text_report_says_what_is_already_known(tmp_path: Path) -> None:
    root(tmp_path, MISSING)
    recorded = cli("scan", "--baseline", "base.json", "--write-baseline", cwd=tmp_path).out
    assert "known: " not in recorded
    last = "known: 2 findings already in base.json"
    known = cli("scan", "--baseline", "base.json", cwd=tmp_path).out
    assert known.endswith(
        f"0 failed, 0 unknown, 0 passed, 2 ignored (1 VPC in 1 root, 1 file)\n{last} (--verbose shows them)\n"
    )
    assert cli("scan", "--baseline", "base.json", "--verbose", cwd=tmp_path).out.endswith(f"\n{last}\n")


def test_several_formats_at_once(tmp_path: Path) -> None:
    root(tmp_path, MISSING)
    result = cli("scan", "--format", "text", "--format", "json=out.json", cwd=tmp_path)
    assert result.out.startswith("FAIL VPCE001")
    assert json.loads((tmp_path / "out.json").read_text())["summary"]["fail"] == 2
    silent = cli("scan", "--format", "text=out.txt", cwd=tmp_path)
    assert silent.out == ""
    assert (tmp_path / "out.txt").read_text() == result.out


def test_output_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        root(tmp_path / name, UNKNOWN)
    outs = {process("scan", "--format", "json", cwd=tmp_path, PYTHONHASHSEED=seed).out for seed in ("1", "2", "3")}
    assert len(outs) == 1


def test_names_beyond_the_terminals_encoding_are_printed(tmp_path: Path) -> None:
    root(tmp_path / "größe", MISSING)
    result = process("scan", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert (result.code, result.err) == (1, "")
    assert "gr\\xf6" in result.out


def test_no_colour_off_a_terminal(tmp_path: Path) -> None:
    assert "\x1b" not in process("scan", cwd=root(tmp_path, MISSING)).out


def on_terminal(directory: Path, **environment: str) -> str:
    """What a scan writes to a pseudo terminal."""
    import os
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "vpce_checks", "scan"],
        cwd=directory,
        env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        stdout=follower,
        stdin=subprocess.DEVNULL,
    )
    os.close(follower)
    written = b""
    try:
        while chunk := os.read(leader, 65536):
            written += chunk
    except OSError:  # the other side has closed
        pass
    process.wait(timeout=60)
    os.close(leader)
    return written.decode()


def test_colour_on_a_terminal_unless_refused(tmp_path: Path) -> None:
    root(tmp_path, MISSING)
    assert "\x1b[31mFAIL\x1b[0m" in on_terminal(tmp_path, NO_COLOR="")
    assert "\x1b" not in on_terminal(tmp_path, NO_COLOR="1")
    assert "\x1b" not in on_terminal(tmp_path, NO_COLOR="", TERM="dumb")


def test_reader_that_leaves_is_no_traceback(tmp_path: Path) -> None:
    for number in range(40):  # more than a pipe holds
        root(tmp_path / f"root{number}", MISSING.replace("main", f"main{number}" * 20))
    command = f"{sys.executable} -m vpce_checks scan --format json | head -1"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_interrupt_is_no_traceback(tmp_path: Path) -> None:
    root(tmp_path, MISSING)
    script = (
        "import sys, time, vpce_checks.execution.scan as engine\n"
        "def slow(options, **how):\n"
        "    print('scanning', flush=True)\n"
        "    time.sleep(60)\n"
        "engine.scan = slow\n"
        "from vpce_checks.cli.main import main\n"
        "sys.exit(main(['scan']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "scanning\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "vpce-checks: interrupted\n")


@pytest.mark.parametrize("name", ["\x1b[31mred", "::error::x\n::warning::y"])
def test_wrong_use_echoes_nothing_that_steers(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["scan", name],
        ["explain", name],
        ["packs", name],
        ["services", name],
        ["scan", "--format", name],
    ):
        assert main(arguments) == 2
        errors = capsys.readouterr().err
        assert "\x1b" not in errors and "\n::" not in errors


# --- variables -----------------------------------------------------------------------------------------------------


def test_a_variable_that_no_root_declares(tmp_path: Path) -> None:
    root(tmp_path / "a", UNKNOWN)
    root(tmp_path / "b", COMPLETE)
    assert cli("scan", "--var", "none=false", cwd=tmp_path).code == 0
    result = cli("scan", "--var", "nome=false", cwd=tmp_path)
    assert (result.code, result.out, result.err) == (
        2,
        "",
        "vpce-checks: error: --var nome: no root declares this variable; did you mean 'none'?\n",
    )
    assert cli("scan", "b", "--var", "none=false", cwd=tmp_path).code == 2
    assert cli("scan", "--changed-files", "b/main.tf", "--var", "none=false", cwd=tmp_path).code == 0


def test_a_variable_that_a_broken_root_may_declare(tmp_path: Path) -> None:
    root(tmp_path, COMPLETE + "variable {\n")
    assert cli("scan", "--var", "some=1", cwd=tmp_path).code == 3


def test_a_variable_of_a_terragrunt_unit(tmp_path: Path) -> None:
    root(tmp_path / "modules" / "net", UNKNOWN)
    root(tmp_path / "unit", 'terraform {\n  source = "../modules/net"\n}\n', "terragrunt.hcl")
    assert cli("scan", "--var", "none=true", cwd=tmp_path).code == 1
    assert cli("scan", "--var", "no=true", cwd=tmp_path).code == 2


def test_a_variable_of_the_policy_that_its_root_does_not_declare(tmp_path: Path) -> None:
    root(tmp_path / "a", UNKNOWN)
    (tmp_path / ".vpce-checks.yaml").write_text("version: 1\nroots:\n  a: {vars: {nome: true}}\n")
    result = cli("scan", cwd=tmp_path)
    assert (result.code, result.err) == (
        2,
        "vpce-checks: error: .vpce-checks.yaml:3: this root declares no variable 'nome'; did you mean 'none'?\n",
    )


def test_variables_of_a_cached_scan(tmp_path: Path) -> None:
    root(tmp_path / "a", UNKNOWN)
    options = ("--cache", str(tmp_path.parent / f"{tmp_path.name}-cache"), "--var")
    for _ in range(2):
        assert cli("scan", "a", *options, "none=false", cwd=tmp_path, VPCE_CHECKS_CACHE_KEY="x" * 16).code == 0
        assert cli("scan", "a", *options, "nome=false", cwd=tmp_path, VPCE_CHECKS_CACHE_KEY="x" * 16).code == 2


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_on_a_pipe_are_for_who_forces_them(
    environment: dict[str, str], coloured: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "main.tf").write_text(MISSING)
    assert ("\x1b[31m" in process("scan", cwd=tmp_path, **environment).out) == coloured

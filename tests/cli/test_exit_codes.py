"""Exit codes to the letter of the contract: 0 nothing failed, 1 a fail, 2 wrong use or bad policy, 3 input unread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.run import COMPLETE, MISSING, UNKNOWN, cli, process, root

BROKEN = MISSING + '\nresource "aws_vpc" "broken" {\n'


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (COMPLETE, [], 0),
        (MISSING, [], 1),
        (MISSING, ["--soft-fail"], 0),
        (UNKNOWN, [], 0),
        (UNKNOWN, ["--strict"], 1),
        (UNKNOWN, ["--strict", "--soft-fail"], 0),
        (UNKNOWN, ["--strict", "--var", "none=false"], 0),
        (UNKNOWN, ["--var", "none=true"], 1),
        (BROKEN, [], 3),
        (BROKEN, ["--soft-fail"], 3),
    ],
)
def test_scan(tmp_path: Path, text: str, options: list[str], code: int) -> None:
    result = cli("scan", *options, cwd=root(tmp_path, text))
    assert (result.code, result.err) == (code, "")


@pytest.mark.parametrize(("text", "code"), [(COMPLETE, 0), (MISSING, 1), (BROKEN, 3)])
def test_process(tmp_path: Path, text: str, code: int) -> None:
    result = process("scan", cwd=root(tmp_path, text))
    assert (result.code, result.err) == (code, "")


def test_process_wrong_use(tmp_path: Path) -> None:
    assert process("scan", "nowhere", cwd=tmp_path) == (
        2,
        "",
        "vpce-checks: error: no such file or directory: nowhere\n",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["scan", "nowhere"],
        ["scan", "--root", "nowhere"],
        ["scan", "--var-file", "nowhere"],
        ["scan", "--parameters", "nowhere"],
        ["scan", "--policy", "nowhere"],
        ["scan", "--baseline", "nowhere"],
        ["scan", "--write-baseline"],
        ["scan", "--format", "sparkling"],
        ["scan", "--format", "json", "--format", "text"],
        ["scan", "--format", "json="],
        ["scan", "--format", "json=no/such/directory/report.json"],
        ["scan", "--region", "mars"],
        ["scan", "--var", "nameless"],
        ["scan", "--var", "=value"],
        ["scan", "--require", "no-such-service"],
        ["scan", "--min-severity", "dreadful"],
        ["scan", "--no-such-option"],
        ["explain", "VPCE999"],
        ["services", "no-such-service"],
        ["packs", "no-such-pack"],
        ["dance"],
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str]) -> None:
    result = cli(*arguments, cwd=root(tmp_path, COMPLETE))
    assert result.code == 2
    assert "Traceback" not in result.err
    assert result.err or not arguments


def test_bad_policy_names_file_line_and_nearest_word(tmp_path: Path) -> None:
    root(tmp_path, COMPLETE)
    (tmp_path / ".vpce-checks.yaml").write_text("version: 1\nrequired:\n  interface: [secretmanager]\n")
    result = cli("scan", cwd=tmp_path)
    assert result.code == 2
    assert ".vpce-checks.yaml:3:" in result.err and "secretsmanager" in result.err
    assert result.out == ""


def test_unreadable_input_hides_nothing_else(tmp_path: Path) -> None:
    root(tmp_path / "broken", BROKEN)
    root(tmp_path / "fine", MISSING)
    (tmp_path / "cut.json").write_text('{"Resources": {"A": {"Type": "AWS::EC2::VPC"')
    result = cli("scan", "--format", "json", cwd=tmp_path)
    assert result.code == 3
    report = json.loads(result.out)
    errors = {each["path"]: bool(each["diagnostics"]) for each in report["roots"]}
    assert errors == {"broken": True, "cut.json": True, "fine": False}
    assert ("fine", "VPCE001", "fail") in {(each["root"], each["rule"], each["status"]) for each in report["results"]}


def test_nothing_to_scan_is_said(tmp_path: Path) -> None:
    result = cli("scan", cwd=tmp_path)
    assert result.code == 0
    assert "no Terraform or CloudFormation in ." in result.err


def test_severity_below_the_least_is_left_out(tmp_path: Path) -> None:
    root(tmp_path, MISSING)
    (tmp_path / ".vpce-checks.yaml").write_text(
        "version: 1\nrules:\n  VPCE001: {severity: low}\n  VPCE002: {severity: medium}\n"
    )
    codes = {least: cli("scan", "--min-severity", least, cwd=tmp_path).code for least in ("low", "medium", "high")}
    assert codes == {"low": 1, "medium": 1, "high": 0}


def test_defect_in_one_root_is_told_and_hides_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import vpce_checks.terraform.build as network
    from vpce_checks.execution.scan import scan
    from vpce_checks.project.options import ScanOptions

    root(tmp_path / "a", MISSING)
    root(tmp_path / "b", MISSING)
    build = network.build_network

    def defective(directory: str, *rest: object, **more: object) -> object:
        if directory.endswith("a"):
            raise KeyError("oh")
        return build(directory, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(network, "build_network", defective)
    report = scan(ScanOptions(paths=(str(tmp_path),)))
    first, second = report.roots
    assert not report.complete
    assert "internal error, please report it: KeyError: 'oh'" in first.diagnostics[0].message
    assert not second.diagnostics and any(finding.status == "fail" for finding in second.findings)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize("arguments", [["scan", "."], ["explain"], ["services"]])
def test_output_that_cannot_be_written_is_told(tmp_path: Path, arguments: list[str]) -> None:
    root(tmp_path, COMPLETE)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "vpce_checks", *arguments],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 2
    assert done.stderr == "vpce-checks: error: cannot write to standard output: No space left on device\n"


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors by the shell")
@pytest.mark.parametrize(("closed", "code"), [(">&-", 1), ("2>&-", 1), (">&- 2>&-", 1)])
def test_a_closed_stream_changes_no_exit_code(tmp_path: Path, closed: str, code: int) -> None:
    root(tmp_path, MISSING)
    command = f'"{sys.executable}" -m vpce_checks scan . {closed}'
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (code, "")

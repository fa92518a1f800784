"""What people write into reasons, names and paths is shown and decides nothing, be it in the words of our own reports."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

import pytest

from vpce_checks.base.record import replace
from vpce_checks.execution.scan import scan
from vpce_checks.plugins.checkov.words import advice_lines, reason_of
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.results import Report
from vpce_checks.report import Style, format_names, render
from vpce_checks.report.text.matrix import coverage
from vpce_checks.rules.baseline import load_baseline, write_baseline

WORDS = (
    "in the baseline",
    "ignored: in the baseline",
    "already present in the baseline",
    "ignored: already present in the baseline",
    "ignored:",
    "Vpc is declared here",
    "internal error, please report it",
    "exempt from policy",
    "unknown",
    "fail",
    "pass",
    "ignored",
    "known",
    "cannot determine",
    "through module",
    "stub",
    "the pack requires it",
    "Environment is dev or test",
)
"""What reports say themselves, and what was once read back from them."""


def template(word: str) -> str:
    return f"""\
Resources:
  Vpc:
    # vpce-checks:ignore VPCE001 {word}
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      Tags:
        - {{Key: Name, Value: {json.dumps(word)}}}
  Logs:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: com.amazonaws.eu-west-1.logs
      VpcEndpointType: Interface
"""


def policy(word: str) -> str:
    return f"""\
version: 1
required: {{gateway: [s3, dynamodb], interface: [ec2, ssm, sqs]}}
vpcs:
  - match: {{address: Vpc}}
    exempt: {{ec2: {json.dumps(word)}}}
ignore:
  - {{rule: VPCE002, resource: "*", reason: {json.dumps(word)}}}
"""


def report_of(directory: Path, word: str) -> tuple[Report, Style]:
    """A report with a finding ignored in each way there is; every text of the user's is ``word``."""
    shutil.rmtree(directory, ignore_errors=True)
    (directory / ".git").mkdir(parents=True)
    (directory / "template.yaml").write_text(template(word))
    rules = directory / f"{word}.yml"
    rules.write_text(policy(word))
    options = ScanOptions(paths=(str(directory / "template.yaml"),), policy=str(rules), region="eu-west-1")
    known = [finding for finding in scan(options).findings if finding.service == "ssm"]
    baseline = directory / f"{word}.json"
    write_baseline(str(baseline), known)
    style = Style(str(directory), width=200, verbose=True, compared_with=f"{word}.json")
    return scan(replace(options, baseline=load_baseline(str(baseline)))), style


def shown(report: Report, style: Style) -> Mapping[str, list[str]]:
    """The lines of everything that is written, by format."""
    written = {format: render(format, report, style).splitlines() for format in format_names()}
    written["checkov"] = [line for finding in report.findings for line in advice_lines(finding)]
    written["suppressions"] = [reason_of(finding) for finding in report.findings]
    return written


@pytest.mark.parametrize("word", WORDS)
def test_words_decide_nothing(tmp_path: Path, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    report, style = report_of(tmp_path / "root", word)
    assert [cells.cells for _, covered in coverage(report) for cells in covered] == [
        {"dynamodb": "exempt", "ec2": "exempt", "logs": "DNS off", "s3": "exempt", "sqs": "missing", "ssm": "known"}
    ]
    by = {finding.service: finding.ignored_by for finding in report.findings if finding.status == "ignored"}
    assert by == {"s3": "comment", "dynamodb": "policy", "ec2": "exemption", "ssm": "baseline"}
    written = shown(report, style)
    without = shown(*report_of(tmp_path / "root", re.sub("[a-zA-Z]", "x", word)))
    for format, lines in written.items():
        for line, other in zip(lines, without[format], strict=True):
            assert is_same_but_for(word, line, other), (format, line, other)


HASH = re.compile(r' *"(?:fingerprint|primaryLocationLineHash|vpceChecks/v1)": ')


def is_same_but_for(word: str, line: str, other: str) -> bool:
    """Whether two lines differ in nothing but the letters of ``word``, or in a hash of what it stands in."""
    if line == other or (HASH.match(line) and HASH.match(other)):
        return True
    return word in unquote(line) and re.sub("[a-zA-Z]", "x", line) == re.sub("[a-zA-Z]", "x", other)

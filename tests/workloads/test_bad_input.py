"""Damaged, huge and odd documents: a diagnostic where there is something to say, and the rest is judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workloads.network import NETWORK, POLICY, TASK, report_on, verdicts

FUNCTION = """\
resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "worker" {
  role   = aws_iam_role.worker.name
  policy = POLICY
}

resource "aws_lambda_function" "worker" {
  function_name = "worker"
  role          = aws_iam_role.worker.arn
  vpc_config {
    subnet_ids         = [aws_subnet.inner.id]
    security_group_ids = [aws_security_group.task.id]
  }
}
"""

REQUIRE = POLICY + "workloads: require\n"


def diagnostics(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for root in report["roots"] for item in root["diagnostics"]]


def called(report: dict[str, Any]) -> set[str | None]:
    return {service for (_, _, service) in verdicts(report)}


def with_policy(statements: object, directory: Path) -> dict[str, Any]:
    """Scan a function in the VPC whose role has these statements."""
    (directory / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    return report_on(directory, NETWORK + FUNCTION.replace("POLICY", 'file("policy.json")'), REQUIRE)


def test_a_task_definition_that_is_not_json_is_reported_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "containers.json").write_text('[{"name": "app", "image": }]')
    start = TASK.index("jsonencode(")
    code = TASK[:start] + 'file("containers.json")' + TASK[TASK.index("\n", start) :]
    report = report_on(tmp_path, NETWORK + code)
    (problem,) = diagnostics(report)
    assert "container_definitions is not JSON" in problem["message"] and problem["line"] > 30
    assert verdicts(report) == {}


def test_a_template_that_cannot_be_rendered_proves_nothing(tmp_path: Path) -> None:
    start = TASK.index("jsonencode(")
    code = TASK[:start] + 'templatefile("none.json", {})' + TASK[TASK.index("\n", start) :]
    assert verdicts(report_on(tmp_path, NETWORK + code)) == {}


def test_a_policy_of_a_megabyte_is_read(tmp_path: Path) -> None:
    wanted = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:1:a"}
    filler = [{"Effect": "Allow", "Action": f"sns:Publish{number}", "Resource": "*"} for number in range(15_000)]
    report = with_policy([wanted, *filler], tmp_path)
    assert (tmp_path / "policy.json").stat().st_size > 1_000_000
    assert called(report) == {"sqs"}


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*:*", "Resource": "arn:aws:sqs:eu-west-1:1:a"},
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:eu-west-1:1:a"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "arn:aws:sqs:eu-west-1:1:a"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "NotResource": "arn:aws:sqs:eu-west-1:1:a"},
        {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:eu-west-1:1:a"},
        {
            "Effect": "Allow",
            "Action": ["", ":", "sqs", 7, None, ["sqs:SendMessage"]],
            "Resource": "arn:aws:sqs:eu-west-1:1:a",
        },
        {"Effect": "Allow"},
        "sqs:SendMessage",
        None,
    ],
)
def test_wide_and_damaged_statements_say_nothing(statement: object, tmp_path: Path) -> None:
    assert called(with_policy([statement], tmp_path)) == set()


def test_roles_that_name_each_other_are_no_circle(tmp_path: Path) -> None:
    code = """\
resource "aws_iam_role" "a" {
  name                = aws_iam_role.b.name
  assume_role_policy  = "{}"
  managed_policy_arns = [aws_iam_policy.p.arn]
}

resource "aws_iam_role" "b" {
  name               = aws_iam_role.a.name
  assume_role_policy = aws_iam_role.a.arn
}

resource "aws_iam_policy" "p" {
  name   = aws_iam_role.a.name
  policy = aws_iam_policy.p.policy
}
"""
    function = FUNCTION.replace("POLICY", '"{}"').replace(
        "role          = aws_iam_role.worker.arn", "role = aws_iam_role.a.arn"
    )
    assert called(report_on(tmp_path, NETWORK + code + function, REQUIRE)) == set()


@pytest.mark.parametrize("word", ["maybe", "1", "{a: b}", "[]"])
def test_a_wrong_word_in_the_policy_is_an_error(word: str, tmp_path: Path) -> None:
    assert report_on(tmp_path, NETWORK, f"version: 1\nworkloads: {word}\n") == {}

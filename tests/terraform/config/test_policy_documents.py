"""The documents that the data source ``aws_iam_policy_document`` renders."""

from __future__ import annotations

from pathlib import Path

from tests.terraform.configurations import network_of
from vpce_checks.model.values import JsonText


def test_a_number_in_a_document_is_text(tmp_path: Path) -> None:
    code = """
data "aws_iam_policy_document" "p" {
  override_json = jsonencode({ Statement = [{ Sid = "a", Effect = "Allow", Action = 1.5, Resource = "*" }] })
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
  policy       = data.aws_iam_policy_document.p.json
}
"""
    (endpoint,) = network_of(tmp_path, {"main.tf": code}).endpoints
    assert not isinstance(endpoint.policy, JsonText) and '"Action": "1.5"' in str(endpoint.policy)

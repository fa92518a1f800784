"""Rules that a policy declares, on code: modules, several roots, templates."""

from __future__ import annotations

import pytest

from vpce_checks.testing import scan_files

NET = """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_vpc" "core" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "core", env = "prod" }
}
"""
ENDPOINT = """\
provider "aws" {
  region = "eu-west-1"
}

data "aws_vpc" "core" {
  tags = { Name = "core" }
}

resource "aws_vpc_endpoint" "kms" {
  vpc_id            = data.aws_vpc.core.id
  service_name      = "com.amazonaws.eu-west-1.kms"
  vpc_endpoint_type = "Interface"
}
"""


LINK = "links: [{root: endpoints, input: data.aws_vpc.core, is: 'net:aws_vpc.core'}]\n"


def policy(text: str) -> str:
    return f"version: 1\nrequired: {{gateway: []}}\nown_rules:\n- {{id: ORG-1, title: t, {text}}}\n"


@pytest.mark.parametrize(("more", "verdict"), [("", "unknown"), (LINK, "pass")])
def test_an_endpoint_that_another_root_adds(more: str, verdict: str) -> None:
    text = policy("must_have: {service: kms}") + more
    verdicts = scan_files({"net/main.tf": NET, "endpoints/main.tf": ENDPOINT, ".vpce-checks.yaml": text})
    assert verdicts.of("ORG-1") == {"aws_vpc.core": verdict}


def test_an_endpoint_whose_vpc_may_be_that_of_another_root() -> None:
    text = policy("match: {tags: {env: prod}}, must_not_have: {service: kms}")
    verdicts = scan_files({"net/main.tf": NET, "endpoints/main.tf": ENDPOINT, ".vpce-checks.yaml": text})
    assert verdicts.of("ORG-1") == {"aws_vpc_endpoint.kms": "unknown"}


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ("tags: {env: prod}", {"aws_vpc_endpoint.kms": "fail"}),
        ("tags: {env: dev}", {}),
        ("address: aws_vpc.core", {"aws_vpc_endpoint.kms": "fail"}),
        ("path: net", {"aws_vpc_endpoint.kms": "fail"}),
        ("path: endpoints", {}),
    ],
)
def test_an_endpoint_in_a_vpc_of_another_root(match: str, found: dict[str, str]) -> None:
    text = policy(f"match: {{{match}}}, must_not_have: {{service: kms}}") + LINK
    verdicts = scan_files({"net/main.tf": NET, "endpoints/main.tf": ENDPOINT, ".vpce-checks.yaml": text})
    assert verdicts.of("ORG-1") == found


def test_an_endpoint_in_a_vpc_that_nobody_creates() -> None:
    files = {"main.tf": ENDPOINT}
    everywhere, prod = (
        policy("must_not_have: {service: kms}"),
        "match: {tags: {env: prod}}, must_not_have: {service: kms}",
    )
    assert scan_files({**files, ".vpce-checks.yaml": everywhere}).of("ORG-1") == {"aws_vpc_endpoint.kms": "fail"}
    assert scan_files({**files, ".vpce-checks.yaml": policy(prod)}).of("ORG-1") == {"aws_vpc_endpoint.kms": "unknown"}


def test_a_module_that_was_not_read() -> None:
    call = '\nmodule "endpoints" {\n  source = "git::https://example.com/x.git"\n  vpc_id = aws_vpc.core.id\n}\n'
    files = {"main.tf": NET + call, ".vpce-checks.yaml": policy("must_have: {service: kms}")}
    assert scan_files(files).of("ORG-1") == {"aws_vpc.core": "unknown"}


def test_each_root_has_the_rules_of_its_nearest_policy() -> None:
    rule = policy("must_have: {service: kms}")
    files = {"a/main.tf": NET, "a/.vpce-checks.yaml": rule, "b/main.tf": NET.replace("core", "other")}
    assert scan_files(files).of("ORG-1") == {"aws_vpc.core": "fail"}


def test_a_template() -> None:
    template = "Resources:\n  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: env, Value: prod}]}}\n"
    files = {"net.yaml": template, ".vpce-checks.yaml": policy("match: {tags: {env: prod}}, must_have: {service: kms}")}
    assert scan_files(files).of("ORG-1") == {"Vpc": "fail"}

"""VPCE009: does AWS have the service?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.networks import endpoint, findings, hidden, regional, verdicts, vpc, words
from vpce_checks.base.record import replace

CUSTOMERS = "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"
X = "aws_vpc_endpoint.x"


def verdict(name: Any) -> str | None:
    return verdicts("VPCE009", vpc(), endpoint(name, X, type="Interface")).get(X)


@pytest.mark.parametrize("short", ["s3", "ecr.api", "ssmmessages", "kms-fips"])
def test_services_of_aws(short: str) -> None:
    assert verdict(short) == "pass"


def test_a_wrong_name_and_what_was_meant() -> None:
    (finding,) = findings("VPCE009", vpc(), endpoint("secretmanager", X))
    assert finding.status == "fail"
    assert "did you mean secretsmanager" in finding.message
    assert verdict(regional("secretmanager")) == "fail"


def test_what_is_no_service_name_at_all() -> None:
    assert verdict("com.amazonaws.s3") == "fail"


@pytest.mark.parametrize("name", [CUSTOMERS, None, hidden(), regional("")])
def test_what_is_not_for_the_catalogue(name: Any) -> None:
    assert verdict(name) is None


@pytest.mark.parametrize("short", ["iam", "route53", "s3-global.accesspoint"])
def test_global_services_have_no_region_in_their_names(short: str) -> None:
    (finding,) = findings("VPCE009", vpc(), endpoint(short, X, type="Interface"))
    assert finding.status == "fail"
    assert f"its name is com.amazonaws.{short}" in finding.message
    assert verdict(f"com.amazonaws.{short}") == "pass"
    assert verdict(regional(short)) == "fail"


def test_services_of_one_region_are_in_no_other() -> None:
    assert verdict("com.amazonaws.us-east-1.pricingplanmanager") == "pass"
    assert verdict("com.amazonaws.eu-west-1.pricingplanmanager") == "fail"


@pytest.mark.parametrize("short", ["timestream.ingest-cell", "timestream.query-cell12", "dsql", "dsql-0a1b2c"])
def test_cells_have_numbers_and_clusters_have_ids(short: str) -> None:
    assert verdict(short) == "pass"


@pytest.mark.parametrize("short", ["timestreem.query-cell2", "dsql-"])
def test_what_only_looks_like_a_cell_or_a_cluster(short: str) -> None:
    assert verdict(short) == "fail"


@pytest.mark.parametrize(
    "short",
    [
        "secretmanager",
        "secrets-manager",
        "secretsmanger",
        "lamda",
        "ec2-messages",
        "ecr_api",
        "SQS",
        "sqs-",
        "cloudwatch",
        "ecr",
        "secretmanager-fips",
        "cloudfromation",
        "dynamo-db",
    ],
)
def test_what_is_certainly_a_wrong_name(short: str) -> None:
    assert verdict(regional(short)) == "fail"


@pytest.mark.parametrize(
    "short",
    [
        "wickr-calling",
        "agent-registry",
        "api.transform",
        "transform-agents",
        "timestream.delete-cell1",
        "dsql-fips",
        "abc",
        "resiliencehub-fips",
        "sqs-2",
        "kmt",
        "wafv3",
    ],
)
def test_what_aws_may_have_added_since(short: str) -> None:
    (finding,) = findings("VPCE009", vpc(), endpoint(regional(short), X, type="Interface"))
    assert finding.status == "unknown"
    assert "AWS may have added it" in finding.message


def test_an_endpoint_that_may_not_be_created() -> None:
    (finding,) = findings("VPCE009", vpc(), endpoint("secretmanager", X, exists=hidden()))
    assert finding.status == "unknown"
    assert "var.hidden has no value" in words(finding)


@pytest.mark.parametrize("prefix", ["com.amazon", "com.amazonws", "com.amazonaw", "com.aws"])
def test_a_misspelt_beginning(prefix: str) -> None:
    (finding,) = findings("VPCE009", vpc(), endpoint(f"{prefix}.eu-west-1.s3", X))
    assert finding.status == "fail"
    assert f"begins with {prefix}" in finding.message


def test_a_beginning_that_a_new_partition_may_have() -> None:
    assert verdict("com.example.cloud.xx-north-1.s3") == "unknown"


@pytest.mark.parametrize("prefix", ["uk.adc-f.cloud", "aws.app"])
def test_a_beginning_one_letter_from_that_of_another_partition(prefix: str) -> None:
    made = replace(endpoint("s3", X, type="Interface"), service_name=f"{prefix}.eu-west-1.s3")
    assert verdicts("VPCE009", vpc(), made) == {X: "unknown"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aws.sagemaker.eu-west-1.studio", "pass"),
        ("com.amazonaws.eu-west-1.studio", "fail"),
        ("aws.api.eu-west-1.notebook", "fail"),
        ("aws.sagemaker.eu-west-1.kms", "fail"),
        ("com.amazonaws.eu-west-1.qbusiness", "unknown"),  # AWS may have added the name
        ("aws.api.eu-west-1.kms", "unknown"),
        ("aws.api.eu-west-1.freetier", "pass"),
        ("com.amazonaws.eu-west-1.freetier", "pass"),
        ("cn.com.amazonaws.cn-north-1.kms", "pass"),  # AWS is not consistent in China
    ],
)
def test_a_name_begins_as_that_of_the_service_does(name: str, expected: str) -> None:
    named = replace(endpoint("", X, type="Interface"), service_name=name)
    assert verdicts("VPCE009", vpc(), named).get(X) == expected


def test_the_name_with_the_right_prefix_is_told() -> None:
    (finding,) = findings("VPCE009", vpc(), endpoint(regional("studio"), X))
    assert finding.status == "fail" and "its name is aws.sagemaker.REGION.studio" in finding.message
    assert finding.fix is not None and finding.fix.value == "use aws.sagemaker.REGION.studio"

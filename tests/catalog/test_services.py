"""The catalogue itself: what it says of well-known services, and that its rows are sound."""

from __future__ import annotations

import pytest

from vpce_checks.catalog import (
    all_services,
    dns_suffix,
    find_service,
    is_gateway_service,
    is_region,
    nearest,
    partition_of,
    reverse_dns_prefix,
    satisfies,
    search,
    service_name_for,
    short_names,
)


def test_gateways_are_s3_its_directory_buckets_and_dynamodb() -> None:
    assert {name for name in short_names() if is_gateway_service(name)} == {"s3", "s3express", "dynamodb"}
    assert find_service("s3").types == {"Gateway", "Interface"}  # type: ignore[union-attr]
    assert find_service("s3express").types == {"Gateway"}  # type: ignore[union-attr]
    assert find_service("ec2").types == {"Interface"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "private_dns"),
    [("dynamodb", "no"), ("dynamodb-fips", "no"), ("dynamodb-streams", "no"), ("ecr.dkr", "yes"), ("acm", "unknown")],
)
def test_private_dns(name: str, private_dns: str) -> None:
    service = find_service(name)
    assert service is not None and service.private_dns == private_dns


def test_every_row_is_sound() -> None:
    services = all_services()
    assert len(services) >= 490
    names = [service.short_name for service in services]
    assert names == sorted(set(names))
    for service in services:
        assert service.display_name and service.types and service.private_dns in ("yes", "no", "unknown")
        assert all(pattern.split(".")[0] in ("com", "aws", "api", "gov") for pattern in service.patterns)
        assert all(pattern.endswith("." + service.short_name) for pattern in service.patterns)
        if service.fips_of is not None:
            assert find_service(service.fips_of) is not None and "fips" in service.short_name


def test_no_substring_is_a_service() -> None:
    assert find_service("ec2message") is None and find_service("EC2") is None and find_service("") is None


@pytest.mark.parametrize(
    ("variant", "base"),
    [
        ("kms-fips", "kms"),
        ("sagemaker.api-fips", "sagemaker.api"),
        ("iot-fips.api", "iot.api"),
        ("memorydb-fips", "memory-db"),
        ("mail-manager-smtp.auth.fips", "mail-manager-smtp.auth"),
        ("logs-fips", "logs"),  # not listed: AWS adds variants all the time
    ],
)
def test_a_fips_variant_serves_its_service_and_not_the_reverse(variant: str, base: str) -> None:
    assert satisfies(variant, base) and satisfies(variant, variant) and not satisfies(base, variant)


@pytest.mark.parametrize(
    ("endpoint", "required"),
    [("ec2messages", "ec2"), ("ssmmessages", "ssm"), ("s3", "s3express"), ("ecr.api", "ecr.dkr")],
)
def test_nothing_else_serves_a_service(endpoint: str, required: str) -> None:
    assert not satisfies(endpoint, required) and not satisfies(required, endpoint)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("secretmanager", "secretsmanager"),
        ("ecr_api", "ecr.api"),
        ("S3", "s3"),
        ("com.amazonaws.eu-west-1.sqs", "sqs"),
        ("ecs_agent", "ecs-agent"),
    ],
)
def test_nearest(wrong: str, right: str) -> None:
    assert nearest(wrong)[0] == right and len(nearest(wrong, 2)) <= 2


def test_search_looks_at_names_of_both_kinds() -> None:
    assert [service.short_name for service in search("keyspaces")][:1] == ["cassandra"]
    assert {"ecr.api", "ecr.dkr"} <= {service.short_name for service in search("ECR")}
    assert len(search("")) == len(all_services()) and search("no such thing") == ()


@pytest.mark.parametrize(
    ("short", "region", "type", "name"),
    [
        ("s3", "eu-west-1", "Gateway", "com.amazonaws.eu-west-1.s3"),
        ("s3", "us-gov-west-1", "Interface", "com.amazonaws.us-gov-west-1.s3"),
        ("s3", "cn-north-1", "Gateway", "com.amazonaws.cn-north-1.s3"),
        ("s3", "cn-north-1", "Interface", "cn.com.amazonaws.cn-north-1.s3"),
        ("logs", "cn-north-1", "Interface", "com.amazonaws.cn-north-1.logs"),
        ("polly", "cn-north-1", "Interface", "com.amazonaws.cn-north-1.polly"),
        ("polly", "cn-northwest-1", "Interface", "cn.com.amazonaws.cn-northwest-1.polly"),
        ("transcribe", "cn-north-1", "Interface", "cn.com.amazonaws.cn-north-1.transcribe.cn"),
        ("transcribe", "us-iso-east-1", "Interface", "gov.ic.c2s.us-iso-east-1.transcribe"),
        ("ecr.dkr", "us-isob-east-1", "Interface", "gov.sgov.sc2s.us-isob-east-1.ecr.dkr"),
        ("ecr.dkr", "us-isof-east-1", "Interface", "gov.ic.hci.csp.us-isof-east-1.ecr.dkr"),
        ("ecr.dkr", "eu-isoe-west-1", "Interface", "uk.adc-e.cloud.eu-isoe-west-1.ecr.dkr"),
        ("ecr.dkr", "eusc-de-east-1", "Interface", "eu.amazonaws.eusc-de-east-1.ecr.dkr"),
        ("ecr.dkr", "cn-south-9", "Interface", "cn.com.amazonaws.cn-south-9.ecr.dkr"),
        ("iam", "eu-west-1", "Interface", "com.amazonaws.iam"),
        ("notebook", "eu-west-1", "Interface", "aws.sagemaker.eu-west-1.notebook"),
        ("qbusiness", "eu-west-1", "Interface", "aws.api.eu-west-1.qbusiness"),
        ("brand-new", "eu-west-1", "Interface", "com.amazonaws.eu-west-1.brand-new"),
    ],
)
def test_full_names(short: str, region: str, type: str, name: str) -> None:
    assert service_name_for(short, region, type) == name


def test_partitions() -> None:
    assert [partition_of(region) for region in ("eu-west-1", "cn-north-1", "us-gov-east-1", "us-iso-east-1")] == [
        "aws",
        "aws-cn",
        "aws-us-gov",
        "aws-iso",
    ]
    assert [
        partition_of(region) for region in ("us-isob-east-1", "us-isof-south-1", "eu-isoe-west-1", "eusc-de-east-1")
    ] == [
        "aws-iso-b",
        "aws-iso-f",
        "aws-iso-e",
        "aws-eusc",
    ]
    assert dns_suffix("aws-cn") == "amazonaws.com.cn" and reverse_dns_prefix("aws-cn") == "cn.com.amazonaws"
    assert dns_suffix("aws-us-gov") == "amazonaws.com"
    assert is_region("mx-central-1") and is_region("us-gov-west-1") and is_region("eusc-de-east-1")
    assert not is_region("resource-explorer-2") and not is_region("s3") and not is_region("eu-west")

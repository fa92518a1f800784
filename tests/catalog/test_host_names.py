"""The host names of services: what clients ask for, and what private DNS answers."""

from __future__ import annotations

import re

import pytest

from vpce_checks.catalog import all_services, find_service
from vpce_checks.catalog.host_names import _rows, host_names, services_of_host
from vpce_checks.model.values import PartialString, unknown

HOST = re.compile(r"(\*\.)?([a-z0-9*-]+\.)+(com|cn|aws|eu|gov|uk|scloud)")


def names(short: str, region: str = "eu-west-1", *uses: str) -> list[object]:
    return [host.name for host in host_names(short, region) if host.use in (uses or ("asked", "instead"))]


@pytest.mark.parametrize(
    ("short", "asked"),
    [
        ("kms", ["kms.eu-west-1.amazonaws.com"]),
        ("kms-fips", ["kms-fips.eu-west-1.amazonaws.com"]),
        ("ecr.api", ["api.ecr.eu-west-1.amazonaws.com"]),
        ("ecr.dkr", ["*.dkr.ecr.eu-west-1.amazonaws.com"]),
        ("kinesis-firehose", ["firehose.eu-west-1.amazonaws.com"]),
        ("s3", ["s3.eu-west-1.amazonaws.com", "*.s3.eu-west-1.amazonaws.com"]),
        ("backup", ["backup.eu-west-1.api.aws", "backup.eu-west-1.amazonaws.com"]),
        ("iam", ["iam.amazonaws.com"]),
        ("studio", ["*.studio.eu-west-1.sagemaker.aws"]),
        ("timestream.query-cell3", ["query-cell3.timestream.eu-west-1.amazonaws.com"]),
        ("dsql-0a1b2c", ["*.dsql-0a1b2c.eu-west-1.on.aws"]),
        ("iot.data", []),
    ],
)
def test_what_clients_ask_for(short: str, asked: list[str]) -> None:
    assert names(short) == asked


def test_partitions_have_suffixes_of_their_own() -> None:
    assert names("kms", "cn-north-1") == ["kms.cn-north-1.amazonaws.com.cn"]
    assert names("datazone", "cn-north-1") == ["datazone.cn-north-1.api.amazonwebservices.com.cn"]
    assert names("kms", "eusc-de-east-1") == ["kms.eusc-de-east-1.amazonaws.eu"]


def test_a_name_of_one_region_is_not_proven_for_another_partition() -> None:
    assert host_names("iam", "eu-west-1")[0].verified
    assert not host_names("iam", "us-gov-west-1")[0].verified
    assert host_names("kms", "us-gov-west-1")[0].verified


def test_an_unknown_region_stays_a_part_of_the_name() -> None:
    region = unknown("no region")
    (host, *_) = host_names("kms", region)
    assert host.name == PartialString(("kms.", region, ".amazonaws.com"))
    assert host_names("iam", region)[0].name == "iam.amazonaws.com"


def test_what_private_dns_does_not_answer() -> None:
    assert names("sts", "eu-west-1", "never") == ["sts.amazonaws.com"]
    assert "s3-eu-west-1.amazonaws.com" in names("s3", "eu-west-1", "never")


@pytest.mark.parametrize("short", sorted(service.short_name for service in all_services()))
def test_every_name_is_sound(short: str) -> None:
    for region in ("eu-west-1", "us-gov-west-1", "cn-north-1", "us-isob-east-1"):
        for host in host_names(short, region):
            assert isinstance(host.name, str) and HOST.fullmatch(host.name), host.name


def test_every_row_is_of_a_service() -> None:
    assert [short for short in _rows() if find_service(short) is None] == []
    assert list(_rows()) == sorted(_rows())


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("KMS.eu-west-1.amazonaws.com.", "kms"),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "ecr.dkr"),
        ("my-bucket.s3.eu-west-1.amazonaws.com", "s3"),
        ("sts.amazonaws.com", "sts"),
        ("a.dsql-0a1b2c.us-east-1.on.aws", "dsql-0a1b2c"),
    ],
)
def test_the_service_of_a_host_name(name: str, short: str) -> None:
    assert [found.short_name for found in services_of_host(name)] == [short]


def test_other_names_are_of_no_service() -> None:
    assert services_of_host("example.com") == () and services_of_host("dkr.ecr.eu-west-1.amazonaws.com") == ()

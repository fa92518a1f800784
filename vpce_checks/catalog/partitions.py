"""AWS partitions: the names that regions, DNS and endpoint services have in each.

Sources: botocore's partitions.json (DNS suffixes) and the endpoint constants of aws-cdk-lib 2.275 (service name prefixes).
"""

from __future__ import annotations

import os
from functools import lru_cache

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import record
from vpce_checks.catalog.services import find_service
from vpce_checks.model.values import Opaque, PartialString, Value, join_strings, unknown

_REGION = pattern(r"[a-z]{2,4}(-[a-z]+)+-[0-9]+")


@record
class Partition:
    """``dns_suffix`` ends the names of its APIs, ``dual_stack_suffix`` their names for IPv4 and IPv6; ``prefix`` is the
    former reversed; its regions match ``regions``."""

    name: str
    dns_suffix: str
    prefix: str
    regions: str
    dual_stack_suffix: str


_PARTITIONS = (
    Partition("aws-cn", "amazonaws.com.cn", "cn.com.amazonaws", "cn-", "api.amazonwebservices.com.cn"),
    Partition("aws-us-gov", "amazonaws.com", "com.amazonaws", "us-gov-", "api.aws"),
    Partition("aws-iso-b", "sc2s.sgov.gov", "gov.sgov.sc2s", "us-isob-", "api.aws.scloud"),
    Partition("aws-iso-f", "csp.hci.ic.gov", "gov.ic.hci.csp", "us-isof-", "api.aws.hci.ic.gov"),
    Partition("aws-iso-e", "cloud.adc-e.uk", "uk.adc-e.cloud", "eu-isoe-", "api.cloud-aws.adc-e.uk"),
    Partition("aws-iso", "c2s.ic.gov", "gov.ic.c2s", "us-iso-", "api.aws.ic.gov"),
    Partition("aws-eusc", "amazonaws.eu", "eu.amazonaws", "eusc-", "api.amazonwebservices.eu"),
    Partition("aws", "amazonaws.com", "com.amazonaws", "", "api.aws"),
)
_REGIONS = """
af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2
ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6
ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2
eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 me-west-1 mx-central-1
sa-east-1 sa-west-1 us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1 cn-northwest-1
eusc-de-east-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 eu-isoe-west-1
us-isof-east-1 us-isof-south-1 us-gov-east-1 us-gov-west-1
"""

KNOWN_REGIONS = tuple(_REGIONS.split())
"""The regions of today, as in botocore's partitions.json."""

_BY_NAME = {partition.name: partition for partition in _PARTITIONS}


PARTITIONS = frozenset(_BY_NAME)
"""The names of the partitions."""


def is_region(text: str) -> bool:
    """Whether ``text`` has the shape of a region's name, so that regions yet to come are known too."""
    return _REGION.fullmatch(text) is not None


def partition_of(region: str) -> str:
    """The partition that ``region`` belongs to: ``aws``, ``aws-cn``, ``aws-us-gov``, ``aws-iso`` ..."""
    return next(partition.name for partition in _PARTITIONS if region.startswith(partition.regions))


def dns_suffix(partition: str) -> str:
    """The suffix of its API names (``amazonaws.com.cn``); the ordinary one for a partition not known here."""
    return _BY_NAME.get(partition, _BY_NAME["aws"]).dns_suffix


def dual_stack_suffix(partition: str) -> str:
    """The suffix of its names for IPv4 and IPv6 (``api.aws``); the ordinary one for a partition not known here."""
    return _BY_NAME.get(partition, _BY_NAME["aws"]).dual_stack_suffix


def reverse_dns_prefix(partition: str) -> str:
    """The DNS suffix reversed (``cn.com.amazonaws``), as Terraform's ``aws_partition`` gives it."""
    return _BY_NAME.get(partition, _BY_NAME["aws"]).prefix


@lru_cache(maxsize=1)
def _exceptions() -> dict[str, frozenset[str]]:
    """Short name -> the regions in which its name has the partition's own prefix."""
    path = os.path.join(os.path.dirname(__file__), "prefix_exceptions.tsv")
    with open(path, encoding="utf-8") as file:
        rows = [line.split("\t") for line in file.read().split("\n") if line and line[0] != "#"]
    return {short: frozenset(regions.split()) for short, regions in rows}


def service_name_for(short_name: str, region: str, type: str = "Interface") -> str:
    """The full name of an endpoint service in ``region``: ``com.amazonaws.eu-west-1.s3``.

    A gateway endpoint's begins with ``com.amazonaws`` in every partition.
    """
    service = find_service(short_name)
    pattern = service.pattern if service is not None else "com.amazonaws.{region}." + short_name
    partition = partition_of(region)
    prefix = reverse_dns_prefix(partition)
    if type != "Gateway" and prefix != "com.amazonaws" and _has_own_prefix(short_name, region, partition):
        tail = ".cn" if short_name == "transcribe" and partition == "aws-cn" else ""
        return f"{prefix}.{region}.{short_name}{tail}"
    return pattern.replace("{region}", region)


def _has_own_prefix(short_name: str, region: str, partition: str) -> bool:
    regions = _exceptions().get(short_name, frozenset())
    if region in regions:
        return True
    listed = any(region in other for other in _exceptions().values())
    # A region newer than the table does as the others of its partition do.
    return not listed and any(partition_of(other) == partition for other in regions)


def data_source_service_name(service: Value, region: Value) -> Value:
    """What Terraform's ``data "aws_vpc_endpoint_service"`` with ``service`` asks AWS for, and so answers.

    The provider always puts ``com.amazonaws.<region>.`` before it, whatever the partition. Both may be unknown.
    """
    return join_strings(("com.amazonaws.", _text(region, "region"), ".", _text(service, "service")))


def _text(value: Value, what: str) -> Value:
    if isinstance(value, (str, Opaque, PartialString)):
        return value
    return unknown(f"the {what} of the endpoint service is not a string")

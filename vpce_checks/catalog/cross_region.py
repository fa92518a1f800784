"""Endpoint services that an endpoint in another region can reach, and the regions of services without one in their name.

https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html
"""

from __future__ import annotations

from vpce_checks.catalog.partitions import partition_of

_CROSSING = frozenset(
    {
        *("ecr.api", "ecr.dkr", "ecs", "iam", "kinesis-firehose", "kinesisanalytics", "kinesisanalytics-fips"),
        *("kms", "kms-fips", "lambda", "route53", "s3"),
    }
)
_SHOWN_ONCE = frozenset({"ecs-fips"})
"""Services that the page shows in the output of a command and not in its table."""

_HOMES = {
    ("iam", "aws"): "us-east-1",
    ("iam", "aws-cn"): "cn-north-1",
    ("iam", "aws-us-gov"): "us-gov-west-1",
    ("route53", "aws"): "us-east-1",
}
"""By service and partition: the region of the control plane.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_interface_vpc_endpoints.html
"""


def crosses_regions(short_name: str) -> bool | None:
    """Return whether an interface endpoint can reach the service from another region. None: not certain."""
    if short_name in _SHOWN_ONCE:
        return None
    return short_name in _CROSSING


def home_of(short_name: str, region: str) -> str | None:
    """Return the region of a service whose name holds none, in the partition of ``region``, if it is known."""
    return _HOMES.get((short_name, partition_of(region)))

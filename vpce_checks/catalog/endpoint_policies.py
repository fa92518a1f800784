"""Facts about endpoint policies: which services support none, whose actions they name, which buckets of AWS they must leave open.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

import os
from functools import lru_cache

from vpce_checks.catalog.services import without_fips

MAX_POLICY = 20_480
"""The most characters of an endpoint policy that AWS takes.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html
"""

VERSIONS = ("2012-10-17", "2008-10-17")
"""The versions of the language of policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""

WITHOUT_POLICY = frozenset(
    {
        "analytics-omics",
        "appmesh-envoy-management",
        "apprunner.requests",
        "appstream.api",
        "appstream.streaming",
        "awsconnector",
        "billing",
        "billingconductor",
        "control-storage-omics",
        "elasticbeanstalk-health",
        "inspector2",
        "iot.credentials",
        "iot.data",
        "iotsitewise.api",
        "iotsitewise.data",
        "neptune-graph",
        "sagemaker.runtime-fips",
        "sts-oidc",
        "tags-omics",
        "tax",
        "transfer.server",
        "workflows-omics",
    }
)
"""The services whose guides say that their endpoints support no policy. AWS refuses a policy there. Lists that are
older than a service's guide do not count, as services gain the support.

https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
"""

BUCKETS: dict[str, tuple[str, ...]] = {
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
    "ecr": ("prod-{region}-starport-layer-bucket",),
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html
    "ssm": (
        "aws-ssm-{region}",
        "amazon-ssm-{region}",
        "amazon-ssm-packages-{region}",
        "{region}-birdwatcher-prod",
        "aws-ssm-document-attachments-{region}",
        "aws-ssm-distributor-file-{region}",
        "patch-baseline-snapshot-{region}",
    ),
}
"""The buckets of AWS that clients of a service read from S3, one of which at least a policy must allow. ``{region}`` is the
region."""

_OF_GATEWAYS = {
    "s3": frozenset({"s3", "s3-object-lambda", "s3-outposts", "s3express"}),
    "dynamodb": frozenset({"dynamodb", "dax"}),
}


@lru_cache(maxsize=256)
def prefixes_of(short: str) -> frozenset[str]:
    """Return what the IAM actions of a service begin with: ``monitoring`` has those of ``cloudwatch``. Empty if not known."""
    base = without_fips(short)
    if base in _OF_GATEWAYS:
        return _OF_GATEWAYS[base]
    return frozenset(prefix for prefix, services in _services_by_prefix().items() if base in services)


@lru_cache(maxsize=1)
def _services_by_prefix() -> dict[str, frozenset[str]]:
    path = os.path.join(os.path.dirname(__file__), "permissions.tsv")
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file.read().split("\n") if line and line[0] != "#"]
    found: dict[str, frozenset[str]] = {}
    for line in lines:
        prefix, usual, others = (*line.split("\t"), "", "")[:3]
        more = (each.partition("=")[0] for each in others.split())
        found[prefix] = frozenset((*usual.split(), *more))
    return found

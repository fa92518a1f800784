"""In which region a host name of AWS leads: its addresses are those of that region, which a gateway endpoint may not be for."""

from __future__ import annotations

from vpce_checks.catalog import is_region
from vpce_checks.model.values import Cause, Unknown, Value

_ANY_BUCKET = ".s3.amazonaws.com"

_HOME = "us-east-1"
"""The region of the names without one: https://docs.aws.amazon.com/general/latest/gr/rande.html#global-endpoints"""


def is_bucket_anywhere(host: str) -> bool:
    """Return whether ``host`` is the global name of a bucket, without its region."""
    return _plain(host).endswith(_ANY_BUCKET)


def region_of_host(host: str) -> Value:
    """Return the region that ``host`` leads to.

    The DNS of S3 leads the global name of a bucket to the region that it is in.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#deprecated-global-endpoint
    """
    for label in reversed(_plain(host).split(".")):
        region = label.removeprefix("s3-").removeprefix("fips-")
        if is_region(region):
            return region
    if is_bucket_anywhere(host):
        return Unknown((Cause(f"{host} leads to the region that the bucket is in"),), "string")
    return _HOME


def _plain(host: str) -> str:
    return host.lower().rstrip(".")

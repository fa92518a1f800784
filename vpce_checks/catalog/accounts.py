"""The AWS account that an ARN names.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from vpce_checks.base.pattern import pattern
from vpce_checks.model.values import Value

_ROLE = pattern(r"arn:[a-z-]{1,20}:iam::([0-9]{12}):")


def account_of_role(arn: Value) -> str | None:
    """Return the account of the role with this ARN. None if it is not known."""
    found = _ROLE.match(arn) if isinstance(arn, str) else None
    return found.group(1) if found is not None else None

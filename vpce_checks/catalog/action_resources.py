"""What the actions of S3 and DynamoDB act on, by the lines of ``action_resources.tsv``.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias, cast

ResourceKind: TypeAlias = Literal["object", "bucket", "table", "index", "stream", "other", "account"]
"""What an action acts on. ``account``: on something that has no ARN, such as the list of all buckets."""


class Shape(NamedTuple):
    """How the ARNs of a kind look: ``patterns`` of IAM, how many slashes they have at most (None: any number), and whether
    they name a region or an account, which those of buckets and objects leave out."""

    patterns: tuple[str, ...]
    slashes: int | None = None
    regional: bool = False


SHAPES: Mapping[str, Mapping[ResourceKind, Shape]] = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html
    "s3": {
        "object": Shape(("s3:::*/*", "s3:*:*:accesspoint/*/object/*")),
        "bucket": Shape(("s3:::*",), 0),
        "other": Shape(("s3:*:*:*/*",), regional=True),
    },
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/using-identity-based-policies.html
    "dynamodb": {
        "table": Shape(("dynamodb:*:*:table/*",), 1),
        "index": Shape(("dynamodb:*:*:table/*/index/*",)),
        "stream": Shape(("dynamodb:*:*:table/*/stream/*",)),
        "other": Shape(("dynamodb:*:*:table/*/*", "dynamodb:*:*:global-table/*")),
    },
}
"""The ARNs of each kind, without ``arn:`` and the partition."""


@lru_cache(maxsize=2)
def kinds_by_action(short: str) -> Mapping[str, frozenset[ResourceKind]]:
    """Return what each action of ``short`` acts on, by its full name in lower case. Empty for all but S3 and DynamoDB."""
    path = os.path.join(os.path.dirname(__file__), "action_resources.tsv")
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file.read().split("\n") if line and line[0] != "#"]
    found: dict[str, frozenset[ResourceKind]] = {}
    for line in lines:
        prefix, kinds, actions = line.split("\t")
        if prefix == short:
            each = frozenset(cast("list[ResourceKind]", kinds.split()))
            found |= {f"{prefix}:{action.lower()}": each for action in actions.split()}
    return found

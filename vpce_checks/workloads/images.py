"""Which calls the pull of a container image makes.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.pattern import pattern
from vpce_checks.model.network import Part
from vpce_checks.model.spans import Span
from vpce_checks.model.values import PartialString, Reference, Value
from vpce_checks.model.workload import Certainty, ServiceCall
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.regions import region_of_registry

PULL = ("ecr.api", "ecr.dkr", "s3")
"""The API for the login, the registry, and S3, where the layers are."""

_REGISTRY = pattern(r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]{1,30}\.amazonaws\.com(?:\.cn)?/")
_IN_REGISTRY = pattern(r"\.dkr\.ecr\.[^/]{0,80}/")


def image_calls(parts: Parts, part: Part, field: str) -> Iterator[ServiceCall]:
    """Yield the calls that pull the image in argument ``field`` of ``part``."""
    yield from pull_calls(parts, part.get(field), part.place(field))


def pull_calls(
    parts: Parts,
    image: Value,
    span: Span,
    services: tuple[str, ...] = PULL,
    certainty: Certainty = "certain",
) -> Iterator[ServiceCall]:
    """Yield the calls that pull ``image`` makes, if it is certainly in a private registry of ECR."""
    if is_in_ecr(parts, image):
        region = _region(parts, image)
        for service in services:
            why = f"the image is in ECR, so its pull calls {service}"
            yield ServiceCall(service, why, span, certainty, region=region)


def _region(parts: Parts, image: Value) -> Value:
    """Return the region of an image in ECR; null where it is that of the workload."""
    first = image.parts[0] if isinstance(image, PartialString) else image
    repository = parts.find(first, "repository") if isinstance(first, Reference) else None
    return region_of_registry(image) if repository is None else repository.get("region")


def is_in_ecr(parts: Parts, image: Value) -> bool:
    """Return whether an image is certainly in a private registry of ECR."""
    if isinstance(image, str):
        return _REGISTRY.match(image) is not None
    if isinstance(image, Reference):
        return _is_repository(parts, image)
    if isinstance(image, PartialString):
        first = image.parts[0]
        if isinstance(first, Reference) and _is_repository(parts, first):
            return True
        # An account or a region that is not known: the name is that of a registry all the same.
        text = "".join(each if isinstance(each, str) else "x" for each in image.parts)
        found = _IN_REGISTRY.search(text)
        return found is not None and "/" not in text[: found.start()] and _knows_registry(image)
    return False


def _knows_registry(image: PartialString) -> bool:
    """Return whether the words that make a registry of ECR are written out, whatever is around them."""
    return any(isinstance(each, str) and ".dkr.ecr." in each for each in image.parts)


def _is_repository(parts: Parts, value: Reference) -> bool:
    attribute = str(value.path[0]).lower() if value.path else ""
    if attribute not in ("repository_url", "repositoryuri"):
        return False
    if value.kind == "data":
        return "data.aws_ecr_repository." in value.address
    return parts.find(value, "repository") is not None

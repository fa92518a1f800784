"""Lambda functions in a VPC.

Nothing that every function does goes through its VPC: logs, its code, its queue of failed events and the polling of its
sources are Lambda's own. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.documents import certain_items
from vpce_checks.model.network import Part
from vpce_checks.model.values import pattern
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import as_list
from vpce_checks.workloads.proxies import names_proxy

_INSIGHTS = ":layer:LambdaInsightsExtension"


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield the functions that have a VPC, and rotations that bring a function of AWS's own."""
    asked: dict[str, list[ServiceCall]] = {}
    for function, call in _asked(parts):
        asked.setdefault(function.address, []).append(call)
    for part in parts.of_kind("function"):
        # On a capacity provider, the function's own VPC does not count.
        # https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-networking.html
        if part.get("capacity") is None:
            yield Workload(
                part.declared,
                "function",
                part.get("subnets"),
                part.get("security_groups"),
                calls=(*_by_layers(part), *asked.get(part.address, ())),
                proxied=names_proxy(part.get("environment")),
            )
    for part in parts.of_kind("rotation"):
        if part.get("subnets") is not None:
            why = "the rotation function calls secretsmanager"
            call = ServiceCall("secretsmanager", why, part.declared.span)
            subnets = as_list(part.get("subnets"))
            yield Workload(part.declared, "rotation", subnets, as_list(part.get("security_groups")), calls=(call,))


def _by_layers(part: Part) -> Iterator[ServiceCall]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights.html"""
    for layer in certain_items(part.get("layers")):
        if _INSIGHTS in (pattern(layer) or ""):
            yield ServiceCall("logs", "the Lambda Insights extension calls logs", part.place("layers"))


def _asked(parts: Parts) -> Iterator[tuple[Part, ServiceCall]]:
    """Yield what a function must call because of a resource that uses it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-function-network-access.html
    """
    for part in parts.of_kind("custom_resource"):
        function = parts.find(part.get("function"), "function")
        if function is not None and part.declared.exists is True:
            why = f"it answers for the custom resource {part.address} through s3"
            yield function, ServiceCall("s3", why, part.place("function"))
    for part in parts.of_kind("rotation"):
        function = parts.find(part.get("function"), "function")
        if function is not None and part.declared.exists is True:
            why = f"it rotates the secret of {part.address}, so it calls secretsmanager"
            yield function, ServiceCall("secretsmanager", why, part.place("function"))

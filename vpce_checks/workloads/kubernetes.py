"""Nodes and Fargate pods of EKS.

https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.network import Part
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import is_set
from vpce_checks.workloads.hosts import first, groups_of, script_of, template_of
from vpce_checks.workloads.plain import calls_by_kind
from vpce_checks.workloads.proxies import mentions_proxy


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield node groups and Fargate profiles."""
    for part in parts.of_kind("nodes"):
        template = template_of(parts, part)
        yield Workload(
            part.declared,
            "nodes",
            part.get("subnets"),
            groups_of(part, template),
            "launch",
            first(part, template, "public_ip"),
            calls=(*calls_by_kind(part, "a node"), *_by_identities(parts, part)),
            proxied=mentions_proxy(script_of(parts, part)),
        )
    for part in parts.of_kind("pods"):
        yield Workload(part.declared, "pods", part.get("subnets"), calls=tuple(calls_by_kind(part, "a pod")))


def _by_identities(parts: Parts, nodes: Part) -> Iterator[ServiceCall]:
    """Yield what pods on the nodes call to get the credentials of their roles.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    """
    cluster = parts.find(nodes.get("cluster"), "kubernetes")
    if cluster is None:
        return
    for part in parts.of_kind("pod_identity", "addon"):
        own = parts.find(part.get("cluster"), "kubernetes")
        if own is None or own.address != cluster.address or part.declared.exists is not True:
            continue
        if part.kind == "pod_identity" or is_set(part.get("pod_identity")):
            why = f"{part.address} gives pods a role by Pod Identity, which calls eks-auth"
            yield ServiceCall("eks-auth", why, part.declared.span)
        elif is_set(part.get("role")):
            why = f"{part.address} has a role for its service account, which calls sts"
            yield ServiceCall("sts", why, part.place("role"))

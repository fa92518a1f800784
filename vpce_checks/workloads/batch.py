"""Compute environments of AWS Batch.

https://docs.aws.amazon.com/batch/latest/userguide/vpc-interface-endpoints.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import replace
from vpce_checks.model.documents import certain_items
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import is_word
from vpce_checks.workloads.containers import container_calls
from vpce_checks.workloads.hosts import agent_calls, first, groups_of, template_of


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield the compute environments on Fargate and on instances. Those on EKS are nodes of a cluster."""
    environments = [part for part in parts.of_kind("compute") if part.get("eks") is None]
    for part in environments:
        fargate = any(is_word(part.get("type"), word) for word in ("FARGATE", "FARGATE_SPOT"))
        instances = any(is_word(part.get("type"), word) for word in ("EC2", "SPOT"))
        if not fargate and not instances:
            continue
        calls = [ServiceCall("logs", "jobs write to logs by default", part.place("type"))]
        if instances:
            calls += agent_calls("its instances are container instances", part.place("type"))
        if len(environments) == 1:
            calls += _by_jobs(parts)
        template = template_of(parts, part)
        yield Workload(
            part.declared,
            "compute",
            part.get("subnets"),
            groups_of(part, template),
            "never" if fargate else "launch",
            None if fargate else first(part, template, "public_ip"),
            calls=tuple(calls),
        )


def _by_jobs(parts: Parts) -> Iterator[ServiceCall]:
    """Yield what the containers of the job definitions call. The queue of a job is only named when it is submitted."""
    for job in parts.of_kind("job"):
        for container in certain_items(job.get("containers")):
            for call in container_calls(parts, container, job.place("containers")):
                yield replace(call, certainty="likely")

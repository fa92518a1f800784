"""Compute environments of AWS Batch.

https://docs.aws.amazon.com/batch/latest/userguide/vpc-interface-endpoints.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.base.record import replace
from vpce_checks.model.documents import certain_items, is_whole, member
from vpce_checks.model.network import Part
from vpce_checks.model.values import Cause, MapValue, Unknown, Value
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import is_word
from vpce_checks.workloads.containers import container_calls, log_calls
from vpce_checks.workloads.hosts import agent_calls, first, groups_of, script_of, template_of
from vpce_checks.workloads.proxies import mentions_proxy


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield the compute environments on Fargate and on instances. Those on EKS are nodes of a cluster."""
    environments = [part for part in parts.of_kind("compute") if part.get("eks") is None]
    for part in environments:
        fargate = any(is_word(part.get("type"), word) for word in ("FARGATE", "FARGATE_SPOT"))
        instances = any(is_word(part.get("type"), word) for word in ("EC2", "SPOT"))
        if not fargate and not instances:
            continue
        calls = [*_log_calls(parts, part, fargate=fargate, alone=len(environments) == 1)]
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
            "asked" if fargate else "launch",
            _public_ip(parts) if fargate else first(part, template, "public_ip"),
            calls=tuple(calls),
            proxied=mentions_proxy(script_of(parts, part)),
        )


def _log_calls(parts: Parts, environment: Part, *, fargate: bool, alone: bool) -> Iterator[ServiceCall]:
    """Yield the calls of the log driver: awslogs, unless the job definitions that may run here choose another one.

    The queue of a job is only named when it is submitted. So if an environment is not ``alone``, what not all of them do is
    no more than likely.
    https://docs.aws.amazon.com/batch/latest/userguide/using_awslogs.html
    """
    jobs = [job for job in parts.of_kind("job") if job.get("pods") is None and _may_run(job, fargate=fargate)]
    if not jobs:
        yield ServiceCall("logs", "jobs write to logs by default", environment.place("type"))
    found = [list(_logs_of(job)) for job in jobs]
    for call in (call for calls in found for call in calls):
        yield call if alone or all(found) else replace(call, certainty="likely")


def _logs_of(job: Part) -> Iterator[ServiceCall]:
    """Yield the calls that the log driver of a job certainly makes."""
    certain = job.declared.exists is True and _is_known(job.get("platforms"))
    for container in _containers(job) if certain else ():
        logging = member(container, "logConfiguration")
        driver = member(logging, "logDriver")
        if logging is None or (driver is None and isinstance(logging, MapValue)) or is_word(driver, "awslogs"):
            why = f"the jobs of {job.address} write to logs"
            yield from log_calls(member(logging, "options"), why, job.declared.span)


def _public_ip(parts: Parts) -> Value:
    """Return whether jobs on Fargate ask for a public address, as all of their definitions say.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_NetworkConfiguration.html
    """
    jobs = [job for job in parts.of_kind("job") if job.get("pods") is None and _may_run(job, fargate=True)]
    asked = {
        _is_asked(member(member(owner, "networkConfiguration"), "assignPublicIp"))
        for job in jobs
        for owner in _owners(job)
    }
    if len(asked) == 1 and (answer := asked.pop()) is not None:
        return answer
    return Unknown((Cause("jobs of other definitions may ask for a public address"),))


def _is_asked(value: Value) -> bool | None:
    """Return whether a job asks for a public address; None if that is not known."""
    return True if is_word(value, "ENABLED") else False if value is None or is_word(value, "DISABLED") else None


def _owners(job: Part) -> Iterator[Value]:
    """Yield what says which network a job has: its container, or each of its tasks of ECS."""
    yield from certain_items(job.get("containers"))
    yield from certain_items(member(job.get("tasks"), "taskProperties"))


def _may_run(job: Part, *, fargate: bool) -> bool:
    """Return whether a job may run on Fargate, or on instances, as its definition asks. It asks for instances by default.

    https://docs.aws.amazon.com/batch/latest/userguide/job_definition_parameters.html
    """
    platforms = job.get("platforms")
    if platforms is None:
        return not fargate
    return not _is_known(platforms) or any(is_word(each, "FARGATE") == fargate for each in certain_items(platforms))


def _is_known(platforms: Value) -> bool:
    return is_whole(platforms) and all(isinstance(each, str) for each in certain_items(platforms))


def _containers(job: Part) -> Iterator[Value]:
    """Yield the containers of a job: of its one task, of its nodes, or of the tasks of ECS."""
    yield from certain_items(job.get("containers"))
    for group in certain_items(member(job.get("nodes"), "nodeRangeProperties")):
        yield from certain_items(member(group, "container"))
    for task in certain_items(member(job.get("tasks"), "taskProperties")):
        yield from certain_items(member(task, "containers"))


def _by_jobs(parts: Parts) -> Iterator[ServiceCall]:
    """Yield what the containers of the job definitions call. The queue of a job is only named when it is submitted."""
    for job in parts.of_kind("job"):
        for container in _containers(job):
            for call in container_calls(parts, container, job.declared.span):
                yield replace(call, certainty="likely")

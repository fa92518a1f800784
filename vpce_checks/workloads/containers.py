"""Tasks of ECS, on Fargate and on container instances.

Which interface of a task carries which call:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from vpce_checks.base.record import replace
from vpce_checks.model.documents import certain_items, is_whole, member
from vpce_checks.model.network import Part
from vpce_checks.model.spans import Span
from vpce_checks.model.values import ListValue, MapValue, PartialString, Reference, Value
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import is_set, is_word
from vpce_checks.workloads.hosts import cluster_groups, first, groups_of, script_of, template_of
from vpce_checks.workloads.images import PULL, pull_calls
from vpce_checks.workloads.proxies import mentions_proxy, names_proxy
from vpce_checks.workloads.regions import hidden_part, region_of_arn, region_of_logs
from vpce_checks.workloads.running import runs
from vpce_checks.workloads.state_machines import task_runs

Launch: TypeAlias = Literal["fargate", "instances", "unknown"]
"""What tasks run on. ``unknown``: not known, or outside of AWS."""

STARTERS = ("service", "task_set", "event_target", "schedule")
"""What starts tasks in subnets that it names."""

_FARGATE = ("FARGATE", "FARGATE_SPOT")


class Needs(NamedTuple):
    """What a task calls: when it starts, and while it runs."""

    start: tuple[ServiceCall, ...]
    run: tuple[ServiceCall, ...]


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield what starts tasks."""
    for part in _starters(parts):
        if not runs(parts, part):
            continue
        task = parts.find(part.get("task"), "task")
        launch = _launch(parts, part, task)
        if launch == "unknown":
            continue
        needs = _needs(parts, part, task, old=is_old(part))
        proxied = task is not None and has_proxy(task.get("containers"))
        if launch == "fargate":
            calls = (*needs.start, *needs.run)
            found = _own(part, calls, proxied=proxied)
            yield replace(found, addressing="asked", public_ip=part.get("public_ip"))
        else:
            yield from _on_instances(parts, part, needs, proxied=proxied)


def _starters(parts: Parts) -> list[Part]:
    """Return the parts that start tasks."""
    return [*parts.of_kind(*STARTERS), *_targets_of_rules(parts), *task_runs(parts)]


def tasks_without_starter(parts: Parts) -> Iterator[Part]:
    """Yield the task definitions that no part which may start tasks is known to name, such as those that a program starts."""
    named = {found.address for each in _starters(parts) if (found := parts.find(each.get("task"), "task")) is not None}
    yield from (task for task in parts.of_kind("task") if task.declared.exists is True and task.address not in named)


def _own(part: Part, calls: tuple[ServiceCall, ...], *, proxied: bool) -> Workload:
    """Return tasks with an interface of their own. AWS gives it no public address, unless it is on Fargate and asked."""
    return Workload(
        part.declared, part.kind, part.get("subnets"), part.get("security_groups"), calls=calls, proxied=proxied
    )


def _on_instances(parts: Parts, part: Part, needs: Needs, *, proxied: bool) -> Iterator[Workload]:
    """Yield tasks on container instances: the instance pulls the image, sends the logs and reads the secrets."""
    hosts = _hosts(parts, part)
    if part.get("subnets") is not None:
        yield _own(part, needs.run, proxied=proxied)
    if len(hosts) == 1 and runs(parts, hosts[0]):
        host = hosts[0]
        template = template_of(parts, host)
        calls = needs.start if part.get("subnets") is not None else (*needs.start, *needs.run)
        yield Workload(
            part.declared,
            "host",
            host.get("subnets"),
            groups_of(host, template),
            "launch",
            first(host, template, "public_ip"),
            calls=calls,
            proxied=proxied or mentions_proxy(script_of(parts, host)),
        )


def _hosts(parts: Parts, part: Part) -> list[Part]:
    """Return the Auto Scaling groups that the tasks of ``part`` run on, if they are certain."""
    groups = dict(_names(parts))
    named = _providers(part.get("strategy")) or _default_providers(parts, part) or []
    found: dict[str, Part] = {}
    for value in named:
        group = _group(parts, value, groups)
        if group is None:
            return []
        found[group.address] = group
    if not named and len(groups) == 1 and part.get("strategy") in (None, ListValue((), "list")):
        cluster = parts.find(part.get("cluster"), "cluster")
        return list(groups.values()) if cluster is not None and _is_only_cluster(parts) else []
    return list(found.values())


def _is_only_cluster(parts: Parts) -> bool:
    return len(list(parts.of_kind("cluster"))) == 1


def _names(parts: Parts) -> Iterator[tuple[str, Part]]:
    for provider, group in cluster_groups(parts):
        yield provider.address, group


def _group(parts: Parts, provider: Value, groups: dict[str, Part]) -> Part | None:
    found = parts.find(provider, "capacity_provider")
    return None if found is None else groups.get(found.address)


def _launch(parts: Parts, part: Part, task: Part | None) -> Launch:
    """Return what tasks run on.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    """
    asked = part.get("launch_type")
    if asked is not None:
        return "fargate" if is_word(asked, "FARGATE") else "instances" if is_word(asked, "EC2") else "unknown"
    strategy = part.get("strategy")
    if strategy is not None and not (isinstance(strategy, ListValue) and is_whole(strategy)):
        return "unknown"
    providers = _providers(strategy) or _default_providers(parts, part)
    if providers is None:
        return "unknown"
    if providers:
        return _by_providers(parts, providers)
    if task is not None and _runs_only_on_fargate(task):
        return "fargate"
    # Without a strategy, neither of the cluster's own, tasks run on container instances.
    return "instances"


def _by_providers(parts: Parts, providers: list[Value]) -> Launch:
    if all(any(is_word(provider, word) for word in _FARGATE) for provider in providers):
        return "fargate"
    if all(parts.find(provider, "capacity_provider") is not None for provider in providers):
        return "instances"
    return "unknown"


def _providers(strategy: Value) -> list[Value]:
    """Return the capacity providers of a strategy, as parts or as documents of rules hold it."""
    items = list(certain_items(strategy))
    return [
        found if (found := member(item, "provider")) is not None else member(item, "CapacityProvider") for item in items
    ]


def _default_providers(parts: Parts, part: Part) -> list[Value] | None:
    """Return the capacity providers of the cluster's default strategy. None if they are not certain."""
    cluster = parts.find(part.get("cluster"), "cluster")
    if cluster is None:
        return None  # without a cluster, tasks run in the one called default, which may be anything
    own = cluster.get("default_strategy")
    if own is not None and not is_whole(own):
        return None
    found = _providers(own)
    for link in parts.of_kind("cluster_capacity"):
        linked = parts.find(link.get("cluster"), "cluster")
        if linked is None or not is_whole(link.get("default_strategy")):
            return None
        if linked.address == cluster.address:
            found += _providers(link.get("default_strategy"))
    return found


def _runs_only_on_fargate(task: Part) -> bool:
    compatibilities = list(certain_items(task.get("compatibilities")))
    return (
        bool(compatibilities)
        and is_whole(task.get("compatibilities"))
        and all(is_word(each, "FARGATE") for each in compatibilities)
    )


def is_old(part: Part) -> bool:
    """Return whether tasks certainly use a Fargate platform before 1.4.0, which logs in to ECR by an interface of AWS."""
    version = part.get("platform_version")
    return isinstance(version, str) and version.startswith(("1.0.", "1.1.", "1.2.", "1.3."))


def _needs(parts: Parts, part: Part, task: Part | None, *, old: bool) -> Needs:
    start: list[ServiceCall] = []
    known = part.get("platform_version")
    certain = known is None or isinstance(known, str)
    if task is not None and certain:
        for container in certain_items(task.get("containers")):
            start += container_calls(parts, container, task.place("containers"), old=old)
    return Needs(tuple(start), tuple(_exec_calls(parts, part)))


def container_calls(parts: Parts, container: Value, span: Span, *, old: bool = False) -> Iterator[ServiceCall]:
    """Yield what the start of a container calls: the pull, the log driver, secrets and files of variables.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
    """
    if not isinstance(container, MapValue):
        return
    yield from pull_calls(parts, member(container, "image"), span, PULL[1:] if old else PULL)
    logging = member(container, "logConfiguration")
    if is_word(member(logging, "logDriver"), "awslogs"):
        yield from log_calls(member(logging, "options"), "the log driver awslogs calls logs", span)
    if not old:
        credentials = member(member(container, "repositoryCredentials"), "credentialsParameter")
        for value in (*_secrets(container), *_secrets(logging, "secretOptions"), credentials):
            yield from _secret_calls(parts, value, span)
    for file in certain_items(member(container, "environmentFiles")):
        if isinstance(file, MapValue) and member(file, "value") is not None:
            yield ServiceCall("s3", "its environment files are in S3, so the start calls s3", span)


def log_calls(options: Value, why: str, span: Span) -> Iterator[ServiceCall]:
    """Yield the call of the log driver awslogs with ``options``. They may name another host, or another region.

    https://docs.docker.com/engine/logging/drivers/awslogs/
    """
    host = member(options, "awslogs-endpoint")
    region = member(options, "awslogs-region") if host is None else region_of_logs(host)
    if host is None or region is not None:
        yield ServiceCall("logs", why, span, region=hidden_part(options) or region)


def _secrets(owner: Value, name: str = "secrets") -> Iterator[Value]:
    for secret in certain_items(member(owner, name)):
        yield member(secret, "valueFrom")


def _secret_calls(parts: Parts, value: Value, span: Span) -> Iterator[ServiceCall]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html"""
    service = _store(parts, value)
    if service is not None:
        why = f"valueFrom names a value of {service}, which the start reads"
        yield ServiceCall(service, why, span, region=_store_region(parts, value))


def _store(parts: Parts, value: Value) -> str | None:
    """Return the service that holds the value that ``valueFrom`` names. A name without ``arn:`` is a parameter."""
    if isinstance(value, str):
        fields = value.split(":")
        if fields[0] != "arn":
            return "ssm" if value else None
        return fields[2] if len(fields) > 5 and fields[2] in ("ssm", "secretsmanager") else None
    if isinstance(value, PartialString):
        text = "".join(each if isinstance(each, str) else "x" for each in value.parts)
        fields = text.split(":")
        if fields[0] == "arn" and len(fields) > 3 and _is_written(value, f":{fields[2]}:"):
            return fields[2] if fields[2] in ("ssm", "secretsmanager") else None
        return _store(parts, value.parts[0]) if isinstance(value.parts[0], Reference) else None
    if isinstance(value, Reference):
        return _store_of(parts, value)
    return None


def _store_region(parts: Parts, value: Value) -> Value:
    """Return the region of the value that ``valueFrom`` names; null where it is that of the task."""
    first = value.parts[0] if isinstance(value, PartialString) else value
    found = parts.find(first, "secret", "parameter") if isinstance(first, Reference) else None
    return region_of_arn(value) if found is None else found.get("region")


def _is_written(value: PartialString, text: str) -> bool:
    return any(isinstance(each, str) and text in each for each in value.parts)


def _store_of(parts: Parts, value: Reference) -> str | None:
    """Return the service that holds what a reference names."""
    if parts.find(value, "secret") is not None or "data.aws_secretsmanager_secret" in value.address:
        return "secretsmanager"
    if parts.find(value, "parameter") is not None or _is_parameter(value.address):
        return "ssm"
    steps = [str(step).lower().replace("_", "") for step in value.path]
    return "secretsmanager" if any(step.endswith("secretarn") for step in steps) else None


def _is_parameter(address: str) -> bool:
    """Return whether an address is that of a data source of Terraform that reads a parameter."""
    return "data.aws_ssm_parameter" in address or "data.awscc_ssm_parameter" in address


def has_proxy(containers: Value) -> bool:
    """Return whether the environment or the secrets of a container name a proxy, or may."""
    return any(
        names_proxy(member(container, name))
        for container in certain_items(containers)
        for name in ("environment", "secrets")
    )


def _exec_calls(parts: Parts, part: Part) -> Iterator[ServiceCall]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"""
    if not is_word(part.get("exec"), "true"):
        return
    yield ServiceCall("ssmmessages", "ECS Exec is on, which calls ssmmessages", part.place("exec"))
    cluster = parts.find(part.get("cluster"), "cluster")
    if cluster is not None and is_set(cluster.get("exec_key")):
        yield ServiceCall("kms", "the cluster encrypts ECS Exec with a key, so it calls kms", cluster.place("exec_key"))


def _targets_of_rules(parts: Parts) -> Iterator[Part]:
    """Yield the ECS targets of CloudFormation's rules of EventBridge, as parts of their own."""
    for rule in parts.of_kind("event_rule"):
        if not runs(parts, rule):
            continue
        for target in certain_items(rule.get("targets")):
            settings = member(target, "EcsParameters")
            network = member(member(settings, "NetworkConfiguration"), "AwsVpcConfiguration")
            arguments = {
                "cluster": member(target, "Arn"),
                "task": member(settings, "TaskDefinitionArn"),
                "launch_type": member(settings, "LaunchType"),
                "platform_version": member(settings, "PlatformVersion"),
                "strategy": member(settings, "CapacityProviderStrategy"),
                "exec": member(settings, "EnableExecuteCommand"),
                "subnets": member(network, "Subnets"),
                "security_groups": member(network, "SecurityGroups"),
                "public_ip": member(network, "AssignPublicIp"),
            }
            given = {name: value for name, value in arguments.items() if value is not None}
            yield Part(rule.declared, "event_target", MapValue(given, "map"))

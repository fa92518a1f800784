"""Event source mappings and pipes that poll a cluster in a VPC: from the subnets of the cluster, without a public address.

https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-configure.html
https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-msk.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from vpce_checks.base.record import replace
from vpce_checks.model.documents import certain_items, is_whole, member
from vpce_checks.model.network import Part
from vpce_checks.model.values import ListValue, MapValue, Opaque, PartialString, Unknown, Value, merge_causes
from vpce_checks.model.workload import ServiceCall, Workload
from vpce_checks.reach.parts import Parts
from vpce_checks.workloads.arguments import is_set, is_word
from vpce_checks.workloads.plain import subnets_of
from vpce_checks.workloads.running import runs

_CLUSTERS = ("kafka_cluster", "kafka_serverless", "broker", "document_db")
_WITH_SECRET = ("broker", "document_db")
"""Sources that are only reached with a secret."""

_SECRETS = ("basic_auth", "sasl_scram_512_auth", "sasl_scram_256_auth", "client_certificate_tls_auth")
_PIPE_SECRETS = (
    *("credentials_basic", "credentials_scram512", "credentials_scram256", "credentials_tls"),
    *("msk_scram", "msk_tls", "mq_auth", "rabbit_auth"),
)


class Polled(NamedTuple):
    """Where a source is polled from, and whether a secret is needed for it."""

    subnets: Value
    security_groups: Value
    secret: bool


def workloads(parts: Parts) -> Iterator[Workload]:
    """Yield the pollers of event source mappings and pipes."""
    for part in (*parts.of_kind("event_source"), *_events_of_functions(parts)):
        if not runs(parts, part):
            continue
        # In provisioned mode, the pollers need nothing in the VPC.
        if part.get("provisioned") is None and part.get("provisioned_max") is None:
            polled = _own_cluster(part) or _cluster(parts, part)
            if polled is not None:
                yield _poller(part, polled, ("lambda", "sts"), "an event source mapping")
    for part in parts.of_kind("pipe"):
        polled = _cluster(parts, part)
        if polled is None and is_set(part.get("subnets")):
            polled = Polled(part.get("subnets"), part.get("security_groups"), secret=False)
        if polled is not None:
            secret = polled.secret or any(is_set(part.get(name)) for name in _PIPE_SECRETS)
            yield _poller(part, polled._replace(secret=secret), ("pipes-data", "lambda", "sts"), "a pipe")


_SOURCES = {"MSK": "Stream", "MQ": "Broker", "DocumentDB": "Cluster", "SelfManagedKafka": ""}
"""Events of Serverless functions for which SAM makes event source mappings, by the property that names the source."""

_EVENT_FIELDS = {
    "enabled": "Enabled",
    "provisioned": "ProvisionedPollerConfig",
    "self_managed": "KafkaBootstrapServers",
}


def _events_of_functions(parts: Parts) -> Iterator[Part]:
    """Yield the events of Serverless functions that SAM makes event source mappings of, as parts of their own.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
    """
    for function in parts.of_kind("function"):
        events = function.get("sam_events")
        if not isinstance(events, MapValue):
            continue
        for name, event in ((name, each) for name, each in events.items.items() if name not in events.maybe):
            type, properties = member(event, "Type"), member(event, "Properties")
            if not isinstance(type, str) or type not in _SOURCES:
                continue
            if not isinstance(properties, MapValue) or not properties.exact:
                continue
            arguments = {ours: member(properties, theirs) for ours, theirs in _EVENT_FIELDS.items()}
            arguments["source"] = member(properties, _SOURCES[type]) if _SOURCES[type] else None
            arguments["access"] = _access(member(properties, "SourceAccessConfigurations"))
            given = {name: value for name, value in arguments.items() if value is not None}
            declared = replace(function.declared, address=function.address + name)  # as SAM calls the mapping
            yield Part(declared, "event_source", MapValue(given, "map"))


def _access(configurations: Value) -> Value:
    """Return the access of an event with our names for its members."""
    if not isinstance(configurations, ListValue):
        return configurations
    items = tuple(
        MapValue({"type": member(item, "Type"), "uri": member(item, "URI")}, "map")
        if isinstance(item, MapValue)
        else item
        for item in configurations.items
    )
    return ListValue(items, "list", configurations.maybe, configurations.rest)


def _poller(part: Part, polled: Polled, services: tuple[str, ...], what: str) -> Workload:
    calls = [
        ServiceCall(name, f"{what} calls {name} from the subnets of its source", part.place("source"))
        for name in services
    ]
    if polled.secret:
        why = f"{what} reads the secret of its source, so it calls secretsmanager"
        calls.append(ServiceCall("secretsmanager", why, part.place("access")))
    return Workload(part.declared, part.kind, polled.subnets, polled.security_groups, calls=tuple(calls))


def _cluster(parts: Parts, part: Part) -> Polled | None:
    cluster = parts.find(part.get("source"), *_CLUSTERS)
    if cluster is None or not _is_private(cluster):
        return None
    secret = cluster.kind in _WITH_SECRET or _has_secret(part.get("access"))
    return Polled(subnets_of(parts, cluster), cluster.get("security_groups"), secret)


def _is_private(cluster: Part) -> bool:
    """Return whether a source is certainly not reached through a public address."""
    return cluster.get("public") is None or is_word(cluster.get("public"), "false")


def _own_cluster(part: Part) -> Polled | None:
    """Return where a self-managed cluster is polled from: the mapping names subnets and groups itself."""
    access = part.get("access")
    if part.get("self_managed") is None or not isinstance(access, ListValue):
        return None
    subnets = list(_uris(access, "vpc_subnet", "subnet:"))
    if not subnets:
        return None
    rest = None if is_whole(access) else Unknown(merge_causes([access]))
    groups = tuple(_uris(access, "vpc_security_group", "security_group:"))
    return Polled(
        ListValue(tuple(subnets), "list", rest=rest), ListValue(groups, "list", rest=rest), _has_secret(access)
    )


def _uris(access: Value, type: str, prefix: str) -> Iterator[Value]:
    for item in certain_items(access):
        if is_word(member(item, "type"), type):
            yield _without(member(item, "uri"), prefix)


def _without(uri: Value, prefix: str) -> Value:
    """Return what follows ``prefix`` in a URI such as ``subnet:subnet-1234``."""
    if isinstance(uri, str):
        return uri.removeprefix(prefix)
    if isinstance(uri, PartialString) and len(uri.parts) == 2 and uri.parts[0] == prefix:
        return uri.parts[1]
    return uri if isinstance(uri, Opaque) else Unknown(merge_causes([uri]))


def _has_secret(access: Value) -> bool:
    return any(is_word(member(item, "type"), secret) for item in certain_items(access) for secret in _SECRETS)

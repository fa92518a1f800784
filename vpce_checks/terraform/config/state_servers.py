"""Which server has a state, where the settings of a backend say it.

Two names of one server count as two servers. What is at ``localhost`` depends on the machine.

https://developer.hashicorp.com/terraform/language/backend/s3
https://developer.hashicorp.com/terraform/language/backend/consul
https://developer.hashicorp.com/terraform/language/backend/kubernetes
https://developer.hashicorp.com/terraform/language/backend/pg
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, MapValue, Reference, Unknown, Value, choose

_OF_THE_CLOUD = (".amazonaws.com", ".amazonaws.com.cn", ".googleapis.com")
"""Ends of the names that one and the same public service has."""

KUBERNETES_SERVERS = (
    ("config_context",),
    ("config_context_cluster",),
    ("host",),
    ("config_path", "config_paths"),
)
"""Settings of the backend ``kubernetes`` that say in which cluster the state is.

Each line has all names of one setting.
"""

_NAMES = ("config_path", "config_context")
"""Settings that name a file, or an entry in it. Only that file says which cluster it is: two names may mean one.

https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
"""

_POSTGRES_PORT = 5432


def stated(settings: Mapping[str, Value], names: Iterable[str]) -> Value:
    """Return the setting with one of ``names``; null if none is set. ``endpoints.s3`` is one of an object."""
    return next((value for name in names if (value := _setting(settings, name)) is not None), None)


def _setting(settings: Mapping[str, Value], name: str) -> Value:
    outer, _, inner = name.partition(".")
    value = settings.get(outer)
    if not inner or not isinstance(value, MapValue):
        return value
    return value.items.get(inner, value.rest)


def server(backend: str, name: str, value: Value, span: Span) -> Value:
    """Return the server that the setting ``name`` says. Where it is not set, the environment decides, for all roots."""

    def known(each: Value) -> Value:
        if each is None:
            cause = Cause(f"the code does not set {name} of the backend, so the environment decides", span)
            return Reference(f"{backend}.{name}", (), "environment", (cause,), "string")
        if name in _NAMES and isinstance(each, str):
            cause = Cause(f"which cluster {each} names is not in the code", span)
            return Reference(each, (), "server", (cause,), "string")
        return _host(each, span) if isinstance(each, str) else each

    return _each(value, known)


def database(conn_str: Value, span: Span) -> Value:
    """Return the server and the database that a connection string of PostgreSQL names. The user plays no part."""
    return _each(conn_str, lambda each: _database(each, span) if isinstance(each, str) else each)


def _each(value: Value, known: Callable[[Value], Value]) -> Value:
    if isinstance(value, Unknown) and value.one_of:
        return choose(map(known, value.one_of), value.causes)
    return known(value)


def _host(text: str, span: Span) -> Value:
    host = text.rpartition("://")[2].rstrip("/").lower()
    if host.endswith(_OF_THE_CLOUD):
        return next(end for end in _OF_THE_CLOUD if host.endswith(end))
    if host.startswith(("localhost", "127.", "[::1]")):
        cause = Cause(f"which server is at {host} depends on the machine", span)
        return Reference(host, (), "server", (cause,), "string")
    return host


def _database(text: str, span: Span) -> Value:
    try:
        parts = urlsplit(text)
        if parts.scheme and parts.hostname:
            return _host(f"{parts.hostname}:{parts.port or _POSTGRES_PORT}{parts.path.rstrip('/')}", span)
    except ValueError:
        return text
    words = dict(word.split("=", 1) for word in text.split() if "=" in word)
    if words.get("host") and words.get("dbname"):
        return _host(f"{words['host']}:{words.get('port', _POSTGRES_PORT)}/{words['dbname']}", span)
    return text

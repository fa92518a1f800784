"""Whether an environment names a proxy: then the calls go there, and what it reaches is not in the code."""

from __future__ import annotations

from vpce_checks.model.values import MapValue, Opaque, PartialString, Value

NAMES = frozenset({"http_proxy", "https_proxy", "all_proxy"})


def names_proxy(environment: Value) -> bool:
    """Return whether a map of environment variables names a proxy, or may."""
    if isinstance(environment, MapValue):
        return environment.rest is not None or any(name.lower() in NAMES for name in environment.items)
    return isinstance(environment, Opaque)


def mentions_proxy(text: Value) -> bool:
    """Return whether a script names a proxy in the parts of it that are known."""
    if isinstance(text, PartialString):
        return any(isinstance(part, str) and mentions_proxy(part) for part in text.parts)
    return isinstance(text, str) and any(name in text.lower() for name in NAMES)

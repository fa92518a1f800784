"""Whether an environment or a script names a proxy: then the calls go there, and what it reaches is not in the code."""

from __future__ import annotations

from vpce_checks.base.pattern import pattern
from vpce_checks.model.documents import member
from vpce_checks.model.values import ListValue, MapValue, Opaque, PartialString, Unknown, Value

NAMES = frozenset({"http_proxy", "https_proxy", "all_proxy"})

_SETTING = pattern(r"(?:https?|all|set)[-_ ]?proxy")
"""How scripts, files and settings of Docker, containerd, Bottlerocket and Windows name a proxy.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/http_proxy_config.html
https://bottlerocket.dev/en/os/latest/api/settings/network/
"""


def names_proxy(environment: Value) -> bool:
    """Return whether environment variables, a map or a list of objects with a ``name``, name a proxy, or may."""
    if isinstance(environment, MapValue):
        return environment.rest is not None or any(name.lower() in NAMES for name in environment.items)
    if isinstance(environment, ListValue):
        return not environment.exact or any(_is_proxy(member(item, "name")) for item in environment.items)
    return isinstance(environment, Opaque)


def _is_proxy(name: Value) -> bool:
    """Return whether the name of a variable is that of a proxy, or may be."""
    return name.lower() in NAMES if isinstance(name, str) else isinstance(name, Opaque)


def mentions_proxy(text: Value) -> bool:
    """Return whether a script names a proxy, or may. A part that is not known may, if it can be a line of its own."""
    if isinstance(text, PartialString):
        before = ""
        for part in text.parts:
            if isinstance(part, str) and _SETTING.search(part.lower()):
                return True
            if isinstance(part, Unknown) and before.rpartition("\n")[2].strip() == "":
                return True
            before = part if isinstance(part, str) else "x"
        return False
    if isinstance(text, str):
        return _SETTING.search(text.lower()) is not None
    return isinstance(text, Opaque)

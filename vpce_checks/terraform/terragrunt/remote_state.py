"""``remote_state``: where the state of a unit is.

    remote_state {
      backend = "s3"
      config = {
        bucket = "states"
        key    = "${path_relative_to_include()}/terraform.tfstate"
        region = "eu-west-1"
      }
    }

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#remote_state
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from vpce_checks.model.outside import STATE, Offer
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, MapValue, Unknown, Value, merge_causes
from vpce_checks.terraform.config.states import state_address
from vpce_checks.terraform.terragrunt.configuration import Configuration


def state_offer(backend: str, name: Value, key: Mapping[str, Value], span: Span) -> Offer:
    """A state that others may read, by its name and ``key``. Its values are added later."""
    what = f"the state (backend {backend})" if backend else "the state"
    return Offer(STATE, name, what, span, lambda name: None, key=key)


def remote_state(configuration: Configuration) -> Offer | None:
    """Return the state that the ``remote_state`` of a unit, or else of what it includes, describes.

    https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#remote_state
    """
    for part in configuration.with_includes():
        block = part.block("remote_state")
        attribute = part.body.attributes.get("remote_state")
        if block is not None:
            settings = {name: part.argument(block, name) for name in ("backend", "config")}
            span = block.header
        elif attribute is not None:
            value = part.evaluated(attribute)
            if not isinstance(value, MapValue):
                causes = merge_causes([value]) or (Cause("remote_state is no object", attribute.span),)
                return state_offer("", Unknown(causes), {}, attribute.span)
            settings = {name: value.items.get(name, value.rest) for name in ("backend", "config")}
            span = attribute.span
        else:
            continue
        home = os.path.dirname(configuration.reading.main)
        backend = settings["backend"]
        address = state_address(backend, _config(settings["config"]), home, span)
        return state_offer(backend if isinstance(backend, str) else "", address.name, address.key, span)
    return None


def _config(value: Value) -> Mapping[str, Value]:
    """Return the settings of a backend. Where they are not known, each of them may be anything."""
    if isinstance(value, MapValue):
        return value.items if value.rest is None else _Open(value.items, value.rest)
    causes = merge_causes([value])
    return _Open({}, Unknown(causes, "string")) if causes else {}


class _Open(Mapping[str, Value]):
    """Settings of which there may be more."""

    def __init__(self, known: Mapping[str, Value], rest: Value) -> None:
        self._known = known
        self._rest = rest

    def __getitem__(self, name: str) -> Value:
        return self._known.get(name, self._rest)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

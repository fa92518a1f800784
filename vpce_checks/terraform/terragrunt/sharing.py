"""What a unit shares beside the outputs that ``dependency`` blocks read: its state, the parameters that it stores, the objects
that others may look up, and what it reads and looks up itself.

The names come from the unit as it is by itself. The values come from the unit as it is among those that it is joined with:
they may be values of others in turn, and what they mention has the label of its root.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from vpce_checks.base.record import replace
from vpce_checks.model.outside import Offer, Sharing
from vpce_checks.model.spans import Span
from vpce_checks.model.values import MapValue, Reference, Value, join_strings, unknown
from vpce_checks.terraform.build import deep_evaluation
from vpce_checks.terraform.sharing import offered, state_of, wanted_in, with_paths
from vpce_checks.terraform.terragrunt.remote_state import remote_state, state_offer
from vpce_checks.terraform.terragrunt.working_copies import CACHE

if TYPE_CHECKING:
    from vpce_checks.terraform.config.module import Module
    from vpce_checks.terraform.terragrunt.unit import Unit


def sharing_of_unit(unit: Unit, joined: Callable[[], Unit], *, has_marks: bool) -> Sharing:
    """Return what a unit shares.

    ``joined`` returns the same unit among those that it is joined with. ``has_marks``: its module may create something that
    others find, or say where its state is.
    """
    twin = _Twin(joined)
    module = unit.module if has_marks else None
    offers = list(with_paths(_state(unit, module, twin)))
    if module is None:
        return Sharing(lambda: tuple(offers))
    offers += (_with_value(offer, twin) for offer in offered(module))
    return Sharing(lambda: tuple(offers), tuple(wanted_in(module)))


def _with_value(offer: Offer, twin: _Twin) -> Offer:
    return replace(offer, value=lambda name: twin.value_of(offer, name))


class _Twin:
    """A unit among those that it is joined with. It is evaluated when something asks for one of its values."""

    def __init__(self, unit: Callable[[], Unit]) -> None:
        self._unit = unit
        self._offers: dict[tuple[str, str], Offer] | None = None

    @property
    def module(self) -> Module | None:
        """Its module; None where its code cannot be had."""
        return self._unit().module

    def value_of(self, offer: Offer, name: str) -> Value:
        """Return the value ``name`` of what the unit by itself offers."""
        with deep_evaluation():
            if self._offers is None:
                module = self.module
                if module is None:  # it is asked for while its inputs are read
                    return unknown(f"{offer.what} depends on itself", offer.span)
                self._offers = {(each.kind, each.what): each for each in offered(module)}
            found = self._offers.get((offer.kind, offer.what))
            if found is None:
                return unknown(f"whether there is {offer.what} is not known", offer.span)
            return found.value(name)

    def output(self, name: str, span: Span) -> Value:
        """Return an output of its module."""
        with deep_evaluation():
            outputs = self._unit().outputs(span)
            if isinstance(outputs, MapValue):
                return outputs.items[name] if name in outputs.items else unknown(f"there is no output {name}", span)
            return replace(outputs, path=(name,)) if isinstance(outputs, Reference) else outputs

    def is_sensitive(self, name: str) -> bool:
        """Return whether reports must not show an output."""
        module = self.module
        return module is not None and name in module.source.outputs and module.mark_of_output(name) is not None


# -- the state -------------------------------------------------------------------------------------------------------


def _state(unit: Unit, module: Module | None, twin: _Twin) -> Offer:
    """Return the state of a unit: where ``remote_state`` or a backend in its code says, else in its working copy."""
    state = remote_state(unit.configuration)
    if state is None and unit.may_have_more:
        span = Span(unit.configuration.path, 1)
        state = state_offer("", unknown("where the state is may be in a file that could not be read", span), {}, span)
    if state is None and module is not None and (module.source.backend is not None or _is_beside(unit)):
        state = state_of(module)
    if state is None:
        span = Span(unit.configuration.path, 1)
        copy = unknown("Terragrunt makes a working copy of the module", span, "string")
        path = join_strings((os.path.join(unit.directory, CACHE, ""), copy))
        state = state_offer("", path, {"backend": "local"}, span)

    def names() -> tuple[str, ...] | None:
        with deep_evaluation():
            found = unit.module
            return None if found is None else tuple(found.source.outputs)

    span = state.span
    return replace(
        state,
        value=lambda name: twin.output(name, span),
        names=names,
        why_more=lambda: unit.why_other_code,
        is_sensitive=twin.is_sensitive,
    )


def _is_beside(unit: Unit) -> bool:
    """Return whether the code of a unit is in its own directory, where Terraform runs then."""
    located = unit.located
    return located is not None and located.directory == unit.code

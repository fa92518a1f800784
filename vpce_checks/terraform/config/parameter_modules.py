"""Modules that are not there and, by their names, store parameters of the Parameter Store: what others may read of them.

https://registry.terraform.io/modules/terraform-aws-modules/ssm-parameter/aws
https://registry.terraform.io/modules/cloudposse/ssm-parameter-store/aws
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.outside import PARAMETER, Offer
from vpce_checks.model.values import Cause, PartialString, Reference, Unknown, Value, choose, held
from vpce_checks.terraform.config.module import Module, OpaqueCall

_BY_NAME = ("ssm", "param")


def parameters_of_modules(module: Module) -> Iterator[Offer]:
    """Yield the parameters that modules called by ``module`` may store, if their code was not read.

    Such a module gets names, or beginnings of names, and values. We do not know what it adds to a name, nor which of
    the values it stores there.
    """
    for name in module.source.modules:
        for child in module.children(name)[1].values():
            if isinstance(child, OpaqueCall) and any(word in child.source.lower() for word in _BY_NAME):
                yield from _offers(child, module.session.label)


def _offers(call: OpaqueCall, label: str) -> Iterator[Offer]:
    inputs = list(held(call.inputs.values(), keys=True))
    stored = [each for each in inputs if isinstance(each, Reference) and each.kind == "resource"]
    if not stored:
        return
    what = call.address.removeprefix(label)
    cause = Cause(f"what {what} ({call.source}) stores is not known", call.block.header)
    value = choose(stored, (cause,))

    def given(name: str) -> Value:
        return value

    for name in filter(None, (_beginning(each, cause) for each in inputs)):
        yield Offer(PARAMETER, name, what, call.block.header, given)


def _beginning(text: Value, cause: Cause) -> PartialString | None:
    """Return ``text``, if it is a path, as the known beginning of a name."""
    parts = text.parts if isinstance(text, PartialString) else (text,)
    first = parts[0]
    if not isinstance(first, str) or not first.startswith("/") or len(first) < 2:
        return None
    known = parts if isinstance(parts[-1], str) else parts[:-1]
    return PartialString((*known, Unknown((cause,), "string")))

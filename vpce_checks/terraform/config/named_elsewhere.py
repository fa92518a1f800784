"""VPCs of other roots that a called module may look up, though its code was not read.

The name of such a module says that it is about endpoints. As an input, it gets the name of a VPC, or of a stored
parameter with the id of a VPC.
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.code_names import names_endpoints
from vpce_checks.model.outside import PARAMETER, VPC, Outside, Wanted
from vpce_checks.model.values import Reference, Value, held
from vpce_checks.terraform.config.module import OpaqueCall

MIN_NAME = 3
"""How many characters a name has at least. Shorter texts are switches and kinds."""


def wanted_by_name(call: OpaqueCall) -> Iterator[Wanted]:
    """Yield what a module may look for: each text among its inputs may be the name of it."""
    if call.harmless or not names_endpoints(call.address, call.source):
        return
    texts = {each for each in held(call.inputs.values()) if isinstance(each, str) and len(each) >= MIN_NAME}
    for text in sorted(texts):
        for kind in (VPC, PARAMETER):
            yield Wanted(kind, text, call.address, call.block.header, is_search=True)


def found_by_name(call: OpaqueCall, outside: Outside) -> tuple[Value, ...]:
    """Return the ids of VPCs of other roots that a module may find."""
    found = (each for each in map(outside.find, wanted_by_name(call)) if each is not None)
    values = (offer.value("id" if each.wanted.kind == VPC else "") for each in found for offer in each.offers)
    return tuple(each for each in values if isinstance(each, Reference))

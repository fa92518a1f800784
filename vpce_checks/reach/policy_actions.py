"""Say which service an action of a policy is one of, and an ARN.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from vpce_checks.catalog import find_service, without_fips
from vpce_checks.catalog.endpoint_policies import prefixes_of
from vpce_checks.catalog.iam_prefixes import ARN_OF_TYPE, SHORTEST_ACTION, arns_by_prefix, services_in_arns
from vpce_checks.model.network import without_keys
from vpce_checks.model.tristate import NO, YES, TriState, maybe
from vpce_checks.model.values import Cause, PartialString, Reference, Value, merge_causes
from vpce_checks.reach.wildcards import OURS, REGION, UNKNOWN, overlap, text_of

# -- actions -----------------------------------------------------------------------------------------------------


def action_is_of(action: str, short: str) -> TriState:
    """Return whether ``action``, a pattern, is one of the service ``short`` by what stands before its colon."""
    prefix, colon, _ = action.lower().partition(":")
    return _prefix_is_of(prefix, short, colon=bool(colon))


def is_action_of(action: str, short: str) -> bool:
    """Whether ``action`` is or may be one of the service ``short``."""
    return action_is_of(action, short).possible


def is_all_of(action: str, short: str) -> bool:
    """Whether ``action`` takes in every action of the service."""
    prefix, colon, name = action.lower().partition(":")
    if colon and not _is_every_name(name):
        return False
    return _is_every_name(prefix) if not prefix.strip("*") else bool(colon) and _is_whole(prefix, short)


def _is_whole(prefix: str, short: str) -> bool:
    """Whether all actions of the service begin like this, or all that its endpoints are for, as with ``s3``."""
    own = prefixes_of(short)
    return prefix in own and (len(own) == 1 or prefix == without_fips(short))


def _is_every_name(name: str) -> bool:
    return "*" in name and not name.strip("*?") and name.count("?") <= SHORTEST_ACTION


@lru_cache(maxsize=4096)
def _prefix_is_of(prefix: str, short: str, *, colon: bool) -> TriState:
    if not prefix.isascii():
        return maybe()  # a part is not known
    if prefix and not prefix.strip("*"):
        return YES
    own = prefixes_of(short)
    is_open = "*" in prefix or "?" in prefix
    if not colon or is_open:
        # IAM refuses these. Whether endpoints do is not documented, so only what leads to no action of the service is certain.
        reaches = not own or any(overlap(prefix, each if colon else f"{each}:*").possible for each in own)
        words = f"the action {prefix}{':' if colon else ''} begins with the name of no service"
        return maybe((Cause(words),)) if is_open and reaches else NO
    if prefix in own or (not own and prefix in _names_of(short)):
        return YES
    if "." in prefix or _is_only_an_endpoint(prefix) or (own and prefix in arns_by_prefix()):
        return NO
    return maybe((Cause(f"whether actions of {short} begin with {prefix}: is not known"),))


def _is_only_an_endpoint(prefix: str) -> bool:
    """Whether PrivateLink has a service of this name, whose actions begin otherwise: ``monitoring`` has those of ``cloudwatch``."""
    named = prefixes_of(prefix)
    return bool(named) and prefix not in named and prefix not in arns_by_prefix()


def _names_of(short: str) -> tuple[str, ...]:
    """Return what IAM may call a service that we know no actions of: ``glue.sessions`` is ``glue``, ``notebook`` is
    ``sagemaker`` by its service name (``aws.sagemaker.REGION.notebook``)."""
    base = without_fips(short)
    service = find_service(short)
    steps = service.pattern.split(".") if service is not None else []
    above = steps[1:2] if steps[:1] == ["aws"] else []
    return (base, base.partition(".")[0], *(name for name in above if name in arns_by_prefix()))


# -- resources ---------------------------------------------------------------------------------------------------


def resource_is_of(resource: Value, short: str | None) -> TriState:
    """Return whether actions of the service ``short`` act on ARNs of the service that ``resource`` is one of."""
    if short is None:
        return YES
    service = _service_named(resource)
    if service is not None:
        return _arns_are_of(service, short)
    text = text_of(resource, None)
    answer = written_arn_is_of(text, short)
    return maybe(merge_causes([resource])) if answer.value is None and UNKNOWN in text else answer


def written_arn_is_of(text: str, short: str) -> TriState:
    """Return the same for a pattern. What is no ARN is no resource, unless its beginning is not known or a wildcard."""
    fields = text.split(":")
    if fields[0] != "arn" and text[:1] not in ("*", "?", UNKNOWN, REGION, OURS) and overlap(fields[0], "arn").no:
        return NO
    if fields[0] != "arn" or len(fields) <= 3:
        return maybe() if text.startswith(UNKNOWN) else YES
    return maybe() if UNKNOWN in fields[2] else _arns_are_of(fields[2], short)


def _service_named(resource: Value) -> str | None:
    """Return the service of an ARN, or of one that begins ``resource``, by the type of what the code creates or looks up."""
    first = resource.parts[0] if isinstance(resource, PartialString) else resource
    if not isinstance(first, Reference) or first.kind not in ("resource", "data") or first.path != ("arn",):
        return None
    type = without_keys(first.address).rpartition(".")[0]
    return ARN_OF_TYPE.get(re.split("[.:]", type)[-1])


@lru_cache(maxsize=4096)
def _arns_are_of(service: str, short: str) -> TriState:
    own = prefixes_of(short)
    if service in own or "*" in service or "?" in service or (not own and service in _names_of(short)):
        return YES
    by_prefix = arns_by_prefix()
    listed = [by_prefix.get(prefix, frozenset[str]()) for prefix in own]
    if any(service in each or "*" in each for each in listed):
        return YES
    if listed and any(listed) and service in services_in_arns():
        return NO
    return maybe((Cause(f"whether actions of {short} act on an ARN of {service or 'no service'} is not known"),))

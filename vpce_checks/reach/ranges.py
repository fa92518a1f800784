"""Whether address ranges overlap, and whether a rule's protocol and ports take in those of a service."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from vpce_checks.catalog.service_ports import Ports
from vpce_checks.model.tristate import NO, YES, TriState, maybe, one_of
from vpce_checks.model.values import Cause, Opaque, PartialString, Reference, Value, merge_causes, same
from vpce_checks.reach.endpoints import possible_values

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

ANY_IPV4 = "0.0.0.0/0"
ANY_IPV6 = "::/0"

MAX_PORT = 65_535

NO_RANGE = Cause("a source of the rule is not a CIDR block")
NO_PORTS = Cause("the ports of the rule are not a range of TCP ports")

_TCP = ("tcp", "6")
_ALL = ("-1", "all")


@lru_cache(maxsize=4096)
def read_range(text: str) -> IPv4Network | IPv6Network | None:
    """Return a CIDR block; None if ``text`` is none. Bits beyond the prefix do not count, as in EC2."""
    from ipaddress import ip_network

    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def size_of(cidr: Value) -> int | None:
    """Return how many addresses a CIDR block has; None if it is not known."""
    block = read_range(cidr) if isinstance(cidr, str) else None
    return None if block is None else block.num_addresses


def is_ipv6(cidr: Value) -> bool:
    """Whether ``cidr`` is certainly an IPv6 block: by its text, or by the attribute that holds it (``ipv6_cidr_block``)."""
    if isinstance(cidr, Reference) and cidr.path:
        return str(cidr.path[0]).lower().startswith(("ipv6_cidr", "ipv6cidr"))
    known = cidr.parts if isinstance(cidr, PartialString) else (cidr,)
    return any(isinstance(part, str) and ":" in part for part in known)


def overlap(one: Value, other: Value) -> TriState:
    """Return whether two CIDR blocks have an address in common."""
    if same(one, other):
        return YES  # whichever of several it is
    return one_of(_overlap(left, right) for left in possible_values(one) for right in possible_values(other))


def _overlap(one: Value, other: Value) -> TriState:
    if same(one, other):
        return YES
    for value in (one, other):
        if isinstance(value, str) and read_range(value) is None:
            return maybe((NO_RANGE,))
    if isinstance(one, str) and isinstance(other, str):
        left, right = read_range(one), read_range(other)
        assert left is not None and right is not None
        return YES if left.version == right.version and left.overlaps(right) else NO
    if any(_is_everything(whole, part) for whole, part in ((one, other), (other, one))):
        return YES
    return maybe(merge_causes([one, other]))


def _is_everything(whole: Value, part: Value) -> bool:
    """Return whether ``whole`` has every address of the family of ``part``, which is a CIDR block that is not known."""
    return isinstance(part, (Opaque, PartialString)) and whole == (ANY_IPV6 if is_ipv6(part) else ANY_IPV4)


def covers(one: Value, other: Value) -> TriState:
    """Return whether the CIDR block ``one`` has every address of ``other``."""
    if same(one, other):
        return YES
    if isinstance(one, str) and isinstance(other, str):
        left, right = read_range(one), read_range(other)
        if left is not None and right is not None:
            return YES if left.version == right.version and right.subnet_of(left) else NO  # type: ignore[arg-type]
    if _is_everything(one, other):
        return YES
    return maybe(merge_causes([one, other]))


def takes_tcp(protocol: Value) -> TriState:
    """Return whether a rule with ``protocol`` is about TCP: "tcp", 6, or every protocol (-1)."""
    return one_of(_takes_tcp(value) for value in possible_values(protocol))


def _takes_tcp(protocol: Value) -> TriState:
    if isinstance(protocol, (str, int)) and not isinstance(protocol, bool):
        return YES if str(protocol).strip().lower() in (*_TCP, *_ALL) else NO
    return maybe(merge_causes([protocol]))


def is_every_protocol(protocol: Value) -> TriState:
    """Return whether a rule with ``protocol`` is about every protocol. Its ports do not count then."""
    return one_of(
        (YES if str(value).strip().lower() in _ALL else NO)
        if isinstance(value, (str, int)) and not isinstance(value, bool)
        else maybe(merge_causes([value]))
        for value in possible_values(protocol)
    )


def takes_ports(first: Value, last: Value, wanted: Ports) -> TriState:
    """Return whether the ports from ``first`` to ``last`` have one of ``wanted`` among them."""
    return one_of(_takes_ports(low, high, wanted) for low in possible_values(first) for high in possible_values(last))


def _takes_ports(first: Value, last: Value, wanted: Ports) -> TriState:
    low, high = port(first), port(last)
    if any(number is not None and not 0 <= number <= MAX_PORT for number in (low, high)):
        return maybe((NO_PORTS,))
    if low is None or high is None:
        # One known end may decide: from 8000 upwards there is no 443.
        if any(value is None for value in (first, last)):
            return maybe((Cause("the rule has no range of ports"),))
        if low is not None and all(low > end for _, end in wanted):
            return NO
        if high is not None and all(high < start for start, _ in wanted):
            return NO
        return maybe(merge_causes([first, last]))
    if low > high:
        return maybe((NO_PORTS,))
    return YES if any(low <= end and start <= high for start, end in wanted) else NO


def port(value: Value) -> int | None:
    """Return a number of a port; None if it is not known or none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else None
    if isinstance(value, str):
        text = value.strip()
        return int(text) if text.lstrip("-").isdigit() and text.isascii() and len(text) < 8 else None
    return None

"""Find out whether something of the configuration may change routes while it runs, such as a NAT instance that adds its own.

What it adds is not in the code, so that a route table without a route out of the VPC may get one.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
"""

from __future__ import annotations

from collections.abc import Iterator

from vpce_checks.model.documents import NotJson, certain_items, member, read_document
from vpce_checks.model.network import Network, Part
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, Value
from vpce_checks.reach.indexes import once
from vpce_checks.reach.parts import parts_of
from vpce_checks.reach.wildcards import glob

_ACTIONS = ("ec2:createroute", "ec2:replaceroute")


def route_changer(network: Network) -> Cause | None:
    """Return the policy that lets something change routes by name. A policy for everything (``ec2:*``) says nothing."""
    return once(network, "route changer", lambda: next(_changers(network), None))


def _changers(network: Network) -> Iterator[Cause]:
    for part in parts_of(network).of_kind("role", "role_policy", "policy"):
        for document, span in _documents(part):
            for statement in certain_items(member(document, "Statement")):
                if member(statement, "Effect") == "Allow" and any(map(_names_route, _actions(statement))):
                    yield Cause(f"{part.address} allows to change routes, which may add one at run time", span)


def _documents(part: Part) -> Iterator[tuple[Value, Span]]:
    written = [(part.get("policy"), "policy")]
    written += ((member(item, "policy"), "inline") for item in certain_items(part.get("inline")))
    for value, field in written:
        try:
            yield read_document(value), part.place(field)
        except NotJson:
            continue


def _actions(statement: Value) -> Iterator[str]:
    for action in certain_items(member(statement, "Action")):
        if isinstance(action, str):
            yield action.lower()


def _names_route(action: str) -> bool:
    return "route" in action and any(glob(action, name) for name in _ACTIONS)

"""Addresses taken apart: ``module.net["a.b"].aws_vpc.this[0]`` and ``Nested/Main``."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple


class Place(NamedTuple):
    """A Terraform address: ``module`` (``module.net["a.b"]`` or empty), ``type``, ``name`` and ``key`` (``[0]``)."""

    module: str
    type: str
    name: str
    key: str


def terraform_place(address: str) -> Place:
    """Take a resource's address apart. What is not one is a name alone."""
    steps = terraform_steps(address)
    if len(steps) < 2:
        return Place("", "", address, "")
    name, bracket, key = steps[-1].partition("[")
    return Place(".".join(steps[:-2]), steps[-2], name, bracket + key)


def leaf(address: str) -> str:
    """The logical id at the end of a CloudFormation address."""
    return address.rpartition("/")[2]


def terraform_steps(address: str) -> list[str]:
    """Return an address split at the dots outside of brackets and quotes."""
    steps: list[str] = []
    start = 0
    quoted = escaped = False
    for position, letter in enumerate(address):
        if escaped:
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == "." and not quoted:
            steps.append(address[start:position])
            start = position + 1
    return [*steps, address[start:]]


def labels_of(address: str, labels: Collection[str]) -> Iterator[str]:
    """Yield those of ``labels`` that an address begins with, the shortest one first. Every label ends with a colon."""
    at = address.find(":") + 1
    while at:
        if address[:at] in labels:
            yield address[:at]
        at = address.find(":", at) + 1

"""The host names that clients of an AWS service ask for, and which of them private DNS of its endpoint answers.

https://docs.aws.amazon.com/general/latest/gr/rande.html
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from vpce_checks.catalog.partitions import dns_suffix, dual_stack_suffix, is_region, partition_of
from vpce_checks.catalog.services import listed_name, short_names
from vpce_checks.model.values import Opaque, PartialString, Value, join_strings

Use: TypeAlias = Literal["asked", "instead", "also", "perhaps", "never"]
"""``asked``: clients ask for the name. ``instead``: some clients ask for it in place of the one before. ``also``: private
DNS answers it as well. ``perhaps``: it exists, and nothing proves that private DNS answers it. ``never``: private DNS does
not answer it."""

_USES: dict[str, Use] = {"~": "asked", "=": "instead", "+": "also", "?": "perhaps", "!": "never"}


class HostName(NamedTuple):
    """A host name of a service. ``name`` holds ``*`` for a label that the client chooses. ``verified`` is whether a source
    proves it."""

    name: Value
    use: Use
    verified: bool = True


@lru_cache(maxsize=1)
def _rows() -> dict[str, str]:
    path = os.path.join(os.path.dirname(__file__), "host_names.tsv")
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    return dict(line.split("\t") for line in lines if line and line[0] != "#")


@lru_cache(maxsize=1024)
def _templates(short_name: str) -> tuple[tuple[str, Use, bool], ...]:
    listed = listed_name(short_name)
    row = _rows().get(listed)
    if row is None:
        return ((f"{short_name}@", "asked", True),)
    found: list[tuple[str, Use, bool]] = []
    number = short_name[len(listed) :]
    for cell in row.split(" "):
        if cell != "-":
            use = _USES.get(cell[0])
            template = (cell if use is None else cell[1:]).replace("{short}", short_name)
            if number.isdecimal():
                template = template.replace("{n}", number)
            found.append((template.replace("{n}", "*"), use or "asked", cell[0] != "~"))
    return tuple(found)


def host_names(short_name: str, region: Value) -> tuple[HostName, ...]:
    """Return the host names of the service ``short_name`` in ``region``, which may be unknown. None if clients ask for names
    of their own."""
    partition = partition_of(region) if isinstance(region, str) else "aws"
    return tuple(
        HostName(_filled(template, region, partition), use, verified and (partition == "aws" or _is_regional(template)))
        for template, use, verified in _templates(short_name)
    )


def _is_regional(template: str) -> bool:
    """Whether the name has the same form in all partitions: it holds the region."""
    return template[-1] in "@%" or "{r}" in template


def _filled(template: str, region: Value, partition: str) -> Value:
    text = template.replace("@", ".{r}.{s}").replace("%", ".{r}.{d}")
    text = text.replace("{s}", dns_suffix(partition)).replace("{d}", dual_stack_suffix(partition))
    place = region if isinstance(region, (str, Opaque, PartialString)) else ""
    before, found, after = text.partition("{r}")
    return join_strings((before, place, after)) if found else text


class Hosted(NamedTuple):
    """A service that has a given host name in ``region``."""

    short_name: str
    region: str
    host: HostName


def services_of_host(name: str) -> tuple[Hosted, ...]:
    """Return the services that have the host name ``name`` (``ssm.eu-west-1.amazonaws.com``), FIPS variants included."""
    labels = name.lower().rstrip(".").split(".")
    region = next((label for label in labels if is_region(label)), "us-east-1")
    found = (Hosted(short, region, host) for short in _candidates(labels) for host in host_names(short, region))
    return tuple(each for each in found if isinstance(each.host.name, str) and _matches(each.host.name, labels))


def _candidates(labels: list[str]) -> Iterator[str]:
    yield from short_names()
    for label in labels:
        if label.startswith("dsql-"):
            yield label
        if "-cell" in label:
            yield f"timestream.{label}"


def _matches(pattern: str, labels: list[str]) -> bool:
    if pattern.startswith("*."):
        rest = pattern[2:].split(".")
        return len(labels) > len(rest) and labels[-len(rest) :] == rest
    return pattern.split(".") == labels

"""What ``vpce-checks trace`` prints: as lines, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vpce_checks.base.defects import defect
from vpce_checks.base.record import record
from vpce_checks.catalog import find_service, nearest
from vpce_checks.catalog.host_names import services_of_host
from vpce_checks.cli.errors import UsageError
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Value
from vpce_checks.reach.host_region import is_bucket_anywhere
from vpce_checks.reach.trace import Step, Way, trace
from vpce_checks.report import relative, root_name
from vpce_checks.report.text.wrap import wrap

if TYPE_CHECKING:
    from vpce_checks.model.network import Network, Subnet, Vpc
    from vpce_checks.project.project import Project

VERSION = 1

MAX_CREATED = 10
"""How many VPCs or subnets an error lists."""


@record
class Called:
    """What is called: a service, by one of its host names or (None) by all that clients ask for."""

    service: str
    host: str | None = None


@record
class Found:
    """The ways of a call, each with its root and what singles out the scenarios in which it is so."""

    called: Called
    ways: tuple[tuple[str, tuple[str, ...], Way], ...]
    diagnostics: tuple[Diagnostic, ...]


def target_of(word: str) -> Called:
    """Return what ``word`` names. Raises UsageError for a word that is neither a service nor a host name."""
    if find_service(word) is not None:
        return Called(word)
    services = services_of_host(word)
    if services:
        return Called(services[0].short_name, word)
    if is_bucket_anywhere(word):
        return Called("s3", word)
    if word.count(".") >= 2:
        return Called("", word)
    close = nearest(word)
    near = f"; did you mean {' or '.join(close)}?" if close else ""
    raise UsageError(f"{word!r} is neither an endpoint service nor a host name{near}")


def read_ways(project: Project, called: Called, vpc: str | None, subnet: str | None, directory: str) -> Found:
    """Return the ways from the VPCs of a project. ``vpc`` and ``subnet`` are addresses, with or without their root. Raises
    UsageError if there is no such VPC or subnet."""
    ways: list[tuple[str, tuple[str, ...], Way]] = []
    diagnostics: list[Diagnostic] = []
    seen: list[str] = []
    created: list[str] = []
    for root in sorted((root for batch in project.batches() for root in batch.roots()), key=lambda root: root.key):
        name = root_name(root.key, directory)
        try:
            networks = project.read(root)
        except Exception as error:
            diagnostics.append(Diagnostic("error", defect(error), root.path, is_defect=True))
            continue
        diagnostics += dict.fromkeys(item for network in networks for item in network.diagnostics)
        for network in networks:
            created += _created(network, name, "VPC" if subnet is None else "subnet")
            for start, inner in _starts(network, name, vpc, subnet):
                seen.append(start.address)
                when = network.when if len(networks) > 1 else ()
                ways += ((name, when, way) for way in trace(network, start, called.service, called.host, inner))
    if not seen and (vpc is not None or subnet is not None):
        raise UsageError(_no_start(vpc, subnet, list(dict.fromkeys(created))))
    return Found(called, tuple(ways), tuple(diagnostics))


def _created(network: Network, root: str, kind: str) -> list[str]:
    """Return the VPCs, or the subnets, that ``network`` creates, as the options name them."""
    objects = network.vpcs if kind == "VPC" else network.subnets
    return [
        each.declared.address if root == "." else f"{root}:{each.declared.address}"
        for each in objects
        if each.declared.address not in network.foreign
    ]


def _no_start(vpc: str | None, subnet: str | None, created: list[str]) -> str:
    """Return what to say if a trace has nowhere to begin, given all that it could have begun in."""
    if subnet is not None and vpc is not None and any(_ends_with(each, subnet) for each in created):
        return f"no subnet {subnet} is created in {vpc}"
    kind = "VPC" if subnet is None else "subnet"
    more = f" and {len(created) - MAX_CREATED} more" if len(created) > MAX_CREATED else ""
    known = f"; there are {', '.join(created[:MAX_CREATED])}{more}" if created else ""
    return f"no {kind} {subnet or vpc} is created here{known}"


def _ends_with(shown: str, address: str) -> bool:
    return shown == address or shown.endswith(f":{address}")


def _starts(network: Network, root: str, vpc: str | None, subnet: str | None) -> Iterator[tuple[Vpc, Subnet | None]]:
    """Yield the VPCs, or the one with the subnet, that a trace begins in."""
    from vpce_checks.reach.endpoints import is_vpc

    for each in network.vpcs:
        if each.address in network.foreign or not _is_named(vpc, root, each.address):
            continue
        if subnet is None:
            yield each, None
            continue
        for inner in network.subnets:
            if _is_named(subnet, root, inner.declared.address) and is_vpc(inner.vpc, each).possible:
                yield each, inner


def _is_named(wanted: str | None, root: str, address: str) -> bool:
    return wanted is None or wanted in (address, f"{root}:{address}")


def way_lines(found: Found, directory: str, width: int) -> Iterator[str]:
    """Yield the ways as text: a heading each, its steps, and where calls arrive. Lines break at ``width`` columns."""
    if not found.ways:
        yield "no VPC is created here" if not found.called.service or _asked_for(found) else _no_names(found.called)
    for place, (root, when, way) in enumerate(found.ways):
        if place:
            yield ""
        shown = "" if root == "." else f"{root}:"
        under = f" when {' and '.join(when)}" if when else ""
        yield from wrap(f"{shown}{way.vpc.address} calls {way.name}{under}", width, "", "  ")
        for number, step in enumerate(way.steps, 1):
            head = f"{number:3}  {step.kind:<15} {step.certainty:<9} "
            yield from wrap(f"{step.text}{_place(step.span, directory)}", width, head)
            for why in step.why:
                yield from wrap(f"{why.text}{_place(why.span, directory)}", width, " " * (len(head) + 2))
        sure = "" if way.certainty == "no" else f" ({way.certainty})"  # calls that fail: the end says so
        yield from wrap(f"{way.end}{sure}", width, "  => ")


def _asked_for(found: Found) -> bool:
    from vpce_checks.catalog.host_names import host_names

    return bool(found.called.host or host_names(found.called.service, "us-east-1"))


def _no_names(called: Called) -> str:
    return f"clients of {called.service} ask for names of their own: pass a host name"


def _place(span: Span | None, directory: str) -> str:
    return f" ({relative(span.file, directory)}:{span.line})" if span is not None else ""


def ways_json(found: Found, directory: str) -> list[str]:
    """Return the ways as JSON."""
    document = {
        "version": VERSION,
        "service": found.called.service or None,
        "host": found.called.host,
        "ways": [_way(root, when, way, directory) for root, when, way in found.ways],
    }
    return [json.dumps(document, indent=2)]


def _way(root: str, when: tuple[str, ...], way: Way, directory: str) -> dict[str, Any]:
    return {
        "root": root,
        "when": list(when),
        "vpc": way.vpc.address,
        "region": _shown_region(way.vpc, way.vpc.region),
        "name": way.name,
        "end": way.end,
        "certainty": way.certainty,
        "steps": [_step(step, directory) for step in way.steps],
    }


def _shown_region(vpc: Vpc, region: Value) -> str | None:
    return vpc.declared.shown("region", region) if isinstance(region, str) else None


def _step(step: Step, directory: str) -> dict[str, Any]:
    return {
        "step": step.kind,
        "certainty": step.certainty,
        "text": step.text,
        "file": relative(step.span.file, directory) if step.span is not None else None,
        "line": step.span.line if step.span is not None else None,
        "why": [f"{why.text}{_place(why.span, directory)}" for why in step.why],
    }

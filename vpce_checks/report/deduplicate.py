"""Findings said once: a module that many roots call gives the same finding in each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vpce_checks.model.network import Network
from vpce_checks.model.verdict import SEVERITIES, Status
from vpce_checks.project.results import RootReport
from vpce_checks.report import relative
from vpce_checks.rules.finding import Finding

MAX_ROOTS_NAMED = 3


class Same(NamedTuple):
    """One finding and the roots (absolute) that it is in; ``networks`` are the first one's."""

    finding: Finding
    networks: Sequence[Network]
    roots: list[str]


def deduplicate(roots: Iterable[RootReport], *statuses: Status) -> list[Same]:
    """The findings with one of ``statuses``, those that differ in nothing but the root as one, worst severity first."""
    found: dict[tuple[object, ...], Same] = {}
    for root in roots:
        for finding in root.findings:
            if finding.status in statuses:
                key = (
                    finding.status,
                    finding.rule,
                    finding.resource,
                    finding.about.span,
                    finding.message,
                    finding.service,
                    finding.when,
                    finding.why,
                )
                found.setdefault(key, Same(finding, root.networks, [])).roots.append(root.path)
    order = {status: place for place, status in enumerate(statuses)}
    return sorted(
        found.values(), key=lambda same: (order[same.finding.status], -SEVERITIES.index(same.finding.severity))
    )


def in_roots(roots: Sequence[str], cwd: str) -> str:
    """ "in envs/dev, envs/prod and 3 more roots"."""
    names = [relative(root, cwd) for root in roots[:MAX_ROOTS_NAMED]]
    more = len(roots) - len(names)
    return f"in {', '.join(names)}" + (f" and {more} more roots" if more else "")

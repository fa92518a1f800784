"""Report findings and diagnostics once: a module that many roots call gives the same ones in each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vpce_checks.base.record import record
from vpce_checks.model.network import Network
from vpce_checks.model.roots import RootKey
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.verdict import SEVERITIES, Status
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import root_name
from vpce_checks.report.text.wrap import plural
from vpce_checks.rules.finding import Finding

MAX_ROOTS_NAMED = 3


@record
class Same:
    """A finding and the roots that have it. ``networks`` are those of the first root."""

    finding: Finding
    networks: Sequence[Network]
    roots: list[RootKey]


def deduplicate(roots: Iterable[RootReport], *statuses: Status) -> list[Same]:
    """Return the findings with one of ``statuses``, worst severity first. Findings that differ only in the root are one."""
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
                found.setdefault(key, Same(finding, root.networks, [])).roots.append(root.key)
    order = {status: place for place, status in enumerate(statuses)}
    return sorted(
        found.values(), key=lambda same: (order[same.finding.status], -SEVERITIES.index(same.finding.severity))
    )


def deduplicated_diagnostics(report: Report) -> list[Diagnostic]:
    """Return the diagnostics of all roots, each once."""
    return list(dict.fromkeys(item for root in report.roots for item in root.diagnostics))


def in_roots(roots: Sequence[RootKey], cwd: str) -> str:
    """Return the roots in words: "in envs/dev, envs/prod and 3 more roots"."""
    names = [root_name(root, cwd) for root in roots[:MAX_ROOTS_NAMED]]
    more = len(roots) - len(names)
    return f"in {', '.join(names)}" + (f" and {plural(more, 'more root')}" if more else "")

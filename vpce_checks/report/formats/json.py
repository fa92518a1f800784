"""The JSON report, version 1, for other tools. Its JSON Schema is ``report.schema.json`` in the folder above."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vpce_checks.base.version import VERSION
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.verdict import STATUSES
from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import Style, relative
from vpce_checks.report.fixes.fix import write_fix
from vpce_checks.report.fixes.fix_text import FixText
from vpce_checks.report.json_text import json_text
from vpce_checks.report.message import full_message, step_text
from vpce_checks.report.policies import policy_name
from vpce_checks.rules.finding import Finding

if TYPE_CHECKING:
    from vpce_checks.report.costs import VpcCosts


def render(report: Report, style: Style) -> str:
    """Return the report as indented JSON in ASCII. The order depends only on the input."""
    written = _document(report, style.cwd)
    if style.costs:
        from vpce_checks.report.costs import costs

        written["costs"] = [_costs(each, root, style.cwd) for root, each in costs(report)]
    return json_text(written)


def _document(report: Report, cwd: str) -> dict[str, Any]:
    """Return the report as dictionaries and iterators of them, with paths relative to ``cwd``."""
    return {
        "version": 1,
        "tool": {"name": "vpce-checks", "version": VERSION},
        "summary": {
            **{status: report.count(status) for status in STATUSES},
            "roots": report.root_count,
            "files": len(report.files),
        },
        "roots": (
            {
                "path": relative(root.path, cwd),
                **_deployment(root),
                "kind": root.kind,
                "policy": policy_name(root, cwd) or None,
                "diagnostics": [_diagnostic(item, cwd) for item in (*root.diagnostics, *more)],
            }
            for root, more in _listed(report)
        ),
        "vpcs": (vpc for root in report.roots for vpc in _vpcs(root, cwd)),
        "endpoints": (endpoint for root in report.roots for endpoint in _endpoints(root, cwd)),
        "results": (_result(finding, root, cwd) for root in report.roots for finding in root.findings),
    }


def _deployment(root: RootReport) -> dict[str, str]:
    """Return the name of the root's deployment. Only a root with several of them has one."""
    return {"deployment": root.deployment} if root.deployment else {}


def _diagnostic(item: Diagnostic, cwd: str) -> dict[str, Any]:
    return {
        "severity": item.severity,
        "message": item.message,
        "file": relative(item.file, cwd),
        "line": item.line,
    }


def _vpcs(root: RootReport, cwd: str) -> list[dict[str, Any]]:
    return [
        {
            "root": relative(root.path, cwd),
            **_deployment(root),
            **_address("address", row.address, root, cwd),
            "external": row.external,
            "file": relative(row.span.file, cwd),
            "line": row.span.line,
            "region": row.region,
        }
        for row in root.inventory.vpcs
    ]


def _endpoints(root: RootReport, cwd: str) -> list[dict[str, Any]]:
    return [
        {
            "root": relative(root.path, cwd),
            **_deployment(root),
            "address": row.address,
            **_address("vpc", row.vpc, root, cwd),
            "service_name": row.service_name,
            "service": row.service,
            "type": row.type,
            "private_dns": row.private_dns,
            "exists": row.exists,
            "when": list(when),
            "file": relative(row.span.file, cwd),
            "line": row.span.line,
        }
        for row, when in root.inventory.endpoints
        if not row.foreign
    ]


def _costs(each: VpcCosts, root: RootReport, cwd: str) -> dict[str, Any]:
    return {
        "root": relative(root.path, cwd),
        **_deployment(root),
        **_address("vpc", each.vpc, root, cwd),
        "endpoints": each.endpoints,
        "interfaces": each.interfaces,
        "more": each.more,
        "usd_a_month": round(float(each.month), 2),
        "prices": {"region": each.prices.region, "as_of": each.prices.as_of},
        "duplicates": [
            {"first": twin.first, "second": twin.second, "service": twin.service} for twin in each.duplicates
        ],
    }


def _listed(report: Report) -> Iterator[tuple[RootReport, tuple[Diagnostic, ...]]]:
    """Yield the roots. The first has what is wrong with policy files and inventories as well: these are listed only if there is
    no root."""
    roots = [root for root in report.roots if root.is_root]
    others = [root for root in report.roots if not root.is_root]
    if not roots:
        yield from ((root, ()) for root in others)
    for number, root in enumerate(roots):
        yield root, () if number else tuple(item for other in others for item in other.diagnostics)


def _address(key: str, address: str | None, root: RootReport, cwd: str) -> dict[str, Any]:
    """Return the address of a VPC. If another root creates it, ``vpc_root`` says which."""
    own, path = root.inventory.apart(address)
    return {key: own} if path is None else {key: own, "vpc_root": relative(path, cwd)}


def _place_of(fix: FixText | None, cwd: str) -> dict[str, Any]:
    """Return what to do with the code of a fix, and where. Nothing for words."""
    if fix is None or not fix.where:
        return {}
    place: dict[str, Any] = {"action": fix.where, "file": relative(fix.file, cwd)}
    return {"fix_in": place if fix.at is None else {**place, "line": fix.at.line}}


def _result(finding: Finding, root: RootReport, cwd: str) -> dict[str, Any]:
    span = finding.about.span
    fix = write_fix(finding, root.networks)
    return {
        "rule": finding.rule,
        "status": finding.status,
        "severity": finding.severity,
        "root": relative(root.path, cwd),
        **_deployment(root),
        "resource": finding.resource,
        **_address("vpc", finding.vpc, root, cwd),
        "service": finding.service,
        "file": relative(span.file, cwd),
        "start_line": span.line,
        "end_line": span.last_line,
        "message": full_message(finding),
        "why": [step_text(step, cwd) for step in finding.why],
        "fix": fix.text if fix is not None else None,
        **_place_of(fix, cwd),
    }

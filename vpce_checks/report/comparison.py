"""Compare two JSON reports: which findings are new, fixed or changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from vpce_checks.base.record import record
from vpce_checks.model.verdict import SEVERITIES, STATUSES

OPEN = ("fail", "unknown")
"""The statuses of findings that somebody has to look at."""

WORST_FIRST = ("fail", "unknown", "ignored", "pass")


class NotAReportError(ValueError):
    """It is no JSON report of vpce-checks that this version can read."""


class Key(NamedTuple):
    """What makes two results of different reports the same finding. Places and messages may differ."""

    root: str
    deployment: str
    rule: str
    resource: str
    service: str


Result = Mapping[str, Any]
"""An entry of ``results`` of a report."""


@record
class Change:
    """A finding that both reports have, with another status or severity."""

    old: Result
    new: Result


@record
class Comparison:
    """``not_scanned`` are findings of the old report whose root the new one does not have. ``same`` counts those that did not
    change. ``errors`` counts the errors of the new report: what could not be read may hide findings."""

    new: tuple[Result, ...]
    fixed: tuple[Result, ...]
    changed: tuple[Change, ...]
    not_scanned: tuple[Result, ...]
    same: int
    errors: int

    @property
    def differs(self) -> bool:
        """Whether there is any difference."""
        return bool(self.new or self.fixed or self.changed or self.not_scanned)


def read_report(document: Any) -> Mapping[str, Any]:
    """Return a JSON document as a report. Raises NotAReportError."""
    if not isinstance(document, dict) or document.get("version") != 1:
        raise NotAReportError("it is no report of version 1")
    roots: Any = document.get("roots")
    results: Any = document.get("results")
    if not _are_objects(roots, ("path",)) or not _are_objects(
        results, ("rule", "status", "severity", "root", "resource")
    ):
        raise NotAReportError("its roots or results are not those of a report")
    for result in results:
        if result["status"] not in STATUSES or result["severity"] not in SEVERITIES:
            raise NotAReportError("a result has no known status or severity")
    return document


def _are_objects(value: Any, keys: Iterable[str]) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict) and all(isinstance(item.get(key), str) for key in keys) for item in value
    )


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Return what differs between two reports that :func:`read_report` returned, in the order of the reports."""
    before, after = _by_key(old), _by_key(new)
    scanned = {_root(root, "path") for root in new["roots"]}
    added: list[Result] = []
    fixed: list[Result] = []
    not_scanned: list[Result] = []
    changed: list[Change] = []
    same = 0
    for key, result in after.items():
        known = before.get(key)
        if result["status"] in OPEN and (known is None or known["status"] not in OPEN):
            added.append(result)
        elif known is not None and known["status"] in OPEN and result["status"] != "pass":
            if (known["status"], known["severity"]) == (result["status"], result["severity"]):
                same += 1
            else:
                changed.append(Change(known, result))
    for key, result in before.items():
        if result["status"] in OPEN and (key not in after or after[key]["status"] == "pass"):
            (fixed if key[:2] in scanned else not_scanned).append(result)
    errors = sum(_errors(root.get("diagnostics")) for root in new["roots"])
    return Comparison(tuple(added), tuple(fixed), tuple(changed), tuple(not_scanned), same, errors)


def _errors(diagnostics: Any) -> int:
    return sum(item["severity"] == "error" for item in diagnostics) if _are_objects(diagnostics, ("severity",)) else 0


def _by_key(report: Mapping[str, Any]) -> dict[Key, Result]:
    """Return the results by key; of several with one key the worst."""
    found: dict[Key, Result] = {}
    for result in report["results"]:
        key = Key(*_root(result, "root"), result["rule"], result["resource"], str(result.get("service") or ""))
        known = found.get(key)
        if known is None or WORST_FIRST.index(result["status"]) < WORST_FIRST.index(known["status"]):
            found[key] = result
    return found


def _root(item: Mapping[str, Any], path: str) -> tuple[str, str]:
    return item[path], str(item.get("deployment") or "")

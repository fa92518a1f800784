"""Baseline files: record what an earlier scan found, so that only new findings fail.

A baseline is JSON::

    {"version": 1,
     "findings": [{"rule": "VPCE001", "status": "fail", "root": "envs/prod",
                   "resource": "module.net.aws_vpc.this[0]", "service": "s3"}]}

``root`` is relative to the directory of the file. Rule, root, resource and service identify a finding, so lines may move
and messages may change. A finding that is recorded as ``unknown`` is reported once it is a certain failure.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias

from vpce_checks.base.record import record
from vpce_checks.files.regular import read_regular
from vpce_checks.model.verdict import Status
from vpce_checks.rules.finding import Finding
from vpce_checks.rules.judge import ignored

VERSION = 1
RECORDED: tuple[Status, ...] = ("fail", "unknown")

Known: TypeAlias = Literal["baseline", "comparison"]

MAX_BYTES = 64 * 1024 * 1024


class BaselineError(Exception):
    """A baseline file that cannot be used. The message names the file and says why."""


class Fingerprint(NamedTuple):
    """The fields that identify a finding: two findings with equal fields are the same one."""

    rule: str
    root: str
    resource: str
    service: str


@record
class Baseline:
    """The findings of an earlier scan. ``recorded`` holds the status of each. Roots are relative to ``directory``.

    ``name`` is what messages call it: the baseline, or the git revision that the scan is compared with. ``conditional``
    are those that held only in some scenarios, where that is known.
    """

    directory: str
    recorded: Mapping[Fingerprint, str]
    name: str = "the baseline"
    conditional: frozenset[Fingerprint] = frozenset()


def write_baseline(path: str, findings: Iterable[Finding], checkouts: Iterable[str] = ()) -> int:
    """Write the findings that fail or are unknown to the file ``path``. Return how many were written.

    Raises OutputError, also for a link in one of ``checkouts`` (see :mod:`vpce_checks.files.output`).
    """
    from vpce_checks.files.output import write_output

    directory = _directory(path)
    statuses = recorded(findings, directory)
    entries = [
        {
            "rule": key.rule,
            "status": statuses[key],
            "root": key.root,
            "resource": key.resource,
            "service": key.service or None,
        }
        for key in sorted(statuses)
    ]
    write_output(path, json.dumps({"version": VERSION, "findings": entries}, indent=1) + "\n", checkouts)
    return len(entries)


def load_baseline(path: str) -> Baseline:
    """Read the baseline file ``path``. Raises BaselineError if it cannot be read or is not a baseline."""
    try:
        content = read_regular(os.path.realpath(path), MAX_BYTES + 1)
    except OSError as error:
        raise BaselineError(f"cannot read the baseline {path}: {error.strerror or error}") from error
    if len(content) > MAX_BYTES:
        raise BaselineError(f"{path} is too large for a baseline")
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path} is not a baseline: {_json_problem(error)}") from error
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise BaselineError(f'{path} is not a baseline: it has no list "findings"')
    if document.get("version") != VERSION:
        raise BaselineError(
            f"{path} is a baseline of version {document.get('version')!r}, but this program reads version {VERSION}"
        )
    return Baseline(
        _directory(path), dict(_entry(path, place, item) for place, item in enumerate(document["findings"], 1))
    )


def recorded(findings: Iterable[Finding], directory: str) -> dict[Fingerprint, str]:
    """Return the findings that a baseline records, each with its status. Their roots become relative to ``directory``."""
    return {_fingerprint(finding, directory): finding.status for finding in findings if finding.status in RECORDED}


def conditional(findings: Iterable[Finding], directory: str) -> frozenset[Fingerprint]:
    """Return those of ``findings`` that a baseline keeps and that hold only in some scenarios."""
    return frozenset(
        _fingerprint(finding, directory) for finding in findings if finding.status in RECORDED and finding.when
    )


def apply(findings: Iterable[Finding], baseline: Baseline, by: Known = "baseline") -> list[Finding]:
    """Return ``findings``, with those that the baseline records set to ignored."""
    reason = f"already present in {baseline.name}"
    return [ignored(finding, by, reason) if _is_recorded(finding, baseline) else finding for finding in findings]


def _is_recorded(finding: Finding, baseline: Baseline) -> bool:
    if finding.status not in RECORDED:
        return False
    key = _fingerprint(finding, baseline.directory)
    before = baseline.recorded.get(key)
    if key in baseline.conditional and not finding.when:
        return False  # now it holds in every scenario
    return before == "fail" or before == finding.status


def _fingerprint(finding: Finding, directory: str) -> Fingerprint:
    root = os.path.relpath(finding.root, directory) if os.path.isabs(finding.root) else finding.root
    return Fingerprint(finding.rule, root.replace(os.sep, "/"), finding.resource, finding.service or "")


def _directory(path: str) -> str:
    return os.path.dirname(os.path.realpath(path))


def _entry(path: str, place: int, item: object) -> tuple[Fingerprint, str]:
    if isinstance(item, dict):
        texts = [item.get(key) for key in ("rule", "root", "resource")]
        service, status = item.get("service"), item.get("status", "fail")
        if (
            all(isinstance(text, str) for text in texts)
            and (service is None or isinstance(service, str))
            and status in RECORDED
        ):
            rule, root, resource = (str(text) for text in texts)
            return Fingerprint(rule, root, resource, service or ""), str(status)
    raise BaselineError(f'{path}: finding {place} of the baseline needs the texts "rule", "root" and "resource"')


def _json_problem(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg}"
    return "it is not JSON"

"""Baseline files: record what an earlier scan found, so that only new findings fail.

A baseline is JSON::

    {"version": 1,
     "findings": [{"rule": "VPCE001", "status": "fail", "root": "envs/prod",
                   "resource": "module.net.aws_vpc.this[0]", "service": "s3"}],
     "errors": [{"file": "envs/old/main.tf", "message": "a block is not closed"}]}

``root`` and ``file`` are relative to the directory of the file. Rule, root, resource and service (and ``deployment``, for one
of several of a root) identify a finding, so lines may move and messages may change. A finding that is recorded as
``unknown`` is reported once it is a certain failure. ``errors`` are inputs that could not be read: a recorded one is a
warning.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple, TypeAlias

from vpce_checks.base.record import field, record, replace
from vpce_checks.files.regular import read_regular
from vpce_checks.model.scenario import Case, Limit, within
from vpce_checks.model.spans import Diagnostic
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
    deployment: str = ""


class Unreadable(NamedTuple):
    """What identifies an input that could not be read."""

    file: str
    message: str


@record
class Baseline:
    """The findings of an earlier scan. ``recorded`` holds the status of each. Roots are relative to ``directory``.

    ``name`` is what messages call it: the baseline, or the git revision that the scan is compared with. ``cases`` are those
    in which a finding held, if it did not always. ``errors`` are what could not be read.
    """

    directory: str
    recorded: Mapping[Fingerprint, str]
    name: str = "the baseline"
    cases: Mapping[Fingerprint, tuple[Case, ...]] = field(default_factory=dict)
    errors: frozenset[Unreadable] = frozenset()


def write_baseline(
    path: str, findings: Iterable[Finding], checkouts: Iterable[str] = (), diagnostics: Iterable[Diagnostic] = ()
) -> int:
    """Write the findings that fail or are unknown, and the inputs that could not be read, to the file ``path``. Return how
    many were written. A defect of ours is not recorded: the next version may not have it.

    Raises OutputError, also for a link in one of ``checkouts`` (see :mod:`vpce_checks.files.output`).
    """
    directory = _directory(path)
    errors = (item for item in diagnostics if item.severity == "error" and not item.is_defect)
    findings = tuple(findings)
    found = Baseline(
        directory,
        recorded(findings, directory),
        cases=cases(findings, directory),
        errors=frozenset(_unreadable(item, directory) for item in errors),
    )
    return rewrite_baseline(path, found, checkouts)


def rewrite_baseline(path: str, baseline: Baseline, checkouts: Iterable[str] = ()) -> int:
    """Write ``baseline`` to the file ``path``. Return how many entries it has. Raises OutputError, as
    :func:`write_baseline` does."""
    from vpce_checks.files.output import write_output

    document: dict[str, object] = {
        "version": VERSION,
        "findings": [
            {
                "rule": key.rule,
                "status": baseline.recorded[key],
                "root": key.root,
                "resource": key.resource,
                "service": key.service or None,
                **({"deployment": key.deployment} if key.deployment else {}),
                **({"when": _written(baseline.cases[key])} if baseline.cases.get(key) else {}),
            }
            for key in sorted(baseline.recorded)
        ],
    }
    if baseline.errors:
        document["errors"] = [item._asdict() for item in sorted(baseline.errors)]
    write_output(path, json.dumps(document, indent=1) + "\n", checkouts)
    return len(baseline.recorded) + len(baseline.errors)


def load_baseline(path: str) -> Baseline:
    """Read the baseline file ``path``. Raises BaselineError if it cannot be read or is not a baseline."""
    try:
        content = read_regular(os.path.realpath(path), MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise BaselineError(f"there is no baseline {path}; --write-baseline writes it") from error
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
    errors = document.get("errors", [])
    if not isinstance(errors, list):
        raise BaselineError(f'{path} is not a baseline: "errors" is not a list')
    entries = [_entry(path, place, item) for place, item in enumerate(document["findings"], 1)]
    return Baseline(
        _directory(path),
        {key: status for key, status, _ in entries},
        cases={key: when for key, _, when in entries if when},
        errors=frozenset(_error(path, place, item) for place, item in enumerate(errors, 1)),
    )


def recorded(findings: Iterable[Finding], directory: str) -> dict[Fingerprint, str]:
    """Return the findings that a baseline records, each with its status. Their roots become relative to ``directory``."""
    return {
        key: finding.status
        for finding in findings
        if finding.status in RECORDED
        for key in _fingerprints(finding, directory)
    }


def cases(findings: Iterable[Finding], directory: str) -> dict[Fingerprint, tuple[Case, ...]]:
    """Return those of ``findings`` that a baseline keeps and that hold only in some cases, with these."""
    return {
        key: finding.cases
        for finding in findings
        if finding.status in RECORDED and finding.cases
        for key in _fingerprints(finding, directory)
    }


def apply(findings: Iterable[Finding], baseline: Baseline, by: Known = "baseline") -> list[Finding]:
    """Return ``findings``, with those that the baseline records set to ignored."""
    reason = f"already present in {baseline.name}"
    return [ignored(finding, by, reason) if _is_recorded(finding, baseline) else finding for finding in findings]


def accept(diagnostics: Iterable[Diagnostic], baseline: Baseline) -> list[Diagnostic]:
    """Return ``diagnostics``, with the errors that the baseline records as warnings."""
    return [
        item._replace(severity="warning", message=f"{item.message} (already present in {baseline.name})")
        if item.severity == "error" and not item.is_defect and _unreadable(item, baseline.directory) in baseline.errors
        else item
        for item in diagnostics
    ]


def gone(
    baseline: Baseline, findings: Iterable[Finding], diagnostics: Iterable[Diagnostic], covered: Callable[[str], bool]
) -> Baseline:
    """Return what of ``baseline`` a scan no longer has. ``findings`` and ``diagnostics`` are all of it, before any filter.

    ``covered`` says of a root or a file (absolute) whether the scan looked at it. What a root with an error may still
    have is not gone.
    """
    now = recorded(findings, baseline.directory)
    errors = {_unreadable(item, baseline.directory) for item in diagnostics if item.severity == "error"}

    def is_covered(path: str) -> bool:
        return covered(os.path.normpath(os.path.join(baseline.directory, path)))

    return replace(
        baseline,
        recorded={key: status for key, status in baseline.recorded.items() if key not in now and is_covered(key.root)},
        errors=frozenset(item for item in baseline.errors - errors if is_covered(item.file)),
    )


def without(baseline: Baseline, gone: Baseline) -> Baseline:
    """Return ``baseline`` without the entries of ``gone``."""
    return replace(
        baseline,
        recorded={key: status for key, status in baseline.recorded.items() if key not in gone.recorded},
        errors=baseline.errors - gone.errors,
    )


def _unreadable(item: Diagnostic, directory: str) -> Unreadable:
    return Unreadable(_relative(item.file, directory), item.message)


def _relative(path: str, directory: str) -> str:
    return (os.path.relpath(path, directory) if os.path.isabs(path) else path).replace(os.sep, "/")


def _is_recorded(finding: Finding, baseline: Baseline) -> bool:
    if finding.status not in RECORDED:
        return False
    keys = _fingerprints(finding, baseline.directory)
    if not all(within(finding.cases, baseline.cases.get(key, ())) for key in keys):
        return False  # now it holds in other scenarios
    return all(baseline.recorded.get(key) in ("fail", finding.status) for key in keys)


def _fingerprints(finding: Finding, directory: str) -> list[Fingerprint]:
    """Return one fingerprint for each resource that the finding stands for."""
    root = _relative(finding.root, directory)
    return [
        Fingerprint(finding.rule, root, resource, finding.service or "", finding.deployment)
        for resource in (finding.resource, *finding.also)
    ]


def _directory(path: str) -> str:
    return os.path.dirname(os.path.realpath(path))


def _written(cases: Iterable[Case]) -> list[list[dict[str, object]]]:
    return [
        [{"name": limit.name, "is_not" if limit.negated else "is": list(limit.values)} for limit in case]
        for case in cases
    ]


def _cases(node: object) -> tuple[Case, ...] | None:
    """Return the cases that an entry has as ``when``. None if it is none of ours."""
    if node is None:
        return ()
    if not isinstance(node, list) or not all(isinstance(case, list) for case in node):
        return None
    found = [[_limit(limit) for limit in case] for case in node]
    if any(limit is None for case in found for limit in case):
        return None
    return tuple(tuple(limit for limit in case if limit is not None) for case in found)


def _limit(node: object) -> Limit | None:
    if not isinstance(node, dict) or not isinstance(node.get("name"), str):
        return None
    values = node.get("is", node.get("is_not"))
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    return Limit(node["name"], tuple(values), "is" not in node)


def _entry(path: str, place: int, item: object) -> tuple[Fingerprint, str, tuple[Case, ...]]:
    if isinstance(item, dict):
        texts = [item.get(key) for key in ("rule", "root", "resource")]
        service, status = item.get("service"), item.get("status", "fail")
        deployment = item.get("deployment") or ""
        if (
            all(isinstance(text, str) for text in (*texts, deployment))
            and (service is None or isinstance(service, str))
            and status in RECORDED
            and (when := _cases(item.get("when"))) is not None
        ):
            rule, root, resource = (str(text) for text in texts)
            return Fingerprint(rule, root, resource, service or "", deployment), str(status), when
    raise BaselineError(f'{path}: finding {place} of the baseline needs the texts "rule", "root" and "resource"')


def _error(path: str, place: int, item: object) -> Unreadable:
    if isinstance(item, dict):
        file, message = item.get("file"), item.get("message")
        if isinstance(file, str) and isinstance(message, str):
            return Unreadable(file, message)
    raise BaselineError(f'{path}: error {place} of the baseline needs the texts "file" and "message"')


def _json_problem(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg}"
    return "it is not JSON"

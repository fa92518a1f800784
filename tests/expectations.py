"""Reads ``expected.yaml`` of a fixture and compares a JSON report with it (format: tests/fixtures/README.md)."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FIXTURES = Path(__file__).parent / "fixtures"
EXPECTED = "expected.yaml"
SERVICE_RULES = ("VPCE003", "VPCE017", "VPCE018")
"""The rules with one result a service."""

COMPLETE_RULES = ("VPCE001", "VPCE002", "VPCE003", "VPCE004", "VPCE005")
"""Rules of which every result is listed in expected.yaml; of the others, passes may be left out."""

RULES_BY_NAME = ("VPCE013", "VPCE014", "VPCE015", "VPCE016")
"""Rules of which results count only where expected.yaml names the rule: most cases write no security groups or subnets."""

STATUSES = {"pass", "fail", "unknown", "ignored"}
RUN_KEYS = {"args", "env", "exit", "vpcs", "endpoints", "results", "diagnostics", "truth"}

Key = tuple[str, str, str | None]  # rule, address, service (SERVICE_RULES only)


@dataclass(frozen=True)
class Run:
    """One scan of one fixture and what it must report."""

    fixture: Path
    name: str
    args: tuple[str, ...]
    env: Mapping[str, str]
    exit: int
    vpcs: Mapping[str, Mapping[str, Any]]
    endpoints: Mapping[str, Mapping[str, Any]]
    results: Mapping[Key, str]
    says: Mapping[Key, tuple[str, ...]]
    diagnostics: tuple[str, ...]
    truth: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The fixture's name, and the run's where there are several."""
        return f"{self.fixture.name}:{self.name}" if self.name else self.fixture.name


def bare_run(folder: Path) -> Run:
    """A scan of a folder of which nothing is expected."""
    return _run(folder, "", {})


def read_yaml(file: Path) -> Any:
    """The one document of a file of ours, read by libyaml where PyYAML has it: there are hundreds of files."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text(encoding="utf-8"), Loader=loader)


class BadExpectation(Exception):
    """An expected.yaml that does not follow the format."""


def runs(fixture: Path) -> Iterator[Run]:
    """The runs of one fixture folder."""
    document = read_yaml(fixture / EXPECTED)
    named = document.pop("runs", {"": {}})
    about = document.pop("about", None)
    if not isinstance(about, str):
        raise BadExpectation(f"{fixture.name}: 'about' must say what the case is")
    for name, body in named.items():
        merged = {**document, **(body or {})}
        if strange := set(merged) - RUN_KEYS:
            raise BadExpectation(f"{fixture.name}: unknown keys {sorted(strange)}")
        yield _run(fixture, name, merged)


@cache
def all_runs() -> tuple[Run, ...]:
    """Every run of every fixture, in order of name."""
    folders = sorted(path.parent for path in FIXTURES.glob(f"*/{EXPECTED}"))
    return tuple(run for folder in folders for run in runs(folder))


def _run(fixture: Path, name: str, body: Mapping[str, Any]) -> Run:
    results, says = _results(fixture, body.get("results") or {})
    failed = any("fail" in status for status in results.values())
    return Run(
        fixture=fixture,
        name=name,
        args=tuple(str(arg) for arg in body.get("args") or ()),
        env={key: str(value) for key, value in (body.get("env") or {}).items()},
        exit=body.get("exit", 1 if failed else 0),
        vpcs={
            address: {"external": False, **(value if isinstance(value, dict) else {"region": value})}
            for address, value in (body.get("vpcs") or {}).items()
        },
        endpoints={
            address: {"type": "Interface", "private_dns": False, "exists": True, **value}
            for address, value in (body.get("endpoints") or {}).items()
        },
        results=results,
        says=says,
        diagnostics=tuple(body.get("diagnostics") or ()),
        truth=body.get("truth") or {},
    )


def _results(fixture: Path, body: Mapping[str, Any]) -> tuple[dict[Key, str], dict[Key, tuple[str, ...]]]:
    statuses: dict[Key, str] = {}
    says: dict[Key, tuple[str, ...]] = {}
    for rule, by_address in body.items():
        for address, verdict in by_address.items():
            by_service = verdict if rule in SERVICE_RULES else {None: verdict}
            for service, one in by_service.items():
                key = (rule, address, service)
                if isinstance(one, dict):
                    (status, text), *more = one.items()
                    says[key] = tuple(text) if isinstance(text, list) else (str(text),)
                else:
                    status, more = one, []
                if more or set(str(status).split("+")) - STATUSES:
                    raise BadExpectation(f"{fixture.name}: bad verdict {one!r} for {rule} {address}")
                statuses[key] = status
    return statuses, says


def scan(directory: Path, args: tuple[str, ...], env: Mapping[str, str], path: str = ".") -> tuple[int, dict[str, Any]]:
    """Run ``vpce-checks scan PATH --format json ARGS`` inside ``directory``: exit code and report. The directory is the
    repository: nothing around it is joined with it."""
    from vpce_checks.cli.main import main

    output = io.StringIO()
    with inside(directory, env), contextlib.redirect_stdout(output):
        try:
            code = main(["scan", path, "--boundary", ".", "--format", "json", *args])
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 2
    text = output.getvalue()
    return int(code or 0), json.loads(text) if text.strip() else {}


@contextlib.contextmanager
def inside(directory: Path, env: Mapping[str, str]) -> Iterator[None]:
    """Work in ``directory``, with ``env`` for all that concerns Terraform and AWS."""
    before, cwd = dict(os.environ), Path.cwd()
    for name in before:
        if name.startswith(("TF_", "AWS_")):
            del os.environ[name]
    os.environ.update(env)
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(before)


def differences(run: Run, code: int, report: Mapping[str, Any]) -> list[str]:
    """Every way in which a report is not what ``run`` expects, one readable line each."""
    if not report:
        return [f"exit code: expected {run.exit}, got {code}", "no report"]
    failures = _failures(report)
    beside = code == 1 and run.exit == 0 and bool(failures) and all(_is_beside(run, each["rule"]) for each in failures)
    found = [] if code == run.exit or beside else [f"exit code: expected {run.exit}, got {code}"]
    several = len(report["roots"]) > 1

    def name(entry: Mapping[str, Any], key: str) -> str:
        address = labelled(entry, key) if key == "address" and "external" in entry else entry[key]
        return f"{entry['root']}::{address}" if several else str(address)

    vpcs = {name(vpc, "address"): {"external": vpc["external"], "region": vpc["region"]} for vpc in report["vpcs"]}
    found += _compare("vpc", run.vpcs, vpcs)
    endpoints: dict[str, dict[str, Any]] = {}
    for endpoint in report["endpoints"]:
        address = name(endpoint, "address")
        shown = {key: endpoint[key] for key in ("service", "type", "private_dns", "exists")}
        shown["vpc"] = labelled(endpoint, "vpc")
        if "name" in run.endpoints.get(address, {}):
            shown["name"] = endpoint["service_name"]
        if endpoints.get(address) == shown:
            found.append(f"endpoint {address}: reported twice")
        endpoints[address] = _in_scenarios(endpoints[address], shown) if address in endpoints else shown
    found += _compare("endpoint", run.endpoints, endpoints)
    found += _compare_results(run, report, several)
    messages = [f"{each['severity']}: {each['message']}" for root in report["roots"] for each in root["diagnostics"]]
    for text in run.diagnostics:
        if not any(text in message for message in messages):
            found.append(f"diagnostic: expected one saying {text!r}, got {messages}")
    for message in messages:
        if message.startswith("error") and not any(text in message for text in run.diagnostics):
            found.append(f"diagnostic: unexpected {message}")
    return found


def _failures(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [result for result in report["results"] if result["status"] == "fail"]


def _is_beside(run: Run, rule: str) -> bool:
    """Whether the case is not about ``rule``."""
    return rule in RULES_BY_NAME and all(named != rule for named, _, _ in run.results)


def _compare(kind: str, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> list[str]:
    found = [f"{kind} {each}: missing (expected {expected[each]})" for each in expected if each not in actual]
    found += [f"{kind} {each}: unexpected {actual[each]}" for each in actual if each not in expected]
    for address in expected:
        if address in actual:
            for key, value in expected[address].items():
                if not _equal(actual[address].get(key), value):
                    found.append(f"{kind} {address}: {key}: expected {value!r}, got {actual[address].get(key)!r}")
    return found


def _in_scenarios(rows: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """An endpoint that looks different by scenario: a list of values where they differ."""
    merged = {}
    for key, value in row.items():
        before = rows[key] if isinstance(rows[key], list) else [rows[key]]
        values = before if any(_equal(value, other) for other in before) else [*before, value]
        merged[key] = values if len(values) > 1 else values[0]
    return merged


def labelled(entry: Mapping[str, Any], key: str) -> str | None:
    """The address of a VPC as texts write it: behind its root, if another one creates it."""
    return f"{entry['vpc_root']}:{entry[key]}" if "vpc_root" in entry else entry[key]


def _equal(left: object, right: object) -> bool:
    """Equality that does not take True for 1, nor cares for the order of a list."""
    if isinstance(left, list) and isinstance(right, list):
        return sorted(map(repr, left)) == sorted(map(repr, right))
    return type(left) is type(right) and left == right


def report_results(report: Mapping[str, Any]) -> tuple[dict[Key, str], dict[Key, str]]:
    """Status and text of each result of a report; several of one key are joined ("fail+unknown")."""
    several = len(report["roots"]) > 1
    statuses: dict[Key, set[str]] = {}
    texts: dict[Key, str] = {}
    for result in report["results"]:
        address = f"{result['root']}::{result['resource']}" if several else result["resource"]
        key = (result["rule"], address, result["service"] if result["rule"] in SERVICE_RULES else None)
        statuses.setdefault(key, set()).add(result["status"])
        text = "\n".join([result["message"], *result["why"], result["fix"] or ""])
        texts[key] = f"{texts[key]}\n{text}" if key in texts else text
    return {key: "+".join(sorted(value)) for key, value in statuses.items()}, texts


def _compare_results(run: Run, report: Mapping[str, Any], several: bool) -> list[str]:
    actual, texts = report_results(report)
    found = []
    for key in sorted({*run.results, *actual}, key=str):
        label = " ".join(filter(None, key))
        expected, got = run.results.get(key), actual.get(key)
        if _is_beside(run, key[0]):
            continue
        if expected is None:
            if key[0] in COMPLETE_RULES or got != "pass":
                found.append(f"result {label}: unexpected {got}: {texts[key].splitlines()[0]}")
        elif got is None:
            found.append(f"result {label}: missing (expected {expected})")
        elif got != expected:
            found.append(f"result {label}: expected {expected}, got {got}: {texts[key]}")
        else:
            for text in run.says.get(key, ()):
                if text not in texts[key]:
                    found.append(f"result {label}: does not say {text!r}: {texts[key]}")
    return found

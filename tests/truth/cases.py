"""The fixtures as cases to apply: one for each run, root and completion of what the run leaves open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vpce_checks
from tests.expectations import EXPECTED, Run, report_results
from tests.truth import compare, deploy
from tests.truth.environment import Tools


@dataclass(frozen=True)
class Case:
    """One apply. ``complete``: nothing is left open, so what is claimed must be all that is deployed."""

    run: Run
    root: str
    arguments: tuple[str, ...]
    complete: bool
    id: str


def skipped(run: Run) -> str | None:
    """Why a run cannot be applied: as its expected.yaml says, or because it is not Terraform's."""
    if (reason := run.truth.get("skip")) is not None:
        return str(reason)
    roots = run.truth.get("root", ".")
    for root in roots if isinstance(roots, list) else [roots]:
        if not any(file.name.endswith((".tf", ".tf.json")) for file in (run.fixture / root).iterdir()):
            return "it is no Terraform configuration"
    return None


def is_terraform(run: Run) -> bool:
    """Whether a case holds Terraform code or plans, whoever deploys them."""
    return any(run.fixture.rglob("*.tf*")) or not run.fixture.name.startswith("cfn-")


def cases(run: Run) -> Iterator[Case]:
    """The applies that a run stands for."""
    roots = run.truth.get("root", ".")
    completions = run.truth.get("args")
    for root in roots if isinstance(roots, list) else [roots]:
        label = run.id if root == "." else f"{run.id}[{root}]"
        if completions is None:
            yield Case(run, root, run.args, True, label)
        for index, arguments in enumerate(completions or ()):
            yield Case(run, root, (*run.args, *map(str, arguments)), False, f"{label}#{index}")


def check(case: Case, tools: Tools, address: str, report: Mapping[str, Any] | None) -> list[str]:
    """Apply a case; where the hand-written claims, those of the ``report`` if there is one, and those of our report
    on the plan, are not so."""
    run = case.run
    deployed = deploy.apply(tools, address, run.fixture, case.root, case.arguments, run.env)
    found = []
    if (run.fixture / EXPECTED).exists():
        claims = compare.vpcs_and_endpoints(deployed, _of(case, run.vpcs), _of(case, run.endpoints), case.complete)
        claims += compare.verdicts(deployed, _results(case, run.results))
        found += [f"{EXPECTED}: {each}" for each in claims]
    if report is not None:
        several = len(report["roots"]) > 1
        vpcs, endpoints = (
            {
                (f"{each['root']}::{each['address']}" if several else each["address"]): _named(each)
                for each in report[key]
            }
            for key in ("vpcs", "endpoints")
        )
        claims = compare.vpcs_and_endpoints(deployed, _of(case, vpcs), _of(case, endpoints), case.complete)
        claims += compare.verdicts(deployed, _results(case, report_results(report)[0]))
        found += [f"report: {each}" for each in claims]
        found += [f"plan: {each}" for each in _plan_claims(deployed)]
    return found


def _plan_claims(deployed: deploy.Deployed) -> list[str]:
    """Where our report on the plan is not so. In a process of its own: a scan works in the current directory."""
    with tempfile.TemporaryDirectory(prefix="vpce-truth-") as scratch:
        (Path(scratch) / "plan.json").write_text(deployed.plan)
        command = [sys.executable, "-m", "vpce_checks", "scan", "plan.json", "--format", "json"]
        environment = {**os.environ, "PYTHONPATH": str(Path(vpce_checks.__file__).parents[1])}
        done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True, timeout=60)
    if not done.stdout:
        return [f"the scan reports nothing: {done.stderr.strip()}"]
    report = json.loads(done.stdout)
    found = [f"error: {each['message']}" for root in report["roots"] for each in root["diagnostics"]]
    vpcs, endpoints = ({each["address"]: _named(each) for each in report[key]} for key in ("vpcs", "endpoints"))
    found += compare.vpcs_and_endpoints(deployed, vpcs, endpoints, complete=True)
    return found + compare.verdicts(deployed, report_results(report)[0])


def _named(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "name": entry.get("service_name")}


def _of(case: Case, claims: Mapping[str, Any]) -> dict[str, Any]:
    """The claims about the case's root, by plain address."""
    prefix = f"{case.root}::"
    if any("::" in address for address in claims):
        return {key[len(prefix) :]: value for key, value in claims.items() if key.startswith(prefix)}
    return dict(claims)


def _results(case: Case, statuses: Mapping[tuple[str, str, str | None], str]) -> dict[Any, str]:
    prefix = f"{case.root}::"
    return {
        (rule, address[len(prefix) :] if address.startswith(prefix) else address, service): status
        for (rule, address, service), status in statuses.items()
        if "::" not in address or address.startswith(prefix)
    }

"""The fixtures as cases to apply: one for each run, root and completion of what the run leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
    """Apply a case; where the hand-written claims, and the ``report``'s if there is one, are not so."""
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
    return found


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

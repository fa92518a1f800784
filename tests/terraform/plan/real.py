"""Plans that Terraform itself makes of the fixtures, against moto."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.expectations import report_results, scan
from tests.truth import deploy, json_twin, overrides
from tests.truth.cases import Case
from tests.truth.environment import Tools
from tests.truth.plan import of_root
from vpce_checks.model.sensitive import SENSITIVE


def make_plan(tools: Tools, address: str, case: Case, folder: Path, *, in_json: bool = False) -> Path:
    """Copy the case into ``folder``, plan its root module there and write ``plan.json`` beside its code.

    With ``in_json``, its code is written in JSON syntax first. Raises NotApplied where Terraform refuses it.
    """
    shutil.copytree(
        case.run.fixture, folder, symlinks=True, ignore=shutil.ignore_patterns("expected.yaml", ".terraform")
    )
    root = folder / case.root
    overrides.write(folder, address, tools.services)
    overrides.add_default_provider(root, address, tools.services)
    if in_json:
        json_twin.rewrite(folder)
    variables = {key: value for key, value in case.run.env.items() if key != "TF_WORKSPACE"}
    workspace = case.run.env.get("TF_WORKSPACE")

    def terraform(*arguments: str) -> str:
        return deploy.terraform(tools, root, variables, *arguments)

    terraform("init", "-input=false", "-no-color", "-backend=false")
    if workspace not in (None, "default"):
        terraform("workspace", "new", "-no-color", str(workspace))
    flags = ["-input=false", "-no-color", "-lock=false", "-out=saved.tfplan"]
    terraform("plan", *flags, *deploy.terraform_arguments(case.arguments))
    path = root / "plan.json"
    path.write_text(terraform("show", "-json", "-no-color", "saved.tfplan"))
    return path


def make_half_applied_plan(tools: Tools, address: str, case: Case, folder: Path) -> Path:
    """The same after some of the VPCs and route tables have been applied, whose ids the plan then knows."""
    path = make_plan(tools, address, case, folder)
    changes = json.loads(path.read_text())["resource_changes"]
    there = [each["address"] for each in changes if each["mode"] == "managed" and each["type"] in _APPLIED]
    chance = random.Random(case.id)
    targets = [f"-target={each}" for each in there if chance.random() < 0.6] or [
        f"-target={each}" for each in there[:1]
    ]
    arguments = deploy.terraform_arguments(case.arguments)

    def terraform(*rest: str) -> str:
        return deploy.terraform(tools, path.parent, case.run.env, *rest)

    if targets:
        terraform("apply", "-input=false", "-no-color", "-auto-approve", *targets, *arguments)
    terraform("plan", "-input=false", "-no-color", "-lock=false", "-out=saved.tfplan", *arguments)
    path.write_text(terraform("show", "-json", "-no-color", "saved.tfplan"))
    return path


_APPLIED = ("aws_vpc", "aws_route_table")


def contradictions(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[str]:
    """Where two reports on one root certainly say different things."""
    ours, theirs = report_results(left)[0], report_results(right)[0]
    for key, status in ours.items():
        other = theirs.get(key, status)
        if {status, other} == {"pass", "fail"}:
            yield f"{key}: {status} and {other}"
    vpcs = {each["address"]: each["region"] for each in right["vpcs"]}
    for each in left["vpcs"]:
        other = vpcs.get(each["address"], each["region"])
        if {None, SENSITIVE}.isdisjoint((each["region"], other)) and each["region"] != other:
            yield f"{each['address']} is in {each['region']} and in {other}"
    yield from _endpoints(left, right)


def _endpoints(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[str]:
    theirs = {each["address"]: each for each in right["endpoints"]}
    created = {each["address"] for each in (*left["vpcs"], *right["vpcs"]) if not each["external"]}
    for each in left["endpoints"]:
        other = theirs.get(each["address"])
        if other is None:
            if each["exists"] and "*" not in each["address"]:
                yield f"{each['address']} is in one of them only"
            continue
        for name in ("service", "type", "private_dns"):
            if {None, SENSITIVE}.isdisjoint((each[name], other[name])) and each[name] != other[name]:
                yield f"{each['address']}.{name} is {each[name]} and {other[name]}"
        homes = {each["vpc"], other["vpc"]}
        if {None, SENSITIVE}.isdisjoint(homes) and len(homes) > 1 and homes & created:
            yield f"{each['address']} is in {' and in '.join(sorted(homes))}"


def scan_alone(plan: Path, folder: Path) -> dict[str, Any]:
    """The report on a plan that lies beside no code, by the policy of the case."""
    folder.mkdir()
    shutil.copy(plan, folder / "plan.json")
    top = plan.parent
    while not (top / ".vpce-checks.yaml").exists() and top.parent != top and "case" in top.parent.name:
        top = top.parent
    if (top / ".vpce-checks.yaml").exists():
        shutil.copy(top / ".vpce-checks.yaml", folder)
    return scan(folder, (), {})[1]


def differences(path: Path, case: Case, folder: Path) -> list[str]:
    """Where the case as code, its plan at ``path`` beside the code and its plan alone contradict each other, or where the
    plan leaves more open than the code does. ``folder`` holds the ``case``."""
    report = scan(folder / "case", case.arguments, case.run.env)[1]
    beside = str(path.relative_to(folder / "case"))
    code, plan = of_root(report, case.root), of_root(report, beside)
    alone = scan_alone(path, folder / "alone")
    found = [
        f"{each['severity']}: {each['message']}"
        for root in (*plan["roots"], *alone["roots"])
        for each in root["diagnostics"]
        if each["severity"] == "error" or each["file"].endswith(".json")
    ]
    if not plan["roots"]:
        found.append(f"the plan was not found: {json.dumps(report['roots'])}")
    found += [f"code and plan: {each}" for each in contradictions(code, plan)]
    found += [f"code and plan alone: {each}" for each in contradictions(code, alone)]
    found += [f"plan and plan alone: {each}" for each in contradictions(plan, alone)]
    for key, status in report_results(code)[0].items():
        if status in ("pass", "fail") and report_results(plan)[0].get(key) == "unknown":
            found.append(f"the plan leaves open what the code tells: {key}")
    return found

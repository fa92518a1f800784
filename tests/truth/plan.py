"""What `terraform plan` says of a generated configuration, to hold against our report."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.truth.deploy import NotApplied, resources, service, terraform
from tests.truth.environment import Tools
from tests.truth.generate import REGION

OTHER_REGION = "us-east-2"
"""The region of every third case, by a provider that it is handed."""

_PROVIDER = """\
provider "aws" {
  ALIAS
  region                      = "REGION"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_get_ec2_platforms      = true
  skip_region_validation      = true
}
"""

Endpoint = tuple[str | None, str | None, bool, str]  # service, type, private DNS, address of the VPC


@dataclass(frozen=True)
class Planned:
    """The VPCs and endpoints that a plan creates."""

    vpcs: frozenset[str]
    endpoints: Mapping[str, Endpoint]

    def gateway(self, vpc: str, short: str) -> bool:
        """Whether the plan gives ``vpc`` a gateway endpoint for a service."""
        return any(each[0] == short and each[1] == "Gateway" and each[3] == vpc for each in self.endpoints.values())


def prepare(tools: Tools, directory: Path) -> None:
    """Initialise a directory in which plans are made, once for all: the provider is always the same one."""
    providers = [("", REGION), ('alias = "other"', OTHER_REGION)]
    text = "\n".join(_PROVIDER.replace("ALIAS", alias).replace("REGION", region) for alias, region in providers)
    (directory / "provider.tf").write_text(text)
    terraform(tools, directory, {}, "init", "-input=false", "-no-color", "-backend=false")


def _region(case: int) -> str:
    return OTHER_REGION if case % 3 == 2 else REGION


def write(directory: Path, cases: Sequence[Mapping[str, str]]) -> None:
    """Write ``cases`` (the files of each) as modules ``case_N`` of the root module in ``directory``.

    The module manifest is written as `terraform get` would, which would take a second a time.
    """
    for old in directory.glob("case_*"):
        shutil.rmtree(old)
    calls, manifest = [], [{"Key": "", "Source": "", "Dir": "."}]
    for index, files in enumerate(cases):
        name = f"case_{index}"
        elsewhere = _region(index) != REGION
        providers = "  providers = { aws = aws.other }\n" * elsewhere
        calls.append(f'module "{name}" {{\n  source = "./{name}"\n{providers}}}\n')
        for path, text in files.items():
            file = directory / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace(REGION, OTHER_REGION) if elsewhere else text)
        manifest += [{"Key": name, "Source": f"./{name}", "Dir": name}, *_called(directory, name, name)]
    (directory / "main.tf").write_text("\n".join(calls))
    modules = directory / ".terraform" / "modules"
    modules.mkdir(parents=True, exist_ok=True)
    (modules / "modules.json").write_text(json.dumps({"Modules": manifest}))


_CALL = re.compile(r'^module "(\w+)" \{\n  source\s*= "\./(\w+)"', re.M)


def _called(root: Path, directory: str, key: str) -> Iterator[dict[str, str]]:
    """The entries of a manifest for what the module ``key`` in ``directory`` calls, and what that calls."""
    for file in sorted((root / directory).glob("*.tf")):
        for name, source in _CALL.findall(file.read_text()):
            inner = f"{directory}/{source}"
            yield {"Key": f"{key}.{name}", "Source": f"./{source}", "Dir": inner}
            yield from _called(root, inner, f"{key}.{name}")


PLAN = ".terraform/plan.json"  # where a scan of the directory does not look


def plan(tools: Tools, directory: Path) -> Planned:
    """Plan what stands in ``directory``, and leave the plan as JSON in the file PLAN. Raises NotApplied where
    Terraform refuses it."""
    flags = ["-input=false", "-no-color", "-lock=false", "-refresh=false", "-out=plan.out"]
    terraform(tools, directory, {}, "plan", *flags)
    text = terraform(tools, directory, {}, "show", "-json", "-no-color", "plan.out")
    (directory / PLAN).write_text(text)
    shown = json.loads(text)
    found = list(resources(shown["planned_values"]["root_module"]))
    vpcs = {_scoped(each, "cidr_block"): each["address"] for each in found if each["type"] == "aws_vpc"}
    endpoints = {
        each["address"]: _endpoint(each, vpcs)
        for each in found
        if each["type"] == "aws_vpc_endpoint" and each["mode"] == "managed"
    }
    return Planned(frozenset(vpcs.values()), endpoints)


def _scoped(resource: Mapping[str, Any], attribute: str) -> tuple[str, str]:
    """An attribute's value, unique within its case."""
    return resource["address"].split(".")[1], resource["values"][attribute]


def _endpoint(resource: Mapping[str, Any], vpcs: Mapping[tuple[str, str], str]) -> Endpoint:
    values = resource["values"]
    home = vpcs[resource["address"].split(".")[1], values["tags"]["cidr"]]
    return service(values["service_name"]), values["vpc_endpoint_type"], bool(values.get("private_dns_enabled")), home


def differences(planned: Planned, report: Mapping[str, Any], exact: bool = True) -> list[str]:
    """Where a report is not what is planned.

    ``exact``: everything is known, so nothing may be left open. Otherwise an endpoint's VPC may be (a plan does not
    say which one an expression picks), and with it the verdicts on VPCs.

    A module whose only call never exists is a root of the report as well, and no part of the plan: it is left out.
    """
    report = of_root(report, min((root["path"] for root in report["roots"]), key=len))
    found = [f"error: {each['message']}" for root in report["roots"] for each in root["diagnostics"]]
    vpcs = {each["address"] for each in report["vpcs"]}
    found += [
        f"vpc {each}: {'planned only' if each in planned.vpcs else 'reported only'}" for each in vpcs ^ planned.vpcs
    ]
    for each in report["vpcs"]:
        case = re.match(r"module\.case_(\d+)\.", each["address"])
        if case and each["region"] != _region(int(case[1])) and (exact or each["region"]):
            found.append(f"vpc {each['address']}: should be in {_region(int(case[1]))}, is in {each['region']}")
    ours = {each["address"]: each for each in report["endpoints"]}
    for address in sorted({*ours, *planned.endpoints}):
        if address not in ours or address not in planned.endpoints:
            found.append(f"endpoint {address}: {'planned' if address in planned.endpoints else 'reported'} only")
            continue
        mine = ours[address]
        home = planned.endpoints[address][3] if mine["vpc"] is None and not exact else mine["vpc"]
        got = (mine["service"], mine["type"], mine["private_dns"], home)
        if got != planned.endpoints[address] or mine["exists"] is not True:
            found.append(
                f"endpoint {address}: planned {planned.endpoints[address]}, reported {got}, exists {mine['exists']}"
            )
    for result in report["results"]:
        short = {"VPCE001": "s3", "VPCE002": "dynamodb"}.get(result["rule"])
        if short and result["resource"] in planned.vpcs:
            right = "pass" if planned.gateway(result["resource"], short) else "fail"
            if result["status"] != right and (exact or result["status"] != "unknown"):
                found.append(f"{result['rule']} {result['resource']}: should {right}, is {result['status']}")
    return found


def of_root(report: Mapping[str, Any], root: str) -> dict[str, Any]:
    """The part of a report that is about one root."""
    return {
        name: [each for each in report[name] if each["root"] == root] for name in ("vpcs", "endpoints", "results")
    } | {"roots": [each for each in report["roots"] if each["path"] == root]}


def refused(
    tools: Tools, directory: Path, cases: Sequence[Mapping[str, str]]
) -> tuple[list[Mapping[str, str]], list[str]]:
    """The cases of ``cases`` that Terraform takes, and its messages about the others."""
    taken, messages = [], []
    for case in cases:
        write(directory, [case])
        try:
            plan(tools, directory)
        except NotApplied as error:
            messages.append(str(error))
        else:
            taken.append(case)
    return taken, messages

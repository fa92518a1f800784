"""Applies a configuration with Terraform onto moto and reads back what exists."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.truth import ec2, overrides
from tests.truth.environment import Tools

DEFAULT_REGION = "eu-west-1"
"""The region of a provider that the configuration leaves to the environment."""


class NotApplied(Exception):
    """Terraform refused the configuration; the message is its own."""


@dataclass(frozen=True)
class Deployed:
    """What exists after an apply. ``vpcs``: address to region. ``endpoints``: address to what EC2 says, with VPC
    and route tables by address where this configuration created or read them. ``plan``: the plan applied, as JSON."""

    vpcs: Mapping[str, str]
    endpoints: Mapping[str, ec2.DeployedEndpoint]
    plan: str = ""


def apply(
    tools: Tools, address: str, folder: Path, root: str, arguments: Sequence[str], variables: Mapping[str, str]
) -> Deployed:
    """Apply the root module ``root`` of ``folder`` (a copy of it) and describe the result. Raises NotApplied."""
    with _on_moto(tools, address, folder, root) as directory:
        text = _terraform_plan(tools, directory, arguments, variables)
        state = _terraform_apply(tools, directory, variables)
        return _describe(address, text, state)


def plan(
    tools: Tools, address: str, folder: Path, root: str, arguments: Sequence[str], variables: Mapping[str, str]
) -> str:
    """The plan of the root module ``root`` of ``folder`` as JSON text. Raises NotApplied."""
    with _on_moto(tools, address, folder, root) as directory:
        return _terraform_plan(tools, directory, arguments, variables)


@contextmanager
def _on_moto(tools: Tools, address: str, folder: Path, root: str) -> Iterator[Path]:
    """The root module ``root`` in a copy of ``folder`` whose providers call moto."""
    with tempfile.TemporaryDirectory(prefix="vpce-truth-") as scratch:
        copy = Path(scratch) / "case"
        shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns("expected.yaml", ".terraform"))
        overrides.write(copy, address, tools.services)
        overrides.add_default_provider(copy / root, address, tools.services)
        yield copy / root


def terraform_arguments(arguments: Sequence[str]) -> list[str]:
    """The arguments of ours that Terraform shares (``--var``, ``--var-file``), in its own form."""
    shared: list[str] = []
    rest = list(arguments)
    while rest:
        name, joined, value = rest.pop(0).partition("=")
        if name in ("--var", "--var-file"):
            shared.append(f"-{name.lstrip('-')}={value if joined else rest.pop(0)}")
    return shared


def environment(tools: Tools, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a Terraform process: nothing of ours but what the case itself sets."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TF_", "AWS_"))}
    return {
        **kept,
        "TF_CLI_CONFIG_FILE": str(tools.cli_config),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "AWS_REGION": DEFAULT_REGION,
        "AWS_DEFAULT_REGION": DEFAULT_REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        **variables,
    }


def terraform(tools: Tools, directory: Path, variables: Mapping[str, str], *arguments: str) -> str:
    """Run Terraform in ``directory``. Raises NotApplied with its message."""
    done = subprocess.run(
        [tools.terraform, *arguments],
        cwd=directory,
        env=environment(tools, variables),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )
    if done.returncode != 0:
        raise NotApplied(f"terraform {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


FLAGS = ("-input=false", "-no-color", "-lock=false", "-parallelism=20")


def _plain(variables: Mapping[str, str]) -> dict[str, str]:
    """Without the workspace: it is chosen when it is made, and stays chosen."""
    return {key: value for key, value in variables.items() if key != "TF_WORKSPACE"}


def _terraform_plan(tools: Tools, directory: Path, arguments: Sequence[str], variables: Mapping[str, str]) -> str:
    """The plan as JSON text; it is kept in ``plan.out``."""
    plain = _plain(variables)
    terraform(tools, directory, plain, "init", "-input=false", "-no-color", "-backend=false")
    # A configuration that has a workspace in the environment needs that workspace to exist.
    if variables.get("TF_WORKSPACE", "default") != "default":
        terraform(tools, directory, plain, "workspace", "new", "-no-color", variables["TF_WORKSPACE"])
    terraform(tools, directory, plain, "plan", *FLAGS, "-out=plan.out", *terraform_arguments(arguments))
    return terraform(tools, directory, plain, "show", "-json", "-no-color", "plan.out")


def _terraform_apply(tools: Tools, directory: Path, variables: Mapping[str, str]) -> dict[str, Any]:
    """The state after ``plan.out`` was applied."""
    plain = _plain(variables)
    terraform(tools, directory, plain, "apply", *FLAGS, "plan.out")
    state: dict[str, Any] = json.loads(terraform(tools, directory, plain, "show", "-json", "-no-color"))
    return state


def resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every resource of a module of `terraform show -json`, and of the modules below it."""
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from resources(child)


def _describe(address: str, plan: str, state: Mapping[str, Any]) -> Deployed:
    found = list(resources(state.get("values", {}).get("root_module", {})))
    # Managed objects last: they name an id rather than the data source that reads it back.
    names = {
        each["values"]["id"]: each["address"]
        for mode in ("data", "managed")
        for each in found
        if each["mode"] == mode and each["type"] in _IDENTIFIED and each["values"].get("id")
    }
    vpcs: dict[str, str] = {}
    endpoints: dict[str, ec2.DeployedEndpoint] = {}
    described: dict[str, dict[str, ec2.DeployedEndpoint]] = {}
    for each in found:
        values = each["values"]
        if each["mode"] != "managed" or each["type"] not in ("aws_vpc", "aws_default_vpc", "aws_vpc_endpoint"):
            continue
        region = values["arn"].split(":")[3]
        if each["type"] != "aws_vpc_endpoint":
            vpcs[each["address"]] = region
            continue
        if region not in described:
            described[region] = ec2.endpoints(address, region)
        real = described[region][values["id"]]
        endpoints[each["address"]] = ec2.DeployedEndpoint(
            id=real.id,
            vpc=names.get(real.vpc, real.vpc),
            service_name=real.service_name,
            type=real.type,
            private_dns=real.private_dns,
            route_tables=tuple(sorted(names.get(each, each) for each in real.route_tables)),
        )
    return Deployed(vpcs, endpoints, plan)


_IDENTIFIED = {"aws_vpc", "aws_default_vpc", "aws_route_table", "aws_default_route_table"}

_SERVICE = re.compile(r"(?:com\.amazonaws|cn\.com\.amazonaws|aws\.sagemaker|aws\.api)\.[a-z]{2}(?:-[a-z]+)+-\d\.(.+)")


def service(service_name: str) -> str | None:
    """The short name of an AWS service's endpoint service; None for anything else."""
    match = _SERVICE.fullmatch(service_name)
    return match.group(1) if match and not service_name.startswith("com.amazonaws.vpce.") else None

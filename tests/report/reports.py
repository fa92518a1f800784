"""Networks and reports made by hand, with real files under them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vpce_checks.model.network import Declaration, Endpoint, Network, Vpc
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Reference
from vpce_checks.project.results import Report, RootReport
from vpce_checks.rules.finding import Finding

MAIN_TF = """\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_endpoint" "logs" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.eu-west-1.logs"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = false
}
"""


def declared(directory: Path, address: str, first: int, last: int = 0, **more: Any) -> Declaration:
    """A declaration in ``main.tf`` of ``directory``."""
    span = Span(str(directory / "main.tf"), first, end_line=last)
    return Declaration(address, address.split(".")[-2] if "." in address else "", span, **more)


def vpc(directory: Path, address: str = "aws_vpc.main", **more: Any) -> Vpc:
    """A VPC at the first lines of ``main.tf``."""
    about = more.pop("declared", None) or declared(directory, address, 1, 3)
    return Vpc(about, **{"region": "eu-west-1", **more})


def endpoint(directory: Path, address: str, service: Any, of: Any = "aws_vpc.main", **more: Any) -> Endpoint:
    """An endpoint at the last lines of ``main.tf``; ``of`` is the address of its VPC, or a value."""
    about = more.pop("declared", None) or declared(directory, address, 5, 10)
    target = Reference(of, ("id",)) if isinstance(of, str) and "." in of else of
    name = f"com.amazonaws.eu-west-1.{service}" if isinstance(service, str) else service
    return Endpoint(about, target, name, **{"region": "eu-west-1", **more})


def network(directory: Path, **parts: Any) -> Network:
    """A Terraform network whose only file is ``main.tf``, written out."""
    directory.mkdir(exist_ok=True)
    file = directory / "main.tf"
    if not file.exists():
        file.write_text(MAIN_TF)
    return Network(str(directory), files=(str(file),), **parts)


def report(*roots: tuple[Network | list[Network], list[Finding]], diagnostics: tuple[Diagnostic, ...] = ()) -> Report:
    """A report of roots, each its network (or networks, one a scenario) and findings."""
    made = []
    for networks, findings in roots:
        several = tuple(networks) if isinstance(networks, list) else (networks,)
        kind = "cloudformation" if several[0].language.startswith("cloudformation") else "terraform"
        made.append(RootReport(several[0].root, kind, several, tuple(findings), diagnostics))
    return Report(tuple(made))

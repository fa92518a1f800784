"""Small Terraform configurations written in a test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vpce_checks.model.network import Endpoint, Network, Vpc
from vpce_checks.terraform.build import build_network
from vpce_checks.terraform.lang.scope import TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader


def write(directory: Path, files: Mapping[str, str]) -> Path:
    """Write ``files`` (relative path to text) below ``directory``."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


def network_of(directory: Path, files: Mapping[str, str], root: str = "", **options: object) -> Network:
    """The network of the configuration made of ``files``, whose root module is ``root``."""
    write(directory, files)
    boundary = str(directory.resolve())
    settings = TerraformOptions(boundary=boundary, **options)  # type: ignore[arg-type]
    return build_network(str((directory / root).resolve()), settings, ModuleLoader(boundary))


def vpc(network: Network, address: str) -> Vpc:
    """The VPC at ``address``."""
    return network.vpc_by_address[address]


def endpoint(network: Network, address: str) -> Endpoint:
    """The endpoint at ``address``."""
    return next(endpoint for endpoint in network.endpoints if endpoint.address == address)


VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'

"""Override files that point a configuration's AWS providers at moto and give interface endpoints a security group.

Providers and endpoints are found by reading the text, not with our own parser: what is under test must not choose
what is tested. It takes configurations formatted as `terraform fmt` does (blocks start and end at the margin).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_PROVIDER = re.compile(r'^provider\s+"?aws"?\s*\{(.*?)^\}|^provider\s+"?aws"?\s*\{([^\n]*)\}$', re.M | re.S)
_ALIAS = re.compile(r'\balias\s*=\s*"?([\w-]+)"?')
_ENDPOINT = re.compile(r'^\s*resource\s+"?aws_vpc_endpoint"?\s+"?([\w-]+)"?\s*\{', re.M)
_NAME = "zz_truth_override.tf"


def write(root: Path, address: str, services: Sequence[str]) -> None:
    """Write the override files under ``root`` and every directory below it, with ``services`` at moto's ``address``."""
    for directory in sorted({file.parent for file in root.rglob("*.tf*")}):
        aliases, endpoints = _found(directory)
        blocks = [_provider(alias, address, services) for alias in sorted(aliases, key=str)]
        blocks += [
            f'resource "aws_vpc_endpoint" "{name}" {{\n  security_group_ids = ["sg-00000000000000000"]\n}}\n'
            for name in sorted(endpoints)
        ]
        if blocks:
            (directory / _NAME).write_text("\n".join(blocks))


def add_default_provider(root: Path, address: str, services: Sequence[str]) -> None:
    """Give a root module that leaves the default AWS provider to the environment one on moto."""
    aliases, _ = _found(root)
    if None not in aliases:
        (root / "zz_truth_provider.tf").write_text(_provider(None, address, services))


def _found(directory: Path) -> tuple[set[str | None], set[str]]:
    aliases: set[str | None] = set()
    endpoints: set[str] = set()
    for file in directory.iterdir():
        if file.name.startswith("zz_truth_"):
            continue
        if file.name.endswith(".tf.json"):
            document = json.loads(file.read_text(encoding="utf-8"))
            for each in _listed(document.get("provider", {})):
                aliases.update(body.get("alias") for body in _listed(each.get("aws", [])))
            for each in _listed(document.get("resource", {})):
                for named in _listed(each.get("aws_vpc_endpoint", {})):
                    endpoints.update(named)
        elif file.suffix == ".tf":
            text = file.read_text(encoding="utf-8")
            for match in _PROVIDER.finditer(text):
                alias = _ALIAS.search(match.group(1) or match.group(2) or "")
                aliases.add(alias.group(1) if alias else None)
            endpoints.update(_ENDPOINT.findall(text))
    return aliases, endpoints


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _provider(alias: str | None, address: str, services: Sequence[str]) -> str:
    endpoints = "\n".join(f'    {each} = "{address}"' for each in services)
    lines = [
        f'  alias = "{alias}"' if alias else "",
        '  access_key                  = "test"',
        '  secret_key                  = "test"',
        "  skip_credentials_validation = true",
        "  skip_metadata_api_check     = true",
        "  skip_requesting_account_id  = true",
        "  skip_get_ec2_platforms      = true",
        f"  endpoints {{\n{endpoints}\n  }}",
    ]
    return 'provider "aws" {\n' + "\n".join(filter(None, lines)) + "\n}\n"

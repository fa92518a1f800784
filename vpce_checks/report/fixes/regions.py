"""How a Terraform module writes its region: a fix writes it in the same way."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from typing import Any

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import record
from vpce_checks.catalog.partitions import is_region
from vpce_checks.catalog.service_names import parse_service_name
from vpce_checks.model.addresses import terraform_place
from vpce_checks.model.network import Network
from vpce_checks.project.listing import Inventory
from vpce_checks.project.networks import inventory_of, look_up
from vpce_checks.report.fixes.module_code import OF_ONE_INSTANCE, region_attribute, region_data, texts_beside, written
from vpce_checks.report.fixes.terraform_neighbours import Code
from vpce_checks.report.text.frame import source_line
from vpce_checks.rules.finding import Fix
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.structure import Block

_IN_SERVICE_NAME = pattern(r'(?m)^(?![ \t]*(?:#|//)).*"com\.amazonaws\.\$\{([^{}"\n]+)\}\.[a-z$]')
_COMPUTED_REGION = pattern(r'(?m)(?:^|\{)[ \t]*region[ \t]*=[ \t]*(?:[^"\s]|"\$\{)')
_PROVIDER_ARGUMENT = pattern(r"(?m)(?:^|\{)[ \t]*provider[ \t]*=")
_REGION_ARGUMENT = pattern(r"(?m)(?:^|\{)[ \t]*region[ \t]*=")
_PROVIDER = pattern(r'(?m)^\ufeff?provider[ \t]+"')


@record
class Site:
    """Where an endpoint goes: a file, and the module that it belongs to (empty: the root). ``meta`` are the arguments of the
    endpoint that may put it into another region than that of the provider: ``provider``, ``region``."""

    file: str
    module: str
    meta: Mapping[str, Any]

    @property
    def is_moved(self) -> bool:
        """Whether it may be in another region than that of the provider of the module."""
        return not self.meta.keys().isdisjoint(("provider", "region"))


def region_expression(fix: Fix, site: Site, networks: Sequence[Network], code: Code) -> str:
    """Return the expression for the region of the VPC of a fix; empty if there is none, or several.

    It is that of the service names in the module, else that of the provider or of the endpoint. One that is known to be
    another region is none. Of service names, only one that is known to be the region is where the endpoint is moved.
    """
    directory = os.path.dirname(site.file)
    found: Set[str] = look_up(networks, f"region in {directory}", lambda _: _in_service_names(site.file, networks))
    known = look_up(networks, f"known regions in {directory}", lambda inventory: _known_regions(inventory, directory))
    wanted = fix.region or next((row.region for row in inventory_of(networks).vpcs if row.address == fix.vpc), None)
    is_known = wanted is not None and is_region(wanted)
    if is_known:
        found = {text for text in found if known.get((site.module, text), set()) <= {wanted}}
    certain = {text for text in found if (site.module, text) in known} if is_known else frozenset()
    found = certain or (frozenset() if site.is_moved else found)
    if found:
        return next(iter(found)) if len(found) == 1 else ""
    if site.is_moved:
        return _of_moved(site.meta, code)
    return look_up(
        networks, f"region of the provider in {directory}", lambda _: _of_provider(site.file, networks, code)
    )


def _of_moved(meta: Mapping[str, Any], code: Code) -> str:
    """Return the expression for the region that the arguments of a resource name; empty if it is a literal, or not here."""
    if "region" in meta:
        return "" if str(meta["region"]).startswith('"') else str(meta["region"])
    kind, _, alias = str(meta["provider"]).partition(".")
    return _region_of(code().providers.get((kind, alias)))


def _region_of(provider: Block | None) -> str:
    region = provider.body.attributes.get("region") if provider is not None else None
    if region is None or isinstance(region.expr, ast.Literal):
        return ""
    text = written(region)
    return text[3:-2].strip() if isinstance(region.expr, ast.TemplateWrap) and text.startswith('"${') else text


def _in_service_names(file: str, networks: Sequence[Network]) -> Set[str]:
    """Return the expressions for the region in the service names of the module."""
    texts = texts_beside(file, networks)
    found = {text.strip() for each in texts for text in _IN_SERVICE_NAME.findall(each)}
    return frozenset({text for text in found if not OF_ONE_INSTANCE.search(text)})


def _known_regions(inventory: Inventory, directory: str) -> dict[tuple[str, str], set[str]]:
    """Return which regions the expressions in the service names of endpoints are, by module and expression."""
    known: dict[tuple[str, str], set[str]] = {}
    for row, _ in inventory.endpoints:
        if os.path.dirname(row.span.file) != directory or row.foreign:
            continue
        read = parse_service_name(row.service_name) if row.service_name else None
        if read is None or read.region is None or read.region_unknown:
            continue
        lines = (source_line(row.span.file, number) for number in range(row.span.line, row.span.last_line + 1))
        for text in _IN_SERVICE_NAME.findall("\n".join(lines)):
            known.setdefault((terraform_place(row.address).module, text.strip()), set()).add(read.region)
    return known


def _of_provider(file: str, networks: Sequence[Network], code: Code) -> str:
    """Return the expression for the region of the provider of the module: its data source for that region, which says
    the same in any module, or what the provider has; empty if that is a literal."""
    if not any(_COMPUTED_REGION.search(each) for each in texts_beside(file, networks)):
        return ""
    data = region_data(code())
    if data is not None:
        return f"data.aws_region.{data}.{region_attribute(code())}"
    return _region_of(code().providers.get(("aws", "")))


def may_place_resources(file: str, networks: Sequence[Network]) -> bool:
    """Return whether a resource in the module may have an argument for its provider or region."""

    def may_place(text: str) -> bool:
        return bool(_PROVIDER_ARGUMENT.search(text)) or len(_REGION_ARGUMENT.findall(text)) > len(
            _PROVIDER.findall(text)
        )

    directory = os.path.dirname(file)
    return look_up(networks, f"placed in {directory}", lambda _: any(map(may_place, texts_beside(file, networks))))

"""How a Terraform module writes its region: a fix writes it in the same way."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from vpce_checks.base.pattern import pattern
from vpce_checks.model.network import Network
from vpce_checks.project.networks import look_up
from vpce_checks.report.fixes.module_code import texts_beside, written
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.structure import ModuleSource

_IN_SERVICE_NAME = pattern(r'(?m)^(?![ \t]*(?:#|//)).*"com\.amazonaws\.\$\{([^{}"\n]+)\}\.[a-z$]')
_OF_ONE_INSTANCE = pattern(r"\b(?:each|count|self)\.")
_COMPUTED_REGION = pattern(r'(?m)^[ \t]*region[ \t]*=[ \t]*[^"\s]')
_PROVIDER_ARGUMENT = pattern(r"(?m)^[ \t]*provider[ \t]*=")
_REGION_ARGUMENT = pattern(r"(?m)^[ \t]*region[ \t]*=")
_PROVIDER = pattern(r'(?m)^provider[ \t]+"')


def region_expression(file: str, networks: Sequence[Network], code: Callable[[], ModuleSource]) -> str:
    """Return the expression for the region in the module that ``file`` belongs to; empty if there is none, or several.

    It is that of the service names there, else that of the provider there. ``code`` reads that module.
    """
    directory = os.path.dirname(file)
    return look_up(networks, f"region in {directory}", lambda _: _region_expression(file, networks, code))


def _region_expression(file: str, networks: Sequence[Network], code: Callable[[], ModuleSource]) -> str:
    texts = texts_beside(file, networks)
    found = {text.strip() for each in texts for text in _IN_SERVICE_NAME.findall(each)}
    found = {text for text in found if not _OF_ONE_INSTANCE.search(text)}
    if found:
        return found.pop() if len(found) == 1 else ""
    if not any(_COMPUTED_REGION.search(each) for each in texts):
        return ""
    provider = code().providers.get(("aws", ""))
    region = provider.body.attributes.get("region") if provider is not None else None
    return written(region) if region is not None and not isinstance(region.expr, ast.Literal) else ""


def may_place_resources(file: str, networks: Sequence[Network]) -> bool:
    """Return whether a resource in the module may have an argument for its provider or region."""

    def may_place(text: str) -> bool:
        return bool(_PROVIDER_ARGUMENT.search(text)) or len(_REGION_ARGUMENT.findall(text)) > len(
            _PROVIDER.findall(text)
        )

    directory = os.path.dirname(file)
    return look_up(networks, f"placed in {directory}", lambda _: any(map(may_place, texts_beside(file, networks))))

"""The settings in force, as ``vpce-checks settings`` prints them: what holds for each root, and which file says so."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vpce_checks.model.roots import PLAIN, Deployment, Root
from vpce_checks.report import relative

if TYPE_CHECKING:
    from vpce_checks.model.links import Target
    from vpce_checks.policy import Policy, Requirement, Source
    from vpce_checks.policy.scan_keys import InventoryEntry
    from vpce_checks.project.project import Project

VERSION = 1
"""Of the JSON form."""


def settings_of(project: Project, directory: str) -> dict[str, Any]:
    """Return the settings of a project as plain lists and dictionaries, with paths relative to ``directory``.

    Roots to which the same policy applies are listed together.
    """
    roots = [root for batch in project.batches() for root in batch.roots()]
    by_policy: dict[int, tuple[Policy, list[Root]]] = {}
    for root in sorted(roots, key=lambda root: root.key):
        policy = project.policy_of(root)
        by_policy.setdefault(id(policy), (policy, []))[1].append(root)
    scope = project.scope
    environment = project.options.environment
    return {
        "version": VERSION,
        "exclude": [
            {"glob": each.glob, "from": _place(each.span.file, each.span.line, directory) if each.span else "--exclude"}
            for each in scope.exclusions
        ],
        "links": [
            {
                "root": relative(link.root, directory),
                "input": link.input,
                "is": [_target(to, directory) for to in link.targets],
                "from": _place(link.span.file, link.span.line, directory),
            }
            for link in scope.links.values()
        ],
        "inventory": [_inventory(entry, directory) for entry in scope.inventories],
        "rules_of_packages": list(project.policies.packages()),
        "environment": sorted(environment) + (["TF_WORKSPACE"] if project.options.workspace else []),
        "policies": [
            {**_policy(policy, directory, project), "roots": [_root(root, directory) for root in found]}
            for policy, found in by_policy.values()
        ],
    }


def _inventory(entry: InventoryEntry, directory: str) -> dict[str, str]:
    """Return an inventory with what is said of it."""
    said = {key: getattr(entry, key) for key in ("zone", "vpc", "account", "region", "as_of") if getattr(entry, key)}
    place = _place(entry.span.file, entry.span.line, directory) if entry.span is not None else "--inventory"
    return {"file": relative(entry.file, directory), **said, "from": place}


def _target(to: Target, directory: str) -> str:
    deployment = f" ({to.deployment})" if to.deployment else ""
    return f"{relative(to.root, directory)}{deployment}:{to.address}"


def _place(file: str, line: int, directory: str) -> str:
    return f"{relative(file, directory)}:{line}"


def _policy(policy: Policy, directory: str, project: Project) -> dict[str, Any]:
    return {
        "files": [relative(file, directory) for file in policy.files],
        "gateway": _services(policy.gateway, directory),
        "interface": _services(policy.interface, directory),
        "central_endpoints": _services(policy.central, directory),
        "vpcs": [
            _place(entry.source.span.file, entry.source.span.line, directory)
            for entry in policy.vpcs
            if entry.source.span
        ],
        "rules": {rule: "off" if setting.off else setting.severity for rule, setting in sorted(policy.rules.items())},
        "own_rules": {rule.id: _place(*_at(rule.source), directory) for rule in policy.own_rules},
        "rules_dirs": {
            relative(entry.directory, directory): {
                "from": _place(entry.span.file, entry.span.line, directory),
                "run": project.policies.is_run(entry),
            }
            for entry in policy.rules_dirs
        },
        "ignore": len(policy.ignore),
        "modules": {
            entry.source: relative(entry.directory, directory) if entry.directory is not None else "none"
            for entry in policy.modules
        },
        "formats": [text for text, _ in policy.formats],
    }


def _at(source: Source) -> tuple[str, int]:
    return (source.span.file, source.span.line) if source.span is not None else (source.text, 1)


def _services(wanted: Iterable[Requirement], directory: str) -> dict[str, str]:
    """Return the services, each with what asks for it."""
    found = {}
    for item in wanted:
        span = item.source.span
        found[item.service] = _place(span.file, span.line, directory) if span is not None else item.source.text
    return found


def _root(root: Root, directory: str) -> dict[str, Any]:
    deployment = root.deployment
    found: dict[str, Any] = {"path": relative(root.path, directory), "kind": root.kind}
    if deployment != PLAIN:
        found.update((key, value) for key, value in _deployment(deployment, directory).items() if value)
    return found


def _deployment(deployment: Deployment, directory: str) -> dict[str, Any]:
    return {
        "deployment": deployment.name,
        "var_files": [relative(file, directory) for file in deployment.var_files],
        "vars": dict(deployment.variables),
        "parameters": [relative(file, directory) for file in deployment.parameters],
        "workspace": deployment.workspace,
        "region": deployment.region,
        "environment": dict(deployment.environment),
    }


def settings_lines(settings: Mapping[str, Any]) -> Iterator[str]:
    """Return the text form of :func:`settings_of`."""
    for item in settings["exclude"]:
        yield f"exclude: {item['glob']} ({item['from']})"
    for link in settings["links"]:
        yield f"link: {link['input']} of {link['root']} is {', '.join(link['is'])} ({link['from']})"
    for entry in settings["inventory"]:
        said = "".join(f", {key} {value}" for key, value in entry.items() if key not in ("file", "from"))
        yield f"inventory: {entry['file']}{said} ({entry['from']})"
    yield from (f"rules of an installed package: {name}" for name in settings["rules_of_packages"])
    if settings["environment"]:
        yield f"from the environment: {', '.join(settings['environment'])}"
    for policy in settings["policies"]:
        yield f"policy: {', '.join(policy['files']) or 'none: the pack aws-baseline holds'}"
        for key in ("gateway", "interface", "central_endpoints"):
            yield from _origins(key, policy[key])
        yield from _line("vpcs", policy["vpcs"])
        yield from _line("rules", [f"{rule} {setting}" for rule, setting in policy["rules"].items()])
        yield from _line("own_rules", [f"{rule} ({place})" for rule, place in policy["own_rules"].items()])
        for path, entry in policy["rules_dirs"].items():
            only = "" if entry["run"] else ", run only with --trust-repo-rules"
            yield f"  rules_dir: {path} ({entry['from']}{only})"
        yield from _line(
            "ignore", [f"{count} entr{'y' if count == 1 else 'ies'}"] if (count := policy["ignore"]) else []
        )
        modules = policy["modules"].items()
        yield from _line(
            "modules", [f"{each} (none)" if place == "none" else f"{each} in {place}" for each, place in modules]
        )
        yield from _line("formats", policy["formats"])
        yield "  roots:"
        for root in policy["roots"]:
            yield f"    {root['path']} ({root['kind']})"
            for key, value in root.items():
                if key not in ("path", "kind"):
                    yield f"      {key}: {_shown(value)}"


def _origins(key: str, services: Mapping[str, str]) -> Iterator[str]:
    by_origin: dict[str, list[str]] = {}
    for service, origin in services.items():
        by_origin.setdefault(origin, []).append(service)
    for origin, those in by_origin.items():
        yield f"  {key}: {', '.join(those)} ({origin})"


def _line(key: str, values: Sequence[str]) -> Iterator[str]:
    if values:
        yield f"  {key}: {', '.join(values)}"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)


def no_roots(paths: Sequence[str]) -> str:
    """Return what to say where nothing is deployed."""
    return f"no Terraform or CloudFormation in {', '.join(paths) or os.curdir}"


def schema_path() -> str:
    """Return where the JSON Schema of policy files is installed."""
    from vpce_checks import policy

    return os.path.join(os.path.dirname(os.path.abspath(policy.__file__)), "policy.schema.json")

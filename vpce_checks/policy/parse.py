"""One policy file, from YAML to what it says, with all mistakes in it reported together."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from datetime import date

from vpce_checks.model.spans import Span
from vpce_checks.model.verdict import SEVERITIES
from vpce_checks.policy.layer import Extends, Layer
from vpce_checks.policy.model import (
    EGRESS,
    WORKLOADS_MODES,
    IgnoreEntry,
    ModuleEntry,
    PolicyError,
    Requirement,
    RuleSetting,
    VpcOverride,
)
from vpce_checks.policy.node_reader import FALSE, shown
from vpce_checks.policy.own_rules_reader import OwnRulesReader
from vpce_checks.policy.scan_keys_reader import ScanKeysReader
from vpce_checks.policy.services import service_problem
from vpce_checks.policy.yaml_nodes import Node, parse_yaml

VERSION = "1"
NO_NETWORK = "none"
"""Stands for the directory of a module that creates no VPC, endpoint or route."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TOP = (
    "version",
    "name",
    "description",
    "url",
    "extends",
    "required",
    "vpcs",
    "central_endpoints",
    "rules",
    "ignore",
    "modules",
    "exclude",
    "roots",
    "links",
    "inventory",
    "formats",
    "workloads",
    "own_rules",
    "rules_dir",
)
_REQUIRED = ("gateway", "interface")
_VPC = ("match", "gateway", "interface", "add", "exempt", "central_endpoints", "workloads", "egress")
_IGNORE = ("rule", "resource", "path", "reason", "until")


def parse_policy(
    content: bytes, file: str, pack: str | None = None, known_rules: Callable[[], Iterable[str]] | None = None
) -> Layer:
    """What the policy file ``file`` says. Raises PolicyError with every mistake in it.

    ``pack`` names a shipped pack, whose places are its name. ``known_rules`` gives the rule ids that exist; without
    it every id of their form is taken.
    """
    return _Reader(file, pack, known_rules).read(parse_yaml(content, file))


class _Reader(OwnRulesReader, ScanKeysReader):
    def read(self, root: Node) -> Layer:
        if root.kind != "map":
            self._wrong(root, "a policy file is a mapping that begins with 'version: 1'")
            raise PolicyError(self.problems)
        top = self._map(root, _TOP, "the policy")
        version = top.get("version")
        if version is None:
            self._wrong(root, "'version: 1' is missing")
        elif version.kind != "scalar" or not version.plain or version.text != VERSION:
            self._wrong(version, "the version of a policy file is 1")
        required = self._map(top.get("required"), _REQUIRED, "'required'")
        layer = Layer(
            name=self._text(top.get("name"), "'name'"),
            description=self._text(top.get("description"), "'description'"),
            url=self._text(top.get("url"), "'url'"),
            extends=self._extends(top.get("extends")),
            gateway=self._services(required.get("gateway"), "gateway"),
            interface=self._services(required.get("interface"), "interface"),
            vpcs=tuple(self._vpc(node) for node in self._list(top.get("vpcs"), "'vpcs'")),
            central=self._services(top.get("central_endpoints"), "any") or (),
            rules=self._rules(top.get("rules")),
            ignore=tuple(entry for node in self._list(top.get("ignore"), "'ignore'") for entry in self._ignore(node)),
            file=None if self.pack else self.file,
            modules=tuple(self._modules(top.get("modules"))),
            exclude=tuple(self._exclude(top.get("exclude"))),
            roots=tuple(self._roots(top.get("roots"))),
            links=tuple(self._links(top.get("links"))),
            inventory=tuple(self._inventory(top.get("inventory"))),
            formats=tuple(self._formats(top.get("formats"))),
            workloads=self._word(top.get("workloads"), "'workloads'", WORKLOADS_MODES),
            own_rules=tuple(self._own_rules(top.get("own_rules"))),
            rules_dirs=self._rules_dir(top.get("rules_dir")),
        )
        if self.problems:
            raise PolicyError(self.problems)
        return layer

    def _extends(self, node: Node | None) -> tuple[Extends, ...] | None:
        if node is None or node.is_null:  # a list whose entries are all commented out says nothing
            return None
        return tuple(
            Extends(self._text(item, "an entry of 'extends'"), item.line) for item in self._list(node, "'extends'")
        )

    def _services(self, node: Node | None, type: str) -> tuple[Requirement, ...] | None:
        """A list of services; None where it is not given. ``type`` is "gateway", "interface" or "any"."""
        if node is None or node.is_null:
            return None
        what = "'central_endpoints'" if type == "any" else f"'{type}'"
        found: dict[str, Requirement] = {}
        for item in self._list(node, what):
            name = self._text(item, f"an entry of {what}")
            if name and self._check_service(item, name, type):
                found.setdefault(name, Requirement(name, self._source(item)))
        return tuple(found.values())

    def _check_service(self, node: Node, name: str, type: str) -> bool:
        message = service_problem(name, type)
        if message:
            self._wrong(node, message)
        return not message

    def _vpc(self, node: Node) -> VpcOverride:
        given = self._map(node, _VPC, "an entry of 'vpcs'")
        if node.kind == "map" and "match" not in given:
            self._wrong(node, "an entry of 'vpcs' needs 'match'")
        elif node.is_null:
            self._wrong(node, "an entry of 'vpcs' must be a mapping")
        add = self._map(given.get("add"), _REQUIRED, "'add'")
        return VpcOverride(
            match=self._match(given.get("match")),
            source=self._source(node),
            gateway=self._services(given.get("gateway"), "gateway"),
            interface=self._services(given.get("interface"), "interface"),
            add_gateway=self._services(add.get("gateway"), "gateway") or (),
            add_interface=self._services(add.get("interface"), "interface") or (),
            central=self._services(given.get("central_endpoints"), "any"),
            exempt=self._exempt(given.get("exempt")),
            workloads=self._word(given.get("workloads"), "'workloads'", WORKLOADS_MODES),
            egress=self._word(given.get("egress"), "'egress'", EGRESS),
        )

    def _exempt(self, node: Node | None) -> dict[str, str]:
        reasons: dict[str, str] = {}
        for name, reason in self._map(node, None, "'exempt'").items():
            if self._check_service(reason, name, "any"):
                reasons[name] = self._text(reason, f"the reason why {name} is exempt")
        return reasons

    def _rules(self, node: Node | None) -> dict[str, RuleSetting]:
        settings: dict[str, RuleSetting] = {}
        for rule, value in self._map(node, None, "'rules'").items():
            self._rule(value, rule)
            if value.kind == "scalar" and (value.text in FALSE if value.plain else value.text == "off"):
                settings[rule] = RuleSetting(off=True, span=self._source(value).span)
                continue
            if value.kind != "map":
                self._wrong(value, f"{rule} must be 'off' or {{severity: low | medium | high}}")
                continue
            severity = self._map(value, ("severity",), rule).get("severity")
            if severity is None:
                self._wrong(value, f"{rule} must be 'off' or {{severity: low | medium | high}}")
            else:
                known = next((each for each in SEVERITIES if each == severity.text), None)
                if known is None:
                    self._wrong(severity, f"no severity {shown(severity.text)}: it is low, medium or high")
                else:
                    settings[rule] = RuleSetting(severity=known, span=self._source(value).span)
        return settings

    def _ignore(self, node: Node) -> list[IgnoreEntry]:
        given = self._map(node, _IGNORE, "an entry of 'ignore'")
        if "rule" not in given:
            if node.kind == "map" or node.is_null:
                self._wrong(node, "an entry of 'ignore' needs 'rule'")
            return []
        rule = self._text(given["rule"], "'rule'")
        if rule:
            self._rule(given["rule"], rule)
        resource = self._glob(given.get("resource"), "'resource'") if "resource" in given else "*"
        reason = self._text(given.get("reason"), "'reason'") or "no reason given"
        until = self._date(given["until"]) if "until" in given else None
        path = self._glob(given.get("path"), "'path'")
        return [IgnoreEntry(rule, resource or "", reason, until, self._source(node), path, os.path.dirname(self.file))]

    def _modules(self, node: Node | None) -> list[ModuleEntry]:
        """Where the code of modules is; a relative directory starts at the policy file's. ``none`` means that a module
        creates no VPC, endpoint or route; a directory of that name is ``./none``."""
        found = []
        for source, value in self._map(node, None, "'modules'").items():
            directory = self._text(value, f"the directory of {shown(source)}")
            if directory == NO_NETWORK:
                found.append(ModuleEntry(source, None, Span(self.file, value.line)))
            elif directory:
                path = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(self.file)), directory))
                found.append(ModuleEntry(source, path, Span(self.file, value.line)))
        return found

    def _date(self, node: Node) -> date | None:
        try:
            if node.kind == "scalar" and _DATE.fullmatch(node.text):
                return date.fromisoformat(node.text)
        except ValueError:
            pass
        self._wrong(node, f"no such date {shown(node.text)}: write it as 2027-03-01")
        return None

"""Read the keys of a policy file that are about the scan: ``exclude``, ``roots``, ``links``, ``inventory``,
``formats``, ``rules_dir``."""

from __future__ import annotations

import os
from collections.abc import Iterator

from vpce_checks.base.pattern import pattern
from vpce_checks.catalog.partitions import is_region
from vpce_checks.model.links import Link, Target
from vpce_checks.model.roots import Deployment
from vpce_checks.model.spans import Span
from vpce_checks.policy.node_reader import NodeReader, shown
from vpce_checks.policy.scan_keys import Exclusion, InventoryEntry, RootEntry, RulesDir
from vpce_checks.policy.yaml_nodes import Node

_LINK = ("root", "input", "is")
_INPUT = pattern(r"(var\.[^\s.]+|data\.[^\s.]+\.[^\s.]+(\.[^\s]+)?|[A-Za-z0-9]+)")
_TARGET = pattern(r"(?P<root>[^:]*?)( \((?P<deployment>[^()]+)\))?:(?P<address>[^\s].*)")
_INVENTORY = {
    "file": (pattern(r"(?s).*"), ""),
    "zone": (pattern(r"(/hostedzone/)?[A-Z0-9]{1,32}"), "the id of a hosted zone, such as Z0123456789ABCDEFGHIJ"),
    "vpc": (pattern(r"vpc-[0-9a-z]{1,32}"), "the id of a VPC, such as vpc-0123456789abcdef0"),
    "account": (pattern(r"[0-9]{12}"), "the 12 digits of an account"),
    "region": (pattern(r"(?s).*"), ""),
    "as_of": (
        pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{1,20}(Z|[+-][0-9:]{2,5})?)?"),
        "a date such as 2027-03-01",
    ),
}
"""The keys of an entry of ``inventory``: what each is like, and in words."""
_ROOT = ("name", "var_files", "vars", "parameters", "workspace", "region", "environment")


class ScanKeysReader(NodeReader):
    """Reads the keys of a file that are about the scan."""

    def _exclude(self, node: Node | None) -> Iterator[Exclusion]:
        for item in self._list(node, "'exclude'"):
            glob = self._glob(item, "an entry of 'exclude'")
            if glob:
                yield Exclusion(glob, self._directory, Span(self.file, item.line))

    def _roots(self, node: Node | None) -> Iterator[RootEntry]:
        for root, value in self._map(node, None, "'roots'").items():
            listed = value.items if value.kind == "list" else [value]
            deployments = tuple(self._deployment(item, root, is_one_of_several=len(listed) > 1) for item in listed)
            names = [each.name for each in deployments if each.name]
            for name in dict.fromkeys(name for name in names if names.count(name) > 1):
                self._wrong(value, f"two deployments of {shown(root)} are called {shown(name)}")
            if deployments:
                yield RootEntry(self._path(root), deployments, Span(self.file, value.line))
            else:
                self._wrong(value, f"the settings of {shown(root)} are empty")

    def _deployment(self, node: Node, root: str, *, is_one_of_several: bool) -> Deployment:
        given = self._map(node, _ROOT, f"the entry {shown(root)} of 'roots'")
        if is_one_of_several and "name" not in given:
            self._wrong(node, f"each of several deployments of {shown(root)} needs 'name'")
        region = self._region(given.get("region"))
        return Deployment(
            name=self._text(given.get("name"), "'name'"),
            var_files=self._files(given.get("var_files"), "'var_files'"),
            variables=self._texts(given.get("vars"), "'vars'"),
            parameters=self._files(given.get("parameters"), "'parameters'"),
            workspace=self._text(given.get("workspace"), "'workspace'") or None,
            region=region or None,
            environment=self._texts(given.get("environment"), "'environment'"),
        )

    def _region(self, node: Node | None) -> str:
        region = self._text(node, "'region'")
        if node is not None and region and not is_region(region):
            self._wrong(node, f"there is no region {shown(region)}; write one such as eu-west-1")
        return region

    def _files(self, node: Node | None, what: str) -> tuple[str, ...]:
        return tuple(filter(None, (self._text(item, f"an entry of {what}") for item in self._list(node, what))))

    def _texts(self, node: Node | None, what: str) -> tuple[tuple[str, str], ...]:
        return tuple((key, self._text(value, f"{what}: {key}")) for key, value in self._map(node, None, what).items())

    def _links(self, node: Node | None) -> Iterator[Link]:
        seen: set[tuple[str, str]] = set()
        for item in self._list(node, "'links'"):
            given = self._map(item, _LINK, "an entry of 'links'")
            missing = [key for key in _LINK if key not in given]
            if missing:
                self._wrong(item, f"an entry of 'links' needs {', '.join(map(repr, missing))}")
                continue
            root = self._path(self._text(given["root"], "'root'"))
            input = self._text(given["input"], "'input'")
            if input and not _INPUT.fullmatch(input):
                self._wrong(
                    given["input"],
                    f"{shown(input)} is no input: write var.NAME, data.TYPE.NAME or the name of a parameter",
                )
            if input and (root, input) in seen:
                self._wrong(given["input"], f"two links say what {shown(input)} of this root is")
            seen.add((root, input))
            objects = given["is"]
            is_list = objects.kind == "list"
            targets = [self._target(each) for each in (objects.items if is_list else [objects])]
            found = tuple(each for each in targets if each is not None)
            yield Link(root, input, found, is_list, Span(self.file, given["input"].line))

    def _target(self, node: Node) -> Target | None:
        text = self._text(node, "'is'")
        found = _TARGET.fullmatch(text)
        if text and found is None:
            self._wrong(
                node, f"{shown(text)} is no object of another root: write ROOT:ADDRESS, such as network:aws_vpc.main"
            )
        if found is None:
            return None
        return Target(self._path(found["root"]), found["address"], found["deployment"] or "")

    def _inventory(self, node: Node | None) -> Iterator[InventoryEntry]:
        """Yield the entries of ``inventory``, each a path or a mapping with more about it."""
        for item in self._list(node, "'inventory'"):
            if item.kind != "map":
                file = self._text(item, "an entry of 'inventory'")
                if file:
                    yield InventoryEntry(self._path(file), span=Span(self.file, item.line))
                continue
            given = self._map(item, tuple(_INVENTORY), "an entry of 'inventory'")
            texts = {key: self._text(value, f"'{key}'") for key, value in given.items()}
            for key, text in texts.items():
                form, words = _INVENTORY[key]
                if text and not form.fullmatch(text):
                    self._wrong(given[key], f"'{key}' is {words}, not {shown(text)}")
            self._region(given.get("region"))
            if "file" not in given:
                self._wrong(item, "an entry of 'inventory' needs 'file'")
            elif file := texts.pop("file"):
                yield InventoryEntry(
                    self._path(file),
                    zone=texts.get("zone", "").removeprefix("/hostedzone/"),
                    vpc=texts.get("vpc", ""),
                    account=texts.get("account", ""),
                    region=texts.get("region", ""),
                    as_of=texts.get("as_of", ""),
                    span=Span(self.file, item.line),
                )

    def _formats(self, node: Node | None) -> tuple[tuple[str, Span], ...]:
        found = []
        for item in self._list(node, "'formats'"):
            text = self._text(item, "an entry of 'formats'")
            if "=" in text:
                self._wrong(item, "a policy names no file to write: use --format FORMAT=FILE for that")
            elif text:
                found.append((text, Span(self.file, item.line)))
        return tuple(found)

    def _rules_dir(self, node: Node | None) -> tuple[RulesDir, ...]:
        """The directory that the file names: one, or none."""
        text = self._text(node, "'rules_dir'")
        if node is None or not text:
            return ()
        path = self._path(text)
        return (RulesDir(path, path, Span(self.file, node.line)),)

    def _path(self, written: str) -> str:
        return os.path.normpath(os.path.join(self._directory, written))

    @property
    def _directory(self) -> str:
        return os.path.dirname(os.path.abspath(self.file))

"""The templates of one scan. Each is read once, even if several templates nest it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingType
from types import MappingProxyType
from typing import NamedTuple

from vpce_checks.base.defects import defect
from vpce_checks.cloudformation.template.includes import includes_local_files, with_includes
from vpce_checks.cloudformation.template.loader import broken, load, text_document
from vpce_checks.cloudformation.template.nodes import EMPTY_MAPPING, Document, Mapping, Node, entry
from vpce_checks.cloudformation.template.template import Template, has_resources, read_template
from vpce_checks.files import tracked
from vpce_checks.files.containment import ANYWHERE

HELD = 4_000_000
"""Characters of files whose trees are held between two roots. A tree takes some twenty bytes for each."""

MAX_STACKS_DEEP = 12
"""How deep stacks may nest. Nobody deploys deeper ones."""

NOTHING_GIVEN: MappingType[str, str] = MappingProxyType({})


class Nested(NamedTuple):
    """The file of a nested template, and what its parent passes as its parameters, with ``*`` for what is not literal."""

    path: str
    given: MappingType[str, str]


class Templates:
    """The templates among the files of a scan, read on demand.

    Nothing outside of the directory ``boundary`` is read ("" for no limit).
    """

    def __init__(self, files: Iterable[str] = (), boundary: str = "") -> None:
        self.boundary = os.path.realpath(boundary) if boundary else ""
        self.places = (self.boundary,) if boundary else ANYWHERE
        self._read: dict[str, tuple[Document, Template | None] | None] = {}
        self._values: dict[str, Document | None] = {}
        self._held = 0
        self._named: dict[str, list[str]] | None = None
        self.files = tuple(dict.fromkeys(os.path.abspath(path) for path in files))

    def template(self, path: str) -> Template | None:
        """Return the template in the file ``path``. None if there is no such file, or it cannot be read as a
        template."""
        found = self._load(path)
        return found[1] if found is not None else None

    def broken(self, path: str) -> Document | None:
        """Return the document of the file ``path`` if it exists but is no readable template."""
        found = self._load(path)
        return found[0] if found is not None and found[1] is None else None

    def __contains__(self, path: str) -> bool:
        """Return whether the file ``path`` is parsed already."""
        return os.path.abspath(path) in self._read

    def values_in(self, path: str) -> Node | None:
        """Return what the file ``path`` holds, which is no template: the values of variables. None if it is not there or cannot
        be read. Many variables name the same file, so it stays until the turn of a root is over."""
        if path not in self._values:
            self._values[path] = self._included(path)
        found = self._values[path]
        return found.root if found is not None else None

    def briefly(self, path: str) -> Template | None:
        """Return the template in the file ``path``, for somebody who does not need it again."""
        found = self.template(path)
        self.settle(path)
        return found

    def forget(self, path: str) -> None:
        """Let the tree of the file ``path`` go. Whoever asks for it again parses it again."""
        found = self._read.pop(os.path.abspath(path), None)
        if found is not None:
            self._held -= len(found[0].text)

    def settle(self, path: str) -> None:
        """Let trees go if there are too many of them: first that of ``path``, whose turn is over, then the oldest."""
        self._values.clear()
        for each in [path, *self._read] if self._held > HELD else ():
            self.forget(each)
            if self._held <= HELD:
                return

    def _load(self, path: str) -> tuple[Document, Template | None] | None:
        path = os.path.abspath(path)
        if path not in self._read:
            self._read[path] = None
            if tracked.is_file(path, self.places):
                found = self._read[path] = self._parsed(path)
                self._held += len(found[0].text)
        return self._read[path]

    def _parsed(self, path: str) -> tuple[Document, Template | None]:
        try:
            document = load(path, self.places)
            if includes_local_files(document):
                document = with_includes(document, self._included, self._text)
            return self._assembled(document) or (document, read_template(document))
        except Exception as error:
            return broken(path, f"cannot be read: {defect(error)}", is_defect=True), None

    def nested_in(
        self, template: Template, given: MappingType[str, str] = NOTHING_GIVEN, never: Collection[str] = ()
    ) -> Iterator[Nested]:
        """Yield the templates that ``template`` nests, as far as its text says. ``given`` is what its parent passes,
        with ``*`` for what is not literal. The stacks ``never`` do not count."""
        from vpce_checks.cloudformation.template.s3_urls import addresses_of, passed_on

        resources = (template.section("Resources") or EMPTY_MAPPING).entries

        def nested(id: str, path: str) -> Nested:
            return Nested(path, passed_on(entry(resources.get(id), "Properties", "Parameters"), given.get))

        for id, url in template.local_templates.items():
            if id not in never and "://" not in url:
                yield nested(id, os.path.normpath(os.path.join(os.path.dirname(template.path), url)))
        for id, node in template.nested_by_address.items():
            for address in addresses_of(node, template.defaults, given.get) if id not in never else ():
                meant = self.at_address(address, template.path)
                if meant is not None:
                    yield nested(id, meant)

    def at_address(self, address: str, parent: str) -> str | None:
        """Return the only template of the scan that matches an S3 address in the template ``parent``."""
        from vpce_checks.cloudformation.template.s3_urls import match_address

        return match_address(address, parent, self._named_as(address), self.boundary)

    def near(self, address: str, parent: str) -> str:
        """Return in words which templates of the scan are not what an S3 address means, though they have its name."""
        from vpce_checks.cloudformation.template.s3_urls import near_misses

        return near_misses(address, parent, self._named_as(address), self.boundary)

    def _named_as(self, address: str) -> Sequence[str]:
        """Return the files with the name that an address ends in."""
        if self._named is None:
            self._named = {}
            for path in self.files:
                self._named.setdefault(os.path.basename(path), []).append(path)
        return self._named.get(address.rpartition("/")[2].partition("?")[0], ())

    def _assembled(self, document: Document) -> tuple[Document, Template | None] | None:
        """Return the template of a Serverless Framework service that has a part in other files. None: it is no such service."""
        from vpce_checks.cloudformation.template.serverless import (
            assemble,
            includes_files,
            includes_settings,
            with_usual_signs,
        )
        from vpce_checks.cloudformation.template.service_plugins import network_plugins, with_sub_variables

        if not (includes_files(document) or includes_settings(document)):
            return None
        whole, body, service = assemble(document, self._included)
        is_cut = any(item.severity == "error" for item in whole.diagnostics)
        if not (is_cut or has_resources(body) or network_plugins(service)):
            is_template = isinstance(document.root, Mapping) and has_resources(document.root)
            return None if is_template else (document, None)
        template = Template(whole, with_sub_variables(whole, with_usual_signs(document, body)))
        template.service = with_usual_signs(document, service)
        return whole, template

    def _text(self, path: str) -> Document | None:
        return text_document(path, self.places) if tracked.is_file(path, self.places) else None

    def _included(self, path: str) -> Document | None:
        if not tracked.is_file(path, self.places):
            return None
        return load(path, self.places) if path.lower().endswith((".yml", ".yaml", ".json")) else None

"""The files of one module directory, put together as Terraform puts them together.

Which files: https://developer.hashicorp.com/terraform/language/files. Override files:
https://developer.hashicorp.com/terraform/language/files/override.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TypeVar

from vpce_checks.base.defects import defect
from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import field, mutable, record
from vpce_checks.files import tracked
from vpce_checks.files.containment import Places
from vpce_checks.files.tracked import Seen, contained
from vpce_checks.model.network import IgnoreComment
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.terraform.syntax.ast import Literal, TemplateWrap
from vpce_checks.terraform.syntax.file_names import STACK_SUFFIXES
from vpce_checks.terraform.syntax.hcl import MAX_FILE_BYTES, HclFile, parse_file
from vpce_checks.terraform.syntax.structure import Attribute, Block, Body, ModuleSource
from vpce_checks.terraform.syntax.text import shortened

_IGNORE = pattern(
    r"vpce-checks:ignore(?:[ \t]+(?P<rules>\w+(?:[ \t]*,[ \t]*\w+)*))?(?P<reason>[^\r\n]*)"
    r"|checkov:skip=(?P<skipped>\w+(?:[ \t]*,[ \t]*\w+)*)(?:[ \t]*:(?P<why>[^\r\n]*))?"
)

# How many labels each top-level block must have.
_LABELS = {
    "resource": ("type", "name"),
    "data": ("type", "name"),
    "ephemeral": ("type", "name"),
    "variable": ("name",),
    "output": ("name",),
    "module": ("name",),
    "provider": ("name",),
    "locals": (),
    "terraform": (),
    "check": ("name",),
    "moved": (),
    "import": (),
    "removed": (),
    "action": ("type", "name"),
    "component": ("name",),
    "stack": ("name",),
}
CALLS = frozenset(("module", "component", "stack"))
_SUPERSEDES = ((".tofu", ".tf"), (".tofu.json", ".tf.json"))
_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")
# Nested blocks that merge attribute by attribute instead of replacing each other.
_MERGED_BLOCKS = frozenset(("lifecycle",))

Read = Callable[[str, Places], bytes]
_Key = TypeVar("_Key", str, tuple[str, str])


def read_source(path: str, places: Places) -> bytes:
    """The contents of a regular file of at most MAX_FILE_BYTES. Raises OSError."""
    data = tracked.contents(path, places)
    if len(data) > MAX_FILE_BYTES:
        raise OSError(f"larger than {MAX_FILE_BYTES // 1_000_000} MB")
    if data.startswith(b"\0GITCRYPT\0"):
        raise OSError("it is encrypted; unlock the repository with git-crypt first")
    return data


class ModuleLoader:
    """Loads module directories, each once."""

    def __init__(self, boundary: str) -> None:
        self.boundary = os.path.realpath(boundary)
        self.places = (self.boundary,)
        self._loaded: dict[str, ModuleSource] = {}
        self._seen: dict[str, Seen] = {}
        self._placed: dict[tuple[tuple[str, ...], Span], ModuleSource] = {}
        self._beyond: dict[str, ModuleLoader] = {}

    def load(self, directory: str) -> ModuleSource:
        """:func:`load_module` of ``directory``, remembered by its real path."""
        key = self._key(directory)
        if key not in self._loaded or (tracked.is_recording() and key not in self._seen):
            with tracked.recording(tracked.is_recording()) as seen:
                self._loaded[key] = load_module(directory, boundary=self.boundary)
            if tracked.is_recording():
                self._seen[key] = seen
        elif tracked.is_recording():
            tracked.remember(self._seen[key])
        return self._loaded[key]

    def forget(self, directory: str) -> None:
        """Let go of what was read of ``directory``: it takes many times the memory of its text."""
        key = self._key(directory)
        self._loaded.pop(key, None)
        self._seen.pop(key, None)

    def _key(self, directory: str) -> str:
        return tracked.place_of(directory, self.places) or directory

    def beyond(self, boundary: str) -> ModuleLoader:
        """The loader for another repository."""
        return self._beyond.setdefault(boundary, ModuleLoader(boundary))

    def load_placed(self, directories: tuple[str, ...], at: Span) -> ModuleSource:
        """:func:`load_placed` of ``directories``, remembered."""
        key = (directories, at)
        module = self._placed.get(key)
        if module is None:
            module = self._placed[key] = load_placed(directories, at)
        return module


def _configuration_files(directory: str) -> tuple[list[str], list[str]]:
    """The names of the primary and of the override files of a directory, in Terraform's order. Raises OSError.

    Where there is ``x.tofu`` for OpenTofu, ``x.tf`` is not among them: https://opentofu.org/docs/language/files/. In a
    directory without any of these, the files of a stack are the primary ones.
    """
    primary: list[str] = []
    override: list[str] = []
    with os.scandir(directory) as listing:
        names = [entry.name for entry in listing if not entry.is_dir(follow_symlinks=False)]
    superseded = {
        name.removesuffix(suffix) + twin for suffix, twin in _SUPERSEDES for name in names if name.endswith(suffix)
    }
    for name in sorted(names):
        stem = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), None)
        if stem is None or name in superseded:
            continue
        if name.startswith(".") or (name.startswith("#") and name.endswith("#")):
            continue
        (override if _is_override(name) else primary).append(name)
    if not primary and not override:
        primary = sorted(name for name in names if name.endswith(STACK_SUFFIXES) and not name.startswith("."))
    return primary, override


configuration_files = contained(_configuration_files)


def load_module(directory: str, *, boundary: str | None = None, read: Read = read_source) -> ModuleSource:
    """Read and parse every configuration file of ``directory``. Never raises: see ``diagnostics``.

    ``boundary`` is the absolute directory outside of which nothing is read (default: ``directory`` itself).
    """
    directory = os.path.abspath(directory)
    places = (os.path.realpath(boundary if boundary is not None else directory),)
    collected = _Collected()
    try:
        primary, override = configuration_files(directory, places)
    except OSError as error:
        message = f"the directory cannot be read: {error.strerror or error}"
        return ModuleSource(directory, diagnostics=(Diagnostic("error", message, directory),))
    files: list[str] = []
    for name in primary:
        path = os.path.join(directory, name)
        body = collected.read(path, places, read)
        if body is not None:
            files.append(path)
            collected.add(body, path)
    for name in override:
        path = os.path.join(directory, name)
        body = collected.read(path, places, read)
        if body is not None:
            files.append(path)
            collected.override(body, path)
    return collected.module(directory, files)


def load_placed(directories: tuple[str, ...], at: Span) -> ModuleSource:
    """The module whose files lie in several directories of ours. To the user all of it stands at ``at``, a place of
    his, and it has no files."""
    collected = _Collected()
    for directory in directories:
        for name in configuration_files(directory, (directory,))[0]:
            path = os.path.join(directory, name)
            body = collected.read(path, (directory,), read_source, at)
            if body is not None:
                collected.add(body, path)
    return collected.module(directories[-1], [])


@record
class Part:
    """A file of a module that is put together from several places. ``data`` is what is in it, where it is not to be read
    from ``path``; ``at`` is where everything in it is said to stand."""

    path: str
    boundary: str
    data: bytes | None = None
    at: Span | None = None


def load_parts(directory: str, parts: Mapping[str, Part]) -> ModuleSource:
    """The module that consists of ``parts``, by file name, as if they stood together in ``directory``."""
    collected = _Collected()
    files: list[str] = []
    for overrides, take in ((False, collected.add), (True, collected.override)):
        for name in sorted(name for name in parts if _is_override(name) is overrides):
            part = parts[name]
            read = read_source if part.data is None else _given(part.data)
            body = collected.read(part.path, (part.boundary,), read, part.at)
            if body is not None:
                take(body, part.path)
                if part.at is None:
                    files.append(part.path)
    return collected.module(directory, files)


def _given(data: bytes) -> Read:
    return lambda path, places: data


def _is_override(name: str) -> bool:
    stem = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
    return stem == "override" or stem.endswith("_override")


@mutable
class _Collected:
    """The blocks of the files read so far."""

    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Attribute] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)
    resources: dict[tuple[str, str], Block] = field(default_factory=dict)
    data: dict[tuple[str, str], Block] = field(default_factory=dict)
    ephemeral: dict[tuple[str, str], Block] = field(default_factory=dict)
    modules: dict[str, Block] = field(default_factory=dict)
    providers: dict[tuple[str, str], Block] = field(default_factory=dict)
    terraform: list[Block] = field(default_factory=list)
    removed: list[Block] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    ignores: list[IgnoreComment] = field(default_factory=list)

    def module(self, directory: str, files: list[str]) -> ModuleSource:
        """What was read, as the module that lies in ``directory`` and consists of ``files``."""
        json_only = bool(files) and all(path.endswith(".json") for path in files)
        return ModuleSource(
            directory=directory,
            files=tuple(files),
            language="terraform-json" if json_only else "terraform",
            variables=self.variables,
            locals=self.locals,
            outputs=self.outputs,
            resources=self.resources,
            data=self.data,
            ephemeral=self.ephemeral,
            modules=self.modules,
            providers=self.providers,
            terraform=tuple(self.terraform),
            removed=tuple(self.removed),
            diagnostics=tuple(self.diagnostics),
            ignores=tuple(self.ignores),
        )

    def read(self, path: str, places: Places, read: Read, at: Span | None = None) -> Body | None:
        """The body of one file, None where it cannot be read. ``at`` is where everything in it is said to stand."""
        try:
            data = read(path, places)
        except tracked.OutsideError:
            self.error("this file is a link that leads outside the scanned repository; it is not read", path, 1)
            return None
        except OSError as error:
            self.error(f"the file cannot be read: {error.strerror or error}", path, 1)
            return None
        try:
            return self._parsed(data, path, at)
        except Exception as error:
            message = f"the file cannot be read: {defect(error)}"
            self.diagnostics.append(Diagnostic("error", message, path, is_defect=True))
            return None

    def _parsed(self, data: bytes, path: str, at: Span | None) -> Body:
        if path.endswith(".json"):
            from vpce_checks.terraform.syntax.json_syntax import parse_json_file

            json_file = parse_json_file(data, path)
            self.diagnostics.extend(json_file.diagnostics)
            self.ignores.extend(ignore_requests(path, json_file.comments))
            return json_file.body
        with_comments = b"vpce-checks:ignore" in data or b"checkov:skip" in data
        hcl_file = parse_file(data, path, comments=with_comments, at=at)
        self.diagnostics.extend(hcl_file.diagnostics)
        if with_comments:
            self.ignores.extend(ignore_requests(path, comments_of(hcl_file)))
        if path.endswith(STACK_SUFFIXES):
            from vpce_checks.terraform.syntax.stacks import as_module

            return as_module(hcl_file.body)
        return hcl_file.body

    def error(self, message: str, file: str, line: int) -> None:
        self.diagnostics.append(Diagnostic("error", shortened(message), file, line))

    def labelled(self, block: Block) -> bool:
        """Whether the block is one that Terraform knows, with as many labels as it must have."""
        expected = _LABELS.get(block.type)
        place = block.header
        if expected is None:
            self.diagnostics.append(
                Diagnostic("warning", shortened(f"Terraform knows no {block.type!r} block"), place.file, place.line)
            )
            return False
        if len(block.labels) != len(expected):
            wanted = " and ".join(f"its {label} in quotes" for label in expected) or "no label"
            self.error(
                f"a {block.type!r} block takes {wanted}, and here are {len(block.labels)} labels",
                place.file,
                place.line,
            )
            return False
        return True

    def add(self, body: Body, path: str) -> None:
        """Take in the blocks of a primary file. The first of two with one name wins."""
        for attribute in body.attributes.values():
            self.error(f"{attribute.name!r} is set outside of any block; put it into one", path, attribute.span.line)
        for block in body.blocks:
            if not self.labelled(block):
                continue
            kind = block.type
            if kind == "resource":
                _put(self, self.resources, (block.labels[0], block.labels[1]), block)
            elif kind == "data":
                _put(self, self.data, (block.labels[0], block.labels[1]), block)
            elif kind == "ephemeral":
                _put(self, self.ephemeral, (block.labels[0], block.labels[1]), block)
            elif kind == "variable":
                _put(self, self.variables, block.labels[0], block)
            elif kind == "output":
                _put(self, self.outputs, block.labels[0], block)
            elif kind in CALLS:
                _put(self, self.modules, block.labels[0], block)
            elif kind == "provider":
                _put(self, self.providers, (block.labels[0], alias_of(block)), block)
            elif kind == "terraform":
                self.terraform.append(block)
            elif kind == "removed":
                self.removed.append(block)
            elif kind == "locals":
                for name, attribute in block.body.attributes.items():
                    first = self.locals.get(name)
                    if first is not None:
                        self.error(
                            f"the local {name!r} is defined twice, first at {_place(first.span)}; remove one",
                            path,
                            attribute.span.line,
                        )
                        continue
                    self.locals[name] = attribute

    def override(self, body: Body, path: str) -> None:
        """Merge in the blocks of an override file."""
        for block in body.blocks:
            if not self.labelled(block):
                continue
            kind = block.type
            if kind == "resource":
                _merge(self, self.resources, (block.labels[0], block.labels[1]), block)
            elif kind == "data":
                _merge(self, self.data, (block.labels[0], block.labels[1]), block)
            elif kind == "ephemeral":
                _merge(self, self.ephemeral, (block.labels[0], block.labels[1]), block)
            elif kind == "variable":
                _merge(self, self.variables, block.labels[0], block)
            elif kind == "output":
                _merge(self, self.outputs, block.labels[0], block)
            elif kind == "module":
                _merge(self, self.modules, block.labels[0], block)
            elif kind == "provider":
                provider = (block.labels[0], alias_of(block))
                if provider[1] == "" and provider not in self.providers:
                    # A provider without a block is one with an empty block.
                    self.providers[provider] = block
                else:
                    _merge(self, self.providers, provider, block)
            elif kind == "terraform":
                self.merge_terraform(block)
            elif kind == "locals":
                for name, attribute in block.body.attributes.items():
                    if name not in self.locals:
                        self.error(
                            f"there is no local {name!r} for this override file to override",
                            path,
                            attribute.span.line,
                        )
                        continue
                    self.locals[name] = attribute

    def merge_terraform(self, block: Block) -> None:
        """A ``terraform`` block of an override file: settings replace each other, required providers one by one."""
        replaced = {nested.type for nested in block.body.blocks}
        if "cloud" in replaced or "backend" in replaced:
            replaced |= {"cloud", "backend"}
        replaced_providers = {
            name
            for nested in block.body.blocks
            if nested.type == "required_providers"
            for name in nested.body.attributes
        }
        replaced.discard("required_providers")
        attributes = set(block.body.attributes)
        self.terraform = [
            _without(base, attributes, replaced, replaced_providers) if base.body is not None else base
            for base in self.terraform
        ]
        self.terraform.append(block)


def _put(collected: _Collected, blocks: dict[_Key, Block], key: _Key, block: Block) -> None:
    first = blocks.get(key)
    if first is None:
        blocks[key] = block
        return
    collected.error(
        f"{_title(block)} is declared twice, first at {_place(first.span)}; rename or remove one",
        block.header.file,
        block.header.line,
    )


def _merge(collected: _Collected, blocks: dict[_Key, Block], key: _Key, block: Block) -> None:
    base = blocks.get(key)
    if base is None:
        collected.error(
            f"there is no {_title(block)} for this override file to override", block.header.file, block.header.line
        )
        return
    blocks[key] = MergedBlock(base, block)


def _title(block: Block) -> str:
    return " ".join((block.type, *(f'"{label}"' for label in block.labels)))


def _place(span: Span) -> str:
    return f"{os.path.basename(span.file)}:{span.line}"


def alias_of(block: Block) -> str:
    """The ``alias`` of a provider block, ``""`` for the default configuration."""
    attribute = block.body.attributes.get("alias")
    if attribute is None:
        return ""
    expr = attribute.expr
    if isinstance(expr, TemplateWrap):
        expr = expr.expr
    return expr.value if isinstance(expr, Literal) and isinstance(expr.value, str) else ""


@record
class MergedBody:
    """A body put together from others."""

    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]


class MergedBlock:
    """A block with what an override file sets in it. Its place is that of the block overridden."""

    __slots__ = ("_base", "_body", "_override")

    def __init__(self, base: Block, override: Block) -> None:
        self._base = base
        self._override = override
        self._body: MergedBody | None = None

    @property
    def type(self) -> str:
        """The type of both."""
        return self._base.type

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of both."""
        return self._base.labels

    @property
    def span(self) -> Span:
        """The place of the block overridden."""
        return self._base.span

    @property
    def header(self) -> Span:
        """The header of the block overridden."""
        return self._base.header

    @property
    def overrides(self) -> tuple[Span, ...]:
        """The places of the blocks that override it."""
        earlier = self._base.overrides if isinstance(self._base, MergedBlock) else ()
        return (*earlier, self._override.span)

    @property
    def body(self) -> MergedBody:
        """The merged body."""
        body = self._body
        if body is None:
            body = self._body = merge_bodies(self._base.body, self._override.body)
        return body


def merge_bodies(base: Body, override: Body) -> MergedBody:
    """Attributes replace each other one by one; nested blocks replace all those of their type, ``dynamic`` included."""
    replaced = {_content_type(block) for block in override.blocks}
    blocks: list[Block] = []
    merged: set[str] = set()
    for block in base.blocks:
        kind = _content_type(block)
        if kind in _MERGED_BLOCKS and block.type == kind and kind in replaced:
            merged.add(kind)
            for other in override.blocks:
                if other.type == kind:
                    block = MergedBlock(block, other)
            blocks.append(block)
        elif kind not in replaced:
            blocks.append(block)
    blocks.extend(block for block in override.blocks if block.type not in merged)
    attributes = {**base.attributes, **override.attributes}
    if "count" in attributes and "for_each" in attributes:
        # One from each file: Terraform looks at count first.
        del attributes["for_each"]
    return MergedBody(attributes, tuple(blocks))


def _content_type(block: Block) -> str:
    """The type of block that a block, or a ``dynamic`` block, makes."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


@record
class _EditedBlock:
    """A block with another body."""

    type: str
    labels: tuple[str, ...]
    span: Span
    header: Span
    body: Body


def _without(base: Block, attributes: set[str], types: set[str], providers: set[str]) -> Block:
    """A ``terraform`` block without what an override file replaces."""
    kept: list[Block] = []
    for nested in base.body.blocks:
        if nested.type in types:
            continue
        if nested.type == "required_providers":
            rest = {name: value for name, value in nested.body.attributes.items() if name not in providers}
            nested = _EditedBlock(nested.type, nested.labels, nested.span, nested.header, MergedBody(rest, ()))
        kept.append(nested)
    rest = {name: value for name, value in base.body.attributes.items() if name not in attributes}
    return _EditedBlock(base.type, base.labels, base.span, base.header, MergedBody(rest, tuple(kept)))


def comments_of(file: HclFile) -> list[tuple[int, str]]:
    """The lines of comments that may ask to ignore something: line number and text."""
    found = []
    text = file.source.text
    for match in _IGNORE.finditer(text):
        if file.is_comment(match.start()):
            end = text.find("\n", match.start())
            line = text[match.start() : end if end >= 0 else len(text)].partition("*/")[0]
            found.append((file.source.line(match.start()), line))
    return found


def ignore_requests(file: str, comments: list[tuple[int, str]]) -> list[IgnoreComment]:
    """The requests among comments to ignore rules of ours. Checkov's skips of its own checks are none of them."""
    requests = []
    for line, text in comments:
        for match in _IGNORE.finditer(text):
            skipped = match.group("skipped")
            if skipped is not None:
                rules = tuple(rule for rule in _rules(skipped) if rule.startswith("VPCE"))
                if rules:
                    requests.append(IgnoreComment(file, line, rules, (match.group("why") or "").strip()))
                continue
            rules = _rules(match.group("rules") or "")
            if rules in (("ALL",), ("*",)):
                rules = ()
            # Words that are no rule stay: the request then silences nothing, where a typing mistake must not silence all.
            requests.append(IgnoreComment(file, line, rules, (match.group("reason") or "").strip().lstrip(": \t")))
    return requests


def _rules(text: str) -> tuple[str, ...]:
    return tuple(rule.strip().upper() for rule in text.split(",") if rule.strip())

"""Files from which another tool writes Terraform code (``endpoints.tf.j2``), and blocks of Terramate that do.

Beside the code of a module, such a file is code of the module that was not read. Alone in a directory, or filled in by the
code itself, it is nobody's code: then the walk warns of it if it names a VPC or an endpoint.

https://terramate.io/docs/code-generation
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import replace
from vpce_checks.files import tracked
from vpce_checks.files.containment import Places
from vpce_checks.files.tracked import listing
from vpce_checks.files.unfilled import unfilled_names
from vpce_checks.model.network import Declaration, OpaqueModule
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import Cause, Unknown
from vpce_checks.terraform.config.module import Module
from vpce_checks.terraform.sources.partly_known import above as upwards
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES, TERRAMATE_SUFFIXES, UNFILLED_SUFFIXES

_REASON = "another tool fills it in, and what it writes is not here"
_NOT_WRITTEN = "terramate generate writes it, and it is not here"
_NOT_IMPORTED = "Terramate imports what is not here"

_INSTALLED = "/.terraform/"
"""In the paths of installed modules: what is there is what is deployed."""

_READERS = (*TERRAFORM_SUFFIXES, ".hcl")

_PROVIDER = rb"(?:aws_(?:default_)?|awscc_ec2_)"

_TYPE = rb"(" + _PROVIDER + rb"(?:vpc(?:_endpoint(?!_service|_connection)\w*)?|route(?:_table\w*)?))"

_HELD = pattern(rb"\bresource\s+[\"']?" + _TYPE + rb"[\"'\s]|[\"']" + _TYPE + rb"[\"']\s*:")
"""A resource of HCL or JSON, with its type."""

NETWORK = pattern(
    rb"[\"']" + _PROVIDER + rb"vpc(?:_endpoint)?[\"']|\bsource[\"']?[ \t]*[=:][ \t]*[\"'][^\"'\n]{0,300}vpc",
    re.IGNORECASE,
)
"""What a file that is alone says of a VPC or an endpoint, or of a module for one. Its calls of other modules say nothing."""

_CALL = pattern(rb"^[ \t]*(?:(?:module|component)\s+[\"'{]|stack\s+[\"'])|[\"']module[\"']\s*:", re.MULTILINE)


_STACK = pattern(rb"^[ \t]*stack\s*\{", re.MULTILINE)
_GENERATES = pattern(rb"^[ \t]*generate_(?:hcl|file)\s+\"([^\"\n$]+)\"\s*\{", re.MULTILINE)
"""A block of Terramate that writes a file, with the path of that in the directory of a stack."""
_IMPORTS = pattern(rb"^[ \t]*import\s*\{\s*source\s*=\s*(?:\"([^\"\n]{1,300})\"|\[)", re.MULTILINE)
"""A block of Terramate that takes the blocks of another file, with the path of that."""
_DYNAMIC_CALL = pattern(rb"\btm_dynamic\s+\"module\"")
_DYNAMIC = pattern(rb"\blabels\s*=\s*\[\s*\"" + _TYPE + rb"\"")
"""A call, and a resource with its type, of which Terramate writes several (``tm_dynamic``)."""

_FILTER = pattern(rb"\b(?:project|repository)_paths\s*=\s*\[([^\]$]{0,2000})\]")
"""The stacks for which a block writes its file, where their paths are written out."""
_TEXT = pattern(rb"\"([^\"\n]{1,300})\"")

_WRITTEN = b"TERRAMATE: GENERATED"
"""What is at the top of each file that Terramate has written."""

MAX_IMPORTS = 100
"""How many files of Terramate one stack may take blocks from."""

UNWRITTEN = "the code that terramate generate writes from this file is not here, so it is not scanned; run terramate generate first"
UNIMPORTED = "Terramate imports here what is not in the repository, so what it writes from that is not scanned"


def unfilled_code(module: Module) -> Iterator[OpaqueModule]:
    """Yield what stands for the files beside a module from which another tool writes VPCs, endpoints, routes or calls of modules,
    and for the code that Terramate has yet to write."""
    session, directory = module.session, module.source.directory
    if _INSTALLED in f"{directory}/":
        return
    places = session.places[:1]
    try:
        unfilled, readers, terramate = _names(directory, places)
    except OSError:
        return
    if any(_STACK.search(_contents(os.path.join(directory, name), places)) for name in terramate):
        yield from _of_terramate(module)
    for name in unfilled:
        path = os.path.join(directory, name)
        data = _contents(path, places)
        if not _is_read(name, directory, readers, places):
            yield from _standing_for(data, Span(path, 1), os.path.relpath(path, session.root), _REASON, module)


def _of_terramate(module: Module) -> Iterator[OpaqueModule]:
    """Yield what stands for the files that Terramate writes into a stack, and that are not there.

    Where it has written others into the stack, it has not written these: no condition or filter of theirs holds.
    """
    if any(_WRITTEN in _contents(file, module.session.places[:1])[:200] for file in module.source.files):
        return
    for each in _unwritten(module.source.directory, module.session.places[:1]):
        if each.name:
            yield from _standing_for(each.data, each.span, each.name, _NOT_WRITTEN, module)
        else:
            yield _anything_of(os.path.relpath(each.span.file, module.session.root), each.span, _NOT_IMPORTED, module)


def unwritten_stack(directory: str, names: Sequence[str], boundary: str) -> Iterator[Diagnostic]:
    """Yield a warning about each file from which Terramate writes networks or calls of modules into a stack that has no code
    yet. ``names`` are the files of the directory."""
    places = (boundary,)
    own = (os.path.join(directory, name) for name in names if name.endswith(TERRAMATE_SUFFIXES))
    if not any(_STACK.search(_contents(file, places)) for file in own):
        return
    for each in _unwritten(directory, places):
        if not each.name:
            yield Diagnostic("warning", UNIMPORTED, each.span.file, each.span.line)
        elif _held_by(each.data) or _calls(each.data):
            yield Diagnostic("warning", UNWRITTEN, each.span.file, each.span.line)


class _Block(NamedTuple):
    """A block of Terramate: its text, its place, and the file that it writes. Without one it imports what is not here."""

    data: bytes
    span: Span
    name: str = ""


def _unwritten(directory: str, places: Places) -> Iterator[_Block]:
    """Yield the blocks, in a stack and above it and in what files there import, whose file is not there."""
    seen: dict[str, None] = {}
    for above in upwards(directory, places[0]):
        try:
            seen.update(dict.fromkeys(os.path.join(above, name) for name in _names(above, places)[2]))
        except OSError:
            continue
    pending = list(seen)
    while pending and len(seen) <= MAX_IMPORTS:
        file = pending.pop(0)
        data = _contents(file, places)
        for block in _IMPORTS.finditer(data):
            taken = _imported(os.fsdecode(block[1] or b""), os.path.dirname(file), places)
            if not taken:
                yield _Block(b"", _span_at(file, data, block.start()))
            pending += [each for each in taken if each not in seen]
            seen.update(dict.fromkeys(taken))
        blocks = list(_GENERATES.finditer(data))
        for at, block in enumerate(blocks):
            name = os.fsdecode(block[1])
            if not name.endswith(TERRAFORM_SUFFIXES) or tracked.exists(os.path.join(directory, name), places):
                continue
            text = data[block.start() : blocks[at + 1].start() if at + 1 < len(blocks) else len(data)]
            if _may_be_for(text, os.path.relpath(directory, places[0])):
                yield _Block(text, _span_at(file, data, block.start()), name)


def _may_be_for(block: bytes, stack: str) -> bool:
    """Return whether a block may write its file into the stack at the path ``stack``, by its ``stack_filter``. A ``*`` is taken
    for any text here.

    https://terramate.io/docs/code-generation/generate-hcl#stack-filter
    """
    found = [_TEXT.findall(each[1]) for each in _FILTER.finditer(block)]
    paths = [os.fsdecode(path) for each in found for path in each]
    stack = f"/{stack}".replace(os.sep, "/")
    return not paths or any(fnmatchcase(stack, path if path.startswith("/") else f"*{path}") for path in paths)


def _imported(source: str, directory: str, places: Places) -> list[str]:
    """Return the files that a source means: a path or a glob, from the file that imports or, with ``/``, from the top of the
    repository."""
    home, last = os.path.split(os.path.join(places[0] if source.startswith("/") else directory, source.lstrip("/")))
    place = tracked.place_of(home, places) if last and not any(char in home for char in "*?[$") else None
    try:
        names = _names(place, places)[2] if place is not None else ()
    except OSError:
        names = ()
    found = [os.path.join(home, name) for name in names if fnmatchcase(name, last)]
    whole = os.path.join(home, last)
    return found or ([whole] if place is not None and last and tracked.exists(whole, places) else [])


def _span_at(file: str, data: bytes, offset: int) -> Span:
    return Span(file, data.count(b"\n", 0, offset) + 1)


def _held_by(data: bytes) -> tuple[str, ...]:
    """Return the types of the network's resources in a text, each once."""
    found = [each[1] or each[2] for each in _HELD.finditer(data)] + [each[1] for each in _DYNAMIC.finditer(data)]
    return tuple(dict.fromkeys(each.decode() for each in found))


def _calls(data: bytes) -> bool:
    return _CALL.search(data) is not None or _DYNAMIC_CALL.search(data) is not None


def _anything_of(shown: str, span: Span, reason: str, module: Module) -> OpaqueModule:
    declared = Declaration(f"{module.session.label}{shown}", "unfilled", span, module.calls, module.exists)
    return OpaqueModule(declared, shown, reason, (Unknown((Cause(f"{shown}: {reason}", span),)),))


def _standing_for(data: bytes, span: Span, shown: str, reason: str, module: Module) -> Iterator[OpaqueModule]:
    """Yield what stands for code with the text ``data``, if it has to do with networks."""
    held, calls = _held_by(data), _calls(data)
    if held or calls:
        may_add_endpoint = calls or any("vpc_endpoint" in type for type in held)
        yield replace(_anything_of(shown, span, reason, module), holds=held, no_endpoint=not may_add_endpoint)


def _listed(directory: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the names of the files in a directory whose result is not there, of those that may read such a file, and of
    those of Terramate."""
    with os.scandir(directory) as entries:
        names = sorted(entry.name for entry in entries if not entry.is_dir(follow_symlinks=False))
    unfilled = tuple(unfilled_names(names, UNFILLED_SUFFIXES))
    readers = tuple(name for name in names if name.endswith(_READERS)) if unfilled else ()
    return unfilled, readers, tuple(name for name in names if name.endswith(TERRAMATE_SUFFIXES))


_names = listing(_listed)


def is_filled_in_here(file: str, boundary: str) -> bool:
    """Return whether the code in the directory of a file names it: then Terraform fills it in, and writes the result elsewhere."""
    directory, name = os.path.split(file)
    places = (boundary,)
    try:
        return _is_read(name, directory, _names(directory, places)[1], places)
    except OSError:
        return False


def _is_read(name: str, directory: str, readers: tuple[str, ...], places: Places) -> bool:
    """Whether a string of the code names the file: then Terraform fills it in, and writes the result elsewhere."""
    named = os.fsencode(name) + b'"'
    return any(named in _contents(os.path.join(directory, reader), places) for reader in readers)


def _contents(path: str, places: Places) -> bytes:
    try:
        return tracked.contents(path, places)
    except OSError:
        return b""

"""Edits of Terraform's native syntax. The result is as ``terraform fmt`` wants it where the file was."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from vpce_checks.base.pattern import pattern
from vpce_checks.base.record import record
from vpce_checks.model.network import Network
from vpce_checks.report.fixes.changes import Addition, Change, Expression, Removal, Replacement, Setting, Written
from vpce_checks.report.fixes.edits.edit import Edit, RefusedError, Source, read_source
from vpce_checks.report.fixes.edits.id_lists import is_part_of, items_of, list_with
from vpce_checks.report.fixes.module_code import code_around
from vpce_checks.report.fixes.module_inputs import written_key
from vpce_checks.report.fixes.terraform_blocks import hcl_value
from vpce_checks.terraform.syntax import ast
from vpce_checks.terraform.syntax.structure import Block

NETWORK_TYPES = frozenset(
    (
        "aws_default_route_table",
        "aws_internet_gateway",
        "aws_nat_gateway",
        "aws_route",
        "aws_route_table",
        "aws_route_table_association",
        "aws_subnet",
        "aws_vpc",
        "awscc_ec2_route_table",
        "awscc_ec2_subnet",
        "awscc_ec2_subnet_route_table_association",
    )
)
"""The types of the resources that a new endpoint goes after."""

_ENDPOINTS = frozenset(("aws_vpc_endpoint", "awscc_ec2_vpc_endpoint"))

ANCHORS = frozenset(("cidr_block", "service", "service_name", "source", "vpc_endpoint_type"))
"""The arguments that what is set goes beside."""

_ASSIGNS = pattern(r"([ \t]*)(\S[^=\n]*?)([ \t]*)=[ \t]*(?!=)")


def terraform_edits(change: Change, networks: Sequence[Network]) -> list[Edit]:
    """Return the edits that make ``change`` in the code of ``networks``. Raises RefusedError."""
    if not change.file.endswith((".tf", ".tofu")):
        raise RefusedError("only Terraform's native syntax is edited")
    source = read_source(change.file)
    if isinstance(change, Replacement):
        start, end = source.range(change.span)
        return [Edit(change.file, start, end, written_value(change.value))]
    if isinstance(change, Removal):
        raise RefusedError("nothing is removed from Terraform")
    if isinstance(change, Addition):
        return [_added(change, source, networks)]
    return list(_set(change, networks))


def written_value(value: Written) -> str:
    """Return a value as Terraform writes it. Raises RefusedError."""
    if isinstance(value, str) and not isinstance(value, Expression) and ("${" in value or "%{" in value):
        raise RefusedError("the value would be read as a template")
    return hcl_value(value)


def _added(change: Addition, source: Source, networks: Sequence[Network]) -> Edit:
    """Return the edit that adds a block after the last one of the network in the file, at the earliest after its home."""
    module = code_around(change.file, networks)
    if change.file in module.unparsed:
        raise RefusedError(f"{change.file} has syntax errors")
    blocks = [*module.resources.items(), *((("module", name), block) for name, block in module.modules.items())]
    here = [(key, block) for key, block in blocks if block.span.file == change.file]
    home = next((block for _, block in here if block.span == change.after), None)
    if home is None:
        raise RefusedError("the block that it belongs after is not there any more")
    ends = [block.span.last_line for (type, _), block in here if type in _ENDPOINTS]
    if not ends and home.type == "resource":
        ends = [block.span.last_line for (type, _), block in here if type in NETWORK_TYPES]
    last = max(ends, default=home.span.last_line)
    at = source.line_end(source.offset(max(last, home.span.last_line), 1))
    rest = source.text[at:].split("\n", 2)
    follows = len(rest) > 1 and bool(rest[1].strip())
    tail = source.newline if follows or len(rest) < 2 else ""
    return Edit(change.file, at, at, source.with_line_ends(f"\n\n{change.code}"), stands_alone=True, tail=tail)


@record
class _Items:
    """What stands between braces: ``open`` is after the opening brace, ``close`` at the closing one. ``items`` maps names to
    values, ``starts`` to where they begin."""

    source: Source
    open: int
    close: int
    items: Mapping[str, ast.Expr]
    starts: Mapping[str, int]
    is_object: bool = False


def _set(change: Setting, networks: Sequence[Network]) -> Iterator[Edit]:
    module = code_around(change.file, networks)
    kind, name, *rest = change.path
    block = module.resources.get((name, rest[0])) if kind == "resource" else module.modules.get(name)
    if block is None:
        raise RefusedError(f"{'.'.join(change.path)} is not declared in this module")
    if not block.span.file.endswith((".tf", ".tofu")):
        raise RefusedError("only Terraform's native syntax is edited")
    source = read_source(block.span.file)
    inside = _items_of(block, source)
    if kind == "module" and rest:
        inside = _entry(block, rest[0], rest[1], source)
    missing: list[tuple[str, str]] = []
    for argument, value in change.values:
        present = inside.items.get(argument)
        if present is None:
            missing.append((argument, written_value(value)))
        elif isinstance(value, Expression) and isinstance(present, ast.TupleCons):
            edit = _with_items(present, value, source)
            if edit is not None:
                yield edit
        elif isinstance(value, Expression) and is_part_of(_text(present, source), value):
            start, end = source.range(present.span)
            yield Edit(source.file, start, end, value)
        elif not isinstance(present, ast.Literal):
            where = f"{os.path.relpath(block.span.file)}:{present.span.line}"
            raise RefusedError(f"{argument} is computed ({where}), and only a literal is changed")
        elif present.value is not value and present.value != value:
            start, end = source.range(present.span)
            yield Edit(source.file, start, end, written_value(value))
    if missing:
        yield _inserted(inside, missing)


def _text(value: ast.Expr, source: Source) -> str:
    start, end = source.range(value.span)
    return source.text[start:end]


def _with_items(present: ast.TupleCons, wanted: str, source: Source) -> Edit | None:
    """Return the edit that adds to a list what of the wanted one is not in it; None if it has all. Raises RefusedError."""
    start, end = source.range(present.span)
    text = source.text[start:end]
    if "\n" not in text or not present.items:
        return Edit(source.file, start, end, list_with(text, wanted))
    ranges = [source.range(each.span) for each in present.items]
    there = [source.text[begin:stop] for begin, stop in ranges]
    new = [item for item in items_of(wanted) if item not in there]
    if not new:
        return None
    begin, at = ranges[-1]
    indent = source.text[source.line_start(begin) : begin]
    line_end = source.line_end(at)
    rest = source.text[at:line_end]
    if indent.strip() or "]" in rest.partition("#")[0]:
        raise RefusedError("the items of the list do not have lines of their own")
    comma = "," if rest.lstrip().startswith(",") else ""
    lines = ",".join(f"\n{indent}{item}" for item in new) + comma
    return Edit(source.file, at, line_end, ("" if comma else ",") + rest + source.with_line_ends(lines))


def _items_of(block: Block, source: Source) -> _Items:
    start = source.range(block.header)[1]
    end = source.range(block.span)[1]
    at = source.text.find("{", start - 1)
    if at < 0 or source.text[end - 1] != "}":
        raise RefusedError("the block has no braces")
    attributes = {name: each for name, each in block.body.attributes.items() if each.span.file == source.file}
    if len(attributes) < len(block.body.attributes):
        raise RefusedError("an override file changes the block")
    starts = {name: source.range(each.span)[0] for name, each in attributes.items()}
    return _Items(source, at + 1, end - 1, {name: each.expr for name, each in attributes.items()}, starts)


def _entry(block: Block, argument: str, key: str, source: Source) -> _Items:
    attribute = block.body.attributes.get(argument)
    entries = attribute.expr.items if attribute is not None and isinstance(attribute.expr, ast.ObjectCons) else ()
    found = [value for at, value in entries if written_key(at) == key and isinstance(value, ast.ObjectCons)]
    if len(found) != 1:
        raise RefusedError(f"{argument} of the call has no entry {key} any more")
    (entry,) = found
    assert isinstance(entry, ast.ObjectCons)
    start, end = source.range(entry.span)
    if source.text[start] != "{" or source.text[end - 1] != "}":
        raise RefusedError("the entry has no braces")
    named = [(written_key(at), at, value) for at, value in entry.items]
    items = {name: value for name, _, value in named if isinstance(name, str)}
    starts = {name: source.range(at.span)[0] for name, at, _ in named if isinstance(name, str)}
    return _Items(source, start + 1, end - 1, items, starts, is_object=True)


def _inserted(inside: _Items, arguments: Sequence[tuple[str, str]]) -> Edit:
    """Return the edit that adds arguments: after the last line of a group of them, aligned as the group is."""
    source, text = inside.source, inside.source.text
    body = text[inside.open : inside.close]
    if "\n" not in body:
        return _on_one_line(inside, body, arguments)
    group = _group(inside)
    if not group:
        indent = _indent_of(source, inside.close) + "  "
        at = source.line_end(inside.open)
        new = [f"{indent}{name} = {value}" for name, value in arguments]
        return Edit(source.file, at, at, source.with_line_ends("".join(f"\n{line}" for line in new)))
    lines = [text[start : source.line_end(start)] for start in group]
    indent, aligned = _alignment(lines)
    start, end = group[0], source.line_end(group[-1])
    width = max(len(name) for name, _ in arguments)
    if aligned is None:  # it is not as terraform fmt would have it: leave the others alone
        new = [f"{indent}{name} = {value}" for name, value in arguments]
        return Edit(source.file, end, end, source.with_line_ends("".join(f"\n{line}" for line in new)))
    if aligned >= width:
        new = [f"{indent}{name:{aligned}} = {value}" for name, value in arguments]
        return Edit(source.file, end, end, source.with_line_ends("".join(f"\n{line}" for line in new)))
    moved = [_widened(line, width) for line in lines]
    moved += [f"{indent}{name:{width}} = {value}" for name, value in arguments]
    return Edit(source.file, start, end, source.with_line_ends("\n".join(moved)))


def _on_one_line(inside: _Items, body: str, arguments: Sequence[tuple[str, str]]) -> Edit:
    """Return the edit of ``{ a = 1 }``: an object stays on its line, a block gets several."""
    source = inside.source
    if "#" in body or "//" in body or "/*" in body:
        raise RefusedError("there is a comment between braces on one line")
    inner = body.strip()
    if inside.is_object:
        added = ", ".join(f"{name} = {value}" for name, value in arguments)
        inner = inner.rstrip(",").rstrip()
        return Edit(source.file, inside.open, inside.close, f" {inner}, {added} " if inner else f" {added} ")
    indent = _indent_of(source, inside.close)
    pairs = [*arguments]
    if inner:
        name, _, value = inner.partition("=")
        pairs.insert(0, (name.strip(), value.strip()))
    width = max(len(name) for name, _ in pairs)
    lines = "".join(f"\n{indent}  {name:{width}} = {value}" for name, value in pairs)
    return Edit(source.file, inside.open, inside.close, source.with_line_ends(f"{lines}\n{indent}"))


def _indent_of(source: Source, at: int) -> str:
    line = source.text[source.line_start(at) : at]
    return line[: len(line) - len(line.lstrip())]


def _group(inside: _Items) -> list[int]:
    """Return where the lines of the group begin that new arguments join: that of the service or of the CIDR block, else the
    last one."""
    groups = list(_groups(inside))
    named = [[line for line, name in group] for group in groups if any(name in ANCHORS for _, name in group)]
    return named[-1] if named else [line for line, _ in groups[-1]] if groups else []


def _groups(inside: _Items) -> Iterator[list[tuple[int, str]]]:
    """Yield the groups of arguments of one line each with nothing in between, with the start of the line and the name.

    That is what terraform fmt aligns.
    """
    source, text = inside.source, inside.source.text
    group: list[tuple[int, str]] = []
    for name, start in sorted(inside.starts.items(), key=lambda item: item[1]):
        line = source.line_start(start)
        value = inside.items[name].span
        is_alone = not text[line:start].strip() and "<<" not in text[start : source.line_end(start)]
        is_on_line = value.line == value.last_line and source.line_start(source.range(value)[0]) == line
        follows = not group or (is_alone and is_on_line and source.line_start(line - 1) == group[-1][0])
        if group and not follows:
            yield group
            group = []
        if is_alone and is_on_line:
            group.append((line, name))
    if group:
        yield group


def _alignment(lines: Sequence[str]) -> tuple[str, int | None]:
    """Return the indentation of the lines of a group, and the width of their names; None if they are not aligned."""
    found = [_ASSIGNS.match(line) for line in lines]
    if any(match is None for match in found):
        return " " * (len(lines[0]) - len(lines[0].lstrip())), None
    parts: list[tuple[str, str, str]] = [(match[1], match[2], match[3]) for match in found if match is not None]
    indent = parts[0][0]
    width = max(len(name) for _, name, _ in parts)
    even = all(before == indent and len(name) + len(pad) == width + 1 for before, name, pad in parts)
    return indent, width if even and "\t" not in indent else None


def _widened(line: str, width: int) -> str:
    match = _ASSIGNS.match(line)
    assert match is not None
    return f"{match[1]}{match[2]:{width}} {line[match.end(3) :]}"

"""Read the values of parameters from files: those that tools deploy with.

https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/git-sync-concepts-terms.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from importlib import import_module

from vpce_checks.cloudformation.sniff import SAM_FILES
from vpce_checks.cloudformation.template.nodes import Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.cloudformation.template.parameters import parameter_text
from vpce_checks.files import tracked
from vpce_checks.files.containment import Places
from vpce_checks.model.spans import Diagnostic

SECTIONS = ("Parameters", "parameters", "ParameterOverrides")
"""Where files have the values: input of the AWS CLI, CodePipeline, Git sync, stack sets. Otherwise: at the top."""

_OVERRIDE = re.compile(
    r"""(?<![A-Za-z0-9])(?:ParameterKey=([A-Za-z0-9]+),ParameterValue|([A-Za-z0-9]+))="""
    r"""("(?:[^"\\]|\\.)*(?:"|\Z)|'[^']*(?:'|\Z)|\S*)""",
    re.DOTALL,
)
"""``A=b``, ``A="b c"`` or ``ParameterKey=A,ParameterValue=b``. An unclosed quote takes the rest of the text, so the text
is read only once."""

MAX_BITS = 4_000
"""The bits of the largest number that is written in decimal: about 1,200 digits."""


def read_parameter_file(path: str, places: Places) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return the values in a parameter file: the input of the AWS CLI or its list, CodePipeline's or Git sync's file, a
    samconfig, or a plain object."""
    from vpce_checks.cloudformation.template.loader import load

    if path.lower().endswith(".toml"):
        return _read_toml(path, places)
    document = load(path, places)
    root = document.root
    if document.diagnostics:
        return {}, document.diagnostics
    if os.path.basename(path).lower() in SAM_FILES:
        return _sam_values(_plain(root)), []
    given = next((node for name in SECTIONS if isinstance(node := entry(root, name), (Mapping, Sequence))), root)
    values = dict(_values(given))
    if not values and not (isinstance(given, (Mapping, Sequence)) and not _size(given)):
        message = (
            "found no parameters; the formats of the AWS CLI, CodePipeline, Git sync and samconfig files are supported"
        )
        return {}, [Diagnostic("error", message, path)]
    return values, []


def _values(given: Node | None) -> Iterable[tuple[str, str]]:
    if isinstance(given, Mapping):
        for key, node in given.entries.items():
            if (text := parameter_text(node)) is not None:
                yield key, text
    for item in given.items if isinstance(given, Sequence) else ():
        name, value = text_of(entry(item, "ParameterKey")), parameter_text(entry(item, "ParameterValue"))
        if name is not None and value is not None:
            yield name, value
        elif isinstance(item, Scalar) and item.text.startswith("ParameterKey="):
            yield from _overrides(item.text).items()
        elif isinstance(item, Scalar) and "=" in item.text:
            name, _, override = item.text.partition("=")
            yield name, override


def _size(node: Mapping | Sequence) -> int:
    return len(node.entries if isinstance(node, Mapping) else node.items)


def _plain(node: Node | None) -> object:
    """Return a tree as Python has it, with every scalar as text."""
    if isinstance(node, Mapping):
        return {key: _plain(child) for key, child in node.entries.items()}
    if isinstance(node, Sequence):
        return [_plain(child) for child in node.items]
    return parameter_text(node)


def samconfig_beside(template: str) -> str | None:
    """Return the path of the SAM CLI's configuration beside a template. None if there is none."""
    directory = os.path.dirname(template)
    paths = (os.path.join(directory, name) for name in SAM_FILES)
    return next((path for path in paths if tracked.is_file(path, (directory,))), None)


def _read_toml(path: str, places: Places) -> tuple[dict[str, str], list[Diagnostic]]:
    try:
        text = tracked.contents(path, places)[: 1024 * 1024].decode()
    except (OSError, UnicodeDecodeError) as error:
        return {}, [Diagnostic("error", f"cannot be read: {error}", path)]
    try:
        loads = import_module("tomllib").loads
    except ImportError:  # Python 3.10
        loads = _plain_toml
    try:
        return _sam_values(loads(text)), []
    except ValueError as error:
        return {}, [Diagnostic("error", f"not valid TOML: {error}", path)]


def _sam_values(tables: object) -> dict[str, str]:
    """Return ``parameter_overrides`` of the environment ``default`` (of its ``deploy``, otherwise of ``global``)."""
    values: dict[str, str] = {}
    for command in ("global", "deploy"):
        node = tables
        for key in ("default", command, "parameters", "parameter_overrides"):
            node = node.get(key) if isinstance(node, dict) else None
        values.update(_overrides(node))
    return values


def _overrides(node: object) -> dict[str, str]:
    """Parse ``A=b C="d e"``, in one string or in a list of strings."""
    if isinstance(node, dict):
        return {key: _toml_text(value) for key, value in node.items() if isinstance(value, (str, int, float))}
    values: dict[str, str] = {}
    for text in node if isinstance(node, list) else [node]:
        if isinstance(text, dict):
            values.update(_overrides(text))
        elif isinstance(text, str):
            for match in _OVERRIDE.finditer(text):
                value = match[3]
                if value[:1] in ("'", '"'):
                    value = re.sub(r"\\(.)", r"\1", value[1:-1])
                values[match[1] or match[2]] = value.replace("\\,", ",")
    return values


def _toml_text(value: str | int | float) -> str:
    """Return a value of a samconfig as text. Python refuses to write numbers of thousands of digits in decimal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return hex(value) if isinstance(value, int) and value.bit_length() > MAX_BITS else str(value)


def _plain_toml(text: str) -> dict[str, object]:
    """Parse the tables, one-line strings and lists of strings of a TOML file. Python 3.10 has no TOML parser."""
    from ast import literal_eval

    tables: dict[str, object] = {}
    table = tables
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]") and not line.startswith("[["):
            table = tables
            for part in line[1:-1].split("."):
                below = table.setdefault(part.strip().strip('"'), {})
                table = below if isinstance(below, dict) else {}
        elif match := re.fullmatch(r"""([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|\[.*\])\s*(?:#.*)?""", line):
            try:
                table[match[1]] = literal_eval(match[2])
            except (ValueError, SyntaxError):
                continue
    return tables

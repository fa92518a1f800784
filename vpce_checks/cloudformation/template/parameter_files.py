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
from typing import TypeAlias

from vpce_checks.catalog.partitions import is_region
from vpce_checks.cloudformation.file_names import SAM_FILES
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

_LINE = re.compile(r"\s*(?:#.*|(?:export\s+)?(?:ParameterKey=)?[A-Za-z0-9]+[=,].*)?\Z")
"""A line of a file that is written for ``aws cloudformation deploy --parameter-overrides $(cat FILE)``."""

_FILLED_IN = re.compile(r"\{\{(?!\s*resolve:)|\{%|<%|\$\{")
"""What the tool replaces that deploys with the file: Jinja of Sceptre, ERB, variables of a shell."""

_TREES = (".json", ".yaml", ".yml", ".template")

_TEMPLATES = ("template_file", "template")
"""The settings of a samconfig that name the template."""

_BUILT = (".aws-sam/", "./.aws-sam/")
"""Where SAM writes what it builds of a template."""

MAX_TEXT = 1024 * 1024
"""The bytes of a text that are read."""

MAX_BITS = 4_000
"""The bits of the largest number that is written in decimal: about 1,200 digits."""


Values: TypeAlias = "dict[str, str | None]"
"""By the name of a parameter. None: the deployment sets it to something that the file does not show."""


def read_parameter_file(path: str, places: Places) -> tuple[Values, list[Diagnostic]]:
    """Return the values in a parameter file: the input of the AWS CLI, its list or its ``Key=Value`` pairs; the file of
    CodePipeline, Git sync, Sceptre, Rain or a stack set; a samconfig, or a plain object."""
    from vpce_checks.cloudformation.template.loader import load

    if path.lower().endswith(".toml"):
        return _read_toml(path, places)
    pairs = _read_pairs(path, places) if not path.lower().endswith(_TREES) else None
    if pairs:
        return pairs, []
    document = load(path, places)
    root = document.root
    problems = [item for item in document.diagnostics if item.severity == "error" or root is None]
    if problems:  # whoever names a file needs what is in it
        return {}, [item._replace(severity="error", is_encrypted=False) for item in problems]
    if os.path.basename(path).lower() in SAM_FILES:
        return _sam_values(_plain(root)), []
    if isinstance(entry(root, "Resources"), Mapping):  # its Parameters declare, and give no values
        return {}, [Diagnostic("error", "this is a template, not a file with the values of parameters", path)]
    given = next((node for name in SECTIONS if isinstance(node := entry(root, name), (Mapping, Sequence))), root)
    values = dict(_values(given))
    if not values and not (isinstance(given, (Mapping, Sequence)) and not _size(given)):
        message = (
            "found no parameters; the formats of the AWS CLI, CodePipeline, Git sync, Sceptre, Rain and samconfig files "
            "are supported"
        )
        return {}, [Diagnostic("error", message, path)]
    return values, []


def _read_pairs(path: str, places: Places) -> Values | None:
    """Return the values of ``Key=Value`` pairs, on one line or several. None if the file is written otherwise."""
    try:
        text = tracked.contents(path, places)[:MAX_TEXT].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None  # the loader says why
    lines = text.splitlines()
    if not all(map(_LINE.match, lines)):
        return None
    return {
        key: value for line in lines if not line.lstrip().startswith("#") for key, value in _overrides(line).items()
    }


def _values(given: Node | None) -> Iterable[tuple[str, str | None]]:
    if isinstance(given, Mapping):
        for key, node in given.entries.items():
            yield key, _shown(node)
    for item in given.items if isinstance(given, Sequence) else ():
        name = text_of(entry(item, "ParameterKey"))
        if name is not None:  # without a value, the deployment uses the one that the stack has
            yield name, _shown(entry(item, "ParameterValue"))
        elif isinstance(item, Scalar) and item.text.startswith("ParameterKey="):
            yield from _overrides(item.text).items()
        elif isinstance(item, Scalar) and "=" in item.text:
            name, _, override = item.text.partition("=")
            yield name, override


def _shown(node: Node | None) -> str | None:
    """Return the value of a parameter. None if only the tool that deploys knows it."""
    text = parameter_text(node)
    return None if text is not None and _FILLED_IN.search(text) else text


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
    """Return the path of the SAM CLI's configuration beside a template. None if there is none, or if it deploys another
    template that is there."""
    directory = os.path.dirname(template)
    paths = (os.path.join(directory, name) for name in SAM_FILES)
    found = next((path for path in paths if tracked.is_file(path, (directory,))), None)
    return None if found is None or _deploys_another(found, template) else found


def _deploys_another(path: str, template: str) -> bool:
    """Return whether a samconfig names another file than ``template`` that is there, and not what SAM builds of it."""
    directory = os.path.dirname(path)
    tables, _ = _tables(path, (directory,))
    settings = (_setting(tables, command, name) for command in ("deploy", "global") for name in _TEMPLATES)
    named = next((text for text in settings if isinstance(text, str)), None)
    if named is None or named.startswith(_BUILT):
        return False
    other = os.path.normpath(os.path.join(directory, named))
    return other != os.path.normpath(template) and tracked.is_file(other, (directory,))


def samconfig_region(template: str) -> str | None:
    """Return the region that the SAM CLI's configuration beside a template deploys to. None if it names none."""
    path = samconfig_beside(template)
    if path is None:
        return None
    tables, _ = _tables(path, (os.path.dirname(template),))
    found = [_setting(tables, command, "region") for command in ("deploy", "global")]
    return next((region for region in found if isinstance(region, str) and is_region(region)), None)


def _tables(path: str, places: Places) -> tuple[object, list[Diagnostic]]:
    """Return a samconfig as Python has it."""
    from vpce_checks.cloudformation.template.loader import load

    if not path.lower().endswith(".toml"):
        document = load(path, places)
        return _plain(document.root), document.diagnostics
    try:
        text = tracked.contents(path, places)[:MAX_TEXT].decode()
    except (OSError, UnicodeDecodeError) as error:
        return {}, [Diagnostic("error", f"cannot be read: {error}", path)]
    try:
        loads = import_module("tomllib").loads
    except ImportError:  # Python 3.10
        loads = _plain_toml
    try:
        return loads(text), []
    except ValueError as error:
        return {}, [Diagnostic("error", f"not valid TOML: {error}", path)]


def _read_toml(path: str, places: Places) -> tuple[Values, list[Diagnostic]]:
    tables, problems = _tables(path, places)
    return _sam_values(tables), problems


def _setting(tables: object, command: str, name: str) -> object:
    """Return a setting of a command in the environment ``default``."""
    node = tables
    for key in ("default", command, "parameters", name):
        node = node.get(key) if isinstance(node, dict) else None
    return node


def _sam_values(tables: object) -> Values:
    """Return ``parameter_overrides`` of the environment ``default`` (of its ``deploy``, otherwise of ``global``)."""
    values: Values = {}
    for command in ("global", "deploy"):
        values.update(_overrides(_setting(tables, command, "parameter_overrides")))
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

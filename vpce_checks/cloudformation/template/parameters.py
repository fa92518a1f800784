"""Read the declarations of parameters, and their values in parameter files."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from importlib import import_module

from vpce_checks.base.record import record
from vpce_checks.cloudformation.evaluate.choices import Choice, parse_number
from vpce_checks.cloudformation.template.nodes import Document, Mapping, Node, Scalar, Sequence, entry, text_of
from vpce_checks.files import tracked
from vpce_checks.files.containment import Places
from vpce_checks.model.spans import Diagnostic, Span

_ALTERNATIVES = re.compile(r"\^?\(?(?:\?:)?([A-Za-z0-9_.-]*(?:\|[A-Za-z0-9_.-]*)+)\)?\$?")
_OVERRIDE = re.compile(r"""(?<![A-Za-z0-9])([A-Za-z0-9]+)=("(?:[^"\\]|\\.)*(?:"|\Z)|'[^']*(?:'|\Z)|\S*)""", re.DOTALL)
"""``A=b`` or ``A="b c"``. An unclosed quote takes the rest of the text, so the text is read only once."""

_MAX_WHOLE_NUMBERS = 16

MAX_BITS = 4_000
"""The bits of the largest number that is written in decimal: about 1,200 digits."""


@record
class ParameterDeclaration:
    """The declaration of a parameter. ``default`` is None if there is none. ``allowed`` is None if any value is
    allowed.

    With ``no_echo``, its values are sensitive:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """

    name: str
    type: str
    span: Span
    default: str | None = None
    allowed: tuple[str, ...] | None = None
    min_length: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    no_echo: bool = False

    @property
    def is_list(self) -> bool:
        """Whether its value is a list."""
        return self.type == "CommaDelimitedList" or "List<" in self.type

    @property
    def is_stored(self) -> bool:
        """Whether its value is read from the Parameter Store at deployment."""
        return self.type.startswith("AWS::SSM::Parameter::Value")

    def choice(self, name: str) -> Choice:
        """Return the choice of its value. ``name`` is its name in reports."""
        return Choice(
            name,
            self.allowed,
            self.default,
            self.min_length,
            self.minimum,
            self.maximum,
            self.type == "Number",
            self.no_echo,
        )


def parameter_declarations(document: Document, section: Mapping | None) -> dict[str, ParameterDeclaration]:
    """Return the parameters that ``section`` declares, by name."""
    found = {}
    for name, node in section.entries.items() if section is not None else ():
        if isinstance(node, Mapping):
            assert section is not None
            found[name] = _declaration(name, node, document.entry_span(section, name))
    return found


def _declaration(name: str, node: Mapping, span: Span) -> ParameterDeclaration:
    type = text_of(node.entries.get("Type")) or "String"
    default = _parameter_text(node.entries.get("Default"))
    listed = type == "CommaDelimitedList" or "List<" in type
    min_length = int(_number(node, "MinLength") or 0)
    if type.startswith("AWS::EC2::") and not listed:
        min_length = max(min_length, 1)  # CloudFormation refuses an empty id
    minimum, maximum = _number(node, "MinValue"), _number(node, "MaxValue")
    allowed = None if listed else _allowed(node, type, minimum, maximum)
    if allowed is not None and default is not None and default not in allowed:
        allowed = (*allowed, default)
    no_echo = (_parameter_text(node.entries.get("NoEcho")) or "false").lower() != "false"
    return ParameterDeclaration(name, type, span, default, allowed, min_length, minimum, maximum, no_echo)


def _allowed(node: Mapping, type: str, minimum: Decimal | None, maximum: Decimal | None) -> tuple[str, ...] | None:
    """Return the possible values: from AllowedValues, a pattern of plain alternatives, or a small range of numbers.

    Numbers between two whole bounds are assumed to be whole. None if any value is possible.
    """
    values = node.entries.get("AllowedValues")
    if isinstance(values, Sequence):
        texts = [_parameter_text(item) for item in values.items]
        if texts and None not in texts:
            return tuple(dict.fromkeys(text for text in texts if text is not None))
        return None
    pattern = text_of(node.entries.get("AllowedPattern"))
    if pattern is not None and (match := _ALTERNATIVES.fullmatch(pattern)) is not None and "." not in match[1]:
        return tuple(dict.fromkeys(match[1].split("|")))
    if type != "Number" or minimum is None or maximum is None or minimum != minimum.to_integral_value():
        return None
    if not 0 <= maximum - minimum < _MAX_WHOLE_NUMBERS:
        return None
    return tuple(str(number) for number in range(int(minimum), int(maximum) + 1))


def _number(node: Mapping, key: str) -> Decimal | None:
    number = parse_number(text_of(node.entries.get(key)) or "")
    return number if number is not None and number.adjusted() < 9 else None


def _parameter_text(node: Node | None) -> str | None:
    """Return the value of a parameter as text. An explicit null and an empty value are both ""."""
    if isinstance(node, Scalar):
        if isinstance(node.value, bool):
            return "true" if node.value else "false"
        return node.text if node.value is not None else ""
    if isinstance(node, Sequence):
        return ",".join(_parameter_text(item) or "" for item in node.items)
    return None


def read_parameter_file(path: str, places: Places) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return the values in a parameter file: the AWS CLI's list, CodePipeline's ``Parameters`` object, or a plain
    object."""
    from vpce_checks.cloudformation.template.loader import load

    if path.endswith(".toml"):
        return read_samconfig(path, places)
    document = load(path, places)
    root = document.root
    if document.diagnostics:
        return {}, document.diagnostics
    if isinstance(entry(root, "Parameters"), Mapping):
        root = entry(root, "Parameters")
    values: dict[str, str] = {}
    if isinstance(root, Mapping):
        for key, node in root.entries.items():
            if (text := _parameter_text(node)) is not None:
                values[key] = text
    elif isinstance(root, Sequence):
        for item in root.items:
            given, value = text_of(entry(item, "ParameterKey")), _parameter_text(entry(item, "ParameterValue"))
            if given is not None and value is not None:
                values[given] = value
            elif isinstance(item, Scalar) and "=" in item.text:
                name, _, override = item.text.partition("=")
                values[name] = override
    if not values and not (isinstance(root, (Mapping, Sequence)) and not _size(root)):
        message = "found no parameters; the formats of the AWS CLI, CodePipeline and samconfig.toml are supported"
        return {}, [Diagnostic("error", message, path)]
    return values, []


def _size(node: Mapping | Sequence) -> int:
    return len(node.entries if isinstance(node, Mapping) else node.items)


def samconfig_beside(template: str) -> str | None:
    """Return the path of the SAM CLI's configuration beside a template. None if there is none."""
    path = os.path.join(os.path.dirname(template), "samconfig.toml")
    return path if tracked.is_file(path, (os.path.dirname(template),)) else None


def read_samconfig(path: str, places: Places) -> tuple[dict[str, str], list[Diagnostic]]:
    """Return ``parameter_overrides`` of the environment ``default`` (of its ``deploy``, otherwise of ``global``)."""
    try:
        text = tracked.contents(path, places)[: 1024 * 1024].decode()
    except (OSError, UnicodeDecodeError) as error:
        return {}, [Diagnostic("error", f"cannot be read: {error}", path)]
    try:
        loads = import_module("tomllib").loads
    except ImportError:  # Python 3.10
        loads = _plain_toml
    try:
        tables = loads(text)
    except ValueError as error:
        return {}, [Diagnostic("error", f"not valid TOML: {error}", path)]
    values: dict[str, str] = {}
    for command in ("global", "deploy"):
        node: object = tables
        for key in ("default", command, "parameters", "parameter_overrides"):
            node = node.get(key) if isinstance(node, dict) else None
        values.update(_overrides(node))
    return values, []


def _overrides(node: object) -> dict[str, str]:
    """Parse ``A=b C="d e"``, in one string or in a list of strings."""
    if isinstance(node, dict):
        return {key: _toml_text(value) for key, value in node.items() if isinstance(value, (str, int, float))}
    texts = [item for item in node if isinstance(item, str)] if isinstance(node, list) else [node]
    values = {}
    for text in texts:
        if isinstance(text, str):
            for match in _OVERRIDE.finditer(text):
                value = match[2]
                if value[:1] in ("'", '"'):
                    value = re.sub(r"\\(.)", r"\1", value[1:-1])
                values[match[1]] = value
    return values


def _toml_text(value: str | int | float) -> str:
    """Return a value of samconfig.toml as text. Python refuses to write numbers of thousands of digits in decimal."""
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

"""Read the declarations of parameters."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from decimal import Decimal

from vpce_checks.base.record import record, replace
from vpce_checks.cloudformation.evaluate.choices import Choice
from vpce_checks.cloudformation.template.allowed_pattern import allowed_pattern
from vpce_checks.cloudformation.template.constraints import ANYTHING, Constraints, parse_number
from vpce_checks.cloudformation.template.nodes import Document, Mapping, Node, Scalar, Sequence, text_of
from vpce_checks.model.spans import Span

_MAX_WHOLE_NUMBERS = 16

_MAX_TEXTS = 64
"""How many texts a pattern may match, so that they are its parameter's values one by one."""


_MAX_KEYS = 8
"""How many keys of a mapping are the values of a parameter one by one."""


@record
class ParameterDeclaration:
    """The declaration of a parameter. ``default`` is None if there is none. ``filled_default`` is one with variables that
    the Serverless Framework fills in, so that it is not known. ``allowed`` lists all values that it can
    have. It is None if they are too many to list; ``constraints`` hold in any case.

    With ``no_echo``, its values are sensitive:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """

    name: str
    type: str
    span: Span
    default: str | None = None
    allowed: tuple[str, ...] | None = None
    constraints: Constraints = ANYTHING
    no_echo: bool = False
    filled_default: str | None = None

    @property
    def is_list(self) -> bool:
        """Whether its value is a list."""
        return _is_list(self.type)

    @property
    def is_stored(self) -> bool:
        """Whether its value is read from the Parameter Store at deployment."""
        return self.type.startswith("AWS::SSM::Parameter::Value")

    @property
    def refused_default(self) -> str | None:
        """Its default, if CloudFormation refuses that value. Then every deployment sets the parameter."""
        refused = self.default is not None and self.constraints.admit(self.default) is False
        return self.default if refused and not self.is_stored else None

    def choice(self, name: str) -> Choice:
        """Return the choice of its value. ``name`` is its name in reports."""
        default = None if self.refused_default is not None else self.default
        return Choice(name, self.allowed, default, self.constraints, self.no_echo)


def parameter_declarations(
    document: Document, section: Mapping | None, keys: MappingType[str, tuple[str, ...]], *, is_filled_in: bool = False
) -> dict[str, ParameterDeclaration]:
    """Return the parameters that ``section`` declares, by name. ``keys`` are the values of those that must be keys of a
    mapping. ``is_filled_in``: the Serverless Framework fills in its variables."""
    found = {}
    for name, node in section.entries.items() if section is not None else ():
        if isinstance(node, Mapping):
            assert section is not None
            declared = _declaration(name, node, document.entry_span(section, name), keys.get(name))
            if is_filled_in and declared.default is not None and "${" in declared.default:
                declared = replace(declared, default=None, filled_default=declared.default)
            found[name] = declared
    return found


def _is_list(type: str) -> bool:
    return type == "CommaDelimitedList" or "List<" in type


def _declaration(name: str, node: Mapping, span: Span, keys: tuple[str, ...] | None) -> ParameterDeclaration:
    type = text_of(node.entries.get("Type")) or "String"
    default = parameter_text(node.entries.get("Default"))
    constraints = _constraints(node, type)
    no_echo = (parameter_text(node.entries.get("NoEcho")) or "false").lower() != "false"
    listed = _listed(constraints)
    if keys is not None and not constraints.is_list:
        constraints = replace(constraints, allowed=tuple(key for key in keys if constraints.admit(key)))
        if listed is not None or len(keys) <= _MAX_KEYS:
            listed = _listed(constraints)
    return ParameterDeclaration(name, type, span, default, listed, constraints, no_echo)


def _constraints(node: Mapping, type: str) -> Constraints:
    pattern = text_of(node.entries.get("AllowedPattern"))
    longest = _number(node, "MaxLength")
    return Constraints(
        _allowed_values(node),
        allowed_pattern(pattern) if pattern else None,
        int(_number(node, "MinLength") or 0),
        int(longest) if longest is not None else None,
        _number(node, "MinValue"),
        _number(node, "MaxValue"),
        is_number=type in ("Number", "List<Number>"),
        is_list=_is_list(type),
        non_empty=type.startswith(("AWS::EC2::", "List<", "AWS::Route53::")),  # an id, or a list of them
    )


def _allowed_values(node: Mapping) -> tuple[str, ...] | None:
    values = node.entries.get("AllowedValues")
    if not isinstance(values, Sequence):
        return None
    texts = [parameter_text(item) for item in values.items]
    return tuple(dict.fromkeys(text for text in texts if text is not None)) if texts and None not in texts else None


def _listed(constraints: Constraints) -> tuple[str, ...] | None:
    """Return all possible values: those of AllowedValues, of a pattern with few texts, or of a small range of numbers.

    Numbers between two whole bounds are assumed to be whole. None if there are too many.
    """
    if constraints.is_list:
        return None
    texts = constraints.allowed
    if texts is None and constraints.pattern is not None:
        texts = constraints.pattern.texts(_MAX_TEXTS)
    if texts is None and constraints.is_number:
        texts = _whole_numbers(constraints.minimum, constraints.maximum)
    if texts is None:
        return None
    return tuple(text for text in texts if constraints.admit(text) is not False) or None


def _whole_numbers(low: Decimal | None, high: Decimal | None) -> tuple[str, ...] | None:
    if low is None or high is None or low != low.to_integral_value() or not 0 <= high - low < _MAX_WHOLE_NUMBERS:
        return None
    return tuple(str(number) for number in range(int(low), int(high) + 1))


def _number(node: Mapping, key: str) -> Decimal | None:
    number = parse_number(text_of(node.entries.get(key)) or "")
    return number if number is not None and number.adjusted() < 9 else None


def parameter_text(node: Node | None) -> str | None:
    """Return the value of a parameter as text. An explicit null and an empty value are both ""."""
    if isinstance(node, Scalar):
        if isinstance(node.value, bool):
            return "true" if node.value else "false"
        return node.text if node.value is not None else ""
    if isinstance(node, Sequence):
        return ",".join(parameter_text(item) or "" for item in node.items)
    return None

"""The values that parameter files set for the parameters of a template."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from vpce_checks.cloudformation.template.parameter_files import read_parameter_file, samconfig_beside
from vpce_checks.cloudformation.template.template import Template
from vpce_checks.files.containment import Places, where_given
from vpce_checks.model.sensitive import SENSITIVE
from vpce_checks.model.spans import Diagnostic


def given_values(
    template: Template, files: Sequence[str], places: Places
) -> tuple[dict[str, str | None], list[Diagnostic]]:
    """Return the values that ``files``, and the configuration of SAM beside the template, set. Later files win.

    None: a value that they do not show.
    """
    if not template.parameters:
        return {}, []
    values: dict[str, str | None] = {}
    diagnostics: list[Diagnostic] = []
    for file in _with_samconfig(template, files):
        found, problems = read_parameter_file(file, where_given(file, places))
        values.update((name, value) for name, value in found.items() if name in template.parameters)
        diagnostics += problems
    for name, value in values.items():
        declared = template.parameters[name]
        if value is not None and declared.choice(name).admits(value) is False:
            line = declared.span.line
            shown = SENSITIVE if declared.no_echo else repr(value)
            diagnostics.append(
                Diagnostic("warning", f"{shown} is not an allowed value of the parameter {name}", template.path, line)
            )
    for name, declared in template.parameters.items():
        if name not in values and declared.refused_default is not None:
            shown = SENSITIVE if declared.no_echo else repr(declared.refused_default)
            message = (
                f"{shown}, the default of the parameter {name}, is not an allowed value; every deployment must set it"
            )
            diagnostics.append(Diagnostic("warning", message, template.path, declared.span.line))
    return values, diagnostics


def files_that_set(names: Collection[str], template: Template, files: Sequence[str], places: Places) -> list[str]:
    """Return those of ``files``, and of the configuration of SAM beside the template, that set one of ``names``."""
    return [
        file
        for file in _with_samconfig(template, files)
        if not read_parameter_file(file, where_given(file, places))[0].keys().isdisjoint(names)
    ]


def _with_samconfig(template: Template, files: Sequence[str]) -> tuple[str, ...]:
    beside = samconfig_beside(template.path)
    return (*([beside] if beside else []), *files)

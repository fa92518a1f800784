"""Which module may import which. ``make lint`` and the tests hold these contracts; exceptions stand here with a reason.

A test of our own and not import-linter: it needs one pass over the syntax trees, sees imports inside functions and for
type checkers as well, and brings no dependency.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.contracts.imports import Import, circles

LAYERS = (
    ("cli",),
    ("plugins",),
    ("fixing", "testing"),
    ("report",),
    ("execution",),
    ("project",),
    ("rules",),
    ("workloads",),
    ("reach",),
    ("estate",),
    ("policy",),
    ("terraform", "cloudformation"),
    ("catalog",),
    ("model",),
    ("files",),
    ("base",),
)
"""Top down: a room imports from the rooms below it only. Rooms beside each other do not know each other."""

TERRAFORM_LAYERS = (
    ("module_calls",),
    ("terragrunt", "plan"),
    ("sharing",),
    ("build", "roots"),
    ("unchosen", "unfilled_code"),
    ("config",),
    ("sources", "aws"),
    ("lang",),
    ("types",),
    ("syntax",),
)
"""The same inside of ``terraform``."""


class Rule(NamedTuple):
    """``importer`` (a module or a room) must not import ``imported``."""

    importer: str
    imported: str
    reason: str


class Circle(NamedTuple):
    """Modules, separated by spaces, each of which reaches every other by imports."""

    modules: str
    reason: str


FORBIDDEN = (
    Rule("rules", "terraform", "a rule judges networks, whatever language they are written in"),
    Rule("rules", "cloudformation", "a rule judges networks, whatever language they are written in"),
    Rule("reach", "terraform", "what a call reaches is asked of networks"),
    Rule("reach", "cloudformation", "what a call reaches is asked of networks"),
    Rule("project", "terraform", "a project asks its languages, whichever they are"),
    Rule("project", "cloudformation", "a project asks its languages, whichever they are"),
    Rule("execution", "terraform", "a scan asks its project"),
    Rule("execution", "cloudformation", "a scan asks its project"),
    Rule("report", "terraform", "a report shows findings; only report.fixes writes code"),
    Rule("report", "cloudformation", "a report shows findings; only report.fixes writes code"),
)

ALLOWED = (
    Rule("report.fixes", "terraform", "a fix may ask the syntax trees"),
    Rule("report.fixes", "cloudformation", "a fix may ask the syntax trees"),
    Rule("project.languages", "terraform", "the list of languages"),
    Rule("project.languages", "cloudformation", "the list of languages"),
)
"""Exceptions from the layers and from ``FORBIDDEN``."""

CIRCLES = (
    Circle(
        "terraform.syntax.expressions terraform.syntax.templates",
        "a template holds expressions, and an expression templates",
    ),
    Circle(
        "terraform.types.common_type terraform.types.convert terraform.types.forms",
        "a list of any type is converted to the common type of its items, and each item to that type",
    ),
    Circle(
        "terraform.config.computed terraform.config.data_sources terraform.config.default_vpc "
        "terraform.config.deployed_objects terraform.config.instances "
        "terraform.config.local_data terraform.config.look_ups terraform.config.module "
        "terraform.config.outputs_of_others terraform.config.policy_documents terraform.config.references "
        "terraform.config.stack_sets terraform.config.stores terraform.config.template_bodies",
        "a module evaluates its instances, which ask the module for what they refer to",
    ),
    Circle(
        "terraform.terragrunt.component terraform.terragrunt.configuration terraform.terragrunt.dependency "
        "terraform.terragrunt.feature terraform.terragrunt.functions terraform.terragrunt.include "
        "terraform.terragrunt.inputs terraform.terragrunt.local terraform.terragrunt.names "
        "terraform.terragrunt.reading terraform.terragrunt.whole",
        "a configuration asks its blocks and functions for values, and these ask it, and others that it includes",
    ),
    Circle(
        "cloudformation.cross_stack cloudformation.evaluate.conditions cloudformation.evaluate.expressions "
        "cloudformation.evaluate.foreach cloudformation.evaluate.framework_variables "
        "cloudformation.evaluate.functions.arguments "
        "cloudformation.evaluate.functions.attributes cloudformation.evaluate.functions.conditional "
        "cloudformation.evaluate.functions.lookups "
        "cloudformation.evaluate.functions.mappings cloudformation.evaluate.functions.names "
        "cloudformation.evaluate.functions.rain cloudformation.evaluate.functions.strings cloudformation.evaluate.intrinsics "
        "cloudformation.evaluate.nested_stacks cloudformation.evaluate.placeholders cloudformation.evaluate.pseudo "
        "cloudformation.evaluate.stack cloudformation.export_names cloudformation.import_index cloudformation.shared_values",
        "a stack evaluates conditions and functions, which ask it, and other stacks, for values",
    ),
)
"""Modules that import each other, and why that must be so."""


def broken(imports: Iterable[Import]) -> Iterator[str]:
    """Every way in which ``imports`` break a contract, a line each, and every exception that is of no use any more."""
    imports = list(imports)
    used: set[Rule] = set()
    for item in imports:
        reasons = list(_reasons(item))
        exceptions = [rule for rule in ALLOWED if _applies(rule, item)]
        if reasons:
            used.update(exceptions)
        if reasons and not exceptions:
            yield f"{item.file}:{item.line}: {item.importer or 'vpce_checks'} imports {item.imported or 'vpce_checks'}: {reasons[0]}"
    for rule in ALLOWED:
        if rule not in used and rule.importer != "report.fixes":
            yield f"tests/contracts/contracts.py: nothing needs the exception {rule.importer} -> {rule.imported}"
    found = circles(imports)
    listed = [frozenset(circle.modules.split()) for circle in CIRCLES]
    for circle in found:
        if circle not in listed:
            yield f"these modules import each other in a circle: {', '.join(sorted(circle))}"
    for circle in set(listed) - set(found):
        yield f"tests/contracts/contracts.py: this is no circle (any more): {', '.join(sorted(circle))}"


def _reasons(item: Import) -> Iterator[str]:
    yield from _upwards(item.importer, item.imported, LAYERS)
    prefix = "terraform."
    if item.importer.startswith(prefix) and item.imported.startswith(prefix):
        yield from _upwards(item.importer.removeprefix(prefix), item.imported.removeprefix(prefix), TERRAFORM_LAYERS)
    yield from (rule.reason for rule in FORBIDDEN if _applies(rule, item))


def _upwards(importer: str, imported: str, layers: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Why an import does not go down. What lies in no room (the face of the package) is above all of them."""
    rooms = {room: depth for depth, layer in enumerate(layers) for room in layer}
    here, there = importer.partition(".")[0], imported.partition(".")[0]
    if here == there:
        return
    if there not in rooms:
        yield f"{imported or 'vpce_checks'} lies in no room: only what lies in none may import it"
    elif here in rooms and rooms[here] == rooms[there]:
        yield f"{here} and {there} lie beside each other and must not know each other"
    elif here in rooms and rooms[here] > rooms[there]:
        yield f"imports go down, and {there} lies above {here}"


def _applies(rule: Rule, item: Import) -> bool:
    return _is_in(item.importer, rule.importer) and _is_in(item.imported, rule.imported)


def _is_in(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")

"""Find the templates of a scan that are deployed on their own."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping as MappingType
from typing import TYPE_CHECKING

from vpce_checks.cloudformation.template import cdk
from vpce_checks.cloudformation.template.nodes import entry, is_json
from vpce_checks.cloudformation.template.templates import MAX_STACKS_DEEP, NOTHING_GIVEN

if TYPE_CHECKING:
    from vpce_checks.cloudformation.template.nodes import Document
    from vpce_checks.cloudformation.template.template import Template
    from vpce_checks.cloudformation.template.templates import Templates

_LOOKS_YAML = re.compile(r"^(?:AWSTemplateFormatVersion|Resources)[\"']?\s*:", re.M)
_LOOKS_JSON = re.compile(r'"(?:AWSTemplateFormatVersion|Resources)"\s*:')
_NETWORK = re.compile(r"AWS::EC2::VPC\b|AWS::EC2::VPCEndpoint\b|AWS::CloudFormation::Stack\b|TemplateURL")
_TYPE = re.compile(r"""["']?Type["']?\s*:\s*["']?(?:AWS|Alexa|Custom|[A-Za-z0-9]+::[A-Za-z0-9]+)::""")

MAX_GIVEN = 32
"""How many ways a template may be nested until what its parents pass no longer counts, to bound the time."""


def looks_like_template(text: str) -> bool:
    """Return whether a file that cannot be parsed was intended as a template."""
    looks = _LOOKS_JSON if is_json(text) else _LOOKS_YAML
    return looks.search(text) is not None and _TYPE.search(text) is not None


def find_roots(templates: Templates) -> tuple[str, ...]:
    """Return the templates that no other of ``templates`` nests or includes, the unreadable ones, and those that CDK lists to
    deploy."""
    nested: dict[str, set[str]] = {}
    candidates: list[str] = []
    for path in templates.files:
        template = templates.template(path)
        document = templates.broken(path)
        if template is None:
            if document is not None and document.diagnostics and _is_intended(document):
                candidates.append(path)
            continue
        directory = os.path.dirname(path)
        listed = cdk.templates_in(directory)
        if not listed or path in listed:  # a manifest that deploys nothing must not hide what is beside it
            candidates.append(path)
        for file in template.document.files[1:]:
            nested.setdefault(file, set()).add(path)
        for url in template.module_files:
            if "://" not in url:
                nested.setdefault(os.path.normpath(os.path.join(directory, url)), set()).add(path)
    for path, parents in _nested(templates).items():
        nested.setdefault(path, set()).update(parents)
    return _top(candidates, nested)


def _nested(templates: Templates) -> dict[str, set[str]]:
    """Return the parents of each nested template.

    What a parent passes may decide which file an address in its nested template means. So each round knows what one more
    generation passes on.
    """
    parents = [each for path in templates.files if (each := templates.template(path)) and _nests(each)]
    never = {each.path: _never_created(each, templates) for each in parents}
    passed: dict[str, dict[tuple[tuple[str, str], ...], MappingType[str, str]]] = {}
    for _ in range(MAX_STACKS_DEEP):
        found: dict[str, set[str]] = {}
        before, passed = passed, {}
        for template in parents:
            given = before.get(template.path, {}).values()
            for values in given if 0 < len(given) <= MAX_GIVEN else (NOTHING_GIVEN,):
                for path, on in templates.nested_in(template, values, never[template.path]):
                    found.setdefault(path, set()).add(template.path)
                    passed.setdefault(path, {})[tuple(sorted(on.items()))] = on
        if passed == before:
            break
    return found


def _nests(template: Template) -> bool:
    return bool(template.local_templates or template.nested_by_address)


def _never_created(template: Template, templates: Templates) -> frozenset[str]:
    """Return the logical IDs of the nested stacks whose condition is false whatever the parameters are.

    They must not hide the template that they name, which is judged by itself.
    """
    ids = [id for id in (*template.local_templates, *template.nested_by_address) if _has_condition(template, id)]
    if not ids:
        return frozenset()
    from vpce_checks.cloudformation.evaluate.choices import Choices, Interrupted
    from vpce_checks.cloudformation.evaluate.stack import Stack, World

    choices = Choices(1)
    choices.frozen = True
    stack = Stack(World(choices, templates), template)
    try:
        resources = stack.resources()
        return frozenset(id for id in ids if id in resources and stack.exists(resources[id]) is False)
    except (Interrupted, RecursionError):
        return frozenset()


def _has_condition(template: Template, id: str) -> bool:
    resources = template.section("Resources")
    return resources is not None and entry(resources.entries.get(id), "Condition") is not None


def _is_intended(document: Document) -> bool:
    if document.diagnostics[0].severity == "warning" and not _NETWORK.search(document.text):
        return False  # a file that is rendered first matters only if it can contain a VPC
    return not document.text or looks_like_template(document.text)


def _top(candidates: list[str], nested: dict[str, set[str]]) -> tuple[str, ...]:
    """Return the candidates that no other template nests. Of templates that nest each other in a circle, return the
    first."""
    roots = [path for path in candidates if not nested.get(path, set()) - {path}]
    children: dict[str, list[str]] = {}
    for child, parents in nested.items():
        for parent in parents:
            children.setdefault(parent, []).append(child)
    reached: set[str] = set()

    def reach(path: str) -> None:
        pending = [path]
        while pending:
            top = pending.pop()
            if top not in reached:
                reached.add(top)
                pending += children.get(top, [])

    for path in roots:
        reach(path)
    for path in candidates:
        if path not in reached:
            roots.append(path)
            reach(path)
    return tuple(path for path in candidates if path in set(roots))

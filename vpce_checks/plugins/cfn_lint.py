"""The rules in cfn-lint: ``cfn-lint --append-rules "$(vpce-checks cfn-lint-dir)"``.

cfn-lint makes a rule of every rule class that it finds in this module, so there is nothing else in it: one class a
rule, ``EVPCE001`` for VPCE001 (``W`` for a rule of low severity), one for all rules that policies declare, as cfn-lint takes
ids before it knows of policies (``EVPCE998``), and two for what is no verdict. ``EVPCE000`` says what kept our engine
from judging, ``WVPCE999`` which verdicts are undecided.
"""

from __future__ import annotations

import os as _os
import sys as _sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from cfnlint import rules as _cfnlint

from vpce_checks.rules.registry import all_rules as _all_rules

if TYPE_CHECKING:
    from vpce_checks.plugins.templates import Remark, TemplateVerdicts

    _Select = Callable[[TemplateVerdicts, frozenset[str]], Iterator[Remark]]


_QUIET = ("AWS::", "Alexa::")
_JUDGED = ("AWS::EC2::VPC", "AWS::EC2::VPCEndpoint")
_EXPANDED = ("AWS::CloudFormation::", "AWS::Serverless::Application", "AWS::ServiceCatalog::")
"""Types that contain more resources: nested stacks, modules, applications. So may every type that is not AWS's."""


def _concerns(cfn: Any) -> bool:
    """Whether a template can have a verdict: a look that spares the others the engine."""
    if cfn.template.get("Modules") or any(map(_is_macro, _listed(cfn.template.get("Transform")))):
        return True
    types = {str(resource.get("Type")) for resource in cfn.get_resources().values() if isinstance(resource, dict)}
    if any(type in _JUDGED or type.startswith(_EXPANDED) or not type.startswith(_QUIET) for type in types):
        return True
    from vpce_checks.catalog.parts import may_run, part_types

    parts = part_types("cloudformation")  # of workloads: what another template nests may call a service
    return any(may_run(parts[type]) for type in types & parts.keys())


def _listed(transform: Any) -> list[Any]:
    return transform if isinstance(transform, list) else [] if transform is None else [transform]


def _is_macro(name: Any) -> bool:
    """Whether a transform may add resources of any type."""
    from vpce_checks.cloudformation.template.template import KNOWN_TRANSFORMS

    return not isinstance(name, str) or not name.startswith(KNOWN_TRANSFORMS)


_MAX_FRAMES = 40


def _linted() -> frozenset[str]:
    """The files that cfn-lint looks at. It does not tell a rule: they are in the settings of the caller that runs it."""
    frame = _sys._getframe(1)
    for _ in range(_MAX_FRAMES):
        if frame.f_back is None:
            break
        frame = frame.f_back
        templates = getattr(frame.f_locals.get("config"), "templates", None)
        if isinstance(templates, list):
            return frozenset(_os.path.realpath(file) for file in templates if isinstance(file, str))
    return frozenset()


def _rule_class(id: str, title: str, text: str, url: str, select: _Select) -> type[Any]:
    """A class of which cfn-lint makes the rule ``id``; ``select`` picks what it says of a template."""

    def match(self: Any, cfn: Any) -> list[Any]:
        if not _concerns(cfn):
            return []
        from vpce_checks.plugins.templates import verdicts  # the engine, which most templates do not need

        found = []
        for remark in select(verdicts(cfn.filename), _linted()):
            where = (remark.line - 1, remark.column - 1, remark.last_line - 1, 0)
            found.append(_cfnlint.RuleMatch(remark.path, remark.message, location=where))
        return found

    members = {
        "id": id,
        "shortdesc": title,
        "description": text,
        "source_url": url,
        "tags": ["vpc", "endpoint"],
        "match": match,
        "__doc__": title,
        "__module__": __name__,
    }
    return type(id, (_cfnlint.CloudFormationLintRule,), members)


def _classes() -> Iterator[type[Any]]:
    for rule in _all_rules():
        letter = "W" if rule.severity == "low" else "E"

        def failures(known: TemplateVerdicts, linted: frozenset[str], id: str = rule.id) -> Iterator[Remark]:
            return known.failures(id, linted)

        yield _rule_class(letter + rule.id, rule.title, rule.rationale, rule.url, failures)
    text = "Why vpce-checks could not judge: an unreadable input, a mistake in the policy, or an internal error."
    yield _rule_class("EVPCE000", "vpce-checks could not judge", text, "", lambda known, _: known.errors())
    text = "A rule of your own, of the policy file or in Python, fails; the message names it."
    yield _rule_class(
        "EVPCE998",
        "A rule of your own fails",
        text,
        "",
        lambda known, linted: known.own_failures(linted),
    )
    text = "A verdict that depends on values known only at deployment; it names them."
    yield _rule_class(
        "WVPCE999", "A verdict of vpce-checks is undecided", text, "", lambda known, linted: known.undecided(linted)
    )


globals().update((made.__name__, made) for made in _classes())

"""The users' own rules that hold in the current directory, for the commands that show rules."""

from __future__ import annotations

import os

from vpce_checks.cli.errors import PolicyMistakes, usage_errors
from vpce_checks.rules.finding import Rule


def own_rules(policy: str | None, *, trust: bool) -> tuple[Rule, ...]:
    """Return the rules that the policy file ``policy`` declares, or the nearest one from the current directory upwards, and
    those in Python that hold with it. ``trust``: those of the repository are run too.

    If the nearest file has a mistake, or rules are not run, it is said. Raises UsageError for a mistake in ``policy``.
    """
    from vpce_checks.cli.terminal import say
    from vpce_checks.files.containment import boundary_of
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.policies import Policies
    from vpce_checks.report import relative

    here = os.path.realpath(".")
    options = ScanOptions(policy=policy, trust_repo_rules=trust)
    policies = Policies(policy, options=options)
    try:
        with usage_errors():
            found = policies.of(here, boundary_of(here))
            policies.load_rules()
            in_python = policies.python_rules(here, boundary_of(here))
    except PolicyMistakes as mistakes:
        if policy is not None:
            raise
        for line in mistakes.lines:
            say(f"the rules of the policy are not shown: {line.removeprefix('error: ')}")
        return ()
    for item in policies.not_run():
        say(f"{relative(item.file, here)}:{item.line}: {item.message}")
    declared: tuple[Rule, ...] = ()
    if found.own_rules:
        from vpce_checks.rules.own import declared_rules

        declared = declared_rules(found)
    return (*declared, *(each.rule for each in in_python))

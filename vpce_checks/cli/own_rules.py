"""The rules that the policy of the current directory declares, for the commands that show rules."""

from __future__ import annotations

from vpce_checks.cli.errors import PolicyMistakes, usage_errors
from vpce_checks.rules.finding import Rule


def own_rules(policy: str | None) -> tuple[Rule, ...]:
    """Return the rules that the policy file ``policy`` declares, or the nearest one from the current directory upwards. If that
    one has a mistake, it is said, and there are none. Raises UsageError for a mistake in ``policy``."""
    from vpce_checks.cli.terminal import say
    from vpce_checks.policy import load_policy
    from vpce_checks.rules.registry import rule_ids

    try:
        with usage_errors():
            found = load_policy(".", policy, known_rules=rule_ids)
    except PolicyMistakes as mistakes:
        if policy is not None:
            raise
        say(f"the rules of the policy are not shown: {mistakes}")
        return ()
    if not found.own_rules:
        return ()
    from vpce_checks.rules.own import declared_rules

    return declared_rules(found)

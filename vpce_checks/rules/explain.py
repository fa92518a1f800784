"""What ``vpce-checks explain`` prints: the list of rules, or the page of one."""

from __future__ import annotations

import textwrap

from vpce_checks.rules.finding import Rule
from vpce_checks.rules.registry import all_rules, find_rule

WIDTH = 80


class UnknownRule(Exception):
    """A word that is neither the id nor the name of a rule, with those like it."""


def explain(word: str | None = None, width: int = WIDTH) -> str:
    """The page of the rule with the id or name ``word``; the list of all rules for None. Raises UnknownRule."""
    return rule_list() if word is None else rule_page(named_rule(word), width)


def named_rule(word: str) -> Rule:
    """The rule with the id or name ``word``, in any case. Raises UnknownRule."""
    rule = find_rule(word)
    if rule is not None:
        return rule
    import difflib  # only a wrong word needs it

    known = [name for rule in all_rules() for name in (rule.id, rule.name)]
    lower = {name.lower(): name for name in known}
    near = [lower[name] for name in difflib.get_close_matches(word.strip().lower(), list(lower), 3)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {known[0]} to {known[-2]}"
    raise UnknownRule(f"no rule {word!r}; {hint}")


def rule_list() -> str:
    """One line a rule: id, severity, name, title."""
    rules = all_rules()
    longest = max(len(rule.name) for rule in rules)
    return "".join(f"{rule.id}  {rule.severity:<6}  {rule.name:<{longest}}  {rule.title}\n" for rule in rules)


def rule_page(rule: Rule, width: int = WIDTH) -> str:
    """Everything about one rule: what it finds, why that matters, examples, how to ignore it."""
    parts = [
        f"{rule.id} {rule.name} ({rule.severity})",
        rule.title + ".",
        textwrap.fill(rule.rationale, width, break_long_words=False, break_on_hyphens=False),
        f"See {rule.url}",
    ]
    if rule.bad:
        parts.append(f"Reported:\n\n{textwrap.indent(rule.bad.rstrip(), '    ')}")
    if rule.good:
        parts.append(f"Not reported:\n\n{textwrap.indent(rule.good.rstrip(), '    ')}")
    parts.append(
        f"To ignore it for one resource, put a comment with the reason into its block:\n\n"
        f"    # vpce-checks:ignore {rule.id} the reason"
    )
    return "\n\n".join(parts) + "\n"

"""Which policy judged which roots, in words."""

from __future__ import annotations

import os
from collections import Counter

from vpce_checks.project.results import Report, RootReport
from vpce_checks.report import relative


def policy_name(root: RootReport, cwd: str) -> str:
    """Return the policy file that judged ``root``, relative to ``cwd``, or the name of the pack; "" if none did."""
    return relative(root.policy, cwd) if os.path.isabs(root.policy) else root.policy


def policies_in_words(report: Report, cwd: str) -> str:
    """Return the policies of a report: "net.yaml", or "net.yaml (2 roots), aws-baseline (1 root)".

    "" if no policy file was used.
    """
    counts = Counter(name for root in report.roots if (name := policy_name(root, cwd)))
    if not any(os.path.isabs(root.policy) for root in report.roots):
        return ""
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{name} ({count} root{'' if count == 1 else 's'})" for name, count in sorted(counts.items()))

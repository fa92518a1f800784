"""Identify a finding, also after its lines have moved."""

from __future__ import annotations

from hashlib import sha256

from vpce_checks.report import relative
from vpce_checks.rules.finding import Finding


def fingerprint(finding: Finding, root: str, cwd: str) -> str:
    """Return 64 hexadecimal digits that depend only on rule, root, deployment, resource and service: not on lines or messages."""
    parts = [finding.rule, relative(root, cwd), finding.resource, finding.service or ""]
    if finding.deployment:
        parts.append(finding.deployment)
    return sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()

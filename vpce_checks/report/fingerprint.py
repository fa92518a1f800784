"""What makes a finding the same one after its lines have moved."""

from __future__ import annotations

from hashlib import sha256

from vpce_checks.report import relative
from vpce_checks.rules.finding import Finding


def fingerprint(finding: Finding, root: str, cwd: str) -> str:
    """64 hexadecimal digits that depend on rule, root, resource and service, and on no line, message or machine."""
    parts = (finding.rule, relative(root, cwd), finding.resource, finding.service or "")
    return sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()

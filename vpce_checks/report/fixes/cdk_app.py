"""Fixes for templates that CDK writes. Whatever is changed in them is gone after the next synthesis."""

from __future__ import annotations

import os

from vpce_checks.base.record import replace
from vpce_checks.cloudformation.template.cdk import templates_in
from vpce_checks.model.network import Declaration
from vpce_checks.report.fixes.fix_text import FixText


def in_app(fix: FixText, about: Declaration) -> FixText:
    """Return the fix for what ``about`` declares as a change of the app, if CDK writes the template."""
    construct = about.construct_path
    if construct is None and templates_in(os.path.dirname(about.span.file)) is None:
        return fix
    change = f"change {construct} in the CDK app" if construct is not None else "change the CDK app"
    if not fix.where:
        return replace(fix, text=f"{fix.text}; CDK writes this template: {change}", changes=())
    return replace(
        fix, where=f"{change}, so that it writes into", changes=(), by_hand=f"CDK writes this template; {change}"
    )

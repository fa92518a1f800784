"""The edits of a change, in whichever language its file is."""

from __future__ import annotations

from vpce_checks.report.fixes.changes import Addition, Change
from vpce_checks.report.fixes.edits.edit import Edit, RefusedError
from vpce_checks.report.fixes.fix_text import FixText

_TEMPLATES = (".json", ".template", ".yaml", ".yml")
_TERRAFORM_JSON = (".tf.json", ".tofu.json")


def edits_of(fix: FixText) -> tuple[Edit, ...]:
    """Return the edits that make the changes of a fix. Raises RefusedError with the reason why a person has to make them."""
    if not fix.where and not fix.changes:
        raise RefusedError(f"to do by hand: {fix.text}")
    if fix.by_hand:
        raise RefusedError(fix.by_hand)
    if not fix.changes:
        raise RefusedError("it is more than one change of the code")
    blanks = [blank for change in fix.changes if isinstance(change, Addition) for blank in change.blanks]
    if blanks:
        raise RefusedError(f"a person has to fill in {' and '.join(dict.fromkeys(blanks))}")
    edits = tuple(edit for change in fix.changes for edit in _edits(change))
    if not edits:
        raise RefusedError("the code has these values already")
    return edits


def _edits(change: Change) -> list[Edit]:
    name = change.file.lower()
    if name.endswith(_TEMPLATES) and not name.endswith(_TERRAFORM_JSON):
        from vpce_checks.report.fixes.edits.template_edits import template_edits

        return template_edits(change)
    from vpce_checks.report.fixes.edits.terraform_edits import terraform_edits

    return terraform_edits(change)

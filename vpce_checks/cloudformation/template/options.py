"""How templates are to be read."""

from __future__ import annotations

from vpce_checks.base.record import record


@record
class CloudFormationOptions:
    """``parameters`` are the files of ``--parameters``, of which later ones win; ``region`` that of every stack, if known.

    ``boundary`` is the repository outside of which nothing is read ("" for the directory of the template).
    ``named``: the file was named by hand, so that it is an error if it is no template yet.
    """

    parameters: tuple[str, ...] = ()
    region: str | None = None
    boundary: str = ""
    named: bool = False

"""How templates are to be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CloudFormationOptions:
    """``parameters`` are the files of ``--parameters``, later ones first; ``region`` that of every stack, if known.

    ``boundary`` is the repository outside of which nothing is read ("" for the directory of the template).
    """

    parameters: tuple[str, ...] = ()
    region: str | None = None
    boundary: str = ""

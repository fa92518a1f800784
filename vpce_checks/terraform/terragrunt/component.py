"""A component is a unit or a stack. One that a ``terragrunt.stack.hcl`` makes is read as if it had been generated.

https://terragrunt.gruntwork.io/docs/features/stacks/explicit
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vpce_checks.base.record import record
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Value
from vpce_checks.terraform.syntax.structure import Body
from vpce_checks.terraform.terragrunt.files import TerragruntFiles

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration


@record
class Injected:
    """What a stack lays over a unit: the ``body`` of an ``autoinclude`` block at ``span``, evaluated as a part of ``stack``."""

    body: Body
    stack: Configuration
    span: Span


@record
class Component:
    """A unit or stack in ``directory``, read from ``file``. That is in another directory where a stack has yet to generate the
    component. The stack gives it ``values`` (None: those beside the file) and lays over it what is ``injected``."""

    directory: str
    file: str
    values: Value = None
    injected: Injected | None = None


def unit_in(directory: str, files: TerragruntFiles) -> Component:
    """The unit whose file is, or would be, in ``directory``."""
    return Component(directory, os.path.join(directory, files.unit_name(directory)))

"""What is written into the module of a unit before it runs: by its ``generate`` blocks and by its hooks."""

from __future__ import annotations

import os

from vpce_checks.base.record import record
from vpce_checks.terraform.syntax.structure import ModuleSource
from vpce_checks.terraform.terragrunt.configuration import Configuration
from vpce_checks.terraform.terragrunt.generate import Generated, generated_files
from vpce_checks.terraform.terragrunt.hooks import Touched, Unread, changes_of_hooks
from vpce_checks.terraform.terragrunt.overlay import Layers
from vpce_checks.terraform.terragrunt.terraform_block import has_no_source


@record
class Written:
    """The ``files`` that blocks and hooks write, the hooks that are ``unread`` as they may write any code, and what hooks may
    have ``touched``. The unit has its own files in ``code``, a directory of the repository ``boundary``."""

    files: tuple[Generated, ...]
    unread: tuple[Unread, ...]
    touched: tuple[Touched, ...]
    code: str
    boundary: str

    def over(self, directory: str) -> Layers:
        """What is laid over the module in ``directory``."""
        return Layers(directory, self.code, self.boundary, self.files, self.touched)

    @property
    def has_unknown_code(self) -> bool:
        """Whether a file of code is written of which it is not known what it holds."""
        return any(file.is_unknown_code for file in self.files)

    @property
    def deploys(self) -> bool:
        """Whether what is written deploys something, or may. The settings of providers and states do not."""
        if self.has_unknown_code:
            return True
        module = self.over(self.code).over(ModuleSource(self.code), self.code, self.boundary)
        return bool(module.resources or module.modules or module.data)


def written_into(configuration: Configuration) -> Written:
    """What the unit with this file has written into its module."""
    in_place = has_no_source(configuration)
    changes = tuple(changes_of_hooks(configuration, in_place=in_place))
    copied = (each for each in changes if isinstance(each, Generated))
    return Written(
        files=(*generated_files(configuration, in_place=in_place), *copied),
        unread=tuple(each for each in changes if isinstance(each, Unread)),
        touched=tuple(
            each if isinstance(each, Touched) else Touched(None, each.span)
            for each in changes
            if not isinstance(each, Generated)
        ),
        code=os.path.dirname(configuration.reading.main),
        boundary=configuration.reading.files.boundary,
    )

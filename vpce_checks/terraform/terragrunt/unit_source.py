"""Which module a unit names, and where its code is.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks#terraform
"""

from __future__ import annotations

from collections.abc import Iterable
from os.path import dirname

from vpce_checks.base.record import record, replace
from vpce_checks.model.spans import Diagnostic
from vpce_checks.model.values import MapValue, Value, merge_causes
from vpce_checks.terraform.config.variables import no_names
from vpce_checks.terraform.lang.scope import Scope, Session
from vpce_checks.terraform.sources.locate import NOT_THERE, Located, is_local, locate
from vpce_checks.terraform.syntax.source_files import configuration_files
from vpce_checks.terraform.syntax.structure import ModuleSource
from vpce_checks.terraform.terragrunt.alternatives import local_alternative
from vpce_checks.terraform.terragrunt.configuration import Configuration
from vpce_checks.terraform.terragrunt.include import unread_includes
from vpce_checks.terraform.terragrunt.inputs import merged_inputs
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.sources import SourceCall, read_source
from vpce_checks.terraform.terragrunt.terraform_block import source_place, terraform_argument
from vpce_checks.terraform.terragrunt.working_copies import working_copy
from vpce_checks.terraform.terragrunt.written import Written


@record
class UnitSource:
    """Where the code of a unit's module is ``located``; None where it has none and so deploys nothing.

    Of a source that depends on the run it is the directory in the repository. Other runs deploy what is ``otherwise``.
    """

    located: Located | None
    version: str | None = None
    otherwise: Located | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def find_source(configuration: Configuration, repository: Repository, written: Written) -> UnitSource:
    """Find the module of a unit by the ``source`` of its ``terraform`` block, or without one beside the unit's file."""
    found = terraform_argument(configuration, "source")
    source: Value = None if found is None else found[0].evaluated(found[1])
    if found is None or source is None or source == "":
        return UnitSource(_beside(configuration, written))
    if isinstance(source, str):
        return _at(source, configuration, repository)
    causes = merge_causes([source])
    reason = f"its source is not known: {causes[0].text}" if causes else "its source is not a string"
    unread = Located(None, "?", reason)
    here = local_alternative(*found, configuration.reading.home) if causes else None
    if here is None:
        return UnitSource(unread)
    return replace(_at(here, configuration, repository), otherwise=unread)


def _beside(configuration: Configuration, written: Written) -> Located | None:
    """The module of a unit that names none: the code in its own directory."""
    reading = configuration.reading
    hidden = [cause.text for causes in unread_includes(configuration) for cause in causes]
    hidden += [item.message for item in reading.broken]
    if hidden:
        return Located(None, "?", f"its source may be in a file that could not be read: {hidden[0]}")
    code = dirname(reading.main)
    if any(configuration_files(code, reading.files.places)) or written.deploys:
        return Located(code, ".", "", "local")
    return None


def _at(source: str, configuration: Configuration, repository: Repository) -> UnitSource:
    """The module at ``source``: of the repository, or installed, or in the working copy that Terragrunt has made of it."""
    home = configuration.reading.home
    written = read_source(source, home)
    version = terraform_argument(configuration, "version")
    if version is not None and written.version is None:
        text = version[0].evaluated(version[1])
        written = written._replace(version=text if isinstance(text, str) else None)

    def input_names() -> Iterable[str]:
        inputs = merged_inputs(configuration)
        return inputs.items if isinstance(inputs, MapValue) else ()

    session = Session(home, repository.options, repository.loader)
    call = SourceCall(written, source_place(configuration), input_names)
    located = locate(ModuleSource(home), call, "terraform", Scope(session, no_names, {}))
    if located.how not in ("local", "given", "installed") and not is_local(written.text):
        copy = working_copy(source, home, session.places)
        if copy is not None:
            located = Located(copy, located.source, "", "installed")
    if located.reason == NOT_THERE:
        located = replace(located, reason="it is not in the repository, and Terragrunt has not downloaded it")
    return UnitSource(located, written.version, diagnostics=tuple(session.diagnostics))

"""A unit: a directory whose ``terragrunt.hcl`` names a module and gives its variables values.

https://terragrunt.gruntwork.io/docs/features/units/
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import Literal

from vpce_checks.base.record import replace
from vpce_checks.files import tracked
from vpce_checks.model.spans import Diagnostic, Span
from vpce_checks.model.values import (
    Cause,
    MapValue,
    Opaque,
    Reference,
    Unknown,
    Value,
    choose,
    is_known,
    merge_causes,
    unknown,
)
from vpce_checks.terraform.config.module import Module, ModuleOutputs, Position
from vpce_checks.terraform.lang.scope import Session, TerraformOptions
from vpce_checks.terraform.sources.locate import Located
from vpce_checks.terraform.syntax.structure import ModuleSource
from vpce_checks.terraform.terragrunt.component import Component
from vpce_checks.terraform.terragrunt.configuration import Configuration
from vpce_checks.terraform.terragrunt.exclude import excluded
from vpce_checks.terraform.terragrunt.expressions import needs_values
from vpce_checks.terraform.terragrunt.extra_arguments import environment_region
from vpce_checks.terraform.terragrunt.file_names import VALUES_FILE
from vpce_checks.terraform.terragrunt.include import unread_includes
from vpce_checks.terraform.terragrunt.inputs import merged_inputs
from vpce_checks.terraform.terragrunt.overlay import Layers, OverlaidLoader
from vpce_checks.terraform.terragrunt.reading import Reading
from vpce_checks.terraform.terragrunt.repository import Repository
from vpce_checks.terraform.terragrunt.surroundings import Surroundings
from vpce_checks.terraform.terragrunt.terraform_block import source_place
from vpce_checks.terraform.terragrunt.unit_source import UnitSource, find_source
from vpce_checks.terraform.terragrunt.variables import account_of_runs, unit_values
from vpce_checks.terraform.terragrunt.written import Written, written_into

OWN_MODULE = "terraform"
"""What a unit calls its own module where that cannot be looked into."""


def call_of(directory: str) -> str:
    """What the call of the module of the unit in ``directory`` is called."""
    return f"unit {os.path.basename(directory)}"


class Unit:
    """The unit that ``component`` is, in its ``repository`` and ``surroundings``.

    What is in it has the label that the surroundings say, what is in other units has what their ``seen`` says.
    """

    def __init__(self, component: Component, repository: Repository, surroundings: Surroundings) -> None:
        self.directory = component.directory
        self.code = os.path.dirname(component.file)
        """Where its files are: in another directory where a stack has yet to make it."""
        self.repository = repository
        self.surroundings = surroundings
        self.reading = Reading(component, repository, surroundings)
        own = self.reading.own
        assert own is not None
        self.configuration: Configuration = own
        self._module: Module | None = None
        self._module_state: Literal["new", "under way", "done"] = "new"
        self._inputs_are_under_way = False

    @property
    def own_module(self) -> str:
        """What the unit's module is called where it cannot be looked into."""
        return f"{self.surroundings.label}{OWN_MODULE}"

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything that its owner should know."""
        of_source = self.source.diagnostics
        found = dict.fromkeys((*self.reading.diagnostics, *of_source))
        if self._module is not None:
            found.update(dict.fromkeys(self._module.session.diagnostics))
        return tuple(found)

    # -- what is read of it --------------------------------------------------------------------------------------

    @property
    def may_have_more(self) -> bool:
        """Whether something in it, or in what it includes, could not be read."""
        return any(unread_includes(self.configuration)) or any(self.reading.broken)

    @property
    def is_template(self) -> bool:
        """Whether it cannot be run before a stack gives it values: it uses them, and not only if there are any."""
        places = self.reading.files.places
        given = self.reading.component.values is not None or tracked.is_file(
            os.path.join(self.code, VALUES_FILE), places
        )
        return (
            not given
            and self.reading.files.read(self.configuration.path).mentions_values
            and needs_values(self.configuration.body)
        )

    # -- inputs --------------------------------------------------------------------------------------------------

    @property
    def inputs(self) -> Value:
        """Its inputs, those of what it includes among them."""
        return self.read_inputs()

    def read_inputs(self) -> Value:
        """Evaluate the inputs, with all that they hold: the files are read, and the other units asked, on which they rest."""

        def evaluated() -> Value:
            self._inputs_are_under_way = True
            try:
                value = merged_inputs(self.configuration)
                is_known(value)  # looks at all of it, outputs of other units included
            finally:
                self._inputs_are_under_way = False
            return value

        return self.configuration.once("unit inputs", evaluated, "inputs", Span(self.configuration.path, 1))

    # -- where its module is -------------------------------------------------------------------------------------

    @property
    def place(self) -> Span:
        """Where the unit says which module it is."""
        return source_place(self.configuration)

    @cached_property
    def written(self) -> Written:
        """What is written into its module before it runs."""
        return written_into(self.configuration)

    @cached_property
    def source(self) -> UnitSource:
        """Which module it names, and where that is."""
        return find_source(self.configuration, self.repository, self.written)

    @property
    def located(self) -> Located | None:
        """Where the code of the unit's module lies; None where it has none and so deploys nothing."""
        return self.source.located

    # -- whether it is deployed ----------------------------------------------------------------------------------

    @property
    def excluded(self) -> Value:
        """Whether the unit is kept out of deployments."""
        return excluded(self.configuration)

    @property
    def exists(self) -> Literal[True] | Opaque:
        """Whether the unit is deployed. One that is excluded may have been deployed before."""
        excluded = self.excluded
        if excluded is False or excluded is None:
            return True
        causes = merge_causes([excluded])
        return Unknown(causes or (Cause("the unit is excluded from runs", Span(self.configuration.path, 1)),))

    @property
    def why_other_code(self) -> tuple[Cause, ...]:
        """Why some runs deploy other code than that at :attr:`located`; empty if none does."""
        otherwise = self.source.otherwise
        if self.located is None or otherwise is None:
            return ()
        return (Cause(otherwise.reason, self.place),)

    @property
    def module_exists(self) -> Literal[True] | Opaque:
        """Whether the code at :attr:`located` is deployed: not in the runs in which the source names something else."""
        exists, causes = self.exists, self.why_other_code
        return Unknown(causes) if causes and exists is True else exists

    # -- its module ----------------------------------------------------------------------------------------------

    @property
    def module(self) -> Module | None:
        """The unit's module as a root module; None where its code cannot be had, or where it waits for itself."""
        if self._module_state == "new":
            self._module_state = "under way"
            located = self.located
            if located is not None and located.directory is not None:
                self._module = self._load(located, located.directory)
            self._module_state = "done"
        return self._module

    @property
    def waits_for_itself(self) -> bool:
        """Whether its module is being made, or its inputs are: who asks for them then is what they depend on."""
        return self._module_state == "under way" or self._inputs_are_under_way

    def _load(self, located: Located, directory: str) -> Module:
        layers = self.written.over(directory)
        session = self._session(directory, layers)
        source = self._module_source(located, directory, layers)
        inputs = self.inputs
        session.is_linked, session.is_vague = self.reading.has_asked, self.reading.has_doubts
        given = unit_values(
            source, session, self.configuration, inputs, loose=bool(located.stub), generated=self.written.files
        )
        names = {name: value for file in self.written.files for name, value in file.values}
        calls = (located.call(call_of(self.directory), self.place),) if directory != self.code else ()
        return Module(session, source, given, Position(calls=calls, exists=self.module_exists), names=names)

    def _session(self, directory: str, layers: Layers) -> Session:
        """The session in which the module is evaluated."""
        session = Session(directory, self._module_options, OverlaidLoader(self.repository.loader, layers))
        session.laid_over, session.written_in = layers.file, layers.written_in
        session.is_later = self.surroundings.is_later
        session.label = self.surroundings.label
        session.outside = self.surroundings.outside
        session.account = account_of_runs(self.configuration)
        return session

    @property
    def _module_options(self) -> TerraformOptions:
        options = self.repository.options
        region = environment_region(self.configuration)
        if options.region is None and region is not None:
            options = replace(options, region=region)
        if self.written.has_unknown_code:
            options = replace(options, region=None)  # a provider may stand in what is not known
        return options

    def _module_source(self, located: Located, directory: str, layers: Layers) -> ModuleSource:
        """The module's files with what is laid over them."""
        session = Session(directory, self.repository.options, self.repository.loader)
        base = located.load(self.place, session)
        if located.stub:
            return layers.over_stub(base)
        return layers.over(base, directory, session.loader_of(directory).boundary)

    # -- its outputs ---------------------------------------------------------------------------------------------

    def outputs(self, span: Span, name: str = "") -> Value:
        """The outputs for a unit that depends on this one at ``span``, and calls its module ``name``."""
        name = name or self.own_module
        if self.waits_for_itself:
            return unknown(f"{name} depends on itself", span)
        module = self.module
        otherwise = self.source.otherwise
        if module is not None and otherwise is None:
            return module.outputs
        located = otherwise or self.located
        reason = "it has no module" if located is None else located.reason
        cause = Cause(f"the outputs of {name} are not known: {reason}", span)
        elsewhere = Reference(name, (), "module", (cause,))
        if module is None:
            return elsewhere
        return MapValue(_OutputsOfSomeRuns(module, elsewhere), "object", rest=Unknown((cause,)))


class _OutputsOfSomeRuns(ModuleOutputs):
    """The outputs of a module in whose place some runs deploy another one, with the outputs ``elsewhere``."""

    def __init__(self, module: Module, elsewhere: Reference) -> None:
        super().__init__(module)
        self._elsewhere = elsewhere

    def __getitem__(self, name: str) -> Value:
        return choose((super().__getitem__(name), replace(self._elsewhere, path=(name,))), self._elsewhere.causes)

"""What the hooks of a unit do to its code. A file that one copies is read; of any other program nothing is known.

    before_hook "copy" {
      commands = ["init"]
      execute  = ["cp", "${get_terragrunt_dir()}/endpoints.tf", "."]
    }

https://terragrunt.gruntwork.io/docs/features/units/hooks
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, ListValue, Value, is_known, merge_causes
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.terragrunt.generate import Generated
from vpce_checks.terraform.terragrunt.hook_programs import CODE, touched_by, writes_code
from vpce_checks.terraform.terragrunt.terraform_block import terraform_blocks

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration

_FETCH = "init-from-module"
"""The step in which the module is fetched. There is none if the module is in the unit's own directory."""

_IN_UNIT = frozenset({_FETCH, "read-config", "terragrunt-read-config"})
"""Steps before the files of the unit are copied to its module. Their hooks run in the directory of the unit."""

_BEFORE = frozenset({"init", "plan", "apply"})
"""Commands whose ``before_hook`` runs in the directory of the module, before the code is read."""

_OVERWRITES = frozenset({"-f", "-p", "-s", "-v", "-fs", "-sf"})
"""Options of ``cp`` and ``ln`` with which the file is there in any case."""


class Unread(NamedTuple):
    """A hook that may write code: its address, what it runs, and where it is."""

    name: str
    reason: str
    span: Span


class Touched(NamedTuple):
    """What a hook that writes no code may write, move or take away: a file or directory, by its path from the module's
    directory (absolute where it leads elsewhere). None: any."""

    path: str | None
    span: Span


class _Hook(NamedTuple):
    """A ``before_hook`` or ``after_hook`` block of the file ``part``, and the ``commands`` for which it runs. For those that are
    ``in_unit`` it runs in the directory of the unit."""

    part: Configuration
    block: Block
    commands: Value
    in_unit: frozenset[str]

    @property
    def name(self) -> str:
        """Its address."""
        return f"{self.block.type}.{self.block.labels[0]}"

    @property
    def span(self) -> Span:
        """Where it says what it runs."""
        attribute = self.block.body.attributes.get("execute")
        return attribute.span if attribute is not None else self.block.header

    @property
    def is_before(self) -> bool:
        """Whether it runs before its commands."""
        return self.block.type == "before_hook"

    @property
    def condition(self) -> Value:
        """What its ``if`` is worth."""
        return self.part.argument(self.block, "if")

    @property
    def has_directory(self) -> bool:
        """Whether it runs in a directory that it names."""
        return self.part.argument(self.block, "working_dir") is not None

    @property
    def counts(self) -> bool:
        """Whether it runs, or may run, before the code of a deployment is read."""
        if self.condition in (False, "false"):
            return False
        steps = self.in_unit | (_BEFORE if self.is_before else {"init"})
        if isinstance(self.commands, ListValue) and self.commands.exact and is_known(self.commands):
            return not steps.isdisjoint(map(str, self.commands.items))
        return self.commands is not None

    @property
    def runs_in_unit_only(self) -> bool:
        """Whether it certainly runs in the directory of the unit, whenever it runs."""
        commands = self.commands
        return (
            isinstance(commands, ListValue) and commands.exact and all(each in self.in_unit for each in commands.items)
        )

    @property
    def runs_in_time(self) -> bool:
        """Whether it certainly runs before the code of each deployment is read."""
        if not self.is_before:
            return self.runs_in_unit_only
        steps = {"init", "apply", *(self.in_unit & {_FETCH})}
        return isinstance(self.commands, ListValue) and any(each in steps for each in self.commands.items)


def changes_of_hooks(configuration: Configuration, *, in_place: bool) -> Iterator[Generated | Unread | Touched]:
    """Yield the files that hooks copy into the module, the hooks that may write any code, and which data others touch.

    ``in_place`` says that the module is in the unit's own directory.
    """
    in_unit = _IN_UNIT - {_FETCH} if in_place else _IN_UNIT
    for type in ("before_hook", "after_hook"):
        for part, block in terraform_blocks(configuration, type):
            hook = _Hook(part, block, part.argument(block, "commands"), in_unit)
            if hook.counts:
                yield from _change(hook)


def _change(hook: _Hook) -> Iterator[Generated | Unread | Touched]:
    words = hook.part.argument(hook.block, "execute")
    if words is None or (isinstance(words, ListValue) and words.exact and not words.items):
        return
    if not (isinstance(words, ListValue) and words.exact and isinstance(words.items[0], str)):
        causes = merge_causes([words])
        reason = f"what it runs is not known: {causes[0].text}" if causes else "what it runs is not known"
        yield Unread(hook.name, reason, hook.span)
        return
    program = os.path.basename(words.items[0])
    copy = _copy(hook, words.items[1:]) if program in ("cp", "ln") else None
    if copy is not None:
        yield copy
    elif writes_code(words.items):
        yield Unread(hook.name, f"it runs {program}, which may write code", hook.span)
    else:
        yield from (Touched(path, hook.span) for path in _touched(hook, words.items))


def _touched(hook: _Hook, words: Sequence[Value]) -> Iterator[str | None]:
    """Yield where what a program may touch is."""
    for path in dict.fromkeys(touched_by(words)):
        if path is None or hook.has_directory:
            yield None
        else:
            yield from _places(path, hook.part.reading.home)


def _places(path: str, home: str) -> Iterator[str]:
    """Yield where ``path`` may lead for a hook of the unit in ``home``: in its directory, and in that of its module."""
    full = os.path.normpath(os.path.join(home, path))
    yield full
    if not os.path.isabs(path):
        yield os.path.normpath(path)
    elif is_within(full, home):
        yield os.path.relpath(full, home)


# --- copies -----------------------------------------------------------------------------------------------------------


def _copy(hook: _Hook, arguments: Sequence[Value]) -> Generated | None:
    """Return the file that is certainly there after ``cp`` or ``ln`` with these arguments; None if that is unknown."""
    if not hook.runs_in_time or hook.condition not in (None, True, "true") or hook.has_directory:
        return None
    names = _source_and_target(arguments)
    if names is None:
        return None
    source, target = names
    if not os.path.isabs(source):
        if not hook.runs_in_unit_only:
            return None
        source = os.path.join(hook.part.reading.home, source)
    if os.path.normpath(target) == "." or target.endswith("/"):
        target = os.path.join(target, os.path.basename(source))
    if os.path.isabs(target) or not _is_of_same_kind(source, target):
        return None
    places = hook.part.reading.files.places
    found = tracked.place_of(source, places)
    if found is None or not tracked.is_file(found, places):
        cause = Cause(f"{os.path.basename(source)}, which a hook copies, is not in the repository", hook.span)
        return Generated(os.path.normpath(target), None, keep=False, span=hook.span, causes=(cause,))
    return Generated(os.path.normpath(target), "", keep=False, span=hook.span, origin=found)


def _source_and_target(arguments: Sequence[Value]) -> tuple[str, str] | None:
    """Return the paths among the arguments. None if they are not known, not two, or the target may stay as it is."""
    options = [each for each in arguments if isinstance(each, str) and each.startswith("-")]
    names = [each for each in arguments if each not in options]
    if not _OVERWRITES.issuperset(options) or len(names) != 2:
        return None
    source, target = names
    return (source, target) if isinstance(source, str) and isinstance(target, str) else None


def _is_of_same_kind(source: str, target: str) -> bool:
    """Return whether both are code, or both data with one suffix. Then ``target`` is certainly no directory."""
    if source.endswith(CODE) or target.endswith(CODE):
        return source.endswith(CODE) and target.endswith(CODE)
    suffix = os.path.splitext(source)[1]
    return suffix != "" and suffix == os.path.splitext(target)[1]

"""What can be completed: the commands, their options, and the values of both, as the parser has them."""

from __future__ import annotations

from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from vpce_checks.base.record import record

Kind: TypeAlias = Literal["flag", "file", "directory", "words", "other"]
"""What follows an option: nothing, a file, a directory, one of some words, or something that only the user knows."""


@record
class Value:
    """What an option or an argument takes. ``words`` are all that it can be, where ``kind`` says so."""

    kind: Kind
    words: tuple[str, ...] = ()


@record
class Option:
    """An option: its spellings, its help, and what follows it."""

    names: tuple[str, ...]
    help: str
    value: Value


@record
class CommandWords:
    """A command, its help, its options, and what its arguments are."""

    name: str
    help: str
    options: tuple[Option, ...]
    argument: Value | None


def _formats() -> tuple[str, ...]:
    from vpce_checks.report import format_names

    return tuple(format_names())


def _packs() -> tuple[str, ...]:
    from vpce_checks.policy import pack_names

    return pack_names()


def _rules() -> tuple[str, ...]:
    from vpce_checks.rules.registry import rule_ids

    return tuple(rule_ids())


def _services() -> tuple[str, ...]:
    from vpce_checks.catalog import search

    return tuple(service.short_name for service in search(""))


WORDS: Mapping[str, Callable[[], tuple[str, ...]]] = {
    "FORMAT[=FILE]": _formats,
    "NAME": _packs,
    "RULE": _rules,
    "RULE[,RULE]": _rules,
    "SERVICE[,SERVICE]": _services,
    "SERVICE|HOSTNAME": _services,
}
"""How the help calls a value that is one of some words."""

FILES = frozenset({"FILE", "NEW.json", "OLD.json", "PATH"})
DIRECTORIES = frozenset({"DIR"})
FREE = frozenset({"ADDRESS", "GLOB", "N", "NAME=VALUE", "REGION", "REV", "SOURCE=DIR", "WORD"})
"""How the help calls other values."""


def words_of(parser: ArgumentParser) -> list[CommandWords]:
    """Return what can be completed behind the program, for each command of ``parser``."""
    (commands,) = (action for action in parser._actions if isinstance(action, _SubParsersAction))
    helps = {action.dest: action.help or "" for action in commands._choices_actions}
    return [_command(name, helps.get(name, ""), found) for name, found in commands.choices.items()]


def _command(name: str, help: str, parser: ArgumentParser) -> CommandWords:
    options = tuple(
        Option(tuple(action.option_strings), _one_line(action), _value(action))
        for action in parser._actions
        if action.option_strings
    )
    arguments = [_value(action) for action in parser._actions if not action.option_strings]
    return CommandWords(name, help, options, arguments[0] if arguments else None)


def _one_line(action: Action) -> str:
    return " ".join((action.help or "").split())


def _value(action: Action) -> Value:
    if action.nargs == 0:
        return Value("flag")
    if action.choices is not None:
        return Value("words", tuple(map(str, action.choices)))
    shown = value_name(action)
    if shown in WORDS:
        return Value("words", WORDS[shown]())
    return Value("file" if shown in FILES else "directory" if shown in DIRECTORIES else "other")


def value_name(action: Action) -> str:
    """Return how the help calls the value of an option or an argument."""
    return action.metavar if isinstance(action.metavar, str) else action.dest.upper()

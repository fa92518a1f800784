"""What the hooks of a unit do to its code. A file that one copies is read; of any other program nothing is known.

https://terragrunt.gruntwork.io/docs/features/units/hooks
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vpce_checks.files import tracked
from vpce_checks.files.containment import is_within
from vpce_checks.model.spans import Span
from vpce_checks.model.values import Cause, ListValue, Value, is_known, merge_causes
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES, VARIABLE_SUFFIXES
from vpce_checks.terraform.syntax.structure import Block
from vpce_checks.terraform.terragrunt.generate import Generated
from vpce_checks.terraform.terragrunt.terraform_block import terraform_blocks

if TYPE_CHECKING:
    from vpce_checks.terraform.terragrunt.configuration import Configuration

_IN_UNIT = frozenset({"init-from-module", "read-config", "terragrunt-read-config"})
"""Steps before the files of the unit are copied to its module. Their hooks run in the directory of the unit."""

_BEFORE = frozenset({"init", "plan", "apply"})
"""Commands whose ``before_hook`` runs in the directory of the module, before the code is read."""

_CODE = (*TERRAFORM_SUFFIXES, *VARIABLE_SUFFIXES)

_HARMLESS = frozenset(
    {
        *(":", "true", "false", "exit", "set", "export", "test", "[", "[[", "echo", "printf", "cat", "ls", "pwd", "cd"),
        *("date", "sleep", "grep", "head", "tail", "mkdir", "touch", "chmod", "which", "whoami", "say"),
        *("terraform-docs", "tflint", "tfsec", "checkov", "trivy", "terrascan", "kics", "snyk"),
        *("conftest", "opa", "regula", "infracost", "driftctl", "terraform-compliance", "vpce-checks", "cfn-lint"),
        *("aws", "saml2aws", "aws-sso-util", "az", "gcloud", "kubectl", "helm", "ssh-add", "jq"),
        *("notify-send", "curl"),
    }
)
"""Programs that write no code of Terraform, but for what :func:`_writes` knows of them."""

_OVERWRITES = frozenset({"-f", "-p", "-s", "-v", "-fs", "-sf"})
"""Options of ``cp`` and ``ln`` with which the file is there in any case."""

_SAVES = re.compile(r"-[#0-9aBfgGiIjJklLMnNpqRsSvVZ]*[oO]|--output|--remote-name")
"""Options with which ``curl`` writes a file, also among other letters: ``-fsSLo``."""

_OF_THE_MACHINE = ("/bin/", "/usr/", "/opt/")
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
_OPERATORS = frozenset({"&&", "||", ";", "|", "&", ";;"})
_KEYWORDS = frozenset({"if", "then", "else", "elif", "fi", "!", "{", "}", "do", "done", "while", "until", "(", ")"})
_DISCARDED = re.compile(r"(?:\d|&)?>{1,2}\s*(?:/dev/null|&\d)")
_EXPANDED = re.compile(r"[>`]|\$\(|<\(")


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


def changes_of_hooks(configuration: Configuration, *, in_place: bool) -> Iterator[Generated | Unread | Touched]:
    """Yield the files that hooks copy into the module, the hooks that may write any code, and which data others touch.

    ``in_place`` says that the module is in the unit's own directory. Then nothing is fetched, so hooks of
    ``init-from-module`` never run.
    """
    in_unit = _IN_UNIT - {"init-from-module"} if in_place else _IN_UNIT
    for type in ("before_hook", "after_hook"):
        for part, block in terraform_blocks(configuration, type):
            if part.argument(block, "if") in (False, "false"):
                continue
            commands = part.argument(block, "commands")
            if _counts(commands, type, in_unit):
                yield from _change(part, block, commands, in_unit)


def _counts(commands: Value, type: str, in_unit: frozenset[str]) -> bool:
    """Return whether a hook runs, or may run, before the code of a deployment is read."""
    steps = in_unit | (_BEFORE if type == "before_hook" else {"init"})
    if isinstance(commands, ListValue) and commands.exact and is_known(commands):
        return not steps.isdisjoint(map(str, commands.items))
    return commands is not None


def _change(
    part: Configuration, block: Block, commands: Value, in_unit: frozenset[str]
) -> Iterator[Generated | Unread | Touched]:
    words = part.argument(block, "execute")
    attribute = block.body.attributes.get("execute")
    span = attribute.span if attribute is not None else block.header
    name = f"{block.type}.{block.labels[0]}"
    if words is None or (isinstance(words, ListValue) and words.exact and not words.items):
        return
    if not (isinstance(words, ListValue) and words.exact and words.items and isinstance(words.items[0], str)):
        causes = merge_causes([words])
        yield Unread(
            name, f"what it runs is not known: {causes[0].text}" if causes else "what it runs is not known", span
        )
        return
    program = os.path.basename(words.items[0])
    if program in ("cp", "ln"):
        copy = _copy(part, block, words.items[1:], commands, in_unit, span)
        if copy is not None:
            yield copy
            return
    if _writes(words.items):
        yield Unread(name, f"it runs {program}, which may write code", span)
        return
    is_elsewhere = part.argument(block, "working_dir") is not None
    for path in dict.fromkeys(_touched(words.items)):
        places = (None,) if path is None or is_elsewhere else _places(path, part.reading.home)
        yield from (Touched(place, span) for place in places)


def _places(path: str, home: str) -> Iterator[str]:
    """Yield where ``path`` may lead for a hook of the unit in ``home``: in its directory, and in that of its module."""
    full = os.path.normpath(os.path.join(home, path))
    yield full
    if not os.path.isabs(path):
        yield os.path.normpath(path)
    elif is_within(full, home):
        yield os.path.relpath(full, home)


# --- copies -----------------------------------------------------------------------------------------------------------


def _copy(
    part: Configuration,
    block: Block,
    arguments: Sequence[Value],
    commands: Value,
    in_unit: frozenset[str],
    span: Span,
) -> Generated | None:
    """Return the file that is certainly there after the command; None if that is unknown."""
    if block.type == "after_hook" and not _only(commands, in_unit):
        return None
    if block.type == "before_hook" and not _any(commands, {"init", "apply", *(in_unit & {"init-from-module"})}):
        return None
    if part.argument(block, "if") not in (None, True, "true") or part.argument(block, "working_dir") is not None:
        return None
    options = [each for each in arguments if isinstance(each, str) and each.startswith("-")]
    if not _OVERWRITES.issuperset(options):
        return None
    names = [each for each in arguments if each not in options]
    if len(names) != 2 or not isinstance(names[0], str) or not isinstance(names[1], str):
        return None
    source, target = names[0], names[1]
    if not os.path.isabs(source):
        if not _only(commands, in_unit):
            return None
        source = os.path.join(part.reading.home, source)
    if os.path.normpath(target) == "." or target.endswith("/"):
        target = os.path.join(target, os.path.basename(source))
    if os.path.isabs(target) or not _is_of_same_kind(source, target):
        return None
    files = part.reading.files
    found = tracked.place_of(source, files.places)
    if found is None or not tracked.is_file(found, files.places):
        cause = Cause(f"{os.path.basename(source)}, which a hook copies, is not in the repository", span)
        return Generated(os.path.normpath(target), None, False, span, causes=(cause,))
    return Generated(os.path.normpath(target), "", False, span, origin=found)


def _is_of_same_kind(source: str, target: str) -> bool:
    """Return whether both are code, or both data with one suffix. Then ``target`` is certainly no directory."""
    if source.endswith(_CODE) or target.endswith(_CODE):
        return source.endswith(_CODE) and target.endswith(_CODE)
    suffix = os.path.splitext(source)[1]
    return suffix != "" and suffix == os.path.splitext(target)[1]


def _only(commands: Value, steps: frozenset[str]) -> bool:
    return isinstance(commands, ListValue) and commands.exact and all(each in steps for each in commands.items)


def _any(commands: Value, steps: set[str]) -> bool:
    return isinstance(commands, ListValue) and any(each in steps for each in commands.items)


# --- other programs ---------------------------------------------------------------------------------------------------


def _writes(words: Sequence[Value]) -> bool:
    """Return whether a program may write code of Terraform."""
    program = os.path.basename(words[0]) if isinstance(words[0], str) else ""
    if words[0] != program and not str(words[0]).startswith(_OF_THE_MACHINE):
        return True  # a program of the repository, whatever it is called
    if program in _SHELLS:
        return _shell_writes(words[1:])
    if program == "command" and len(words) > 1:  # of the shell: looks a program up, or runs it
        return words[1] not in ("-v", "-V") and _writes(words[1:])
    if program in ("rm", "cp", "mv", "ln"):
        *sources, target = [word for word in words[1:] if not (isinstance(word, str) and word.startswith("-"))] or [""]
        if program == "rm":
            return not all(_is_no_code(word) for word in (*sources, target))
        return not all(map(_is_no_code, sources)) or not isinstance(target, str) or target.endswith(_CODE)
    if program == "curl":
        return not all(isinstance(word, str) for word in words) or any(_SAVES.match(str(word)) for word in words)
    if program in ("terraform", "tofu"):
        return any(not isinstance(word, str) or word.startswith("-from-module") for word in words[1:])
    if program == "aws":
        return len(words) > 1 and words[1] not in _KNOWN_OF_AWS
    return program not in _HARMLESS


_KNOWN_OF_AWS = ("sso", "sts", "configure", "ecr", "eks", "ec2", "ssm", "iam", "dynamodb", "lambda", "secretsmanager")


def _is_no_code(word: Value) -> bool:
    """Return whether a path is that of something else than code. A directory or a pattern may hold some."""
    if not isinstance(word, str) or "*" in word:
        return False
    name = os.path.basename(word)
    return name.startswith(".terraform") or ("." in name[1:] and not name.endswith(_CODE))


def _shell_writes(arguments: Sequence[Value]) -> bool:
    """Return whether ``sh -c TEXT`` may write code."""
    commands = _commands(arguments)
    return commands is None or any(map(_writes, commands))


def _commands(arguments: Sequence[Value]) -> list[list[Value]] | None:
    """Return the commands that ``sh -c TEXT`` runs; None if they are unknown, or one writes to a file."""
    if len(arguments) < 2 or not isinstance(arguments[0], str) or not re.fullmatch(r"-[a-z]*c", arguments[0]):
        return None
    if not isinstance(arguments[1], str):
        return None
    text = _DISCARDED.sub("", arguments[1])
    if _EXPANDED.search(text):
        return None
    try:
        lexer = shlex.shlex(text.replace("\n", ";"), posix=True, punctuation_chars=";|&()")
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return None
    commands: list[list[Value]] = []
    command: list[Value] = []
    for word in (*words, ";"):
        if word in _OPERATORS:
            commands += [command] if command else []
            command = []
        elif command or not (word in _KEYWORDS or re.match(r"[A-Za-z_]\w*=", word)):
            command.append(word)
    return commands


# --- data -------------------------------------------------------------------------------------------------------------


def _touched(words: Sequence[Value]) -> Iterator[str | None]:
    """Yield what a program that writes no code may write, move or take away; None: any file."""
    program = os.path.basename(str(words[0]))
    if program in _SHELLS:
        commands = _commands(words[1:]) or []
        is_elsewhere = any(command[0] in ("cd", "pushd") for command in commands)
        for command in commands:
            yield from (None if is_elsewhere else path for path in _touched(command))
    elif program == "command" and len(words) > 1 and words[1] not in ("-v", "-V"):
        yield from _touched(words[1:])
    elif program in ("rm", "touch", "mv", "cp", "ln"):
        yield from _files_touched(program, words[1:])


def _files_touched(program: str, arguments: Sequence[Value]) -> Iterator[str | None]:
    options = [word for word in arguments if isinstance(word, str) and word.startswith("-")]
    paths = [word if isinstance(word, str) and word else None for word in arguments if word not in options]
    if any(option.startswith(("-t", "--target")) for option in options):
        yield None
        return
    if program in ("rm", "touch", "mv"):
        yield from paths
    if program in ("mv", "cp", "ln") and paths:
        target = paths.pop() if len(paths) > 1 else "."
        if target is not None and os.path.basename(os.path.normpath(target)) in (".", ".."):
            yield from (None if path is None else os.path.join(target, os.path.basename(path)) for path in paths)
        else:
            yield target  # a file, or a directory with what is put into it

"""What a program that a hook runs may write: code of Terraform, or other files. Nothing is run."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence

from vpce_checks.model.values import Value
from vpce_checks.terraform.syntax.file_names import TERRAFORM_SUFFIXES, VARIABLE_SUFFIXES

CODE = (*TERRAFORM_SUFFIXES, *VARIABLE_SUFFIXES)
"""How the names of files end that Terraform reads."""

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
"""Programs that write no code of Terraform, but for what :func:`writes_code` knows of them."""

_SAVES = re.compile(r"-[#0-9aBfgGiIjJklLMnNpqRsSvVZ]*[oO]|--output|--remote-name")
"""Options with which ``curl`` writes a file, also among other letters: ``-fsSLo``."""

_OF_THE_MACHINE = ("/bin/", "/usr/", "/opt/")
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
_OPERATORS = frozenset({"&&", "||", ";", "|", "&", ";;"})
_KEYWORDS = frozenset({"if", "then", "else", "elif", "fi", "!", "{", "}", "do", "done", "while", "until", "(", ")"})
_DISCARDED = re.compile(r"(?:\d|&)?>{1,2}\s*(?:/dev/null|&\d)")
_EXPANDED = re.compile(r"[>`]|\$\(|<\(")


# --- code -------------------------------------------------------------------------------------------------------------


def writes_code(words: Sequence[Value]) -> bool:
    """Return whether a program may write code of Terraform."""
    program = os.path.basename(words[0]) if isinstance(words[0], str) else ""
    if words[0] != program and not str(words[0]).startswith(_OF_THE_MACHINE):
        return True  # a program of the repository, whatever it is called
    if program in _SHELLS:
        return _shell_writes(words[1:])
    if program == "command" and len(words) > 1:  # of the shell: looks a program up, or runs it
        return words[1] not in ("-v", "-V") and writes_code(words[1:])
    if program in ("rm", "cp", "mv", "ln"):
        *sources, target = [word for word in words[1:] if not (isinstance(word, str) and word.startswith("-"))] or [""]
        if program == "rm":
            return not all(_is_no_code(word) for word in (*sources, target))
        return not all(map(_is_no_code, sources)) or not isinstance(target, str) or target.endswith(CODE)
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
    return name.startswith(".terraform") or ("." in name[1:] and not name.endswith(CODE))


def _shell_writes(arguments: Sequence[Value]) -> bool:
    """Return whether ``sh -c TEXT`` may write code."""
    commands = _commands(arguments)
    return commands is None or any(map(writes_code, commands))


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


def touched_by(words: Sequence[Value]) -> Iterator[str | None]:
    """Yield what a program that writes no code may write, move or take away; None: any file."""
    program = os.path.basename(str(words[0]))
    if program in _SHELLS:
        commands = _commands(words[1:]) or []
        is_elsewhere = any(command[0] in ("cd", "pushd") for command in commands)
        for command in commands:
            yield from (None if is_elsewhere else path for path in touched_by(command))
    elif program == "command" and len(words) > 1 and words[1] not in ("-v", "-V"):
        yield from touched_by(words[1:])
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

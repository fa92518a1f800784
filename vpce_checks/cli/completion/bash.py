"""The completion script for bash 3.2 and later
(https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from vpce_checks.cli.completion.words import CommandWords, Option, Value

_BEGIN = """\
# vpce-checks: completion for bash. Load it with: eval "$(vpce-checks completion bash)"
_vpce_checks() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="" command="${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -gt 0 ]; then before="${COMP_WORDS[COMP_CWORD-1]}"; fi
  # bash takes --option=value for three words
  if [ "$word" = "=" ]; then
    word=""
  elif [ "$before" = "=" ] && [ "$COMP_CWORD" -gt 1 ]; then
    before="${COMP_WORDS[COMP_CWORD-2]}"
  fi
"""
_END = """\
}
complete -o bashdefault -o default -F _vpce_checks vpce-checks
"""


def script(commands: Sequence[CommandWords]) -> str:
    """Return the script. Where it offers nothing, bash completes the names of files."""
    return "\n".join([_BEGIN.rstrip("\n"), *_body(commands), _END])


def _body(commands: Sequence[CommandWords]) -> Iterator[str]:
    yield '  if [ "$COMP_CWORD" -eq 1 ]; then'
    yield f"    {_words(['--help', '--version', *(each.name for each in commands)])}"
    yield "    return"
    yield "  fi"
    yield '  case "$command" in'
    for command in commands:
        yield f"    {command.name})"
        yield from (f"      {line}" for line in _command(command))
        yield "      ;;"
    yield "  esac"


def _command(command: CommandWords) -> Iterator[str]:
    taking = [option for option in command.options if option.value.kind != "flag"]
    if taking:
        yield 'case "$before" in'
        for option in taking:
            yield f"  {'|'.join(option.names)}) {_offer(option.value)}return ;;"
        yield "esac"
    yield 'case "$word" in'
    yield f"  -*) {_words(_spellings(command.options))} ;;"
    if command.argument is not None and command.argument.kind == "words":
        yield f"  *) {_words(command.argument.words)} ;;"
    yield "esac"


def _spellings(options: Iterable[Option]) -> list[str]:
    return [name for option in options for name in option.names]


def _offer(value: Value) -> str:
    return f"{_words(value.words)}; " if value.kind == "words" else ""


def _words(words: Iterable[str]) -> str:
    """Return the command that offers those of ``words`` (names of ours, without blanks or quotes) that begin like the word."""
    return f"COMPREPLY=($(compgen -W '{' '.join(words)}' -- \"$word\"))"

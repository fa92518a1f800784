"""The completion script for zsh (https://zsh.sourceforge.io/Doc/Release/Completion-System.html)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vpce_checks.cli.completion.words import CommandWords, Option, Value

_BEGIN = """\
#compdef vpce-checks
# vpce-checks: completion for zsh. Load it with: eval "$(vpce-checks completion zsh)", or save it as _vpce-checks in $fpath.
_vpce_checks() {
  local -a commands
"""
_END = """\
}
if [ "$funcstack[1]" = "_vpce-checks" ]; then
  _vpce_checks "$@"
else
  compdef _vpce_checks vpce-checks
fi
"""


def script(commands: Sequence[CommandWords]) -> str:
    """Return the script."""
    return "\n".join([_BEGIN.rstrip("\n"), *_body(commands), _END])


def _body(commands: Sequence[CommandWords]) -> Iterator[str]:
    yield "  commands=("
    yield from (f"    {_quoted(f'{each.name}:{each.help}')}" for each in commands)
    yield "  )"
    yield "  if (( CURRENT == 2 )); then"
    yield "    _describe command commands -- '(--help:show the help --version:show the version)'"
    yield "    return"
    yield "  fi"
    yield "  shift words"
    yield "  (( CURRENT-- ))"
    yield "  case $words[1] in"
    for command in commands:
        yield f"    {command.name})"
        yield "      _arguments " + " \\\n        ".join(_specifications(command))
        yield "      ;;"
    yield "  esac"


def _specifications(command: CommandWords) -> Iterator[str]:
    for option in command.options:
        for name in option.names:
            yield _quoted(f"*{name}[{_text(option.help)}]{_action(option)}")
    value = command.argument or Value("file")
    yield _quoted(f"*:{'file' if value.kind != 'words' else 'word'}:{_completer(value)}")


def _action(option: Option) -> str:
    return "" if option.value.kind == "flag" else f":value:{_completer(option.value)}"


def _completer(value: Value) -> str:
    if value.kind == "words":
        return f"({' '.join(value.words)})"
    return {"file": "_files", "directory": "_files -/"}.get(value.kind, " ")


def _text(help: str) -> str:
    """Return a help text as a specification can hold it."""
    return help.replace("\\", "").replace("[", "(").replace("]", ")").replace(":", "\\:")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"

"""``vpce-checks completion``: real shells offer what the parser knows."""

from __future__ import annotations

import os
import shutil
import subprocess
from argparse import _SubParsersAction
from pathlib import Path

import pytest

from tests.cli.run import cli
from vpce_checks.cli.commands import names
from vpce_checks.cli.commands.completion import SHELLS
from vpce_checks.cli.completion.words import DIRECTORIES, FILES, FREE, WORDS, value_name
from vpce_checks.cli.parser import full_parser
from vpce_checks.policy import pack_names
from vpce_checks.report import format_names
from vpce_checks.rules.registry import rule_ids

SEVERITIES = {"low", "medium", "high"}


def script(shell: str, directory: Path) -> Path:
    made = cli("completion", shell, cwd=directory)
    assert (made.code, made.err) == (0, "")
    file = directory / f"script.{shell}"
    file.write_text(made.out, encoding="utf-8")
    return file


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=60, env={**os.environ, "HOME": str(cwd)}, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def shell(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


def in_bash(directory: Path, *words: str) -> set[str]:
    """What bash offers for the last of ``words``."""
    listed = " ".join(f"'{word}'" for word in ("vpce-checks", *words))
    ask = (
        f"set -u; source {script('bash', directory)}; complete -p vpce-checks > /dev/null; "
        f"COMP_WORDS=({listed}); COMP_CWORD={len(words)}; _vpce_checks; "
        'for each in ${COMPREPLY[@]+"${COMPREPLY[@]}"}; do echo "$each"; done'
    )
    return set(run(shell("bash"), "--norc", "-c", ask, cwd=directory).split())


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ([""], {"--help", "--version", *names()}),
        (["sc"], {"scan"}),
        (["scan", "--st"], {"--strict", "--strict-ignores", "--statistics"}),
        (["scan", "envs", "--min-severity", ""], SEVERITIES),
        (["scan", "--fail-on", "=", "me"], {"medium"}),
        (["scan", "--fail-on", "="], SEVERITIES),
        (["scan", "--rules", "VPCE00"], {rule for rule in rule_ids() if rule.startswith("VPCE00")}),
        (["scan", "--format", ""], set(format_names())),
        (["scan", "--require", "secretsm"], {"secretsmanager"}),
        (["scan", ""], set()),
        (["scan", "--baseline", ""], set()),
        (["explain", ""], set(rule_ids())),
        (["packs", ""], set(pack_names())),
        (["settings", "--format", ""], {"text", "json"}),
        (["completion", ""], set(SHELLS)),
        (["trace", "execute-a"], {"execute-api"}),
        (["nothing", ""], set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bash_offers(words: list[str], offered: set[str], tmp_path: Path) -> None:
    assert in_bash(tmp_path, *words) == offered


def test_every_option_is_offered(tmp_path: Path) -> None:
    (commands,) = (action for action in full_parser()._actions if isinstance(action, _SubParsersAction))
    for name in ("scan", "init", "trace", "services"):
        wanted = {text for action in commands.choices[name]._actions for text in action.option_strings}
        assert in_bash(tmp_path, name, "-") == wanted


def test_every_value_is_known_or_free() -> None:
    (commands,) = (action for action in full_parser()._actions if isinstance(action, _SubParsersAction))
    for name, parser in commands.choices.items():
        for action in parser._actions:
            if action.nargs != 0 and action.choices is None:
                assert value_name(action) in {*WORDS, *FILES, *DIRECTORIES, *FREE}, f"{name}: {action.dest}"


def test_no_word_needs_quotes() -> None:
    for words in WORDS.values():
        assert all(word and word.isascii() and not set(word) & set(" '\"\\$`:()[]") for word in words())


def test_zsh_reads_the_script(tmp_path: Path) -> None:
    zsh = shell("zsh")
    run(zsh, "-f", "-n", str(script("zsh", tmp_path)), cwd=tmp_path)


def test_zsh_describes_every_option(tmp_path: Path) -> None:
    """``_arguments`` is the one of a completion under way; here it shows what it is given."""
    zsh = shell("zsh")
    ask = (
        f"compdef() {{ }}; source {script('zsh', tmp_path)}; _describe() {{ print -l -- $commands }}; "
        "_arguments() { print -l -- $@ }; words=(vpce-checks ''); CURRENT=2; _vpce_checks; "
        "words=(vpce-checks scan ''); CURRENT=3; _vpce_checks"
    )
    lines = run(zsh, "-f", "-c", ask, cwd=tmp_path).splitlines()
    assert {line.partition(":")[0] for line in lines} >= set(names())
    assert "*--strict[an unknown verdict fails as well]" in lines
    assert any(line.startswith("*--fail-on[") and line.endswith(":value:(low medium high)") for line in lines)
    assert any(line.startswith("*--policy[") and line.endswith(":value:_files") for line in lines)


def in_fish(directory: Path, line: str) -> set[str]:
    ask = f"source {script('fish', directory)}; complete -C '{line}'"
    answer = run(shell("fish"), "--no-config", "-c", ask, cwd=directory)
    return {offered.partition("\t")[0] for offered in answer.splitlines()}


def test_fish_offers(tmp_path: Path) -> None:
    assert in_fish(tmp_path, "vpce-checks sc") == {"scan"}
    assert in_fish(tmp_path, "vpce-checks scan --fail-on ") == SEVERITIES
    assert in_fish(tmp_path, "vpce-checks packs ecs") == {"ecs-ec2", "ecs-fargate"}
    assert in_fish(tmp_path, "vpce-checks scan --strict") >= {"--strict", "--strict-ignores"}


def test_a_shell_that_there_is_not(tmp_path: Path) -> None:
    assert cli("completion", "cmd", cwd=tmp_path).code == 2

"""What the README shows is what happens, and so on the pages about modules and examples. ``python -m tests.test_readme``
writes the output into them anew."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from vpce_checks.cli.main import main
from vpce_checks.policy import load_policy

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
PAGES = (README, REPOSITORY / "docs" / "modules.md", REPOSITORY / "examples" / "README.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
PART = re.compile(r" \| (head|tail) -n (\d+)")
"""What a command of a page may be piped into: a page shows some lines of a long output."""


class Block(NamedTuple):
    """A fenced block: its language and what is in it."""

    language: str
    text: str


def blocks(language: str, page: Path = README) -> list[str]:
    """The blocks of one language."""
    return [block.text for block in map(Block._make, BLOCK.findall(page.read_text())) if block.language == language]


@contextmanager
def small_repository() -> Iterator[None]:
    """Work in a repository that has only what the pages scan: the commands of the whole one print the same, and take longer."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as top:
        Path(top, ".git").mkdir()
        for part in ("examples", "tests/fixtures/stub-vpc"):
            shutil.copytree(REPOSITORY / part, Path(top, part))
        os.chdir(top)
        try:
            yield
        finally:
            os.chdir(here)


@cache
def output_of(*arguments: str) -> list[str]:
    """The lines that a command prints in the repository's top directory. A page may show some of them here and some there."""
    output = io.StringIO()
    with small_repository(), redirect_stdout(output), redirect_stderr(output):
        main(list(arguments))
    return output.getvalue().splitlines()


def transcript(text: str) -> str:
    """A block of ``$ command`` lines with the output that each has in the repository's top directory."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            program, *arguments = shlex.split(PART.sub("", line[2:]))
            assert program == "vpce-checks", f"the README runs {program}"
            shown = output_of(*arguments)
            for end, count in PART.findall(line):
                shown = shown[: int(count)] if end == "head" else shown[-int(count) :]
            lines += [line, "\n".join(shown).rstrip("\n")]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "text", [text for page in PAGES for text in blocks("console", page)], ids=lambda text: text.splitlines()[0]
)
def test_output_is_real(text: str) -> None:
    assert transcript(text) == text


def test_commands_and_options_exist(capsys: pytest.CaptureFixture[str]) -> None:
    known: dict[str, str] = {}
    used = [line.split("#")[0] for text in blocks("sh") for line in text.splitlines() if line.startswith("vpce-checks")]
    assert len(used) > 5
    for line in used:
        _, command, *arguments = line.split()
        if command not in known:
            with pytest.raises(SystemExit):
                main([command, "--help"])
            known[command] = capsys.readouterr().out
        for option in (word for word in arguments if word.startswith("--")):
            assert option in known[command], line


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (REPOSITORY / "Makefile").read_text(), re.M))
    used = set(re.findall(r"^make (\w+)", "\n".join(blocks("sh")), re.M))
    assert {"demo", "test"} <= used <= targets


def test_policy_shown_is_valid(tmp_path: Path) -> None:
    (shown,) = (text for text in blocks("yaml") if text.startswith("version:"))
    file = tmp_path / "policy.yaml"
    file.write_text(shown)
    policy = load_policy(str(tmp_path), str(file))
    assert {"ec2", "secretsmanager"} <= {item.service for item in policy.interface}
    assert [entry.rule for entry in policy.ignore] == ["VPCE004"]


def test_metadata_shown_ignores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (shown,) = (yaml.safe_load(text) for text in blocks("yaml") if text.startswith("Metadata:"))
    resource = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}, **shown}
    (tmp_path / "net.yaml").write_text(yaml.safe_dump({"Resources": {"Main": resource}}))
    monkeypatch.chdir(tmp_path)
    main(["scan", "--verbose"])
    out = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert re.search(r"ignored VPCE001 [^)]*nothing in it calls S3", out)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README.read_text()):
        assert (REPOSITORY / target).exists(), target


def compared() -> str:
    told = re.search(r"## How it compares\n(.*?)\n## ", README.read_text(), re.S)
    assert told is not None
    return told[1]


def test_speeds_are_measured() -> None:
    numbers = re.findall(r"\d+\.\d+ times|\d+ ms", compared())
    assert len(numbers) == 3
    measured = (REPOSITORY / "bench" / "RESULTS.md").read_text()
    assert all(f" {number} |" in measured for number in numbers)


def test_what_others_see_is_counted() -> None:
    counted = (REPOSITORY / "bench" / "SIGHT.md").read_text()
    ours, checkov, wrong, lint, known, trivy = re.findall(r" \| (\d+ of \d+|\d+)(?= \|)", counted.replace("| 0 |", "|"))
    text = " ".join(compared().split())
    for said in (
        f"vpce-checks finds {ours} and fails nothing else",
        f"Checkov with YAML policies for it finds {checkov} and fails {wrong} blocks that are sound",
        "cfn-lint has no rule for such faults",
        f"knows the VPC of {trivy} endpoints; vpce-checks knows it of {known}",
    ):
        assert said in text
    assert lint == "0 of 1"


if __name__ == "__main__":
    for page in PAGES:
        written = BLOCK.sub(
            lambda match: f"```console\n{transcript(match[2])}```" if match[1] == "console" else match[0],
            page.read_text(),
        )
        page.write_text(written)

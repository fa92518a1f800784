"""The verdicts of a scan and those of another tool, compared resource by resource."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.expectations import Run, scan

STEP = re.compile(r"(?:[^.\[]|\[\"(?:[^\"\\]|\\.)*\"\]|\[\d+\]|\[\*\])+")
OWN_ID = "VPCE998"
"""What other tools call all rules that a policy declares."""

WORST_FIRST = ("fail", "unknown", "ignored", "pass")


@dataclass(frozen=True)
class Verdict:
    """What a scan says of a resource."""

    rule: str
    status: str
    file: Path
    resource: str
    template: bool


@dataclass(frozen=True)
class Told:
    """What another tool says of a resource; ``text`` is all that it prints about it."""

    rule: str
    status: str
    file: Path
    resource: str
    text: str = ""


def compares_all() -> bool:
    """Whether all is compared (``make hosts``), not a part: Checkov takes seconds for each fixture."""
    return os.environ.get("VPCE_CHECKS_HOSTS") == "all"


def scanned(run: Run, directory: Path) -> list[Verdict]:
    """The verdicts of our own scan."""
    _, report = scan(directory, run.args, run.env)
    kinds = {root["path"]: root["kind"] for root in report["roots"]}
    return [
        Verdict(
            result["rule"] if result["rule"].startswith("VPCE") else OWN_ID,
            result["status"],
            (directory / result["root" if kinds[result["root"]] == "terraform-plan" else "file"]).resolve(),
            result["resource"],
            kinds[result["root"]] == "cloudformation",
        )
        for result in report["results"]
    ]


def expressible(run: Run, directory: Path) -> tuple[Path, list[str]] | str:
    """The folder to scan and Checkov's arguments for the arguments of ``run``; or what a tool cannot be told.

    ``directory`` is for a copy with what Checkov takes from files alone: variables, and services to require.
    """
    variables: list[str] = []
    services: list[str] = []
    arguments: list[str] = []
    given = iter(run.args)
    for argument in given:
        option, equals, value = argument.partition("=")
        value = value if equals else next(given)
        if option == "--var":
            name, _, text = value.partition("=")
            literal = re.fullmatch(r"[\[{].*", text, re.S)  # anything else is a string, as on the command line
            variables.append(f"{name} = {text if literal else _quoted(text)}\n")
        elif option == "--require":
            services.append(value)
        elif option == "--var-file":
            arguments += [option, value]
        else:
            return option
    if not variables and not services:
        return run.fixture, arguments
    copy = directory / "repository"
    shutil.copytree(run.fixture, copy)
    (copy / ".git").mkdir()
    if variables:
        (copy / "given.tfvars").write_text("".join(variables))
        arguments += ["--var-file", "given.tfvars"]
    if services:
        policy = f"version: 1\nextends: [aws-baseline]\nrequired: {{interface: [{', '.join(services)}]}}\n"
        (copy / ".vpce-checks.yaml").write_text(policy)
    return copy, arguments


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def same_resource(verdict: Verdict, told: Told) -> bool:
    """Whether both are about one block. Tools leave out the indexes that they do not know."""
    if verdict.file != told.file:
        return False
    if verdict.template:
        return verdict.resource.rpartition("/")[2] == told.resource
    ours, theirs = STEP.findall(verdict.resource), STEP.findall(told.resource)
    if len(theirs) == 1:  # Checkov calls a module call by its name alone
        ours, theirs = ours[-2:], ["module", *theirs]
    if len(theirs) == 2 and theirs[0] not in ("module",):  # a tool that shows a file without its module calls
        ours = ours[-2:]
    return len(ours) == len(theirs) and all(map(_same_step, ours, theirs))


def _same_step(left: str, right: str) -> bool:
    name, _, index = left.partition("[")
    other, _, key = right.partition("[")
    return name == other and (index == key or not {index, key}.isdisjoint({"", "*]"}))


ANYWHERE = frozenset({"VPCE011"})
"""Rules about code that was not read, which other tools may have no block for."""


def differences(verdicts: Sequence[Verdict], told: Sequence[Told], undecided: str, carried: bool) -> Iterator[str]:
    """Every way in which the other tool does not say what the scan says.

    ``undecided`` is the id of what is unknown. With ``carried``, what a tool cannot put on its own resource may stand
    on another one, under its own id and naming it. So may what is about a file or a call of a module.
    """
    elsewhere = [verdict for verdict in verdicts if verdict.rule in ANYWHERE]
    for each in told:
        about = [verdict for verdict in verdicts if same_resource(verdict, each)]
        expected = _expected(each.rule, about, undecided)
        others = verdicts if carried else elsewhere
        if each.status != expected and not _names_another(each, others):
            yield f"{each.rule} on {each.resource}: told {each.status}, scanned {expected}: {each.text}"
    for verdict in verdicts:
        rule = undecided if verdict.status == "unknown" else verdict.rule
        if any(each.rule == rule and same_resource(verdict, each) for each in told):
            continue
        if verdict.status in ("pass", "ignored") and _is_beside_unknown(verdict, verdicts, told, undecided):
            continue
        if carried and verdict.status in ("pass", "ignored"):
            continue
        if (carried or verdict.rule in ANYWHERE) and _is_named(verdict, rule, told):
            continue
        yield f"{verdict.rule} on {verdict.resource}: scanned {verdict.status}, told nothing"


def _expected(rule: str, about: Iterable[Verdict], undecided: str) -> str | None:
    statuses = {
        verdict.status
        for verdict in about
        if verdict.rule == rule or (rule == undecided and verdict.status == "unknown")
    }
    if rule == undecided:
        return "fail" if statuses else None
    worst = next((status for status in WORST_FIRST if status in statuses), None)
    return None if worst == "unknown" else worst


def _is_beside_unknown(verdict: Verdict, verdicts: Iterable[Verdict], told: Iterable[Told], undecided: str) -> bool:
    """Whether the other tool has one block for several instances, and tells of it what is unknown of another one."""
    blocks = [each for each in told if each.rule == undecided and same_resource(verdict, each)]
    doubts = [each for each in verdicts if each.rule == verdict.rule and each.status == "unknown"]
    return any(same_resource(doubt, block) for block in blocks for doubt in doubts)


def _names_another(told: Told, verdicts: Iterable[Verdict]) -> bool:
    return any(verdict.resource in told.text for verdict in verdicts if not same_resource(verdict, told))


def _is_named(verdict: Verdict, rule: str, told: Iterable[Told]) -> bool:
    return any(each.rule == rule and verdict.resource in each.text for each in told)


def documents(text: str) -> Iterator[Any]:
    """The JSON documents that stand one after the other in ``text``."""
    import json

    decoder = json.JSONDecoder()
    place = 0
    while place < len(text):
        if text[place] not in "{[":
            place += 1
            continue
        found, place = decoder.raw_decode(text, place)
        yield from found if isinstance(found, list) else [found]

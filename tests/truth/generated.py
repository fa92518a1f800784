"""Generated configurations in one plan: our report on the code, and on the plan, beside what Terraform plans."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.expectations import bare_run, scan
from tests.truth import cases as applies
from tests.truth import plan
from tests.truth.deploy import NotApplied
from tests.truth.environment import Tools
from tests.truth.generate import Case, cases
from tests.truth.shapes import IN_A_MODULE, SHAPES

AT_ONCE = 20
"""Cases in one plan: starting Terraform and the provider takes most of its time."""


def some_cases(start: int) -> list[Case]:
    """AT_ONCE cases, the same ones every time for one ``start``."""
    collected: list[Case] = []

    @seed(start)
    @settings(
        max_examples=3 * AT_ONCE,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
    )
    @given(cases())
    def collect(case: Case) -> None:
        collected.append(case)

    collect()
    # Hypothesis starts with the simplest; take any.
    return random.Random(start).sample(collected, AT_ONCE)


@dataclass(frozen=True)
class Compared:
    """The ``cases`` that were planned, what Terraform said of the others, and where a report ``differs``: the cases
    that it does for are ``wrong``."""

    cases: tuple[Mapping[str, str], ...]
    refused: tuple[str, ...]
    differs: tuple[str, ...]
    wrong: tuple[str, ...]


def shaped_cases(start: int) -> list[Mapping[str, str]]:
    """The files of the cases of ``start``, most of them in a shape of its own."""
    chance = random.Random(start)
    return [
        SHAPES[chance.choice(IN_A_MODULE)](case, chance)[0] if chance.random() < 0.7 else case.files()
        for case in some_cases(start)
    ]


def _planned(start: int, tools: Tools, directory: Path) -> tuple[list[Mapping[str, str]], list[str], plan.Planned]:
    """Write the cases of ``start`` that Terraform takes into ``directory``, with its messages about the others, and plan."""
    chosen = shaped_cases(start)
    messages: list[str] = []
    plan.write(directory, chosen)
    try:
        return chosen, messages, plan.plan(tools, directory)
    except NotApplied:
        chosen, messages = plan.refused(tools, directory, chosen)
        plan.write(directory, chosen)
        return chosen, messages, plan.plan(tools, directory)


def compared(start: int, tools: Tools, directory: Path) -> Compared:
    """Hold the cases of ``start``, each in a shape of its own, against Terraform, in a directory made by
    :func:`tests.truth.plan.prepare`."""
    chosen, messages, planned = _planned(start, tools, directory)
    assert planned.vpcs
    _, report = scan(directory, (), {})
    found = plan.differences(planned, report)
    _, report = scan(directory, (), {}, plan.PLAN)
    found += [f"{plan.PLAN}: {each}" for each in plan.differences(planned, report, exact=False)]
    wrong = [case for index, case in enumerate(chosen) if any(f"case_{index}." in line for line in found)]
    return Compared(tuple(chosen), tuple(messages), tuple(found), tuple(map(_text, wrong)))


def applied(start: int, tools: Tools, address: str, directory: Path) -> tuple[int, list[str]]:
    """Apply the cases of ``start`` onto the server at ``address``, in a directory made by :func:`tests.truth.plan.prepare`.

    Return how many were applied, and where our report on the code or on the plan is not what then exists.
    """
    taken, _, _ = _planned(start, tools, directory)
    _, report = scan(directory, (), {})
    case = applies.Case(bare_run(directory), ".", (), True, f"generated {start}")
    return len(taken), applies.check(case, tools, address, report)


def _text(files: Mapping[str, str]) -> str:
    return "\n".join(f"### {path}\n{text}" for path, text in files.items())

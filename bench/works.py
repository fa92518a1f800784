"""What is measured on what, and what each must reach."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from bench import inputs
from bench.contenders import BEFORE, CFN_LINT, CHECKOV, HCL2, OURS, PASS, TFPARSE, Contenders
from bench.measure import Command, Measured

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Bar:
    """What a work must reach: the time of ``of`` over that of ``over``, or seconds or bytes of ``of`` alone."""

    text: str
    of: str
    over: str | None = None
    at_least: float | None = None
    below: float | None = None
    bytes: bool = False

    def reading(self, measured: Mapping[str, Measured]) -> float:
        """What was reached."""
        own = measured[self.of]
        if self.bytes:
            return own.peak
        return own.wall.median / (measured[self.over].wall.median if self.over else 1)

    def met(self, measured: Mapping[str, Measured]) -> bool:
        """Whether it was reached."""
        reading = self.reading(measured)
        return (self.at_least is None or reading >= self.at_least) and (self.below is None or reading < self.below)


@dataclass(frozen=True)
class Work:
    """Commands that do the same work, and the bars they are held to."""

    title: str
    commands: Mapping[str, Command]
    bars: tuple[Bar, ...] = ()
    size: int = 0  # bytes of the input
    reference: str = field(default=OURS)  # whose time the others' is divided by in the report


def works(
    contenders: Contenders, directory: Path, module: Path | None, given: Sequence[Path], only: Sequence[str] = ()
) -> Iterator[Work]:
    """All works, or the ones named in ``only``; each input is made below ``directory`` when its turn comes.

    ``module`` is a clone of terraform-aws-modules/terraform-aws-vpc, ``given`` are directories of the user's.
    """
    for name, make in GENERATED.items():
        if not only or name in only:
            yield make(contenders, directory / name)
    if module is not None and (not only or "complete" in only):
        yield _example(contenders, module / "examples" / "complete")
    if module is not None and (not only or "module" in only):
        yield _module(contenders, module)
    for path in given:
        yield _terraform(contenders, f"`{path.name}`, as given", path)


def _terraform(contenders: Contenders, title: str, root: Path, bars: tuple[Bar, ...] = ()) -> Work:
    """A directory of Terraform, by everything that reads Terraform."""
    commands = {
        OURS: contenders.scan(root),
        BEFORE: contenders.scan_before(root),
        CHECKOV: contenders.run_checkov(root, "terraform"),
        HCL2: contenders.parse(root),
        TFPARSE: contenders.load(root),
        PASS: contenders.nothing(),
    }
    return Work(title, _present(commands), bars, inputs.size_of(root))


def _present(commands: Mapping[str, Command | None]) -> dict[str, Command]:
    return {name: command for name, command in commands.items() if command is not None}


def _tiny(contenders: Contenders, root: Path) -> Work:
    inputs.tiny_root(root)
    return _terraform(
        contenders,
        "a tiny root: one file, one VPC",
        root,
        (
            Bar("under 5 times `python -c pass`", OURS, PASS, below=5),
            Bar("peak memory under 60 MB", OURS, below=60 * MEGABYTE, bytes=True),
        ),
    )


def _many_modules(contenders: Contenders, root: Path) -> Work:
    inputs.root_of_many_modules(root)
    return _terraform(contenders, "a root of 60 modules", root)


def _example(contenders: Contenders, root: Path) -> Work:
    return _terraform(
        contenders,
        "`examples/complete` of terraform-aws-vpc",
        root,
        (
            Bar("at least 30 times faster than Checkov", CHECKOV, OURS, at_least=30),
            Bar("no slower than `tfparse` loading it", TFPARSE, OURS, at_least=1),
        ),
    )


def _module(contenders: Contenders, repository: Path) -> Work:
    bar = Bar("at least 80 times faster than Checkov", CHECKOV, OURS, at_least=80)
    return _terraform(contenders, "the terraform-aws-vpc repository, all roots", repository, (bar,))


def _small_templates(contenders: Contenders, directory: Path) -> Work:
    inputs.small_templates(directory)
    commands = {
        OURS: contenders.scan(directory),
        BEFORE: contenders.scan_before(directory),
        CFN_LINT: contenders.lint(*sorted(directory.glob("*.yaml"))),
        CHECKOV: contenders.run_checkov(directory, "cloudformation"),
    }
    bar = Bar("at least 10 times faster than cfn-lint", CFN_LINT, OURS, at_least=10)
    return Work("300 small templates", _present(commands), (bar,), inputs.size_of(directory))


def _template(contenders: Contenders, file: Path, size: int) -> dict[str, Command]:
    inputs.cdk_template(file, size)
    commands = {
        OURS: contenders.scan(file),
        BEFORE: contenders.scan_before(file),
        CFN_LINT: contenders.lint(file),
        CHECKOV: contenders.run_checkov(file, "cloudformation"),
    }
    return _present(commands)


def _cdk(contenders: Contenders, directory: Path) -> Work:
    file = directory / "app.template.json"
    bars = (
        Bar("under 1 s", OURS, below=1),
        Bar("at least 5 times faster than cfn-lint", CFN_LINT, OURS, at_least=5),
    )
    commands = _template(contenders, file, MEGABYTE)
    return Work("a CDK template of 1 MB", commands, bars, inputs.size_of(file))


def _large_template(contenders: Contenders, directory: Path) -> Work:
    file = directory / "app.template.json"
    commands = _template(contenders, file, 10 * MEGABYTE)
    return Work("a CDK template of 10 MB", commands, (), inputs.size_of(file))


def _plan(contenders: Contenders, directory: Path) -> Work:
    file = directory / "plan.json"
    inputs.plan(file, 20 * MEGABYTE)
    commands = {
        OURS: contenders.scan(file),
        BEFORE: contenders.scan_before(file),
        CHECKOV: contenders.run_checkov(file, "terraform_plan"),
    }
    return Work("a plan of 20 MB", _present(commands), (), inputs.size_of(file))


def _monorepo(contenders: Contenders, directory: Path) -> Work:
    small, large = directory / "monorepo-40", directory / "monorepo-400"
    inputs.monorepo(small, 40)
    inputs.monorepo(large, 400)
    one, ten, two = "40 roots, one process", "400 roots, one process", "400 roots, two processes"
    commands = {
        one: contenders.scan(small, "--jobs", "1"),
        ten: contenders.scan(large, "--jobs", "1"),
        two: contenders.scan(large, "--jobs", "2"),
        f"{BEFORE}: {ten}": contenders.scan_before(large, "--jobs", "1"),
        f"{CHECKOV}: 40 roots": contenders.run_checkov(small, "terraform"),
    }
    bars = (
        Bar("ten times the roots: at most 11 times the time", ten, one, below=11),
        Bar("two processes: at least 1.7 times faster than one", ten, two, at_least=1.7),
    )
    return Work("a monorepo of roots that share 16 modules", _present(commands), bars, reference=one)


def _cached(contenders: Contenders, directory: Path) -> Work:
    repository, cache = directory / "repository", directory / "cache"
    inputs.monorepo(repository, 200)
    changes = count()

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    def change_one_root() -> None:
        root = repository / "envs" / "team-07" / "root-0007" / "main.tf"
        text = root.read_text(encoding="utf-8").split("# change")[0]
        root.write_text(f"{text}# change {next(changes)}\n", encoding="utf-8")

    scan = contenders.scan(repository, "--cache", str(cache)).arguments
    first, second = "first scan, 200 roots", "second scan, one root changed"
    commands = {
        first: Command(scan, frozenset({0, 1}), before=forget),
        second: Command(scan, frozenset({0, 1}), before=change_one_root),
        "without --cache": contenders.scan(repository),
    }
    bar = Bar("the second scan: under 20 % of the first", second, first, below=0.20)
    size = inputs.size_of(repository)
    return Work("a monorepo of 200 roots with `--cache`", commands, (bar,), size, reference=first)


def _changed(contenders: Contenders, directory: Path) -> Work:
    file = inputs.organisation(directory)
    now, before = "one changed file", f"{BEFORE}: one changed file"
    commands = {
        now: _inside(directory, contenders.scan(file, "--changed-files")),
        before: _inside(directory, contenders.scan_before(file, "--changed-files")),
        "the whole repository": contenders.scan(directory),
    }
    size = inputs.size_of(directory)
    return Work("1,500 roots and 19,500 files, `--changed-files`", _present(commands), (), size, reference=now)


def _inside(directory: Path, command: Command | None) -> Command | None:
    """Run a command in ``directory``: that is where roots that a changed file affects are looked for."""
    return None if command is None else replace(command, directory=directory)


def _memory(contenders: Contenders, directory: Path) -> Work:
    plans, templates, data, roots = (directory / name for name in ("plans", "templates", "data", "roots"))
    inputs.plans(plans, 100, 5 * MEGABYTE)
    inputs.cdk_templates(templates, 48, MEGABYTE)
    inputs.data_files(data, 48, 1_300_000)
    inputs.monorepo(roots, 2400)
    held = {
        "100 plans of 5 MB": (plans, 300),
        "48 templates of 1 MB": (templates, 250),
        "48 data files of 1.3 MB that mention AWS::": (data, 250),
        "2,400 roots": (roots, 200),
    }
    commands = {title: contenders.scan(path) for title, (path, _) in held.items()}
    bars = tuple(
        Bar(f"{title}: peak memory under {most} MB", title, below=most * MEGABYTE, bytes=True)
        for title, (_, most) in held.items()
    )
    return Work("memory", commands, bars, reference="2,400 roots")


GENERATED: Mapping[str, Callable[[Contenders, Path], Work]] = {
    "tiny": _tiny,
    "many-modules": _many_modules,
    "templates": _small_templates,
    "cdk": _cdk,
    "cdk-large": _large_template,
    "plan": _plan,
    "monorepo": _monorepo,
    "cached": _cached,
    "changed": _changed,
    "memory": _memory,
}

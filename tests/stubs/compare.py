"""Compare a stub with the module whose place it takes, over that module's own examples.

    git -C CHECKOUT checkout v5.1.0
    python -m tests.stubs.compare terraform-aws-modules/vpc/aws 5.1.0 CHECKOUT [--sweep] [--module-source SOURCE=DIR] [-v]

CHECKOUT holds the module's repository, at the tag of the version. Each of its examples is evaluated twice, with the code
and with the stub, and everything that the two networks hold and all outputs of the module are compared. ``--sweep`` sets
every variable of boolean type to both values as well, one at a time, in every example. Nothing is fetched.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.stubs.facts import network_facts, show, vpcs_and_endpoints
from vpce_checks.terraform.build import build_network
from vpce_checks.terraform.config.module import Module
from vpce_checks.terraform.config.variables import root_values
from vpce_checks.terraform.lang.scope import ModuleDirectory, Session, TerraformOptions
from vpce_checks.terraform.syntax.module_source import ModuleLoader

_SOURCE = re.compile(r'(^[ \t]*source\s*=\s*)"(\.\.?/[^"]*)"', re.MULTILINE)

_ZONES = 'locals {\n  azs = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]\n}\n'
"""The examples take the zones from a data source, which would leave the number of everything open."""

_UNMODELLED = "terraform_data."
"""What stubs give for names, tags and other things that they do not put together."""
_OPEN = re.compile(r"\*[^\]]*\]\?$")
"""An address whose key, and with it the number of instances, is not known."""
_FROM_DATA = re.compile(r"\bdata\.aws_availability_zones\b")
_NAME = re.compile(r" name=.*?(?= default=)")


@dataclass
class Outcome:
    """How many things were compared and the lines on which stub and module differ."""

    examples: int = 0
    configurations: int = 0
    vpcs: int = 0
    endpoints: int = 0
    objects: int = 0
    outputs: int = 0
    open: int = 0
    differences: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    given: tuple[ModuleDirectory, ...] = ()


def compare(
    module: str, version: str, checkout: str, sweep: bool = False, given: tuple[ModuleDirectory, ...] = ()
) -> Outcome:
    """Compare over all examples of the repository in ``checkout``."""
    outcome = Outcome(given=given)
    with tempfile.TemporaryDirectory() as scratch:
        real, stubbed = (os.path.join(os.path.realpath(scratch), name) for name in ("real", "stubbed"))
        for copy in (real, stubbed):
            shutil.copytree(
                checkout, copy, ignore=shutil.ignore_patterns(".git", "test", "*.md", "diffs.txt"), symlinks=True
            )
        for directory in _examples(real):
            outcome.examples += 1
            relative = os.path.relpath(directory, real)
            twin = os.path.join(stubbed, relative)
            if "azs" in ModuleLoader(real).load(directory).locals:
                _write((directory, twin), "zones_override.tf", _ZONES)
            calls = _use_stub(twin, stubbed, module, version)
            _compare_one(outcome, relative, directory, real, twin, stubbed)
            if sweep and calls:
                _sweep(outcome, relative, directory, real, twin, stubbed)
    return outcome


def _examples(repository: str) -> Iterator[str]:
    for top in ("examples", "tests"):
        for directory, _, names in sorted(os.walk(os.path.join(repository, top))):
            if any(name.endswith(".tf") for name in names):
                yield directory


def _use_stub(example: str, repository: str, module: str, version: str) -> int:
    """Let the module calls of an example that lead to the repository itself ask for the published module."""
    count = 0
    for name in os.listdir(example):
        if not name.endswith(".tf"):
            continue
        path = os.path.join(example, name)
        with open(path, encoding="utf-8") as stream:
            text = stream.read()

        def published(match: re.Match[str]) -> str:
            nonlocal count
            target = os.path.relpath(os.path.realpath(os.path.join(example, match[2])), repository)
            if target != "." and not target.startswith("modules"):
                return match[0]
            count += 1
            directory = "" if target == "." else f"//{target}"
            return f'{match[1]}"{module}{directory}"\n  version = "{version}"'

        with open(path, "w", encoding="utf-8") as stream:
            stream.write(_SOURCE.sub(published, text))
    return count


def _compare_one(outcome: Outcome, name: str, real: str, real_top: str, stubbed: str, stub_top: str) -> None:
    outcome.configurations += 1
    networks = [
        build_network(directory, _options(directory, top, outcome.given), ModuleLoader(top))
        for directory, top in ((real, real_top), (stubbed, stub_top))
    ]
    known = {module.declared.address for module in networks[0].opaque_modules}
    for opaque in networks[1].opaque_modules:
        if opaque.declared.address not in known:
            outcome.differences.append(f"{name}: {opaque.declared.address} is opaque: {opaque.reason}")
    ours, theirs = network_facts(networks[1]), network_facts(networks[0])
    if any(_UNMODELLED in line for line in ours):
        ours, theirs = ({_NAME.sub("", line) for line in lines} for lines in (ours, theirs))
    # Where the module's own code leaves the number of instances open and the stub's does not, nothing is to be compared.
    vague = {_base(line) for line in theirs - ours if _OPEN.search(line.split(" ")[1])}
    ours, theirs = ({line for line in lines if _base(line) not in vague} for lines in (ours, theirs))
    vpcs, endpoints = vpcs_and_endpoints(networks[0])
    outcome.vpcs += vpcs
    outcome.endpoints += endpoints
    outcome.objects += len(theirs)
    outcome.differences += [f"{name}: only in the module: {line}" for line in sorted(theirs - ours)]
    outcome.differences += [f"{name}: only in the stub:   {line}" for line in sorted(ours - theirs)]
    outputs = [
        dict(_outputs(directory, top, outcome.given)) for directory, top in ((real, real_top), (stubbed, stub_top))
    ]
    for output, value in outputs[0].items():
        outcome.outputs += 1
        mine = outputs[1].get(output, "no such output")
        if mine == value:
            continue
        if "?" in mine or _UNMODELLED in mine or mine == "no such output":
            kept = outcome.lost
        elif "?" in value or "..." in value or _FROM_DATA.search(value):
            outcome.open += 1
            continue
        else:
            kept = outcome.differences
        kept.append(f"{name}: {output} is {value[:300]}, in the stub {mine[:300]}")


def _options(directory: str, top: str, given: tuple[ModuleDirectory, ...]) -> TerraformOptions:
    """How an example is evaluated: with the variables that its authors test it with, if they lie beside it."""
    values = sorted(name for name in os.listdir(directory) if name.startswith("fixtures.") and name.endswith(".tfvars"))
    return TerraformOptions(
        top,
        var_files=tuple(os.path.join(directory, name) for name in values[:1]),
        module_sources=given,
        outside=tuple(place for _, place in given),
    )


def _base(line: str) -> str:
    """The address of the resource that a line is about, without the key of the instance."""
    return re.sub(r"\[[^]]*\]\??$", "", line.split(" ")[1])


def _outputs(directory: str, top: str, given: tuple[ModuleDirectory, ...]) -> Iterator[tuple[str, str]]:
    """The outputs of every module that a root calls, by address."""
    loader = ModuleLoader(top)
    source = loader.load(directory)
    session = Session(directory, _options(directory, top, given), loader)
    root = Module(session, source, root_values(source, session))
    for name in source.modules:
        for child in root.children(name)[1].values():
            if isinstance(child, Module):
                for output in child.source.outputs:
                    yield f"{child.address}.{output}", show(child.output(output))


def _sweep(outcome: Outcome, name: str, real: str, real_top: str, stubbed: str, stub_top: str) -> None:
    source = ModuleLoader(real_top).load(real)
    for call in source.modules.values():
        written = getattr(call.body.attributes["source"].expr, "value", "")
        target = os.path.realpath(os.path.join(real, str(written)))
        if not (target == real_top or target.startswith(os.path.join(real_top, "modules"))):
            continue
        for variable, block in ModuleLoader(real_top).load(target).variables.items():
            kind = block.body.attributes.get("type")
            if kind is None or getattr(kind.expr, "name", "") != "bool":
                continue
            for value in ("true", "false"):
                text = f'module "{call.labels[0]}" {{\n  {variable} = {value}\n}}\n'
                _write((real, stubbed), "sweep_override.tf", text)
                _compare_one(outcome, f"{name} {variable}={value}", real, real_top, stubbed, stub_top)
    _write((real, stubbed), "sweep_override.tf", "")


def _write(directories: tuple[str, str], name: str, text: str) -> None:
    for directory in directories:
        with open(os.path.join(directory, name), "w", encoding="utf-8") as stream:
            stream.write(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module")
    parser.add_argument("version")
    parser.add_argument("checkout")
    parser.add_argument(
        "--module-source", action="append", default=[], metavar="SOURCE=DIR", help="code of modules that it calls"
    )
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true", help="also the outputs of which the stub knows less")
    given = parser.parse_args()
    pairs = (text.rpartition("=") for text in given.module_source)
    sources = tuple(ModuleDirectory(source, os.path.realpath(directory)) for source, _, directory in pairs)
    outcome = compare(given.module, given.version, os.path.realpath(given.checkout), given.sweep, sources)
    for line in (*outcome.differences, *(outcome.lost if given.verbose else ())):
        print(line)
    print(
        f"{given.module} {given.version}: {outcome.examples} examples, {outcome.configurations} configurations, "
        f"{outcome.vpcs} VPCs, {outcome.endpoints} endpoints, {outcome.objects} objects, {outcome.outputs} outputs: "
        f"{len(outcome.differences)} differences, {len(outcome.lost)} outputs less known, "
        f"{outcome.open} better known"
    )
    return 1 if outcome.differences else 0


if __name__ == "__main__":
    sys.exit(main())

"""Apps in a programming language that make a network: CDK, CDK for Terraform, Pulumi, SST. Their code is not read; what the
first two write is read, if it is there. An app is reported only if its code names a VPC or an endpoint, and nothing that is
there from it does.

https://docs.aws.amazon.com/cdk/v2/guide/cli.html
https://developer.hashicorp.com/terraform/cdktf/create-and-deploy/configuration-file
https://www.pulumi.com/docs/iac/concepts/projects/project-file/
https://sst.dev/docs/reference/config/
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from vpce_checks.files import tracked
from vpce_checks.files.containment import Places
from vpce_checks.files.content import read_start
from vpce_checks.files.walk import SKIPPED_DIRECTORIES
from vpce_checks.model.spans import Diagnostic

MAX_DIRECTORIES = 2_000
MAX_FILES = 5_000
"""How many directories and files of an app are looked at: about a second. A larger one names its network before."""

MAX_CODE_BYTES = 256 * 1024
"""How much of a file of code is read. Code that people write is shorter."""


class _Tool(NamedTuple):
    """``output`` is the directory that it writes by default ("": it writes nothing that is scanned), ``advice`` what to do."""

    title: str
    output: str
    advice: str


_DOES_NOT_READ = "vpce-checks does not read {}, so its VPCs have no verdicts"

_TOOLS = {
    "cdk.json": _Tool("the CDK", "cdk.out", "run cdk synth and scan {}"),
    "cdktf.json": _Tool("CDK for Terraform", "cdktf.out", "run cdktf synth and scan {}"),
    "Pulumi.yaml": _Tool("Pulumi", "", _DOES_NOT_READ.format("Pulumi")),
    "Pulumi.yml": _Tool("Pulumi", "", _DOES_NOT_READ.format("Pulumi")),
    "sst.config.ts": _Tool("SST", "", _DOES_NOT_READ.format("SST")),
}

_CODE = (".ts", ".mts", ".js", ".mjs", ".cjs", ".py", ".java", ".kt", ".cs", ".fs", ".vb", ".go")
_NO_CODE = re.compile(r"\.d\.[cm]?ts$|[._-](?:test|spec)s?\.\w+$|^test_|Tests?\.(?:java|kt|cs)$|\.min\.js$")
_NO_APPS = SKIPPED_DIRECTORIES | {"test", "tests", "__tests__", "spec", "dist", "build", "target", "obj", "vendor"}
"""Directories with what is tested, built or fetched: none of it is the code of the app."""

_NETWORK = re.compile(
    rb"(?<!\w)(?:New)?(?:Cfn|Aws|Interface|Gateway)?V(?:pc|PC)(?:V2)?(?:Endpoint)?(?:\s*\(|\.Builder\b)"
    rb"|(?<![\w.])(?<!class )(?<!func )(?<!function )(?<!def )(?!Get|Find|Look|Import|Existing)[A-Z]\w*V(?:pc|PC)\s*\("
    rb"|[aA]dd_?(?:[gG]ateway|[iI]nterface)_?[eE]ndpoint\s*\("
    rb"|\bawsx?(?:-native)?:ec2(?:/\w+)?:V(?:pc|PC)(?:Endpoint)?\b"
    rb"|terraform-aws-modules/vpc/aws"
)
"""A VPC or an endpoint that code makes: ``new ec2.Vpc(``, ``ec2.NewVpcEndpoint(``, ``Vpc.Builder``, ``aws:ec2:Vpc``, and a class of
the user's own for one (``new OrgVpc(``), whose code may be in a library. What finds one that is there is not (``GetVpc(``)."""

_MARKS = (b"Vpc", b"VPC", b"ndpoint", b"vpc/aws")
"""What stands in all that ``_NETWORK`` finds: this is seen faster."""

_WRITTEN = (
    b'"AWS::EC2::VPC"',
    b'"AWS::EC2::VPCEndpoint"',
    b'"aws_vpc',
    b'"aws_default_vpc',
    b"vpc/aws",
    b'"awscc_ec2_vpc',
)
"""What a VPC or an endpoint is in what the tools write."""

_TEMPLATES = (".template.json", ".tf.json")
_STAGES = re.compile(r"assembly-|stacks$")
"""Directories in the output with more templates: of stages of the CDK, and the one with the stacks of CDK for Terraform."""

_NO_CALLS = {
    True: re.compile(rb'""".*?"""|\'\'\'.*?\'\'\'|(?<!\S)#[^\n]*', re.DOTALL),
    False: re.compile(rb"^[ \t]*/\*.*?(?:\*/|\Z)|(?<![^\s;,(){}])//[^\n]*", re.DOTALL | re.MULTILINE),
}
"""Comments, and texts over several lines: those that begin with ``#`` (True), and those that begin with ``//``."""

_FRAMEWORKS = (b"aws_cdk", b"cdktf", b"pulumi", b"constructs", b"from imports")
"""Code in Python that makes a network imports one of these. The SDK has a class ``Vpc`` too, for one that is there, and
https://diagrams.mingrammer.com has one that it draws."""

_NO_NETWORK = (b"boto3", b"diagrams")

MAX_OUTPUT = 200


def unread_apps(
    directory: str, names: Sequence[str], boundary: str, left_out: Callable[[str], bool]
) -> Iterator[Diagnostic]:
    """Yield a warning for each app in ``directory``, which has the files ``names``, that makes a network and whose output is
    not there, or has none: it is of another time, or of a part of the app. What is ``left_out`` is not looked at."""
    places = (boundary,)
    markers = [name for name in names if name in _TOOLS and not left_out(os.path.join(directory, name))]
    where = _network_in(directory, places, left_out) if markers else None
    for name in markers if where is not None else ():
        output = _output(directory, name, places)
        missing = "it is not scanned"
        if _is_written(directory, output, places):
            if _may_have_network(os.path.join(directory, output), places):
                continue
            missing = f"nothing in {output} is one"
        made = f"this app of {_TOOLS[name].title} makes a VPC or an endpoint ({where}), and {missing}"
        yield Diagnostic("warning", f"{made}; {_TOOLS[name].advice.format(output)}", os.path.join(directory, name))


def _output(directory: str, name: str, places: Places) -> str:
    """Return the directory that the tool writes, as its file says it."""
    default = _TOOLS[name].output
    return _stated(read_start(os.path.join(directory, name), places, MAX_CODE_BYTES)) or default if default else ""


def _stated(settings: bytes) -> str | None:
    """Return the directory that a file of settings names."""
    if b"output" not in settings:
        return None
    import json

    try:
        found = json.loads(settings)
    except (ValueError, RecursionError):
        return None
    output = found.get("output") if isinstance(found, dict) else None
    return output if isinstance(output, str) and len(output) <= MAX_OUTPUT and output.isprintable() else None


def _is_written(directory: str, output: str, places: Places) -> bool:
    manifest = os.path.normpath(os.path.join(directory, output, "manifest.json"))
    return output != "" and tracked.is_file(manifest, places)


def _may_have_network(output: str, places: Places) -> bool:
    """Return whether a template that the tool wrote has a VPC or an endpoint, or there are more than are looked at."""
    pending, files = [os.path.normpath(output)], 0
    while pending:
        directory = pending.pop()
        try:
            names, below = _names(directory, places)
        except OSError:
            return True
        for name in (each for each in names if each.endswith(_TEMPLATES)):
            files += 1
            text = read_start(os.path.join(directory, name), places)
            if files > MAX_FILES or any(mark in text for mark in _WRITTEN):
                return True
        inside = os.path.basename(directory) == "stacks"
        pending += [os.path.join(directory, each) for each in below if inside or _STAGES.match(each)]
        if len(pending) > MAX_DIRECTORIES:
            return True
    return False


def _network_in(top: str, places: Places, left_out: Callable[[str], bool]) -> str | None:
    """Return the first place in the code below ``top`` that makes a VPC or an endpoint, for reports."""
    pending, files = [top], 0
    for _ in range(MAX_DIRECTORIES):
        if not pending or files >= MAX_FILES:
            return None
        directory = pending.pop(0)
        try:
            names, below = _names(directory, places)
        except OSError:
            continue
        if directory != top and not _TOOLS.keys().isdisjoint(names):
            continue  # it is another app
        for name in names:
            path = os.path.join(directory, name)
            if not _is_code(name) or left_out(path):
                continue
            files += 1
            line = _line(name, read_start(path, places, MAX_CODE_BYTES))
            if line is not None:
                return f"{os.path.relpath(path, top).replace(os.sep, '/')}:{line}"
        pending += [inner for each in below if not left_out(inner := os.path.join(directory, each))]
    return None


def _line(name: str, data: bytes) -> int | None:
    """Return the first line of a file of code that makes a VPC or an endpoint."""
    if not any(mark in data for mark in _MARKS) or _NETWORK.search(data) is None:
        return None
    if (
        name.endswith(".py")
        and not any(mark in data for mark in _FRAMEWORKS)
        and any(mark in data for mark in _NO_NETWORK)
    ):
        return None
    data = _NO_CALLS[name.endswith((".py", ".yaml", ".yml"))].sub(lambda match: b"\n" * match[0].count(b"\n"), data)
    found = _NETWORK.search(data)
    return data.count(b"\n", 0, found.start()) + 1 if found is not None else None


def _is_code(name: str) -> bool:
    return name in _TOOLS or (name.endswith(_CODE) and _NO_CODE.search(name) is None)


def _listed(directory: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the files in a directory, and of the directories in it that may have code of the app."""
    with os.scandir(directory) as entries:
        found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    below = (name for name, is_directory in found if is_directory and not name.startswith(".") and name not in _NO_APPS)
    return tuple(name for name, is_directory in found if not is_directory), tuple(below)


_names = tracked.listing(_listed)

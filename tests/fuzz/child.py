"""A process that scans inputs one after another and looks at what comes of each."""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import re
import resource
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema

import vpce_checks.report
from tests.expectations import inside
from tests.fuzz.inputs import BESIDE, Input, make_input, write
from vpce_checks.cli.main import main

MAX_SECONDS = 10.0
"""Of processor time, for one scan."""

MAX_MEGABYTES = 500
"""For the process: what it takes by itself and what the scans so far have left behind included."""

STUCK = 40
"""Seconds by the clock after which a scan is ended, wherever it is."""

ADDRESS_SPACE = 3 * 1024**3

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")

_SCHEMA = json.loads((Path(vpce_checks.report.__file__).parent / "report.schema.json").read_text())
_VALIDATOR = jsonschema.Draft202012Validator(_SCHEMA)


def work(seed: int, numbers: range, tell: Callable[[dict[str, Any]], None]) -> None:
    """Scan the inputs ``numbers`` and tell of each: which is begun, then what is wrong (nothing: an empty list)."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    for number in numbers:
        tell({"begun": number})
        faulthandler.dump_traceback_later(STUCK, exit=True)
        try:
            tell({"done": number, "wrong": examine(make_input(seed, number))})
        finally:
            faulthandler.cancel_dump_traceback_later()


def examine(made: Input) -> list[str]:
    """Scan an input. Everything that must not be, in words."""
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as scratch:
        directory = Path(scratch).resolve()
        try:
            write(made, directory)
        except (OSError, ValueError):
            return []  # two of the damaged names cannot be together on this disk
        return list(_wrong(made, directory))


def _wrong(made: Input, directory: Path) -> Iterator[str]:
    output, errors = io.StringIO(), io.StringIO()
    start, before = time.process_time(), _peak()
    code: object = None
    try:
        with inside(directory, made.seed.env), contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            code = main(made.arguments)
    except SystemExit as stop:
        code = stop.code
    except BaseException:
        yield f"traceback: {traceback.format_exc()[-1500:]}"
    spent = time.process_time() - start
    if spent > MAX_SECONDS:
        yield f"{spent:.1f} seconds"
    taken = _peak()
    if taken > max(MAX_MEGABYTES, before):
        yield f"{taken} megabytes"
    said = output.getvalue() + errors.getvalue()
    for line in said.splitlines():
        if "internal error" in line or "Traceback" in line:
            yield line.strip()[:400]
    if code not in (0, 1, 2, 3):
        yield f"exit code {code!r}"
    if code == 2:
        if not made.may_be_refused:
            yield f"refused: {errors.getvalue()[:300]}"
        return
    yield from _report_wrong(
        output.getvalue(), any(".vpce-checks" in name for name in made.files), made.may_read_beside
    )
    for name in made.formats:
        try:
            yield from _output_wrong(name, (directory / f"{name}.out").read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            yield f"{name}: {error}"


def _peak() -> int:
    """The most memory, in megabytes, that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _report_wrong(text: str, has_policy: bool, is_joined: bool) -> Iterator[str]:
    try:
        report = json.loads(text)
    except ValueError as error:
        yield f"no JSON report: {error}; {text[:200]!r}"
        return
    for error in _VALIDATOR.iter_errors(report):
        yield f"schema: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
    for root in (f"{BESIDE}/code", f"{BESIDE}/stack.yaml"):
        verdicts = [each["status"] for each in report["results"] if each["root"] == root and each["rule"] == "VPCE001"]
        # A damaged policy may ignore anything. A root that may read the state of this one may add endpoints to its VPC.
        judged = (
            verdicts == ["fail"]
            or (has_policy and verdicts == ["ignored"])
            or (is_joined and root == f"{BESIDE}/code" and verdicts == ["unknown"])
        )
        if not judged and not _restricted(report, root, has_policy):
            yield f"lost: {root} is judged {verdicts}"


def _restricted(report: dict[str, Any], root: str, has_policy: bool) -> bool:
    """Whether the scan was never of that root (``--root``), or a damaged policy requires S3 of nobody any more."""
    if not any(each["path"] == root for each in report["roots"]):
        return True
    listed = any(each["root"] == root for each in report["vpcs"])
    return has_policy and listed and not any(each["rule"] == "VPCE001" for each in report["results"])


def _output_wrong(name: str, text: str) -> Iterator[str]:
    try:
        if name in ("gitlab", "sarif"):
            json.loads(text)
        elif name == "junit":
            ElementTree.fromstring(text)
    except (ValueError, ElementTree.ParseError) as error:
        yield f"{name}: {error}"
    if _CONTROL.search(text):
        yield f"{name}: a control character"


def keep(made: Input, directory: Path) -> None:
    """Leave an input behind to be looked at."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    write(made, directory)
    (directory / "ARGUMENTS").write_text(f"{' '.join(made.arguments)}\n{dict(made.seed.env)}\n{os.getpid()}\n")

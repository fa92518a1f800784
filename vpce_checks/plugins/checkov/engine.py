"""One scan of ours for all checks of one run of Checkov's."""

from __future__ import annotations

import os
from threading import RLock
from typing import Any

from vpce_checks.base.defects import defect
from vpce_checks.execution.scan import scan
from vpce_checks.plugins.checkov.context import Call, Inputs, inputs, left_out, loaded_entities, real_path
from vpce_checks.plugins.checkov.verdicts import Loading, Verdicts
from vpce_checks.project.options import ScanOptions
from vpce_checks.project.results import Report

TERRAFORM = ("terraform", "terraform-plan")
CLOUDFORMATION = ("cloudformation",)

_lock = RLock()  # on macOS and Windows Checkov runs its frameworks in threads
_reports: dict[tuple[Inputs, tuple[str, ...]], tuple[Report | None, tuple[str, ...]]] = {}
_verdicts: dict[tuple[int, str | None], tuple[Any, Verdicts]] = {}


def verdicts(call: Call, kinds: tuple[str, ...]) -> Verdicts:
    """The verdicts for the runner that is calling. Whatever goes wrong in the scan is among their errors."""
    with _lock:
        definitions = call.runner.definitions
        # Of several directories Checkov may load the first alone, and go on with its definitions.
        key = id(definitions), call.directory
        found = _verdicts.get(key)
        if found is None or found[0] is not definitions:
            given = inputs(call)
            report, problems = _report(given, kinds)
            files = frozenset(map(real_path, given.paths)) if given.are_files else None
            loading = Loading(call.directory, call.runner.check_type, files, left_out(call))
            made = Verdicts(report, loaded_entities(call.runner), problems, loading)
            found = (definitions, made)
            _verdicts[key] = found
        return found[1]


def _report(given: Inputs, kinds: tuple[str, ...]) -> tuple[Report | None, tuple[str, ...]]:
    key = (given, kinds)
    if key not in _reports:
        _reports[key] = _scan(given, kinds)
    return _reports[key]


def _scan(given: Inputs, kinds: tuple[str, ...]) -> tuple[Report | None, tuple[str, ...]]:
    """A report, or the reasons for having none."""
    from vpce_checks.policy import PolicyError

    options = ScanOptions(
        paths=given.paths,
        var_files=given.var_files,
        environment=dict(os.environ),
        workspace=os.environ.get("TF_WORKSPACE") or None,
        kinds=kinds,
    )
    try:
        return scan(options), ()
    except PolicyError as error:
        return None, tuple(f"{os.path.relpath(item.file)}:{item.line}: {item.message}" for item in error.diagnostics)
    except OSError as error:
        return None, (f"cannot read {error.filename}: {error.strerror}",)
    except Exception as error:
        return None, (defect(error),)

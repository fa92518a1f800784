"""The command line. Exit codes: 0 nothing failed, 1 a failure, 2 wrong use or bad policy, 3 an input unread."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from vpce_checks.base.defects import defect
from vpce_checks.base.hints import TYPE_CHECKING, NoReturn
from vpce_checks.base.version import VERSION
from vpce_checks.execution import gc_tuning

if TYPE_CHECKING:
    from argparse import ArgumentParser, HelpFormatter, Namespace, _ActionsContainer, _SubParsersAction

    from vpce_checks.policy.model import PolicyError
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.project.results import Report
    from vpce_checks.rules.baseline import Baseline

    _Commands = _SubParsersAction[ArgumentParser]

PASSED, FAILED, MISUSED, UNREAD = 0, 1, 2, 3
WIDTH = 80
MAX_NAMES = 64 * 1024**2  # bytes of names that --files-from reads
INTERRUPTED = 130  # as a shell reports a process that Ctrl-C ended

DESCRIPTION = """\
Finds VPCs without the endpoints they need, in Terraform and CloudFormation,
before anything is deployed."""

EXIT_CODES = """\
exit codes:
  0  nothing failed
  1  at least one failure (with --strict: or an unknown)
  2  wrong use, or a mistake in the policy file
  3  an input could not be read or parsed; the rest was scanned and reported.
     It wins over 1, as the result is not complete"""


class UsageError(Exception):
    """A wrong use of the command line, in words for its user."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments == ["--version"]:  # answered before the parser and the engine are imported
        print(f"vpce-checks {VERSION}")
        return PASSED
    try:
        code = _checkov(arguments[1:]) if arguments[:1] == ["checkov"] else _run(arguments)
    except KeyboardInterrupt:
        _say("interrupted")
        code = INTERRUPTED
    except BrokenPipeError:
        code = _reader_left()
    except Exception as error:  # a defect of ours: told in a line, never as a traceback, never as a pass
        _say(f"error: {defect(error)}")
        code = UNREAD
    return code


def run() -> NoReturn:
    """The process ``vpce-checks``: :func:`main`, without what a short-lived process has no need of."""
    gc_tuning.take_over()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or UNREAD
    if "vpce_checks.execution.process" in sys.modules:
        from vpce_checks.execution.process import wait_for_all

        wait_for_all()
    os._exit(code)  # taking the interpreter apart would take as long as scanning a small root


def _run(arguments: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # names in an input need not fit the terminal's encoding
            reconfigure(errors="backslashreplace")
    parser = _parser(arguments[0] if arguments else None)
    try:
        given = _parse(parser, arguments)
        if given.command is None:
            parser.print_help()
            return MISUSED
        code: int = given.run(given)
        _put("")
    except UsageError as error:
        _say(f"error: {error}")
        code = MISUSED
    return code


def _parse(parser: ArgumentParser, arguments: Sequence[str]) -> Namespace:
    """What is asked for. Raises UsageError where a file's name could be taken for an option.

    Whoever writes a repository chooses the names of its files, and a host such as pre-commit gives them to us.
    """
    options, names = _parted(arguments)
    if arguments[:1] not in (["scan"], ["modules"]):
        return parser.parse_args(arguments)
    file = _file_like_option(options)
    if file is not None:
        raise UsageError(f"{file} is an option and the name of a file here; put -- before the names of files")
    given = parser.parse_args(options)
    given.paths += names
    return given


def _parted(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """The arguments before the first ``--``, and those after it, which are names for certain."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def _file_like_option(options: Sequence[str]) -> str | None:
    """An argument that begins as an option does and is the name of a file."""
    return next((text for text in options if text.startswith("-") and text != "-" and os.path.lexists(text)), None)


def _parser(command: str | None) -> ArgumentParser:
    """The parser. Of the commands only ``command`` where it is one: a scan need not pay for the options of others."""
    from argparse import ArgumentParser

    parser = ArgumentParser("vpce-checks", description=DESCRIPTION, formatter_class=_layout, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"vpce-checks {VERSION}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", prog="vpce-checks")
    for name, add in _COMMANDS.items():
        if command not in _COMMANDS or command == name:
            add(commands)
    return parser


def _layout(prog: str) -> HelpFormatter:
    from argparse import RawDescriptionHelpFormatter

    return RawDescriptionHelpFormatter(prog, width=WIDTH)  # without it every option asks shutil for the terminal's


def _add_scan(commands: _Commands) -> None:
    scan = commands.add_parser(
        "scan",
        help="scan Terraform, plans and CloudFormation",
        description="Scan every Terraform root, plan (terraform show -json PLANFILE > plan.json) and\nCloudFormation template below each PATH.",
        epilog=EXIT_CODES,
        formatter_class=_layout,
        allow_abbrev=False,
    )
    scan.set_defaults(run=_scan)
    scan.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="directory or file (default: the current directory); what follows -- is a PATH, whatever it looks like",
    )
    scan.add_argument(
        "--files-from", metavar="FILE", help="read more PATHs from FILE, each ended by a NUL (-: standard input)"
    )
    scan.add_argument("--root", action="append", default=[], metavar="DIR", help="a root named by hand (repeatable)")

    policy = scan.add_argument_group("what is required")
    policy.add_argument("--policy", metavar="FILE", help="policy file (default: .vpce-checks.yaml above the path)")
    policy.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="SERVICE",
        help="also require its interface endpoint (repeatable)",
    )

    inputs = scan.add_argument_group("what the configuration is given")
    inputs.add_argument(
        "--var-file", action="append", default=[], metavar="FILE", help="Terraform variables (repeatable)"
    )
    inputs.add_argument(
        "--var", action="append", default=[], metavar="NAME=VALUE", help="a Terraform variable (repeatable)"
    )
    inputs.add_argument(
        "--parameters", action="append", default=[], metavar="FILE", help="CloudFormation parameters (repeatable)"
    )
    _add_module_source(inputs)
    _add_download_modules(inputs)
    inputs.add_argument("--region", help="the region, where the code leaves it to the environment")

    verdict = scan.add_argument_group("what fails")
    verdict.add_argument("--strict", action="store_true", help="an unknown verdict fails as well")
    verdict.add_argument("--soft-fail", action="store_true", help="exit 0 in spite of failures")
    verdict.add_argument(
        "--min-severity", choices=("low", "medium", "high"), default="low", help="leave out what is below"
    )
    verdict.add_argument("--baseline", metavar="FILE", help="failures recorded in FILE are ignored")
    verdict.add_argument(
        "--write-baseline", action="store_true", help="record the failures of this scan in the baseline"
    )

    change = scan.add_argument_group("a change")
    change.add_argument(
        "--changed-since",
        metavar="REV",
        help="scan the roots that differ from this git revision, and ignore what was so before",
    )
    change.add_argument(
        "--changed-files", action="store_true", help="PATHs are changed files: scan the roots that they reach"
    )

    output = scan.add_argument_group("the report")
    output.add_argument(
        "--format",
        action="append",
        default=[],
        metavar="FORMAT[=FILE]",
        help="text, json, sarif, junit, github, gitlab or markdown, on standard output or into FILE (repeatable; default: text)",
    )
    output.add_argument("--verbose", "-v", action="store_true", help="show what passes and what is ignored as well")

    speed = scan.add_argument_group("how it is done")
    speed.add_argument(
        "--jobs",
        type=_positive,
        metavar="N",
        help="processes at most; they start where that saves time (default: the cores)",
    )
    speed.add_argument(
        "--cache",
        metavar="DIR",
        help="keep verdicts in DIR, outside of the repository, and use them while all that they rest on is the same; "
        "only entries made with your own key count, or with the secret in $VPCE_CHECKS_CACHE_KEY (docs/cache.md)",
    )
    speed.add_argument("--dask", metavar="ADDRESS", help="scan on the Dask cluster of this scheduler")


def _positive(text: str) -> int:
    from argparse import ArgumentTypeError

    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _add_explain(commands: _Commands) -> None:
    explain = commands.add_parser("explain", help="tell what a rule checks and why", formatter_class=_layout)
    explain.set_defaults(run=_explain)
    explain.add_argument("rule", metavar="RULE", nargs="?", help="id or name (default: a list of the rules)")


def _add_services(commands: _Commands) -> None:
    services = commands.add_parser(
        "services", help="list the endpoint services that AWS offers", formatter_class=_layout
    )
    services.set_defaults(run=_services)
    services.add_argument("word", metavar="WORD", nargs="?", default="", help="only those with WORD in their name")


def _add_modules(commands: _Commands) -> None:
    modules = commands.add_parser(
        "modules",
        help="list the module calls and how each was found",
        description="List every module call of every Terraform root below each PATH: its source and version, and where\n"
        "its code was found, or why it was not.",
        formatter_class=_layout,
        allow_abbrev=False,
    )
    modules.set_defaults(run=_modules)
    modules.add_argument("paths", metavar="PATH", nargs="*", help="directory or file (default: the current directory)")
    modules.add_argument("--policy", metavar="FILE", help="policy file (default: .vpce-checks.yaml above the path)")
    _add_module_source(modules)
    _add_download_modules(modules)
    modules.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def _add_packs(commands: _Commands) -> None:
    packs = commands.add_parser("packs", help="list the policy packs, or show one", formatter_class=_layout)
    packs.set_defaults(run=_packs)
    packs.add_argument("name", metavar="NAME", nargs="?", help="the pack to show")


def _add_checkov_directory(commands: _Commands) -> None:
    directory = commands.add_parser(
        "checkov-dir", help="print the directory for checkov --external-checks-dir", formatter_class=_layout
    )
    directory.set_defaults(run=_checkov_directory)


def _add_cfn_lint_directory(commands: _Commands) -> None:
    directory = commands.add_parser(
        "cfn-lint-dir", help="print the directory for cfn-lint --append-rules", formatter_class=_layout
    )
    directory.set_defaults(run=_cfn_lint_directory)


def _add_checkov(commands: _Commands) -> None:
    commands.add_parser(
        "checkov",
        help="run Checkov with these rules; every argument goes to Checkov",
        add_help=False,
        formatter_class=_layout,
    )


_COMMANDS: Mapping[str, Callable[[_Commands], None]] = {
    "scan": _add_scan,
    "explain": _add_explain,
    "services": _add_services,
    "modules": _add_modules,
    "packs": _add_packs,
    "checkov-dir": _add_checkov_directory,
    "checkov": _add_checkov,
    "cfn-lint-dir": _add_cfn_lint_directory,
}


def _add_module_source(parser: _ActionsContainer) -> None:
    parser.add_argument(
        "--module-source",
        action="append",
        default=[],
        metavar="SOURCE=DIR",
        help="the code of the modules with this source lies in DIR (repeatable)",
    )


def _add_download_modules(parser: _ActionsContainer) -> None:
    parser.add_argument(
        "--download-modules",
        action="store_true",
        help="fetch modules that are not there from registries, git and archives, into $VPCE_CHECKS_MODULE_CACHE "
        "(default: vpce-checks/modules among the user's caches)",
    )


def _module_downloads(given: Namespace) -> str | None:
    """The directory to download modules to."""
    if not given.download_modules:
        return None
    from vpce_checks.terraform.sources.download.store import default_directory

    return default_directory(os.environ)


def _scan(given: Namespace) -> int:
    from vpce_checks.cli.progress import progress_bar
    from vpce_checks.execution.backend import EngineError, engine
    from vpce_checks.policy.model import PolicyError

    outputs = _outputs(given.format)
    if given.files_from is not None:
        given.paths += _names_from(given.files_from)
        if not given.paths and not given.changed_files:  # a broken pipeline must not pass for one without findings
            raise UsageError(f"--files-from {given.files_from} names no file")
    options = _options(given)
    checkouts = _checkouts(options)
    _check_outputs([file for _, file in outputs if file], given, options, checkouts)
    try:
        with progress_bar(sys.stderr) as progress, engine(given.jobs, given.cache, given.dask, progress) as scan:
            report = scan(options) if given.changed_since is None else _introduced(options, given, scan)
    except OSError as error:
        raise UsageError(f"cannot read {error.filename}: {error.strerror}") from error
    except PolicyError as error:
        return _policy_mistakes(error)
    except EngineError as error:
        raise UsageError(str(error)) from error
    if not report.roots and options.changed is None and given.changed_since is None:
        _say(f"no Terraform or CloudFormation in {', '.join(options.paths)}")
    written = []
    refused: list[UsageError] = []
    for format, file in outputs:
        try:
            written.append(_write(format, file, report, given, checkouts))
        except UsageError as error:  # the other reports are written all the same
            refused.append(error)
    if refused:
        raise refused[0]
    if given.write_baseline:
        code = _record(report, given.baseline, checkouts)
    else:
        code = _exit_code(report, given.strict, given.soft_fail)
    return code if all(written) else UNREAD


def _checkouts(options: ScanOptions) -> tuple[str, ...]:
    """The directories that hold what somebody else may have written: what is scanned, and the repository around us."""
    from vpce_checks.files.containment import boundary_of

    around = {boundary_of(os.path.realpath(path)) for path in (*options.paths, *options.roots)}
    here = boundary_of(os.path.realpath(os.getcwd()))
    if os.path.exists(os.path.join(here, ".git")):
        around.add(here)
    return tuple(sorted(around))


def _check_outputs(files: list[str], given: Namespace, options: ScanOptions, checkouts: tuple[str, ...]) -> None:
    """Raise UsageError, before the scan begins, where it could not write or would write what a link names."""
    if given.write_baseline:
        files = [*files, given.baseline]
    directories = [path for path in (given.cache, options.download_modules) if path]
    if not files and not directories:
        return
    from vpce_checks.files.output import OutputError, check_directory, check_output

    try:
        for file in files:
            check_output(file, checkouts)
        for directory in directories:
            check_directory(directory, checkouts)
    except OutputError as error:
        raise UsageError(str(error)) from error


def _introduced(options: ScanOptions, given: Namespace, scan: Callable[[ScanOptions], Report]) -> Report:
    """The report of what has changed since a revision, with what was so before ignored, and what the change relaxes."""
    from vpce_checks.execution.scan import scan as scan_alone
    from vpce_checks.project.git_revision import RevisionError, compared, introduced, known_before
    from vpce_checks.project.relaxations import relaxations

    try:
        with compared(given.changed_since, (*options.paths, *options.roots)) as since:
            differing = changed = since.changed_files()
            if options.changed is not None:
                changed = changed.intersection(map(os.path.realpath, options.changed))
            options = options._replace(changed=tuple(sorted(changed)))
            report = scan(options)
            if report.count("fail") or report.count("unknown"):
                report = introduced(report, known_before(since, options, scan_alone))
            baseline = None if given.write_baseline else given.baseline
            return report.with_warnings(relaxations(since, differing, options, baseline))
    except RevisionError as error:
        raise UsageError(str(error)) from error


def _policy_mistakes(error: PolicyError) -> int:
    from vpce_checks.report import relative

    for item in error.diagnostics:
        place = item.file if item.file.startswith("--") else f"{relative(item.file, os.getcwd())}:{item.line}"
        _say(f"{place}: {item.message}")
    return MISUSED


def _options(given: Namespace) -> ScanOptions:
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.terraform.faces.units import is_made_by_stack

    paths = () if given.changed_files else given.paths
    for path in (*paths, *given.root, *given.var_file, *given.parameters):
        if not os.path.exists(path) and not (path in given.root and is_made_by_stack(path)):
            raise UsageError(f"no such file or directory: {path}")
    variables = []
    for text in given.var:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--var takes NAME=VALUE, not {text!r}")
        variables.append((name.strip(), value))
    if given.write_baseline and not given.baseline:
        raise UsageError("--write-baseline needs --baseline FILE, the file to write")
    return ScanOptions(
        paths=tuple(paths) or (() if given.root else (".",)),
        roots=tuple(given.root),
        policy=given.policy,
        require=tuple(given.require),
        var_files=tuple(map(os.path.abspath, given.var_file)),
        variables=tuple(variables),
        environment=dict(os.environ),
        parameters=tuple(map(os.path.abspath, given.parameters)),
        region=_region(given.region) if given.region is not None else None,
        workspace=os.environ.get("TF_WORKSPACE") or None,
        module_sources=_module_sources(given.module_source),
        min_severity=given.min_severity,
        baseline=_baseline(given.baseline) if given.baseline and not given.write_baseline else None,
        changed=_changed_files(given.paths) if given.changed_files else None,
        download_modules=_module_downloads(given),
        networks=False,
    )


def _names_from(file: str) -> list[str]:
    """The names in ``file`` (``-``: standard input), each ended by a NUL, as ``git diff -z`` and ``find -print0`` write."""
    try:
        if file == "-":
            content = sys.stdin.buffer.read(MAX_NAMES + 1)
        else:
            with open(file, "rb") as stream:
                content = stream.read(MAX_NAMES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    if len(content) > MAX_NAMES:
        raise UsageError(f"--files-from {file}: more than {MAX_NAMES // 1024**2} MB of names")
    if b"\n" in content and b"\0" not in content:
        raise UsageError(
            f"--files-from {file}: each name has to end with a NUL, as git diff -z and find -print0 write it"
        )
    return [os.fsdecode(name) for name in content.split(b"\0") if name]


def _changed_files(paths: Sequence[str]) -> tuple[str, ...]:
    """The files that a commit changes: those given, and those that it removes, of which pre-commit does not tell."""
    from vpce_checks.project.git_revision import RepositoryError, RevisionError, removed_files

    first, last = (os.environ.get(name) for name in ("PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"))
    removed: tuple[str, ...] = ()
    try:
        removed = removed_files(".", first, last)
    except RepositoryError as error:
        _say(f"files that the change removes are not known: {error}")
    except RevisionError as error:
        raise UsageError(str(error)) from error
    return (*map(os.path.abspath, paths), *removed)


def _module_sources(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in texts:
        source, equals, directory = text.rpartition("=")  # a git source has "=" in it as well
        if not equals or not source or not directory:
            raise UsageError("--module-source takes SOURCE=DIR")
        if not os.path.isdir(directory):
            raise UsageError(f"no such directory: {directory}")
        pairs.append((source, os.path.realpath(directory)))
    return tuple(pairs)


def _baseline(file: str) -> Baseline:
    from vpce_checks.rules.baseline import BaselineError, load_baseline

    try:
        return load_baseline(file)
    except BaselineError as error:
        raise UsageError(str(error)) from error


def _outputs(formats: Sequence[str]) -> list[tuple[str, str | None]]:
    """The formats asked for with the file each goes to (None: standard output)."""
    outputs: list[tuple[str, str | None]] = []
    for text in formats or ["text"]:
        name, equals, file = text.partition("=")
        if name not in ("text", "json"):  # what is usual needs no look at the directory
            from vpce_checks.report import format_names

            if name not in format_names():
                raise UsageError(f"no format {name!r}; there are {', '.join(format_names())}")
        if equals and not file:
            raise UsageError(f"--format {name}= names no file")
        outputs.append((name, file or None))
    if sum(file is None for _, file in outputs) > 1:
        raise UsageError("only one format can go to standard output; give the others a file: --format json=report.json")
    return outputs


def _write(format: str, file: str | None, report: Report, given: Namespace, checkouts: tuple[str, ...]) -> bool:
    """Write the report. False where a defect of ours leaves out something of it, which is told."""
    from vpce_checks.report import Style
    from vpce_checks.report.guard import render_what_can_be

    compared = given.changed_since or ("" if given.write_baseline else given.baseline) or ""
    if file is None:
        terminal = sys.stdout.isatty()
        colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        width = _width() if terminal else WIDTH
        style = Style(os.getcwd(), width, colour, given.verbose, given.strict, compared)
    else:
        style = Style(os.getcwd(), WIDTH, False, given.verbose, given.strict, compared)
    try:
        text, defects = render_what_can_be(format, report, style)
    except Exception as error:
        _say(f"error: there is no report as {format}: {defect(error)}")
        return False
    for item in defects:
        _say(f"error: {item.message}")
    if file is None:
        _put(text)
        return not defects
    from vpce_checks.files.output import OutputError, write_output

    try:
        write_output(file, text, checkouts)
    except OutputError as error:
        raise UsageError(str(error)) from error
    return not defects


def _put(text: str) -> None:
    """Write to standard output, now."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"cannot write to standard output: {error.strerror}") from error


def _exit_code(report: Report, strict: bool, soft_fail: bool) -> int:
    if not report.complete:
        return UNREAD
    failed = report.count("fail") or (strict and report.count("unknown"))
    return FAILED if failed and not soft_fail else PASSED


def _region(name: str) -> str:
    from vpce_checks.catalog.partitions import is_region

    if not is_region(name):
        raise UsageError(f"--region takes the name of a region, such as eu-west-1, not {name!r}")
    return name


def _record(report: Report, file: str, checkouts: tuple[str, ...]) -> int:
    """Write the baseline: what fails today does so no more."""
    from vpce_checks.files.output import OutputError
    from vpce_checks.rules.baseline import write_baseline

    try:
        count = write_baseline(file, report.findings, checkouts)
    except OutputError as error:
        raise UsageError(str(error)) from error
    _say(f"recorded {count} finding{'' if count == 1 else 's'} in {file}")
    return PASSED if report.complete else UNREAD


def _explain(given: Namespace) -> int:
    from vpce_checks.cli import pages
    from vpce_checks.rules.registry import all_rules, find_rule

    if given.rule is None:
        return _print(pages.rule_list())
    rule = find_rule(given.rule)
    if rule is None:
        words = [word for each in all_rules() for word in (each.id, each.name)]
        raise UsageError(f"no rule {given.rule!r}{_nearest(given.rule, words)}")
    return _print(pages.rule_page(rule))


def _services(given: Namespace) -> int:
    from vpce_checks.catalog import nearest
    from vpce_checks.cli import pages

    lines = pages.service_list(given.word)
    if not lines:
        close = nearest(given.word)
        raise UsageError(
            f"no service has {given.word!r} in its name" + (f"; near it: {', '.join(close)}" if close else "")
        )
    return _print(lines)


def _modules(given: Namespace) -> int:
    from vpce_checks.cli.modules import list_modules, module_json, module_lines
    from vpce_checks.files.errors import CacheError
    from vpce_checks.policy.model import PolicyError
    from vpce_checks.project.options import ScanOptions
    from vpce_checks.report import relative
    from vpce_checks.report.text.escape import escape

    for path in given.paths:
        if not os.path.exists(path):
            raise UsageError(f"no such file or directory: {path}")
    options = ScanOptions(
        paths=tuple(given.paths) or (".",),
        policy=given.policy,
        module_sources=_module_sources(given.module_source),
        kinds=("terraform",),
        environment=dict(os.environ) if given.download_modules else {},
        download_modules=_module_downloads(given),
    )
    try:
        listed = list_modules(options)
    except OSError as error:
        raise UsageError(f"cannot read {error.filename}: {error.strerror}") from error
    except PolicyError as error:
        return _policy_mistakes(error)
    except CacheError as error:
        raise UsageError(str(error)) from error
    for item in listed.diagnostics:
        _say(f"{item.severity}: {relative(item.file, os.getcwd())}:{item.line}: {item.message}")
    lines = (
        module_json(listed, os.getcwd()) if given.format == "json" else map(escape, module_lines(listed, os.getcwd()))
    )
    _print(lines)
    return PASSED if all(item.severity != "error" for item in listed.diagnostics) else UNREAD


def _packs(given: Namespace) -> int:
    from vpce_checks.cli import pages
    from vpce_checks.policy import find_pack, pack_names

    if given.name is None:
        return _print(pages.pack_list())
    pack = find_pack(given.name)
    if pack is None:
        raise UsageError(f"no pack {given.name!r}{_nearest(given.name, pack_names())}")
    return _print(pages.pack_page(pack))


def _checkov_directory(given: Namespace) -> int:
    from vpce_checks.plugins.checkov import checks_directory

    return _print([checks_directory()])


def _cfn_lint_directory(given: Namespace) -> int:
    from vpce_checks.policy import policies_directory

    return _print([os.path.join(policies_directory(), "cfn-lint")])


def _checkov(arguments: Sequence[str]) -> int:
    from vpce_checks.plugins.checkov.wrapper import ForeignChecks, NotInstalled, run_checkov

    file = _file_like_option(arguments)
    if file is not None:  # Checkov knows no "--"
        _say(f"error: {file} is an option and the name of a file here; give its directory to -d, or rename it")
        return MISUSED
    try:
        return run_checkov(arguments)
    except (ForeignChecks, NotInstalled) as error:
        _say(f"error: {error}")
        return MISUSED


def _print(lines: Iterable[str]) -> int:
    _put("".join(f"{line}\n" for line in lines))
    return PASSED


def _nearest(word: str, words: Iterable[str]) -> str:
    from difflib import get_close_matches

    given = {each.lower(): each for each in words}
    close = get_close_matches(word.lower()[:100], given, 1, 0.5)
    return f"; did you mean {given[close[0]]}?" if close else f"; there are {', '.join(given.values())}"


def _width() -> int:
    """The terminal's width, at least what a finding needs and at most what the eye follows."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError):
        columns = WIDTH
    return min(max(columns, 72), 160)


def _say(text: str) -> None:
    from vpce_checks.report.text.escape import escape

    print(f"vpce-checks: {escape(text)}", file=sys.stderr)


def _reader_left() -> int:
    """Whoever read our output has gone (``| head``): end quietly, and keep Python from flushing into the pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141  # as a shell reports a process that a closed pipe ended

"""``python -m bench``: measures vpce-checks beside other programs, and prints ratios."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import contenders, report, scaling
from bench.measure import Failed, in_turns
from bench.shapes import SHAPES
from bench.works import GENERATED, works

RESULTS = Path(__file__).with_name("RESULTS.md")


def main(arguments: list[str] | None = None) -> int:
    """Measure what the command line asks for; the exit code is 1 if a bar is not met."""
    options = _parser().parse_args(arguments)
    against = options.against or contenders.last_release()
    tools: Path = options.tools
    installed = contenders.install(tools.resolve(), against)
    results = []
    with tempfile.TemporaryDirectory() as made:
        for work in works(installed, Path(made), options.vpc_module, options.directories, options.only):
            print(f"measuring {work.title}", file=sys.stderr, flush=True)
            results.append((work, in_turns(work.commands, options.seconds)))
    growths = []
    if not options.only or "scaling" in options.only:
        for shape in SHAPES.values():
            print(f"measuring {shape.title}", file=sys.stderr, flush=True)
            growths.append(scaling.measure(installed.ours / "bin" / "vpce-checks", shape))
    if not results and not growths:
        print("nothing to measure: no work has the name given with --only", file=sys.stderr)
        return 2
    text = report.markdown(results, installed.versions(), os.cpu_count() or 1, against, growths)
    print(text, end="")
    if options.write:
        RESULTS.write_text(text, encoding="utf-8")
    bars = [bar.met(measured) for work, measured in results for bar in work.bars]
    return 0 if all(bars) and all(growth.met for growth in growths) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("directories", nargs="*", type=_directory, metavar="DIR", help="Terraform to measure as well")
    parser.add_argument("--vpc-module", type=_directory, metavar="DIR", help="a clone of terraform-aws-vpc")
    parser.add_argument(
        "--only", action="append", default=[], metavar="WORK", help=f"{', '.join(GENERATED)}, scaling, ..."
    )
    parser.add_argument("--seconds", type=float, default=20, help="how long to repeat each command (default: 20)")
    parser.add_argument("--against", metavar="REV", help="our own revision to compare with (default: the last release)")
    parser.add_argument(
        "--tools", type=Path, default=Path(".bench"), metavar="DIR", help="where the programs are installed"
    )
    parser.add_argument("--write", action="store_true", help="record the results in bench/RESULTS.md")
    return parser


def _directory(text: str) -> Path:
    path = Path(text).resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a directory")
    return path


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"error: {failure}; what it took would mean nothing")
    except subprocess.CalledProcessError as failure:
        sys.exit(f"error: a program could not be installed: {failure}")

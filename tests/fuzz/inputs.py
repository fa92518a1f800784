"""One input of the fuzzer: a seed with one to three of its files damaged, beside a root that is left alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fuzz.mutations import SPECIAL, damage
from tests.fuzz.seeds import Seed, seeds

BESIDE = "zz-beside"
UNTOUCHED = {
    f"{BESIDE}/code/main.tf": b'resource "aws_vpc" "beside" {\n  cidr_block = "10.9.0.0/16"\n}\n',
    f"{BESIDE}/stack.yaml": b"Resources:\n  BesideVpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.9.0.0/16}\n",
}
"""A root module and a template, with a VPC each that has no endpoint. Whatever happens beside them, both must fail."""

FORMATS = ("sarif", "junit", "github", "gitlab", "markdown", "text")


@dataclass(frozen=True)
class Input:
    """A tree of files and how it is scanned. ``special`` says what becomes of a file that is not simply written."""

    seed: Seed
    files: dict[str, bytes]
    special: dict[str, str]
    damaged: tuple[str, ...]
    formats: tuple[str, ...]
    verbose: bool

    @property
    def arguments(self) -> list[str]:
        """The command line, with reports in files of the working directory."""
        also = [word for name in self.formats for word in ("--format", f"{name}={name}.out")]
        return ["scan", ".", "--format", "json", *also, *(["-v"] if self.verbose else []), *self.seed.args]

    @property
    def may_be_refused(self) -> bool:
        """Whether the exit code may be 2."""
        return any(map(self.seed.may_refuse, self.damaged))

    @property
    def may_read_beside(self) -> bool:
        """Whether damaged code reads the state of another root, which may then be any root."""
        return any(b"terraform_remote_state" in self.seed.files[path] for path in self.damaged)


def make_input(seed: int, number: int) -> Input:
    """The input ``number`` of the run ``seed``: always the same."""
    rng = Random(f"{seed}:{number}")
    chosen = rng.choice(seeds())
    files = dict(chosen.files)
    special: dict[str, str] = {}
    paths = chosen.mutable
    damaged = rng.sample(paths, min(len(paths), rng.choice((1, 1, 1, 2, 3))))
    for path in damaged:
        if rng.random() < 0.06:
            way = rng.choice(SPECIAL)
            if way == "twin":
                suffix = rng.choice((".tf", ".tf.json", ".yaml", ".json", ".hcl", ".tofu", "_override.tf", ".template"))
                files[f"{path}{suffix}"] = files[path]
            elif way == "renamed":
                name = rng.choice(
                    ("a b", "x\ny", "é", "-x", "n" * 200, "\x1b[31m", "`", "<b>", "%0A", "|", "\u202e", "\udce9")
                )
                files[f"{path}.{name}{os.path.splitext(path)[1]}"] = files.pop(path)
            else:
                special[path] = way
                del files[path]
        else:
            files[path] = damage(path, files[path], rng)
    return Input(chosen, files, special, tuple(damaged), tuple(rng.sample(FORMATS, 2)), rng.random() < 0.3)


def write(made: Input, directory: Path) -> None:
    """Put the tree into ``directory``, which is empty."""
    (directory / ".git").mkdir()  # the repository ends here
    for path, data in (*made.files.items(), *UNTOUCHED.items()):
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    for path, way in made.special.items():
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if way == "directory":
            place.mkdir()
        elif way == "loop":
            place.symlink_to(place.name)
        elif way == "dangling":
            place.symlink_to("nowhere/at/all")
        elif way == "outside":
            place.symlink_to("/etc/passwd")
        elif way == "fifo":
            os.mkfifo(place)

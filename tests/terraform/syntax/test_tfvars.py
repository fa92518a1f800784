"""Files of variable values."""

from __future__ import annotations

from pathlib import Path

from tests.terraform.syntax.printing import shape
from vpce_checks.terraform.syntax.tfvars import load_tfvars


def test_values_and_their_places(tmp_path: Path) -> None:
    path = tmp_path / "x.tfvars"
    path.write_text('a = 1\n# remark\nb = {\n  c = ["x"]\n}\n')
    values, problems = load_tfvars(str(path), (str(tmp_path),))
    assert not problems
    assert {name: shape(expr) for name, (expr, _) in values.items()} == {
        "a": "Literal(1)",
        "b": "ObjectCons(((Literal('c'), TupleCons((Literal('x'))))))",
    }
    assert values["b"][1][:3] == (str(path), 3, 1)


def test_json_values(tmp_path: Path) -> None:
    path = tmp_path / "x.tfvars.json"
    path.write_text('{\n "//": "remark",\n "a": [1, null],\n "b": "text",\n "a": 2\n}')
    values, problems = load_tfvars(str(path), (str(tmp_path),))
    assert [(problem.line, problem.message) for problem in problems] == [
        (5, "'a' is set twice, first on line 3; remove one")
    ]
    assert shape(values["a"][0]) == "TupleCons((Literal(1), Literal(None)))"
    assert shape(values["b"][0]) == "Literal('text')"
    assert values["a"][1].line == 3


def test_mistakes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.tfvars"
    path.write_text("a = 1 +\nb = 2\nc {\n}\nb = 3\n")
    values, problems = load_tfvars(str(path), (str(tmp_path),))
    assert [problem.line for problem in problems] == [1, 5, 3]
    assert shape(values["b"][0]) == "Literal(2)"
    path = tmp_path / "y.tfvars.json"
    path.write_text("[1]")
    assert load_tfvars(str(path), (str(tmp_path),))[1][0].message == "the file must be a JSON object of variable values"


def test_nothing_outside_of_the_repository_is_read(tmp_path: Path) -> None:
    (tmp_path / "outside.tfvars").write_text("a = 1\n")
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "link.tfvars").symlink_to(tmp_path / "outside.tfvars")
    for name in ("r/link.tfvars", "outside.tfvars", "r/../outside.tfvars", "r/none.tfvars"):
        values, (problem,) = load_tfvars(str(tmp_path / name), (str(tmp_path / "r"),))
        assert not values
        assert problem.severity == "error"

"""The shapes of the scaling part hold what they say, and its exponents are those of the readings."""

from __future__ import annotations

from pathlib import Path

import pytest

import vpce_checks.cli.main
from bench.scaling import Growth, table
from bench.shapes import SHAPES


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_read_without_errors(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    SHAPES[name].make(tmp_path, 3)
    assert vpce_checks.cli.main.main(["scan", str(tmp_path), "--jobs", "1"]) in (0, 1)
    shown = capsys.readouterr()
    assert "error:" not in shown.out + shown.err


@pytest.mark.parametrize("power", [1.0, 2.0, 3.0])
def test_the_exponent_is_that_of_the_readings(power: float) -> None:
    shape = SHAPES["text"]
    growth = Growth(shape, {size: 0.001 * size**power for size in shape.sizes})
    assert growth.exponent == pytest.approx(power)
    assert growth.met is (power == 1.0)
    assert ("| met |" in list(table([growth]))[-1]) is growth.met

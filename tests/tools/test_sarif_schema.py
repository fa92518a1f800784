"""SARIF reports keep to the schema that the standard publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.report.cases import hostile, of_everything
from vpce_checks.cli.main import main
from vpce_checks.report import Style, render

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def validator(npm: Path) -> jsonschema.Draft4Validator:
    """The schema of SARIF 2.1.0, as npm's @microsoft/jest-sarif ships it."""
    (file,) = (npm / "node_modules" / "@microsoft" / "jest-sarif" / "lib" / "schemas").glob("sarif-2.1.0*.json")
    schema = json.loads(file.read_text())
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema)


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("made", [of_everything, hostile])
def test_made_reports(made: Any, verbose: bool, validator: jsonschema.Draft4Validator, tmp_path: Path) -> None:
    validator.validate(json.loads(render("sarif", made(tmp_path / "root"), Style(str(tmp_path), verbose=verbose))))


def test_report_of_the_examples(
    validator: jsonschema.Draft4Validator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    assert main(["scan", "examples", "--format", "sarif", "--verbose"]) == 1
    log = json.loads(capsys.readouterr().out)
    assert len(log["runs"][0]["results"]) > 10
    assert any("fixes" in each for each in log["runs"][0]["results"])
    validator.validate(log)


def test_schema_is_strict(validator: jsonschema.Draft4Validator, tmp_path: Path) -> None:
    log = json.loads(render("sarif", of_everything(tmp_path / "root"), Style(str(tmp_path))))
    log["runs"][0]["results"][0]["levl"] = "error"
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(log)

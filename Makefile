# Set-up and the usual commands. Needs Python 3.10 or newer (with venv) and git; everything goes into .venv.
PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?= -n auto
BENCH_ARGS ?=
TRUTH_ARGS ?=
BIN := $(VENV)/bin

.PHONY: demo test truth bench lint format clean

## demo: install and scan examples/ (what it finds makes the scan exit with 1)
demo: $(VENV)/.installed
	$(BIN)/vpce-checks scan examples || test $$? -eq 1

## test: install the test needs and run the tests (with the slow ones: make test PYTEST_ARGS="-n auto --slow")
test: $(VENV)/.test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

## truth: compare with what real Terraform deploys, plans and evaluates, and print how many are equal (about 15 minutes)
truth: $(VENV)/.test
	$(BIN)/python -m tests.truth $(TRUTH_ARGS)

## bench: measure speed beside Checkov, cfn-lint and others (options: make bench BENCH_ARGS="--help")
bench: $(VENV)/.installed
	$(BIN)/python -m bench $(BENCH_ARGS)

## lint: style, format, types, and which module may import which
lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/python -m tests.contracts

## format: write the code as the formatter wants it
format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .bench build dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@ $(VENV)/.installed

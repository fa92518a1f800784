# Set-up and the usual commands. Needs Python 3.10 or newer (with venv) and git; everything goes into .venv. With
# LOCK=requirements/ci.txt it is the releases that CI uses.
PYTHON ?= python3
VENV ?= .venv
PYTEST_ARGS ?= -n auto
BENCH_ARGS ?=
TRUTH_ARGS ?=
FUZZ_ARGS ?=
LOCK ?=
BIN := $(VENV)/bin
COMPILE := uv pip compile --quiet --upgrade --universal --python-version 3.10 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url

.PHONY: demo test truth hosts laws fuzz bench lint format lock clean

## demo: install and scan examples/ (what it finds makes the scan exit with 1)
demo: $(VENV)/.installed
	$(BIN)/vpce-checks scan examples || test $$? -eq 1

## test: install the test needs and run the tests (with the slow ones: make test PYTEST_ARGS="-n auto --slow")
test: $(VENV)/.test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

## truth: compare with what real Terraform deploys, plans and evaluates, and print how many are equal (about 15 minutes)
truth: $(VENV)/.test
	$(BIN)/python -m tests.truth $(TRUTH_ARGS)

## hosts: compare every fixture, and the plan of each that can be planned, in Checkov and cfn-lint (about an hour)
hosts: $(VENV)/.test
	VPCE_CHECKS_HOSTS=all $(BIN)/python -m pytest $(PYTEST_ARGS) --slow tests/tools/test_checkov_verdicts.py \
		tests/tools/test_checkov_plans.py tests/tools/test_cfn_lint.py

## laws: try the laws on seven times as many generated cases as CI does (about an hour)
laws: $(VENV)/.test
	VPCE_CHECKS_EXAMPLES=7 $(BIN)/python -m pytest $(PYTEST_ARGS) --slow tests/terraform tests/laws/test_shapes.py \
		tests/laws/test_hiding.py tests/cloudformation/test_brute_force.py tests/rules/test_law.py

## fuzz: scan 100,000 damaged inputs and print what goes wrong (less: make fuzz FUZZ_ARGS="--seconds 300 --keep .fuzz")
fuzz: $(VENV)/.test
	$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

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

## lock: write anew which releases CI, the action, the image and a release install, with their hashes (needs uv)
lock:
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) requirements/action.in -o requirements/action.txt
	$(COMPILE) requirements/release.in -o requirements/release.txt
	$(COMPILE) requirements/site.in -o requirements/site.txt
	$(COMPILE) pyproject.toml requirements/ci.in --extra test -o requirements/ci.txt

clean:
	rm -rf $(VENV) .bench build dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
ifdef LOCK
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
else
	$(BIN)/python -m pip install --quiet --editable ".[test]"
endif
	touch $@ $(VENV)/.installed

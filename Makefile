# Two commands matter: `make demo` shows chiso at work, `make test` proves it.
.ONESHELL:
.SHELLFLAGS := -eu -c
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
COMPILE := $(LOCK) pyproject.toml --extra postgres --extra snmp --group build

.PHONY: demo test check format bench cover mutants dashboards lock clean

demo: $(VENV)/run.stamp
	@exec "$(BIN)/chiso" demo

test: $(VENV)/dev.stamp
	@"$(BIN)/python" -m pytest

check: $(VENV)/dev.stamp
	@"$(BIN)/ruff" format --check .
	"$(BIN)/ruff" check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports" --no-cache
	"$(BIN)/python" -m pytest -q tests/test_docs.py

format: $(VENV)/dev.stamp
	@"$(BIN)/ruff" format .
	"$(BIN)/ruff" check --fix .

# Ratios measured side by side in one run; nothing is asserted.
bench: $(VENV)/dev.stamp
	@"$(BIN)/python" -m tests.bench

# Every branch of scoring is reached by its own tests.
cover: $(VENV)/dev.stamp
	@mkdir -p var
	CHISO_CASES=300 "$(BIN)/python" -m coverage run --data-file=var/.coverage --branch --source=scoring -m pytest -q tests/scoring
	"$(BIN)/python" -m coverage report --data-file=var/.coverage --include='scoring/*' --fail-under=100

# Small faults are put into scoring one by one, and its tests must find them. Half an hour.
mutants: $(VENV)/mutants.stamp
	@rm -rf mutants
	ulimit -d 2097152 # A mutant that never ends may fill a list all the while.
	CHISO_CASES=30 CHISO_EXAMPLES=5 "$(BIN)/mutmut" run
	"$(BIN)/python" -m tests.scoring.survivors

# Files in deploy/ that are made by code; tests compare.
generated: $(VENV)/dev.stamp
	@"$(BIN)/python" -m deploy.alerts
	"$(BIN)/python" -m deploy.keys
	"$(BIN)/python" -m deploy.grafana.dashboards

lock:
	@$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group dev --output-file requirements-dev.lock
	$(LOCK) --group mutants --constraint requirements-dev.lock --output-file requirements-mutants.lock

clean:
	@rm -rf .venv var mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null || { echo "chiso needs Python 3.11 or newer: $(PYTHON) is not installed (Debian: apt-get install python3 python3-venv)" >&2; exit 69; }
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "chiso needs Python 3.11 or newer: $(PYTHON) is $$($(PYTHON) --version)" >&2; exit 69; }
	"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "chiso needs Python's venv (Debian: apt-get install python3-venv)" >&2; exit 69; }
	"$(PYTHON)" -m venv "$(VENV)"

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing chiso into $(VENV) ..."
	$(PIP) install --require-hashes --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch "$@"

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	@echo "Installing what the tests need into $(VENV) ..."
	$(PIP) install --require-hashes --requirement requirements-dev.lock
	touch "$@"

$(VENV)/mutants.stamp: requirements-mutants.lock $(VENV)/dev.stamp
	@echo "Installing what changes the code for its tests into $(VENV) ..."
	$(PIP) install --require-hashes --requirement requirements-mutants.lock
	touch "$@"

# Every target first makes the environment; when all is in place that costs nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV_VERSION := 0.13.9

.PHONY: setup demo test lint format ui constraints samples clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make setup PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

demo: setup
	$(BIN)/aegis demo

test: setup
	$(BIN)/pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

ui: setup
	$(BIN)/aegis ui

# Renders the sample documents and their gold from aegis_pipeline/samples/source.
samples: setup
	$(BIN)/python scripts/build_samples.py

# Pins everything that pyproject.toml asks for, for every supported Python.
constraints: setup
	$(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --extra dev pyproject.toml --python-version 3.11 \
	  --constraint scripts/pins.in --output-file constraints.txt

clean:
	rm -rf $(VENV) .aegis .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build

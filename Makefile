# Every target first makes the environment; when all is in place that costs nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV_VERSION := 0.13.9
# With our dagster.yaml, in which telemetry is off: nothing leaves this machine.
DG_HOME := $(CURDIR)/.aegis/dg-check

.PHONY: setup demo test lint format ui servers ollama constraints samples docs screenshots results clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make setup PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

# The main job on the bundled samples, and one question.
demo: setup
	$(BIN)/aegis demo

# The whole suite, two processes at once; a file's tests stay together, for they share what is slow to make.
test: setup
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/build_docs.py --check
	$(BIN)/hadolint Dockerfile
	@mkdir -p $(DG_HOME) && cp dagster.yaml $(DG_HOME)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) DAGSTER_HOME=$(DG_HOME) $(BIN)/dg check defs

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Dagster's UI with the same assets.
ui: setup
	$(BIN)/aegis ui

# Neo4j and PostgreSQL for the production profile, until ctrl-c (docs/production.md).
servers: setup
	@$(BIN)/python scripts/servers.py

# An Ollama server with a small model in the user's cache, for the tests that are marked ollama.
ollama: setup
	$(BIN)/python scripts/build_ollama.py

# Renders the sample documents and their gold from aegis_pipeline/samples/source.
samples: setup
	$(BIN)/python scripts/build_samples.py

# The pages of docs/ that are made from the code.
docs: setup
	$(BIN)/python scripts/build_docs.py

# The pictures of the UI in docs/images, by the test that uses it in a browser.
screenshots: setup
	AEGIS_SCREENSHOTS=$(CURDIR)/docs/images OMP_NUM_THREADS=1 $(BIN)/pytest -n 0 -p no:randomly -k browser aegis_pipeline_tests/service

# The figures that need nothing but the checkout; the others name their command in docs/quality.md.
results: setup
	$(BIN)/python scripts/measure_samples.py

# Pins everything that pyproject.toml asks for, for every supported Python.
constraints: setup
	$(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --all-extras pyproject.toml --python-version 3.11 \
	  --constraint scripts/pins.in --output-file constraints.txt

clean:
	rm -rf $(VENV) .aegis .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build

# Every target first makes the environment; when all is in place that costs nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
UV_VERSION := 0.13.9
# With our dagster.yaml, in which telemetry is off: nothing leaves this machine.
DG_HOME := $(CURDIR)/.aegis/dg-check

.PHONY: setup demo test test-unit test-integration lint actionlint prometheus build check-wheel image audit format ui servers ollama constraints samples docs screenshots results benchmark benchmark-compare clean

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

# A file's tests stay together, for they share what is slow to make; files in the order that conftest.py gives them.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest --dist loadfile --no-loadscope-reorder
# What needs models, Dagster or a server; the other half, which does not, has to reach the coverage by itself.
REAL := models or dagster or neo4j or postgres or ollama or gpu or slow
# Where the machine forbids compiled files, each of the programs that tests start would compile every package anew.
test test-unit test-integration: export PYTHONDONTWRITEBYTECODE =

# The whole suite, for two processors; the second half also waits for servers. Lines are counted in the first half alone: in the
# second that costs a quarter more time.
test: setup
	$(PYTEST) -n 2 -m 'not ($(REAL))' --cov --cov-fail-under=85 --cov-report=
	$(PYTEST) -n 3 -m '$(REAL)'

# The same halves, as continuous integration runs them beside each other. Reports are written to build/reports.
REPORTED = $(PYTEST) -n auto --maxfail=5 --timeout=300 --cov \
  --cov-report=xml:build/reports/$(1)-coverage.xml --junit-xml=build/reports/$(1)-junit.xml

test-unit: setup
	$(call REPORTED,unit) -m 'not ($(REAL))'

test-integration: setup
	$(call REPORTED,integration) -m '$(REAL)'

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/build_docs.py --check
	$(BIN)/hadolint Dockerfile
	@if PATH="$(BIN):$$PATH" command -v actionlint >/dev/null; then PATH="$(BIN):$$PATH" actionlint; \
	  else echo "actionlint is not here, so .github is not checked: make actionlint builds it with Go"; fi
	@mkdir -p $(DG_HOME) && cp dagster.yaml $(DG_HOME)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) DAGSTER_HOME=$(DG_HOME) $(BIN)/dg check defs

# Built with Go into the environment; `make lint` runs it where it is.
actionlint: setup
	GOBIN=$(CURDIR)/$(BIN) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7

# The program that tests of the dashboard and the alerts start, on Debian and Ubuntu.
prometheus:
	sudo apt-get install --yes --no-install-recommends prometheus

# The sdist, and the wheel made from it, in dist.
build: setup
	rm -rf dist
	$(BIN)/uv build --quiet --out-dir dist

# The wheel in an empty environment, outside the checkout.
check-wheel: build
	$(BIN)/python scripts/check_wheel.py --uv $(CURDIR)/$(BIN)/uv dist/*.whl dist/*.tar.gz

# IMAGE_CACHE is a folder for the layers; it needs a builder that can export them (docker buildx create --use).
image:
	docker buildx build --load --tag aegis-pipeline \
	  $(if $(IMAGE_CACHE),--cache-from type=local$(comma)src=$(IMAGE_CACHE) --cache-to type=local$(comma)dest=$(IMAGE_CACHE)$(comma)mode=max) .

comma := ,

# Known weaknesses of the packages that constraints.txt pins.
audit: setup
	$(BIN)/uv tool run pip-audit==2.9.0 --requirement constraints.txt --no-deps --disable-pip --strict

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

# The pictures in docs/images: the graph of the samples, and the UI by the test that uses it in a browser.
screenshots: setup
	AEGIS_HOME=build/pictures $(BIN)/aegis demo
	AEGIS_HOME=build/pictures $(BIN)/aegis graph --format json --out build/pictures/graph.json
	$(BIN)/python scripts/draw_graph.py build/pictures/graph.json docs/images/graph.svg
	AEGIS_SCREENSHOTS=$(CURDIR)/docs/images OMP_NUM_THREADS=1 $(BIN)/pytest -n 0 -p no:randomly -k browser aegis_pipeline_tests/service

# The figures that need nothing but the checkout; the others name their command in docs/quality.md.
results: setup
	$(BIN)/python scripts/measure_samples.py

# The default pipeline on two scenarios, and its report.
BENCHMARK := build/benchmark
RESULTS := $(BENCHMARK)/report/results/benchmark_results_sprint14.json
KEPT := $(BENCHMARK)/kept/results.json

benchmark: setup
	AEGIS_HOME=$(BENCHMARK)/home $(BIN)/aegis benchmark run --variant three_phase-embedded-cpu --scenario small --scenario batch_10
	AEGIS_HOME=$(BENCHMARK)/home $(BIN)/aegis benchmark report --out $(BENCHMARK)/report

# Fails where they are worse than those of the time before, which then stay the ones to compare with.
benchmark-compare: benchmark
	@if test -e $(KEPT); then $(BIN)/aegis benchmark compare $(KEPT) $(RESULTS) --summary $(BENCHMARK)/summary.md; \
	  else echo "There are no earlier results here to compare with: these are kept for the next time."; fi
	@mkdir -p $(dir $(KEPT)) && cp $(RESULTS) $(KEPT)

# Pins everything that pyproject.toml asks for, for every supported Python.
constraints: setup
	$(BIN)/uv pip compile --quiet --universal --no-header --no-annotate --all-extras pyproject.toml --python-version 3.11 \
	  --constraint scripts/pins.in --output-file constraints.txt

clean:
	rm -rf $(VENV) .aegis .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build

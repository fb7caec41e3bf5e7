# Two commands: `make run` shows it working, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# More than two cores need: most tests wait for a server or a database. Who is done early takes from the others.
TESTS_AT_ONCE ?= 4
# Browsers and killed processes share few cores: a test gets a second try, and the summary names it as RERUN, to be mended.
PYTEST := $(BIN)/python -m pytest -n $(TESTS_AT_ONCE) --dist worksteal --reruns 1
# Tests start many processes: what was compiled once is kept, also where the surroundings say otherwise.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test quick lint system bench clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[postgresql,test]'
	@touch $@

run: $(STAMP) ## Start the demonstration on http://127.0.0.1:8642
	$(BIN)/deskside demo

system: ## Install the system packages the tests use, where we may; say what is missing where not
	@tools/system-packages

lint: $(STAMP) ## Style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(STAMP) system lint ## Everything: lint, types, import rules, the whole suite on both databases and in a browser
	$(PYTEST)

quick: $(STAMP) ## The suite without what takes long
	$(PYTEST) -m 'not slow'

bench: $(STAMP) ## Measure, beside a peer in the same run
	$(BIN)/python -m benchmarks.run_all

clean: ## Remove what was made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

# All that a developer runs. `make help` lists it.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# The first interpreter that really runs and is 3.11 to 3.13 (a pyenv shim may exist and still refuse).
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo "$$p"; break; }; done)

.DEFAULT_GOAL := help

help: ## List these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Kapitola needs Python 3.11, 3.12 or 3.13, and none was found. Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python could not make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 2; }

# A stamp per lock file: the locks decide what is installed, so a new lock means a new install.
$(VENV)/.runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing Kapitola into $(VENV) (once; about a minute) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.runtime ## Install the product into .venv (leaves .venv/bin/kapitola)

setup-dev: $(VENV)/.dev ## Install what tests and checks need as well

demo: setup ## Outline the lectures in examples/ with everything real and embedded: no key, no Docker
	@KAPITOLA_HOME=$(CURDIR)/.demo $(BIN)/kapitola outline examples --model offline -o outlines --show --format json --format markdown --format html

test: setup-dev ## Run the fast tests (a few minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow" --ignore tests/exports

test-all: setup-dev ## Run all the tests, slow ones included
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup-dev ## Lint, types, import contracts, and docs against code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: make format" >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest tests/unit/test_docs.py

format: setup-dev ## Format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

docs: setup ## Write what docs say of settings and commands again from the code
	@$(BIN)/python docs/regenerate.py

up: setup ## Run a server on this machine until Ctrl-C
	@$(BIN)/kapitola up

lock: setup-dev ## Resolve the dependencies again and pin them with hashes (needs uv)
	uv pip compile --upgrade --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --group build -o requirements.lock
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

clean: ## Remove the environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .demo

.PHONY: help setup setup-dev demo test test-all check format docs up lock clean

include $(wildcard make/*.mk)

# The commands of everyday work. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup check lint ruff mypy contracts format test docs manual bench

help:
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## a virtual environment in .venv with everything for development, and the commit hooks
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[test,dev]'
	if git rev-parse --git-dir >/dev/null 2>&1; then $(BIN)/pre-commit install; fi

check: lint test ## all that must pass before a change may land

lint: ruff mypy contracts ## formatting, ruff, mypy and the import contracts

ruff:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

mypy:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports

format: ## let ruff format and fix what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: ## the whole test suite on all cores
	$(BIN)/python -m pytest -n auto

docs: ## the pages and pictures of docs/ that are made from the code
	$(BIN)/python -m deepnet_tui.commands.manual >docs/keys.md
	$(BIN)/python -m deepnet_tui.experiment.manual >docs/settings.md
	$(BIN)/python docs/licences.py >docs/licences.md
	$(BIN)/deepnet-tui man >docs/deepnet-tui.1
	$(BIN)/python docs/screenshots.py
	$(BIN)/python docs/notebooks.py

manual: build/manual-tools ## the manual as pages in build/manual, without a warning
	NO_MKDOCS_2_WARNING=1 build/manual-tools/bin/mkdocs build --strict --quiet

build/manual-tools: # what the extra `docs` names, apart from everything else
	$(PYTHON) -m venv build/manual-tools
	build/manual-tools/bin/pip install --quiet --disable-pip-version-check $$($(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["docs"])')

bench: ## timings beside other libraries; `make bench ARGS="tutorial digits"`
	$(BIN)/python -m benchmarks $(ARGS)

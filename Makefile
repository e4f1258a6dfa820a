.DEFAULT_GOAL := seed
.PHONY: seed profile read measures env test lint types contracts check clean

VENV := .venv
PYTHON := $(VENV)/bin/python
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
INPUTS := pyproject.toml constraints.txt
ARGS ?= --numprocesses auto --dist worksteal

# An environment whose Python has gone is made anew.
$(shell test -x $(PYTHON) || rm -rf $(VENV))

# Migrates the database of DATABASE_URL, or else an embedded SQLite file, and fills it.
seed: $(VENV)/.installed
	@$(PYTHON) manage.py seed --mode light --migrate

# Measures what the database holds: distinct texts, skew, agreement with concerns, states, rhythm.
profile: $(VENV)/.installed
	@$(PYTHON) manage.py profile_seed

# Prints posts with their comments, conversations and clients' whole stories, to be read.
read: $(VENV)/.installed
	@$(PYTHON) manage.py read_seed

# Seeds each mode anew, measures it, and writes the table of README.
measures: env
	@$(PYTHON) -m benchmarks.measures README.md

# Makes the environment with the development tools.
env: $(VENV)/.installed-dev

test: env
	@$(PYTHON) -m pytest $(ARGS)

lint: env
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

types: env
	@$(PYTHON) -m mypy

contracts: env
	@$(VENV)/bin/lint-imports

check: lint types contracts test
	@$(PYTHON) manage.py makemigrations --check

clean:
	rm -rf $(VENV) .nox build dist *.egg-info .coverage htmlcov .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(PYTHON):
	@for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			exec $$candidate -m venv $(VENV); \
		fi; \
	done; \
	echo "Python 3.11 or newer is needed, and none is on PATH." >&2; exit 1

$(VENV)/.installed: $(INPUTS) | $(PYTHON)
	@echo "Installing the dependencies into $(VENV) ..."
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: $(INPUTS) | $(PYTHON)
	@echo "Installing the dependencies and development tools into $(VENV) ..."
	@$(PIP_INSTALL) --editable '.[dev]'
	@touch $(VENV)/.installed $@

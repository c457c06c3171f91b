# Each target sets up what it needs: only Python 3.11 or newer, make and git have to be there.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/ready

.PHONY: run test check fix bench bench-search bench-page screenshots faults lock

run: $(READY)        ## ask for papers in this terminal
	@$(BIN)/python -m bot run

test: $(READY)       ## all tests
	@$(BIN)/python -m pytest

check: $(READY)      ## what CI checks besides the tests
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

fix: $(READY)        ## what can be put right by itself
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

bench: $(READY)      ## the figures of the README
	@$(BIN)/python -m tests.benchmarks

bench-search: $(READY)  ## how well search finds; OPTIONS=--million: how fast among a million papers
	@$(BIN)/python -m tests.benchmarks.search $(OPTIONS)

bench-page: $(READY) ## how heavy and how quick the page is, in a real browser
	@$(BIN)/python -m tests.web_figures

screenshots: $(READY)  ## the pictures of the README, taken anew
	@$(BIN)/python -m tests.screenshots

faults: $(READY)     ## kills, stops and a failing platform, and how it ended each time
	@$(BIN)/python -m tests.faults

lock: $(READY)       ## pin the newest versions of everything
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --extra semantic --extra dev --universal --python-version 3.11 --upgrade --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file requirements.lock
	@echo "setuptools>=77" | $(BIN)/uv pip compile pyproject.toml - --extra semantic --universal --python-version 3.11 --constraint requirements.lock \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --output-file deploy/requirements.lock

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python3"; exit 1; }
	@echo "Setting up .venv (once)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

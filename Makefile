# Every target works in .venv, made from requirements-dev.lock and requirements-durable.lock, and made
# again when one of them changes. Spark, which is large, joins for the slow tests alone. PYTHON=/path/to/python3.13 picks the interpreter; without it the
# first one of at least 3.11 is used.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow test-313 fuzz check bench bench-replay fmt lock clean

UV_VERSION := 0.13.9
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
CANDIDATES := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)
FOUND := $(shell for candidate in $(CANDIDATES); do \
	"$$candidate" -c '$(NEW_ENOUGH)' 2>/dev/null && echo "$$candidate" && break; done)
FOUND_VERSION := $(if $(FOUND),$(shell "$(FOUND)" -c 'import platform; print(platform.python_version())'))
UV := $(shell command -v uv 2>/dev/null)

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check)
# worksteal: neighbours stay together, and use what a worker has read or prepared once.
# What is compiled is kept beside them, whatever PYTHONDONTWRITEBYTECODE says: each worker and each
# command that a test starts would compile it again.
COMPILED_ONCE := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=$(CURDIR)/$(VENV)/bytecode
PYTEST := $(COMPILED_ONCE) $(BIN)/python -m pytest -n 2 --dist worksteal $(TESTS)

# Stamps. The first carries the Python version: another PYTHON makes the folder again.
LOCKED := $(VENV)/.locked-$(FOUND_VERSION)
INSTALLED := $(VENV)/.installed
BENCH_LOCKED := $(VENV)/.bench-locked
CLUSTER_LOCKED := $(VENV)/.cluster-locked

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' Makefile

demo: $(INSTALLED) ## decide and explain a few real disputes, then replay a small history
	@$(BIN)/reso demo
	@echo
	@$(BIN)/reso replay fixtures/history --policy rules/marketplace

test: $(INSTALLED) ## run the tests that are not slow
	$(PYTEST)

test-slow: $(CLUSTER_LOCKED) ## run the slow tests, with many more examples per property
	RESO_HYPOTHESIS=deep $(PYTEST) -m slow

PYTHON_313 := $(shell for candidate in python3.13 $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python); do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && \
	echo "$$candidate" && break; done)

test-313: ## test engines, laws and commands on Python 3.13, which durable-rules does not know
	@$(if $(PYTHON_313),$(MAKE) --no-print-directory PYTHON="$(PYTHON_313)" VENV=.venv-313 \
		TESTS="tests/engine tests/laws tests/test_cli.py" test,\
		echo "Left out, no Python 3.13 here: make PYTHON_313=/path/to/python3.13 test-313")

SECONDS ?= 600
SEED ?= 1

fuzz: $(INSTALLED) ## try hostile inputs for SECONDS (600), always the same ones for a SEED
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) --seed $(SEED)

check: $(INSTALLED) ## lint, check the format, the types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(BENCH_LOCKED) ## run the benchmarks
	$(BIN)/python -m benchmarks

bench-replay: $(BENCH_LOCKED) ## measure replays of a million disputes
	$(BIN)/python -m benchmarks.replay

fmt: $(INSTALLED) ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

$(LOCKED): requirements-dev.lock requirements-durable.lock
	@test -n "$(FOUND)" || { \
		echo "Reso-bot needs Python 3.11 or newer; none of these is: $(CANDIDATES)." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.13 <target>" >&2; exit 1; }
	@echo "Making $(VENV) from $< (Python $(FOUND_VERSION))"
	@rm -rf $(VENV)
	@$(if $(UV),$(UV) venv --quiet --python "$(FOUND)" $(VENV),"$(FOUND)" -m venv $(VENV))
	@$(INSTALL) --require-hashes -r $<
	@$(INSTALL) --require-hashes -r requirements-durable.lock || \
		echo "durable-rules could not be built (it needs a C compiler): the compiled evaluator decides alone." >&2
	@touch $@

$(INSTALLED): $(LOCKED) pyproject.toml
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(BENCH_LOCKED): requirements-bench.lock $(INSTALLED)
	@$(INSTALL) --require-hashes -r $<
	@touch $@

$(CLUSTER_LOCKED): requirements-cluster.lock $(INSTALLED)
	@$(INSTALL) --require-hashes -r $<
	@touch $@

# Needs no .venv, so that a broken lock can be made again. Keeps the pins that still fit;
# `make lock UPGRADE=--upgrade` takes the newest.
COMPILE = $(or $(UV),.lock-tool/bin/uv) pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command "make lock" $(UPGRADE) pyproject.toml

lock: $(if $(UV),,.lock-tool/bin/uv) ## compile the locks from pyproject.toml
	$(COMPILE) -o requirements.lock
	$(COMPILE) -c requirements.lock --group dev -o requirements-dev.lock
	$(COMPILE) -c requirements-dev.lock --extra durable -o requirements-durable.lock
	$(COMPILE) -c requirements-dev.lock --extra cluster -o requirements-cluster.lock
	$(COMPILE) -c requirements-dev.lock --group bench -o requirements-bench.lock

.lock-tool/bin/uv: Makefile
	@test -n "$(FOUND)" || { echo "Reso-bot needs Python 3.11 or newer; none of these is: $(CANDIDATES)." >&2; exit 1; }
	@rm -rf .lock-tool
	@"$(FOUND)" -m venv .lock-tool
	@.lock-tool/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

clean: ## remove .venv and .venv-313, caches and builds
	rm -rf .venv .venv-313 .lock-tool .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache \
		.coverage htmlcov build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Everything a newcomer needs: `make serve`, `make ask Q="…"`, `make test`. Each target sets up what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export AIRACE_DATA_DIR ?= .airace

.DEFAULT_GOAL := help
.PHONY: help install serve ask chat eval baseline test check torture format lint audit type test-fast screenshots lock clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

install: $(STAMP) ## create .venv and install everything from the lock file

$(STAMP): requirements.lock requirements-torch.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "airace needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing (2 to 4 minutes, once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-torch.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

serve: $(STAMP) ## open the app on http://127.0.0.1:7860 (ARGS="--port 8000" for another port)
	@$(BIN)/airace serve $(ARGS)

# The question as typed: $(value) keeps make from expanding a "$$" in it.
ask: export QUESTION := $(value Q)
ask: $(STAMP) ## answer one question: make ask Q="How much did Nvidia lose after DeepSeek?"
	@test -n "$$QUESTION" || { echo 'Say what to ask: make ask Q="How much did Nvidia lose after DeepSeek?"'; exit 2; }
	@$(BIN)/airace ask "$$QUESTION" $(ARGS)

chat: $(STAMP) ## ask turn after turn in the terminal
	@$(BIN)/airace chat $(ARGS)

eval: $(STAMP) ## ask the golden questions, compare with the baseline, and fail if the answers got worse
	@$(BIN)/airace eval golden --baseline evals/baselines/golden.jsonl $(ARGS)

baseline: $(STAMP) ## make the present answers the baseline of `make eval`
	@$(BIN)/airace eval golden --fresh --save-baseline evals/baselines/golden.jsonl $(ARGS)

test: $(STAMP) ## run all tests (those in a browser only where one is installed)
	@$(BIN)/python -m pytest $(ARGS)

torture: export TORTURE := 1
torture: $(STAMP) ## the abuse tests in their long form: hours of hostile documents and questions, kills and faults
	@$(BIN)/python -m pytest -o timeout=7200 tests/abuse $(ARGS)

check: lint type audit test-fast ## lint, types, known vulnerabilities and the fast tests

lint: $(STAMP) ## ruff (lint and format) and bandit
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/bandit -c pyproject.toml -r rag ui evals -q

audit: $(STAMP) ## look for the locked packages among known vulnerabilities (AUDIT_ARGS="--ignore-vuln ID")
	@$(BIN)/python .ci/audit.py $(AUDIT_ARGS)

type: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

test-fast: $(STAMP) ## the tests that take seconds
	@$(BIN)/python -m pytest -q -m "not slow and not browser" $(ARGS)

format: $(STAMP) ## put the code into shape
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

screenshots: $(STAMP) ## take the pictures of docs/screenshots (needs Chromium)
	@$(BIN)/python -m tests.e2e.take_screenshots

lock: $(STAMP) ## refresh requirements.lock from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes \
		--no-emit-package torch --custom-compile-command "make lock" --upgrade pyproject.toml -o requirements.lock

clean: ## remove the environment and the index
	rm -rf $(VENV) .airace

# Two commands: `make run` and `make test`. Each makes .venv and installs what is missing.
# Three more, for figures: `make bench` (docs/performance.md), `make drill` (docs/drill.md, half an hour) and
# `make evaluate` (docs/ranking-evaluation.md; EVAL_DATA= names the folder of data sets).
# PYTHON=python3.12 chooses an interpreter; PORT, LIVE_PORT, HOST and DATA_DIR move what `make run` starts.

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: run test check types bench drill evaluate clean venv venv-dev
.DEFAULT_GOAL := run

run: venv
	@exec $(PY) manage.py run

test: check types
	@sh .ci/browser
	@echo "== tests"
	@$(PY) -m pytest -n 2
	@echo "== benchmarks, smoke run"
	@$(PY) -m tests.bench --smoke

check: venv-dev
	@echo "== style"
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@echo "== layers"
	@$(VENV)/bin/lint-imports

types: venv-dev
	@echo "== types"
	@$(PY) -m mypy manage.py sora_social cameos feeds remix ranking

bench: venv-dev
	@$(PY) -m tests.bench

drill: venv-dev
	@$(PY) -m tests.drill

evaluate: venv
	@$(PY) manage.py evaluate_ranking

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/bootstrap requirements.txt

venv-dev:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/bootstrap requirements.txt requirements-dev.txt

# The two that matter: `make run` and `make test`. Both set everything up first, inside this folder.
#   make setup       install into .venv (PYTHON=... names the interpreter)
#   make run         rehearse 2013 on a sample Trust, ask a few questions, serve the result
#                    (RERUN=1 rehearses again; PORT, TRUST, PEOPLE, SEED vary it)
#   make test        the tests, some minutes; make test-thorough: those that take ten seconds each
#   make test-long   the ones that take minutes each
#   make bench       the benchmark tables, some minutes; BENCH=quick in under a minute
#   make check       types, lint, formatting, architecture
#   make lint-api    two linters over /openapi.json
#   make styles      compile the pages' styles anew, after a change of transfer/web/styles
#   make constraints pin what pyproject.toml asks for newly; RENEW=all renews every pinned version,
#                    RENEW="ruff mypy" those two
#   make clean-run   forget the rehearsal that `make run` left
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run test test-thorough test-long bench check lint-api styles constraints clean-run

# One test worker more than there are processors, as some wait for engines; four at most, as each
# starts a PostgreSQL of its own.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n > 3 ? 4 : n + 1)))
# Python keeps compiled files even where the shell forbids it: without them each test worker, and each
# program that a test starts, compiles the whole code first.
PYTEST = PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -n $(WORKERS) --dist worksteal --max-worker-restart 2

help:
	@awk '!/^#/ {exit} {sub(/^# ?/, ""); print}' Makefile

setup:
	@PYTHON="$(PYTHON)" deploy/make_venv.sh

run: setup
	@deploy/first_run.sh

clean-run:
	rm -rf .transfer/rehearsal .transfer/rehearsal.played .transfer/staff-return.csv

test: setup
	$(PYTEST) -m "not thorough and not long" $(ARGS)

test-thorough: setup
	$(PYTEST) -m "thorough and not long" $(ARGS)

test-long: setup
	$(PYTEST) -m long $(ARGS)

bench: setup
	.venv/bin/python -m tests.benchmarks $(if $(filter quick,$(BENCH)),--quick) $(ARGS)

check: setup
	.venv/bin/mypy
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports --no-logo

lint-api: setup
	@deploy/lint_api/lint.sh

styles: setup
	@deploy/make_styles.sh

constraints:
	@PYTHON="$(PYTHON)" deploy/pin.sh $(RENEW)

# Everything one does with Callsheet from a checkout. `make` alone lists it.
#
# Targets that make something leave a file under .stamps/, so that the second time costs nothing. All paths are
# relative: the checkout may live in a folder with spaces in its name.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

# Where bytecode is forbidden, each process compiles two thousand modules, and the tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

# The first command that runs (a pyenv shim may exist and refuse), is a Python we support and can make environments.
# Where there is none, any Python at all: it then says what is missing.
SUPPORTED := import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))
PYTHON ?= $(or $(shell for python in python3.12 python3.11 python3 python; do \
	$$python -c '$(SUPPORTED)' >/dev/null 2>&1 && echo $$python && break; done),python3)

RUN := .venv/bin/python -m
# Named for the place: an environment in a checkout that was moved has to be made anew.
ENVIRONMENT := .stamps/environment-$(firstword $(shell pwd | cksum))
PROTOS := $(shell find protos -name '*.proto')
QUERIES := $(shell find src -name queries.sql)
CODEGEN := $(shell find src/devstack/codegen -name '*.py')

##@ Every day

help: ## List the targets
	@test -t 1 && bold=$$(printf '\033[36m') plain=$$(printf '\033[0m'); \
	awk -v bold="$$bold" -v plain="$$plain" 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %s%-11s%s %s\n", bold, $$1, plain, $$2 }' Makefile

up: .stamps/gen ## Start everything on this machine and keep it running; Ctrl-C stops it
	@exec $(RUN) devstack up

test: .stamps/gen ## Run the test suite; ARGS="tests/db -k name" narrows it
	@$(RUN) devstack.golang --optional gateway s3
	@exec $(RUN) pytest -m "not crash and not soak" $(ARGS)

test-crash: .stamps/gen ## Run the slow tests that kill processes and run for minutes
	@$(RUN) devstack.golang --optional gateway s3
	@exec $(RUN) pytest -m "crash or soak" $(ARGS)

demo: .stamps/gen ## Play a story against a running `make up`; NAME=… picks one
	@exec $(RUN) devstack run callsheet demo $(NAME)

##@ Before a commit

fmt: .stamps/gen ## Format, and mend what a tool can mend
	@exec $(RUN) devstack.lint --fix

lint: .stamps/gen ## Check style, protos, migrations and the contracts between packages
	@exec $(RUN) devstack.lint

types: .stamps/gen ## Check types
	@exec $(RUN) mypy

docs: .stamps/gen ## Write the pages and the OpenAPI document that follow from the code
	@$(RUN) devstack.docs
	@$(RUN) devstack.golang openapi

schema: .stamps/gen ## Write db/schema.sql anew from the migrations
	@exec $(RUN) devstack.schema

##@ Now and then

gen: .stamps/gen ## Generate Python from the protos and the queries

gateway: .stamps/gen ## Build the HTTP gateway (gateway/bin/gateway)
	@exec $(RUN) devstack.golang gateway

bench: .stamps/gen ## Measure; ONLY=unary picks one
	@exec $(RUN) bench $(ONLY)

reset: $(ENVIRONMENT) ## Delete the data that the embedded parts keep under .callsheet
	@exec $(RUN) devstack reset

clean: ## Delete everything that was built or installed; data stays
	rm -rf .venv .stamps .cache gen gateway/bin gateway/gen
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests bench gateway -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help up test test-crash demo fmt lint types docs schema gen gateway bench reset clean

$(ENVIRONMENT): requirements.lock pyproject.toml src/devstack/environment.py
	@mkdir -p $(@D)
	@$(PYTHON) src/devstack/environment.py .venv requirements.lock
	@touch $@

.stamps/gen: $(ENVIRONMENT) $(PROTOS) $(QUERIES) $(CODEGEN)
	@$(RUN) devstack.codegen
	@touch $@

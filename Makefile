# Two commands: `make demo` shows the product, `make test` checks it. See docs/operations.md.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
CORES ?= $(shell nproc 2>/dev/null || echo 2)
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
RUNTIME_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-inter
TEST_PACKAGES := poppler-utils qpdf
TEMPLATES := templates
COMPILE = --quiet --python-version 3.11 --no-header --no-annotate $(LOCK)
BENCHMARKS := $(sort $(wildcard tests/benchmarks/bench_*.py))

export PIP_ROOT_USER_ACTION := ignore

.PHONY: help install demo serve test lint fmt bench guide lock clean

help: ## Cette liste
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

install: .venv/.runtime ## Installer dans .venv ce qu'il faut pour faire tourner le produit

.venv/.python: Makefile
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' \
	  || { echo "Il faut Python 3.11 ou 3.12 ; « $(PYTHON) » est $$($(PYTHON) --version 2>&1). Essayez : make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || bash .ci/install-packages python3-venv
	@bash .ci/install-packages $(RUNTIME_PACKAGES)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "Création de .venv"; $(PYTHON) -m venv .venv; }
	@touch $@

.venv/.runtime: .venv/.python requirements.lock
	@echo "Installation des bibliothèques (requirements.lock)"
	@$(PIP) --requirement requirements.lock
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@bash .ci/install-packages $(TEST_PACKAGES)
	@echo "Installation des outils de développement (requirements-dev.lock)"
	@$(PIP) --requirement requirements-dev.lock
	@touch $@

demo: export SITE_URL ?= http://127.0.0.1:$(PORT)
demo: .venv/.runtime ## Charger la démonstration et servir le site (PORT=8000) ; Ctrl-C arrête tout
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createcachetable --verbosity 0
	@$(MANAGE) build_fonts
	@$(MANAGE) load_demo
	@$(MANAGE) serve $(PORT)

serve: export SITE_URL ?= http://127.0.0.1:$(PORT)
serve: .venv/.runtime ## Servir le site avec son exécutant de tâches, sans recharger la démonstration
	@$(MANAGE) serve $(PORT)

test: .venv/.dev ## Toute la suite ; sur PostgreSQL et Redis si DATABASE_URL et REDIS_URL sont donnés
	@$(MANAGE) build_fonts
	@$(BIN)/python -m pytest -n $(CORES) --dist worksteal $(PYTEST)

lint: .venv/.dev ## Style, types, contrats d'import, gabarits, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint $(TEMPLATES) --lint --profile django --ignore H015,H020 --quiet
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check

fmt: .venv/.dev ## Remettre en forme
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.dev ## Mesures (tests/benchmarks)
	@$(foreach file,$(BENCHMARKS),echo "== $(file)"; $(BIN)/python -m $(subst /,.,$(basename $(file)));)

guide: .venv/.dev ## Refaire les images du guide (docs/guide/images)
	$(BIN)/python -m tests.journeys.screenshots

lock: ## Recalculer les versions exactes depuis pyproject.toml (LOCK=--upgrade pour monter de version)
	@command -v uv >/dev/null || { echo "Il faut uv : pip install uv" >&2; exit 1; }
	uv pip compile $(COMPILE) pyproject.toml --output-file requirements.lock
	uv pip compile $(COMPILE) --extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

clean: ## Effacer la base, les documents et la file de la démonstration (var/)
	rm -rf var

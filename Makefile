# Two commands matter: `make demo` and `make test`. Needs Python 3.11+ (with venv) and GNU make.
# uv is used for installing when it is on PATH, pip otherwise.

PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null)
RUN := .venv/bin/python
RUNTIME := .venv/.installed-runtime
DEV := .venv/.installed-dev

export OPENBLAS_NUM_THREADS := 1
export PYTHONUNBUFFERED := 1
# Each process would compile 3,500 modules anew: some ten seconds before its first line.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# $(call install,LOCK): exactly what the lock names, every file checked against its hash.
ifneq ($(UV),)
install = $(UV) pip install --quiet --python $(RUN) --require-hashes -r $(1)
installer = uv
else
install = $(RUN) -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r $(1)
installer = pip
endif

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(RUNTIME) ## (internal) what the product needs, into .venv

$(RUN):
	@echo "creating .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is missing or older than 3.11. Name another: make PYTHON=/path/to/python3.12 ..." >&2; \
	  exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  rm -rf .venv; \
	  echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv" >&2; \
	  exit 1; }

$(RUNTIME): requirements.txt | $(RUN)
	@echo "installing the product with $(installer)"
	@$(call install,requirements.txt)
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(RUN)
	@echo "installing the product, its tests and its linters with $(installer)"
	@$(call install,requirements-dev.txt)
	@touch $(RUNTIME) $@

.PHONY: demo
demo: $(RUNTIME) ## the product on http://127.0.0.1:8000 (PORT=, CHECK=1, TRUTH=, CATALOGUE= INTERACTIONS= MAP=)
	@exec $(RUN) -m demo.run $(if $(CHECK),--check) $(if $(PORT),--port $(PORT)) \
	  $(if $(TRUTH),--truth '$(TRUTH)') \
	  $(if $(CATALOGUE),--catalogue '$(CATALOGUE)') \
	  $(if $(INTERACTIONS),--interactions '$(INTERACTIONS)') \
	  $(if $(MAP),--map '$(MAP)')

.PHONY: test
test: $(DEV) ## every test that needs no browser (ARGS= for pytest)
	@exec $(RUN) -m pytest -n 2 -m "not browser and not prove and not chaos and not hostile" $(ARGS)

.PHONY: test-browser
test-browser: $(DEV) ## the tests in Chromium (CHROMIUM=path, else found, else installed where root)
	@chromium="$(CHROMIUM)"; \
	find_it() { command -v chromium || command -v chromium-browser || command -v google-chrome; }; \
	[ -n "$$chromium" ] || chromium=$$(find_it) || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing chromium with apt-get"; \
	    export DEBIAN_FRONTEND=noninteractive; \
	    apt-get -qq update </dev/null && \
	    apt-get -qq -y --no-install-recommends install chromium </dev/null >/dev/null; \
	  fi; \
	  chromium=$$(find_it) || { \
	    echo "Chromium is missing. Install it, or say where it is: make test-browser CHROMIUM=path" >&2; \
	    exit 1; }; \
	}; \
	CHROMIUM="$$chromium" exec $(RUN) -m pytest -n 2 -m "browser and not prove" $(ARGS)

.PHONY: prove
prove: $(DEV) ## the long simulations
	@exec $(RUN) -m pytest -n 2 -m prove $(ARGS)

.PHONY: load
load: $(RUNTIME) ## ten minutes at ten times the usual flow, a minute at a hundred times, half an hour at the usual
	@$(MAKE) bench BENCH="peak spike soak"

.PHONY: chaos
chaos: $(DEV) ## every fault five times, and a client's ledger held against what is stored (NORTHWAY_RUNS=)
	@exec $(RUN) -m pytest -n0 -m chaos $(ARGS)

.PHONY: hostile
hostile: $(DEV) ## a hundred thousand requests that mean harm, at a deployment (NORTHWAY_REQUESTS=)
	@exec $(RUN) -m pytest -n0 -m hostile tests/hostile $(ARGS)

.PHONY: lint
lint: $(DEV) ## style, types, import contracts, templates, migrations
	@echo "ruff check"
	@.venv/bin/ruff check --quiet .
	@echo "ruff format"
	@.venv/bin/ruff format --quiet --check .
	@echo "import contracts, without exceptions"
	@! grep -n ignore_imports pyproject.toml
	@out=$$(.venv/bin/lint-imports 2>&1) || { echo "$$out"; exit 1; }
	@echo "mypy"
	@.venv/bin/mypy --no-error-summary .
	@echo "djlint"
	@out=$$(.venv/bin/djlint --check --lint templates 2>&1) || { echo "$$out"; exit 1; }
	@echo "migrations"
	@$(RUN) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run -v 0 || { \
	  echo "The models changed: run .venv/bin/python manage.py makemigrations" >&2; exit 1; }

BENCH ?= capture recommend
.PHONY: bench
bench: $(RUNTIME) ## measure capture and recommendations against their baselines (BENCH="capture")
	@mkdir -p var/bench
	@for what in $(BENCH); do \
	  echo "bench $$what"; \
	  $(RUN) manage.py bench $$what --json var/bench/$$what.json || exit 1; \
	done

.PHONY: conformance
conformance: $(RUNTIME) ## the public LRS conformance suite (SUITE=path of a copy with npm installed, XAPI=2.0.0)
	@[ -n "$(SUITE)" ] || { \
	  echo "Name a copy: make conformance SUITE=path/to/lrs-conformance-test-suite" >&2; exit 1; }
	@exec $(RUN) manage.py run_conformance '$(SUITE)' $(if $(XAPI),--xapi $(XAPI))

.PHONY: screenshots
screenshots: $(DEV) ## pictures of README and docs, of the demo at PORT= or of one it starts (SHOTS="home path")
	@exec $(RUN) -m tests.browser.pictures http://127.0.0.1:$(or $(PORT),8000) $(SHOTS)

.PHONY: lock
lock: ## write the lock files anew from pyproject.toml
	@uv="$(UV)"; [ -n "$$uv" ] || uv=.venv/bin/uv; \
	[ -x "$$uv" ] || { echo "make lock needs uv: pip install uv" >&2; exit 1; }; \
	compile="$$uv pip compile --quiet pyproject.toml --python-version 3.11 --generate-hashes --no-annotate"; \
	echo "requirements.txt"; \
	$$compile --custom-compile-command "make lock" -o requirements.txt && \
	echo "requirements-dev.txt" && \
	$$compile --custom-compile-command "make lock" --group dev -c requirements.txt \
	  -o requirements-dev.txt && \
	echo "requirements-spark.txt" && \
	$$compile --custom-compile-command "make lock" --extra spark -c requirements.txt \
	  -o requirements-spark.txt

.PHONY: clean
clean: ## stop the servers, remove var/ and caches (ALL=1: .venv too); not while a demo runs
	@echo "stopping the servers; removing var/ (databases, models, secrets) and caches$(if $(ALL), and .venv)"
	@for own in var/own-*/; do \
	  if [ -d "$$own" ]; then NORTHWAY_VAR="$$own" $(PYTHON) -m personalize.local remove || exit 1; fi; \
	done
	@$(PYTHON) -m personalize.local remove
	@rm -rf var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
	@$(if $(ALL),rm -rf .venv)

# Guanxi: `make run` starts the product, `make test` proves it. Needs git, make and Python 3.11 or newer with pip.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run demo test fast lint types format bench messages snapshots lock tools-for-tests crash throughput

PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
PY := .venv/bin/python
export UV
# Behind an inspecting proxy the machine's own certificates are the ones that count.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS ?= 1
endif
UV_PIP := $(UV) pip sync -q --require-hashes --only-binary :all: --python $(PY)

help:  ## list what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 18

setup:  ## install what the product needs into .venv and guanxi/assets (EXTRAS=celery: for GUANXI_BROKER)
	@$(MAKE) -s -j2 .venv/.runtime guanxi/assets/vendor/.made-from
	@$(if $(EXTRAS),$(UV) pip install -q --require-hashes --only-binary :all: --python $(PY) \
		$(foreach part,$(EXTRAS),-r requirements/$(part).txt))
	@$(PY) tools/messages.py compile

run: setup  ## start web, worker and live updates; prints the address (PORT=8000, GUANXI_DATA=./var)
	@exec $(PY) manage.py up

demo: setup  ## load the demo company (SIZE=small, standard, large or a number of customers; GUANXI_DATA=./var)
	@$(PY) manage.py demo --size $(or $(SIZE),standard)

test: tools-for-tests  ## every test, browser and PostgreSQL included; installs what is missing as root on Debian
	@$(PY) tools/prepare_tests.py
	@ended=0; $(PY) -m pytest -n 2 --durations=40 || ended=$$?; \
	$(PY) tools/with_postgres.py $(PY) -m pytest -n 2 --durations=25 -m "not browser and not once" || ended=$$?; \
	exit $$ended

fast: tools-for-tests  ## the tests that need no browser, server or PostgreSQL (under a minute)
	$(PY) -m pytest -q -n 2 -m "not browser and not server and not slow"

lint: tools-for-tests  ## style, import bands, translations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports
	$(PY) tools/messages.py check

types: tools-for-tests  ## mypy, strict on kernel, surfaces and every rules, services, queries, events, access
	$(PY) -m mypy guanxi

format: tools-for-tests  ## write the code as the formatter wants it
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

crash: tools-for-tests  ## kill everything at random under load: make crash ROUNDS=1000 (KEEP=1: into the READMEs)
	$(PY) tools/prepare_tests.py
	$(PY) -m tests.crash.rounds --rounds $(or $(ROUNDS),50) $(if $(KEEP),--keep)
	$(if $(KEEP),$(PY) -m benchmarks.table)

bench: tools-for-tests  ## the figures of the README's performance table
	$(PY) tools/with_postgres.py --durable $(PY) -m benchmarks

throughput: tools-for-tests  ## a large import, creation by programs, eight people at once, on both databases
	-$(PY) tools/with_postgres.py --durable $(PY) -m benchmarks.throughput --keep
	-$(PY) -m benchmarks.throughput --sqlite --keep
	$(PY) -m benchmarks.table

messages: tools-for-tests  ## compile the translations and name the missing ones
	$(PY) tools/messages.py compile
	$(PY) tools/messages.py check

snapshots: tools-for-tests  ## write the committed snapshots anew (schema, events, rights, query counts)
	GUANXI_WRITE_SNAPSHOTS=1 $(PY) -m pytest -q tests/snapshots tests/upgrades

lock:  ## pin the newest allowed versions of every dependency
	for part in base celery insight test node uv; do $(UV) pip compile -q --upgrade --universal --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --python-version 3.11 \
		$$([[ $$part != @(celery|insight) ]] || echo -c requirements/base.txt) \
		requirements/$$part.in -o requirements/$$part.txt || exit 1; done
	npm update --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

tools-for-tests: setup
	@$(MAKE) -s .venv/.tests

.tools/bin/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Guanxi needs Python 3.11 or newer: make PYTHON=…")'
	@echo "Fetching uv, the installer …"
	@$(PYTHON) -m pip install -q --disable-pip-version-check --root-user-action ignore --require-hashes --upgrade --target .tools -r requirements/uv.txt
	@touch $@

.venv/bin/python: | $(filter .tools/bin/uv,$(UV))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Guanxi needs Python 3.11 or newer: make PYTHON=…")'
	@$(UV) venv -q --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv

.venv/.runtime: requirements/base.txt requirements/insight.txt | .venv/bin/python
	@echo "Installing the Python packages …"
	@$(UV_PIP) requirements/base.txt requirements/insight.txt
	@rm -f .venv/.tests
	@touch $@

.venv/.tests: requirements/base.txt requirements/celery.txt requirements/insight.txt requirements/test.txt .venv/.runtime
	@echo "Installing the test tools …"
	@$(UV_PIP) $(addprefix requirements/,$(addsuffix .txt,base celery insight test))
	@touch $@

guanxi/assets/vendor/.made-from: package-lock.json tools/icons.txt tools/assets.py | .venv/bin/python
	@echo "Fetching the front-end files …"
	@$(PYTHON) tools/assets.py
	@touch $@

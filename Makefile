# make run: set up and serve the demo. make test: set up and run every test. make help: the list.
# Each step leaves a stamp in .venv and is not done again until what it depends on changes.

VENV := .venv
BIN := $(VENV)/bin
TOOLS := .cache/supply-tools
PIP := $(BIN)/python -m pip install --disable-pip-version-check
PORT ?= 8000
export PORT
unexport PYTHONPATH PYTHONHOME

# The first Python of 3.11 or newer; PYTHON=/path/to/python overrides the search.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))

.DEFAULT_GOAL := help
.PHONY: help install run test bench browser supply audit fuzz

help:  ## Show this list
	@grep -E '^[a-z]+:.*  ## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*  ## /\t/' | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-10s %s\n' "$$name" "$$what"; done

install: $(VENV)/command  ## Set up: libraries, command, language model
	@$(BIN)/python -m factcheck prepare

run: install  ## Set up and serve the demo on http://127.0.0.1:8000 (PORT=9000 make run: on another port)
	@$(BIN)/python -m factcheck init --demo
	@exec $(BIN)/python -m factcheck serve

# The tests keep an unpacked model of their own, so that they never touch the newsroom's data.
test: export CLAIMTRAIL_CACHE = $(CURDIR)/.cache/model
test: install $(VENV)/test-tools browser  ## Set up and run every test
	@env -u CLAIMTRAIL_CACHE $(BIN)/python -m tests

fuzz: install $(VENV)/test-tools  ## Give every parser 100,000 bad inputs (takes hours; FUZZ="--inputs 1000 query" make fuzz: less)
	@$(BIN)/python -m trials.fuzz $(FUZZ)

bench: install $(VENV)/bench-tools  ## Measure everything beside other engines (FULL=1 make bench: up to a million claims, takes hours)
	@exec $(BIN)/python -m bench $(if $(filter-out 0,$(FULL)),--full)

supply: $(VENV)/made $(TOOLS)/made  ## Write the lock, docs/licences.md and docs/sbom.json anew (needs the network; NEWER=--newer: let versions rise)
	@PATH="$(CURDIR)/$(TOOLS)/bin:$$PATH" $(TOOLS)/bin/python -m supply.lock $(NEWER)
	@$(MAKE) --no-print-directory $(VENV)/libraries $(VENV)/test-tools
	@$(BIN)/python -m supply.licences
	@$(BIN)/python -m supply.bill

audit: $(TOOLS)/made  ## Ask whether a locked library has a known weakness (needs the network; AUDIT="--service osv": ask another service)
	@$(TOOLS)/bin/python -m supply.audit $(AUDIT)

$(TOOLS)/made: requirements-tools.txt | $(VENV)/made
	$(BIN)/python -m venv --clear $(TOOLS)
	$(TOOLS)/bin/python -m pip install --disable-pip-version-check --quiet -r requirements-tools.txt
	@touch $@

$(VENV)/made:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Claimtrail needs Python 3.11 or newer. Install it, or name it: make install PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# Nothing is installed that the lock does not know by its sha256, but torch, whose file differs by machine: it goes by its version.
$(VENV)/libraries: requirements.txt requirements.lock $(VENV)/made
	$(PIP) --require-hashes --no-deps -r requirements.lock
	$(PIP) "$$(grep '^torch==' requirements.txt)"
	@touch $@

$(VENV)/command: pyproject.toml $(VENV)/libraries
	$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test-tools: requirements-test.lock $(VENV)/libraries
	$(PIP) --quiet --require-hashes --no-deps -r requirements-test.lock
	@touch $@

$(VENV)/bench-tools: bench/requirements.txt bench/requirements-load.txt $(VENV)/libraries
	$(PIP) --quiet --no-deps -r bench/requirements.txt
	$(PIP) --quiet --no-deps --upgrade --target $(VENV)/load-tools -r bench/requirements-load.txt
	@touch $@

browser:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update && apt-get install -y chromium; } \
		|| { echo "The browser tests need Chromium. Install it, on Debian with: sudo apt-get install chromium" >&2; exit 1; }

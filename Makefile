# Recipes of Vitrina. A clone needs Python >= 3.12, make, and Node >= 20 for the web parts; all else is set up here.
#   make demo [DATA="a.zarr b.ome.tif"] [PORT=8765]    see it
#   make test      every test but those marked gpu or torch
#   make test-torch                                    those marked torch, in an environment of their own (6 GB)
#   make conformance                                   our verdicts on the suites of the OME-Zarr specification
#   make foreign-stores                                our verdicts on valid stores of other writers
#   make bench-catalog [QUICK=1]                       our figures, and LaminDB's in the same run
#   make bench-ml [QUICK=1]                            tiles for training, beside spatialdata's ImageTilesDataset
#   make bench-convert [QUICK=1]                       the same of conversion, beside other tools and the codec's limit
#   make bench-server [QUICK=1]                        what the server takes per chunk, beside nginx and tiled
#   make gallery [ARGS=NAME]                           the pictures of docs/gallery.md again, as the viewer draws them now
#   make check     format, lint, types, import contracts, web and docs; runs no tests
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: setup web check test test-unit demo fmt lint types arch docs web-check chromium postgresql clean \
	test-torch torch-env bench-ml lamindb-env lamindb-lock \
	browser-clients gallery conformance foreign-stores foreign-stores-env foreign-stores-lock \
	bench-catalog convert-peers-env convert-peers-lock bench-convert bench-check bench-tables bench-codecs ontology \
	bench-server server-peers-env server-peers-lock

PYTHON ?= $(shell for p in python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$p && break; done)
PORT ?= 8765
DATA ?=
DEMO ?= build/demo
QUICK ?=
# one process more than there are cores, since many tests wait for servers and browsers
PARALLEL ?= -n $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))) --maxprocesses 5 --dist loadfile
LAMINDB := build/lamindb-env
TORCH := build/torch-env
PEERS := build/convert-peers-env
SERVER_PEERS := build/server-peers-env
FOREIGN := build/foreign-env
BIN := .venv/bin
ONTOLOGY := src/vitrina/ontology/reference.sqlite
ONTOLOGY_SOURCES := $(wildcard tools/ontology/*) \
	$(addprefix src/vitrina/ontology/,organisms.py product_names.py tables.py write.py)
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

setup: .venv/.installed
web: build/.web
ontology: $(ONTOLOGY)

.venv/.installed: pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "Vitrina needs Python >= 3.12, and no python3 here is that new."; exit 1; }
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv==0.13.8; }
	$(BIN)/uv sync --locked --quiet --compile-bytecode
	@touch $@

build/.web: $(WEB_SOURCES)
	@tools/require-node.sh
	cd web && npm ci --no-fund --no-audit --loglevel=error && npm run --silent build
	@mkdir -p build && touch $@

# The wheels are read, not installed: what they need does not fit with what we need. uv keeps what it has downloaded.
$(ONTOLOGY): $(ONTOLOGY_SOURCES) | .venv/.installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --only-binary :all: --require-hashes \
		--target build/ontology-sources -r tools/ontology/sources.txt
	$(BIN)/python tools/ontology/build.py build/ontology-sources $@

demo: setup web ontology
	$(BIN)/vitrina demo --dir $(DEMO) --port $(PORT) $(DATA)

check: fmt lint types arch docs web-check

fmt: setup
	$(BIN)/ruff format --check --quiet .

lint: setup
	$(BIN)/ruff check --quiet .
	@! git grep -nE 'TODO|FIXME|XXX' -- src web/src tests || { echo "unfinished marks above"; exit 1; }

types: setup
	$(BIN)/mypy
	@mkdir -p build && $(BIN)/python tools/list_seams.py > build/seams.py
	$(BIN)/mypy build/seams.py

arch: setup
	$(BIN)/lint-imports --no-cache

docs: setup
	$(BIN)/python tools/check_docs.py

web-check: build/.web
	cd web && npm run --silent check
	cd web && npx --no-install biome check --config-path=. ../tests/e2e/clients

test: setup web ontology chromium browser-clients postgresql lamindb-env
	cd web && npm run --silent test
	$(BIN)/python tools/offline.py $(BIN)/pytest -m "not gpu and not torch" $(PARALLEL) $(ARGS)

# Clients of other makers, for the browser tests alone: what they were built from, 180 MB, is not kept.
browser-clients: build/.browser-clients

build/.browser-clients: $(filter-out %/node_modules,$(wildcard tests/e2e/clients/*))
	@tools/require-node.sh
	cd tests/e2e/clients && npm ci --no-fund --no-audit --ignore-scripts --loglevel=error && npm run --silent build
	rm -rf tests/e2e/clients/node_modules
	@mkdir -p build && touch $@

gallery: setup web ontology chromium
	$(BIN)/python tools/offline.py $(BIN)/python tools/gallery.py $(ARGS)

conformance: setup
	$(BIN)/python tools/conformance.py $(ARGS)
	@test ! -e $(FOREIGN)/.installed || $(MAKE) --no-print-directory foreign-stores

foreign-stores: setup foreign-stores-env
	$(FOREIGN)/bin/python tools/foreign/write_stores.py build/foreign-stores
	$(BIN)/python tools/foreign/check_stores.py build/foreign-stores

foreign-stores-env: $(FOREIGN)/.installed

$(FOREIGN)/.installed: tools/foreign/requirements.txt | .venv/.installed
	$(BIN)/uv venv --quiet --clear --no-project --python $(BIN)/python $(FOREIGN)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(FOREIGN)/bin/python -r $<
	@touch $@

foreign-stores-lock: setup
	$(BIN)/uv pip compile --quiet --universal --upgrade --no-header -o tools/foreign/requirements.txt tools/foreign/requirements.in

test-unit: setup ontology postgresql
	$(BIN)/python tools/offline.py $(BIN)/pytest tests/unit tests/contract $(ARGS)

# PyTorch is an extra, so it has an environment of its own: what is tested without it never finds it.
test-torch: setup torch-env ontology
	$(TORCH)/bin/python tools/offline.py $(TORCH)/bin/pytest -m torch tests/integration/ml/with_torch docs/tutorials/train.md $(ARGS)

torch-env: $(TORCH)/.installed

$(TORCH)/.installed: pyproject.toml uv.lock | .venv/.installed
	UV_PROJECT_ENVIRONMENT=$(TORCH) $(BIN)/uv sync --locked --quiet --compile-bytecode --extra torch --python $(BIN)/python
	@touch $@

bench-ml: setup torch-env
	$(TORCH)/bin/python tools/bench/ml.py $(if $(QUICK),--quick) $(ARGS)

lamindb-env: $(LAMINDB)/.installed

$(LAMINDB)/.installed: tools/lamindb/requirements.txt | .venv/.installed
	$(BIN)/uv venv --quiet --clear --no-project --python $(BIN)/python $(LAMINDB)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(LAMINDB)/bin/python -r $<
	@touch $@

lamindb-lock: setup
	$(BIN)/uv pip compile --quiet --universal --upgrade --no-header -o tools/lamindb/requirements.txt tools/lamindb/requirements.in

bench-catalog: setup
	-@$(MAKE) --no-print-directory lamindb-env  # without it the table has our figures alone, and says so
	$(BIN)/python tools/bench/catalog.py $(if $(QUICK),--quick) --lamindb $(LAMINDB)/bin/python $(ARGS)

convert-peers-env: $(PEERS)/.installed

$(PEERS)/.installed: tools/peers/requirements.txt | .venv/.installed
	$(BIN)/uv venv --quiet --clear --no-project --python $(BIN)/python $(PEERS)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(PEERS)/bin/python -r $<
	@touch $@

convert-peers-lock: setup
	$(BIN)/uv pip compile --quiet --universal --upgrade --no-header -o tools/peers/requirements.txt tools/peers/requirements.in

bench-convert: setup
	-@$(MAKE) --no-print-directory convert-peers-env  # without it the table has our figures alone, and says so
	$(BIN)/python tools/bench/convert.py $(if $(QUICK),--quick) --peers $(PEERS)/bin/python $(ARGS)

server-peers-env: $(SERVER_PEERS)/.installed

$(SERVER_PEERS)/.installed: tools/server-peers/requirements.txt | .venv/.installed
	$(BIN)/uv venv --quiet --clear --no-project --python $(BIN)/python $(SERVER_PEERS)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(SERVER_PEERS)/bin/python -r $<
	@touch $@

server-peers-lock: setup
	$(BIN)/uv pip compile --quiet --universal --upgrade --no-header -o tools/server-peers/requirements.txt tools/server-peers/requirements.in

# wrk makes the load and nginx is what we are held against: apt-get install wrk nginx-light
bench-server: setup
	-@$(MAKE) --no-print-directory server-peers-env  # without it the table has no row of tiled, and says so
	$(BIN)/python tools/bench/server.py $(if $(QUICK),--quick) --peers $(SERVER_PEERS)/bin/python $(ARGS)

bench-check: setup
	$(BIN)/python tools/bench/check.py

bench-tables: setup
	$(BIN)/python tools/bench/tables.py $(ARGS)

bench-codecs: setup
	$(BIN)/python tools/bench/codecs.py ../shared/data

chromium:
	@tools/require-chromium.sh

postgresql:
	@tools/require-postgresql.sh

clean:
	rm -rf build .venv web/node_modules src/vitrina/server/assets $(ONTOLOGY)

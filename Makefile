# make run    sets up and runs the worked example; the report lands in out/quartier2020/
# make test   sets up and passes all tests
# make check  lint, types, import directions, docs in step with the code
# make oracles  compares the estimation engine with R's results; CASES=DIR for any folder of that format
# make bench  timings, written to benchmarks/results.md by hand after reading them
# make lock   pins the dependencies anew (needs uv)

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install -qq --disable-pip-version-check
STUDY  ?= examples/quartier2020
OUT    ?= out/$(notdir $(STUDY))
CASES  ?= tests/oracles

.PHONY: run test check oracles bench lock clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile

$(BIN)/python:
	@sh scripts/make_venv.sh $(PYTHON) $(VENV)

# --require-hashes refuses any file that is not the one pinned.
$(VENV)/.run: requirements/run.lock pyproject.toml | $(BIN)/python
	@echo "Setting up: the pinned packages (once; takes a minute or two) …"
	@$(PIP) --require-hashes -r requirements/run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	@echo "Setting up: the pinned packages for tests and checks (once) …"
	@$(PIP) --require-hashes -r requirements/dev.lock
	@touch $@

$(VENV)/.browser: scripts/install_browser.sh | $(BIN)/python
	@sh scripts/install_browser.sh
	@touch $@

$(VENV)/.java: scripts/install_java.sh | $(BIN)/python
	@sh scripts/install_java.sh
	@touch $@

run: $(VENV)/.run
	@echo "Running: passgenau run $(STUDY) --out $(OUT)"
	@$(BIN)/passgenau run $(STUDY) --out $(OUT)

test: $(VENV)/.dev $(VENV)/.browser $(VENV)/.java
	@echo "Testing …"
	@$(BIN)/python -m pytest

check: $(VENV)/.dev
	@echo "Checking: format and lint …"
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@echo "Checking: types …"
	@$(BIN)/mypy
	@echo "Checking: import directions, docs in step with the code …"
	@$(BIN)/python -m pytest -q -p no:xdist -o addopts= tests/test_architecture.py tests/test_docs.py

oracles: $(VENV)/.dev
	@$(BIN)/python scripts/run_oracles.py $(CASES)

bench: $(VENV)/.dev
	@$(BIN)/python benchmarks/run.py

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml --group build -o requirements/run.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml --group dev -c requirements/run.lock -o requirements/dev.lock

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache .hypothesis

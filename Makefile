# Thin names over the real commands. Each target makes the environment it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-hub lab build check lint bench bundle site clean

demo: $(READY)  ## a class released, submitted, graded and given feedback
	$(BIN)/autograder demo

test: $(READY)  ## lint, then every test, types among them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -n auto --dist loadgroup

test-hub: $(READY)  ## docs/jupyterhub.md on this machine: as root, makes accounts and removes them
	DOWNHILL_HUB=1 $(BIN)/python -m pytest -p no:xdist tests/hub

lab: $(READY)  ## JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir=notebooks

build: $(READY)  ## notebooks/ and solutions/ from source/
	$(BIN)/autograder build

check: $(READY)  ## fails when what is committed is stale
	$(BIN)/autograder build --check

lint: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

bench: $(READY)  ## every measurement in benchmarks/
	$(BIN)/python -m benchmarks

bundle: $(READY)  ## the zip for students
	$(BIN)/autograder bundle

site: $(READY)  ## the course on the web, into dist/site
	$(BIN)/autograder site --check

clean:
	rm -rf $(VENV) .venv-hub .build demo dist

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Downhill needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ v=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		  echo "Python's venv module is missing. On Debian or Ubuntu: apt install python$$v-venv"; exit 1; }
	@echo "Making the environment in $(VENV) (a minute or two, once) ..."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

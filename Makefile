# The two commands of the README: `make demo` and `make test`. Both make .venv first when it is missing.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# Where the environment forbids to keep what was compiled, every start of the command compiles all of it again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: setup demo test campaign check bench bench-many bench-catalogue bench-service bench-image docs clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[all]" --group dev
	touch $@

demo: setup
	$(BIN)/python examples/demo.py

# Two processes fill two cores: threads of their own would only wait for each other. Each takes whole modules, whose
# servers are then started once.
test campaign: export OPENBLAS_NUM_THREADS = 1
test campaign: export OMP_NUM_THREADS = 1
test: setup check
	$(BIN)/python -m pytest -n 2 --dist loadscope

# The long way: many more cases of what `make test` asserts on a few.
campaign: setup
	$(BIN)/python -m pytest -n 2 --dist loadscope -m campaign

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python bench/sign.py
	$(BIN)/python bench/verify.py
	$(BIN)/python bench/start.py
	$(BIN)/python bench/policy.py

# Media are made in $(SETS) once, and kept.
SETS ?= /tmp/provenance-sets
bench-many: setup
	$(BIN)/python bench/peers.py --sets $(SETS) --scale 1 --every 4
	$(BIN)/python bench/timestamps.py --sets $(SETS)
	$(BIN)/python bench/batch.py
	$(BIN)/python bench/kill.py
	$(BIN)/python bench/memory.py

bench-catalogue: setup
	$(BIN)/python bench/catalogue.py
	$(BIN)/python bench/catalogued.py
	$(BIN)/python bench/index.py
	$(BIN)/python bench/recovery.py

bench-service: setup
	$(BIN)/python bench/service.py --sets $(SETS)

# Needs podman or docker, and the registry that its base comes from; IMAGE holds options, such as --engine podman.
bench-image: setup
	$(BIN)/python bench/image.py $(IMAGE)

docs: setup
	$(BIN)/python -m typer provenance.cli.app utils docs --name provenance --title "The command line" --output docs/cli.md
	$(BIN)/python docs/policies_shipped.py
	$(BIN)/python docs/pictures.py
	$(BIN)/python docs/pictures_of_the_page.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

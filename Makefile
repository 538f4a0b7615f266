# `make demo` and `make test` set up what they need in .venv, once.

PYTHON ?= python3
BIN := .venv/bin
CODE := bot handlers sandbox tests benchmarks

# By-products of the tests that are worth a look: build/screenshots (pages) and build/pictures (reports).
.PHONY: demo run test check lint types layers cover chaos figures bench format lock clean

demo: .venv/run.stamp
	@$(BIN)/casier demo

run: .venv/run.stamp
	@$(BIN)/casier run

test: check

# Everything that can be found out: what reads the code, then all tests and their coverage.
check: lint types layers cover

lint: .venv/dev.stamp
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: .venv/dev.stamp
	$(BIN)/mypy

layers: .venv/dev.stamp
	$(BIN)/lint-imports

# All tests; then the coverage of every branch, which may only rise. What fails while two run at a time is tried once
# more alone, in sight: a machine that others use too may be late. What fails again is red.
cover: .venv/dev.stamp
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 || $(BIN)/coverage run -m pytest --last-failed --last-failed-no-failures none
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered

# Payments, kills, stalls and faults at random; then a list of payments that does what it likes, and what chats are told
# of it; then the rest of the fault matrix. See docs/chaos.md.
SECONDS ?= 120
DATABASE ?= both
chaos: .venv/dev.stamp
	$(BIN)/python -m tests.chaos.storm --seconds $(SECONDS) --database $(DATABASE)
	$(BIN)/python -m tests.chaos.news_storm --seconds $(SECONDS) --database $(DATABASE)
	$(BIN)/python -m pytest -m chaos

# Every list and report against the sandbox's own database, for 20,000 customers too; pictures of reports are left in
# build/pictures.
figures: .venv/dev.stamp
	$(BIN)/python -m pytest tests/reports -m "chaos or not chaos"

# CPU per command, then of finding what is new in lists of payments, beside baselines; then how soon a payment is
# told, and how long a search takes. A quarter of an hour, five minutes, and five more.
# QUICK=--quick for a look.
bench: .venv/dev.stamp
	$(BIN)/python -m benchmarks $(QUICK)
	$(BIN)/python -m benchmarks.payments_list $(QUICK)
	$(BIN)/python -m benchmarks.news $(QUICK)
	$(BIN)/python -m benchmarks.search $(QUICK)

format: .venv/dev.stamp
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

# Pin every version again, with hashes, and naming no host.
lock: .venv/dev.stamp
	$(BIN)/uv pip compile pyproject.toml --upgrade --group build $(PINNED) -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --upgrade --group dev -c requirements.txt $(PINNED) -o requirements-dev.txt

PINNED := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv build .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

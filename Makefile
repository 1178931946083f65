# Everything that is made goes to .build; what is more than a line is a script under tests/.
GIVEN := $(PYTHON)
PYTHON ?= python3
CORE ?=
INVENTORY ?= inventories/local
ARGS ?=
N ?= 50
SEED ?= 1
MOMENTS ?=
VERSION ?=
TAG ?=
CORES ?=

override PYTHON := $(shell command -v $(PYTHON))
# What prints the Python of the environment that runs playbooks: the usual one, or that of the ansible-core that CORE names.
ENVIRONMENT = $(PYTHON) tests/venvs.py $(if $(CORE),core '$(CORE)' $(and $(GIVEN),$(PYTHON)),venv requirements.txt)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.build/collections
# Two run at a time: those that emulate most come first.
SCENARIOS ?= atlas jetson raspberrypi pynq x86_conda generic default

.DEFAULT_GOAL := help
.PHONY: help provision test one fast role docs changelog archive check-tag publish release lint-changelog lint sanity units integration vms power-cuts heavy molecule test-build build-gate index test-all bench clean boards browser machines env test-env python lint-yaml lint-python lint-types lint-ansible lint-shell
.NOTPARALLEL:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Variables: INVENTORY=$(INVENTORY)  ARGS='--limit pi4 -e torch_version=2.9.1'  PYTHON=python3.12  CORE=2.16 (ansible-core for boards with Python 3.6)"

# The live view, unless another is asked for; ARGS=-v gives Ansible's own output.
provision: export ANSIBLE_STDOUT_CALLBACK ?= edgeai.fleet.live
provision: env ## PyTorch, proven, on the boards of INVENTORY; by default on this machine
	@python=$$($(ENVIRONMENT)) && "$${python%/*}/ansible-playbook" edgeai.fleet.provision -i $(INVENTORY) $(ARGS)

test: python ## every gate, and a table of how long each took
	@$(PYTHON) tests/gates.py

# The gates' own tools come first in PATH; Molecule and ansible-lint look for Ansible there.
lint-yaml lint-python lint-types lint-ansible lint-changelog docs changelog archive check-tag publish release sanity one fast role units integration vms power-cuts heavy molecule test-build build-gate index boards browser machines: export PATH := $(CURDIR)/.build/test/bin:$(PATH)
# Molecule and Ansible wrap at the width of a terminal, and think of 80 columns where there is none.
one integration vms power-cuts heavy molecule role: export COLUMNS := 160
integration vms power-cuts heavy build-gate index: export PYTHONPATH := $(CURDIR)/.build/collections:$(CURDIR)/tests

one: test-env ## one test file, or one test of it, on the newest ansible-core: T=tests/unit/...
	@test -n "$(T)" || { echo "Name a test: make one T=tests/unit/plugins/plugin_utils/_plan/test_engine.py" >&2; exit 2; }
	@python tests/run_units.py one $(T) $(ARGS)

fast: test-env ## the unit tests that start no process, on the newest ansible-core: under a minute
	@python tests/run_units.py fast $(ARGS)

role: boards ## one family: ansible-lint, golden cases, Molecule's scenario: R=jetson
	@test -n "$(R)" -a -d "roles/$(R)" || { echo "Name a role: make role R=jetson" >&2; exit 2; }
	ansible-lint roles/$(R)
	@python tests/run_units.py one tests/unit/golden -k $(R)
	@python tests/scenarios.py $(R)

lint: lint-yaml lint-python lint-types lint-ansible lint-shell lint-changelog ## yamllint, ruff, mypy, ansible-lint, shellcheck, fragments of the changelog

lint-yaml: test-env
	yamllint --strict .

lint-python: test-env
	ruff check .

lint-types: test-env
	cd .build/collections && mypy --config-file $(CURDIR)/pyproject.toml --cache-dir $(CURDIR)/.build/mypy

lint-ansible: test-env
	ansible-lint

lint-shell:
	@if command -v shellcheck >/dev/null; then echo shellcheck && shellcheck .ci/run tests/lab/*.sh plugins/plugin_utils/_bundle/templates/install.sh; else echo "shellcheck is not installed: skipped"; fi

lint-changelog: test-env
	antsibull-changelog lint
	antsibull-changelog lint-changelog-yaml changelogs/changelog.yaml

docs: test-env ## documentation of plugins and roles as a site reads it; CHANGELOG.rst against its fragments
	python tests/lint_docs.py
	python tools/changelog.py --check

changelog: test-env ## CHANGELOG.rst with the fragments of the next release
	python tools/changelog.py

archive: test-env ## the archive of the collection, the same bytes from the same commit; README's links for Galaxy
	@python tools/build_archive.py

check-tag: test-env ## whether a tag is that of the release that is prepared here: TAG=v1.0.0
	@python tools/changelog.py tag "$(TAG)"

# The token is in the environment: a command line can be read by others.
publish: archive ## publish the archive on Galaxy, with GALAXY_TOKEN of the environment
	@test -n "$$GALAXY_TOKEN" || { echo "GALAXY_TOKEN is not set." >&2; exit 2; }
	@ANSIBLE_GALAXY_SERVER_LIST=galaxy ANSIBLE_GALAXY_SERVER_GALAXY_URL=https://galaxy.ansible.com/ ANSIBLE_GALAXY_SERVER_GALAXY_TOKEN="$$GALAXY_TOKEN" \
	  ansible-galaxy collection publish "edgeai-fleet-$$(sed -n 's/^version: //p' galaxy.yml).tar.gz"

release: test-env ## prepare a release, up to its tag: VERSION=1.0.0
	@test -n "$(VERSION)" || { echo "Name a version: make release VERSION=1.0.0" >&2; exit 2; }
	@python tools/changelog.py release "$(VERSION)"

sanity: test-env ## ansible-test sanity, oldest and newest ansible-core, on every Python; others: CORES=2.18.19
	python tests/sanity/run.py $(CORES)

units: test-env ## unit tests, both ends of ansible-core, the board side on Python 3.6
	python tests/run_units.py $(ARGS)

integration: boards browser ## playbooks against containers: rollouts, kills, bad input
	python -m pytest tests/integration -m "not heavy" -n 2 --dist loadfile $(ARGS)

vms: machines ## boards that boot: virtual machines whose power is cut
	python -m pytest tests/vm -m "not heavy" $(ARGS)

power-cuts: machines ## more power cuts, at other instants: N=50 SEED=7 MOMENTS="switch packages"
	EDGEAI_POWER_CUTS=$(N) EDGEAI_POWER_SEED=$(SEED) EDGEAI_POWER_MOMENTS='$(MOMENTS)' python -m pytest tests/vm/test_lossy_disks.py tests/vm/test_power_cuts.py $(ARGS)

heavy: boards machines ## the tests on boards that make test leaves out
	python -m pytest tests/integration tests/vm -m heavy $(ARGS)

molecule: boards ## Molecule's scenarios, each family's boards; some of them: SCENARIOS="jetson pynq"
	@python tests/scenarios.py $(SCENARIOS)

test-build: test-env ## the real PyTorch 2.6.0, compiled, cut off, resumed and verified; hours
	python -m pytest -s tests/build/test_pytorch_from_source.py $(ARGS)

build-gate: test-env ## the real PyTorch 2.6.0 up to the compiler, with what the plans of builds say; an hour
	python -m pytest -s tests/build/test_source_gate.py $(ARGS)

index: test-env ## the catalogue's rows: whose evidence is old; and all that PyPI serves against its index
	@python tools/evidence_age.py
	python -m pytest tests/index $(ARGS)

bench: provision boards browser ## the benchmarks; heavy
	.build/test/bin/python tests/bench/install.py
	.build/test/bin/python tests/bench/scale.py
	.build/test/bin/python tests/bench/board_facts.py
	.build/test/bin/python tests/bench/verify.py
	.build/test/bin/python tests/bench/build.py
	.build/test/bin/python tests/bench/distcc.py
	.build/test/bin/python tests/bench/wall.py
	.build/test/bin/python tests/bench/live.py

test-all: test docs index heavy power-cuts build-gate bench ## every gate, the documentation, the rows against the index, the heavy tests, 50 power cuts, the gate of the builds, the benchmarks

clean: ## remove everything that was made here
	rm -rf .build .cache .ansible .ruff_cache tests/output

boards: test-env
	@python tests/lab/images.py

browser: test-env
	@python tests/lab/chromium.py

machines: test-env
	@python tests/lab/vm.py

env: python
	@$(ENVIRONMENT) >/dev/null

test-env: python
	@$(PYTHON) tests/venvs.py test requirements-test.txt >/dev/null

python:
	@test -n "$(PYTHON)" || { echo "No python3 is found. Install it (on Debian and Ubuntu: apt-get install python3 python3-venv)." >&2; exit 1; }

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boards, catalogues and schemas for the tests of plans."""

import functools
import json
from pathlib import Path

import jsonschema
import referencing
import yaml
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.packaging_shim import (
    InvalidRequirement,
    Requirement,
    SpecifierSet,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.specifiers import (
    exact_versions,
    is_negatable,
    is_specifier,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.board import (
    empty_accelerator,
    empty_board,
    empty_python,
)

ROOT = Path(__file__).resolve().parents[3]


def role_variables(role):
    """Return what Ansible loads of a role's vars: main.yml, or else all files in main/."""
    folder = ROOT / "roles" / role / "vars"
    files = sorted((folder / "main").glob("*.yml")) if (folder / "main").is_dir() else [folder / "main.yml"]
    return {name: value for path in files for name, value in (yaml.safe_load(path.read_text()) or {}).items()}


def catalogue(family):
    """Return a family's rows without those of its role's options."""
    return role_variables(family)[f"__{family}_catalogue"]


FORMATS = jsonschema.FormatChecker()


@FORMATS.checks("pep440-specifier")
def _is_specifier(text):
    return not isinstance(text, str) or is_specifier(text)


@FORMATS.checks("pep440-pin")
def _is_pin(text):
    return (
        not isinstance(text, str)
        or not is_specifier(text)
        or len(SpecifierSet(text)) == len(exact_versions(SpecifierSet(text))) == 1
    )


@FORMATS.checks("pep440-clause")
def _is_clause(text):
    return not isinstance(text, str) or not is_specifier(text) or is_negatable(text)


@FORMATS.checks("pep508-requirement", raises=InvalidRequirement)
def _is_requirement(text):
    return not isinstance(text, str) or bool(Requirement(text))


@functools.cache
def validator(name):
    registry = referencing.Registry()
    for path in (ROOT / "docs/schemas").glob("*.schema.json"):
        registry = registry.with_resource(path.name, referencing.Resource.from_contents(json.loads(path.read_text())))
    return jsonschema.Draft202012Validator(
        json.loads((ROOT / f"docs/schemas/{name}.schema.json").read_text()), registry=registry, format_checker=FORMATS
    )


def validate(name, value):
    validator(name).validate(value)


def planned(board, rows, **asked):
    """Return the plan, after a check by its schema."""
    made = torch_plan(board, rows, asked)
    validate("plan", made)
    return made


def board(of_family, architecture, pythons, **changes):
    """Return a board as board_facts describes it; cpu__atomics changes a nested value."""
    made = {
        **empty_board(),
        "family": of_family,
        "architecture": architecture,
        "kernel": {"release": "6.1.0", "machine": "aarch64"},
        "libc": {"name": "glibc", "version": "2.36"},
        "os": {
            "id": "debian",
            "version_id": "12",
            "codename": "bookworm",
            "pretty_name": "Debian 12",
            "package_manager": "apt",
        },
        "pythons": [
            {**empty_python(), "path": path, "version": version, "externally_managed": False, "default": number == 0}
            for number, (path, version) in enumerate(pythons)
        ],
        "memory": {"total": 4 << 30, "available": 3 << 30},
        "disk": {"path": "/", "total": 32 << 30, "free": 20 << 30},
        "user": {"name": "pi", "uid": 1000, "root": False},
        "workload": {"name": "pi", "exists": True, "uid": 1000, "groups": ["pi"]},
        "key": {"kernel": "6.1.0", "driver": None, "l4t": None, "cann": None},
    }
    for name, value in changes.items():
        *parents, last = name.split("__")
        inner = made
        for parent in parents:
            inner = inner[parent]
        inner[last] = value
    validate("board", made)
    return made


def gpu(driver, capability, name="NVIDIA GPU", cuda=None, groups=()):
    return {
        **empty_accelerator(),
        "kind": "cuda",
        "name": name,
        "driver": driver,
        "memory": 8 << 30,
        "compute_capability": capability,
        "nodes": ["/dev/nvidia0"],
        "cuda": cuda,
        "groups": list(groups),
    }


def system(version):
    return [("/usr/bin/python3", version)]


def pi(version, atomics=False, **changes):
    return board("raspberrypi", "aarch64", system(version), **{"cpu__atomics": atomics, "soc": "bcm2711", **changes})


def pc(*gpus, version="3.11.2", **changes):
    return board("x86_conda", "x86_64", system(version), accelerators=list(gpus), **changes)


BOARDS = {
    "pi 4 bookworm": pi("3.11.2"),
    "pi 4 bullseye": pi("3.9.2", libc={"name": "glibc", "version": "2.31"}),
    "pi 4 trixie": pi("3.13.5", libc={"name": "glibc", "version": "2.41"}),
    "pi 4 buster": pi("3.7.3", libc={"name": "glibc", "version": "2.28"}),
    "pi 4 focal": pi("3.8.10", libc={"name": "glibc", "version": "2.31"}),
    "pi 4 bionic": pi("3.6.9", libc={"name": "glibc", "version": "2.27"}),
    "pi 4 two pythons": board(
        "raspberrypi", "aarch64", [("/usr/bin/python3", "3.9.2"), ("/opt/py/bin/python3", "3.11.9")], cpu__atomics=False
    ),
    "pi 4 no python": board("raspberrypi", "aarch64", [], cpu__atomics=False),
    "pi 4 32 bit": board("raspberrypi", "armv7l", system("3.11.2")),
    "pi zero": board("raspberrypi", "armv6l", system("3.11.2")),
    "pi 4 alpine": pi("3.11.2", libc={"name": "musl", "version": "1.2.4"}),
    "pi 5 bookworm": pi("3.11.2", atomics=True, soc="bcm2712", page_size=16384),
    "pc": pc(),
    "pc python 3.8": pc(version="3.8.10"),
    "pc python 3.6": pc(version="3.6.15"),
    "pc old glibc": pc(version="3.9.2", libc={"name": "glibc", "version": "2.17"}),
    "pc ada 580": pc(gpu("580.65.06", "8.9")),
    "pc ada 550": pc(gpu("550.54.14", "8.9")),
    "pc volta 580": pc(gpu("580.65.06", "7.0")),
    "pc pascal 535": pc(gpu("535.183.01", "6.1")),
    "pc kepler 470": pc(gpu("470.82.01", "3.5")),
    "pc ada 470": pc(gpu("470.82.01", "8.6")),
    "pc gpu without driver": pc(gpu(None, None)),
    "pc two gpus": pc(gpu("550.54.14", "3.5", "K40"), gpu("550.54.14", "8.6", "A10")),
}

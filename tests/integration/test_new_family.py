# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another family of boards is a role, a detector, a scenario and one import line: no other code names the families."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from playbook_runs import LAB, REPOSITORY, Operator

FAMILIES = Path("plugins/module_utils/_board/families/known.py")

DETECTOR = '''\
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Beagle boards, by their device tree."""


class Detector(object):
    family = 'beagle'
    certainty = 3  # a device tree

    def detect(self, system):
        model, compatible = system.device_tree()
        if not any(entry.startswith('beagle,') for entry in compatible):
            return None
        return {'model': model, 'soc': compatible[-1].partition(',')[2], 'platform': {'cape': 'none'}}
'''
CATALOGUE = """\
---
__beagle_catalogue:
  - id: beagle-cpu
    when: {architecture: [x86_64, aarch64], soc: j721e, platform: {cape: none}}
    accelerator: cpu
    torch: '>=2.6'
    python: '>=3.9'
    local: cpu
    sources: [configured, https://download.pytorch.org/whl/cpu]
    forbid: [nvidia-*, cuda-*, triton]
    companions: {torchvision: true}
    proven: guess
    checked: null
    evidence:
      - https://docs.beagleboard.org/

__beagle_rows: "{{ __beagle_catalogue }}"

__beagle_board: >-
  {{ torch_board | default(((torch_detected | default({}, true)).ansible_facts | default({})).edgeai_board
     | default(ansible_facts['edgeai_board'])) }}
"""
BOARDS = """\
---
boards:
  Beagle of the Test: {model: Beagle of the Test, soc: j721e}
assume:
  - facts: {architecture: aarch64, cpu: Cortex-A72, cores: 2, atomics: false, memory: 4 GiB, disk: 16 GiB,
            os: debian 12, platform: {cape: none}}
"""
SCENARIO = {
    "name": "beagle",
    "vars": {"ansible_become": True},
    "boards": [
        {"name": "ai64", "model": "BeagleBone AI-64", "compatible": ["beagle,j721e-beagleboneai64", "ti,j721e"]}
    ],
}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this collection with one more family."""
    copy = tmp_path_factory.mktemp("sixth") / "ansible_collections" / "edgeai" / "fleet"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (REPOSITORY / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, copy / name)
    add_role(copy)
    (copy / FAMILIES).with_name("beagle.py").write_text(DETECTOR, encoding="utf-8")
    import_detector(copy / FAMILIES)
    scenario = copy / "molecule" / "beagle"
    scenario.mkdir()
    (scenario / "lab.yml").write_text(yaml.safe_dump(SCENARIO, explicit_start=True), encoding="utf-8")
    return copy


def add_role(copy: Path) -> None:
    """Add a role of the shape that all families have: a copy of another one, with its own catalogue."""
    role = copy / "roles" / "beagle"
    shutil.copytree(copy / "roles" / "pynq", role)
    for path in filter(Path.is_file, role.rglob("*")):
        path.write_text(path.read_text(encoding="utf-8").replace("pynq", "beagle"), encoding="utf-8")
    (role / "vars" / "main.yml").write_text(CATALOGUE, encoding="utf-8")
    (role / "meta" / "boards.yml").write_text(BOARDS, encoding="utf-8")


def import_detector(families: Path) -> None:
    text = families.read_text(encoding="utf-8")
    imported, changed = re.subn(r"(from \. import )", r"\1beagle, ", text, count=1)
    assert changed, "where _board/families/known.py imports the detectors"
    families.write_text(imported, encoding="utf-8")


def test_no_other_file_is_edited(collection: Path):
    edited = [path for path in collection.rglob("*") if path.is_file() and _original(path, collection).is_file()]
    changed = [path for path in edited if path.read_bytes() != _original(path, collection).read_bytes()]
    assert changed == [collection / FAMILIES]
    before, after = ((root / FAMILIES).read_text(encoding="utf-8").splitlines() for root in (REPOSITORY, collection))
    assert sum(line.startswith("+ ") for line in difflib.ndiff(before, after)) == 1


def _original(path: Path, collection: Path) -> Path:
    return REPOSITORY / path.relative_to(collection)


def test_a_board_of_it_is_provisioned(collection: Path, tmp_path: Path):
    command = [
        sys.executable,
        str(LAB),
        "{}",
        "--lab",
        str(collection / "molecule/beagle/lab.yml"),
        "--state-dir",
        str(tmp_path / "state"),
    ]
    subprocess.run([word.format("create") for word in command], check=True)
    try:
        operator = Operator(tmp_path, tmp_path / "state" / "hosts.yml")
        run = operator.provision("--check", environ={"ANSIBLE_COLLECTIONS_PATH": str(collection.parents[2])})
        assert run.status == 0, run.output
        assert (
            re.search(r"^ai64 +BeagleBone AI-64 ", run.output, re.MULTILINE) and "would be installed" in run.output
        ), run.output
        assert "included: edgeai.fleet.beagle for ai64" in run.output
    finally:
        subprocess.run([word.format("destroy") for word in command], check=True)


def test_the_unit_tests_take_it_in(collection: Path):
    environment = {**os.environ, "PYTHONPATH": str(collection.parents[2])}
    # Generated files are generated again, as after any change of a catalogue.
    subprocess.run([sys.executable, "tools/support_table.py"], cwd=collection, env=environment, check=True)
    tests = [
        "tests/unit/plugins/plugin_utils/_catalogue/test_rows.py",
        "tests/unit/docs/test_readme.py",
        "tests/unit/plugins/module_utils/_board/test_collect.py",
        "tests/unit/golden",
    ]
    command = [sys.executable, "-m", "pytest", "-v", *tests]
    done = subprocess.run(
        command,
        cwd=collection,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"test_catalogue_is_sound\[beagle\] PASSED", done.stdout)
    assert "beagle-cpu" in (collection / "docs/catalogue.md").read_text(encoding="utf-8")

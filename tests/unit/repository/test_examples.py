# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples: their variables exist and have values that are accepted, their playbooks are sound."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import variables
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import rings

REPOSITORY = Path(__file__).resolve().parents[3]
EXAMPLES = REPOSITORY / "examples"
INVENTORIES = sorted(EXAMPLES.glob("*/inventory.yml"))
PLAYBOOKS = sorted({*EXAMPLES.glob("*/*.yml")} - {*INVENTORIES, EXAMPLES / "ci/gitlab-ci.yml"})


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_every_example_is_on_the_page():
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"(?m)^\| \[(\w+)\]\((.+?)\) \|", page))
    assert set(shown) == {path.parent.name for path in INVENTORIES}
    assert all((EXAMPLES / link).is_file() for link in shown.values())
    for command in re.findall(r"`ansible-playbook ([^`]+)`", page):
        for playbook in re.findall(r"edgeai\.fleet\.(\w+)", command):
            assert (REPOSITORY / "playbooks" / f"{playbook}.yml").is_file()
        for playbook in re.findall(r" (\w+\.yml)$", command):
            assert len([path for path in PLAYBOOKS if path.name == playbook]) == 1


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.parent.name)
def test_variables_of_inventories_are_accepted(path):
    everything = load(path)["all"]
    assert everything["hosts"]
    for given in (everything["vars"], *filter(None, everything["hosts"].values())):
        for name, value in given.items():
            if not name.startswith("ansible_"):
                spec = {**variables.PLAYBOOKS, **variables.known_options()}[name]
                variables.checked_value(name, value, spec)
                assert name not in variables.RENAMED
                if name == "torch_rings":
                    assert all(step == "canary" or rings.share_of(step, 30) > 0 for step in value)


def test_addresses_are_those_of_documentation():
    text = "\n".join(path.read_text(encoding="utf-8") for path in INVENTORIES)
    addresses = re.findall(r"\d+\.\d+\.\d+\.\d+", text)
    assert addresses and all(address.startswith("192.0.2.") for address in addresses)


def test_the_gate_of_a_ci_keeps_its_results():
    job = load(EXAMPLES / "ci/gitlab-ci.yml")["verify-boards"]
    assert job["script"] == ["ansible-playbook -i inventory.yml gate.yml"]
    assert job["artifacts"]["when"] == "always" and job["artifacts"]["reports"]["junit"] == "reports/*/junit.xml"


@pytest.mark.slow
def test_playbooks_are_sound():
    command = [Path(sys.executable).with_name("ansible-playbook"), "--syntax-check"]
    for path in INVENTORIES:
        command += ["-i", path]
    done = subprocess.run(
        [*command, *PLAYBOOKS],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build/collections"), "ANSIBLE_NOCOLOR": "1"},
        cwd=EXAMPLES,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "ERROR" not in done.stdout, done.stdout
    assert all(f"playbook: {path}" in done.stdout for path in PLAYBOOKS)

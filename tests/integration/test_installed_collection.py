# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection installed and used as README says: README's own code blocks, in an empty directory, with boards in
containers.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playbook_runs import REPOSITORY, Operator

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
#: The hosts of README's inventory. Other tests check their properties.
LAB = {"name": "installed", "boards": [{"name": name, "users": ["vision"]} for name in ("pi4", "orin1", "pc1")]}


def block(name: str) -> str:
    """Return the code block of README that begins with this file name as a comment."""
    (found,) = re.findall(rf"```\w+\n# {re.escape(name)}\n(.*?)```\n", README, re.DOTALL)
    return found


def commands(*, beginning: str) -> list[str]:
    """Return the commands of README with this beginning, without their comments."""
    return [
        line.split("  #")[0].strip() for line in re.findall(rf"^\$ ({re.escape(beginning)}.*)$", README, re.MULTILINE)
    ]


class Newcomer:
    """A person with README, an empty directory and no settings."""

    def __init__(self, directory: Path, sockets: str) -> None:
        self.directory, self.sockets = directory, sockets
        (directory / "home").mkdir(parents=True)

    def run(self, command: str) -> str:
        settings = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE", "PYTHON"))}
        settings |= {
            "HOME": str(self.directory / "home"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ANSIBLE_NOCOLOR": "1",
            # ssh's sockets: under the long home directory of a test, their names are too long.
            "ANSIBLE_SSH_CONTROL_PATH_DIR": self.sockets,
            # Do not fetch again what is in the cache.
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
        }
        done = subprocess.run(
            shlex.split(command),
            cwd=self.directory,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    with tempfile.TemporaryDirectory(prefix="cp-") as sockets:
        yield with_the_collection(Newcomer(tmp_path_factory.mktemp("newcomer") / "empty", sockets))


def with_the_collection(newcomer: Newcomer) -> Newcomer:
    """Install the collection by README's commands; this checkout stands in for the repository that they name."""
    wanted = yaml.safe_load(block("requirements.yml"))
    assert [sorted(entry) for entry in wanted["collections"]] == [["name", "type", "version"]]
    newcomer.write("requirements.yml", yaml.safe_dump({"collections": [{"name": str(REPOSITORY), "type": "dir"}]}))
    (install,) = commands(beginning="ansible-galaxy collection install")
    newcomer.run(install)
    return newcomer


def test_what_is_installed(newcomer: Newcomer):
    installed = newcomer.directory / "home/.ansible/collections/ansible_collections/edgeai/fleet"
    content = {path.name for path in installed.iterdir()}
    assert {"meta", "plugins", "roles", "playbooks", "README.md", "LICENSE"} <= content
    assert not {"tests", "molecule", ".build", ".ci", "Makefile"} & content
    # README's pip line installs all packages that the collection imports on a control node with a new Python.
    (line,) = commands(beginning="pip install")
    assert line.split() == ["pip", "install", "ansible-core", "uv", "py-rattler"]


def test_readmes_inventory_with_and_without_root(newcomer: Newcomer, lab: Operator):
    theirs = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))["all"]["children"]["boards"]
    own = yaml.safe_load(block("inventory.yml").replace("admin", "ansible"))["all"]
    assert sorted(own["hosts"]) == sorted(theirs["hosts"])
    own["vars"]["x86_conda_provider"] = "venv"  # other tests use conda channels
    # The lab sets addresses and keys of the boards; README's own ansible.cfg finds Python.
    own["vars"] |= {
        name: value
        for name, value in theirs["vars"].items()
        if name.startswith("ansible_ssh") or name == "ansible_control_path"
    }
    for name, host in own["hosts"].items():
        host["ansible_host"] = theirs["hosts"][name]["ansible_host"]
    newcomer.write("inventory.yml", yaml.safe_dump({"all": own}))
    newcomer.write("ansible.cfg", block("ansible.cfg"))
    newcomer.write("site.yml", block("site.yml"))

    explain, provision, *_others = commands(beginning="ansible-playbook edgeai.fleet.")
    assert newcomer.run(explain).count("\n  gets: torch ") == 3
    said = newcomer.run(provision)
    assert said.count("would be installed") >= 3 and "failed=0" in said, said
    newcomer.run("ansible-playbook site.yml --syntax-check")

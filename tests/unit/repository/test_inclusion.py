# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/inclusion.md calls met, and no other gate holds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
MODULES = sorted((REPOSITORY / "plugins/modules").glob("*.py"))
#: https://docs.ansible.com/ansible/devel/dev_guide/developing_collections_structure.html
FOLDERS = {
    "action",
    "become",
    "cache",
    "callback",
    "cliconf",
    "connection",
    "doc_fragments",
    "filter",
    "httpapi",
    "inventory",
    "lookup",
    "module_utils",
    "modules",
    "netconf",
    "plugin_utils",
    "shell",
    "strategy",
    "terminal",
    "test",
    "vars",
}
PAGE = (REPOSITORY / "docs/inclusion.md").read_text(encoding="utf-8")


def constant(path: Path, name: str) -> str:
    """Return a constant of a module, such as its RETURN, without importing it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name:
            return ast.literal_eval(node.value)
    raise LookupError(f"{path.name} has no {name}")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_facts_modules_return_facts(path):
    returned = set(yaml.safe_load(constant(path, "RETURN")) or {})
    named = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)]
    in_code = any(node.value == "ansible_facts" for node in named)
    if path.stem.endswith("_facts"):
        # C(as_fact: false) returns the same board, and no fact.
        assert (returned, in_code) == ({"ansible_facts", "board"}, True)
    else:
        assert ("ansible_facts" in returned, in_code) == (False, False)


def test_every_module_that_changes_nothing_is_named_in_the_page():
    names = re.findall(r"`(\w+)`", PAGE.partition("**Names.**")[2])
    control = [path.stem for path in MODULES if path.stem.startswith("fleet_")]
    assert set(control) - set(names) == set()
    assert [name for name in names if name.startswith("fleet_") and name not in control] == []


def test_plugins_has_allowed_folders_only():
    found = {path.name for path in (REPOSITORY / "plugins").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert found <= FOLDERS


@pytest.mark.parametrize("side", ["module_utils", "plugin_utils"])
def test_utilities_are_private_and_say_so(side):
    files = [path for path in (REPOSITORY / "plugins" / side).rglob("*.py") if path.read_text(encoding="utf-8").strip()]
    assert len(files) > 50
    public = [path for path in files if not path.relative_to(REPOSITORY / "plugins" / side).parts[0].startswith("_")]
    assert public == []
    silent = [path for path in files if "private to edgeai.fleet" not in path.read_text(encoding="utf-8")]
    assert silent == []


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:tests|changelogs|meta)/[\w./]*)`", PAGE))))
def test_evidence_exists(path):
    assert (REPOSITORY / path).exists()


def test_readme_has_what_the_requirements_ask():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    titles = re.findall(r"(?m)^## (.+)$", readme)
    assert {"Communication", "Releases", "License", "Contribute", "Versions"} <= set(titles)
    for what in ("semantic versioning", "Code of Conduct", "deprecated", "forum.ansible.com", "Python 2.7"):
        assert what in readme, what
    tags = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))["tags"]
    assert "infrastructure" in tags and len(tags) <= 20

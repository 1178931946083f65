# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import ansible_cores
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import PLAYBOOKS

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("support_table", REPOSITORY / "tools" / "support_table.py")
support_table = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(support_table)
README = support_table.README.read_text(encoding="utf-8")
CATALOGUE = support_table.CATALOGUE.read_text(encoding="utf-8")
VARIABLES = (REPOSITORY / "docs/variables.md").read_text(encoding="utf-8")
FAMILIES = "|".join(support_table.family_names())


@pytest.mark.parametrize(
    ("path", "part", "make"),
    support_table.PARTS,
    ids=[f"{path.name}: {part}" for path, part, _make in support_table.PARTS],
)
def test_tables_are_what_catalogues_and_golden_table_say(path, part, make):
    assert support_table.generated_part(path, part) == make(), "run: .build/test/bin/python tools/support_table.py"


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("jetson", ["TX2", "Nano", "Xavier NX", "AGX Xavier", "Orin Nano", "Orin NX", "AGX Orin", "Thor"]),
        ("raspberrypi", ["Zero 2 W", "3", "4", "5", "Compute Module 3+", "32-bit", "64-bit", "Bookworm", "Trixie"]),
        ("pynq", ["PYNQ-Z1", "PYNQ-Z2", "Ultra96", "ZCU104", "KV260", "PYNQ 2.7", "PYNQ 3.0"]),
        ("atlas", ["Atlas 200", "200 DK", "200I DK A2", "300I Pro", "300I Duo", "910"]),
        (
            "generic",
            ["Orange Pi 5", "Radxa Rock 5B", "i.MX 8M", "BeagleBone AI-64", "GH200", "DGX Spark", "VisionFive 2"],
        ),
        (
            "x86_conda",
            [
                "PC without a GPU",
                "NVIDIA GPU",
                "Ubuntu 18.04",
                "Ubuntu 20.04",
                "Ubuntu 22.04",
                "Debian 12",
                "driver 580",
            ],
        ),
    ],
)
def test_readers_find_their_board(family, names):
    (section,) = [
        part
        for part in support_table.generated_part(support_table.README, "support table").split("### ")
        if f"`{family}`" in part
    ]
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}(?!\w)", section)] == []


def options_of(role):
    specs = yaml.safe_load((REPOSITORY / "roles" / role / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    return specs["argument_specs"]["main"]["options"]


def test_variables_of_the_documents_exist():
    known = set(PLAYBOOKS)
    for role in REPOSITORY.glob("roles/*"):
        known |= set(options_of(role.name))
    named = set(re.findall(rf"`((?:torch|wheelhouse|{FAMILIES})_\w+)`", README + CATALOGUE + VARIABLES))
    modules = {
        path.stem
        for folder in ("modules", "filter", "lookup")
        for path in (REPOSITORY / "plugins" / folder).glob("*.py")
    }
    # The result of a role is not an option.
    assert named - known - modules - set(support_table.family_names()) == {"torch_verdict"}


# A family counts once it has its name in README's table.
@pytest.mark.parametrize("role", ["torch", *support_table.FAMILIES])
def test_every_variable_of_users_is_on_its_page(role):
    rows = re.findall(r"(?m)^\| (`[^|]+`) \|", VARIABLES)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert [name for name in options_of(role) if named.count(name) != 1] == []


def test_variables_of_playbooks_are_on_their_page():
    # explain_* and diagnose_* belong to one playbook each: README's table of playbooks has them.
    of_runs = [name for name in PLAYBOOKS if name.startswith(("fleet_", "torch_"))]
    assert [name for name in of_runs if f"| `{name}` |" not in VARIABLES] == []


def test_defaults_are_those_of_the_roles():
    roles = ("torch", "torch_build", *support_table.FAMILIES)
    real = dict(PLAYBOOKS, **{name: spec for role in roles for name, spec in options_of(role).items()})
    told = {}
    for names, defaults in re.findall(r"(?m)^\| (`[^|]+`) \| (`[^|]+`) \|", VARIABLES):
        names, defaults = re.findall(r"`(\w+)`", names), re.findall(r"`([^`]+)`", defaults)
        # One default for several variables is that of each.
        defaults *= len(names) if len(defaults) == 1 else 1
        told.update(zip(names, defaults, strict=True))
    del told["torch_reports"]  # a path of the control node
    values = {name: text if real[name]["type"] == "str" else yaml.safe_load(text) for name, text in told.items()}
    assert values == {name: real[name].get("default") for name in told}
    assert len(told) > 40


def test_versions_are_one():
    oldest, *_newer = ansible_cores.CORES
    runtime = yaml.safe_load((REPOSITORY / "meta/runtime.yml").read_text(encoding="utf-8"))
    sanity = yaml.safe_load((REPOSITORY / "tests/config.yml").read_text(encoding="utf-8"))
    assert runtime["requires_ansible"] == f">={oldest.release}.0"
    (board, control) = re.search(
        r"Boards are Linux with Python (3\.\d+) or later\. Control nodes are Linux with Python (3\.\d+) or later\.",
        README,
    ).groups()
    assert (board, control) == tuple(map(ansible_cores.dotted, (oldest.boards[0], oldest.control[0])))
    assert sanity["modules"]["python_requires"] == f">={board}"
    mypy = re.search(r'(?m)^python_version = "(.*?)"', (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert mypy[1] == control


@pytest.mark.parametrize("line", re.findall(r"(?m)^\| (3\.\d+[^|]*\|.*`make provision.*)\|$", README))
def test_which_ansible_core(line):
    pythons, _examples, core, controls, make = (cell.strip() for cell in line.split("|"))
    for python in re.findall(r"3\.\d+", pythons):
        able = [one for one in ansible_cores.CORES if one.boards[0] <= minor(python) <= one.boards[1]]
        named = re.findall(r"2\.\d+", core)
        assert set(named) <= {one.release for one in able}
        if "from" in core or "later" in core:
            assert able[-1] == ansible_cores.CORES[-1]
        if "up to" in core:
            assert able[-1].release == named[0]
        for release in re.findall(r"CORE=(2\.\d+)", make):
            (one,) = [one for one in ansible_cores.OFFERED if one.release == release]
            assert controls == " to ".join(map(ansible_cores.dotted, one.control))


def minor(version):
    major, _dot, rest = version.partition(".")
    return int(major), int(rest)


def test_which_ansible_core_covers_every_python():
    told = " ".join(re.findall(r"(?m)^\| (3\.\d+[^|]*) \|.*`make provision", README))
    assert told == "3.6, 3.7 3.8 3.9 to 3.12 3.13"


@pytest.mark.parametrize(
    "page", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"]
)
def test_links_lead_somewhere(page):
    texts = {page: (REPOSITORY / page).read_text(encoding="utf-8")}
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", texts[page]):
        path, _hash, anchor = target.partition("#")
        assert (REPOSITORY / (path or page)).exists(), target
        if anchor:
            text = texts.setdefault(path or page, (REPOSITORY / (path or page)).read_text(encoding="utf-8"))
            titles = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?ms)^```.*?^```$", "", text))
            anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
            assert anchor in anchors, target


def test_the_first_verdict_is_on_the_first_screen():
    first = README[: README.index("make provision")]
    assert first.count("\n") < 20
    try_it, use_it, contribute = (README.index(f"\n## {title}\n") for title in ("Try it here", "Use it", "Contribute"))
    assert try_it < use_it < contribute

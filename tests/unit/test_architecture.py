# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The invariants of docs/architecture.md, read from the sources themselves."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
PREFIX = "ansible_collections.edgeai.fleet.plugins."

# Each room, and the rooms that its files may import from.
CONTROL_LAYERS = {
    "_base": set(),
    "_model": {"_base"},
    "_catalogue": {"_base", "_model"},
    "_plan": {"_base", "_model", "_catalogue"},
    "_wheelhouse": {"_base", "_model"},
    "_enrol": {"_base"},
    "_inventory": {"_base"},
    "_lock": {"_base", "_model", "_wheelhouse", "_catalogue"},
    "_rollout": {"_base", "_model"},
    "_wall": {"_base", "_plan", "_rollout"},
    "_live": {"_base", "_rollout"},
    "_bundle": {"_base", "_lock", "_model", "_plan", "_rollout", "_wheelhouse"},
    "_playbooks": {"_base", "_inventory", "_model", "_catalogue", "_plan", "_rollout"},
}
BOARD_LAYERS = {
    "_base": set(),
    "_root": {"_base"},
    "_board": {"_base", "_root"},
    "_rattler": {"_base", "_root"},
    "_environment": {"_base", "_root", "_board", "_rattler"},
    "_conda_env": {"_base", "_root", "_board", "_rattler", "_environment"},
    "_torch_build": {"_base", "_root", "_board", "_rattler", "_environment"},
    "_setup": {"_base", "_root", "_board", "_rattler", "_environment"},
    "_verify": {"_base", "_root", "_board", "_rattler", "_environment"},
}
# What runs on boards and is also used on the control node: pure data, or self-contained.
SHARED = {
    "_base.errors",
    "_base.secrets",
    "_base.text",
    "_rattler.call",
    "_rattler.channels",
    "_rattler.platform",
    "_torch_build.features",
    "_verify.board_conditions",
    "_verify.diagnosis",
    "_verify.runtime_codes",
}
# Files without a test file of their name: the file, below tests/unit/plugins, whose tests run them.
TESTED_ELSEWHERE = {
    "plugin_utils._base.board_files": "action/test_ascend_hdk.py",
    "plugin_utils._inventory.multicast_dns": "inventory/test_discover.py",
    "plugin_utils._inventory.faults": "plugin_utils/_playbooks/test_inventory_sources.py",
    "plugin_utils._base.clock": "plugin_utils/_lock/test_lockfile.py",
    "plugin_utils._base.errors": "plugin_utils/_lock/test_fleet_locks.py",
    "plugin_utils._base.files": "plugin_utils/_lock/test_lockfile.py",
    "plugin_utils._base.hashes": "plugin_utils/_wheelhouse/test_store.py",
    "plugin_utils._base.hidden_values": "action/test_conda_env.py",
    "plugin_utils._base.messages": "plugin_utils/_catalogue/test_row_checks.py",
    "plugin_utils._base.packaging_shim": "plugin_utils/_plan/test_engine.py",
    "plugin_utils._base.specifiers": "plugin_utils/_plan/test_offers.py",
    "plugin_utils._base.urls": "plugin_utils/_catalogue/test_row_checks.py",
    "plugin_utils._catalogue.common_rows": "plugin_utils/_catalogue/test_rows.py",
    "plugin_utils._catalogue.conditions": "plugin_utils/_catalogue/test_row_checks.py",
    "plugin_utils._catalogue.distributions": "plugin_utils/_plan/test_hypothetical_board.py",
    "plugin_utils._catalogue.torch_releases": "plugin_utils/_catalogue/test_build_recipes.py",
    "plugin_utils._lock.conda_specs": "plugin_utils/_lock/test_conda_lock.py",
    "plugin_utils._lock.environment_yml": "action/test_conda_env.py",
    "plugin_utils._lock.foreign_wheels": "plugin_utils/_lock/test_wheel_lock.py",
    "plugin_utils._lock.installer_tools": "plugin_utils/_lock/test_wheel_lock.py",
    "plugin_utils._lock.pins": "plugin_utils/_lock/test_named_files.py",
    "plugin_utils._lock.target_platform": "plugin_utils/_lock/test_wheel_lock.py",
    "plugin_utils._lock.torch_selection": "plugin_utils/_lock/test_wheel_lock.py",
    "plugin_utils._lock.uv": "plugin_utils/_lock/test_wheel_lock.py",
    "plugin_utils._plan.request": "plugin_utils/_plan/test_offers.py",
    "plugin_utils._rollout.host_variables": "plugin_utils/_rollout/test_builders.py",
    "plugin_utils._wheelhouse.build_records": "plugin_utils/_lock/test_build_inputs.py",
    "plugin_utils._wheelhouse.delivery": "action/test_torch_env.py",
    "plugin_utils._wheelhouse.pip_config": "plugin_utils/_wheelhouse/test_package_index.py",
    "plugin_utils._wheelhouse.uv_config": "plugin_utils/_base/test_network_errors.py",
    "plugin_utils._wheelhouse.wheel_files": "plugin_utils/_wheelhouse/test_store.py",
    "module_utils._base.elf": "module_utils/_verify/test_verdict.py",
    "module_utils._base.errors": "module_utils/_environment/test_present.py",
    "module_utils._base.files": "module_utils/_environment/test_present.py",
    "module_utils._base.hashes": "module_utils/_environment/test_present.py",
    "module_utils._base.machine": "module_utils/_board/test_collect.py",
    "module_utils._base.processes": "module_utils/_environment/test_present.py",
    "module_utils._board.ascend_cards": "module_utils/_board/families/test_atlas.py",
    "module_utils._board.atlas_board": "module_utils/_board/families/test_atlas.py",
    "module_utils._board.cann_places": "module_utils/_board/test_cann.py",
    "module_utils._board.commands": "module_utils/_board/test_system.py",
    "module_utils._board.cuda_driver": "module_utils/_board/test_nvidia.py",
    "module_utils._board.families.known": "module_utils/_board/test_collect.py",
    "module_utils._board.families.x86_conda": "module_utils/_board/test_collect.py",
    "module_utils._board.installed_packages": "module_utils/_board/families/test_raspberrypi.py",
    "module_utils._board.jetson_board": "module_utils/_board/families/test_jetson.py",
    "module_utils._board.jetson_software": "module_utils/_board/families/test_jetson.py",
    "module_utils._board.nvidia_cards": "module_utils/_board/test_nvidia.py",
    "module_utils._board.nvidia_faults": "module_utils/_board/test_nvidia.py",
    "module_utils._board.nvidia_generations": "module_utils/_board/test_nvidia.py",
    "module_utils._board.nvidia_traces": "module_utils/_board/test_nvidia.py",
    "module_utils._board.pynq_board": "module_utils/_board/families/test_pynq.py",
    "module_utils._board.raspberrypi_board": "module_utils/_board/families/test_raspberrypi.py",
    "module_utils._board.swap_manager": "module_utils/_setup/test_swap.py",
    "module_utils._board.unserved_cards": "module_utils/_board/test_unserved_accelerators.py",
    "module_utils._conda_env.packages": "module_utils/_conda_env/test_conda_env.py",
    "module_utils._conda_env.prefix": "module_utils/_conda_env/test_conda_env.py",
    "module_utils._conda_env.rattler_source": "module_utils/_conda_env/test_conda_env.py",
    "module_utils._conda_env.root_environment": "module_utils/_conda_env/test_conda_env.py",
    "module_utils._conda_env.solve": "module_utils/_conda_env/test_conda_env.py",
    "module_utils._environment.installers": "module_utils/_environment/test_present.py",
    "module_utils._environment.summary": "module_utils/_environment/test_switch.py",
    "module_utils._rattler.call": "module_utils/_environment/test_conda_installer.py",
    "module_utils._rattler.platform": "module_utils/_environment/test_conda_installer.py",
    "module_utils._rattler.worker": "module_utils/_environment/test_conda_installer.py",
    "module_utils._root.layout": "module_utils/_environment/test_switch.py",
    "module_utils._setup.run_file": "module_utils/_setup/test_ascend_hdk.py",
    "module_utils._verify.board_conditions": "module_utils/_verify/test_field_cases.py",
    "module_utils._verify.board_context": "module_utils/_verify/test_verdict.py",
    "module_utils._verify.diagnosis": "module_utils/_verify/test_verdict.py",
    "module_utils._verify.diagnosis_table": "module_utils/_verify/test_verdict.py",
    "module_utils._verify.probe_process": "module_utils/_verify/test_verdict.py",
    "module_utils._verify.runtime_codes": "module_utils/_verify/test_field_cases.py",
}


def sources(side: str) -> dict[str, Path]:
    """The files of code of a side, by their dotted names below it."""
    top = PLUGINS / side
    files = (path for path in top.rglob("*.py") if path.name != "__init__.py")
    return {".".join(path.relative_to(top).with_suffix("").parts): path for path in sorted(files)}


CONTROL, BOARD = sources("plugin_utils"), sources("module_utils")


def imports(side: str, module: str, path: Path) -> set[str]:
    """What a file imports of this collection, as "side.room.file"."""
    here, found = f"{PREFIX}{side}.{module}".split("."), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = here[: -node.level] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            if name.startswith(PREFIX):
                name = name.removeprefix(PREFIX)
                files = CONTROL if name.startswith("plugin_utils") else BOARD
                full = [f"{name}.{alias.name}" for alias in node.names]
                found |= {name if one.partition(".")[2] not in files else one for one in full}
    return found


@pytest.mark.parametrize("module", CONTROL)
def test_control_node_layers(module):
    room = module.partition(".")[0]
    for imported in imports("plugin_utils", module, CONTROL[module]):
        side, _dot, name = imported.partition(".")
        if side == "module_utils":
            assert name in SHARED, f"{module} imports {name}, which only boards may"
        elif name.partition(".")[0] != room:
            assert name.partition(".")[0] in CONTROL_LAYERS[room], f"{module} imports {name}"


@pytest.mark.parametrize("module", BOARD)
def test_board_layers(module):
    room = module.partition(".")[0]
    for imported in imports("module_utils", module, BOARD[module]):
        side, _dot, name = imported.partition(".")
        assert side == "module_utils", f"{module} runs on boards, where there is no {name}"
        if name.partition(".")[0] != room:
            assert name.partition(".")[0] in BOARD_LAYERS[room], f"{module} imports {name}"


@pytest.mark.parametrize("files", [CONTROL, BOARD], ids=["plugin_utils", "module_utils"])
def test_nobody_imports_private_names(files):
    for module, path in files.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith(PREFIX)):
                private = [alias.name for alias in node.names if alias.name.startswith("_")]
                assert not [name for name in private if name not in (*CONTROL_LAYERS, *BOARD_LAYERS)], module


@pytest.mark.parametrize(("side", "files"), [("plugin_utils", CONTROL), ("module_utils", BOARD)])
def test_no_import_cycles(side, files):
    graph = {module: imports(side, module, path) for module, path in files.items()}
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module not in done:
            for imported in graph[module]:
                own, _dot, name = imported.partition(".")
                if own == side and name in graph:
                    visit(name, [*path, module])
            done.add(module)

    for module in graph:
        visit(module, [])


def test_no_family_imports_a_sibling():
    families = {module for module in BOARD if module.startswith("_board.families.") and not module.endswith(".known")}
    for module in families:
        siblings = imports("module_utils", module, BOARD[module]) & {f"module_utils.{name}" for name in families}
        assert not siblings, module


def test_the_supervisor_copies_what_it_imports():
    """A detached build outlives the module's archive: its files are copied, and none may be missing there."""
    from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.start import COPIED

    needed, queue = set(), ["_torch_build.supervise"]
    while queue:
        module = queue.pop()
        if module not in needed:
            needed.add(module)
            queue += [name.partition(".")[2] for name in imports("module_utils", module, BOARD[module])]
    own = {module for module in BOARD if module.startswith("_torch_build.") and module != "_torch_build.start"}
    assert needed == own | set(COPIED)


def test_variables_that_python_reads_are_set_by_tasks():
    from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import host_variables

    read = {value for name, value in vars(host_variables).items() if name.isupper()}
    given = set()
    for path in [*(ROOT / "roles").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.yml")]:
        for task in tasks(yaml.safe_load(path.read_text(encoding="utf-8"))):
            given |= {task.get("register"), *(task.get("vars") or {})}
            given.update(*(task.get(f"ansible.builtin.{action}") or {} for action in ("set_fact", "add_host")))
    # The operator's inventory sets this one.
    given.add(host_variables.CONTAINER)
    assert read <= given, read - given


def tasks(content):
    """Every mapping of a file of tasks or plays, however deep."""
    if isinstance(content, dict):
        yield content
    for value in content.values() if isinstance(content, dict) else content if isinstance(content, list) else []:
        yield from tasks(value)


def test_families_differ_only_in_what_a_family_knows():
    """Their vars, plan, prepare and what prepare includes, defaults, meta and README: nothing else, and one main."""
    families, mains = [path.parents[1] for path in sorted((ROOT / "roles").glob("*/meta/boards.yml"))], set()
    assert families
    for role in families:
        assert {path.name for path in role.iterdir()} <= {"defaults", "meta", "tasks", "vars", "README.md"}
        mains.add((role / "tasks/main.yml").read_text(encoding="utf-8").replace(role.name, "FAMILY"))
        included = {"main.yml", "plan.yml", "prepare.yml"}
        for name in ("prepare.yml", *sorted(path.name for path in (role / "tasks").iterdir())):
            for task in tasks(yaml.safe_load((role / "tasks" / name).read_text(encoding="utf-8"))):
                included |= {task.get("ansible.builtin.include_tasks")} - {None}
        assert {path.name for path in (role / "tasks").iterdir()} == included, role.name
    assert len(mains) == 1


def test_private_variables_stay_in_their_role():
    """What roles and playbooks hand to each other is public, and documented in meta/argument_specs.yml."""
    homes: dict[str, set[str]] = {}
    for path in [*(ROOT / "roles").rglob("*.yml"), *(ROOT / "playbooks").rglob("*.yml")]:
        home, *below = path.relative_to(ROOT).parts
        for name in re.findall(r"\b__\w+", path.read_text(encoding="utf-8")):
            homes.setdefault(name, set()).add(below[0] if home == "roles" else home)
    assert {name: home for name, home in homes.items() if len(home) > 1} == {}


@pytest.mark.parametrize(("side", "files"), [("plugin_utils", CONTROL), ("module_utils", BOARD)])
def test_every_file_has_its_tests(side, files):
    tests = ROOT / "tests/unit/plugins"
    for module in files:
        *rooms, name = module.split(".")
        own = "/".join([side, *rooms, f"test_{name}.py"])
        elsewhere = TESTED_ELSEWHERE.get(f"{side}.{module}")
        assert (tests / own).is_file() != bool(elsewhere), f"{side}/{module}: give it {own}, or say what runs it"
        if elsewhere:
            assert (tests / elsewhere).is_file(), elsewhere

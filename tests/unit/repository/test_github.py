# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What GitHub reads: workflows call targets of the Makefile and cover what is supported; issue forms are sound."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import ansible_cores

REPOSITORY = Path(__file__).resolve().parents[3]
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"(?m)^([a-z-]+):", MAKEFILE))
WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in REPOSITORY.glob(".github/workflows/*.yml")
}
FORMS = [path for path in REPOSITORY.glob(".github/ISSUE_TEMPLATE/*.yml") if path.stem != "config"]
#: What a step may call besides make: GitHub's own program.
GITHUB = re.compile(r"gh (release|issue) create ")
MAKE = re.compile(r'(?:sudo -E env "PATH=\$PATH" )?make ([a-z-]+)((?: [A-Z]+=(?:\$\{\{ [\w.]+ \}\}|"\$[A-Z_]+"))*)')


def steps():
    for workflow, content in WORKFLOWS.items():
        for job, told in content["jobs"].items():
            for step in told["steps"]:
                yield workflow, job, step


def test_gates_are_those_of_make_test():
    called = {
        MAKE.fullmatch(step["run"])[1] for workflow, _job, step in steps() if workflow == "gates" and "run" in step
    }
    specification = importlib.util.spec_from_file_location("gates", REPOSITORY / "tests" / "gates.py")
    gates = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(gates)
    # Others make the images of the boards as they need them.
    assert set(gates.GATES) - {"boards"} <= called


@pytest.mark.parametrize("step", [step["run"] for _workflow, _job, step in steps() if "run" in step])
def test_every_step_is_a_target(step):
    made = MAKE.fullmatch(step)
    assert made or GITHUB.match(step), step
    if made:
        assert made[1] in TARGETS
        for name in re.findall(r"([A-Z]+)=", made[2]):
            assert re.search(rf"(?m)^{name} \?=", MAKEFILE), name


def matrix(workflow, job):
    return WORKFLOWS[workflow]["jobs"][job]["strategy"]["matrix"]


def test_sanity_runs_on_every_release_that_is_supported():
    specification = importlib.util.spec_from_file_location("sanity_run", REPOSITORY / "tests" / "sanity" / "run.py")
    sanity = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(sanity)
    versions = matrix("gates", "sanity")["core"]
    assert set(versions) == set(sanity.CORES | sanity.OTHERS)
    releases = {version.rpartition(".")[0] for version in versions}
    assert releases == {core.release for core in ansible_cores.CORES}
    for version, (controllers, targets, _pips) in (sanity.CORES | sanity.OTHERS).items():
        core = ansible_cores.core_of(version)
        low, high = (minor[1] for minor in core.boards)
        assert {int(target.partition(".")[2]) for target in targets} <= set(range(low, high + 1))
        assert {int(one.partition(".")[2]) for one in controllers} <= set(
            range(core.control[0][1], core.control[1][1] + 1)
        )


def test_molecule_runs_every_scenario():
    scenarios = re.search(r"(?m)^SCENARIOS \?= (.+)$", MAKEFILE)[1].split()
    wanted = matrix("gates", "molecule")
    assert sorted(wanted["scenario"]) == sorted(scenarios)
    assert {one["scenario"] for one in wanted["include"]} <= set(scenarios)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_have_no_more_rights_than_they_need(name):
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 120
        assert name == "release" or set((job.get("permissions") or {}).items()) <= {
            ("contents", "read"),
            ("issues", "write"),
        }


def test_actions_are_pinned_and_secrets_stay_in_the_environment():
    for workflow, job, step in steps():
        if "uses" in step:
            assert re.fullmatch(r"\./\.github/actions/setup|actions/[\w-]+@v\d+", step["uses"]), (workflow, job)
        # An expression in a command would be run by the shell as whatever it says; names of tags are checked by make.
        found = set(re.findall(r"\$\{\{ ([\w.]+) \}\}", step.get("run", "")))
        assert all(one.startswith("matrix.") for one in found), (workflow, job)
        assert "secrets." not in step.get("run", "")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_forms(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form["name"] and form["description"] and form["body"]
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids))
    for part in form["body"]:
        assert part["type"] in ("markdown", "textarea", "input", "dropdown", "checkboxes")
        wanted = {"markdown": "value"}.get(part["type"], "label")
        assert part["attributes"][wanted]
        assert set(part) <= {"type", "id", "attributes", "validations"}


def test_a_board_is_asked_for_its_facts_and_a_fault_for_its_report():
    board, bug = (
        (REPOSITORY / f".github/ISSUE_TEMPLATE/{name}.yml").read_text(encoding="utf-8") for name in ("board", "bug")
    )
    assert "explain_json=board.json" in board and "report.json" in board
    assert "report.json" in bug and "ansible --version" in bug


def test_dependabot_knows_where_the_actions_are():
    told = yaml.safe_load((REPOSITORY / ".github/dependabot.yml").read_text(encoding="utf-8"))
    assert {update["package-ecosystem"] for update in told["updates"]} == {"github-actions", "pip"}

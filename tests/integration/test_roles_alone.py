# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A family's role alone, in a play of your own: each call fails by its own verdict, which is in torch_verdict."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode

import pytest
import yaml
from playbook_runs import REPOSITORY, Operator, Run

ROLE = "edgeai.fleet.x86_conda"
TOLD = re.compile(r"told (\w+) (\{.*?\}) end")
NVIDIA_SMI = """\
#!/bin/sh
for word in "$@"; do
  case "$word" in --query-gpu=*) fields=$(echo "${word#*=}" | tr , ' ');; esac
done
for field in $fields; do
  case "$field" in
    name) value="NVIDIA GeForce RTX 4090";; driver_version) value=580.65.06;;
    memory.total) value=24564;; compute_cap) value=8.9;;
    *bus_id) value=00000000:01:00.0;; *) value="[N/A]";;
  esac
  row="$row${row:+, }$value"
done
if [ -n "$row" ]; then echo "$row"; else
  echo "| NVIDIA-SMI 580.65.06   Driver Version: 580.65.06   CUDA Version: 13.0 |"; fi
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables that make pip use an index with only pip and a namesake of torch: lock, installation and verification
    take no time.
    """
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), "pip"], check=True
    )
    files = {
        "torch/__init__.py": "raise ImportError('no torch, and {{ 6 * 7 }}')\n",
        "torch-99.0+cpu.dist-info/METADATA": "Metadata-Version: 2.1\nName: torch\nVersion: 99.0+cpu\n",
        "torch-99.0+cpu.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    lines = [
        f"{name},sha256={urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for name, text in files.items()
    ]
    files["torch-99.0+cpu.dist-info/RECORD"] = "\n".join([*lines, "torch-99.0+cpu.dist-info/RECORD,,", ""])
    with zipfile.ZipFile(folder / "torch-99.0+cpu-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return {"PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}


@pytest.fixture
def local(local: Operator, index: dict[str, str]) -> Operator:
    inventory = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))
    inventory["all"]["hosts"]["localhost"]["torch_requirements"] = []
    local.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    local.index = index
    return local


def call(number: str, **variables: object) -> dict:
    """Return one call of the role. It prints the variables that the call left, also after a failure."""
    left = (
        "{{ {'plan': (torch_plan or {}).accelerator | default(none), 'verdict': torch_verdict | default(none)} |"
        " to_json }}"
    )
    return {
        "name": number,
        "block": [{"ansible.builtin.include_role": {"name": ROLE}, "vars": variables}],
        "rescue": [{"ansible.builtin.debug": {"msg": f"failed {number}: {{{{ ansible_failed_result.msg }}}}"}}],
        "always": [{"ansible.builtin.debug": {"msg": f"told {number} {left} end"}}],
    }


def play(operator: Operator, tasks: list[dict] | str, *arguments: str, **environ: str) -> Run:
    playbook = operator.directory / "site.yml"
    text = (
        tasks
        if isinstance(tasks, str)
        else yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}], sort_keys=False, width=10**6)
    )
    playbook.write_text(text, encoding="utf-8")
    program, _playbook, *inventory = operator.command("none")
    # Without line breaks, so that the printed values can be parsed.
    environment = operator.environment(ANSIBLE_CALLBACK_RESULT_FORMAT="json", **operator.index, **environ)
    process = subprocess.run(
        [program, str(playbook), *inventory, *arguments],
        cwd=operator.directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Run(process, operator.directory / "reports", set())


def told(run: Run) -> dict[str, dict]:
    """Return the variables that each call left, by its number."""
    return {number: json.loads(json.loads(f'"{text}"')) for number, text in TOLD.findall(run.output)}


def test_each_call_asks_the_board_and_locks_for_itself(local: Operator):
    run = play(
        local,
        [
            call("first", torch_root=str(local.directory / "a")),
            call("other", torch_root=str(local.directory / "b"), torch_requirements=["pip<1"]),
            call("refused", torch_version="9.9.9"),
            call("gone", ansible_connection="ssh", ansible_host="127.0.0.1", ansible_port=9),
            call("dumb", ansible_python_interpreter="/bin/false"),
        ],
        "--check",
    )
    assert run.status == 0, run.output
    left = {number: one["verdict"] for number, one in told(run).items()}
    assert {number: verdict["outcome"] for number, verdict in left.items()} == {
        "first": "not_started",
        "other": "refused",
        "refused": "refused",
        "gone": "unreachable",
        "dumb": "error",
    }, run.output
    assert not any(verdict["satisfied"] for verdict in left.values())
    assert re.match(
        r"check mode: torch [\d.]+\S* would be installed and verified, because no environment is in use yet",
        left["first"]["reason"],
    )
    assert "9.9.9" in left["refused"]["reason"] and f"failed refused: {left['refused']['reason'][:40]}" in run.output
    assert "127.0.0.1" in left["gone"]["reason"] and "Plan and fetch | Detect the board: " in left["dumb"]["reason"]
    assert "pip<1" in left["other"]["reason"], "the lock of an earlier call was taken"
    assert re.findall(r"failed (\w+): ", run.output) == ["other", "refused", "gone", "dumb"]


def test_a_cached_board_is_not_taken(local: Operator):
    """Between two runs a graphics card is added; a fact cache still has the machine without it."""
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(local.directory / "cache")}
    before = play(local, [call("before", torch_accelerator="cuda")], "--check", **cache)
    assert told(before)["before"]["verdict"]["outcome"] == "refused", before.output
    assert '"accelerators": []' in (
        local.directory / "cache" / next(os.walk(local.directory / "cache"))[2][0]
    ).read_text(encoding="utf-8").replace("\\", "")

    program = local.directory / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text(NVIDIA_SMI, encoding="utf-8")
    program.chmod(0o755)
    after = play(
        local,
        [call("after", torch_accelerator="cuda")],
        "--check",
        PATH=f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        **cache,
    )
    assert told(after)["after"]["plan"] == "cuda", after.output


def test_a_role_ends_failed_by_its_verdict(local: Operator, request: pytest.FixtureRequest):
    """A real installation and a real verification of a torch that cannot be imported.

    Its message is not a template, on any ansible-core.
    """
    run = play(local, [{"ansible.builtin.include_role": {"name": ROLE}}])
    assert run.status == 2, run.output
    assert "Fail the board by its verdict" in run.output and re.search(r"failed=1 .*rescued=0", run.output), run.output
    assert not (local.directory / "torch" / "current").exists()

    request.getfixturevalue("oldest_core")
    rescued = play(local, [call("stub")])
    assert rescued.status == 0, rescued.output
    verdict = told(rescued)["stub"]["verdict"]
    assert (verdict["outcome"], verdict["satisfied"]) == ("error", False) and "no torch, and {{ 6 * 7 }}" in verdict[
        "reason"
    ], rescued.output
    assert f"failed stub: {verdict['reason']}" in rescued.output


def test_a_lock_that_fails_is_the_verdict_of_each_board(local: Operator):
    """When a task with run_once fails, Ansible gives the reason to only one host of the play."""
    inventory = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))
    hosts = inventory["all"]["hosts"]
    hosts["other"] = {**hosts["localhost"], "torch_root": str(local.directory / "other")}
    local.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    local.index = {**local.index, "PIP_FIND_LINKS": str(local.directory / "nowhere")}
    run = play(local, [call("{{ inventory_hostname }}")], "--check")
    assert run.status == 0, run.output
    verdicts = {name: one["verdict"] for name, one in told(run).items()}
    assert set(verdicts) == {"localhost", "other"}, run.output
    assert all(
        end["outcome"] == "error" and "no source of torch is reachable" in end["reason"] for end in verdicts.values()
    ), run.output


def test_a_role_under_roles(local: Operator):
    """Variables that a play gives to the role also reach its parts this way."""
    run = play(
        local,
        f"- hosts: all\n  gather_facts: false\n  roles:\n    - role: {ROLE}\n      vars: {{torch_version: 9.9.8}}\n",
        "--check",
    )
    assert run.status == 2, run.output
    assert "there is no torch ==9.9.8" in run.output


def test_the_example_of_the_readme(local: Operator):
    readme = (REPOSITORY / "roles" / "torch" / "README.md").read_text(encoding="utf-8")
    example = re.findall(r"```yaml\n(.*?)```", readme.partition("## The verdict")[2], re.DOTALL)[0]
    common = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))["all"]["hosts"]["localhost"]
    hosts = {"fine": common, "refused": {**common, "torch_version": "9.9.9"}}
    local.inventory.write_text(yaml.safe_dump({"workstations": {"hosts": hosts}}), encoding="utf-8")
    run = play(local, example, "--check")
    assert run.status == 0, run.output
    assert "refused: refused: there is no torch ==9.9.9" in run.output
    assert re.search(r"^fine .*failed=0 .*rescued=0", run.output, re.MULTILINE), run.output

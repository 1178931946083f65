# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook diagnose as a person starts it: from an empty directory, without an inventory and without the
repository's ansible.cfg.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import venvs

REPOSITORY = Path(__file__).resolve().parents[2]


def ask(directory: Path, *arguments: str, core: str | None = None) -> subprocess.CompletedProcess:
    programs = Path(sys.executable).parent
    if core:
        found = sorted(venvs.BUILD.glob(f"core-{core}.*/bin/ansible-playbook"))
        if not found:
            message = f"there is no ansible-core {core} under .build (make units sets it up)"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
        programs = found[-1].parent
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHONPATH"))}
    environment.update(
        ANSIBLE_COLLECTIONS_PATH=str(REPOSITORY / ".build" / "collections"),
        ANSIBLE_NOCOLOR="1",
        PATH=f"{programs}:{environment['PATH']}",
    )
    return subprocess.run(
        ["ansible-playbook", "edgeai.fleet.diagnose", *arguments],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_the_command_of_the_documentation(tmp_path: Path):
    page = (REPOSITORY / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    shown = page.split("<!-- diagnose: begin -->\n```console\n$ ")[1].split("```\n<!-- diagnose: end -->")[0]
    command, answer = shown.split("\n", 1)
    program, playbook, *arguments = shlex.split(command)
    assert (program, playbook) == ("ansible-playbook", "edgeai.fleet.diagnose")
    asked = ask(tmp_path, *arguments)
    assert asked.returncode == 0 and f"\n{answer}" in asked.stdout, asked.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("core", ["2.16", None, "2.21"])
def test_a_terminal_and_the_facts_of_a_board(tmp_path: Path, core: str | None):
    (tmp_path / "error.log").write_text(
        "\x1b[01;32mpi@pi\x1b[00m:\x1b[01;34m~ $\x1b[00m pip install torch==2.4.0\nSuccessfully installed sympy-1.13.3"
        " torch-2.4.0\n$ curl https://op:S3cr3t@10.0.0.1/{{ lookup('pipe', 'id') }}\n$ python3 -c 'import"
        " torch'\n非法指令（核心已转储）\n",
        encoding="utf-8",
    )
    (tmp_path / "board.yml").write_text("{board: Raspberry Pi 4}\n", encoding="utf-8")
    asked = ask(
        tmp_path,
        "-e",
        "diagnose_file=error.log",
        "-e",
        "diagnose_facts=board.yml",
        "-e",
        "diagnose_json=answers/pi.json",
        core=core,
    )
    assert asked.returncode == 0, asked.stdout
    answer = json.loads((tmp_path / "answers" / "pi.json").read_text(encoding="utf-8"))
    assert set(answer) == {"id", "cause", "fix", "confidence", "evidence"}
    assert (
        answer["id"] == "ARM-01" and "2.9.1" in answer["fix"] and "Illegal instruction" in " ".join(answer["evidence"])
    )
    assert f"  cause: {answer['cause']}\n  fix:   {answer['fix']}\n" in asked.stdout
    assert "S3cr3t" not in asked.stdout + json.dumps(answer)


def test_a_text_that_is_typed_keeps_all_its_words(tmp_path: Path):
    text = "torch==2.9.1 x=1 {{ y }} NvRmMemInitNvmap failed"
    asked = ask(
        tmp_path, "-e", f"diagnose_text={text}", "-e", "diagnose_family=x86_conda", "-e", "diagnose_json=a.json"
    )
    assert asked.returncode == 0, asked.stdout
    answer = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert (answer["id"], answer["evidence"]) == ("UNKNOWN", [text])
    assert "the collection does not know this text" in asked.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "diagnose takes one error text: give diagnose_text"),
        (["-e", "diagnose_text=x", "-e", "diagnose_family=jetsn"], "did you mean jetson?"),
        (
            ["-e", "diagnose_text=Killed", "-e", "diagnose_json=/proc/nowhere/a.json"],
            "diagnose_json: /proc/nowhere/a.json cannot be written",
        ),
    ],
)
def test_no_question_is_no_answer(tmp_path: Path, arguments: list[str], words: str):
    asked = ask(tmp_path, *arguments)
    assert asked.returncode != 0 and words in asked.stdout, asked.stdout
    assert "Traceback" not in asked.stdout

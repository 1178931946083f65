# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two PCs: a plain one, and one with a service user that runs the workload."""

import json

ROOT = "/opt/edgeai/torch"
USERS = {"board-a": "root", "board-b": "vision"}


def user(host):
    return USERS[host.check_output("hostname")]


def test_torch_multiplies_for_the_user_of_the_workload(host, multiply, record):
    version, product = multiply(user(host))
    assert version == record["verdict"]["torch"].split("+")[0]
    assert product == 27.0


def test_the_record_says_satisfied(host, record):
    verdict = record["verdict"]
    assert (verdict["satisfied"], verdict["outcome"], verdict["died"]) == (True, "cpu", None), verdict["reason"]
    assert verdict["user"] == user(host)
    assert verdict["checks"] and all(check["passed"] for check in verdict["checks"])


def test_current_is_the_recorded_environment(host, record):
    link = host.file(f"{ROOT}/current")
    assert link.is_symlink
    assert link.linked_to.endswith(f"envs/{record['id']}-{record['generation']}")


def test_the_environment_is_readable_for_the_user_of_the_workload(host):
    with host.sudo(user(host)):
        assert host.check_output(f"find -L {ROOT}/current/ ! -readable -print -quit") == ""


def test_bytecode_is_compiled(host):
    # In an environment that its user cannot write, Python would compile the modules again at every start.
    assert host.check_output(f"find -L {ROOT}/current/ -path '*/torch/__pycache__/__init__.*.pyc' -print -quit")


def test_no_cuda_package_is_on_a_cpu_board(host):
    assert host.check_output(f"find -L {ROOT}/current/ -maxdepth 5 -iname 'nvidia*' -print -quit") == ""


def test_the_report_has_every_board(host, state):
    boards = json.loads((state / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))["boards"]
    assert set(boards) == set(USERS)
    assert boards[host.check_output("hostname")]["verdict"]["satisfied"] is True

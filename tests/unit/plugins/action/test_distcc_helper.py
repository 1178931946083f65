# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the action installs packages, and what it answers; tests/integration/test_builder_containers.py has the rest."""

from __future__ import annotations

from unittest import mock

import pytest
from ansible_collections.edgeai.fleet.plugins.action.distcc_helper import MODULE, ActionModule

PACKAGES = ["distcc", "g++-12"]


class Action(ActionModule):
    """The action, with the answers of the modules that it calls."""

    def __init__(self, *answers: dict, check_mode: bool = False) -> None:
        self.answers, self.calls = list(answers), []
        task = mock.Mock(check_mode=check_mode, async_val=0, args={"builder": "pi"})
        super().__init__(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())

    def _execute_module(self, module_name, module_args, task_vars):
        self.calls.append((module_name.rpartition(".")[2], module_args))
        return self.answers.pop(0)


def test_packages_are_installed_only_where_they_are_missing():
    action = Action({"changed": False, "packages": []})
    assert action.run() == {"changed": False, "packages": []}
    assert action.calls == [("distcc_helper", {"builder": "pi"})]

    action = Action({"changed": False, "packages": PACKAGES}, {"changed": True}, {"changed": False, "packages": []})
    assert action.run() == {"changed": True, "packages": PACKAGES}
    apt = {"install_recommends": False, "update_cache": True, "cache_valid_time": 3600, "lock_timeout": 600}
    call = ("distcc_helper", {"builder": "pi"})
    assert action.calls == [call, ("apt", {"name": PACKAGES, **apt}), call]


def test_check_mode_and_absence_install_nothing():
    foretold = {"changed": True, "packages": PACKAGES}
    assert Action(foretold, check_mode=True).run() == foretold
    assert Action({"changed": True, "port": 4567}).run() == {"changed": True, "port": 4567}


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([{"failed": True, "msg": "use become"}], "use become"),
        (
            [{"packages": PACKAGES}, {"failed": True, "msg": "No package matching 'g++-12' is available"}],
            "No package matching 'g++-12' is available",
        ),
        ([{"packages": PACKAGES}, {}, {"packages": ["g++-12"]}], "apt did not install g++-12"),
        ([{"packages": PACKAGES}, {}, {"failed": True, "msg": "not the same"}], "not the same"),
    ],
)
def test_a_failure_is_told(answers: list[dict], message: str):
    result = Action(*answers).run()
    assert (result["failed"], result["msg"]) == (True, message)
    assert MODULE == "edgeai.fleet.distcc_helper"

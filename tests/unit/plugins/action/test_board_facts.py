# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module is told the time of the control node."""

from __future__ import annotations

import time
from unittest import mock

import pytest
from ansible_collections.edgeai.fleet.plugins.action.board_facts import ActionModule


def sent(**arguments) -> dict:
    """The arguments that the module gets."""
    task = mock.Mock(check_mode=False, async_val=0, args=arguments)
    action = ActionModule(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())
    with mock.patch.object(action, "_execute_module", return_value={"changed": False}) as execute:
        assert action.run(task_vars={"inventory_hostname": "pi4"}) == {"changed": False}
    assert execute.call_args.kwargs["module_name"] == "edgeai.fleet.board_facts"
    return execute.call_args.kwargs["module_args"]


def test_the_time_is_now():
    before = time.time()
    arguments = sent(torch_root="/srv/torch")
    assert arguments["torch_root"] == "/srv/torch" and before <= arguments["control_time"] <= time.time()


@pytest.mark.parametrize("given", [0, 1796036400.0])
def test_a_time_that_is_given_stands(given):
    assert sent(control_time=given)["control_time"] == given

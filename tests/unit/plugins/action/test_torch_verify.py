# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module gets what only the control node has: its time, and the sources of the user's checks."""

from __future__ import annotations

import time
from unittest import mock

from ansible_collections.edgeai.fleet.plugins.action.torch_verify import ActionModule


def sent(**arguments) -> dict:
    """The arguments that the module gets."""
    task = mock.Mock(check_mode=False, async_val=0, args=arguments)
    action = ActionModule(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())
    with mock.patch.object(action, "_execute_module", return_value={"changed": False}) as execute:
        assert action.run(task_vars={"inventory_hostname": "pi4"}) == {"changed": False}
    assert execute.call_args.kwargs["module_name"] == "edgeai.fleet.torch_verify"
    return execute.call_args.kwargs["module_args"]


def test_the_time_is_now():
    before = time.time()
    arguments = sent(root="/srv/torch", gather_board=True)
    assert arguments["root"] == "/srv/torch" and before <= arguments["_control_time"] <= time.time()


def test_the_sources_of_the_users_checks(tmp_path):
    (tmp_path / "model.py").write_text("def check(torch, device):\n    pass\n", encoding="utf-8")
    (check,) = sent(checks=[str(tmp_path / "model.py")])["_checks"]
    assert check["name"] == "model" and check["source"].startswith("def check")

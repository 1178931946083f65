# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module is told the time of the control node, and what the host's variables say."""

from __future__ import annotations

import time
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible_collections.edgeai.fleet.plugins.action.board_facts import ActionModule


def sent(variables=(), **arguments) -> dict:
    """The arguments that the module gets."""
    task = mock.Mock(check_mode=False, async_val=0, args=arguments)
    templar = mock.Mock(template=lambda text: "/mnt/nvme/torch" if text == "{{ disk }}/torch" else text)
    action = ActionModule(task, mock.Mock(), mock.Mock(), mock.Mock(), templar, mock.Mock())
    with mock.patch.object(action, "_execute_module", return_value={"changed": False}) as execute:
        assert action.run(task_vars={"inventory_hostname": "pi4", **dict(variables)}) == {"changed": False}
    assert execute.call_args.kwargs["module_name"] == "edgeai.fleet.board_facts"
    return execute.call_args.kwargs["module_args"]


def test_the_time_is_now():
    before = time.time()
    arguments = sent(torch_root="/srv/torch")
    assert arguments["torch_root"] == "/srv/torch" and before <= arguments["control_time"] <= time.time()


@pytest.mark.parametrize("given", [0, 1796036400.0])
def test_a_time_that_is_given_stands(given):
    assert sent(control_time=given)["control_time"] == given


IN_A_PLAYBOOK = {"__fleet_run": {}}  # which has checked all variables


def test_variables_of_the_host_are_options():
    variables = {
        "torch_root": "{{ disk }}/torch",
        "torch_user": "vision",
        "torch_python": "3.11",
        "torch_family": "atlas",
        "atlas_cann_path": "/opt/cann",
        "torch_verify_level": "{{ undefined }}",
    }
    arguments = sent({**IN_A_PLAYBOOK, **variables}, from_variables=True)
    del arguments["control_time"]
    assert arguments == {
        "torch_root": "/mnt/nvme/torch",
        "torch_user": "vision",
        "torch_python": "3.11",
        "family": "atlas",
        "cann_path": "/opt/cann",
        "cann_version": "",
    }


def test_cann_that_is_to_be_installed_counts_where_it_will_be():
    cann = {"version": "8.5.0", "from": "run", "path": "/data/cann"}
    arguments = sent({**IN_A_PLAYBOOK, "atlas_cann": cann}, from_variables=True)
    assert (arguments["cann_path"], arguments["cann_version"]) == ("/data/cann", "8.5.0")
    arguments = sent({**IN_A_PLAYBOOK, "atlas_cann": cann, "atlas_cann_path": "/opt/cann"}, from_variables=True)
    assert arguments["cann_path"] == "/opt/cann"


@pytest.mark.parametrize("variables", [IN_A_PLAYBOOK, {}])
def test_defaults_are_those_of_the_roles(variables):
    arguments = sent(variables, from_variables="yes")
    assert (arguments["torch_root"], arguments["torch_python"]) == ("/opt/edgeai/torch", "auto")
    assert not any(arguments[name] for name in ("torch_user", "family", "cann_path"))


def test_an_option_that_is_given_stands():
    variables = {**IN_A_PLAYBOOK, "torch_root": "/srv/torch"}
    assert sent(variables, from_variables=True, torch_root="/data/torch")["torch_root"] == "/data/torch"
    assert "torch_root" not in sent(variables)


def test_a_role_without_a_playbook_checks_all_variables():
    with pytest.raises(AnsibleError, match="torch_verify_level"):
        sent({"torch_verify_level": "thorough"}, from_variables=True)


def test_it_is_true_or_false():
    with pytest.raises(AnsibleActionFail, match="from_variables is 'all': it must be true or false"):
        sent(from_variables="all")

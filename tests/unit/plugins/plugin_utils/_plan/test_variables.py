# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The request: variables checked, and the lookup inside a real ansible-playbook."""

import datetime
import json
import os
import subprocess
import sys
from pathlib import Path

import plan_support
import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import variables as _request

ROOT = Path(__file__).resolve().parents[5]
# Where the collection is imported from, which need not be where the file really lies.
COLLECTIONS = Path(_request.__file__).parents[6]


def as_it_is(value):
    return value


def gather(**variables):
    return _request.gather_request(variables, as_it_is)


def test_the_defaults_are_the_roles():
    defaults = yaml.safe_load((ROOT / "roles/torch/defaults/main.yml").read_text())
    assert gather() == {name.removeprefix("torch_"): value for name, value in defaults.items()}


def test_values_become_their_types():
    asked = gather(
        torch_force="yes",
        torch_keep="3",
        torch_companions="torchvision,torchaudio",
        torch_python=3,
        torch_failure_budget=1,
    )
    assert (asked["force"], asked["keep"], asked["companions"], asked["python"]) == (
        True,
        3,
        ["torchvision", "torchaudio"],
        "3",
    )
    assert asked["failure_budget"] == "1"
    # YAML reads an unquoted date as one.
    assert gather(torch_exclude_newer=datetime.date(2026, 11, 1))["exclude_newer"] == "2026-11-01"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"torch_accelerator": "gpu"}, "torch_accelerator is 'gpu': it must be one of auto, cuda, npu, cpu."),
        ({"torch_delivery": "usb"}, "torch_delivery is 'usb': it must be one of wheelhouse, index."),
        ({"torch_version": 2.9}, "torch_version is 2.9: it must be a text; write it in quotes."),
        ({"torch_python": 3.11}, "torch_python is 3.11: it must be a text; write it in quotes."),
        ({"torch_version": None}, "torch_version is None: it must be a text."),
        ({"torch_user": True}, "torch_user is True: it must be a text."),
        (
            {"torch_exclude_newer": "a fortnight"},
            "torch_exclude_newer is 'a fortnight': it must be a time span such as",
        ),
        ({"torch_exclude_newer": 14}, "torch_exclude_newer is 14: it must be a time span such as '14 days'"),
        ({"torch_force": "perhaps"}, "torch_force is 'perhaps': it must be true or false."),
        ({"torch_keep": "many"}, "torch_keep is 'many': it must be a whole number."),
        ({"torch_environment": ["A"]}, "torch_environment is ['A']: it must be a mapping."),
        ({"torch_companions": [1.5]}, "torch_companions is [1.5]: it must be a list, each a text."),
        ({"x86_conda_provider": "pip"}, "x86_conda_provider is 'pip': it must be one of auto, conda, venv."),
    ],
)
def test_wrong_variables(variables, message):
    with pytest.raises(AnsibleError) as caught:
        gather(**variables)
    assert message in str(caught.value)


def test_other_variables_are_left_alone():
    def refuse(value):
        raise AssertionError(f"{value!r} was evaluated")

    variables = {
        "torch_model_zoo": "{{ boom }}",
        "other": "{{ boom }}",
        "tourch_version": "x",
        "torch_plan": {"refusal": None},
        "x86_conda_provider": "{{ boom }}",
        5: 5,
    }
    assert (
        _request.gather_request(variables, lambda value: value if "realpath" in value else refuse(value))["version"]
        == "auto"
    )


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("torch_verison", "torch_version"),
        ("torch_requirement", "torch_requirements"),
        ("torch_ring", "torch_rings"),
        ("torchversion", "torch_version"),
        ("toch_versoin", "torch_version"),
        ("torch_extra_package", "torch_extra_packages"),
        ("torch_build_polcy", "torch_build_policy"),
        ("x86_conda_providers", "x86_conda_provider"),
        ("wheelhouse_lock", "wheelhouse_locks"),
        ("fleet_host", "fleet_hosts"),
        ("fleet_memeber", "fleet_member"),
        ("explain_fact", "explain_facts"),
        ("diagnose_txt", "diagnose_text"),
        ("torch_failure_buget", "torch_failure_budget"),
        # Other people's, the collection's own, and what its tasks register.
        ("torch_cuda_version", None),
        ("torch_root_dir", None),
        ("torch_model_zoo", None),
        ("torch_version", None),
        ("fleet_wave", None),
        ("torch", None),
        ("__torch_plans", None),
        ("torch_builds", None),
        ("torch_share", None),
        ("torch_family_role", None),
        ("torch_hub_dir", None),
        ("torchserve_version", None),
        ("fleet_manager", None),
        (5, None),
    ],
)
def test_a_slip_of_the_pen_is_one_or_two_letters(name, own):
    assert _request.nearest_variable(name) == own


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("torch_build", "never", "torch_build is now torch_build_policy. Rename it;"),
        ("torch_build_job", {}, "torch_build_job is now torch_build_spec."),
        ("jetson_extra_packages", [], "jetson_extra_packages is now torch_extra_packages."),
        ("x86_conda_extra_packages", [], "x86_conda_extra_packages is now torch_extra_packages."),
        ("torch_plan", {"version": "2.9.1"}, "torch_plan is what this collection's roles find out, not an option."),
        ("torch_detected", True, "torch_detected is what this collection's roles find out, not an option. Remove it."),
        ("torch_builds", "all", "torch_builds is what this collection's roles find out, not an option."),
        # As a role or an earlier playbook of the same run has left them.
        ("torch_plan", None, None),
        ("torch_plan", {"refusal": None, "row": "x86-cpu"}, None),
        ("torch_plan", "{{ my_plan }}", None),
        ("torch_detected", {"changed": False, "ansible_facts": {}}, None),
        ("torch_detected", {"unreachable": True, "msg": "no route"}, None),
        ("torch_switched", {"skipped": True}, None),
        ("wheelhouse_result", {"failed": False, "boards": {}}, None),
        ("torch_failure", {"task": "Lock", "reason": "full"}, None),
        ("torch_verdict", {"satisfied": True}, None),
        ("torch_builds", {}, None),
        ("torch_builds", {"key": {"status": "finished"}}, None),
    ],
)
def test_old_names_and_results_are_no_options(name, value, message):
    if message is None:
        gather(**{name: value})
    else:
        with pytest.raises(AnsibleError) as caught:
            gather(**{name: value})
        assert message in str(caught.value)
        gather(**{name: value, "fleet_ignore_variables": [name]})
        gather(**{name: value, _request.RUN: {}})  # the playbooks look once, at all hosts


def test_an_old_name_in_a_request_by_hand():
    with pytest.raises(AnsibleError, match="The request's option build is now build_policy."):
        _request.completed_request({"build": "never"})


def test_what_roles_hand_over_is_not_asked_of_users():
    assert not _request.known_options().keys() & {*_request.RESULTS, *_request.RENAMED}
    assert _request.known_options().keys() >= set(_request.RENAMED.values())


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("abc", "abc", 0),
        ("abc", "acb", 1),
        ("abc", "ab", 1),
        ("ab", "abc", 1),
        ("abc", "axc", 1),
        ("abcd", "badc", 2),
        ("", "ab", 2),
        ("abc", "cab", 2),
    ],
)
def test_distance(one, other, far):
    assert _request.edit_distance(one, other) == far


def test_what_is_to_be_ignored_is():
    assert _request.near_misses(["torch_ring", "torch_keeps", "other"], ["torch_ring"]) == {"torch_keeps": "torch_keep"}
    assert _request.near_misses(["torch_ring", "torch_keeps"], ["torch_*"]) == {}


def test_a_request_by_hand_is_completed():
    assert _request.completed_request({"version": "2.9.1"}) == {**gather(), "version": "2.9.1"}


def play(tmp_path, *arguments, **variables):
    """Run a play that prints the request of a host; its result and what was printed."""
    inventory = {
        "all": {"hosts": {"one": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}}
    }
    tasks = [
        {
            "ansible.builtin.copy": {
                "content": "{{ lookup('edgeai.fleet.torch_request') | to_json }}",
                "dest": str(tmp_path / "request.json"),
                "mode": "0600",
            }
        }
    ]
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump(inventory))
    (tmp_path / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": tasks}])
    )
    return run_playbook(tmp_path, *arguments)


def run_playbook(tmp_path, *arguments):
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
        "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
        "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "1",
    }
    (tmp_path / "ansible.cfg").touch()
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "inventory.yml", "play.yml", *arguments]
    return subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_lookup_in_a_play(tmp_path):
    done = play(
        tmp_path,
        "-e",
        "torch_force=true",
        "-e",
        '{"torch_constraints": ["numpy<2"]}',
        torch_version="{{ wanted }}",
        wanted="2.9.1",
        torch_model_zoo="{{ undefined_and_unused }}",
        torch_environment={"HOST": "{{ inventory_hostname }}"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "DEPRECATION" not in done.stderr and "[WARNING]" not in done.stderr, done.stderr
    asked = json.loads((tmp_path / "request.json").read_text())
    assert (asked["version"], asked["force"], asked["constraints"], asked["environment"]) == (
        "2.9.1",
        True,
        ["numpy<2"],
        {"HOST": "one"},
    )
    assert asked["reports"] == str(tmp_path / "reports")
    assert set(asked) == set(gather())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-e", "torch_accelerator=gpu"], "torch_accelerator is 'gpu': it must be one of auto, cuda, npu, cpu."),
        (["-e", '{"torch_version": 2.10}'], "write it in quotes"),
        (["-e", '{"torch_version": "{{ nowhere }}"}'], "torch_version cannot be evaluated"),
        (["-e", '{"torch_version": "{{ nowhere( }}"}'], "torch_version cannot be evaluated"),
    ],
)
def test_the_lookup_stops_a_play(tmp_path, arguments, message):
    done = play(tmp_path, *arguments)
    assert done.returncode == 2
    assert message in " ".join((done.stdout + done.stderr).split())
    assert not (tmp_path / "request.json").exists()


def test_the_lookup_warns_once_of_a_near_miss(tmp_path):
    done = play(
        tmp_path,
        *(
            word
            for one in (
                "torch_verison=2.9.1",
                "torch_cuda_version=12.6",
                "torch_keeps=1",
                '{"fleet_ignore_variables": ["torch_keep*"]}',
            )
            for word in ("-e", one)
        ),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert said.count("torch_verison is not a variable of this collection; did you mean torch_version?") == 1
    assert "torch_cuda_version" not in said and "torch_keeps" not in said


def plan_in_a_play(tmp_path, family, of_family, *arguments, **variables):
    """A family's own plan.yml for a board given as facts; the run, and what it planned."""
    tasks = [
        {"ansible.builtin.set_fact": {"edgeai_board": of_family, "cacheable": True}},
        {"ansible.builtin.include_role": {"name": f"edgeai.fleet.{family}", "tasks_from": "plan"}},
        {
            "ansible.builtin.copy": {
                "content": "{{ torch_plan | to_json }}",
                "dest": str(tmp_path / "plan.json"),
                "mode": "0600",
            }
        },
    ]
    hosts = {"one": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    (tmp_path / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": tasks}])
    )
    done = run_playbook(tmp_path, *arguments)
    return done, json.loads((tmp_path / "plan.json").read_text()) if done.returncode == 0 else None


@pytest.mark.parametrize(("family", "of_family"), [("raspberrypi", "pi 4 bookworm"), ("x86_conda", "pc")])
def test_the_role_plans_in_a_play(tmp_path, family, of_family):
    """Rows with anchors and options of the role arrive in the plan as they should."""
    variables = {"torch_version": "2.9.1", "torch_extra_packages": ["htop"], "x86_conda_provider": "venv"}
    done, made = plan_in_a_play(tmp_path, family, plan_support.BOARDS[of_family], **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    plan_support.validate("plan", made)
    assert (made["refusal"], made["provider"], made["torch"]["specifier"], made["system_packages"]) == (
        None,
        "venv",
        "==2.9.1",
        ["htop"],
    )


def test_a_wrong_option_of_the_role_stops_the_play(tmp_path):
    done, _made = plan_in_a_play(tmp_path, "x86_conda", plan_support.BOARDS["pc"], x86_conda_provider="pip")
    assert done.returncode == 2 and "x86_conda_provider is 'pip': it must be one of auto, conda, venv." in " ".join(
        (done.stdout + done.stderr).split()
    )


def test_rows_and_mirrors_of_the_operator_in_a_play(tmp_path):
    wheel = "torch-2.9.1+mine-cp311-cp311-linux_aarch64.whl"
    row = {
        "id": "mine",
        "accelerator": "{{ computes_on }}",
        "torch": "==2.9.1",
        "python": "==3.11.*",
        "when": {"soc": "bcm27*", "atomics": False},
        "wheels": [{"filename": wheel, "url": "https://files.example/{{ inventory_hostname }}/torch.whl"}],
    }
    variables = {
        "torch_catalogue": [row],
        "torch_mirrors": {"https://files.example": "https://mirror.example"},
        "computes_on": "cpu",
    }
    done, made = plan_in_a_play(tmp_path, "raspberrypi", plan_support.BOARDS["pi 4 bookworm"], **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    plan_support.validate("plan", made)
    assert made["row"] == "mine"
    assert made["wheels"] == [{"filename": wheel, "url": "https://mirror.example/one/torch.whl", "sha256": None}]
    row["weels"] = row.pop("wheels")
    done, _made = plan_in_a_play(tmp_path, "raspberrypi", plan_support.BOARDS["pi 4 bookworm"], **variables)
    said = " ".join((done.stdout + done.stderr).split())
    assert (
        done.returncode == 2
        and "Row 'mine' of torch_catalogue has the unknown key 'weels'; did you mean wheels?" in said
    )

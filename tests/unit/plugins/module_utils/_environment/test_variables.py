# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of an environment, and who can read the secret ones."""

import os
import pwd
import shlex
import subprocess
import tempfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.files import read_text, write_atomic, write_json
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import read_state
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.variables import load_variables
from environment_support import Bench


def mode(path):
    return os.stat(path).st_mode & 0o777


def by_wrapper(bench):
    code = (
        'import os; print(os.environ.get("HF_TOKEN"), os.environ.get("OMP_NUM_THREADS"),'
        ' os.environ.get("PIP_INDEX_URL"))'
    )
    return subprocess.check_output([os.path.join(bench.root, "bin", "python"), "-c", code]).decode().strip()


SECRETIVE = {"HF_TOKEN": "hf_it's", "OMP_NUM_THREADS": "1", "PIP_INDEX_URL": "https://me:pw@h/simple"}


def test_secret_variables_are_read_by_the_workloads_user_alone(bench):
    bench.current(bench.present([bench.wheel("torch")], environment=SECRETIVE))
    env = bench.env(1)
    for name in ("secrets.json", "secrets.sh"):
        assert mode(os.path.join(env, ".edgeai", name)) == 0o600
    for name in ("variables.json", "variables.sh"):
        text = read_text(os.path.join(env, ".edgeai", name))
        assert (
            mode(os.path.join(env, ".edgeai", name)) == 0o644
            and "OMP_NUM_THREADS" in text
            and "hf_it" not in text
            and "pw@" not in text
        )
    assert load_variables(env) == SECRETIVE
    assert by_wrapper(bench) == "hf_it's 1 https://me:pw@h/simple"
    assert read_state(bench.root)["exposed"] == []


def as_user(uid, env):
    """What bin/python does, without the interpreter, which may lie where others cannot come."""
    code = 'env="$0"; . "$env/.edgeai/variables.sh"; echo "$HF_TOKEN $OMP_NUM_THREADS"'
    return subprocess.check_output(["sh", "-c", code, env], cwd="/", preexec_fn=lambda: os.setuid(uid)).decode().strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_other_users_run_without_the_secrets(uv):
    nobody = pwd.getpwnam("nobody").pw_uid
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bench = Bench(folder, uv)
        torch = bench.wheel("torch")
        built = bench.present([torch], environment=SECRETIVE, user="nobody")
        assert not built["warnings"]
        secret = os.path.join(bench.env(1), ".edgeai", "secrets.sh")
        assert os.stat(secret).st_uid == nobody and mode(secret) == 0o600
        assert (as_user(nobody, bench.env(1)), as_user(12345, bench.env(1))) == ("hf_it's 1", "1")
        # The workload's user changes: the same environment, read by another.
        again = bench.present([torch], environment=SECRETIVE, user="root")
        assert (again["changed"], again["generation"], again["added"]) == (True, 1, [])
        assert (as_user(nobody, bench.env(1)), as_user(0, bench.env(1))) == ("1", "hf_it's 1")
        assert not bench.present([torch], environment=SECRETIVE, user="root")["changed"]
        # A user who owns the environment, and another who runs the workload.
        assert bench.present([torch], environment=SECRETIVE, user="root", owner="nobody")["changed"]
        assert os.stat(bench.env(1)).st_uid == nobody and as_user(nobody, bench.env(1)) == "1"
        assert not bench.present([torch], environment=SECRETIVE, user="root", owner="nobody")["changed"]


def expose(env, variables):
    """As earlier versions wrote them."""
    for name in ("secrets.json", "secrets.sh"):
        path = os.path.join(env, ".edgeai", name)
        if os.path.exists(path):
            os.unlink(path)
    write_json(os.path.join(env, ".edgeai", "variables.json"), variables)
    write_atomic(
        os.path.join(env, ".edgeai", "variables.sh"),
        "".join("export %s=%s\n" % (name, shlex.quote(variables[name])) for name in sorted(variables)),
    )


def test_what_earlier_versions_left_readable_is_repaired_once_and_in_place(bench):
    torch = bench.wheel("torch")
    for identity in ("aaa", "bbb"):
        bench.current(bench.present([torch], id=identity, environment=SECRETIVE))
    for identity in ("aaa", "bbb"):
        expose(bench.env(1, identity), SECRETIVE)
    state = read_state(bench.root)
    assert (
        state["exposed"] == ["HF_TOKEN, PIP_INDEX_URL of environment %s-1" % identity for identity in ("aaa", "bbb")]
        and state["intact"]
    )
    foretold = ensure_present(bench.options([torch], id="bbb", environment=SECRETIVE), True)
    assert foretold["changed"] and read_state(bench.root) == state
    repaired = bench.present([torch], id="bbb", environment=SECRETIVE)
    assert (repaired["changed"], repaired["generation"], repaired["added"]) == (True, 1, [])
    assert "HF_TOKEN, PIP_INDEX_URL" in repaired["warnings"][0] and "hf_it" not in str(repaired["warnings"])
    assert read_state(bench.root)["exposed"] == [] and by_wrapper(bench) == "hf_it's 1 https://me:pw@h/simple"
    assert mode(os.path.join(bench.env(1), ".edgeai", "secrets.json")) == 0o600
    assert not bench.present([torch], id="bbb", environment=SECRETIVE)["changed"]


def test_without_secrets_the_files_are_those_of_earlier_versions(bench):
    variables = {"OMP_NUM_THREADS": "1", "A": "b c"}
    bench.present([bench.wheel("torch")], environment=variables)
    texts = [read_text(os.path.join(bench.env(1), ".edgeai", name)) for name in ("variables.json", "variables.sh")]
    expose(bench.env(1), variables)
    assert texts == [
        read_text(os.path.join(bench.env(1), ".edgeai", name)) for name in ("variables.json", "variables.sh")
    ]
    assert not os.path.exists(os.path.join(bench.env(1), ".edgeai", "secrets.sh"))

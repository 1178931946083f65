# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where CANN is, and set_env.sh as a real program."""

import os

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import cann as _cann
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System
from board_support import FakeSystem, load

INFO = "package_name=Ascend-cann-%s\nversion=%s\narch=aarch64\n"


class Machine(FakeSystem):
    """A board with only these files, and the users `pi` (who runs this), `vision` and `HwHiAiUser`."""

    def __init__(self, **versions):
        super(Machine, self).__init__(
            dict(
                load("pi5"),
                files=dict(
                    ("%s/%s" % (place, "ascend_%s_install.info" % kind), INFO % (kind, version))
                    for (place, kind), version in versions.pop("cann").items()
                ),
            )
        )

    def find_account(self, user):
        for name, uid in {"pi": 1000, "vision": 1001, "HwHiAiUser": 1002}.items():
            if user in (name, uid):
                return {"name": name, "uid": uid, "gids": [uid], "groups": [name], "home": "/home/" + name}
        return None


def find(cann, torch_user=None, uid=1000):
    system = Machine(cann=cann)
    system.torch_user = torch_user
    system.uid = lambda: uid
    return _cann.find_cann(system)


def test_both_layouts():
    old, _warnings = find({("/usr/local/Ascend/ascend-toolkit/latest/arm64-linux", "toolkit"): "7.0.RC1"})
    assert (old["version"], old["path"], old["set_env"]) == (
        "7.0.RC1",
        "/usr/local/Ascend/ascend-toolkit/latest",
        "/usr/local/Ascend/ascend-toolkit/set_env.sh",
    )
    new, _warnings = find({("/usr/local/Ascend/cann/aarch64-linux", "toolkit"): "8.5.0"})
    assert (new["version"], new["path"], new["set_env"]) == (
        "8.5.0",
        "/usr/local/Ascend/cann",
        "/usr/local/Ascend/cann/set_env.sh",
    )
    # Without the link, the newest of its directories: 10 is more than 9.
    unlinked, _warnings = find(
        {
            ("/usr/local/Ascend/cann-%s/aarch64-linux" % version, "toolkit"): version
            for version in ("9.1.0", "10.0.0", "9.0.0")
        }
    )
    assert unlinked["path"] == "/usr/local/Ascend/cann-10.0.0"


def test_the_system_comes_before_a_home_and_the_toolkit_before_nnrt():
    places = {
        ("/usr/local/Ascend/nnrt/latest/aarch64-linux", "nnrt"): "7.0.0",
        ("/home/vision/Ascend/ascend-toolkit/latest/aarch64-linux", "toolkit"): "8.0.0",
        ("/home/pi/Ascend/cann/aarch64-linux", "toolkit"): "8.5.0",
    }
    assert find(dict(places), "vision")[0]["path"] == "/home/vision/Ascend/ascend-toolkit/latest"
    assert find(dict(places))[0]["path"] == "/home/pi/Ascend/cann"
    places["/usr/local/Ascend/cann/aarch64-linux", "toolkit"] = "9.0.0"
    chosen, warnings = find(dict(places), "vision")
    assert chosen["path"] == "/usr/local/Ascend/cann"
    assert warnings[0].startswith(
        "several versions of CANN are installed: 9.0.0 (/usr/local/Ascend/cann) is used, not 8.0.0 ("
    )


def test_the_home_of_the_drivers_user_is_looked_at_only_for_itself():
    places = {("/home/HwHiAiUser/Ascend/ascend-toolkit/latest/aarch64-linux", "toolkit"): "8.0.0"}
    assert find(dict(places), "vision", uid=1002)[0] is None
    assert find(dict(places), "HwHiAiUser", uid=1000)[0]["version"] == "8.0.0"
    assert find(dict(places), uid=1002)[0]["version"] == "8.0.0"


@pytest.fixture
def set_env(tmp_path):
    def capture(text, mode=0o644):
        script = tmp_path / "set_env.sh"
        script.write_text(text)
        script.chmod(mode)
        system = System()
        # What Ansible itself runs with must not get in.
        system.environ = dict(
            os.environ, LD_LIBRARY_PATH="/ansible/lib", ASCEND_OLD="1", BASH_ENV=str(tmp_path / "bash_env")
        )
        return _cann.read_variables(system, str(script))

    (tmp_path / "bash_env").write_text("export FROM_BASH_ENV=1\n")
    return capture


def test_what_set_env_sets(set_env, tmp_path):
    found, warnings = set_env("""
main() {
    local home="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
    export ASCEND_HOME_PATH="$home"
    export LD_LIBRARY_PATH="$home/lib64:$home/lib64/plugin:$LD_LIBRARY_PATH"
    export PATH="$home/bin:$PATH"
    export PYTHONPATH=$home/python/site-packages:$PYTHONPATH
    not_exported=1
    cd /tmp
    [ $# -eq 0 ] || export ARGUMENTS="$*"
}
main "$@"
export -f main
export TEXT='with spaces = and more'
""")
    home = str(tmp_path)
    assert warnings == []
    assert found == {
        "ASCEND_HOME_PATH": home,
        "LD_LIBRARY_PATH": "%s/lib64:%s/lib64/plugin" % (home, home),
        "PATH": "%s/bin:%s" % (home, _cann.PATH),
        "PYTHONPATH": home + "/python/site-packages",
        "TEXT": "with spaces = and more",
    }


def test_set_env_that_changes_nothing(set_env):
    assert set_env("export HOME=$HOME\nunset USER\n") == ({}, [])


@pytest.mark.parametrize(
    "text",
    [
        "export A=1\nexit 1\n",
        "export A=1\nexit 0\n",
        "set -e\nexport A=1\nfalse\n",
        'set -u\necho "$MISSING"\n',
        "kill -9 $$\n",
    ],
)
def test_set_env_that_ends_its_shell(set_env, text):
    found, warnings = set_env(text)
    assert found == {}
    assert "ends the shell that reads it (exit status" in warnings[0] and "set torch_environment" in warnings[0]


def test_set_env_that_hangs(set_env, monkeypatch):
    monkeypatch.setattr(_cann, "TIMEOUT", 1)
    found, warnings = set_env("export A=1\nsleep 300\n")
    assert found == {} and "did not finish within 1 s" in warnings[0]


def test_set_env_that_prints_or_fails_is_used_and_complained_of(set_env):
    found, warnings = set_env('echo "[ERROR] no driver"\necho "A=2" >&2\nexport A=1\n')
    assert found == {"A": "1"}
    assert 'printed "[ERROR] no driver A=2"' in warnings[0]
    found, warnings = set_env("export A=1\nfalse\n")
    assert found == {"A": "1"} and "ended with status 1" in warnings[0]


def test_values_that_are_no_text_are_left_out(set_env):
    found, warnings = set_env("export A=$'line\\nbreak' B=$'\\x1b[31m' C=good\n")
    assert found == {"C": "good"} and "sets A, B to text that is not printable" in warnings[0]


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_set_env_that_others_can_write_is_not_run(set_env, tmp_path, mode):
    found, warnings = set_env("touch %s/ran\nexport A=1\n" % tmp_path, mode)
    assert found == {} and "is not run" in warnings[0] and "chown root" in warnings[0]
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_set_env_of_another_user_is_not_run(set_env, tmp_path):
    set_env("")
    os.chown(str(tmp_path / "set_env.sh"), 65533, 65533)
    found, warnings = _cann.read_variables(System(), str(tmp_path / "set_env.sh"))
    assert found == {} and "is not run" in warnings[0]


def test_set_env_that_is_missing(tmp_path):
    found, warnings = _cann.read_variables(System(), str(tmp_path / "set_env.sh"))
    assert found == {} and "is missing" in warnings[0]

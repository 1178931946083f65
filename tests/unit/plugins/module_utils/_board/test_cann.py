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


# -- several versions, and other places
# --------------------------------------------------------------------------------------------------


def place(directory, version, *files):
    """The files of one installation: its info file, and others."""
    found = {directory + "/aarch64-linux/ascend_toolkit_install.info": INFO % ("toolkit", version)}
    found.update((directory + "/" + name, "") for name in files)
    return found


def search(files, links=None, cann_path=None, torch_user=None, cann_version=None):
    system = Machine(cann={})
    system.files = dict((path, text.encode("utf-8")) for path, text in files.items())
    system.board["links"] = links or {}
    system.torch_user, system.cann_path, system.cann_version = torch_user, cann_path, cann_version
    return _cann.find_cann(system)


def test_cann_where_roots_installer_has_recorded_it():
    files = place("/data/Ascend/ascend-toolkit/latest", "8.2.RC1", "set_env.sh")
    assert search(files)[0] is None
    files["/etc/Ascend/ascend_cann_install.info"] = "Install_Path=/data/Ascend\n"
    found, warnings = search(files)
    assert (found["version"], found["path"], warnings) == ("8.2.RC1", "/data/Ascend/ascend-toolkit/latest", [])


@pytest.mark.parametrize(
    "prefix",
    [
        "/home/pi/miniconda3",
        "/home/pi/miniconda3/envs/npu",
        "/home/vision/anaconda3/envs/npu",
        "/opt/conda",
        "/srv/envs/one",  # only conda's own list names it
    ],
)
def test_cann_of_conda(prefix):
    files = place(prefix + "/Ascend/cann", "9.0.0", "set_env.sh")
    files["/home/pi/.conda/environments.txt"] = "/home/pi/miniconda3\n/srv/envs/one\n"
    found, warnings = search(files, torch_user="vision")
    assert (found["path"], found["set_env"]) == (prefix + "/Ascend/cann", prefix + "/Ascend/cann/set_env.sh")
    assert warnings == []


@pytest.mark.parametrize(
    "packages",
    [
        "/usr/local/python3.11.15/lib/python3.11/site-packages",
        "/usr/local/lib/python3.10/dist-packages",
        "/home/pi/.local/lib/python3.12/site-packages",
        "/home/pi/miniforge3/lib/python3.12/site-packages",
    ],
)
def test_cann_of_pip(packages):
    found, warnings = search(place(packages + "/ascend/cann-9.1.0-beta3", "9.1.0-beta.3", "set_env.sh"))
    assert (found["version"], found["set_env"]) == (
        "9.1.0-beta.3",
        packages + "/ascend/cann-9.1.0-beta3/set_env.sh",
    )
    assert warnings == []


def test_several_versions_of_which_the_link_names_one():
    top = "/usr/local/Ascend/ascend-toolkit/"
    files = dict(place(top + "8.0.RC3", "8.0.RC3"), **place(top + "8.2.RC1", "8.2.RC1"))
    files.update(place(top + "latest", "8.0.RC3"))  # a directory of links
    files[top + "set_env.sh"] = ""
    found, warnings = search(files)
    assert (found["version"], found["path"]) == ("8.0.RC3", top + "latest")
    assert len(warnings) == 1 and "there are 8.2.RC1: the link `latest` decides" in warnings[0]
    new = dict(place("/usr/local/Ascend/cann-8.5.1", "8.5.1"), **place("/usr/local/Ascend/cann-9.0.0", "9.0.0"))
    new.update(place("/usr/local/Ascend/cann", "8.5.1"))
    found, warnings = search(new, {"/usr/local/Ascend/cann": "/usr/local/Ascend/cann-8.5.1"})
    assert found["version"] == "8.5.1"
    assert len(warnings) == 1 and "there are 9.0.0: the link `cann` decides" in warnings[0]


def test_the_version_that_is_asked_for_counts():
    old, new = "/usr/local/Ascend/ascend-toolkit/", "/usr/local/Ascend/cann"
    files = dict(place(old + "8.2.RC1", "8.2.RC1", "bin/setenv.bash"), **place(new + "-9.0.0", "9.0.0", "set_env.sh"))
    files.update(place(new + "-9.1.0", "9.1.0", "set_env.sh"), **place(new, "9.1.0", "set_env.sh"))
    files.update(place(old + "latest", "9.1.0"))
    links = {new: new + "-9.1.0"}
    for asked, path in (("9.0.0", new + "-9.0.0"), ("9.1.0", new), ("8.2.rc1", old + "8.2.RC1")):
        found, warnings = search(files, links, cann_version=asked)
        assert (found["path"], warnings) == (path, [])
    # One that is not there yet changes nothing.
    assert search(files, links, cann_version="9.2.0") == search(files, links)
    # The script of an old one follows the link.
    del files[old + "8.2.RC1/bin/setenv.bash"]
    files[old + "set_env.sh"] = ""
    found, warnings = search(files, links, cann_version="8.2.RC1")
    assert found["version"] == "8.2.RC1" and "follows, is missing or names another version" in warnings[0]


def test_several_versions_without_a_link():
    top = "/usr/local/Ascend/ascend-toolkit/"
    files = dict(place(top + "8.1.RC1", "8.1.RC1"), **place(top + "8.2.RC1", "8.2.RC1"))
    files[top + "set_env.sh"] = ""
    found, warnings = search(files)
    assert (found["version"], found["path"], found["set_env"]) == ("8.2.RC1", top + "8.2.RC1", top + "set_env.sh")
    assert len(warnings) == 1 and "the link `latest`" in warnings[0] and "there are 8.1.RC1, too" in warnings[0]
    # Its own script needs no link.
    files[top + "8.2.RC1/bin/setenv.bash"] = ""
    found, warnings = search(files)
    assert found["set_env"] == top + "8.2.RC1/bin/setenv.bash"
    assert len(warnings) == 1 and "without a link `latest` the newest counts" in warnings[0]


@pytest.mark.parametrize(
    "given, path, script",
    [
        ("/data/one", "/data/one/ascend-toolkit/latest", "/data/one/ascend-toolkit/set_env.sh"),
        ("/data/one/", "/data/one/ascend-toolkit/latest", "/data/one/ascend-toolkit/set_env.sh"),
        ("/data/one/ascend-toolkit", "/data/one/ascend-toolkit/latest", "/data/one/ascend-toolkit/set_env.sh"),
        (
            "/data/one/ascend-toolkit/set_env.sh",
            "/data/one/ascend-toolkit/latest",
            "/data/one/ascend-toolkit/set_env.sh",
        ),
        ("/data/one/ascend-toolkit/latest", "/data/one/ascend-toolkit/latest", "/data/one/ascend-toolkit/set_env.sh"),
        ("/data/two/cann-9.0.0", "/data/two/cann-9.0.0", "/data/two/cann-9.0.0/set_env.sh"),
        ("/data/two/cann-9.0.0/set_env.sh", "/data/two/cann-9.0.0", "/data/two/cann-9.0.0/set_env.sh"),
    ],
)
def test_the_operators_own_path(given, path, script):
    files = place("/data/one/ascend-toolkit/latest", "8.2.RC1")
    files.update(place("/data/two/cann-9.0.0", "9.0.0", "set_env.sh"))
    files.update(place("/usr/local/Ascend/cann", "9.1.0", "set_env.sh"))
    files["/data/one/ascend-toolkit/set_env.sh"] = ""
    found, warnings = search(files, cann_path=given)
    assert (found["path"], found["set_env"], warnings) == (path, script, [])


def test_an_own_path_without_cann_is_not_replaced_by_another_place():
    found, warnings = search(place("/usr/local/Ascend/cann", "9.1.0", "set_env.sh"), cann_path="/data/nothing")
    assert found is None
    assert len(warnings) == 1 and warnings[0].startswith("atlas_cann_path is /data/nothing: there is no CANN")


# -- NNAL
# --------------------------------------------------------------------------------------------------


def nnal(files, links, cann="8.2.RC1"):
    system = Machine(cann={})
    system.files = dict((path, b"") for path in files)
    system.board["links"] = links
    return _cann.find_nnal(system, {"base": "/usr/local/Ascend", "version": cann})


def test_nnal_and_its_release():
    top = "/usr/local/Ascend/nnal/atb/"
    files = [top + "set_env.sh", top + "8.2.RC1/atb/cxx_abi_1/lib/libatb.so"]
    links = {top + "latest": top + "8.2.RC1"}
    assert nnal([], {}) == (None, None, [])
    assert nnal(files, links) == (top + "set_env.sh", "8.2.RC1", [])
    assert nnal(files, {}) == (top + "set_env.sh", "8.2.RC1", [])
    script, version, warnings = nnal(files, links, "8.3.RC1")
    assert (script, version, len(warnings)) == (top + "set_env.sh", "8.2.RC1", 1)
    assert "NNAL 8.2.RC1" in warnings[0] and "than CANN 8.3.RC1" in warnings[0]


def test_the_variables_of_nnal_are_added_to_those_of_cann(tmp_path):
    cann, more = tmp_path / "set_env.sh", tmp_path / "atb_env.sh"
    cann.write_text("export ASCEND_HOME_PATH=/x\nexport LD_LIBRARY_PATH=/x/lib64:$LD_LIBRARY_PATH\n")
    more.write_text("export ATB_HOME_PATH=/atb\nexport LD_LIBRARY_PATH=/atb/lib:$LD_LIBRARY_PATH\n")
    for script in (cann, more):
        script.chmod(0o644)
    found, warnings = _cann.read_variables(System(), str(cann), str(more))
    assert warnings == []
    assert found == {"ASCEND_HOME_PATH": "/x", "ATB_HOME_PATH": "/atb", "LD_LIBRARY_PATH": "/atb/lib:/x/lib64"}
    more.write_text("exit 3\n")
    found, warnings = _cann.read_variables(System(), str(cann), str(more))
    assert found == {"ASCEND_HOME_PATH": "/x", "LD_LIBRARY_PATH": "/x/lib64"}
    assert len(warnings) == 1 and str(more) in warnings[0]

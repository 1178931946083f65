# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ascend boards: npu-smi and set_env.sh as real programs. The recorded boards are fixtures, tested by test_board.py."""

import copy
import fcntl
import os
import threading
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import cann as _cann
from ansible_collections.edgeai.fleet.plugins.module_utils._board import npu_smi
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board.families import atlas
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System
from board_support import FakeSystem, load

TABLE = """+------------------------------------------------------------------------------+
| npu-smi 23.0.0            Version: 23.0.0                                     |
+-------------------+-----------------+----------------------------------------+
| NPU     Name      | Health          | Power(W)   Temp(C)  Hugepages-Usage(page)|
| Chip    Device    | Bus-Id          | AICore(%%)  Memory-Usage(MB)            |
+===================+=================+========================================+
%s
+===================+=================+========================================+
| NPU     Chip      | Process id      | Process name    | Process memory(MB)   |
| 0       0         | 79096           | python          | 49379                |
| No running processes found in NPU 0                                           |
"""
# Rows as they were recorded: of which chip, by which release of npu-smi.
RECORDED = {
    "310, 23.0.0": (
        "| 0 310 | OK | 12.8 61 0 / 969 |\n| 0 0 | 0000:01:00.0 | 0 577 / 7759 |",
        {"npu": 0, "chip": 0, "name": "310", "health": "OK", "bus": "0000:01:00.0", "memory": 7759 << 20},
    ),
    "310B1, 23.0.rc3": (
        "| 0 310B1 | OK | 9.2 53 15 / 15 |\n| 0 0 | NA | 0 3841 / 11577 |",
        {"npu": 0, "chip": 0, "name": "310B1", "health": "OK", "bus": None, "memory": 11577 << 20},
    ),
    "310P3, 25.3.rc1": (
        "| 6 310P3 | OK | NA 50 0 / 0 |\n| 0 0 | 0000:84:00.0 | 0 1839 / 21525 |",
        {"npu": 6, "chip": 0, "name": "310P3", "health": "OK", "bus": "0000:84:00.0", "memory": 21525 << 20},
    ),
    "310P3, number 32800": (
        "| 32800 310P3 | OK | NA 50 0 / 0 |\n| 0 0 | 0000:84:00.0 | 0 1839 / 21525 |",
        {"npu": 32800, "chip": 0, "name": "310P3", "health": "OK", "bus": "0000:84:00.0", "memory": 21525 << 20},
    ),
    "910B, 24.1.0": (
        "| 0 910B | OK | 70.0 34 0 / 0 |\n| 0 | 0000:C1:00.0 | 0 1197 / 13553 1365 / 32768 |",
        {"npu": 0, "chip": 0, "name": "910B", "health": "OK", "bus": "0000:c1:00.0", "memory": 32768 << 20},
    ),
    "910B3, 23.0.7": (
        "| 0     910B3 | OK | 102.8 55 0 / 0 |\n| 0 | 0000:C1:00.0 | 0 0 / 0 3338 / 65536 |",
        {"npu": 0, "chip": 0, "name": "910B3", "health": "OK", "bus": "0000:c1:00.0", "memory": 65536 << 20},
    ),
    "Atlas 200I DK A2 in its documentation, 25.5.0": (
        "| 0 xxx | OK | 10.4 66 0 / 0 |\n| 0 0 | NA | 0 957 / 10810 |",
        {"npu": 0, "chip": 0, "name": None, "health": "OK", "bus": None, "memory": 10810 << 20},
    ),
}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recorded_tables(name):
    rows, expected = RECORDED[name]
    assert npu_smi.parse(TABLE % rows) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "dcmi module initialize failed. ret is -8005",
        TABLE % "",
        TABLE % "| 0 310 | OK | 12.8 61 0 / 969 |",
        "|||\n| 0 |\n",
    ],
)
def test_no_table(text):
    assert npu_smi.parse(text) == []


def test_a_row_that_lacks_its_second_loses_only_its_own_chip():
    rows = "| 0 310P3 | Critical | NA 50 0 / 0 |\n| 1 310P3 | OK | NA 50 0 / 0 |\n| 0 1 | 0000:05:00.0 | 0 1 / 21525 |"
    assert [(chip["npu"], chip["bus"]) for chip in npu_smi.parse(TABLE % rows)] == [(1, "0000:05:00.0")]


# -- npu-smi as a program
# --------------------------------------------------------------------------------------------------


class Here(System):
    """This machine with an npu-smi of the test's."""

    def __init__(self, place):
        super(Here, self).__init__()
        self.environ = dict(os.environ, PATH="%s:%s" % (place, os.environ["PATH"]))


@pytest.fixture
def smi(tmp_path, monkeypatch):
    monkeypatch.setattr(npu_smi, "PLACES", [])

    def write(body):
        program = tmp_path / "npu-smi"
        program.write_text("#!/bin/sh\n" + body)
        program.chmod(0o755)
        return program

    return write


def test_npu_smi_answers(smi, tmp_path):
    smi("[ \"$*\" = info ] || exit 1\ncat <<'EOF'\n%s\nEOF\n" % (TABLE % RECORDED["310P3, 25.3.rc1"][0]))
    assert npu_smi.ask(Here(tmp_path)) == ([RECORDED["310P3, 25.3.rc1"][1]], "23.0.0", None, [])


def test_npu_smi_is_never_run_twice_at_the_same_time(smi, tmp_path):
    smi(
        "echo begin >>{0}/log\nsleep 0.3\necho end >>{0}/log\ncat <<'EOF'\n{1}\nEOF\n".format(
            tmp_path, TABLE % RECORDED["310, 23.0.0"][0]
        )
    )
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(npu_smi.ask(Here(tmp_path)))) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 3 and all(answer[0] for answer in answers)
    assert (tmp_path / "log").read_text().split() == ["begin", "end"] * 3


def test_npu_smi_that_another_keeps_busy_is_not_asked(smi, tmp_path, monkeypatch):
    monkeypatch.setattr(npu_smi, "TIMEOUT", 0.3)
    program = smi("echo ran >%s/log\n" % tmp_path)
    with open(str(program)) as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        chips, _version, trouble, warnings = npu_smi.ask(Here(tmp_path))
    assert (chips, trouble) == ([], None) and "is in use by another program" in warnings[0]
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(
    "body, cause, said",
    [
        ("sleep 300\n", "hang", "gave no answer within"),
        ("exit 0\n", "silent", "names no NPU (exit status 0: it printed nothing)"),
        (
            'echo "dcmi module initialize failed. ret is -8005"\nexit 255\n',
            "error",
            "names no NPU (exit status 255: dcmi module initialize failed. ret is -8005)",
        ),
    ],
)
def test_npu_smi_that_does_not_answer(smi, tmp_path, monkeypatch, body, cause, said):
    monkeypatch.setattr(npu_smi, "TIMEOUT", 1)
    smi(body)
    started = time.monotonic()
    chips, version, trouble, warnings = npu_smi.ask(Here(tmp_path))
    assert (chips, version, warnings) == ([], None, []) and trouble[0] == cause and said in trouble[1]
    assert time.monotonic() - started < 20


# -- boards
# --------------------------------------------------------------------------------------------------


def test_no_sign_of_an_ascend_chip():
    assert atlas.Detector().detect(FakeSystem(load("pi5"))) is None
    # A network card of Huawei's is no Ascend chip.
    board = load("x86_no_gpu")
    board["files"].update(
        {"/sys/bus/pci/devices/0000:01:00.0/vendor": "0x19e5\n", "/sys/bus/pci/devices/0000:01:00.0/device": "0x0222\n"}
    )
    assert collect(FakeSystem(board), "/opt/x")["family"] == "x86_conda"


@pytest.mark.parametrize("device, name", sorted(atlas.DEVICES.items()))
def test_the_pci_id_decides_where_nothing_else_tells(device, name):
    board = load("atlas_no_driver")
    board["files"]["/sys/bus/pci/devices/0000:03:00.0/device"] = device + "\n"
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["signs"][0]["name"], found["platform"]["chip"]) == ("atlas", "Ascend" + name, name)


def test_every_atlas_has_the_same_names_of_its_platform():
    names = [
        sorted(collect(FakeSystem(load(name)), "/opt/x")["platform"])
        for name in ("atlas_310b4_dk", "atlas_no_driver", "atlas_no_chip")
    ]
    assert names[0] == names[1] == names[2]


def test_nodes_of_the_950():
    board = load("atlas_smi_hangs")
    board["files"]["/sys/bus/pci/devices/0000:02:00.0/device"] = "0xd806\n"
    del board["files"]["/usr/local/bin/npu-smi"]
    assert collect(FakeSystem(board), "/opt/x")["accelerators"][0]["nodes"] == [
        "/dev/davinci0",
        "/dev/davinci_manager",
        "/dev/hisi_hdc",
    ]


@pytest.mark.parametrize(
    "answer, cause",
    [
        (None, "hang"),
        ([0, "", ""], "silent"),
        ([255, "dcmi module initialize failed. ret is -8005", ""], "error"),
    ],
)
def test_a_chip_whose_npu_smi_gives_no_answer_is_a_sign(answer, cause):
    board = load("atlas_smi_hangs")
    if answer:
        board["commands"]["/usr/local/bin/npu-smi info"] = answer
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["accelerators"], found["warnings"], found["platform"]["chip"], found["key"]["driver"]) == (
        [],
        [],
        "310P",
        "23.0.3",
    )
    (sign,) = found["signs"]
    assert (sign["kind"], sign["where"], sign["name"], sign["cause"], sign["driver"]) == (
        "npu",
        "0000:02:00.0",
        "Ascend310P",
        cause,
        "23.0.3",
    )
    assert sign["fix"].endswith(".")
    # To a user whom the nodes are closed to, npu-smi names nothing either: the groups that a plan adds open them. It
    # does not hang for that.
    board["closed"] = ["/dev/davinci0"]
    found = collect(FakeSystem(board), "/opt/x")
    if answer:
        assert (
            [device["name"] for device in found["accelerators"]] == ["Ascend310P"]
            and found["signs"] == []
            and sign["why"] in found["warnings"][0]
        )
    else:
        assert (found["accelerators"], found["signs"]) == ([], [sign])
    # Containers often have none.
    del board["files"]["/usr/local/bin/npu-smi"], board["closed"]
    found = collect(FakeSystem(board), "/opt/x")
    assert (
        [device["name"] for device in found["accelerators"]] == ["Ascend310P"]
        and found["signs"] == []
        and found["warnings"] == []
    )


def test_a_chip_that_only_npu_smi_could_tell():
    board = load("atlas_310b4_dk")
    program = next(path for path in board["files"] if path.endswith("/npu-smi"))
    board["commands"][program + " info"] = [255, "dcmi module initialize failed. ret is -8002", ""]
    assert [sign["cause"] for sign in collect(FakeSystem(board), "/opt/x")["signs"]] == ["error"]
    board["closed"] = ["/dev/davinci0"]
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["accelerators"], [sign["cause"] for sign in found["signs"]]) == ([], ["access"])
    assert "/dev/davinci0" in found["signs"][0]["why"] and "of the group HwBaseUser" in found["signs"][0]["fix"]


def test_each_chip_for_itself():
    board = load("atlas_910b_two")
    second = sorted(path for path in board["files"] if path.startswith("/dev/davinci"))[1]
    del board["files"][second]
    found = collect(FakeSystem(board), "/opt/x")
    assert len(found["accelerators"]) == 1 and [sign["cause"] for sign in found["signs"]] == ["no-nodes"]
    assert found["platform"] == collect(FakeSystem(load("atlas_910b_two")), "/opt/x")["platform"]


def test_a_card_that_npu_smi_does_not_list():
    board = load("atlas_910b_two")
    base = "/sys/bus/pci/devices/0000:f1:00.0"
    board["files"].update(
        {base + "/vendor": "0x19e5\n", base + "/device": "0xd802\n", base + "/class": "0x120000\n", "/dev/davinci2": ""}
    )
    found = collect(FakeSystem(board), "/opt/x")
    assert len(found["accelerators"]) == 2
    assert [(sign["where"], sign["cause"]) for sign in found["signs"]] == [("0000:f1:00.0", "silent")]


def test_what_is_a_chip_on_the_bus():
    board = load("x86_no_gpu")
    base = "/sys/bus/pci/devices/0000:07:00.0"
    board["files"].update({base + "/vendor": "0x19e5\n", base + "/device": "0xd999\n", base + "/class": "0x120000\n"})
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], [(sign["name"], sign["cause"]) for sign in found["signs"]]) == (
        "atlas",
        [(None, "no-driver")],
    )
    # A server's management controller, even under the number of a chip.
    for device in ("0x1711", "0xd100"):
        board["files"].update({base + "/device": device + "\n", base + "/class": "0x030000\n"})
        found = collect(FakeSystem(board), "/opt/x")
        assert (found["family"], found["signs"]) == ("x86_conda", [])


def test_the_compression_engine_of_a_kunpeng_is_no_chip():
    base = "/sys/bus/pci/devices/0000:75:00.0"
    engine = {base + "/vendor": "0x19e5\n", base + "/device": "0xa250\n", base + "/class": "0x120000\n"}
    board = load("x86_no_gpu")
    board["files"].update(engine)
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["signs"], found["warnings"]) == ("x86_conda", [], [])
    board = load("atlas_910b_two")
    before = collect(FakeSystem(copy.deepcopy(board)), "/opt/x")
    board["files"].update(engine)
    assert collect(FakeSystem(board), "/opt/x") == before


def test_without_a_driver_the_advice_knows_a_container():
    board = load("atlas_no_driver")
    assert "atlas_driver" in collect(FakeSystem(board), "/opt/x")["signs"][0]["fix"]
    board["files"]["/.dockerenv"] = ""
    assert "container" in collect(FakeSystem(board), "/opt/x")["signs"][0]["fix"]


def test_a_chip_in_a_board_of_another_family():
    board = load("pi5")
    base = "/sys/bus/pci/devices/0001:01:00.0"
    board["files"].update({base + "/vendor": "0x19e5\n", base + "/device": "0xd500\n", base + "/class": "0x120000\n"})
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], [(sign["kind"], sign["name"], sign["where"]) for sign in found["signs"]]) == (
        "raspberrypi",
        [("npu", "Ascend310P", "0001:01:00.0")],
    )


# -- where CANN is
# --------------------------------------------------------------------------------------------------


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

    def account(self, user):
        for name, uid in {"pi": 1000, "vision": 1001, "HwHiAiUser": 1002}.items():
            if user in (name, uid):
                return {"name": name, "uid": uid, "gids": [uid], "groups": [name], "home": "/home/" + name}
        return None


def find(cann, torch_user=None, uid=1000):
    system = Machine(cann=cann)
    system.torch_user = torch_user
    system.uid = lambda: uid
    return _cann.find(system)


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
        "there is more than one CANN here: 9.0.0 (/usr/local/Ascend/cann) is taken, not 8.0.0 ("
    )


def test_the_home_of_the_drivers_user_is_looked_at_only_for_itself():
    places = {("/home/HwHiAiUser/Ascend/ascend-toolkit/latest/aarch64-linux", "toolkit"): "8.0.0"}
    assert find(dict(places), "vision", uid=1002)[0] is None
    assert find(dict(places), "HwHiAiUser", uid=1000)[0]["version"] == "8.0.0"
    assert find(dict(places), uid=1002)[0]["version"] == "8.0.0"


# -- set_env.sh, by a real bash
# --------------------------------------------------------------------------------------------------


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
        return _cann.variables(system, str(script))

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
    assert found == {} and "did not end within 1 s" in warnings[0]


def test_set_env_that_prints_or_fails_is_used_and_complained_of(set_env):
    found, warnings = set_env('echo "[ERROR] no driver"\necho "A=2" >&2\nexport A=1\n')
    assert found == {"A": "1"}
    assert 'printed "[ERROR] no driver A=2"' in warnings[0]
    found, warnings = set_env("export A=1\nfalse\n")
    assert found == {"A": "1"} and "ended with status 1" in warnings[0]


def test_values_that_are_no_text_are_left_out(set_env):
    found, warnings = set_env("export A=$'line\\nbreak' B=$'\\x1b[31m' C=good\n")
    assert found == {"C": "good"} and "sets A, B to what is no printable text" in warnings[0]


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_set_env_that_others_can_write_is_not_run(set_env, tmp_path, mode):
    found, warnings = set_env("touch %s/ran\nexport A=1\n" % tmp_path, mode)
    assert found == {} and "is not run" in warnings[0] and "chown root" in warnings[0]
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_set_env_of_another_user_is_not_run(set_env, tmp_path):
    set_env("")
    os.chown(str(tmp_path / "set_env.sh"), 65533, 65533)
    found, warnings = _cann.variables(System(), str(tmp_path / "set_env.sh"))
    assert found == {} and "is not run" in warnings[0]


def test_set_env_that_is_missing(tmp_path):
    found, warnings = _cann.variables(System(), str(tmp_path / "set_env.sh"))
    assert found == {} and "is missing" in warnings[0]

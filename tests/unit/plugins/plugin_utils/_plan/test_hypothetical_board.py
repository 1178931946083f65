# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boards from a few facts: whole, as the detectors would describe them, and every mistake told."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import referencing
import yaml
from ansible.errors import AnsibleError
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import DETECTORS, collect
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.distributions import RELEASES
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import (
    CAUSES,
    board,
    read_boards,
    read_families,
)

ROOT = Path(__file__).resolve().parents[5]
from board_support import FakeSystem  # noqa: E402
from board_support import load as recorded  # noqa: E402

REGISTRY = referencing.Registry().with_resources(
    (path.name, referencing.Resource.from_contents(json.loads(path.read_text())))
    for path in (ROOT / "docs/schemas").glob("*.schema.json")
)


def valid(made):
    jsonschema.Draft202012Validator({"$ref": "board.schema.json"}, registry=REGISTRY).validate(made)
    return made


@pytest.mark.parametrize(
    ("family", "name"), [(family, name) for family, known in read_families().items() for name in known["boards"]]
)
def test_every_named_board_is_whole(family, name):
    made = valid(board({"board": name}))
    assert made["family"] == family and made["pythons"]
    assert made["architecture"] != "aarch64" or made["cpu"]["atomics"] is not None
    assert name not in ("", None) and "hypothetical" in made["warnings"][-1]


def test_families_are_those_that_have_a_detector():
    assert set(read_families()) <= {detector.family for detector in DETECTORS}


# What a detector says of the files of a board, and the few facts that say the same.
ALIKE = {
    "pi4_bookworm": {"board": "Raspberry Pi 4"},
    "pi5": {"board": "Raspberry Pi 5"},
    "zero2w": {"board": "Raspberry Pi Zero 2 W"},
    "pi3_32bit_userland": {"board": "Raspberry Pi 3", "architecture": "armv7l", "machine": "aarch64"},
    "zero2w_32bit_trixie": {"board": "Raspberry Pi Zero 2 W", "os": "raspbian 13", "architecture": "armv7l"},
    "pi_zero_w": {"board": "Raspberry Pi Zero W"},
    "x86_no_gpu": {"board": "PC", "os": "ubuntu 22.04"},
    "jetson_nano": {"board": "Jetson Nano"},
    "jetson_tx2_nx": {"board": "Jetson TX2 NX", "l4t": "32.7.3"},
    "jetson_xavier_nx": {"board": "Jetson Xavier NX", "l4t": "35.2.1"},
    "jetson_agx_xavier": {"board": "Jetson AGX Xavier", "l4t": "35.3.1"},
    "jetson_orin_nano": {"board": "Jetson Orin Nano", "l4t": "36.4.3"},
    "jetson_thor": {"board": "Jetson Thor", "l4t": "38.2.1", "platform": {"cudnn": "9.12.0"}},
    "pynq_z1_3.0.1": {"board": "PYNQ-Z1"},
    "pynq_z2_2.7": {"board": "PYNQ-Z2", "platform": {"pynq": "2.7.0", "overlays": False, "zocl": False, "xrt": None}},
    "pynq_zcu104_3.0.1": {"board": "ZCU104"},
    "pynq_ultra96_2.6": {"board": "Ultra96", "platform": {"pynq": "2.6.0"}},
    "pynq_kv260_ubuntu": {
        "board": "KV260",
        "platform": {"pynq": None, "fpga_manager": "operating", "overlays": True, "zocl": True},
    },
    "atlas_310b4_dk": {"board": "Atlas 200I DK A2"},
    "atlas_310_card": {"board": "Atlas 300I", "cann": "7.0.0", "driver": "23.0.0"},
    "atlas_310p3": {
        "board": "Atlas 300I Pro",
        "cann": "8.3.RC1",
        "driver": "25.3.rc1",
        "os": "openEuler 22.03",
        "libc": "2.34",
        "pythons": [],
    },
}


@pytest.mark.parametrize("name", ALIKE)
def test_as_the_detector_would_describe_it(name):
    measured, made = collect(FakeSystem(recorded(name)), "/opt/edgeai/torch"), valid(board(ALIKE[name]))
    for key in ("family", "module", "soc", "architecture", "libc", "page_size", "paths"):
        assert made[key] == measured[key], key
    assert made["cpu"]["atomics"] == measured["cpu"]["atomics"]
    assert [made["os"][key] for key in ("id", "version_id")] == [measured["os"][key] for key in ("id", "version_id")]
    devices = [
        [{key: device[key] for key in ("kind", "name", "compute_capability", "cuda")} for device in of["accelerators"]]
        for of in (made, measured)
    ]
    assert devices[0] == devices[1]
    assert set(made["platform"]) <= set(measured["platform"])
    assert {name: value for name, value in made["platform"].items() if value is not None}.items() <= measured[
        "platform"
    ].items()
    assert {name: made["key"][name] for name in ("l4t", "cann")} == {
        name: measured["key"][name] for name in ("l4t", "cann")
    }
    assert made["provided"].items() <= measured["provided"].items()


def test_what_is_given_stands():
    made = valid(
        board(
            {
                "board": "raspberry pi 5",
                "os": "ubuntu 24.04",
                "libc": "glibc 2.40",
                "pythons": ["3.12.3", {"version": "3.9.2", "path": "/opt/py/bin/python"}],
                "page_size": 4096,
                "memory": "16 GiB",
                "swap": "1.5 GiB",
                "user": "pi",
                "groups": ["video"],
                "kernel": "6.12.0",
                "atomics": None,
                "accelerators": [{"kind": "npu", "name": "Hailo", "driver": "4.20"}],
                "provided": {"numpy": "1.26.4"},
                "platform": {"swap": None},
            }
        )
    )
    assert (
        made["libc"] == {"name": "glibc", "version": "2.40"}
        and made["os"]["codename"] == "noble"
        and made["page_size"] == 4096
    )
    assert [(python["path"], python["version"], python["default"]) for python in made["pythons"]] == [
        ("/usr/bin/python3", "3.12.3", True),
        ("/opt/py/bin/python", "3.9.2", False),
    ]
    assert [python["externally_managed"] for python in made["pythons"]] == [True, False]
    assert made["memory"]["total"] == 16 << 30 and made["swap"]["total"] == 3 << 29
    assert made["workload"] == {"name": "pi", "exists": True, "uid": 1000, "groups": ["video"]}
    assert (
        made["cpu"]["atomics"] is None and made["key"]["driver"] == "4.20" and made["provided"] == {"numpy": "1.26.4"}
    )
    assert (
        "assumed" in made["warnings"][0] and "16384" not in made["warnings"][0] and "soc bcm2712" in made["warnings"][0]
    )


def test_releases_bring_their_libc_and_python():
    managed = [("debian", "12"), ("debian", "13"), ("raspbian", "12"), ("raspbian", "13"), ("ubuntu", "24.04")]
    for (name, version), release in RELEASES.items():
        made = valid(board({"board": "PC", "os": f"{name} {version}"}))
        assert made["libc"]["version"] == release.glibc and made["pythons"][0]["version"] == release.python
        assert made["pythons"][0]["externally_managed"] == ((name, version) in managed)


def test_a_release_that_is_not_known_needs_no_more_than_its_libc_and_pythons():
    made = valid(board({"board": "PC", "os": "debian sid", "libc": "2.42", "pythons": ["3.14.0"]}))
    assert made["os"] == {
        "id": "debian",
        "version_id": "sid",
        "codename": None,
        "pretty_name": "debian sid",
        "package_manager": "apt",
    }
    assert made["pythons"][0]["externally_managed"] is False


def test_no_python_and_no_accelerator_can_be_said():
    made = valid(board({"board": "PC with an Ada GPU", "pythons": [], "accelerators": []}))
    assert made["pythons"] == [] and made["accelerators"] == [] and made["key"]["driver"] is None


def test_a_driver_brings_its_cuda():
    (device,) = board({"board": "PC with an Ada GPU", "driver": "550.54.14"})["accelerators"]
    assert (device["kind"], device["driver"], device["cuda"], device["compute_capability"]) == (
        "cuda",
        "550.54.14",
        "12.4",
        "8.9",
    )
    (device,) = board({"family": "x86_conda", "accelerators": [{"name": "A10", "driver": None}]})["accelerators"]
    assert device["driver"] is None


def test_signs_have_sensible_defaults():
    made = valid(
        board(
            {
                "board": "PC",
                "signs": [
                    {},
                    {"name": "RTX 5090", "where": "0000:41:00.0", "cause": "open-module", "compute_capability": "12.0"},
                ],
            }
        )
    )
    assert made["signs"][0] == {
        "kind": "cuda",
        "name": None,
        "where": "0000:01:00.0",
        "compute_capability": None,
        "driver": None,
        "cause": "no-driver",
        "why": CAUSES["no-driver"][0],
        "fix": CAUSES["no-driver"][1],
    }
    assert made["signs"][1] == {
        "kind": "cuda",
        "name": "RTX 5090",
        "where": "0000:41:00.0",
        "compute_capability": "12.0",
        "driver": "580.65.06",
        "cause": "open-module",
        "why": CAUSES["open-module"][0],
        "fix": CAUSES["open-module"][1],
    }
    (npu,) = board(
        {
            "board": "Atlas 300I Pro",
            "accelerators": [],
            "signs": [{"cause": "silent", "why": "it sleeps", "fix": "Wake it."}],
        }
    )["signs"]
    assert (npu["kind"], npu["driver"], npu["why"], npu["fix"]) == ("npu", "25.5.0", "it sleeps", "Wake it.")


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_a_reason_and_a_fix(cause):
    valid(board({"board": "PC", "signs": [{"cause": cause}]}))
    why, fix = CAUSES[cause]
    assert not why.endswith(".") and fix.endswith(".") and fix[0].isupper()


def test_what_nothing_serves():
    made = valid(
        board(
            {
                "board": "PC",
                "unserved": [{"name": "AMD GPU"}, {"name": "Intel GPU", "where": "0000:00:02.0", "integrated": True}],
            }
        )
    )
    assert made["unserved"] == [
        {"name": "AMD GPU", "where": "0000:01:00.0", "integrated": False},
        {"name": "Intel GPU", "where": "0000:00:02.0", "integrated": True},
    ]
    assert board({"board": "PC"})["unserved"] == board({"board": "PC"})["signs"] == []


@pytest.mark.parametrize("outcome", ["cuda", "npu", "cpu"])
def test_a_record(outcome):
    state = valid(board({"board": "PC", "record": outcome}))["state"]
    assert (state["record"]["verdict"]["outcome"], state["record"]["verdict"]["expect"]) == (outcome, outcome)
    assert (state["record"]["id"], state["record"]["generation"]) == (
        state["current"]["id"],
        state["current"]["generation"],
    )
    assert board({"board": "PC"})["state"]["record"] is None


def test_boards_of_older_reports_pass():
    made = board({"board": "PC"})
    for older in (made, {key: value for key, value in made.items() if key not in ("signs", "unserved")}):
        assert board(valid(older)) == older


def test_a_whole_board_passes_unchanged():
    made = board({"board": "Raspberry Pi 4"})
    assert board(made) == made
    assert board({**made, "warnings": []}) == {**made, "warnings": []}


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            [],
            (
                "A hypothetical board must be a mapping of facts, such as {board: Raspberry Pi 4, os: debian 12}, not"
                " list."
            ),
        ),
        (None, "must be a mapping of facts"),
        (
            {},
            "needs a family (",
        ),
        ({"os": "debian 12"}, "needs a family ("),
        ({"family": "rasberrypi"}, "family is 'rasberrypi': it must be one of "),
        ({"board": "Raspbery Pi 4"}, "board 'Raspbery Pi 4' is not known; did you mean Raspberry Pi 4?"),
        ({"family": "x86_conda", "board": "Raspberry Pi 4"}, "board 'Raspberry Pi 4' is not known;"),
        # Another maker's board is no suggestion.
        ({"board": "Banana Pi Zero 2"}, "board 'Banana Pi Zero 2' is not known; did you mean Banana Pi BPI-M2 Zero?"),
        ({"board": "Atlas 300I Proo"}, "board 'Atlas 300I Proo' is not known; did you mean Atlas 300I Pro?"),
        ({"board": "Raspberry Pi 4", "pyhtons": ["3.11.2"]}, "has the unknown key 'pyhtons'; did you mean pythons?"),
        ({"board": "Raspberry Pi 4", "x": 1}, "has the unknown key 'x'; known are: family, board"),
        ({"board": "Raspberry Pi 4", "l4t": 36.4}, "l4t is 36.4, a number: write it in quotes."),
        ({"board": "Raspberry Pi 4", "pythons": "3.11.2"}, "pythons is '3.11.2': it must be a list of versions"),
        (
            {"board": "Raspberry Pi 4", "pythons": ["3.11"]},
            "pythons[0] is '3.11': the version of a Python is a text such as 3.11.2.",
        ),
        (
            {"board": "Raspberry Pi 4", "pythons": [{"verison": "3.11.2"}]},
            "pythons[0] has the unknown key 'verison'; did you mean version?",
        ),
        (
            {"board": "Raspberry Pi 4", "memory": "4 GB"},
            "memory is '4 GB': it must be a number of bytes, or a text such as 8 GiB.",
        ),
        ({"board": "Raspberry Pi 4", "atomics": "no"}, "atomics is 'no': it must be true or false."),
        ({"board": "Raspberry Pi 4", "cores": 0}, "cores is 0: it must be a whole number."),
        (
            {"board": "Raspberry Pi 4", "os": "alpine 3.20"},
            "The libc of alpine 3.20 is unknown: give os, such as debian 12, or libc",
        ),
        (
            {"board": "Raspberry Pi 4", "os": "alpine 3.20", "libc": "musl 1.2.5"},
            "The Python of alpine 3.20 is unknown: give pythons",
        ),
        (
            {"board": "PC", "accelerators": [{"kind": "gpu"}]},
            "The kind of an accelerator is 'gpu': it must be cuda or npu.",
        ),
        (
            {"board": "PC", "accelerators": [{"driver": 580.65}]},
            "accelerators[0].driver is 580.65, a number: write it in quotes.",
        ),
        ({"board": "PC", "accelerators": {}}, "accelerators is {}: it must be a list, empty for none."),
        ({"board": "PC", "signs": {}}, "signs is {}: it must be a list of mappings."),
        ({"board": "PC", "signs": ["cuda"]}, "signs[0] is 'cuda': it must be a mapping."),
        ({"board": "PC", "signs": [{"cuase": "silent"}]}, "signs[0] has the unknown key 'cuase'; did you mean cause?"),
        (
            {"board": "PC", "signs": [{"cause": "broken"}]},
            "signs[0].cause is 'broken': it must be one of no-driver, nouveau, ",
        ),
        ({"board": "PC", "signs": [{"kind": "gpu"}]}, "The kind of an accelerator is 'gpu': it must be cuda or npu."),
        (
            {"board": "PC", "signs": [{"compute_capability": 8.6}]},
            "signs[0].compute_capability is 8.6, a number: write it in quotes.",
        ),
        ({"board": "Raspberry Pi 4", "signs": [{}]}, "The kind of an accelerator is None: it must be cuda or npu."),
        ({"board": "PC", "unserved": [{}]}, "unserved[0] needs a name."),
        (
            {"board": "PC", "unserved": [{"name": "AMD GPU", "integrated": "no"}]},
            "unserved[0].integrated is 'no': it must be true or false.",
        ),
        ({"board": "PC", "record": "gpu"}, "record is 'gpu': it must be what torch was proven on, cuda, npu or cpu."),
        ({"board": "PC", "platform": {"cuda": 12.6}}, "platform.cuda is 12.6, a number: write it in quotes."),
        ({"board": "PC", "provided": ["numpy"]}, "provided is ['numpy']: it must be a mapping."),
        ({"board": "PC", "model": ""}, "model is '': it must be a text."),
        ({"board": "PC", "paths": [None]}, "paths is [None]: it must be a list of texts."),
    ],
)
def test_mistakes(facts, message):
    with pytest.raises(AnsibleError) as caught:
        board(facts)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Orange Pi 6", "did you mean Orange Pi 5?"),
        ("Banana Pi BPI-M8", "did you mean Banana Pi BPI-M"),
        ("Pi 5", "did you mean Raspberry Pi 5 or Orange Pi 5?"),
        ("orin nano", "did you mean Jetson Orin Nano?"),
        ("Jetson qqqqqqqqqqqq", "known are Jetson Nano, Jetson TX1,"),
        ("Lattepanda 3", "known are boards of AWS, Ampere, Atlas,"),
    ],
)
def test_a_suggestion_is_of_the_same_maker(name, hint):
    with pytest.raises(AnsibleError) as caught:
        board({"board": name})
    assert hint in str(caught.value)
    assert "give family and the facts, such as {family: generic, architecture: aarch64" in str(caught.value)


def test_no_suggestion_names_another_maker():
    makers = {name.split()[0] for name in read_families()["generic"]["boards"]}
    assert len(makers) > 20
    for maker in makers:
        with pytest.raises(AnsibleError) as caught:
            board({"board": f"{maker} 777"})
        suggested = re.search(r"did you mean (.*?)\?|known are (.*?)\.", str(caught.value))
        assert all(one.startswith(maker) for one in re.split(", | or ", suggested[1] or suggested[2])), maker


def test_a_file_of_one_or_several(tmp_path):
    one = tmp_path / "bench.yml"
    one.write_text("board: Raspberry Pi 4\n")
    assert read_boards(str(one)) == {"bench": board({"board": "Raspberry Pi 4"})}
    whole = {"name": "reported", **board({"board": "PC"})}
    one.write_text(yaml.safe_dump([{"name": "a", "board": "PC"}, {"name": "b", "board": "Raspberry Pi 5"}]))
    assert {name: made["family"] for name, made in read_boards(str(one)).items()} == {
        "a": "x86_conda",
        "b": "raspberrypi",
    }
    one.write_text(json.dumps(board({"board": "PC"})))
    assert read_boards(str(one))["bench"] == board({"board": "PC"})
    # The boards of a report may have a name, and need none.
    one.write_text(json.dumps([whole, board({"board": "Raspberry Pi 4"})]))
    assert read_boards(str(one)) == {
        "reported": board({"board": "PC"}),
        "bench-2": board({"board": "Raspberry Pi 4"}),
    }


def test_what_explain_wrote(tmp_path):
    path = tmp_path / "boards.json"
    pi = board({"board": "Raspberry Pi 4"})
    path.write_text(json.dumps({"boards": {"pi-1": {"board": pi, "plan": {"refusal": None}}}}))
    assert read_boards(str(path)) == {"pi-1": pi}
    path.write_text(json.dumps({"boards": {"gone": {"board": None, "plan": None, "error": "no answer"}}}))
    with pytest.raises(AnsibleError, match="boards.json, board gone: it has no facts. explain could not detect it"):
        read_boards(str(path))
    path.write_text('{"boards": {}}')
    with pytest.raises(AnsibleError, match="has no board"):
        read_boards(str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory ("),
        (b"\xff\xfe\x00", "cannot be read: it is not a text file"),
        ("board: [", "is not valid YAML: "),
        ("a: 1\n\tb: 2\n", "line 2"),
        ("[]", "has no board."),
        ("", "board 1: A hypothetical board must be a mapping of facts"),
        ("just words", "board 1: A hypothetical board must be a mapping of facts"),
        ("[{board: PC}, {board: PC}]", "board 1: several boards need different names: give it a name."),
        (
            "[{name: a, board: PC}, {name: a, board: PC}]",
            "board 2: several boards need different names: give it a name.",
        ),
        (
            "[{name: a, board: PC}, {name: b, bord: PC}]",
            "board 2: A hypothetical board has the unknown key 'bord'; did you mean board?",
        ),
    ],
)
def test_files_that_cannot_be_used(tmp_path, text, message):
    path = tmp_path / "boards.yml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(AnsibleError) as caught:
        read_boards(str(path))
    assert str(path) in str(caught.value) and message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "chip"),
    [
        ("Orange Pi AIpro", "310B4"),
        ("Orange Pi AIpro (8T)", "310B4"),
        ("orange pi aipro 20t", "310B1"),
        ("Atlas 800I A2", "910B3"),
        ("Atlas 300T", "910A"),
        ("Atlas 300T A2", "910B3"),
        ("Atlas 350", "950PR_9579"),
        ("Atlas A3", "910_9391"),
    ],
)
def test_names_that_people_give_to_boards_with_ascend_chips(name, chip):
    made = board({"board": name})
    assert (made["family"], made["platform"]["chip"]) == ("atlas", chip)
    assert [device["name"] for device in made["accelerators"]] == [f"Ascend{chip}"]


@pytest.mark.parametrize(
    ("name", "soc"),
    [
        ("Raspberry Pi 4 Model B", "bcm2711"),
        ("raspberry pi 3 model b plus", "bcm2837"),
        ("Raspberry Pi 1", "bcm2835"),
        ("RFSoC 4x2", "zynqmp"),
        ("ZynqMP ZCU104 RevC", "zynqmp"),
        ("Zynq PYNQ-Z2 Development Board", "zynq-7000"),
    ],
)
def test_a_model_is_a_name(name, soc):
    assert board({"board": name})["soc"] == soc

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accelerators that are there and not usable, that were there, or that are several: what a plan makes of them."""

import pytest
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import CAUSES, board
from plan_support import catalogue, gpu, pc, planned, validate

ROWS = [
    {
        "id": "new",
        "accelerator": "cuda",
        "torch": ">=2.11",
        "when": {"driver": ">=580", "compute_capability": ">=7.5,<13"},
    },
    {
        "id": "old",
        "accelerator": "cuda",
        "torch": ">=2.6,<2.15",
        "when": {"driver": ">=525", "compute_capability": ">=5.0,<10"},
    },
    {"id": "cpu", "accelerator": "cpu", "torch": ">=1.13"},
]
ON_PURPOSE = "torch_accelerator: cpu selects the CPU."


def sign(**changes):
    return {
        "kind": "cuda",
        "name": "RTX 3090",
        "where": "0000:01:00.0",
        "compute_capability": None,
        "driver": None,
        "cause": "mismatch",
        "why": "the driver does not answer",
        "fix": "Restart the board.",
        **changes,
    }


def recorded(outcome, expect=None, **changes):
    """A board whose environment in use has such a verdict."""
    made = board({"board": "PC", "record": outcome, **changes})
    if expect:
        made["state"]["record"]["verdict"]["expect"] = expect
    validate("board", made)
    return made


def refusal(made):
    assert made["refusal"], made["row"]
    return f"{made['refusal']['reason']} {made['refusal']['way_out']}"


# --- Signs
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", CAUSES)
def test_a_card_that_a_row_could_serve_is_never_a_cpu_plan(why):
    made = planned(pc(signs=[sign(cause=why, why=CAUSES[why][0], fix=CAUSES[why][1])], unserved=[]), ROWS)
    assert (
        refusal(made)
        == f"No GPU that PyTorch could use works on this board now. RTX 3090 (0000:01:00.0): {CAUSES[why][0]}."
        f" {CAUSES[why][1]} {ON_PURPOSE}"
    )


@pytest.mark.parametrize("request_", [{"accelerator": "cpu"}, {"accelerator": "cpu", "version": "2.5.1"}])
def test_the_cpu_on_purpose(request_):
    amd = {"name": "AMD GPU", "where": "0000:03:00.0", "integrated": False}
    for on in (pc(signs=[sign()]), recorded("cuda"), pc(gpu("580.65.06", "8.6")), pc(unserved=[amd])):
        made = planned(on, ROWS, **request_)
        assert (made["accelerator"], made["warnings"]) == ("cpu", [])


@pytest.mark.parametrize(
    ("capability", "counts"), [(None, True), ("5.0", True), ("12.0", True), ("3.5", False), ("13.0", False)]
)
def test_only_what_a_row_could_serve_counts(capability, counts):
    made = planned(pc(signs=[sign(compute_capability=capability)]), ROWS)
    assert bool(made["refusal"]) is counts
    if not counts:
        (warning,) = made["warnings"]
        assert "RTX 3090 (0000:01:00.0) has compute capability" in warning and "torch runs on the CPU" in warning


def test_a_row_that_nobody_asks_for_serves_nobody():
    rows = [{**ROWS[0], "asked": True}, ROWS[2]]
    assert planned(pc(signs=[sign()]), rows)["row"] == "cpu"


def test_a_row_without_conditions_serves_every_card_of_its_kind():
    rows = [{"id": "any", "accelerator": "npu"}, ROWS[2]]
    assert planned(pc(signs=[sign(kind="npu", name="Ascend310P", cause="silent")]), rows)["refusal"]
    assert planned(pc(signs=[sign()]), rows)["row"] == "cpu"  # a kind without a row


def test_the_hosts_own_rows_count():
    assert planned(pc(signs=[sign(compute_capability="3.5")]), ROWS)["row"] == "cpu"
    own = [{"id": "mine", "accelerator": "cuda", "when": {"compute_capability": ">=3.5"}}]
    assert planned(pc(signs=[sign(compute_capability="3.5")]), ROWS, catalogue=own)["refusal"]


def test_what_torch_cannot_drive_on_any_board_is_no_loss():
    rows = [
        {"id": "npu", "accelerator": "npu"},
        {"id": "bad", "accelerator": "npu", "when": {"device": "Ascend310"}, "refuse": "never"},
        ROWS[2],
    ]
    assert planned(pc(signs=[sign(kind="npu", name="Ascend310")]), rows)["row"] == "cpu"
    assert planned(pc(signs=[sign(kind="npu", name="Ascend310P")]), rows)["refusal"]
    assert planned(pc(signs=[sign(kind="npu", name=None)]), rows)["refusal"]
    # A driver or a library can be installed; that is no property of the card.
    rows[1] = {**rows[1], "when": {"device": "Ascend310", "platform": {"cann_path": False}}}
    assert planned(pc(signs=[sign(kind="npu", name="Ascend310")], platform={"cann_path": None}), rows)["refusal"]


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "answer. Restart"), (2, "1 more is unusable."), (4, "3 more are unusable.")],
)
def test_the_first_that_counts_speaks(count, words):
    useless = sign(name="GT 710", compute_capability="3.5", why="it is old")
    made = planned(pc(signs=[useless, *(sign(name=f"RTX {number}") for number in range(count))]), ROWS)
    assert "RTX 0 (0000:01:00.0): the driver does not answer." in refusal(made) and "GT 710" not in refusal(made)
    assert words in refusal(made)


def test_a_refusal_of_the_version_does_not_hide_a_sign():
    assert "RTX 3090" in refusal(planned(pc(signs=[sign()]), ROWS, version="99.0"))


def test_a_nameless_sign_and_hostile_text():
    hostile = sign(
        name=None, where="/usr/bin/nvidia-smi\n\x1b[31m", why="no\nanswer" + "!" * 1000 + ".", fix="Restart\r\nit"
    )
    told = refusal(planned(pc(signs=[hostile]), ROWS))
    assert "An NVIDIA GPU (/usr/bin/nvidia-smi [31m): no answer!!!" in told and "Restart it. torch" in told
    assert not set("\n\r\x1b") & set(told) and len(told) < 900


def test_asked_for_by_name():
    told = refusal(planned(pc(signs=[sign()]), ROWS, accelerator="cuda"))
    assert "torch_accelerator is cuda" in told and "RTX 3090 (0000:01:00.0): the driver does not answer." in told
    assert f"Restart the board. {ON_PURPOSE}" in told
    assert "(seen: none). Ask for torch_accelerator: auto or cpu" in refusal(
        planned(pc(signs=[sign()]), ROWS, accelerator="npu")
    )
    useless = refusal(planned(pc(signs=[sign(compute_capability="3.5")]), ROWS, accelerator="cuda"))
    assert "no such accelerator that the catalogue supports" in useless and "Restart" not in useless
    # The usable one is below every row.
    both = planned(pc(gpu("470.1", "3.5", "GT 710"), signs=[sign()]), ROWS, accelerator="cuda")
    assert "RTX 3090 (0000:01:00.0): the driver does not answer." in refusal(both)


def test_a_card_that_works_beside_one_that_does_not():
    made = planned(pc(gpu("580.65.06", "8.6"), signs=[sign()]), ROWS)
    assert (made["row"], made["warnings"]) == (
        "new",
        ["RTX 3090 (0000:01:00.0): the driver does not answer. It is not used. Restart the board."],
    )
    useless = planned(pc(gpu("580.65.06", "8.6"), signs=[sign(name="GT 710", compute_capability="3.5")]), ROWS)
    assert useless["row"] == "new" and "GT 710" in useless["warnings"][0] and "CPU" not in useless["warnings"][0]
    # That the usable one is below every row makes the other no smaller loss.
    assert "RTX 3090" in refusal(planned(pc(gpu("470.1", "3.5", "GT 710"), signs=[sign()]), ROWS))


def test_what_nothing_serves_is_named_once():
    amd = {"name": "AMD GPU", "where": "0000:03:00.0", "integrated": False}
    made = planned(pc(unserved=[amd, dict(amd), {**amd, "name": "Intel GPU", "integrated": True}]), ROWS)
    assert made["warnings"] == [
        "AMD GPU is at 0000:03:00.0; no PyTorch build of this collection uses it, so torch runs on the CPU."
    ]
    assert planned(pc(gpu("580.65.06", "8.6"), unserved=[amd]), ROWS)["warnings"] == [
        "AMD GPU is at 0000:03:00.0; no PyTorch build of this collection uses it.",
    ]


# --- A record
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "expect", "words"),
    [
        ("cuda", None, "was proven on CUDA, and no GPU is usable now."),
        ("npu", None, "was proven on the NPU, and no NPU is usable now."),
        ("cpu", "cuda", "was made for CUDA, and no GPU is usable now."),
    ],
)
def test_a_record_is_a_promise(outcome, expect, words):
    for rows in (ROWS, [{**row, "asked": row["accelerator"] == "cpu"} for row in ROWS], [ROWS[2]]):
        told = refusal(planned(recorded(outcome, expect), rows))
        assert words in told and ON_PURPOSE in told


def test_a_record_and_its_cause():
    told = refusal(planned(recorded("cuda", signs=[{"name": "RTX 3090", "cause": "mismatch"}]), ROWS))
    assert (
        "was proven on CUDA, and no GPU is usable now. RTX 3090 (0000:01:00.0): the driver's library and its kernel"
        " module" in told
    )
    assert "Restart the board." in told


def test_a_record_speaks_of_its_own_kind():
    rows = [*ROWS, {"id": "npu", "accelerator": "npu"}]
    on = recorded(
        "cuda", signs=[{"kind": "npu", "name": "Ascend310P"}, {"name": "GT 710", "compute_capability": "3.5"}]
    )
    told = refusal(planned(on, rows))
    assert "proven on CUDA, and no GPU is usable now. GT 710" in told and "Ascend310P" not in told
    # The usable GPU is below every row, the sign is of an NPU.
    both = refusal(
        planned(
            recorded("cuda", accelerators=[{"name": "GT 710", "compute_capability": "3.5"}], signs=[{"kind": "npu"}]),
            rows,
        )
    )
    assert both.startswith("No NPU that PyTorch could use works on this board") and "CUDA" not in both


@pytest.mark.parametrize("verdict", [{}, {"outcome": ["cuda"]}, {"outcome": None, "expect": {}}, {"outcome": "CUDA"}])
def test_a_record_that_says_nothing_promises_nothing(verdict):
    on = pc()
    on["state"]["record"] = {"verdict": verdict}
    assert torch_plan(on, ROWS, {})["row"] == "cpu"


def test_a_record_of_the_cpu_promises_no_more():
    assert planned(recorded("cpu"), ROWS)["row"] == "cpu"
    assert planned(pc(), ROWS)["row"] == "cpu"


def test_a_record_and_a_card_that_only_the_cpu_rows_are_left_for():
    told = refusal(
        planned(recorded("cuda", accelerators=[{"name": "A10", "compute_capability": "8.6", "driver": "470.1"}]), ROWS)
    )
    assert (
        "was proven on CUDA, and only a CPU build fits now." in told
        and "Row old is closest: the driver: 470.1; the row needs >=525." in told
    )
    assert planned(recorded("cuda", accelerators=[{"name": "A10", "compute_capability": "8.6"}]), ROWS)["row"] == "new"


def test_what_stands_in_for_conda_promises_the_same():
    rows = [
        {
            "id": "conda",
            "accelerator": "cuda",
            "provider": "conda",
            "channels": ["https://conda.example/forge"],
            "build": "cuda",
            "torch": ">=2.6",
            "python": ">=3.10,<3.14",
            "when": {"driver": ">=525"},
        },
        *ROWS,
    ]
    assert planned(pc(gpu("580.1", "8.6")), rows)["otherwise"]["row"] == "new"
    only = planned(pc(gpu("550.1", "12.0")), rows)
    assert (only["row"], only["otherwise"]) == ("conda", None)


# --- An exact version
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2.5.1", "1.13.1", "==2.4.*", "<2.6", ">=2.0,<2.3"])
def test_a_version_that_no_row_has_for_a_working_card(version):
    told = refusal(planned(pc(gpu("580.1", "8.6")), ROWS, version=version))
    assert (
        f"torch {version} for cuda is not available" in told
        and "torch_version: '>=2.11'" in told
        and "torch_version: '>=2.6,<2.15'" in told
    )
    assert "A CPU build would leave cuda (NVIDIA GPU, driver 580.1) unused." in told and ON_PURPOSE in told


def test_a_version_of_the_cpu_is_a_wish_for_it():
    rows = [*ROWS[:2], {**ROWS[2], "local": "cpu"}]
    rows = [{**row, "local": "cu130"} if row["accelerator"] == "cuda" else row for row in rows]
    assert planned(pc(gpu("580.1", "8.6")), rows, version="2.12.0+cpu")["row"] == "cpu"
    assert "2.5.1 for cuda" in refusal(planned(pc(gpu("580.1", "8.6")), rows, version="2.5.1"))


@pytest.mark.parametrize("local", [None, "cu130"])
def test_a_label_of_the_cpu_is_no_cuda_build(local):
    rows = [*({**row, "local": local} if local else row for row in ROWS[:2]), {**ROWS[2], "local": "cpu"}]
    made = planned(pc(gpu("580.1", "8.6")), rows, version="2.12.0+cpu")
    assert (made["row"], made["expect"], made["warnings"]) == ("cpu", "cpu", [])
    told = planned(pc(gpu("580.1", "8.6")), rows, version="2.12.0+cpu", accelerator="cuda")["refusal"]
    assert (
        "torch_version names a CPU build" in told["reason"]
        and told["way_out"]
        == "Ask for a torch_version without +cpu. torch_accelerator: cpu gives a CPU build of torch ==2.12.0+cpu."
    )


@pytest.mark.parametrize(("driver", "capability"), [("580.1", "3.5"), ("470.1", "8.6"), (None, None)])
def test_a_card_that_no_version_serves_keeps_its_cpu_plan(driver, capability):
    made = planned(pc(gpu(driver, capability)), ROWS)
    assert made["row"] == "cpu" and "is unused, torch runs on the CPU" in made["warnings"][0]


def test_a_version_that_is_asked_for_is_wanted_on_the_card():
    for version in ("2.5.1", "2.12.0"):
        for driver, capability in (("470.1", "8.6"), (None, None)):
            told = refusal(planned(pc(gpu(driver, capability)), ROWS, version=version))
            assert (
                f"torch {version} for cuda is not available" in told
                and "the row needs >=525" in told
                and ON_PURPOSE in told
            )
        assert planned(pc(gpu("580.1", "3.5")), ROWS, version=version)["row"] == "cpu"


def test_a_capability_that_is_not_known_is_no_reason_to_leave_a_card_idle():
    told = refusal(planned(pc(gpu("535.1", None)), ROWS))
    assert (
        "the compute capability: not known" in told
        and "A CPU build would leave cuda (NVIDIA GPU, driver 535.1) unused." in told
    )
    assert "libcuda.so.1" in told and ON_PURPOSE in told
    assert planned(pc(gpu("535.1", None)), ROWS, accelerator="cpu")["row"] == "cpu"


def test_a_python_that_no_row_has():
    rows = [{**ROWS[0], "python": ">=3.12"}, ROWS[2]]
    assert planned(pc(gpu("580.1", "8.6")), rows)["row"] == "cpu"
    assert "the row needs Python >=3.12" in refusal(planned(pc(gpu("580.1", "8.6")), rows, version="2.12.0"))


# --- Several
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capabilities", "row", "left"),
    [
        (["8.6"], "new", []),
        (["6.1", "8.6"], "old", []),
        (["8.6", "6.1"], "old", []),
        (["3.5", "8.6"], "new", ["3.5"]),
        (["6.1", "12.0"], "new", ["6.1"]),  # no row serves both: the first among equals
        (["6.1", "6.1", "12.0"], "old", ["12.0"]),
        (["3.5", "6.1", "8.6"], "old", ["3.5"]),
        ([None, "8.6"], "new", [None]),
    ],
)
def test_all_cards_count(capabilities, row, left):
    made = planned(pc(*(gpu("580.1", capability, f"GPU {capability}") for capability in capabilities)), ROWS)
    assert made["row"] == row
    assert len(made["warnings"]) == len(left)
    for capability, warning in zip(left, made["warnings"], strict=True):
        assert (
            f"cuda (GPU {capability}, driver 580.1) is not used: the compute capability: {capability or 'not known'};"
            " the row needs" in warning
        )


def test_a_version_decides_which_rows_there_are():
    both = pc(gpu("580.1", "6.1", "GTX 1080"), gpu("580.1", "8.6"))
    made = planned(both, ROWS, version="2.15.0")
    assert made["row"] == "new" and "GTX 1080" in made["warnings"][0]


def test_the_same_card_twice_is_one_warning():
    made = planned(pc(gpu("580.1", "3.5", "K80"), gpu("580.1", "3.5", "K80"), gpu("580.1", "8.6")), ROWS)
    (warning,) = made["warnings"]
    assert warning.startswith("2 times: cuda (K80")


def test_what_is_known_to_be_bad_holds_if_any_card_is_meant():
    rows = [
        *ROWS,
        {"id": "bad", "torch": ">=2.14", "when": {"compute_capability": "<7"}, "refuse": "no code for it"},
        {"id": "note", "when": {"compute_capability": "<7"}, "warning": "an old one is there"},
    ]
    made = planned(pc(gpu("580.1", "6.1"), gpu("580.1", "8.6")), rows)
    assert (made["row"], made["torch"]["specifier"]) == ("old", ">=2.6,<2.14")
    assert "an old one is there" in made["warnings"]


def test_conda_of_all_cards():
    rows = [row for row in catalogue("x86_conda") if row.get("provider") == "conda"]
    made = planned(pc(gpu("580.1", "6.1", cuda="13.0"), gpu("580.1", "8.6", cuda="13.0")), rows)
    assert (made["row"], made["constraints"], made["conda"]["virtual"]["cuda"]) == (
        "x86-conda-cuda12",
        ["cuda-version>=12,<13"],
        "13.0",
    )


# --- A driver that this run installs
# --------------------------------------------------------------------------------------------------


BROUGHT = [
    {"id": "npu", "accelerator": "npu", "torch": "==2.9.0", "when": {"device": "Ascend310P*"}},
    ROWS[2],
    {"id": "brings", "brings": {"npu": "25.5.0"}},
    {"id": "older", "when": {"driver": "<26"}, "warning": "an older driver"},
]


def test_a_driver_that_is_brought():
    made = planned(pc(signs=[sign(kind="npu", name="Ascend310P", cause="no-driver")]), BROUGHT)
    assert (made["row"], made["expect"], made["warnings"]) == ("npu", "npu", ["an older driver"])
    assert any(
        "Driver 25.5.0 is installed first (brings); then the board is examined and planned again" in why
        for why in made["why"]
    )
    assert planned(pc(signs=[sign(kind="npu", name="Ascend310P", driver="24.1.0")]), BROUGHT)["row"] == "npu"
    assert (
        planned(pc(signs=[sign(kind="npu", name="Ascend310P", cause="no-driver")]), BROUGHT, accelerator="npu")["row"]
        == "npu"
    )


def test_a_driver_that_is_there_already_is_not_brought():
    for on in (
        pc(signs=[sign(kind="npu", name="Ascend310P", driver="25.5.0")]),
        pc(signs=[sign(kind="npu", name="Ascend310P")], key__driver="25.5.0"),
    ):
        assert "Ascend310P (0000:01:00.0)" in refusal(planned(on, BROUGHT))
    assert "RTX 3090" in refusal(planned(pc(signs=[sign()]), [*ROWS, BROUGHT[2]]))  # another kind
    nameless = refusal(planned(pc(signs=[sign(kind="npu", name=None, why="there is no chip")]), BROUGHT))
    assert "An Ascend NPU (0000:01:00.0): there is no chip." in nameless
    half = [*BROUGHT[:2], {"id": "brings", "brings": {"npu": ""}}]
    assert "Ascend310P" in refusal(planned(pc(signs=[sign(kind="npu", name="Ascend310P")]), half))


# --- Users
# --------------------------------------------------------------------------------------------------


OTHER = {"workload": {"name": "svc", "exists": True, "uid": 1001, "groups": ["svc"]}}
ROOT = {"user": {"name": "root", "uid": 0, "root": True}}


def test_a_user_who_cannot_become_another():
    told = refusal(planned(pc(**OTHER), ROWS))
    assert (
        "torch_user is svc, but Ansible works as pi on this board, without root" in told
        and "Set ansible_become: true, or leave torch_user out" in told
    )
    assert planned(pc(**OTHER, **ROOT), ROWS)["row"] == "cpu"
    assert (
        planned(pc(**OTHER, user={"name": "svc", "uid": 1001, "root": False}), ROWS)["row"] == "cpu"
    )  # become_user: svc


def test_an_owner_to_whom_nothing_can_be_given():
    told = refusal(planned(pc(), ROWS, env_owner="ml"))
    assert (
        "torch_env_owner is ml, but Ansible works as pi on this board, without root" in told
        and "ansible_become: true" in told
    )
    assert planned(pc(**ROOT), ROWS, env_owner="ml")["row"] == "cpu"
    assert planned(pc(), ROWS, env_owner="pi")["row"] == "cpu"
    assert (
        planned(board({"board": "PC"}), ROWS, env_owner="ml")["row"] == "cpu"
    )  # hypothetical: what Ansible may do there is not known

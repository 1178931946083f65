# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which candidates are the nearest, and what one change of the request or of an option would give."""

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.explanation import explain
from plan_support import gpu, pc, pi, planned


def cpu(name, **keys):
    return {"id": name, "accelerator": "cpu", "torch": ">=2.6", **keys}


def cuda(name, **keys):
    return {"id": name, "accelerator": "cuda", "torch": ">=2.6", **keys}


def refusal(board, rows, **asked):
    return planned(board, rows, **asked)["refusal"]


def nearest(board, rows, **asked):
    return [miss["row"] for miss in refusal(board, rows, **asked)["nearly"]]


@pytest.mark.parametrize(
    ("cann", "order"),
    [
        ("8.5.1", ["8.5.0", "9.0.0", "8.0rc2", "7.0.0"]),
        ("8.0.1", ["8.0rc2", "8.5.0", "9.0.0", "7.0.0"]),
        ("6.3", ["7.0.0", "8.0rc2", "8.5.0", "9.0.0"]),
        ("8.0.RC3.alpha002", ["8.0rc2", "8.5.0", "9.0.0", "7.0.0"]),
    ],
)
def test_the_nearest_release_comes_first(cann, order):
    rows = [cpu(release, when={"cann": f"=={release}"}) for release in ("7.0.0", "8.0rc2", "8.5.0", "9.0.0")]
    assert nearest(pi("3.11.2", key__cann=cann), rows) == order


def test_an_offer_that_is_there_to_be_refused_is_near_to_no_other_board():
    rows = [
        cpu("hollow", only_refused=True, when={"cann": "==8.5.1"}),
        cpu("other", when={"architecture": "x86_64", "cann": "==7.0.0"}),
    ]
    assert nearest(pi("3.11.2", key__cann="8.5.0"), rows) == ["other", "hollow"]
    bad = {"id": "bad", "refuse": "No.", "when": {"cann": "==8.5.1"}, "accelerator": "cpu"}
    assert refusal(pi("3.11.2", key__cann="8.5.1"), [*rows, bad])["reason"] == "No."


def test_of_two_drivers_the_one_that_is_nearer_is_wanted():
    rows = [cuda("new", when={"driver": ">=580"}), cuda("old", when={"driver": ">=525"})]
    assert nearest(pc(gpu("470.82.01", "8.6")), rows) == ["old", "new"]
    assert nearest(pc(gpu(None, "8.6")), rows) == ["old", "new"], "of a driver that is not known, the older"


def test_what_other_hardware_needs_is_further_than_what_a_driver_needs():
    rows = [
        cuda("other card", when={"driver": ">=470", "compute_capability": ">=9.0"}),
        cuda("other board", when={"architecture": "aarch64", "driver": ">=470"}),
        cuda("newer driver", when={"driver": ">=580"}),
    ]
    assert nearest(pc(gpu("470.82.01", "8.6")), rows)[0] == "newer driver"


def test_a_card_that_no_row_has_code_for_is_not_told_to_take_another_driver():
    rows = [cuda("a", when={"driver": ">=525", "compute_capability": ">=5.0"}, way_out="Install driver 525.")]
    told = refusal(pc(gpu("470.82.01", "3.5")), rows, accelerator="cuda")
    assert "the compute capability: 3.5; the row needs >=5.0" in told["reason"]
    assert "driver" not in told["way_out"] and "row for a build that you have for this hardware" in told["way_out"]
    told = refusal(pc(gpu("470.82.01", None)), rows, accelerator="cuda")
    assert "the driver: 470.82.01; the row needs >=525" in told["reason"] and told["way_out"] == "Install driver 525."


def test_an_option_that_would_satisfy_the_request_is_named_first():
    rows = [
        cpu("a", torch="==2.5.0"),
        cpu("b", torch=">=2.8,<2.11", option="role_index: true"),
        cpu("c", torch="==2.7.0", option="role_other: true"),
    ]
    told = refusal(pi("3.11.2", atomics=True), rows, version="2.9.1")
    assert told["way_out"] == (
        "role_index: true gives torch ==2.9.1 for the CPU. Available for this board: torch_version: '==2.5.0'."
    )
    assert {miss["row"]: miss["why"] for miss in told["nearly"]}["b"] == "it is used only with role_index: true"
    assert planned(pi("3.11.2", atomics=True), rows)["row"] == "a", "without the option, such a row is never used"
    known = {"id": "bad", "refuse": "It is bad.", "torch": "==2.9.1"}
    assert "role_index" not in refusal(pi("3.11.2", atomics=True), [*rows, known], version="2.9.1")["way_out"]


def test_an_option_serves_no_accelerator_that_is_not_usable():
    """A board with a card that only an option's row could serve has no row for it now."""
    rows = [cuda("a", option="role_index: true"), cpu("b")]
    made = planned(pc(gpu("580.65.06", "8.9")), rows)
    assert made["row"] == "b" and "the catalogue has no row for it" in " ".join(made["warnings"])


def test_a_python_of_the_board_that_would_do_is_named():
    board = pi("3.9.2", atomics=True)
    told = refusal(board, [cpu("a", python="==3.9.*")], python="3.12")
    assert "Without torch_python, Python 3.9.2 (/usr/bin/python3) gives torch >=2.6 for the CPU." in told["way_out"]
    assert "Without" not in refusal(board, [cpu("a", python="==3.10.*")], python="3.12")["way_out"]


def test_the_cpu_is_named_where_another_accelerator_is_asked_for():
    rows = [cuda("a", when={"driver": ">=525"}), cpu("b", torch=">=2.7")]
    told = refusal(pc(gpu("470.82.01", "8.6")), rows, accelerator="cuda")
    assert told["way_out"].endswith("torch_accelerator: cpu gives a CPU build of torch >=2.7.")
    assert "CPU" not in refusal(pc(gpu("470.82.01", "8.6")), rows, accelerator="cuda", version="2.6.0")["way_out"]


@pytest.mark.parametrize(
    ("row", "label"),
    [
        (cpu("a", sources=["configured"]), "cu128"),
        (cuda("a", sources=["https://example.org/cu130/+simple/"]), "cu128"),
        (cuda("a", provider="conda", channels=["https://example.org/c"], build="cuda", python=">=3.10,<3.13"), "cu128"),
        (cuda("a", provider="conda", channels=["https://example.org/c"], build="cuda", python=">=3.10,<3.13"), "ours"),
    ],
)
def test_a_label_that_no_build_of_the_row_has(row, label):
    told = refusal(pc(gpu("580.65.06", "8.9")), [row], version=f"2.9.1+{label}")
    assert f"it has no build +{label}, which torch_version names" in told["reason"]


@pytest.mark.parametrize(
    ("row", "label"),
    [
        (cuda("a", sources=["https://example.org/cu130/+simple/"]), "cu130"),
        (cuda("a", sources=["https://example.org/cu130", "configured"]), "cu128"),
        (cuda("a", sources=["https://example.org/simple"]), "cu128"),
        (cuda("a", sources=["https://example.org/cu130"]), "ours"),
        (cpu("a", sources=["configured"]), "cpu"),
        (cpu("a", sources=["configured"]), "cpu.cxx11.abi"),
    ],
)
def test_a_label_that_a_build_may_have(row, label):
    assert planned(pc(gpu("580.65.06", "8.9")), [row], version=f"2.9.1+{label}")["row"] == "a"


def test_explain_has_the_three_nearest_and_all_if_asked():
    rows = [cpu(f"row{minor}", when={"l4t": f"=={minor}.*"}) for minor in range(30, 39)]
    board = pi("3.11.2", key__l4t="36.4.3")
    made = planned(board, [row for row in rows if row["id"] != "row36"])
    told = explain(made, board)
    assert told[told.index("the nearest candidates:") + 1 :][:4] == [
        "  row37: the L4T release: 36.4.3; the row needs ==37.*",
        "  row38: the L4T release: 36.4.3; the row needs ==38.*",
        "  row35: the L4T release: 36.4.3; the row needs ==35.*",
        "other candidates: 5; -v lists them",
    ]
    assert len([line for line in explain(made, board, every_candidate=True) if line.startswith("  row")]) == 8


def test_a_newer_driver_that_would_do_is_named():
    rows = [
        cuda("new", torch=">=2.12", when={"driver": ">=580", "compute_capability": ">=7.5"}),
        cuda("newer", torch=">=2.12", when={"driver": ">=590"}),
        cuda("old", torch=">=2.11,<2.12", when={"driver": ">=525"}),
    ]
    told = refusal(pc(gpu("570.124.06", "12.0")), rows, version="2.12.0", accelerator="cuda")["way_out"]
    assert told == (
        "Driver 580 or later gives torch ==2.12.0 for CUDA. Available for this board: torch_version: '>=2.11,<2.12'."
    )
    assert "Driver" not in refusal(pc(gpu("570.1", "6.1")), rows[:1] + rows[2:], version="2.12.0")["way_out"]
    assert "Driver" not in refusal(pc(gpu(None, "12.0")), rows, version="2.12.0")["way_out"], "none is known to be old"


def test_an_offer_that_another_includes_is_not_listed():
    rows = [
        cpu("a", torch=">=2.6,<2.9"),
        cpu("b", torch=">=2.1,<2.11"),
        cpu("c", torch="==1.14.0"),
        cpu("d", torch="==2.7.0"),
    ]
    assert refusal(pi("3.11.2", atomics=True), rows, version="2.13.0")["way_out"] == (
        "Available for this board: torch_version: '>=2.1,<2.11' or torch_version: '==1.14.0'."
    )

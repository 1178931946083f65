# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person reads of a plan."""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.rows import PROVEN
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.explanation import PROVEN as IN_WORDS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.explanation import explain
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board

PI = board({"board": "Raspberry Pi 4", "atomics": True})  # the rows of all families do not limit it
OFFER = {
    "id": "a",
    "accelerator": "cpu",
    "torch": ">=2.6",
    "sources": ["configured"],
    "proven": "guess",
    "evidence": ["https://example.org/1"],
    "companions": {"torchvision": True},
    "why": "It fits.",
    "warning": "It is slow.",
    "packages": ["libopenblas0"],
    "groups": ["video"],
    "environment": {"OPENBLAS_CORETYPE": "ARMV8"},
    "modules": ["tensorrt"],
    "constraints": ["numpy<2"],
}


def told(rows, on=None, **asked):
    return explain(torch_plan(on or PI, rows, asked), on or PI)


def test_a_plan_in_words():
    lines = told([OFFER], companions=["torchvision"], environment={"A": "1"})
    assert (
        lines[0]
        == "board: Raspberry Pi 4 Model B Rev 1.4, raspberrypi, bcm2711, Debian GNU/Linux 12 (bookworm), aarch64, glibc"
        " 2.36, Python 3.11.2"
    )
    assert lines[1].startswith("board notes: This board is hypothetical")
    assert lines[2:8] == [
        "gets: torch >=2.6 for the CPU",
        "also installs:",
        "  torchvision",
        "  numpy",
        "constraints: numpy<2",
        "from: the package index of the control node's pip",
    ]
    text = "\n".join(lines)
    assert "Python: 3.11.2 (/usr/bin/python3), in a virtual environment\n" in text
    assert "system packages: libopenblas0\n" in text and "groups of the workload's user: video\n" in text
    assert "environment:\n  OPENBLAS_CORETYPE=ARMV8\n  A=1\n" in text
    assert "also verified:\n  import tensorrt\n  import torchvision\n" in text
    assert "  It fits.\n" in text and "warning: It is slow.\n" in text
    assert (
        "how far proven: guess, an inference from the evidence" in text
        and lines[-1] == "evidence: https://example.org/1"
    )


def test_a_label_an_index_and_the_systems_packages():
    text = "\n".join(
        told(
            [{**OFFER, "local": "cpu", "sources": ["https://download.pytorch.org/whl/cpu", "configured"]}],
            system_site_packages=True,
        )
    )
    assert "gets: torch >=2.6 labelled +cpu for the CPU\n" in text
    assert "from:\n  https://download.pytorch.org/whl/cpu\n  the package index of the control node's pip\n" in text
    assert "in a virtual environment that sees the system's packages\n" in text


def test_wheels_and_their_hashes():
    wheel = {"filename": "torch-1.10.0-cp311-cp311-linux_aarch64.whl", "url": "https://box.example/a.whl"}
    row = {**OFFER, "torch": "==1.10.0", "python": "==3.11.*", "wheels": [wheel]}
    text = "\n".join(told([row]))
    assert (
        "from: https://box.example/a.whl as torch-1.10.0-cp311-cp311-linux_aarch64.whl (no sha256 is published: pinned"
        " at the first use" in text
    )
    known = {**row, "wheels": [{**wheel, "sha256": "0" * 64}]}
    assert "linux_aarch64.whl (sha256 known)\n" in "\n".join(told([known]))


def test_conda_and_what_stands_in_for_it():
    row = {
        "id": "c",
        "accelerator": "cpu",
        "torch": ">=2.6",
        "python": ">=3.10,<3.14",
        "provider": "conda",
        "build": "cpu",
        "proven": "recorded",
        "channels": ["https://conda.example/forge"],
        "evidence": ["https://example.org/2"],
    }
    lines = told([row, OFFER])
    assert "from: conda packages (cpu build) of https://conda.example/forge" in lines
    assert any(line.startswith("Python: 3.13, itself a conda package; /usr/bin/python3 installs it") for line in lines)
    position = lines.index("if no channel answers:")
    assert lines[position + 1] == "  gets: torch >=2.6 for the CPU"


def test_what_must_be_built():
    build = {
        "features": {"cuda": False, "openmp": True, "mkldnn": False},
        "environment": {"CFLAGS": "-O2"},
        "packages": ["libopenblas-dev"],
    }
    row = {
        **{key: value for key, value in OFFER.items() if key != "sources"},
        "action": "build",
        "torch": "==2.6.0",
        "build": build,
    }
    row |= {"system_site_packages": True, "system": {"numpy": "python3-numpy"}}
    lines = told(
        [row],
        companions=["torchvision"],
        build_patches=[{"name": "neon", "text": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"}],
    )
    assert "must be compiled: torch ==2.6.0 for the CPU" in lines and not any(
        line.startswith("from:") for line in lines
    )
    position = lines.index("compiled:")
    assert lines[position + 1].startswith(
        "  torch 2.6.0 from https://github.com/pytorch/pytorch.git at v2.6.0; with openmp, numpy; without cuda,"
        " mkldnn; patched: neon; CFLAGS=-O2 BUILD_IGNORE_SVE_UNAVAILABLE=1; once for all boards with build id "
    )
    assert lines[position + 2].startswith(
        "  torchvision 0.21.0 from https://github.com/pytorch/vision.git at v0.21.0; CFLAGS=-O2"
        " BUILD_IGNORE_SVE_UNAVAILABLE=1; once "
    )
    position = lines.index("the builder needs:")
    assert lines[position + 1] == "  4096 MiB of memory and swap, 2048 MiB for each compiler, 16384 MiB on the disk"
    assert lines[position + 2].startswith("  the packages build-essential, ") and lines[position + 2].endswith(
        "libopenblas-dev, python3-numpy"
    )
    assert lines[position + 3] == (
        "  the wheels setuptools<75.9, typing-extensions>=4.10, wheel, pyyaml, numpy, six, packaging, filelock,"
        " fsspec, jinja2, networkx, sympy, setuptools<82, for the build only; the control node sends them"
    )
    assert "provided by system packages: numpy (python3-numpy)" in lines and "libopenblas-dev" not in next(
        line for line in lines if line.startswith("system p")
    )


def test_what_the_distribution_has_too_old_is_brought_for_the_build():
    row = {**{key: value for key, value in OFFER.items() if key != "sources"}, "action": "build", "torch": "==2.9.1"}
    lines = told([row], {**PI, "os": {**PI["os"], "id": "debian", "version_id": "12"}})
    line = lines[lines.index("the builder needs:") + 3]
    assert line.startswith("  the wheels setuptools") and ", cmake>=3.27, for the build only; " in line


def test_a_refusal_in_words():
    rows = [OFFER, {**OFFER, "id": "b", "when": {"os_id": "ubuntu"}}, {**OFFER, "id": "d", "when": {"os_id": "ubuntu"}}]
    lines = told(rows, version="2.5.1")
    text = "\n".join(lines)
    assert (
        "refused: torch 2.5.1 is not available for this board. Row a is closest: it gives torch >=2.6 for Python"
        " 3.11.2.\n" in text
    )
    assert "fix: Available for this board: torch_version: '>=2.6'.\n" in text
    assert "  b, d: the operating system: debian; the row needs ubuntu\n" in text
    assert "gets:" not in text


def test_what_is_not_usable_in_words():
    on = board(
        {
            "board": "PC",
            "unserved": [
                {"name": "Intel GPU", "where": "0000:00:02.0", "integrated": True},
                {"name": "AMD GPU", "where": "0000:03:00.0"},
            ],
            "signs": [{"name": "RTX 5090", "cause": "open-module", "why": "it needs\nthe open module"}],
        }
    )
    lines = told([OFFER], on)
    assert (
        lines[1]
        == "not usable: RTX 5090 (0000:01:00.0): it needs the open module. Install the driver with the open kernel"
        " module."
    )
    assert lines[2:5] == [
        "not used by PyTorch:",
        "  Intel GPU (0000:00:02.0, the processor's own graphics)",
        "  AMD GPU (0000:03:00.0)",
    ]
    warnings = [line for line in lines if "AMD GPU is at" in line or "Intel GPU is at" in line]
    assert (
        len(warnings) == 1 and "AMD GPU is at 0000:03:00.0; no PyTorch build of this collection uses it" in warnings[0]
    )


def test_a_board_of_an_older_report():
    on = {key: value for key, value in PI.items() if key not in ("signs", "unserved")}
    assert told([OFFER], on) == told([OFFER])


def test_a_board_of_no_family():
    on = {**PI, "family": None, "model": None, "pythons": []}
    lines = told([], on)
    assert lines[0].startswith("board: unknown model, unknown family, bcm2711") and lines[0].endswith("no Python")
    assert any(line.startswith("refused: Unsupported board: it matches no known family") for line in lines)


def test_the_day_on_which_evidence_was_read_is_told():
    row = {**OFFER, "checked": "2026-11-30", "evidence": ["https://example.org/1"]}
    assert "evidence, read on 2026-11-30: https://example.org/1" in told([row])
    assert "evidence: https://example.org/1" in told([{**row, "checked": None}])
    bad = {"id": "bad", "refuse": "It is bad.", "checked": "2026-11-29", "evidence": ["https://example.org/1"]}
    assert "evidence, read on 2026-11-29: https://example.org/1" in told([row, bad])
    assert "evidence, read on 2026-11-30" in "\n".join(told([row], version="0.4.0")), "of the closest row"


RUN = {"family": "raspberrypi", "os": "debian 12", "python": "3.11", "torch": "2.9.1", "how": "emulated", "by": "a/b"}
RAN = (
    "torch 2.9.1 on debian 12 with Python 3.11, family raspberrypi, in such a board's userland on an emulated core"
    " (a/b)"
)


@pytest.mark.parametrize(
    "torch, run, said",
    [
        ("==2.9.1", {}, f"emulated, this ran: {RAN}"),
        (">=2.6", {}, f"guess, another torch may be chosen than the one that ran: {RAN}"),
        ("==2.8.0", {}, f"guess, not run on such a board and system; this ran: {RAN}"),
        ("==2.9.1", {"os": "debian 13"}, f"guess, not run on such a board and system; this ran: {RAN}"),
    ],
)
def test_what_ran_is_told_from_what_did_not(torch, run, said):
    row = {**OFFER, "torch": torch, "ran": [{**RUN, **run}]}
    assert f"how far proven: {said.replace('debian 12', run.get('os', 'debian 12'))}" in told([row])


@pytest.mark.parametrize("proven", PROVEN)
def test_how_far_it_is_proven_is_always_told(proven):
    assert f"how far proven: {proven}, {IN_WORDS[proven]}" in told([{**OFFER, "proven": proven}])


def test_without_a_board_only_the_plan_is_told():
    assert explain(torch_plan(PI, [OFFER], {}))[0] == "gets: torch >=2.6 for the CPU"


@pytest.mark.parametrize("plan", [None, [], {"row": "x"}])
def test_a_thing_that_is_no_plan(plan):
    with pytest.raises(AnsibleFilterError, match="not a plan"):
        explain(plan)

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan: a golden table of real catalogues, and the engine's own behaviour on small ones."""

import copy
import json

import plan_support
import pytest
from ansible.errors import AnsibleError, AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.rows import kind_of, with_tables
from plan_support import BOARDS, gpu, pc, pi, validate

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CU126 = "https://download.pytorch.org/whl/cu126"
CU128 = "https://download.pytorch.org/whl/cu128"


def catalogue(family):
    """What a family offers for virtual environments; conda's rows have tests of their own."""
    return [row for row in plan_support.catalogue(family) if row.get("provider") != "conda"]


# board, what is asked for, row, Python, torch
GIVEN = [
    ("pi 4 bookworm", {}, "aarch64-no-lse", "3.11.2", ">=2.6,<2.11,!=2.6.0,!=2.10.*"),
    ("pi 4 bookworm", {"version": "2.9.1"}, "aarch64-no-lse", "3.11.2", "==2.9.1"),
    ("pi 4 bookworm", {"version": ">=2.6,<2.10"}, "aarch64-no-lse", "3.11.2", ">=2.6,<2.10,!=2.6.0"),
    ("pi 4 bookworm", {"version": ">=2.4,<2.6"}, "aarch64-no-lse", "3.11.2", ">=2.4,<2.6,!=2.4.0"),
    ("pi 4 bookworm", {"version": "2.0.0"}, "aarch64-no-lse", "3.11.2", "==2.0.0,!=2.0.0+cpu"),
    ("pi 4 bookworm", {"version": "2.12.0"}, "aarch64-no-lse-cpu-index", "3.11.2", "==2.12.0"),
    ("pi 4 bookworm", {"version": ">=2.11"}, "aarch64-no-lse-cpu-index", "3.11.2", ">=2.11"),
    (
        "pi 4 bookworm",
        {"companions": ["torchaudio", "torchvision"]},
        "aarch64-no-lse",
        "3.11.2",
        ">=2.6,<2.11,!=2.6.0,!=2.10.*",
    ),
    ("pi 4 bookworm", {"version": "2.4.0", "force": True}, "aarch64-no-lse", "3.11.2", "==2.4.0"),
    ("pi 4 bullseye", {}, "aarch64-no-lse", "3.9.2", ">=2.6,<=2.8.0,!=2.6.0"),
    ("pi 4 trixie", {}, "aarch64-no-lse", "3.13.5", ">=2.6,<2.11,!=2.6.0,!=2.10.*"),
    ("pi 4 buster", {}, "aarch64-python3.7", "3.7.3", ">=1.8,<=1.13.1,!=1.13.0"),
    ("pi 4 focal", {}, "aarch64-python3.8", "3.8.10", ">=1.8,<=2.4.1,!=1.13.0,!=2.0.0+cpu,!=2.1.0,!=2.4.0"),
    ("pi 4 bionic", {}, "aarch64-python3.6", "3.6.9", ">=1.8,<=1.10.2"),
    ("pi 4 two pythons", {}, "aarch64-no-lse", "3.9.2", ">=2.6,<=2.8.0,!=2.6.0"),
    ("pi 4 two pythons", {"version": "2.9.1"}, "aarch64-no-lse", "3.11.9", "==2.9.1"),
    ("pi 4 two pythons", {"python": "3.11"}, "aarch64-no-lse", "3.11.9", ">=2.6,<2.11,!=2.6.0,!=2.10.*"),
    (
        "pi 4 two pythons",
        {"python": "/opt/py/bin/python3"},
        "aarch64-no-lse",
        "3.11.9",
        ">=2.6,<2.11,!=2.6.0,!=2.10.*",
    ),
    ("pi 4 32 bit", {}, "raspberrypi-32-bit", "3.11.2", "==2.6.0"),
    ("pi 5 bookworm", {}, "aarch64-lse", "3.11.2", ">=2.6,<2.11"),
    ("pi 5 bookworm", {"version": "2.10.0"}, "aarch64-lse", "3.11.2", "==2.10.0"),
    ("pi 5 bookworm", {"version": "2.11.0"}, "aarch64-lse-cpu-index", "3.11.2", "==2.11.0"),
    ("pc", {}, "x86-cpu", "3.11.2", ">=2.6"),
    ("pc", {"version": "2.9.1"}, "x86-cpu", "3.11.2", "==2.9.1"),
    ("pc", {"version": "2.9.1+cpu"}, "x86-cpu", "3.11.2", "==2.9.1+cpu"),
    ("pc python 3.8", {}, "x86-cpu-python3.8", "3.8.10", ">=1.13,<=2.4.1"),
    ("pc ada 580", {}, "x86-cuda13", "3.11.2", ">=2.11,<2.16"),
    ("pc ada 580", {"version": "2.9.1"}, "x86-cuda12.8", "3.11.2", "==2.9.1"),
    ("pc ada 580", {"accelerator": "cpu"}, "x86-cpu", "3.11.2", ">=2.6"),
    ("pc ada 550", {"accelerator": "cuda"}, "x86-cuda12.8", "3.11.2", ">=2.8,<2.11"),
    ("pc ada 550", {"version": "2.7.1"}, "x86-cuda12.6-index", "3.11.2", "==2.7.1"),
    ("pc blackwell 570", {"version": "2.11.0"}, "x86-cuda12.8-index", "3.11.2", "==2.11.0"),
    ("pc volta 580", {}, "x86-cuda12.8", "3.11.2", ">=2.8,<2.11"),
    ("pc pascal 535", {}, "x86-cuda12.6-index", "3.11.2", ">=2.6,<2.16"),
    ("pc ada 470", {}, "x86-cuda11.8-index", "3.11.2", ">=2.0,<2.8"),
    ("pc ada 418", {}, "x86-cpu", "3.11.2", ">=2.6"),
    ("pc kepler 470", {}, "x86-cpu", "3.11.2", ">=2.6"),
    ("pc gpu without driver", {}, "x86-cpu", "3.11.2", ">=2.6"),
    ("pc two gpus", {}, "x86-cuda12.8", "3.11.2", ">=2.8,<2.11"),
]

# board, what is asked for, the reason, the way out (parts of them)
REFUSED = [
    (
        "pi 4 bookworm",
        {"version": "2.4.0"},
        "torch 2.4.0 dies with SIGILL at import on cores without LSE atomics",
        "2.3.1 or 2.4.1",
    ),
    ("pi 4 bookworm", {"version": "2.10.0"}, "torch 2.10.0 dies with SIGILL", "2.9.1, or for 2.11 and later"),
    ("pi 4 bookworm", {"version": "==2.10.*"}, "torch 2.10.0 dies with SIGILL", "2.9.1, or for 2.11 and later"),
    ("pi 4 bookworm", {"version": "2.0.0+cpu"}, "torch 2.0.0+cpu dies with SIGILL", "2.0.0 from PyPI"),
    (
        "pi 4 bookworm",
        {"version": "1.13.0", "python": "3.11"},
        "gives torch >=2.0 for Python 3.11.2",
        "torch_version: '>=2.0'",
    ),
    ("pi 4 bullseye", {"version": "1.13.0"}, "torch 1.13.0 dies with SIGILL in Conv2d", "1.12.1 or 1.13.1"),
    ("pi 4 bullseye", {"version": "2.9.1"}, "it gives torch >=1.8,<=2.8.0 for Python 3.9.2", "the newest: 2.8.0"),
    ("pi 4 trixie", {"version": "2.5.1"}, "it gives torch >=2.6 for Python 3.13.5", "torch_version: '>=2.6'"),
    (
        "pi 4 bionic",
        {"version": "2.9.1"},
        "torch 2.9.1 is not available",
        "torch_version: '>=1.8,<=1.10.2' (the newest: 1.10.2)",
    ),
    ("pi 4 bionic", {"version": ">=2"}, "it gives torch >=1.8,<=1.10.2 for Python 3.6.9", "the newest: 1.10.2"),
    (
        "pi 4 bookworm",
        {"accelerator": "cuda"},
        "is cuda, but this board has no such accelerator (seen: none)",
        "auto or cpu",
    ),
    (
        "pi 4 bookworm",
        {"python": "3.12"},
        "torch_python asks for 3.12; the row needs Python >=3.9; on the board: Python 3.11.2 (/usr/bin/python3)",
        "Python",
    ),
    (
        "pi 4 bookworm",
        {"python": "/usr/bin/python3.12"},
        "torch_python asks for /usr/bin/python3.12",
        "set torch_python to its path",
    ),
    (
        "pi 4 two pythons",
        {"version": "2.9.1", "python": "3.9"},
        "it gives torch >=1.8,<=2.8.0 for Python 3.9.2",
        "the newest: 2.8.0",
    ),
    ("pi 4 no python", {}, "on the board: no Python", "Install a Python"),
    ("pi zero", {}, "No wheel of torch exists for armv6l", "64-bit Raspberry Pi OS"),
    ("pi zero", {"force": True, "version": "2.9.1"}, "No wheel of torch exists for armv6l", "64-bit Raspberry Pi OS"),
    ("pi 4 alpine", {}, "No wheel of torch exists for musl", "container of a system with glibc"),
    (
        "pi 4 bookworm",
        {"companions": ["torchtext"]},
        "it has no torchtext; its companions are: torchvision, torchaudio",
        "",
    ),
    (
        "pi 4 bookworm",
        {"companions": ["torchaudio"], "version": ">=2.12"},
        "of no use without an NVIDIA GPU",
        "Ask for torch below 2.11",
    ),
    ("pc python 3.6", {}, "the row needs Python >=3.9; on the board: Python 3.6.15", "Install a Python >=3.9"),
    ("pc old glibc", {}, "the row needs Python ==3.8.*; on the board: Python 3.9.2", "Install a Python ==3.8.*"),
    (
        "pc",
        {"accelerator": "cuda"},
        "is cuda, but this board has no such accelerator (seen: none)",
        "auto or cpu",
    ),
    ("pc", {"accelerator": "npu"}, "is npu", "auto or cpu"),
    ("pc", {"version": "2.9.1+cu128"}, "it gives torch >=1.13 with the label +cpu", "torch_version: '>=1.13'"),
    ("pc ada 580", {"accelerator": "npu"}, "(seen: cuda (NVIDIA GPU, driver 580.65.06))", "auto or cpu"),
    ("pc ada 418", {"accelerator": "cuda"}, "the driver: 418.87.01; the row needs >=450", "driver 450 or later"),
    (
        "pc gpu without driver",
        {"accelerator": "cuda"},
        "the driver: not known; the row needs >=450",
        "driver 450 or later",
    ),
]


def planned(name, **asked):
    family = BOARDS[name]["family"]
    made = torch_plan(copy.deepcopy(BOARDS[name]), catalogue(family), asked)
    validate("plan", made)
    return made


@pytest.mark.parametrize(("name", "asked", "row", "python", "torch"), GIVEN)
def test_golden_plan(name, asked, row, python, torch):
    made = planned(name, **asked)
    assert made["refusal"] is None
    assert (made["row"], made["python"]["version"], made["torch"]["specifier"]) == (row, python, torch)
    assert made["target"] == {
        "architecture": BOARDS[name]["architecture"],
        "libc": BOARDS[name]["libc"]["version"],
        "python": python,
    }
    assert made["expect"] == made["accelerator"] and made["evidence"] and made["why"]


@pytest.mark.parametrize(("name", "asked", "reason", "way_out"), REFUSED)
def test_golden_refusal(name, asked, reason, way_out):
    made = planned(name, **asked)
    assert made["refusal"] and reason in made["refusal"]["reason"]
    assert way_out in made["refusal"]["way_out"]


def test_the_table_is_not_thin():
    assert len(GIVEN) >= 30 and len(REFUSED) >= 25
    assert {case[0] for case in GIVEN + REFUSED} == set(BOARDS)


def test_a_cpu_plan_forbids_cuda_packages():
    for name, _asked, row, _python, _torch in GIVEN:
        made = planned(name, **_asked)
        assert ("nvidia-*" in made["forbid"] and "triton" in made["forbid"]) == (
            made["accelerator"] == "cpu" and made["action"] == "install"
        ), row


def test_sources_and_labels():
    assert planned("pi 4 bookworm")["sources"] == ["configured"]
    assert planned("pi 4 bookworm")["torch"]["local"] is None
    assert (
        planned("pi 4 bookworm", version="2.12.0")["sources"],
        planned("pi 4 bookworm", version="2.12.0")["torch"]["local"],
    ) == ([CPU_INDEX], "cpu")
    assert (planned("pc")["sources"], planned("pc")["torch"]["local"]) == ([CPU_INDEX, "configured"], "cpu")
    assert (planned("pc pascal 535")["sources"][0], planned("pc pascal 535")["torch"]["local"]) == (CU126, "cu126")
    assert (
        planned("pc blackwell 570", version="2.11.0")["sources"][0],
        planned("pc blackwell 570", version="2.11.0")["torch"]["local"],
    ) == (CU128, "cu128")


def test_exclusions_are_explained():
    why = "\n".join(planned("pi 4 bookworm")["why"])
    assert "Without torch ==2.10.*: torch 2.10.0 dies with SIGILL" in why
    assert "Without torch >=2.11: PyPI's aarch64 builds" in why
    assert "2.4.0" not in why  # outside the range: nothing was excluded
    assert "Python 3.11.2 (/usr/bin/python3): the first on the board" in why
    assert "https://github.com/pytorch/pytorch/issues/176993" in planned("pi 4 bookworm")["evidence"]


def test_a_forced_refusal_is_kept_and_warned_of():
    made = planned("pi 4 bookworm", version="2.10.0", force=True)
    assert [refusal["row"] for refusal in made["forced"]] == ["torch-2.10-no-lse"]
    assert "https://github.com/pytorch/pytorch/issues/176993" in made["forced"][0]["evidence"]
    assert any("SIGILL" in warning for warning in made["warnings"])


def test_force_changes_nothing_where_nothing_is_refused():
    assert planned("pi 4 bookworm", force=True) == planned("pi 4 bookworm")
    assert planned("pi 4 bookworm", version="2.12.0", force=True) == planned("pi 4 bookworm", version="2.12.0")


def test_refusals_say_where_from_and_what_nearly_fitted():
    made = planned("pi 4 bookworm", version="2.4.0")
    assert made["evidence"] == ["https://github.com/pytorch/pytorch/issues/132032"]
    assert made["row"] is None and made["family"] == "raspberrypi"
    nearly = {miss["row"]: miss["why"] for miss in made["refusal"]["nearly"]}
    assert set(nearly) == {row["id"] for row in with_tables(catalogue("raspberrypi")) if kind_of(row) == "offer"}
    assert nearly["aarch64-lse"] == "LSE atomics of the CPU: no; the row needs yes"


def test_an_unused_gpu_is_warned_of():
    (warning,) = planned("pc ada 418")["warnings"]
    assert "cuda (NVIDIA GPU, driver 418.87.01) is unused" in warning and "needs >=450" in warning
    assert planned("pc ada 418", accelerator="cpu")["warnings"] == []
    assert planned("pc")["warnings"] == []


def test_conditions_on_an_accelerator_must_hold_for_the_same_one():
    two = pc(gpu("580.65.06", "3.5"), gpu("418.87.01", "8.6"))
    assert torch_plan(two, catalogue("x86_conda"), {})["accelerator"] == "cpu"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"family": None, "model": "Toaster"},
            "it matches no known family (model Toaster, soc bcm2711, architecture aarch64)",
        ),
        ({"state__problem": "/opt/edgeai/torch is a file"}, "torch_root cannot be used: /opt/edgeai/torch is a file"),
        (
            {"workload": {"name": "ghost", "exists": False, "uid": None, "groups": []}},
            "The user ghost (torch_user) does not exist",
        ),
    ],
)
def test_boards_that_no_catalogue_can_help(changes, reason):
    made = torch_plan(pi("3.11.2", **changes), catalogue("raspberrypi"), {})
    validate("plan", made)
    assert reason in made["refusal"]["reason"] and made["refusal"]["way_out"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"version": "latest"}, "torch_version is 'latest': it must be auto, a version such as 2.9.1, or a range"),
        ({"version": ""}, "torch_version is ''"),
        ({"version": "=2.9"}, "torch_version is '=2.9'"),
        ({"version": "===latest"}, "torch_version is '===latest'"),
        ({"version": ">=2.9,<2.8"}, "no version can satisfy that"),
        ({"version": 2.9}, "torch_version is 2.9: it must be a text; write it in quotes"),
        ({"accelerator": "gpu"}, "torch_accelerator is 'gpu': it must be one of auto, cuda, npu, cpu"),
        ({"python": "python3"}, "torch_python is 'python3'"),
        ({"exclude_newer": "soon"}, "torch_exclude_newer is 'soon': it must be a time span such as '14 days'"),
        ({"companions": ["torch==2.9"]}, "torch itself is asked for with torch_version"),
        ({"requirements": ["numpy <"]}, "torch_requirements has 'numpy <'"),
        ({"constraints": "numpy >"}, "torch_constraints has 'numpy >'"),
        ({"verison": "2.9.1"}, "unknown option 'verison'"),
        ({"catalogue": ["mine"]}, "torch_catalogue is ['mine']: it must be a list, each a mapping"),
        ({"mirrors": ["https://a.example"]}, "torch_mirrors is ['https://a.example']: it must be a mapping"),
        (
            {"mirrors": {"pypi": "https://a.example"}},
            "torch_mirrors has 'pypi': 'https://a.example', where 'pypi' is not a URL",
        ),
        ({"mirrors": {"https://a.example": "/srv/mirror"}}, "where '/srv/mirror' is not a URL"),
        ({"mirrors": {"https://a.example": None}}, "where None is not a URL"),
        ({"mirrors": {"https:///a": "https://b.example"}}, "where 'https:///a' is not a URL"),
        ({"trust_on_first_use": "perhaps"}, "torch_trust_on_first_use is 'perhaps': it must be true or false"),
        ("2.9.1", "The request must be a mapping"),
    ],
)
def test_wrong_requests(asked, message):
    with pytest.raises(AnsibleError) as caught:
        torch_plan(BOARDS["pi 4 bookworm"], catalogue("raspberrypi"), asked)
    assert message in str(caught.value)


def test_a_release_cool_down_is_a_reason_of_the_plan():
    made = planned("pi 4 bookworm", exclude_newer="2 weeks")
    assert made["exclude_newer"] == "14 days"
    assert any("more than 14 days before the lock is made (torch_exclude_newer)" in why for why in made["why"])
    without = planned("pi 4 bookworm")
    assert without["exclude_newer"] == "" and not any("torch_exclude_newer" in why for why in without["why"])


def test_a_kernel_of_jupyter_needs_ipykernel_once():
    made = planned("pi 4 bookworm", jupyter_kernel=True)
    assert made["jupyter_kernel"] and made["requirements"] == ["numpy", "ipykernel"] and "ipykernel" in made["modules"]
    assert any("torch_jupyter_kernel" in why for why in made["why"])
    own = planned("pi 4 bookworm", jupyter_kernel=True, requirements=["IPykernel>=6"])
    assert own["requirements"] == ["IPykernel>=6"]
    without = planned("pi 4 bookworm")
    assert not without["jupyter_kernel"] and "ipykernel" not in [*without["requirements"], *without["modules"]]


OFFER = {"id": "a", "accelerator": "cpu", "torch": ">=2"}


def test_a_thing_that_is_no_board():
    with pytest.raises(AnsibleFilterError, match=r"not a board .* pythons"):
        torch_plan({"family": "x"}, [OFFER], {})
    with pytest.raises(AnsibleFilterError, match="not a board"):
        torch_plan(None, [OFFER], {})


def test_what_rows_and_request_add():
    rows = [
        {
            **OFFER,
            "environment": {"A": "row", "B": "row"},
            "packages": ["libopenblas0"],
            "constraints": ["numpy<2"],
            "groups": ["video"],
        },
        {"id": "big pages", "when": {"page_size": ">4096"}, "warning": "16 KiB pages"},
        {
            "id": "debian",
            "when": {"os_id": ["debian", "ubuntu"]},
            "packages": ["libgomp1", "libopenblas0"],
            "environment": {"C": "debian"},
        },
    ]
    asked = {
        "environment": {"B": "asked"},
        "constraints": ["numpy<2", "pillow<12"],
        "requirements": ["einops"],
        "system_site_packages": True,
    }
    made = torch_plan(BOARDS["pi 5 bookworm"], rows, asked)
    validate("plan", made)
    assert made["environment"] == {"A": "row", "B": "asked", "C": "debian"}
    assert made["system_packages"] == ["libopenblas0", "libgomp1"] and made["groups"] == ["video"]
    assert (
        made["constraints"] == ["numpy<2", "pillow<12"]
        and made["requirements"] == ["einops"]
        and made["system_site_packages"] is True
    )
    assert made["warnings"] == ["16 KiB pages"]
    assert torch_plan(BOARDS["pi 4 bookworm"], rows, asked)["warnings"] == []


def test_the_better_accelerator_comes_first_whatever_the_order():
    rows = [
        OFFER,
        {"id": "npu", "accelerator": "npu"},
        {"id": "cuda", "accelerator": "cuda", "when": {"device": "*A10*"}},
    ]
    assert torch_plan(pc(gpu("580.1", "8.6", "NVIDIA A10")), rows, {})["row"] == "cuda"
    assert torch_plan(BOARDS["pc"], rows, {})["row"] == "a"


def test_an_empty_catalogue_refuses():
    assert (
        "has no row that gives torch 2.9.1" in torch_plan(BOARDS["pc"], [], {"version": "2.9.1"})["refusal"]["reason"]
    )


def test_the_same_again_and_nothing_touched():
    given, rows, asked = copy.deepcopy(BOARDS["pi 4 bookworm"]), catalogue("raspberrypi"), {"environment": {"A": "1"}}
    before = copy.deepcopy((given, rows, asked))
    first = torch_plan(given, rows, asked)
    first["environment"]["A"] = "changed"
    second = torch_plan(given, rows, asked)
    assert second["environment"] == {"A": "1"} and (given, rows, asked) == before
    assert json.loads(json.dumps(second)) == second

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what Jetsons have on the disk to what they get: the real detector, the real catalogue, the real engine."""

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.rows import PROVEN, check_catalogue
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.board import empty_board
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.engine import plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import option_specs
from board_support import FakeSystem, load  # noqa: E402

ROLE = Path(__file__).parents[5] / "roles" / "jetson"
VARS = {
    name: value
    for path in sorted((ROLE / "vars/main").glob("*.yml"))
    for name, value in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}
CATALOGUE, INDEX, TENSORRT = (VARS[f"__jetson_{name}"] for name in ("catalogue", "index", "with_tensorrt"))
DEFAULTS = {name.removeprefix("torch_"): spec.get("default", "") for name, spec in option_specs()["torch"].items()}
NVIDIA = ("https://developer.download.nvidia.com/compute/redist/jp/", "https://nvidia.box.com/shared/static/")


def made(board, release=None, extra=(), **request):
    description = load(board)
    if release:
        description["files"]["/etc/nv_tegra_release"] = (
            f"# {release}, GCID: 1, BOARD: generic, EABI: aarch64, DATE: x\n"
        )
    found = {**empty_board(), **collect(FakeSystem(description), "/opt/edgeai/torch")}
    return plan(found, [*CATALOGUE, *extra], {**DEFAULTS, **request})


@pytest.mark.parametrize(
    ("board", "row"),
    [
        ("jetson_nano", "jetson-jetpack4-1.10.0"),
        ("jetson_nano_32.7.4", "jetson-jetpack4-1.10.0"),
        ("jetson_tx2", "jetson-jetpack4-1.10.0"),
        ("jetson_tx2_nx", "jetson-jetpack4-1.10.0"),
        ("jetson_xavier_nx", "jetson-jetpack5.1-2.1.0"),
        ("jetson_agx_xavier", "jetson-jetpack5.1-2.1.0"),
        ("jetson_agx_orin_34.1.1", "jetson-jetpack5.0-1.13.0"),
        ("jetson_orin_nx_carrier", "jetson-jetpack6.0-2.4.0"),
        ("jetson_orin_nano", "jetson-jetpack6.1-2.5.0"),
        ("jetson_orin_nano_36.5.2", "jetson-jetpack6.1-2.5.0"),
        ("jetson_thor", "jetson-jetpack7-cu130"),
        ("jetson_thor_38.4", "jetson-jetpack7-cu130"),
    ],
)
def test_what_a_board_gets_by_itself(board, row):
    answer = made(board)
    assert (answer["refusal"], answer["row"], answer["expect"]) == (None, row, "cuda")
    assert "video" in answer["groups"]


@pytest.mark.parametrize(
    ("release", "row"),
    [
        ("R32 (release), REVISION: 2.1", "jetson-jetpack4.2-1.4.0"),
        ("R32 (release), REVISION: 4.2", "jetson-jetpack4.4dp-1.4.0"),
        ("R32 (release), REVISION: 4.3", "jetson-jetpack4-1.10.0"),
        ("R32 (release), REVISION: 9.9", "jetson-jetpack4-1.10.0"),
    ],
)
def test_releases_of_jetpack_4(release, row):
    assert made("jetson_nano", release)["row"] == row


@pytest.mark.parametrize(
    ("release", "row"),
    [
        ("R35 (release), REVISION: 1.0", "jetson-jetpack5.0.2-1.13.0"),
        ("R35 (release), REVISION: 6.4", "jetson-jetpack5.1-2.1.0"),
    ],
)
def test_releases_of_jetpack_5(release, row):
    assert made("jetson_xavier_nx", release)["row"] == row


@pytest.mark.parametrize(
    ("board", "request_", "words"),
    [
        # Where each board ends.
        ("jetson_tx2", {"version": "1.13.1"}, ["it gives torch ==1.10.0 for Python 3.6", "==1.10.0"]),
        ("jetson_xavier_nx", {"version": "2.5.0"}, ["it gives torch ==2.1.0 for Python 3.8", "==2.1.0"]),
        ("jetson_nano", {"version": "1.11.0"}, ["without LAPACK", "PEP 427", "Ask for torch 1.10.0"]),
        (
            "jetson_nano_focal",
            {},
            ["libmpi_cxx.so.20 of Open MPI 2", "torch_accelerator: cpu gives a CPU build"],
        ),
        ("jetson_orin_nano", {"version": "2.4.0"}, ["libcudnn.so.8 is missing", "Ask for torch 2.5.0"]),
        ("jetson_orin_nano", {"version": "2.9.1"}, ["it gives torch ==2.5.0 for Python 3.10"]),
        (
            "jetson_xavier_nx",
            {"companions": ["torchvision"], "build_policy": "never"},
            ["torchvision must be compiled, and torch_build_policy is never"],
        ),
        ("jetson_orin_nx_39", {"version": "2.9.1+cu128"}, ["the label +cu132", "torch_version: '>=2.9,<2.16'"]),
        ("jetson_thor", {"version": "2.10.0+cu128"}, ["label +cu130"]),
        (
            "jetson_without_compatible",
            {},
            ["there is no GPU device node", "torch_accelerator: cpu selects the CPU."],
        ),
    ],
)
def test_what_is_refused_and_the_way_out(board, request_, words):
    refusal = made(board, **request_)["refusal"]
    assert refusal
    for word in words:
        assert word in f"{refusal['reason']} {refusal['way_out']}"


@pytest.mark.parametrize(
    ("release", "words"),
    [
        ("R99 (release), REVISION: 1.0", ["newer than the catalogue", "torch_force"]),
        ("R28 (release), REVISION: 2.1", ["JetPack 3 and older"]),
    ],
)
def test_another_major_release_is_refused(release, words):
    refusal = made("jetson_orin_nano", release)["refusal"]
    for word in words:
        assert word in f"{refusal['reason']} {refusal['way_out']}"


@pytest.mark.parametrize("own", [{"sources": ["configured"]}, {"sources": ["https://download.pytorch.org/whl/cu130"]}])
def test_a_row_of_the_operators_own_does_not_get_cuda_13_on_jetpack_6(own):
    row = {"id": "mine", "accelerator": "cuda", "torch": ">=2.0", "python": ">=3.6", **own}
    refusal = made("jetson_orin_nano", version="2.12.0", catalogue=[row])["refusal"]
    assert "CUDA 13" in refusal["reason"]


def test_a_row_of_the_operators_own_does_not_get_cuda_12_on_thor():
    row = {
        "id": "mine",
        "accelerator": "cuda",
        "torch": ">=2.0",
        "python": ">=3.6",
        "sources": ["https://download.pytorch.org/whl/cu128"],
    }
    nearly = {
        entry["row"]: entry["why"]
        for entry in made("jetson_thor", version="2.7.1", catalogue=[row])["refusal"]["nearly"]
    }
    assert "compute capability 11.0" in nearly["mine"]


def test_cudnn_that_someone_has_changed_decides():
    assert made("jetson_orin_nx_carrier")["row"] == "jetson-jetpack6.0-2.4.0"
    description = load("jetson_orin_nx_carrier")
    description["files"]["/usr/lib/aarch64-linux-gnu/libcudnn.so.9.3.0"] = ""
    found = {**empty_board(), **collect(FakeSystem(description), "/x")}
    assert "has been given cuDNN 9" in plan(found, CATALOGUE, DEFAULTS)["refusal"]["reason"]


def test_what_the_board_lacks_is_brought():
    assert {"cuda-libraries-10-2", "libcudnn8", "cuda-nvtx-10-2"} <= set(made("jetson_nano_32.7.4")["system_packages"])
    assert "libcudnn8" not in made("jetson_nano")["system_packages"]
    assert "nvidia-jetpack" in made("jetson_agx_orin_34.1.1")["system_packages"]  # no cuDNN
    answer = made("jetson_orin_nano")
    assert "nvidia-jetpack" not in answer["system_packages"]
    assert "cuda-keyring" in answer["warnings"][0]  # the CUDA repository that someone has left there


def test_a_lock_does_not_change_with_what_was_brought():
    # The names of a plan's files are a part of its lock's key.
    for board in ("jetson_orin_nano", "jetson_orin_nano_36.5.2"):  # with cuSPARSELt, and without
        assert [file["filename"] for file in made(board)["files"]] == ["cuda-keyring_1.1-1_all.deb"]
    assert made("jetson_orin_nx_carrier")["files"] == made("jetson_thor")["files"] == []


def test_the_cuda_repository_that_is_there_is_used_and_not_added():
    description = load("jetson_orin_nano")
    for path in [path for path in description["files"] if "cusparse" in path]:
        del description["files"][path]
    found = {**empty_board(), **collect(FakeSystem(description), "/x")}
    answer = plan(found, CATALOGUE, DEFAULTS)
    assert "libcusparselt0" in answer["system_packages"]


@pytest.mark.parametrize(
    ("board", "version", "row"),
    [
        ("jetson_nano", "auto", "jetson-cpu-python3.6"),
        ("jetson_nano_focal", "auto", "jetson-cpu-python3.8"),
        ("jetson_xavier_nx", "auto", "jetson-cpu-python3.8"),
        ("jetson_orin_nano", "auto", "jetson-cpu-lse"),
        ("jetson_orin_nano", "2.12.0", "jetson-cpu-index"),
        ("jetson_orin_nx_39", "auto", "jetson-cpu-lse"),
        ("jetson_nano_32.7.4", "auto", "jetson-cpu-python3.6"),
    ],
)
def test_the_cpu_for_who_asks(board, version, row):
    answer = made(board, accelerator="cpu", version=version)
    assert (answer["row"], answer["expect"], answer["groups"], answer["files"]) == (row, "cpu", [], [])
    assert not {"nvidia-jetpack", "cuda-libraries-10-2"} & set(answer["system_packages"])


def test_the_community_index_is_for_what_nvidia_does_not_have():
    assert made("jetson_orin_nano", extra=INDEX)["row"] == "jetson-jetpack6.1-2.5.0"
    for request in ({"version": "2.9.1"}, {"companions": ["torchaudio"]}):
        answer = made("jetson_orin_nano", extra=INDEX, **request)
        assert (answer["row"], answer["constraints"]) == ("jetson-index-jetpack6", ["numpy<2"])
        assert "different wheels under the same name" in answer["warnings"][0]
    assert made("jetson_thor", extra=INDEX)["row"] == "jetson-jetpack7-cu130"
    assert made("jetson_xavier_nx", extra=INDEX, version="2.9.1")["refusal"]


def test_tensorrt_is_a_module_to_prove():
    answer = made("jetson_orin_nano", extra=TENSORRT)
    assert (answer["modules"], "python3-libnvinfer" in answer["system_packages"]) == (["tensorrt"], True)
    assert answer["system_site_packages"]


def test_rows_beside_the_catalogue_are_sound():
    check_catalogue([*CATALOGUE, *INDEX, *TENSORRT])
    for row in INDEX:
        assert row["proven"] in PROVEN and row["evidence"]


def test_numpy_stays_below_2_with_every_wheel_of_nvidias():
    rows = [row for row in CATALOGUE if "wheels" in row]
    assert len(rows) > 15
    for row in rows:
        assert row["constraints"] in (["numpy<1.19.5"], ["numpy<2"]), row["id"]
        assert ("OPENBLAS_CORETYPE" in row.get("environment", {})) == (row["python"] == "==3.6.*"), row["id"]


def test_wheels_are_from_where_nvidia_puts_them_and_have_their_names():
    wheels = {
        wheel["filename"]: wheel["url"]
        for row in CATALOGUE
        for wheel in row.get("wheels", [])
        if wheel["filename"].startswith("torch-")
    }
    for filename, url in wheels.items():
        assert url.startswith(NVIDIA), filename
        assert re.search(r"-cp3(6-cp36m|8-cp38|10-cp310)-linux_aarch64\.whl$", filename)
        # The file server hides the name, the others have it.
        assert url.endswith(f"/{filename}") != url.startswith(NVIDIA[1])

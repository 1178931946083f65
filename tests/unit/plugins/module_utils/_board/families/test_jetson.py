# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Jetson says about itself: release files as recorded on boards and as broken ones, device trees of all
makers.
"""

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import jetson_software
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board.families import jetson
from board_support import FakeSystem, load

RELEASE = "/etc/nv_tegra_release"
COMPATIBLE = "/sys/firmware/devicetree/base/compatible"
PACKAGE = "dpkg-query -W -f=${db:Status-Status} ${Version} nvidia-l4t-core"
R36 = (
    "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64, DATE: Wed Jan  8 01:51:37 UTC"
    " 2025\n"
)


def detect(board):
    return jetson.Detector().detect(FakeSystem(board))


def orin(**files):
    board = load("jetson_orin_nano")
    for path, text in files.items():
        board["files"][{"release": RELEASE, "compatible": COMPATIBLE}[path]] = text
    return board


def with_release(text, package=None):
    board = orin(release=text)
    if text is None:
        del board["files"][RELEASE]
    if package:
        board["commands"][PACKAGE] = [0, package, ""]
    return board


@pytest.mark.parametrize(
    ("text", "package", "l4t", "warning"),
    [
        (R36, None, "36.4.3", None),
        (R36 + "# KERNEL_VARIANT: oot\nTARGET_USERSPACE_LIB_DIR=nvidia\n", None, "36.4.3", None),
        (R36.replace("\n", "\r\n"), None, "36.4.3", None),
        (R36 + R36, None, "36.4.3", None),
        (
            (
                "# R39 (release), REVISION: 2.0, GCID: 45755727, BOARD: generic, EABI: aarch64, DATE: Mon Jun  1"
                " 09:28:48 PM UTC 2026\n"
            ),
            None,
            "39.2.0",
            None,
        ),
        ("# R99 (release), REVISION: 1.0, GCID: 1, BOARD: generic, EABI: aarch64, DATE: x\n", None, "99.1.0", None),
        (None, "installed 36.4.4-20250616085344", "36.4.4", None),
        (None, None, None, "neither /etc/nv_tegra_release nor the package nvidia-l4t-core"),
        # Removed, but not purged: the package is not there.
        (
            None,
            "config-files 36.4.4-20250616085344",
            None,
            "neither /etc/nv_tegra_release nor the package nvidia-l4t-core",
        ),
        ("", None, None, 'does not name a release ("")'),
        ("", "installed 36.4.3-20250107174145", "36.4.3", "36.4.3 from the package nvidia-l4t-core is used"),
        # Cut off: a revision that is not followed by anything may lack its end.
        ("# R36 (release), REVIS", None, None, 'does not name a release ("# R36 (release), REVIS")'),
        (
            "# R36 (release), REVISION: 4",
            "installed 36.4.3-20250107174145",
            "36.4.3",
            "36.4.3 from the package nvidia-l4t-core is used",
        ),
        ("\x00\x00\x7fELF\x02", None, None, "does not name a release"),
        (
            R36 + R36.replace("4.3", "4.4"),
            None,
            "36.4.3",
            "names several releases (36.4.3, 36.4.4): 36.4.3 is used, the first of them",
        ),
        (
            R36 + R36.replace("4.3", "4.4"),
            "installed 36.4.4-2025",
            "36.4.4",
            "36.4.4 is used, as the package nvidia-l4t-core has it",
        ),
        (R36 + R36.replace("4.3", "4.4"), "installed 36.4.7-2025", "36.4.3", "the first of them"),
    ],
)
def test_release(text, package, l4t, warning):
    found = detect(with_release(text, package))
    assert found["key"] == {"l4t": l4t}
    warnings = [
        said for said in found["warnings"] if "ships with Ubuntu" not in said and "kernel of another L4T" not in said
    ]
    if warning:
        assert any(warning in said for said in warnings), warnings
    else:
        assert warnings == []


def test_a_good_release_file_costs_no_child_process():
    system = FakeSystem(load("jetson_orin_nano"))
    jetson.Detector().detect(system)
    assert system.started == []


@pytest.mark.parametrize(
    ("compatible", "module", "board_id", "soc", "name", "capability"),
    [
        (
            ["nvidia,p3768-0000+p3767-0005-super", "nvidia,p3767-0005", "nvidia,tegra234"],
            "p3767-0005",
            "p3768-0000+p3767-0005-super",
            "tegra234",
            "Jetson Orin Nano",
            "8.7",
        ),
        (
            ["nvidia,p3509-0000+p3767-0001", "nvidia,p3767-0001", "nvidia,tegra234"],
            "p3767-0001",
            "p3509-0000+p3767-0001",
            "tegra234",
            "Jetson Orin NX",
            "8.7",
        ),
        (
            ["nvidia,p3737-0000+p3701-0008", "nvidia,p3701-0008", "nvidia,tegra234"],
            "p3701-0008",
            "p3737-0000+p3701-0008",
            "tegra234",
            "Jetson AGX Orin",
            "8.7",
        ),
        (
            ["nvidia,p3449-0000+p3668-0003", "nvidia,tegra194"],
            "p3668-0003",
            "p3449-0000+p3668-0003",
            "tegra194",
            "Jetson Xavier NX",
            "7.2",
        ),
        (
            ["nvidia,galen-industrial", "nvidia,jetson-xavier-industrial", "nvidia,tegra194"],
            None,
            None,
            "tegra194",
            "Jetson Xavier",
            "7.2",
        ),
        (
            ["nvidia,p2771-0888", "nvidia,p3489-0000", "nvidia,tegra186"],
            "p3489-0000",
            "p2771-0888",
            "tegra186",
            "Jetson TX2",
            "6.2",
        ),
        (["nvidia,lightning", "nvidia,tegra186"], None, None, "tegra186", "Jetson TX2", "6.2"),
        (
            ["nvidia,p2371-2180", "nvidia,jetson-cv", "nvidia,tegra210"],
            "p2371-2180",
            "p2371-2180",
            "tegra210",
            "Jetson TX1",
            "5.3",
        ),
        (
            ["nvidia,p3971-0050+p3834-0005", "nvidia,tegra264"],
            "p3834-0005",
            "p3971-0050+p3834-0005",
            "tegra264",
            "Jetson Thor",
            "11.0",
        ),
        (
            ["nvidia,p3971-0080+p3834-0008", "nvidia,tegra26x"],
            "p3834-0008",
            "p3971-0080+p3834-0008",
            "tegra264",
            "Jetson Thor",
            "11.0",
        ),
        # A carrier of another maker: its own entry, or NVIDIA's module behind it.
        (
            ["maker,board", "nvidia,p3767-0003", "nvidia,tegra234", "maker,behind"],
            "p3767-0003",
            "p3767-0003",
            "tegra234",
            "Jetson Orin Nano",
            "8.7",
        ),
        (["maker,board", "nvidia,tegra234"], None, None, "tegra234", "Jetson Orin", "8.7"),
        (
            ["nvidia,p9999-0000+p9998-0000", "nvidia,tegra999"],
            "p9998-0000",
            "p9999-0000+p9998-0000",
            "tegra999",
            "Jetson",
            None,
        ),
    ],
)
def test_module(compatible, module, board_id, soc, name, capability):
    found = detect(orin(compatible="\0".join(compatible) + "\0"))
    (gpu,) = found["accelerators"]
    assert (found["module"], found["board_id"], found["soc"], gpu["name"], gpu["compute_capability"]) == (
        module,
        board_id,
        soc,
        name,
        capability,
    )
    assert [said for said in found["warnings"] if "the SoC of this Jetson is unknown" in said] == found["warnings"]
    assert bool(found["warnings"]) == (capability is None)


@pytest.mark.parametrize("compatible", ["raspberrypi,5-model-b\0brcm,bcm2712\0", "rockchip,rk3588\0", "nvidia,gb10\0"])
def test_what_is_no_jetson(compatible):
    board = orin(compatible=compatible)
    board["files"]["/sys/firmware/devicetree/base/model"] = "Some Board\0"
    assert detect(board) is None


def test_a_container_on_a_jetson_sees_no_device_tree():
    board = orin(compatible="")
    del board["files"]["/sys/firmware/devicetree/base/model"]
    found = detect(board)
    assert (found["model"], found["soc"], found["key"], found["platform"]["cuda"]) == (
        "Jetson",
        None,
        {"l4t": "36.4.3"},
        "12.6",
    )
    assert found["accelerators"][0]["compute_capability"] is None
    assert found["warnings"] == [
        "the SoC of this Jetson is unknown (compatible: none), and so is its compute capability"
    ]
    del board["files"][RELEASE]
    assert detect(board)["key"] == {"l4t": None}, "its kernel is NVIDIA's"
    board["release"] = "6.11.0-1016-nvidia"
    assert detect(board) is None, "a DGX Spark"


@pytest.mark.parametrize(
    ("product", "soc", "capability"),
    [
        ("NVIDIA Jetson Xavier NX Developer Kit", "tegra194", "7.2"),
        ("NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super", "tegra234", "8.7"),
        ("NVIDIA IGX Orin Development Kit", "tegra234", "8.7"),
        ("NVIDIA Jetson AGX Thor Developer Kit", "tegra264", "11.0"),
    ],
)
def test_a_container_on_a_jetson_sees_its_firmware(product, soc, capability):
    board = orin(compatible="")
    del board["files"]["/sys/firmware/devicetree/base/model"], board["files"][RELEASE]
    board["release"] = "6.8.0-1021-generic"
    board["files"]["/sys/class/dmi/id/product_name"] = product + "\n"
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["model"], found["soc"]) == ("jetson", product, soc)
    assert found["accelerators"][0]["compute_capability"] == capability
    assert not [warning for warning in found["warnings"] if "SoC" in warning]


@pytest.mark.parametrize(
    "release", ["5.10.104-tegra", "6.8.12-tegra", "5.15.136-rt-tegra", "5.10.120-l4t-r35.4.ga+g1a2b"]
)
def test_a_container_on_a_jetson_by_its_kernel(release):
    board = orin(compatible="")
    del board["files"]["/sys/firmware/devicetree/base/model"], board["files"][RELEASE]
    board["release"] = release
    assert collect(FakeSystem(board), "/opt/x")["family"] == "jetson"
    board["machine"] = "x86_64"
    board["commands"]["dpkg --print-architecture"] = [0, "amd64\n", ""]
    assert collect(FakeSystem(board), "/opt/x")["family"] == "x86_conda", "an emulated userland"


@pytest.mark.parametrize(
    ("release", "kernel", "warned"),
    [
        ("# R35 (release), REVISION: 4.1,", "5.15.148-tegra", True),
        ("# R36 (release), REVISION: 2.0,", "5.10.104-tegra", True),
        ("# R36 (release), REVISION: 4.3,", "5.15.148-tegra", False),
        ("# R36 (release), REVISION: 4.3,", "6.6.31-custom", False),  # JetPack 6 takes kernels of others
        ("# R32 (release), REVISION: 7.4,", "4.9.337-tegra", False),
        ("# R39 (release), REVISION: 2.0,", "6.8.12-tegra", False),
    ],
)
def test_the_kernel_of_another_l4t(release, kernel, warned):
    board = orin(release=release)
    board["release"] = kernel
    said = [warning for warning in detect(board)["warnings"] if "kernel of another L4T" in warning]
    assert bool(said) is warned
    if warned:
        assert kernel in said[0] and "an image of the host's L4T" in said[0]


CHROMEBOOK = ("google,nyan-big", "google,nyan", "nvidia,tegra124")


@pytest.mark.parametrize(
    ("model", "compatible", "family"),
    [
        ("NVIDIA Jetson TX1 Developer Kit", ("nvidia,p2371-2180", "nvidia,tegra210"), "jetson"),
        ("NVIDIA Tegra124 Jetson TK1", ("nvidia,jetson-tk1", "nvidia,tegra124"), "jetson"),
        ("Maker's carrier", ("maker,carrier", "nvidia,p3448-0002", "nvidia,tegra210"), "jetson"),
        ("Maker's carrier", ("maker,carrier", "nvidia,tegra194"), "jetson"),
        ("Acer Chromebook 13 CB5-311", CHROMEBOOK, "generic"),
        ("Google Pixel C", ("google,smaug", "nvidia,tegra210"), "generic"),
        ("NVIDIA Shield TV", ("nvidia,p2894-0050-a08", "nvidia,darcy", "nvidia,tegra210"), "generic"),
        ("NVIDIA Tegra132 Norrin", ("nvidia,norrin", "nvidia,tegra132", "nvidia,tegra124"), "generic"),
        ("Toradex Apalis TK1", ("toradex,apalis-tk1", "nvidia,tegra124"), "generic"),
    ],
)
def test_not_every_tegra_is_a_jetson(model, compatible, family):
    board = orin(compatible="".join(entry + "\0" for entry in compatible))
    board["files"]["/sys/firmware/devicetree/base/model"] = model + "\0"
    release = board["files"].pop(RELEASE)
    assert collect(FakeSystem(board), "/opt/x")["family"] == family
    board["files"][RELEASE] = release
    assert collect(FakeSystem(board), "/opt/x")["family"] == "jetson", "L4T runs on it"


@pytest.mark.parametrize(
    ("names", "version"),
    [
        (["libcudnn.so", "libcudnn.so.9", "libcudnn.so.9.3.0", "libcudnn_ops.so.9.3.1"], "9.3.0"),
        (["libcudnn.so.8", "libcudnn.so.8.6.0", "libcudnn.so.8.10.0", "libcudnn.so.8.9.4"], "8.10.0"),
        (["libcudnn.so.9"], "9"),
        (["libcudnn.so.9.3.0.dpkg-new", "libcudnn.so.", "xlibcudnn.so.9"], None),
    ],
)
def test_version_of_a_library(names, version):
    board = orin()
    for path in [path for path in board["files"] if "libcudnn" in path]:
        del board["files"][path]
    board["files"].update(("/usr/lib/aarch64-linux-gnu/" + name, "") for name in names)
    assert detect(board)["platform"]["cudnn"] == version


@pytest.mark.parametrize(
    ("path", "text", "cuda"),
    [
        ("version.json", '{"cuda": {"version": "12.6.20241114"}}', "12.6"),
        ("version.json", '{"cuda": {"version": null}}', None),
        ("version.json", '{"cuda"', None),
        ("version.json", "[]", None),
        ("version.txt", "CUDA Version 10.2.300\n", "10.2"),
        ("version.txt", "CUDA Version\n", None),
        ("lib64/libcudart.so.11.4.298", "", "11.4"),
        ("lib64/libcudart.so.12", "", None),
    ],
)
def test_cuda(path, text, cuda):
    board = orin()
    del board["files"]["/usr/local/cuda/version.json"]
    board["files"]["/usr/local/cuda/" + path] = text
    assert detect(board)["platform"]["cuda"] == cuda


def test_power_modes():
    modes = jetson_software.parse_power_modes(
        load("jetson_orin_nano")["files"]["/etc/nvpmodel.conf"]
        + "< POWER_MODEL ID=x NAME=Y >\n< POWER_MODEL NAME=Z >\n"
    )
    assert modes == {0: "15W", 1: "25W", 2: "MAXN_SUPER", 3: "7W"}
    board = orin()
    for status, name in (("pmode:0001 fmode:quiet\n", "25W"), ("pmode:0009", None), ("", None), ("pmode:", None)):
        board["files"]["/var/lib/nvpmodel/status"] = status
        assert detect(board)["platform"]["power_mode"] == name


def test_groups_are_those_of_the_nodes():
    board = load("jetson_orin_nano")
    board["node_groups"] = {"/dev/nvmap": "root", "/dev/dri/renderD128": "gpu"}
    assert detect(board)["accelerators"][0]["groups"] == ["gpu"]


def test_a_jetson_without_a_device_node_of_its_gpu():
    board = orin()
    for path in [path for path in board["files"] if path.startswith(("/dev/nv", "/dev/dri"))]:
        del board["files"][path]
    board["files"]["/dev/dri/renderD128"] = ""  # the display's
    found = detect(board)
    assert found["accelerators"] == []
    (sign,) = found["signs"]
    assert (sign["kind"], sign["name"], sign["compute_capability"], sign["cause"]) == (
        "cuda",
        "Jetson Orin Nano",
        "8.7",
        "no-nodes",
    )
    assert "container" not in sign["fix"]
    board["files"]["/.dockerenv"] = ""
    assert "--runtime nvidia" in detect(board)["signs"][0]["fix"]


def test_nodes_that_are_closed_to_this_user_are_no_fault():
    board = orin()
    board["closed"] = [path for path in board["files"] if path.startswith("/dev/")]
    found = detect(board)
    assert len(found["accelerators"]) == 1 and found["signs"] == []


@pytest.mark.parametrize("node", ["/dev/nvhost-gpu", "/dev/nvgpu/igpu0/ctrl", "/dev/nvidia0"])
def test_any_node_of_the_gpu_counts(node):
    board = orin()
    for path in [path for path in board["files"] if path.startswith("/dev/nv")]:
        del board["files"][path]
    board["files"][node] = ""
    assert len(detect(board)["accelerators"]) == 1


def test_every_major_release_is_in_both_tables():
    assert set(release.split(".")[0] for release in jetson_software.JETPACK_OF_L4T) == set(
        jetson_software.UBUNTU_OF_L4T
    )

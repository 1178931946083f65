# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the keys of rows, the board's own knowledge and the request do to a plan; on small catalogues, of families that
do not exist.
"""

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.conda_specs import solver_specs
from plan_support import board, gpu, pi, planned, system

VENDOR = "https://developer.vendor.example/redist"
WHEEL = "torch-2.5.0a0+872d972e41.nv24.08-cp310-cp310-linux_aarch64.whl"
VISION = "torchvision-0.20.0-cp310-cp310-linux_aarch64.whl"
HASH = "a" * 64
PYNQ_PATH = "/usr/local/share/pynq-venv/lib/python3.10/site-packages"


def wheel(filename, sha256=None):
    return {
        "filename": filename,
        "url": f"{VENDOR}/v61/{filename.replace('+', '%2B')}",
        **({"sha256": sha256} if sha256 else {}),
    }


def jet(*devices, version="3.10.12", **changes):
    """A board with one accelerator."""
    return board(
        "jet",
        "aarch64",
        system(version),
        accelerators=list(devices or [gpu("540.4.0", "8.7", "Orin", "12.6", ["video"])]),
        **changes,
    )


def with_conda(*pythons, devices=(), **changes):
    return board(
        "pc",
        "x86_64",
        list(pythons) or system("3.11.2"),
        accelerators=list(devices),
        **{"kernel__release": "6.1.0-18-amd64", **changes},
    )


GPU_ROW = {
    "id": "jet-2.5",
    "accelerator": "cuda",
    "torch": "==2.5.0",
    "python": "==3.10.*",
    "wheels": [wheel(WHEEL), wheel(VISION, HASH.upper())],
    "companions": {"torchvision": True},
    "constraints": ["numpy<2"],
}
CPU_ROW = {"id": "jet-cpu", "accelerator": "cpu", "asked": True, "torch": ">=2.6,<2.11", "python": ">=3.9"}
PLAIN = {"id": "plain", "accelerator": "cpu", "torch": ">=2"}


# --- wheels


def test_wheels():
    made = planned(jet(), [GPU_ROW])
    assert (made["row"], made["provider"], made["torch"]) == (
        "jet-2.5",
        "venv",
        {"specifier": "==2.5.0", "local": None},
    )
    assert made["wheels"] == [{"filename": WHEEL, "url": wheel(WHEEL)["url"], "sha256": None}]
    assert made["why"][0] == f"Row jet-2.5 (guess): cuda, torch ==2.5.0, from {wheel(WHEEL)['url']}."
    assert made["sources"] == ["configured"]  # for all that is not torch
    both = planned(jet(), [GPU_ROW], companions=["TorchVision"])
    assert both["wheels"] == [made["wheels"][0], {"filename": VISION, "url": wheel(VISION)["url"], "sha256": HASH}]


@pytest.mark.parametrize("version", ["2.5.0", "2.5", ">=2.4,<2.6", "2.5.0a0+872d972e41.nv24.08", "2.5.0a0"])
def test_a_wheel_is_asked_for_by_its_nominal_or_its_whole_version(version):
    made = planned(jet(), [GPU_ROW], version=version)
    assert made["refusal"] is None and made["torch"]["specifier"].startswith("==2.5")
    assert made["wheels"][0]["filename"] == WHEEL


@pytest.mark.parametrize("version", ["2.5.1", "2.5.0a0+b465a5843b.nv24.09", "!=2.5.0", ">2.5.0"])
def test_another_version_than_the_wheels(version):
    made = planned(jet(), [GPU_ROW], version=version)
    assert "it gives torch ==2.5.0 for Python 3.10.12" in made["refusal"]["reason"]
    assert "Available for this board: torch_version: '==2.5.0'" in made["refusal"]["way_out"]


def test_a_wheel_is_for_its_python():
    refusal = planned(jet(version="3.8.10"), [GPU_ROW])["refusal"]
    assert (
        "the row needs Python ==3.10.*; on the board: Python 3.8.10" in refusal["reason"]
        and "Install a Python ==3.10.*" in refusal["way_out"]
    )


def test_what_has_no_hash_is_told_with_the_way():
    row = {
        **GPU_ROW,
        "files": [
            {"filename": "keyring.deb", "url": "file:///srv/keyring.deb"},
            {"filename": "b.deb", "url": f"{VENDOR}/b.deb", "sha256": HASH},
        ],
    }
    told = [sentence for sentence in planned(jet(), [row])["why"] if "no hash" in sentence]
    assert told == [
        (
            f"developer.vendor.example publishes no hash for {WHEEL}: set torch_trust_on_first_use: true once, or add"
            " a pin to pins.json."
        ),
        (
            "file:///srv/keyring.deb publishes no hash for keyring.deb: set torch_trust_on_first_use: true once, or"
            " add a pin to pins.json."
        ),
    ]
    made = planned(jet(), [row], trust_on_first_use=True)
    assert made["trust_on_first_use"] is True
    assert f"no hash for {WHEEL}: torch_trust_on_first_use is true, so the first download is pinned." in "\n".join(
        made["why"]
    )


def test_what_is_known_to_be_bad_of_a_source_is_not_of_a_wheel_from_elsewhere():
    bad = {"id": "bad", "refuse": "it is bad", "torch": "==2.5.0", "sources": ["configured"]}
    assert planned(jet(), [bad, GPU_ROW])["refusal"] is None
    for place in (VENDOR, f"{VENDOR}/v61/", wheel(WHEEL)["url"]):
        assert planned(jet(), [{**bad, "sources": [place]}, GPU_ROW])["refusal"]["reason"] == "it is bad"
    assert planned(jet(), [{**bad, "sources": [f"{VENDOR}/v6"]}, GPU_ROW])["refusal"] is None


# --- rows for who asks, and rows to build


def test_rows_that_are_only_for_who_asks():
    assert planned(jet(), [CPU_ROW, GPU_ROW])["row"] == "jet-2.5"
    asked = planned(jet(), [CPU_ROW, GPU_ROW], accelerator="cpu")
    assert (asked["row"], asked["warnings"]) == ("jet-cpu", [])
    refusal = planned(jet(), [CPU_ROW, GPU_ROW], version="2.9.1")["refusal"]
    assert refusal["way_out"].endswith("torch_accelerator: cpu gives a CPU build of torch ==2.9.1.")
    assert {"row": "jet-cpu", "why": "it is used only with torch_accelerator: cpu"} in refusal["nearly"]
    assert (
        "torch_accelerator: cpu" not in planned(jet(), [CPU_ROW, GPU_ROW], version="3.0")["refusal"]["way_out"]
    )  # it has none either


def test_the_way_to_a_row_for_who_asks_is_told_beside_a_known_bad_one():
    bad = {"id": "bad", "accelerator": "cuda", "torch": "==2.5.0", "refuse": "it is bad", "way_out": "Take another."}
    refusal = planned(jet(), [bad, GPU_ROW, CPU_ROW])["refusal"]
    assert (
        refusal["way_out"]
        == "Take another. torch_force: true goes ahead regardless. torch_accelerator: cpu gives a CPU build of torch"
        " >=2.6,<2.11,!=2.6.0,!=2.10.*."
    )
    assert planned(jet(), [bad, GPU_ROW, CPU_ROW], force=True)["forced"][0]["row"] == "bad"
    blanket = {"id": "all", "refuse": "nothing runs here", "way_out": "Take another board."}
    assert planned(jet(), [blanket, GPU_ROW, CPU_ROW])["refusal"]["way_out"] == "Take another board."


def test_what_must_be_built():
    made = planned(jet(), [{**PLAIN, "action": "build", "system_site_packages": True}])
    assert (made["action"], made["system_site_packages"]) == ("build", True)


# --- conditions


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"jetpack": ">=6,<7"}, None),
        ({"jetpack": ">=7"}, "jetpack: 6.2; the row needs >=7"),
        ({"chip": ["310P3", "310B*"]}, None),
        ({"chip": ["310P3", "910*"]}, "chip: 310B4; the row needs 310P3 or 910*"),
        ({"zram": True, "overlays": False}, None),
        ({"zram": False}, "zram: yes; the row needs no"),
        ({"overlays": True}, "overlays: no; the row needs yes"),
        ({"firmware": True}, "firmware: not known; the row needs yes"),
        ({"firmware": False}, None),
        ({"firmware": "*"}, "firmware: not known; the row needs *"),
        ({"firmware": ">=1"}, "firmware: not known; the row needs >=1"),
        ({"elsewhere": True}, "elsewhere: not known; the row needs yes"),
        ({"cores": "4"}, None),
        ({"cores": ">4"}, "cores: 4; the row needs >4"),
        ({"form": ">=3"}, "form: card; the row needs >=3"),  # no version
    ],
)
def test_conditions_on_the_platform(wanted, why):
    has = {
        "jetpack": "6.2",
        "chip": "310B4",
        "form": "card",
        "zram": True,
        "overlays": False,
        "firmware": None,
        "cores": 4,
    }
    made = planned(jet(platform=has), [{**PLAIN, "when": {"platform": wanted}}])
    assert (made["refusal"] and made["refusal"]["nearly"]) == (why and [{"row": "plain", "why": why}])


def test_a_typo_in_a_name_of_the_platform_is_an_error():
    row = {**PLAIN, "when": {"platform": {"jetpak": False}}}
    with pytest.raises(
        AnsibleFilterError,
        match="Row 'plain' .* asks for 'jetpak' of the platform, which no jet board has; did you mean jetpack?",
    ):
        torch_plan(jet(platform={"jetpack": None}), [row], {})
    assert planned(jet(), [row])["refusal"] is None  # a family that is forced on a board has no platform


def test_of_two_conditions_the_second_is_the_nearer_miss():
    rows = [
        {**PLAIN, "id": "near", "when": {"architecture": "aarch64", "platform": {"a": "x", "b": "y"}}},
        {**PLAIN, "id": "far", "when": {"architecture": "aarch64", "platform": {"a": "z", "b": "y"}}},
    ]
    assert "Row near is closest: b: not known" in planned(jet(platform={"a": "x"}), rows)["refusal"]["reason"]


def test_conditions_on_family_and_cuda():
    rows = [
        {**PLAIN, "id": "other", "when": {"family": "atl*"}},
        {"id": "new", "accelerator": "cuda", "when": {"cuda": ">=12.6"}},
        PLAIN,
    ]
    assert planned(jet(), rows)["row"] == "new"
    old = planned(jet(gpu("525.1", "8.7", cuda="12.0")), rows)
    assert old["row"] == "plain" and "the newest CUDA of the driver: 12.0; the row needs >=12.6" in old["warnings"][0]
    assert planned(jet(gpu("525.1", "8.7")), rows)["row"] == "plain"
    # Both conditions must hold for one and the same.
    two = jet(gpu("525.1", "8.7", "A", "12.0"), gpu("580.1", "5.0", "B", "13.0"))
    row = {"id": "one", "accelerator": "cuda", "when": {"cuda": ">=12.6", "compute_capability": ">=8"}}
    assert planned(two, [row, PLAIN])["row"] == "plain"


# --- what the board and its rows add


def test_groups_are_those_of_the_accelerators_that_are_used():
    npu = {**gpu(None, None, "310B4", groups=["HwHiAiUser"]), "kind": "npu"}
    rows = [{**PLAIN, "groups": ["render"]}, {"id": "gpu", "accelerator": "cuda", "groups": ["render", "video"]}]
    assert planned(jet(gpu("1", "8.7", groups=["video", "jtop"]), npu), rows)["groups"] == ["video", "jtop", "render"]
    assert planned(jet(), rows, accelerator="cpu")["groups"] == ["render"]


def test_the_nearer_to_the_user_the_stronger_is_a_variable():
    rows = [
        {**PLAIN, "environment": {"B": "row", "C": "row", "D": "row"}},
        {"id": "more", "environment": {"C": "addition", "D": "addition"}},
    ]
    made = planned(
        jet(variables={"A": "board", "B": "board", "C": "board", "D": "board"}), rows, environment={"D": "asked"}
    )
    assert made["environment"] == {"A": "board", "B": "row", "C": "addition", "D": "asked"}


def test_an_addition_may_be_for_some_plans_only():
    rows = [
        {**PLAIN, "action": "build"},
        {"id": "compiler", "plan": {"action": "build"}, "packages": ["cmake"]},
        {"id": "gpu", "plan": {"accelerator": "cuda"}, "warning": "hot"},
        {"id": "any", "packages": ["git"]},
    ]
    made = planned(jet(), rows)
    assert made["system_packages"] == ["cmake", "git"] and "hot" not in made["warnings"]
    assert planned(jet(), [PLAIN, *rows[1:]])["system_packages"] == ["git"]


def test_packages_of_the_system_are_there_for_its_own_python_only():
    own = jet(provided={"numpy": "1.21.5"})
    assert planned(own, [PLAIN], system_site_packages=True)["provided"] == {"numpy": "1.21.5"}
    own["pythons"][0]["path"] = "/opt/python/bin/python3.10"
    made = planned(own, [PLAIN], system_site_packages=True)
    assert (made["provided"], made["requirements"]) == ({}, ["numpy"])


def test_files_modules_and_requirements_of_rows():
    rows = [
        {**PLAIN, "files": [wheel("a.deb", HASH)], "modules": ["acl"], "requirements": ["torch-npu==2.5.1", "numpy"]},
        {
            "id": "more",
            "files": [wheel("b.deb", HASH), wheel("a.deb")],
            "modules": ["tensorrt", "acl"],
            "requirements": ["pyyaml"],
        },
    ]
    made = planned(jet(), rows, requirements=["numpy", "einops"])
    assert [entry["filename"] for entry in made["files"]] == ["a.deb", "b.deb"] and {
        entry["sha256"] for entry in made["files"]
    } == {HASH}
    assert made["modules"] == ["acl", "tensorrt"]
    assert made["requirements"] == ["torch-npu==2.5.1", "numpy", "pyyaml", "einops"]


def test_what_the_board_provides_is_not_installed_again():
    given = jet(paths=[PYNQ_PATH], provided={"NumPy": "1.21.5", "pynq": "3.0.1"})
    made = planned(given, [{**PLAIN, "requirements": ["pynq"]}], requirements=["numpy>=1.20", "einops"])
    assert (made["paths"], made["provided"], made["requirements"]) == (
        [PYNQ_PATH],
        {"numpy": "1.21.5", "pynq": "3.0.1"},
        ["einops"],
    )
    assert "numpy>=1.20 is not installed: the preinstalled numpy 1.21.5 satisfies it." in made["why"]
    refusal = planned(given, [PLAIN], requirements=["numpy>=2"])["refusal"]
    assert "numpy>=2 is required, but the preinstalled numpy 1.21.5 must not be replaced" in refusal["reason"]
    assert "Require a numpy that includes 1.21.5, or leave it out of torch_requirements." == refusal["way_out"]


def test_what_the_environment_does_not_see_is_installed():
    apart = jet(provided={"numpy": "1.21.5"})
    assert (planned(apart, [PLAIN])["provided"], planned(apart, [PLAIN])["requirements"]) == ({}, ["numpy"])
    assert planned(apart, [PLAIN], system_site_packages=True)["provided"] == {"numpy": "1.21.5"}
    assert planned(apart, [{**PLAIN, "system_site_packages": True}])["requirements"] == []
    added = planned(apart, [PLAIN, {"id": "more", "system_site_packages": True}])
    assert (added["requirements"], added["system_site_packages"]) == ([], True)


def test_packages_for_another_python_stay_out():
    given = jet(version="3.11.2", paths=[PYNQ_PATH, "/opt/vendor/python"], provided={"numpy": "1.21.5"})
    made = planned(given, [PLAIN], accelerator="cpu")
    assert made["paths"] == ["/opt/vendor/python"]
    assert made["warnings"] == [f"{PYNQ_PATH} is not in the environment: it belongs to another Python, not 3.11.2."]
    assert planned(jet(version="3.11.2", paths=[PYNQ_PATH], provided={"numpy": "1.21.5"}), [PLAIN])["provided"] == {}


# --- conda

FORGE = "https://conda.example/forge"
CONDA_GPU = {
    "id": "conda-gpu",
    "accelerator": "cuda",
    "provider": "conda",
    "channels": [FORGE],
    "build": "cuda",
    "torch": ">=2.4",
    "python": ">=3.10,<3.14",
    "by_python": {"3.10": "<2.11", "3.11": "", "3.12": "", "3.13": ">=2.5"},
    "when": {"cuda": ">=12"},
}
CONDA_CPU = {**CONDA_GPU, "id": "conda-cpu", "accelerator": "cpu", "build": "cpu", "when": {}}
VENV_CPU = {**PLAIN, "id": "venv-cpu", "sources": ["https://index.example/cpu"]}
CONDA_ROWS = [CONDA_GPU, CONDA_CPU, VENV_CPU]


def test_a_conda_environment_brings_its_own_python():
    made = planned(with_conda(("/usr/bin/python3", "3.8.10"), ("/opt/python", "3.11.2")), CONDA_ROWS)
    assert (made["row"], made["provider"], made["sources"]) == ("conda-cpu", "conda", [])
    assert made["python"] == {"path": "/opt/python", "version": "3.13"}
    assert made["target"] == {"architecture": "x86_64", "libc": "2.36", "python": "3.13"}
    assert made["conda"] == {
        "channels": [FORGE],
        "build": "cpu",
        "virtual": {"cuda": None, "glibc": "2.36", "linux": "6.1.0"},
    }
    assert "Python 3.13: the newest that fits this torch; 3.11.2 (/opt/python) creates the environment." in made["why"]
    assert f"torch >=2.5, from {FORGE}." in made["why"][0]


@pytest.mark.parametrize(
    ("asked", "python"),
    [
        ({"python": "3.12"}, "3.12"),
        ({"python": "3"}, "3.13"),
        ({"version": "2.4.1"}, "3.12"),
        ({"version": "2.4.1", "python": "3.10"}, "3.10"),
    ],
)
def test_the_python_of_a_conda_environment(asked, python):
    assert planned(with_conda(), CONDA_ROWS, **asked)["target"]["python"] == python


def test_cuda_from_conda():
    devices = [gpu("550.1", "8.6", cuda="12.4"), gpu("550.1", "8.9", cuda="12.10"), gpu("470.1", "8.6", cuda="11.4")]
    made = planned(with_conda(devices=devices), CONDA_ROWS)
    assert (made["row"], made["conda"]["virtual"]["cuda"]) == ("conda-gpu", "12.10")
    # A CPU build on purpose knows of no CUDA.
    assert planned(with_conda(devices=devices), CONDA_ROWS, accelerator="cpu")["conda"]["virtual"]["cuda"] is None


def test_what_stands_in_for_conda():
    made = planned(with_conda(), CONDA_ROWS)
    assert made["otherwise"]["row"] == "venv-cpu" and made["otherwise"]["otherwise"] is None
    assert made["otherwise"] == planned(with_conda(), [VENV_CPU])
    assert planned(with_conda(), [CONDA_GPU, CONDA_CPU])["otherwise"] is None  # conda is insisted on
    assert (
        planned(with_conda(), CONDA_ROWS, version="2.5", python="3.12")["otherwise"] is None
    )  # no such Python on the board
    assert planned(with_conda(), [VENV_CPU])["otherwise"] is None


@pytest.mark.parametrize(
    ("pythons", "asked", "why", "way_out"),
    [
        (
            system("3.9.2"),
            {},
            "creating a conda environment needs a Python >=3.10 on the board; there is: 3.9.2 (/usr/bin/python3)",
            "Install a Python >=3.10 on",
        ),
        (
            system("3.11.2"),
            {"python": "/opt/python"},
            "torch_python is the path /opt/python, but a conda environment has its own Python (3.13, 3.12,",
            "Set torch_python to a version, such as '3.13'.",
        ),
        (
            system("3.11.2"),
            {"python": "3.14"},
            "torch_python asks for 3.14; the row has 3.13, 3.12, 3.11, 3.10",
            "Ask for torch_python: '3.13'.",
        ),
        (
            system("3.11.2"),
            {"python": "3.12.4"},
            "torch_python asks for 3.12.4; the row has 3.13,",
            "Ask for torch_python: '3.13'.",
        ),
        (
            system("3.11.2"),
            {"python": "3.13", "version": "2.4.1"},
            "it gives torch >=2.5 for Python 3.13",
            "torch_version: '>=2.5'",
        ),
    ],
)
def test_refusals_of_conda(pythons, asked, why, way_out):
    refusal = planned(with_conda(*pythons), [CONDA_CPU], **asked)["refusal"]
    assert why in refusal["reason"] and way_out in refusal["way_out"]


def test_conda_sees_nothing_of_the_boards_packages():
    given = with_conda(paths=[PYNQ_PATH], provided={"numpy": "1.21.5"}, variables={"A": "board"})
    made = planned(given, [CONDA_CPU], system_site_packages=True)
    assert (made["paths"], made["provided"], made["requirements"], made["system_site_packages"]) == (
        [],
        {},
        ["numpy"],
        False,
    )
    assert made["environment"] == {"A": "board"}


# --- mirrors


def test_mirrors():
    rows = [{**GPU_ROW, "sources": [f"{VENDOR}/simple", "configured"], "files": [wheel("a.deb", HASH)]}]
    mirrors = {VENDOR: "https://mirror.example/vendor/", f"{VENDOR}/v61/": "file:///srv/v61"}
    made = planned(jet(), rows, mirrors=mirrors)
    assert made["sources"] == ["https://mirror.example/vendor/simple", "configured"]
    assert (
        made["wheels"][0]["url"] == f"file:///srv/v61/{WHEEL.replace('+', '%2B')}"
        and made["files"][0]["url"] == "file:///srv/v61/a.deb"
    )
    assert made["mirrors"] == mirrors
    assert VENDOR in made["why"][0] and f"developer.vendor.example publishes no hash for {WHEEL}" in "\n".join(
        made["why"]
    )
    mirrors = {"https://conda.example": "https://proxy.example/conda", "https://index.example": "https://proxy.example"}
    conda = planned(with_conda(), CONDA_ROWS, mirrors=mirrors)
    assert conda["conda"]["channels"] == ["https://proxy.example/conda/forge"]
    assert conda["otherwise"]["sources"] == ["https://proxy.example/cpu"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x/y", "https://m.example/y"),
        ("https://a.example/x", "https://m.example"),
        ("https://a.example/x?q", "https://m.example?q"),
        ("https://a.example/xy", "https://a.example/xy"),
        ("https://a.example.org/x/y", "https://a.example.org/x/y"),
    ],
)
def test_a_mirror_stands_in_for_whole_parts_of_a_path(url, expected):
    assert planned(jet(), [{**PLAIN, "sources": [url]}], mirrors={"https://a.example/x/": "https://m.example/"})[
        "sources"
    ] == [expected]


def test_known_bad_sources_are_the_vendors_also_behind_a_mirror():
    bad = {"id": "bad", "refuse": "it is bad", "torch": ">=2", "sources": ["https://a.example"]}
    rows = [bad, {**PLAIN, "sources": ["https://a.example"]}]
    assert planned(jet(), rows, mirrors={"https://a.example": "https://m.example"})["refusal"]["reason"] == "it is bad"


# --- the operator's own rows


def test_rows_of_the_operator():
    own = [{**GPU_ROW, "id": "mine", "python": "==3.10.*"}, {**PLAIN, "torch": "==2.9.1"}]
    made = planned(jet(), [PLAIN, CPU_ROW], catalogue=own)
    assert made["row"] == "mine"
    assert (
        "Row plain of torch_catalogue replaces the collection's." in made["why"]
        and "Row mine of torch_catalogue is new." in made["why"]
    )
    assert planned(jet(), [PLAIN, CPU_ROW], catalogue=own, accelerator="cpu")["torch"]["specifier"] == "==2.9.1"


def test_an_id_that_nearly_is_that_of_a_row():
    made = planned(jet(), [PLAIN], catalogue=[{**PLAIN, "id": "plian"}])
    assert "Row plian of torch_catalogue is new; did you mean plain?" in made["why"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"id": "plain", "torch": "==2.9.1"},
            "Row 'plain' of torch_catalogue has 'torch', which it cannot have; addition rows (without",
        ),
        ({**PLAIN, "sorces": []}, "Row 'plain' of torch_catalogue has the unknown key 'sorces'; did you mean sources?"),
        (
            {**PLAIN, "when": {"architectur": "x"}},
            "Row 'plain' of torch_catalogue has the unknown condition 'architectur'; did you mean architecture?",
        ),
    ],
)
def test_a_typo_in_a_row_of_the_operator(row, message):
    with pytest.raises(AnsibleFilterError) as caught:
        torch_plan(jet(), [PLAIN], {"catalogue": [row]})
    assert message in str(caught.value)


# --- versions of vendors, and which row is nearest


@pytest.mark.parametrize(
    "cann, fits",
    [
        ("8.0.RC2", True),
        ("8.0.RC2.alpha001", True),
        ("8.0.rc2.20", True),
        ("8.0.RC3.alpha001", False),
        ("8.0.0.beta1", False),
        ("V100R001", False),
        (None, False),
    ],
)
def test_a_build_of_a_cann_counts_as_the_release(cann, fits):
    made = planned(jet(key__cann=cann), [{**CPU_ROW, "asked": False, "when": {"cann": "==8.0rc2"}}])
    assert bool(made["row"]) is fits
    if not fits:
        assert f"the CANN release: {cann or 'not known'};" in made["refusal"]["reason"]


def test_the_whole_name_of_a_cann_is_a_condition_too():
    row = {**CPU_ROW, "asked": False, "when": {"cann_build": ["*alpha*", "*beta*"]}}
    assert planned(jet(key__cann="8.0.RC2.alpha001"), [row])["row"]
    assert not planned(jet(key__cann="8.0.RC2"), [row])["row"]


@pytest.mark.parametrize(
    "cann, nearest",
    [("8.1.0", "8.5.0"), ("8.6.0", "9.0.0"), ("6.0.1", "7.0.0"), ("9.9.0", "9.0.0"), ("8.0.RC2.alpha001", "8.5.0")],
)
def test_the_nearest_row_wants_the_next_newer_version_and_an_older_one_only_if_there_is_no_newer(cann, nearest):
    rows = [
        {**CPU_ROW, "asked": False, "id": f"cann{version}", "when": {"cann": f"=={version}"}}
        for version in ("9.0.0", "8.5.0", "7.0.0")
    ]
    assert f"Row cann{nearest} is closest" in planned(jet(key__cann=cann), rows)["refusal"]["reason"]


# --- what nobody knows of a board


UNSURE = {"id": "unsure", "when": {"soc": "tegra234"}, "refuse": "No code for it.", "torch": ">=2.12"}


def test_a_known_bad_row_on_an_unknown_fact_narrows_or_warns():
    rows = [{"id": "a", "accelerator": "cpu", "torch": ">=2.11"}, UNSURE]
    assert planned(pi("3.11.2", atomics=True, soc=None), rows)["torch"]["specifier"] == ">=2.11,<2.12"
    made = planned(pi("3.11.2", atomics=True, soc=None), rows, version="2.13.0")
    assert made["warnings"] == ["This may hold here, as nobody knows the SoC (tegra234): No code for it."]
    other = planned(pi("3.11.2", atomics=True, soc="bcm2712"), rows)
    assert other["torch"]["specifier"] == ">=2.11" and not other["warnings"]
    assert planned(pi("3.11.2", atomics=True, soc="tegra234"), rows, version="2.13.0")["refusal"]


def test_what_a_detector_did_not_find_is_not_unknown():
    rows = [{"id": "a", "accelerator": "cpu", "torch": ">=2.11"}, {**UNSURE, "when": {"platform": {"cudnn": "<9"}}}]
    assert planned(pi("3.11.2", atomics=True), rows)["torch"]["specifier"] == ">=2.11"


def test_a_warning_that_depends_on_an_unknown_fact_is_given():
    rows = [{"id": "a", "accelerator": "cpu"}, {"id": "b", "when": {"soc": "tegra234"}, "warning": "Beware."}]
    assert planned(pi("3.11.2", soc=None), rows)["warnings"] == [
        "This may hold here, as nobody knows the SoC (tegra234): Beware."
    ]
    assert planned(pi("3.11.2", soc="bcm2711"), rows)["warnings"] == []


@pytest.mark.parametrize("sources", [["https://example.org/cu132", "configured"], ["configured"]])
def test_a_refusal_of_pypi_says_nothing_of_a_build_with_a_label(sources):
    bad = {"id": "bad", "refuse": "PyPI's builds fail.", "sources": ["configured"]}
    row = {"id": "a", "accelerator": "cpu", "torch": ">=2.12", "sources": sources}
    assert planned(pi("3.11.2", atomics=True), [row, bad])["refusal"]
    assert planned(pi("3.11.2", atomics=True), [{**row, "local": "cu132"}, bad])["row"] == "a"


# --- modules of the system's Python, and stated releases


BOTH = [("/usr/bin/python3.12", "3.12.3"), ("/usr/local/bin/python3.10", "3.10.14")]
TENSORRT = {"id": "trt", "system_python": True, "system_site_packages": True, "modules": ["tensorrt"]}


def test_a_module_of_the_system_needs_its_own_python():
    row = {"id": "a", "accelerator": "cpu", "torch": ">=2.12"}
    on = board("raspberrypi", "aarch64", BOTH[::-1], cpu__atomics=True)
    assert planned(on, [row])["python"]["version"] == "3.10.14"
    assert planned(on, [row, TENSORRT])["python"]["version"] == "3.12.3"
    refusal = planned(on, [row, TENSORRT], python="3.10")["refusal"]
    assert (
        "trt needs the system's own Python 3.12.3 (/usr/bin/python3.12); torch_python asks for 3.10"
        in refusal["reason"]
    )
    refusal = planned(on, [{**row, "python": "==3.10.*"}, TENSORRT])["refusal"]
    assert "; the row needs Python ==3.10.*" in refusal["reason"]
    conda = {**row, "provider": "conda", "channels": ["https://example.org/c"], "build": "cpu", "python": "==3.12.*"}
    assert "a conda environment has its own" in planned(on, [conda, TENSORRT])["refusal"]["reason"]
    alone = board("raspberrypi", "aarch64", BOTH[1:], cpu__atomics=True)
    assert "the board has none in /usr/bin" in planned(alone, [row, TENSORRT])["refusal"]["reason"]


def test_a_release_is_stated_only_where_none_is_measured():
    rows = [{"id": "a", "accelerator": "cpu", "when": {"l4t": "==36.*"}}, {"id": "own", "states": {"l4t": "36.4.3"}}]
    made = planned(pi("3.11.2", atomics=True), rows)
    assert made["row"] == "a" and "L4T 36.4.3 is stated (own), not measured." in made["warnings"]
    measured = planned(pi("3.11.2", atomics=True, key__l4t="36.5.0"), rows)
    assert "own states L4T 36.4.3; the board has 36.5.0, which counts." in measured["warnings"]
    assert planned(pi("3.11.2", atomics=True, key__l4t="35.1.0"), rows)["refusal"]
    assert planned(pi("3.11.2", atomics=True, key__l4t="36.4.3"), rows)["warnings"] == []


def test_an_addition_for_a_requested_package():
    rows = [
        {"id": "a", "accelerator": "cpu"},
        {"id": "b", "plan": {"requirement": "Onnx_Runtime"}, "warning": "Beware."},
    ]
    assert planned(pi("3.11.2", atomics=True), rows)["warnings"] == []
    made = planned(pi("3.11.2", atomics=True), rows, requirements=["onnx-runtime>=1.20"])
    assert made["warnings"] == ["Beware."]


def test_conda_packages_that_are_more_than_a_name():
    row = {"id": "a", "accelerator": "cpu", "provider": "conda", "channels": ["https://example.org/c"], "build": "cpu"}
    made = planned(pi("3.11.2", atomics=True), [{**row, "python": "==3.12.*", "specs": ["arm-variant * tegra"]}])
    assert made["conda"]["specs"] == ["arm-variant * tegra"]
    assert "arm-variant * tegra" in solver_specs(made)[0]

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be compiled for a board, by plan: which release, with what, and under which key."""

import pytest
from ansible.errors import AnsibleError
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.packaging_shim import SpecifierSet, Version
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.torch_releases import (
    RELEASES,
    companion_of,
    release_within,
)
from plan_support import board, gpu, planned, system

# What the row says, and what is true of every 32-bit build.
OFF = {"cuda": False, "distributed": False, "mkldnn": False, "xnnpack": False, "numpy": True}
ROW = {
    "id": "built",
    "accelerator": "cpu",
    "action": "build",
    "torch": ">=1.8",
    "build": {"features": OFF, "packages": ["libopenblas-dev"]},
    "companions": {"torchvision": True, "torchaudio": True},
    "packages": ["libopenblas0"],
}
WHEEL_ROW = {"id": "wheel", "accelerator": "cpu", "torch": ">=2.6,<2.11"}
PATCH = {"name": "neon", "text": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"}


def zynq(version="3.11.2", **changes):
    return board("pynq", "armv7l", system(version), **changes)


def made(on=None, row=None, **asked):
    plan = planned(on or zynq(), [row or ROW], **asked)
    assert not plan["refusal"], plan["refusal"]
    return plan


def torch(on=None, row=None, **asked):
    return made(on, row, **asked)["builds"][0]


def refusal(on=None, row=None, **asked):
    return planned(on or zynq(), row if isinstance(row, list) else [row or ROW], **asked)["refusal"]


def test_what_is_compiled():
    plan = made(version="2.6.0")
    assert (plan["action"], plan["torch"], plan["wheels"], plan["system_packages"]) == (
        "build",
        {"specifier": "==2.6.0", "local": None},
        [],
        ["libopenblas0"],
    )
    (build,) = plan["builds"]
    assert (build["package"], build["version"], build["features"], build["requires"]) == ("torch", "2.6.0", OFF, [])
    assert build["source"]["git"] == "https://github.com/pytorch/pytorch.git" and build["source"]["ref"] == "v2.6.0"
    assert build["target"] == {"architecture": "armv7l", "libc": "2.36", "python": "3.11", "baseline": "armv7l"}
    assert build["label"] == f"edgeai.k{build['key'][:12]}" and "libopenblas-dev" in build["system_packages"]
    assert plan["why"][:2] == [
        "Row built (guess): cpu, torch ==2.6.0, from https://github.com/pytorch/pytorch.git at v2.6.0.",
        f"torch 2.6.0 is compiled, once for all boards with build id {build['key']}.",
    ]
    assert made(row=WHEEL_ROW)["builds"] == []


# --- which release


@pytest.mark.parametrize(
    ("asked", "python", "version"),
    [
        ("auto", "3.11.2", "2.13.0"),
        ("auto", "3.9.2", "2.8.0"),
        ("<2.7", "3.11.2", "2.6.0"),
        ("2.6", "3.11.2", "2.6.0"),
        ("2.9.2", "3.11.2", "2.9.2"),  # newer than the table: taken at its word
        ("auto", "3.7.3", "1.11.0"),  # 1.12 and 1.13 do not compile on 32 bit
    ],
)
def test_a_range_becomes_the_newest_release_for_this_python(asked, python, version):
    plan = made(zynq(python), version=asked)
    assert plan["builds"][0]["version"] == version and plan["torch"]["specifier"] == f"=={version}"


def test_a_range_that_the_row_narrows_for_auto():
    assert torch(row={**ROW, "auto": "==1.9.1"}, on=zynq("3.8.10"))["version"] == "1.9.1"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"version": "1.9.1"}, "torch 1.9.1 can be compiled for Python 3.6 to 3.9, this is 3.11.2"),
        ({"version": "2.6.0+cpu"}, "torch 2.6.0+cpu cannot be compiled: the label +cpu is not built from source"),
        ({"version": ">=2.14"}, "no release of torch for Python 3.11.2 known here is >=2.14"),
        ({"version": "2.14.0"}, "torch 2.14.0 is not built by setup.py"),
        ({"version": "2.1.0", "build_features": {"mem_eff_attention": True}}, "mem_eff_attention"),
        (
            {"companions": ["torchvision==0.20.1"], "version": "2.6.0"},
            "the release for torch 2.6.0 is torchvision 0.21.0",
        ),
        (
            {"companions": ["torchaudio"], "version": "2.13.0"},
            "its release for torch 2.13.0 is unknown",
        ),
        ({"companions": ["torchtext"], "version": "2.6.0"}, "it has no torchtext"),
    ],
)
def test_what_cannot_be_compiled_is_refused(asked, reason):
    refused = refusal(**asked)
    assert reason in refused["reason"] and refused["way_out"]


def test_a_feature_that_this_version_cannot_switch():
    refused = refusal(zynq("3.7.3"), version="0.4.1", row={**ROW, "torch": ">=0.4"}, build_features={"openmp": False})
    assert "cannot switch openmp" in refused["reason"] and "torch_build_features" in refused["way_out"]


def test_the_table_of_releases():
    versions = [Version(version) for version in RELEASES]
    assert versions == sorted(set(versions)) and all(
        Version(version) for companions in RELEASES.values() for version in companions.values()
    )
    assert (
        companion_of("2.9.1+cpu", "torchvision") == "0.24.1"
        and companion_of("2.12.0", "torchaudio") is None
        and companion_of("9.9", "torchvision") is None
    )
    assert (
        release_within(SpecifierSet(">=2.6,<2.7"), "3.13.5") == "2.6.0"
        and release_within(SpecifierSet("<1"), "3.13.5") is None
    )


def test_a_distribution_whose_compiler_is_too_old():
    buster = {
        "id": "debian",
        "version_id": "10",
        "codename": "buster",
        "pretty_name": "Debian 10",
        "package_manager": "apt",
    }
    why = refusal(zynq("3.9.2", os=buster), version="2.6.0")
    assert "torch 2.6.0 needs GCC 9.3 or later, and Debian GNU/Linux 10 (buster) has 8.3" in str(why)
    assert not refusal(zynq("3.9.2", os=buster), version="2.1.0")
    clang = {**ROW, "build": {**ROW["build"], "toolchain": {"cc": "clang", "cxx": "clang++"}}}
    assert not refusal(zynq("3.9.2", os=buster), clang, version="2.6.0")


# --- how


@pytest.mark.parametrize(
    ("on", "version", "needed"),
    [
        (("debian", "12"), "2.9.1", ["cmake>=3.27"]),
        (("raspbian", "12"), "2.9.1", ["cmake>=3.27"]),
        (("debian", "13"), "2.9.1", []),
        (("ubuntu", "20.04"), "2.0.1", ["cmake>=3.18,<4"]),
        (("ubuntu", "20.04"), "1.11.0", []),
        (("someone", "1"), "2.9.1", []),  # what it has is seen when it is asked
    ],
)
def test_a_distribution_whose_cmake_does_not_do(on, version, needed):
    python = {"1.11.0": "3.8.10", "2.0.1": "3.8.10"}.get(version, "3.11.2")
    plan = made(
        zynq(python, os__id=on[0], os__version_id=on[1]),
        version=version,
        companions=["torchaudio"],
    )
    assert [build["python_packages"] for build in plan["builds"]] == [needed, needed]


def test_the_request_is_over_the_row_and_additions_are_between():
    more = {"features": {"kineto": False}, "environment": {"B": "2"}, "packages": ["libatlas-base-dev"]}
    addition = {"id": "more", "plan": {"action": "build"}, "build": more}
    row = {
        **ROW,
        "build": {
            **ROW["build"],
            "environment": {"A": "1", "B": "1"},
            "patches": [PATCH],
            "needs": {"memory_mib": 6000},
        },
    }
    other = {**PATCH, "name": "other"}
    plan = planned(
        zynq(),
        [row, addition],
        version="2.6.0",
        build_features={"cuda": True, "nnpack": False},
        build_environment={"A": "3"},
        build_patches=[other],
        build_commands=[["true"]],
    )
    (build,) = plan["builds"]
    assert build["features"] == {**OFF, "cuda": True, "kineto": False, "nnpack": False} and build["environment"] == {
        "A": "3",
        "B": "2",
    }
    assert [patch["name"] for patch in build["patches"]] == ["neon", "other"]
    assert [command[0] for command in build["commands"]] == ["sed", "true"] and build["commands"][-1] == ["true"]
    assert build["needs"] == {
        "memory_mib": 6000,
        "job_mib": 4096,
        "space_mib": 32768,
    }  # those of a CUDA build, but for what the row says
    assert {"libopenblas-dev", "libatlas-base-dev"} <= set(build["system_packages"])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"ref": "main"}, {"git": "https://github.com/pytorch/pytorch.git", "ref": "main"}),
        ({"git": "https://git.example/fork.git"}, {"git": "https://git.example/fork.git", "ref": "v2.6.0"}),
        (
            {"archive": "https://x.example/a/pytorch-v2.6.0.tar.gz?raw=1", "sha256": "A" * 64},
            {
                "archive": "https://x.example/a/pytorch-v2.6.0.tar.gz?raw=1",
                "sha256": "a" * 64,
                "filename": "pytorch-v2.6.0.tar.gz",
            },
        ),
        (
            {"archive": "https://x.example/", "sha256": "a" * 64},
            {"archive": "https://x.example/", "sha256": "a" * 64, "filename": "torch-2.6.0.tar"},
        ),
        ({"directory": "/srv/pytorch"}, {"directory": "/srv/pytorch"}),
    ],
)
def test_sources(source, expected):
    build = torch(version="2.6.0", build_source=source)
    assert {name: value for name, value in build["source"].items() if value} == expected
    assert (
        torch(
            version="2.6.0", row={**ROW, "build": {"source": source, "features": OFF, "packages": ["libopenblas-dev"]}}
        )
        == build
    )
    # The request's source is taken whole, over the row's.
    assert (
        torch(
            version="2.6.0", row={**ROW, "build": {**ROW["build"], "source": {"directory": "/x"}}}, build_source=source
        )
        == build
    )


def test_sources_by_way_of_mirrors():
    direct, mirrored = (
        torch(version="2.6.0", mirrors=mirrors)
        for mirrors in ({}, {"https://github.com/pytorch": "https://git.example/mirror"})
    )
    assert mirrored["source"]["git"] == "https://git.example/mirror/pytorch.git" and mirrored["key"] == direct["key"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"build_policy": "perhaps"}, "torch_build_policy is 'perhaps': it must be one of auto, never, always."),
        (
            {"build_features": {"qnpack": False}},
            "torch_build_features has the unknown name 'qnpack'; did you mean qnnpack?",
        ),
        ({"build_features": {"cuda": "no"}}, "torch_build_features: cuda is 'no', it must be true or false"),
        (
            {"build_environment": {"MAX_JOBS": "4"}},
            "torch_build_environment has MAX_JOBS, which the build sets by itself",
        ),
        (
            {"build_source": {"archive": "https://x/y.tar"}},
            "torch_build_source: sha256 is None, it must be the 64 hexadecimal digits",
        ),
        ({"build_patches": [{"name": "x"}]}, "torch_build_patches: number 1 must be a mapping with name and text"),
        ({"build_commands": [[1]]}, "torch_build_commands has [1], it must be a list of words"),
    ],
)
def test_a_wrong_request(asked, message):
    with pytest.raises(AnsibleError) as caught:
        torch_plan(zynq(), [ROW], asked)
    assert message in str(caught.value)


# --- the key


def test_the_key_is_that_of_what_is_made():
    build = torch(version="2.6.0")
    neon = {"build": {**ROW["build"], "packages": ["another"], "needs": {"memory_mib": 1}}}
    same = [
        torch(zynq("3.11.9", memory__total=1 << 29), version="2.6.0"),
        torch(version="==2.6.0", row={**ROW, "id": "other", **neon}),
        torch(version="2.6.0", build_source={"git": "https://github.com/pytorch/pytorch.git", "ref": "v2.6.0"}),
        torch(version="2.6.0", build_source={"git": "https://me:secret@github.com/pytorch/pytorch.git"}),
        torch(version="2.6.0", companions=["torchvision"]),
    ]
    assert {other["key"] for other in same} == {build["key"]}
    others = [
        torch(version="2.4.1"),
        torch(zynq("3.12.3"), version="2.6.0"),
        torch(zynq(libc__version="2.41"), version="2.6.0"),
        torch(version="2.6.0", build_features={"kineto": False}),
        torch(version="2.6.0", build_environment={"A": "1"}),
        torch(version="2.6.0", build_patches=[PATCH]),
        torch(version="2.6.0", build_commands=[["true"]]),
        torch(version="2.6.0", build_source={"ref": "main"}),
        torch(version="2.6.0", build_source={"directory": "/srv"}),
        torch(version="2.6.0", row={**ROW, "build": {**ROW["build"], "toolchain": {"cc": "clang", "cxx": "clang++"}}}),
        torch(board("x", "aarch64", system("3.11.2"), cpu__atomics=True), version="2.6.0"),
        torch(board("x", "aarch64", system("3.11.2"), cpu__atomics=False), version="2.6.0"),
    ]
    assert len({build["key"], *(other["key"] for other in others)}) == len(others) + 1
    # Where an archive comes from is no matter.
    archives = [
        torch(version="2.6.0", build_source={"archive": f"https://{host}/p.tar", "sha256": "a" * 64})
        for host in ("a", "b")
    ]
    assert archives[0]["key"] == archives[1]["key"]
    # A core of which nobody knows whether it has them gets what runs on all.
    unknown, without = (
        torch(board("x", "aarch64", system("3.11.2"), cpu__atomics=atomics), version="2.6.0")
        for atomics in (None, False)
    )
    assert unknown["key"] == without["key"] and unknown["target"]["baseline"] == "no-lse"


# --- companions


def test_companions_are_compiled_against_this_torch():
    plan = made(
        version="2.6.0",
        companions=["torchaudio", "torchvision"],
        build_environment={"A": "1"},
        build_features={"kineto": False},
    )
    first, vision, audio = plan["builds"]
    assert [(build["package"], build["version"], build["requires"]) for build in plan["builds"][1:]] == [
        ("torchvision", "0.21.0", ["torch"]),
        ("torchaudio", "2.6.0", ["torch"]),
    ]
    assert vision["source"]["git"] == "https://github.com/pytorch/vision.git" and audio["source"]["ref"] == "v2.6.0"
    assert (
        vision["features"] == {}
        and vision["environment"] == {"A": "1"}
        and "libopenblas-dev" in vision["system_packages"]
    )
    assert vision["needs"]["memory_mib"] < first["needs"]["memory_mib"]
    other = made(version="2.6.0", companions=["torchvision"])["builds"]
    assert other[0]["key"] != first["key"] and other[1]["key"] != vision["key"]  # another torch is another torchvision


def test_a_companion_without_a_wheel_beside_a_torch_that_has_one():
    filename = "torch-2.5.0a0+872d972e41.nv24.08-cp310-cp310-linux_aarch64.whl"
    row = {
        "id": "jet",
        "accelerator": "cuda",
        "torch": "==2.5.0",
        "python": "==3.10.*",
        "wheels": [{"filename": filename, "url": "https://x.example/t.whl"}],
        "companions": {
            "torchvision": {"build": "0.20.0", "environment": {"FORCE_CUDA": "1"}, "needs": {"job_mib": 3000}}
        },
    }
    jet = board(
        "jet", "aarch64", system("3.10.12"), accelerators=[gpu("540.4.0", "8.7", cuda="12.6")], cpu__atomics=True
    )
    assert made(jet, row)["builds"] == []
    plan = made(jet, row, companions=["torchvision"])
    assert (plan["action"], plan["torch"]["specifier"], [wheel["filename"] for wheel in plan["wheels"]]) == (
        "install",
        "==2.5.0",
        [filename],
    )
    (build,) = plan["builds"]
    assert (build["package"], build["version"], build["environment"], build["needs"]["job_mib"]) == (
        "torchvision",
        "0.20.0",
        {"FORCE_CUDA": "1"},
        3000,
    )
    renamed = {**row, "wheels": [{"filename": filename.replace("08", "09"), "url": "https://x.example/t.whl"}]}
    assert made(jet, renamed, companions=["torchvision"])["builds"][0]["key"] != build["key"]
    refused = refusal(jet, row, companions=["torchvision"], build_policy="never")
    assert (
        "torchvision must be compiled, and torch_build_policy is never" in refused["reason"]
        and "leave torchvision out" in refused["way_out"]
    )


def test_a_companion_without_a_wheel_settles_the_range():
    row = {**WHEEL_ROW, "companions": {"torchvision": {"build": True, "torch": "<2.8"}}, "local": "cpu"}
    plan = made(row=row, companions=["torchvision"], on=board("x", "x86_64", system("3.11.2")))
    assert plan["torch"] == {"specifier": "==2.7.1", "local": "cpu"} and plan["builds"][0]["version"] == "0.22.1"
    refused = refusal(board("x", "x86_64", system("3.11.2")), row, companions=["torchvision"], version="2.9.0")
    assert "it gives torch >=2.6,<2.8 with the label +cpu" in refused["reason"]


# --- whether


def test_what_has_a_wheel_is_not_compiled_unless_that_is_asked_for():
    rows, on = [ROW, WHEEL_ROW], board("x", "aarch64", system("3.11.2"), cpu__atomics=True)
    assert planned(on, rows)["row"] == "wheel"
    assert planned(on, rows, version="2.5.1")["row"] == "built"
    assert planned(on, rows, build_policy="always")["row"] == "built"
    assert planned(on, rows, build_policy="never")["row"] == "wheel"
    refused = refusal(on, rows, build_policy="never", version="2.5.1")
    assert "it gives torch >=2.6,<2.11" in refused["reason"]
    assert {"row": "built", "why": "its torch must be compiled, and torch_build_policy is never"} in refused["nearly"]
    refused = refusal(build_policy="never")
    assert (
        "its torch must be compiled, and torch_build_policy is never" in refused["reason"]
        and "torch_build_policy: auto" in refused["way_out"]
    )
    assert (
        "its torch is not compiled, and torch_build_policy is always"
        in refusal(on, WHEEL_ROW, build_policy="always")["reason"]
    )


def test_even_an_accelerator_is_no_reason_to_compile_unasked():
    row = {**ROW, "id": "cuda", "accelerator": "cuda"}
    on = board("x", "aarch64", system("3.11.2"), accelerators=[gpu("540.4.0", "8.7")], cpu__atomics=True)
    assert planned(on, [row, WHEEL_ROW])["row"] == "wheel"
    assert planned(on, [row, WHEEL_ROW], accelerator="cuda")["row"] == "cuda"
    assert planned(on, [row, ROW])["row"] == "cuda"


def test_a_companion_that_has_a_wheel_is_not_compiled():
    without = {**WHEEL_ROW, "id": "without", "companions": {"torchvision": {"build": True}}}
    has = {**WHEEL_ROW, "companions": {"torchvision": True}}
    on = board("x", "aarch64", system("3.11.2"), cpu__atomics=True)
    assert planned(on, [without, has])["row"] == "without"
    assert planned(on, [without, has], companions=["torchvision"])["row"] == "wheel"
    cuda = {**without, "accelerator": "cuda"}
    gpus = board("x", "aarch64", system("3.11.2"), accelerators=[gpu("540.4.0", "8.7")], cpu__atomics=True)
    assert planned(gpus, [cuda, has], companions=["torchvision"])["row"] == "without"  # not for the price of the GPU


def test_builds_that_are_only_for_who_asks():
    rows, on = [{**ROW, "asked": True}, WHEEL_ROW], board("x", "aarch64", system("3.11.2"), cpu__atomics=True)
    refused = refusal(on, rows, version="2.5.1")
    assert {"row": "built", "why": "it is used only with torch_build_policy: always"} in refused["nearly"]
    assert refused["way_out"].endswith("torch_build_policy: always compiles torch 2.5.1, a CPU build (guess).")
    assert planned(on, rows, version="2.5.1", build_policy="always")["row"] == "built"
    assert "torch_build_policy: always" not in refusal(on, rows, version="1.2.0")["way_out"]


def test_what_is_known_to_be_bad_of_an_index_says_nothing_of_a_build():
    bad = {"id": "bad", "torch": ">=2.6", "sources": ["configured"], "refuse": "bad wheels"}
    assert planned(zynq(), [bad, ROW])["builds"][0]["version"] == "2.13.0"
    everywhere = {key: value for key, value in bad.items() if key != "sources"}
    assert planned(zynq(), [everywhere, ROW])["builds"][0]["version"] == "2.4.1"
    upstream = {**bad, "sources": ["https://github.com/pytorch/pytorch.git"]}
    assert planned(zynq(), [upstream, ROW])["builds"][0]["version"] == "2.4.1"


# --- what the system brings


SYSTEM = {**ROW, "system_site_packages": True, "system": {"numpy": "python3-numpy", "PyYAML": "python3-yaml"}}


def test_what_the_system_brings_is_not_installed_but_its_package_is():
    plan = made(row=SYSTEM, requirements=["NumPy", "six"])
    assert plan["requirements"] == ["six"] and plan["system"] == {"numpy": "python3-numpy", "pyyaml": "python3-yaml"}
    assert (
        plan["system_packages"] == ["libopenblas0", "python3-numpy", "python3-yaml"]
        and "python3-numpy" in plan["builds"][0]["system_packages"]
    )
    assert "NumPy is not installed: the preinstalled python3-numpy satisfies it." in plan["why"]


def test_what_the_board_has_already_needs_no_package_there():
    plan = made(zynq(provided={"numpy": "1.21.5"}), SYSTEM)
    assert "python3-numpy" not in plan["system_packages"] and "python3-numpy" in plan["builds"][0]["system_packages"]
    assert plan["requirements"] == [] and plan["provided"] == {"numpy": "1.21.5"}


def test_a_version_of_what_the_system_brings_cannot_be_promised():
    refused = refusal(row=SYSTEM, requirements=["numpy>=2"])
    assert "numpy comes from the system's python3-numpy here, in the system's version" in refused["reason"]
    assert refused["way_out"] == "Require numpy without a version, or leave it out of torch_requirements."


def test_the_system_brings_it_to_its_own_python_only():
    plan = made(board("pynq", "armv7l", [("/usr/local/bin/python3.11", "3.11.2")]), SYSTEM)
    assert plan["system"] == {} and plan["requirements"] == ["numpy"] and plan["system_packages"] == ["libopenblas0"]

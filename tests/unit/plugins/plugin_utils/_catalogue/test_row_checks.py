# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a catalogue may say: the engine's checks with their messages, and the schema, which must see the same."""

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import common_rows
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.conditions import CONDITIONS, PLATFORM
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.rows import (
    ROW_KEYS,
    check_catalogue,
    merge_catalogues,
)
from plan_support import ROOT, validator

URL = "https://example.com/torch.whl"
NV = "torch-2.5.0a0+872d972e41.nv24.08.17622132-cp310-cp310-linux_aarch64.whl"
OFFER = {"id": "a", "accelerator": "cpu", "torch": ">=2"}
BAD = {"id": "a", "refuse": "no"}
WHEELS = {
    "id": "a",
    "accelerator": "cuda",
    "torch": "==2.5.0",
    "python": "==3.10.*",
    "wheels": [{"filename": NV, "url": URL}],
}
CONDA = {
    "id": "a",
    "accelerator": "cuda",
    "provider": "conda",
    "channels": ["https://conda.example.com/forge"],
    "build": "cuda",
    "python": ">=3.10,<3.14",
}

BUILT = {"id": "a", "accelerator": "cpu", "torch": ">=2", "action": "build"}
PATCH = "--- a/setup.py\n+++ b/setup.py\n@@ -1 +1 @@\n-a\n+b\n"
HOW = {
    "features": {"cuda": False, "mkldnn": True},
    "environment": {"CFLAGS": "-mfpu=neon"},
    "patches": [{"name": "neon", "text": PATCH}],
    "commands": [["sed", "-i", "s/a/b/", "setup.py"]],
    "toolchain": {"cc": "clang", "cxx": "clang++"},
    "needs": {"memory_mib": 8192},
    "packages": ["libopenblas-dev"],
    "source": {"git": "https://example.com/pytorch.git", "ref": "v2.6.0"},
}


def built(**how):
    return {**BUILT, "build": how}


def wheels(*names, **changes):
    return {**WHEELS, "wheels": [{"filename": name, "url": URL} for name in names], **changes}


def when(**conditions):
    return {**OFFER, "when": conditions}


def platform(**wanted):
    return when(platform=wanted)


def without(row, *names):
    return {key: value for key, value in row.items() if key not in names}


RIGHT = [
    OFFER,
    BAD,
    WHEELS,
    CONDA,
    {"id": "a"},
    {**OFFER, "torch": ""},
    {**OFFER, "torch": ">=2.6,<2.11,!=2.10.*", "auto": "~=2.6.1", "python": "==3.10.*", "local": "cpu"},
    {**OFFER, "torch": " >= 1.14.0a0 , < 2 "},
    {**OFFER, "asked": True, "action": "build", "provider": "venv", "system_site_packages": True},
    {**OFFER, "by_python": {"3.9": "<=2.8.0"}, "companions": {"torchvision": True, "torchaudio": "<2.12"}},
    {
        **OFFER,
        "requirements": [
            "torch-npu==2.5.1",
            "pyyaml",
            "numpy>=1.19,<2; python_version < '3.12'",
            "pillow[x]",
            "six (>=1.0)",
        ],
    },
    {**OFFER, "constraints": ["numpy<2"]},
    {
        **OFFER,
        "files": [{"filename": "cuda-keyring_1.1-1_all.deb", "url": "https://example.com/x.deb", "sha256": "0" * 64}],
        "modules": ["tensorrt"],
    },
    {**OFFER, "files": [{"filename": "driver.run", "url": "file:///srv/driver.run", "sha256": None}]},
    {
        "id": "a",
        "packages": ["x"],
        "groups": ["video"],
        "environment": {"A": "1"},
        "why": "so",
        "warning": "beware",
        "evidence": [URL],
        "proven": "guess",
        "checked": "2028-02-29",
    },
    {**BAD, "checked": None},
    {**OFFER, "option": "role_index: true", "system_python": True},
    {**CONDA, "specs": ["arm-variant * tegra"]},
    {"id": "a", "states": {"l4t": "36.4.3"}, "plan": {"requirement": "onnxruntime-gpu"}},
    {"id": "a", "brings": {"npu": "25.5.0"}, "plan": {"accelerator": "npu"}, "when": {"family": "atlas"}},
    {"id": "a", "becomes": {"key": {"cann": "9.1.0"}, "platform": {"cann_kind": "toolkit"}}},
    {**BAD, "torch": "==2.0.0+cpu", "sources": ["configured"], "accelerator": "cpu", "way_out": "another"},
    {**BAD, "torch": ">=2.11"},
    when(
        family="jetson",
        architecture=["aarch64", "arm*"],
        libc=">=2.17",
        atomics=False,
        l4t="==36.*",
        cann=">=8.0rc1",
        driver=">=525",
        cuda=">=12.6",
    ),
    platform(jetpack=">=6,<7", zram=True, chip=["310B*", "310P3"], form="card", cann_path=False, tensorrt="~=10.3"),
    wheels(
        NV,
        "torchvision-0.20.0-cp310-cp310-linux_aarch64.whl",
        "nvpl-1.0-py3-none-any.whl",
        companions={"torchvision": True},
    ),
    wheels("torch-2.0.0+nv23.05-cp38-cp38-linux_aarch64.whl", torch="==2.0.0", python="==3.8.*"),
    wheels("torch-1.10.0-cp36-cp36m-linux_aarch64.whl", torch="==1.10.0", python="==3.6.*"),
    {**CONDA, "accelerator": "cpu", "build": "cpu", "companions": {"torchvision": True}, "asked": True},
    {**CONDA, "python": ">=3.10", "by_python": {"3.12": ">=2.2"}},
    {**BUILT, "build": {}},
    {
        **BUILT,
        "build": HOW,
        "companions": {"torchvision": True},
        "system_site_packages": True,
        "system": {"numpy": "python3-numpy"},
    },
    built(source={"archive": URL, "sha256": "A" * 64}),
    built(source={"directory": "/srv/pytorch"}),
    built(source={"ref": "v2.6.0"}),
    {
        **OFFER,
        "companions": {
            "torchvision": {"build": "0.21.0", "torch": "==2.6.0", "environment": {"FORCE_CUDA": "1"}},
            "torchaudio": {"build": True},
        },
    },
    {
        "id": "a",
        "plan": {"action": "build"},
        "build": {"packages": ["libatlas-base-dev"]},
        "system": {"pyyaml": "python3-yaml"},
    },
]

TWO_PLUS = "torch-1.11.0a0+17540c5+nv22.01-cp36-cp36m-linux_aarch64.whl"

# the row, a part of the message
WRONG = [
    ({"id": ""}, "Row 1 of the catalogue must be a mapping with an id"),
    ({"accelerator": "cpu"}, "Row 1 of the catalogue must be a mapping with an id"),
    ("text", "Row 1 of the catalogue must be a mapping with an id"),
    (
        {**OFFER, "pyhton": ">=3"},
        (
            "has the unknown key 'pyhton'; did you mean python? offer rows (with accelerator, without refuse) have:"
            " accelerator, action,"
        ),
    ),
    (
        {"id": "a", "acelerator": "cpu"},
        (
            "has the unknown key 'acelerator'; did you mean accelerator? addition rows (without accelerator and refuse)"
            " have:"
        ),
    ),
    (
        {"id": "a", "brings": {"gpu": "580"}},
        "'brings' is {'gpu': '580'}, it must be a mapping of cuda or npu to the version of its driver",
    ),
    *(
        (
            {"id": "a", "becomes": becomes},
            "it must be a mapping with key (of l4t or cann to its release) and platform (of texts)",
        )
        for becomes in ({"cann": "9.1.0"}, {"key": {"driver": "1"}}, {"key": {"cann": 9.1}}, {"platform": {"a": "b"}})
    ),
    (
        {"id": "a", "brings": {"npu": 25}},
        "'brings' is {'npu': 25}, it must be a mapping of cuda or npu to the version of its driver",
    ),
    ({**OFFER, "brings": {"npu": "25.5.0"}}, "has 'brings', which it cannot have; offer rows"),
    (
        {"id": "a", "torch": ">=2"},
        "has 'torch', which it cannot have; addition rows (without accelerator and refuse) have: becomes, brings,",
    ),
    ({**BAD, "python": ">=3"}, "has 'python', which it cannot have; known-bad rows (with refuse) have: accelerator"),
    ({**OFFER, "zzz": 1}, "has the unknown key 'zzz'; offer rows"),
    (when(arch="x"), "has the unknown condition 'arch'; known are: architecture, atomics"),
    (
        when(compute_capabilty=">=7"),
        "has the unknown condition 'compute_capabilty'; did you mean compute_capability? known are:",
    ),
    (when(libc="about 2"), "condition 'libc' is 'about 2', it must be a version specifier"),
    (when(libc=2.28), "condition 'libc' is 2.28, it must be a version specifier"),
    (when(atomics="no"), "condition 'atomics' is 'no', it must be true or false"),
    (when(soc=5), "condition 'soc' is 5, it must be a text or a list of texts"),
    (when(platform="orin"), "condition 'platform' is 'orin', it must be a mapping of the platform's names"),
    (
        platform(jetpack=">=six"),
        "'jetpack' of condition 'platform' is '>=six', it must be true (it is known), false, a text",
    ),
    (platform(jetpack="=6"), "'jetpack' of condition 'platform' is '=6'"),
    (platform(jetpack=6), "'jetpack' of condition 'platform' is 6"),
    (platform(jetpack=None), "'jetpack' of condition 'platform' is None"),
    (platform(chip=[]), "'chip' of condition 'platform' is []"),
    (platform(chip=["a", 5]), "'chip' of condition 'platform' is ['a', 5]"),
    ({**OFFER, "when": ["aarch64"]}, "'when' is ['aarch64'], it must be a mapping"),
    ({**OFFER, "torch": "2.9.1"}, "'torch' is '2.9.1', it must be a version specifier"),
    ({**OFFER, "torch": ">=2.*"}, "'torch' is '>=2.*'"),
    ({**OFFER, "accelerator": "gpu"}, "'accelerator' is 'gpu', it must be one of cpu, cuda, npu"),
    ({**OFFER, "accelerator": "cdua"}, "it must be one of cpu, cuda, npu; did you mean cuda?"),
    ({**OFFER, "accelerator": ["cpu"]}, "'accelerator' is ['cpu'], it must be one of cpu, cuda, npu."),
    (
        {**OFFER, "proven": "guessed"},
        "it must be one of hardware, emulated, container, recorded, guess; did you mean guess?",
    ),
    *(
        ({**OFFER, "checked": day}, f"'checked' is {day!r}, it must be a day such as '2026-11-30', in quotes, or null.")
        for day in ("2026-02-29", "2026-13-01", "20261130", "30.11.2026", "", True, 20261130)
    ),
    ({"id": "a", "states": {"driver": "580"}}, "'states' is {'driver': '580'}, it must be a mapping of l4t or cann"),
    ({"id": "a", "plan": {"requirement": ""}}, "'plan' is {'requirement': ''}, it must be a mapping of accelerator"),
    ({**OFFER, "specs": ["x"]}, "has 'specs', which is for rows with provider: conda"),
    ({**CONDA, "system_python": True}, "has 'system_python', which a row with provider: conda cannot have"),
    ({**OFFER, "action": "compile"}, "'action' is 'compile', it must be one of install, build"),
    ({**OFFER, "asked": "yes"}, "'asked' is 'yes', it must be true or false"),
    (
        {"id": "a", "plan": {"action": "compile"}},
        "'plan' is {'action': 'compile'}, it must be a mapping of accelerator, action or provider",
    ),
    ({"id": "a", "plan": {"python": "3"}}, "'plan' is {'python': '3'}"),
    ({**OFFER, "plan": {"action": "build"}}, "has 'plan', which it cannot have"),
    ({**OFFER, "provider": "pip"}, "'provider' is 'pip', it must be one of venv, conda"),
    ({**OFFER, "sources": "configured"}, "'sources' is 'configured', it must be a list of texts"),
    ({**OFFER, "companions": {"torchvision": False}}, "'companions' is {'torchvision': False}"),
    ({**OFFER, "environment": {"A": 1}}, "'environment' is {'A': 1}, it must be a mapping of texts"),
    (
        {**OFFER, "requirements": ["numpy <"]},
        "'requirements' has 'numpy <', which is not a requirement such as 'numpy<2'",
    ),
    ({**OFFER, "requirements": ["numpy>=2.*"]}, "'requirements' has 'numpy>=2.*'"),
    ({**OFFER, "requirements": ["numpy 2"]}, "'requirements' has 'numpy 2'"),
    ({**OFFER, "requirements": "numpy"}, "'requirements' is 'numpy', it must be a list of texts"),
    (
        {**OFFER, "requirements": ["Torch==2.5"]},
        "'requirements' has 'Torch==2.5': which torch is said by the key 'torch'",
    ),
    ({**OFFER, "constraints": ["torch<2"]}, "'constraints' has 'torch<2'"),
    ({**BAD, "torch": ">=2,<3"}, "must be one clause that can be negated"),
    ({**BAD, "torch": "~=2.4"}, "must be one clause that can be negated"),
    # files and wheels
    ({**OFFER, "files": []}, "'files' is [], it must be a list of mappings, at least one"),
    (
        {**OFFER, "files": ["https://example.com/x.deb"]},
        "number 1 of 'files' is 'https://example.com/x.deb', it must be a mapping with filename, url",
    ),
    (
        {**OFFER, "files": [{"filename": "x", "url": URL, "sha265": "0"}]},
        "number 1 of 'files' has the unknown key 'sha265'; did you mean sha256? it has:",
    ),
    (
        {**OFFER, "files": [{"filename": "x"}]},
        "number 1 of 'files': url is None, it must be a URL of http, https or file",
    ),
    ({**OFFER, "files": [{"filename": "x", "url": "/srv/x"}]}, "url is '/srv/x', it must be a URL"),
    (
        {**OFFER, "files": [{"filename": "x", "url": "ftp://example.com/x"}]},
        "url is 'ftp://example.com/x', it must be a URL",
    ),
    ({**OFFER, "files": [{"url": URL}]}, "filename is None, it must be the name of a file without its directory"),
    (
        {**OFFER, "files": [{"filename": "../x", "url": URL}]},
        "filename is '../x', it must be the name of a file without its directory",
    ),
    (
        {**OFFER, "files": [{"filename": "x", "url": URL, "sha256": "abc"}]},
        "sha256 is 'abc', it must be 64 hexadecimal digits; leave it out where",
    ),
    ({**OFFER, "files": [{"filename": "x", "url": URL, "sha256": "g" * 64}]}, "it must be 64 hexadecimal digits"),
    (
        wheels(TWO_PLUS, torch="==1.11.0", python="==3.6.*"),
        (
            f"{TWO_PLUS} is not the name of a wheel: a version has one '+' at most (PEP 440, PEP 427). "
            "Rename the file, such as to torch-1.11.0a0+17540c5.nv22.01-cp36-cp36m-linux_aarch64.whl."
        ),
    ),
    (wheels("torch-2.5.0.whl"), "torch-2.5.0.whl is not the name of a wheel (PEP 427)"),
    (
        wheels("fjtbno0vpo676a25cgvuqc1wty0fkkg6.whl"),
        "fjtbno0vpo676a25cgvuqc1wty0fkkg6.whl is not the name of a wheel (PEP 427)",
    ),
    ({**WHEELS, "by_python": {"3.10": ">=2"}}, "has 'wheels' and 'by_python'"),
    (
        {**WHEELS, "torch": ">=2.5"},
        "has 'wheels', so its 'torch' must be one exact version, such as ==2.5.0; it is '>=2.5'",
    ),
    ({**WHEELS, "torch": "==2.5.*"}, "it is '==2.5.*'"),
    ({**WHEELS, "torch": "==2.5.0,!=2.4.0"}, "it is '==2.5.0,!=2.4.0'"),
    (without(WHEELS, "torch"), "it is None"),
    (without(WHEELS, "python"), "has 'wheels', so it needs 'python', such as ==3.10.*"),
    # conda
    ({**OFFER, "channels": ["https://conda.example.com"]}, "has 'channels', which is for rows with provider: conda"),
    # how something is compiled
    ({**OFFER, "build": {}}, "says how torch is compiled in 'build', so it needs action: build"),
    ({**BUILT, "build": "cpu"}, "has 'build', which is for rows with provider: conda"),
    (
        {**BUILT, "build": "cupcake"},
        (
            "'build' is 'cupcake', it must be one of cuda, cpu (of conda packages), or a mapping that says how torch is"
            " compiled"
        ),
    ),
    ({**CONDA, "build": {}}, "with provider: conda it must be one of cuda, cpu"),
    (
        {**CONDA, "companions": {"torchvision": {"build": True}}},
        "says how torchvision is compiled, which a row with provider: conda cannot",
    ),
    ({"id": "a", "build": "cpu"}, "'build' is 'cpu', it must be a mapping that says how torch is compiled"),
    ({**BUILT, "sources": ["configured"]}, "has 'sources', which a row with action: build cannot have"),
    ({**BUILT, "local": "cpu"}, "has 'local', which a row with action: build cannot have"),
    ({**WHEELS, "action": "build"}, "has 'wheels', which a row with action: build cannot have"),
    (built(feature={}), "has the unknown name 'feature'; did you mean features? known are: features, environment"),
    (built(environment={"1A": "x"}), "'environment' has '1A', which is not a valid variable name"),
    (built(environment={"A": 1}), "A is 1, it must be a text; write it in quotes"),
    (built(environment=["A"]), "'environment' is ['A'], it must be a mapping of texts"),
    (built(patches=["x"]), "'patches': number 1 must be a mapping with name and text"),
    (built(patches={}), "'patches' is {}, it must be a list of patches"),
    (built(commands=["make"]), "'commands' has 'make', it must be a list of words"),
    (built(commands=[[]]), "'commands' has [], it must be a list of words"),
    (built(toolchain={"ld": "lld"}), "'toolchain' has the unknown name 'ld'; known are: cc, cxx"),
    (
        built(toolchain={"cc": "clang"}),
        "'toolchain' is {'cc': 'clang'}, it must name the compilers for both C (cc) and C++ (cxx)",
    ),
    (built(needs={"memory_mb": 1}), "'needs' has the unknown name 'memory_mb'; did you mean memory_mib?"),
    (built(needs={"memory_mib": "4G"}), "memory_mib is '4G', it must be a whole number of MiB"),
    (built(needs={"memory_mib": True}), "memory_mib is True, it must be a whole number of MiB"),
    (built(packages="cmake"), "'packages' is 'cmake', it must be a list of texts"),
    (built(source={}), "'source' is {}, it must say one of: git and ref, archive and sha256, directory"),
    (built(source={"git": "https://x/y", "directory": "/z"}), "it must say one of"),
    (
        built(source={"archive": URL}),
        "sha256 is None, it must be the 64 hexadecimal digits of https://example.com/torch.whl",
    ),
    (built(source={"archive": "/srv/x.tar", "sha256": "0" * 64}), "archive is '/srv/x.tar', it must be a URL"),
    (built(source={"directory": "pytorch"}), "directory is 'pytorch', it must be an absolute path on the builder"),
    (built(features={"cuda": "no"}), "'features': cuda is 'no', it must be true or false"),
    (
        {**OFFER, "companions": {"torchvision": {}}},
        "companion torchvision: 'build' is None, it must be the version that is compiled, or true",
    ),
    (
        {**OFFER, "companions": {"torchvision": {"build": True, "features": {}}}},
        "companion torchvision has 'features', which it cannot have",
    ),
    (
        {**OFFER, "companions": {"torchvision": {"build": True, "torch": "2.6.0"}}},
        "companion torchvision: 'torch' is '2.6.0', it must be a version specifier",
    ),
    ({**OFFER, "system": {"numpy": "python3-numpy"}}, "has 'system', so it needs system_site_packages: true"),
    (
        {**OFFER, "system": ["numpy"], "system_site_packages": True},
        "'system' is ['numpy'], it must be a mapping of texts",
    ),
    ({**OFFER, "build": "cpu"}, "has 'build', which is for rows with provider: conda"),
    (without(CONDA, "channels"), "has provider: conda, so it needs 'channels'"),
    (without(CONDA, "build"), "so it needs 'build'"),
    (without(CONDA, "python"), "so it needs 'python'"),
    ({**CONDA, "channels": []}, "'channels' is [], it must be a list of URLs, at least one"),
    ({**CONDA, "channels": ["conda-forge"]}, "'channels' is ['conda-forge'], it must be a list of URLs"),
    ({**CONDA, "build": "cpu"}, "is for cuda, its 'build' is cpu: they must be the same"),
    ({**CONDA, "sources": ["configured"]}, "has 'sources', which a row with provider: conda cannot have"),
    ({**CONDA, "local": "cpu"}, "has 'local', which a row with provider: conda cannot have"),
]

# What a schema cannot see: what several values, or all rows together, must be.
WRONG_TOGETHER = [
    ([OFFER, OFFER], "Row 'a' of the catalogue is defined twice"),
    ([wheels("torch-2.4.0-cp310-cp310-linux_aarch64.whl")], "'torch' is ==2.5.0, but its wheel is of torch 2.4.0"),
    (
        [wheels("torchvision-0.20.0-cp310-cp310-linux_aarch64.whl")],
        "must have one wheel of torch among its 'wheels'; it has 0",
    ),
    ([wheels(NV, "torch-2.5.0-cp310-cp310-linux_aarch64.whl")], "it has 2"),
    ([{**WHEELS, "python": "==3.8.*"}], f"{NV} is for Python 3.10, so 'python' must be ==3.10.*; it is '==3.8.*'"),
    ([{**WHEELS, "python": ">=3.10"}], "so 'python' must be ==3.10.*; it is '>=3.10'"),
    (
        [{**CONDA, "python": ">=3.10"}],
        "'python' is '>=3.10'; with provider: conda it is what Python the environment gets, and needs an end",
    ),
    ([{**CONDA, "by_python": {"3.9": ">=2"}}], "'python' is '>=3.10,<3.14'"),
    ([built(features={"mkldn": False})], "'features' has the unknown name 'mkldn'; did you mean mkldnn?"),
    ([built(environment={"MAX_JOBS": "4"})], "has MAX_JOBS, which the build sets by itself: jobs are torch_build_jobs"),
    ([built(patches=[{"name": "x", "text": "s/a/b/"}])], "the text of x is not a unified diff"),
    ([built(source={"git": "--upload-pack=x"})], "git is '--upload-pack=x', it must be the URL of a repository"),
    (
        [{**OFFER, "companions": {"torchvision": {"build": "new"}}}],
        "companion torchvision: 'build' is 'new', it must be the version",
    ),
]


def fault(rows):
    with pytest.raises(AnsibleFilterError) as caught:
        check_catalogue(rows)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("row", RIGHT, ids=str)
def test_right_rows(row):
    check_catalogue([row])
    validator("catalogue").validate([row])


@pytest.mark.parametrize(("row", "message"), WRONG, ids=str)
def test_wrong_rows(row, message):
    assert message in fault([row])
    assert not validator("catalogue").is_valid([row])


@pytest.mark.parametrize(("rows", "message"), WRONG_TOGETHER, ids=str)
def test_what_only_the_engine_sees(rows, message):
    assert message in fault(rows)
    validator("catalogue").validate(rows)


@pytest.mark.parametrize("thing", [{}, "rows", None])
def test_a_thing_that_is_no_catalogue(thing):
    assert "A list of rows is needed as the catalogue, not" in fault(thing)
    assert not validator("catalogue").is_valid(thing)


def test_the_schema_names_the_same_keys_and_conditions():
    schema = json.loads((ROOT / "docs/schemas/catalogue.schema.json").read_text())["$defs"]
    assert {kind: set(schema[kind]["propertyNames"]["enum"]) for kind in ROW_KEYS} == {
        kind: set(keys) for kind, keys in ROW_KEYS.items()
    }
    described = schema["row"]["properties"]
    assert set(described) == {key for keys in ROW_KEYS.values() for key in keys}
    assert set(described["when"]["properties"]) == {*CONDITIONS, PLATFORM}
    for name, key in [*described.items(), *described["when"]["properties"].items()]:
        assert key.get("description"), name


def test_rows_of_the_operator():
    rows = [{**OFFER, "id": "first"}, {**OFFER, "id": "second"}, BAD]
    own = [{**OFFER, "id": "second", "torch": "==2.9.1"}, {**OFFER, "id": "mine"}, {**OFFER, "id": "other"}]
    expected = [{**OFFER, "id": "mine"}, {**OFFER, "id": "other"}, rows[0], own[0], BAD, *common_rows()]
    assert merge_catalogues(rows, own) == expected
    assert merge_catalogues(rows, []) == [*rows, *common_rows()] and merge_catalogues([], own) == [*own, *common_rows()]
    with pytest.raises(
        AnsibleFilterError, match="Row 'mine' of torch_catalogue has the unknown key 'wheel'; did you mean wheels?"
    ):
        merge_catalogues(rows, [{**OFFER, "id": "mine", "wheel": []}])
    with pytest.raises(AnsibleFilterError, match="Row 'mine' of torch_catalogue is defined twice"):
        merge_catalogues(rows, [own[1], own[1]])
    with pytest.raises(AnsibleFilterError, match="A list of rows is needed as torch_catalogue, not dict"):
        merge_catalogues(rows, {"id": "mine"})

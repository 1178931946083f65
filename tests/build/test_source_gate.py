# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate of the builds: the real source of PyTorch 2.6.0 on builders that have what the plan says, and nothing else.

It goes through the product's own checks, CMake's configure step, and all code generators; then Debian's compilers read
torch_python's files as the recipe compiles them. It takes minutes on this machine's own architecture, and half an hour
where it is emulated (once more for each userland, which is kept in ${EDGEAI_TEST_CACHE:-~/.cache/edgeai-tests}).

    make build-gate ARGS="-k armhf-debian12"
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from gate import Case, Gate, planned

pytestmark = pytest.mark.heavy

PI_32 = {"board": "Raspberry Pi 3", "architecture": "armv7l"}
PI_64 = {"board": "Raspberry Pi 4"}
ALWAYS = {"build_policy": "always"}
DEBIAN = {"11": "bullseye", "12": "bookworm", "13": "trixie"}
CASES = [
    # This machine's own: the recipe of a 64-bit Pi, as if it had an amd64 core.
    Case(
        "amd64-debian12",
        "bookworm",
        "amd64",
        "raspberrypi",
        {"board": "Raspberry Pi 4", "architecture": "x86_64", "os": "debian 12"},
        ALWAYS,
        as_if="aarch64",
    ),
    *(
        Case(f"armhf-debian{release}", suite, "armhf", "raspberrypi", {**PI_32, "os": f"debian {release}"})
        for release, suite in DEBIAN.items()
    ),
    *(
        Case(f"arm64-debian{release}", suite, "arm64", "raspberrypi", {**PI_64, "os": f"debian {release}"}, ALWAYS)
        for release, suite in DEBIAN.items()
    ),
]
FORMATS = "torch/csrc/autograd/python_function.cpp"
# Headers that only a compiled generator writes (protoc's): such a file is not judged.
NOT_GENERATED = ("onnx/onnx-ml.pb.h", "onnx/onnx_onnx_torch-ml.pb.h", "caffe2.pb.h")


@pytest.fixture(scope="module", params=CASES, ids=str)
def gate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    made = Gate(request.param, planned(request.param), tmp_path_factory.mktemp("gate"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def configured(gate: Gate) -> Gate:
    print(f"{gate.case}: {gate.run('prepare', 'configure', 'generate', 'commands')} (seconds)")
    return gate


def test_it_is_stopped_in_the_first_minute_without_what_the_generators_import(gate: Gate):
    job = gate.job()
    wheels = [wheel for wheel in job["wheels"] if not wheel["filename"].startswith("typing_extensions-")]
    assert len(wheels) == len(job["wheels"]) - 1
    with pytest.raises(AssertionError, match="has `from typing_extensions import Self`"):
        gate.run("prepare", job={**job, "wheels": wheels}, root="/opt/without")


def test_it_is_configured_and_generated(configured: Gate):
    count = len(configured.compile_commands())  # a number: pytest would show all of their words
    assert count > 100


def test_no_file_is_compiled_for_other_cores(configured: Gate):
    flags = {word for words in configured.compile_commands("").values() for word in words if "+sve" in word}
    assert not flags


def test_torch_python_compiles(configured: Gate):
    errors = configured.syntax_errors(configured.compile_commands())
    judged = {path: said for path, said in errors.items() if not any(header in said for header in NOT_GENERATED)}
    assert not judged, json.dumps(judged, indent=1)
    unjudged = sorted(set(errors) - set(judged))
    assert len(unjudged) < 30, unjudged


def test_it_does_not_without_the_rows_edits(configured: Gate):
    if configured.case.architecture != "armhf":
        pytest.skip("only the rows of 32-bit boards edit a file of torch_python")
    ((_path, said),) = configured.syntax_errors(configured.original(FORMATS)).items()
    assert "argument %ld is of" in said and "[-Werror=format=]" in said, said

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PyTorch 2.6.0 itself, from Debian 13's source, compiled with a board's flags, cut off three times, installed
elsewhere, verified. It takes hours.

Run again, it goes on where it was: the containers' volumes are kept until it has passed.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import docker
import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "lab"))

import engine  # noqa: E402
import images  # noqa: E402

DIRECTORY = REPOSITORY / ".build" / "test-build"
PROGRAMS = Path(sys.executable).parent
MIRROR = "http://deb.debian.org/debian"
SECONDS = 24 * 3600
HOSTS = {"builder": "pytorch-builder", "board": "pytorch-board"}
# Debian's version is its own; what is asked for by the build must win, or the wheel would not carry the key.
VERSION_PATCH = """\
--- a/tools/generate_torch_version.py
+++ b/tools/generate_torch_version.py
@@ -51,7 +51,7 @@
     pytorch_root = Path(__file__).absolute().parent.parent
     version = open(pytorch_root / "version.txt").read().strip()
\x20
-    return version + '+debian'
+    return os.environ["PYTORCH_BUILD_VERSION"]
\x20
\x20
 if __name__ == "__main__":
"""
# Debian's libraries look for each other in the system's directories, by names with a number: a wheel has its own beside
# each other, by bare names.
LIBRARIES_PATCH = """\
--- a/cmake/Dependencies.cmake
+++ b/cmake/Dependencies.cmake
@@ -11,3 +11,3 @@
 # Don't use the install-rpath during the build phase
 set(CMAKE_BUILD_WITH_INSTALL_RPATH FALSE)
-set(CMAKE_INSTALL_RPATH "")
+set(CMAKE_INSTALL_RPATH "${_rpath_portable_origin}")
--- a/CMakeLists.txt
+++ b/CMakeLists.txt
@@ -360,3 +360,3 @@
 option(ONNX_ML "Enable traditional ONNX ML API." ON)
-option(HAVE_SOVERSION "Whether to add SOVERSION to the shared objects" ON)
+option(HAVE_SOVERSION "Whether to add SOVERSION to the shared objects" OFF)
 option(BUILD_LIBTORCH_CPU_WITH_DEBUG
"""
FLATBUFFERS = "torch/csrc/jit/serialization"
ROW = {
    "id": "debian-source",
    "accelerator": "cpu",
    "action": "build",
    "torch": "==2.6.0",
    "python": ">=3.13",
    "system_site_packages": True,
    "proven": "container",
    "evidence": ["https://tracker.debian.org/pkg/pytorch"],
    "build": {
        "source": {"directory": "/opt/edgeai/source/pytorch-2.6.0+dfsg"},
        # The mission's five flags by their meaning, and what a board has no use for.
        "features": dict.fromkeys(
            ("cuda", "distributed", "mkldnn", "qnnpack", "nnpack", "xnnpack", "fbgemm", "kineto", "itt", "tests"), False
        ),
        "environment": {
            "USE_SYSTEM_LIBS": "ON",
            "ONNX_NAMESPACE": "onnx",
            "BLAS": "OpenBLAS",
            "CXXFLAGS": "-I/usr -Wno-dangling-reference",
        },
        "patches": [{"name": "version", "text": VERSION_PATCH}, {"name": "libraries", "text": LIBRARIES_PATCH}],
        "commands": [
            ["cp", "-r", "/usr/src/googletest", "third_party/"],
            [
                "flatc",
                "--cpp",
                "--gen-mutable",
                "--scoped-enums",
                "-o",
                FLATBUFFERS,
                f"{FLATBUFFERS}/mobile_bytecode.fbs",
            ],
        ],
        "needs": {"space_mib": 8192},
    },
}


def play(playbook: str, *arguments: str) -> list[str]:
    return [str(PROGRAMS / "ansible-playbook"), playbook, "-i", str(DIRECTORY / "hosts.yml"), *arguments]


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
        "PWD": str(DIRECTORY),
        "ANSIBLE_NOCOLOR": "1",
    }


def prepare() -> None:
    subprocess.run(play(str(Path(__file__).with_name("prepare.yml"))), cwd=DIRECTORY, env=environment(), check=True)


def provision(log: Path) -> subprocess.Popen:
    prepare()  # a container that was restarted is at another port
    with log.open("ab") as stream:
        return subprocess.Popen(
            play("edgeai.fleet.provision"),
            cwd=DIRECTORY,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )


@pytest.fixture(scope="module")
def bench() -> docker.models.containers.Container:
    """The builder's container; the inventory of both is in DIRECTORY."""
    client = engine.ensure()
    images.tools()
    (DIRECTORY / "host_vars").mkdir(parents=True, exist_ok=True)
    inventory = {
        "all": {
            "hosts": dict.fromkeys(HOSTS.values(), {}),
            "children": {"builder": {"hosts": {HOSTS["builder"]: {}}}},
            "vars": {
                "debian_architecture": {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()],
                "debian_mirror": MIRROR,
                "keys": str(DIRECTORY / "keys"),
                "torch_catalogue": [ROW],
                "torch_build_policy": "always",
                "torch_builder": HOSTS["builder"],
                "torch_version": "2.6.0",
                "torch_accelerator": "cpu",
                "torch_requirements": [],
                "torch_build_swap_mib": 0,
                "wheelhouse_dir": str(DIRECTORY / "wheelhouse"),
                "torch_build_wheelhouse": str(DIRECTORY / "wheelhouse"),
            },
        }
    }
    (DIRECTORY / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    prepare()
    return client.containers.get(f"edgeai-builder-{HOSTS['builder']}")


def state(builder: docker.models.containers.Container) -> dict:
    """What is known of the only build; empty before it has begun, and while the container does not run."""
    try:
        status, output = builder.exec_run(["sh", "-c", "cat /opt/edgeai/torch/builds/*/state.json"])
    except docker.errors.APIError:
        return {}
    return json.loads(output) if status == 0 else {}


def until(builder: docker.models.containers.Container, steps: int, run: subprocess.Popen, log: Path) -> int:
    """Until so many steps are done; how many are."""
    deadline = time.monotonic() + SECONDS
    while True:
        now = state(builder)
        if now.get("status") == "finished":
            pytest.fail("the build was finished before it could be cut off: remove the containers and begin anew")
        if now.get("phase") == "compile" and now["done"] >= steps and now["total"] > 1000:
            return now["done"]
        assert now.get("status") != "failed", now["error"]
        assert run.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")[-4000:]
        time.sleep(5)


def test_compiled_through_three_cuts_installed_elsewhere_and_proven(bench: docker.models.containers.Container):
    log = DIRECTORY / "provision.log"
    cuts = {
        "the connection": lambda: bench.exec_run(["pkill", "-9", "-f", "sshd.*@notty|sshd-session"]),
        "all its processes": lambda: bench.exec_run(
            ["sh", "-c", "kill -9 $(grep -lz EDGEAI_TORCH_BUILD= /proc/[0-9]*/environ | cut -d/ -f3)"]
        ),
        "the container": lambda: bench.restart(timeout=0),
    }
    done = state(bench).get("done", 0)
    for what, cut in cuts.items():
        run = provision(log)
        done = until(bench, done + 20, run, log)
        cut()
        run.kill()
        run.wait()
        print(f"{what} was cut off after {done} steps", flush=True)
    run = provision(log)
    assert run.wait(SECONDS) == 0, log.read_text(encoding="utf-8")[-4000:]

    (record,) = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in (DIRECTORY / "wheelhouse" / "builds").glob("????????????????.json")
    )
    print(json.dumps(record, indent=1))
    assert record["steps"] > 1000 and record["resumed"] >= 2
    for feature in ("cuda", "distributed", "mkldnn", "qnnpack", "nnpack"):
        assert record["flags"]["found"][feature] is False, record["flags"]
    report = json.loads(max((DIRECTORY / "reports").glob("2*/report.json")).read_text(encoding="utf-8"))
    for host in HOSTS.values():
        verdict = report["boards"][host]["verdict"]
        assert (verdict["outcome"], verdict["satisfied"], verdict["torch"]) == ("cpu", True, record["version"]), verdict

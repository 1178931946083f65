# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures that happen for real, in containers: real torch, a real kernel that kills, a real loader that refuses.

Each has its own diagnosis.

The container has the environment of the unit tests (.build/torch) and its Python at the same paths as this machine.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

import engine  # noqa: E402
import images  # noqa: E402
import venvs  # noqa: E402
import wheels  # noqa: E402

PROGRAM = """
import json, sys
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.probe_process import run_probe
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import judge
asked = json.loads(sys.argv[1])
expect = asked.pop('expect', 'cpu')
print(json.dumps(judge(run_probe(expect=expect, **asked), expect)))
"""


@pytest.fixture(scope="module")
def torch() -> Path:
    """The python of an environment with the CPU build of torch."""
    return venvs.ensure("torch", "torch==2.13.0+cpu")


@pytest.fixture(scope="module")
def verify(torch: Path):
    client = engine.ensure()
    tag = images.ensure(client, "amd64")
    base = Path(
        subprocess.run(
            [torch, "-c", "import sys; print(sys.base_prefix)"], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()
    )

    def run(asked: dict | None = None, volumes: dict[Path, str] | None = None, **options: object) -> dict:
        """Return the verdict of a container with these options."""
        bound = {
            str(place): {"bind": str(place), "mode": "ro"}
            for place in (torch.parents[1], base, REPOSITORY / "plugins", venvs.link_collection())
        }
        # Later mounts cover earlier ones: Docker sorts them by depth.
        bound.update({str(source): {"bind": target, "mode": "rw"} for source, target in (volumes or {}).items()})
        command = [
            "/usr/bin/python3",
            "-c",
            PROGRAM,
            json.dumps({"python": str(torch), "timeout": 120, **(asked or {})}),
        ]
        container = client.containers.run(
            tag,
            command,
            detach=True,
            volumes=bound,
            environment={"PYTHONPATH": str(venvs.link_collection())},
            **options,
        )
        try:
            container.wait(timeout=300)
            said = container.logs(stdout=True, stderr=False).decode().strip()
            assert said, container.logs().decode()
            return json.loads(said.splitlines()[-1])
        finally:
            container.remove(force=True)

    return run


@pytest.fixture
def package(torch: Path) -> Path:
    return next(torch.parents[1].glob("lib/python*/site-packages/torch"))


def told(verdict: dict) -> tuple[str, str]:
    assert not verdict["satisfied"], verdict
    return verdict["outcome"], verdict["diagnosis"]["id"]


def test_nothing_is_wrong(verify):
    """The control: the same container without a failure."""
    verdict = verify()
    assert (verdict["outcome"], verdict["satisfied"]) == ("cpu", True), verdict


def test_memory_runs_out(verify):
    verdict = verify(mem_limit="100m", memswap_limit="100m")
    assert told(verdict) == ("error", "RUN-10"), verdict
    assert verdict["died"]["signal"] == "SIGKILL" and verdict["died"]["stage"] == "import"


def test_no_shared_memory(verify):
    verdict = verify(ipc_mode="none")
    assert told(verdict) == ("error", "RUN-09"), verdict
    assert "/dev/shm" in verdict["diagnosis"]["cause"]


def test_temporary_files_have_no_place(verify):
    verdict = verify({"environment": {"TMPDIR": "/full"}}, tmpfs={"/full": "size=4k"})
    assert told(verdict) == ("error", "RUN-08"), verdict
    assert "No space left on device" in verdict["reason"]


def test_a_library_is_cut_short(verify, package, tmp_path):
    (tmp_path / "empty").touch()
    verdict = verify(volumes={tmp_path / "empty": str(package / "lib" / "libtorch_cpu.so")})
    assert told(verdict) == ("error", "ENV-03"), verdict


def test_a_half_deleted_package(verify, package, tmp_path):
    (tmp_path / "nn").mkdir()
    verdict = verify(volumes={tmp_path / "nn": str(package / "nn")})
    assert told(verdict) == ("error", "ENV-03"), verdict


def test_a_module_named_torch(verify, tmp_path):
    (tmp_path / "torch.py").write_text("answer = 42\n", encoding="utf-8")
    verdict = verify({"environment": {"PYTHONPATH": "/mine"}}, volumes={tmp_path: "/mine"})
    assert told(verdict) == ("error", "ENV-02"), verdict
    assert "/mine/torch.py" in verdict["diagnosis"]["cause"]


def test_a_bad_ld_library_path(verify, tmp_path):
    (tmp_path / "libstdc++.so.6").touch()
    verdict = verify({"environment": {"LD_LIBRARY_PATH": "/opt/other:/bad"}}, volumes={tmp_path: "/bad"})
    assert told(verdict) == ("error", "ENV-04"), verdict
    assert "LD_LIBRARY_PATH makes the loader use /bad," in verdict["diagnosis"]["cause"]


def test_a_c_library_that_is_too_old(verify, package, tmp_path):
    """The loader's own message: one of torch's libraries needs a version of the C library that does not exist."""
    core = next(package.glob("_C.*.so"))
    asked = b"GLIBC_2.2.5\0"
    content = core.read_bytes()
    assert asked in content
    patched = tmp_path / core.name
    patched.write_bytes(content.replace(asked, b"GLIBC_9.2.5\0"))
    verdict = verify(volumes={patched: str(core)})
    assert told(verdict) == ("error", "GEN-02"), verdict
    assert "GLIBC_9.2.5" in verdict["diagnosis"]["cause"]


def test_a_missing_library_is_named_with_who_needs_it(verify, package, tmp_path):
    """libgomp is removed from the wheel's libraries."""
    library = next((package / "lib").glob("libgomp*"))
    hidden = tmp_path / "lib"
    hidden.mkdir()
    for other in (package / "lib").iterdir():
        if other != library and other.is_file():
            (hidden / other.name).symlink_to(Path("/elsewhere") / other.name)
    verdict = verify(volumes={package / "lib": "/elsewhere", hidden: str(package / "lib")})
    assert told(verdict) == ("error", "RUN-05"), verdict
    assert library.name in verdict["diagnosis"]["cause"] and "needs it" in verdict["diagnosis"]["cause"]
    assert "libgomp1" in verdict["diagnosis"]["fix"]


def test_a_user_without_access(verify, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "python").symlink_to("/usr/bin/python3")
    verdict = verify({"python": "/closed/python", "user": "nobody"}, volumes={closed: "/closed"})
    assert told(verdict) == ("error", "RUN-06"), verdict


def test_cuda_is_asked_of_a_cpu_build(verify):
    assert told(verify({"expect": "cuda"})) == ("cpu", "CUDA-07")
    on_a_jetson = verify({"expect": "cuda", "family": "jetson"})
    assert told(on_a_jetson) == ("cpu", "JET-03")
    assert "this is not NVIDIA's build" in on_a_jetson["reason"]


def test_it_hangs(verify, tmp_path):
    slow = [
        "import sys, time",
        "class Slow:",
        "    def find_spec(self, name, path, target=None):",
        "        if name == 'torch.nn':",
        "            time.sleep(600)",
        "sys.meta_path.insert(0, Slow())",
        "",
    ]
    (tmp_path / "sitecustomize.py").write_text("\n".join(slow), encoding="utf-8")
    verdict = verify({"timeout": 6, "environment": {"PYTHONPATH": "/slow"}}, volumes={tmp_path: "/slow"})
    assert told(verdict) == ("error", "RUN-03"), verdict
    assert verdict["died"]["timeout"] and verdict["died"]["stage"] == "import"


PURE = {  # what torch imports
    "typing-extensions==4.16.0": "typing_extensions-4.16.0-py3-none-any.whl",
    "sympy==1.13.1": "sympy-1.13.1-py3-none-any.whl",
    "mpmath==1.3.0": "mpmath-1.3.0-py3-none-any.whl",
    "filelock==3.16.1": "filelock-3.16.1-py3-none-any.whl",
    "networkx==3.4.2": "networkx-3.4.2-py3-none-any.whl",
}


def on_a_core(core: str, tmp_path: Path, torch: str, tag: str, **asked) -> dict:
    """Return the verdict on a wheel of torch for Python 3.11, in an emulated container with this core."""
    client = engine.ensure()
    image = images.ensure(client, "arm64")
    site = tmp_path / "site"
    wanted = {f"torch=={torch}": f"torch-{torch}-cp311-cp311-{tag}_aarch64.whl", **PURE}
    for requirement, name in wanted.items():
        with zipfile.ZipFile(wheels.fetch(requirement, name)) as archive:
            archive.extractall(site)
    bound = {
        str(place): {"bind": str(place), "mode": "ro"} for place in (REPOSITORY / "plugins", venvs.link_collection())
    }
    bound[str(site)] = {"bind": "/site", "mode": "ro"}
    asked = {"python": "/usr/bin/python3", "timeout": 600, "environment": {"PYTHONPATH": "/site"}, **asked}
    # Engine 20.10 takes an imported arm64 image for an amd64 one, so no platform is named.
    container = client.containers.run(
        image,
        ["/usr/bin/python3", "-c", PROGRAM, json.dumps(asked)],
        detach=True,
        volumes=bound,
        environment={"PYTHONPATH": str(venvs.link_collection()), "QEMU_CPU": core},
    )
    try:
        container.wait(timeout=1500)
        verdict = json.loads(container.logs(stdout=True, stderr=False).decode().splitlines()[-1])
    finally:
        container.remove(force=True)
    assert verdict["environment"]["QEMU_CPU"] == core
    return verdict


@pytest.mark.parametrize("core", ["cortex-a53", "cortex-a72"])
def test_a_core_without_lse_atomics(tmp_path, core):
    """PyTorch's own bug #132032 on the cores of a Pi 3, a Zynq UltraScale+ and a Pi 4."""
    verdict = on_a_core(core, tmp_path, "2.4.0", "manylinux2014")
    assert told(verdict) == ("error", "ARM-01"), verdict
    assert (
        verdict["died"] == {"stage": "import", "signal": "SIGILL", "exit_status": None, "timeout": False}
        or verdict["died"]["exit_status"] == 132
    )


@pytest.mark.heavy
@pytest.mark.parametrize(
    "torch, tag, identity, stage",
    [("2.6.0", "manylinux_2_28", "ARM-09", "script"), ("2.1.0", "manylinux2014", "ARM-10", "training")],
)
def test_releases_that_import_on_a_core_without_lse_atomics_and_fail_later(tmp_path, torch, tag, identity, stage):
    """PyTorch's own bugs #146792 and #110819: the import is well, and what programs do is not."""
    verdict = on_a_core("cortex-a72", tmp_path, torch, tag, timeout=1200)
    assert told(verdict) == ("error", identity), verdict
    failed = [check["name"] for check in verdict["checks"] if not check["passed"]]
    assert stage in ([verdict["died"]["stage"]] if verdict["died"] else failed)


def beside(name: str, version: str, expect: str, *requirements: str) -> dict:
    """Return the verdict on a separate environment on this machine."""
    python = venvs.python_of(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed")
    environment = venvs.ensure(name, *requirements, python=python)
    command = [sys.executable, "-c", PROGRAM, json.dumps({"python": str(environment), "expect": expect})]
    done = subprocess.run(
        command, env={"PYTHONPATH": str(venvs.link_collection())}, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.heavy  # 880 MB
def test_a_cuda_build_without_a_driver():
    """A build with its own CUDA 10.2, on Python 3.6: the case of JetPack 4 and old PCs."""
    if shutil.which("nvidia-smi"):
        pytest.skip("this machine has an NVIDIA driver")
    verdict = beside("torch-1.10", "3.6", "cuda", "torch==1.10.2", "typing-extensions==4.1.1", "dataclasses==0.8")
    assert told(verdict) == ("cpu", "CUDA-01"), verdict
    assert verdict["features"]["cuda"] is True


@pytest.mark.heavy  # 780 MB
def test_numpy_2_beside_a_torch_for_numpy_1():
    verdict = beside("torch-1.12", "3.10", "cpu", "torch==1.12.1", "numpy==2.2.6")
    assert told(verdict) == ("error", "GEN-01"), verdict
    assert verdict["diagnosis"]["repair"] == "numpy"

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Jetson Orin Nano, with a wheel that calls itself NVIDIA's but is another one.

tests/integration/test_mixed_families.py tests that a CPU build satisfies a request for one.
"""

import hashlib
import json

ROOT = "/opt/edgeai/torch"
WHEEL = "torch-2.5.0a0+872d972e41.nv24.08.17622132-cp311-cp311-linux_aarch64.whl"
KEYRING = "cuda-keyring_1.1-1_all.deb"


def test_the_lab_is_an_orin_nano(host):
    assert host.check_output("tr '\\0' ' ' </sys/firmware/devicetree/base/compatible").endswith(
        "nvidia,p3767-0005 nvidia,tegra234 "
    )
    assert host.file("/dev/nvmap").group == "video"


def test_the_user_of_the_workload_may_open_the_gpu(host):
    assert {"video", "render"} <= set(host.user("robot").groups)
    with host.sudo("robot"):
        host.run_expect([0], "head -c 0 /dev/nvmap")


def test_what_was_trusted_on_first_use_is_pinned(state):
    pins = json.loads((state / "locks" / "pins.json").read_text(encoding="utf-8"))["pins"]
    served = {
        WHEEL: "compute/redist/jp/v61/pytorch/wheel.whl",
        KEYRING: "compute/cuda/repos/ubuntu2204/arm64/" + KEYRING,
    }
    assert set(pins) == set(served)
    for name, path in served.items():
        assert pins[name]["sha256"] == hashlib.sha256((state / "www" / path).read_bytes()).hexdigest()


def test_the_wheel_has_its_own_name_again_and_is_installed(host):
    names = host.check_output(f"ls {ROOT}/envs/*/lib/python3.11/site-packages").split()
    assert "torch-2.5.0a0+872d972e41.nv24.08.17622132.dist-info" in names
    assert [name.partition("-")[2].split(".")[0] for name in names if name.startswith("numpy-")] == ["1"]


def test_what_does_not_satisfy_is_not_switched_to(host):
    assert not host.file(f"{ROOT}/current").exists


def test_cusparselt_is_there_and_the_cuda_repository_is_not(host):
    assert host.package("libcusparselt0").is_installed
    assert host.package("libopenblas-dev").is_installed
    # Purged: even its configuration is removed.
    assert host.run("dpkg-query -W cuda-keyring").rc == 1
    assert (
        host.check_output("find /etc/apt /usr/share/keyrings /var/lib/apt/lists /var/cache/apt -iname '*cuda*'") == ""
    )

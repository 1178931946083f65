# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""torch_build on real builders: what it makes, what it refuses, and what it survives: kills, dead connections, missing
memory, a full disk, a clock that goes back.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
import torch_source
import wheels
from compiling import (
    NOTHING,
    ROOT,
    VERSION,
    archive,
    attempt,
    build,
    compiled,
    finish,
    kept,
    place,
    ssh,
    start,
    steps,
    until,
    wheel_of,
    wheelhouse,
)
from playbook_runs import REPOSITORY, Operator

LAB = {
    "name": "build",
    "boards": [
        {"name": "builder", "image": "builder", "tmpfs": {"/mnt/small": "64m"}},
        {"name": "weak", "image": "builder", "memory": "300m"},
        {"name": "old", "image": "builder", "python36": True},
    ],
}
PATCH = """\
--- a/torch/__config__.py
+++ b/torch/__config__.py
@@ -5,4 +5,4 @@


 def show():
-    return _C._show_config()
+    return "patched " + _C._show_config()
"""
SUPERVISORS = "pgrep -fc '[_]build.supervise'"
PROCESSES = "sudo grep -lz EDGEAI_TORCH_BUILD= /proc/[0-9]*/environ 2>/dev/null | wc -l"
KILLS = {
    "supervisor": "sudo pkill -9 -f '[_]build.supervise'",
    "ninja": "sudo pkill -9 ninja",
    "all": "sudo kill -9 $(sudo grep -lz EDGEAI_TORCH_BUILD= /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3)",
}


@pytest.fixture(scope="module", autouse=True)
def sources(lab: Operator) -> None:
    """Copy the tree to each builder's disk."""
    directory = torch_source.unpack(torch_source.tree("torch"), lab.directory / "torch")
    for board in LAB["boards"]:
        packed = subprocess.run(["tar", "-C", directory, "-c", "."], stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(
            [
                "ssh",
                "-F",
                lab.inventory.parent / "ssh_config",
                board["name"],
                "sudo mkdir -p /srv/torch && sudo tar -C /srv/torch -x",
            ],
            input=packed,
            check=True,
        )


# --- what it makes


def test_a_wheel_its_record_and_nothing_left(lab: Operator):
    job = build(
        "plain",
        weight=3,
        source=archive(lab, torch_source.tree("torch")),
        features={**NOTHING, "openmp": True},
        wheelhouse=str(wheelhouse(lab)),
        environment={"SCCACHE_KEY": "bu1ldK3y-of-cache"},
    )
    (foreseen,) = attempt(lab, job, options=("--check", "-vvv"))
    assert "bu1ldK3y-of-cache" not in foreseen["output"]
    assert foreseen["changed"] and ssh(lab, "builder", f"test -e {place(job)}").returncode, foreseen

    result = compiled(lab, job)
    record = result["record"]
    assert result["changed"]
    assert record["filename"] == f"torch-{VERSION}+edgeai.k{job['key'][:12]}-cp311-cp311-linux_x86_64.whl"
    assert (
        record["flags"]["asked"]["USE_CUDA"] == "0"
        and record["flags"]["found"]["cuda"] is False
        and record["flags"]["found"]["openmp"] is True
    )
    assert "torch/lib/libtorch_cpu.so" in wheel_of(lab, result)
    assert (wheelhouse(lab) / "builds" / f"{job['key']}.log.gz").exists()
    assert ssh(lab, "builder", f"stat -c %a {place(job)}/job.json").stdout.strip() == "600"
    assert "bu1ldK3y-of-cache" in ssh(lab, "builder", f"sudo cat {place(job)}/job.json").stdout
    assert not {"src", "site", "dist", "check", "incoming", "program"} & set(
        ssh(lab, "builder", f"ls {place(job)}").stdout.split()
    )
    assert ssh(lab, "builder", PROCESSES).stdout.strip() == "0"

    # A second board with the same build id compiles nothing.
    (again,) = attempt(lab, job, board="old")
    assert not again["changed"] and again["record"] == record
    assert ssh(lab, "old", f"test -e {place(job)}").returncode


def test_from_a_tag_patched_and_with_commands(lab: Operator):
    torch_source.repository(torch_source.tree("torch"), lab.directory / "git" / "pytorch", f"v{VERSION}")
    packed = subprocess.run(
        ["tar", "-C", lab.directory / "git", "-c", "pytorch.git", "pytorch-fp16.git"],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    subprocess.run(
        [
            "ssh",
            "-F",
            lab.inventory.parent / "ssh_config",
            "builder",
            "sudo mkdir -p /srv/git && sudo tar -C /srv/git -x --no-same-owner",
        ],
        input=packed,
        check=True,
    )
    ssh(lab, "builder", "sudo git daemon --base-path=/srv/git --export-all --listen=127.0.0.1 --reuseaddr --detach")
    url = "git://127.0.0.1/pytorch.git"
    job = build(
        "git",
        weight=4,
        source={"git": url, "ref": f"v{VERSION}"},
        patches=[{"name": "show", "text": PATCH}],
        commands=[["touch", "torch/made.py"]],
    )
    wrong_tag, wrong_patch = (
        {**job, "key": number * 16, **change}
        for number, change in (
            ("1", {"source": {"git": url, "ref": f"v{VERSION}1"}}),
            ("2", {"patches": [{"name": "elsewhere", "text": PATCH.replace("__config__", "__nothing__")}]}),
        )
    )
    tag, unfitting, result = attempt(lab, wrong_tag, wrong_patch, {**job, "wheelhouse": str(wheelhouse(lab))})
    for word in (url, f"v{VERSION}1", f"similar: v{VERSION}."):
        assert word in tag["msg"]
    assert "the patch elsewhere does not apply" in unfitting["msg"]
    assert not result.get("failed"), result["msg"]
    content = wheel_of(lab, result)
    assert "torch/made.py" in content
    unpatched = torch_source.tree("torch")["torch/__config__.py"]
    assert content["torch/__config__.py"] != hashlib.sha256(unpatched).hexdigest()


def test_a_companion_is_compiled_against_its_torch(lab: Operator):
    torch = compiled(lab, build("torch of vision", weight=5))["record"]
    job = build(
        "vision",
        package="torchvision",
        version="0.21.0",
        features={},
        source=archive(lab, torch_source.tree("torchvision"), "vision.tar.gz"),
        wheels=[{name: torch[name] for name in ("filename", "sha256")}],
    )
    result = compiled(lab, job)
    assert result["record"]["filename"].startswith("torchvision-0.21.0+edgeai.")
    assert result["build"]["version"] == f"0.21.0+edgeai.k{job['key'][:12]}"


def test_on_python_36(lab: Operator, oldest_core: Path):
    """The module on the Python of JetPack 4, with the last PyTorch for that Python."""
    needed = [
        kept(lab, wheels.fetch(name, "x-1-cp36-cp36m-linux_x86_64.whl")) for name in ("PyYAML==6.0.1", "wheel==0.37.1")
    ]
    source = archive(lab, {**torch_source.tree("torch"), "version.txt": b"1.10.0a0\n"}, "pytorch-v1.10.0.tar.gz")
    job = build(
        "old",
        version="1.10.0",
        source=source,
        wheels=needed,
        python="/opt/python3.6/bin/python3.6",
        wheelhouse=str(wheelhouse(lab)),
        # This Python was built for another directory.
        environment={"LIBRARY_PATH": "/opt/python3.6/lib"},
    )
    too_old, result = attempt(lab, {**job, "key": "3" * 16, "version": VERSION}, job, board="old")
    for word in ("torch 2.6.0 supports Python 3.9 to 3.13", "/opt/python3.6/bin/python3.6 is Python 3.6"):
        assert word in too_old["msg"]
    assert not result.get("failed"), result["msg"]
    assert result["record"]["filename"].endswith("-cp36-cp36m-linux_x86_64.whl")


def test_with_a_cmake_that_the_distribution_does_not_have(lab: Operator):
    cmake = kept(lab, wheels.fetch("cmake==3.31.6", "x-1-cp311-cp311-linux_x86_64.whl"))
    source = archive(lab, {**torch_source.tree("torch"), "version.txt": b"2.9.1\n"}, "pytorch-v2.9.1.tar.gz")
    job = build("cmake", weight=6, version="2.9.1", source=source, wheelhouse=str(wheelhouse(lab)))
    without, result = attempt(lab, {**job, "key": "5" * 16}, {**job, "wheels": [cmake]})
    assert "torch 2.9.1 needs CMake 3.27 or later; this machine has 3.25." in without["msg"]
    assert not result.get("failed"), result["msg"]
    assert result["record"]["toolchain"]["cmake"] == "cmake version 3.31.6"


# --- what it refuses


def refused(lab: Operator) -> dict[str, tuple[dict, list[str]]]:
    tree = torch_source.tree("torch")
    modules = b'[submodule "third_party/fp16"]\n\tpath = third_party/fp16\n\turl = https://example.org/fp16.git\n'
    without = {
        name: content
        for name, content in {**tree, ".gitmodules": modules}.items()
        if not name.startswith("third_party/")
    }
    changed = archive(lab, tree, "changed.tar.gz")
    (wheelhouse(lab) / "sha256" / changed["sha256"] / changed["filename"]).write_bytes(b"something else")
    return {
        "hash": ({"source": changed, "wheelhouse": str(wheelhouse(lab))}, ["changed.tar.gz", changed["sha256"]]),
        "submodules": (
            {"source": archive(lab, without, "bare.tar.gz"), "wheelhouse": str(wheelhouse(lab))},
            ["lacks its submodules", "third_party/fp16"],
        ),
        "version": ({"version": "2.5.1"}, ["/srv/torch", "2.6.0a0", "2.5.1"]),
        "directory": ({"source": {"directory": "/srv/nothing"}}, ["/srv/nothing"]),
        "typo": ({"features": {"distribute": False}}, ["distribute", "did you mean distributed?"]),
        "cannot switch": ({"version": "1.1.0", "features": {"numpy": False}}, ["torch 1.1.0 cannot switch numpy"]),
        "memory": ({"memory_mib": 1 << 24}, ["16777216 MiB", "torch_build_swap_mib"]),
        "space": ({"space_mib": 1 << 24}, ["16777216 MiB", "MiB free"]),
        "tools": ({"toolchain": {"cc": "clang", "cxx": "clang++"}}, ["clang++", "apt install"]),
        "no effect": ({"features": {**NOTHING, "nccl": True}}, ["nccl should be on, but USE_NCCL is off"]),
        "no toolkit": ({"features": {**NOTHING, "cuda": True}}, ["its compiler nvcc is not on this machine"]),
        "broken": (
            {"commands": [["sed", "-i", "s/return x/return y/", "aten/src/kernel.cpp.in"]]},
            ["setup.py bdist_wheel ended with status 1", "error:"],
        ),
    }


def test_refused_each_for_its_own_reason(lab: Operator):
    cases = refused(lab)
    results = attempt(lab, *(build(name, **arguments) for name, (arguments, _words) in cases.items()))
    for (name, (_arguments, words)), result in zip(cases.items(), results, strict=True):
        assert result.get("failed"), f"{name}: {result}"
        for word in words:
            assert word in result["msg"], f"{name}: {result['msg']}"
    assert ssh(lab, "builder", PROCESSES).stdout.strip() == "0"


# --- what it survives


@pytest.mark.parametrize(
    ("kills", "kernels", "weight"), [(4, 60, 10), pytest.param(20, 300, 15, marks=pytest.mark.heavy)]
)
def test_killed_at_random_moments(lab: Operator, kills: int, kernels: int, weight: int):
    """The wheel is the same as without kills, no step runs twice except those in flight, and there is never a second
    supervisor.
    """
    job = build(f"killed {kills} times", kernels, weight, jobs=2)
    undisturbed = compiled(lab, job)
    expected = wheel_of(lab, undisturbed)
    ssh(lab, "builder", f"sudo rm -rf {ROOT}")
    record = wheelhouse(lab) / "builds" / f"{job['key']}.json"
    record.unlink()

    chance = random.Random(f"kill {kills}")  # noqa: S311 the same moments every time
    before = {"done": 0, "seconds": 0.0}
    for number in range(kills):
        (result,) = attempt(lab, {**job, "state": "started"})
        assert not result.get("failed"), f"kill {number}: {result['msg']}"
        now = result["build"]
        assert now["status"] == "running", (
            f"kill {number}: it is {now['status']} after {now['done']} steps; where it was too fast, it needs more"
            " kernels"
        )
        assert ssh(lab, "builder", SUPERVISORS).stdout.strip() == "1"
        assert now["done"] >= before["done"] and now["seconds"] >= before["seconds"], (before, now)
        before = now
        if chance.random() < 0.8:  # otherwise before or during the checks of CMake
            until(lab, job, len(steps(lab, job)) + chance.randint(1, 5))
        time.sleep(chance.uniform(0, 1))
        ssh(lab, "builder", KILLS[chance.choice(sorted(KILLS))])

    result = compiled(lab, job)
    assert wheel_of(lab, result) == expected
    again = {name: times for name, times in Counter(steps(lab, job)).items() if times > 1}
    # A step may be killed after its end, before ninja has noted it.
    assert sum(again.values()) <= 2 * kills, again
    assert len(Counter(steps(lab, job))) == kernels


def test_two_at_once_are_one_build(lab: Operator):
    job = build("twice", kernels=6, weight=16, wheelhouse=str(wheelhouse(lab)))
    runs = [(told, start(lab, [job], told=told)) for told in ("one.json", "two.json")]
    one, two = (finish(lab, run, told)[0] for told, run in runs)
    assert not one.get("failed") and not two.get("failed"), (one, two)
    assert one["record"]["sha256"] == two["record"]["sha256"]
    assert Counter(steps(lab, job)) == dict.fromkeys((f"aten_{number}.cpp.o" for number in range(1, 7)), 1)


def test_the_other_run_takes_the_wheel_first(lab: Operator):
    """The second run knows that the wheel exists and waits to copy it, while the first one takes it and removes the
    build.
    """
    job = build("taken", kernels=1, weight=2, wheelhouse=str(wheelhouse(lab)))
    asks, go_on, waiting = (lab.directory / name for name in ("asks", "go-on", "sftp-that-waits"))
    waiting.write_text(
        f"""#!/bin/sh
commands=$(cat)
case $commands in get*) touch {asks}; until [ -e {go_on} ]; do sleep 0.1; done;; esac
printf '%s\\n' "$commands" | exec sftp "$@"
""",
        encoding="utf-8",
    )
    waiting.chmod(0o755)
    second = start(lab, [job], "-e", f"ansible_sftp_executable={waiting}", told="second.json")
    try:
        while not asks.exists():
            assert second.poll() is None, second.communicate()[0]
            time.sleep(0.1)
        (first,) = attempt(lab, job)
    finally:
        go_on.touch()
    (second,) = finish(lab, second, "second.json")
    assert not first.get("failed") and not second.get("failed"), (first, second)
    assert first["record"] == second["record"]
    assert steps(lab, job) == ["aten_1.cpp.o"]


def test_the_connection_dies(lab: Operator):
    job = build("connection", kernels=16, weight=17, wheelhouse=str(wheelhouse(lab)))
    run = start(lab, [job])
    until(lab, job, 4)
    ssh(lab, "builder", "sudo pkill -9 -f '[s]shd: ansible'; true")
    assert ssh(lab, "builder", SUPERVISORS).stdout.strip() == "1"
    (result,) = finish(lab, run)
    assert not result.get("failed"), result["msg"]
    assert result["record"]["resumed"] == 0
    assert max(Counter(steps(lab, job)).values()) == 1


def test_cancelled(lab: Operator):
    job = build("cancelled", kernels=30, weight=18)
    started, cancelled, again = attempt(lab, {**job, "state": "started"}, *[{**job, "state": "cancelled"}] * 2)
    assert started["build"]["status"] == "running" and cancelled["changed"] and not again["changed"]
    assert again["build"]["status"] == "cancelled"
    assert ssh(lab, "builder", PROCESSES).stdout.strip() == "0"


def test_too_little_memory_for_all_at_once(lab: Operator):
    job = build("memory", kernels=2, weight=60, jobs=2)
    (result,) = attempt(lab, {**job, "wheelhouse": str(wheelhouse(lab))}, board="weak")
    assert not result.get("failed"), result["msg"]
    assert any(
        "killed for lack of memory: trying again with 1 at a time" in event for event in result["build"]["events"]
    ), result["build"]
    assert result["build"]["jobs"] == 1


def test_too_little_memory_for_one(lab: Operator):
    (result,) = attempt(lab, build("no memory", kernels=1, weight=200, jobs=1), board="weak")
    assert result["failed"] and "the only running compiler was killed: 300 MiB of memory" in result["msg"]


def test_the_disk_is_full_in_the_middle(lab: Operator):
    job = build("full", kernels=40, weight=6, root="/mnt/small/torch")
    ssh(lab, "builder", "sudo dd if=/dev/zero of=/mnt/small/ballast bs=1M count=62")
    (result,) = attempt(lab, job)
    assert result["failed"] and "the disk is full at /mnt/small/torch" in result["msg"], result
    first = len(steps(lab, job))
    ssh(lab, "builder", "sudo rm /mnt/small/ballast")
    result = compiled(lab, job)
    assert 0 < first < 40 and len(Counter(steps(lab, job))) == 40


def test_the_clock_goes_back(lab: Operator):
    """A board without a battery: files made yesterday have a time in the future."""
    job = build("clock", kernels=12, weight=15)
    attempt(lab, {**job, "state": "started"})
    until(lab, job, 6)
    ssh(lab, "builder", KILLS["all"])
    with (REPOSITORY / "tests" / "lab" / "tomorrow.py").open() as program:
        subprocess.run(
            ["ssh", "-F", lab.inventory.parent / "ssh_config", "builder", f"sudo python3 - {place(job)}/src/build"],
            stdin=program,
            check=True,
        )
    result = compiled(lab, job)
    assert any("the clock was set back" in event for event in result["build"]["events"]), result["build"]
    assert max(Counter(steps(lab, job)).values()) == 1

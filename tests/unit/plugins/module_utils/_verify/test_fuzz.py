# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand deaths and outputs of the probe, each twentieth of a real process: none crashes the module, none gives a
verdict that satisfies.
"""

import json
import os
import random
import re
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.probe_process import (
    describe_death,
    read_messages,
    run_probe,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.runtime_codes import (
    find_ascend_codes,
    find_cuda_codes,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import STANDARD, add_board, judge

DEATHS, REAL = 1000, 20
# As board_facts returns them, as a person describes them, and as nobody should.
BOARDS = [
    {},
    {"os": {"id": "nixos", "package_manager": None}, "page_size": 16384, "libc": {"name": "musl"}, "warnings": []},
    {"os": None, "platform": None, "key": None, "cpu": None, "memory": None, "accelerators": None, "warnings": None},
    {"accelerators": [None, {"cuda": 13}], "memory": {"total": "x"}, "page_size": "x", "cpu": {"level": "x"}},
    {
        "soc": "tegra234",
        "os": {"id": "ubuntu", "version_id": "22.04", "package_manager": "apt"},
        "platform": {"cuda": "12.6"},
        "key": {"l4t": "36.4.7", "cann": "9.0.0", "driver": "1"},
        "memory": {"total": 8 << 30},
        "warnings": [
            "the clock of this board says 1970-01-01 00:00 UTC, the control node's 2026-11-30 00:00 UTC: signatures",
            5,
        ],
    },
]
# In the place of an interpreter: says what it was given to say, on all three streams, and dies as it was told.
PYTHON = """#!/bin/sh
cat "{0}" > "/proc/self/fd/$3"
cat "{0}.out"
cat "{0}.out" >&2
{1}
"""


def stream(torch="2.9.1"):
    """What a probe says that goes through; without its last line it is a death."""
    now = time.monotonic()
    lines = [
        {"start": {"machine": "x86_64", "cores": 4, "environment": {}}},
        {"torch": {"version": torch, "file": "/x/torch/__init__.py"}},
    ]
    for name in ("accelerator",) + STANDARD:
        lines += [
            {"stage": name, "at": now},
            {"check": {"name": name, "passed": True, "value": 1.0, "bound": 2.0, "seconds": 0.1, "advisory": False}},
        ]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines + [{"stage": "exit", "at": now}])


def spoil(chance, whole):
    """(what it says in its own channel, how it ends): always a death, or a stream that is not whole."""
    said = whole
    kind = chance.randrange(6)
    ending = "exit 0"
    if kind == 0:
        said = whole[: chance.randrange(len(whole) - 30)]
    elif kind == 1:
        said = bytes(bytearray(chance.randrange(256) for _unused in range(chance.randrange(4000))))
    elif kind == 2:
        lines = whole.splitlines(True)
        chance.shuffle(lines)
        said = b"".join(lines[: chance.randrange(len(lines))])
        ending = "exit %d" % chance.randrange(1, 256)
    elif kind == 3:
        ending = "kill -%d $$; sleep 5" % chance.choice([4, 6, 7, 8, 9, 11, 15])
    elif kind == 4:
        ending = "exit %d" % chance.randrange(1, 256)
    else:
        junk = chance.choice(
            [
                b"[" * 5000,
                b'{"check": null}',
                b'{"torch": {"version": [1]}}',
                b'{"accelerator": {"devices": 5, "cause": {}}}',
                b"\xff\xfe",
                b'{"skipped": []}',
                b'{"accelerator": {"kind": [], "nodes": 5}}',
                b'{"accelerator": {"cause": 5, "nodes": [1, {}, {"path": 1, "error": ["EACCES"], "mode": "x"}]}}',
                b'{"accelerator": {"nodes": [{"path": "/dev/nvmap", "error": "EACCES", "mode": 432, "group": null}]}}',
                b'{"start": {"uid": "x", "hwcap": "y", "environment": 5, "machine": []}}',
                b'{"start": {"environment": {"CUDA_VISIBLE_DEVICES": 7, "LD_LIBRARY_PATH": []}}}',
                b'{"check": {"name": "bfloat16_cuda:1", "passed": false, "error": {"text": null}}}',
                b'{"check": {"name": "module_torchvision", "passed": false, "error": {"text": 5, "traceback": 5}}}',
            ]
        )
        cut = chance.randrange(len(whole) - 30)
        said = whole[:cut] + b"\n" + junk + b"\n"
    return said, ending


def put(folder, said, shown, ending):
    """An interpreter that says and does this; its path."""
    python, payload = str(folder / "python"), str(folder / "payload")
    for path, data in ((payload, said), (payload + ".out", shown), (python, PYTHON.format(payload, ending).encode())):
        with open(path, "wb") as target:
            target.write(data)
    os.chmod(python, 0o755)
    return python


def short_cut(said, ending):
    """The evidence that run_probe would make of it."""
    number = int(re.search(r"\d+", ending).group())
    evidence = {
        "python": "/x/bin/python",
        "user": "robot",
        "expect": "auto",
        "level": "standard",
        "modules": [],
        "family": None,
        "timeout": 20,
        "problem": None,
        "seconds": 1.0,
        "variables": {},
        "surroundings": {},
        "stdout": "",
        "stderr": "",
    }
    evidence.update(read_messages(said.decode("utf-8", "replace"), 0.0, 1.0))
    evidence["died"] = describe_death(evidence["stage"], False, -number if ending.startswith("kill") else number)
    return evidence


def test_a_thousand_deaths(tmp_path):
    chance = random.Random(20261123)  # noqa: S311
    whole = stream()
    for number in range(DEATHS):
        said, ending = spoil(chance, whole)
        if number % REAL:
            evidence = short_cut(said, ending)
        else:
            evidence = run_probe(put(tmp_path, said, os.urandom(chance.randrange(200)), ending), timeout=20)
        evidence["family"] = chance.choice([None, "jetson", "atlas", "raspberrypi", "x86_conda"])
        evidence["variables"] = chance.choice([{}, {"CUDA_VISIBLE_DEVICES": "7"}])
        if chance.randrange(2):
            add_board(evidence, chance.choice(BOARDS), chance.choice([True, False, None]))
        verdict = judge(evidence, chance.choice(["auto", "cpu", "cuda", "npu"]))
        assert verdict["satisfied"] is False and verdict["outcome"] == "error", (number, ending, said)
        assert verdict["reason"] and verdict["diagnosis"]["id"], number
        json.dumps(verdict, allow_nan=False)


def test_the_same_stream_unspoilt_satisfies(tmp_path):
    """Otherwise the thousand would prove nothing."""
    assert judge(short_cut(stream(), "exit 0"), "cpu")["satisfied"] is True
    assert judge(run_probe(put(tmp_path, stream(), b"", "exit 0"), timeout=20), "cpu")["satisfied"] is True


FRAGMENTS = [
    "\0",
    "/",
    "/lib",
    "lib",
    ".so",
    "libcu",
    "/dev/nvmap",
    "ImportError: torch",
    "__cuda >=1",
    "NvMapMemAllocInternalTagged",
    "version `",
    "cudaGetDeviceCount() ",
    "CUDA error ",
    "cuInit ",
    "error code is ",
    "required by /usr/lib/aarch64-linux-gnu/",
    "GLIBCXX_",
    "undefined symbol: _ZN",
    "Could not load library lib",
    "/site-packages/a/\n",
    "OMP: Error #15: Initializing ",
    "root@4f1f9b455b8",
    "undefined reference to `__atomic_",
    "Because a depends on b and ",
    "Downloading a.whl 99% 1 MB/s eta 0:00:01\n",
    "Found GPU0 x which is of cuda capability 8.7.\n",
    "NVRM: GPU ",
    "Found x which is too old ",
    "out of resource: shared memory, Required: 1, ",
    "int(arch.split('_')[1]) ",
    "Failed to import Python module [AttributeError: np.",
]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_no_pattern_chews_on_long_text(fragment):
    evidence = dict(short_cut(b"", "kill -11"), family="jetson")
    taken = []
    for size in (32768, 65536):
        evidence["stderr"] = fragment * (size // len(fragment))
        times = []
        for _again in range(2):
            find_cuda_codes.cache_clear()
            find_ascend_codes.cache_clear()
            started = time.process_time()
            judge(evidence)
            times.append(time.process_time() - started)
        taken.append(min(times))
    # Twice the text takes about twice as long; four times would be the square. The constant bears a coarse clock.
    assert taken[1] <= 2.5 * taken[0] + 0.05


def test_a_hundred_megabytes_of_text(tmp_path):
    python = put(tmp_path, b"", b"", "exit 0")
    for name in ("payload", "payload.out"):
        with open(str(tmp_path / name), "wb") as target:
            target.truncate(100 << 20)
    assert judge(run_probe(python, timeout=120))["outcome"] == "error"

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure how much a cross-compiling helper on this machine speeds up an emulated arm64 builder.

Both are containers of `builder_container`, connected by the role's `helpers.yml`. The same objects are compiled in turn
by the builder alone and with the helper, always into an empty cache. The objects must be the same, except for the
compiler's own name in them. Both containers share this machine's cores.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / ".build" / "collections"))

from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.distcc import prefix_script  # noqa: E402

TREE = REPOSITORY / "tests" / "lab" / "torch_tree"
# Headers as a file of PyTorch includes them, and the files of the tree do not: the builder preprocesses them itself.
HEADERS = (
    "algorithm",
    "functional",
    "iostream",
    "map",
    "memory",
    "regex",
    "sstream",
    "string",
    "thread",
    "unordered_map",
    "vector",
)
FLAGS = "-std=gnu++17 -O2 -fPIC"
PLAYBOOK = [
    {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Containers",
                "ansible.builtin.include_role": {"name": "edgeai.fleet.torch_build", "tasks_from": "container"},
            },
        ],
    },
    {
        "hosts": "builder",
        "gather_facts": False,
        "vars": {
            "torch_build_spec": {"toolchain": {"cxx": "g++"}, "needs": {"job_mib": 1024}},
            "told": {
                "builder": "{{ __torch_build_container.builder }}",
                "hosts": "{{ __torch_build_distcc }}",
                "version": "{{ __torch_build_compiler.stderr }}",
            },
        },
        "tasks": [
            {
                "name": "Compilers",
                "ansible.builtin.apt": {"name": ["g++", "ccache"], "install_recommends": False, "update_cache": True},
            },
            {
                "name": "Helpers",
                "ansible.builtin.include_role": {"name": "edgeai.fleet.torch_build", "tasks_from": "helpers"},
            },
            {
                "name": "Tell",
                "ansible.builtin.copy": {"content": "{{ told | to_json }}", "dest": "{{ answer }}", "mode": "0644"},
                "delegate_to": "localhost",
            },
        ],
    },
]


class Builder:
    """The emulated builder, over SSH."""

    def __init__(self, builder: dict) -> None:
        known = [
            f'UserKnownHostsFile="{builder["known_hosts"]}"',
            f"HostKeyAlias={builder['container']}",
            "IdentitiesOnly=yes",
        ]
        options = [word for option in known for word in ("-o", option)]
        self.command = [
            "ssh",
            "-i",
            builder["private_key"],
            "-p",
            str(builder["port"]),
            *options,
            f"{builder['user']}@{builder['host']}",
        ]

    def run(self, command: str, text: str = "") -> str:
        done = subprocess.run(
            [*self.command, command],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"on the builder, {command!r} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def compile(self, kind: str, jobs: int, **environment: str) -> tuple[float, str]:
        """Compile all objects; return the wall seconds and the digests of the objects."""
        self.run("rm -rf /bench/cache /bench/objects && mkdir -p /bench/cache /bench/objects")
        variables = " ".join(
            f"{name}='{value}'" for name, value in {"CCACHE_DIR": "/bench/cache", **environment}.items()
        )
        started = time.monotonic()
        self.run(
            f"cd /bench && ls {kind}_*.cpp | PATH=/usr/lib/ccache:$PATH {variables} xargs -P {jobs} -I@ g++ {FLAGS} -c"
            " @ -o objects/@.o"
        )
        seconds = time.monotonic() - started
        # The cross compiler is another package of the same compiler, and writes another name into the object.
        self.run("cd /bench/objects && ls | xargs -I@ objcopy -R .comment @")
        return seconds, self.run("cd /bench/objects && sha256sum *")


def prepare(directory: Path, environment: dict[str, str]) -> dict:
    """Start the containers and install their compilers; return the facts that the playbook prints."""
    container = {"suite": "bookworm", "directory": str(directory / "builders")}
    inventory = {
        "all": {
            "vars": {"answer": str(directory / "answer.json")},
            "hosts": {
                "builder": {
                    "torch_build_container": {**container, "architecture": "arm64", "name": "bench-arm64"},
                    "torch_build_helpers": ["helper"],
                },
                "helper": {"torch_build_container": {**container, "architecture": "amd64", "name": "bench-amd64"}},
            },
        }
    }
    (directory / "hosts.json").write_text(json.dumps(inventory), encoding="utf-8")
    (directory / "site.json").write_text(json.dumps(PLAYBOOK), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "hosts.json", "site.json"]
    done = subprocess.run(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    told = json.loads((directory / "answer.json").read_text(encoding="utf-8")) if done.returncode == 0 else {}
    if not told.get("hosts"):
        sys.exit(f"{done.stdout}\nThe helper does not compile for the builder.")
    return told


def sources(builder: Builder, count: int) -> None:
    """Write the tree's own objects, and the same with the headers of a real project."""
    kernel = (TREE / "aten" / "src" / "kernel.cpp.in").read_text(encoding="utf-8")
    header = next(TREE.rglob("fp16.h")).read_text(encoding="utf-8")
    builder.run("mkdir -p /bench && cat >/bench/fp16.h", header)
    for kind, includes in {"tree": "", "headers": "".join(f"#include <{name}>\n" for name in HEADERS)}.items():
        for number in range(count):
            text = (
                kernel.replace("@number@", str(number))
                .replace("@NAME@", f"{kind}{number}")
                .replace("@BUILD_KERNEL_WEIGHT@", "20")
            )
            builder.run(f"cat >/bench/{kind}_{number}.cpp", includes + text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="leave the containers for another run")
    arguments = parser.parse_args()
    directory = REPOSITORY / ".build" / "distcc-bench"
    directory.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
        "ANSIBLE_NOCOLOR": "1",
        "PWD": str(directory),
    }
    with tempfile.TemporaryDirectory() as home:
        environment["ANSIBLE_HOME"] = home
        told = prepare(directory, environment)
    builder = Builder(told["builder"])
    sources(builder, arguments.objects)
    builder.run(
        "cat >/bench/prefix && chmod 755 /bench/prefix", prefix_script(told["version"], exists=lambda path: True)
    )
    alone, slots = os.cpu_count() or 1, int(told["hosts"][0].split("/")[1].split(",")[0])
    helped = {"CCACHE_PREFIX": "/bench/prefix", "DISTCC_HOSTS": " ".join(told["hosts"]), "DISTCC_FALLBACK": "0"}
    ways = {
        "alone": (alone, {}),
        "helped": (slots, helped),
        "helped, preprocessed once": (slots, {**helped, "CCACHE_NOCPP2": "1"}),
    }
    for kind in ("tree", "headers"):
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        for _round in range(arguments.rounds):
            digests = set()
            for way, (jobs, variables) in ways.items():
                taken, objects = builder.compile(kind, jobs, **variables)
                seconds[way].append(taken)
                digests.add(objects)
            if len(digests) != 1:
                sys.exit(f"{kind}: the helper's objects are not the builder's")
        for way, taken in seconds.items():
            ratios = [one / other for one, other in zip(seconds["alone"], taken, strict=True)]
            print(
                f"{kind:8} {way:26} {statistics.median(taken):7.1f} s for {arguments.objects} objects, {ways[way][0]}"
                f" at a time; ratio {statistics.median(ratios):5.2f} (from {min(ratios):.2f} to {max(ratios):.2f})",
                flush=True,
            )
    if not arguments.keep:
        for name in ("bench-arm64", "bench-amd64"):
            command = [
                str(Path(sys.executable).with_name("ansible")),
                "localhost",
                "-m",
                "edgeai.fleet.builder_container",
                "-a",
                f"name={name} state=absent directory={directory}/builders",
            ]
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()

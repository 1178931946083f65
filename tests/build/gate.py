# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A builder of exactly what a plan says, and the real source in it, up to the first files that a compiler reads.

    gate = Gate(case, planned(case), directory)
    gate.run("prepare", "configure", "generate", "commands")
    gate.syntax_errors(gate.compile_commands())

The plan is the catalogue's, the wheels are those that the wheelhouse locks and fetches for it, the userland is Debian's
smallest with what `builder_container` needs and the plan's packages by apt, without network. stages.py runs there. The
syntax is checked by Debian's compiler for that architecture on this machine's own, of the same Debian and version,
because an emulated one takes seven times as long; headers are those of the userland.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import io
import json
import os
import platform
import re
import shlex
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import docker
import engine
import golden_support
import images
import pytorch_source
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.module_utils._base.machine import MACHINES
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.builder_image import userland_command
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.failure_lines import plain_line
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.fleet_locks import FleetLocks
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.pip_config import pip_configuration

ROOT = "/opt/edgeai/torch"
TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "armhf": "arm-linux-gnueabihf"}
#: What this source lacks (pytorch_source says why), so no build of it has it. The rows leave them on where they can be.
LACKING = {"fbgemm": False, "itt": False}
REPOSITORY = "edgeai-fleet/gate"
HERE = Path(__file__).resolve().parent
MODULE_UTILS = HERE.parents[1] / "plugins" / "module_utils"


def cache() -> Path:
    return Path(os.environ.get("EDGEAI_TEST_CACHE") or Path.home() / ".cache" / "edgeai-tests") / "gate"


class Case(NamedTuple):
    """A row of the catalogue on a board, and the release of Debian that it runs."""

    name: str
    suite: str
    architecture: str
    family: str
    facts: dict
    request: dict = {}
    # The rows as they are for another architecture: no board of a family that compiles is amd64.
    as_if: str = ""

    def __str__(self) -> str:
        return self.name


def planned(case: Case) -> dict:
    """Return the plan by the family's own rows, with this source."""
    archive, sha256 = pytorch_source.archive(cache())
    request = {
        "version": pytorch_source.TORCH,
        "build_source": {"archive": archive.as_uri(), "sha256": sha256},
        "build_features": LACKING,
        **case.request,
    }
    made = board({"family": case.family, **case.facts})
    rows, asked = golden_support.arguments(case.family, made, {}, request)
    if case.as_if:
        rows = json.loads(json.dumps(rows).replace(f'"{case.as_if}"', f'"{made["architecture"]}"'))
    return torch_plan(made, rows, asked)


class Gate:
    """The first build of a plan, in a container of its own, which is removed at the end."""

    def __init__(self, case: Case, plan: dict, directory: Path) -> None:
        assert not plan["refusal"], plan["refusal"]
        self.case = case
        self.build = plan["builds"][0]
        self.client = engine.ensure()
        locks = FleetLocks(pip_configuration(), cache() / "wheelhouse", directory / "locks", True, False, print)
        given = locks.lock_and_fetch({"builder": plan}, "wheelhouse")
        assert not given["boards"]["builder"]["refusal"], given["boards"]["builder"]["refusal"]
        inputs = given["builds"][self.build["key"]]
        self.artifacts = [*inputs["wheels"], inputs["archive"]]
        self.wheelhouse = locks.wheelhouse
        self.tar = _userland(case.suite, case.architecture, self.build["system_packages"])
        self.directory = directory
        self.container = self._create()

    def close(self) -> None:
        self.container.remove(force=True, v=True)

    def _create(self) -> docker.models.containers.Container:
        if images.emulated(self.case.architecture):
            images.emulate(self.case.architecture)
        tag = f"{self.case.suite}-{self.case.architecture}-{self.tar.stem.rpartition('-')[2]}"
        try:
            self.client.images.get(f"{REPOSITORY}:{tag}")
        except docker.errors.ImageNotFound:
            self.client.api.import_image(src=str(self.tar), repository=REPOSITORY, tag=tag)
        container = self.client.containers.run(
            f"{REPOSITORY}:{tag}",
            ["sleep", "infinity"],
            detach=True,
            init=True,
            network_mode="none",
            volumes=[f"{ROOT}/builds"],
            environment={"QEMU_CPU": "max"},
        )
        self._put(self._inputs(), container)
        return container

    def job(self) -> dict:
        """Return what the module torch_build gets of the build."""
        return {
            **{name: value for name, value in self.build.items() if name not in ("needs", "target", "requires")},
            "architecture": self.build["target"]["architecture"],
            "python": "/usr/bin/python3",
            "wheels": [{name: wheel[name] for name in ("filename", "sha256")} for wheel in self.artifacts[:-1]],
            "jobs": 0,
            "nice": 10,
            "distcc": [],
            **self.build["needs"],
            "memory_mib": 0,  # nothing is compiled
        }

    def _inputs(self) -> dict[str, bytes | Path]:
        found: dict[str, bytes | Path] = {"gate/stages.py": HERE / "stages.py"}
        for path in MODULE_UTILS.rglob("*.py"):
            found[f"gate/module_utils/{path.relative_to(MODULE_UTILS)}"] = path
        for artifact in self.artifacts:
            found[f"gate/incoming/{artifact['sha256']}"] = self.wheelhouse.path_of(artifact)
        return found

    def run(self, *stages: str, job: dict | None = None, root: str = ROOT) -> dict[str, int]:
        """Run stages of the build; the seconds of each. AssertionError with the build's own message if one fails."""
        self._put({"gate/job.json": json.dumps(job or self.job()).encode()})
        place = f"{root}/builds/{self.build['key']}"
        command = f'mkdir -p {place} && ln -sfn /gate/incoming {place}/incoming && exec "$@"'
        status, (out, said) = self.container.exec_run(
            ["sh", "-c", command, "sh", "python3", "-B", "/gate/stages.py", root, "/gate/job.json", *stages],
            environment={"PYTHONPATH": "/gate"},
            demux=True,
        )
        assert status == 0, (said or b"").decode("utf-8", "replace")
        lines = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]
        return {line["stage"]: line["seconds"] for line in lines}

    def _put(self, files: dict[str, bytes | Path], container: docker.models.containers.Container | None = None) -> None:
        with tempfile.TemporaryFile() as packed:
            with tarfile.open(fileobj=packed, mode="w") as tar:
                for name, content in files.items():
                    _add(tar, name, content)
            packed.seek(0)
            (container or self.container).put_archive("/", packed)

    # --- the compiler's view, without code

    def compile_commands(self, target: str = "torch_python") -> dict[str, list[str]]:
        """Return the words of the compiler's command for each source of a target, by its path below the source."""
        (content,) = self._read(f"{ROOT}/builds/{self.build['key']}/compile_commands.json").values()
        return {
            entry["file"].removeprefix("../").removeprefix(f"{self._source()}/"): shlex.split(entry["command"])
            for entry in json.loads(content)
            if f"/{target}.dir/" in entry["output"] or not target
            if entry["file"].endswith((".cpp", ".cc", ".c"))
        }

    def original(self, path: str) -> dict[str, list[str]]:
        """Return the command for a file as it was before the plan's edits, which is put beside the edited one."""
        name = f"{path.removesuffix('.cpp')}.original.cpp"
        with tarfile.open(self.wheelhouse.path_of(self.artifacts[-1])) as archive:
            content = archive.extractfile(f"{pytorch_source.NAME}/{path}").read()
        self._put({f"{self._source()[1:]}/{name}": content})
        words = self.compile_commands()[path]
        return {name: [word.replace(path, name) for word in words]}

    def _read(self, path: str) -> dict[str, bytes]:
        blocks, _stat = self.container.get_archive(path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(blocks))) as tar:
            return {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}

    def syntax_errors(self, commands: dict[str, list[str]]) -> dict[str, str]:
        """Return what the compiler says of each source that it refuses."""
        with self._cross_compiler() as helper, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:

            def check(words: list[str]) -> tuple[int, bytes]:
                return helper.exec_run(self._cross_command(words), workdir=f"{self._source()}/build")

            answers = zip(commands, pool.map(check, commands.values()), strict=True)
            return {path: plain_line(output.decode("utf-8", "replace")) for path, (status, output) in answers if status}

    def _source(self) -> str:
        return f"{ROOT}/builds/{self.build['key']}/src"

    def _cross_command(self, words: list[str]) -> list[str]:
        """The command with the cross compiler, for the userland's headers, and for its syntax only."""
        triplet = TRIPLETS[self.case.architecture]
        major = self._compiler_version().split(".")[0]
        program = f"{triplet}-{'gcc' if words[0].endswith('gcc') else 'g++'}-{major}"
        kept, rest = [], iter(words[1:])
        for word in rest:
            if word in ("-o", "-MF", "-MT", "-MQ", "-c"):
                next(rest)
            elif word not in ("-MD", "-MMD"):
                kept.append(re.sub(r"^(-I|-isystem)?/usr/", r"\1/target/usr/", word))
        standard = [f"/target/usr/include/c++/{major}", f"/target/usr/include/{triplet}/c++/{major}"]
        return [
            *("nice", program, "--sysroot=/target", "-nostdinc++"),
            *(f"-isystem{folder}" for folder in standard),
            *(*kept, "-fsyntax-only", words[words.index("-c") + 1]),
        ]

    def _compiler_version(self) -> str:
        return self.container.exec_run([self.build["toolchain"]["cxx"], "-dumpfullversion"])[1].decode().strip()

    @contextlib.contextmanager
    def _cross_compiler(self):
        """A container of this machine's own architecture with the compiler of the same release of Debian."""
        own = {machine: name for name, machine in MACHINES.items()}[platform.machine()]
        major = self._compiler_version().split(".")[0]
        foreign = own != self.case.architecture
        package = f"g++-{major}" + (f"-{TRIPLETS[self.case.architecture]}" if foreign else "")
        tar = _userland(self.case.suite, own, [package])
        tag = f"{self.case.suite}-{own}-{tar.stem.rpartition('-')[2]}"
        try:
            self.client.images.get(f"{REPOSITORY}:{tag}")
        except docker.errors.ImageNotFound:
            self.client.api.import_image(src=str(tar), repository=REPOSITORY, tag=tag)
        headers = _unpacked(
            self.tar, ("usr/include/", "usr/lib/python3/", f"usr/lib/{TRIPLETS[self.case.architecture]}/")
        )
        helper = self.client.containers.run(
            f"{REPOSITORY}:{tag}",
            ["sleep", "infinity"],
            detach=True,
            init=True,
            network_mode="none",
            volumes_from=[f"{self.container.id}:ro"],
            volumes={str(headers): {"bind": "/target", "mode": "ro"}},
        )
        try:
            yield helper
        finally:
            helper.remove(force=True)


def _userland(suite: str, architecture: str, packages: list[str]) -> Path:
    """Return the archive of Debian's smallest userland with these packages; made if it is not in the cache."""
    command, mirrors = userland_command(suite, architecture, [f"deb {images.MIRROR} {suite} main"])
    command = [f"{word},{','.join(packages)}" if word.startswith("--include=") else word for word in command]
    recipe = hashlib.sha256(json.dumps([command, mirrors]).encode()).hexdigest()[:12]
    tar = cache() / f"{suite}-{architecture}-{recipe}.tar"
    if not tar.exists():
        images.tools()
        if images.emulated(architecture):
            images.emulate(architecture)
        tar.parent.mkdir(parents=True, exist_ok=True)
        partial = tar.with_suffix(f".{os.getpid()}")
        began = time.monotonic()
        try:
            done = subprocess.run(
                [*command, str(partial), *mirrors],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr[-4000:]
            partial.replace(tar)
        finally:
            partial.unlink(missing_ok=True)
        print(f"{tar.name}: made in {time.monotonic() - began:.0f} s", flush=True)
    return tar


def _unpacked(tar: Path, below: tuple[str, ...]) -> Path:
    """Return a directory with the archive's files below some directories."""
    folder = tar.with_suffix(".headers")
    if not folder.exists():
        partial = folder.with_suffix(f".{os.getpid()}")
        with tarfile.open(tar) as archive:
            wanted = [member for member in archive if member.name.removeprefix("./").startswith(below)]
            archive.extractall(partial, wanted, filter="fully_trusted")  # noqa: S202 made here
        partial.rename(folder)
    return folder


def _add(tar: tarfile.TarFile, name: str, content: bytes | Path) -> None:
    member = tarfile.TarInfo(name)
    member.mode = 0o644
    if isinstance(content, Path):
        member.size = content.stat().st_size
        with content.open("rb") as stream:
            tar.addfile(member, stream)
    else:
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A torch_root on a disk that fails at every step of a change: what the file system was not told to keep is lost.

This computer's kernel mounts a disk whose server keeps in memory what was not flushed. The engine runs up to one of its
own calls that change the disk; then it, the server and their memory are gone. After the next mount the old environment
or the new one is whole, every file of it; the next run completes, and the one after changes nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import vm
import whole_torch
from environment_support import Bench, lack, uv_artifact
from virtual_boards import TABLES

#: How many cuts at calls of each kind.
CUTS = int(os.environ.get("EDGEAI_POWER_CUTS", "3"))
KINDS = {"ext4": ["mke2fs", "-q", "-t", "ext4"], "xfs": ["mkfs.xfs", "-q"]}
#: The engine's calls that change the disk.
CALLS = ("fsync", "sync", "rename", "symlink", "unlink", "rmdir", "mkdir")
TIMEOUT = 300
rows: list[tuple] = []
TABLES.append(("cuts at calls of the engine", ("disk", "call", "number", "of", "after"), rows))


class Disk:
    """A disk that loses what was not flushed, mounted below `directory`."""

    def __init__(self, directory: Path, kind: str) -> None:
        self.directory, self.kind = directory, kind
        self.mount = directory / "mount"
        self.image = directory / "disk.raw"
        self.programs: list[subprocess.Popen] = []
        self.loop = None
        for name in ("mount", "fuse"):
            (directory / name).mkdir()
        with self.image.open("wb") as stream:
            stream.truncate(1 << 30)
        command = KINDS[kind]
        subprocess.run([vm._find(command[0]), *command[1:], self.image], check=True)

    def start(self) -> None:
        socket, file = self.directory / "nbd", self.directory / "fuse" / "disk"
        socket.unlink(missing_ok=True)
        server = ["nbdkit", "--foreground", "--unix", str(socket), "--filter=cache", "file", str(self.image)]
        self._run([*server, "cache=writeback"], socket)
        self._run(["nbdfuse", str(file), f"nbd+unix:///?socket={socket}"], file)
        self.loop = subprocess.run(
            [vm._find("losetup"), "--find", "--show", file], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()
        subprocess.run(["mount", "-t", self.kind, self.loop, self.mount], check=True)

    def _run(self, command: list[str], made: Path) -> None:
        self.programs.append(vm._child(command))
        deadline = time.monotonic() + TIMEOUT
        while not made.exists():
            assert self.programs[-1].poll() is None and time.monotonic() < deadline, command
            time.sleep(0.02)

    def cut(self) -> None:
        for program in self.programs:
            program.kill()
            program.wait()
        self.programs = []
        if self.loop:
            subprocess.run(["umount", self.mount], check=True, timeout=TIMEOUT)
            subprocess.run([vm._find("losetup"), "--detach", self.loop], check=True)
            subprocess.run(["umount", "--lazy", self.directory / "fuse"], check=True)
            self.loop = None

    def check(self) -> None:
        """Stop at any fault of the file system after its journal was replayed, as a mount does."""
        if self.kind == "ext4":
            for options, accepted in ((["-p"], (0, 1)), (["-f", "-n"], (0,))):
                done = subprocess.run(
                    [vm._find("e2fsck"), *options, self.image], stdout=subprocess.PIPE, text=True, check=False
                )
                assert done.returncode in accepted, done.stdout


class Plans:
    """Plans 0, 1, 2 ... for one torch_root."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        self.disk = disk
        self.bench = Bench(folder, uv_artifact(folder))
        self.bench.root = str(disk.mount / "torch")

    def provision(self, number: int, phase: str = "all") -> bool:
        """Install and switch; return whether anything changed."""
        built = self.bench.present(
            [whole_torch.wheel(Path(self.bench.wheels), f"2.{number}.0")],
            id=f"plan{number}",
            python=sys.executable,
            environment={"OMP_NUM_THREADS": "2"},
        )
        return self.bench.current(built)["changed"] | built["changed"]

    def child(self, number: int, stop: int | None) -> tuple[list[str], bool]:
        """Provision in a process of its own, which is killed with all its children before its call number `stop`.

        Return the calls that it made, and whether it was killed.
        """
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            os.setsid()
            status = 1
            try:
                _watch(writer, stop)
                self.provision(number)
                status = 0
            finally:
                os._exit(status)
        os.close(writer)
        calls = []
        with os.fdopen(reader, encoding="utf-8") as stream:
            for line in stream:
                calls.append(line.strip())
                if stop is not None and len(calls) == stop + 1:
                    break
        killed = stop is not None and len(calls) == stop + 1
        if killed:
            os.killpg(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        assert killed or status == 0, f"the engine failed with {status}"
        return calls, killed

    def check(self, *allowed: str) -> str:
        """The environment in use is one of these and whole, and so is all that counts as complete; return which."""
        root = Path(self.bench.root)
        for environment in (root / "envs").iterdir():
            if (environment / ".complete").exists():
                json.loads((environment / ".complete").read_text(encoding="utf-8"))
                _version(environment / "bin" / "python")
        record = json.loads((root / "state" / "record.json").read_text(encoding="utf-8"))
        assert (root / "envs" / f"{record['id']}-{record['generation']}" / ".complete").exists()
        found = _version(root / "bin" / "python")
        assert found in allowed
        return found


def _watch(writer: int, stop: int | None) -> None:
    """Report each call before it is made; wait for the end before the one with the number `stop`."""
    made = 0

    def watched(name: str, function):
        def call(*arguments, **options):
            nonlocal made
            os.write(writer, f"{name}\n".encode())
            if made == stop:
                signal.pause()
            made += 1
            return function(*arguments, **options)

        return call

    for name in CALLS:
        setattr(os, name, watched(name, getattr(os, name)))


def _version(python: Path) -> str:
    done = subprocess.run(
        [python, "-c", "import torch; print(torch.whole())"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{python}: {done.stdout}"
    return done.stdout.strip()


@pytest.fixture(scope="module", params=KINDS)
def plans(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest):
    if os.geteuid() != 0 or not shutil.which("nbdfuse") or not vm._find(KINDS[request.param][0]):
        lack("root mounts such disks, with libnbd-bin, fuse3 and xfsprogs: `make machines` installs them")
    directory = tmp_path_factory.mktemp("disk")
    disk = Disk(directory, request.param)
    try:
        disk.start()
        (directory / "plans").mkdir()
        made = Plans(disk, directory / "plans")
        made.provision(0)
        made.provision(1)
        yield made
    finally:
        disk.cut()


def test_the_disk_loses_what_was_not_flushed(plans: Plans):
    """Without this, the other tests would prove nothing."""
    os.sync()
    mount = plans.disk.mount
    (mount / "kept").write_text("kept", encoding="utf-8")
    with (mount / "kept").open() as stream:
        os.fsync(stream.fileno())
    (mount / "lost").write_text("lost", encoding="utf-8")
    plans.disk.cut()
    plans.disk.check()
    plans.disk.start()
    assert (mount / "kept").read_text(encoding="utf-8") == "kept"
    assert not (mount / "lost").exists() or (mount / "lost").read_text(encoding="utf-8") == ""


def chosen(calls: list[str], count: int) -> list[int]:
    """The numbers of calls to stop at: for each kind of call some, from the first to the last."""
    numbers = set()
    for name in CALLS:
        of_kind = [number for number, call in enumerate(calls) if call == name]
        for part in range(min(count, len(of_kind))):
            numbers.add(of_kind[part * (len(of_kind) - 1) // max(min(count, len(of_kind)) - 1, 1)])
    return sorted(numbers)


def test_cut_at_any_call(plans: Plans):
    calls, _killed = plans.child(2, None)
    assert {"fsync", "sync", "rename", "symlink", "unlink", "rmdir"} <= set(calls)
    number = 2
    for stop in chosen(calls, CUTS):
        before, number = f"2.{number}.0", number + 1
        made, killed = plans.child(number, stop)
        plans.disk.cut()
        plans.disk.check()
        plans.disk.start()
        found = plans.check(before, f"2.{number}.0")
        rows.append((plans.disk.kind, made[-1], stop, len(calls), "old" if found == before else "new"))
        assert killed, rows[-1]
        assert plans.provision(number), rows[-1]
        plans.check(f"2.{number}.0")
        assert not plans.provision(number), rows[-1]
        left = sorted(path.name for path in (plans.disk.mount / "torch" / "envs").iterdir())
        assert len(left) == 2, (rows[-1], left)
    cache = [path.name for path in (plans.disk.mount / "torch" / "cache").iterdir()]
    # What was being delivered stays for an hour: its run may live.
    assert [name for name in cache if not name.startswith("incoming-")] == ["artifacts"]

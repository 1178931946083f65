# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power that fails while a run changes a board, on a disk that loses what was not flushed.

The board has a working environment and gets another plan; at a moment of that run the power is cut. After the next
boot the old environment or the new one is whole, every file of it; the next run completes, and the one after changes
nothing.

    make power-cuts N=50 SEED=7 MOMENTS="switch packages"    # that many cuts; the seed chooses the instants
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import whole_torch
from environment_support import SATISFIED, describe, uv_artifact
from virtual_boards import TABLES

HERE = Path(__file__).resolve().parent
CUTS = int(os.environ.get("EDGEAI_POWER_CUTS", "3"))
SEED = os.environ.get("EDGEAI_POWER_SEED", "1")
#: The tasks of provision_steps.yml by the beginning of their names. A delivery and a removal of old environments are
#: parts of the install and of the switch.
MOMENTS = {
    "install": "Moment install",
    "switch": "Moment switch",
    "packages": "torch : Packages | Install them by apt",
    "swap": "Moment swap",
    "delivery": "Moment install",
}
CHOSEN = os.environ.get("EDGEAI_POWER_MOMENTS", "").split() or list(MOMENTS)
LAB = {
    "name": "power",
    "boards": [
        {
            "name": "board",
            "vm": {"disk": "lossy", "init": "plain"},
            "vars": {"ansible_user": "root"},
            "apt": [
                {
                    "name": f"lib{letter}{number}",
                    "version": "1",
                    "files": {f"/usr/share/lab/{letter}{number}/{part}": "text\n" * 200 for part in range(20)},
                }
                for number in range(CUTS + 1)
                for letter in "ab"
            ],
        }
    ],
}
# What a board has after a boot, read without the collection's own code.
STATE = r"""
import json, os, subprocess
root = "/opt/edgeai/torch"
def read(path):
    with open(path) as stream:
        return json.load(stream)
def says(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    return done.returncode, done.stdout.strip()
complete = {}
for name in sorted(os.listdir(root + "/envs")):
    if os.path.exists("%s/envs/%s/.complete" % (root, name)):
        read("%s/envs/%s/.complete" % (root, name))
        python = "%s/envs/%s/bin/python" % (root, name)
        complete[name] = says(python, "-c", "import torch; print(torch.whole())")
print(json.dumps({
    "current": os.readlink(root + "/current"),
    "works": says(root + "/bin/python", "-c", "import torch; print(torch.whole())"),
    "complete": complete,
    "record": read(root + "/state/record.json"),
    "names": sorted(name for _folder, folders, files in os.walk(root + "/state") for name in files),
    "swaps": open("/proc/swaps").read(),
    "fstab": open("/etc/fstab").read(),
    "faults": says("dmesg", "--level=emerg,alert,crit,err")[1],
}))
"""
rows: list[tuple] = []
TABLES.append((f"power cuts, seed {SEED}", ("cut", "moment", "instant", "after boot", "dpkg", "boot s", "run s"), rows))


class Plans:
    """Plans 0, 1, 2 ... of a board: each has its own torch, packages and swap."""

    def __init__(self, board, folder: Path) -> None:
        self.board, self.folder = board, folder
        self.wheelhouse = folder / "wheelhouse"
        self.uv = self._keep(self._packed(uv_artifact(folder)))
        self.durations: dict[str, float] = {}

    def _packed(self, artifact: dict) -> dict:
        """Return the same wheel as small as a real one: an emulated processor decrypts 1 MB in a second."""
        packed = self.folder / "packed" / artifact["filename"]
        packed.parent.mkdir()
        with zipfile.ZipFile(artifact["path"]) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as wheel:
            for name in source.namelist():
                wheel.writestr(name, source.read(name))
        return describe(str(packed), artifact["name"], artifact["version"])

    def _keep(self, artifact: dict) -> dict:
        target = self.wheelhouse / "sha256" / artifact["sha256"] / artifact["filename"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(Path(artifact.pop("path")).read_bytes())
        return artifact

    def version(self, number: int) -> str:
        return f"2.{number}.0"

    def variables(self, number: int) -> dict:
        return {
            "step_id": f"plan{number}",
            "step_artifacts": [self._keep(whole_torch.wheel(self.folder, self.version(number)))],
            "step_tools": [self.uv],
            "step_wheelhouse": str(self.wheelhouse),
            "step_verdict": SATISFIED,
            "step_packages": [f"liba{number}", f"libb{number}"],
            "step_swap_mib": 32 + 16 * (number % 2),
        }

    def run(self, number: int, cut_at: tuple[str, float] | None = None) -> SimpleNamespace:
        """Run the steps of a plan; with `cut_at`, cut the power so many seconds after the task of this name began."""
        variables = self.folder / f"plan{number}.json"
        if not variables.exists():
            variables.write_text(json.dumps(self.variables(number)), encoding="utf-8")
        command = self.board.command("steps", "-e", f"@{variables}")
        command[1] = str(HERE / "provision_steps.yml")
        started, begun, lines, cut = time.monotonic(), {}, [], None
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.board.environment(PYTHONUNBUFFERED="1"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for line in process.stdout:
                lines.append(line)
                if found := re.match(r"TASK \[(.*)\]", line):
                    begun[found[1].removeprefix("edgeai.fleet.")] = time.monotonic()
                    if cut_at and found[1].removeprefix("edgeai.fleet.") == cut_at[0]:
                        time.sleep(cut_at[1])
                        # A run that is quicker than foreseen has ended, and the cut comes after it.
                        cut = time.monotonic() - started
                        self.board.machine.cut()
        ends = [*list(begun.values())[1:], time.monotonic()]
        return SimpleNamespace(
            status=process.wait(),
            output="".join(lines),
            seconds=time.monotonic() - started,
            durations={name: end - start for (name, start), end in zip(begun.items(), ends, strict=True)},
            changed=sum(int(number) for number in re.findall(r"changed=(\d+)", "".join(lines))),
            cut=cut,
        )


def state(board) -> dict:
    done = board.ssh("sudo python3 -", input=STATE)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout.splitlines()[-1])


def check_whole(board, *allowed: str) -> dict:
    """The environment in use is one of these, and every environment that counts is whole. Return what the board has."""
    found = state(board)
    status, version = found["works"]
    assert status == 0 and version in allowed, found
    assert all(status == 0 for status, _text in found["complete"].values()), found
    assert found["current"].split("/")[1] in found["complete"], found
    assert f"{found['record']['id']}-{found['record']['generation']}" in found["complete"], found
    assert "EXT4-fs error" not in found["faults"], found["faults"]
    return found


@pytest.fixture(scope="module")
def plans(board, tmp_path_factory: pytest.TempPathFactory) -> Plans:
    made = Plans(board, tmp_path_factory.mktemp("plans"))
    first = made.run(0)
    assert first.status == 0, first.output
    made.durations = first.durations
    check_whole(board, made.version(0))
    board.root("sync")
    return made


def test_the_disk_loses_what_was_not_flushed(board):
    """Without this, the other tests would prove nothing."""
    # Otherwise the kernel writes by itself: after 5 s to the journal, after 30 s to files.
    board.root("mount -o remount,commit=600 / && sysctl -w vm.dirty_writeback_centisecs=0 && sync")
    board.root("echo kept >/root/kept && sync /root/kept /root && echo lost >/root/lost && cat /root/lost")
    board.machine.cut()
    board.machine.check_disk()
    board.machine.start()
    board.machine.wait_for_ssh()
    assert board.root("cat /root/kept; ls /root") == "kept\nkept"


def cuts() -> list[tuple[int, str, float]]:
    """(number of the plan, moment, how far into its task): the moments in turn, the instants by the seed."""
    return [
        (
            number + 1,
            CHOSEN[number % len(CHOSEN)],
            int.from_bytes(hashlib.shake_256(f"{SEED} {number}".encode()).digest(4), "big") / 2**32,
        )
        for number in range(CUTS)
    ]


@pytest.mark.parametrize(("number", "moment", "share"), cuts(), ids=[f"{n:02}-{moment}" for n, moment, _s in cuts()])
def test_a_power_cut(plans: Plans, number: int, moment: str, share: float):
    board = plans.board
    before = state(board)["works"][1]
    task = MOMENTS[moment]
    # An install begins with the delivery.
    begin, end = {"delivery": (0.0, 0.35), "install": (0.35, 1.0)}.get(moment, (0.0, 1.0))
    delay = plans.durations[task] * (begin + (end - begin) * share)
    broken = plans.run(number, (task, delay))
    assert broken.cut, broken.output
    board.machine.check_disk()
    board.machine.start()
    boot = board.machine.wait_for_ssh()

    found = check_whole(board, before, plans.version(number))
    audit = board.root("dpkg --audit; ls /var/lib/dpkg/updates")
    completed = plans.run(number)
    rows.append(
        (
            f"{number:02}",
            moment,
            f"{delay:.1f} s of {plans.durations[task]:.1f}",
            "old" if found["works"][1] == before else "new",
            "interrupted" if audit else "clean",
            f"{boot:.0f}",
            f"{completed.seconds:.0f}" if completed.status == 0 else "FAILED",
        )
    )
    print("power cut:", *rows[-1], sep="  ")
    assert completed.status == 0, completed.output
    after = check_whole(board, plans.version(number))
    # Nothing unfinished is left, and the oldest environment is gone.
    assert len(after["complete"]) == 2 and board.root("ls /opt/edgeai/torch/envs").split() == list(after["complete"])
    assert re.search(rf"^/\S+swap\S* +file\s+{(32 + 16 * (number % 2)) * 1024 - 4}\b", after["swaps"], re.M), after
    assert board.root("dpkg --audit") == ""
    again = plans.run(number)
    assert (again.status, again.changed) == (0, 0), again.output

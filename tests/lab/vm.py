# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual machines as boards of a lab: a kernel, systemd, a disk and power of their own, emulated by QEMU.

boards.py starts them for boards with the key `vm`, and a test takes hold of one:

    machine = vm.Machine(lab_state / "machines" / "board")
    machine.cut()       # the power is gone: guest, disk server and all that was not flushed
    machine.start()     # and back
    machine.reset(), machine.power_down(), machine.qmp("query-status")

Each machine has a keeper, this file as a program. It ends with its machine, and its machine with it; both end with the
owner, the process that asked for the lab, if it names itself. console.log has the serial console of all its boots.

The disk is an overlay of an image that is made of Debian's packages once and kept in the user's cache. With
`disk: lossy`, the disk server keeps in memory what the guest has not flushed, and a power cut loses it.

python tests/lab/vm.py [ARCHITECTURE...]     # prepares images
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import dataclasses
import hashlib
import json
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import engine
import images

SSH_TIMEOUT = 600
#: How long a keeper has to start its programs.
START_TIMEOUT = 20
#: Ports that the kernel gives to no outgoing connection: a machine keeps its port over a power cut.
PORTS = range(20000, 30000)
DISK = "6G"
# Every user of the lab's boards, and what their systems need to be reached.
PACKAGES = (
    *images.PACKAGES,
    "dbus",
    "e2fsprogs",
    "iproute2",
    "kmod",
    "libpam-systemd",
    "systemd-sysv",
    "udev",
)
KEYS = {"cpu", "memory", "cores", "disk", "clock", "machine", "init"}
DEFAULTS = {"memory": 1024, "cores": 2, "disk": "overlay", "clock": None, "init": "systemd"}
INITS = {"systemd": "", "plain": " init=/usr/local/sbin/plain-init"}
DISKS = ("overlay", "lossy")


@dataclasses.dataclass(frozen=True)
class Hardware:
    """How QEMU shows an architecture's machine."""

    program: str
    package: str
    kernel: str
    machine: str
    cpu: str
    console: str


ARCHITECTURES = {
    # "max" has all that QEMU can emulate; its default is older than x86-64-v2, and numpy's wheels die of it.
    "amd64": Hardware("qemu-system-x86_64", "qemu-system-x86", "linux-image-cloud-amd64", "pc", "max", "ttyS0"),
}

#: Programs and their packages, also those with which this computer mounts a disk that loses what was not flushed.
PROGRAMS = {
    "qemu-img": "qemu-utils",
    "nbdkit": "nbdkit",
    "nbdfuse": "libnbd-bin",
    "fusermount3": "fuse3",
    "mke2fs": "e2fsprogs",
    "mkfs.xfs": "xfsprogs",
}
NETWORK = "[Match]\nName=en* eth*\n\n[Network]\nDHCP=ipv4\n\n[DHCPv4]\nUseDNS=yes\n"
# boards.py's files of a board are a second disk, a tar; board.sh puts them in their place, as in a container.
UNIT = r"""[Unit]
Description=What the lab wrote for this board
Wants=dev-disk-by\x2did-virtio\x2dlab.device
After=dev-disk-by\x2did-virtio\x2dlab.device local-fs.target
Before=ssh.service

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'mkdir -p /run/lab && tar -C /run/lab -xf /dev/disk/by-id/virtio-lab && exec sh /lab/board.sh'

[Install]
RequiredBy=ssh.service
"""
# For tests that boot often: nothing but the kernel, the disk, the network and sshd.
PLAIN_INIT = """#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mountpoint -q /proc || mount -t proc proc /proc
mountpoint -q /sys || mount -t sysfs sysfs /sys
mountpoint -q /run || mount -t tmpfs tmpfs /run
mkdir -p /dev/pts /dev/shm /run/lab /run/sshd /run/lock
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
modprobe virtio_net
ip link set lo up
ip address add 10.0.2.15/24 dev eth0
ip link set eth0 up
ip route add default via 10.0.2.2
hostname board
swapon -a
tar -C /run/lab -xf /dev/vdb
sh /lab/board.sh &
# Process 1 takes in orphans.
while :; do sleep 60; done
"""
FILES = {
    "usr/local/sbin/plain-init": PLAIN_INIT,
    "etc/fstab": "/dev/vda / ext4 errors=remount-ro 0 1\n",
    "etc/systemd/network/lab.network": NETWORK,
    "etc/systemd/system/lab.service": UNIT,
    # QEMU's own name server.
    "etc/resolv.conf": "nameserver 10.0.2.3\n",
    "etc/machine-id": "uninitialized\n",
}
ENABLE = "systemctl enable systemd-networkd lab"
# A background job of apt would hold its lock at a moment that no test chose. The rest costs an emulated processor half
# of its boot, and no board here uses it.
MASK = " ".join(
    [
        "systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer",
        "e2scrub_reap.service modprobe@.service sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount",
        "dev-mqueue.mount sys-fs-fuse-connections.mount systemd-binfmt.service systemd-pstore.service user@.service",
        "systemd-update-utmp.service systemd-update-utmp-runlevel.service getty@.service serial-getty@.service",
    ]
)
TARGET = "systemctl set-default multi-user.target"


def check(given: dict, what: str) -> None:
    """Stop if a board's key `vm` asks for something unknown."""
    unknown = set(given) - KEYS
    if unknown or given.get("disk", "overlay") not in DISKS or given.get("init", "systemd") not in INITS:
        sys.exit(
            f"{what}: vm has {', '.join(sorted(KEYS))}; disk is one of {', '.join(DISKS)}, init one of"
            f" {', '.join(INITS)}. It is {given}."
        )


def prepare(arch: str) -> Path:
    """Return the directory with an architecture's image: disk.raw, vmlinuz, initrd.img."""
    hardware = ARCHITECTURES[arch]
    _tools(hardware)
    made = _image(arch)
    if made.exists():
        return made
    if images.emulated(arch):
        images.emulate(arch)
    images.tools()
    if os.geteuid() != 0:
        sys.exit("Root makes the disks of virtual machines, whose files have owners: run this once as root.")
    made.parent.mkdir(parents=True, exist_ok=True)
    unfinished = made.with_suffix(f".{os.getpid()}")
    unfinished.mkdir()
    print(f"Building the machine {made.name} from Debian's packages (once; some minutes where emulated)", flush=True)
    started = time.monotonic()
    try:
        root = unfinished / "root"
        _write_tree(Path(f"{root}.files"))
        _run(_recipe(arch, root), f"{made.name} could not be built")
        # mmdebstrap leaves the settings of this computer's network, or none.
        _write_tree(root)
        for name in ("vmlinuz", "initrd.img"):
            shutil.copy(root / name, unfinished)
        _run(
            [_find("mke2fs"), "-q", "-t", "ext4", "-d", str(root), str(unfinished / "disk.raw"), DISK],
            f"{made.name} has no disk",
        )
        for left in (root, Path(f"{root}.files")):
            shutil.rmtree(left)
        unfinished.replace(made)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    print(f"{made.name}: {time.monotonic() - started:.0f} s", flush=True)
    return made


def _run(command: list[str], meaning: str) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\n{command[0]} ended with {done.returncode}: {meaning}.")


def _tools(hardware: Hardware) -> None:
    needed = {hardware.program: hardware.package, **PROGRAMS}
    if packages := [package for program, package in needed.items() if not _find(program)]:
        engine.install(*packages, what="QEMU, for boards that are virtual machines,")


def _find(program: str) -> str | None:
    # A person's PATH often lacks the programs of the administrator.
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _image(arch: str) -> Path:
    recipe = repr([_recipe(arch, Path("image")), sorted(FILES.items())])
    name = f"{images.SUITE}-{arch}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    return images._cache().parent / "machines" / name


def _recipe(arch: str, root: Path) -> list[str]:
    packages = ",".join([*PACKAGES, ARCHITECTURES[arch].kernel])
    return [
        "mmdebstrap",
        "--variant=minbase",
        f"--architectures={arch}",
        f"--include={packages}",
        "--format=directory",
        f'--customize-hook=cp -r {root}.files/. "$1/"',
        f'--customize-hook=chroot "$1" {ENABLE}',
        f'--customize-hook=chroot "$1" {MASK}',
        f'--customize-hook=chroot "$1" {TARGET}',
        # /lab is where a container has the board's files.
        '--customize-hook=ln -s /run/lab "$1/lab"',
        images.SUITE,
        str(root),
    ]


def _write_tree(directory: Path) -> None:
    for name, text in FILES.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755 if text.startswith("#!") else 0o644)


class Machine:
    """One virtual machine, by its directory: any process of this computer may take hold of it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    def create(cls, directory: Path, board: dict, seed: Path, owner: int | None) -> Machine:
        """Make the machine of a lab's board, whose second disk is a tar of the directory `seed`. It has no power yet.

        It always ends with the process `owner`; without one, it runs until it is cut or destroyed.
        """
        arch = board.get("arch", "amd64")
        image = prepare(arch)
        directory.mkdir(parents=True)
        asked = {**DEFAULTS, "cpu": ARCHITECTURES[arch].cpu, "machine": ARCHITECTURES[arch].machine, **board["vm"]}
        subprocess.run(["tar", "--owner=0", "--group=0", "-C", seed, "-cf", directory / "seed.tar", "."], check=True)
        if asked["disk"] == "lossy":
            copy = ["cp", "--sparse=always", "--reflink=auto", image / "disk.raw", directory / "disk.raw"]
        else:
            copy = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", image / "disk.raw"]
            copy.append(directory / "disk.qcow2")
        subprocess.run(copy, check=True)
        settings = {**asked, "arch": arch, "name": board["name"], "image": str(image), "owner": owner}
        settings["port"] = _free_port()
        (directory / "machine.json").write_text(json.dumps(settings), encoding="utf-8")
        return cls(directory)

    @property
    def settings(self) -> dict:
        return json.loads((self.directory / "machine.json").read_text(encoding="utf-8"))

    @property
    def disk(self) -> Path:
        """The disk, as it is for the next boot."""
        return self.directory / ("disk.raw" if self.settings["disk"] == "lossy" else "disk.qcow2")

    @property
    def port(self) -> int:
        """The port of 127.0.0.1 that leads to the machine's sshd."""
        return self.settings["port"]

    def change(self, **settings: object) -> None:
        """Change the hardware: it counts from the next start on."""
        (self.directory / "machine.json").write_text(json.dumps({**self.settings, **settings}), encoding="utf-8")

    def start(self) -> None:
        """Turn the power on."""
        if self.running():
            sys.exit(f"The machine {self.directory} runs already.")
        (self.directory / "pids.json").unlink(missing_ok=True)
        command = [sys.executable, str(Path(__file__).resolve()), "--keep", str(self.directory)]
        with (self.directory / "keeper.log").open("ab") as log:
            keeper = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not (self.directory / "pids.json").exists():
            if keeper.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"The machine {self.directory} does not start: {self._read('keeper.log')}")
            time.sleep(0.05)

    def running(self) -> bool:
        return bool(self._pids())

    def cut(self) -> None:
        """Cut the power: neither the guest nor its disk server writes another byte."""
        pids = self._pids()
        # The disk server first: it would flush when its client is gone. The keeper ends by itself.
        for name in ("disk", "qemu"):
            if name in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pids[name], signal.SIGKILL)
        self.wait_for_end(START_TIMEOUT)

    def reset(self) -> None:
        """Press the reset button."""
        self.qmp("system_reset")

    def power_down(self, timeout: float = 120) -> None:
        """Press the power button, and wait until the system has shut down."""
        self.qmp("system_powerdown")
        self.wait_for_end(timeout)

    def wait_for_end(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while self.running():
            if time.monotonic() > deadline:
                sys.exit(f"The machine {self.directory} has not ended in {timeout} s.\n{self.console()[-2000:]}")
            time.sleep(0.05)

    def wait_for_ssh(self, timeout: float = SSH_TIMEOUT) -> float:
        """Wait until the sshd greets; return the seconds."""
        started = time.monotonic()
        while True:
            # QEMU accepts a connection before the guest has an sshd.
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=5) as sshd,
            ):
                if sshd.recv(4) == b"SSH-":
                    return time.monotonic() - started
            if not self.running() or time.monotonic() - started > timeout:
                why = f"no answer in {timeout} s" if self.running() else "it has ended"
                sys.exit(
                    f"The machine {self.directory} does not answer SSH at 127.0.0.1:{self.port}: {why}."
                    f" {self._read('keeper.log')}\n{self.console()[-4000:]}"
                )
            time.sleep(0.3)

    def qmp(self, command: str, **arguments: object) -> object:
        """Run a command of QEMU's machine protocol; return its answer."""
        # A path in a test's directory may be too long for a socket.
        held = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with socket.socket(socket.AF_UNIX) as control:
                control.settimeout(30)
                control.connect(f"/proc/self/fd/{held}/qmp")
                with control.makefile("rw", encoding="utf-8") as stream:
                    json.loads(stream.readline())  # the greeting
                    for asked in ({"execute": "qmp_capabilities"}, {"execute": command, "arguments": arguments}):
                        stream.write(json.dumps(asked) + "\n")
                        stream.flush()
                        answer = json.loads(stream.readline())
                        while "event" in answer:
                            answer = json.loads(stream.readline())
                        if "error" in answer:
                            sys.exit(f"QEMU refuses {asked}: {answer['error']}")
                    return answer["return"]
        finally:
            os.close(held)

    def console(self) -> str:
        """What the serial console has shown, in all boots."""
        return self._read("console.log")

    def check_disk(self) -> None:
        """Replay the journal of a copy of the disk, as a boot does, then stop at any fault of its file system."""
        copy = self.directory / "checked.raw"
        try:
            if self.disk.suffix == ".raw":
                subprocess.run(["cp", "--sparse=always", "--reflink=auto", self.disk, copy], check=True)
            else:
                subprocess.run(["qemu-img", "convert", "-O", "raw", self.disk, copy], check=True)
            program = _find("e2fsck")
            # Status 1: the journal was replayed, or orphans were removed.
            for options, accepted in ((["-p"], (0, 1)), (["-f", "-n"], (0,))):
                done = subprocess.run(
                    [program, *options, copy], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
                )
                if done.returncode not in accepted:
                    raise AssertionError(f"e2fsck {' '.join(options)} ended with {done.returncode}: {done.stdout}")
        finally:
            copy.unlink(missing_ok=True)

    def _read(self, name: str) -> str:
        try:
            return (self.directory / name).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def _pids(self) -> dict[str, int]:
        """The processes of this machine that still run."""
        try:
            pids = json.loads(self._read("pids.json") or "{}")
        except ValueError:
            return {}
        return {name: pid for name, pid in pids.items() if _is_of(pid, self.directory)}


def _is_of(pid: int, directory: Path) -> bool:
    """Whether this process is one of the machine: after a reboot of this computer, another one may have its number."""
    try:
        if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            return False
        return os.readlink(f"/proc/{pid}/cwd") == str(directory.resolve())
    except (FileNotFoundError, ProcessLookupError):
        return False


def _free_port() -> int:
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as attempt, contextlib.suppress(OSError):
            attempt.bind(("127.0.0.1", port))
            return port
    sys.exit("No port of 127.0.0.1 is free.")


def _command(settings: dict, disk: str) -> list[str]:
    hardware, image = ARCHITECTURES[settings["arch"]], settings["image"]
    append = (
        f"root=/dev/vda rw console={hardware.console} systemd.hostname={settings['name']} net.ifnames=0 mitigations=off"
    )
    append += INITS[settings["init"]]
    network = f"user,id=net,hostfwd=tcp:127.0.0.1:{settings['port']}-:22"
    return [
        hardware.program,
        *("-nodefaults", "-no-user-config", "-display", "none"),
        *("-accel", "tcg,thread=multi", "-machine", settings["machine"], "-cpu", settings["cpu"]),
        *("-smp", str(settings["cores"]), "-m", str(settings["memory"])),
        *("-kernel", f"{image}/vmlinuz", "-initrd", f"{image}/initrd.img", "-append", append),
        *("-drive", disk, "-device", "virtio-blk-pci,drive=disk"),
        *("-drive", "if=none,id=lab,format=raw,readonly=on,file=seed.tar"),
        *("-device", "virtio-blk-pci,drive=lab,serial=lab"),
        *("-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile="),
        *("-chardev", "file,id=console,path=console.log,append=on", "-serial", "chardev:console"),
        *("-qmp", "unix:qmp,server=on,wait=off"),
        *(("-rtc", f"base={settings['clock']}") if settings["clock"] else ()),
    ]


def keep(directory: Path) -> int:
    """Run a machine until it ends, or its owner does."""
    os.chdir(directory)
    settings = Machine(directory).settings
    watched = []
    if settings["owner"]:
        try:
            watched = [os.pidfd_open(settings["owner"])]
        except ProcessLookupError:
            return 0
    pids = {"keeper": os.getpid()}
    children = []
    try:
        disk = "if=none,id=disk,format=qcow2,discard=unmap,file=disk.qcow2"
        if settings["disk"] == "lossy":
            disk = "if=none,id=disk,format=raw,file=nbd+unix:///?socket=nbd"
            Path("nbd").unlink(missing_ok=True)
            # Reads and writes end in the cache; only a flush of the guest brings what it wrote to the file.
            server = ["nbdkit", "--foreground", "--unix", "nbd", "--filter=cache", "file", "disk.raw"]
            children.append(_child([*server, "cache=writeback"]))
            pids["disk"] = children[0].pid
            deadline = time.monotonic() + START_TIMEOUT
            while not Path("nbd").exists():
                if children[0].poll() is not None or time.monotonic() > deadline:
                    return 1
                time.sleep(0.02)
        Path("qmp").unlink(missing_ok=True)
        children.append(_child(_command(settings, disk)))
        pids["qemu"] = children[-1].pid
        while not Path("qmp").exists():
            if children[-1].poll() is not None:
                return 1
            time.sleep(0.02)
        Path("pids.new").write_text(json.dumps(pids), encoding="utf-8")
        Path("pids.new").replace("pids.json")
        watched.append(os.pidfd_open(children[-1].pid))
        select.select(watched, [], [])
    finally:
        for child in children:
            child.kill()
            child.wait()
    return 0


def _child(command: list[str]) -> subprocess.Popen:
    """Start a program that the kernel kills when this process ends, however that happens."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    kill = signal.SIGKILL.value

    def tie() -> None:
        prctl(1, kill, 0, 0, 0)  # PR_SET_PDEATHSIG

    return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=tie)


def main() -> int:
    parser = argparse.ArgumentParser(description="Prepare the images of virtual machines.")
    parser.add_argument("architectures", nargs="*", default=list(ARCHITECTURES), metavar="ARCHITECTURE")
    parser.add_argument("--keep", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.keep:
        return keep(arguments.keep)
    for arch in arguments.architectures:
        print(prepare(arch))
    return 0


if __name__ == "__main__":
    sys.exit(main())

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Base images of boards, made from Debian's own packages without a registry, and kept as tars between runs."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import docker
import engine

REPOSITORY = "edgeai-fleet/bookworm"
SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
PACKAGES = ("python3", "python3-apt", "python3-venv", "openssh-server", "sudo", "ca-certificates", "procps")
# Packages of each kind of image, in addition to those above. Installing a compiler on an emulated board would take
# minutes of every run.
KINDS = {
    "board": (),
    "builder": (
        "build-essential",
        "cmake",
        "ninja-build",
        "ccache",
        "git",
        "patch",
        "python3-dev",
        "python3-yaml",
        "python3-numpy",
        "python3-setuptools",
        "python3-wheel",
        "cython3",
        "m4",
        "libopenblas-dev",
        "libblas-dev",
        "libatlas-base-dev",
    ),
}
# Debian's name of the architecture, the answer of `uname -m` on it, and its emulator on other machines.
ARCHITECTURES = {
    "amd64": ("x86_64", "qemu-x86_64"),
    "arm64": ("aarch64", "qemu-aarch64"),
    "armhf": ("armv7l", "qemu-arm"),
}
# Prepared by `make boards`, because `make test` needs them. Other images are made when a lab first needs them.
PREPARED = ("amd64", "amd64/builder", "arm64")
BINFMT = Path("/proc/sys/fs/binfmt_misc")


def ensure(client: docker.DockerClient, arch: str, kind: str = "board") -> str:
    """Return the name of the image of this kind and architecture; if the engine does not have it, it is built or loaded
    from the cache.
    """
    if emulated(arch):
        emulate(arch)
    recipe = _recipe(arch, kind)
    name = f"{SUITE}-{arch}-{hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:12]}"
    tag = f"{REPOSITORY}:{name}"
    try:
        client.images.get(tag)
    except docker.errors.ImageNotFound:
        tar = _cache() / f"{name}.tar"
        if not tar.exists():
            _build(recipe, tar)
        client.api.import_image(src=str(tar), repository=REPOSITORY, tag=name)
    return tag


def emulated(arch: str) -> bool:
    return platform.machine() != ARCHITECTURES[arch][0]


def _recipe(arch: str, kind: str) -> list[str]:
    packages = ",".join([*PACKAGES, *KINDS[kind]])
    recipe = [
        "mmdebstrap",
        "--variant=minbase",
        f"--architectures={arch}",
        f"--include={packages}",
        "--format=tar",
        SUITE,
    ]
    # The large images use only the main archive: the security archive may be out of step, as for armhf.
    return recipe if kind == "board" else [*recipe, MIRROR]


def _cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "edgeai-fleet" / "images"


def tools() -> None:
    """Check that this machine can make userlands."""
    if not shutil.which("mmdebstrap"):
        engine.install("mmdebstrap", "debian-archive-keyring", what="mmdebstrap, which builds the boards' images,")


def _build(recipe: list[str], tar: Path) -> None:
    tools()
    tar.parent.mkdir(parents=True, exist_ok=True)
    unfinished = tar.with_suffix(f".{os.getpid()}")
    print(f"Building {tar.name} from Debian's packages (once; some minutes where emulated)", flush=True)
    started = time.monotonic()
    suite = recipe.index(SUITE) + 1  # the target follows
    try:
        done = subprocess.run(
            [*recipe[:suite], str(unfinished), *recipe[suite:]],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(
                f"{done.stderr}\nmmdebstrap ended with {done.returncode}: the image {tar.name} could not be built."
            )
        unfinished.replace(tar)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{tar.name}: {time.monotonic() - started:.0f} s", flush=True)


def emulate(arch: str) -> None:
    """Check that the kernel starts programs of this architecture through QEMU."""
    handler = ARCHITECTURES[arch][1]
    entry = BINFMT / handler
    if entry.exists() and "enabled" in entry.read_text(encoding="utf-8"):
        return
    if not shutil.which("update-binfmts") or not shutil.which(f"{handler}-static"):
        engine.install("qemu-user-static", "binfmt-support", "arch-test", what="QEMU's user emulation")
    if os.geteuid() == 0:
        if not (BINFMT / "status").exists():
            subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(BINFMT)], check=True)
        subprocess.run(["update-binfmts", "--enable", handler], check=True)
    if not entry.exists():
        sys.exit(
            f"The kernel does not start {handler} programs. As root: mount -t binfmt_misc binfmt_misc {BINFMT};"
            f" update-binfmts --enable {handler}"
        )


if __name__ == "__main__":
    # Each argument is an architecture, or an architecture and a kind: armhf/builder.
    for wanted in sys.argv[1:] or PREPARED:
        print(ensure(engine.ensure(), *wanted.split("/")))

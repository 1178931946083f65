# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker engine for the lab: a running one, or, for root on Debian and Ubuntu, one that is installed and started."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import docker

BUILD = Path(__file__).resolve().parents[2] / ".build"
LOG = BUILD / "dockerd.log"
START_TIMEOUT = 60


def ensure() -> docker.DockerClient:
    """Return a client of a running engine."""
    try:
        return _client()
    except docker.errors.DockerException as error:
        if os.environ.get("DOCKER_HOST"):
            sys.exit(
                f"No Docker engine answers at DOCKER_HOST={os.environ['DOCKER_HOST']}: {error}. Start it, or unset"
                " DOCKER_HOST."
            )
        refused = "Permission denied" in str(error)
    if refused:
        sys.exit(
            "A Docker engine is there, but this user may not use it. Add the user to its group (usermod -aG docker"
            " USER; log in again) or run as root."
        )
    if not shutil.which("dockerd"):
        install("docker.io", "iptables", what="A Docker engine")
    return _start()


def install(*packages: str, what: str) -> None:
    """Install Debian packages if that is possible without a question; otherwise name them and stop."""
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(
            f"{what} is needed. As root on Debian or Ubuntu it is installed by itself; here, install it first:"
            f" {' '.join(command)}"
        )
    print(f"{what} is needed: installing {', '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "--quiet"], command):
        done = subprocess.run(
            step,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{done.stdout}\n{' '.join(step)} ended with {done.returncode}; {what} is needed.")


def _client() -> docker.DockerClient:
    client = docker.from_env(timeout=600)
    client.ping()
    return client


def _start() -> docker.DockerClient:
    if os.geteuid() != 0:
        sys.exit("A Docker engine is installed but does not run. Start it (systemctl start docker), or run as root.")
    if Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", "start", "docker"], check=False)
        return _wait(None)
    print(f"Starting dockerd, its log is {LOG}", flush=True)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("ab") as log:
        # In a session of its own, the engine outlives this process and is kept for the next run.
        return _wait(
            subprocess.Popen(["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        )


def _wait(daemon: subprocess.Popen | None) -> docker.DockerClient:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            return _client()
        except docker.errors.DockerException as error:
            ended = daemon is not None and daemon.poll() is not None
            if ended or time.monotonic() > deadline:
                why = f"dockerd ended with {daemon.returncode}" if ended else f"no answer in {START_TIMEOUT} s: {error}"
                sys.exit(
                    f"The Docker engine did not start: {why}. See {LOG if daemon else 'journalctl --unit docker'}."
                )
        time.sleep(0.5)

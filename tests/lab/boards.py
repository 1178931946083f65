# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that look like boards: a real userland, a board's device tree and core, reached over real SSH.

A lab is described by a YAML file::

    name: raspberrypi                    # names its containers: edgeai-raspberrypi-<board>
    boards:
      - name: pi4                        # or `count: 20` with a name like bench-%02d
        arch: arm64                      # amd64 where not named
        model: Raspberry Pi 4 Model B Rev 1.4
        compatible: ["raspberrypi,4-model-b", "brcm,bcm2711"]
        environment: {QEMU_CPU: cortex-a72}
        memory: 4g                       # the container's limit
        users: [vision]                  # beside `ansible`, who may become root
        groups: [canary]                 # in the inventory, beside `boards`
        vars: {torch_version: 2.9.1}     # in the inventory
    vars: {}                             # of all its boards, in the inventory

`create` writes into the state directory: hosts.yml (an inventory), ssh_config (`ssh -F ssh_config pi4`), known_hosts, the keys.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import engine
import images
import yaml

LABEL = "edgeai-fleet"
START = Path(__file__).resolve().with_name("board.sh")
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
SSH_TIMEOUT = 60
KEYS = {"name", "count", "arch", "model", "compatible", "environment", "memory", "users", "groups", "vars"}


def load(path: Path) -> dict:
    """A lab's description, its counted boards written out."""
    lab = yaml.safe_load(path.read_text(encoding="utf-8"))
    boards = []
    for board in lab["boards"]:
        if unknown := set(board) - KEYS:
            sys.exit(f"{path}: unknown in board {board.get('name')}: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(KEYS))}.")
        count = board.get("count")
        boards += [{**board, "name": board["name"] % number} for number in range(1, count + 1)] if count else [board]
    return {**lab, "boards": boards}


def create(lab: dict, state: Path) -> Path:
    """Start the lab's boards anew; its inventory."""
    client = engine.ensure()
    tags = {arch: images.ensure(client, arch) for arch in {board.get("arch", "amd64") for board in lab["boards"]}}
    destroy(lab, state)
    state.mkdir(parents=True)
    _key(state / "id_ed25519", "ansible")
    with ThreadPoolExecutor(8) as pool:
        addresses = list(pool.map(lambda board: _start(client, lab["name"], board, tags[board.get("arch", "amd64")], state), lab["boards"]))
    return _write_inventory(lab, dict(zip((board["name"] for board in lab["boards"]), addresses, strict=True)), state)


def destroy(lab: dict, state: Path) -> None:
    """Remove the lab's boards and what was written about them."""
    containers = engine.ensure().containers.list(all=True, filters={"label": f"{LABEL}={lab['name']}"})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda container: container.remove(force=True, v=True), containers))
    shutil.rmtree(state, ignore_errors=True)


def _start(client: docker.DockerClient, lab: str, board: dict, image: str, state: Path) -> str:
    """Start one board; its address, once its sshd answers."""
    files = state / "boards" / board["name"]
    files.mkdir(parents=True)
    environment = board.get("environment", {})
    _key(files / "host_key", board["name"])
    shutil.copy(state / "id_ed25519.pub", files / "authorized_keys")
    (files / "users").write_text("".join(f"{user}\n" for user in ("ansible", *board.get("users", []))), encoding="utf-8")
    (files / "environment").write_text("".join(f"{key}={value}\n" for key, value in environment.items()), encoding="utf-8")
    binds = [f"{START}:/lab.sh:ro", f"{files}:/lab:ro"]
    if CA_BUNDLE.exists():
        # A board that fetches by itself trusts whom this machine trusts.
        binds.append(f"{CA_BUNDLE}:{CA_BUNDLE}:ro")
    if "model" in board:
        binds.append(f"{_device_tree(board, files)}:/sys/firmware:ro")
    host_config = client.api.create_host_config(binds=binds, mem_limit=board.get("memory"), init=True)
    if "model" in board:
        # Docker would mask /sys/firmware; `docker run --security-opt systempaths=unconfined` does the same.
        host_config.update(MaskedPaths=[], ReadonlyPaths=[])
    # No platform is named: engine 20.10 records an imported arm64 image as amd64, and would go and pull.
    container = client.api.create_container(
        image,
        ["/bin/sh", "/lab.sh"],
        name=f"edgeai-{lab}-{board['name']}",
        hostname=board["name"],
        environment=environment,
        labels={LABEL: lab},
        host_config=host_config,
    )
    client.api.start(container)
    return _reach(client, container["Id"], board["name"])


def _reach(client: docker.DockerClient, container: str, name: str) -> str:
    deadline = time.monotonic() + SSH_TIMEOUT
    while True:
        inspected = client.api.inspect_container(container)
        address = inspected["NetworkSettings"]["IPAddress"]
        try:
            if not inspected["State"]["Running"]:
                raise ConnectionError(f"its process ended with {inspected['State']['ExitCode']}")
            with socket.create_connection((address, 22), timeout=5) as connection:
                if connection.recv(4) == b"SSH-":
                    return address
            raise ConnectionError("its sshd says nothing")
        except OSError as error:
            if time.monotonic() > deadline or not inspected["State"]["Running"]:
                sys.exit(f"Board {name} does not answer SSH at {address}: {error}.\n{client.api.logs(container).decode(errors='replace')}")
        time.sleep(0.2)


def _device_tree(board: dict, files: Path) -> Path:
    base = files / "firmware" / "devicetree" / "base"
    base.mkdir(parents=True)
    for name, strings in (("model", [board["model"]]), ("compatible", board["compatible"])):
        (base / name).write_bytes(b"".join(string.encode() + b"\0" for string in strings))
    return files / "firmware"


def _key(path: Path, comment: str) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)], check=True)


def _write_inventory(lab: dict, addresses: dict[str, str], state: Path) -> Path:
    known_hosts, groups, hosts, ssh_config = [], {}, {}, []
    for board in lab["boards"]:
        name, address = board["name"], addresses[board["name"]]
        known_hosts.append(f"{name},{address} {(state / 'boards' / name / 'host_key.pub').read_text(encoding='utf-8')}")
        # The kernel ignores the setuid bit of an emulated program (Debian registers QEMU without its `credentials` flag).
        # There is no sudo there, so Ansible comes as root.
        user = "root" if images.emulated(board.get("arch", "amd64")) else "ansible"
        ssh_config.append(f"Host {name}\n  HostName {address}\n  User {user}\n")
        hosts[name] = {"ansible_host": address, "ansible_user": user, **board.get("vars", {})}
        for group in board.get("groups", []):
            groups.setdefault(group, {"hosts": {}})["hosts"][name] = None
    ssh_config.append(f"Host *\n  IdentityFile {state}/id_ed25519\n  IdentitiesOnly yes\n")
    ssh_config.append(f"  UserKnownHostsFile {state}/known_hosts\n  StrictHostKeyChecking yes\n")
    (state / "known_hosts").write_text("".join(known_hosts), encoding="utf-8")
    (state / "ssh_config").write_text("".join(ssh_config), encoding="utf-8")
    # A lab made anew has the old one's addresses: its connections must not be taken for those that still persist.
    token = hashlib.sha256((state / "id_ed25519.pub").read_bytes()).hexdigest()[:8]
    variables = {
        "ansible_control_path": f"%(directory)s/lab-{token}-%%h",
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_private_key_file": f"{state}/id_ed25519",
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={state}/known_hosts -o IdentitiesOnly=yes",
        **lab.get("vars", {}),
    }
    inventory = state / "hosts.yml"
    content = {"all": {"children": {"boards": {"hosts": hosts, "vars": variables}, **groups}}}
    inventory.write_text("---\n" + yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return inventory


def main() -> None:
    parser = argparse.ArgumentParser(description="Create and destroy a lab of containers that look like boards.")
    parser.add_argument("action", choices=["create", "destroy"])
    parser.add_argument("--lab", type=Path, required=True, help="the lab's description, a YAML file")
    parser.add_argument("--state-dir", type=Path, required=True, help="where its inventory, keys and known_hosts are written")
    arguments = parser.parse_args()
    lab, state = load(arguments.lab), arguments.state_dir.resolve()
    if arguments.action == "destroy":
        destroy(lab, state)
        return
    started = time.monotonic()
    inventory = create(lab, state)
    print(json.dumps({"inventory": str(inventory), "boards": len(lab["boards"]), "seconds": round(time.monotonic() - started, 1)}))


if __name__ == "__main__":
    main()

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
r"""Containers that look like boards: a real userland, a board's device tree and core, reached over real SSH. And
virtual machines that boot (vm.py), for what a container cannot show.

A lab is described by a YAML file::

    name: raspberrypi                    # names its containers: edgeai-raspberrypi-<board>
    boards:
      - name: pi4                        # or `count: 20` with a name like bench-%02d
        arch: arm64                      # default amd64; armhf is a 32-bit board with a QEMU_CPU such as cortex-a9
        image: builder                   # with compilers and the packages for PyTorch's build
        model: Raspberry Pi 4 Model B Rev 1.4
        compatible: ["raspberrypi,4-model-b", "brcm,bcm2711"]
        environment: {QEMU_CPU: cortex-a72}
        memory: 4g                       # the container's limit
        tmpfs: {/opt/edgeai: 64m}        # a separate disk, and its size
        users: [vision]                  # in addition to `ansible`, which may become root
        password: a word                 # of `ansible`; then its sshd accepts no keys
        groups: [canary]                 # in the inventory, in addition to `boards`
        vars: {torch_version: 2.9.1}     # in the inventory
        files:                           # written before sshd starts; files.py explains contents
          /etc/nv_tegra_release: "# R36 (release), REVISION: 4.3\n"
          /usr/sbin/nvpmodel: {text: "#!/bin/sh\necho 0\n", mode: '0755'}
          /usr/local/cuda: {link: cuda-12.6}
          /sys/firmware/devicetree/base/chosen/pynq_board: "Pynq-Z2\0"
          /sys/bus/pci/devices/0000:01:00.0/vendor: "0x19e5\n"
          /proc/cpuinfo: {source: cpuinfo.txt}
        devices: [{path: /dev/nvmap, group: video, mode: '0660'}]    # character devices; their groups are created
        groups_on_board: [HwHiAiUser]
        apt:                             # all packages of the board's apt, empty ones (debs.py); also with `depends`,
                                         # `files`, `installed: true`
          - {name: libcusparselt0, version: 0.7.1.0-1}
        vm:                              # a virtual machine instead of a container: no image, model, compatible,
          memory: 1024                   # environment, tmpfs, devices, python36, nor files below /sys and /proc
          cores: 2                       # all keys have a default
          cpu: max                       # QEMU's name
          machine: q35                   # QEMU's name
          disk: lossy                    # what is not flushed is lost with the power; default overlay
          clock: 2001-01-01              # of its hardware
          init: plain                    # a shell script instead of systemd: boots in half the time
        python36: true                   # Ansible uses a real CPython 3.6, /opt/python3.6/bin/python3.6 (amd64 only)
    vars: {}                             # of all boards, in the inventory
    www:                                 # served until the lab is destroyed, at the inventory's {{ lab_www }}, by path
                                         # repack: what to fetch, its new name
      jp/v61/torch.whl: {repack: [torch==2.9.1, torch-2.5.0a0+872d972e41.nv24.8-cp311-cp311-linux_aarch64.whl]}
      keyring.deb: {deb: {name: cuda-keyring, version: "1.1-1"}}
      pins.txt: a text, or another content of files.py

With vars `torch_mirrors: {"https://developer.download.nvidia.com/compute/redist": "{{ lab_www }}"}`, a run uses these
files instead of the vendor's. The state directory's www.log has the files that a run fetched. A test may also call
wheels.repack(wheels.fetch(...), ...) and www.serve(directory).

`create` writes into the state directory: hosts.yml (an inventory), ssh_config (`ssh -F ssh_config pi4`), known_hosts,
the keys, www. `restart` restarts a board, and writes its address anew: Docker gives the old one to another lab that
starts a board at that moment.
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

import debs
import docker
import engine
import files
import images
import vm
import www
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import venvs

LABEL = "edgeai-fleet"
START = Path(__file__).resolve().with_name("board.sh")
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
SSH_TIMEOUT = 60
PYTHON36 = "/opt/python3.6"
LAB_KEYS = {"name", "boards", "vars", "www"}
KEYS = {
    "name",
    "count",
    "arch",
    "image",
    "model",
    "compatible",
    "environment",
    "memory",
    "tmpfs",
    "users",
    "password",
    "groups",
    "vars",
    "files",
    "devices",
    "groups_on_board",
    "apt",
    "vm",
    "python36",
}
#: What a virtual machine can have besides `vm` itself.
VM_KEYS = {"name", "count", "arch", "vm", "users", "password", "groups", "vars", "files", "groups_on_board", "apt"}


def load(path: Path) -> dict:
    """Read a lab's description; write out its counted boards."""
    lab = yaml.safe_load(path.read_text(encoding="utf-8"))
    _check(lab, LAB_KEYS, f"{path}: lab")
    boards = []
    for board in lab["boards"]:
        if "vm" in board:
            _check(board, VM_KEYS, f"{path}: virtual machine {board.get('name')}")
            vm.check(board["vm"], f"{path}: virtual machine {board.get('name')}")
        _check(board, KEYS, f"{path}: board {board.get('name')}")
        count = board.get("count")
        boards += [{**board, "name": board["name"] % number} for number in range(1, count + 1)] if count else [board]
    return {**lab, "boards": boards, "description": path.resolve()}


def create(lab: dict, state: Path, owner: int | None = None) -> Path:
    """Start the lab's boards anew; return its inventory. Virtual machines end with the process `owner`."""
    containers = [board for board in lab["boards"] if "vm" not in board]
    client = engine.ensure() if containers else None
    tags = {wanted: images.ensure(client, *wanted) for wanted in {_image(board) for board in containers}}
    destroy(lab, state)
    state.mkdir(parents=True)
    _key(state / "id_ed25519", "ansible")
    if "www" in lab:
        www.build(lab["www"], state / "www", lab["description"])
        lab["vars"] = {"lab_www": www.serve(state / "www"), **lab.get("vars", {})}
    with ThreadPoolExecutor(8) as pool:
        addresses = list(
            pool.map(
                lambda board: (
                    _start_machine(board, lab["description"], state, owner)
                    if "vm" in board
                    else (_start(client, lab, board, tags[_image(board)], state), 22)
                ),
                lab["boards"],
            )
        )
    return _write_inventory(lab, dict(zip((board["name"] for board in lab["boards"]), addresses, strict=True)), state)


def restart(lab: dict, state: Path, name: str) -> Path:
    """Restart one board with all its files; return the lab's inventory, with the address that the board has now."""
    client = engine.ensure()
    client.containers.get(_container(lab, name)).restart(timeout=1)
    before = yaml.safe_load((state / "hosts.yml").read_text(encoding="utf-8"))["all"]["children"]["boards"]["vars"]
    lab["vars"] = {key: before[key] for key in ("lab_www", *lab.get("vars", {})) if key in before}
    addresses = {
        board["name"]: (
            ("127.0.0.1", machine(state, board["name"]).port)
            if "vm" in board
            else (_reach(client, _container(lab, board["name"]), board["name"]), 22)
        )
        for board in lab["boards"]
    }
    return _write_inventory(lab, addresses, state)


def machine(state: Path, name: str) -> vm.Machine:
    """Return the virtual machine of this board."""
    return vm.Machine(state / "machines" / name)


def destroy(lab: dict, state: Path) -> None:
    """Remove the lab's boards and their files in the state directory."""
    for directory in (state / "machines").glob("*"):
        vm.Machine(directory).cut()
    if any("vm" not in board for board in lab["boards"]):
        containers = engine.ensure().containers.list(all=True, filters={"label": f"{LABEL}={lab['name']}"})
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda container: container.remove(force=True, v=True), containers))
    www.stop(state / "www")
    shutil.rmtree(state, ignore_errors=True)


def _check(given: dict, known: set[str], what: str) -> None:
    if unknown := set(given) - known:
        sys.exit(f"{what}: unknown: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(known))}.")


def _container(lab: dict, board: str) -> str:
    return f"edgeai-{lab['name']}-{board}"


def _image(board: dict) -> tuple[str, str]:
    return board.get("arch", "amd64"), board.get("image", "board")


def _start(client: docker.DockerClient, lab: dict, board: dict, image: str, state: Path) -> str:
    """Start one board; return its address once its sshd answers."""
    binds = [f"{START}:/lab.sh:ro", *_write_board(board, lab["description"], state)]
    disks = {path: f"size={size},exec" for path, size in board.get("tmpfs", {}).items()}
    host_config = client.api.create_host_config(binds=binds, mem_limit=board.get("memory"), tmpfs=disks, init=True)
    if any(bind.endswith(f":{files.FIRMWARE}:ro") for bind in binds):
        # Docker would mask /sys/firmware; `docker run --security-opt systempaths=unconfined` does the same.
        host_config.update(MaskedPaths=[], ReadonlyPaths=[])
    # No platform is named: engine 20.10 records an imported arm64 image as amd64, and would pull another one.
    container = client.api.create_container(
        image,
        ["/bin/sh", "/lab.sh"],
        name=_container(lab, board["name"]),
        hostname=board["name"],
        environment=board.get("environment", {}),
        labels={LABEL: lab["name"]},
        host_config=host_config,
    )
    client.api.start(container)
    return _reach(client, container["Id"], board["name"])


def _start_machine(board: dict, description: Path, state: Path, owner: int | None) -> tuple[str, int]:
    """Start one virtual machine; return its address once its sshd answers."""
    binds = _write_board(board, description, state)[1:]
    if shown := [bind for bind in binds if not bind.startswith(f"{CA_BUNDLE}:")]:
        sys.exit(f"{description}: virtual machine {board['name']}: its own kernel shows {', '.join(shown)}.")
    directory = state / "boards" / board["name"]
    shutil.copy(START, directory)
    started = vm.Machine.create(state / "machines" / board["name"], board, directory, owner)
    started.start()
    started.wait_for_ssh()
    return "127.0.0.1", started.port


def _write_board(board: dict, description: Path, state: Path) -> list[str]:
    """Write the files that board.sh and the kernel show on one board; return its mounts."""
    directory = state / "boards" / board["name"]
    directory.mkdir(parents=True)
    _key(directory / "host_key", board["name"])
    shutil.copy(state / "id_ed25519.pub", directory / "authorized_keys")
    devices = board.get("devices", [])
    groups = [*board.get("groups_on_board", []), *(device["group"] for device in devices if "group" in device)]
    for name, lines in {
        "users": ["ansible", *board.get("users", [])],
        "environment": [f"{key}={value}" for key, value in board.get("environment", {}).items()],
        "password": [f"ansible:{board['password']}"] if "password" in board else [],
        "groups": dict.fromkeys(groups),
        "devices": [
            f"{device['path']} {device.get('mode', '0660')} {device.get('group', 'root')}" for device in devices
        ],
    }.items():
        (directory / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if "apt" in board:
        debs.repository(board["apt"], board.get("arch", "amd64"), directory / "apt")
    binds = [f"{directory}:/lab:ro", *files.stage(board, description, directory)]
    if CA_BUNDLE.exists():
        # A board that fetches by itself trusts the same certificates as this machine.
        binds.append(f"{CA_BUNDLE}:{CA_BUNDLE}:ro")
    if board.get("python36"):
        binds.append(f"{_python36(board)}:{PYTHON36}:ro")
    return binds


def _python36(board: dict) -> Path:
    """Return the directory of CPython 3.6 on this machine."""
    python = venvs.python_of("3.6")
    if python is None:
        sys.exit(f"Board {board['name']} needs CPython 3.6, and this machine has none: pyenv install 3.6.15.")
    if images.emulated(board.get("arch", "amd64")):
        sys.exit(f"Board {board['name']}: this machine's Python 3.6 does not run on {board['arch']}.")
    return Path(
        subprocess.run(
            [python, "-c", "import sys; print(sys.base_prefix)"], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()
    )


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
                sys.exit(
                    f"Board {name} does not answer SSH at {address}:"
                    f" {error}.\n{client.api.logs(container).decode(errors='replace')}"
                )
        time.sleep(0.2)


def _key(path: Path, comment: str) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)], check=True)


def _write_inventory(lab: dict, addresses: dict[str, tuple[str, int]], state: Path) -> Path:
    known_hosts, groups, hosts, ssh_config = [], {}, {}, []
    for board in lab["boards"]:
        name, (address, port) = board["name"], addresses[board["name"]]
        known = address if port == 22 else f"[{address}]:{port}"
        known_hosts.append(f"{name},{known} {(state / 'boards' / name / 'host_key.pub').read_text(encoding='utf-8')}")
        # The kernel ignores the setuid bit of an emulated program (Debian registers QEMU without its `credentials`
        # flag), so sudo does not work there and Ansible logs in as root.
        user = "root" if "vm" not in board and images.emulated(board.get("arch", "amd64")) else "ansible"
        user = board.get("vars", {}).get("ansible_user", user)
        ssh_config.append(f"Host {name}\n  HostName {address}\n  Port {port}\n  User {user}\n")
        python = {"ansible_python_interpreter": f"{PYTHON36}/bin/python3.6"} if board.get("python36") else {}
        password = {"ansible_password": board["password"]} if "password" in board else {}
        place = {"ansible_host": address, **({} if port == 22 else {"ansible_port": port})}
        hosts[name] = {**place, "ansible_user": user, **password, **python, **board.get("vars", {})}
        for group in board.get("groups", []):
            groups.setdefault(group, {"hosts": {}})["hosts"][name] = None
    ssh_config.append(f"Host *\n  IdentityFile {state}/id_ed25519\n  IdentitiesOnly yes\n")
    ssh_config.append(f"  UserKnownHostsFile {state}/known_hosts\n  StrictHostKeyChecking yes\n")
    (state / "known_hosts").write_text("".join(known_hosts), encoding="utf-8")
    (state / "ssh_config").write_text("".join(ssh_config), encoding="utf-8")
    # A new lab has the addresses of the old one: its connections must not be mistaken for persistent ones of the old
    # lab.
    token = hashlib.sha256((state / "id_ed25519.pub").read_bytes()).hexdigest()[:8]
    variables = {
        "ansible_control_path": f"%(directory)s/lab-{token}-%%h-%%p",
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_ssh_private_key_file": f"{state}/id_ed25519",
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={state}/known_hosts -o IdentitiesOnly=yes",
        # An emulated processor needs a while for a login.
        **({"ansible_ssh_timeout": 120} if any("vm" in board for board in lab["boards"]) else {}),
        **lab.get("vars", {}),
    }
    inventory = state / "hosts.yml"
    content = {"all": {"children": {"boards": {"hosts": hosts, "vars": variables}, **groups}}}
    inventory.write_text("---\n" + yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return inventory


def main() -> None:
    parser = argparse.ArgumentParser(description="Create, restart, destroy a lab of containers that look like boards.")
    parser.add_argument("action", choices=["create", "restart", "destroy"])
    parser.add_argument("--lab", type=Path, required=True, help="the lab's description, a YAML file")
    parser.add_argument(
        "--state-dir", type=Path, required=True, help="where its inventory, keys and known_hosts are written"
    )
    parser.add_argument("--board", help="the one that restarts")
    parser.add_argument("--owner", type=int, help="the process with which virtual machines end")
    arguments = parser.parse_args()
    lab, state = load(arguments.lab), arguments.state_dir.resolve()
    if arguments.action == "destroy":
        destroy(lab, state)
        return
    if arguments.action == "restart":
        restart(lab, state, arguments.board)
        return
    started = time.monotonic()
    inventory = create(lab, state, arguments.owner)
    print(
        json.dumps(
            {"inventory": str(inventory), "boards": len(lab["boards"]), "seconds": round(time.monotonic() - started, 1)}
        )
    )


if __name__ == "__main__":
    main()

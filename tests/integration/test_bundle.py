# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bundle made here, carried to a place without internet, installed there from itself, and used alone."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator

import boards
import docker
import engine
import images
import pytest
import yaml
from bundle_support import make_key
from index_support import make_wheel
from playbook_runs import REPOSITORY, Operator

PI = yaml.safe_load((REPOSITORY / "molecule" / "raspberrypi" / "lab.yml").read_text(encoding="utf-8"))["boards"][0]
LAB = {
    "name": "bundle",
    "vars": {"torch_verify_timeout": 3600},
    "boards": [
        {
            "name": "pc",
            "users": ["vision"],
            "vars": {"ansible_become": True, "x86_conda_provider": "venv", "torch_user": "vision"},
        },
        {**PI, "name": "pi", "vars": {"torch_version": "2.9.1"}},
    ],
}
#: What nobody answers: an index on this machine's own loopback, as pip's and uv's only one.
NOWHERE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_FIND_LINKS": "", "UV_INDEX_URL": "http://127.0.0.1:9/"}


def without_network(command: str, operator: Operator) -> subprocess.CompletedProcess:
    """Run shell commands in a network namespace without any interface but a loopback that is down."""
    environment = {name: value for name, value in operator.environment(**NOWHERE).items() if "ANSIBLE_COLL" not in name}
    return subprocess.run(
        ["unshare", "--map-root-user", "--net", "sh", "-ec", command],
        cwd=operator.directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def python_here() -> str:
    return "{}.{}".format(*sys.version_info[:2])


def test_a_bundle_is_all_that_a_control_node_without_a_network_needs(local: Operator):
    key = make_key(local.directory, "maker")
    bundle = local.directory / "bundle"
    options = {"bundle_path": str(bundle), "bundle_key": str(key), "bundle_python": python_here(), "bundle_tar": True}
    # A namesake of torch, which is not installed: the real one is copied and hashed for a minute.
    links = local.directory / "links"
    links.mkdir()
    filename, wheel = make_wheel("torch", "2.13.0+cpu")
    (links / filename).write_bytes(wheel)
    small = {"PIP_FIND_LINKS": str(links)}
    made = local.run("bundle", environ=small, **options)
    assert made.status == 0, made.output
    assert "boards: 1 (1 ready)" in made.output and "signed by SHA256:" in made.output
    again = local.run("bundle", "--check", environ=small, **options)
    assert (again.status, again.changed()) == (0, 0), again.output

    # As after a journey: unpacked elsewhere, and without anything of the place where it was made.
    tar = f"{bundle}.tar"
    subprocess.run(["tar", "-xf", tar, "-C", str(local.directory), "--transform", "s/^bundle/it/"], check=True)
    bundle.rename(local.directory / "gone")
    inventory = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))
    inventory["all"]["hosts"]["other"] = {**inventory["all"]["hosts"]["localhost"], "torch_version": "2.8.0"}
    local.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    site = without_network(
        f"sh it/install.sh --signer maker.pub --into fleet --python {shlex.quote(sys.executable)}\n. fleet/activate\n"
        "ansible-playbook edgeai.fleet.verify_bundle -e bundle_path=bundle.tar -e bundle_signer=maker.pub\n"
        "ansible-playbook edgeai.fleet.provision -i hosts.yml --check -e @$EDGEAI_FLEET_OFFLINE",
        local,
    )
    assert "bundle.tar: verified" in site.stdout and "would be installed" in site.stdout, site.stdout
    assert "it/locks has no lock for torch ==2.8.0" in site.stdout and site.returncode != 0, site.stdout
    # What pip's configuration names: nobody was asked, so nobody failed to answer.
    assert "127.0.0.1" not in site.stdout, site.stdout


def test_a_board_that_gets_nothing_is_named_and_fails(local: Operator):
    inventory = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))
    gone = {"ansible_host": "127.0.0.1", "ansible_port": 9}
    inventory["all"]["hosts"] = {"gone": gone}
    local.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    run = local.run("bundle", bundle_path="bundle")
    assert run.status != 0 and "There is nothing to put into a bundle: no board can be served. gone: " in run.output
    assert not (local.directory / "bundle").exists()


def test_a_wrong_option_ends_the_run_before_a_board_is_contacted(local: Operator):
    run = local.run("bundle", bundle_path=".")
    assert run.status != 0 and "has files that belong to no bundle (hosts.yml)" in run.output, run.output
    assert "Detect each board" not in run.output


# --- a bench on a bridge without a route, and a control node there


@pytest.fixture
def island(lab: Operator) -> Iterator[tuple[docker.models.containers.Container, dict[str, str]]]:
    """A control node, and the lab's boards moved to its network: no default route, no name server."""
    client = engine.ensure()
    network = client.networks.create("edgeai-bundle-island", internal=True)
    control = None
    try:
        addresses = {}
        for board in LAB["boards"]:
            container = client.containers.get(f"edgeai-bundle-{board['name']}")
            network.connect(container)
            client.networks.get("bridge").disconnect(container)
            container.reload()
            addresses[board["name"]] = container.attrs["NetworkSettings"]["Networks"][network.name]["IPAddress"]
        control = client.containers.run(
            images.ensure(client, "amd64"),
            ["sleep", "infinity"],
            name="edgeai-bundle-control",
            labels={boards.LABEL: LAB["name"]},
            network=network.name,
            dns=["127.0.0.1"],
            volumes={str(lab.directory): {"bind": str(lab.directory), "mode": "rw"}},
            working_dir=str(lab.directory),
            environment={"ANSIBLE_NOCOLOR": "1", "COLUMNS": "160"},
            init=True,
            detach=True,
        )
        for container in (control, *(client.containers.get(f"edgeai-bundle-{name}") for name in addresses)):
            without_default_route(container)
        yield control, addresses
    finally:
        if control is not None:
            control.remove(force=True)
        for container in client.networks.get(network.id).attrs["Containers"]:
            network.disconnect(container, force=True)
        network.remove()


def without_default_route(container: docker.models.containers.Container) -> None:
    """Docker before 28 sets one in an internal network, too, and drops what goes there."""
    container.reload()
    enter = ["nsenter", "--net", "--target", str(container.attrs["State"]["Pid"])]
    subprocess.run([*enter, "ip", "route", "del", "default"], stderr=subprocess.DEVNULL, check=False)


def moved_inventory(lab: Operator, addresses: dict[str, str]) -> None:
    """Write the inventory of the place without internet: other addresses, the same boards."""
    state = lab.inventory.parent
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    group = inventory["all"]["children"]["boards"]
    known = []
    for name, address in addresses.items():
        group["hosts"][name]["ansible_host"] = address
        known.append(f"{address} {(state / 'boards' / name / 'host_key.pub').read_text(encoding='utf-8')}")
    (lab.directory / "island_hosts").write_text("".join(known), encoding="utf-8")
    group["vars"]["ansible_ssh_common_args"] = f"-o UserKnownHostsFile={lab.directory}/island_hosts"
    (lab.directory / "island.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")


def ask(control: docker.models.containers.Container, command: str) -> tuple[int, str]:
    status, output = control.exec_run(["sh", "-ec", command])
    print(output.decode("utf-8", "replace"))
    return status, output.decode("utf-8", "replace")


@pytest.mark.heavy
def test_two_families_on_a_bridge_without_internet(lab: Operator, request: pytest.FixtureRequest):
    # The facts of the boards come out of their place in a file, and the bundle goes in.
    told = lab.run("explain", explain_json="boards.json")
    assert told.status == 0, told.output
    key = make_key(lab.directory, "maker")
    made = lab.run(
        "bundle",
        bundle_facts="boards.json",
        bundle_path=str(lab.directory / "bundle"),
        bundle_key=str(key),
        bundle_python="3.11",
        bundle_platform="x86_64",
    )
    assert made.status == 0 and "boards: 2 (2 ready)" in made.output, made.output

    control, addresses = request.getfixturevalue("island")
    moved_inventory(lab, addresses)
    status, said = ask(control, "cut -f 2 /proc/net/route; getent hosts pypi.org || echo unknown")
    assert status == 0 and "00000000" not in said.split() and said.split()[-1] == "unknown", said
    status, said = ask(control, "sh bundle/install.sh --signer maker.pub --into /srv/fleet")
    assert status == 0, said
    run = ". /srv/fleet/activate; ansible-playbook -i island.yml -e @$EDGEAI_FLEET_OFFLINE edgeai.fleet."
    status, said = ask(control, f"{run}provision")
    assert status == 0, said
    report = json.loads((lab.directory / "reports/latest/report.json").read_text(encoding="utf-8"))
    found = {
        name: (board["board"]["family"], board["verdict"]["outcome"], board["verdict"]["satisfied"])
        for name, board in report["boards"].items()
    }
    assert found == {"pc": ("x86_conda", "cpu", True), "pi": ("raspberrypi", "cpu", True)}, said
    status, said = ask(control, f"{run}provision")
    assert status == 0 and "changed=0" in said and "changed=1" not in said, said
    # The bundle is as it was, but for what a run leaves in a wheelhouse.
    assert ask(control, "sh bundle/install.sh --signer maker.pub --check")[0] == 0
    status, said = ask(control, f"{run}remove")
    assert status == 0, said
    for name in addresses:
        ssh = f"ssh -o UserKnownHostsFile=island_hosts -i {lab.inventory.parent}/id_ed25519"
        user = yaml.safe_load((lab.directory / "island.yml").read_text())["all"]["children"]["boards"]["hosts"][name]
        assert ask(control, f"{ssh} {user['ansible_user']}@{addresses[name]} test ! -e /opt/edgeai")[0] == 0

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin as its users load it, against a real responder on the loopback."""

from __future__ import annotations

import os
import socket
import sys
import threading

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory import multicast_dns
from inventory_support import ask, hosts

if os.environ.get("CI") != "true":
    pytest.importorskip("zeroconf")
import zeroconf

pytestmark = pytest.mark.slow
INVENTORY = """
plugin: edgeai.fleet.discover
interfaces: ['127.0.0.1']
services: [_ssh._tcp]
timeout: {timeout}
groups: {{pis: "'Raspberry' in discover_model"}}
keyed_groups: [{{key: discover_texts.room, prefix: room}}]
compose: {{ansible_user: "'admin-' ~ inventory_hostname"}}
"""
EVIL = "\x1b[31mevil\x1b[0m"


def offer(name: str, address: str, port: int = 22, **texts: str) -> zeroconf.ServiceInfo:
    return zeroconf.ServiceInfo(
        "_ssh._tcp.local.",
        f"{name} of the lab._ssh._tcp.local.",
        port=port,
        addresses=[socket.inet_aton(address)],
        server=f"{name}.local.",
        properties=texts,
    )


def answer_of(name: str, address: str) -> zeroconf.DNSOutgoing:
    """The packet of a device that no library would make."""
    instance, lifetime = f"{name}._ssh._tcp.local.", 120
    packet = zeroconf.DNSOutgoing(0x8400)
    for record in (
        zeroconf.DNSPointer("_ssh._tcp.local.", 12, 1, lifetime, instance),
        zeroconf.DNSService(instance, 33, 1, lifetime, 0, 0, 22, f"{name}.local."),
        zeroconf.DNSText(instance, 16, 1, lifetime, b"\x00"),
        zeroconf.DNSAddress(f"{name}.local.", 1, 1, lifetime, socket.inet_aton(address)),
    ):
        packet.add_answer_at_time(record, 0)
    return packet


@pytest.fixture
def network():
    """A responder on the loopback."""
    responder = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
    yield responder
    responder.close()


@pytest.fixture
def inventory(tmp_path):
    path = tmp_path / "found.yml"
    path.write_text(INVENTORY.format(timeout=1.5), encoding="utf-8")
    return path


def test_boards_are_found_and_a_hostile_answer_is_named(network, inventory):
    for info in (
        offer("pi4", "127.0.0.31", model="Raspberry Pi 4", room="b12"),
        offer("orin", "127.0.0.11", port=2222),
        offer("far", "198.51.100.7"),
    ):
        network.register_service(info, cooperating_responders=True)
    # Announcements without a question count, too; this one is repeated until somebody listens.
    stop = repeat(network, answer_of(EVIL, "127.0.0.66"))
    try:
        status, found, said = ask(inventory)
    finally:
        stop.set()
    assert status == 0, said
    boards = hosts(found)
    assert sorted(boards) == ["orin", "pi4"]
    assert (boards["pi4"]["ansible_host"], boards["pi4"]["ansible_user"]) == ("127.0.0.31", "admin-pi4")
    assert (boards["orin"]["ansible_host"], boards["orin"]["ansible_port"]) == ("127.0.0.11", 2222)
    assert found["pis"]["hosts"] == found["room_b12"]["hosts"] == ["pi4"]
    assert "198.51.100.7 is not on a network of this computer" in said
    assert "what '[31mevil [0m._ssh._tcp.local.' announces as _ssh._tcp is passed over" in said and "\x1b" not in said


def repeat(network, packet):
    stop = threading.Event()

    def send():
        while not stop.wait(0.2):
            network.send(packet)

    threading.Thread(target=send, daemon=True).start()
    return stop


def test_no_answer_is_an_error_that_says_what_was_asked(inventory):
    status, _found, said = ask(inventory, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
    assert status != 0
    assert "no board was found within 1.5 s on 127.0.0.1 (nothing was announced)" in said and "avahi-daemon" in said


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("timeout: 1.5", "timeout: 600", "timeout is 600.0: it must be from 0.5 to 60 seconds"),
        ("[_ssh._tcp]", "[ssh]", "services has 'ssh': it must be types of services"),
        ("[_ssh._tcp]", "[]", "services has no entry"),
        ("127.0.0.1", "eth99", "this computer has no interface 'eth99'; it has: "),
    ],
)
def test_wrong_options_are_one_message(inventory, before, after, message):
    inventory.write_text(inventory.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    status, _found, said = ask(inventory, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")
    assert status != 0 and message in said, said


def test_without_the_library_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "zeroconf", None)
    with pytest.raises(multicast_dns.DiscoveryError, match="pip install zeroconf"):
        multicast_dns.listen(["_ssh._tcp"], 1, [])

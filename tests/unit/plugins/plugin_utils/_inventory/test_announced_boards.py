# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards from announcements, and one message for each that nobody should trust."""

from __future__ import annotations

import ipaddress
import re

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory import announced_boards
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory.announced_boards import Announcement, boards_of

NETWORKS = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "fe80::/64", "2001:db8::/64")]


def announced(server="pi4.local.", service="_ssh._tcp", port=22, addresses=("192.0.2.31",), **texts):
    return Announcement(
        service,
        f"{server}{service}.local.",
        server,
        port,
        addresses,
        {key.encode(): value.encode() for key, value in texts.items()},
    )


def test_what_one_board_announces_is_one_board():
    found, messages = boards_of(
        [
            announced(service="_workstation._tcp", port=9, addresses=("fe80::1%eth0", "192.0.2.31")),
            announced(port=2222, addresses=("192.0.2.31", "2001:db8::5"), MODEL="Raspberry\x1b[31m Pi 4", note="\n"),
            announced("Orin-1.local", addresses=("192.0.2.11",), ty="Jetson", model=""),
        ],
        NETWORKS,
    )
    assert messages == []
    assert [board.name for board in found] == ["orin-1", "pi4"]
    assert found[0].variables["ansible_host"] == "192.0.2.11" and "ansible_port" not in found[0].variables
    assert found[0].variables["discover_model"] == "Jetson"
    assert found[1].variables == {
        "ansible_host": "192.0.2.31",
        "ansible_port": 2222,
        "discover_services": ["_ssh._tcp", "_workstation._tcp"],
        "discover_texts": {"model": "Raspberry [31m Pi 4", "note": ""},
        "discover_model": "Raspberry [31m Pi 4",
        "discover_addresses": ["192.0.2.31", "2001:db8::5", "fe80::1%eth0"],
    }


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (announced("\x1b[2J\x1b[31mpi.local."), "is none: letters, digits and '-' are allowed"),
        (announced("a" * 300 + ".local."), r"\(307 characters\) is none"),
        (announced("a" * 64 + ".local."), r"\(71 characters\) is none"),
        (announced("pi 4.local."), "is none"),
        (announced("-pi.local."), "is none"),
        (announced("pi\u202e4.local."), "is none"),
        (announced("пи.local."), "is none"),
        (announced("{{7*7}}.local."), "is none"),
        (announced("pi4.example.com."), "does not end with .local"),
        (announced("a.b.local."), "does not end with .local"),
        (announced("local."), "does not end with .local"),
        (announced("all.local."), "all cannot be the name of a board"),
        (announced("localhost.local."), "localhost cannot be the name of a board"),
        (announced(""), "nobody told which host it is"),
        (announced(addresses=()), "it has no address"),
        (announced(addresses=("192.0.2.300",)), "its address '192.0.2.300' is none"),
        (announced(addresses=("\x1b]0;x\x07",)), r"its address '\]0;x' is none"),
        (announced(addresses=("198.51.100.7",)), "198.51.100.7 is not on a network of this computer"),
        (announced(addresses=("fe80::1",)), "its address fe80::1 has no interface"),
        (announced(addresses=("fe80::1%$(reboot)",)), "is none"),
        (announced(port=0), "its port 0 is none"),
        (announced(port=70000), "its port 70000 is none"),
        (announced(model="{{ lookup('pipe', 'id') }}"), "its TXT entry 'model' has a template"),
        (announced(model="{%\x1b if %}"), "its TXT entry 'model' has a template"),
        (announced(model="{\x00{ 7 }}"), None),
    ],
)
def test_a_malformed_answer_is_one_message_and_no_board(answer, why):
    found, messages = boards_of([answer, answer, announced("good.local.", addresses=("192.0.2.40",))], NETWORKS)
    assert [board.name for board in found][:1] == ["good"]
    if why is None:  # control characters make no template of two halves
        assert found[1].variables["discover_model"] == "{ { 7 }}" and not messages
        return
    assert len(found) == 1 and len(messages) == 1
    assert re.search(why, messages[0]), messages
    assert messages[0].isprintable() and len(messages[0]) < 250


def test_two_names_with_one_address():
    found, messages = boards_of([announced("pi4.local."), announced("pi5.local.")], NETWORKS)
    assert [board.name for board in found] == ["pi4"]
    assert messages == ["pi5 is passed over: it has the address 192.0.2.31 of pi4"]
    # Behind one address, other ports are other boards.
    both = boards_of([announced("pi4.local."), announced("pi5.local.", port=2222)], NETWORKS)[0]
    assert [board.name for board in both] == ["pi4", "pi5"]


def test_texts_are_bounded():
    many = announced(**{f"k{number}": "x" * 5000 for number in range(100)}, **{"bad key": "y"})
    texts = boards_of([many], NETWORKS)[0][0].variables["discover_texts"]
    assert len(texts) == 32 and {len(value) for value in texts.values()} == {200}


def test_a_flood_is_cut_off(monkeypatch):
    monkeypatch.setattr(announced_boards, "MOST_BOARDS", 3)
    flood = [announced(f"pi{number}.local.", addresses=(f"192.0.2.{number}",)) for number in range(1, 9)]
    found, messages = boards_of(flood, NETWORKS)
    assert len(found) == 3 and messages == ["more than 3 names were announced: the others are passed over"]


def test_patterns_of_names():
    answers = [
        announced(f"{name}.local.", addresses=(f"192.0.2.{n}",)) for n, name in enumerate(["pi-1", "nas", "pi-x"])
    ]
    assert [board.name for board in boards_of(answers, NETWORKS, ["PI-*"], ["*-x"])[0]] == ["pi-1"]

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: discover
short_description: Boards that announce themselves on the lab's network
version_added: 0.1.0
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Asks by multicast DNS (mDNS, DNS-SD) who offers O(services), as Avahi does on most images of boards, and takes the
    answers within O(timeout) as the inventory. Only the networks of this computer are reached, and no address is
    scanned.
  - A board has the name that it announces, without C(.local), and C(ansible_host), C(ansible_port) if its SSH has
    another port, C(discover_services), C(discover_texts) (its TXT entries), C(discover_model) (of them, C(model),
    C(md), C(ty) or C(board)) and C(discover_addresses).
  - Anyone on the network can announce anything. An answer whose host name is none, whose address is not on a network of
    this computer, that has a template, or whose address another name has, is passed over with a message. Texts are
    printable and bounded. Host keys are checked as always.
  - Who answers may differ from run to run. For a fleet that you keep, let the playbook C(enrol) write what was found to
    an inventory.
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
    choices: [edgeai.fleet.discover]
  services:
    description: The types of services to ask for.
    type: list
    elements: str
    default: [_ssh._tcp, _workstation._tcp]
  timeout:
    description: For how many seconds to listen, 0.5 to 60. Details that do not come at once may take as long again.
    type: float
    default: 4
  interfaces:
    description: The network interfaces to ask on, by name or IPv4 address. Empty is all, without the loopback.
    type: list
    elements: str
    default: []
  names:
    description: Patterns for names of boards (C(pi-*)); others are left out. Empty is all.
    type: list
    elements: str
    default: []
  exclude:
    description: Patterns for names that are left out.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - ansible.builtin.constructed
requirements:
  - zeroconf
"""

EXAMPLES = r"""
# ansible-inventory -i discovered.yml --list
plugin: edgeai.fleet.discover
interfaces: [eth0]
names: ['pi-*', 'jetson-*']
groups:
  zynq: "'pynq' in inventory_hostname"
keyed_groups:
  - key: discover_model
    prefix: model
compose:
  ansible_user: "'xilinx' if inventory_hostname.startswith('pynq') else 'admin'"
"""

# ruff: noqa: E402 (Ansible wants the documentation before the imports)

import re
import typing as t

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory import announced_boards, faults, multicast_dns

display = Display()
_ASKS_FOR_IT = re.compile(r"^plugin\s*:\s*['\"]?edgeai\.fleet\.discover\b", re.MULTILINE)
_SHORTEST = 0.5
_LONGEST = 60.0
_MOST_MESSAGES = 20


class InventoryModule(BaseInventoryPlugin, Constructable):
    NAME = "edgeai.fleet.discover"

    def verify_file(self, path: str) -> bool:
        if not super().verify_file(path) or not path.lower().endswith((".yml", ".yaml")):
            return False
        with open(path, encoding="utf-8", errors="replace") as stream:
            return bool(_ASKS_FOR_IT.search(stream.read(1 << 16)))

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        faults.forget_fault(path)
        self._read_config_data(path)
        try:
            boards, messages = self._discover()
        except multicast_dns.DiscoveryError as error:
            reason = f"{path}: {error}."
            faults.note_fault(path, reason)
            raise AnsibleParserError(reason) from None
        for message in messages[:_MOST_MESSAGES]:
            display.warning(f"{path}: {message}.")
        if more := len(messages) - _MOST_MESSAGES:
            if more > 0:
                display.warning(f"{path}: {more} more announcements are passed over.")
        for board in boards:
            self._add_board(board)

    def _discover(self) -> tuple[list[announced_boards.FoundBoard], list[str]]:
        services, seconds = self.get_option("services"), self.get_option("timeout")
        interfaces = self.get_option("interfaces")
        wrong = [service for service in services if not multicast_dns.SERVICE.fullmatch(service)]
        if wrong or not services:
            raise multicast_dns.DiscoveryError(
                f"services has {', '.join(map(repr, wrong)) or 'no entry'}: it must be types of services such as"
                " _ssh._tcp"
            )
        if not _SHORTEST <= seconds <= _LONGEST:
            raise multicast_dns.DiscoveryError(
                f"timeout is {seconds}: it must be from {_SHORTEST} to {_LONGEST:.0f} seconds"
            )
        announcements, networks = multicast_dns.listen(services, seconds, interfaces)
        boards, messages = announced_boards.boards_of(
            announcements, networks, self.get_option("names"), self.get_option("exclude")
        )
        if not boards:
            heard = "; ".join(messages[:3]) or "nothing was announced"
            raise multicast_dns.DiscoveryError(
                f"no board was found within {seconds:g} s on {', '.join(interfaces) or 'any interface'} ({heard})."
                " Boards announce themselves if they run avahi-daemon, are on the network of this computer, and UDP"
                " port 5353 is open"
            )
        return boards, messages

    def _add_board(self, board: announced_boards.FoundBoard) -> None:
        self.inventory.add_host(board.name)
        for name, value in board.variables.items():
            self.inventory.set_variable(board.name, name, value)
        strict, known = self.get_option("strict"), {"inventory_hostname": board.name, **board.variables}
        self._set_composite_vars(self.get_option("compose"), known, board.name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), known, board.name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, board.name, strict=strict)

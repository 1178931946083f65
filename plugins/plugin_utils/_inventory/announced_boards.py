# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Boards from what devices announce by DNS-SD.

Anyone on the network can announce anything: nothing of it is trusted.
"""

from __future__ import annotations

import fnmatch
import ipaddress
import re
import typing as t

from ansible_collections.edgeai.fleet.plugins.module_utils._base.text import clean_line

#: More devices are not one lab on one network, but a flood.
MOST_BOARDS = 2000
_MOST_TEXTS = 32  # TXT entries of a service
_LONGEST = 200  # characters of a TXT value
_SSH = "_ssh._tcp"
_USUAL_PORT = 22
#: Where devices say what they are: Avahi and Apple, printers and cameras, others.
_MODEL_KEYS = ("model", "md", "ty", "board")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,31}", re.ASCII)
_TEMPLATES = ("{{", "{%", "{#")
_RESERVED = ("all", "ungrouped", "localhost")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Announcement(t.NamedTuple):
    """One instance of a service, as it was answered."""

    service: str  # _ssh._tcp
    instance: str  # the whole name
    server: str  # the name of the device; empty if nobody told it
    port: int
    addresses: tuple[str, ...]
    texts: t.Mapping[bytes, bytes | None]


class FoundBoard(t.NamedTuple):
    name: str
    variables: dict[str, t.Any]


class _Refused(Exception):
    """Why an announcement is not used."""


class _Device:
    """What all announcements of one device say."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()
        self.services: set[str] = set()
        self.texts: dict[str, str] = {}
        self.port = _USUAL_PORT


def boards_of(
    announcements: t.Iterable[Announcement],
    networks: t.Sequence[Network],
    names: t.Sequence[str] = (),
    exclude: t.Sequence[str] = (),
) -> tuple[list[FoundBoard], list[str]]:
    """The boards, by name, and a message for each announcement that is not used.

    networks: those of this computer; only an address in one of them can have been announced there. names, exclude:
    patterns for names of boards that count, and that do not.
    """
    devices: dict[str, _Device] = {}
    messages: dict[str, None] = {}
    for announced in sorted(announcements, key=lambda one: (one.server.lower(), one.service, one.instance)):
        try:
            name = _name_of(announced)
            if names and not any(fnmatch.fnmatchcase(name, pattern.lower()) for pattern in names):
                continue
            if any(fnmatch.fnmatchcase(name, pattern.lower()) for pattern in exclude):
                continue
            addresses = _addresses_of(announced, networks)
            texts = _texts_of(announced)
        except _Refused as why:
            messages[f"{_shown(announced)} is passed over: {why}"] = None
            continue
        if name not in devices and len(devices) >= MOST_BOARDS:
            messages[f"more than {MOST_BOARDS} names were announced: the others are passed over"] = None
            continue
        device = devices.setdefault(name, _Device())
        device.addresses.update(addresses)
        device.services.add(announced.service)
        device.texts.update((key, value) for key, value in texts.items() if key not in device.texts)
        if announced.service == _SSH:
            device.port = announced.port
    return _distinct_boards(devices, messages), list(messages)


def _distinct_boards(devices: t.Mapping[str, _Device], messages: dict[str, None]) -> list[FoundBoard]:
    """The boards whose address no other name has."""
    owner: dict[tuple[str, int], str] = {}
    boards = []
    for name, device in sorted(devices.items()):
        address = _preferred(device.addresses)
        other = owner.setdefault((address, device.port), name)
        if other != name:
            messages[f"{name} is passed over: it has the address {address} of {other}"] = None
            continue
        model = next((device.texts[key] for key in _MODEL_KEYS if device.texts.get(key)), "")
        boards.append(
            FoundBoard(
                name,
                {
                    "ansible_host": address,
                    **({"ansible_port": device.port} if device.port != _USUAL_PORT else {}),
                    "discover_services": sorted(device.services),
                    "discover_texts": dict(sorted(device.texts.items())),
                    "discover_model": model,
                    "discover_addresses": sorted(device.addresses, key=_order),
                },
            )
        )
    return boards


def _shown(announced: Announcement) -> str:
    """The announcement in a message: bounded, without control characters."""
    name = clean_line(announced.server or announced.instance, 60)
    return f"what {name!r} announces as {announced.service}"


def _name_of(announced: Announcement) -> str:
    if not announced.server:
        raise _Refused("nobody told which host it is")
    labels = announced.server.rstrip(".").lower().split(".")
    if len(announced.server) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise _Refused(
            f"its host name ({len(announced.server)} characters) is none: letters, digits and '-' are allowed"
        )
    if labels[-1] != "local" or len(labels) != 2:
        raise _Refused("its host name does not end with .local, as names on one network do")
    if labels[0] in _RESERVED:
        raise _Refused(f"{labels[0]} cannot be the name of a board")
    return labels[0]


def _addresses_of(announced: Announcement, networks: t.Sequence[Network]) -> list[str]:
    usable, why = [], "it has no address"
    for text in announced.addresses:
        plain, _percent, scope = text.partition("%")
        try:
            address = ipaddress.ip_address(plain)
        except ValueError:
            why = f"its address {clean_line(text, 60)!r} is none"
            continue
        if not any(address.version == network.version and address in network for network in networks):
            why = f"its address {address} is not on a network of this computer"
            continue
        if scope and not re.fullmatch(r"[A-Za-z0-9_.-]{1,15}", scope):
            why = f"its address {clean_line(text, 60)!r} is none"
            continue
        # A link-local address means nothing without the interface.
        if address.version == 6 and address.is_link_local and not scope:
            why = f"its address {address} has no interface"
            continue
        usable.append(f"{address}%{scope}" if scope and address.is_link_local else str(address))
    if not usable:
        raise _Refused(why)
    if announced.service == _SSH and not 0 < announced.port < 65536:
        raise _Refused(f"its port {announced.port} is none")
    return usable


def _texts_of(announced: Announcement) -> dict[str, str]:
    """The TXT entries with usual keys, as printable lines."""
    texts: dict[str, str] = {}
    for raw_key, raw_value in list(announced.texts.items())[:_MOST_TEXTS]:
        key = raw_key.decode("utf-8", "replace").lower()
        value = clean_line((raw_value or b"").decode("utf-8", "replace"), _LONGEST)
        if any(mark in key + value for mark in _TEMPLATES):  # before ansible-core 2.19, every text is a template
            raise _Refused(f"its TXT entry {clean_line(key, 32)!r} has a template")
        if _KEY.fullmatch(key):
            texts.setdefault(key, value)
    return texts


def _order(address: str) -> tuple[int, bool, t.Any]:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return parsed.version, parsed.is_link_local, int(parsed)


def _preferred(addresses: t.Iterable[str]) -> str:
    """IPv4 first, and last what is valid on one link only."""
    return min(addresses, key=_order)

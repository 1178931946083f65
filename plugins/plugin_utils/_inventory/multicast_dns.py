# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Ask a network by multicast DNS who offers a service: one question to all, no scan of addresses."""

from __future__ import annotations

import ipaddress
import re
import threading
import time
import typing as t

from .announced_boards import Announcement, Network

#: As RFC 6763 has it: _service._tcp or _service._udp.
SERVICE = re.compile(r"_[A-Za-z0-9]([A-Za-z0-9-]{0,13}[A-Za-z0-9])?\._(tcp|udp)", re.ASCII)
_DOMAIN = ".local."
_MOST_INSTANCES = 4000
_ANSWER_MS = 1500  # for the details of one instance, where its announcement did not have them


class DiscoveryError(Exception):
    """Why nothing can be asked; the text says what to do."""


def listen(
    services: t.Sequence[str], seconds: float, interfaces: t.Sequence[str]
) -> tuple[list[Announcement], list[Network]]:
    """What was announced within this time on these interfaces (names or addresses; none: all), and their networks."""
    zeroconf, adapters = _import_zeroconf()
    addresses, networks = _addresses_of(interfaces, adapters)
    names: dict[tuple[str, str], None] = {}
    lock = threading.Lock()

    def note(zeroconf: t.Any, service_type: str, name: str, state_change: t.Any) -> None:
        with lock:
            if len(names) < _MOST_INSTANCES and "Removed" not in str(state_change):
                names[service_type, name] = None

    try:
        asker = zeroconf.Zeroconf(interfaces=addresses or zeroconf.InterfaceChoice.All)
    except OSError as error:
        raise DiscoveryError(
            f"multicast DNS cannot be used here: {error.strerror or error}. UDP port 5353 must be usable, and the"
            " interface must be up"
        ) from error
    try:
        begin = time.monotonic()
        browser = zeroconf.ServiceBrowser(asker, [service + _DOMAIN for service in services], handlers=[note])
        time.sleep(seconds)
        browser.cancel()
        with lock:
            found = sorted(names)
        # Most details came with the announcements. Who does not answer may cost as much time again, together.
        deadline = begin + 2 * seconds
        return [_details(zeroconf, asker, *one, deadline) for one in found], networks
    finally:
        asker.close()


def _import_zeroconf() -> tuple[t.Any, list[t.Any]]:
    try:
        import ifaddr
        import zeroconf
    except ImportError:
        raise DiscoveryError(
            "the package zeroconf is not installed beside ansible-core: pip install zeroconf"
        ) from None
    return zeroconf, list(ifaddr.get_adapters())


def _addresses_of(interfaces: t.Sequence[str], adapters: t.Sequence[t.Any]) -> tuple[list[str], list[Network]]:
    """The addresses of these interfaces to ask from, and their networks."""
    addresses: list[str] = []
    networks: list[Network] = []
    unknown = set(interfaces)
    for adapter in adapters:
        for ip in adapter.ips:
            text = ip.ip[0] if isinstance(ip.ip, tuple) else ip.ip
            asked = {adapter.name, adapter.nice_name, text}.intersection(interfaces)
            unknown -= asked
            if interfaces and not asked:
                continue
            network = ipaddress.ip_network(f"{text}/{ip.network_prefix}", strict=False)
            if not interfaces and network.is_loopback:
                continue
            networks.append(network)
            if interfaces and network.version == 4:
                addresses.append(text)
    if unknown:
        known = ", ".join(sorted({str(adapter.nice_name) for adapter in adapters}))
        raise DiscoveryError(
            f"this computer has no interface {', '.join(map(repr, sorted(unknown)))}; it has: {known}. Correct"
            " interfaces"
        )
    if interfaces and not addresses:
        raise DiscoveryError(f"{', '.join(interfaces)} has no IPv4 address, which multicast DNS is asked from")
    return addresses, networks


def _details(zeroconf: t.Any, asker: t.Any, service_type: str, name: str, deadline: float) -> Announcement:
    service = service_type.removesuffix(_DOMAIN)
    try:
        info = zeroconf.ServiceInfo(service_type, name)
        if not info.load_from_cache(asker):
            wait = min(_ANSWER_MS, int(1000 * (deadline - time.monotonic())))
            if wait > 0:
                info.request(asker, wait)
        return Announcement(
            service,
            name,
            info.server or "",
            info.port or 0,
            tuple(info.parsed_scoped_addresses()),
            info.properties,
        )
    except (zeroconf.Error, ValueError, OSError):  # of an announcement that is no valid one
        return Announcement(service, name, "", 0, (), {})

# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Power mode, clocks and compressed swap of a Jetson, with nvpmodel, jetson_clocks and nvzramconfig."""

import os
import re

from .._base.errors import EnvironmentProblem
from .._base.files import read_or_none, remove, write_atomic
from .._base.text import last_words
from .._board.jetson_software import POWER_MODES, POWER_STATUS, parse_power_modes

SERVICE = "edgeai-jetson-clocks.service"
UNIT_PATH = "/etc/systemd/system/" + SERVICE
# jetson_clocks writes to root's home directory, and a service has no HOME by default.
UNIT = """# Written by edgeai.fleet.
[Unit]
Description=Clocks of this Jetson at their highest
After=nvpmodel.service

[Service]
Type=oneshot
RemainAfterExit=yes
Environment=HOME=/root
ExecStart=%s

[Install]
WantedBy=multi-user.target
"""
ZRAM = "nvzramconfig"


class JetsonHost(object):
    """The board's files and programs. root is / except in tests; run(argv, answer) returns (exit status, stdout,
    stderr); find(name) is a program's path.
    """

    def __init__(self, run, find, root="/"):
        self._run = run
        self._find = find
        self.root = root

    def path(self, path):
        return os.path.join(self.root, path.lstrip("/"))

    def read(self, path):
        return read_or_none(self.path(path))

    def write(self, path, text):
        write_atomic(self.path(path), text)

    def find_program(self, name):
        path = self._find(name)
        if not path:
            raise EnvironmentProblem(
                "%s is missing. It is part of L4T: is this board a Jetson, and not a container on one?" % name
            )
        return path

    def run_program(self, argv, answer=None):
        """(exit status, stdout and stderr)."""
        status, out, err = self._run([self.find_program(argv[0])] + argv[1:], answer)
        return status, (out + err).strip()

    def run_or_fail(self, argv):
        status, output = self.run_program(argv)
        if status:
            raise EnvironmentProblem("`%s` ended with status %d: %s" % (" ".join(argv), status, last_words(output)))


class PowerChange(object):
    """A planned change. apply returns the effect that waits for a restart of the board, or None. `addition`: what the
    record of additions has to say about it.
    """

    def __init__(self, diff=None, apply=None, waits=None, warning=None, addition=None):
        self.diff = diff
        self.apply = apply
        self.waits = waits
        self.warning = warning
        self.addition = addition


def find_changes(host, mode, clocks, zram):
    """The changes in the order in which they must be made: a new power mode resets the clocks."""
    changes = []
    if mode:
        changes.append(_plan_mode(host, mode))
    if clocks != "keep":
        changes.append(
            _plan_fixed_clocks(host, anew=any(change.diff for change in changes))
            if clocks == "maximum"
            else _plan_dynamic_clocks(host)
        )
    if zram == "disabled":
        changes.append(_plan_zram_off(host))
    return changes


def plan_restore(host, additions):
    """The changes that undo recorded ones: [(what, change)]. A power mode that someone set later stays."""
    found = []
    if host.read(UNIT_PATH) is not None:
        found.append(("service %s" % SERVICE, _plan_dynamic_clocks(host)))
    if additions.of("zram") and _ask_systemd(host, "is-enabled", ZRAM) == "disabled":
        found.append(("compressed swap (%s) is enabled again" % ZRAM, _plan_zram_on(host)))
    for entry in additions.of("power_mode"):
        if entry["was"] != entry["set"] and current_mode(host)[0] == entry["set"]:
            found.append(("the power mode is %d again" % entry["was"], _plan_mode(host, str(entry["was"]))))
    return [(what, change) for what, change in found if change.diff]


# -- nvpmodel ----------------------------------------------------------------------------------------------------------


def current_mode(host):
    """(id, name) of the current mode. nvpmodel prints other lines, too: 'NVPM WARN: fan mode is not set!'."""
    status, output = host.run_program(["nvpmodel", "-q"])
    match = re.search(r"^NV Power Mode:\s*(\S.*?)\s*\n\s*(\d{1,6})\s*$", output, re.M)
    if status or not match:
        raise EnvironmentProblem(
            "`nvpmodel -q` does not print the power mode (status %d): %s. It needs root" % (status, last_words(output))
        )
    return int(match.group(2)), match.group(1)


def _plan_mode(host, mode):
    before, name = current_mode(host)
    modes = parse_power_modes(host.read(POWER_MODES) or "")
    modes.setdefault(before, name)
    number = _find_mode(mode, modes)
    if before == number:
        return PowerChange()
    if _recorded_mode(host) == number:
        if _is_recorded_since_start(host):
            return PowerChange(waits=_restart_reason(modes, number))
        return PowerChange(
            warning=(
                "the power mode %s was recorded before the last restart, but nvpmodel did not apply it: see "
                "`systemctl status nvpmodel`"
            )
            % _mode_label(modes, number)
        )
    diff = {
        "before_header": "nvpmodel",
        "after_header": "nvpmodel",
        "before": "power mode %s\n" % _mode_label(modes, before),
        "after": "power mode %s\n" % _mode_label(modes, number),
    }
    addition = {"kind": "power_mode", "was": before, "set": number}
    return PowerChange(diff, lambda: _set_mode(host, modes, number), addition=addition)


def _find_mode(mode, modes):
    for number in sorted(modes):
        if number == int(mode) if mode.isdigit() else _normalize_name(modes[number]) == _normalize_name(mode):
            return number
    known = ", ".join(_mode_label(modes, number) for number in sorted(modes))
    raise EnvironmentProblem("this board has no power mode %s; it has: %s" % (mode, known))


def _set_mode(host, modes, number):
    # Some modes need a restart. nvpmodel then asks to restart the board at once, and changes nothing if the answer is
    # no.
    status, output = host.run_program(["nvpmodel", "-m", str(number)], "no")
    if "reboot" in output.lower():
        # At the next start nvpmodel applies the mode in its status file: 'pmode:0002', on older releases followed by '
        # fmode:quiet'.
        host.write(POWER_STATUS, "pmode:%04d%s" % (number, re.sub(r"^pmode:\d*", "", host.read(POWER_STATUS) or "")))
        return _restart_reason(modes, number)
    if status or current_mode(host)[0] != number:
        raise EnvironmentProblem(
            "nvpmodel did not apply the power mode %s (status %d): %s"
            % (_mode_label(modes, number), status, last_words(output))
        )
    return None


def _recorded_mode(host):
    """The mode that nvpmodel applies at the next start."""
    match = re.match(r"pmode:(\d{1,6})", host.read(POWER_STATUS) or "")
    return int(match.group(1)) if match else None


def _is_recorded_since_start(host):
    """Whether the mode was recorded since the last start; otherwise a mode that never applies would ask for a restart
    in every run.
    """
    started = re.search(r"^btime (\d+)", host.read("/proc/stat") or "", re.M)
    return not started or os.stat(host.path(POWER_STATUS)).st_mtime >= int(started.group(1))


def _restart_reason(modes, number):
    return "the power mode %s" % _mode_label(modes, number)


def _mode_label(modes, number):
    return "%d (%s)" % (number, modes[number])


def _normalize_name(name):
    return name.lower().replace(" ", "_")


# -- jetson_clocks and nvzramconfig


def _plan_fixed_clocks(host, anew):
    before, after = host.read(UNIT_PATH), UNIT % host.find_program("jetson_clocks")
    runs = (
        _ask_systemd(host, "is-enabled", SERVICE) == "enabled" and _ask_systemd(host, "is-active", SERVICE) == "active"
    )
    if before == after and runs and not anew:
        return PowerChange()

    def apply():
        if before != after:
            host.write(UNIT_PATH, after)
            host.run_or_fail(["systemctl", "daemon-reload"])
        host.run_or_fail(["systemctl", "enable", SERVICE])
        host.run_or_fail(["systemctl", "restart", SERVICE])

    diff = {
        "before_header": UNIT_PATH,
        "after_header": UNIT_PATH,
        "before": _describe_unit(before, runs),
        "after": _describe_unit(after, True),
    }
    addition = {"kind": "service", "name": SERVICE}
    return PowerChange(None if before == after and runs else diff, apply, addition=addition)


def _plan_dynamic_clocks(host):
    before = host.read(UNIT_PATH)
    if before is None:
        return PowerChange()
    active = _ask_systemd(host, "is-active", SERVICE) == "active"

    def apply():
        host.run_or_fail(["systemctl", "disable", SERVICE])
        remove(host.path(UNIT_PATH))
        host.run_or_fail(["systemctl", "daemon-reload"])
        return "clocks that are no longer fixed" if active else None

    return PowerChange({"before_header": UNIT_PATH, "after_header": UNIT_PATH, "before": before, "after": ""}, apply)


def _plan_zram_off(host):
    waits = "the end of compressed swap" if "/dev/zram" in (host.read("/proc/swaps") or "") else None
    if _ask_systemd(host, "is-enabled", ZRAM) != "enabled":
        return PowerChange(waits=waits)

    def apply():
        host.run_or_fail(["systemctl", "disable", ZRAM])
        return waits

    return PowerChange(
        {"before_header": ZRAM, "after_header": ZRAM, "before": "enabled\n", "after": "disabled\n"},
        apply,
        addition={"kind": "zram"},
    )


def _plan_zram_on(host):
    def apply():
        host.run_or_fail(["systemctl", "enable", ZRAM])
        return "compressed swap"

    return PowerChange(
        {"before_header": ZRAM, "after_header": ZRAM, "before": "disabled\n", "after": "enabled\n"}, apply
    )


def _ask_systemd(host, question, unit):
    """The one-word answer of systemctl; another word if the unit does not exist."""
    return host.run_program(["systemctl", question, unit])[1]


def _describe_unit(unit, runs):
    return "" if unit is None else "%s# %s\n" % (unit, "enabled and active" if runs else "not active")

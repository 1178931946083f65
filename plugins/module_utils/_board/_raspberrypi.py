# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This utility is private to the edgeai.fleet collection: it may change in any release.

"""Raspberry Pi, by its device tree."""

import re

from ansible_collections.edgeai.fleet.plugins.module_utils._board._common import clean


class Detector(object):
    family = 'raspberrypi'

    def detect(self, system):
        model, compatible = system.device_tree()
        if not (model or '').startswith('Raspberry Pi ') and not any(entry.startswith('raspberrypi,') for entry in compatible):
            return None
        chips = [entry.partition(',')[2] for entry in compatible if re.match(r'brcm,bcm\d+$', entry)]
        module = re.search(r'Compute Module \d+\w*(?: Plus)?', model or '')
        return {
            'model': model,
            'module': module.group(0) if module else None,
            'board_id': _revision(system),
            'soc': chips[-1] if chips else None,
        }


def _revision(system):
    """The revision code that names model, memory and maker, as `vcgencmd` and the documentation write it: 'c03111'."""
    match = re.search(r'^Revision\s*:\s*(\w+)', system.read('/proc/cpuinfo') or '', re.M)
    return clean(match.group(1)) if match else None
